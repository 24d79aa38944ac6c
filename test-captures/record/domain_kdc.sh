# One capture per KDC error code and per Kerberos error of the file server, where a
# Samba KDC or file server does not send it by itself: kdc_proxy.py and
# kdc_ap_proxy.py put the error in the place of the real answer.

# kdc_answers REQUEST ERROR [KERBEROS]: to a client that by default insists on Kerberos
kdc_answers() {
	kdc_rules "$1: error $2"
	connect "${3:-required}" "$FILES_NAME" alice
}

# kdc_error REQUEST CODE RULE-ID SENTENCE
kdc_error() {
	domain_scenario "$3" "$4 The KDC answers error ${2%% *}; the client insists on Kerberos and gives up after NEGOTIATE." \
		kdc_answers "$1" "$2"
}

kdc_error tgs 8 kerberos.principal_not_unique 'Two accounts own the service name.'
kdc_error as-preauth 12 kerberos.policy 'An authentication policy forbids the logon.'
kdc_error tgs 12 kerberos.policy--tgs 'A policy forbids a ticket for this service.'
kdc_error tgs 13 kerberos.badoption 'The KDC cannot give a ticket with the options asked for.'
kdc_error tgs 19 kerberos.service_revoked 'The account of the file server is disabled.'
kdc_error tgs 20 kerberos.tgt_revoked 'The ticket-granting ticket is no longer valid.'
kdc_error tgs 27 kerberos.must_use_u2u 'The service runs under an account without a service name.'
kdc_error as 29 kerberos.svc_unavailable 'The KDC cannot do its work at the moment.'
kdc_error tgs 31 kerberos.ap_bad_integrity--kdc 'The KDC cannot decrypt the ticket or the authenticator.'
kdc_error tgs 32 kerberos.tkt_expired 'The ticket-granting ticket has expired.'
kdc_error tgs 33 kerberos.tkt_not_yet_valid 'The ticket-granting ticket is not valid yet.'
kdc_error tgs 48 kerberos.error_after_preauth 'An error that has no rule of its own (KDC_ERR_PATH_NOT_ACCEPTED) after pre-authentication.'
kdc_error tgs '60 0xc00000bb' kerberos.generic 'The KDC gives a generic error whose e-data carries STATUS_NOT_SUPPORTED.'
kdc_error as-preauth 62 kerberos.pkinit 'The KDC does not trust the certificate of the client.'
kdc_error as-preauth 66 kerberos.pkinit--certificate_mismatch 'The certificate does not belong to the account.'
kdc_error tgs 67 kerberos.no_tgt 'User-to-user authentication was asked for, but no ticket-granting ticket was supplied.'
kdc_error as 68 kerberos.wrong_realm 'The KDC is not responsible for the realm of the user.'
kdc_error tgs 69 kerberos.u2u_required 'The service accepts user-to-user authentication only.'
kdc_error as-preauth 91 kerberos.more_preauth 'The KDC wants more pre-authentication data.'

# The server's own answers to a ticket, inside SESSION_SETUP
server_answers() {
	smb_rules "response SESSION_SETUP #1: krb-error $1"
	connect required "$FILES_NAME" alice
}

# ap_error CODE RULE-ID SENTENCE
ap_error() {
	domain_scenario "$2" "$3 The file server answers the ticket with KRB-ERROR $1 inside SESSION_SETUP and STATUS_LOGON_FAILURE." \
		server_answers "$1"
}

ap_error 31 kerberos.ap_bad_integrity 'The ticket or its authenticator does not decrypt to what it should.'
ap_error 32 kerberos.tkt_expired--ap 'The service ticket has expired.'
ap_error 33 kerberos.tkt_not_yet_valid--ap 'The service ticket is not valid yet.'
ap_error 34 kerberos.ap_repeat 'The file server has seen this authenticator before.'
ap_error 35 kerberos.ap_not_us 'The ticket is for another service.'
ap_error 36 kerberos.ap_badmatch 'Ticket and authenticator do not belong together.'
ap_error 37 kerberos.skew--server-clock "The file server finds the client's clock too far off."
ap_error 38 kerberos.ap_badaddr 'The ticket is bound to other addresses than the one that it comes from.'
ap_error 41 kerberos.ap_modified 'The file server cannot decrypt the ticket: it was made for the key of another account.'
ap_error 44 kerberos.ap_badkeyver 'The keytab of the file server lacks this version of the key.'
ap_error 45 kerberos.ap_nokey 'The keytab of the file server lacks the key of this service.'
ap_error 60 kerberos.generic--ap 'The file server gives a generic Kerberos error.'
ap_error 85 kerberos.iakerb_kdc 'The file server should have passed the Kerberos exchange on (IAKERB) and found no KDC.'
ap_error 86 kerberos.iakerb_kdc--no_response 'The file server passed the Kerberos exchange on (IAKERB) and the KDC did not answer.'
ap_error 40 session_setup.krb_error 'An error that has no rule of its own (KRB_AP_ERR_MSG_TYPE).'

more_processing() {
	smb_rules 'response SESSION_SETUP #1: krb-error 41 0xC0000016'
	connect required "$FILES_NAME" alice
}
domain_scenario kerberos.ap_modified--more_processing \
	'The file server cannot decrypt the ticket and says so with KRB-ERROR 41 and STATUS_MORE_PROCESSING_REQUIRED; the client closes the connection.' \
	more_processing
