/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Requests of the set-up, their answers, and what is still open.
 */
#include "state.h"

struct sighting frame_sighting(const struct frame *frame, int item)
{
    return (struct sighting){.frame = frame->number, .item = item, .time = frame->time};
}

int64_t sighting_interval(const struct sighting *a, const struct sighting *b)
{
    return a->frame && b->frame ? b->time - a->time : 0;
}

static struct exchange *exchange_new(struct connection *connection,
                                     const struct smb2_header *header)
{
    struct exchange *exchange = POOL_NEW(connection->model->pool, struct exchange);

    exchange->connection = connection;
    exchange->command = header->command;
    exchange->message_id = header->message_id;
    exchange->previous = connection->last_exchange;
    *(exchange->previous ? &exchange->previous->next : &connection->first_exchange) = exchange;
    connection->last_exchange = exchange;
    connection->exchange_count++;
    return exchange;
}

static void wait_for_answer(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;

    exchange->is_open = true;
    exchange->previous_open = connection->last_open;
    *(connection->last_open ? &connection->last_open->next_open : &connection->first_open) =
        exchange;
    connection->last_open = exchange;
    exchange_wait(exchange, exchange->request.time);
}

static void leave_open(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;
    struct exchange *next = exchange->next_open, *previous = exchange->previous_open;

    *(previous ? &previous->next_open : &connection->first_open) = next;
    *(next ? &next->previous_open : &connection->last_open) = previous;
    exchange->next_open = exchange->previous_open = NULL;
    exchange->is_open = false;
}

/* ---- by message id ---- */

/* Most set-ups have fewer: looking through them is cheaper than a map. */
#define LOOKED_THROUGH 16

/* [MS-CIFS] has no such id, and a request of another command keeps its place. */
static void map_exchange(const struct connection *connection, struct exchange *exchange)
{
    if (exchange->command != SMB1_NEGOTIATE &&
        (exchange->request.frame || !exchange_find(connection, exchange->message_id)))
        wmem_map_insert(connection->by_message_id, &exchange->message_id, exchange);
}

static void name_exchange(struct exchange *exchange)
{
    struct connection *connection = exchange->connection;

    if (connection->by_message_id) {
        map_exchange(connection, exchange);
    } else if (connection->exchange_count > LOOKED_THROUGH) {
        connection->by_message_id =
            wmem_map_new(connection->model->scope, wmem_int64_hash, g_int64_equal);
        for (exchange = connection->first_exchange; exchange; exchange = exchange->next)
            map_exchange(connection, exchange);
    }
}

/* The last request of that id, else an answer without its request. */
static struct exchange *look_through(const struct connection *connection, uint64_t message_id)
{
    struct exchange *found = NULL;

    for (struct exchange *at = connection->last_exchange; at; at = at->previous) {
        if (at->message_id != message_id || at->command == SMB1_NEGOTIATE)
            continue;
        if (at->request.frame)
            return at;
        found = at;
    }
    return found;
}

struct exchange *exchange_find(const struct connection *connection, uint64_t message_id)
{
    const int64_t key = (int64_t)message_id;

    if (!connection->by_message_id)
        return look_through(connection, message_id);
    return (struct exchange *)wmem_map_lookup(connection->by_message_id, &key);
}

/* ---- requests and answers ---- */

struct exchange *exchange_open(struct connection *connection, const struct message_context *context,
                               const struct message *message)
{
    const struct smb2_header *header = &message->header;
    struct exchange *exchange = exchange_new(connection, header);
    const struct tcp_segment *segment = context->segment;

    exchange->request = frame_sighting(context->frame, context->item);
    exchange->request_session_id = header->session_id;
    exchange->request_signed = header->flags & SMB2_FLAGS_SIGNED;
    exchange->request_encrypted = context->encrypted;
    exchange->malformed = message->content.malformed && !context->truncated;
    exchange->request_end = segment ? segment->sequence + segment->length : 0;
    exchange->asked = content_keep(&message->content, connection->model->store);
    wait_for_answer(exchange);
    name_exchange(exchange);
    connection->last = exchange;
    return exchange;
}

struct exchange *exchange_orphan(struct connection *connection, const struct message *message)
{
    struct exchange *exchange = exchange_new(connection, &message->header);

    name_exchange(exchange);
    return exchange;
}

static void exchange_close(struct exchange *exchange)
{
    exchange_stop_waiting(exchange);
    if (exchange->is_open)
        leave_open(exchange);
}

void exchange_give_up(struct exchange *exchange)
{
    exchange_close(exchange);
}

void exchange_answer(struct exchange *exchange, const struct message_context *context,
                     const struct message *message)
{
    const struct smb2_header *header = &message->header;

    exchange->response = frame_sighting(context->frame, context->item);
    exchange->status = header->status;
    exchange->response_session_id = header->session_id;
    exchange->response_signed = header->flags & SMB2_FLAGS_SIGNED;
    exchange->response_encrypted = context->encrypted;
    exchange->answer = content_keep(&message->content, exchange->connection->model->store);
    exchange->connection->last = exchange;
    exchange_close(exchange);
}

struct interlude *exchange_interlude_make(struct exchange *exchange)
{
    if (!exchange->between)
        exchange->between = POOL_NEW(exchange->connection->model->pool, struct interlude);
    return exchange->between;
}

void exchange_interim(struct exchange *exchange, const struct message_context *context)
{
    struct interlude *between = exchange_interlude_make(exchange);

    if (between->interim.frame || exchange_answered(exchange))
        return;
    between->interim = frame_sighting(context->frame, context->item);
    connection_raise(exchange->connection, ON_INTERIM, exchange, &between->interim);
}

static struct held_answer *hold(const struct message_context *context,
                                const struct message *message, const struct model *model)
{
    struct held_answer *held = wmem_new0(model->scope, struct held_answer);

    held->frame = *context->frame;
    held->context = *context;
    held->context.frame = &held->frame;
    held->context.segment = NULL;
    held->end = context->segment->sequence + context->segment->length;
    held->message = *message;
    held->message.content = *content_keep(&message->content, model->store);
    return held;
}

bool exchange_hold_late_answer(struct exchange *exchange, const struct message_context *context,
                               const struct message *message)
{
    const struct sighting here = frame_sighting(context->frame, context->item);
    struct connection *connection = exchange->connection;
    struct interlude *between;

    if (!connection_client_left_before(connection, context->segment))
        return false;
    between = exchange_interlude_make(exchange);
    if (between->held)
        return true;
    between->held = hold(context, message, connection->model);
    between->too_late = here.frame;
    connection_raise(connection, ON_TOO_LATE, exchange, &here);
    return true;
}

bool exchange_is_binding(const struct exchange *exchange)
{
    const struct session_setup_request *request = session_setup_request_of(exchange->asked);

    return request && request->flags & SMB2_SESSION_FLAG_BINDING;
}
