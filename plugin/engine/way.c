/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the network itself shows, as evidence and as a condition of causes and steps: where the
 * capture was taken, who sent the closing packet, and ICMP errors about a request.
 */
#include "state.h"

/* ---- where the capture was taken ---- */

static const char *hops_text(const struct connection *connection, wmem_allocator_t *scope)
{
    const int client = connection_hops(connection, CLIENT);
    const int server = connection_hops(connection, SERVER);

    if (client < 0 || server < 0)
        return "";
    return wmem_strdup_printf(
        scope, "; routers between, guessed: %d to the client, %d to the server", client, server);
}

const char *vantage_text(const struct connection *connection, wmem_allocator_t *scope)
{
    const enum vantage vantage = connection_vantage(connection);

    if (vantage == VANTAGE_UNKNOWN)
        return NULL;
    return wmem_strdup_printf(
        scope, "%s: the server answered the SYN after %s, the client that answer after %s%s",
        vantage_name(vantage), interval_text(connection->opening.server_took, scope),
        interval_text(connection->opening.client_took, scope), hops_text(connection, scope));
}

void prove_vantage(struct proof *proof, const struct connection *connection)
{
    const char *text = vantage_text(connection, proof->scope);

    if (text)
        proof_value(proof, "Captured", "%s", text);
}

/* ---- who sent the closing packet ---- */

static const char *closer_label(const struct connection *connection)
{
    static const char *const labels[2][2] = {{"TTL of the FIN", "TTL of the RST"},
                                             {"Hop limit of the FIN", "Hop limit of the RST"}};

    return labels[connection->client.address.length == 16][connection->closed_by_reset];
}

static const char *hops_before(const struct trail_seen *before, wmem_allocator_t *scope)
{
    if (before->least == before->most)
        return wmem_strdup_printf(scope, "%u", before->least);
    return wmem_strdup_printf(scope, "%u to %u", before->least, before->most);
}

/* The identification alone proves nothing: many hosts send their own resets with another one. */
static void prove_other(struct proof *proof, const struct connection *connection, const char *whose,
                        const char *meaning)
{
    const struct trail_seen *before = &connection->sides[connection->closed_by].trail;

    proof_value(proof, closer_label(connection), "%u, but %s in the %s's packets before: %s",
                connection->closing_trail.hops_left, hops_before(before, proof->scope), whose,
                meaning);
    if (before->identification)
        proof_value(
            proof, "Its IP identification", "0x%04x, but 0x%04x in the packet before (frame %u)",
            connection->closing_trail.identification, before->identification, before->last.frame);
}

void prove_closer(struct proof *proof, const struct connection *connection)
{
    static const char *const names[] = {[CLIENT] = "client", [SERVER] = "server"};
    const char *whose = names[connection->closed_by];

    switch (connection_closer(connection)) {
    case CLOSER_OTHER:
        prove_other(proof, connection, whose, "consistent with another sender");
        break;
    case CLOSER_RESET:
        prove_other(proof, connection, whose,
                    "another sender as far away, or a host that sends its resets so");
        break;
    case CLOSER_ALIKE:
        proof_value(proof, closer_label(connection),
                    "%u, as in the %s's packets before, which a device on the way may copy",
                    connection->closing_trail.hops_left, whose);
        break;
    case CLOSER_SAME:
        proof_value(proof, closer_label(connection),
                    "%u, as in the %s's packets before, and its IP identification goes on from "
                    "theirs: consistent with the same sender",
                    connection->closing_trail.hops_left, whose);
        break;
    default:
        break;
    }
}

/* ---- ICMP errors ---- */

#define ICMP_EVIDENCE "ICMP error about the request"

static const char *mtu_text(const struct icmp_error *error, wmem_allocator_t *scope)
{
    return error->mtu ? wmem_strdup_printf(scope, ", no more than %u bytes fit", error->mtu) : "";
}

void prove_notice(struct proof *proof, const struct exchange *exchange)
{
    const struct icmp_notice *notice = exchange->notice;
    char *reporter;

    if (!notice || exchange->acknowledged.frame)
        return;
    reporter = address_text(&notice->error.reporter, NULL);
    proof_value_in(proof, &notice->seen, ICMP_EVIDENCE, "%s (%u/%u of %s)%s, sent by %s",
                   icmp_kind_name(icmp_error_kind(&notice->error)), notice->error.type,
                   notice->error.code, notice->error.is_ipv6 ? "ICMPv6" : "ICMP",
                   mtu_text(&notice->error, proof->scope), reporter);
    wmem_free(NULL, reporter);
    if (notice->count > 1)
        proof_value(proof, "ICMP errors about the request", "%u", notice->count);
}

/* ---- tokens ---- */

/* As far as the finding knew of it: an error may have come later. */
static bool knows_icmp(const struct finding *finding, unsigned kinds)
{
    const struct icmp_notice *notice = finding->exchange ? finding->exchange->notice : NULL;

    if (!notice || !(kinds & 1u << icmp_error_kind(&notice->error)))
        return false;
    for (const struct evidence *at = finding->evidence.first; at; at = at->next)
        if (strcmp(at->label, ICMP_EVIDENCE) == 0)
            return true;
    return false;
}

static bool was_captured(const struct finding *finding, unsigned vantages)
{
    return vantages & 1u << connection_vantage(finding->connection);
}

static bool was_closed(const struct finding *finding, unsigned closers)
{
    return closers & 1u << connection_closer(finding->connection);
}

static const struct way_token {
    const char *token;
    bool (*holds)(const struct finding *finding, unsigned set);
    unsigned set;
} way_tokens[] = {
    {"NEAR CLIENT", was_captured, 1u << VANTAGE_CLIENT},
    {"NEAR SERVER", was_captured, 1u << VANTAGE_SERVER},
    {"OTHER TTL", was_closed, 1u << CLOSER_OTHER},
    {"SAME TTL", was_closed, 1u << CLOSER_ALIKE | 1u << CLOSER_SAME},
    {"ICMP", knows_icmp, ~0u},
    {"ICMP TOO BIG", knows_icmp, 1u << ICMP_TOO_BIG},
    {"ICMP FILTERED", knows_icmp, 1u << ICMP_PROHIBITED | 1u << ICMP_NO_PORT},
    {"ICMP NO HOST", knows_icmp, 1u << ICMP_NO_HOST},
};

bool way_condition(const struct finding *finding, const char *name, bool *holds)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(way_tokens); i++) {
        if (strcmp(way_tokens[i].token, name) != 0)
            continue;
        *holds = way_tokens[i].holds(finding, way_tokens[i].set);
        return true;
    }
    return false;
}
