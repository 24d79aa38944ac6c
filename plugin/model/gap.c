/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes of a connection that the capture lacks.
 */
#include "state.h"

/* What was missed may have been the answer. */
static void raise_missed(struct connection *connection, const struct sighting *certain)
{
    for (struct exchange *open = connection->first_open; open; open = open->next_open)
        connection_raise(connection, ON_ANSWER_MISSED, open, certain);
}

bool connection_mark_first_gap(struct connection *connection, const struct sighting *seen,
                               const struct frame *now)
{
    const struct sighting certain = frame_sighting(now, NO_ITEM);

    if (connection->gap.frame)
        return false;
    connection->gap = *seen;
    connection_raise(connection, ON_GAP, NULL, seen->frame == now->number ? seen : &certain);
    return true;
}

void connection_mark_gap(struct connection *connection, enum side side, const struct sighting *seen,
                         const struct frame *now)
{
    const struct sighting certain = frame_sighting(now, NO_ITEM);

    if (connection_mark_first_gap(connection, seen, now) && side == SERVER)
        raise_missed(connection, &certain);
}
