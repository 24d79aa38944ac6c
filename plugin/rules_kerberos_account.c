/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kerberos, part two: errors about the account that logs on, and about clocks. What Windows means by
 * them: [MS-KILE] 3.3.5.6.3.
 */
#include "rules_kerberos.h"

#define ACCOUNT_ERROR                                                                              \
    .group = SECURITY, .events = KERBEROS_EVENTS, .command = ANY_COMMAND,                          \
    .match = match_kerberos_error

#define REFERENCE_ACCOUNT                                                                          \
    "[MS-KILE] 3.3.5.6.3 Check Account Policy for Every TGT Request\nRFC 4120 7.5.9 Error Codes"

/* ---- kerberos.c_principal_unknown ---- */

static const struct rule c_principal_unknown = {
    .id = "kerberos.c_principal_unknown",
    ACCOUNT_ERROR,
    .severity = ERROR,
    .confidence = LIKELY,
    .kerberos_errors = (const int[]){6, 0},
    .summary = "The KDC knows no such user",
    .cause = "The user name, its suffix or the domain is misspelt\n"
             "A local account of the server, or an account of another domain, was used",
    .next_step = "Compare the client name below with the directory: Get-ADUser -Identity USER, or -Filter "
                 "\"UserPrincipalName -eq 'USER@SUFFIX'\"\n"
                 "List stored credentials on the client: cmdkey /list",
    .reference = "[MS-KILE] 3.3.5.6.1 Client Principal Lookup\nRFC 4120 7.5.9 Error Codes",
};

/* ---- kerberos.client_revoked ---- */

static const struct rule client_revoked = {
    .id = "kerberos.client_revoked",
    ACCOUNT_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){18, 0},
    .summary = "The account that logs on is disabled, expired, locked, or outside its logon hours",
    .cause = "The account is disabled, has expired, is locked out, or may not log on at this hour: the "
             "error says one of the four, not which",
    .next_step = "Get-ADUser USER -Properties Enabled,LockedOut,AccountExpirationDate,LogonHours\n"
                 "Unlock-ADAccount USER or Enable-ADAccount USER; Samba: samba-tool user show USER\n"
                 "When locked: find who sends wrong passwords, event 4740 on the domain controller",
    .reference = REFERENCE_ACCOUNT,
};

/* ---- kerberos.key_expired ---- */

static const struct rule key_expired = {
    .id = "kerberos.key_expired",
    ACCOUNT_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){23, 0},
    .summary = "The user's password has expired and must be changed",
    .cause = "The password is older than the policy allows, or \"must change at next logon\" is set",
    .next_step = "Change the password: Ctrl+Alt+Del on the client, kpasswd, or samba-tool user "
                 "setpassword USER\n"
                 "Get-ADUser USER -Properties PasswordExpired,PasswordLastSet",
    .reference = REFERENCE_ACCOUNT,
};

/* ---- kerberos.preauth_failed ---- */

static const struct rule preauth_failed = {
    .id = "kerberos.preauth_failed",
    ACCOUNT_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){24, 0},
    .summary = "The KDC rejected the password",
    .cause = "The user typed, or the client stored, a wrong or old password\n"
             "A machine or service account: its key table no longer fits its password",
    .next_step = "Enter the password again; remove stored ones: cmdkey /list, cmdkey /delete:TARGET\n"
                 "For a service or machine: renew its key table, or Test-ComputerSecureChannel -Repair",
    .reference = "RFC 4120 3.1.3 Generation of KRB_AS_REP Message\nRFC 4120 7.5.9 Error Codes",
};

/* ---- kerberos.pkinit ---- */

static const struct rule pkinit = {
    .id = "kerberos.pkinit",
    ACCOUNT_ERROR,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){16, 62, 63, 64, 65, 66, 70, 71, 72, 73, 74, 75, 76, 77, 0},
    .summary = "The certificate or smart-card logon failed at the KDC",
    .cause = "The user's or the KDC's certificate is not trusted, has expired, is revoked or cannot be "
             "checked\n"
             "The certificate does not name this user, or lacks the usage for smart-card logon",
    .next_step = "On client and KDC: certutil -verify -urlfetch CERTIFICATE\n"
                 "On the domain controller: System log, source Kdc, events 19, 29 and 39",
    .reference = "RFC 4556 3.1.3 Defined Message and Encryption Types",
};

/* ---- kerberos.skew ---- */

#define SKEW_SECONDS 300

/* The error carries its sender's time; the capture's clock is a third one to compare with. */
static int64_t sender_time(const struct scene *scene, const struct sighting **sent)
{
    const struct token *token = scene->exchange->response_token;
    const struct kdc_exchange *kdc = token ? NULL : kdc_failure(scene);

    *sent = kdc ? &kdc->replied : &scene->exchange->response;
    if (token)
        return token->kerberos.server_time;
    return kdc ? kdc->reply.server_time : 0;
}

static bool match_skew(const struct scene *scene, struct proof *proof)
{
    const struct sighting *sent;
    int64_t off;

    if (!match_kerberos_error(scene, proof))
        return false;
    off = sender_time(scene, &sent);
    if (off == 0)
        return true;
    off -= sent->time / NANOSECONDS_PER_SECOND;
    proof->cause =
        off > SKEW_SECONDS || off < -SKEW_SECONDS
            ? "The clock of the KDC or server that sent the error is wrong: it is more than five minutes "
              "off the capture's\n"
              "The client's clock is wrong as well, or the capturing host's is"
            : "The client's clock is wrong: that of the error's sender agrees with the capture's\n"
              "The capturing host shares the wrong clock of the KDC or server that sent the error";
    return true;
}

static const struct rule skew = {
    .id = "kerberos.skew",
    .group = SECURITY,
    .events = KERBEROS_EVENTS,
    .command = ANY_COMMAND,
    .match = match_skew,
    .severity = ERROR,
    .confidence = CERTAIN,
    .kerberos_errors = (const int[]){37, 0},
    .summary = "The clocks differ by more than Kerberos allows (five minutes by default)",
    .cause = "The client's clock is wrong\n"
             "The clock of the KDC or of the server that sent the error is wrong",
    .next_step = "Compare the clocks: w32tm /query /status on both, chronyc tracking\n"
                 "Synchronise: w32tm /resync, chronyc makestep\n"
                 "Compare the error's server time with the time of its frame, and with another server's",
    .reference = "RFC 4120 3.1.3 Generation of KRB_AS_REP Message\n[MS-KILE] 3.2.5.8 AP Exchange",
};

const struct rule *const kerberos_account_rules[] = {
    &c_principal_unknown, &client_revoked, &key_expired, &preauth_failed, &pkinit, &skew, NULL,
};
