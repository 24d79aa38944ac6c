/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kerberos: errors about the account that logs on. Codes: RFC 4120 7.5.9; what
 * Windows means by them: [MS-KILE] 3.3.5.6.3.
 */
#include "facts.h"

#define REFERENCE_ACCOUNT                                                                          \
    "[MS-KILE] 3.3.5.6.3 Check Account Policy for Every TGT Request\n" REFERENCE_KERBEROS_ERRORS

#define ACCOUNT_ERROR                                                                              \
    .severity = ERROR, .weighs = AS_NOTE | AS_WARNING, .events = KERBEROS_EVENTS,                  \
    .commands = KERBEROS_COMMANDS, .gate = has_kerberos_error, .match = match_kerberos_error

static const struct rule rows[] = {
    {
        .id = "kerberos.c_principal_unknown",
        ACCOUNT_ERROR,
        .confidence = LIKELY,
        .data = (const int[]){KDC_ERR_C_PRINCIPAL_UNKNOWN, KDC_ERR_NONE},
        .summary = "The KDC knows no such user",
        .headline = "The KDC knows no user {=Client name}",
        .cause = "The user name, its suffix or the domain is misspelt\n"
                 "A local account of the server, or an account of another domain, was used",
        .next_step = "Compare the client name in the evidence with the directory: Get-ADUser "
                     "-Identity {USER}, or -Filter \"UserPrincipalName -eq '{USER}@SUFFIX'\"\n"
                     "List stored credentials on the client: cmdkey /list",
        .reference = "[MS-KILE] 3.3.5.6.1 Client Principal Lookup\n" REFERENCE_KERBEROS_ERRORS,
    },

    {
        .id = "kerberos.key_expired",
        ACCOUNT_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KDC_ERR_KEY_EXPIRED, KDC_ERR_NONE},
        .summary = "The user's password has expired and must be changed",
        .headline = "{=Client name}: the password has expired",
        .cause = "The password is older than the policy allows, or \"must change at next logon\" "
                 "is set",
        .next_step = "Get-ADUser {USER} -Properties PasswordExpired,PasswordLastSet\n"
                     "Change the password: Ctrl+Alt+Del on the client, kpasswd, or samba-tool user "
                     "setpassword {USER}",
        .reference = REFERENCE_ACCOUNT,
    },

    {
        .id = "kerberos.preauth_failed",
        ACCOUNT_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KDC_ERR_PREAUTH_FAILED, KDC_ERR_NONE},
        .summary = "The KDC rejected the password",
        .headline = "{=Client name}: the KDC rejected the password",
        .cause = "The user typed, or the client stored, a wrong or old password\n"
                 "A machine or service account: its key table no longer fits its password",
        .next_step = "Enter the password again; remove stored ones: cmdkey /list, cmdkey "
                     "/delete:TARGET\n"
                     "For a service or machine: renew its key table, or "
                     "Test-ComputerSecureChannel -Repair",
        .reference = "RFC 4120 3.1.3 Generation of KRB_AS_REP Message\n" REFERENCE_KERBEROS_ERRORS,
    },

    {
        .id = "kerberos.pkinit",
        ACCOUNT_ERROR,
        .confidence = CERTAIN,
        .data = (const int[]){KDC_ERR_PADATA_TYPE_NOSUPP, KDC_ERR_CLIENT_NOT_TRUSTED,
                              KDC_ERR_KDC_NOT_TRUSTED, KDC_ERR_INVALID_SIG,
                              KDC_ERR_DH_KEY_PARAMETERS_NOT_ACCEPTED, KDC_ERR_CERTIFICATE_MISMATCH,
                              KDC_ERR_CANT_VERIFY_CERTIFICATE, KDC_ERR_INVALID_CERTIFICATE,
                              KDC_ERR_REVOKED_CERTIFICATE, KDC_ERR_REVOCATION_STATUS_UNKNOWN,
                              KDC_ERR_REVOCATION_STATUS_UNAVAILABLE, KDC_ERR_CLIENT_NAME_MISMATCH,
                              KDC_ERR_KDC_NAME_MISMATCH, KDC_ERR_INCONSISTENT_KEY_PURPOSE,
                              KDC_ERR_NONE},
        .summary = "The certificate or smart-card logon failed at the KDC",
        .headline = "Certificate or smart card refused by the KDC: {=KRB-ERROR}",
        .cause = "The user's or the KDC's certificate is not trusted, has expired, is revoked or "
                 "cannot be checked\n"
                 "The certificate does not name this user, or lacks the usage for smart-card logon",
        .next_step = "On client and KDC: certutil -verify -urlfetch CERTIFICATE\n"
                     "On the domain controller: System log, source Kdc, events 19, 29 and 39",
        .reference = "RFC 4556 3.1.3 Defined Message and Encryption Types",
    },

    {0},
};

const struct rule_list kerberos_account_error_rules = {.rows = rows};
