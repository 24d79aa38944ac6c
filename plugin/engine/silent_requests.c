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
    if (!finding_is_of_silence(finding))
        return;
    if (!finding->silent)
        finding->silent = wmem_list_new(engine->scope);
    wmem_list_append(finding->silent, exchange);
}
