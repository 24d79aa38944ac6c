/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Turns the messages of the set-up into exchanges, sessions and trees. READ, WRITE and their like
 * cost a look-up and a header.
 */
#include "model.h"

#include <string.h>

void connection_raise(struct connection *connection, enum event event, struct exchange *exchange,
                      const struct sighting *now)
{
    const struct scene scene = {
        .model = connection->model,
        .event = event,
        .connection = connection,
        .exchange = exchange,
        .session = exchange ? exchange->session : NULL,
        .tree = exchange ? exchange->tree : NULL,
        .now = *now,
    };

    evaluate(&scene);
}

static void raise_other(struct connection *connection, enum event event,
                        const struct message_context *context, const struct smb2_header *header,
                        struct tree *tree)
{
    struct scene scene = {
        .model = connection->model,
        .event = event,
        .connection = connection,
        .session = session_find(connection, header->session_id),
        .tree = tree,
        .header = header,
        .encrypted = context->encrypted,
        .is_signed = header->flags & SMB2_FLAGS_SIGNED,
        .now = frame_sighting(context->frame, context->item),
    };

    evaluate(&scene);
}

/* ---- NEGOTIATE ---- */

static void settle_dialect(struct connection *connection, struct exchange *exchange)
{
    const struct negotiate_response *response = exchange->negotiate_response;

    if (!response || response->dialect == DIALECT_WILDCARD)
        return;
    connection->agreed = exchange;
    connection->dialect = response->dialect;
}

static void negotiate_request(struct exchange *exchange, struct bytes message)
{
    struct connection *connection = exchange->connection;
    wmem_allocator_t *scope = connection->model->scope;
    struct negotiate_request *request = wmem_new0(scope, struct negotiate_request);

    connection->negotiate = exchange;
    if (!negotiate_request_parse(message, scope, request))
        return;
    exchange->negotiate_request = request;
    if (request->contexts.netname)
        connection->server_name = request->contexts.netname;
}

static void negotiate_response(struct exchange *exchange, struct bytes message)
{
    wmem_allocator_t *scope = exchange->connection->model->scope;
    struct negotiate_response *response = wmem_new0(scope, struct negotiate_response);
    struct token *token;

    if (exchange->status != STATUS_SUCCESS || !negotiate_response_parse(message, scope, response))
        return;
    exchange->negotiate_response = response;
    token = wmem_new0(scope, struct token);
    if (response->security_blob_known && token_parse(response->security_blob, scope, token))
        exchange->negotiate_token = token;
    response->security_blob = (struct bytes){0}; /* the message's bytes do not last */
    settle_dialect(exchange->connection, exchange);
}

/* ---- TREE_CONNECT ---- */

static const char *copy_part(wmem_allocator_t *scope, const char *start, size_t length)
{
    return wmem_strndup(scope, start, length);
}

/* \\host\share; a path of another shape gives neither part. */
static void split_path(struct tree *tree, wmem_allocator_t *scope)
{
    const char *host = tree->path, *end;

    if (!host || strncmp(host, "\\\\", 2) != 0)
        return;
    host += 2;
    end = strchr(host, '\\');
    tree->host = copy_part(scope, host, end ? (size_t)(end - host) : strlen(host));
    tree->share = end ? wmem_strdup(scope, end + 1) : "";
}

static void tree_request(struct exchange *exchange, struct bytes message)
{
    struct connection *connection = exchange->connection;
    wmem_allocator_t *scope = connection->model->scope;
    struct tree_connect_request *request = wmem_new0(scope, struct tree_connect_request);
    struct tree *tree = wmem_new0(scope, struct tree);

    tree->connection = connection;
    tree->connect = exchange;
    tree->session = exchange->session = session_find(connection, exchange->request_session_id);
    if (tree_connect_request_parse(message, scope, request)) {
        exchange->tree_connect_request = request;
        tree->path = request->path;
        split_path(tree, scope);
    }
    if (!connection->server_name)
        connection->server_name = tree->host;
    exchange->tree = connection->tree = tree;
}

static void tree_response(struct exchange *exchange, struct bytes message,
                          const struct smb2_header *header)
{
    struct connection *connection = exchange->connection;
    struct tree_connect_response *response =
        wmem_new0(connection->model->scope, struct tree_connect_response);

    if (!exchange->session)
        exchange->session = session_find(connection, header->session_id);
    if (exchange->status != STATUS_SUCCESS) {
        exchange->error_context = error_response_context_id(message);
        return;
    }
    connection->tree_connected = true;
    if (tree_connect_response_parse(message, response))
        exchange->tree_connect_response = response;
    if (!exchange->tree)
        return;
    exchange->tree->id = header->tree_id;
    exchange->tree->encrypt_data = response->share_flags & SMB2_SHAREFLAG_ENCRYPT_DATA;
    wmem_map_insert(connection->trees, &exchange->tree->id, exchange->tree);
}

static struct tree *tree_find(const struct connection *connection, uint32_t id)
{
    return (struct tree *)wmem_map_lookup(connection->trees, &id);
}

/* ---- validate-negotiate ---- */

static void validate_request(struct exchange *exchange, struct bytes message)
{
    struct connection *connection = exchange->connection;
    struct validate_request *request = wmem_new0(connection->model->scope, struct validate_request);

    connection->validate = exchange;
    exchange->ioctl_code = ioctl_request_code(message);
    exchange->session = session_find(connection, exchange->request_session_id);
    if (validate_request_parse(message, request))
        exchange->validate_request = request;
}

static void validate_response(struct exchange *exchange, struct bytes message)
{
    struct validate_response *response =
        wmem_new0(exchange->connection->model->scope, struct validate_response);

    if (exchange->status == STATUS_SUCCESS && validate_response_parse(message, response))
        exchange->validate_response = response;
}

/* ---- requests ---- */

static bool is_validate_negotiate(const struct smb2_header *header, struct bytes message)
{
    const uint32_t code = header->command == SMB2_IOCTL ? ioctl_request_code(message) : 0;

    return code == FSCTL_VALIDATE_NEGOTIATE_INFO || code == FSCTL_VALIDATE_NEGOTIATE_INFO_OLD;
}

static bool is_setup(const struct smb2_header *header, struct bytes message)
{
    return header->command == SMB2_NEGOTIATE || header->command == SMB2_SESSION_SETUP ||
           header->command == SMB2_TREE_CONNECT || is_validate_negotiate(header, message);
}

static void read_request(struct exchange *exchange, struct bytes message)
{
    switch (exchange->command) {
    case SMB2_NEGOTIATE:
        negotiate_request(exchange, message);
        break;
    case SMB2_SESSION_SETUP:
        session_on_request(exchange, message);
        break;
    case SMB2_TREE_CONNECT:
        tree_request(exchange, message);
        break;
    case SMB2_IOCTL:
        validate_request(exchange, message);
        break;
    default:
        exchange->session = session_find(exchange->connection, exchange->request_session_id);
    }
}

void connection_note_truncated(struct connection *connection, const struct message_context *context)
{
    if (!context->truncated || connection->truncated.frame)
        return;
    connection->truncated = frame_sighting(context->frame, context->item);
    connection_mark_gap(connection, &connection->truncated, context->frame);
}

/* What is kept of one connection is bounded, whatever a capture holds. */
static bool at_limit(struct connection *connection, const struct message_context *context)
{
    const unsigned limit = model_settings(connection->model)->limit;

    if (limit == 0 || wmem_list_count(connection->exchanges) < limit)
        return false;
    if (!connection->limit_reached.frame) {
        connection->limit_reached = frame_sighting(context->frame, context->item);
        connection_raise(connection, ON_LIMIT, NULL, &connection->limit_reached);
    }
    return true;
}

static void setup_request(struct connection *connection, const struct message_context *context,
                          const struct smb2_header *header, struct bytes message)
{
    struct exchange *exchange = exchange_find(connection, header->message_id);

    if (exchange) /* sent again, or captured twice: judged once */
        return;
    if (at_limit(connection, context))
        return;
    exchange = exchange_open(connection, context, header, header->command);
    connection_note_truncated(connection, context);
    connection->ended_orderly = false;
    read_request(exchange, message);
    connection_raise(connection, ON_REQUEST, exchange, &exchange->request);
}

/* The first CREATE on a tree tells what the folder's rights are, as the tree connect told those of
 * the share. */
static void first_create(struct connection *connection, const struct message_context *context,
                         const struct smb2_header *header, struct tree *tree)
{
    struct exchange *exchange;

    tree->used = true;
    if (exchange_find(connection, header->message_id) || at_limit(connection, context))
        return;
    exchange = exchange_open(connection, context, header, SMB2_CREATE);
    exchange->tree = tree;
    exchange->session = session_find(connection, header->session_id);
    exchange_stop_waiting(
        exchange); /* an open may wait for a lease break: silence proves nothing */
}

static void orderly_end(struct connection *connection, const struct smb2_header *header)
{
    struct session *session = session_find(connection, header->session_id);

    connection->ended_orderly = true;
    if (session && header->command == SMB2_LOGOFF)
        session->state = SESSION_ENDED;
}

static void other_request(struct connection *connection, const struct message_context *context,
                          const struct smb2_header *header)
{
    struct tree *tree = NULL;

    if (header->command == SMB2_LOGOFF || header->command == SMB2_TREE_DISCONNECT) {
        orderly_end(connection, header);
        return;
    }
    if (header->command == SMB2_CANCEL || header->command == SMB2_ECHO)
        return;
    if (header->command == SMB2_CREATE || !connection->first_use.frame)
        tree = tree_find(connection, header->tree_id);
    if (connection->first_use.frame && (!tree || tree->used))
        return;
    if (!connection->first_use.frame)
        connection->first_use = frame_sighting(context->frame, context->item);
    connection->ended_orderly = false;
    if (tree && header->command == SMB2_CREATE)
        first_create(connection, context, header, tree);
    raise_other(connection, ON_OTHER_REQUEST, context, header, tree);
}

void setup_on_request(struct connection *connection, const struct message_context *context,
                      const struct smb2_header *header, struct bytes message)
{
    if (is_setup(header, message))
        setup_request(connection, context, header, message);
    else
        other_request(connection, context, header);
}

/* ---- responses ---- */

static void read_response(struct exchange *exchange, struct bytes message,
                          const struct smb2_header *header)
{
    switch (exchange->command) {
    case SMB1_NEGOTIATE:
    case SMB2_NEGOTIATE:
        negotiate_response(exchange, message);
        break;
    case SMB2_SESSION_SETUP:
        session_on_response(exchange, message);
        break;
    case SMB2_TREE_CONNECT:
        tree_response(exchange, message, header);
        break;
    case SMB2_IOCTL:
        validate_response(exchange, message);
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
    if (header->command == SMB2_NEGOTIATE && smb1 && smb1->open_frame)
        return smb1;
    return NULL;
}

static bool overcomes(const struct exchange *exchange)
{
    return exchange->status == STATUS_SUCCESS &&
           (exchange->command == SMB2_SESSION_SETUP || exchange->command == SMB2_TREE_CONNECT);
}

static void setup_response(struct exchange *exchange, const struct message_context *context,
                           const struct smb2_header *header, struct bytes message)
{
    if (header->status == STATUS_PENDING && header->flags & SMB2_FLAGS_ASYNC_COMMAND) {
        exchange_interim(exchange, context);
        return;
    }
    if (exchange_answered(exchange))
        return;
    exchange_answer(exchange, context, header);
    connection_note_truncated(exchange->connection, context);
    read_response(exchange, message, header);
    connection_raise(exchange->connection, ON_RESPONSE, exchange, &exchange->response);
    if (overcomes(exchange))
        evaluate_recovered(exchange);
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
                       const struct smb2_header *header, struct bytes message)
{
    struct exchange *exchange =
        is_tracked_command(header->command) ? answered_exchange(connection, header) : NULL;

    if (!exchange && may_be_orphan(header) && !at_limit(connection, context))
        exchange = exchange_orphan(connection, header);
    if (exchange)
        setup_response(exchange, context, header, message);
    else if (is_refusal(header))
        raise_other(connection, ON_OTHER_REFUSAL, context, header,
                    tree_find(connection, header->tree_id));
}
