/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree_connect: refusals that have to do with the session, and what ends a share that was open.
 * [MS-SMB2] 3.3.5.2.9, 3.3.5.2.11, 3.2.5.1.6.
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

/* [MS-SMB2] 3.3.5.5.3: the server removes the session then. [MS-ERREF] 2.3: the highest bit is set
 * in errors and warnings only. */
static bool renewal_was_refused(const struct session *session)
{
    const struct exchange *last = session && session->reauthentication ? session->last_leg : NULL;

    return last && exchange_answered(last) && last->status & 0x80000000 &&
           last->status != STATUS_MORE_PROCESSING_REQUIRED;
}

static bool match_session_deleted(const struct scene *scene, struct proof *proof)
{
    prove_share(proof, scene);
    prove_session_id(proof, scene->exchange);
    if (scene->session)
        proof_frame(proof, "Session set up in", &scene->session->valid_since);
    if (renewal_was_refused(scene->session)) {
        proof_frame(proof, "Its logon was not renewed in", &scene->session->last_leg->response);
        proof->cause = "The server refused to renew the session's logon, and ended the session";
    }
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

/* ---- tree_connect.share_deleted ---- */

static uint32_t status_of(const struct scene *scene)
{
    return scene->exchange ? scene->exchange->status : scene->header->status;
}

/* Of a share that was opened, and that the client has not left itself. */
static bool match_share_deleted(const struct scene *scene, struct proof *proof)
{
    const struct tree *tree = scene->tree;
    const struct session *session = scene->session;

    if (status_of(scene) != STATUS_NETWORK_NAME_DELETED || !tree || tree->disconnected ||
        (scene->exchange && scene->exchange->command != SMB2_CREATE) ||
        !exchange_answered(tree->connect) || (session && session->state != SESSION_VALID))
        return false;
    prove_share(proof, scene);
    proof->related = tree->connect->response;
    proof_frame(proof, "Share opened in", &tree->connect->response);
    proof_interval(proof, "It was open for",
                   sighting_interval(&tree->connect->response, &scene->now));
    return true;
}

/* Nothing of the set-up failed; clients connect to the share anew. */
static const struct rule share_deleted = {
    .id = "tree_connect.share_deleted",
    .severity = WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_OTHER_REFUSAL,
    .statuses = (const uint32_t[]){STATUS_NETWORK_NAME_DELETED, 0},
    .match = match_share_deleted,
    .summary = "The server does not know an open share any more: it was closed or deleted there",
    .headline = "{server} closed the share {=Share asked for} after {=It was open for}",
    .cause = "The share was deleted, changed or closed on the server by an administrator or a "
             "script (Samba: smbcontrol smbd close-share)\n"
             "The disk, volume or cluster resource behind the share went away, or moved to another "
             "node\n"
             "The client uses a tree id that it does not have",
    .next_step =
        "Look whether the client connects to the share anew right after this, and what comes of "
        "it\n" DISK_AND_FOLDER_EXIST "On the server: Get-SmbShare, and the System log and the log "
        "Microsoft-Windows-SMBServer/Operational at that time; on Samba: the log, and whether "
        "smb.conf was changed",
    .reference = "[MS-SMB2] 3.3.5.2.11 Verifying the Tree Connect",
};

const struct rule_list tree_connect_session_rules = {
    .blocks = (const struct rule *const[]){&session_deleted, &session_expired,
                                           &tree_connect_session_in_progress, &share_deleted, NULL},
};
