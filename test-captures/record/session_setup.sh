# SESSION_SETUP: who logs on, with what, and what the server thinks of it.

# refused NAME STATUS SENTENCE: the final answer carries STATUS (rewritten).
refused() {
	scenario "session_setup.$1" "$3" tampered "response SESSION_SETUP #2: status $2"
}

scenario session_setup.no_response \
	'The server acknowledges the first SESSION_SETUP request and never answers it.' \
	with CLIENT_LIMIT=70 tampered 'response SESSION_SETUP #1: drop'
scenario session_setup.no_response--second_leg \
	'The server never answers the SESSION_SETUP request that carries the NTLM response.' \
	with CLIENT_LIMIT=70 tampered 'response SESSION_SETUP #2: drop'
# The answer comes when the client has closed: it is captured all the same.
late_answer() {
	tampered "$@"
	sleep 1
}
scenario session_setup.no_response--late_answer \
	'The answer to SESSION_SETUP comes just after the client has given up (20 s) and closed; its host resets.' \
	with CLIENT_LIMIT=70 late_answer 'response SESSION_SETUP #1: delay 20.3'
scenario session_setup.reset \
	'The server resets the connection instead of answering SESSION_SETUP.' \
	tampered 'request SESSION_SETUP #1: reset'
scenario session_setup.reset--second_leg \
	'The server resets the connection on the SESSION_SETUP request that carries the NTLM response.' \
	tampered 'request SESSION_SETUP #2: reset'
scenario session_setup.client_abort \
	'The final SESSION_SETUP response of SMB 3.1.1 has a wrong signature (altered on the way); the client leaves.' \
	tampered_both 'response SESSION_SETUP #2: patch 48 00000000'
scenario session_setup.client_abort--challenge \
	'The client does not like the NTLM challenge (garbled by the proxy) and leaves.' \
	tampered 'response SESSION_SETUP #1: ntlm-garble'
scenario session_setup.incomplete \
	'The client takes the NTLM challenge, says no more and closes half a minute later.' \
	with CLIENT_LIMIT=70 crafted one_leg
scenario session_setup.incomplete--unreadable \
	'The client answers the NTLM challenge with a message that neither Wireshark nor the server can read; the server hangs up. Nobody waits for a password.' \
	crafted unreadable
scenario session_setup.logon_failure--others_log_on \
	'A wrong password from one host; the same user logs on from another one.' \
	with_another smbc alice%wrong //FILES/data ls -I "$DIRECT" -- smbc alice //FILES/data ls -I "$DIRECT"
scenario session_setup.spnego_reject \
	'The server answers the NTLM response with an SPNEGO reject and STATUS_LOGON_FAILURE (rewritten).' \
	tampered 'response SESSION_SETUP #2: spnego-reject 0xc000006d'

scenario session_setup.logon_failure 'Wrong password with NTLM.' \
	straight alice%wrong data
scenario session_setup.logon_failure--snaplen 'Wrong password with NTLM; of each message only the header was captured.' \
	snapped 128 straight alice%wrong data
scenario session_setup.logon_failure--snaplen96 \
	'Wrong password with NTLM; of each message 26 bytes were captured: TCP has timestamps.' \
	snapped 96 straight alice%wrong data
scenario session_setup.logon_failure--unknown_user 'A user that the server does not know, with NTLM.' \
	straight mallory%secret data
scenario session_setup.logon_failure--mistyped 'A user mistypes the password twice; the client tries each time twice.' \
	crafted mistyped
scenario session_setup.repeated_failures 'A program tries an old password every second.' \
	crafted stale_password
scenario session_setup.many_users_refused 'One client tries one password on six accounts.' \
	crafted spray
scenario session_setup.ntlmv1_refused \
	'The client logs on by NTLMv1, which the server does not take (the default).' \
	straight alice data --option='client ntlmv2 auth=no'
scenario session_setup.ntlmv1_accepted 'The client logs on by NTLMv1, and the server takes it.' \
	with SERVER='ntlm auth = ntlmv1-permitted' straight alice data --option='client ntlmv2 auth=no'
scenario session_setup.challenge_without_signing \
	'The challenge of the server grants no signing (flag cleared by the proxy), which the client requires; it leaves.' \
	crafted_via_proxy 'response SESSION_SETUP #1: ntlm-without 0x10' signed_or_not_at_all
scenario session_setup.account_disabled 'A disabled account with the right password.' \
	straight dave data
refused wrong_password 0xc000006a 'The server says that the password is wrong, as some third-party servers do (rewritten).'
refused unknown_user 0xc0000064 'The server says that the user is unknown, as some third-party servers do (rewritten).'
refused account_expired 0xc0000193 'The account has expired (rewritten).'
refused account_locked 0xc0000234 'The account is locked out (rewritten).'
refused password_expired 0xc0000071 'The password has expired (rewritten).'
refused password_must_change 0xc0000224 'The password must be changed before the first logon (rewritten).'
refused logon_hours 0xc000006f 'The account may not log on at this hour (rewritten).'
refused workstation_restricted 0xc0000070 'The account may not log on from this workstation (rewritten).'
refused account_restriction 0xc000006e 'An account restriction forbids the logon (rewritten).'
refused logon_type_denied 0xc000015b 'The user has no right to log on over the network (rewritten).'
refused no_domain_controller 0xc000005e 'The server finds no logon server (rewritten).'
refused no_domain_controller--dc_not_found 0xc0000233 'The server finds no domain controller (rewritten).'
refused trust_broken 0xc000018d 'The trust of the server to its domain is broken (rewritten).'
refused trust_account_logon 0xc0000199 'Logon with a machine account where that is not allowed (rewritten).'
refused clock_skew 0xc0000133 'The clocks of server and domain controller differ (rewritten).'
refused auth_firewall 0xc0000413 'Selective authentication across a trust refuses the user (rewritten).'
refused ntlm_blocked 0xc0000418 'A policy of server or domain blocks NTLM (rewritten).'
refused downgrade_detected 0xc0000388 'The authentication package detects a downgrade (rewritten).'
refused smartcard_pkinit 0xc000038c 'The smart-card logon fails (rewritten).'
refused sspi_error 0x80090308 'The server cannot use the security token (rewritten).'
refused sspi_error--wrong_principal 0x80090322 'The security token is for another principal (rewritten).'
refused not_supported 0xc00000bb 'The server does not support the logon (rewritten).'
refused invalid_parameter 0xc000000d 'The server calls the SESSION_SETUP request invalid (rewritten).'
refused session_deleted 0xc0000203 'The server does not know the session any more (rewritten).'
refused request_not_accepted 0xc00000d0 'The server accepts no more sessions (rewritten).'
refused session_expired 0xc000035c 'The server says that the session has expired (rewritten).'
refused resources 0xc000009a 'The server has no resources for the session (rewritten).'
refused server_error 0xc00000e5 'The server has an internal error (rewritten).'
refused error_other 0xc0000120 'The server answers with a status that no rule knows (rewritten).'

scenario session_setup.encryption_required \
	'The server requires encryption, the client stops at SMB 2.1.' \
	with SERVER='server smb encrypt = required' straight alice data -m SMB2_10
scenario session_setup.encryption_required--no_cipher \
	'The server requires encryption, the SMB 3.1.1 client has no cipher in common with it.' \
	with SERVER='server smb encrypt = required' \
	SERVER='server smb3 encryption algorithms = AES-256-GCM' \
	straight alice data --option='client smb3 encryption algorithms=AES-128-CCM'
scenario session_setup.client_abort--encryption \
	'The client requires encryption, the server has it switched off.' \
	with SERVER='server smb encrypt = off' straight alice data --client-protection=encrypt
scenario session_setup.client_abort--encryption_smb2 \
	'The client requires encryption, the server stops at SMB 2.1.' \
	with SERVER='server max protocol = SMB2_10' straight alice data --client-protection=encrypt
scenario session_setup.binding_refused \
	'The server does not know multichannel, and refuses a second channel.' \
	with SERVER='server multi channel support = no' crafted bind_plainly
scenario session_setup.binding_refused--dialect \
	'A second channel has another dialect than the first one.' \
	with SERVER='server multi channel support = yes' crafted bind_other_dialect
scenario session_setup.binding_refused--client_guid \
	'A second channel has another client GUID than the first one.' \
	with SERVER='server multi channel support = yes' crafted bind_other_client
scenario session_setup.binding_refused--cipher \
	'A second channel has another cipher than the first one.' \
	with SERVER='server multi channel support = yes' crafted bind_other_cipher
scenario session_setup.binding_refused--unsigned \
	'The request for a second channel is not signed.' \
	with SERVER='server multi channel support = yes' crafted bind_unsigned
scenario session_setup.binding_refused--guest \
	'A second channel is asked for a session of a guest.' \
	with SERVER='server multi channel support = yes' SERVER='map to guest = bad user' crafted bind_guest
scenario session_setup.renewal_refused \
	'The client renews its logon with a wrong password, and asks for a share.' crafted renewal_refused
scenario session_setup.renewal_refused--overcome \
	'The client renews its logon with a wrong password, and logs on anew with the right one.' crafted renewal_overcome
scenario session_setup.spn_hardening \
	'The server refuses an NTLM logon whose target name is an alias that it does not own (status rewritten).' \
	with HOST=ALIAS1 tampered 'response SESSION_SETUP #2: status 0xc0000022'
scenario session_setup.spn_hardening--by_ip \
	'The server refuses an NTLM logon whose target name is another address than the one it is reached at, as behind address translation (status rewritten).' \
	with HOST=192.0.2.99 tampered 'response SESSION_SETUP #2: status 0xc0000022'
scenario session_setup.access_denied \
	'The server refuses the logon with STATUS_ACCESS_DENIED (rewritten); the client has used its right name.' \
	tampered 'response SESSION_SETUP #2: status 0xc0000022'
scenario session_setup.access_denied--by_ip \
	'The server refuses the logon with STATUS_ACCESS_DENIED (rewritten); the client has used the address of the server.' \
	with HOST=192.0.2.20 tampered 'response SESSION_SETUP #2: status 0xc0000022'
scenario session_setup.ntlm_by_ip 'The client uses the address of the server instead of its name.' \
	with HOST=192.0.2.30 straight alice data
scenario session_setup.credentials_info 'A logon that works: who logs on, with what, from where.' \
	straight bob data
scenario session_setup.identity_suspect \
	'The client sends a local account of its own computer; the server does not know it.' \
	straight 'CLIENT1/localadmin%secret' data
scenario session_setup.guest 'An unknown user is taken for a guest.' \
	with SERVER='map to guest = bad user' straight mallory%secret public
scenario session_setup.guest--wrong_password 'A known user with a wrong password is taken for a guest.' \
	with SERVER='map to guest = bad password' straight alice%wrong public
scenario session_setup.guest_vs_signing \
	'The client requires signing and is taken for a guest, who cannot sign.' \
	with SERVER='map to guest = bad user' \
	straight mallory%secret public --option='client signing=required'
scenario session_setup.guest_vs_signing--rst \
	'The client requires signing, is taken for a guest, and resets the connection, as Windows does.' \
	with SERVER='map to guest = bad user' crafted refuse_guest
scenario session_setup.guest_vs_signing--goes_on \
	'The client requires signing, is taken for a guest, and works unsigned all the same.' \
	with SERVER='map to guest = bad user' crafted guest_goes_on
scenario session_setup.guest_rejected \
	'The user is taken for a guest; the client accepts no guest logon, as Windows, and leaves with RST.' \
	with SERVER='map to guest = bad user' crafted reject_guest
scenario session_setup.anonymous 'An anonymous logon to a public share.' \
	with SERVER='map to guest = bad user' straight % public
scenario session_setup.final_unsigned \
	'The final SESSION_SETUP response of SMB 3.1.1 is not signed (signature taken off on the way); the client leaves.' \
	tampered_both 'response SESSION_SETUP #2: unsign'
scenario session_setup.final_unsigned--smb3_02 \
	'The final SESSION_SETUP response of SMB 3.0.2 is not signed (signature taken off on the way).' \
	tampered 'response SESSION_SETUP #2: unsign' -m SMB3_02
