# TREE_CONNECT: shares that are missing, forbidden or encrypted.

# One client takes the only place of the share, a second one comes.
needs_for hold_then_list "$IMPACKET"
hold_then_list() {
	serve "${SERVER[@]}"
	daemon client holder /usr/bin/python3 "$RECORD_DIR/crafted_client.py" hold_small
	sleep 1
	record_direct smbc alice //FILES/small ls -I "$DIRECT"
	MADE_NOTE='share with max connections = 1; bob is connected to it already'
}

# Before the share smbclient connects to IPC$ to ask for a DFS referral: the
# TREE_CONNECT that matters is the second one.
#
# tree_refused NAME STATUS SENTENCE: the answer is rewritten and signed again.
tree_refused() {
	scenario "tree_connect.$1" "$3" tampered "response TREE_CONNECT #2: status $2, sign"
}

scenario tree_connect.no_response 'The server never answers TREE_CONNECT.' \
	with CLIENT_LIMIT=70 tampered 'response TREE_CONNECT #2: drop'
scenario tree_connect.no_response--second_of_two \
	'Of two TREE_CONNECTs for one share the server answers the first after 12 s, the second never.' \
	crafted_via_proxy 'response TREE_CONNECT #1: delay 12' 'response TREE_CONNECT #2: drop' two_trees
scenario tree_connect.reset 'The server resets the connection instead of answering TREE_CONNECT.' \
	tampered 'request TREE_CONNECT #2: reset'
scenario tree_connect.unsigned_311 \
	'A client does not sign TREE_CONNECT on SMB 3.1.1; the server hangs up, as Windows does (by the proxy).' \
	crafted_via_proxy 'request TREE_CONNECT: reset' unsigned_tree
scenario tree_connect.unsigned_311--samba \
	'A client does not sign TREE_CONNECT on SMB 3.1.1; Samba answers with STATUS_ACCESS_DENIED.' \
	crafted unsigned_tree
scenario tree_connect.unsigned_311--access_denied \
	'TREE_CONNECT of smbclient reaches an SMB 3.1.1 server without signature (taken off on the way) and is refused.' \
	tampered_both 'request TREE_CONNECT #1: unsign'
scenario tree_connect.bad_network_name 'The client asks for a share that the server does not have.' \
	straight alice nosuchshare
scenario tree_connect.bad_network_name--path_missing \
	'The share exists, the directory behind it does not.' straight alice broken
scenario tree_connect.bad_network_name--same_ports \
	'The second connection between the same ports asks for a share that the server does not have; only SMB2 messages were kept, no SYN and no RST.' \
	filtered smb2 crafted same_ports
scenario tree_connect.bad_network_name--snaplen \
	'The client asks for a share that the server does not have; of each message only the header was captured.' \
	snapped 128 straight alice nosuchshare
scenario tree_connect.bad_network_name--port139 \
	'The client asks for a share that the server does not have, over NetBIOS session service.' \
	with SERVER='disable netbios = no' SERVER='smb ports = 139' port139 nosuchshare
scenario tree_connect.bad_network_name--after_guest \
	'The password of a user is refused; the client goes on as a guest and asks for a share that the server does not have.' \
	with SERVER='map to guest = bad user' crafted guest_after_refusal
scenario tree_connect.access_denied--ipv6 \
	'The user is not among the valid users of the share; over IPv6.' ipv6 team
scenario tree_connect.access_denied 'The user is not among the valid users of the share.' \
	straight alice team
scenario tree_connect.access_denied--others_open \
	'The user is not among the valid users of the share; another user opens it.' \
	with_another smbc alice //FILES/team ls -I "$DIRECT" -- smbc carol //FILES/team ls -I "$DIRECT"
scenario tree_connect.encryption_required 'The share requires encryption, the client stops at SMB 2.1.' \
	straight alice sealed -m SMB2_10
scenario tree_connect.encryption_required--no_cipher \
	'The share requires encryption, client and server have no cipher in common.' \
	with SERVER='server smb3 encryption algorithms = AES-256-GCM' \
	straight alice sealed --option='client smb3 encryption algorithms=AES-128-CCM'
scenario tree_connect.guest_denied 'A guest asks for a share that is closed to guests.' \
	with SERVER='map to guest = bad user' straight mallory%secret data
scenario tree_connect.guest_denied--anonymous 'An anonymous user asks for a share that is closed to guests.' \
	with SERVER='map to guest = bad user' straight % data
scenario tree_connect.ipc_denied 'The server refuses IPC$ (rewritten); the share itself works.' \
	tampered 'response TREE_CONNECT #1: status 0xc0000022, sign'
scenario tree_connect.admin_share_denied \
	'The server refuses C$ to an NTLM user, as Windows does to local accounts (rewritten).' \
	with SHARE='C$' tampered 'response TREE_CONNECT #2: status 0xc0000022, sign'
scenario tree_connect.share_redirect \
	'A cluster node redirects the client to the owner of the share (rewritten).' \
	crafted_via_proxy 'response TREE_CONNECT: redirect, sign' redirect
tree_refused duplicate_name 0xc00000bd 'The server refuses a name that it does not own (rewritten, as Windows with strict name checking).'
tree_refused bad_cluster_dialect '0xc05d0001 0203' 'The cluster wants another dialect (rewritten).'
tree_refused user_limit 0xc00000d0 'The share has as many users as it allows (rewritten).'
scenario tree_connect.resources 'The share allows no more connections (Samba: max connections).' \
	hold_then_list
tree_refused bad_device_type 0xc00000cb 'The share is of another kind than the client wants (rewritten).'
scenario tree_connect.invalid_path 'The path in TREE_CONNECT is not UTF-16.' crafted bad_path
scenario tree_connect.invalid_path--outside \
	'The client sends a TREE_CONNECT whose path lies outside the message to Samba.' crafted malformed_tree
scenario tree_connect.session_in_progress 'The client does not wait for the end of the logon.' crafted tree_too_early
tree_refused session_deleted 0xc0000203 'The server does not know the session any more (rewritten).'
tree_refused session_expired 0xc000035c 'The session has expired (rewritten).'
tree_refused server_unavailable 0xc0000466 'The cluster node is not ready for the share (rewritten).'
tree_refused error_other 0xc00000cf 'The server is paused (rewritten).'
scenario tree_connect.share_needs_encryption_client_cannot \
	'The share wants encryption, which SMB 2.1 does not have (share flags rewritten).' \
	tampered 'response TREE_CONNECT #2: share-flags 0x8000, sign' -m SMB2_10
scenario tree_connect.unencrypted_follow_up \
	'The share wants encryption, the client goes on without and is refused (share flags and refusal rewritten, signed again).' \
	crafted_via_proxy 'response TREE_CONNECT: share-flags 0x8000, sign' \
	'request CREATE: reply 0xc0000022 signed' encryptless_share
# The server closes the share while a client is connected to it.
needs_for closed_share "$IMPACKET"
closed_share() {
	serve "${SERVER[@]}"
	capture_start main client
	MADE_CLIENT='crafted_client.py later_listing'
	daemon client waiting /usr/bin/python3 "$RECORD_DIR/crafted_client.py" later_listing
	sleep 1.5
	on server smbcontrol --configfile="$SMBD_CONF" smbd close-share data
	sleep 3
	MADE_NOTE='meanwhile smbcontrol smbd close-share data'
}
scenario tree_connect.share_deleted \
	'A share is closed on the server while a client is connected to it.' closed_share
scenario tree_connect.ok_create_denied \
	'The user may connect to the share, not open its directory.' straight alice locked
scenario tree_connect.host_mismatch \
	'NEGOTIATE names ALIAS1, TREE_CONNECT names FILES, as with a DFS link or an alias.' \
	crafted host_mismatch
