/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a client settled with the same server before: each connection points to the last one before
 * it, so that the memory is two pointers a connection, and a look-up a connection the cost.
 */
#include "state.h"

static struct connection *take_place(struct connection *connection, const char *server)
{
    struct model *model = connection->model;
    char *client = address_text(&connection->client.address, NULL);
    char *key = wmem_strdup_printf(model->scope, "%s %s", client, server);
    struct connection *before = (struct connection *)wmem_map_lookup(model->last_settled, key);

    wmem_free(NULL, client);
    wmem_map_insert(model->last_settled, key, connection);
    return before;
}

void predecessors_on_name(struct connection *connection)
{
    char *name;

    if (!connection->agreed || !connection->server_name)
        return;
    name = g_ascii_strdown(connection->server_name, -1);
    connection->before_by_name = take_place(connection, name);
    g_free(name);
}

void predecessors_on_settled(struct connection *connection)
{
    const struct endpoint *server = &connection->server;
    char *address = address_text(&server->address, NULL);
    char *port = wmem_strdup_printf(NULL, "%s %u", address, server->port);

    connection->before = take_place(connection, port);
    wmem_free(NULL, port);
    wmem_free(NULL, address);
    predecessors_on_name(connection);
}
