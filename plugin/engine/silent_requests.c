/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Findings that say that something did not happen, and of which requests they say it.
 */
#include "state.h"

bool event_is_of_time(enum event event)
{
    return event == ON_SILENCE || event == ON_UNREACHABLE || event == ON_ATTEMPT_SILENCE;
}

bool finding_is_of_silence(const struct finding *finding)
{
    return finding->rule->events & (ON_SILENCE | ON_CLOSE) && finding->rule->absence;
}

void silence_remember(struct engine *engine, struct finding *finding, struct exchange *exchange)
{
    struct silent *silent;

    if (!finding_is_of_silence(finding))
        return;
    silent = POOL_NEW(engine->pool, struct silent);
    silent->exchange = exchange;
    silent->previous = finding->silent ? finding->silent->previous : silent;
    *(finding->silent ? &silent->previous->next : &finding->silent) = silent;
    finding->silent->previous = silent;
}

void silence_drop_first(struct engine *engine, struct finding *finding)
{
    struct silent *first = finding->silent;

    if (first->next)
        first->next->previous = first->previous;
    finding->silent = first->next;
    POOL_RETURN(engine->pool, first);
}

void silence_drop_last(struct engine *engine, struct finding *finding)
{
    struct silent *first = finding->silent, *last = first->previous;

    first->previous = last->previous;
    *(last == first ? &finding->silent : &last->previous->next) = NULL;
    POOL_RETURN(engine->pool, last);
}
