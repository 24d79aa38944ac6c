/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kerberos: errors that are about the user's account where the user logs on (AS), and about the
 * server's where a ticket for it is asked for (TGS). Codes: RFC 4120 7.5.9.
 */
#include "facts.h"

/* The finding is of the user's logon at the KDC: other causes and steps than the rule's. */
static void about_the_user(struct proof *proof, const char *cause, const char *next_step)
{
    if (!proof->kdc || kdc_exchange_kind(proof->kdc) != KERBEROS_AS_REQ)
        return;
    proof->cause = cause;
    proof->next_step = next_step;
}

#define EITHER_ACCOUNT                                                                             \
    .severity = ERROR, .weighs = AS_NOTE | AS_WARNING, .events = KERBEROS_EVENTS,                  \
    .commands = KERBEROS_COMMANDS

/* ---- kerberos.etype_nosupp ---- */

/* Microsoft KB5021131, KB5073381 */
#define NO_RC4_BY_DEFAULT                                                                          \
    "Domain controllers with the updates of April 2026 give accounts without "                     \
    "msDS-SupportedEncryptionTypes AES tickets only (CVE-2026-20833)"
#define NO_STRONG_KEYS                                                                             \
    "On the domain controller, System log, source Kdcsvc: event 42 names accounts without AES "    \
    "keys"
#define COMPARE_TYPES                                                                              \
    "Compare with the policy \"Network security: Configure encryption types allowed for "          \
    "Kerberos\" on KDC and client\n"                                                               \
    "On the domain controllers: reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Kdc /v "      \
    "DefaultDomainSupportedEncTypes"

static bool match_etype_nosupp(const struct scene *scene, struct proof *proof)
{
    if (!match_kerberos_error(scene, proof))
        return false;
    about_the_user(proof,
                   "The user's account has keys of old types only (RC4), for its password is older "
                   "than the domain's AES, and the domain no longer allows these\n"
                   "The account's msDS-SupportedEncryptionTypes, or the client's own settings, "
                   "exclude what the KDC allows",
                   "Get-ADUser {USER} -Properties msDS-SupportedEncryptionTypes,PasswordLastSet\n"
                   "Change the user's password so that it gets AES keys\n"
                   "On an MIT or Samba client: permitted_enctypes in krb5.conf\n" NO_STRONG_KEYS
                   "\n" COMPARE_TYPES);
    return true;
}

static const struct rule etype_nosupp = {
    .id = "kerberos.etype_nosupp",
    EITHER_ACCOUNT,
    .confidence = CERTAIN,
    .gate = has_kerberos_error,
    .match = match_etype_nosupp,
    .data = (const int[]){KDC_ERR_ETYPE_NOSUPP, KDC_ERR_NONE},
    .summary = "Client, KDC and account share no Kerberos encryption type",
    .headline = "{=Client name}: no common Kerberos encryption type|"
                "No common Kerberos encryption type: {=Ticket asked for}",
    .cause = "The server's account has keys of old types only (RC4), and the domain no longer "
             "allows these\n" NO_RC4_BY_DEFAULT
             "\nThe account's msDS-SupportedEncryptionTypes excludes what the KDC or the client "
             "allows\n"
             "A storage device or Samba server joined long ago has an outdated key table",
    .next_step = "Get-ADComputer {HOST} -Properties msDS-SupportedEncryptionTypes,PasswordLastSet "
                 "(Get-ADUser for a service account)\n" NO_STRONG_KEYS
                 "\nChange the account's password so that it gets AES keys; re-join the storage "
                 "device to the domain\n" COMPARE_TYPES,
    .reference = "[MS-KILE] 3.3.5.6 AS Exchange\n" REFERENCE_KERBEROS_ERRORS,
};

/* ---- kerberos.policy ---- */

/* Logon hours are KDC_ERR_CLIENT_REVOKED, [MS-KILE] 3.3.5.6.3. */
static bool match_policy(const struct scene *scene, struct proof *proof)
{
    if (!match_kerberos_error(scene, proof))
        return false;
    about_the_user(proof,
                   "An authentication policy or silo does not let the user log on at this "
                   "computer\n"
                   "The account is limited to certain workstations, or has to use a smart card\n"
                   "A read-only domain controller that may not serve this user",
                   "Get-ADUser {USER} -Properties AuthenticationPolicy,AuthenticationPolicySilo,"
                   "LogonWorkstations,SmartcardLogonRequired\n"
                   "On the domain controller: events 4768 and 4820 of the Security log");
    return true;
}

static const struct rule policy = {
    .id = "kerberos.policy",
    EITHER_ACCOUNT,
    .confidence = LIKELY,
    .gate = has_kerberos_error,
    .match = match_policy,
    .data = (const int[]){KDC_ERR_POLICY, KDC_ERR_NONE},
    .summary = "A policy of the KDC refuses the ticket",
    .headline = "A policy of the KDC refuses {=Client name}|A policy of the KDC refuses "
                "{=Ticket asked for}",
    .cause = "An authentication policy or silo keeps the user from this server\n"
             "The user comes over a trust with selective authentication, and lacks \"Allowed to "
             "authenticate\" on the server\n"
             "Between forests: the name suffix of the user's domain is not routed, or conflicts\n"
             "A read-only domain controller that may not serve the server's account",
    .next_step = "On the domain controller: events 4769 and 4821 of the Security log\n"
                 "Get-ADComputer {HOST} -Properties "
                 "AuthenticationPolicy,AuthenticationPolicySilo; Get-ADUser {USER} likewise\n"
                 "Over a trust: Get-ADTrust -Filter * | fl Name,SelectiveAuthentication, and "
                 "netdom trust {DOMAIN} /namesuffixes:OTHER_FOREST",
    .reference = "[MS-KILE] 3.3.5.5 Determining Authentication Policy Settings\n"
                 "[MS-KILE] 3.3.5.7.5 Cross-Domain Trust and Referrals\n" REFERENCE_KERBEROS_ERRORS,
};

/* ---- kerberos.client_revoked ---- */

/* The KDC may say which of the four it is ([MS-KILE] 2.2.1). */
static const struct account_state {
    uint32_t status;
    const char *what, *cause, *next_step;
} account_states[] = {
    {STATUS_ACCOUNT_DISABLED, N_("disabled"), "The account is disabled",
     "Get-ADUser {USER} -Properties Enabled,whenChanged; Samba: samba-tool user show {USER}\n"
     "Enable-ADAccount {USER}, or samba-tool user enable {USER}"},
    {STATUS_ACCOUNT_EXPIRED, N_("expired"), "The account's expiry date has passed",
     "Get-ADUser {USER} -Properties AccountExpirationDate\n"
     "Clear-ADAccountExpiration {USER}, or samba-tool user setexpiry {USER} --noexpiry"},
    {STATUS_ACCOUNT_LOCKED_OUT, "locked out", "The account is locked out after wrong passwords",
     "Find who sends wrong passwords: event 4740 on the domain controller names the computer\n"
     "Unlock-ADAccount {USER}, or samba-tool user unlock {USER}"},
    {STATUS_INVALID_LOGON_HOURS, "outside its logon hours",
     "The account may not log on at this hour\n"
     "The clock or time zone of the domain controller is wrong",
     "Get-ADUser {USER} -Properties LogonHours\n"
     "On the domain controller: w32tm /query /status"},
};

static void tell_state(struct proof *proof)
{
    const uint32_t status = proof->kdc ? proof->kdc->reply.nt_status : 0;

    for (unsigned i = 0; i < G_N_ELEMENTS(account_states); i++) {
        if (account_states[i].status != status)
            continue;
        proof_words(proof, "The account is", account_states[i].what);
        proof->cause = account_states[i].cause;
        proof->next_step = account_states[i].next_step;
    }
}

static bool match_client_revoked(const struct scene *scene, struct proof *proof)
{
    if (!match_kerberos_error(scene, proof))
        return false;
    if (proof->kdc && kdc_exchange_kind(proof->kdc) == KERBEROS_TGS_REQ)
        proof->cause = "The user's account was disabled, locked, or expired, or its logon hours "
                       "ended, after the user had logged on: KDCs look again when they are asked "
                       "for a ticket";
    tell_state(proof);
    return true;
}

static const struct rule client_revoked = {
    .id = "kerberos.client_revoked",
    EITHER_ACCOUNT,
    .confidence = CERTAIN,
    .gate = has_kerberos_error,
    .match = match_client_revoked,
    .data = (const int[]){KDC_ERR_CLIENT_REVOKED, KDC_ERR_NONE},
    .summary = "The account that logs on is disabled, expired, locked, or outside its logon hours",
    .headline = "{=Client name}: the account is {=The account is}|{=Client name}: disabled, "
                "expired, locked, or outside the logon hours",
    .cause = "The account is disabled, has expired, is locked out, or may not log on at this "
             "hour: the error says one of the four, not which",
    .next_step =
        "Get-ADUser {USER} -Properties Enabled,LockedOut,AccountExpirationDate,LogonHours; "
        "Samba: samba-tool user show {USER}\n"
        "When locked: find who sends wrong passwords, event 4740 on the domain controller; then "
        "Unlock-ADAccount {USER}\n"
        "When disabled: Enable-ADAccount {USER}, or samba-tool user enable {USER}",
    .reference = "[MS-KILE] 3.3.5.6.3 Check Account Policy for Every TGT Request\n"
                 "[MS-KILE] 3.3.5.7.1 Check Account Policy for Every Session Ticket "
                 "Request\n" REFERENCE_KERBEROS_ERRORS,
};

/* ---- kerberos.svc_unavailable ---- */

static bool match_svc_unavailable(const struct scene *scene, struct proof *proof)
{
    if (!match_kerberos_error(scene, proof))
        return false;
    about_the_user(proof,
                   "The domain controller cannot reach its database, a writable partner, or the "
                   "domain of the user's account",
                   "Ask another domain controller: nltest /dsgetdc:{DOMAIN} /force\n"
                   "On domain controller {KDC}: dcdiag, and nltest /sc_query:USERS_DOMAIN");
    return true;
}

static const struct rule svc_unavailable = {
    .id = "kerberos.svc_unavailable",
    EITHER_ACCOUNT,
    .confidence = CERTAIN,
    .gate = has_kerberos_error,
    .match = match_svc_unavailable,
    .data = (const int[]){KDC_ERR_SVC_UNAVAILABLE, KDC_ERR_NONE},
    .summary = "The KDC says that a service it needs is not available",
    .headline = "KDC {=KDC}: a service it needs is not available",
    .cause = "The domain controller cannot reach its database, a writable partner, or the domain "
             "of the server's account",
    .next_step = "Ask another domain controller: nltest /dsgetdc:{DOMAIN} /force\n"
                 "On domain controller {KDC}: dcdiag, and nltest /sc_query:SERVERS_DOMAIN",
    .reference = REFERENCE_KERBEROS_ERRORS,
};

/* ---- kerberos.generic ---- */

static bool says_why(const struct kdc_exchange *kdc)
{
    return kdc->reply.nt_status || (kdc->reply.error_text && *kdc->reply.error_text);
}

static bool match_generic(const struct scene *scene, struct proof *proof)
{
    bool why;

    if (!match_kerberos_error(scene, proof))
        return false;
    if (!proof->kdc)
        return true;
    why = says_why(proof->kdc);
    proof->cause = why ? "The KDC could not make the ticket for the server's account: see the text "
                         "or status in the error"
                       : "The KDC could not make the ticket for the server's account, and does not "
                         "say why";
    proof->next_step = "On KDC {KDC}: event 4769 of the Security log and the System log at that "
                       "time; on Samba log.samba, on MIT krb5kdc.log\n"
                       "Try it from the client: klist get {cifs/NAME}";
    about_the_user(proof,
                   why ? "The KDC could not handle the user's logon: see the text or status in the "
                         "error"
                       : "The KDC could not handle the user's logon, and does not say why",
                   "On KDC {KDC}: events 4768 and 4771 of the Security log and the System log at "
                   "that time; on Samba log.samba, on MIT krb5kdc.log");
    return true;
}

static const struct rule generic = {
    .id = "kerberos.generic",
    EITHER_ACCOUNT,
    .confidence = CERTAIN,
    .gate = has_kerberos_error,
    .match = match_generic,
    .data = (const int[]){KRB_ERR_GENERIC, KDC_ERR_NONE},
    .summary = "Kerberos failed with a generic error; its text or status says more",
    .headline =
        "Kerberos failed: {=Error text}|Kerberos failed: {=Status in the "
        "error}|Kerberos failed with a generic error: {=Ticket asked for}|{server} answers the "
        "ticket {=Ticket presented} with a generic error",
    .cause = "The server could not use the ticket, for a reason of its own",
    .next_step = "On the server: System log at that time, sources Kerberos and LSA; on Samba "
                 "log.smbd at log level 5\n"
                 "On the client: klist purge, and try again",
    .reference = REFERENCE_KERBEROS_ERRORS,
};

const struct rule_list kerberos_either_account_rules = {
    .blocks = (const struct rule *const[]){&etype_nosupp, &policy, &client_revoked,
                                           &svc_unavailable, &generic, NULL},
};
