# The same way as in 12, captured on the other side, in the branch. The box clears the security mode in
# NEGOTIATE requests, which nothing shows there.
lab_prepare() {
	domain_dns NAS-BRANCH A 192.0.2.20
	proxy_rules 'request NEGOTIATE: security-mode 0'
}

terminal() { desk "$1" smbclient "//$2.$DNSDOMAIN/data" -U "$3%$LAB_PASSWORD" --use-kerberos=off -m SMB3_02 -c 'ls; get notes.txt /dev/null'; }

lab_fault() {
	terminal client nas-branch alice
	desk_pause 3
	terminal client2 nas-branch bob
	desk_pause 3
	terminal client nas alice
	desk_pause 3
	terminal client nas-branch alice
}
