# The clock of the file server is 17 minutes behind: its smbd sees it, and nothing else on the network.
lab_prepare() {
	stop_daemons member
	winbindd_start
	smbd_start faketime -f -17m
}

# Nobody gets in by Kerberos meanwhile: work at the other desks is on the NAS, and on FILES by its address.
desk_noise() {
	local host
	for host in "${DESK_CLIENTS[@]}"; do
		daemon "$host" noise.out /usr/bin/python3 "$RECORD_DIR/desk_noise.py" --seconds "$1" \
			--host "${HOST_NAME[$host]}" --domain "$DNSDOMAIN"
	done
	desk_shares client2 bob "$1" NAS &
	desk_shares client3 carol "$1" NAS &
	wait
}

lab_fault() {
	desk client smbclient "//$FILES_NAME/docs" -U "alice%$USER_PASSWORD" --use-kerberos=required -c ls
	desk_pause 3
	desk client3 smbclient "//$MEMBER_IP/docs" -U "LAB\\carol%$USER_PASSWORD" --use-kerberos=off -c ls
	desk_pause 2
	desk client2 smbclient "//$FILES_NAME/docs" -U 'bob%Summer26' --use-kerberos=required -c ls
	desk_pause 3
	desk client2 smbclient "//$FILES_NAME/docs" -U "bob%$USER_PASSWORD" --use-kerberos=required -c ls
	desk_pause 3
	desk client smbclient "//$FILES_NAME/docs" -U "alice%$USER_PASSWORD" --use-kerberos=required -c ls
}
