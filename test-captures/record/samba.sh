# The standalone Samba file server and its clients.
#
#   serve [LINE...]              starts smbd on host `server` with these lines in smb.conf: they belong to
#                                [global] until one such as '[laser]' starts a share
#   proxy_rules RULE...          starts proxy.py on host `proxy` towards the server
#   client COMMAND...            runs a client on host `client`, remembers the command
#   smbc [ARGUMENT...]           client smbclient with lab identity
#
# What they are given is remembered for the line "Made with" of the scenario.

needs smbd:samba smbclient:smbclient

CRYPTODOME=python.Cryptodome:python3-pycryptodome # proxy.py
IMPACKET=python.impacket:python3-impacket # crafted_client.py; comes with Cryptodome

LAB_PASSWORD='Passw0rd!'
LAB_USERS=(alice bob carol dave)
SMBD_SETTINGS=
DIRECT=192.0.2.30
VIA_PROXY=192.0.2.20

# One passdb for all scenarios: making users takes longer than most scenarios.
samba_users() {
	local etc=/etc/netns/$(ns_of server) uid=30001 user
	[[ -e $LAB/passdb.ready ]] && return
	for user in "${LAB_USERS[@]}"; do
		echo "$user:x:$((uid++)):30000:$user:/nonexistent:/usr/sbin/nologin" >>"$etc/passwd"
	done
	mkdir -p "$LAB/passdb"
	printf '[global]\n%s\n' "$(samba_directories "$LAB/passdb")" >"$LAB/passdb.conf"
	for user in "${LAB_USERS[@]}"; do
		printf '%s\n%s\n' "$LAB_PASSWORD" "$LAB_PASSWORD" |
			on server smbpasswd -c "$LAB/passdb.conf" -s -a "$user" >/dev/null 2>&1
	done
	on server smbpasswd -c "$LAB/passdb.conf" -d dave >/dev/null 2>&1
	touch "$LAB/passdb.ready"
}

samba_directories() {
	local dir=$1 kind
	mkdir -p "$dir"/{lock,state,cache,pid,ncalrpc}
	for kind in lock state cache pid; do echo "$kind directory = $dir/$kind"; done
	cat <<-CONF
		private dir = $LAB/passdb
		passdb backend = tdbsam:$LAB/passdb/passdb.tdb
		ncalrpc dir = $dir/ncalrpc
		log file = $LAB/log/smbd
	CONF
}

samba_base() {
	cat <<-CONF
		[global]
		netbios name = FILES
		workgroup = LAB
		server string = lab file server
		server role = standalone server
		disable netbios = yes
		smb ports = 445
		load printers = no
		printing = bsd
		printcap name = /dev/null
		disable spoolss = yes
		log level = 1
		map to guest = never
		interfaces = lo eth0 eth1
	CONF
}

# Default shares; each scenario has the same files to list.
samba_shares() {
	local root=$LAB/shares
	mkdir -p "$root/data" "$root/closed"
	echo 'hello from the lab' >"$root/data/readme.txt"
	chmod 777 "$root/data"
	cat <<-CONF
		[data]
		path = $root/data
		read only = no
		[public]
		path = $root/data
		guest ok = yes
		[team]
		path = $root/data
		valid users = carol
		[sealed]
		path = $root/data
		smb encrypt = required
		[broken]
		path = $root/gone
		[small]
		path = $root/data
		max connections = 1
		[locked]
		path = $root/closed
		read only = no
	CONF
	chmod 700 "$root/closed"
}

serve() {
	local line dir
	samba_users
	dir=$(mktemp -d "$LAB/smbd.XXXXXX")
	chmod 755 "$dir"
	{
		samba_base
		samba_directories "$dir"
		for line in "$@"; do echo "$line"; done
		samba_shares
	} >"$dir/smb.conf"
	SMBD_CONF=$dir/smb.conf
	remember_server "$@"
	daemon server smbd.out smbd --foreground --no-process-group --configfile="$dir/smb.conf"
	wait_port server any "${SMBD_PORT:-445}"
}

remember_server() {
	local IFS=';'
	MADE_SERVER="Samba $SAMBA_VERSION smbd"
	[[ -z $* ]] || MADE_SERVER+=" with $(sed 's/;/, /g' <<<"$*")"
}
SAMBA_VERSION=$({ smbd --version 2>/dev/null || true; } | sed 's/^Version \([0-9.]*\).*/\1/')

# proxy_rules [--port N] RULE...: see proxy.py for the rules.
# shellcheck disable=SC2086
proxy_rules() {
	local rule args=()
	for rule in "$@"; do args+=(--rule "$rule"); done
	daemon proxy proxy.out /usr/bin/python3 "$RECORD_DIR/proxy.py" \
		--listen "${PROXY_LISTEN:-192.0.2.20}" --port "${PROXY_PORT:-445}" \
		--server "${PROXY_SERVER:-198.51.100.30}" --server-port ${SMBD_PORTS:-${SMBD_PORT:-445}} \
		--password "$LAB_PASSWORD" "${args[@]}"
	MADE_PROXY=
	for rule in "$@"; do MADE_PROXY+="${MADE_PROXY:+; }$rule"; done
	wait_port proxy any "${PROXY_PORT:-445}"
}

# A client that fails is what most scenarios are about: its exit code says nothing.
# It is waited for, not run in the foreground: bash would see to a signal only when the
# client has ended, which can take a minute.
client() {
	MADE_CLIENT+="${MADE_CLIENT:+; then }$(client_line "$@")"
	on "${CLIENT_HOST:-client}" timeout "${CLIENT_LIMIT:-30}" "$@" </dev/null >>"$LAB/log/client" 2>&1 &
	wait "$!" || true
}

# The command as an analyst would type it: without the lab's file names and noise.
client_line() {
	local word line=
	for word in "$@"; do
		[[ $word != --configfile=* ]] || continue
		word=${word##"$RECORD_DIR"/}
		[[ $word != /usr/bin/python3 ]] || continue
		[[ $word != *[\ \$\;\!\&]* ]] || word="'$word'"
		line+="${line:+ }$word"
	done
	echo "$line"
}

client_config() {
	local file=$LAB/client.conf
	[[ -e $file ]] || {
		mkdir -p "$LAB/client"
		printf '[global]\nnetbios name = CLIENT1\nworkgroup = LAB\n' >"$file"
		for kind in lock state cache private pid; do
			[[ $kind == private ]] && echo "private dir = $LAB/client" && continue
			echo "$kind directory = $LAB/client"
		done >>"$file"
	}
	echo "$file"
}

# smbc USER SHARE-PATH COMMAND [ARGUMENT...]; USER '%' is anonymous.
smbc() {
	local user=$1 path=$2 command=$3 login
	shift 3
	case $user in
	%) login=(-N -U %) ;;
	*%*) login=(-U "$user") ;;
	*) login=(-U "$user%$LAB_PASSWORD") ;;
	esac
	client smbclient --configfile="$(client_config)" "$path" "${login[@]}" "$@" -c "$command"
}

# crafted SCRIPT: a script of crafted_client.py, straight; crafted_via_proxy RULE... SCRIPT.
needs_for crafted "$IMPACKET"
needs_for crafted_via_proxy "$IMPACKET"
crafted() {
	serve "${SERVER[@]}"
	record_direct client /usr/bin/python3 "$RECORD_DIR/crafted_client.py" "$1"
}

crafted_via_proxy() {
	serve "${SERVER[@]}"
	proxy_rules "${@:1:$#-1}"
	record_direct client /usr/bin/python3 "$RECORD_DIR/crafted_client.py" "${*: -1}" --server "$VIA_PROXY"
}
