/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is left of connections that closed long ago: captures may run for days. Those that closed
 * last are kept whole. Of the others the listener says whether a row is enough.
 */
#include "state.h"

/* What closed later than that may still get answers, and overcome or be overcome by others. */
#define FRESH (10 * NANOSECONDS_PER_SECOND)

/* More than one connection goes for each that closes, so that those that had to wait go, too. */
#define AT_ONCE 2

/* ---- what goes ---- */

static void free_tree(struct tree *tree)
{
    if (tree->connection->trees && tree->id)
        wmem_map_remove(tree->connection->trees, &tree->id);
    POOL_RETURN(tree->connection->model->pool, tree);
}

static void free_exchange(struct exchange *exchange)
{
    struct model *model = exchange->connection->model;

    if (exchange->connection->by_message_id)
        wmem_map_remove(exchange->connection->by_message_id, &exchange->message_id);
    if (exchange->command == SMB2_TREE_CONNECT && exchange->tree)
        free_tree(exchange->tree);
    if (exchange->between) {
        wmem_free(model->scope, exchange->between->notice);
        wmem_free(model->scope, exchange->between->held);
        POOL_RETURN(model->pool, exchange->between);
    }
    POOL_RETURN(model->pool, exchange);
}

/* Of the one that stays there is nothing else. */
static void free_exchanges(struct connection *connection, const struct exchange *stays)
{
    struct exchange *at = connection->first_exchange;

    while (at) {
        struct exchange *exchange = at;

        at = at->next;
        if (exchange != stays)
            free_exchange(exchange);
        else
            exchange->next = exchange->previous = NULL;
    }
}

static void free_sessions(struct connection *connection)
{
    for (unsigned i = 0; i < connection->session_count; i++) {
        session_forget(connection->sessions[i]);
        POOL_RETURN(connection->model->pool, connection->sessions[i]);
    }
    wmem_free(connection->model->scope, connection->sessions);
    connection->sessions = NULL;
    connection->session_count = 0;
}

static void forget_messages(struct connection *connection)
{
    struct exchange *stays = predecessors_cut(connection) ? NULL : connection->agreed;

    connection->without_exchanges = connection_stage(connection);
    free_sessions(connection);
    free_exchanges(connection, stays);
    connection->first_exchange = connection->last_exchange = NULL;
    connection->first_open = connection->last_open = NULL;
    connection->smb1_negotiate = connection->negotiate = connection->validate = NULL;
    connection->last = NULL;
    connection->agreed = stays;
    connection->session = NULL;
    connection->tree = connection->connected = NULL;
    connection->by_message_id = connection->trees = NULL;
}

static void forget_bytes(struct connection *connection)
{
    struct pool *pool = connection->model->pool;

    POOL_RETURN(pool, connection->sides[CLIENT].hole);
    POOL_RETURN(pool, connection->sides[SERVER].hole);
    pool_return(pool, connection->sides, SIDES_SIZE);
    connection->sides = NULL;
    wmem_free(connection->model->scope, connection->encrypted_sessions);
    connection->encrypted_sessions = NULL;
}

/* Its close was not captured, and the time of a request is not up yet. */
static bool is_waited_for(const struct connection *connection)
{
    const struct exchange *at = connection->first_open;

    while (at && !at->waiting)
        at = at->next_open;
    return at;
}

static void forget(struct connection *connection)
{
    if (connection->pointed_at || is_waited_for(connection))
        return;
    connection_raise(connection, ON_FORGET, NULL, &connection->closing);
    if (!connection->row)
        return;
    model_forget(connection);
    forget_messages(connection);
    forget_bytes(connection);
}

/* ---- when ---- */

static void take_off(struct model *model)
{
    struct connection *oldest = model->first_closed;

    model->first_closed = oldest->closed_after;
    if (!model->first_closed)
        model->last_closed = NULL;
    model->closed_count--;
    forget(oldest);
}

static void put_on(struct connection *connection)
{
    struct model *model = connection->model;

    connection->is_ended = true;
    *(model->last_closed ? &model->last_closed->closed_after : &model->first_closed) = connection;
    model->last_closed = connection;
    model->closed_count++;
}

void connection_ended(struct connection *connection)
{
    struct model *model = connection->model;

    if (connection->is_ended || !model->settings.closed)
        return;
    put_on(connection);
    for (unsigned i = 0; i < AT_ONCE && model->closed_count > model->settings.closed &&
                         connection->last_time - model->first_closed->last_time > FRESH;
         i++)
        take_off(model);
}
