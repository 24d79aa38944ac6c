/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Evidence: gathered as values by rules, worded here and nowhere else.
 */
#include "state.h"

static size_t evidence_size(enum evidence_kind kind)
{
    return kind == EVIDENCE_DIFFERENCE ? sizeof(struct evidence_difference)
                                       : sizeof(struct evidence);
}

/* NULL: it is none. */
static struct evidence_difference *difference_of(struct evidence *evidence)
{
    return evidence->kind == EVIDENCE_DIFFERENCE ? (struct evidence_difference *)(void *)evidence
                                                 : NULL;
}

const char *evidence_value(const struct evidence *evidence, unsigned part)
{
    if (evidence->kind == EVIDENCE_DIFFERENCE && part)
        return ((const struct evidence_difference *)(const void *)evidence)->value;
    if (evidence->kind == EVIDENCE_DIFFERENCE || evidence->kind == EVIDENCE_VALUE)
        return part ? NULL : evidence->value;
    return NULL;
}

uint32_t evidence_frame(const struct evidence *evidence, unsigned part)
{
    if (!part)
        return evidence->frame;
    return evidence->kind == EVIDENCE_DIFFERENCE
               ? ((const struct evidence_difference *)(const void *)evidence)->frame
               : 0;
}

static struct evidence *add(struct proof *proof, enum evidence_kind kind, const char *label)
{
    struct evidence *evidence = (struct evidence *)wmem_alloc0(proof->scope, evidence_size(kind));

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
        add(proof, EVIDENCE_FRAME, label)->frame = sighting->frame;
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
    evidence->value = value_of(proof->scope, format, arguments);
    va_end(arguments);
}

void proof_value_in(struct proof *proof, const struct sighting *where, const char *label,
                    const char *format, ...)
{
    struct evidence *evidence = add(proof, EVIDENCE_VALUE, label);
    va_list arguments;

    va_start(arguments, format);
    evidence->value = value_of(proof->scope, format, arguments);
    va_end(arguments);
    evidence->frame = where->frame;
}

void proof_words(struct proof *proof, const char *label, const char *words)
{
    add(proof, EVIDENCE_VALUE, label)->value = phrase_words(proof->scope, words);
}

void proof_words_in(struct proof *proof, const struct sighting *where, const char *label,
                    const char *words)
{
    struct evidence *evidence = add(proof, EVIDENCE_VALUE, label);

    evidence->value = phrase_words(proof->scope, words);
    evidence->frame = where->frame;
}

void proof_difference(struct proof *proof, const char *label, const char *left,
                      const struct sighting *left_in, const char *right,
                      const struct sighting *right_in)
{
    struct evidence_difference *difference =
        (struct evidence_difference *)(void *)add(proof, EVIDENCE_DIFFERENCE, label);

    difference->first.value = wmem_strdup(proof->scope, left);
    difference->first.frame = left_in->frame;
    difference->value = wmem_strdup(proof->scope, right);
    difference->frame = right_in->frame;
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
    const size_t size = evidence_size(evidence->kind);
    struct evidence *kept = (struct evidence *)pool_take(engine->pool, size);
    struct evidence_difference *difference;

    memcpy(kept, evidence, size);
    kept->next = NULL;
    difference = difference_of(kept);
    if (difference)
        difference->value = store_text(engine->texts, difference->value);
    if (difference || kept->kind == EVIDENCE_VALUE)
        kept->value = store_text(engine->texts, kept->value);
    return kept;
}

void evidence_keep(const struct engine *engine, struct finding *finding,
                   struct evidence_list addition)
{
    struct evidence **end = &finding->evidence;

    while (*end)
        end = &(*end)->next;
    for (const struct evidence *at = addition.first; at; at = at->next) {
        *end = keep(engine, at);
        end = &(*end)->next;
    }
}

void evidence_free(const struct engine *engine, struct finding *finding)
{
    while (finding->evidence) {
        struct evidence *first = finding->evidence;

        finding->evidence = first->next;
        pool_return(engine->pool, first, evidence_size(first->kind));
    }
}

void evidence_copy(struct evidence_list *to, const struct evidence *evidence,
                   wmem_allocator_t *scope)
{
    struct evidence *copy =
        (struct evidence *)wmem_memdup(scope, evidence, evidence_size(evidence->kind));

    copy->next = NULL;
    evidence_append(to, (struct evidence_list){copy, copy});
}

static char *in_frame(const struct evidence *evidence, unsigned part, wmem_allocator_t *scope)
{
    const char *value = evidence_value(evidence, part);
    const uint32_t frame = evidence_frame(evidence, part);

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
        return said(scope, "%s: frame %u", label, evidence->frame);
    case EVIDENCE_VALUE:
        return said(scope, "%s: %s", label, in_frame(evidence, 0, scope));
    case EVIDENCE_DIFFERENCE:
        return said(scope, "%s: %s, but %s", label, in_frame(evidence, 0, scope),
                    in_frame(evidence, 1, scope));
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
