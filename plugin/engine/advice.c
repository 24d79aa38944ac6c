/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Causes and next steps with the values of this capture: commands that can be pasted as they stand.
 *
 * A rule's text holds tokens in braces: {SHARE} is replaced with the share's name where the capture
 * shows it, and with the word SHARE where not. A line that begins with {?OWN NAME} stands only
 * where that token has a value, one with {!OWN NAME} only where it has none; so do those with a
 * condition, {?NAMED}, or a status, and a line may have several in a row. The tokens: values.c; the
 * conditions: conditions.c. What is translated is a line without its conditions.
 */
#include "state.h"

#define COMMAND_CHARACTERS 64 /* of one value in a command */

/* Names come from the wire and go into somebody's shell: letters, digits and what names hold
 * besides, no blanks, and nothing that a shell reads. */
static bool is_safe(const char *value)
{
    if (!*value || *value == '-' || !g_utf8_validate(value, -1, NULL) ||
        g_utf8_strlen(value, -1) > COMMAND_CHARACTERS)
        return false;
    for (const char *at = value; *at; at = g_utf8_find_next_char(at, NULL))
        if (!g_unichar_isalnum(g_utf8_get_char(at)) && !strchr("._-:/", *at) &&
            !(*at == '$' && at[1] == '\0')) /* an administrative share, a computer's account */
            return false;
    return true;
}

/* The word itself where the value is unknown, or nothing to put into a command. What is no token
 * stays as it is: a script block. */
static void append_value(wmem_strbuf_t *text, const struct finding *finding, const char *token,
                         wmem_allocator_t *scope)
{
    const char *value = NULL;

    if (!advice_value(finding, token, &value, scope))
        wmem_strbuf_append_printf(text, "{%s}", token);
    else if (value && is_safe(value))
        wmem_strbuf_append(text, value);
    else
        wmem_strbuf_append_len(text, token, strcspn(token, "\\"));
}

/* "{?TOKEN}" and "{!TOKEN}" at the start of a line; *line is moved behind them. */
static bool is_excluded(const struct finding *finding, const char **line, wmem_allocator_t *scope)
{
    bool excluded = false;

    for (const char *at = *line; at[0] == '{' && (at[1] == '?' || at[1] == '!'); at = *line) {
        const size_t length = strcspn(at, "}\n");

        if (at[length] != '}')
            break;
        if (condition_holds(finding, text_copy(at + 2, length - 2, scope), scope) != (at[1] == '?'))
            excluded = true;
        *line = at + length + 1;
    }
    return excluded;
}

static void append_line(wmem_strbuf_t *text, const struct finding *finding, const char *at,
                        wmem_allocator_t *scope)
{
    while (*at && *at != '\n') {
        const size_t length = *at == '{' ? strcspn(at, "}\n") : strcspn(at, "{\n");

        if (at[length] == '}') {
            append_value(text, finding, text_copy(at + 1, length - 1, scope), scope);
            at += length + 1;
        } else {
            wmem_strbuf_append_len(text, at, length);
            at += length;
        }
    }
}

static const char *in_words(const char *line)
{
    const char *words = translated_part(line, strcspn(line, "\n"));

    return words ? words : line;
}

static const char *with_values(const struct finding *finding, const char *lines,
                               wmem_allocator_t *scope)
{
    wmem_strbuf_t *text = wmem_strbuf_new(scope, "");

    if (!strchr(lines, '{') && language_chosen() == ENGLISH)
        return lines;
    for (const char *at = lines; at; at = strchr(at, '\n')) {
        if (*at == '\n')
            at++;
        if (is_excluded(finding, &at, scope))
            continue;
        if (wmem_strbuf_get_len(text) > 0)
            wmem_strbuf_append_c(text, '\n');
        append_line(text, finding, in_words(at), scope);
    }
    return wmem_strbuf_finalize(text);
}

const char *finding_cause(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *cause = with_values(finding, finding->cause, scope);
    const char *others =
        finding->rule->others ? with_values(finding, finding->rule->others, scope) : "";

    return *others ? wmem_strdup_printf(scope, "%s\n%s", others, cause) : cause;
}

/* A later error of the same session has the steps. */
static bool is_prelude_to_root(const struct finding *finding)
{
    const struct finding *root = connection_root_cause(finding->connection);
    const struct exchange *exchange = finding->exchange;

    return finding->rule->prelude && finding->severity < ERROR && root && root != finding &&
           root->severity == ERROR && exchange && exchange->session && root->exchange &&
           root->exchange->session == exchange->session;
}

const char *finding_next_step(const struct finding *finding, wmem_allocator_t *scope)
{
    if (is_prelude_to_root(finding))
        return translated("See the connection's root cause: its steps come first");
    if (finding->severity == NOTE && exchange_has_error(finding->exchange))
        return translated("See the error about the same message: its steps come first");
    return with_values(finding, finding->next_step, scope);
}
