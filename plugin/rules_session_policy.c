/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: the server refuses because of a policy, of the protocol, or of its own state,
 * [MS-SMB2] 3.3.5.5.
 */
#include "logon.h"
#include "terms.h"

#define REFERENCE_SETUP "[MS-SMB2] 3.3.5.5 Receiving an SMB2 SESSION_SETUP Request"
#define REFUSAL .events = ON_RESPONSE, .command = SMB2_SESSION_SETUP

/* ---- session_setup.encryption_required ---- */

static const struct negotiate_request *offer(const struct connection *connection)
{
    return connection->agreed ? connection->agreed->negotiate_request : NULL;
}

static const struct negotiate_response *choice(const struct connection *connection)
{
    return connection->agreed ? connection->agreed->negotiate_response : NULL;
}

/* A server that cannot encrypt cannot require it: it chose an old dialect although the client had a newer one, or
 * did not answer the client's offer to encrypt. */
static bool server_cannot_encrypt(const struct connection *connection)
{
    const struct negotiate_request *request = offer(connection);
    const struct negotiate_response *response = choice(connection);

    if (connection->dialect < DIALECT_3_0)
        return connection_highest_offered(connection) >= DIALECT_3_0;
    if (connection->dialect == DIALECT_3_1_1)
        return request && request->contexts.ciphers.contexts && response->contexts.known &&
               !response->contexts.ciphers.contexts;
    return request && request->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION &&
           !(response->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION);
}

static void prove_no_encryption(const struct connection *connection, struct proof *proof)
{
    const struct exchange *agreed = connection->agreed;
    const struct negotiate_request *request = offer(connection);
    const char *dialect = dialect_name(connection->dialect);

    proof_value_in(proof, &agreed->response, "Dialect", "%s", dialect ? dialect : "unknown");
    if (!request)
        return;
    proof_value_in(proof, &agreed->request, "Dialects offered by the client", "%s",
                   dialects_text(&request->dialects, proof->scope));
    if (connection->dialect == DIALECT_3_1_1)
        proof_difference(proof, "Ciphers", ciphers_text(&request->contexts.ciphers, proof->scope),
                         &agreed->request,
                         ciphers_text(&choice(connection)->contexts.ciphers, proof->scope),
                         &agreed->response);
    else if (connection->dialect >= DIALECT_3_0)
        proof_value_in(proof, &agreed->request, "Client's capabilities", "0x%08x (no encryption)",
                       request->capabilities);
}

static bool match_encryption_required(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    bool known;

    if (!connection->agreed || connection->dialect == 0 || logon_is_renewal(scene->exchange) ||
        logon_is_binding(scene->exchange) ||
        connection_encryption_agreed(connection, &known) || !known ||
        session_is_anonymous(scene->session) || server_cannot_encrypt(connection) ||
        !match_logon_status(scene, proof))
        return false;
    prove_no_encryption(connection, proof);
    if (logon_target_fit(scene->session) == TARGET_FOREIGN) {
        proof->confidence = POSSIBLE;
        proof_caveat(proof, "The target name is none of the server's names: name hardening would refuse "
                            "it, too");
    }
    return true;
}

static const struct rule encryption_required = {
    .id = "session_setup.encryption_required",
    REFUSAL,
    .severity = ERROR,
    .group = SECURITY,
    .confidence = LIKELY,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_encryption_required,
    .summary = "The server refuses a client that cannot encrypt: it seems to require encryption",
    .cause = "The whole server requires encryption (EncryptData and RejectUnencryptedAccess; Samba: "
             "server smb encrypt = required), and this connection has none\n"
             "The client is too old (Windows 7, Server 2008 R2 and earlier cannot encrypt), or SMB 3 or "
             "the common ciphers are switched off on it\n"
             "Another policy of the server, e.g. name hardening or access rights",
    .next_step = "On the server: Get-SmbServerConfiguration | select Encrypt*,RejectUnencryptedAccess\n"
                 "On Samba: testparm -v | grep -E 'server smb encrypt|smb3 encryption algorithms'\n"
                 "Let the client use SMB 3 with a cipher that the server has (Windows 8, Server 2012 and "
                 "later), or lift the requirement: Set-SmbServerConfiguration -RejectUnencryptedAccess "
                 "$false\n"
                 "On the server: event 1003 of SmbServer/Operational",
    .reference = REFERENCE_SETUP,
};

/* ---- session_setup.spn_hardening ---- */

static bool match_spn_hardening(const struct scene *scene, struct proof *proof)
{
    const struct session *session = scene->session;
    const enum target_fit fit = logon_target_fit(session);
    const char *names;

    if (exchange_explained(scene->exchange) || session_is_anonymous(session) ||
        (fit != TARGET_ADDRESS && fit != TARGET_FOREIGN) || !match_logon_status(scene, proof))
        return false;
    if (fit == TARGET_ADDRESS)
        proof->confidence = POSSIBLE;
    names = logon_server_names(session, proof->scope);
    if (names)
        proof_difference(proof, "Name used, and the server's own names",
                         logon_target_host(session, proof->scope), &scene->exchange->request, names,
                         &session->first_leg->response);
    return true;
}

static const struct rule spn_hardening = {
    .id = "session_setup.spn_hardening",
    REFUSAL,
    .severity = ERROR,
    .group = SECURITY,
    .confidence = LIKELY,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_spn_hardening,
    .summary = "The server refuses a logon whose target name is not one that it calls its own",
    .cause = "Consistent with SMB server name hardening (SmbServerNameHardeningLevel 1 or 2): alias, CNAME "
             "or address without a matching service principal name\n"
             "The client reaches the server through address translation, a load balancer or a virtual "
             "address\n"
             "Another policy that denies access to this user",
    .next_step = "On the server: Get-SmbServerConfiguration | fl *hard*\n"
                 "For a test, switch it off: Set-SmbServerConfiguration -SmbServerNameHardeningLevel 0 (or "
                 "SmbServerNameHardeningLevel = 0 in "
                 "HKLM\\SYSTEM\\CurrentControlSet\\Services\\LanManServer\\Parameters)\n"
                 "Register the alias: netdom computername SERVER /add:ALIAS.DOMAIN, or add it to "
                 "SrvAllowedServerNames (REG_MULTI_SZ) beside the level\n"
                 "On the server: event 5168 of the Security log shows the name that was refused",
    .reference = REFERENCE_LOGON "\n[MS-NLMP] 2.2.2.1 AV_PAIR (MsvAvTargetName)",
};

/* ---- session_setup.access_denied ---- */

static const char anonymous_refused[] =
    "The server allows no anonymous logon (RestrictNullSessAccess, RestrictAnonymous; Samba: restrict "
    "anonymous)\n"
    "The client has no credentials to send: the user is not logged on to the domain, or a program runs as "
    "a service without network identity";
static const char anonymous_step[] =
    "Log on with an account: net use \\\\SERVER\\SHARE /user:DOMAIN\\USER, or smbclient -U USER\n"
    "If an anonymous logon is meant: look at RestrictNullSessAccess and NullSessionShares, or testparm -v | "
    "grep 'restrict anonymous'";

static const char channel_refused[] =
    "The request for another channel is not signed with the session's key, or its signature was altered\n"
    "Another user than the session's asked for the channel";
static const char channel_step[] =
    "Get-SmbMultichannelConnection on the client, Get-SmbMultichannelConstraint; the first channel goes on\n"
    "Compare captures of both ends: does the request arrive as it was sent?";

static bool match_access_denied(const struct scene *scene, struct proof *proof)
{
    if (!match_logon_status(scene, proof))
        return false;
    if (session_is_anonymous(scene->session)) {
        proof->cause = anonymous_refused;
        proof->next_step = anonymous_step;
        proof->confidence = LIKELY;
    } else if (logon_is_binding(scene->exchange)) {
        proof->cause = channel_refused;
        proof->next_step = channel_step;
    }
    return true;
}

static const struct rule access_denied = {
    .id = "session_setup.access_denied",
    REFUSAL,
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = POSSIBLE,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_access_denied,
    .fallback = true,
    .summary = "The server denies the logon access, for a reason that the capture does not show",
    .cause = "A policy of the server: name hardening at level 2, required encryption, required signing\n"
             "The user is known, but may not use this server (Samba: valid users, ID mapping, PAC)\n"
             "A renewed logon or another channel that is not signed as it should be",
    .next_step = "On the server: events 551 of SmbServer/Security, 4625 and 5168 of the Security log\n"
                 "For a test: Set-SmbServerConfiguration -SmbServerNameHardeningLevel 0\n"
                 "Get-SmbServerConfiguration | fl Encrypt*,RejectUnencryptedAccess,RequireSecuritySignature\n"
                 "On Samba: the log with log level 3",
    .reference = REFERENCE_SETUP "\n" REFERENCE_LOGON,
};

/* ---- session_setup.not_supported ---- */

static const struct rule not_supported = {
    .id = "session_setup.not_supported",
    REFUSAL,
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = POSSIBLE,
    .statuses = (const uint32_t[]){STATUS_NOT_SUPPORTED, 0},
    .match = match_logon_status,
    .summary = "The server does not support this kind of logon",
    .cause = "The authentication mechanism is not available on the server: NTLM switched off, or Kerberos "
             "not set up\n"
             "Another channel was asked for by another user, for a guest, or with another signing "
             "algorithm",
    .next_step = "Compare the mechanism used with those that the server offers in its NEGOTIATE response\n"
                 "On Samba: testparm -v | grep -E 'ntlm auth|kerberos method'",
    .reference = REFERENCE_SETUP,
};

/* ---- session_setup.invalid_parameter ---- */

static const struct rule invalid_parameter = {
    .id = "session_setup.invalid_parameter",
    REFUSAL,
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = LIKELY,
    .statuses = (const uint32_t[]){STATUS_INVALID_PARAMETER, 0},
    .match = match_logon_status,
    .summary = "The server calls the SESSION_SETUP request invalid",
    .cause = "The request or its security token is malformed, or altered on the way\n"
             "ksmbd (Linux kernel server): any failure of Kerberos, or no mechanism in common\n"
             "Another channel that is not signed, or whose dialect or cipher differs from the first one's",
    .next_step = "Compare captures of both ends: does the request arrive as it was sent?\n"
                 "On ksmbd: dmesg, and whether ksmbd.mountd has Kerberos set up\n"
                 "Try NTLM instead of Kerberos, or the other way round, to tell the mechanism apart",
    .reference = REFERENCE_SETUP,
};

/* ---- session_setup.session_deleted ---- */

static bool match_session_deleted(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!match_logon_status(scene, proof))
        return false;
    if (exchange->request_session_id)
        proof_value_in(proof, &exchange->request, "Session id", "0x%016" PRIx64,
                       exchange->request_session_id);
    return true;
}

static const struct rule session_deleted = {
    .id = "session_setup.session_deleted",
    REFUSAL,
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = LIKELY,
    .statuses = (const uint32_t[]){STATUS_USER_SESSION_DELETED, 0},
    .match = match_session_deleted,
    .summary = "The server does not know the session that the client goes on with",
    .cause = "The server was restarted or failed over, or removed the session between two legs\n"
             "A load balancer led this connection to another server than the first leg\n"
             "The same client is connected with another dialect or client GUID",
    .next_step = "Look whether the server or cluster node was restarted at that time\n"
                 "Check that the name leads to one server only: Resolve-DnsName SERVER; no load balancing "
                 "by packet\n"
                 "Let the client connect anew",
    .reference = REFERENCE_SETUP "\n" REFERENCE_LOGON,
};

/* ---- session_setup.request_not_accepted ---- */

static const struct rule request_not_accepted = {
    .id = "session_setup.request_not_accepted",
    REFUSAL,
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = LIKELY,
    .statuses = (const uint32_t[]){STATUS_REQUEST_NOT_ACCEPTED, 0},
    .match = match_logon_status,
    .summary = "The server accepts no more sessions, or not this request in the session's present state",
    .cause = "The limit of connections is reached: 20 on Windows workstations, or the server's own limit\n"
             "Another channel was asked for, but multichannel is off, or the session is bound here already\n"
             "The session is still being set up",
    .next_step = "On the server: Get-SmbSession, net session, net config server (maximum logged on users)\n"
                 "On Samba: smbstatus -b; testparm -v | grep -E 'max smbd processes|multi channel'",
    .reference = REFERENCE_SETUP,
};

/* ---- session_setup.session_expired ---- */

static const struct rule session_expired = {
    .id = "session_setup.session_expired",
    REFUSAL,
    .severity = NOTE,
    .group = RESPONSE_CODE,
    .confidence = LIKELY,
    .statuses = (const uint32_t[]){STATUS_NETWORK_SESSION_EXPIRED, 0},
    .match = match_logon_status,
    .summary = "The server says that the session has expired; the client has to log on again",
    .cause = "The lifetime of the user's Kerberos ticket is over\n"
             "ksmbd (Linux kernel server): an earlier attempt on this session failed",
    .next_step = "Look whether the client renews the logon right after this\n"
                 "On the client: klist, then klist purge",
    .reference = REFERENCE_SETUP,
};

/* ---- session_setup.resources ---- */

static const struct rule resources = {
    .id = "session_setup.resources",
    REFUSAL,
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = LIKELY,
    .statuses = (const uint32_t[]){STATUS_INSUFFICIENT_RESOURCES, STATUS_INSUFF_SERVER_RESOURCES,
                                   STATUS_NO_MEMORY, STATUS_TOO_MANY_SESSIONS,
                                   STATUS_REMOTE_SESSION_LIMIT, 0},
    .match = match_logon_status,
    .summary = "The server lacks resources for another session",
    .cause = "Memory, or a limit on sessions or users of the server, is used up\n"
             "Samba: a limit such as max smbd processes, or a full disk under its state files",
    .next_step = "On the server: Get-SmbSession | measure, free memory, events of the Server service "
                 "(Srv, 2017 to 2020)\n"
                 "On Samba: smbstatus -b, df, ulimit -n, and the log with log level 3",
    .reference = REFERENCE_SETUP,
};

/* ---- session_setup.server_error ---- */

static const struct rule server_error = {
    .id = "session_setup.server_error",
    REFUSAL,
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = CERTAIN,
    .statuses = (const uint32_t[]){STATUS_INTERNAL_ERROR, STATUS_UNSUCCESSFUL, 0xC0000104,
                                   STATUS_NO_SUCH_LOGON_SESSION, STATUS_IO_TIMEOUT,
                                   STATUS_SERVER_UNAVAILABLE, 0},
    .match = match_logon_status,
    .summary = "The server failed inside while it handled the logon",
    .cause = "A fault or time-out in the server's security subsystem, or in what it depends on",
    .next_step = "On the server: System log at that time (LSA, Netlogon, Server)\n"
                 "On Samba: the log with log level 5, and whether winbindd runs: wbinfo -p",
    .reference = REFERENCE_LOGON "\n" REFERENCE_STATUS,
};

/* ---- session_setup.error_other ---- */

static bool lists(const struct rule *rule, uint32_t status)
{
    for (const uint32_t *listed = rule->statuses; listed && *listed; listed++)
        if (*listed == status)
            return true;
    return false;
}

static bool status_has_rule(uint32_t status)
{
    const struct rule *rule;

    for (unsigned i = 0; (rule = catalogue_rule(i)) != NULL; i++)
        if (rule->command == SMB2_SESSION_SETUP && lists(rule, status))
            return true;
    return false;
}

static bool match_error_other(const struct scene *scene, struct proof *proof)
{
    const uint32_t status = scene->exchange->status;

    /* [MS-ERREF] 2.3: the highest bit is set in warnings and errors only */
    if (!(status & 0x80000000) || status == STATUS_MORE_PROCESSING_REQUIRED || status_has_rule(status))
        return false;
    return match_logon_status(scene, proof);
}

static const struct rule error_other = {
    .id = "session_setup.error_other",
    REFUSAL,
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = POSSIBLE,
    .match = match_error_other,
    .fallback = true,
    .summary = "The server refuses the logon with a status that is unusual here",
    .cause = "The status tells the reason, as far as the server gives one",
    .next_step = "Look the status up: certutil -error 0xSTATUS, or [MS-ERREF]\n"
                 "Look into the server's log at that time",
    .reference = REFERENCE_LOGON "\n" REFERENCE_STATUS,
};

const struct rule *const session_policy_rules[] = {
    &encryption_required, &spn_hardening,   &access_denied,        &not_supported,
    &invalid_parameter,   &session_deleted, &request_not_accepted, &session_expired,
    &resources,           &server_error,    &error_other,          NULL,
};
