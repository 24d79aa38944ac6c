/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which rules are asked when something happens: sorted by event once for each file, since a rule is
 * asked far more often than it applies.
 */
#include "catalogue.h"
#include "model.h"

#include <string.h>

/* Ids in the preference are separated by commas or blanks. */
static bool is_off(const struct settings *settings, const struct rule *rule)
{
    const char *at = settings->rules_off;
    const size_t length = strlen(rule->id);

    while (at && *at) {
        const size_t word = strcspn(at, ", \t;");

        if (word == length && strncmp(at, rule->id, length) == 0)
            return true;
        at += word;
        at += strspn(at, ", \t;");
    }
    return false;
}

static void listen_to(struct model *model, const struct rule *rule, unsigned *counts)
{
    for (unsigned event = 0; event < EVENTS; event++)
        if (rule->events & 1u << event)
            model->listeners[event][counts[event]++] = rule;
}

/* Fallbacks come last: what is specific goes before them. */
static void listen_all(struct model *model, bool fallback, unsigned *counts)
{
    const struct rule *rule;

    for (unsigned i = 0; (rule = catalogue_rule(i)) != NULL; i++)
        if (rule->fallback == fallback && !is_off(&model->settings, rule))
            listen_to(model, rule, counts);
}

void listeners_fill(struct model *model)
{
    unsigned counts[EVENTS] = {0};

    for (unsigned event = 0; event < EVENTS; event++)
        model->listeners[event] =
            wmem_alloc0_array(model->scope, const struct rule *, catalogue_count() + 1);
    listen_all(model, false, counts);
    listen_all(model, true, counts);
}

const struct rule *const *listeners_of(const struct model *model, enum event event)
{
    return model->listeners[g_bit_nth_lsf(event, -1)];
}

static bool has_status(const uint32_t *statuses, uint32_t status)
{
    while (*statuses)
        if (*statuses++ == status)
            return true;
    return false;
}

bool listens(const struct rule *rule, const struct scene *scene)
{
    const struct exchange *exchange = scene->exchange;

    if (rule->command != ANY_COMMAND && (!exchange || exchange->command != rule->command))
        return false;
    if (rule->statuses && scene->event == ON_RESPONSE &&
        !has_status(rule->statuses, exchange->status))
        return false;
    return !rule->absence || connection_absence_is_proof(scene->connection);
}
