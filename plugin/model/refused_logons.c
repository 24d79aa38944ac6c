/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whose passwords a server refuses again and again, by the client that they come from.
 */
#include "state.h"

#define ONE_ATTEMPT NANOSECONDS_PER_SECOND

/* ---- by client and server ---- */

struct pair {
    struct address client, server;
};

static unsigned hash_pair(const void *key)
{
    return bytes_hash(key, sizeof(struct pair));
}

static gboolean equal_pairs(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct pair)) == 0;
}

wmem_map_t *refusals_map_new(wmem_allocator_t *scope)
{
    return wmem_map_new(scope, hash_pair, equal_pairs);
}

static struct refused_client *client_of_pair(const struct connection *connection)
{
    const struct pair pair = {connection->client.address, connection->server.address};

    return (struct refused_client *)wmem_map_lookup(connection->model->refusals, &pair);
}

const struct refused_client *connection_refusals(const struct connection *connection)
{
    return client_of_pair(connection);
}

static struct refused_client *client_make(const struct connection *connection)
{
    const struct pair pair = {connection->client.address, connection->server.address};
    struct model *model = connection->model;
    struct refused_client *client = client_of_pair(connection);

    if (client)
        return client;
    client = wmem_new0(model->scope, struct refused_client);
    client->series = 1;
    wmem_map_insert(model->refusals, wmem_memdup(model->scope, &pair, sizeof pair), client);
    return client;
}

/* ---- users ---- */

static struct refused_user *find_user(const struct refused_client *client,
                                      const struct session *session)
{
    for (unsigned i = 0; i < MIN(client->user_count, REFUSED_USERS); i++)
        if (session_same_user(client->users[i]->session, session))
            return client->users[i];
    return NULL;
}

const struct refused_user *session_refusals(const struct session *session)
{
    const struct refused_client *client = session ? client_of_pair(session->connection) : NULL;

    return client ? find_user(client, session) : NULL;
}

static struct refused_user *user_make(struct refused_client *client, wmem_allocator_t *scope)
{
    struct refused_user **user = &client->users[client->user_count++ % REFUSED_USERS];

    if (!*user)
        *user = wmem_new0(scope, struct refused_user);
    **user = (struct refused_user){0};
    return *user;
}

static bool is_long_ago(const struct sighting *last, const struct sighting *now)
{
    return now->time - last->time > REFUSALS_FORGOTTEN;
}

static void note_lockout(struct refused_user *user, const struct exchange *exchange)
{
    if (exchange->status != STATUS_ACCOUNT_LOCKED_OUT || user->locked.frame)
        return;
    user->locked = exchange->response;
    user->locked_after = user->refusals;
}

static void count(struct refused_user *user, const struct exchange *exchange)
{
    const struct sighting *now = &exchange->response;

    if (is_long_ago(&user->last, now))
        *user = (struct refused_user){.series = user->series};
    note_lockout(user, exchange);
    if (!user->refusals++)
        user->first = *now;
    if (!user->attempts || now->time - user->last_attempt.time >= ONE_ATTEMPT) {
        user->attempts++;
        user->last_attempt = *now;
    }
    user->last = *now;
    user->session = exchange->session;
    exchange->session->connection->pointed_at = true;
}

static void start_series(struct refused_client *client)
{
    client->series++;
    client->in_series = 0;
}

static void count_user(struct refused_client *client, struct refused_user *user,
                       const struct sighting *now)
{
    client->is_new = user->series != client->series;
    if (!client->is_new)
        return;
    user->series = client->series;
    if (!client->in_series++)
        client->first = *now;
}

static void on_refusal(const struct exchange *exchange)
{
    struct refused_client *client = client_make(exchange->connection);
    struct refused_user *user = find_user(client, exchange->session);

    if (!user)
        user = user_make(client, exchange->connection->model->scope);
    count(user, exchange);
    if (client->in_series && is_long_ago(&client->last, &exchange->response))
        start_series(client);
    count_user(client, user, &exchange->response);
    client->last = exchange->response;
}

/* ---- logons ---- */

bool is_password_refusal(const struct exchange *exchange)
{
    const struct session *session = exchange->session;

    if (!session || session->mechanism != MECHANISM_NTLM || !session->authenticate ||
        !session->authenticate->user || !*session->authenticate->user)
        return false;
    switch (exchange->status) {
    case STATUS_LOGON_FAILURE:
    case STATUS_WRONG_PASSWORD:
    case STATUS_NO_SUCH_USER:
    case STATUS_ACCOUNT_LOCKED_OUT:
        return exchange_answered(exchange);
    default:
        return false;
    }
}

/* By whatever mechanism: the password was right. */
static void on_success(struct refused_client *client, const struct session *session)
{
    for (unsigned i = 0; i < MIN(client->user_count, REFUSED_USERS); i++) {
        struct refused_user *user = client->users[i];

        if (session_same_user(user->session, session) ||
            session_user_match(user->session, session->principal) == USER_SAME)
            *user = (struct refused_user){.session = user->session};
    }
    start_series(client);
}

void refusals_on_response(const struct exchange *exchange)
{
    const struct session *session = exchange->session;
    struct refused_client *client;

    if (is_password_refusal(exchange)) {
        on_refusal(exchange);
        return;
    }
    client = client_of_pair(exchange->connection);
    if (client && exchange->status == STATUS_SUCCESS && !exchange_is_binding(exchange) &&
        !session_is_guest(session) && !session_is_anonymous(session))
        on_success(client, session);
}
