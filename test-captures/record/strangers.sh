# Clients and servers of other people: what is right of smbclient has to be right of them, too.

# stranger COMMAND...: a client without a proxy.
stranger() {
	serve "${SERVER[@]}"
	record_direct client "$@"
}

# The client of rclone is go-smb2. by_rclone USER[%PASSWORD] SHARE
needs_for by_rclone rclone:rclone
by_rclone() {
	local user=$1 share=$2 password=$LAB_PASSWORD
	[[ $user != *%* ]] || password=${user#*%} user=${user%%\%*}
	local -x RCLONE_CONFIG=/dev/null RCLONE_SMB_HOST=FILES RCLONE_SMB_USER=$user RCLONE_SMB_PASS
	RCLONE_SMB_PASS=$(rclone obscure "$password")
	stranger rclone lsf ":smb:$share" --retries 1 --low-level-retries 1
	MADE_CLIENT="rclone lsf :smb:$share --smb-host FILES --smb-user $user, password $password"
	MADE_NOTE=$(rclone version | sed -n 1p)
}

# by_npm PACKAGE USER[%PASSWORD] SHARE. The hash of passwords is one that OpenSSL calls legacy.
needs_for @marsaud/smb2 node:nodejs npm:npm npm.@marsaud/smb2:@marsaud/smb2@0.18.0
needs_for v9u-smb2 node:nodejs npm:npm npm.v9u-smb2:v9u-smb2@1.0.6
needs_for @awo00/smb2 node:nodejs npm:npm npm.@awo00/smb2:@awo00/smb2@1.1.1
by_npm() {
	local package=$1 user=$2 share=$3 password=$LAB_PASSWORD
	local -x NODE_PATH
	[[ $user != *%* ]] || password=${user#*%} user=${user%%\%*}
	NODE_PATH=$(npm root -g 2>/dev/null)
	stranger node --openssl-legacy-provider "$RECORD_DIR/npm_client.js" "$package" FILES "$share" \
		"$user" "$password"
}
NTLM_1='ntlm auth = ntlmv1-permitted'

needs_for by_nmap nmap:nmap
by_nmap() { stranger nmap -n -Pn -p 445 --script "$1" "$DIRECT"; }

needs_for by_smbmap smbmap:smbmap
by_smbmap() { stranger smbmap -H "$DIRECT" -d LAB "$@"; }

needs_for by_hydra hydra:hydra
by_hydra() { stranger hydra -I -t 1 -l "$1" -p "$2" "$DIRECT" smb; }

needs_for by_medusa medusa:medusa
by_medusa() { stranger medusa -h "$DIRECT" -u "$1" -p "$2" -M smbnt; }

# curl knows SMB1 only.
needs_for by_curl curl:curl
by_curl() { stranger curl -sS --max-time 20 -u "LAB\\alice:$LAB_PASSWORD" "smb://FILES/$1"; }

needs_for by_smbtorture smbtorture:samba-testsuite
by_smbtorture() {
	stranger smbtorture --configfile="$(client_config)" //FILES/data -U "alice%$LAB_PASSWORD" "$@"
}

# at_impacket COMMAND...: at a server of impacket's, which knows SMB 2.0.2 only.
needs_for at_impacket "$IMPACKET"
at_impacket() {
	samba_shares >/dev/null
	daemon server impacket.out /usr/bin/python3 "$RECORD_DIR/impacket_server.py" "$LAB/shares/data" \
		alice "$LAB_PASSWORD"
	wait_port server any 445
	record_direct "$@"
	MADE_SERVER="impacket's smbserver (impacket_server.py)"
}

# ---- clients that get in ----

scenario clean.rclone 'rclone (go-smb2) lists a share; it writes address and port into the path.' \
	by_rclone alice data
scenario clean.rclone--encrypted 'rclone (go-smb2) lists an encrypted share.' by_rclone alice sealed
scenario clean.npm 'A client of the npm registry that knows no signing lists a share with NTLM 1.' \
	with SERVER="$NTLM_1" by_npm @marsaud/smb2 alice data
scenario clean.npm--port_in_path 'A client of the npm registry writes name and port into the path.' \
	with SERVER="$NTLM_1" by_npm @awo00/smb2 alice data
scenario clean.nmap 'nmap asks for clock, signing and capabilities, with a connection for each answer.' \
	by_nmap smb2-time,smb2-security-mode,smb2-capabilities
scenario clean.smbmap 'smbmap (impacket) tries the port, then lists all shares.' \
	by_smbmap -u alice -p "$LAB_PASSWORD"
scenario clean.curl 'curl reads a file over SMB1, which is all that it knows.' \
	with SERVER='server min protocol = NT1' SERVER='ntlm auth = ntlmv1-permitted' by_curl data/readme.txt
scenario clean.at_impacket 'smbclient lists a share of a server that knows SMB 2.0.2 only.' \
	at_impacket smbc alice //FILES/DATA ls -I "$DIRECT"
scenario clean.smbtorture 'A test suite uses a closed file, share and session, each once.' \
	by_smbtorture smb2.tcon
scenario clean.smbtorture--signing 'A test suite logs on, requires signing, and closes without a word.' \
	by_smbtorture smb2.session-require-signing
scenario clean.smbtorture--replay \
	'A test suite lets an open wait for another client, and closes connections under it.' \
	with SERVER='server multi channel support = yes' \
	by_smbtorture smb2.replay.dhv2-pending2n-vs-oplock-sane

# ---- clients that do not ----

scenario session_setup.logon_failure--rclone 'rclone (go-smb2) with a wrong password.' \
	by_rclone alice%wrong data
scenario tree_connect.bad_network_name--rclone 'rclone (go-smb2) asks for a share that the server does not have.' \
	by_rclone alice nosuchshare
scenario tree_connect.access_denied--rclone 'The user of rclone (go-smb2) is not among the valid users of the share.' \
	by_rclone alice team
scenario tree_connect.guest_denied--rclone \
	'The user of rclone (go-smb2) is taken for a guest, and asks for a share that is closed to guests.' \
	with SERVER='map to guest = bad user' by_rclone mallory%secret data
scenario negotiate.reset--smb1_server 'A server that is limited to SMB1 hangs up at NEGOTIATE of rclone (go-smb2).' \
	with SERVER='server min protocol = NT1' SERVER='server max protocol = NT1' by_rclone alice data
scenario negotiate.no_common_cipher--rclone \
	'rclone (go-smb2) leaves a server with which it has no cipher in common.' \
	with SERVER='server smb3 encryption algorithms = AES-256-GCM' by_rclone alice data

scenario session_setup.ntlmv1_refused--npm \
	'The password is right; the client answers with NTLM 1, which Samba refuses by default.' \
	by_npm @marsaud/smb2 alice data
scenario session_setup.logon_failure--npm 'A client of the npm registry with a wrong password, NTLM 2.' \
	by_npm v9u-smb2 alice%wrong data
scenario session_setup.encryption_required--npm \
	'The server requires encryption, the client of the npm registry stops at SMB 2.1.' \
	with SERVER="$NTLM_1" SERVER='server smb encrypt = required' by_npm @marsaud/smb2 alice data
scenario signing.required_unsigned_request--npm \
	'The server requires signing, which the client of the npm registry does not know.' \
	with SERVER="$NTLM_1" SERVER='server signing = mandatory' by_npm @marsaud/smb2 alice data
scenario tree_connect.bad_network_name--port_in_path \
	'A client of the npm registry writes name and port into the path, and the server has no such share.' \
	with SERVER="$NTLM_1" by_npm @awo00/smb2 alice nosuchshare
scenario negotiate.dialect_not_supported--npm \
	'The client of the npm registry stops at SMB 2.1, the server begins at SMB 3.0.' \
	with SERVER='server min protocol = SMB3_00' by_npm v9u-smb2 alice data

scenario negotiate.smb1_only_offer--nmap 'nmap tries every dialect of its own, SMB1 among them.' \
	by_nmap smb-protocols
scenario negotiate.smb1_only_offer--curl 'curl offers SMB1 only.' by_curl data/readme.txt
scenario negotiate.smb1_only_offer--hydra 'hydra offers SMB1 only.' by_hydra alice wrong
scenario negotiate.smb1_only_offer--medusa \
	'medusa offers SMB1 only, and goes on after the refusal until the server resets.' by_medusa alice wrong

scenario session_setup.logon_failure--smbmap 'smbmap (impacket) with a wrong password.' \
	by_smbmap -u alice -p wrong
scenario tree_connect.guest_denied--smbmap 'smbmap (impacket) tries all shares without a user.' \
	with SERVER='map to guest = bad user' by_smbmap

scenario session_setup.binding_refused--smbtorture_dialect \
	'A test suite asks for another channel of its session on a connection of SMB 2.1.' \
	with SERVER='server multi channel support = yes' \
	by_smbtorture smb2.session.bind_negative_smb3to2s
scenario session_setup.binding_refused--smbtorture_signing \
	'A test suite asks for another channel of its session with another signing algorithm.' \
	with SERVER='server multi channel support = yes' \
	by_smbtorture smb2.session.bind_negative_smb3signCtoGs

# ---- at a server of impacket's ----

scenario session_setup.logon_failure--at_impacket "A wrong password at impacket's server." \
	at_impacket smbc alice%wrong //FILES/DATA ls -I "$DIRECT"
scenario tree_connect.error_other--at_impacket "Impacket's server has a status of its own for a share that it does not have." \
	at_impacket smbc alice //FILES/NOSUCH ls -I "$DIRECT"
scenario negotiate.choice_not_offered--at_impacket \
	"The client begins at SMB 3.0; impacket's server answers SMB 2.0.2 all the same." \
	at_impacket smbc alice //FILES/DATA ls -I "$DIRECT" --option='client min protocol=SMB3_00'
