/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who sent a packet: what IP says of its way, beside that of the same side's packets before.
 */
#include "state.h"

#define COUNTED_STEP 16 /* other packets of the same host may have been sent between two */

/* Hosts number their packets one after the other, for all or for one connection; many send all
 * packets of some kinds with 0 (RFC 6864 4.1). */
static bool follows(uint16_t before, uint16_t after)
{
    return before && after && (uint16_t)(after - before - 1) < COUNTED_STEP;
}

void trail_note(struct trail_seen *seen, const struct frame *frame)
{
    const struct ip_trail *trail = &frame->trail;

    if (!trail->hops_left)
        return;
    seen->least = seen->least ? MIN(seen->least, trail->hops_left) : trail->hops_left;
    seen->most = MAX(seen->most, trail->hops_left);
    seen->identification = trail->identification;
    seen->last_frame = frame->number;
}

int hops_taken(uint8_t left)
{
    if (!left)
        return -1;
    if (left <= 64)
        return 64 - left;
    return left <= 128 ? 128 - left : 255 - left;
}

static enum closer closer_unlike(const struct connection *connection)
{
    const struct trail_seen *before = &connection->sides[connection->closed_by].trail;

    return connection->closed_by_reset &&
                   hops_taken(connection->closing_trail.hops_left) == hops_taken(before->least)
               ? CLOSER_RESET
               : CLOSER_OTHER;
}

/* Where the packets before came over several ways, one of those says nothing. */
enum closer connection_closer(const struct connection *connection)
{
    const struct trail_seen *before = &connection->sides[connection->closed_by].trail;
    const struct ip_trail *closing = &connection->closing_trail;

    if (!connection->closed || !closing->hops_left || !before->least)
        return CLOSER_UNKNOWN;
    if (closing->hops_left < before->least || closing->hops_left > before->most)
        return closer_unlike(connection);
    if (before->least != before->most)
        return CLOSER_UNKNOWN;
    return follows(before->identification, closing->identification) ? CLOSER_SAME : CLOSER_ALIKE;
}
