# reports is an alias of FILES, and its service name belongs to the account that the reports ran under
# before: erin, whose password has been changed twice.
lab_prepare() {
	domain_alias reports
	domain_tool spn add "cifs/reports.$DNSDOMAIN" erin
	domain_tool user setpassword erin --newpassword=Rep0rts-2
	domain_tool user setpassword erin --newpassword=Rep0rts-3
}

lab_fault() {
	desk client smbclient "//$FILES_NAME/docs" -U "alice%$USER_PASSWORD" --use-kerberos=required -c ls
	desk_pause 2
	desk client smbclient "//reports.$DNSDOMAIN/docs" -U "alice%$USER_PASSWORD" --use-kerberos=required -c ls
	desk_pause 3
	desk client2 smbclient "//reports.$DNSDOMAIN/docs" -U "bob%$USER_PASSWORD" --use-kerberos=required -c ls
	desk_pause 3
	desk client3 smbclient "//$FILES_NAME/docs" -U 'carol%Autumn25' --use-kerberos=required -c ls
	desk_pause 2
	desk client smbclient "//reports.$DNSDOMAIN/docs" -U "alice%$USER_PASSWORD" --use-kerberos=required -c ls
	desk_pause 2
	desk client smbclient "//$FILES_NAME/docs" -U "alice%$USER_PASSWORD" --use-kerberos=required -c ls
}
