#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Takes window.png, the picture in README.md, from the real window: a failed logon by Kerberos with its finding opened.
#
#   plugin/doc/picture.sh BUILD     the folder of a build, e.g. build/demo
#
# Needs root, and the packages wireshark xvfb xauth xdotool imagemagick. Everything it starts or makes but the picture is
# gone when it ends.
set -eu
cd "$(dirname "$0")/../.."
plugins=$(realpath "$1")/plugins
capture=test-captures/kerberos/s_principal_unknown.pcapng
frame=10

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
mkdir -m 700 "$room/run"
mkdir "$room/config"
cp "$capture" "$room"
printf '%s\n' 'gui.update.enabled: FALSE' 'gui.packet_list_show_minimap: FALSE' >"$room/config/preferences"
echo 'gui.byte_view_show: FALSE' >"$room/config/recent"
cat >"$room/window.sh" <<END
wireshark -n -g $frame $room/${capture##*/} &
for second in \$(seq 60); do
	window=\$(xdotool search --onlyvisible --name '${capture##*/}' | head -1) && [ -n "\$window" ] && break
	sleep 1
done
xdotool windowsize "\$window" 1280 860 windowmove "\$window" 0 0 mousemove 1270 100
sleep 4
import -window root -crop 1280x860+0+0 +repage -dither None -colors 64 PNG8:$room/window.png
kill %1
END
chown -R nobody:nogroup "$room"
setpriv --reuid=nobody --regid=nogroup --clear-groups env -i PATH="$PATH" HOME="$room" XDG_RUNTIME_DIR="$room/run" \
	TZ=UTC LC_ALL=C.UTF-8 WIRESHARK_CONFIG_DIR="$room/config" WIRESHARK_PLUGIN_DIR="$plugins" \
	xvfb-run -a -s '-screen 0 1280x860x24' bash "$room/window.sh" 2>/dev/null
mv "$room/window.png" plugin/doc/window.png
chown "$(stat -c %u:%g README.md)" plugin/doc/window.png
