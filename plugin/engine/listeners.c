/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which rules are asked when something happens: sorted by event, command and kind of answer once
 * for each file, since a rule is asked far more often than it applies.
 */
#include "state.h"

/* ---- rules that are off ---- */

struct word {
    const char *text; /* not terminated */
    size_t length;    /* 0: there is none */
};

/* Ids in the preference are separated by commas or blanks. Cuts the first off. */
static struct word next_word(const char **words)
{
    struct word word;

    *words += strspn(*words, ", \t;");
    word.text = *words;
    word.length = strcspn(*words, ", \t;");
    *words += word.length;
    return word;
}

static bool is_id(const struct word *word, const struct rule *rule)
{
    return strlen(rule->id) == word->length && strncmp(word->text, rule->id, word->length) == 0;
}

static bool is_off(const char *off, const struct rule *rule)
{
    for (struct word word; off && (word = next_word(&off)).length;)
        if (is_id(&word, rule))
            return true;
    return false;
}

static bool is_known(const struct word *word, const struct catalogue *catalogue)
{
    for (const struct rule *const *rule = catalogue->rules; *rule; rule++)
        if (is_id(word, *rule))
            return true;
    return false;
}

const char *rules_off_unknown(const struct catalogue *catalogue, const char *off,
                              wmem_allocator_t *scope)
{
    wmem_strbuf_t *unknown = wmem_strbuf_new(scope, "");

    for (struct word word; off && (word = next_word(&off)).length;)
        if (!is_known(&word, catalogue))
            wmem_strbuf_append_printf(unknown, "%s\"%.*s\"",
                                      wmem_strbuf_get_len(unknown) ? ", " : "", (int)word.length,
                                      word.text);
    return wmem_strbuf_finalize(unknown);
}

/* ---- sorting ---- */

static bool has_status(const uint32_t *statuses, uint32_t status)
{
    while (*statuses)
        if (*statuses++ == status)
            return true;
    return false;
}

/* enum command_set, by listeners' index; the last one: no exchange. */
static const unsigned command_bits[COMMANDS] = {
    FOR_SMB1_NEGOTIATE, FOR_NEGOTIATE, FOR_SESSION_SETUP, FOR_TREE_CONNECT, FOR_IOCTL, FOR_CREATE};

/* An answer with that status is no refusal. */
static bool is_usual(uint32_t status)
{
    return status == STATUS_SUCCESS || status == STATUS_MORE_PROCESSING_REQUIRED;
}

static bool belongs(const struct rule *rule, unsigned event, unsigned command, bool refusal)
{
    const bool of_status = rule->statuses && 1u << event == ON_RESPONSE && !refusal;

    if (!(rule->events & 1u << event))
        return false;
    if (rule->commands && !(rule->commands & command_bits[command]))
        return false;
    return !of_status || has_status(rule->statuses, STATUS_SUCCESS) ||
           has_status(rule->statuses, STATUS_MORE_PROCESSING_REQUIRED);
}

static struct listener listener_of(const struct rule *rule)
{
    return (struct listener){.rule = rule,
                             .gate = rule->gate,
                             .match = rule->match,
                             .severity = (uint8_t)rule->severity,
                             .confidence = (uint8_t)rule->confidence,
                             .conditional = rule->statuses || rule->absence,
                             .fallback = rule->fallback};
}

/* Those in a row that share a gate are let through, or kept out, by the first. */
static void share_gates(struct listener *listeners)
{
    struct listener *first = listeners;

    for (struct listener *at = listeners; at->rule; at++) {
        if (at != first && at->gate && at->gate == first->gate)
            at->gate = NULL;
        else
            first = at;
        first->gated++;
    }
}

static const struct listener *choose(wmem_allocator_t *scope, const struct rule *const *rules,
                                     unsigned event, unsigned command, bool refusal)
{
    struct listener *chosen;
    unsigned count = 0;

    for (const struct rule *const *rule = rules; *rule; rule++)
        count += belongs(*rule, event, command, refusal);
    chosen = wmem_alloc0_array(scope, struct listener, count + 1);
    for (const struct rule *const *rule = rules; *rule; rule++)
        if (belongs(*rule, event, command, refusal))
            *chosen++ = listener_of(*rule);
    share_gates(chosen - count);
    return chosen - count;
}

/* Fallbacks last: the specific goes first. */
static const struct rule **rules_on(const struct catalogue *catalogue, const char *off)
{
    const struct rule **on = g_new0(const struct rule *, catalogue->count + 1);
    unsigned count = 0;

    for (unsigned fallback = 0; fallback < 2; fallback++)
        for (const struct rule *const *rule = catalogue->rules; *rule; rule++)
            if ((*rule)->fallback == fallback && !is_off(off, *rule))
                on[count++] = *rule;
    return on;
}

void listeners_fill(struct engine *engine, const struct catalogue *catalogue, const char *off)
{
    const struct rule **on = rules_on(catalogue, off);

    for (unsigned event = 0; event < EVENTS; event++)
        for (unsigned command = 0; command < COMMANDS; command++)
            for (unsigned refusal = 0; refusal < 2; refusal++)
                engine->listeners[event][command][refusal] =
                    choose(engine->scope, on, event, command, refusal);
    g_free(on);
}

/* ---- looking up ---- */

static unsigned command_index(const struct exchange *exchange)
{
    switch (exchange ? exchange->command : SMB2_CANCEL) {
    case SMB1_NEGOTIATE:
        return 0;
    case SMB2_NEGOTIATE:
        return 1;
    case SMB2_SESSION_SETUP:
        return 2;
    case SMB2_TREE_CONNECT:
        return 3;
    case SMB2_IOCTL:
        return 4;
    case SMB2_CREATE:
        return 5;
    default:
        return COMMANDS - 1;
    }
}

const struct listener *listeners_of(const struct engine *engine, const struct scene *scene)
{
    const bool refusal = scene->event == ON_RESPONSE && !is_usual(scene->exchange->status);

    return engine
        ->listeners[g_bit_nth_lsf(scene->event, -1)][command_index(scene->exchange)][refusal];
}

bool listens_with(const struct rule *rule, const struct scene *scene)
{
    if (rule->statuses && scene->event == ON_RESPONSE &&
        !has_status(rule->statuses, scene->exchange->status))
        return false;
    return !rule->absence || connection_absence_is_proof(scene->connection);
}
