# The NAS takes unknown users for guests, who cannot sign; one desk requires signing.
desk_work() {
	desk_shares client2 bob "$1" FILES &
	desk_shares client3 carol "$1" NAS FILES &
}

lab_prepare() {
	nas 'map to guest = bad user'
	echo 'client signing = required' >"$LAB/client/scenario.conf"
	echo 'client signing = required' >"$LAB/client3/scenario.conf"
}

lab_fault() {
	desk client2 smbclient "//nas.$DNSDOMAIN/public" -U "erin%$USER_PASSWORD" --use-kerberos=off -c ls
	desk_pause 3
	desk client smbclient "//nas.$DNSDOMAIN/public" -U "erin%$USER_PASSWORD" --use-kerberos=off -c ls
}
