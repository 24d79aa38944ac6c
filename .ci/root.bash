# SPDX-License-Identifier: GPL-2.0-or-later
#
# To be sourced, with $release set: a Debian of that release in $work/root, gone at the end.
# SMB2DIAG_ROOTS=DIR keeps what is slow to make. SMB2DIAG_MIRROR=URL where apt's own is not wanted.

# The machine's own mirror, as its apt configuration has it.
mirror=${SMB2DIAG_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' |
    awk '/\/debian\/?$/ && !seen++' || true)}
proxy=$(apt-config dump --format '%v' Acquire::http::Proxy || true)
if [ -n "$proxy" ]; then
    export http_proxy=$proxy
fi
work=$(mktemp -d /var/tmp/smb2diag-root.XXXXXXXX)
# Nothing is mounted outside the namespaces of in_root, so this removes the root and no more.
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP

bootstrap() {
    local script=()
    if [ ! -e "/usr/share/debootstrap/scripts/$release" ]; then
        script=(/usr/share/debootstrap/scripts/sid) # a release that debootstrap is too old to know
    fi
    if [ -z "$mirror" ]; then
        echo "apt knows no Debian mirror: set SMB2DIAG_MIRROR" >"$work/log"
        return 1
    fi
    debootstrap --variant=minbase "$release" "$work/root" "$mirror" "${script[@]}" \
        >"$work/log" 2>&1 || return 1
    # A mirror that stands still has release files past their date.
    echo 'Acquire::Check-Valid-Until "false";' >"$work/root/etc/apt/apt.conf.d/99-mirror"
    echo force-unsafe-io >"$work/root/etc/dpkg/dpkg.cfg.d/99-throw-away"
}

# keep NAME: a copy of the root for the next time; a whole one, whatever comes between.
keep() {
    if [ -n "${SMB2DIAG_ROOTS:-}" ]; then
        mkdir -p "$SMB2DIAG_ROOTS"
        rm -rf --one-file-system "$SMB2DIAG_ROOTS/$1" "$SMB2DIAG_ROOTS/$1.new"
        cp -a "$work/root" "$SMB2DIAG_ROOTS/$1.new"
        mv "$SMB2DIAG_ROOTS/$1.new" "$SMB2DIAG_ROOTS/$1"
    fi
}

# take NAME: the copy that was kept.
take() {
    [ -d "${SMB2DIAG_ROOTS:-/nonexistent}/$1" ] && cp -a "$SMB2DIAG_ROOTS/$1/." "$work/root/"
}

# The root in $work/root; what went wrong is in $work/log.
make_root() {
    mkdir "$work/root"
    take "$release" || { bootstrap && keep "$release"; } || return 1
    cp -L /etc/resolv.conf "$work/root/etc/resolv.conf"
    mkdir -p "$work/root/root/smb2diag"
}

# Mounts and processes end with the namespaces, also when this script is killed. Where $beside names a
# folder, the root has it as /beside.
in_root() {
    unshare --mount --pid --fork --kill-child --mount-proc="$work/root/proc" \
        /bin/bash -c '[ -z "$1" ] || mount --bind "$1" "$2/beside" && exec chroot "${@:2}"' bash \
        "${beside:-}" "$work/root" /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
        ${http_proxy:+http_proxy="$http_proxy"} \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        /bin/bash -c "cd /root/smb2diag && $1"
}

# readme_line PRESET: the line of README.md that installs the packages and runs that preset.
readme_line() {
    local line
    line=$(sed -n "s/^[[:space:]]*//; /apt.*cmake --workflow --preset $1\$/{p;q}" README.md)
    if [ -z "$line" ]; then
        echo "README.md has no line that ends with cmake --workflow --preset $1" >&2
        return 1
    fi
    echo "$line"
}
