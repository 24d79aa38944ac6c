/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions: who logs on, by which mechanism, and what came of it.
 */
#include "state.h"

/* ---- by id ---- */

/* Session ids are the server's, so its address belongs to the key ([MS-SMB2] 3.3.1.8). */
static guint hash_session(gconstpointer key)
{
    const struct session *session = (const struct session *)key;
    const struct address *server = &session->connection->server.address;

    return bytes_hash(&session->id, sizeof session->id) + bytes_hash(server, sizeof *server);
}

static gboolean equal_sessions(gconstpointer a, gconstpointer b)
{
    const struct session *left = (const struct session *)a, *right = (const struct session *)b;

    return left->id == right->id &&
           address_equal(&left->connection->server.address, &right->connection->server.address);
}

GHashTable *sessions_new(wmem_allocator_t *scope)
{
    return set_new(scope, hash_session, equal_sessions);
}

static struct session *look_up(const struct connection *connection, uint64_t id)
{
    const struct session wanted = {.id = id,
                                   .connection = (struct connection *)(uintptr_t)connection};

    return (struct session *)g_hash_table_lookup(connection->model->sessions, &wanted);
}

/* Who finds a session of another connection may go on to point at it. */
struct session *session_find(const struct connection *connection, uint64_t id)
{
    struct session *session;

    if (id == 0)
        return NULL;
    if (connection->session && connection->session->id == id)
        return connection->session;
    session = look_up(connection, id);
    if (session && session->connection != connection)
        session->connection->pointed_at = true;
    return session;
}

static void session_name(struct session *session, uint64_t id)
{
    session->id = id;
    g_hash_table_add(session->connection->model->sessions, session);
}

void session_forget(const struct session *session)
{
    if (session->id && look_up(session->connection, session->id) == session)
        g_hash_table_remove(session->connection->model->sessions, session);
}

/* ---- of a connection ---- */

static bool is_power_of_two(unsigned number)
{
    return (number & (number - 1)) == 0;
}

/* The room doubles where it is full. */
static void add_session(struct connection *connection, struct session *session)
{
    const unsigned count = connection->session_count++;

    if (is_power_of_two(count))
        connection->sessions = (struct session **)wmem_realloc(
            connection->model->scope, connection->sessions, MAX(2 * count, 1) * sizeof(void *));
    connection->sessions[count] = session;
}

static struct session *session_new(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    struct session *session = POOL_NEW(connection->model->pool, struct session);

    session->connection = connection;
    session->first_leg = session->last_leg = exchange;
    add_session(connection, session);
    return session;
}

/* A session of another connection may have exchanges of this one. */
static void use_session(struct connection *connection, struct session *session)
{
    connection->session = session;
    if (session->connection != connection)
        connection->pointed_at = true;
}

/* A logon whose id ended without LOGOFF may be started over under the same id by a server that
 * reuses ids. */
static struct session *session_of_request(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    const uint64_t id = exchange->request_session_id;
    struct session *session = session_find(connection, id);

    if (session)
        return session;
    session = session_new(exchange);
    if (id)
        session_name(session, id);
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

static void learn_from_request(struct session *session, const struct token *token,
                               const struct connection *connection, int64_t until)
{
    if (token->offered)
        session->offered = token->offered;
    if (mechanism_of(token))
        session->mechanism = mechanism_of(token);
    if (token->kind == TOKEN_NTLM_AUTHENTICATE)
        session->authenticate = &token->ntlm;
    if (token->kind == TOKEN_KRB_AP_REQ) {
        session->ticket = &token->kerberos;
        session->principal = connection_ticket_owner(connection, token->kerberos.service, until);
    }
}

static void bind_channel(struct session *session, struct connection *connection)
{
    if (session->channel == connection || session->connection == connection)
        return;
    session->channel = connection;
    add_session(connection, session);
}

static void count_leg(struct session *session, struct exchange *exchange)
{
    if (session->state == SESSION_VALID && !session->reauthentication)
        session->reauthentication = exchange;
    session->last_leg = exchange;
}

void session_on_request(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    struct session *session = exchange->session = session_of_request(exchange);
    const struct session_setup_request *request = session_setup_request_of(exchange->asked);

    use_session(connection, session);
    if (exchange_is_binding(exchange))
        bind_channel(session, connection);
    else
        count_leg(session, exchange);
    if (!request)
        return;
    if (request->security_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED ||
        connection_client_requires_signing(connection))
        session->client_requires_signing = true;
    if (exchange->asked->token)
        learn_from_request(session, exchange->asked->token, connection, exchange->request.time);
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

static void learn_from_response(struct session *session, const struct exchange *exchange)
{
    const struct token *token = exchange->answer->token;

    if (token->kind == TOKEN_NTLM_CHALLENGE) {
        session->challenge = &token->ntlm;
        session->challenged = exchange->response;
    }
    if (!session->mechanism)
        session->mechanism = mechanism_of(token);
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
        session_name(session, exchange->response_session_id);
    return session;
}

void session_on_response(struct exchange *exchange)
{
    struct session *session = exchange->session = session_of_response(exchange);

    use_session(exchange->connection, session);
    if (exchange->answer->token)
        learn_from_response(session, exchange);
    conclude(session, exchange, session_setup_response_of(exchange->answer));
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

/* printf would take three times as long. */
static const char *joined(wmem_allocator_t *scope, const char *domain, const char *user)
{
    char *text = (char *)wmem_alloc(scope, strlen(domain) + 1 + strlen(user) + 1);

    g_stpcpy(g_stpcpy(g_stpcpy(text, domain), "\\"), user);
    return text;
}

const char *session_user(const struct session *session, wmem_allocator_t *scope)
{
    const struct ntlm_token *ntlm = session ? session->authenticate : NULL;

    if (!ntlm || !ntlm->user || !*ntlm->user)
        return NULL;
    if (!ntlm->domain || !*ntlm->domain)
        return wmem_strdup(scope, ntlm->user);
    return joined(scope, ntlm->domain, ntlm->user);
}

static bool same_text(const char *a, const char *b)
{
    return a && b && g_ascii_strcasecmp(a, b) == 0;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* LAB\alice is alice@lab.example: a domain's short name is mostly the first label of its long one.
 */
static bool same_by_long_name(const struct ntlm_token *one, const struct ntlm_token *other)
{
    const char *domain = or_empty(one->domain), *realm = strchr(or_empty(other->user), '@');
    const size_t length = strlen(domain);

    return length > 0 && realm && !*or_empty(other->domain) && one->user &&
           !strchr(one->user, '@') && user_names_match(one->user, other->user) &&
           g_ascii_strncasecmp(realm + 1, domain, length) == 0 &&
           (realm[1 + length] == '.' || realm[1 + length] == '\0');
}

static bool same_shown_user(const struct ntlm_token *a, const struct ntlm_token *b)
{
    if (!a || !b)
        return false;
    return (same_text(or_empty(a->user), or_empty(b->user)) &&
            same_text(or_empty(a->domain), or_empty(b->domain))) ||
           same_by_long_name(a, b) || same_by_long_name(b, a);
}

static bool shows_user(const struct session *session)
{
    return session->authenticate && session->authenticate->user && *session->authenticate->user;
}

bool session_same_user(const struct session *a, const struct session *b)
{
    if (!a || !b)
        return false;
    if (a == b)
        return true;
    return shows_user(a) || shows_user(b) ? same_shown_user(a->authenticate, b->authenticate)
                                          : same_text(a->principal, b->principal);
}

enum user_match session_user_match(const struct session *session, const char *user)
{
    const char *known;

    if (!session || !user)
        return USER_UNKNOWN;
    known = shows_user(session) ? session->authenticate->user : session->principal;
    if (!known)
        return USER_UNKNOWN;
    return user_names_match(known, user) ? USER_SAME : USER_OTHER;
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
