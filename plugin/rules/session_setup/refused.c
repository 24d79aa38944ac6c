/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: the server refuses because of the request, of the session's state, or of its own
 * ([MS-SMB2] 3.3.5.5).
 */
#include "facts.h"
#include "../facts.h"

/* Of another channel, or of a renewal. */
#define REFUSED_MORE "{server} refuses {user} {=Asked for}: {status}|"

/* ---- session_setup.session_deleted ---- */

static const char no_channel[] =
    "The session belongs to another connection, and this one is no channel of it: to bind it was "
    "refused, or the client did not ask for it\n"
    "The server ended the session meanwhile";
static const char no_channel_step[] =
    "Look at the SESSION_SETUP before this one here: did it ask for another channel, and what was "
    "the answer?\n"
    "On the client: Get-SmbMultichannelConnection; the first channel goes on";

static bool is_session_of_another_connection(const struct scene *scene)
{
    const struct session *session = scene->session;

    return session && session->state == SESSION_VALID && session->connection != scene->connection &&
           session->channel != scene->connection;
}

static bool match_session_deleted(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!match_refused_logon(scene, proof))
        return false;
    if (is_session_of_another_connection(scene)) {
        proof->cause = no_channel;
        proof->next_step = no_channel_step;
    }
    if (exchange->request_session_id)
        proof_value_in(proof, &exchange->request, "Session id", "0x%016" PRIx64,
                       exchange->request_session_id);
    return true;
}

static const struct rule session_deleted = {
    .id = "session_setup.session_deleted",
    .severity = ERROR,
    .weighs = AS_NOTE | AS_WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses = (const uint32_t[]){STATUS_USER_SESSION_DELETED, 0},
    .match = match_session_deleted,
    .summary = "The server does not know the session that the client goes on with",
    .headline = "{server} does not know the session {=Session id}",
    .cause = "The server was restarted or failed over, or removed the session between two legs\n"
             "A load balancer led this connection to another server than the first leg\n"
             "The same client is connected with another dialect or client GUID",
    .next_step = "Look whether the server or cluster node was restarted at that time\n"
                 "Check that the name leads to one server only: Resolve-DnsName {SERVER}; no load "
                 "balancing by packet\n"
                 "Let the client connect anew",
    .reference = REFERENCE_SETUP "\n" REFERENCE_LOGON,
};

/* ---- session_setup.error_other ---- */

/* What one of these rules lists is not unusual. */
static const struct rule_list *const family[] = {
    &session_setup_ended_rules,
    &session_setup_mechanism_rules,
    &session_setup_account_rules,
    &session_setup_domain_rules,
    &session_setup_denied_rules,
    &session_setup_refused_rules,
    &session_setup_identity_rules,
    &session_setup_ntlm_rules,
    &session_setup_guest_rules,
    &session_setup_signature_rules,
    NULL,
};

static bool match_error_other(const struct scene *scene, struct proof *proof)
{
    const uint32_t status = scene->exchange->status;

    /* [MS-ERREF] 2.3: the highest bit is set in warnings and errors only */
    if (!(status & 0x80000000) || status == STATUS_MORE_PROCESSING_REQUIRED ||
        family_has_status(family, status))
        return false;
    return match_refused_logon(scene, proof);
}

static const struct rule error_other = {
    .id = "session_setup.error_other",
    .severity = ERROR,
    .weighs = AS_NOTE | AS_WARNING,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_error_other,
    .fallback = true,
    .summary = "The server refuses the logon with a status that is unusual here",
    .headline = REFUSED_MORE "{user}: logon refused: {status}|Logon refused: {status}",
    .cause = "The status tells the reason, as far as the server gives one",
    .next_step = "Look the status up: certutil -error {STATUS}, or [MS-ERREF]\n"
                 "Look into the server's log at that time",
    .reference = REFERENCE_LOGON_STATUS,
};

/* ---- statuses that tell it all ---- */

#define REFUSED                                                                                    \
    .severity = ERROR, .weighs = AS_NOTE | AS_WARNING, .events = ON_RESPONSE,                      \
    .commands = FOR_SESSION_SETUP, .match = (match_refused_logon)

static const struct rule rows[] = {
    {
        .id = "session_setup.not_supported",
        REFUSED,
        .confidence = POSSIBLE,
        .statuses = (const uint32_t[]){STATUS_NOT_SUPPORTED, 0},
        .summary = "The server does not support this kind of logon",
        .headline = REFUSED_MORE
        "{server} does not support this kind of logon: {=Mechanism}|{server} does not "
        "support this kind of logon",
        .cause = "The authentication mechanism is not available on the server: NTLM switched off, "
                 "or Kerberos not set up",
        .next_step = "Compare the mechanism used with those that the server offers in its "
                     "NEGOTIATE response\n"
                     "On Samba: testparm -v | grep -E 'ntlm auth|kerberos method'",
        .reference = REFERENCE_SETUP,
    },

    {
        .id = "session_setup.invalid_parameter",
        REFUSED,
        .confidence = LIKELY,
        .statuses = (const uint32_t[]){STATUS_INVALID_PARAMETER, 0},
        .summary = "The server calls the SESSION_SETUP request invalid",
        .headline = REFUSED_MORE "{server} calls SESSION_SETUP invalid",
        .cause = "The request or its security token is malformed, or altered on the way\n"
                 "ksmbd (Linux kernel server): any failure of Kerberos, or no mechanism in "
                 "common",
        .next_step = "Compare captures of both ends: does the request arrive as it was sent?\n"
                     "On ksmbd: dmesg, and whether ksmbd.mountd has Kerberos set up\n"
                     "Try NTLM instead of Kerberos, or the other way round, to tell the mechanism "
                     "apart",
        .reference = REFERENCE_SETUP,
    },

    {
        .id = "session_setup.request_not_accepted",
        REFUSED,
        .confidence = LIKELY,
        .statuses = (const uint32_t[]){STATUS_REQUEST_NOT_ACCEPTED, 0},
        .summary = "The server accepts no more sessions, or not this request in the session's "
                   "present state",
        .headline = REFUSED_MORE "{server} accepts no more sessions",
        .cause = "The limit of connections is reached: 20 on Windows workstations, or the "
                 "server's own limit\n"
                 "The session is still being set up",
        .next_step = "On the server: Get-SmbSession, net session, net config server (maximum "
                     "logged on users)\n"
                     "On Samba: smbstatus -b; testparm -v | grep 'max smbd processes'",
        .reference = REFERENCE_SETUP,
    },

    {
        .id = "session_setup.session_expired",
        .severity = NOTE,
        .confidence = LIKELY,
        .events = ON_RESPONSE,
        .commands = FOR_SESSION_SETUP,
        .statuses = (const uint32_t[]){STATUS_NETWORK_SESSION_EXPIRED, 0},
        .match = match_refused_logon,
        .summary = "The server says that the session has expired; the client has to log on again",
        .headline = "{user}: the session has expired|The session with {server} has expired",
        .cause = "The lifetime of the user's Kerberos ticket is over\n"
                 "ksmbd (Linux kernel server): an earlier attempt on this session failed",
        .next_step = "Look whether the client renews the logon right after this\n"
                     "On the client: klist, then klist purge",
        .reference = REFERENCE_SETUP,
    },

    {
        .id = "session_setup.resources",
        REFUSED,
        .confidence = LIKELY,
        .statuses = (const uint32_t[]){STATUS_INSUFFICIENT_RESOURCES,
                                       STATUS_INSUFF_SERVER_RESOURCES, STATUS_NO_MEMORY,
                                       STATUS_TOO_MANY_SESSIONS, STATUS_REMOTE_SESSION_LIMIT, 0},
        .summary = "The server lacks resources for another session",
        .headline = REFUSED_MORE "{server} lacks resources for another session: {status}",
        .cause = "Memory, or a limit on sessions or users of the server, is used up\n"
                 "Samba: a limit such as max smbd processes, or a full disk under its state files",
        .next_step = "On the server: Get-SmbSession | measure, free memory, events of the Server "
                     "service (Srv, 2017 to 2020)\n"
                     "On Samba: smbstatus -b, df, ulimit -n, and the log with log level 3",
        .reference = REFERENCE_SETUP,
    },

    {
        .id = "session_setup.server_error",
        REFUSED,
        .confidence = CERTAIN,
        .statuses = (const uint32_t[]){STATUS_INTERNAL_ERROR, STATUS_UNSUCCESSFUL,
                                       STATUS_BAD_LOGON_SESSION_STATE, STATUS_NO_SUCH_LOGON_SESSION,
                                       STATUS_IO_TIMEOUT, STATUS_SERVER_UNAVAILABLE, 0},
        .summary = "The server failed inside while it handled the logon",
        .headline = "{server} failed inside: {status}",
        .cause = "A fault or time-out in the server's security subsystem, or in what it depends on",
        .next_step = "On the server: System log at that time (LSA, Netlogon, Server)\n"
                     "On Samba: the log with log level 5, and whether winbindd runs: wbinfo -p",
        .reference = REFERENCE_LOGON_STATUS,
    },

    {0},
};

const struct rule_list session_setup_refused_rules = {
    .blocks = (const struct rule *const[]){&session_deleted, &error_other, NULL},
    .rows = rows,
};
