# The NAS was hardened: SMB 3 only, encrypted, with one cipher. One desk stops at SMB 2.1, one has another cipher.
desk_work() {
	desk_shares client2 bob "$1" NAS FILES &
	desk_shares client3 carol "$1" FILES &
}

lab_prepare() {
	nas 'server min protocol = SMB3_00' 'server smb encrypt = required' \
		'server smb3 encryption algorithms = AES-256-GCM'
	echo 'client max protocol = SMB2_10' >"$LAB/client/scenario.conf"
	echo 'client smb3 encryption algorithms = AES-128-CCM' >"$LAB/client3/scenario.conf"
}

lab_fault() {
	desk client smbclient "//nas.$DNSDOMAIN/data" -U "alice%$LAB_PASSWORD" --use-kerberos=off -c ls
	desk_pause 5
	desk client3 smbclient "//nas.$DNSDOMAIN/data" -U "carol%$LAB_PASSWORD" --use-kerberos=off -c ls
}
