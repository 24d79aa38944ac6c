/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What logons showed of the servers that they went to, and what KDCs said of those servers' own
 * accounts.
 */
#include "identity_rings.h"
#include "state.h"

const struct server *connection_server(const struct connection *connection)
{
    return (const struct server *)wmem_map_lookup(connection->model->servers,
                                                  &connection->server.address);
}

static struct server *server_make(struct model *model, const struct address *address)
{
    struct server *server = (struct server *)wmem_map_lookup(model->servers, address);

    if (server)
        return server;
    server = wmem_new0(model->scope, struct server);
    wmem_map_insert(model->servers, wmem_memdup(model->scope, address, sizeof *address), server);
    return server;
}

/* ---- tickets ---- */

static bool same_text(const char *a, const char *b)
{
    return a && b && g_ascii_strcasecmp(a, b) == 0;
}

static bool same_service(const struct kerberos_message *a, const struct kerberos_message *b)
{
    return same_text(a->service, b->service) && same_text(a->realm, b->realm);
}

const struct taken_ticket *server_ticket(const struct server *server,
                                         const struct kerberos_message *ticket, bool other_service)
{
    const struct taken_ticket *newest = NULL;

    for (unsigned i = 0; server && i < MIN(server->ticket_count, TICKETS_KEPT); i++) {
        const struct taken_ticket *taken = &server->tickets[i];

        if (same_service(taken->ticket, ticket) != other_service &&
            (!newest || taken->taken.frame > newest->taken.frame))
            newest = taken;
    }
    return newest;
}

static void take_ticket(struct server *server, const struct kerberos_message *ticket,
                        const struct sighting *when)
{
    unsigned at = 0;

    while (at < MIN(server->ticket_count, TICKETS_KEPT) &&
           !same_service(server->tickets[at].ticket, ticket))
        at++;
    if (at == MIN(server->ticket_count, TICKETS_KEPT))
        at = server->ticket_count++ % TICKETS_KEPT;
    server->tickets[at] = (struct taken_ticket){ticket, *when};
}

/* ---- its own account ---- */

/* FILES$, or a keytab's host/files.lab.example. */
static bool is_computer(const char *client)
{
    const size_t length = client ? strcspn(client, "@") : 0;

    return length && (client[length - 1] == '$' || service_has_class(client, "host"));
}

static bool is_refusal(uint32_t status)
{
    return status == STATUS_LOGON_FAILURE || status == STATUS_WRONG_PASSWORD ||
           status == STATUS_NO_SUCH_USER || status == STATUS_ACCOUNT_DISABLED;
}

/* A file server logs on to its domain controller by SMB, too. */
static void note_own_logon(const struct exchange *exchange)
{
    const struct connection *connection = exchange->connection;
    const struct session *session = exchange->session;
    struct server *server;

    if (exchange->status == STATUS_MORE_PROCESSING_REQUIRED || !session->authenticate ||
        !is_computer(session->authenticate->user))
        return;
    server = server_make(connection->model, &connection->client.address);
    server->own_refused = is_refusal(exchange->status) ? exchange : NULL;
    exchange->connection->pointed_at |= server->own_refused != NULL;
    server->own_refusals = server->own_refused ? server->own_refusals + 1 : 0;
}

/* ---- logons ---- */

/* An account of the server itself needs no domain. */
static bool is_local(const struct session *session)
{
    const struct ntlm_token *names = session->challenge;

    return names && same_text(session->authenticate->domain, names->netbios_computer);
}

static void on_success(struct server *server, const struct session *session,
                       const struct sighting *when)
{
    if (session->mechanism == MECHANISM_KERBEROS && session->ticket) {
        if (session->ticket->service)
            take_ticket(server, session->ticket, when);
        server->user_taken = *when;
    } else if (session->mechanism == MECHANISM_NTLM && session->authenticate) {
        if (ntlm_is_old(session->authenticate))
            server->ntlmv1_taken = *when;
        if (!is_local(session))
            server->user_taken = *when;
    }
}

static void learn_names(const struct exchange *exchange)
{
    const struct connection *connection = exchange->connection;
    const struct token *token = response_token_of(exchange);
    struct server *server;

    if (!token || token->kind != TOKEN_NTLM_CHALLENGE)
        return;
    server = server_make(connection->model, &connection->server.address);
    server->names = &token->ntlm;
    server->named = exchange->response;
}

void server_on_response(const struct exchange *exchange)
{
    const struct connection *connection = exchange->connection;
    const struct session *session = exchange->session;

    learn_names(exchange);
    note_own_logon(exchange);
    if (exchange->status == STATUS_SUCCESS && !exchange_is_binding(exchange) &&
        !session_is_guest(session) && !session_is_anonymous(session))
        on_success(server_make(connection->model, &connection->server.address), session,
                   &exchange->response);
}

/* ---- whether its own account is refused ---- */

static bool is_own_logon(const struct kdc_exchange *exchange)
{
    return kdc_exchange_kind(exchange) == KERBEROS_AS_REQ &&
           is_computer(kdc_exchange_client(exchange)) &&
           service_has_class(kdc_exchange_service(exchange), "krbtgt");
}

static bool find_at_kdc(const struct connection *connection, int64_t until, struct own_refusal *out)
{
    const struct identity *identity =
        model_identity(connection->model, &connection->server.address);
    const struct kdc_exchange *exchange;

    for (unsigned i = 0; (exchange = identity_kdc_exchange(identity, i)) != NULL; i++) {
        const enum kdc_outcome outcome = kdc_exchange_outcome(exchange, until);

        if (!is_own_logon(exchange) || (outcome != KDC_GRANTED && outcome != KDC_ERROR))
            continue;
        if (outcome == KDC_GRANTED)
            break;
        if (!out->times++)
            out->kdc = exchange;
    }
    return out->kdc;
}

bool connection_own_refusal(const struct connection *connection, int64_t since, int64_t until,
                            struct own_refusal *out)
{
    const struct server *server = connection_server(connection);

    *out = (struct own_refusal){0};
    if (find_at_kdc(connection, until, out)) {
        out->account = kdc_exchange_client(out->kdc);
        out->seen = out->kdc->replied;
    } else if (server && server->own_refused) {
        out->refused_logon = server->own_refused;
        out->account = server->own_refused->session->authenticate->user;
        out->seen = server->own_refused->response;
        out->times = server->own_refusals;
    }
    return out->account && out->seen.time >= since;
}
