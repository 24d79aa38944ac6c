/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions: who logs on, by which mechanism, and what came of it.
 */
#include "model.h"

/* Session ids are the server's, so its address belongs to the key ([MS-SMB2] 3.3.1.8). */
static char *session_key(const struct connection *connection, uint64_t id, wmem_allocator_t *scope)
{
    char *server = address_text(&connection->server.address, NULL);
    char *key = wmem_strdup_printf(scope, "%s %" PRIx64, server, id);

    wmem_free(NULL, server);
    return key;
}

struct session *session_find(const struct connection *connection, uint64_t id)
{
    struct session *session;
    char *key;

    if (id == 0)
        return NULL;
    if (connection->session && connection->session->id == id)
        return connection->session;
    key = session_key(connection, id, NULL);
    session = (struct session *)wmem_map_lookup(connection->model->sessions, key);
    wmem_free(NULL, key);
    return session;
}

static void session_name(struct session *session, struct connection *connection, uint64_t id)
{
    struct model *model = connection->model;

    session->id = id;
    wmem_map_insert(model->sessions, session_key(connection, id, model->scope), session);
}

static struct session *session_new(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    struct session *session = wmem_new0(connection->model->scope, struct session);

    session->connection = connection;
    session->first_leg = session->last_leg = exchange;
    wmem_list_append(connection->sessions, session);
    return session;
}

/* A logon whose id ended without LOGOFF may be started over under the same id by a server that reuses ids. */
static struct session *session_of_request(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    const uint64_t id = exchange->request_session_id;
    struct session *session = session_find(connection, id);

    if (session)
        return session;
    session = session_new(exchange);
    if (id)
        session_name(session, connection, id);
    return session;
}

static unsigned mechanism_of(const struct token *token)
{
    switch (token->kind) {
    case TOKEN_NTLM_NEGOTIATE:
    case TOKEN_NTLM_CHALLENGE:
    case TOKEN_NTLM_AUTHENTICATE:
        return MECHANISM_NTLM;
    case TOKEN_KRB_AP_REQ:
    case TOKEN_KRB_AP_REP:
    case TOKEN_KRB_ERROR:
        return MECHANISM_KERBEROS;
    default:
        return 0;
    }
}

static void learn_from_request(struct session *session, const struct token *token)
{
    if (token->offered)
        session->offered = token->offered;
    if (mechanism_of(token))
        session->mechanism = mechanism_of(token);
    if (token->kind == TOKEN_NTLM_AUTHENTICATE)
        session->authenticate = &token->ntlm;
    if (token->kind == TOKEN_KRB_AP_REQ)
        session->ticket = &token->kerberos;
}

static void bind_channel(struct session *session, struct connection *connection)
{
    if (session->channel == connection || session->connection == connection)
        return;
    session->channels++;
    session->channel = connection;
    wmem_list_append(connection->sessions, session);
}

static void count_leg(struct session *session, struct exchange *exchange)
{
    session->legs++;
    if (session->state == SESSION_VALID && !session->reauthentication)
        session->reauthentication = exchange;
    session->last_leg = exchange;
}

static void read_request_token(struct exchange *exchange, struct session *session,
                               struct session_setup_request *request)
{
    wmem_allocator_t *scope = exchange->connection->model->scope;
    struct token *token = wmem_new0(scope, struct token);

    exchange->request_blob_unread =
        request->security_blob_length > 0 && !request->security_blob_known;
    if (request->security_blob_known && token_parse(request->security_blob, scope, token)) {
        exchange->request_token = token;
        learn_from_request(session, token);
    }
    request->security_blob = (struct bytes){0}; /* the message's bytes do not last */
}

void session_on_request(struct exchange *exchange, struct bytes message)
{
    struct connection *connection = exchange->connection;
    struct session *session = exchange->session = session_of_request(exchange);
    struct session_setup_request *request =
        wmem_new0(connection->model->scope, struct session_setup_request);

    connection->session = session;
    if (!session_setup_request_parse(message, request)) {
        count_leg(session, exchange);
        return;
    }
    exchange->session_setup_request = request;
    if (request->flags & SMB2_SESSION_FLAG_BINDING)
        bind_channel(session, connection);
    else
        count_leg(session, exchange);
    if (request->security_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED ||
        connection_client_requires_signing(connection))
        session->client_requires_signing = true;
    read_request_token(exchange, session, request);
}

static bool exchange_is_binding(const struct exchange *exchange)
{
    return exchange->session_setup_request &&
           exchange->session_setup_request->flags & SMB2_SESSION_FLAG_BINDING;
}

static void conclude(struct session *session, struct exchange *exchange,
                     const struct session_setup_response *response)
{
    if (exchange->status == STATUS_MORE_PROCESSING_REQUIRED || exchange_is_binding(exchange))
        return;
    if (exchange->status != STATUS_SUCCESS) {
        if (session->state == SESSION_IN_PROGRESS)
            session->state = SESSION_FAILED;
        return;
    }
    if (session->state != SESSION_VALID)
        session->valid_since = exchange->response;
    session->state = SESSION_VALID;
    if (response && response->has_body) {
        session->flags = response->session_flags;
        session->flags_known = true;
    }
}

static void read_response_token(struct exchange *exchange, struct session *session,
                                struct session_setup_response *response)
{
    wmem_allocator_t *scope = exchange->connection->model->scope;
    struct token *token = wmem_new0(scope, struct token);

    exchange->response_blob_unread = response->has_body && !response->security_blob_known;
    if (response->security_blob_known && token_parse(response->security_blob, scope, token)) {
        exchange->response_token = token;
        if (token->kind == TOKEN_NTLM_CHALLENGE)
            session->challenge = &token->ntlm;
        if (!session->mechanism)
            session->mechanism = mechanism_of(token);
    }
    response->security_blob = (struct bytes){0};
}

/* An answer without its request names a session that may still be unknown. */
static struct session *session_of_response(struct exchange *exchange)
{
    struct session *session = exchange->session;

    if (!session)
        session = session_find(exchange->connection, exchange->response_session_id);
    if (!session)
        session = session_new(exchange);
    if (!session->id && exchange->response_session_id)
        session_name(session, exchange->connection, exchange->response_session_id);
    return session;
}

void session_on_response(struct exchange *exchange, struct bytes message)
{
    struct connection *connection = exchange->connection;
    struct session *session = exchange->session = session_of_response(exchange);
    struct session_setup_response *response =
        wmem_new0(connection->model->scope, struct session_setup_response);

    connection->session = session;
    if (session_setup_response_parse(message, response)) {
        exchange->session_setup_response = response;
        read_response_token(exchange, session, response);
    }
    conclude(session, exchange, exchange->session_setup_response);
}

bool session_is_guest(const struct session *session)
{
    return session && session->flags_known && session->flags & SMB2_SESSION_FLAG_IS_GUEST;
}

bool session_is_anonymous(const struct session *session)
{
    if (!session)
        return false;
    return (session->flags_known && session->flags & SMB2_SESSION_FLAG_IS_NULL) ||
           (session->authenticate && session->authenticate->anonymous);
}

const char *session_user(const struct session *session, wmem_allocator_t *scope)
{
    const struct ntlm_token *ntlm = session ? session->authenticate : NULL;

    if (!ntlm || !ntlm->user || !*ntlm->user)
        return NULL;
    if (!ntlm->domain || !*ntlm->domain)
        return wmem_strdup(scope, ntlm->user);
    return wmem_strdup_printf(scope, "%s\\%s", ntlm->domain, ntlm->user);
}

bool session_signing_required(const struct session *session)
{
    if (!session || session->state != SESSION_VALID || session_is_guest(session) ||
        session_is_anonymous(session) ||
        (session->flags_known && session->flags & SMB2_SESSION_FLAG_ENCRYPT_DATA))
        return false;
    return session->client_requires_signing ||
           connection_server_requires_signing(session->connection);
}
