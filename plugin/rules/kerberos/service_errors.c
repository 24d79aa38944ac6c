/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kerberos: errors about the service and its ticket, from a KDC or from the server. Codes: RFC 4120
 * 7.5.9; what Windows means by them: [MS-KILE] 3.3.5.
 */
#include "facts.h"
#include "../advice.h"

#define REFERENCE_TICKET                                                                           \
    "RFC 4120 3.2.3 Receipt of KRB_AP_REQ Message\n[MS-KILE] 3.4.5 Message Processing Events and " \
    "Sequencing Rules"

#define SERVICE_ERROR                                                                              \
    .severity = ERROR, .weighs = AS_NOTE | AS_WARNING, .events = KERBEROS_EVENTS,                  \
    .commands = KERBEROS_COMMANDS, .gate = has_kerberos_error, .match = match_kerberos_error

/* ---- kerberos.s_principal_unknown ---- */

static const char domains_name[] =
    "The client asked by the domain's own name (DFS namespace, SYSVOL), which no account need own: "
    "it then asks for a domain controller's name, or uses NTLM";
static const char domains_step[] =
    "Nothing to do where the client goes on\n"
    "Where NTLM is blocked, use a domain controller's or file server's own name";

static bool match_s_principal_unknown(const struct scene *scene, struct proof *proof)
{
    if (!match_kerberos_error(scene, proof))
        return false;
    if (proof->kdc && kdc_was_asked_for_domain(proof->kdc)) {
        proof_at_most(proof, NOTE);
        proof->cause = domains_name;
        proof->next_step = domains_step;
    }
    return true;
}

/* ---- codes that tell it all ---- */

static const struct rule rows[] = {
    {
        .id = "kerberos.s_principal_unknown",
        .severity = ERROR,
        .weighs = AS_NOTE | AS_WARNING,
        .confidence = CERTAIN,
        .events = KERBEROS_EVENTS,
        .commands = KERBEROS_COMMANDS,
        .gate = has_kerberos_error,
        .match = match_s_principal_unknown,
        .data = (const int[]){KDC_ERR_S_PRINCIPAL_UNKNOWN, KDC_ERR_NONE},
        .summary = "The KDC knows no account for the service name that the client asked for",
        .headline = "No account has {=Ticket asked for}",
        .cause =
            "{?BY ADDRESS}The server is addressed by its address, which has no service "
            "principal name unless it was given one\n"
            "{?AZURE FILES}The storage account is not joined to the domain that was asked\n"
            "{!AZURE FILES}{!BY ADDRESS}{!OWN NAME}The server is addressed by an alias (DNS "
            "CNAME, hosts file) that has no service principal name\n"
            "The service principal name is missing or was removed from the server's account\n"
            "{!BY ADDRESS}The name belongs to another realm than the one that the client asked",
        .next_step =
            "{?BY ADDRESS}Use the server's full name instead of its address\n"
            "{!BY ADDRESS}Search the name as the client asked for it: setspn -Q {cifs/NAME} and "
            "setspn -Q host/{NAME}\n" CHECK_AZURE_FILES "\n"
            "{!AZURE FILES}{!BY ADDRESS}{!OWN NAME}For an alias of a Windows server: netdom "
            "computername {COMPUTER} /add:{ALIAS.DOMAIN} (adds the names), or setspn -S "
            "HOST/{ALIAS} {COMPUTER}\n"
            "{!AZURE FILES}{!BY ADDRESS}For Samba: net ads setspn add {COMPUTER} {cifs/NAME}, "
            "then net ads keytab create\n"
            "Then try it from the client: klist get {cifs/NAME}",
        .reference = "RFC 4120 3.3.3 Generation of KRB_TGS_REP Message\n"
                     "[MS-KILE] 3.3.5.1.1 Server Principal Lookup",
    },

    {
        .id = "kerberos.principal_not_unique",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KDC_ERR_PRINCIPAL_NOT_UNIQUE, KDC_ERR_NONE},
        .summary = "Several accounts own the service name that the client asked for",
        .headline = "Several accounts have {=Ticket asked for}",
        .cause = "The same service principal name is registered on two accounts, so the KDC "
                 "cannot choose a key",
        .next_step = "List duplicates: setspn -X (add -F for the whole forest)\n"
                     "Remove the name from the wrong account: setspn -D {cifs/NAME} ACCOUNT",
        .reference = REFERENCE_KERBEROS_ERRORS,
    },

    {
        .id = "kerberos.badoption",
        .severity = NOTE,
        .confidence = CERTAIN,
        .events = KERBEROS_EVENTS,
        .commands = KERBEROS_COMMANDS,
        .gate = has_kerberos_error,
        .match = match_kerberos_error,
        .data = (const int[]){KDC_ERR_BADOPTION, KDC_ERR_NONE},
        .summary = "The KDC cannot grant an option of the ticket request",
        .headline = "The KDC cannot grant an option asked for with {=Ticket asked for}",
        .cause = "Often harmless: a renewal or a delegation was asked for that this ticket or "
                 "account does not allow\n"
                 "Constrained delegation is not set up for this service",
        .next_step = "Look whether the same ticket is granted right after without the option\n"
                     "For delegation: Get-ADComputer {HOST} -Properties msDS-AllowedToDelegateTo",
        .reference = REFERENCE_KERBEROS_ERRORS,
    },

    {
        .id = "kerberos.service_revoked",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KDC_ERR_SERVICE_REVOKED, KDC_ERR_NONE},
        .summary = "The account of the server or service is disabled",
        .headline = "The account behind {=Ticket asked for} is disabled",
        .cause = "The computer or service account that owns the service name is disabled, expired "
                 "or locked",
        .next_step = "Find the account: setspn -Q {cifs/NAME}\n"
                     "Get-ADComputer {HOST} -Properties Enabled,LockedOut (Get-ADUser for a "
                     "service account)\n"
                     "Enable it: Enable-ADAccount -Identity '{HOST}$'",
        .reference = REFERENCE_KERBEROS_ERRORS,
    },

    {
        .id = "kerberos.tgt_revoked",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KDC_ERR_TGT_REVOKED, KDC_ERR_NONE},
        .summary = "The KDC no longer accepts the client's ticket-granting ticket",
        .headline = "KDC {=KDC} no longer accepts the ticket-granting ticket of {client}",
        .cause = "The account was changed, disabled or deleted after the ticket was issued\n"
                 "The ticket came from a domain controller that lacks current updates (PAC "
                 "requestor check)\n"
                 "The krbtgt password was changed twice",
        .next_step = "On the client: klist purge, then log on again\n"
                     "Bring all domain controllers to the same update level",
        .reference = REFERENCE_KERBEROS_ERRORS,
    },

    {
        .id = "kerberos.must_use_u2u",
        SERVICE_ERROR,
        .confidence = LIKELY,
        .data = (const int[]){KDC_ERR_MUST_USE_USER2USER, KDC_ERR_NONE},
        .summary = "The KDC grants only user-to-user tickets for the account that was asked for",
        .headline = "Only user-to-user tickets for {=Ticket asked for}",
        .cause = "The service runs under a user account that has no service principal name of "
                 "this kind\n"
                 "The client asked for the user's name instead of a service name",
        .next_step = "Register the service name on the account that runs the service: setspn -S "
                     "{cifs/NAME} ACCOUNT",
        .reference = REFERENCE_KERBEROS_ERRORS,
    },

    {
        .id = "kerberos.ap_bad_integrity",
        SERVICE_ERROR,
        .confidence = LIKELY,
        .data = (const int[]){KRB_AP_ERR_BAD_INTEGRITY, KDC_ERR_NONE},
        .summary = "The ticket or authenticator failed its integrity check",
        .headline = "Integrity check failed: {=Ticket presented}|Integrity check failed: {=Ticket "
                    "asked for}",
        .cause = "{!KDC}The server's key differs from the one that the KDC used: password or key "
                 "table out of step\n"
                 "{!KDC}The service name is registered on another account\n"
                 "{?KDC}The client's ticket-granting ticket was made with another key than this "
                 "KDC has: krbtgt or trust password out of step\n"
                 "The message was altered on the way",
        .next_step = "On the client: klist purge, and try again\n"
                     "{!KDC}setspn -Q {cifs/NAME}: is it on the account of this server only?\n"
                     "{!KDC}On the server: Test-ComputerSecureChannel, or net ads testjoin on "
                     "Samba\n"
                     "{?KDC}Does another domain controller take it? nltest /dsgetdc:{DOMAIN} "
                     "/force; repadmin /showrepl on them",
        .reference = REFERENCE_TICKET,
    },

    {
        .id = "kerberos.tkt_expired",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KRB_AP_ERR_TKT_EXPIRED, KDC_ERR_NONE},
        .summary = "The client's Kerberos ticket has expired",
        .headline = "Ticket expired: {=Ticket presented}|Ticket expired: {=Ticket asked for}",
        .cause = "The ticket's lifetime is over and was not renewed\n"
                 "{!KDC}The clock of the server is ahead\n"
                 "{?KDC}The clock of the KDC is ahead",
        .next_step = "On the client: klist, then klist purge, or kinit anew\n"
                     "{?KDC}Compare the clocks, on the client: w32tm /stripchart /computer:{KDC} "
                     "/samples:3 /dataonly; on Linux chronyc tracking\n"
                     "{!KDC}Compare the clocks, on the client: w32tm /stripchart "
                     "/computer:{SERVER} /samples:3 /dataonly; on Linux chronyc tracking",
        .reference = REFERENCE_TICKET,
    },

    {
        .id = "kerberos.tkt_not_yet_valid",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KRB_AP_ERR_TKT_NYV, KDC_ERR_NONE},
        .summary = "The client's Kerberos ticket is not valid yet",
        .headline =
            "Ticket not valid yet: {=Ticket presented}|Ticket not valid yet: {=Ticket asked for}",
        .cause = "{!KDC}The clock of the server is behind that of the KDC\n"
                 "{?KDC}The clock of this KDC is behind that of the one that made the ticket\n"
                 "The ticket is postdated",
        .next_step = "{?KDC}Compare the clocks, on the client: w32tm /stripchart /computer:{KDC} "
                     "/samples:3 /dataonly; on Linux chronyc tracking\n"
                     "{!KDC}Compare the clocks, on the client: w32tm /stripchart "
                     "/computer:{SERVER} /samples:3 /dataonly; on Linux chronyc tracking\n"
                     "Synchronise the one that is behind: w32tm /resync, or chronyc makestep",
        .reference = REFERENCE_TICKET,
    },

    {
        .id = "kerberos.ap_repeat",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KRB_AP_ERR_REPEAT, KDC_ERR_NONE},
        .summary = "The server takes the ticket's authenticator for a replay",
        .headline = "{server} takes the authenticator for a replay: {=Ticket presented}",
        .cause = "The same request reached the server twice: duplicated packets, a retry by a "
                 "middlebox\n"
                 "Two machines share a clock and an identity, such as clones",
        .next_step = "Look for duplicates of the SESSION_SETUP request in a capture on the "
                     "server\n"
                     "Check for cloned machines with the same name",
        .reference = REFERENCE_TICKET,
    },

    {
        .id = "kerberos.ap_not_us",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KRB_AP_ERR_NOT_US, KDC_ERR_NONE},
        .summary = "The server says that the ticket is for another service",
        .headline = "{server} says that {=Ticket presented} is another service",
        .cause = "The name leads to another server than the one that owns the service name\n"
                 "The server does not know the name that it was addressed by",
        .next_step =
            "Compare the ticket's service name with the server's names: setspn -L {COMPUTER}\n"
            "Check where the name leads: Resolve-DnsName {NAME}",
        .reference = REFERENCE_TICKET,
    },

    {
        .id = "kerberos.ap_badmatch",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KRB_AP_ERR_BADMATCH, KDC_ERR_NONE},
        .summary = "Ticket and authenticator do not belong together",
        .headline = "Ticket and authenticator do not belong together: {=Ticket presented}",
        .cause = "The client mixed up tickets, or its account was renamed while the ticket was in "
                 "the cache",
        .next_step = "On the client: klist purge, log on again, and try once more",
        .reference = REFERENCE_TICKET,
    },

    {
        .id = "kerberos.ap_badaddr",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KRB_AP_ERR_BADADDR, KDC_ERR_NONE},
        .summary = "The ticket is bound to another client address",
        .headline =
            "The ticket {=Ticket presented} is bound to another client address than {client}",
        .cause = "Address translation (NAT) or a second network interface between client and "
                 "server\n"
                 "The client asks for tickets with addresses",
        .next_step = "On an MIT or Heimdal client: noaddresses = true in krb5.conf, then kinit "
                     "anew\n"
                     "Compare the client's address in a capture on the client and on the server",
        .reference = REFERENCE_TICKET,
    },

    {
        .id = "kerberos.ap_modified",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KRB_AP_ERR_MODIFIED, KDC_ERR_NONE},
        .summary = "The server cannot decrypt the ticket: it was made with another account's key",
        .headline = "{server} cannot decrypt the ticket {=Ticket presented}",
        .cause = "The service name is registered on another account, or on two\n"
                 "The name (alias, DNS) leads to another server than the account that owns it\n"
                 "The server's password or key table is out of step with the domain",
        .next_step =
            "On the client: klist purge, and try again\n"
            "setspn -Q {cifs/NAME} and setspn -X: exactly one account, that of this server?\n"
            "Check where the name leads: Resolve-DnsName {NAME}\n"
            "On the server: Test-ComputerSecureChannel, then Reset-ComputerMachinePassword; on "
            "Samba net ads testjoin, then net ads keytab create",
        .reference = REFERENCE_TICKET,
    },

    {
        .id = "kerberos.ap_badkeyver",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KRB_AP_ERR_BADKEYVER, KDC_ERR_NONE},
        .summary = "The server lacks the key version that the ticket was made with",
        .headline = "{server} lacks the key version of {=Ticket presented}",
        .cause = "The account's password was changed; the server's key table was not updated\n"
                 "The client still holds a ticket made with the old key",
        .next_step = "On the client: klist purge, and try again\n"
                     "On Samba or a storage device: klist -k, then net ads keytab create or "
                     "re-join\n"
                     "So that it does not come back (Samba 4.21 and later): sync machine password "
                     "to keytab in smb.conf",
        .reference = REFERENCE_TICKET,
    },

    {
        .id = "kerberos.ap_nokey",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KRB_AP_ERR_NOKEY, KDC_ERR_NONE},
        .summary = "The server has no key for the service name in the ticket",
        .headline = "{server} has no key for {=Ticket presented}",
        .cause = "The key table lacks this service name (alias, short or long name)\n"
                 "The server is not joined to the ticket's realm",
        .next_step = "On the server: klist -k shows the names that it has keys for\n"
                     "Samba up to 4.20: net ads keytab add cifs\n"
                     "Samba 4.21 and later, which lack that command: sync machine password to "
                     "keytab in smb.conf, then net ads keytab create\n"
                     "Check dedicated keytab file and kerberos method in smb.conf",
        .reference = REFERENCE_TICKET,
    },

    {
        .id = "kerberos.wrong_realm",
        SERVICE_ERROR,
        .confidence = LIKELY,
        .data = (const int[]){KDC_ERR_WRONG_REALM, KDC_ERR_NONE},
        .summary = "The KDC says that the name belongs to another realm, and the client did not "
                   "follow",
        .headline = "{=Ticket asked for} belongs to another realm, says KDC {=KDC}",
        .cause = "The client's realm mapping is wrong for this server or user\n"
                 "The client cannot reach a KDC of the realm that it was sent to",
        .next_step = "Check [domain_realm] in krb5.conf, or the trust's name suffix routing\n"
                     "nltest /dsgetdc:OTHER_DOMAIN",
        .reference = "RFC 6806 8 Server Referrals\n" REFERENCE_KERBEROS_ERRORS,
    },

    {
        .id = "kerberos.no_tgt",
        SERVICE_ERROR,
        .confidence = LIKELY,
        .data = (const int[]){KRB_AP_ERR_NO_TGT, KDC_ERR_NONE},
        .summary = "User-to-user authentication failed: the server has no ticket-granting ticket",
        .headline = "{server} has no ticket-granting ticket for user-to-user authentication",
        .cause = "The service has no service principal name, so that only user-to-user tickets "
                 "work\n"
                 "Nobody is logged on to the domain on the server side",
        .next_step = "Register the service name: setspn -S {cifs/NAME} ACCOUNT",
        .reference = REFERENCE_KERBEROS_ERRORS,
    },

    {
        .id = "kerberos.u2u_required",
        SERVICE_ERROR,
        .confidence = LIKELY,
        .data = (const int[]){KRB_AP_ERR_USER_TO_USER_REQUIRED, KDC_ERR_NONE},
        .summary = "The server takes user-to-user tickets only",
        .headline = "{server} takes user-to-user tickets only",
        .cause = "The service runs under a user's account without a service principal name",
        .next_step = "Register the service name: setspn -S {cifs/NAME} ACCOUNT",
        .reference = REFERENCE_KERBEROS_ERRORS,
    },

    {
        .id = "kerberos.iakerb_kdc",
        SERVICE_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KRB_AP_ERR_IAKERB_KDC_NOT_FOUND, KRB_AP_ERR_IAKERB_KDC_NO_RESPONSE,
                              KDC_ERR_NONE},
        .summary = "The server was to pass Kerberos on (IAKERB) and found no KDC",
        .headline = "{server} found no KDC to pass Kerberos on to",
        .cause = "The server cannot find or reach a KDC of the realm that the client asked for",
        .next_step = "On the server: nltest /dsgetdc:{DOMAIN}, and test port 88 to the KDC",
        .reference = REFERENCE_KERBEROS_ERRORS,
    },

    {0},
};

const struct rule_list kerberos_service_error_rules = {.rows = rows};
