# NEGOTIATE: unanswered, refused, or with a result that somebody cannot live with.

scenario negotiate.no_response \
	'The server acknowledges NEGOTIATE and never answers; the client gives up.' \
	with CLIENT_LIMIT=70 tampered 'response NEGOTIATE: drop'
# A frame of another connection is the only one after the silence; the capture ends before the client
# gives up.
still_open() {
	local limit=20
	serve "${SERVER[@]}"
	proxy_rules "$@"
	capture_start main client
	MADE_CLIENT='smbclient, and after 12 s a connection to a closed port'
	daemon client waiting timeout "$limit" smbclient --configfile="$(client_config)" //FILES/data \
		-U "alice%$LAB_PASSWORD" -I "$VIA_PROXY" -c ls
	sleep 12
	on client bash -c "exec 3<>/dev/tcp/$DIRECT/9" 2>/dev/null || true
	sleep 0.5
}
scenario negotiate.no_response--still_open \
	'The server never answers NEGOTIATE; the capture ends while the client still waits.' \
	still_open 'response NEGOTIATE: drop'
scenario negotiate.reset 'The server resets the connection instead of answering NEGOTIATE.' \
	tampered 'request NEGOTIATE: reset'
scenario negotiate.reset--fin 'The server closes the connection (FIN) instead of answering NEGOTIATE.' \
	tampered 'request NEGOTIATE: fin'

# rejected HOST CHAIN: a firewall answers the first segment with data with a reset in the server's name.
rejected() {
	serve "${SERVER[@]}"
	routed
	block "$1" "$2" -p tcp --dport 445 --tcp-flags PSH PSH -j REJECT --reject-with tcp-reset
	MADE_NOTE="iptables on the $1: -j REJECT --reject-with tcp-reset; the proxy is a router"
	record_direct smbc alice //FILES/data ls -I 198.51.100.30
}
scenario negotiate.reset--middlebox \
	'A router on the way answers NEGOTIATE with a reset in the name of the server, whose packets have another TTL.' \
	rejected proxy FORWARD
scenario negotiate.reset--same_ttl \
	'The firewall of the server itself answers NEGOTIATE with a reset: its TTL is that of the other packets.' \
	rejected server INPUT

# Nobody is at home behind the TCP of a server far away.
far_and_silent() {
	serve "${SERVER[@]}"
	routed_slowly 10
	# shellcheck disable=SC2046
	kill -STOP $(ip netns pids "$(ns_of server)")
	MADE_NOTE='smbd is stopped (SIGSTOP); slow_router.py between client and server takes 10 ms'
	record_proxied smbc alice //FILES/data ls -I 198.51.100.30
}
scenario negotiate.no_response--far \
	'The SMB service far away hangs: its TCP acknowledges NEGOTIATE, and no answer comes.' far_and_silent

scenario negotiate.abandoned \
	'The client insists on Kerberos, which it cannot get, and leaves after the NEGOTIATE response.' \
	straight alice data --use-kerberos=required
scenario negotiate.abandoned--encryption \
	'A client that offers to encrypt resets the connection to a server that stops at SMB 2.1.' \
	with SERVER='server max protocol = SMB2_10' crafted abandon
scenario negotiate.abandoned--rst \
	'The client resets the connection after the NEGOTIATE response, as Windows does when it cannot use what the server chose.' \
	crafted abandon
scenario negotiate.smb1_only_offer \
	'A client offers SMB1 only; the server hangs up without an answer, as Windows does (FIN by the proxy).' \
	tampered 'request SMB1_NEGOTIATE: fin' -m NT1 --option='client min protocol=NT1'
scenario negotiate.smb1_only_offer--reset \
	'A client offers SMB1 only; the server resets the connection.' \
	tampered 'request SMB1_NEGOTIATE: reset' -m NT1 --option='client min protocol=NT1'
scenario negotiate.smb1_only_offer--samba \
	'A client offers SMB1 only to a Samba server without SMB1: it answers that no dialect suits, and hangs up.' \
	straight alice data -m NT1 --option='client min protocol=NT1'
scenario negotiate.smb1_answer \
	'A client offers SMB1 and SMB2; the server chooses SMB1.' \
	with SERVER='server min protocol = NT1' SERVER='server max protocol = NT1' \
	straight alice data --option='client min protocol=NT1'
scenario negotiate.dialect_not_supported \
	'The client stops at SMB 2.1, the server begins at SMB 3.0.' \
	with SERVER='server min protocol = SMB3_00' straight alice data -m SMB2_10
scenario negotiate.dialect_not_supported--snaplen \
	'The client stops at SMB 2.1, the server begins at SMB 3.0; of each message only the header was captured.' \
	with SERVER='server min protocol = SMB3_00' snapped 128 straight alice data -m SMB2_10
scenario negotiate.dialect_not_supported--old_server \
	'The client begins at SMB 3.0, the server stops at SMB 2.1.' \
	with SERVER='server max protocol = SMB2_10' \
	straight alice data --option='client min protocol=SMB3_00'
scenario negotiate.invalid_parameter \
	'NEGOTIATE reaches the server without any dialect (rewritten on the way) and is refused.' \
	tampered_both 'request NEGOTIATE: patch 66 0000'
scenario negotiate.invalid_parameter--signed \
	'NEGOTIATE reaches the server with the signed flag set (rewritten on the way) and is refused.' \
	tampered_both 'request NEGOTIATE: flags 8'
scenario negotiate.error_other \
	'The server answers NEGOTIATE with STATUS_INTERNAL_ERROR (rewritten).' \
	tampered 'response NEGOTIATE: status 0xc00000e5'
scenario negotiate.client_legacy_only \
	'A client that knows nothing above SMB 2.1, as Windows 7, lists a share.' \
	straight alice data -m SMB2_10
scenario negotiate.client_no_encryption \
	'A client with SMB 3.0.2 that cannot encrypt lists a share.' crafted no_encryption
scenario negotiate.server_no_encryption--smb3_11 \
	'A server that has encryption switched off answers an SMB 3.1.1 client that can encrypt.' \
	with SERVER='server smb encrypt = off' straight alice data
scenario negotiate.server_no_encryption--smb3_02 \
	'A server that has encryption switched off answers an SMB 3.0.2 client that can encrypt.' \
	with SERVER='server smb encrypt = off' straight alice data -m SMB3_02
scenario negotiate.no_common_cipher \
	'Client and server have no cipher in common.' \
	with SERVER='server smb3 encryption algorithms = AES-256-GCM' \
	straight alice data --option='client smb3 encryption algorithms=AES-128-CCM'
scenario negotiate.server_signing_not_offered \
	'The server does not say that it can sign (rewritten, as an old device would).' \
	tampered 'response NEGOTIATE: security-mode 0' \
	'response VALIDATE_NEGOTIATE: security-mode 0, sign' -m SMB2_10
scenario negotiate.signing_mismatch \
	'The client requires signing, the server does not offer it (rewritten, as an old device would).' \
	tampered 'response NEGOTIATE: security-mode 0' \
	'response VALIDATE_NEGOTIATE: security-mode 0, sign' -m SMB2_10 --option='client signing=required'
scenario negotiate.choice_not_offered \
	'A client that offers SMB 2.1 only is told SMB 2.0.2 (rewritten), and leaves.' \
	tampered 'response NEGOTIATE: dialect 0x0202' -m SMB2_10 --option='client min protocol=SMB2_10'
scenario negotiate.choice_not_offered--cipher \
	'The server chooses a cipher that the client did not offer (rewritten); the client leaves.' \
	tampered 'response NEGOTIATE: cipher 0x0004' --option='client smb3 encryption algorithms=AES-128-GCM'
scenario negotiate.choice_not_offered--signing \
	'The server chooses a signing algorithm that the client did not offer (rewritten); the client leaves.' \
	tampered 'response NEGOTIATE: signing 0x0000' --option='client smb3 signing algorithms=AES-128-GMAC'
scenario negotiate.no_common_signing--default \
	'Client and server have no signing algorithm in common; the server answers AES-CMAC (rewritten), as [MS-SMB2] wants; the client leaves.' \
	tampered 'response NEGOTIATE: signing 0x0001' --option='client smb3 signing algorithms=AES-128-GMAC'
scenario negotiate.no_common_signing \
	'Client and server have no signing algorithm in common: the response names none; the client leaves.' \
	with SERVER='server smb3 signing algorithms = AES-128-CMAC' \
	straight alice data --option='client smb3 signing algorithms=AES-128-GMAC'
scenario negotiate.choice_not_offered--hash \
	'The server chooses a pre-authentication hash that the client did not offer (rewritten); the client leaves.' \
	tampered 'response NEGOTIATE: hash 0x0002'
scenario negotiate.bad_response \
	'The NEGOTIATE response of SMB 3.1.1 has no pre-authentication hash (its context renamed); the client leaves.' \
	tampered 'response NEGOTIATE: context 1 0x100'
scenario negotiate.bad_response--twice \
	'The NEGOTIATE response of SMB 3.1.1 has two contexts with ciphers (one renamed); the client goes on, and leaves when a signature does not fit the altered response.' \
	tampered 'response NEGOTIATE: context 8 2'
scenario negotiate.small_max_size \
	'The server takes 32 KiB at a time.' \
	with SERVER='smb2 max trans = 32768' SERVER='smb2 max read = 32768' SERVER='smb2 max write = 32768' \
	straight alice data

# balanced SCRIPT [LINE...]: the proxy leads connections in turn to two servers, the second one with
# these settings.
needs_for balanced "$IMPACKET"
balanced() {
	local script=$1
	shift
	two_servers "$@"
	SMBD_PORTS='445 4450' proxy_rules
	MADE_PROXY='leads connections in turn to the two'
	record_direct client /usr/bin/python3 "$RECORD_DIR/crafted_client.py" "$script" --server "$VIA_PROXY"
}
two_servers() {
	serve "${SERVER[@]}"
	local first=$MADE_SERVER
	SMBD_PORT=4450 serve 'smb ports = 4450' "$@"
	MADE_SERVER="$first; another $MADE_SERVER"
}
scenario negotiate.several_servers \
	'A load balancer leads two connections of one client to two servers, each of which works.' \
	balanced side_by_side 'netbios name = FILES2'
scenario negotiate.several_servers--client_left \
	'A load balancer leads two connections of one client to two servers; the client leaves the second one.' \
	balanced other_server 'netbios name = FILES2'
scenario negotiate.several_servers--in_turn \
	'A load balancer leads three connections of one client, one after the other, to two servers in turn.' \
	balanced three_in_turn 'netbios name = FILES2'
needs_for by_name "$IMPACKET"
by_name() {
	two_servers "$@"
	SMBD_PORT=4450 proxy_rules
	MADE_PROXY='another address of the second server'
	record_direct client /usr/bin/python3 "$RECORD_DIR/crafted_client.py" two_addresses
}
scenario negotiate.several_servers--by_name \
	'One name leads to two addresses, and these to two servers, as with DNS round robin.' \
	by_name 'netbios name = FILES2'
scenario negotiate.lower_than_before \
	'Two connections of one client, one after the other: the second one offers less.' crafted lower_offer
scenario negotiate.lower_than_before--server \
	'Two connections of one client at once: the server, two by the same name behind a load balancer, settles for less on the second one.' \
	balanced side_by_side 'server max protocol = SMB3_02'
scenario negotiate.low_dialect_selected \
	'A server that stops at SMB 2.1 answers a client that offers SMB 3.1.1.' \
	with SERVER='server max protocol = SMB2_10' straight alice data
scenario negotiate.low_dialect_selected--smb3_00 \
	'A server that stops at SMB 3.0 answers a client that offers SMB 3.1.1.' \
	with SERVER='server max protocol = SMB3_00' straight alice data
scenario negotiate.server_clock_skew \
	'The clock of the server is one hour behind (its NEGOTIATE response rewritten).' \
	tampered 'response NEGOTIATE: system-time -3600' -m SMB3_02
scenario negotiate.no_kerberos_offered \
	'A standalone server offers NTLM only.' straight alice data
