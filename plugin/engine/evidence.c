/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Evidence: gathered as values by rules, worded here and nowhere else.
 */
#include "state.h"

static struct evidence *add(struct proof *proof, enum evidence_kind kind, const char *label)
{
    struct evidence *evidence = wmem_new0(proof->scope, struct evidence);

    evidence->kind = kind;
    evidence->label = label;
    if (proof->evidence.last)
        proof->evidence.last->next = evidence;
    else
        proof->evidence.first = evidence;
    proof->evidence.last = evidence;
    return evidence;
}

void evidence_append(struct evidence_list *to, struct evidence_list more)
{
    if (!more.first)
        return;
    if (to->last)
        to->last->next = more.first;
    else
        to->first = more.first;
    to->last = more.last;
}

void proof_frame(struct proof *proof, const char *label, const struct sighting *sighting)
{
    if (sighting->frame)
        add(proof, EVIDENCE_FRAME, label)->frame[0] = sighting->frame;
}

/* Most are a string as it is: printf would take ten times as long. */
static const char *value_of(wmem_allocator_t *scope, const char *format, va_list arguments)
{
    return strcmp(format, "%s") == 0 ? wmem_strdup(scope, va_arg(arguments, const char *))
                                     : phrase_of(scope, format, arguments);
}

void proof_value(struct proof *proof, const char *label, const char *format, ...)
{
    struct evidence *evidence = add(proof, EVIDENCE_VALUE, label);
    va_list arguments;

    va_start(arguments, format);
    evidence->value[0] = value_of(proof->scope, format, arguments);
    va_end(arguments);
}

void proof_value_in(struct proof *proof, const struct sighting *where, const char *label,
                    const char *format, ...)
{
    struct evidence *evidence = add(proof, EVIDENCE_VALUE, label);
    va_list arguments;

    va_start(arguments, format);
    evidence->value[0] = value_of(proof->scope, format, arguments);
    va_end(arguments);
    evidence->frame[0] = where->frame;
}

void proof_words(struct proof *proof, const char *label, const char *words)
{
    add(proof, EVIDENCE_VALUE, label)->value[0] = phrase_words(proof->scope, words);
}

void proof_words_in(struct proof *proof, const struct sighting *where, const char *label,
                    const char *words)
{
    struct evidence *evidence = add(proof, EVIDENCE_VALUE, label);

    evidence->value[0] = phrase_words(proof->scope, words);
    evidence->frame[0] = where->frame;
}

void proof_difference(struct proof *proof, const char *label, const char *left,
                      const struct sighting *left_in, const char *right,
                      const struct sighting *right_in)
{
    struct evidence *evidence = add(proof, EVIDENCE_DIFFERENCE, label);

    evidence->value[0] = wmem_strdup(proof->scope, left);
    evidence->value[1] = wmem_strdup(proof->scope, right);
    evidence->frame[0] = left_in->frame;
    evidence->frame[1] = right_in->frame;
}

void proof_interval(struct proof *proof, const char *label, int64_t nanoseconds)
{
    add(proof, EVIDENCE_INTERVAL, label)->interval = nanoseconds;
}

void proof_caveat(struct proof *proof, const char *label)
{
    add(proof, EVIDENCE_CAVEAT, label);
}

void proof_at_most(struct proof *proof, enum severity severity)
{
    if (proof->severity > severity)
        proof->severity = severity;
}

static struct evidence *keep(const struct engine *engine, const struct evidence *evidence)
{
    struct evidence *kept = POOL_NEW(engine->pool, struct evidence);

    *kept = *evidence;
    kept->next = NULL;
    if (kept->kind == EVIDENCE_VALUE || kept->kind == EVIDENCE_DIFFERENCE)
        for (unsigned i = 0; i < G_N_ELEMENTS(kept->value); i++)
            kept->value[i] = store_text(engine->texts, kept->value[i]);
    return kept;
}

struct evidence_list evidence_keep(const struct engine *engine, struct evidence_list list)
{
    struct evidence_list kept = {0};

    for (const struct evidence *at = list.first; at; at = at->next) {
        struct evidence *one = keep(engine, at);

        evidence_append(&kept, (struct evidence_list){one, one});
    }
    return kept;
}

void evidence_free(const struct engine *engine, struct evidence_list list)
{
    while (list.first) {
        struct evidence *next = list.first->next;

        POOL_RETURN(engine->pool, list.first);
        list.first = next;
    }
}

static char *in_frame(const char *value, uint32_t frame, wmem_allocator_t *scope)
{
    return frame ? said(scope, "%s in frame %u", value, frame)
                 : wmem_strdup(scope, phrase_text(value, scope));
}

/* Written from the end, and no printf, which takes ten times as long: logons come by the thousand.
 */
static char *put_before(char *at, const char *text, size_t length)
{
    return (char *)memcpy(at - length, text, length);
}

static char *put_digits(char *at, uint64_t number, unsigned least)
{
    for (unsigned written = 0; number || written < least; written++, number /= 10)
        *--at = (char)('0' + number % 10);
    return at;
}

char *interval_text(int64_t nanoseconds, wmem_allocator_t *scope)
{
    const bool is_short =
        nanoseconds > -NANOSECONDS_PER_SECOND && nanoseconds < NANOSECONDS_PER_SECOND;
    const int64_t step = is_short ? 1000 : 1000000;
    const int64_t thousandths = nanoseconds / step + nanoseconds % step / (step / 2); /* rounded */

    char text[sizeof "-9223372036854.775 ms"], *at = text + sizeof text;

    at = put_before(at, is_short ? " ms" : " s", is_short ? sizeof " ms" : sizeof " s");
    at = put_digits(at, (uint64_t)ABS(thousandths % 1000), 3);
    at = put_before(at, ".", 1);
    at = put_digits(at, (uint64_t)ABS(thousandths / 1000), 1);
    if (thousandths < 0)
        *--at = '-';
    return wmem_strdup(scope, at);
}

const char *evidence_text(const struct evidence *evidence, wmem_allocator_t *scope)
{
    const char *label = translated(evidence->label);

    switch (evidence->kind) {
    case EVIDENCE_FRAME:
        return said(scope, "%s: frame %u", label, evidence->frame[0]);
    case EVIDENCE_VALUE:
        return said(scope, "%s: %s", label,
                    in_frame(evidence->value[0], evidence->frame[0], scope));
    case EVIDENCE_DIFFERENCE:
        return said(scope, "%s: %s, but %s", label,
                    in_frame(evidence->value[0], evidence->frame[0], scope),
                    in_frame(evidence->value[1], evidence->frame[1], scope));
    case EVIDENCE_INTERVAL:
        return said(scope, "%s: %s", label, interval_text(evidence->interval, scope));
    case EVIDENCE_CAVEAT:
        return label;
    }
    return "";
}

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {"", [CHAT] = N_("chat"), [NOTE] = N_("note"),
                                        [WARNING] = N_("warning"), [ERROR] = N_("error")};

    return severity <= ERROR ? names[severity] : "";
}

const char *confidence_name(enum confidence confidence)
{
    static const char *const names[] = {
        "", [POSSIBLE] = N_("possible"), [LIKELY] = N_("likely"), [CERTAIN] = N_("certain")};

    return confidence <= CERTAIN ? names[confidence] : "";
}
