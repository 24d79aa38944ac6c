# projects and teams are aliases (CNAME) of FILES. Only teams has a service name.
lab_prepare() {
	domain_alias projects
	domain_alias teams
	domain_tool spn add "cifs/teams.$DNSDOMAIN" 'FILES$'
}

# An intranet page with a single sign-on that nobody has set up: an error 7 that has nothing to do with SMB.
single_sign_on() {
	mit_conf
	desk client3 sh -c "export KRB5_CONFIG=$LAB/mit.conf KRB5CCNAME=FILE:$LAB/ccache.client3
		echo $USER_PASSWORD | kinit carol; kvno HTTP/intranet.$DNSDOMAIN@$REALM"
}

lab_fault() {
	desk client smbclient "//projects.$DNSDOMAIN/docs" -U "alice%$USER_PASSWORD" --use-kerberos=required -c ls
	desk_pause 3
	desk client2 smbclient "//teams.$DNSDOMAIN/docs" -U "bob%$USER_PASSWORD" --use-kerberos=required -c ls
	desk_pause 2
	single_sign_on
	desk_pause 2
	desk client3 smbclient "//projects.$DNSDOMAIN/docs" -U "carol%$USER_PASSWORD" --use-kerberos=desired -c ls
	desk_pause 2
	desk client smbclient "//projects.$DNSDOMAIN/docs" -U "alice%$USER_PASSWORD" --use-kerberos=required -c ls
}
