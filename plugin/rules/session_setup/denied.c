/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: STATUS_ACCESS_DENIED, and which policy of the server it may stand for ([MS-SMB2]
 * 3.3.5.5).
 */
#include "facts.h"
#include "../advice.h"
#include "../facts.h"
#include "../others.h"

/* ---- session_setup.encryption_required ---- */

/* A server that cannot encrypt cannot require it: it chose an old dialect although the client had a
 * newer one, or did not answer the client's offer to encrypt. */
static bool server_cannot_encrypt(const struct connection *connection)
{
    const struct negotiate_request *request = agreed_offer(connection);
    const struct negotiate_response *response = agreed_choice(connection);

    if (connection->dialect < DIALECT_3_0)
        return connection_highest_offered(connection) >= DIALECT_3_0;
    if (connection->dialect == DIALECT_3_1_1)
        return request && request->contexts.cipher_contexts && response->contexts.known &&
               !response->contexts.cipher_contexts;
    return request && request->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION &&
           !(response->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION);
}

static void prove_no_encryption(const struct connection *connection, struct proof *proof)
{
    const struct exchange *agreed = connection->agreed;
    const struct negotiate_request *request = agreed_offer(connection);
    const char *dialect = dialect_name(connection->dialect);

    if (dialect)
        proof_value_in(proof, &agreed->response, "Dialect", "%s", dialect);
    else
        proof_words_in(proof, &agreed->response, "Dialect", "unknown");
    if (!request)
        return;
    proof_value_in(proof, &agreed->request, "Dialects offered by the client", "%s",
                   dialects_text(&request->dialects, proof->scope));
    if (connection->dialect == DIALECT_3_1_1)
        proof_difference(proof, "Ciphers", ciphers_text(&request->contexts.ciphers, proof->scope),
                         &agreed->request,
                         ciphers_text(&agreed_choice(connection)->contexts.ciphers, proof->scope),
                         &agreed->response);
    else if (connection->dialect >= DIALECT_3_0)
        proof_value_in(proof, &agreed->request, "Client's capabilities", "%s (no encryption)",
                       capabilities_text(request->capabilities, proof->scope));
}

#define SERVER_REQUIRES                                                                            \
    "The whole server requires encryption (EncryptData and RejectUnencryptedAccess; Samba: "       \
    "server smb encrypt = required), and "
#define ANOTHER_POLICY "\nAnother policy of the server, e.g. name hardening or access rights"

/* Which side lacks what, as far as NEGOTIATE shows it. NULL: it does not. */
static const char *lack_of_encryption(const struct connection *connection)
{
    const uint16_t highest = connection_highest_offered(connection);
    const struct negotiate_request *request = agreed_offer(connection);

    if (highest && highest < DIALECT_3_0)
        return SERVER_REQUIRES "the client offers SMB 2 only: too old (Windows 7, Server 2008 R2), "
                               "or held down" ANOTHER_POLICY;
    if (connection->dialect == DIALECT_3_1_1 && request && request->contexts.cipher_contexts)
        return SERVER_REQUIRES "client and server have no cipher in common" ANOTHER_POLICY;
    return NULL;
}

static bool match_encryption_required(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    bool known;

    if (!connection->agreed || connection->dialect == 0 ||
        !exchange_is_new_logon(scene->exchange) ||
        connection_encryption_agreed(connection, &known) || !known ||
        session_is_anonymous(scene->session) || server_cannot_encrypt(connection) ||
        !match_refused_logon(scene, proof))
        return false;
    prove_no_encryption(connection, proof);
    proof->cause = lack_of_encryption(connection);
    if (session_target_fit(scene->session) == TARGET_FOREIGN) {
        proof->confidence = POSSIBLE;
        proof_caveat(proof, "The target name is none of the server's names: name hardening would "
                            "refuse it, too");
    }
    return true;
}

static const struct rule encryption_required = {
    .id = "session_setup.encryption_required",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_encryption_required,
    .summary = "The server refuses a client that cannot encrypt: it seems to require encryption",
    .headline = "{server} refuses {user} on a connection that cannot encrypt",
    .cause = SERVER_REQUIRES "the client does not encrypt: switched off, or its SMB software "
                             "cannot" ANOTHER_POLICY,
    .next_step =
        "On the server: Get-SmbServerConfiguration | select "
        "EncryptData,RejectUnencryptedAccess\n"
        "On Samba: testparm -v | grep -E 'server smb encrypt|smb3 encryption "
        "algorithms'\n"
        "On the server: event 1003 of SmbServer/Operational\n"
        "{?AZURE FILES}Azure Files refuses what is not encrypted: from outside its datacenter "
        "always, from inside where Secure transfer required is on\n"
        "Let the client use SMB 3 with a cipher that the server has (Windows 8, Server "
        "2012 and later)\n"
        "Or lift the requirement, which weakens security: Set-SmbServerConfiguration "
        "-RejectUnencryptedAccess $false",
    .reference = REFERENCE_SETUP,
};

/* ---- session_setup.spn_hardening ---- */

static bool match_spn_hardening(const struct scene *scene, struct proof *proof)
{
    const struct session *session = scene->session;
    const enum target_fit fit = session_target_fit(session);
    const char *names;

    if (exchange_explained(scene->exchange) || !request_shows_identity(scene->exchange) ||
        session_is_anonymous(session) || (fit != TARGET_ADDRESS && fit != TARGET_FOREIGN) ||
        !match_refused_logon(scene, proof))
        return false;
    if (fit == TARGET_ADDRESS)
        proof->confidence = POSSIBLE;
    names = session_server_names(session, proof->scope);
    if (names)
        proof_difference(proof, "Name used, and the server's own names",
                         session_target_host(session, proof->scope), &scene->exchange->request,
                         names, &session->challenged);
    return true;
}

static const struct rule spn_hardening = {
    .id = "session_setup.spn_hardening",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_spn_hardening,
    .summary = "The server refuses a logon whose target name is not one that it calls its own",
    .headline = "{server} refuses the target name {=Target name}",
    .cause =
        "{!BY ADDRESS}Consistent with SMB server name hardening (SmbServerNameHardeningLevel 1 "
        "or 2; off by default): an alias that is none of the server's names\n"
        "{?BY ADDRESS}Consistent with SMB server name hardening (SmbServerNameHardeningLevel 1 "
        "or 2; off by default): an address that the server does not take for its own\n"
        "The client reaches the server through address translation, a load balancer or a "
        "virtual address\n"
        "Another policy that denies access to this user",
    .next_step = "On the server: Get-SmbServerConfiguration | fl *hard*\n"
                 "On the server: event 5168 of the Security log shows the name that was refused\n"
                 "{?BY ADDRESS}Use the server's name instead of {BY ADDRESS}\n"
                 "{!BY ADDRESS}Register the alias: netdom computername {COMPUTER} "
                 "/add:{ALIAS.DOMAIN}, or add it to SrvAllowedServerNames (REG_MULTI_SZ, beside "
                 "the level in the registry)\n"
                 "For a test, switch it off: Set-SmbServerConfiguration "
                 "-SmbServerNameHardeningLevel 0 (or SmbServerNameHardeningLevel = 0 in "
                 "HKLM\\SYSTEM\\CurrentControlSet\\Services\\LanManServer\\Parameters)",
    .reference = REFERENCE_LOGON "\n[MS-NLMP] 2.2.2.1 AV_PAIR (MsvAvTargetName)",
};

/* ---- session_setup.access_denied ---- */

static const char anonymous_refused[] =
    "The server allows no anonymous logon (RestrictNullSessAccess, RestrictAnonymous; Samba: "
    "restrict anonymous)\n"
    "The client has no credentials to send: the user is not logged on to the domain, or a program "
    "runs as a service without network identity";
static const char anonymous_step[] =
    "Log on with an account: net use \\\\{SERVER}\\{SHARE} /user:{DOMAIN\\}\\USER, or smbclient -U "
    "USER\n"
    "If an anonymous logon is meant: look at RestrictNullSessAccess and NullSessionShares, or "
    "testparm -v | grep 'restrict anonymous'";

static bool match_access_denied(const struct scene *scene, struct proof *proof)
{
    if (!match_refused_logon(scene, proof))
        return false;
    if (session_is_anonymous(scene->session)) {
        proof->cause = anonymous_refused;
        proof->next_step = anonymous_step;
        proof->confidence = LIKELY;
    }
    return true;
}

static const struct rule access_denied = {
    .id = "session_setup.access_denied",
    .severity = ERROR,
    .weighs = AS_NOTE | AS_WARNING,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_access_denied,
    .fallback = true,
    .summary = "The server denies the logon access, for a reason that the capture does not show",
    .headline = "{server} refuses {user} {=Asked for}: {status}|{user}: denied by {server}",
    .others = WHERE_OTHERS_LOG_ON,
    .cause = "The user is known, but may not use this server (Samba: valid users, ID mapping, "
             "PAC; NetApp ONTAP: no UNIX user to map to)\n"
             "{!OWN NAME}A policy of the server: name hardening at level 2\n"
             "{!ENCRYPTION}A policy of the server: required encryption\n"
             "{?RENEWAL}A renewed logon that is not signed as it should be\n"
             "{?AZURE FILES}The user lacks a role on the share, or the storage account's firewall "
             "keeps the client out",
    .next_step = "On the server: events 551 of SmbServer/Security, 4625 and 5168 of the Security "
                 "log\n" CHECK_AZURE_FILES "\n"
                 "On Samba: the log with log level 3; on NetApp ONTAP: event log show, "
                 "secd.cifsAuth.noNameMap\n"
                 "{!ENCRYPTION}Get-SmbServerConfiguration | select "
                 "EncryptData,RejectUnencryptedAccess\n"
                 "{!OWN NAME}For a test: Set-SmbServerConfiguration -SmbServerNameHardeningLevel 0",
    .reference = REFERENCE_SETUP "\n" REFERENCE_LOGON,
};

const struct rule_list session_setup_denied_rules = {
    .blocks =
        (const struct rule *const[]){&encryption_required, &spn_hardening, &access_denied, NULL},
};
