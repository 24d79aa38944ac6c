/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kerberos, part one: errors about the service and its ticket. Codes: RFC 4120 7.5.9; what Windows means by
 * them: [MS-KILE] 3.3.5.
 */
#include "rules_kerberos.h"

#define TICKET_ERROR                                                                               \
    .group = SECURITY, .events = KERBEROS_EVENTS, .command = ANY_COMMAND,                          \
    .match = match_kerberos_error

#define REFERENCE_ERRORS "RFC 4120 7.5.9 Error Codes"
#define REFERENCE_TICKET                                                                           \
    "RFC 4120 3.2.3 Receipt of KRB_AP_REQ Message\n[MS-KILE] 3.4.5 Message Processing Events and " \
    "Sequencing Rules"

/* ---- kerberos.s_principal_unknown ---- */

static const struct rule s_principal_unknown = {
    .id = "kerberos.s_principal_unknown",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){7, 0},
    .summary = "The KDC knows no account for the service name that the client asked for",
    .cause = "The server is addressed by an alias (DNS CNAME, hosts file) that has no service principal "
             "name\n"
             "The service principal name is missing or was removed from the server's account\n"
             "The name is an IP address, or belongs to another realm than the client asked",
    .next_step = "Search the name as the client asked for it: setspn -Q cifs/NAME and setspn -Q host/NAME\n"
                 "For an alias of a Windows server: netdom computername SERVER /add:ALIAS.DOMAIN (adds "
                 "the names), or setspn -S HOST/ALIAS SERVER\n"
                 "For Samba: net ads setspn add SERVER cifs/ALIAS, then net ads keytab create\n"
                 "Try it from the client: klist get cifs/NAME",
    .reference = "RFC 4120 3.3.3 Generation of KRB_TGS_REP Message\n[MS-KILE] 3.3.5.1.1 Server Principal Lookup",
};

/* ---- kerberos.principal_not_unique ---- */

static const struct rule principal_not_unique = {
    .id = "kerberos.principal_not_unique",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){8, 0},
    .summary = "Several accounts own the service name that the client asked for",
    .cause = "The same service principal name is registered on two accounts, so the KDC cannot choose a "
             "key",
    .next_step = "List duplicates: setspn -X (add -F for the whole forest)\n"
                 "Remove the name from the wrong account: setspn -D cifs/NAME ACCOUNT",
    .reference = REFERENCE_ERRORS,
};

/* ---- kerberos.etype_nosupp ---- */

static const struct rule etype_nosupp = {
    .id = "kerberos.etype_nosupp",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){14, 0},
    .summary = "Client, KDC and account share no Kerberos encryption type",
    .cause = "The account has keys of old types only (RC4), and the domain no longer allows these\n"
             "The account's msDS-SupportedEncryptionTypes excludes what the KDC or the client allows\n"
             "A storage device or Samba server joined long ago has an outdated key table",
    .next_step = "Get-ADComputer SERVER -Properties msDS-SupportedEncryptionTypes (Get-ADUser for a "
                 "service account)\n"
                 "Change the account's password so that it gets AES keys; re-join the storage device "
                 "to the domain\n"
                 "Compare with the policy \"Network security: Configure encryption types allowed for "
                 "Kerberos\" on KDC and client",
    .reference = "[MS-KILE] 3.3.5.6 AS Exchange\n" REFERENCE_ERRORS,
};

/* ---- kerberos.policy ---- */

static const struct rule policy = {
    .id = "kerberos.policy",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = LIKELY,
    .kerberos_errors = (const int[]){12, 0},
    .summary = "A policy of the KDC refuses the ticket",
    .cause = "An authentication policy or silo restricts the account or the server\n"
             "Logon hours or workstation restrictions of the account\n"
             "A read-only domain controller that may not serve this account",
    .next_step = "Get-ADUser USER -Properties AuthenticationPolicy,AuthenticationPolicySilo,LogonHours,"
                 "LogonWorkstations\n"
                 "On the domain controller: events 4768, 4769 and 4821 of the Security log",
    .reference = "[MS-KILE] 3.3.5.5 Determining Authentication Policy Settings\n" REFERENCE_ERRORS,
};

/* ---- kerberos.badoption ---- */

static const struct rule badoption = {
    .id = "kerberos.badoption",
    TICKET_ERROR,
    .severity = NOTE,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){13, 0},
    .summary = "The KDC cannot grant an option of the ticket request",
    .cause = "Often harmless: a renewal or a delegation was asked for that this ticket or account does "
             "not allow\n"
             "Constrained delegation is not set up for this service",
    .next_step = "Look whether the same ticket is granted right after without the option\n"
                 "For delegation: Get-ADComputer SERVER -Properties msDS-AllowedToDelegateTo",
    .reference = REFERENCE_ERRORS,
};

/* ---- kerberos.service_revoked ---- */

static const struct rule service_revoked = {
    .id = "kerberos.service_revoked",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){19, 0},
    .summary = "The account of the server or service is disabled",
    .cause = "The computer or service account that owns the service name is disabled, expired or locked",
    .next_step = "Find the account: setspn -Q cifs/NAME, then Get-ADComputer or Get-ADUser with "
                 "-Properties Enabled,LockedOut\n"
                 "Enable it: Enable-ADAccount",
    .reference = REFERENCE_ERRORS,
};

/* ---- kerberos.tgt_revoked ---- */

static const struct rule tgt_revoked = {
    .id = "kerberos.tgt_revoked",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){20, 0},
    .summary = "The KDC no longer accepts the client's ticket-granting ticket",
    .cause = "The account was changed, disabled or deleted after the ticket was issued\n"
             "The ticket came from a domain controller that lacks current updates (PAC requestor check)\n"
             "The krbtgt password was changed twice",
    .next_step = "On the client: klist purge, then log on again\n"
                 "Bring all domain controllers to the same update level",
    .reference = REFERENCE_ERRORS,
};

/* ---- kerberos.must_use_u2u ---- */

static const struct rule must_use_u2u = {
    .id = "kerberos.must_use_u2u",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = LIKELY,
    .kerberos_errors = (const int[]){27, 0},
    .summary = "The KDC grants only user-to-user tickets for the account that was asked for",
    .cause = "The service runs under a user account that has no service principal name of this kind\n"
             "The client asked for the user's name instead of a service name",
    .next_step = "Register the service name on the account that runs the service: setspn -S cifs/NAME "
                 "ACCOUNT",
    .reference = REFERENCE_ERRORS,
};

/* ---- kerberos.svc_unavailable ---- */

static const struct rule svc_unavailable = {
    .id = "kerberos.svc_unavailable",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){29, 0},
    .summary = "The KDC says that a service it needs is not available",
    .cause = "The domain controller cannot reach its database, a writable partner or a trusted domain",
    .next_step = "Ask another domain controller: nltest /dsgetdc:DOMAIN /force\n"
                 "On the domain controller: dcdiag, nltest /sc_query:TRUSTED_DOMAIN",
    .reference = REFERENCE_ERRORS,
};

/* ---- kerberos.ap_bad_integrity ---- */

static const struct rule ap_bad_integrity = {
    .id = "kerberos.ap_bad_integrity",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = LIKELY,
    .kerberos_errors = (const int[]){31, 0},
    .summary = "The ticket or authenticator failed its integrity check",
    .cause = "The server's key differs from the one that the KDC used: password or key table out of "
             "step\n"
             "The service name is registered on another account\n"
             "The message was altered on the way",
    .next_step = "setspn -Q cifs/NAME: is it on the account of this server only?\n"
                 "On the client: klist purge, and try again\n"
                 "On the server: Test-ComputerSecureChannel, or net ads testjoin on Samba",
    .reference = REFERENCE_TICKET,
};

/* ---- kerberos.tkt_expired ---- */

static const struct rule tkt_expired = {
    .id = "kerberos.tkt_expired",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){32, 0},
    .summary = "The client's Kerberos ticket has expired",
    .cause = "The ticket's lifetime is over and was not renewed\n"
             "The clock of the server or the KDC is ahead",
    .next_step = "On the client: klist, then klist purge, or kinit anew\n"
                 "Compare the clocks: w32tm /query /status, chronyc tracking",
    .reference = REFERENCE_TICKET,
};

/* ---- kerberos.tkt_not_yet_valid ---- */

static const struct rule tkt_not_yet_valid = {
    .id = "kerberos.tkt_not_yet_valid",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){33, 0},
    .summary = "The client's Kerberos ticket is not valid yet",
    .cause = "The clock of the server is behind that of the KDC\n"
             "The ticket is postdated",
    .next_step = "Compare the clocks: w32tm /query /status, chronyc tracking\n"
                 "Synchronise: w32tm /resync",
    .reference = REFERENCE_TICKET,
};

/* ---- kerberos.ap_repeat ---- */

static const struct rule ap_repeat = {
    .id = "kerberos.ap_repeat",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){34, 0},
    .summary = "The server takes the ticket's authenticator for a replay",
    .cause = "The same request reached the server twice: duplicated packets, a retry by a middlebox\n"
             "Two machines share a clock and an identity, such as clones",
    .next_step = "Look for duplicates of the SESSION_SETUP request in a capture on the server\n"
                 "Check for cloned machines with the same name",
    .reference = REFERENCE_TICKET,
};

/* ---- kerberos.ap_not_us ---- */

static const struct rule ap_not_us = {
    .id = "kerberos.ap_not_us",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){35, 0},
    .summary = "The server says that the ticket is for another service",
    .cause = "The name leads to another server than the one that owns the service name\n"
             "The server does not know the name that it was addressed by",
    .next_step = "Compare the ticket's service name with the server's names: setspn -L SERVER\n"
                 "Check where the name leads: Resolve-DnsName NAME",
    .reference = REFERENCE_TICKET,
};

/* ---- kerberos.ap_badmatch ---- */

static const struct rule ap_badmatch = {
    .id = "kerberos.ap_badmatch",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){36, 0},
    .summary = "Ticket and authenticator do not belong together",
    .cause = "The client mixed up tickets, or its account was renamed while the ticket was in the cache",
    .next_step = "On the client: klist purge, log on again, and try once more",
    .reference = REFERENCE_TICKET,
};

/* ---- kerberos.ap_badaddr ---- */

static const struct rule ap_badaddr = {
    .id = "kerberos.ap_badaddr",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){38, 0},
    .summary = "The ticket is bound to another client address",
    .cause = "Address translation (NAT) or a second network interface between client and server\n"
             "The client asks for tickets with addresses",
    .next_step = "On an MIT or Heimdal client: noaddresses = true in krb5.conf, then kinit anew\n"
                 "Compare the client's address in a capture on the client and on the server",
    .reference = REFERENCE_TICKET,
};

/* ---- kerberos.ap_modified ---- */

static const struct rule ap_modified = {
    .id = "kerberos.ap_modified",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){41, 0},
    .summary = "The server cannot decrypt the ticket: it was made with another account's key",
    .cause = "The service name is registered on another account, or on two\n"
             "The name (alias, DNS) leads to another server than the account that owns it\n"
             "The server's password or key table is out of step with the domain",
    .next_step = "setspn -Q cifs/NAME and setspn -X: exactly one account, that of this server?\n"
                 "Check where the name leads: Resolve-DnsName NAME\n"
                 "On the client: klist purge, and try again\n"
                 "On the server: Reset-ComputerMachinePassword, or net ads keytab create on Samba",
    .reference = REFERENCE_TICKET,
};

/* ---- kerberos.ap_badkeyver ---- */

static const struct rule ap_badkeyver = {
    .id = "kerberos.ap_badkeyver",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){44, 0},
    .summary = "The server lacks the key version that the ticket was made with",
    .cause = "The account's password was changed; the server's key table was not updated\n"
             "The client still holds a ticket made with the old key",
    .next_step = "On Samba or a storage device: klist -k, then net ads keytab create or re-join\n"
                 "On the client: klist purge, and try again",
    .reference = REFERENCE_TICKET,
};

/* ---- kerberos.ap_nokey ---- */

static const struct rule ap_nokey = {
    .id = "kerberos.ap_nokey",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){45, 0},
    .summary = "The server has no key for the service name in the ticket",
    .cause = "The key table lacks this service name (alias, short or long name)\n"
             "The server is not joined to the ticket's realm",
    .next_step = "On the server: klist -k shows the names that it has keys for; net ads keytab add cifs\n"
                 "Check dedicated keytab file and kerberos method in smb.conf",
    .reference = REFERENCE_TICKET,
};

/* ---- kerberos.generic ---- */

static const struct rule generic = {
    .id = "kerberos.generic",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){60, 0},
    .summary = "Kerberos failed with a generic error; its text or status says more",
    .cause = "See the error text and the status inside the error",
    .next_step = "Look at the log of the KDC, or of the server that sent the error, at that time",
    .reference = REFERENCE_ERRORS,
};

/* ---- kerberos.wrong_realm ---- */

static const struct rule wrong_realm = {
    .id = "kerberos.wrong_realm",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = LIKELY,
    .kerberos_errors = (const int[]){68, 0},
    .summary = "The KDC says that the name belongs to another realm, and the client did not follow",
    .cause = "The client's realm mapping is wrong for this server or user\n"
             "The client cannot reach a KDC of the realm that it was sent to",
    .next_step = "Check [domain_realm] in krb5.conf, or the trust's name suffix routing\n"
                 "nltest /dsgetdc:OTHER_DOMAIN",
    .reference = "RFC 6806 8 Server Referrals\n" REFERENCE_ERRORS,
};

/* ---- kerberos.no_tgt ---- */

static const struct rule no_tgt = {
    .id = "kerberos.no_tgt",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = LIKELY,
    .kerberos_errors = (const int[]){67, 0},
    .summary = "User-to-user authentication failed: the server has no ticket-granting ticket",
    .cause = "The service has no service principal name, so that only user-to-user tickets work\n"
             "Nobody is logged on to the domain on the server side",
    .next_step = "Register the service name: setspn -S cifs/NAME ACCOUNT",
    .reference = REFERENCE_ERRORS,
};

/* ---- kerberos.u2u_required ---- */

static const struct rule u2u_required = {
    .id = "kerberos.u2u_required",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = LIKELY,
    .kerberos_errors = (const int[]){69, 0},
    .summary = "The server takes user-to-user tickets only",
    .cause = "The service runs under a user's account without a service principal name",
    .next_step = "Register the service name: setspn -S cifs/NAME ACCOUNT",
    .reference = REFERENCE_ERRORS,
};

/* ---- kerberos.iakerb_kdc ---- */

static const struct rule iakerb_kdc = {
    .id = "kerberos.iakerb_kdc",
    TICKET_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){85, 86, 0},
    .summary = "The server was to pass Kerberos on (IAKERB) and found no KDC",
    .cause = "The server cannot find or reach a KDC of the realm that the client asked for",
    .next_step = "On the server: nltest /dsgetdc:REALM, and test port 88 to the KDC",
    .reference = REFERENCE_ERRORS,
};

const struct rule *const kerberos_rules[] = {
    &s_principal_unknown, &principal_not_unique, &etype_nosupp,  &policy,       &badoption,
    &service_revoked,     &tgt_revoked,          &must_use_u2u,  &svc_unavailable,
    &ap_bad_integrity,    &tkt_expired,          &tkt_not_yet_valid, &ap_repeat, &ap_not_us,
    &ap_badmatch,         &ap_badaddr,           &ap_modified,   &ap_badkeyver, &ap_nokey,
    &generic,             &wrong_realm,          &no_tgt,
    &u2u_required,        &iakerb_kdc,           NULL,
};
