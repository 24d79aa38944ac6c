# The desk network of the labs, on top of domain_lab.sh: a domain, a file server in it, a NAS that knows
# users of its own, a web server, and three clients that have work to do.
#
#   client  CLIENT1 192.0.2.10 ─┐          ┌─ dc      DC1      192.0.2.40  KDC, DNS, LDAP
#   client2 CLIENT2 192.0.2.11 ─┼─ switch ─┼─ member  FILES    192.0.2.30  share docs, users of the domain
#   client3 CLIENT3 192.0.2.12 ─┘          ├─ server  NAS      192.0.2.31  shares data, public, team, sealed ...
#                                          ├─ web     INTRANET 192.0.2.60  HTTP
#                                          └─ proxy   PROXY    192.0.2.20 ─ 198.51.100.20 ── 198.51.100.30 server
#
# Functions for labs, besides those of lab.sh, samba.sh, domain.sh and domain_lab.sh:
#   desk HOST COMMAND...            somebody at HOST types it; in `lab up` it is printed instead
#   desk_pause SECONDS              between two commands
#   desk_hint TEXT                  printed among them
#   nas [SMB.CONF-LINE...]          (re)starts the NAS with these lines
#   desk_open HOST USER SERVER      a successful listing: docs of FILES by Kerberos, data of NAS by NTLM, or
#                                   another share as NAS/SHARE

DESK_CLIENTS=(client client2 client3)
DESK_NAS=192.0.2.31
DESK_WEB=192.0.2.60
DESK_KRB5= # a krb5.conf of a lab's own

desk_up() {
	lab_up
	domain_up
	desk_hosts
	desk_web
	desk_files
	nas
}

desk_hosts() {
	local host
	lab_host client2 192.0.2.11 2001:db8::11 11 CLIENT2
	lab_host client3 192.0.2.12 2001:db8::12 12 CLIENT3
	lab_host web "$DESK_WEB" 2001:db8::60 60 INTRANET
	HOST_NAME[server]=NAS
	ip -n "$(ns_of server)" addr flush dev eth0
	ip -n "$(ns_of server)" link set eth0 address 02:00:00:00:00:32 # the member has taken the old one
	ip -n "$(ns_of server)" addr add "$DESK_NAS/24" dev eth0
	ip -n "$(ns_of server)" addr add 2001:db8::33/64 dev eth0 nodad
	ip -n "$(ns_of server)" link set eth0 up
	domain_etc client2 client3 web
	desk_names
	for host in "${DESK_CLIENTS[@]}"; do
		desk_client_conf "$host"
		ip -n "$(ns_of "$host")" route add 224.0.0.0/4 dev eth0
	done
}

desk_names() {
	domain_dns NAS A "$DESK_NAS"
	domain_dns INTRANET A "$DESK_WEB"
	domain_dns CLIENT1 A 192.0.2.10
	domain_dns CLIENT2 A 192.0.2.11
	domain_dns CLIENT3 A 192.0.2.12
}

# smb.conf of a client; scenario.conf beside it takes a lab's own lines.
desk_client_conf() {
	local dir=$LAB/$1
	mkdir -p "$dir"
	: >"$dir/scenario.conf"
	cat >"$dir/smb.conf" <<-CONF
		[global]
		workgroup = $DOMAIN
		realm = $REALM
		netbios name = ${HOST_NAME[$1]}
		$(domain_directories "$dir")
		include = $dir/scenario.conf
	CONF
}

desk_web() {
	local page
	mkdir -p "$LAB/web"
	for page in index canteen phones holidays; do
		{
			echo "<html><title>$page</title><body>"
			seq -f "<p>Line %g of the page $page on the intranet.</p>" 1 60
			echo '</body></html>'
		} >"$LAB/web/$page.html"
	done
	daemon web web.out /usr/bin/python3 -m http.server --directory "$LAB/web" 80
	wait_port web any 80
}

desk_files() {
	seq -f 'Line %g of the report.' 1 400 >"$LAB/member/docs/report.txt"
	mkdir -p "$LAB/shares/data"
	seq -f 'Line %g of the notes.' 1 200 >"$LAB/shares/data/notes.txt"
}

nas() {
	stop_daemons server
	serve 'netbios name = NAS' 'server string = lab NAS' "$@"
}

# ---- what is typed at a desk ----

# With the settings of that host, so that the line can be typed as it stands (see `lab on`).
desk_on() {
	local host=$1
	shift
	SMB_CONF_PATH=$(desk_conf_of "$host") KRB5_CONFIG=${DESK_KRB5:-$LAB/krb5.conf} \
		on "$host" timeout "${CLIENT_LIMIT:-60}" "$@" </dev/null
}

desk_conf_of() {
	if [[ -e $LAB/$1/smb.conf ]]; then echo "$LAB/$1/smb.conf"; else client_config; fi
}

desk() {
	if [[ $LAB_MODE == up ]]; then
		printf '    %s on' "$LAB_COMMAND"
		desk_quoted "$@"
	else
		desk_on "$@" >>"$LAB/log/$1" 2>&1 || true
	fi
}

# As one would type it: quotes where they are needed.
desk_quoted() {
	local word
	for word in "$@"; do
		[[ $word =~ ^[A-Za-z0-9_./:=%+,@-]+$ ]] || word=${word@Q}
		printf ' %s' "$word"
	done
	echo
}

# For whoever types it.
desk_hint() { [[ $LAB_MODE != up ]] || printf '  # %s\n' "$1"; }

desk_pause() { [[ $LAB_MODE == up ]] || sleep "$1"; }

desk_open() {
	local host=$1 user=$2 share=${3#*/}
	[[ $3 == */* ]] || share=data
	case $3 in
	FILES) desk_on "$host" smbclient "//$FILES_NAME/docs" -U "$user%$USER_PASSWORD" \
		--use-kerberos=required -c 'ls; get report.txt /dev/null' ;;
	NAS*) desk_on "$host" smbclient "//nas.$DNSDOMAIN/$share" -U "$user%$LAB_PASSWORD" \
		--use-kerberos=off -c 'ls; get notes.txt /dev/null' ;;
	esac >>"$LAB/log/$host" 2>&1
}

# ---- what else goes on ----

# Until SECONDS are over: pages, names and a few broadcasts at all desks, and desk_work.
desk_noise() {
	local host
	for host in "${DESK_CLIENTS[@]}"; do
		daemon "$host" noise.out /usr/bin/python3 "$RECORD_DIR/desk_noise.py" --seconds "$1" \
			--host "${HOST_NAME[$host]}" --domain "$DNSDOMAIN"
	done
	desk_work "$1"
	wait
}

# A lab that needs other work beside its fault has a desk_work of its own.
desk_work() {
	desk_shares client2 bob "$1" FILES NAS &
	desk_shares client3 carol "$1" NAS FILES &
}

# desk_shares HOST USER SECONDS SERVER...: opens one after the other, with pauses
desk_shares() {
	local host=$1 user=$2 end=$((SECONDS + $3)) server
	shift 3
	while ((SECONDS < end)); do
		for server in "$@"; do
			desk_open "$host" "$user" "$server" || echo "$host: $server failed" >>"$LAB/log/noise.out"
			sleep "$((RANDOM % 4 + 3)).$((RANDOM % 10))"
		done
	done
}
