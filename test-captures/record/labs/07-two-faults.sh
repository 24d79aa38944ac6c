# The NAS drops what comes from one desk, and the disk behind its share archive is gone.
LAB_SECONDS=32

desk_work() {
	desk_shares client2 bob "$1" NAS FILES &
	{
		desk_open client3 carol NAS/archive
		sleep 3
		desk_shares client3 carol "$(($1 - 5))" FILES
	} &
}

lab_prepare() {
	mkdir -p "$LAB/shares/archive"
	cp "$LAB/shares/data/notes.txt" "$LAB/shares/archive"
	chmod 755 "$LAB/shares/archive"
	nas '[archive]' "path = $LAB/shares/archive"
}

lab_fault() {
	block server INPUT -s 192.0.2.10 -p tcp --dport 445 -j DROP
	block server INPUT -s 192.0.2.10 -p tcp --dport 139 -j DROP
	mv "$LAB/shares/archive" "$LAB/shares/unmounted"
	desk client smbclient "//nas.$DNSDOMAIN/archive" -U "alice%$LAB_PASSWORD" --use-kerberos=off -c ls &
	desk_pause 4
	desk client3 smbclient "//nas.$DNSDOMAIN/archive" -U "carol%$LAB_PASSWORD" --use-kerberos=off -c ls
	wait "$!" || true
}
