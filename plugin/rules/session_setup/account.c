/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: the server's verdict on the account ([MS-ERREF] 2.3.1). What the status means is
 * certain; why the account is in that state is not on the wire.
 */
#include "facts.h"
#include "../negotiate/facts.h"
#include "../others.h"

/* ---- session_setup.logon_failure ---- */

static const char kerberos_failure[] =
    "The server cannot decrypt the ticket: the service name belongs to another account, or the "
    "server's password or keytab is out of step with the KDC\n"
    "The clocks of server and domain differ\n"
    "The server cannot map the ticket's user to an account of its own (Samba: winbind, ID mapping)";
static const char key_is_right[] = "The server cannot map the ticket's user to an account of its "
                                   "own (Samba: winbind, ID mapping): "
                                   "it took a ticket with this key version before\n"
                                   "The clocks of client and server differ";
static const char clocks_differ[] =
    "The server's clock is wrong by more than Kerberos allows (five minutes by default): see the "
    "finding on its NEGOTIATE response\n"
    "The server cannot decrypt the ticket: the service name belongs to another account, or the "
    "server's password or keytab is out of step with the KDC";
#define CLONES                                                                                     \
    "On a Windows server, System log: event 6167 of LsaSrv tells of machines cloned without "      \
    "Sysprep (equal SIDs; Windows 11 24H2, Server 2025 and later)"
#define TICKET_STEPS                                                                               \
    "On the client: klist purge, and try again with a new ticket\n"                                \
    "On the server: Test-ComputerSecureChannel, or net ads testjoin and klist -k on Samba\n"       \
    "Which account owns the service name? setspn -Q {cifs/NAME}, setspn -X; for an alias "         \
    "(CNAME): netdom computername {COMPUTER} /add:{ALIAS.DOMAIN}\n"                                \
    "On Samba: wbinfo -i '{DOMAIN\\}\\{USER}', and the log with log level 3\n" CLONES
static const char kerberos_failure_step[] = TICKET_STEPS;
static const char key_is_right_step[] =
    "On Samba: wbinfo -i '{DOMAIN\\}\\{USER}', and the log with log level 3\n"
    "On a Windows server: event 4625 in the Security log\n"
    "Compare the clocks of client and server: w32tm /stripchart /computer:{SERVER} /samples:3";
static const char clocks_differ_step[] =
    "Set the server's clock: w32tm /resync, or chronyc makestep, and try again\n" TICKET_STEPS;

static void explain_refused_ticket(const struct scene *scene, struct proof *proof)
{
    const struct finding *clock =
        connection_finding(scene->connection, &negotiate_server_clock_skew);
    const struct taken_ticket *taken = taken_with_same_key(scene);

    proof->cause = taken ? key_is_right : kerberos_failure;
    proof->next_step = taken ? key_is_right_step : kerberos_failure_step;
    if (taken)
        proof_value_in(proof, &taken->taken, "Ticket with the same key accepted", "key version %u",
                       taken->ticket->key_version);
    if (!clock)
        return;
    proof_frame(proof, "The server's clock differs", &clock->about);
    proof->cause = clocks_differ;
    proof->next_step = clocks_differ_step;
}

static void explain_unread(const struct scene *scene, struct proof *proof)
{
    proof_caveat(proof, "The capture has only the head of the answer, which may say more");
    proof->confidence = LIKELY;
    if (scene->session && scene->session->mechanism)
        return;
    proof->cause = "With NTLM: wrong password or unknown user, or an account of another computer "
                   "or domain than the server asks\n"
                   "With Kerberos: the server cannot decrypt the ticket, or the clocks differ";
    proof->next_step =
        "Capture again with whole packets: the bodies of SESSION_SETUP tell the mechanism, the "
        "user and the Kerberos error\n"
        "On a Windows server: event 4625 in the Security log; its Sub Status tells user from "
        "password\n"
        "On Samba: log.smbd with log level 3";
}

/* The specific goes before. */
static bool is_told(const struct exchange *exchange)
{
    static const struct rule *const specific[] = {
        &session_setup_server_account_refused,   &session_setup_key_out_of_step,
        &session_setup_ticket_for_other_account, &session_setup_ticket_for_other_host,
        &session_setup_ntlmv1_refused,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(specific); i++)
        if (exchange_told_by(exchange, specific[i]))
            return true;
    return false;
}

static bool match_logon_failure(const struct scene *scene, struct proof *proof)
{
    if (is_told(scene->exchange) || !match_refused_logon(scene, proof))
        return false;
    if (scene->session && scene->session->mechanism == MECHANISM_KERBEROS)
        explain_refused_ticket(scene, proof);
    if (answer_is_unread(scene->exchange))
        explain_unread(scene, proof);
    return true;
}

static const struct rule logon_failure = {
    .id = "session_setup.logon_failure",
    .severity = ERROR,
    .weighs = AS_NOTE | AS_WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses = (const uint32_t[]){STATUS_LOGON_FAILURE, 0},
    .match = match_logon_failure,
    .summary = "The server refuses the logon: user name, password or ticket are not accepted",
    .headline =
        "{user}: logon refused by {server}|Ticket for {=Ticket for}: logon refused by {server}",
    .others = WHERE_OTHERS_LOG_ON,
    .cause = "Wrong password or unknown user: Windows and Samba answer both with this status\n"
             "The account is of another computer or domain than the server asks, e.g. a local "
             "account\n"
             "A stored password is out of date (credential manager, service, mapped drive)",
    .next_step =
        "Check that the account in the evidence is the one meant\n"
        "{?DOMAIN\\}On the client: cmdkey /list, then net use \\\\{SERVER}\\{SHARE} "
        "/user:{DOMAIN\\}\\{USER}\n"
        "{!DOMAIN\\}On the client: cmdkey /list, then net use \\\\{SERVER}\\{SHARE} "
        "/user:{COMPUTER}\\{USER}\n"
        "On a Windows server: event 4625 in the Security log; its Sub Status tells user from "
        "password\n"
        "{?DOMAIN\\}On Samba: pdbedit -L, wbinfo -a '{DOMAIN\\}\\{USER}', smbclient -L {SERVER} "
        "-U {USER}\n"
        "{!DOMAIN\\}On Samba: pdbedit -L, smbclient -L {SERVER} -U {USER}\n" CLONES,
    .reference = REFERENCE_LOGON_STATUS,
};

/* ---- statuses that tell it all ---- */

/* Where the account is kept: in the domain that the server is in, or on the server. */
#define LOOK_AT(what)                                                                              \
    "{?DOMAIN\\}Look: net user {USER} /domain (" what ")\n"                                        \
    "{!DOMAIN\\}Look, on the server: net user {USER} (" what ")"

#define REFUSED_ACCOUNT                                                                            \
    .severity = ERROR, .weighs = AS_NOTE | AS_WARNING, .confidence = CERTAIN,                      \
    .events = ON_RESPONSE, .commands = FOR_SESSION_SETUP, .match = match_refused_logon

static const struct rule rows[] = {
    {
        .id = "session_setup.wrong_password",
        REFUSED_ACCOUNT,
        .statuses = (const uint32_t[]){STATUS_WRONG_PASSWORD, 0},
        .summary = "The server knows the user, but the password is wrong",
        .headline = "{user}: wrong password",
        .cause = "The password was mistyped or changed\n"
                 "A stored password is out of date (credential manager, service, mapped drive)",
        .next_step =
            "On the client: cmdkey /list, then cmdkey /delete:{SERVER}, and enter the "
            "password anew\n"
            "Try it: smbclient -L {SERVER} -U {USER}, or net use \\\\{SERVER}\\{SHARE} and "
            "the account in full",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.unknown_user",
        REFUSED_ACCOUNT,
        .statuses = (const uint32_t[]){STATUS_NO_SUCH_USER, 0},
        .summary = "The server, or the domain it asked, does not know the user",
        .headline = "{user}: unknown user",
        .cause = "The user name is misspelt, or the account was removed\n"
                 "The account belongs to another domain or computer: the domain sent is missing "
                 "or wrong",
        .next_step = "Check user and domain in the evidence\n"
                     "Give the domain with the name: {DOMAIN\\}\\{USER} or {USER}@{DOMAIN}\n"
                     "Look the account up: net user {USER} /domain, or pdbedit -L and wbinfo -n "
                     "'{DOMAIN\\}\\{USER}' on Samba",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.account_disabled",
        REFUSED_ACCOUNT,
        .statuses = (const uint32_t[]){STATUS_ACCOUNT_DISABLED, 0},
        .summary = "The account is disabled",
        .headline = "{user}: account disabled",
        .cause = "The account was disabled by an administrator or by a clean-up of unused "
                 "accounts\n"
                 "{?BUILT-IN}It is one of the accounts that Windows has disabled from the start",
        .next_step = LOOK_AT(
            "Account active") "\n"
                              "{?DOMAIN\\}Enable it: Enable-ADAccount {USER}; on a Samba domain "
                              "controller samba-tool user enable {USER}\n"
                              "{!DOMAIN\\}Enable it: net user {USER} /active:yes\n"
                              "{!DOMAIN\\}On Samba: pdbedit -v {USER}, then smbpasswd -e {USER}",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.account_expired",
        REFUSED_ACCOUNT,
        .statuses = (const uint32_t[]){STATUS_ACCOUNT_EXPIRED, 0},
        .summary = "The account has expired",
        .headline = "{user}: account expired",
        .cause = "The account's expiry date has passed",
        .next_step =
            LOOK_AT("Account expires") "\n"
                                       "{?DOMAIN\\}Extend it: Set-ADAccountExpiration {USER} "
                                       "-DateTime DATE, or "
                                       "Clear-ADAccountExpiration {USER}\n"
                                       "{!DOMAIN\\}Extend it: net user {USER} /expires:never",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.account_locked",
        REFUSED_ACCOUNT,
        .statuses = (const uint32_t[]){STATUS_ACCOUNT_LOCKED_OUT, 0},
        .summary = "The account is locked out after too many failed logons",
        .headline = "{user}: account locked out",
        .cause = "A program or device keeps trying an old password: service, scheduled task, "
                 "mapped drive, phone\n"
                 "Somebody tries passwords",
        .next_step = "Find where the failures come from: event 4740 on the domain controller names "
                     "the computer\n"
                     "Search-ADAccount -LockedOut, then Unlock-ADAccount {USER}\n"
                     "On Samba: pdbedit -v {USER}, then pdbedit -z -c '[]' {USER}; on a Samba "
                     "domain controller: samba-tool user unlock {USER}",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.password_expired",
        REFUSED_ACCOUNT,
        .statuses = (const uint32_t[]){STATUS_PASSWORD_EXPIRED, 0},
        .summary = "The user's password has expired",
        .headline = "{user}: password expired",
        .cause = "The password is older than the domain's or server's password policy allows",
        .next_step = LOOK_AT("Password expires") "\n"
                                                 "Change it: Ctrl+Alt+Del on a domain computer, or "
                                                 "smbpasswd -r {SERVER} -U {USER}",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.password_must_change",
        REFUSED_ACCOUNT,
        .statuses = (const uint32_t[]){STATUS_PASSWORD_MUST_CHANGE, 0},
        .summary = "The user has to change the password before the first logon",
        .headline = "{user}: has to change the password first",
        .cause = "The account is new, or an administrator set a new password with \"must change "
                 "at next logon\"",
        .next_step =
            "Log on once at a domain computer and change it, or smbpasswd -r {SERVER} -U {USER}\n"
            "Or lift it: Set-ADUser {USER} -ChangePasswordAtLogon $false",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.logon_hours",
        REFUSED_ACCOUNT,
        .statuses = (const uint32_t[]){STATUS_INVALID_LOGON_HOURS, 0},
        .summary = "The account may not log on at this time",
        .headline = "{user}: may not log on at this time",
        .cause = "The account's logon hours exclude the present hour\n"
                 "The clock or time zone of the domain controller is wrong",
        .next_step = LOOK_AT(
            "Logon hours allowed") "\n"
                                   "Compare the domain controller's clock: w32tm /query /status",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.workstation_restricted",
        REFUSED_ACCOUNT,
        .statuses = (const uint32_t[]){STATUS_INVALID_WORKSTATION, 0},
        .summary = "The account may not log on from this workstation",
        .headline = "{user}: may not log on from {=Workstation}",
        .cause = "The account is limited to certain computers (userWorkstations), and the "
                 "workstation sent is none of them\n"
                 "The client sends another computer name than expected: renamed, a program's own "
                 "choice",
        .next_step = "Compare the workstation in the evidence with net user {USER} /domain "
                     "(Workstations allowed)\n"
                     "Get-ADUser {USER} -Properties LogonWorkstations, then Set-ADUser {USER} "
                     "-LogonWorkstations LIST",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.account_restriction",
        REFUSED_ACCOUNT,
        .statuses = (const uint32_t[]){STATUS_ACCOUNT_RESTRICTION, 0},
        .summary = "A restriction of the account forbids this logon",
        .headline = "{user}: a restriction of the account forbids this logon",
        .cause = "The account has an empty password, which Windows does not accept over the "
                 "network\n"
                 "The account is in Protected Users or under an authentication policy that "
                 "forbids NTLM\n"
                 "{?ALIAS}The server is addressed by an alias (CNAME) that it does not accept as "
                 "its own name",
        .next_step =
            "Give the account a password, or look at LimitBlankPasswordUse: reg query "
            "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v LimitBlankPasswordUse\n"
            "Get-ADUser {USER} -Properties MemberOf,AuthenticationPolicy; with Protected Users "
            "only Kerberos works: use the server's name, not its address\n"
            "{?ALIAS}For an alias: netdom computername {COMPUTER} /add:{ALIAS.DOMAIN} on the "
            "server",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {
        .id = "session_setup.logon_type_denied",
        REFUSED_ACCOUNT,
        .statuses = (const uint32_t[]){STATUS_LOGON_TYPE_NOT_GRANTED, 0},
        .summary = "The user has no right to log on to this server over the network",
        .headline = "{user}: no right to log on to {server} over the network",
        .cause = "The user lacks \"Access this computer from the network\" (SeNetworkLogonRight)\n"
                 "The user falls under \"Deny access to this computer from the network\": local "
                 "accounts, Guests, administrators of another tier",
        .next_step = "On the server: secpol.msc, Local Policies, User Rights Assignment, or "
                     "gpresult /h report.html\n"
                     "secedit /export /areas USER_RIGHTS /cfg rights.inf, then look at "
                     "SeNetworkLogonRight and SeDenyNetworkLogonRight",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {0},
};

const struct rule_list session_setup_account_rules = {
    .blocks = (const struct rule *const[]){&logon_failure, NULL},
    .rows = rows,
};
