/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ICMP errors: what they quote is an attempt to connect, or a request of a connection.
 */
#include "state.h"

#define REQUESTS_LOOKED_AT 16 /* a set-up has few in flight */

/* The request that the quoted segment is part of, the oldest that it may be: nobody repeats an
 * earlier one that was acknowledged. NULL = none. */
static struct exchange *quoted_request(const struct connection *connection, uint32_t sequence)
{
    struct exchange *exchange = connection->last_open, *found = NULL;

    for (unsigned i = 0; exchange && i < REQUESTS_LOOKED_AT;
         i++, exchange = exchange->previous_open) {
        if (!exchange->request_end)
            continue;
        if (exchange->acknowledged.frame || (int32_t)(exchange->request_end - sequence) <= 0)
            break;
        found = exchange;
    }
    return found;
}

static void note(struct model *model, struct exchange *exchange, const struct frame *frame,
                 const struct icmp_error *error)
{
    struct interlude *between = exchange_interlude_make(exchange);

    if (!between->notice)
        between->notice = wmem_new0(model->scope, struct icmp_notice);
    between->notice->error = *error;
    between->notice->seen = frame_sighting(frame, NO_ITEM);
    between->notice->count++;
}

void model_on_icmp_error(struct model *model, const struct frame *frame,
                         const struct icmp_error *error)
{
    const struct frame quoted = {.source = error->source, .destination = error->destination};
    const struct connection *connection;
    struct exchange *exchange;

    if (attempts_on_icmp_error(model, frame, error))
        return;
    connection = model_find(model, &quoted);
    if (!connection || connection_side_of(connection, &quoted) != CLIENT)
        return;
    exchange = quoted_request(connection, error->sequence);
    if (exchange)
        note(model, exchange, frame, error);
}

bool model_takes_icmp_errors(const struct model *model)
{
    return model->waiting.count > 0 || model_attempts_waiting(model) > 0;
}
