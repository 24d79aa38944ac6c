/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: what hinders the server, its domain or the security package from judging the
 * account ([MS-ERREF] 2.1.1, 2.3.1).
 */
#include "facts.h"

#define NOT_JUDGED                                                                                 \
    .severity = ERROR, .weighs = AS_NOTE | AS_WARNING, .confidence = CERTAIN,                      \
    .events = ON_RESPONSE, .commands = FOR_SESSION_SETUP, .match = match_refused_logon

static const struct rule rows[] = {
    {
        .id = "session_setup.no_domain_controller",
        NOT_JUDGED,
        .statuses = (const uint32_t[]){STATUS_NO_LOGON_SERVERS, STATUS_DOMAIN_CONTROLLER_NOT_FOUND,
                                       STATUS_NO_SUCH_DOMAIN, STATUS_NETLOGON_NOT_STARTED,
                                       STATUS_NETWORK_UNREACHABLE, STATUS_BAD_NETWORK_PATH,
                                       SEC_E_NO_AUTHENTICATING_AUTHORITY, 0},
        .summary = "The server found no domain controller to check the logon with",
        .headline =
            "{server} found no domain controller for {user}|{server} found no domain controller",
        .cause =
            "{?STATUS_NETLOGON_NOT_STARTED}The Netlogon service of the server does not run\n"
            "{?STATUS_NO_SUCH_DOMAIN}The domain sent by the client does not exist for this "
            "server\n"
            "The server cannot reach a domain controller: network, firewall, controller "
            "down\n"
            "The server's DNS does not find the domain's controllers\n"
            "{!STATUS_NETLOGON_NOT_STARTED}The Netlogon service (Samba: winbind) of the server "
            "does not run\n"
            "A filer or Samba without updates, whose Netlogon the controllers refuse since "
            "July 2023 (CVE-2022-38023) or July 2025 (CVE-2025-49716): NTLM fails, Kerberos "
            "works",
        .next_step = "On the server: nltest /dsgetdc:{DOMAIN} and nltest /sc_query:{DOMAIN}\n"
                     "On Samba: wbinfo -p, wbinfo -t, net ads info\n"
                     "On the server: Resolve-DnsName _ldap._tcp.dc._msdcs.{DOMAIN} -Type SRV\n"
                     "On the domain controllers, System log: Netlogon events 5838 to 5841 name "
                     "servers without sealing; update those (Samba: 4.22.3 or later)\n"
                     "Capture the server's own traffic to DNS and to the domain controllers",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.trust_broken",
        NOT_JUDGED,
        .statuses =
            (const uint32_t[]){STATUS_NO_TRUST_LSA_SECRET, STATUS_NO_TRUST_SAM_ACCOUNT,
                               STATUS_TRUSTED_DOMAIN_FAILURE, STATUS_TRUSTED_RELATIONSHIP_FAILURE,
                               STATUS_TRUST_FAILURE, STATUS_DOMAIN_TRUST_INCONSISTENT, 0},
        .summary = "The server's trust with its domain, or between domains, is broken",
        .headline = "The trust of {server} with its domain, or between domains, is broken",
        .cause = "The server's computer account was deleted, reset or restored from an old "
                 "backup\n"
                 "The password of the server's computer account is out of step with the domain\n"
                 "The trust between the user's domain and the server's domain does not work",
        .next_step = "On the server: Test-ComputerSecureChannel, then Test-ComputerSecureChannel "
                     "-Repair -Credential {DOMAIN\\}\\ADMIN\n"
                     "On Samba: net ads testjoin, then net ads join -U ADMIN\n"
                     "Between domains: netdom trust TRUSTING /domain:TRUSTED /verify, nltest "
                     "/sc_verify:{DOMAIN}",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.trust_account_logon",
        NOT_JUDGED,
        .statuses = (const uint32_t[]){STATUS_NOLOGON_INTERDOMAIN_TRUST_ACCOUNT,
                                       STATUS_NOLOGON_WORKSTATION_TRUST_ACCOUNT,
                                       STATUS_NOLOGON_SERVER_TRUST_ACCOUNT, 0},
        .summary = "The logon uses a computer or trust account where the server wants a user "
                   "account",
        .headline = "{user}: a computer or trust account where a user is wanted",
        .cause = "A service that runs as LocalSystem or NetworkService logs on with the "
                 "computer's account\n"
                 "The account was created as a computer or trust account by mistake",
        .next_step = "Check the user in the evidence: a name that ends in $ is a computer "
                     "account\n"
                     "Run the service or task with a user or service account, or grant the "
                     "computer account access",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.clock_skew",
        NOT_JUDGED,
        .statuses = (const uint32_t[]){STATUS_TIME_DIFFERENCE_AT_DC, SEC_E_TIME_SKEW, 0},
        .summary = "The clocks of the computers involved differ too much for the logon",
        .headline = "Clocks differ too much for the logon to {server}",
        .cause = "The server's clock and the domain controller's clock differ by more than the "
                 "domain allows (five minutes by default)\n"
                 "The client's clock is wrong",
        .next_step = "Compare the clocks: w32tm /stripchart /computer:DC /samples:3 on client and "
                     "server\n"
                     "Windows: w32tm /query /status, then w32tm /resync\n"
                     "Linux: chronyc tracking, then chronyc makestep",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.auth_firewall",
        NOT_JUDGED,
        .statuses = (const uint32_t[]){STATUS_AUTHENTICATION_FIREWALL_FAILED, 0},
        .summary = "Selective authentication of a trust keeps the user off this server",
        .headline = "{user}: kept off {server} by selective authentication",
        .cause = "The user comes over a trust with selective authentication and has no \"Allowed "
                 "to authenticate\" on the server's computer object",
        .next_step = "Give the user or a group \"Allowed to authenticate\" on the server's object "
                     "in Active Directory Users and Computers\n"
                     "Look at the trust: Get-ADTrust -Filter * | fl Name,SelectiveAuthentication",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.ntlm_blocked",
        NOT_JUDGED,
        .statuses = (const uint32_t[]){STATUS_NTLM_BLOCKED, 0},
        .summary = "A policy of the server or of its domain blocks NTLM",
        .headline = "{user}: NTLM is blocked by a policy",
        .cause = "\"Network security: Restrict NTLM\" on the server or on the domain controllers "
                 "refuses this logon\n"
                 "{?BY ADDRESS}The client should have used Kerberos, but addressed the server by "
                 "IP address\n"
                 "{!BY ADDRESS}The client should have used Kerberos, but the name used has no "
                 "service principal name, or the client reached no KDC",
        .next_step = "{?BY ADDRESS}Use the server's full name instead of {BY ADDRESS}\n"
                     "{!BY ADDRESS}Has the name used a service principal name? setspn -Q "
                     "{cifs/NAME}; on the client klist get {cifs/NAME}\n"
                     "On the server: events of Applications and Services Logs, Microsoft, Windows, "
                     "NTLM, Operational\n"
                     "Only if NTLM must stay: add the server to the exceptions of Restrict NTLM",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.downgrade_detected",
        NOT_JUDGED,
        .statuses = (const uint32_t[]){STATUS_DOWNGRADE_DETECTED, SEC_E_DOWNGRADE_DETECTED, 0},
        .summary = "The security package saw an attempt to force a weaker authentication",
        .headline = "{server} saw an attempt to force a weaker authentication",
        .cause = "Kerberos should have worked and did not: domain controller out of reach, "
                 "service name missing or on the wrong account\n"
                 "Somebody between the computers interferes with Kerberos",
        .next_step =
            "Look at the Kerberos traffic on port 88 before this logon\n"
            "klist get {cifs/NAME} on the client, setspn -Q {cifs/NAME}\n"
            "Check that client and server reach a domain controller: nltest /dsgetdc:{DOMAIN}",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.smartcard_pkinit",
        NOT_JUDGED,
        .statuses =
            (const uint32_t[]){STATUS_SMARTCARD_LOGON_REQUIRED, STATUS_PKINIT_NAME_MISMATCH,
                               STATUS_PKINIT_FAILURE, STATUS_PKINIT_CLIENT_FAILURE,
                               STATUS_SMARTCARD_SUBSYSTEM_FAILURE, STATUS_SMARTCARD_WRONG_PIN,
                               STATUS_SMARTCARD_CARD_BLOCKED,
                               STATUS_SMARTCARD_CARD_NOT_AUTHENTICATED, STATUS_SMARTCARD_NO_CARD,
                               STATUS_SMARTCARD_NO_KEY_CONTAINER, STATUS_SMARTCARD_NO_CERTIFICATE,
                               STATUS_SMARTCARD_NO_KEYSET, STATUS_SMARTCARD_IO_ERROR,
                               STATUS_SMARTCARD_CERT_REVOKED, STATUS_ISSUING_CA_UNTRUSTED,
                               STATUS_REVOCATION_OFFLINE_C, STATUS_SMARTCARD_CERT_EXPIRED, 0},
        .summary = "The logon by smart card or certificate failed, or is required and was not used",
        .headline =
            "{user}: smart card or certificate: {status}|Smart card or certificate: {status}",
        .cause = "{?STATUS_SMARTCARD_LOGON_REQUIRED}The account requires a smart card, and a "
                 "password was used\n"
                 "{?STATUS_REVOCATION_OFFLINE_C}The revocation list cannot be reached\n"
                 "{?STATUS_PKINIT_NAME_MISMATCH}The certificate's name does not map to the "
                 "account\n"
                 "{!STATUS_SMARTCARD_LOGON_REQUIRED}The certificate of the user or of the domain "
                 "controller is expired, revoked or not trusted",
        .next_step = "{?STATUS_SMARTCARD_LOGON_REQUIRED}Get-ADUser {USER} -Properties "
                     "SmartcardLogonRequired\n"
                     "{!STATUS_SMARTCARD_LOGON_REQUIRED}certutil -scinfo on the client; certutil "
                     "-verify -urlfetch CERTIFICATE\n"
                     "On the domain controller: events 19, 21, 29 and 39 of "
                     "Kerberos-Key-Distribution-Center",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.sspi_error",
        NOT_JUDGED,
        .statuses =
            (const uint32_t[]){SEC_E_INVALID_TOKEN, SEC_E_NO_CREDENTIALS,
                               SEC_E_UNSUPPORTED_FUNCTION, SEC_E_WRONG_PRINCIPAL,
                               SEC_E_LOGON_DENIED, SEC_E_BAD_BINDINGS, SEC_E_KDC_UNKNOWN_ETYPE,
                               SEC_E_MESSAGE_ALTERED, SEC_E_SECPKG_NOT_FOUND, SEC_E_NOT_OWNER,
                               STATUS_BAD_BINDINGS, 0},
        .summary = "The server's security package failed with an error of its own",
        .headline = "{server}: the security package failed: {status}",
        .cause = "{?SEC_E_INVALID_TOKEN|SEC_E_UNSUPPORTED_FUNCTION}The token is of a mechanism or "
                 "form that the server does not take\n"
                 "{?SEC_E_WRONG_PRINCIPAL|SEC_E_MESSAGE_ALTERED}The ticket is for another account "
                 "than the server's; the service name is on the wrong or on two accounts\n"
                 "{?SEC_E_BAD_BINDINGS|STATUS_BAD_BINDINGS}The server requires channel binding "
                 "(extended protection), and the client's does not fit\n"
                 "{?SEC_E_KDC_UNKNOWN_ETYPE}Client, server and KDC have no common Kerberos "
                 "encryption type\n"
                 "{?SEC_E_NO_CREDENTIALS}Client and server are clones with equal SIDs (Windows 11 "
                 "24H2, Server 2025 and later with the updates since August 2025 refuse them)\n"
                 "A fault of the server's security package: its log names it",
        .next_step =
            "{!NTLM}On the client: klist purge, and try again\n"
            "{!NTLM}{!STATUS_BAD_BINDINGS|SEC_E_BAD_BINDINGS|SEC_E_NO_CREDENTIALS}setspn -Q "
            "{cifs/NAME} "
            "and setspn -X: is the name on the server's account only?\n"
            "{?SEC_E_NO_CREDENTIALS}On the server, System log: event 6167 of LsaSrv tells of "
            "clones; rebuild them from an image that Sysprep prepared\n"
            "On a Windows server: event 4625 in the Security log; the System log, source LSA or "
            "Kerberos",
        .reference = REFERENCE_LOGON "\n[MS-ERREF] 2.1.1 HRESULT Values",
    },

    {0},
};

const struct rule_list session_setup_domain_rules = {.rows = rows};
