/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where messages enter the model: finds the connection that each belongs to, and starts new ones.
 */
#include "state.h"

/* A NEGOTIATE is never long on its way: a copy of one that was sent within this time and is still
 * unanswered may have been captured elsewhere, where a firewall has given it other sequence
 * numbers. */
#define SAME_REQUEST_WITHIN NANOSECONDS_PER_SECOND

static bool is_copy_from_elsewhere(const struct connection *connection, const struct frame *frame)
{
    const struct exchange *last = connection->last;

    return last && last->is_open &&
           (last->command == SMB2_NEGOTIATE || last->command == SMB1_NEGOTIATE) &&
           frame->time - last->request.time < SAME_REQUEST_WITHIN;
}

/* A NEGOTIATE on a connection that was closed is a new connection whose SYN was not captured. So is
 * one that neither goes on with the bytes seen so far nor repeats any: the close was not captured
 * either. */
static bool starts_over(const struct connection *connection, const struct message_context *context)
{
    if (connection->closed)
        return connection->closing.frame != context->frame->number;
    return context->segment &&
           !connection_continues(connection, context->frame, context->segment) &&
           !is_copy_from_elsewhere(connection, context->frame);
}

static void forget_if_over(struct model *model, const struct message_context *context,
                           bool is_first_request)
{
    struct connection *connection = is_first_request ? model_find(model, context->frame) : NULL;

    if (!connection || !starts_over(connection, context))
        return;
    model_forget(connection);
    connection_ended(connection);
}

static void raise_start(struct connection *connection, const struct message_context *context)
{
    if (connection->first.frame == context->frame->number &&
        connection->first.item == context->item) {
        netbios_on_start(connection);
        connection_raise(connection, ON_START, NULL, &connection->first);
    }
}

static void on_unreadable(struct model *model, const struct message_context *context)
{
    struct connection *connection = model_find(model, context->frame);

    if (connection)
        connection_note_truncated(connection, context);
}

static void on_smb2(struct model *model, const struct message_context *context,
                    const struct message *message)
{
    const struct smb2_header *header = &message->header;
    const bool is_response = smb2_is_response(header);
    struct connection *connection;

    forget_if_over(model, context, !is_response && header->command == SMB2_NEGOTIATE);
    connection = model_connection(model, context, !is_response);
    if (context->segment)
        connection_follow_bytes(connection, context->frame, context->segment);
    if (connection->first.frame == context->frame->number &&
        connection->first.item == context->item)
        connection->midstream = is_response || header->command != SMB2_NEGOTIATE;
    raise_start(connection, context);
    if (is_response) {
        setup_on_response(connection, context, message);
        return;
    }
    missed_on_request(connection, context->frame, message);
    setup_on_request(connection, context, message);
}

static bool looks_like_server_port(uint16_t port)
{
    return port == 445 || port == 139;
}

static void raise_transform(struct connection *connection, const struct sighting *now,
                            const struct smb2_transform *transform)
{
    const struct scene scene = {
        .model = connection->model,
        .event = ON_TRANSFORM,
        .connection = connection,
        .session = session_find(connection, transform->session_id),
        .transform = transform,
        .now = *now,
    };

    model_raise(connection->model, &scene);
}

/* Each session is judged once. One session is the rule: mostly one look is enough. */
static void note_encrypted(struct connection *connection, const struct message_context *context,
                           const struct smb2_transform *transform)
{
    struct encrypted_session *at, *end;

    if (!connection->encrypted_sessions)
        connection->encrypted_sessions = wmem_alloc0_array(
            connection->model->scope, struct encrypted_session, ENCRYPTED_SESSIONS);
    at = connection->encrypted_sessions;
    end = at + ENCRYPTED_SESSIONS;
    while (at < end && at->first.frame && at->session_id != transform->session_id)
        at++;
    if (at == end || at->first.frame)
        return;
    at->session_id = transform->session_id;
    at->first = frame_sighting(context->frame, context->item);
    if (!connection->first_transform)
        connection->first_transform = at->first.frame;
    raise_transform(connection, &at->first, transform);
}

static void on_transform(struct model *model, const struct message_context *context,
                         const struct smb2_transform *transform)
{
    const struct frame *frame = context->frame;
    struct connection *connection = model_find(model, frame);

    if (!connection) {
        connection = model_connection(model, context, !looks_like_server_port(frame->source.port));
        connection->midstream = true;
        raise_start(connection, context);
    }
    connection->ended_orderly = false;
    if (connection_side_of(connection, frame) == CLIENT)
        missed_on_transform(connection, frame, transform);
    note_encrypted(connection, context, transform);
}

static void smb1_request(struct model *model, const struct message_context *context,
                         const struct message *message)
{
    struct connection *connection;
    struct exchange *exchange;

    forget_if_over(model, context, true);
    connection = model_connection(model, context, true);
    if (connection->smb1_negotiate || connection->agreed)
        return;
    exchange = exchange_open(connection, context, message);
    connection->smb1_negotiate = exchange;
    connection_note_truncated(connection, context);
    raise_start(connection, context);
    connection_raise(connection, ON_REQUEST, exchange, &exchange->request);
}

static void smb1_response(struct model *model, const struct message_context *context,
                          const struct message *message)
{
    struct connection *connection = model_find(model, context->frame);
    struct exchange *exchange = connection ? connection->smb1_negotiate : NULL;

    if (!exchange || exchange_answered(exchange) ||
        exchange_hold_late_answer(exchange, context, message))
        return;
    exchange_answer(exchange, context, message);
    connection_raise(connection, ON_RESPONSE, exchange, &exchange->response);
}

static void on_smb1(struct model *model, const struct message_context *context,
                    const struct message *message)
{
    const struct smb1_negotiate *negotiate = smb1_negotiate_of(&message->content);

    if (!negotiate)
        on_unreadable(model, context);
    else if (negotiate->is_response)
        smb1_response(model, context, message);
    else
        smb1_request(model, context, message);
}

void model_on_message(struct model *model, const struct message_context *context,
                      const struct message *message)
{
    switch (message->kind) {
    case SMB2_MESSAGE:
        if (message->header_known)
            on_smb2(model, context, message);
        else
            on_unreadable(model, context);
        break;
    case SMB2_TRANSFORM:
        if (message->header_known)
            on_transform(model, context, &message->transform);
        break;
    case SMB1_MESSAGE:
        on_smb1(model, context, message);
        break;
    default:
        break;
    }
}
