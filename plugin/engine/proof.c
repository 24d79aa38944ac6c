/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a proof begins with, and the evidence that every finding has.
 */
#include "state.h"

struct sighting proof_about(const struct scene *scene)
{
    const struct exchange *exchange = scene->exchange;

    switch (scene->event) {
    case ON_REQUEST:
        return exchange->request;
    case ON_RESPONSE:
        return exchange->response;
    case ON_CLOSE:
    case ON_SILENCE:
    case ON_UNREACHABLE:
        if (exchange && exchange_answered(exchange))
            return exchange->response;
        if (exchange)
            return exchange->request;
        return scene->now;
    default:
        return scene->now;
    }
}

static void prove_silence(struct proof *proof, const struct exchange *exchange,
                          const struct scene *scene)
{
    proof_frame(proof, "Acknowledged by the server's TCP", &exchange->acknowledged);
    if (exchange_interlude(exchange)->retransmissions)
        proof_value(proof, "Retransmitted", "%u times",
                    exchange_interlude(exchange)->retransmissions);
    prove_notice(proof, exchange);
    proof_frame(proof, "Interim response (STATUS_PENDING)", &exchange_interlude(exchange)->interim);
    proof_interval(proof, "Unanswered for", scene->now.time - exchange->request.time);
}

/* That a server closes what is done needs no proof of who sent it. */
static void prove_close(struct proof *proof, const struct connection *connection,
                        const struct exchange *exchange)
{
    const char *how = connection->closed_by_reset ? "RST" : "FIN";

    if (connection->closed_by == CLIENT)
        proof_value_in(proof, &connection->closing, "Closed", "by the client (%s)", how);
    else
        proof_value_in(proof, &connection->closing, "Closed", "by the server (%s)", how);
    if (connection_closer(connection) == CLOSER_OTHER ||
        (connection->closed_by == SERVER && exchange_is_open(exchange)))
        prove_closer(proof, connection);
}

static void prove_caveats(struct proof *proof, const struct connection *connection)
{
    if (connection->midstream)
        proof_caveat(proof, "The capture starts after the connection's first message");
    else if (connection->gap.frame)
        proof_caveat(proof, "Bytes of this connection are missing in the capture");
}

struct evidence_list proof_evidence(const struct scene *scene, const struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    struct proof common = *proof;

    common.evidence = (struct evidence_list){0};
    if (exchange && !exchange_answered(exchange) && scene->event != ON_REQUEST)
        prove_silence(&common, exchange, scene);
    if (scene->event == ON_CLOSE)
        prove_close(&common, scene->connection, exchange);
    if (exchange_is_open(exchange) && scene->event != ON_REQUEST)
        prove_vantage(&common, scene->connection);
    prove_caveats(&common, scene->connection);
    evidence_append(&common.evidence, proof->evidence);
    return common.evidence;
}
