# The branch reaches the NAS through a WAN accelerator (PROXY), which takes "encryption" out of the
# capabilities in NEGOTIATE requests. Captured at headquarters: behind the accelerator.
lab_prepare() {
	domain_dns NAS-BRANCH A 192.0.2.20
	proxy_rules 'request NEGOTIATE: capabilities 0x3f'
}

lab_capture() {
	capture_start main switch br0 'not host 192.0.2.20'
	capture_start inside server eth1
}
lab_keep() { mergecap -w "$1" "$LAB/cap/main.pcap" "$LAB/cap/inside.pcap"; }

terminal() { desk "$1" smbclient "//$2.$DNSDOMAIN/data" -U "$3%$LAB_PASSWORD" --use-kerberos=off -m SMB3_02 -c 'ls; get notes.txt /dev/null'; }

lab_fault() {
	terminal client nas-branch alice
	desk_pause 3
	terminal client3 nas carol
	desk_pause 3
	terminal client2 nas-branch bob
	desk_pause 3
	terminal client nas-branch alice
	desk_pause 2
	terminal client2 nas bob
}
