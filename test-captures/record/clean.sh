# Connections that work: no rule may call anything in them an error or a warning.

anonymous_ipc() {
	serve "${SERVER[@]}"
	record_direct client smbclient --configfile="$(client_config)" -L FILES -I "$DIRECT" -N -U %
}

dfs_link() {
	mkdir -p "$LAB/shares/dfs"
	ln -sfn 'msdfs:FILES\data' "$LAB/shares/dfs/link"
	serve "${SERVER[@]}" '[dfs]' "path = $LAB/shares/dfs" 'msdfs root = yes'
	record_direct smbc alice //FILES/dfs 'cd link; ls' -I "$DIRECT"
}

alternate_port() {
	SMBD_PORT=4450 serve "${SERVER[@]}"
	record_direct smbc alice //FILES/data ls -I "$DIRECT" -p 4450
	MADE_NOTE='read with -d tcp.port==4450,nbss'
}

two_connections() {
	serve "${SERVER[@]}"
	record_direct smbc alice //FILES/data ls -I "$DIRECT"
	smbc bob //FILES/public ls -I "$DIRECT" -m SMB3_02
}

needs_for impacket_listing "$IMPACKET"
impacket_listing() {
	serve "${SERVER[@]}"
	record_direct client /usr/bin/python3 "$RECORD_DIR/impacket_client.py" "$DIRECT"
}

scenario clean.smb2_02 'A client lists a share over SMB 2.0.2 with NTLM.' \
	straight alice data --option='client min protocol=SMB2_02' -m SMB2_02
scenario clean.smb2_10 'A client lists a share over SMB 2.1 with NTLM.' straight alice data -m SMB2_10
scenario clean.smb3_00 'A client lists a share over SMB 3.0 with NTLM and validates the negotiation.' \
	straight alice data -m SMB3_00
scenario clean.smb3_02 'A client lists a share over SMB 3.0.2 with NTLM and validates the negotiation.' \
	straight alice data -m SMB3_02
scenario clean.smb3_11 'A client lists a share over SMB 3.1.1 with NTLM; all is signed and works.' \
	straight alice data -m SMB3_11
scenario clean.signing-required 'Both sides require signing, SMB 3.1.1.' \
	with SERVER='server signing = mandatory' straight alice data --option='client signing=required'
scenario clean.multiprotocol \
	'The client begins with an SMB1 NEGOTIATE that offers SMB2 as well; the server answers 0x02FF, a second NEGOTIATE follows.' \
	straight alice data --option='client min protocol=NT1'
scenario clean.anonymous-ipc 'A client asks for the list of shares anonymously over IPC$.' anonymous_ipc
scenario clean.encrypted-smb3_11 'The client asks for encryption, SMB 3.1.1.' \
	straight alice data --client-protection=encrypt
scenario clean.encrypted-smb3_02 'The client asks for encryption, SMB 3.0.2.' \
	straight alice data --client-protection=encrypt -m SMB3_02
scenario clean.encrypted-share 'The share is encrypted, the session is not.' straight alice sealed
scenario clean.encrypted-by-server 'The server encrypts the whole session.' \
	with SERVER='server smb encrypt = required' straight alice data
scenario clean.multichannel 'A second connection is bound to the session of the first, and works.' \
	with SERVER='server multi channel support = yes' crafted multichannel
scenario clean.renewed 'The client renews its logon, and goes on.' crafted renewed
scenario clean.side-by-side 'Two connections of one client at once, each with its own session.' \
	crafted side_by_side
scenario clean.oplock-wait \
	'A client waits for a file that another one holds (STATUS_PENDING), and leaves after 12 s.' \
	crafted oplock_wait
scenario clean.reconnect \
	'The connection ends; the client comes back and names its previous session.' crafted reconnect
scenario clean.dfs-probing \
	'The client asks for DFS referrals on IPC$ and gets an error, which is normal.' straight alice public
scenario clean.dfs-link 'The client follows a DFS link from one share to another.' \
	with SERVER='host msdfs = yes' dfs_link
scenario clean.port139 'Over NetBIOS session service, port 139.' \
	with SERVER='disable netbios = no' SERVER='smb ports = 139' port139 data
scenario clean.port-probe 'A monitor connects to port 445 and leaves without a word, twice.' crafted look_in
scenario clean.ipv6 'Over IPv6.' ipv6 data
scenario clean.alternate-port 'On TCP port 4450.' with SERVER='smb ports = 4450' alternate_port
scenario clean.pre-smb3-server-vni-signed-error \
	'A server that stops at SMB 2.0.2 answers VALIDATE_NEGOTIATE with a signed error; the client goes on.' \
	with SERVER='server max protocol = SMB2_02' straight alice data
scenario clean.two-connections 'Two clients list shares one after the other.' two_connections
scenario clean.compound 'CREATE, QUERY_INFO and CLOSE in one compound request.' crafted compound
scenario clean.impacket 'Another client stack (impacket) lists a share over SMB 3.0.' impacket_listing
scenario clean.validated-and-done \
	'The client validates an SMB 3.0.2 negotiation and closes at once: it wanted no more.' crafted vni_then_close
