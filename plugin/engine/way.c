/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the network itself shows, as evidence and as a condition of causes and steps: where the
 * capture was taken, who sent the closing packet, and ICMP errors about a request.
 */
#include "state.h"

/* ---- where the capture was taken ---- */

const char *vantage_text(const struct connection *connection, wmem_allocator_t *scope)
{
    const enum vantage vantage = connection_vantage(connection);
    const int client = connection_hops(connection, CLIENT);
    const int server = connection_hops(connection, SERVER);
    const char *where, *server_took, *client_took;

    if (vantage == VANTAGE_UNKNOWN)
        return NULL;
    where = phrase_words(scope, vantage_name(vantage));
    server_took = interval_text(connection->opening.server_took, scope);
    client_took = interval_text(connection->opening.client_took, scope);
    if (client < 0 || server < 0)
        return phrase(scope,
                      "%s: the server answered the SYN after %s, the client that answer after %s",
                      where, server_took, client_took);
    return phrase(
        scope,
        "%s: the server answered the SYN after %s, the client that answer after %s; routers "
        "between, guessed: %d to the client, %d to the server",
        where, server_took, client_took, client, server);
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
    static const char *const labels[2][2] = {
        {N_("TTL of the FIN"), N_("TTL of the RST")},
        {N_("Hop limit of the FIN"), N_("Hop limit of the RST")}};

    return labels[connection->client.address.length == 16][connection->closed_by_reset];
}

static const char *hops_before(const struct trail_seen *before, wmem_allocator_t *scope)
{
    if (before->least == before->most)
        return wmem_strdup_printf(scope, "%u", before->least);
    return phrase(scope, "%u to %u", before->least, before->most);
}

/* By who closed, as enum side has them. */
static const char *const other_sender[] = {
    [CLIENT] = N_("%u, but %s in the client's packets before: consistent with another sender"),
    [SERVER] = N_("%u, but %s in the server's packets before: consistent with another sender"),
};
static const char *const other_or_own[] = {
    [CLIENT] =
        N_("%u, but %s in the client's packets before: another sender as far away, or a host "
           "that sends its resets so"),
    [SERVER] =
        N_("%u, but %s in the server's packets before: another sender as far away, or a host "
           "that sends its resets so"),
};
static const char *const alike[] = {
    [CLIENT] = N_("%u, as in the client's packets before, which a device on the way may copy"),
    [SERVER] = N_("%u, as in the server's packets before, which a device on the way may copy"),
};
static const char *const same_sender[] = {
    [CLIENT] = N_("%u, as in the client's packets before, and its IP identification goes on from "
                  "theirs: consistent with the same sender"),
    [SERVER] = N_("%u, as in the server's packets before, and its IP identification goes on from "
                  "theirs: consistent with the same sender"),
};

/* The identification alone proves nothing: many hosts send their own resets with another one. */
static void prove_other(struct proof *proof, const struct connection *connection,
                        const char *const formats[2])
{
    const struct trail_seen *before = &connection->sides[connection->closed_by].trail;

    proof_value(proof, closer_label(connection), formats[connection->closed_by],
                connection->closing_trail.hops_left, hops_before(before, proof->scope));
    if (before->identification)
        proof_value(
            proof, "Its IP identification", "0x%04x, but 0x%04x in the packet before (frame %u)",
            connection->closing_trail.identification, before->identification, before->last_frame);
}

static void prove_like(struct proof *proof, const struct connection *connection,
                       const char *const formats[2])
{
    proof_value(proof, closer_label(connection), formats[connection->closed_by],
                connection->closing_trail.hops_left);
}

void prove_closer(struct proof *proof, const struct connection *connection)
{
    switch (connection_closer(connection)) {
    case CLOSER_OTHER:
        prove_other(proof, connection, other_sender);
        break;
    case CLOSER_RESET:
        prove_other(proof, connection, other_or_own);
        break;
    case CLOSER_ALIKE:
        prove_like(proof, connection, alike);
        break;
    case CLOSER_SAME:
        prove_like(proof, connection, same_sender);
        break;
    default:
        break;
    }
}

/* ---- ICMP errors ---- */

#define ICMP_EVIDENCE "ICMP error about the request"

/* "port unreachable (3/3 of ICMP)" */
static const char *icmp_text(const struct icmp_error *error, wmem_allocator_t *scope)
{
    return phrase(scope, "%s (%u/%u of %s)",
                  phrase_words(scope, icmp_kind_name(icmp_error_kind(error))), error->type,
                  error->code, error->is_ipv6 ? "ICMPv6" : "ICMP");
}

void prove_notice(struct proof *proof, const struct exchange *exchange)
{
    const struct icmp_notice *notice = exchange_interlude(exchange)->notice;
    const char *what;
    char *reporter;

    if (!notice || exchange->acknowledged.frame)
        return;
    reporter = address_text(&notice->error.reporter, NULL);
    what = icmp_text(&notice->error, proof->scope);
    if (notice->error.mtu)
        proof_value_in(proof, &notice->seen, ICMP_EVIDENCE,
                       "%s, no more than %u bytes fit, sent by %s", what, notice->error.mtu,
                       reporter);
    else
        proof_value_in(proof, &notice->seen, ICMP_EVIDENCE, "%s, sent by %s", what, reporter);
    wmem_free(NULL, reporter);
    if (notice->count > 1)
        proof_value(proof, "ICMP errors about the request", "%u", notice->count);
}

/* ---- tokens ---- */

/* As far as the finding knew of it: an error may have come later. */
static bool knows_icmp(const struct finding *finding, unsigned kinds)
{
    const struct icmp_notice *notice =
        finding->exchange ? exchange_interlude(finding->exchange)->notice : NULL;

    if (!notice || !(kinds & 1u << icmp_error_kind(&notice->error)))
        return false;
    for (const struct evidence *at = finding->evidence; at; at = at->next)
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
