/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree_connect: refusals that have to do with the session, and whatever else the server may answer.
 */
#include "catalogue.h"
#include "share_proof.h"

#define RECEIVING_TREE_CONNECT "[MS-SMB2] 3.3.5.7 Receiving an SMB2 TREE_CONNECT Request"
#define VERIFYING_THE_SESSION "[MS-SMB2] 3.3.5.2.9 Verifying the Session"

static void prove_session_id(struct proof *proof, const struct exchange *exchange)
{
    if (exchange->request.frame)
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
    .group = RESPONSE_CODE,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_USER_SESSION_DELETED, 0},
    .match = match_session_deleted,
    .summary = "The server does not know the session that TREE_CONNECT belongs to",
    .cause = "The session was ended on the server: closed by an administrator, service restart, failover\n"
             "A load balancer leads the connection to another server than the one that gave the session\n"
             "The client uses a session id of another connection without binding it",
    .next_step = "On the server: Get-SmbSession, and the event log for a restart or failover at that time\n"
                 "Is there a load balancer or virtual address between? Compare ServerGuid of the NEGOTIATE "
                 "responses",
    .reference = VERIFYING_THE_SESSION,
};

/* ---- tree_connect.session_expired ---- */

/* Logging on anew is the answer that the protocol has for it; only a connection that ends without was lost by it. */
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
    .group = RESPONSE_CODE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_NETWORK_SESSION_EXPIRED, 0},
    .match = match_session_expired,
    .summary = "The session has expired: the client has to log on again before it gets the share",
    .cause = "The Kerberos ticket that the session was set up with has run out; normal when the client logs on "
             "again right after\n"
             "The client can get no new ticket, or does not know how to log on again",
    .next_step = "Look for a SESSION_SETUP request on the same session after this answer\n"
                 "If none comes: does the client still get tickets? klist, klist get cifs/SERVER",
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

static const struct rule session_in_progress = {
    .id = "tree_connect.session_in_progress",
    .severity = ERROR,
    .group = SEQUENCE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){SEC_E_UNSUPPORTED_FUNCTION, STATUS_INVALID_HANDLE, 0},
    .match = match_session_in_progress,
    .summary = "TREE_CONNECT was sent before the logon was finished",
    .cause = "The client does not wait for the end of SESSION_SETUP: a fault of the client or its SMB library",
    .next_step = "Compare with another client or a newer version of this one\n"
                 "Look at the SESSION_SETUP exchange before: it has no final answer of success",
    .reference = VERIFYING_THE_SESSION,
};

/* ---- tree_connect.error_other ---- */

/* Each has a rule of its own. */
static const uint32_t told_elsewhere[] = {
    STATUS_ACCESS_DENIED,          STATUS_BAD_NETWORK_NAME,        STATUS_DUPLICATE_NAME,
    STATUS_INVALID_PARAMETER,      STATUS_ILLEGAL_CHARACTER,       STATUS_BAD_DEVICE_TYPE,
    STATUS_REQUEST_NOT_ACCEPTED,   STATUS_INSUFFICIENT_RESOURCES,  STATUS_INSUFF_SERVER_RESOURCES,
    STATUS_NO_MEMORY,              STATUS_SMB_BAD_CLUSTER_DIALECT, STATUS_SERVER_UNAVAILABLE,
    STATUS_SHARE_UNAVAILABLE,      STATUS_FILE_NOT_AVAILABLE,      STATUS_USER_SESSION_DELETED,
    STATUS_NETWORK_SESSION_EXPIRED,
};

struct advice {
    uint32_t status;
    const char *cause, *next_step;
};

static const struct advice advices[] = {
    {STATUS_SHARING_PAUSED, "The Server service is paused: it keeps old connections and takes no new ones",
     "Get-Service LanmanServer; continue it with Resume-Service LanmanServer\n"
     "Find out who paused it: System event log, Service Control Manager"},
    {STATUS_LOGON_FAILURE, "Samba: the server cannot take on the user's identity for the share (force user, user or "
                           "group without a Unix account)",
     "Samba: testparm -s, options force user and force group of the share; id USER; log.smbd at log level 3"},
    {STATUS_UNSUCCESSFUL, "Samba: a VFS module of the share could not start",
     "Samba: testparm -s, option vfs objects of the share; log.smbd at log level 3"},
    {STATUS_BAD_NETWORK_PATH, "The server cannot reach the place that the share leads to (DFS target, remote path)",
     "On the server: does the share's path open locally? Get-SmbShare | select name, Path"},
    {STATUS_PATH_NOT_COVERED, "The path is in DFS and served by another server: the client has to ask for a referral",
     "dfsutil /pktinfo on the client; dfsutil diag viewdfspath \\\\SERVER\\SHARE"},
    {STATUS_NOT_SUPPORTED, "The request is signed, and the server has no key to check the signature with",
     "Was the logon anonymous or as guest? Such sessions have no key: the client must not sign"},
    {STATUS_IO_TIMEOUT, "The storage or cluster resource behind the share did not answer the server in time",
     "Cluster: Get-ClusterResource, Get-ClusterSharedVolume; look at the storage's log"},
};

static bool is_told_elsewhere(uint32_t status)
{
    for (size_t i = 0; i < G_N_ELEMENTS(told_elsewhere); i++)
        if (told_elsewhere[i] == status)
            return true;
    return false;
}

static bool is_failure(uint32_t status)
{
    return status & UINT32_C(0x80000000); /* warning or error, [MS-ERREF] 2.3 */
}

static bool match_error_other(const struct scene *scene, struct proof *proof)
{
    const uint32_t status = scene->exchange->status;

    if (!is_failure(status) || is_told_elsewhere(status))
        return false;
    prove_share(proof, scene);
    for (size_t i = 0; i < G_N_ELEMENTS(advices); i++) {
        if (advices[i].status == status) {
            proof->cause = advices[i].cause;
            proof->next_step = advices[i].next_step;
        }
    }
    return true;
}

static const struct rule error_other = {
    .id = "tree_connect.error_other",
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .match = match_error_other,
    .fallback = true,
    .summary = "The server refused TREE_CONNECT with an unusual status",
    .cause = "The status names the reason; the wire shows no more",
    .next_step = "Look up the status: certutil -error 0xSTATUS, or err.exe\n"
                 "Look at the server's log at that time: Microsoft-Windows-SMBServer/Operational, or "
                 "log.smbd at log level 3",
    .reference = RECEIVING_TREE_CONNECT "\n[MS-ERREF] 2.3.1 NTSTATUS Values",
};

const struct rule *const tree_session_rules[] = {
    &session_deleted, &session_expired, &session_in_progress, &error_other, NULL,
};
