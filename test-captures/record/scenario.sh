# Bookkeeping of scenarios: which run, where their captures go, what is written
# beside them.
#
#   scenario NAME 'Sentence on what happens.' FUNCTION [ARGUMENT...]
#       NAME is family.what[--variant], mostly a rule's id; its files are
#       family/what[--variant].pcapng and .expected.
#       FUNCTION runs in the laboratory; captures must be on the labels `main`
#       (NAME), or `client` and `server` (NAME--client-side and NAME--server-side).
#
# FUNCTION is mostly one of straight, tampered and tampered_both below, with settings by `with`.

needs editcap:wireshark-common tshark:tshark

RECORDED=()
FAILED=()

wanted() {
	local pattern
	for pattern in "${PATTERNS[@]}"; do
		# shellcheck disable=SC2053
		[[ $1 == $pattern ]] && return 0
	done
	return 1
}

scenario() {
	local name=$1 sentence=$2
	shift 2
	wanted "$name" || return 0
	case $MODE in
	list) echo "$name" ;;
	needs) scenario_needs "$@" ;;
	record) scenario_record "$name" "$sentence" "$@" ;;
	esac
}

scenario_record() {
	local name=$1 sentence=$2
	shift 2
	echo "== $name" >&2
	MADE_SERVER='' MADE_PROXY='' MADE_CLIENT='' MADE_NOTE=''
	rm -f "$LAB"/cap/*
	"$@"
	capture_stop
	scenario_reset
	keep_captures "$name" "$sentence"
}

# Every scenario starts with nothing running and nothing blocked.
scenario_reset() {
	local host
	for host in client proxy server; do
		stop_daemons "$host"
		unblock "$host"
	done
	unrouted
}

keep_captures() {
	local name=$1 sentence=$2 kept=
	keep_one main "$name" "$sentence" && kept=1
	keep_one client "$name--client-side" "$sentence Captured between client and proxy." && kept=1
	keep_one server "$name--server-side" "$sentence Captured between proxy and server." && kept=1
	[[ -n $kept ]] && RECORDED+=("$name") || FAILED+=("$name")
}

# A pcap header alone is 24 bytes long.
keep_one() {
	local pcap=$LAB/cap/$1.pcap stem=$CAPTURE_DIR/${2/.//} sentence=$3
	[[ -e $pcap && $(stat -c %s "$pcap") -gt 24 ]] || return 1
	mkdir -p "${stem%/*}"
	editcap -F pcapng "$pcap" "$stem.pcapng"
	/usr/bin/python3 "$RECORD_DIR/expected_header.py" "$stem" "$sentence" "$(made_with)"
}

made_with() {
	local text=
	[[ -z $MADE_SERVER ]] || text+="$MADE_SERVER; "
	[[ -z $MADE_CLIENT ]] || text+="client: $MADE_CLIENT; "
	[[ -z $MADE_PROXY ]] || text+="proxy: $MADE_PROXY; "
	[[ -z $MADE_NOTE ]] || text+="$MADE_NOTE; "
	sed "s/; \$/./; s|$LAB/shares|/srv|g; s|$LAB|/tmp|g" <<<"$text"
}

# record_direct COMMAND...: client and server on one network, captured at the client.
record_direct() {
	capture_start main client
	"$@"
}

# record_proxied COMMAND...: both sides of the proxy.
record_proxied() {
	capture_start client client eth0
	capture_start server server eth1
	"$@"
}

# straight USER SHARE [CLIENT-ARGUMENT...]: a listing without a proxy. Server settings
# are taken from the array SERVER, which is empty again afterwards.
straight() {
	local user=$1 share=$2
	shift 2
	serve "${SERVER[@]}"
	record_direct smbc "$user" "//${HOST:-FILES}/$share" "${COMMAND:-ls}" -I "$DIRECT" "$@"
}

# with_another FUNCTION [ARGUMENT...] -- FUNCTION [ARGUMENT...]: first the client, then the host of the
# proxy as another client; captured at the server.
with_another() {
	local first=()
	while [[ $1 != -- ]]; do
		first+=("$1")
		shift
	done
	serve "${SERVER[@]}"
	capture_start main server
	"${first[@]}"
	CLIENT_HOST=proxy "${@:2}"
	MADE_NOTE="${MADE_NOTE:+$MADE_NOTE; }the last command from another host, 192.0.2.20"
}

# port139 SHARE / ipv6 SHARE: the same over NetBIOS session service, over IPv6.
port139() {
	SMBD_PORT=139 serve "${SERVER[@]}"
	record_direct smbc alice "//FILES/$1" ls -I "$DIRECT" -p 139
}

ipv6() {
	serve "${SERVER[@]}"
	record_direct smbc alice "//FILES/$1" ls -I 2001:db8::30
}

# snapped BYTES FUNCTION...: the same, of each frame no more than that is kept.
snapped() {
	local bytes=$1
	shift
	"$@"
	capture_stop
	mv "$LAB/cap/main.pcap" "$LAB/cap/whole.pcap"
	editcap -F pcap -s "$bytes" "$LAB/cap/whole.pcap" "$LAB/cap/main.pcap"
	rm "$LAB/cap/whole.pcap"
	MADE_NOTE="cut to $bytes bytes of each frame with editcap"
}

# filtered FILTER FUNCTION...: the same, only what the display filter lets through is kept.
filtered() {
	local filter=$1
	shift
	"$@"
	capture_stop
	mv "$LAB/cap/main.pcap" "$LAB/cap/whole.pcap"
	tshark -n -r "$LAB/cap/whole.pcap" -Y "$filter" -F pcap -w "$LAB/cap/main.pcap" 2>/dev/null
	rm "$LAB/cap/whole.pcap"
	MADE_NOTE="filtered with $filter"
}

# tampered RULE[;; RULE...] [CLIENT-ARGUMENT...]: a listing through the proxy, captured
# at the client. For what is altered on the way, tampered_both keeps both sides.
needs_for tampered "$CRYPTODOME"
needs_for tampered_both "$CRYPTODOME"
tampered() { tamper record_direct "$@"; }
tampered_both() { tamper record_proxied "$@"; }

tamper() {
	local recorder=$1 rules=()
	shift
	while [[ ${1-} == request\ * || ${1-} == response\ * ]]; do
		rules+=("$1")
		shift
	done
	serve "${SERVER[@]}"
	proxy_rules "${rules[@]}"
	"$recorder" smbc "${LOGIN:-alice}" "//${HOST:-FILES}/${SHARE:-data}" "${COMMAND:-ls}" \
		-I "$VIA_PROXY" "$@"
}

# with NAME=VALUE... FUNCTION...: settings of one scenario. NAME is SERVER (one line per
# word), LOGIN, SHARE, COMMAND, HOST or CLIENT_LIMIT.
with() {
	local SERVER=() LOGIN='' SHARE='' COMMAND='' HOST='' CLIENT_LIMIT=30
	while [[ $1 =~ ^(SERVER|LOGIN|SHARE|COMMAND|HOST|CLIENT_LIMIT)=(.*)$ ]]; do
		if [[ ${BASH_REMATCH[1]} == SERVER ]]; then
			SERVER+=("${BASH_REMATCH[2]}")
		else
			printf -v "${BASH_REMATCH[1]}" %s "${BASH_REMATCH[2]}"
		fi
		shift
	done
	"$@"
}
SERVER=()

scenarios_summary() {
	echo "${#RECORDED[@]} scenarios recorded" >&2
	if ((${#FAILED[@]})); then
		echo "no packets: ${FAILED[*]}" >&2
		return 1
	fi
}
