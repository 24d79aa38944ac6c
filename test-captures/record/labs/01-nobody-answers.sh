# The file service of the NAS hangs: its kernel still completes TCP handshakes and acknowledges what comes.
LAB_SECONDS=32

desk_work() {
	desk_shares client2 bob "$1" FILES &
	desk_open client3 carol NAS &
}

nas_hangs() {
	local pids
	pids=$(ip netns pids "$(ns_of server)")
	# shellcheck disable=SC2086
	kill -STOP $pids
}

lab_fault() {
	nas_hangs
	desk client3 smbclient "//nas.$DNSDOMAIN/data" -U "carol%$LAB_PASSWORD" --use-kerberos=off -c ls &
	desk client smbclient "//nas.$DNSDOMAIN/data" -U "alice%$LAB_PASSWORD" --use-kerberos=off -c ls
	wait "$!" || true
}
