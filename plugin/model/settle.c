/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What time decides: requests and attempts to connect that have waited too long.
 */
#include "attempts.h"

bool model_settle(struct model *model, const struct sighting *now)
{
    struct exchange *exchange;
    bool judged = attempts_settle(model, now);

    while ((exchange = model_overdue(model, now->time)) != NULL) {
        exchange_stop_waiting(exchange);
        exchange->settled = judged = true;
        if (exchange->is_open && !exchange_interlude(exchange)->interim.frame)
            connection_raise(exchange->connection, ON_SILENCE, exchange, now);
    }
    return judged;
}
