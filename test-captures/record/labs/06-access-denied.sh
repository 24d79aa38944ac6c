# One status, two reasons: alice has no right to the share team; carol's client cannot encrypt, as sealed requires.
desk_work() {
	desk_shares client2 bob "$1" NAS/sealed FILES &
	desk_shares client3 carol "$1" NAS/team FILES &
}

lab_prepare() { echo 'client max protocol = SMB2_10' >"$LAB/client3/scenario.conf"; }

lab_fault() {
	desk client smbclient "//nas.$DNSDOMAIN/team" -U "alice%$LAB_PASSWORD" --use-kerberos=off -c ls
	desk_pause 6
	desk client3 smbclient "//nas.$DNSDOMAIN/sealed" -U "carol%$LAB_PASSWORD" --use-kerberos=off -c ls
}
