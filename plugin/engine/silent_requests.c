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
    silent->previous = finding->silent.last;
    *(silent->previous ? &silent->previous->next : &finding->silent.first) = silent;
    finding->silent.last = silent;
}

void silence_drop_first(struct engine *engine, struct finding *finding)
{
    struct silent *first = finding->silent.first;

    finding->silent.first = first->next;
    *(first->next ? &first->next->previous : &finding->silent.last) = NULL;
    POOL_RETURN(engine->pool, first);
}

void silence_drop_last(struct engine *engine, struct finding *finding)
{
    struct silent *last = finding->silent.last;

    finding->silent.last = last->previous;
    *(last->previous ? &last->previous->next : &finding->silent.first) = NULL;
    POOL_RETURN(engine->pool, last);
}
