lab_fault() {
	desk client smbclient "//nas.$DNSDOMAIN/data" -U 'alice%wrong' --use-kerberos=off -c ls
}
