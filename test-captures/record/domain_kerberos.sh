# What goes wrong between client, KDC and DNS, with an unchanged KDC.

alias_required() {
	domain_alias "$1"
	connect "$2" "$1.$DNSDOMAIN" alice
}

domain_scenario kerberos.s_principal_unknown \
	'The server is addressed by a CNAME that has no service name: the KDC answers error 7 and the client, which insists on Kerberos, gives up after NEGOTIATE.' \
	alias_required alias required

domain_scenario session_setup.ntlm_fallback \
	'The server is addressed by a CNAME that has no service name: the KDC answers error 7 and the client falls back to NTLM.' \
	alias_required alias desired

skew_client() {
	record_client
	client faketime -f +20m smbclient --configfile="$LAB/client1/smb.conf" "//$FILES_NAME/docs" \
		-U "alice%$USER_PASSWORD" --use-kerberos=required -c quit
	MADE_NOTE="the client's clock is 20 minutes ahead"
}
domain_scenario kerberos.skew \
	'The clock of the client is 20 minutes ahead: the KDC answers KRB_AP_ERR_SKEW (37).' \
	skew_client

skew_server() {
	stop_daemons member
	undo member_restart
	winbindd_start
	smbd_start faketime -f +20m
	connect required "$FILES_NAME" alice
	MADE_NOTE="the file server's clock is 20 minutes ahead"
}
domain_scenario negotiate.server_clock_skew--kerberos \
	'The clock of the file server is 20 minutes ahead, which its NEGOTIATE response shows: the KDC gives a ticket, the server refuses it (Samba sends STATUS_LOGON_FAILURE without a KRB-ERROR).' \
	skew_server

dc_restart() {
	dc_stop
	dc_start
}
skew_kdc() {
	dc_stop
	undo dc_restart
	dc_start faketime -f +20m
	connect required "$FILES_NAME" alice
	MADE_NOTE="the KDC's clock is 20 minutes ahead"
}
domain_scenario kerberos.skew--kdc-clock \
	'The clock of the KDC is 20 minutes ahead of client and file server.' \
	skew_kdc

domain_scenario kerberos.preauth_failed \
	'Wrong password: the KDC answers error 24 to the AS-REQ with the encrypted timestamp.' \
	connect required "$FILES_NAME" alice%wrong

domain_scenario session_setup.logon_failure--ntlm-domain \
	'Wrong password by NTLM: STATUS_LOGON_FAILURE after the AUTHENTICATE message.' \
	connect off "$MEMBER_IP" alice%wrong
