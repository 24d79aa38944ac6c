# Bookkeeping of scenarios: which run, where their captures go, what is written
# beside them.
#
#   scenario NAME 'Sentence on what happens.' FUNCTION [ARGUMENT...]
#       FUNCTION runs in the laboratory; captures must be on the labels `main`
#       (NAME.pcapng), or `client` and `server` (NAME--client-side.pcapng and
#       NAME--server-side.pcapng).
#
# record_direct / record_proxied below start and stop captures around a function.

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
	if [[ -n $LIST_ONLY ]]; then
		echo "$name"
		return 0
	fi
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
	local pcap=$LAB/cap/$1.pcap stem=$2 sentence=$3
	[[ -e $pcap && $(stat -c %s "$pcap") -gt 24 ]] || return 1
	editcap -F pcapng "$pcap" "$CAPTURE_DIR/$stem.pcapng"
	/usr/bin/python3 "$RECORD_DIR/expected_header.py" "$CAPTURE_DIR/$stem" \
		"$sentence" "$(made_with)"
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
	capture_start client client eth0 'tcp'
	capture_start server server eth1 'tcp'
	"$@"
}

# The client's side of the proxy only: where nothing is altered on the way, the
# other side has nothing to teach.
record_at_client() {
	capture_start main client
	"$@"
}

scenarios_summary() {
	[[ -z $LIST_ONLY ]] || return 0
	echo "${#RECORDED[@]} scenarios recorded" >&2
	if ((${#FAILED[@]})); then
		echo "no packets: ${FAILED[*]}" >&2
		return 1
	fi
}
