/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The collection of connections of one capture file, and what they share.
 */
#include "state.h"

/* Both ends of a connection, the lesser end first, so that both directions have one key. Addresses
 * take the room that they need: hashing is the dearest part of a look-up. */
#define END_HEADER_LENGTH 3 /* port and length of the address */
#define ENDPOINTS_KEY_LENGTH (2 * (END_HEADER_LENGTH + 16))

static unsigned hash_endpoints(const void *key)
{
    const uint8_t *first = (const uint8_t *)key;
    const uint8_t *second = first + END_HEADER_LENGTH + first[2];
    const uint8_t *end = second + END_HEADER_LENGTH + second[2];

    return bytes_hash(first, (size_t)(end - first));
}

static gboolean equal_endpoints(const void *a, const void *b)
{
    return memcmp(a, b, ENDPOINTS_KEY_LENGTH) == 0;
}

/* The place after it. */
static uint8_t *put_end(uint8_t *key, const struct endpoint *end)
{
    key[0] = (uint8_t)(end->port >> 8);
    key[1] = (uint8_t)end->port;
    key[2] = end->address.length;
    memcpy(key + END_HEADER_LENGTH, end->address.bytes, end->address.length);
    return key + END_HEADER_LENGTH + end->address.length;
}

static void make_key(uint8_t *key, const struct frame *frame)
{
    const struct endpoint *a = &frame->source, *b = &frame->destination;
    const bool in_order = a->port != b->port
                              ? a->port < b->port
                              : memcmp(&a->address, &b->address, sizeof a->address) < 0;

    memset(key, 0, ENDPOINTS_KEY_LENGTH);
    put_end(put_end(key, in_order ? a : b), in_order ? b : a);
}

struct model *model_new(wmem_allocator_t *scope, const struct settings *settings,
                        scene_listener *listen, void *data)
{
    struct model *model = wmem_new0(scope, struct model);

    model->scope = scope;
    model->settings = *settings;
    model->listen = listen;
    model->listener_data = data;
    model->by_endpoints = wmem_map_new(scope, hash_endpoints, equal_endpoints);
    model->store = store_new(scope);
    model->connections = wmem_list_new(scope);
    model->sessions = session_map_new(scope);
    identities_start(model);
    names_start(model);
    model->servers = address_map_new(scope);
    model->refusals = refusals_map_new(scope);
    predecessors_start(model);
    return model;
}

static bool is_between(const struct connection *connection, const struct frame *frame)
{
    return (endpoint_equal(&connection->client, &frame->source) &&
            endpoint_equal(&connection->server, &frame->destination)) ||
           (endpoint_equal(&connection->client, &frame->destination) &&
            endpoint_equal(&connection->server, &frame->source));
}

static bool is_server_port(const struct model *model, uint16_t port)
{
    return model->server_ports[port / 8] & 1u << port % 8;
}

void model_watch(struct model *model, uint16_t port)
{
    model->watched_ports[port / 8] |= (uint8_t)(1u << port % 8);
    model->server_ports[port / 8] |= (uint8_t)(1u << port % 8);
}

bool model_follows(const struct model *model, uint16_t port, uint16_t other_port)
{
    return is_server_port(model, port) || is_server_port(model, other_port);
}

static unsigned place_of(const struct endpoint *end)
{
    /* the last byte of an IPv4 address, or of an IPv6 one: hosts differ most there */
    return end->port ^ end->address.bytes[3] ^ end->address.bytes[15];
}

/* The same for both directions. */
static struct connection **recent_of(struct model *model, const struct frame *frame)
{
    return &model->recent[(place_of(&frame->source) ^ place_of(&frame->destination)) % RECENT];
}

struct connection *model_find(struct model *model, const struct frame *frame)
{
    struct connection **recent = recent_of(model, frame);
    uint8_t key[ENDPOINTS_KEY_LENGTH];
    struct connection *found;

    if (*recent && is_between(*recent, frame))
        return *recent;
    if (!model_follows(model, frame->source.port, frame->destination.port))
        return NULL;
    make_key(key, frame);
    found = (struct connection *)wmem_map_lookup(model->by_endpoints, key);
    if (found)
        *recent = found;
    return found;
}

void model_forget(struct model *model, const struct frame *frame)
{
    uint8_t key[ENDPOINTS_KEY_LENGTH];

    make_key(key, frame);
    wmem_map_remove(model->by_endpoints, key);
    *recent_of(model, frame) = NULL;
}

static struct connection *connection_new(struct model *model)
{
    struct connection *connection = wmem_new0(model->scope, struct connection);

    connection->model = model;
    connection->number = ++model->connection_count;
    wmem_list_append(model->connections, connection);
    return connection;
}

struct connection *model_connection_before_smb(struct model *model, const struct endpoint *client,
                                               const struct endpoint *server,
                                               const struct sighting *first)
{
    struct connection *connection = connection_new(model);

    connection->client = *client;
    connection->server = *server;
    connection->first = *first;
    connection->last_time = first->time;
    connection->stream = -1;
    return connection;
}

struct connection *model_connection(struct model *model, const struct message_context *context,
                                    bool from_client)
{
    const struct frame *frame = context->frame;
    struct connection *connection = model_find(model, frame);
    uint8_t *key;

    if (connection)
        return connection;
    connection = connection_new(model);
    connection->client = from_client ? frame->source : frame->destination;
    connection->server = from_client ? frame->destination : frame->source;
    if (from_client)
        connection->client_mac = frame->sender;
    model->server_ports[connection->server.port / 8] |=
        (uint8_t)(1u << connection->server.port % 8);
    connection->first = frame_sighting(frame, context->item);
    connection->last_time = frame->time;
    connection->handshake = context->handshake;
    connection->stream = context->stream;
    handshake_take(model, connection);
    key = (uint8_t *)wmem_alloc(model->scope, ENDPOINTS_KEY_LENGTH);
    make_key(key, frame);
    wmem_map_insert(model->by_endpoints, key, connection);
    return connection;
}

void model_on_undecoded(struct model *model, const struct frame *frame, bool from_server)
{
    const struct endpoint *server = from_server ? &frame->source : &frame->destination;

    for (unsigned i = 0; i < model->undecoded_count; i++)
        if (model->undecoded[i].server.port == server->port)
            return;
    if (model->undecoded_count < UNDECODED_PORTS_KEPT)
        model->undecoded[model->undecoded_count++] =
            (struct undecoded_port){*server, frame_sighting(frame, NO_ITEM)};
}

const struct undecoded_port *model_undecoded(const struct model *model, unsigned index)
{
    return index < model->undecoded_count ? &model->undecoded[index] : NULL;
}

wmem_list_t *model_connections(const struct model *model)
{
    return model->connections;
}

wmem_allocator_t *model_scope(const struct model *model)
{
    return model->scope;
}

const struct settings *model_settings(const struct model *model)
{
    return &model->settings;
}
