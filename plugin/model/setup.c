/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Turns the messages of the set-up into exchanges, sessions and trees. READ, WRITE and their like
 * cost a look-up and a header.
 */
#include "state.h"

static void raise_other(struct connection *connection, enum event event,
                        const struct message_context *context, const struct smb2_header *header,
                        struct tree *tree)
{
    const struct scene scene = {
        .model = connection->model,
        .event = event,
        .connection = connection,
        .session = session_find(connection, header->session_id),
        .tree = tree,
        .header = header,
        .encrypted = context->encrypted,
        .now = frame_sighting(context->frame, context->item),
    };

    model_raise(connection->model, &scene);
}

/* ---- NEGOTIATE ---- */

static void negotiate_request(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    const struct negotiate_request *request = negotiate_request_of(exchange->asked);

    connection->negotiate = exchange;
    /* What was agreed under one name stays so: predecessors.c */
    if (request && request->contexts.netname && !connection->agreed)
        connection->server_name = request->contexts.netname;
}

/* 0x02ff asks for a second NEGOTIATE ([MS-SMB2] 3.3.5.3.1). */
static void negotiate_response(struct exchange *exchange, uint64_t system_time)
{
    const struct negotiate_response *response = negotiate_response_of(exchange->answer);
    struct connection *connection = exchange->connection;
    bool is_first;

    if (!response || response->dialect == DIALECT_WILDCARD)
        return;
    is_first = !connection->agreed;
    connection->agreed = exchange;
    connection->dialect = response->dialect;
    connection->system_time = system_time;
    if (is_first)
        predecessors_on_settled(connection);
    else
        connection->alike = 0;
}

/* ---- TREE_CONNECT ---- */

static const char *keep_part(struct store *store, const char *start, size_t length)
{
    char *part = wmem_strndup(NULL, start, length);
    const char *kept = store_text(store, part);

    wmem_free(NULL, part);
    return kept;
}

/* Some clients write address and port: "files:445", "[2001:db8::30]:445". A lone address of IPv6
 * has more colons. */
static const char *host_part(struct store *store, const char *start, size_t length)
{
    size_t name = length;

    while (name > 0 && g_ascii_isdigit(start[name - 1]))
        name--;
    if (name < 2 || name == length || start[--name] != ':')
        return keep_part(store, start, length);
    if (start[0] == '[' && start[name - 1] == ']')
        return keep_part(store, start + 1, name - 2);
    return keep_part(store, start, memchr(start, ':', name) ? length : name);
}

/* \\host\share; a path of another shape gives neither part. */
static void split_path(struct tree *tree, struct store *store)
{
    const char *host = tree->path, *end;

    if (!host || strncmp(host, "\\\\", 2) != 0)
        return;
    host += 2;
    end = strchr(host, '\\');
    tree->host = host_part(store, host, end ? (size_t)(end - host) : strlen(host));
    tree->share = end ? store_text(store, end + 1) : "";
}

static void tree_request(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    const struct tree_connect_request *request = tree_connect_request_of(exchange->asked);
    struct tree *tree = POOL_NEW(connection->model->pool, struct tree);

    tree->connection = connection;
    tree->connect = exchange;
    tree->session = exchange->session = session_find(connection, exchange->request_session_id);
    tree->path = request ? request->path : NULL;
    split_path(tree, connection->model->store);
    if (!connection->server_name) {
        connection->server_name = tree->host;
        predecessors_on_name(connection);
    }
    exchange->tree = connection->tree = tree;
}

/* Most connections have fewer: looking through them is cheaper than a map. */
#define LOOKED_THROUGH 16

struct tree *tree_find(const struct connection *connection, uint32_t id)
{
    struct tree *tree = connection->connected;

    if (connection->trees)
        return (struct tree *)wmem_map_lookup(connection->trees, &id);
    while (tree && tree->id != id)
        tree = tree->connected_before;
    return tree;
}

static void map_trees(struct connection *connection)
{
    connection->trees = wmem_map_new(connection->model->scope, g_int_hash, g_int_equal);
    for (struct tree *tree = connection->connected; tree; tree = tree->connected_before)
        if (!wmem_map_contains(connection->trees, &tree->id))
            wmem_map_insert(connection->trees, &tree->id, tree);
}

/* It has an id now; the last tree of an id is the one. */
static void tree_name(struct connection *connection, struct tree *tree)
{
    tree->connected_before = connection->connected;
    connection->connected = tree;
    if (connection->trees)
        wmem_map_insert(connection->trees, &tree->id, tree);
    else if (++connection->connected_count > LOOKED_THROUGH)
        map_trees(connection);
}

static void tree_response(struct exchange *exchange, const struct smb2_header *header)
{
    struct connection *connection = exchange->connection;
    const struct tree_connect_response *response = tree_connect_response_of(exchange->answer);
    struct tree *tree = exchange->tree;

    if (!exchange->session)
        exchange->session = session_find(connection, header->session_id);
    if (exchange->status != STATUS_SUCCESS)
        return;
    connection->tree_connected = true;
    if (!tree)
        return;
    if (header->ids_cut)
        return;
    tree->id = header->tree_id;
    tree->encrypt_data = response && response->share_flags & SMB2_SHAREFLAG_ENCRYPT_DATA;
    tree_name(connection, tree);
}

/* NULL: unknown, or its id was cut off. */
static struct tree *tree_of(const struct connection *connection, const struct smb2_header *header)
{
    return header->ids_cut ? NULL : tree_find(connection, header->tree_id);
}

/* ---- requests ---- */

static bool is_validate_negotiate(const struct message *message)
{
    return message->header.command == SMB2_IOCTL &&
           (message->content.ioctl_code == FSCTL_VALIDATE_NEGOTIATE_INFO ||
            message->content.ioctl_code == FSCTL_VALIDATE_NEGOTIATE_INFO_OLD);
}

static bool is_setup(const struct message *message)
{
    const uint16_t command = message->header.command;

    return command == SMB2_NEGOTIATE || command == SMB2_SESSION_SETUP ||
           command == SMB2_TREE_CONNECT || is_validate_negotiate(message);
}

static void take_request(struct exchange *exchange)
{
    switch (exchange->command) {
    case SMB2_NEGOTIATE:
        negotiate_request(exchange);
        break;
    case SMB2_SESSION_SETUP:
        session_on_request(exchange);
        break;
    case SMB2_TREE_CONNECT:
        tree_request(exchange);
        break;
    case SMB2_IOCTL:
        exchange->connection->validate = exchange;
        exchange->session = session_find(exchange->connection, exchange->request_session_id);
        break;
    default:
        break;
    }
}

void connection_note_truncated(struct connection *connection, const struct message_context *context)
{
    const struct sighting here = frame_sighting(context->frame, context->item);

    if (!context->truncated || connection->truncated)
        return;
    connection->truncated = here.frame;
    connection_mark_gap(connection, connection_side_of(connection, context->frame), &here,
                        context->frame);
}

/* What is kept of one connection is bounded, whatever a capture holds. */
static bool at_limit(struct connection *connection, const struct message_context *context)
{
    const unsigned limit = model_settings(connection->model)->limit;
    const struct sighting here = frame_sighting(context->frame, context->item);

    if (limit == 0 || connection->exchange_count < limit)
        return false;
    if (!connection->limit_reached) {
        connection->limit_reached = here.frame;
        connection_raise(connection, ON_LIMIT, NULL, &here);
    }
    return true;
}

static void setup_request(struct connection *connection, const struct message_context *context,
                          const struct message *message)
{
    struct exchange *exchange = exchange_find(connection, message->header.message_id);

    if (exchange) /* sent again, or captured twice: judged once */
        return;
    if (at_limit(connection, context))
        return;
    exchange = exchange_open(connection, context, message);
    connection_note_truncated(connection, context);
    connection->ended_orderly = false;
    take_request(exchange);
    connection_raise(connection, ON_REQUEST, exchange, &exchange->request);
}

/* The first CREATE on a tree tells what the folder's rights are, as the tree connect told those of
 * the share. */
static void first_create(struct connection *connection, const struct message_context *context,
                         const struct message *message, struct tree *tree)
{
    struct exchange *exchange;

    tree->used = true;
    if (exchange_find(connection, message->header.message_id) || at_limit(connection, context))
        return;
    exchange = exchange_open(connection, context, message);
    exchange->tree = tree;
    exchange->session = session_find(connection, message->header.session_id);
    exchange_stop_waiting(
        exchange); /* an open may wait for a lease break: silence proves nothing */
}

static void orderly_end(struct connection *connection, const struct smb2_header *header)
{
    struct session *session = session_find(connection, header->session_id);
    struct tree *tree = tree_of(connection, header);

    connection->ended_orderly = true;
    if (session && header->command == SMB2_LOGOFF)
        session->state = SESSION_ENDED;
    if (tree && header->command == SMB2_TREE_DISCONNECT)
        tree->disconnected = true;
}

static void other_request(struct connection *connection, const struct message_context *context,
                          const struct message *message)
{
    const struct smb2_header *header = &message->header;
    struct tree *tree = NULL;

    if (header->command == SMB2_LOGOFF || header->command == SMB2_TREE_DISCONNECT) {
        orderly_end(connection, header);
        return;
    }
    if (header->command == SMB2_CANCEL || header->command == SMB2_ECHO)
        return;
    if (header->command == SMB2_CREATE || !connection->first_use)
        tree = tree_of(connection, header);
    if (connection->first_use && (!tree || tree->used))
        return;
    if (!connection->first_use)
        connection->first_use = context->frame->number;
    connection->ended_orderly = false;
    if (tree && header->command == SMB2_CREATE)
        first_create(connection, context, message, tree);
    raise_other(connection, ON_OTHER_REQUEST, context, header, tree);
}

void setup_on_request(struct connection *connection, const struct message_context *context,
                      const struct message *message)
{
    if (is_setup(message))
        setup_request(connection, context, message);
    else
        other_request(connection, context, message);
}

/* ---- responses ---- */

static void take_response(struct exchange *exchange, const struct message *message)
{
    switch (exchange->command) {
    case SMB1_NEGOTIATE:
    case SMB2_NEGOTIATE:
        negotiate_response(exchange, message->system_time);
        break;
    case SMB2_SESSION_SETUP:
        session_on_response(exchange);
        server_on_response(exchange);
        refusals_on_response(exchange);
        break;
    case SMB2_TREE_CONNECT:
        tree_response(exchange, &message->header);
        break;
    default:
        break;
    }
}

/* [MS-SMB2] 3.3.5.3.1: the answer to a multi-protocol negotiate is an SMB2 NEGOTIATE response. */
static struct exchange *answered_exchange(struct connection *connection,
                                          const struct smb2_header *header)
{
    struct exchange *exchange = exchange_find(connection, header->message_id);
    struct exchange *smb1 = connection->smb1_negotiate;

    if (exchange && exchange->command == header->command)
        return exchange;
    if (header->command == SMB2_NEGOTIATE && smb1 && smb1->is_open)
        return smb1;
    return NULL;
}

static void setup_response(struct exchange *exchange, const struct message_context *context,
                           const struct message *message)
{
    const struct smb2_header *header = &message->header;

    if (header->status == STATUS_PENDING && header->flags & SMB2_FLAGS_ASYNC_COMMAND) {
        exchange_interim(exchange, context);
        return;
    }
    if (exchange_answered(exchange))
        return;
    exchange_answer(exchange, context, message);
    connection_note_truncated(exchange->connection, context);
    take_response(exchange, message);
    connection_raise(exchange->connection, ON_RESPONSE, exchange, &exchange->response);
}

void setup_on_late_receipt(struct exchange *exchange, uint32_t acknowledgement)
{
    const struct held_answer *held = exchange_interlude(exchange)->held;

    if (!held || (int32_t)(held->end - acknowledgement) > 0)
        return;
    exchange->between->too_late = 0;
    setup_response(exchange, &held->context, &held->message);
}

static bool is_refusal(const struct smb2_header *header)
{
    return header->status == STATUS_ACCESS_DENIED ||
           header->status == STATUS_USER_SESSION_DELETED ||
           header->status == STATUS_NETWORK_NAME_DELETED;
}

static bool may_be_orphan(const struct smb2_header *header)
{
    return header->status != STATUS_PENDING &&
           (header->command == SMB2_NEGOTIATE || header->command == SMB2_SESSION_SETUP ||
            header->command == SMB2_TREE_CONNECT);
}

static bool is_tracked_command(uint16_t command)
{
    return command == SMB2_NEGOTIATE || command == SMB2_SESSION_SETUP ||
           command == SMB2_TREE_CONNECT || command == SMB2_IOCTL || command == SMB2_CREATE;
}

void setup_on_response(struct connection *connection, const struct message_context *context,
                       const struct message *message)
{
    const struct smb2_header *header = &message->header;
    struct exchange *exchange =
        is_tracked_command(header->command) ? answered_exchange(connection, header) : NULL;

    if (!exchange && may_be_orphan(header) && !at_limit(connection, context))
        exchange = exchange_orphan(connection, message);
    if (exchange) {
        if (exchange_answered(exchange) || !exchange_hold_late_answer(exchange, context, message))
            setup_response(exchange, context, message);
    } else if (is_refusal(header))
        raise_other(connection, ON_OTHER_REFUSAL, context, header, tree_of(connection, header));
}
