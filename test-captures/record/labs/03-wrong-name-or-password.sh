# Two refusals with one status: erin has an account in the domain and none on the NAS, carol a wrong password.
desk_work() {
	desk_shares client2 bob "$1" FILES NAS &
}

lab_fault() {
	desk client smbclient "//$FILES_NAME/docs" -U "erin%$USER_PASSWORD" --use-kerberos=required -c ls
	desk_pause 2
	desk client smbclient "//nas.$DNSDOMAIN/data" -U "erin%$USER_PASSWORD" --use-kerberos=off -c ls
	desk_pause 3
	desk client3 smbclient "//nas.$DNSDOMAIN/data" -U "carol%Summer-2026" --use-kerberos=off -c ls
	desk_pause 2
	desk client2 smbclient "//nas.$DNSDOMAIN/data" -U "carol%$LAB_PASSWORD" --use-kerberos=off -c ls
}
