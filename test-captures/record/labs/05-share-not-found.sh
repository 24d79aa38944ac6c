# The share is hidden and called projects$; one desk asks for projects.
desk_work() {
	desk_shares client2 bob "$1" 'NAS/projects$' FILES &
	desk_shares client3 carol "$1" FILES NAS &
}

lab_prepare() { nas '[projects$]' "path = $LAB/shares/data"; }

lab_fault() {
	desk client smbclient "//nas.$DNSDOMAIN/projects" -U "alice%$LAB_PASSWORD" --use-kerberos=off -c ls
}
