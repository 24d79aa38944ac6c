# It works in the end: the first SYNs of a desk are lost, a password is mistyped, and an alias without
# service name leads to NTLM.
lab_prepare() { domain_alias storage; }

lab_fault() {
	desk member iptables -A INPUT -s 192.0.2.10 -p tcp --dport 445 --syn -j DROP
	[[ $LAB_MODE == up ]] || { sleep 2.5; desk member iptables -F INPUT; } &
	desk client smbclient "//storage.$DNSDOMAIN/docs" -U "alice%Us3r-Pasword" --use-kerberos=desired -c ls
	desk_hint 'two seconds later, in another terminal:'
	[[ $LAB_MODE != up ]] || desk member iptables -F INPUT
	desk_pause 2
	desk client smbclient "//storage.$DNSDOMAIN/docs" -U "alice%$USER_PASSWORD" --use-kerberos=desired -c 'ls; get report.txt /dev/null'
	wait "$!" || true
}
