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
	[[ -n $LIST_ONLY ]] || domain_up
	scenario "$1" "$2" domain_run "${@:3}"
	[[ -n $LIST_ONLY ]] || domain_undo
}

domain_run() {
	MADE_SERVER="Samba $SAMBA_VERSION AD domain controller DC1 (KDC, DNS) and member file server FILES"
	"$@"
}

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
	rm -f "$LAB/ccache"
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

for part in domain_clean domain_kerberos; do
	[[ -e $RECORD_DIR/$part.sh ]] || continue
	# shellcheck source=/dev/null
	source "$RECORD_DIR/$part.sh"
done
