/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree_connect: the server answers with an error that names the reason. [MS-SMB2] 3.3.5.7. Denied
 * access is in denied.c, what has to do with the session in session.c.
 */
#include "facts.h"
#include "../lists.h"
#include "../others.h"

/* ---- tree_connect.bad_network_name, tree_connect.share_redirect ---- */

static bool is_redirect(const struct exchange *exchange)
{
    return exchange->answer->error_context == SMB2_ERROR_ID_SHARE_REDIRECT;
}

static bool match_bad_network_name(const struct scene *scene, struct proof *proof)
{
    if (is_redirect(scene->exchange))
        return false;
    prove_share(proof, scene);
    if (!scene->exchange->answer->error_context_known) {
        proof_caveat(proof, "The capture has only the head of the answer, whose rest may send the "
                            "client to another server");
        proof->confidence = LIKELY;
    }
    return true;
}

static const struct rule bad_network_name = {
    .id = "tree_connect.bad_network_name",
    .severity = ERROR,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_BAD_NETWORK_NAME, 0},
    .match = match_bad_network_name,
    .summary = "The server has no share of that name",
    .headline = "No share \"{share}\" on {server}",
    .others = WHERE_OTHER_SHARES_OPEN,
    .cause =
        "The share does not exist on this server, or its name is misspelt in the client's request\n"
        "{!BY ADDRESS}The name leads to another server than meant: alias, DNS, cluster name\n"
        "{?BY ADDRESS}The address belongs to another server than meant\n"
        "The folder behind the share is missing: Windows did not share it again when its "
        "Server service started; Samba cannot open it; NetApp ONTAP: the volume is offline or "
        "unmounted",
    .next_step =
        "Make sure that the share exists on the server and is spelt as in the client's "
        "request: Get-SmbShare, net view \\\\{SERVER} /all, or smbclient -L {SERVER}\n"
        "{!BY ADDRESS}Check which host the name leads to: Resolve-DnsName {SERVER}\n"
        "On Windows, System log: event 2511 of Server names shares whose folder was "
        "missing when the service started\n"
        "On Samba: testparm -s, and look at the share's path; on ONTAP: vserver cifs share "
        "show, and volume show -junction",
    .reference = RECEIVING_TREE_CONNECT,
};

static bool match_share_redirect(const struct scene *scene, struct proof *proof)
{
    if (!is_redirect(scene->exchange))
        return false;
    prove_share(proof, scene);
    return true;
}

static const struct rule share_redirect = {
    .id = "tree_connect.share_redirect",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_BAD_NETWORK_NAME, 0},
    .match = match_share_redirect,
    .summary = "The server sends the client to the cluster node that owns the share",
    .headline = "{server} sends the client to the owner of \"{share}\"",
    .cause = "Normal with a scale-out file server: the client connects to one of the addresses in "
             "the answer",
    .next_step =
        "Follow the client's next connection: the set-up goes on there\n"
        "If none follows, can the client reach the addresses in the error context of this answer?",
    .reference =
        RECEIVING_TREE_CONNECT "\n[MS-SMB2] 2.2.2.2.2 Share Redirect Error Context Response",
};

/* ---- tree_connect.error_other ---- */

static const struct rule_list *const family[] = {
    &tree_connect_ended_rules,      &tree_connect_refused_rules,
    &tree_connect_signing_rules,    &tree_connect_denied_rules,
    &tree_connect_encryption_rules, &tree_connect_names_rules,
    &tree_connect_session_rules,    NULL,
};

static bool is_told_elsewhere(uint32_t status)
{
    return family_has_status(family, status) &&
           !rule_has_status(&tree_connect_session_in_progress, status);
}

struct advice {
    uint32_t status;
    const char *cause, *next_step;
};

static const struct advice advices[] = {
    {STATUS_SHARING_PAUSED,
     "The Server service is paused: it keeps old connections and takes no new ones",
     "Get-Service LanmanServer; continue it with Resume-Service LanmanServer\n"
     "Find out who paused it: System event log, Service Control Manager"},
    {STATUS_LOGON_FAILURE,
     "Samba: the server cannot take on the user's identity for the share (force user, user or "
     "group without a Unix account)",
     "Samba: testparm -s, options force user and force group of the share; id {USER}; log.smbd at "
     "log level 3"},
    {STATUS_UNSUCCESSFUL, "Samba: a VFS module of the share could not start",
     "Samba: testparm -s, option vfs objects of the share; log.smbd at log level 3"},
    {STATUS_BAD_NETWORK_PATH,
     "The server cannot reach the place that the share leads to (DFS target, remote path)",
     "On the server: does the share's path open locally? Get-SmbShare | select name, Path"},
    {STATUS_PATH_NOT_COVERED,
     "The path is in DFS and served by another server: the client has to ask for a referral",
     "dfsutil /pktinfo on the client; dfsutil diag viewdfspath \\\\{SERVER}\\{SHARE}"},
    {STATUS_NOT_SUPPORTED,
     "The request is signed, and the server has no key to check the signature with",
     "Was the logon anonymous or as guest? Such sessions have no key: the client must not sign"},
    {STATUS_IO_TIMEOUT,
     "The storage or cluster resource behind the share did not answer the server in time",
     "Cluster: Get-ClusterResource, Get-ClusterSharedVolume; look at the storage's log"},
};

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
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .match = match_error_other,
    .fallback = true,
    .summary = "The server refused TREE_CONNECT with an unusual status",
    .headline = "{server} refused \"{share}\": {status}|{server} refused TREE_CONNECT: {status}",
    .cause = "The status names the reason; the wire shows no more",
    .next_step = "Look up the status: certutil -error {STATUS}, or err.exe\n"
                 "Look at the server's log at that time: Microsoft-Windows-SMBServer/Operational, "
                 "or log.smbd at log level 3",
    .reference = RECEIVING_TREE_CONNECT "\n[MS-ERREF] 2.3.1 NTSTATUS Values",
};

/* ---- statuses that speak for themselves ---- */

static bool match_share(const struct scene *scene, struct proof *proof)
{
    prove_share(proof, scene);
    return true;
}

#define TREE_CONNECT_ANSWER                                                                        \
    .events = ON_RESPONSE, .commands = FOR_TREE_CONNECT, .match = match_share

static const struct rule rows[] = {
    {.id = "tree_connect.invalid_path",
     TREE_CONNECT_ANSWER,
     .severity = ERROR,
     .confidence = CERTAIN,
     .statuses = (const uint32_t[]){STATUS_INVALID_PARAMETER, STATUS_ILLEGAL_CHARACTER, 0},
     .summary = "The server cannot read the path in TREE_CONNECT",
     .headline = "{server} cannot read the path {=Share asked for}",
     .cause = "The client did not send a path of the form \\\\server\\share, or sent other "
              "malformed fields\n"
              "The name has characters that the server cannot convert (Samba)\n"
              "A device on the path altered the request",
     .next_step = "Look at the path in the request, byte by byte\n"
                  "Try another client; report the path to the vendor of this one",
     .reference = RECEIVING_TREE_CONNECT "\n[MS-SMB2] 2.2.9 SMB2 TREE_CONNECT Request"},

    {.id = "tree_connect.bad_device_type",
     TREE_CONNECT_ANSWER,
     .severity = ERROR,
     .confidence = CERTAIN,
     .statuses = (const uint32_t[]){STATUS_BAD_DEVICE_TYPE, 0},
     .summary = "The share is of another kind than the client asks for",
     .headline = "\"{share}\" on {server} is of another kind than the client asks for",
     .cause = "The client wants a printer or a pipe where the server shares a folder, or the other "
              "way round",
     .next_step = "Compare with the kind of the share: Get-SmbShare | select name, ShareType, or "
                  "testparm -s (printable, path)",
     .reference = RECEIVING_TREE_CONNECT "\n[MS-ERREF] 2.3.1 NTSTATUS Values"},

    {.id = "tree_connect.user_limit",
     TREE_CONNECT_ANSWER,
     .severity = ERROR,
     .confidence = CERTAIN,
     .statuses = (const uint32_t[]){STATUS_REQUEST_NOT_ACCEPTED, 0},
     .summary = "The share already has as many users as it allows",
     .headline = "\"{share}\" on {server} has as many users as it allows",
     .cause = "The share's user limit is reached\n"
              "A client edition of Windows serves a limited number of users at a time",
     .next_step = "Get-SmbShare | select name, ConcurrentUserLimit, CurrentUsers\n"
                  "Raise or lift it: Set-SmbShare -Name {SHARE} -ConcurrentUserLimit 0\n"
                  "Look for sessions left behind: Get-SmbSession, Get-SmbOpenFile",
     .reference = RECEIVING_TREE_CONNECT},

    {.id = "tree_connect.resources",
     TREE_CONNECT_ANSWER,
     .severity = ERROR,
     .confidence = LIKELY,
     .statuses = (const uint32_t[]){STATUS_INSUFFICIENT_RESOURCES, STATUS_INSUFF_SERVER_RESOURCES,
                                    STATUS_NO_MEMORY, 0},
     .summary = "The server has no resources left for the share",
     .headline = "{server} has no resources left for \"{share}\"",
     .cause = "Samba: the share's max connections is reached\n"
              "The server is out of memory or of tree connections",
     .next_step = "Samba: testparm -s, option max connections of the share, and smbstatus -S for "
                  "who uses it\n"
                  "Windows: Get-SmbSession | measure, memory and paged pool of the server, event "
                  "2019, 2020 or 2021",
     .reference = RECEIVING_TREE_CONNECT},

    {.id = "tree_connect.bad_cluster_dialect",
     TREE_CONNECT_ANSWER,
     .severity = NOTE,
     .confidence = CERTAIN,
     .statuses = (const uint32_t[]){STATUS_SMB_BAD_CLUSTER_DIALECT, 0},
     .summary = "The cluster asks the client to come back with a lower dialect",
     .headline = "{server} asks the client to come back with a lower dialect",
     .cause = "The nodes of the cluster run different versions (rolling upgrade); the client "
              "connects again with the highest dialect that all of them speak",
     .next_step = "Follow the client's next connection: the set-up goes on there\n"
                  "When all nodes are upgraded: Update-ClusterFunctionalLevel",
     .reference =
         RECEIVING_TREE_CONNECT "\n[MS-SMB2] 3.2.5.5 Receiving an SMB2 TREE_CONNECT Response"},

    {.id = "tree_connect.server_unavailable",
     TREE_CONNECT_ANSWER,
     .severity = WARNING,
     .confidence = CERTAIN,
     .statuses = (const uint32_t[]){STATUS_SERVER_UNAVAILABLE, STATUS_SHARE_UNAVAILABLE,
                                    STATUS_FILE_NOT_AVAILABLE, 0},
     .summary = "The server is not ready to serve the share yet",
     .headline = "{server} is not ready to serve \"{share}\": {status}",
     .cause = "The cluster role or the share is starting or failing over; clients try again by "
              "themselves",
     .next_step =
         "If it lasts: Get-ClusterGroup, Get-ClusterResource, and the cluster log at that time",
     .reference = "[MS-SMB2] 3.3.4.4 Sending an Error Response\n" RECEIVING_TREE_CONNECT},

    {0},
};

const struct rule_list tree_connect_refused_rules = {
    .blocks = (const struct rule *const[]){&bad_network_name, &share_redirect, &error_other, NULL},
    .rows = rows,
};
