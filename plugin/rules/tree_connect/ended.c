/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree_connect: the request stayed without an answer. [MS-SMB2] 3.3.5.7, 3.3.5.2.9.
 */
#include "facts.h"
#include "../lists.h"
#include "../others.h"

static bool is_unanswered(const struct scene *scene)
{
    return exchange_is_open(scene->exchange) && !exchange_interlude(scene->exchange)->interim.frame;
}

/* Without protection the server hangs up by design: tree_connect.unsigned_311. An answer to a
 * session that is to be encrypted may be there, unread. */
static bool may_be_heard(const struct scene *scene)
{
    return request_is_protected(scene->exchange) || !session_is_users(scene->session) ||
           (scene->connection->dialect != DIALECT_3_1_1 && !session_is_encrypted(scene->session));
}

/* ---- tree_connect.no_response ---- */

static bool match_no_response(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_unanswered(scene) || !may_be_heard(scene) ||
        (scene->event == ON_CLOSE && !exchange->settled))
        return false;
    if (request_never_arrived(exchange)) /* the server may not have it */
        return false;
    prove_share(proof, scene);
    return true;
}

static const struct rule no_response = {
    .id = "tree_connect.no_response",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_CLOSE | ON_SILENCE,
    .commands = FOR_TREE_CONNECT,
    .match = match_no_response,
    .absence = true,
    .symptom = true,
    .summary = "The server did not answer TREE_CONNECT",
    .headline =
        "{server} did not answer TREE_CONNECT to \"{share}\"|{server} did not answer TREE_CONNECT",
    .others = WHERE_OTHERS_OPEN,
    .cause = "The storage, cluster resource or DFS target behind the share hangs\n"
             "Consistent with a filter driver or antivirus on the server that holds the request\n"
             "Samba: a root preexec or preexec command of the share does not end",
    .next_step = "On the server: does the share's folder open locally? Get-SmbShare | select name, "
                 "Path, then Get-ChildItem PATH\n"
                 "Cluster: Get-ClusterResource, and the cluster log at that time\n"
                 "Samba: testparm -s, options preexec and root preexec of the share; log.smbd\n"
                 "List the filter drivers: fltmc instances; at last, try without third-party ones",
    .reference = RECEIVING_TREE_CONNECT,
};

/* ---- tree_connect.reset ---- */

static bool match_reset(const struct scene *scene, struct proof *proof)
{
    if (!is_unanswered(scene) || scene->connection->closed_by != SERVER ||
        scene->exchange->settled || !may_be_heard(scene) || scene->exchange->malformed)
        return false;
    proof->related = scene->now;
    prove_share(proof, scene);
    prove_signatures(proof, scene->exchange);
    return true;
}

static const struct rule reset = {
    .id = "tree_connect.reset",
    .severity = ERROR,
    .confidence = POSSIBLE,
    .events = ON_CLOSE,
    .commands = FOR_TREE_CONNECT,
    .match = match_reset,
    .absence = true,
    .symptom = true,
    .summary = "The server closed the connection instead of answering TREE_CONNECT",
    .headline = "{server} closed the connection instead of opening \"{share}\"",
    .cause = CLOSED_BY_ANOTHER
    "The server refuses to go on: request not valid for this session, or anonymous access "
    "is off\n"
    "The SMB service or the process behind it ended at this request\n" UNLESS_TTL_TELLS
    "A device on the path sent the close in the server's name\n" DESPITE_TTL
    "a device on the path sent the close in the server's name",
    .next_step =
        "Look at the server's log at that time: Microsoft-Windows-SMBServer/Operational, or "
        "log.smbd at log level 3\n" FIND_WHO_CLOSED CAPTURE_WHO_CLOSED,
    .reference = RECEIVING_TREE_CONNECT "\n" VERIFYING_THE_SESSION,
};

const struct rule_list tree_connect_ended_rules = {
    .blocks = (const struct rule *const[]){&no_response, &reset, NULL},
};
