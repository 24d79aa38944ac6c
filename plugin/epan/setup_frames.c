/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The frames beside SMB2 that belong to a connection's set-up: what its findings name, and what the
 * model knows of the client's dealings with KDCs and DNS at that time.
 */
#include "window.h"

/* A ticket and a name may have been asked for that long before the connection began. */
#define BEFORE (10 * NANOSECONDS_PER_SECOND)

struct visit {
    take_beside *take;
    void *data;
};

static void tell(const struct visit *visit, const struct sighting *sighting, const char *label,
                 const char *value)
{
    const struct beside beside = {.frame = sighting->frame, .label = label, .value = value};

    if (beside.frame)
        visit->take(&beside, visit->data);
}

/* ---- findings ---- */

static void tell_evidence(const struct visit *visit, const struct finding *finding,
                          const struct evidence *evidence)
{
    for (unsigned part = 0; part < EVIDENCE_PARTS; part++) {
        const struct beside beside = {.frame = evidence_frame(evidence, part),
                                      .label = evidence->label,
                                      .value = evidence_value(evidence, part),
                                      .finding = finding};

        if (beside.frame)
            visit->take(&beside, visit->data);
    }
}

/* Behind the evidence, which has better names for the same frames. */
static void tell_own_frames(const struct visit *visit, const struct finding *finding)
{
    const bool is_attempt = finding->connection->without_exchanges == STAGE_NO_TCP;
    const struct beside own[] = {
        {finding->about.frame, is_attempt ? "SYN" : N_("finding"), NULL, finding},
        {finding->completed.frame, is_attempt ? N_("answer") : N_("completes it"), NULL, finding},
        {finding->related, N_("related"), NULL, finding},
        {finding->last.frame, is_attempt ? "SYN" : N_("again"), NULL, finding},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(own); i++)
        if (own[i].frame)
            visit->take(&own[i], visit->data);
}

static void tell_finding(const struct visit *visit, const struct finding *finding)
{
    for (const struct evidence *at = finding->evidence; at; at = at->next)
        tell_evidence(visit, finding, at);
    tell_own_frames(visit, finding);
}

static void visit_findings(const struct visit *visit, const struct connection *connection)
{
    for (const struct finding *finding = connection_first_finding(connection); finding;
         finding = finding->next) {
        if (!finding->withdrawn)
            tell_finding(visit, finding);
    }
}

/* ---- KDCs and names ---- */

/* The time that the set-up took up: where it got nowhere, what the client did until it left. */
struct span {
    int64_t from, until;
};

static struct span span_of(const struct connection *connection)
{
    const struct exchange *last = connection->last_exchange;
    struct span span = {connection->first.time - BEFORE, connection->last_time};

    if (connection->tree_connected && last && last->response.frame)
        span.until = last->response.time;
    return span;
}

static bool is_within(const struct span *span, const struct sighting *sighting)
{
    return sighting->frame && sighting->time >= span->from && sighting->time <= span->until;
}

/* Tickets that say whose they are: for this server, or for getting others. */
static bool serves(const struct kdc_exchange *exchange, const struct identity *identity,
                   const struct connection *connection)
{
    const char *service = kdc_exchange_service(exchange);

    if (kdc_exchange_kind(exchange) == KERBEROS_AS_REQ || !service)
        return true;
    return g_ascii_strncasecmp(service, "krbtgt/", 7) == 0 ||
           identity_service_match(identity, connection, service) != SERVICE_OTHER;
}

static void tell_reply(const struct visit *visit, const struct kdc_exchange *exchange,
                       const struct connection *connection)
{
    switch (exchange->reply.type) {
    case KERBEROS_AS_REP:
        tell(visit, &exchange->replied, "AS-REP", kdc_exchange_service(exchange));
        break;
    case KERBEROS_TGS_REP:
        tell(visit, &exchange->replied, "TGS-REP", kdc_exchange_service(exchange));
        break;
    default:
        tell(visit, &exchange->replied, "KRB-ERROR",
             kerberos_error_text(exchange->reply.error_code, model_scope(connection->model)));
    }
}

static void tell_kdc(const struct visit *visit, const struct kdc_exchange *exchange,
                     const struct connection *connection)
{
    const char *service = kdc_exchange_service(exchange);
    const char *request = kdc_exchange_kind(exchange) == KERBEROS_AS_REQ ? "AS-REQ" : "TGS-REQ";

    tell(visit, &exchange->syn, N_("SYN to the KDC"), NULL);
    tell(visit, &exchange->last_syn, N_("SYN to the KDC"), NULL);
    tell(visit, &exchange->syn_refused, N_("RST of the KDC"), NULL);
    tell(visit, &exchange->requested, request, service);
    tell(visit, &exchange->last_requested, request, service);
    tell_reply(visit, exchange, connection);
    tell(visit, &exchange->ended, N_("KDC hung up"), NULL);
}

static void visit_kdcs(const struct visit *visit, const struct connection *connection,
                       const struct identity *identity)
{
    const struct span span = span_of(connection);
    const struct kdc_exchange *exchange;

    for (unsigned i = 0; (exchange = identity_kdc_exchange(identity, i)) != NULL; i++)
        if ((is_within(&span, &exchange->requested) || is_within(&span, &exchange->syn) ||
             is_within(&span, &exchange->replied)) &&
            serves(exchange, identity, connection))
            tell_kdc(visit, exchange, connection);
}

void setup_frames_visit(const struct connection *connection, take_beside *take, void *data)
{
    const struct visit visit = {take, data};
    const struct identity *identity =
        model_identity(connection->model, &connection->client.address);
    struct name_evidence names;

    visit_findings(&visit, connection);
    if (!identity)
        return;
    visit_kdcs(&visit, connection, identity);
    if (identity_names(identity, &connection->server.address, &names) &&
        names.seen.time <= span_of(connection).until)
        tell(&visit, &names.seen, N_("DNS answer"), NULL);
}
