# Scenarios in an Active Directory domain: Kerberos, DNS and SMB of one client in
# one capture. See domain_lab.sh for the hosts and kdc_proxy.py for KDC answers
# that a Samba KDC does not give by itself.

DOMAIN_FILTER='port 445 or port 88 or port 53'
DOMAIN_UNDO=()

# shellcheck source=/dev/null
source "$RECORD_DIR/domain_lab.sh"

# domain_scenario NAME SENTENCE FUNCTION [ARGUMENT...]: `scenario` in the domain.
# FUNCTION prepares, calls `record_client` and then runs clients.
domain_scenario() {
	wanted "$1" || return 0
	[[ $MODE != record ]] || domain_up
	scenario "$1" "$2" domain_run "${@:3}"
	[[ $MODE != record ]] || domain_undo
}

domain_run() {
	MADE_SERVER="Samba $SAMBA_VERSION AD domain controller DC1 (KDC, DNS) and member file server FILES"
	"$@"
}

# record_all: what the file server says to the domain controller, too
record_all() { capture_start main switch br0 "$DOMAIN_FILTER"; }
record_client() { capture_start main client eth0 "$DOMAIN_FILTER"; }

# undo COMMAND...: runs when the scenario is over, last one first
undo() { DOMAIN_UNDO+=("$(printf '%q ' "$@")"); }

domain_undo() {
	local i
	for ((i = ${#DOMAIN_UNDO[@]} - 1; i >= 0; i--)); do eval "${DOMAIN_UNDO[i]}"; done
	DOMAIN_UNDO=()
	: >"$LAB/member/scenario.conf"
	: >"$LAB/member/shares.conf"
	: >"$LAB/client1/scenario.conf"
	krb5_by_tcp
	# Else the client remembers addresses and the next capture has no DNS in it.
	rm -f "$LAB/ccache" "$LAB"/client1/lock/gencache*.tdb
	unset KRB5CCNAME
}

# with_server LINE... / with_share LINE... / with_client LINE...: smb.conf lines of
# this scenario; smbd reads them on the next connection.
with_server() {
	printf '%s\n' "$@" >"$LAB/member/scenario.conf"
	smbd_reload
	undo smbd_reload
	MADE_SERVER+=" with $(join_lines "$@")"
}

with_share() {
	printf '%s\n' "$@" >"$LAB/member/shares.conf"
	smbd_reload
	undo smbd_reload
	MADE_SERVER+=" with a share with $(join_lines "$@")"
}

with_client() {
	printf '%s\n' "$@" >"$LAB/client1/scenario.conf"
	MADE_NOTE+="${MADE_NOTE:+; }client smb.conf: $(join_lines "$@")"
}

join_lines() { printf '%s, ' "$@" | sed 's/, $//'; }

smbd_reload() { on_member smbcontrol --configfile="$LAB/member/smb.conf" smbd reload-config; }

# connect KERBEROS HOST USER [COMMAND [OPTION...]]: the usual client of a scenario
connect() {
	record_client
	smbk "$1" "//$2/docs" "$3" "${4:-quit}" "${@:5}"
}

# kdc_rules RULE...: kdc_proxy.py answers the client instead of the KDC (what comes
# from the file server goes to the KDC itself)
kdc_rules() {
	local rule args=() protocol
	for rule in "$@"; do args+=(--rule "$rule"); done
	daemon dc kdc_proxy.out /usr/bin/python3 "$RECORD_DIR/kdc_proxy.py" \
		--listen "$DC_IP" --port 8088 --kdc "$DC_IP" "${args[@]}"
	wait_port dc any 8088
	for protocol in tcp udp; do redirect dc "$protocol" 88 8088; done
	MADE_PROXY+="${MADE_PROXY:+; }in front of the KDC, rewritten: $(join_lines "$@")"
	undo stop_listener dc 8088
}

# smb_rules RULE...: the tampering proxy in front of the member server's port
smb_rules() {
	local rule args=()
	for rule in "$@"; do args+=(--rule "$rule"); done
	daemon member smb_proxy.out /usr/bin/python3 "$RECORD_DIR/kdc_ap_proxy.py" \
		--listen "$MEMBER_IP" --port 4450 --server "$MEMBER_IP" "${args[@]}"
	wait_port member any 4450
	redirect member tcp 445 4450
	MADE_PROXY+="${MADE_PROXY:+; }in front of FILES, rewritten: $(join_lines "$@")"
	undo stop_listener member 4450
}

# redirect HOST PROTOCOL PORT TO: only what the client sends
redirect() {
	on "$1" iptables -t nat -A PREROUTING -s 192.0.2.10 -p "$2" --dport "$3" -j REDIRECT --to-ports "$4"
	undo on "$1" iptables -t nat -F PREROUTING
}

stop_listener() {
	local pid
	pid=$(on "$1" ss -Hltnp "sport = :$2" | grep -oP 'pid=\K[0-9]+' | head -1)
	[[ -z $pid ]] || kill "$pid"
}

# dc_block / member_block IPTABLES-ARGUMENTS...: until the scenario is over
dc_block() {
	block dc INPUT -s 192.0.2.10 "$@"
	undo unblock dc
	MADE_NOTE+="${MADE_NOTE:+; }DC1 iptables: $*"
}

# client_block IPTABLES-ARGUMENTS...: the client's own firewall, so that not even the attempt is on the wire
client_block() {
	block client OUTPUT -d 192.0.2.40 "$@"
	undo unblock client
	MADE_NOTE+="${MADE_NOTE:+; }CLIENT1 iptables: $*"
}

for part in domain_clean domain_kerberos domain_kdc domain_logon domain_client domain_server; do
	[[ -e $RECORD_DIR/$part.sh ]] || continue
	# shellcheck source=/dev/null
	source "$RECORD_DIR/$part.sh"
done
