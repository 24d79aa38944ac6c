/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A connection's set-up, step by step.
 */
#include "report_parts.h"

struct collection {
    const struct connection *connection;
    const struct finding *root; /* NULL = none */
    GArray *steps;              /* of struct report_step */
    wmem_allocator_t *scope;
    const struct kdc_exchange
        *kdc; /* what the root cause rests on, else the ticket's; NULL = none */
};

static void add(struct collection *collection, const struct report_step *step)
{
    g_array_append_vals(collection->steps, step, 1);
}

/* ---- SMB ---- */

static const char *request_label(const struct exchange *exchange, wmem_allocator_t *scope)
{
    const char *name = command_name(exchange->command);
    const char *detail = "";

    if (exchange->command == SMB2_TREE_CONNECT && exchange->tree && exchange->tree->path)
        detail = exchange->tree->path;
    else if (exchange->command == SMB2_SESSION_SETUP && exchange->session &&
             exchange->session->mechanism)
        detail = mechanism_name(exchange->session->mechanism);
    return wmem_strdup_printf(scope, "%s%s%s", name, *detail ? " " : "", detail);
}

static const char *response_label(const struct exchange *exchange, wmem_allocator_t *scope)
{
    const char *status;

    if (exchange->command == SMB1_NEGOTIATE)
        return translated("answer");
    status = status_text(exchange->status, scope);
    return wmem_strndup(scope, status, strcspn(status, " "));
}

/* Where a KDC is the cause, its answer is what failed. */
static bool is_root_cause(const struct collection *collection, const struct exchange *exchange)
{
    return collection->root && collection->root->exchange == exchange &&
           !(collection->kdc && collection->kdc->used_by == collection->connection);
}

static void add_request(struct collection *collection, const struct exchange *exchange)
{
    struct report_step step = {
        .seen = exchange->request,
        .from = LANE_CLIENT,
        .to = LANE_SERVER,
        .label = request_label(exchange, collection->scope),
        .failed = is_root_cause(collection, exchange) &&
                  collection->root->about.frame == exchange->request.frame,
    };

    if (!exchange->request.frame)
        return;
    if (exchange_interlude(exchange)->retransmissions)
        step.label = said(collection->scope, "%s (sent %u times)", step.label,
                          exchange_interlude(exchange)->retransmissions + 1);
    add(collection, &step);
}

/* One that did not come stands right behind its request. */
static void add_response(struct collection *collection, const struct exchange *exchange)
{
    const bool answered = exchange_answered(exchange);
    const struct report_step step = {
        .seen = answered ? exchange->response : exchange->request,
        .from = LANE_SERVER,
        .to = LANE_CLIENT,
        .label = answered ? response_label(exchange, collection->scope) : translated("no answer"),
        .failed = is_root_cause(collection, exchange) &&
                  (!answered || collection->root->about.frame == exchange->response.frame),
        .absent = !answered,
    };

    add(collection, &step);
}

static void add_exchanges(struct collection *collection)
{
    const struct exchange *exchange = collection->connection->first_exchange;

    for (; exchange; exchange = exchange->next) {
        add_request(collection, exchange);
        add_response(collection, exchange);
    }
}

static void add_close(struct collection *collection)
{
    const struct connection *connection = collection->connection;
    const bool by_client = connection->closed_by == CLIENT;
    const struct report_step step = {
        .seen = connection->closing,
        .from = by_client ? LANE_CLIENT : LANE_SERVER,
        .to = by_client ? LANE_SERVER : LANE_CLIENT,
        .label = connection->closed_by_reset ? "RST" : "FIN",
        .failed = collection->root && collection->root->about.frame == connection->closing.frame,
    };

    if (connection->closed && connection->closing.frame)
        add(collection, &step);
}

/* ---- TCP did not come up ---- */

static void add_attempt(struct collection *collection)
{
    const struct finding *root = collection->root;
    const struct report_step syn = {.seen = root->about,
                                    .from = LANE_CLIENT,
                                    .to = LANE_SERVER,
                                    .label = "SYN",
                                    .failed = true};
    const struct report_step answer = {.seen = root->completed,
                                       .from = LANE_SERVER,
                                       .to = LANE_CLIENT,
                                       .label = finding_headline(root, collection->scope),
                                       .failed = true};

    add(collection, &syn);
    if (root->completed.frame && root->completed.frame != root->about.frame)
        add(collection, &answer);
}

/* ---- Kerberos ---- */

static const struct kdc_exchange *find_kdc(const struct collection *collection)
{
    const struct connection *connection = collection->connection;
    const struct identity *identity =
        model_identity(connection->model, &connection->client.address);
    const struct kdc_exchange *exchange;

    for (unsigned i = 0; (exchange = identity_kdc_exchange(identity, i)) != NULL; i++)
        if (exchange->used_by == connection)
            return exchange;
    return connection_ticket_request(connection, connection->last_time);
}

static const char *kdc_reply_label(const struct kdc_exchange *exchange, wmem_allocator_t *scope)
{
    switch (exchange->reply.type) {
    case KERBEROS_AS_REP:
        return "AS-REP";
    case KERBEROS_TGS_REP:
        return "TGS-REP";
    default:
        return kerberos_error_text(exchange->reply.error_code, scope);
    }
}

static const char *kdc_request_label(const struct kdc_exchange *exchange, wmem_allocator_t *scope)
{
    const char *service = kdc_exchange_service(exchange);

    return wmem_strdup_printf(scope, "%s%s%s",
                              kdc_exchange_kind(exchange) == KERBEROS_AS_REQ ? "AS-REQ" : "TGS-REQ",
                              service ? " " : "", service ? service : "");
}

static void add_kdc(struct collection *collection)
{
    const struct kdc_exchange *kdc = collection->kdc;
    const bool is_cause = kdc->used_by == collection->connection;
    const struct report_step syn = {
        .seen = kdc->syn, .from = LANE_CLIENT, .to = LANE_KDC, .label = "SYN", .failed = is_cause};
    const struct report_step request = {.seen = kdc->last_requested,
                                        .from = LANE_CLIENT,
                                        .to = LANE_KDC,
                                        .label = kdc_request_label(kdc, collection->scope)};
    const struct report_step reply = {.seen = kdc->replied.frame ? kdc->replied : request.seen,
                                      .from = LANE_KDC,
                                      .to = LANE_CLIENT,
                                      .label = kdc->replied.frame
                                                   ? kdc_reply_label(kdc, collection->scope)
                                                   : translated("no answer"),
                                      .failed = is_cause,
                                      .absent = !kdc->replied.frame};

    if (!request.seen.frame && kdc->syn.frame)
        add(collection, &syn);
    if (request.seen.frame)
        add(collection, &request);
    if (request.seen.frame || kdc->replied.frame)
        add(collection, &reply);
}

/* ---- what is no message of the set-up ---- */

static bool has_failed_step(const struct collection *collection)
{
    for (unsigned i = 0; i < collection->steps->len; i++)
        if (g_array_index(collection->steps, struct report_step, i).failed)
            return true;
    return false;
}

static void add_other(struct collection *collection)
{
    const struct finding *root = collection->root;
    const struct report_step step = {.seen = root->about,
                                     .from = LANE_CLIENT,
                                     .to = LANE_CLIENT,
                                     .label = finding_headline(root, collection->scope),
                                     .failed = true};

    add(collection, &step);
}

/* ---- in the order of time ---- */

/* An answer that did not come has the time of its request, and stands behind it. */
static int by_time(gconstpointer a, gconstpointer b)
{
    const struct report_step *left = (const struct report_step *)a;
    const struct report_step *right = (const struct report_step *)b;

    if (left->seen.time != right->seen.time)
        return left->seen.time < right->seen.time ? -1 : 1;
    if (left->seen.frame != right->seen.frame)
        return left->seen.frame < right->seen.frame ? -1 : 1;
    return left->absent - right->absent;
}

static struct report_steps finish(struct collection *collection)
{
    struct report_steps all = {.count = collection->steps->len};

    g_array_sort(collection->steps, by_time);
    all.steps = (struct report_step *)wmem_memdup(collection->scope, collection->steps->data,
                                                  all.count * sizeof(struct report_step));
    if (collection->kdc)
        all.kdc = address_text(&collection->kdc->kdc.address, collection->scope);
    g_array_free(collection->steps, TRUE);
    return all;
}

struct report_steps report_steps_of(const struct connection *connection, wmem_allocator_t *scope)
{
    struct collection collection = {
        .connection = connection,
        .root = connection_root_cause(connection),
        .steps = g_array_new(FALSE, FALSE, sizeof(struct report_step)),
        .scope = scope,
    };

    collection.kdc = find_kdc(&collection);
    add_exchanges(&collection);
    add_close(&collection);
    if (collection.kdc)
        add_kdc(&collection);
    if (collection.root && !connection->first_exchange)
        add_attempt(&collection);
    if (collection.root && !has_failed_step(&collection))
        add_other(&collection);
    return finish(&collection);
}
