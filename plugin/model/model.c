/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The collection of connections of one capture file, and what they share.
 */
#include "state.h"

/* ---- by endpoints ---- */

/* Asked for most frames: IPv4 fits into one word. */
static guint hash_end(const struct endpoint *end)
{
    uint64_t key[3] = {end->port};
    uint32_t address;

    if (end->address.length == sizeof address) {
        memcpy(&address, end->address.bytes, sizeof address);
        *key |= (uint64_t)address << 16;
        return bytes_hash(key, sizeof *key);
    }
    memcpy(key + 1, end->address.bytes, sizeof end->address.bytes);
    return bytes_hash(key, sizeof key);
}

/* The same for both directions. */
static guint hash_ends(gconstpointer key)
{
    const struct connection *connection = (const struct connection *)key;

    return hash_end(&connection->client) + hash_end(&connection->server);
}

static bool joins(const struct connection *connection, const struct endpoint *a,
                  const struct endpoint *b)
{
    return (endpoint_equal(&connection->client, a) && endpoint_equal(&connection->server, b)) ||
           (endpoint_equal(&connection->client, b) && endpoint_equal(&connection->server, a));
}

static gboolean equal_ends(gconstpointer a, gconstpointer b)
{
    const struct connection *other = (const struct connection *)b;

    return joins((const struct connection *)a, &other->client, &other->server);
}

struct model *model_new(wmem_allocator_t *scope, const struct settings *settings,
                        scene_listener *listen, void *data)
{
    struct model *model = wmem_new0(scope, struct model);

    model->scope = scope;
    model->settings = *settings;
    model->listen = listen;
    model->listener_data = data;
    model->by_endpoints = set_new(scope, hash_ends, equal_ends);
    model->store = store_new(scope);
    model->pool = pool_new(scope);
    model->sessions = sessions_new(scope);
    identities_start(model);
    names_start(model);
    model->servers = address_map_new(scope);
    model->refusals = refusals_map_new(scope);
    predecessors_start(model);
    return model;
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
static struct recent *recent_of(struct model *model, const struct endpoint *a,
                                const struct endpoint *b)
{
    return &model->recent[(place_of(a) ^ place_of(b)) % RECENT];
}

/* The same for both directions. */
static uint32_t ports_of(const struct endpoint *a, const struct endpoint *b)
{
    return (uint32_t)(a->port ^ b->port) << 16 | (uint16_t)(a->port + b->port);
}

static struct connection *look_up(const struct model *model, const struct frame *frame)
{
    struct connection wanted; /* of which only the ends are looked at */

    wanted.client = frame->source;
    wanted.server = frame->destination;
    return (struct connection *)g_hash_table_lookup(model->by_endpoints, &wanted);
}

static struct connection *find(struct model *model, const struct frame *frame)
{
    const struct endpoint *from = &frame->source, *to = &frame->destination;
    const uint32_t ports = ports_of(from, to);
    struct recent *recent = recent_of(model, from, to);
    struct connection *found;

    if (recent->connection && recent->ports == ports && joins(recent->connection, from, to))
        return recent->connection;
    if (!model_follows(model, from->port, to->port))
        return NULL;
    found = look_up(model, frame);
    if (found)
        *recent = (struct recent){ports, found};
    return found;
}

/* One frame is asked about several times. A segment quoted by an ICMP error has no number. */
struct connection *model_find(struct model *model, const struct frame *frame)
{
    if (!frame->number)
        return find(model, frame);
    if (frame->number != model->found_in) {
        model->found = find(model, frame);
        model->found_in = frame->number;
    }
    return model->found;
}

void model_forget(struct connection *connection)
{
    struct model *model = connection->model;
    struct recent *recent = recent_of(model, &connection->client, &connection->server);

    if (g_hash_table_lookup(model->by_endpoints, connection) == connection)
        g_hash_table_remove(model->by_endpoints, connection);
    if (recent->connection == connection)
        recent->connection = NULL;
    if (model->found == connection)
        model->found_in = 0;
}

static struct connection *connection_new(struct model *model)
{
    struct connection *connection = POOL_NEW(model->pool, struct connection);

    connection->model = model;
    connection->sides = (struct tcp_side *)pool_take(model->pool, SIDES_SIZE);
    connection->number = ++model->connection_count;
    connection->previous = model->last;
    *(model->last ? &model->last->next : &model->first) = connection;
    model->last = connection;
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
    return connection;
}

struct connection *model_connection(struct model *model, const struct message_context *context,
                                    bool from_client)
{
    const struct frame *frame = context->frame;
    struct connection *connection = model_find(model, frame);

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
    handshake_take(model, connection);
    g_hash_table_add(model->by_endpoints, connection);
    model->found_in = 0;
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

struct connection *model_first_connection(const struct model *model)
{
    return model->first;
}

struct connection *model_last_connection(const struct model *model)
{
    return model->last;
}

wmem_allocator_t *model_scope(const struct model *model)
{
    return model->scope;
}

const struct settings *model_settings(const struct model *model)
{
    return &model->settings;
}
