/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Refusals of the NetBIOS session service, before the first SMB message or instead of an answer to
 * it (RFC 1002 4.3.4).
 */
#include "attempts.h"

#define RELIEF_TIME (10 * NANOSECONDS_PER_SECOND)

static void tell(const struct netbios_refusal *refusal, const struct sighting *now)
{
    const struct scene scene = {
        .model = refusal->connection->model,
        .event = ON_NETBIOS_REFUSAL,
        .connection = refusal->connection,
        .refusal = refusal,
        .now = *now,
    };

    model_raise(scene.model, &scene);
}

/* The connection that it is told on; NULL: too many. */
static struct connection *refused_connection(struct model *model, const struct frame *frame,
                                             const struct sighting *seen)
{
    struct connection *connection = model_find(model, frame);

    if (connection)
        return connection;
    connection = attempts_connection(model, &frame->destination, &frame->source, seen);
    if (connection)
        connection->without_exchanges = STAGE_NETBIOS;
    return connection;
}

/* Samba sends it on port 445, too, where it answers the first request. */
void model_on_netbios_refusal(struct model *model, const struct frame *frame, uint8_t code)
{
    struct attempts *attempts = attempts_make(model);
    struct netbios_refusal *refusal = &attempts->refusals[attempts->refusal_count % ATTEMPTS_KEPT];
    const struct sighting seen = frame_sighting(frame, NO_ITEM);
    const struct connection *known = model_find(model, frame);

    if (!port_is_watched(model, frame->source.port) || (known && !exchange_is_open(known->last)))
        return;
    *refusal = (struct netbios_refusal){
        .code = code, .seen = seen, .connection = refused_connection(model, frame, &seen)};
    if (!refusal->connection)
        return;
    attempts->refusal_count++;
    tell(refusal, &seen);
    if (known)
        exchange_give_up(known->last);
}

void netbios_on_start(const struct connection *connection)
{
    struct attempts *attempts = connection->model->attempts;

    for (unsigned i = 0; attempts && i < MIN(attempts->refusal_count, ATTEMPTS_KEPT); i++) {
        struct netbios_refusal *refusal = &attempts->refusals[i];
        const struct connection *refused = refusal->connection;

        if (refused == connection || refusal->relieved.frame ||
            connection->first.time - refusal->seen.time > RELIEF_TIME ||
            !address_equal(&refused->client.address, &connection->client.address) ||
            !address_equal(&refused->server.address, &connection->server.address))
            continue;
        refusal->relieved = connection->first;
        tell(refusal, &connection->first);
    }
}
