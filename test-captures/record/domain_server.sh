# What is wrong with the file server's account, key or name: real causes, real answers.

# The account gets another password in the directory: its key version rises, and the server has
# the old key.
reset_server() {
	domain_tool user setpassword 'FILES$' --newpassword=An0ther-Passw0rd
	undo member_join_again
}

member_join_again() {
	stop_daemons member
	on_member net ads join --configfile="$LAB/member/smb.conf" --no-dns-updates \
		-U "Administrator%$ADMIN_PASSWORD" >>"$LAB/log/join" 2>&1
	winbindd_start
	smbd_start
}

key_changed() {
	record_client
	smbk required "//$FILES_NAME/docs" alice quit
	reset_server
	smbk required "//$FILES_NAME/docs" alice quit
	MADE_NOTE='between the two, the password of FILES$ was set anew in the directory'
}
domain_scenario session_setup.key_out_of_step \
	'A logon by Kerberos works; then the computer account of the file server gets another password in the directory, and the server refuses the next ticket, whose key version is higher. Samba sends STATUS_LOGON_FAILURE without a KRB-ERROR.' \
	key_changed

# server_refused KERBEROS HOST
server_refused() {
	local DOMAIN_FILTER='port 88 or (host 192.0.2.10 and (port 445 or port 53))'
	reset_server
	record_all
	on_member net ads testjoin --configfile="$LAB/member/smb.conf" >>"$LAB/log/join" 2>&1 || true
	[[ -z ${3-} ]] || "$3"
	smbk "$1" "//$2/docs" alice quit
	MADE_NOTE='the password of FILES$ was set anew in the directory; captured on the switch'
}
winbindd_again() {
	stop_daemons member
	member_daemon winbindd.out winbindd --foreground --no-process-group --configfile="$LAB/member/smb.conf"
	smbd_start
	on_member wbinfo -t >>"$LAB/log/join" 2>&1 || true
}
domain_scenario session_setup.server_account_refused \
	'The KDC refuses the file server its own logon (the password of its account was reset); the server refuses the ticket of a user.' \
	server_refused required "$FILES_NAME"
domain_scenario session_setup.server_account_refused--ntlm \
	'The KDC refuses the file server its own logon (the password of its account was reset); a user logs on by NTLM, which the server cannot have checked.' \
	server_refused off "$MEMBER_IP" winbindd_again

other_account() {
	domain_tool user setpassword dave --newpassword="$USER_PASSWORD" # another key version than the server's
	domain_alias other
	domain_tool spn add "cifs/other.$DNSDOMAIN" dave
	undo domain_tool spn delete "cifs/other.$DNSDOMAIN" dave
	MADE_NOTE+="; the service name cifs/other.$DNSDOMAIN belongs to the account dave"
	record_client
	smbk required "//$FILES_NAME/docs" alice quit
	smbk required "//other.$DNSDOMAIN/docs" alice quit
}
domain_scenario session_setup.ticket_for_other_account \
	'A logon by Kerberos to the file server works; one to its alias does not: the service name of the alias belongs to another account, and Samba answers STATUS_LOGON_FAILURE without a KRB-ERROR.' \
	other_account

store_exists() {
	domain_tool computer create STORE --service-principal-name="cifs/store.$DNSDOMAIN"
	undo domain_tool computer delete STORE
	domain_tool user setpassword 'STORE$' --newpassword=St0re-Passw0rd # else it has no keys
	domain_dns STORE A "$1"
	MADE_NOTE="the computer STORE has cifs/store.$DNSDOMAIN; DNS: store A $1"
}

wrong_host() {
	store_exists "$MEMBER_IP"
	undo domain_tool dns delete localhost "$DNSDOMAIN" STORE A "$MEMBER_IP" -U "Administrator%$ADMIN_PASSWORD"
	record_client
	smbk off "//$MEMBER_IP/docs" alice quit
	smbk required "//store.$DNSDOMAIN/docs" alice quit
}
domain_scenario session_setup.ticket_for_other_host \
	'DNS leads store to the file server FILES, which an NTLM logon has shown by its name before: the ticket is for the computer STORE, and Samba answers STATUS_LOGON_FAILURE.' \
	wrong_host

moved_name() {
	store_exists 192.0.2.31
	record_client
	on client host "store.$DNSDOMAIN" >/dev/null
	domain_tool dns update localhost "$DNSDOMAIN" STORE A 192.0.2.31 "$MEMBER_IP" -U "Administrator%$ADMIN_PASSWORD"
	undo domain_tool dns delete localhost "$DNSDOMAIN" STORE A "$MEMBER_IP" -U "Administrator%$ADMIN_PASSWORD"
	smbk off "//$MEMBER_IP/docs" alice quit
	smbk required "//store.$DNSDOMAIN/docs" alice quit
	MADE_NOTE+=", then $MEMBER_IP"
}
domain_scenario session_setup.ticket_for_other_host--moved \
	'The same; before that, DNS gave another address for store.' \
	moved_name

lockout() {
	domain_tool domain passwordsettings set --account-lockout-threshold=3
	undo domain_tool domain passwordsettings set --account-lockout-threshold=0
	undo domain_tool user unlock grace
	MADE_NOTE='accounts are locked out after three wrong passwords'
	record_client
	for _ in 1 2 3 4; do smbk off "//$MEMBER_IP/docs" grace%wrong quit; done
}
domain_scenario session_setup.repeated_failures--lockout \
	'A domain user gives a wrong password by NTLM until the account is locked out.' \
	lockout

large_token() {
	domain_tool spn add "cifs/archive.$DNSDOMAIN" dave
	undo domain_tool spn delete "cifs/archive.$DNSDOMAIN" dave
	MADE_NOTE="the service name cifs/archive.$DNSDOMAIN belongs to the account dave"
	crafted kerberos --name "archive.$DNSDOMAIN" --service "archive.$DNSDOMAIN" --padding 13000
}
domain_scenario session_setup.large_token \
	'A ticket that the server refuses comes in a security token of more than 12000 bytes.' \
	large_token
