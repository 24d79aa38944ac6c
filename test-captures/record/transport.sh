# Transport: what TCP shows of a set-up that does not come to its end.

# The kernel goes on with the retransmissions of a dead client, into the next capture: ss -K.
needs_for negotiate_or_reset "$IMPACKET"
unacked() {
	serve "${SERVER[@]}"
	block server INPUT -p tcp --dport 445 --tcp-flags PSH PSH -j DROP
	record_direct "$@"
	MADE_NOTE='segments with data dropped by iptables on the server'
	capture_stop
	on client ss -K dst "$DIRECT" >/dev/null
}

# cut ARGUMENTS of editcap: a real capture with frames missing.
cut() {
	serve "${SERVER[@]}"
	record_direct smbc alice //FILES/data ls -I "$DIRECT" -m SMB3_02
	capture_stop
	mv "$LAB/cap/main.pcap" "$LAB/cap/whole.pcap"
	editcap -F pcap "$LAB/cap/whole.pcap" "$LAB/cap/main.pcap" "$@"
	MADE_NOTE="frames $* removed with editcap"
}

# ICMP errors say why TCP does not come up; neighbour discovery is none (ip6[40]: the type).
CONNECTING='tcp or icmp or (icmp6 and ip6[40] < 128)'

# filtered IPTABLES-TARGET...: nothing reaches the ports of the server.
filtered() {
	serve "${SERVER[@]}"
	block server INPUT -p tcp -m multiport --dports 139,445 -j "$@"
	MADE_NOTE="iptables on the server: -j $*"
	CAPTURE_FILTER=$CONNECTING record_direct smbc alice //FILES/data ls -I "$DIRECT"
}

# filtered_ipv6 IPTABLES-TARGET...: the same over IPv6 only.
filtered_ipv6() {
	serve "${SERVER[@]}"
	block6 server INPUT -p tcp -m multiport --dports 139,445 -j "$@"
	MADE_NOTE="ip6tables on the server: -j $*"
	CAPTURE_FILTER=$CONNECTING record_direct smbc alice //FILES6/data ls -I 2001:db8::30
}

# first_ipv6: a client that tries the addresses of a name one after the other, 2001:db8::30 first.
first_ipv6() {
	serve "${SERVER[@]}"
	block6 server INPUT -p tcp -m multiport --dports 139,445 -j "$@"
	MADE_NOTE="ip6tables on the server: -j $*"
	capture_start main client eth0 "$CONNECTING"
	client timeout 12 smbclient --configfile="$(client_config)" //FILES6/data -N -I 2001:db8::30 -c ls
	smbc alice //FILES/data ls -I "$DIRECT"
}

refused() {
	samba_users
	CAPTURE_FILTER=$CONNECTING record_direct smbc alice //FILES/data ls -I "$DIRECT"
	MADE_NOTE='no smbd runs'
}

# The service starts between two attempts.
refused_then_served() {
	samba_users
	record_direct smbc alice //FILES/data ls -I "$DIRECT"
	serve "${SERVER[@]}"
	smbc alice //FILES/data ls -I "$DIRECT"
	MADE_NOTE='no smbd runs at the first attempt'
}

port139_beside() {
	SMBD_PORT=139 serve 'smb ports = 139'
	record_direct smbc alice //FILES/data ls -I "$DIRECT"
}

denied_139() {
	SMBD_PORT=139 serve 'smb ports = 139' 'hosts deny = 192.0.2.10'
	record_direct smbc alice //FILES/data ls -I "$DIRECT" -p 139
}

filtered_one() {
	block server INPUT -p tcp -s 192.0.2.10 -j DROP
	with_another smbc alice //FILES/data ls -I "$DIRECT" -- smbc alice //FILES/data ls -I "$DIRECT"
}

scenario transport.syn_unanswered \
	'A firewall in front of the server drops the SYNs to ports 445 and 139.' \
	with CLIENT_LIMIT=40 filtered DROP
scenario transport.syn_unanswered--overcome \
	'SYNs over IPv6 are dropped; the client then gets in over IPv4.' \
	with CLIENT_LIMIT=40 first_ipv6 DROP
scenario transport.syn_unanswered--others_connect \
	'A firewall on the server drops the SYNs of one host; another one gets in. Captured on the server.' \
	with CLIENT_LIMIT=40 filtered_one
scenario transport.syn_refused \
	'Nothing listens on the ports 445 and 139 of the server: its TCP refuses the client.' \
	refused
scenario transport.syn_refused--retry \
	'The server refuses the client; then its SMB service starts, and the client gets in.' \
	refused_then_served
scenario transport.syn_refused--port139 \
	'Port 445 refuses the client, which gets in on port 139 beside it.' port139_beside
scenario transport.syn_unreachable \
	'A firewall answers the SYNs with ICMP errors: administratively prohibited.' \
	filtered REJECT --reject-with icmp-admin-prohibited
scenario transport.syn_unreachable--port \
	'A firewall answers the SYNs with ICMP errors: port unreachable.' \
	filtered REJECT --reject-with icmp-port-unreachable
scenario transport.syn_unreachable--host \
	'A firewall answers the SYNs with ICMP errors: host unreachable.' \
	filtered REJECT --reject-with icmp-host-unreachable
scenario transport.syn_unreachable--ipv6 \
	'A firewall answers the SYNs over IPv6 with ICMPv6 errors: administratively prohibited.' \
	filtered_ipv6 REJECT --reject-with icmp6-adm-prohibited
scenario transport.netbios_refused \
	'The server does not accept the client: NetBIOS refuses the session on port 139.' \
	denied_139
scenario transport.netbios_refused--port445 \
	'Samba refuses the client by its address (hosts deny) with a NetBIOS refusal on port 445.' \
	with SERVER='hosts deny = 192.0.2.10' straight alice data
scenario transport.acked_not_answered \
	'The server acknowledges TREE_CONNECT and never answers it; the client gives up.' \
	with CLIENT_LIMIT=70 tampered 'response TREE_CONNECT #1: drop'
scenario transport.request_timeout_60s \
	'NEGOTIATE is acknowledged and not answered; the client closes after 60 s (FIN).' \
	with CLIENT_LIMIT=90 crafted_via_proxy 'response NEGOTIATE: drop' wait_and_close
scenario transport.request_timeout_60s--rst \
	'SESSION_SETUP is acknowledged and not answered; the client resets after 60 s, as Windows does.' \
	with CLIENT_LIMIT=90 crafted_via_proxy 'response SESSION_SETUP: drop' wait_and_reset
scenario transport.request_not_acked \
	'NEGOTIATE is sent again and again and never acknowledged (dropped in front of the server); the client closes after 20 s, its FIN waits behind the data.' \
	unacked smbc alice //FILES/data ls -I "$DIRECT"
scenario transport.request_not_acked--rst \
	'NEGOTIATE is sent again and again and never acknowledged (dropped in front of the server); the client resets.' \
	unacked client /usr/bin/python3 "$RECORD_DIR/crafted_client.py" negotiate_or_reset

# through_router COMMAND...: the proxy is a router; the command makes it a bad one.
through_router() {
	serve "${SERVER[@]}"
	routed
	"$@"
	CAPTURE_FILTER=$CONNECTING record_direct smbc alice //FILES/data ls -I 198.51.100.30
	capture_stop
	on client ss -K dst 198.51.100.30 >/dev/null
}
small_mtu() {
	ip -n "$(ns_of proxy)" link set eth1 mtu 200
	block client INPUT -p icmp -j DROP
	MADE_NOTE='the proxy is a router to a network with an MTU of 200 bytes; the client drops ICMP'
}
rejecting() {
	block proxy FORWARD -p tcp --dport 445 --tcp-flags PSH PSH -j REJECT --reject-with "$1"
	MADE_NOTE="the proxy is a router with iptables -j REJECT --reject-with $1"
}
scenario transport.request_not_acked--mtu \
	'NEGOTIATE does not fit through a network on the way: the router says so by ICMP, the client does not heed it.' \
	through_router small_mtu
scenario transport.request_not_acked--prohibited \
	'A router lets the handshake pass and answers NEGOTIATE with ICMP errors: administratively prohibited.' \
	through_router rejecting icmp-admin-prohibited
scenario transport.server_reset_mid_setup \
	'The server resets the connection with the first CREATE on the share outstanding.' \
	tampered 'response CREATE #1: delay 0.5, reset'
scenario transport.server_fin_mid_setup \
	'The server closes the connection (FIN) with the first CREATE on the share outstanding.' \
	tampered 'response CREATE #1: delay 0.5, fin'
scenario transport.client_abort_mid_setup \
	'The client closes the connection right after the TREE_CONNECT response to IPC$, whose signature is wrong (altered on the way).' \
	tampered 'response TREE_CONNECT #1: patch 48 00000000'
scenario transport.slow_response 'TREE_CONNECT takes three seconds.' \
	tampered 'response TREE_CONNECT #2: delay 3'
scenario transport.slow_response--session_setup 'The logon takes two and a half seconds.' \
	tampered 'response SESSION_SETUP #2: delay 2.5'
scenario transport.slow_response--negotiate 'NEGOTIATE takes one and a half seconds.' \
	tampered 'response NEGOTIATE: delay 1.5'
scenario transport.pending_then_lost \
	'The server answers TREE_CONNECT with STATUS_PENDING, says no more and resets the connection.' \
	tampered 'response TREE_CONNECT #2: pending, delay 12, reset'

scenario transport.midstream 'The capture starts after NEGOTIATE.' cut 1-7
scenario transport.midstream--after_logon 'The capture starts after the logon.' cut 1-11
scenario transport.capture_gap \
	'The capture has lost the first SESSION_SETUP response; the connection is sound.' cut 9
scenario transport.capture_gap--tree_connect \
	'The capture has lost the TREE_CONNECT response of the share; the connection is sound.' cut 21
scenario transport.capture_gap--acks_only \
	'Of the server nothing was captured but empty ACKs, of the client nothing but requests, 12 s apart; the connection is sound. A monitor tries the port meanwhile.' \
	with CLIENT_LIMIT=90 filtered \
	'tcp.flags.syn == 1 or tcp.len == 0 and tcp.srcport == 445 or tcp.len > 0 and tcp.dstport == 445' crafted unhurried
scenario transport.capture_gap--validate_negotiate \
	'The capture has lost the VALIDATE_NEGOTIATE response; the connection is sound.' cut 15

limited() {
	straight alice data
	MADE_NOTE='read with -o smb2diag.limit:4'
}
scenario transport.limit_reached \
	'A sound connection, read with a setting that follows its first four requests only.' limited
scenario transport.malformed_request \
	'The client sends a TREE_CONNECT whose path lies outside the message; the server hangs up (FIN by the proxy).' \
	crafted_via_proxy 'request TREE_CONNECT: fin' malformed_tree
scenario transport.malformed_request--create \
	'The client sends a CREATE with a wrong StructureSize; the server hangs up (FIN by the proxy).' \
	crafted_via_proxy 'request CREATE: fin' malformed_create
