# projects is an alias of FILES without a service name: all forty users get in by NTLM instead. user23 is
# a member of Protected Users, who may not use NTLM. user07 mistypes the password once.
LAB_SECONDS=9

lab_prepare() {
	local user etc=/etc/netns/$(ns_of member)/passwd
	domain_alias projects
	for user in $(seq -f 'user%02g' 1 40); do
		domain_tool user create "$user" "$USER_PASSWORD"
		on_member wbinfo -i "$DOMAIN\\$user" >>"$etc"
	done
	domain_tool group addmembers 'Protected Users' user23
}

morning() { desk "$1" smbclient "//$2.$DNSDOMAIN/docs" -U "$3%$USER_PASSWORD" --use-kerberos=desired -c quit; }

# somebody HOST FIRST LAST: one user after the other
arrive() {
	local user
	for user in $(seq -f 'user%02g' "$2" "$3"); do
		if [[ $user == user07 ]]; then
			desk "$1" smbclient "//projects.$DNSDOMAIN/docs" -U "$user%Us3r-Pasword" --use-kerberos=desired -c quit
			desk_pause 2
		fi
		morning "$1" projects "$user"
		desk_pause "0.$((RANDOM % 8))"
	done
}

lab_fault() {
	if [[ $LAB_MODE == up ]]; then
		morning client projects user22
		morning client2 projects user23
		morning client2 files user23
		return
	fi
	local desks=()
	arrive client 1 13 & desks+=("$!")
	arrive client2 14 27 & desks+=("$!")
	arrive client3 28 40 & desks+=("$!")
	wait "${desks[@]}" || true
	morning client2 projects user23
	morning client2 files user23
}
