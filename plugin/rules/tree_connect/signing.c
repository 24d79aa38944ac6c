/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree_connect: requests that are not signed where they have to be. [MS-SMB2] 3.3.5.7.
 */
#include "facts.h"
#include "../lists.h"

/* ---- tree_connect.unsigned_311 ---- */

/* The other events than an answer: the server hung up without one. */
static bool was_hung_up_on(const struct scene *scene)
{
    return exchange_is_open(scene->exchange) && scene->connection->closed_by == SERVER &&
           !exchange_interlude(scene->exchange)->interim.frame && !scene->exchange->malformed &&
           connection_absence_is_proof(scene->connection);
}

static bool match_unsigned_311(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (scene->connection->dialect != DIALECT_3_1_1 || request_is_protected(exchange) ||
        !exchange->request.frame || !session_is_users(scene->session) ||
        session_is_encrypted(scene->session))
        return false;
    if (scene->event == ON_CLOSE ? !was_hung_up_on(scene)
                                 : exchange->status != STATUS_ACCESS_DENIED)
        return false;
    proof->about = exchange->request;
    proof->related = scene->now;
    prove_share(proof, scene);
    prove_user(proof, scene->session);
    prove_signatures(proof, exchange);
    return true;
}

static const struct rule unsigned_311 = {
    .id = "tree_connect.unsigned_311",
    .severity = ERROR,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_TREE_CONNECT,
    .match = match_unsigned_311,
    .summary =
        "TREE_CONNECT on SMB 3.1.1 is neither signed nor encrypted, so the server rejects it",
    .headline = "{client} does not sign TREE_CONNECT to \"{share}\" on SMB 3.1.1",
    .cause =
        "The client does not sign: a fault of its SMB library, or signing switched off there\n"
        "A device on the path took the signature off (WAN accelerator, \"signing optimisation\")",
    .next_step =
        "Capture on both sides: is the request signed when it leaves the client?\n"
        "Switch on signing in the client, or update it; take SMB out of the WAN accelerator\n"
        "Samba: log.smbd says \"reject request to share ... without encryption or signing\"",
    .reference = RECEIVING_TREE_CONNECT,
};

const struct rule_list tree_connect_signing_rules = {
    .blocks = (const struct rule *const[]){&unsigned_311, NULL},
};
