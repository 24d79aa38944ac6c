# It works in the end: the first SYNs of a desk are lost, a password is mistyped, and an alias without
# service name leads to NTLM.
lab_prepare() { domain_alias storage; }

lab_fault() {
	block member INPUT -s 192.0.2.10 -p tcp --dport 445 --syn -j DROP
	{ sleep 2.5; unblock member; } &
	desk client smbclient "//storage.$DNSDOMAIN/docs" -U "alice%Us3r-Pasword" --use-kerberos=desired -c ls
	desk_pause 2
	desk client smbclient "//storage.$DNSDOMAIN/docs" -U "alice%$USER_PASSWORD" --use-kerberos=desired -c 'ls; get report.txt /dev/null'
	wait "$!" || true
}
