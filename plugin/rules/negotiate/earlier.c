/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate: the same client settled something else with the same server before. [MS-SMB2] 3.2.5.2.
 */
#include "facts.h"
#include "../lists.h"

#define LOOKED_AT 8 /* connections back */

/* ---- negotiate.several_servers ---- */

static bool same_guid(const uint8_t a[GUID_LENGTH], const uint8_t b[GUID_LENGTH])
{
    return memcmp(a, b, GUID_LENGTH) == 0;
}

static bool same_server(const struct connection *a, const struct connection *b)
{
    return a->agreed->answer == b->agreed->answer || /* what says the same is kept once */
           same_guid(agreed_choice(a)->server_guid, agreed_choice(b)->server_guid);
}

#define SOON (60 * NANOSECONDS_PER_SECOND)

/* The server of this connection was there before the other one, too: it was not restarted with
 * another GUID meanwhile, nor did it make one up. */
static bool is_back(const struct connection *connection, const struct connection *other)
{
    const struct connection *before = other->before;

    for (unsigned i = 0; before && i < LOOKED_AT; i++, before = before->before)
        if (same_server(before, connection))
            return sighting_interval(&before->agreed->response, &connection->agreed->response) <=
                   SOON;
    return false;
}

/* The other server is still heard of after this one has answered. */
static bool lives_beside(const struct connection *connection, const struct connection *other)
{
    return other->sides &&
           other->sides[SERVER].last_sign_of_life > connection->agreed->response.time;
}

/* All that are looked at were answered with the very same. */
static bool is_as_before(const struct connection *connection)
{
    return connection->alike >= LOOKED_AT;
}

/* Another server that answers at the same address; NULL = none. */
static const struct connection *other_at_address(const struct connection *connection)
{
    const struct connection *other = connection->before;

    if (is_as_before(connection))
        return NULL;
    for (unsigned i = 0; other && i < LOOKED_AT; i++, other = other->before)
        if (!same_server(other, connection) &&
            (lives_beside(connection, other) || is_back(connection, other)))
            return other;
    return NULL;
}

static bool same_name(const char *a, const char *b)
{
    return a && b && g_ascii_strcasecmp(a, b) == 0;
}

/* A domain's name leads to all of its domain controllers. Which domain it is shows in the logon; a
 * standalone server has one of its own name. */
static bool may_be_domain_name(const struct connection *connection)
{
    const struct session *session = connection->session;
    const struct ntlm_token *challenge = session ? session->challenge : NULL;
    const char *name = connection->server_name;
    const char *realm = session && session->ticket ? session->ticket->realm : NULL;

    if (!challenge && !realm)
        return true;
    if (host_names_match(name, realm) ||
        (challenge && host_names_match(name, challenge->dns_domain)))
        return true;
    return challenge && same_name(name, challenge->netbios_domain) &&
           !same_name(name, challenge->netbios_computer);
}

/* Another server that answers to the same name at another address; NULL = none. */
static const struct connection *other_by_name(const struct connection *connection)
{
    const struct connection *other = connection->before_by_name;

    if (!other || may_be_domain_name(connection) || connection_named_by_address(connection))
        return NULL;
    for (unsigned i = 0; other && i < LOOKED_AT; i++, other = other->before_by_name)
        if (!address_equal(&other->server.address, &connection->server.address) &&
            !same_server(other, connection) && lives_beside(connection, other))
            return other;
    return NULL;
}

static bool was_said_of(const struct connection *connection, const struct rule *rule)
{
    const struct connection *other = connection;

    for (unsigned i = 0; other && i < LOOKED_AT; i++, other = other->before)
        if (connection_finding(other, rule))
            return true;
    other = connection->before_by_name;
    for (unsigned i = 0; other && i < LOOKED_AT; i++, other = other->before_by_name)
        if (connection_finding(other, rule))
            return true;
    return false;
}

static void prove_other_server(struct proof *proof, const struct connection *connection,
                               const struct connection *other)
{
    const struct exchange *now = connection->agreed, *then = other->agreed;

    proof->about = now->response;
    proof->related = then->response;
    proof_difference(proof, "Server GUID",
                     guid_text(agreed_choice(other)->server_guid, proof->scope), &then->response,
                     guid_text(agreed_choice(connection)->server_guid, proof->scope),
                     &now->response);
    if (other->dialect != connection->dialect)
        proof_difference(proof, "Dialect", dialect_text(other->dialect, proof->scope),
                         &then->response, dialect_text(connection->dialect, proof->scope),
                         &now->response);
}

static const char *own_name(const struct connection *connection)
{
    const struct session *session = connection->session;

    return session && session->challenge ? session->challenge->netbios_computer : NULL;
}

static void prove_names(struct proof *proof, const struct connection *connection,
                        const struct connection *other)
{
    const char *name = own_name(connection), *others = own_name(other);

    if (name && others && g_ascii_strcasecmp(name, others) != 0)
        proof_difference(proof, "The servers call themselves", others, &other->session->challenged,
                         name, &connection->session->challenged);
}

static const char one_name[] =
    "The name leads to several servers: DNS round robin, or an old DNS record beside the right "
    "one; open files, sessions and channels cannot move between them\n"
    "A scale-out cluster, whose nodes share a name by design";
static const char one_name_step[] =
    "Which addresses has the name, and whose are they? Resolve-DnsName {SERVER}; remove what does "
    "not belong there\n"
    "For one name for several servers use DFS or a cluster role, not plain DNS";

/* 3.2.5.2: a client that knows the server has to close where its GUID has changed. */
static bool match_several_servers(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection, *other;
    const bool has_left = client_left_after(scene) && scene->exchange == connection->agreed;

    if (!agreed_choice(connection))
        return false;
    other = other_at_address(connection);
    if (other) {
        proof_value(proof, "Both answer at", "%s",
                    address_text(&connection->server.address, proof->scope));
    } else if ((other = other_by_name(connection)) != NULL) {
        proof_value(proof, "Both answer to", "%s", connection->server_name);
        proof_difference(proof, "Address", address_text(&other->server.address, proof->scope),
                         &other->agreed->response,
                         address_text(&connection->server.address, proof->scope),
                         &connection->agreed->response);
        proof->cause = one_name;
        proof->next_step = one_name_step;
    }
    if (!other || (!has_left && was_said_of(connection, proof->rule)))
        return false;
    if (has_left)
        proof->severity = WARNING;
    prove_other_server(proof, connection, other);
    prove_names(proof, connection, other);
    return true;
}

static const struct rule several_servers = {
    .id = "negotiate.several_servers",
    .severity = NOTE,
    .weighs = AS_WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_CLOSE,
    .match = match_several_servers,
    .summary = "Connections to one server name or address are answered by different servers",
    .headline = "Different servers answer at {=Both answer at}|Different servers answer to "
                "{=Both answer to}",
    .cause =
        "A load balancer or a virtual address leads connections to different servers; open files, "
        "sessions and channels cannot move between them\n"
        "{!TWO NAMES}A server whose software gives each connection another GUID",
    .next_step =
        "Let the load balancer keep each client on one server, or take SMB out of it: names for "
        "several servers are what DFS and cluster roles are for\n"
        "{!TWO NAMES}Which servers are they? Compare the computer names in the NTLM challenges of "
        "both "
        "connections",
    .reference = "[MS-SMB2] 3.2.5.2 Receiving an SMB2 NEGOTIATE Response",
};

/* ---- negotiate.lower_than_before ---- */

static bool same_program(const struct connection *a, const struct connection *b)
{
    const struct negotiate_request *one = agreed_offer(a), *other = agreed_offer(b);

    return one && other && !guid_is_zero(one->client_guid) &&
           same_guid(one->client_guid, other->client_guid);
}

/* 3.2.5.5: the cluster wanted less. */
static bool was_sent_lower(const struct connection *connection)
{
    return connection->last && connection->last->status == STATUS_SMB_BAD_CLUSTER_DIALECT;
}

static bool was_said_since(const struct connection *connection, const struct rule *rule)
{
    const struct connection *other = connection->before;

    for (unsigned i = 0; other && i < LOOKED_AT; i++, other = other->before)
        if (other->dialect <= connection->dialect && same_program(other, connection) &&
            connection_finding(other, rule))
            return true;
    return false;
}

/* The highest that the same program settled with this server before; NULL = nothing higher, or it
 * was said of a connection since then. */
static const struct connection *higher_before(const struct connection *connection,
                                              const struct rule *rule)
{
    const struct connection *other = connection->before, *highest = connection;

    if (is_as_before(connection))
        return NULL;
    for (unsigned i = 0; other && i < LOOKED_AT; i++, other = other->before)
        if (other->dialect > highest->dialect && same_program(other, connection))
            highest = other;
    if (highest == connection || was_sent_lower(highest) || was_said_since(connection, rule))
        return NULL;
    return highest;
}

static const char offers_less[] =
    "The client offers less than before: a setting was changed, or it tries again lower after a "
    "failure\n"
    "Consistent with a box on the way that took dialects out of the offer, which "
    "validate-negotiate would show";

static const char server_lives[] =
    "The server's highest dialect was lowered, and the first connection is from before that\n"
    "Several servers with one GUID answer at this address: nodes of a cluster with different "
    "settings\n"
    "Consistent with a downgrade on the way, which validate-negotiate would show";

/* The server's other connection is still there: it was not restarted with another setting. */
static void weigh_choice(struct proof *proof, const struct connection *connection,
                         const struct connection *before)
{
    if (connection_highest_offered(connection) < before->dialect)
        proof->cause = offers_less;
    else if (same_server(connection, before) && !before->closed) {
        proof->cause = server_lives;
        proof->severity = WARNING;
    }
}

/* The client wants that dialect and no other: a scanner tries one after the other. */
static bool asks_for_one(const struct connection *connection)
{
    const struct negotiate_request *offer = agreed_offer(connection);

    return offer && offer->dialects.count == 1;
}

static bool match_lower_than_before(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const struct connection *before =
        agreed_response(scene) ? higher_before(connection, proof->rule) : NULL;

    if (!before || asks_for_one(connection))
        return false;
    weigh_choice(proof, connection, before);
    proof->related = before->agreed->response;
    prove_offer(proof, scene->exchange);
    proof_difference(proof, "Dialect before, and now", dialect_text(before->dialect, proof->scope),
                     &before->agreed->response, dialect_text(connection->dialect, proof->scope),
                     &scene->exchange->response);
    proof_interval(proof, "Since then",
                   sighting_interval(&before->agreed->response, &scene->exchange->response));
    if (!same_server(connection, before))
        proof_difference(proof, "Server GUID",
                         guid_text(agreed_choice(before)->server_guid, proof->scope),
                         &before->agreed->response,
                         guid_text(agreed_choice(connection)->server_guid, proof->scope),
                         &scene->exchange->response);
    return true;
}

/* A dialect that was refused is nobody's choice: same client GUID, for each program on a host has
 * its own limits. */
static const struct rule lower_than_before = {
    .id = "negotiate.lower_than_before",
    .severity = NOTE,
    .weighs = AS_WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_EITHER_NEGOTIATE,
    .match = match_lower_than_before,
    .summary = "Client and server agree on a lower dialect than before in this capture",
    .headline = "{client} and {server} agree on SMB {=Dialect before, and now/2}, before on "
                "{=Dialect before, and now}",
    .cause = "The server's highest dialect was lowered, or it was restarted with another setting "
             "or version\n"
             "Another server answers now: load balancer, failover\n"
             "Consistent with a downgrade on the way, which validate-negotiate would show",
    .next_step =
        "On a Windows server: Get-SmbServerConfiguration | fl Smb2DialectMin,Smb2DialectMax; on "
        "Samba: testparm -sv | grep 'server max protocol'\n"
        "On a Windows client: Get-SmbClientConfiguration | fl Smb2DialectMin,Smb2DialectMax\n"
        "Look whether the logon is refused with STATUS_USER_SESSION_DELETED: servers with SMB 3 "
        "expect the same dialect of a client GUID while it is connected",
    .reference = "[MS-SMB2] 3.2.5.2 Receiving an SMB2 NEGOTIATE Response\n"
                 "[MS-SMB2] 3.3.5.5.3 Handling GSS-API Authentication",
};

const struct rule_list negotiate_earlier_rules = {
    .blocks = (const struct rule *const[]){&several_servers, &lower_than_before, NULL},
};
