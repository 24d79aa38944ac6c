/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree_connect: refusals that have to do with the session. [MS-SMB2] 3.3.5.2.9, 3.2.5.1.6.
 */
#include "facts.h"
#include "../lists.h"

static void prove_session_id(struct proof *proof, const struct exchange *exchange)
{
    if (exchange->request_session_id)
        proof_value_in(proof, &exchange->request, "Session id", "0x%016" PRIx64,
                       exchange->request_session_id);
}

/* ---- tree_connect.session_deleted ---- */

static bool match_session_deleted(const struct scene *scene, struct proof *proof)
{
    prove_share(proof, scene);
    prove_session_id(proof, scene->exchange);
    if (scene->session)
        proof_frame(proof, "Session set up in", &scene->session->valid_since);
    return true;
}

static const struct rule session_deleted = {
    .id = "tree_connect.session_deleted",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_USER_SESSION_DELETED, 0},
    .match = match_session_deleted,
    .summary = "The server does not know the session that TREE_CONNECT belongs to",
    .headline = "{server} does not know the session {=Session id}",
    .cause = "The session was ended on the server: closed by an administrator, service restart, "
             "failover\n"
             "A load balancer leads the connection to another server than the one that gave the "
             "session\n"
             "The client uses a session id of another connection without binding it",
    .next_step =
        "On the server: Get-SmbSession, and the event log for a restart or failover at that time\n"
        "Is there a load balancer or virtual address between? Compare ServerGuid of the NEGOTIATE "
        "responses",
    .reference = VERIFYING_THE_SESSION,
};

/* ---- tree_connect.session_expired ---- */

/* Logging on anew is the answer that the protocol has for it; only a connection that ends without
 * was lost by it. */
static bool match_session_expired(const struct scene *scene, struct proof *proof)
{
    prove_share(proof, scene);
    if (scene->event == ON_RESPONSE)
        return true;
    if (!exchange_answered(scene->exchange) ||
        scene->exchange->status != STATUS_NETWORK_SESSION_EXPIRED ||
        !connection_absence_is_proof(scene->connection))
        return false;
    proof->severity = ERROR;
    proof->confidence = LIKELY;
    return true;
}

static const struct rule session_expired = {
    .id = "tree_connect.session_expired",
    .severity = NOTE,
    .weighs = AS_ERROR,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_NETWORK_SESSION_EXPIRED, 0},
    .match = match_session_expired,
    .summary = "The session has expired: the client has to log on again before it gets the share",
    .headline = "{user}: the session expired before \"{share}\" was opened|The session expired "
                "before \"{share}\" was opened",
    .cause = "The Kerberos ticket that the session was set up with has run out; normal when the "
             "client logs on again right after\n"
             "The client can get no new ticket, or does not know how to log on again",
    .next_step = "Look for a SESSION_SETUP request on the same session after this answer\n"
                 "If none comes: does the client still get tickets? klist, klist get {cifs/NAME}",
    .reference = VERIFYING_THE_SESSION "\n[MS-SMB2] 3.2.5.1.6 Handling Session Expiration",
};

/* ---- tree_connect.session_in_progress ---- */

static bool match_session_in_progress(const struct scene *scene, struct proof *proof)
{
    if (scene->session && scene->session->state == SESSION_VALID)
        return false;
    prove_share(proof, scene);
    prove_session_id(proof, scene->exchange);
    if (scene->session && scene->session->last_leg)
        proof_frame(proof, "Last SESSION_SETUP request", &scene->session->last_leg->request);
    return scene->session || scene->exchange->status == SEC_E_UNSUPPORTED_FUNCTION;
}

const struct rule tree_connect_session_in_progress = {
    .id = "tree_connect.session_in_progress",
    .severity = ERROR,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){SEC_E_UNSUPPORTED_FUNCTION, STATUS_INVALID_HANDLE, 0},
    .match = match_session_in_progress,
    .summary = "TREE_CONNECT was sent before the logon was finished",
    .headline = "TREE_CONNECT to \"{share}\" before the logon was finished",
    .cause = "The client does not wait for the end of SESSION_SETUP: a fault of the client or its "
             "SMB library",
    .next_step = "Compare with another client or a newer version of this one\n"
                 "Look at the SESSION_SETUP exchange before: it has no final answer of success",
    .reference = VERIFYING_THE_SESSION,
};

const struct rule_list tree_connect_session_rules = {
    .blocks = (const struct rule *const[]){&session_deleted, &session_expired,
                                           &tree_connect_session_in_progress, NULL},
};
