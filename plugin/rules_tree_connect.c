/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree_connect: what becomes of the request for a share, [MS-SMB2] 3.3.5.7.
 */
#include "catalogue.h"

/* ---- tree_connect.bad_network_name ---- */

static bool match_bad_network_name(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (exchange->error_context == SMB2_ERROR_ID_SHARE_REDIRECT)
        return false;
    if (scene->tree && scene->tree->path) {
        proof->subject = scene->tree->path;
        proof_value_in(proof, &exchange->request, "Share asked for", "%s", scene->tree->path);
    }
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
    .cause = "The share does not exist on this server, or its name is misspelt in the request\n"
             "The name leads to another server than meant: alias, DNS, cluster name\n"
             "Samba: the share's folder does not exist or cannot be opened",
    .next_step = "Compare the name in the request with the server's shares: Get-SmbShare, net view "
                 "\\\\SERVER /all, or smbclient -L SERVER\n"
                 "Check which host the name resolves to: Resolve-DnsName SERVER\n"
                 "On Samba: testparm -s, and look at the share's path",
    .reference = "[MS-SMB2] 3.3.5.7 Receiving an SMB2 TREE_CONNECT Request",
};

const struct rule *const tree_connect_rules[] = {&bad_network_name, NULL};
