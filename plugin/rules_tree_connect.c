/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree_connect: what becomes of the request for a share, [MS-SMB2] 3.3.5.7. Why it is denied is in
 * rules_tree_access.c.
 */
#include "catalogue.h"
#include "share_proof.h"

#define RECEIVING_TREE_CONNECT "[MS-SMB2] 3.3.5.7 Receiving an SMB2 TREE_CONNECT Request"
#define VERIFYING_THE_SESSION "[MS-SMB2] 3.3.5.2.9 Verifying the Session"

/* A status that speaks for itself. */
static bool match_share(const struct scene *scene, struct proof *proof)
{
    prove_share(proof, scene);
    return true;
}

/* ---- no answer ---- */

static bool is_unanswered(const struct scene *scene)
{
    return scene->exchange->open_frame && !scene->exchange->interim.frame;
}

/* Without protection the server hangs up by design: tree_connect.unsigned_311. An answer to a session that is to be
 * encrypted may be there, unread. */
static bool may_be_heard(const struct scene *scene)
{
    return request_is_protected(scene->exchange) || !session_is_users(scene->session) ||
           (scene->connection->dialect != DIALECT_3_1_1 && !session_is_encrypted(scene->session));
}

static bool match_no_response(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_unanswered(scene) || !may_be_heard(scene) ||
        (scene->event == ON_CLOSE && !exchange->settled))
        return false;
    if (exchange->retransmissions >= 2 && !exchange->acknowledged.frame)
        return false; /* transport.request_not_acked: the server may not have it */
    prove_share(proof, scene);
    return true;
}

static const struct rule no_response = {
    .id = "tree_connect.no_response",
    .severity = ERROR,
    .group = SEQUENCE,
    .confidence = LIKELY,
    .events = ON_CLOSE | ON_SILENCE,
    .command = SMB2_TREE_CONNECT,
    .match = match_no_response,
    .absence = true,
    .symptom = true,
    .summary = "The server did not answer TREE_CONNECT",
    .cause = "The storage, cluster resource or DFS target behind the share hangs\n"
             "Consistent with a filter driver or antivirus on the server that holds the request\n"
             "Samba: a root preexec or preexec command of the share does not end",
    .next_step = "On the server: does the share's folder open locally? Get-SmbShare | select name, Path, "
                 "then Get-ChildItem PATH\n"
                 "List the filter drivers, and try without third-party ones: fltmc instances\n"
                 "Cluster: Get-ClusterResource, and the cluster log at that time\n"
                 "Samba: testparm -s, options preexec and root preexec of the share; log.smbd",
    .reference = RECEIVING_TREE_CONNECT,
};

static bool match_reset(const struct scene *scene, struct proof *proof)
{
    if (!is_unanswered(scene) || scene->connection->closed_by != SERVER ||
        scene->exchange->settled || !may_be_heard(scene))
        return false;
    proof->related = scene->now;
    prove_share(proof, scene);
    prove_signatures(proof, scene->exchange);
    return true;
}

static const struct rule reset = {
    .id = "tree_connect.reset",
    .severity = ERROR,
    .group = SEQUENCE,
    .confidence = POSSIBLE,
    .events = ON_CLOSE,
    .command = SMB2_TREE_CONNECT,
    .match = match_reset,
    .absence = true,
    .symptom = true,
    .summary = "The server closed the connection instead of answering TREE_CONNECT",
    .cause = "The server refuses to go on: request not valid for this session, or anonymous access is off\n"
             "The SMB service or the process behind it ended at this request\n"
             "A device on the path sent the close in the server's name",
    .next_step = "Look at the server's log at that time: Microsoft-Windows-SMBServer/Operational, or "
                 "log.smbd at log level 3\n"
                 "Compare TTL and IP identification of the closing packet with earlier ones of the "
                 "server\n"
                 "Capture on the server: did it send the close?",
    .reference = RECEIVING_TREE_CONNECT "\n" VERIFYING_THE_SESSION,
};

/* ---- the name ---- */

static bool match_bad_network_name(const struct scene *scene, struct proof *proof)
{
    if (scene->exchange->error_context == SMB2_ERROR_ID_SHARE_REDIRECT)
        return false;
    prove_share(proof, scene);
    return true;
}

static const struct rule bad_network_name = {
    .id = "tree_connect.bad_network_name",
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_BAD_NETWORK_NAME, 0},
    .match = match_bad_network_name,
    .summary = "The server has no share of that name",
    .cause = "The share does not exist on this server, or its name is misspelt in the client's request\n"
             "The name leads to another server than meant: alias, DNS, cluster name\n"
             "Samba: the share's folder does not exist or cannot be opened",
    .next_step = "Make sure that the share exists on the server and is spelt as in the client's request: "
                 "Get-SmbShare, net view \\\\SERVER /all, or smbclient -L SERVER\n"
                 "Check which host the name leads to: Resolve-DnsName SERVER\n"
                 "On Samba: testparm -s, and look at the share's path",
    .reference = RECEIVING_TREE_CONNECT,
};

static bool match_share_redirect(const struct scene *scene, struct proof *proof)
{
    if (scene->exchange->error_context != SMB2_ERROR_ID_SHARE_REDIRECT)
        return false;
    prove_share(proof, scene);
    return true;
}

static const struct rule share_redirect = {
    .id = "tree_connect.share_redirect",
    .severity = NOTE,
    .group = RESPONSE_CODE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_BAD_NETWORK_NAME, 0},
    .match = match_share_redirect,
    .summary = "The server sends the client to the cluster node that owns the share",
    .cause = "Normal with a scale-out file server: the client connects to one of the addresses in the answer",
    .next_step = "Follow the client's next connection: the set-up goes on there\n"
                 "If none follows, can the client reach the addresses in the error context of this answer?",
    .reference = RECEIVING_TREE_CONNECT "\n[MS-SMB2] 2.2.2.2.2 Share Redirect Error Context Response",
};

static bool match_duplicate_name(const struct scene *scene, struct proof *proof)
{
    prove_share(proof, scene);
    if (scene->session && scene->session->challenge && scene->session->challenge->netbios_computer)
        proof_value(proof, "The server calls itself", "%s",
                    scene->session->challenge->netbios_computer);
    return true;
}

static const struct rule duplicate_name = {
    .id = "tree_connect.duplicate_name",
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_DUPLICATE_NAME, 0},
    .match = match_duplicate_name,
    .summary = "The server refuses to be addressed by that name",
    .cause = "The client uses an alias (DNS CNAME, second A record) that the server does not know as its own: "
             "strict name checking",
    .next_step = "Make the alias a name of the server, with its SPNs: netdom computername SERVER /add:ALIAS\n"
                 "Older servers: DisableStrictNameChecking = 1 (DWORD) under "
                 "HKLM\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Parameters, and setspn -S "
                 "cifs/ALIAS SERVER\n"
                 "Or let the client use the server's own name",
    .reference = RECEIVING_TREE_CONNECT "\n[MS-ERREF] 2.3.1 NTSTATUS Values",
};

static const struct rule invalid_path = {
    .id = "tree_connect.invalid_path",
    .severity = ERROR,
    .group = PROTOCOL,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_INVALID_PARAMETER, STATUS_ILLEGAL_CHARACTER, 0},
    .match = match_share,
    .summary = "The server cannot read the path in TREE_CONNECT",
    .cause = "The client did not send a path of the form \\\\server\\share, or sent other malformed fields\n"
             "The name has characters that the server cannot convert (Samba)\n"
             "A device on the path altered the request",
    .next_step = "Look at the path in the request, byte by byte\n"
                 "Try another client; report the path to the vendor of this one",
    .reference = RECEIVING_TREE_CONNECT "\n[MS-SMB2] 2.2.9 SMB2 TREE_CONNECT Request",
};

static const struct rule bad_device_type = {
    .id = "tree_connect.bad_device_type",
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_BAD_DEVICE_TYPE, 0},
    .match = match_share,
    .summary = "The share is of another kind than the client asks for",
    .cause = "The client wants a printer or a pipe where the server shares a folder, or the other way round",
    .next_step = "Compare with the kind of the share: Get-SmbShare | select name, ShareType, or testparm -s "
                 "(printable, path)",
    .reference = RECEIVING_TREE_CONNECT "\n[MS-ERREF] 2.3.1 NTSTATUS Values",
};

/* ---- limits ---- */

static const struct rule user_limit = {
    .id = "tree_connect.user_limit",
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_REQUEST_NOT_ACCEPTED, 0},
    .match = match_share,
    .summary = "The share already has as many users as it allows",
    .cause = "The share's user limit is reached\n"
             "A client edition of Windows serves a limited number of users at a time",
    .next_step = "Get-SmbShare | select name, ConcurrentUserLimit, CurrentUsers\n"
                 "Raise or lift it: Set-SmbShare -Name SHARE -ConcurrentUserLimit 0\n"
                 "Look for sessions left behind: Get-SmbSession, Get-SmbOpenFile",
    .reference = RECEIVING_TREE_CONNECT,
};

static const struct rule resources = {
    .id = "tree_connect.resources",
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_INSUFFICIENT_RESOURCES, STATUS_INSUFF_SERVER_RESOURCES,
                                   STATUS_NO_MEMORY, 0},
    .match = match_share,
    .summary = "The server has no resources left for the share",
    .cause = "Samba: the share's max connections is reached\n"
             "The server is out of memory or of tree connections",
    .next_step = "Samba: testparm -s, option max connections of the share, and smbstatus -S for who uses it\n"
                 "Windows: Get-SmbSession | measure, memory and paged pool of the server, event 2019, 2020 "
                 "or 2021",
    .reference = RECEIVING_TREE_CONNECT,
};

static const struct rule bad_cluster_dialect = {
    .id = "tree_connect.bad_cluster_dialect",
    .severity = NOTE,
    .group = RESPONSE_CODE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_SMB_BAD_CLUSTER_DIALECT, 0},
    .match = match_share,
    .summary = "The cluster asks the client to come back with a lower dialect",
    .cause = "The nodes of the cluster run different versions (rolling upgrade); the client connects again with the "
             "highest dialect that all of them speak",
    .next_step = "Follow the client's next connection: the set-up goes on there\n"
                 "When all nodes are upgraded: Update-ClusterFunctionalLevel",
    .reference = RECEIVING_TREE_CONNECT "\n[MS-SMB2] 3.2.5.5 Receiving an SMB2 TREE_CONNECT Response",
};

static const struct rule server_unavailable = {
    .id = "tree_connect.server_unavailable",
    .severity = WARNING,
    .group = RESPONSE_CODE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_SERVER_UNAVAILABLE, STATUS_SHARE_UNAVAILABLE,
                                   STATUS_FILE_NOT_AVAILABLE, 0},
    .match = match_share,
    .summary = "The server is not ready to serve the share yet",
    .cause = "The cluster role or the share is starting or failing over; clients try again by themselves",
    .next_step = "If it lasts: Get-ClusterGroup, Get-ClusterResource, and the cluster log at that time",
    .reference = "[MS-SMB2] 3.3.4.4 Sending an Error Response\n" RECEIVING_TREE_CONNECT,
};

const struct rule *const tree_connect_rules[] = {
    &no_response,   &reset,        &bad_network_name, &share_redirect,      &duplicate_name,
    &invalid_path,  &bad_device_type, &user_limit,    &resources,           &bad_cluster_dialect,
    &server_unavailable, NULL,
};
