/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a client settled with the same server before: each connection points to the last one before
 * it, so that the memory is two pointers a connection, and a look-up a connection the cost.
 */
#include "state.h"

/* The last connection of those that are alike; it is its own key. */
struct place {
    struct connection *last;
};

/* ---- by client and server address and port ---- */

static guint hash_address(const struct address *address)
{
    return bytes_hash(address, sizeof *address);
}

static guint hash_ends(gconstpointer key)
{
    const struct connection *connection = ((const struct place *)key)->last;

    return hash_address(&connection->client.address) * 31 +
           hash_address(&connection->server.address) + connection->server.port;
}

static gboolean equal_ends(gconstpointer a, gconstpointer b)
{
    const struct connection *left = ((const struct place *)a)->last;
    const struct connection *right = ((const struct place *)b)->last;

    return address_equal(&left->client.address, &right->client.address) &&
           endpoint_equal(&left->server, &right->server);
}

/* ---- by client and name ---- */

static guint hash_names(gconstpointer key)
{
    const struct connection *connection = ((const struct place *)key)->last;
    const char *name = connection->server_name;

    return hash_address(&connection->client.address) + name_hash(name, strlen(name));
}

static gboolean equal_names(gconstpointer a, gconstpointer b)
{
    const struct connection *left = ((const struct place *)a)->last;
    const struct connection *right = ((const struct place *)b)->last;

    return address_equal(&left->client.address, &right->client.address) &&
           g_ascii_strcasecmp(left->server_name, right->server_name) == 0;
}

/* ---- who is the last ---- */

void predecessors_start(struct model *model)
{
    model->last_settled = set_new(model->scope, hash_ends, equal_ends);
    model->last_by_name = set_new(model->scope, hash_names, equal_names);
}

static struct place *place_of(GHashTable *places, struct connection *connection)
{
    const struct place wanted = {connection};

    return (struct place *)g_hash_table_lookup(places, &wanted);
}

/* The one before it. */
static struct connection *take_place(GHashTable *places, struct connection *connection)
{
    struct place *place = place_of(places, connection);
    struct connection *before = NULL;

    if (place) {
        before = place->last;
    } else {
        place = POOL_NEW(connection->model->pool, struct place);
        place->last = connection;
        g_hash_table_add(places, place);
    }
    place->last = connection;
    return before;
}

void predecessors_on_name(struct connection *connection)
{
    if (!connection->agreed || !connection->server_name)
        return;
    connection->before_by_name = take_place(connection->model->last_by_name, connection);
    if (connection->before_by_name)
        connection->before_by_name->after_by_name = connection;
}

static bool is_answered_alike(const struct connection *a, const struct connection *b)
{
    return a->agreed->answer && a->agreed->answer == b->agreed->answer; /* kept once */
}

void predecessors_on_settled(struct connection *connection)
{
    struct connection *before = take_place(connection->model->last_settled, connection);

    connection->before = before;
    if (before) {
        before->after = connection;
        if (is_answered_alike(before, connection))
            connection->alike = (uint8_t)MIN(before->alike + 1, UINT8_MAX);
    }
    predecessors_on_name(connection);
}

/* ---- who is forgotten ---- */

static bool is_last(GHashTable *places, struct connection *connection)
{
    const struct place *place = place_of(places, connection);

    return place && place->last == connection;
}

static void cut(struct connection **before, struct connection **after)
{
    *before = *after = NULL;
}

bool predecessors_cut(struct connection *connection)
{
    const struct model *model = connection->model;

    if (connection->before)
        cut(&connection->before->after, &connection->before);
    if (connection->before_by_name)
        cut(&connection->before_by_name->after_by_name, &connection->before_by_name);
    if (connection->after)
        cut(&connection->after->before, &connection->after);
    if (connection->after_by_name)
        cut(&connection->after_by_name->before_by_name, &connection->after_by_name);
    return !connection->agreed ||
           (!is_last(model->last_settled, connection) &&
            !(connection->server_name && is_last(model->last_by_name, connection)));
}
