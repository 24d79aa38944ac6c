# alice's failure is over before the capture begins, and so is the set-up of the connection that she has
# then. Of what goes to CLIENT2 the mirror port shows nothing: of bob's connections there are requests only.
early_bird() {
	desk client smbclient "//nas.$DNSDOMAIN/team" -U "alice%$LAB_PASSWORD" --use-kerberos=off -c ls
	desk client sh -c "(echo ls; sleep 8; echo ls; sleep 6; echo get notes.txt /dev/null; sleep 4; echo ls) |
		smbclient //nas.$DNSDOMAIN/data -U alice%$LAB_PASSWORD --use-kerberos=off"
}

lab_prepare() {
	if [[ $LAB_MODE == up ]]; then return; fi
	early_bird &
	sleep 2
}

lab_fault() {
	if [[ $LAB_MODE == up ]]; then early_bird; fi
	desk client2 smbclient "//nas.$DNSDOMAIN/projects" -U "bob%$LAB_PASSWORD" --use-kerberos=off -c ls
	desk_pause 4
	desk client3 smbclient "//nas.$DNSDOMAIN/team" -U "carol%$LAB_PASSWORD" --use-kerberos=off -c ls
	desk_pause 3
	desk client2 smbclient "//nas.$DNSDOMAIN/projects" -U "bob%$LAB_PASSWORD" --use-kerberos=off -c ls
}

lab_keep() {
	tshark -n -r "$LAB/cap/main.pcap" -Y 'not eth.dst == 02:00:00:00:00:11' -w "$1" 2>/dev/null
}
