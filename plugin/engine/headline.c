/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A finding in one line, with the values of this capture: "No share "dcos" on files".
 *
 * A rule's headline holds tokens in braces, and alternatives behind bars, of which the first is
 * taken that has a value for all of its tokens: {server} the name used for the server, else its
 * own, else its address   {client} address {share} {user} {status} {dialect} as the names say
 *   {=Label} the value of the evidence with that label   {=Label/2} the second of two that differ
 */
#include "state.h"

#define VALUE_CHARACTERS 48 /* of one value; names from the wire may be of any length */
#define HEADLINE_CHARACTERS 99

static bool fits(const char *text, size_t length, long limit)
{
    return length <= (size_t)limit || g_utf8_strlen(text, (gssize)length) <= limit;
}

static void append_shortened(wmem_strbuf_t *line, const char *text, long limit)
{
    const size_t length = strlen(text);

    if (fits(text, length, limit)) {
        wmem_strbuf_append_len(line, text, length);
        return;
    }
    wmem_strbuf_append_len(line, text, (size_t)(g_utf8_offset_to_pointer(text, limit - 3) - text));
    wmem_strbuf_append(line, "...");
}

/* false: a token has no value. */
static bool append_token(wmem_strbuf_t *line, const struct finding *finding, const char *at,
                         size_t length, wmem_allocator_t *scope)
{
    char *token = text_copy(at, length, scope);
    const char *value = headline_value(finding, token, scope);

    if (!value || !*value)
        return false;
    append_shortened(line, value, VALUE_CHARACTERS);
    return true;
}

/* NULL: a token has no value. */
static const char *fill_in(const struct finding *finding, const char *at, const char *end,
                           wmem_allocator_t *scope)
{
    wmem_strbuf_t *line = line_new(scope);

    while (at < end) {
        const char *open = (const char *)memchr(at, '{', (size_t)(end - at)), *close;

        wmem_strbuf_append_len(line, at, (size_t)((open ? open : end) - at));
        if (!open)
            break;
        close = open + strcspn(open, "}");
        if (!append_token(line, finding, open + 1, (size_t)(close - open - 1), scope))
            return NULL;
        at = close + 1;
    }
    return wmem_strbuf_finalize(line);
}

static const char *alternative(const struct finding *finding, const char *at, const char *end,
                               wmem_allocator_t *scope)
{
    const char *words = translated_part(at, (size_t)(end - at));

    return words ? fill_in(finding, words, words + strlen(words), scope)
                 : fill_in(finding, at, end, scope);
}

const char *finding_headline(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *at = finding->rule->headline, *line = NULL;
    wmem_strbuf_t *shortened;

    while (!line && at) {
        const char *end = at + strcspn(at, "|");

        line = alternative(finding, at, end, scope);
        at = *end ? end + 1 : NULL;
    }
    if (!line)
        line = translated(finding->rule->summary);
    if (fits(line, strlen(line), HEADLINE_CHARACTERS))
        return line;
    shortened = wmem_strbuf_new(scope, "");
    append_shortened(shortened, line, HEADLINE_CHARACTERS);
    return wmem_strbuf_finalize(shortened);
}
