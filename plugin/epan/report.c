/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the formats of reports share.
 */
#include "model_attempts.h"
#include "report_parts.h"

void report_each(const struct report *report, report_part *part, void *data)
{
    wmem_list_frame_t *at = wmem_list_head(model_connections(report->model));

    for (; at; at = wmem_list_frame_next(at)) {
        const struct connection *connection = (const struct connection *)wmem_list_frame_data(at);
        wmem_allocator_t *scope;

        if (!connection_is_reported(connection) ||
            (report->wants && !report->wants(connection, report->data)))
            continue;
        scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
        part(report, connection, scope, data);
        wmem_destroy_allocator(scope);
    }
}

/* ---- totals ---- */

static void count_connection(const struct report *report, const struct connection *connection,
                             wmem_allocator_t *scope, void *data)
{
    struct report_totals *totals = (struct report_totals *)data;
    const struct finding *finding = connection_first_finding(connection);

    (void)report;
    totals->connections++;
    totals->outcomes[connection_summarise(connection, scope).outcome]++;
    for (; finding; finding = finding->next) {
        if (!finding->withdrawn)
            totals->findings[finding->severity]++;
    }
}

struct report_totals report_count(const struct report *report)
{
    struct report_totals totals = {0};

    report_each(report, count_connection, &totals);
    return totals;
}

static void append_count(wmem_strbuf_t *text, unsigned count, const char *what)
{
    if (count)
        wmem_strbuf_append_printf(text, "%s%u %s", wmem_strbuf_get_len(text) ? ", " : "", count,
                                  what);
}

const char *report_totals_text(const struct report_totals *totals, wmem_allocator_t *scope)
{
    wmem_strbuf_t *text = wmem_strbuf_new(scope, "");
    const char *what = totals->connections == 1 ? "connection" : "connections";

    append_count(text, totals->outcomes[OUTCOME_FAILED], "failed");
    append_count(text, totals->outcomes[OUTCOME_OPEN], "open at the end of the capture");
    append_count(text, totals->outcomes[OUTCOME_UNFINISHED], "unfinished");
    append_count(text, totals->outcomes[OUTCOME_UNSEEN], "whose set-up was not captured");
    append_count(text, totals->outcomes[OUTCOME_WORKS],
                 totals->outcomes[OUTCOME_WORKS] == 1 ? "works" : "work");
    return wmem_strdup_printf(scope, "%u %s: %s", totals->connections, what,
                              wmem_strbuf_finalize(text));
}

static const char *plural(unsigned count, const char *one, const char *more)
{
    return count == 1 ? one : more;
}

const char *report_missing_text(const struct report *report, wmem_allocator_t *scope)
{
    const unsigned waiting = model_attempts_waiting(report->model);
    const uint32_t wordless = model_wordless(report->model);
    wmem_strbuf_t *text = wmem_strbuf_new(scope, "No SMB2 connection in this capture.\n");

    if (wmem_list_head(model_connections(report->model)))
        return "No SMB2 connection passes the filter.\n";
    if (wordless)
        wmem_strbuf_append_printf(
            text, "%u TCP %s to SMB's ports came up and closed without a byte of data.\n", wordless,
            plural(wordless, "connection", "connections"));
    if (waiting)
        wmem_strbuf_append_printf(text, "%u %s to connect had no answer yet when it ended.\n",
                                  waiting, plural(waiting, "attempt", "attempts"));
    return wmem_strbuf_finalize(text);
}

/* ---- one finding ---- */

const struct finding *connection_heaviest(const struct connection *connection,
                                          wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = wmem_list_head(connection_findings_by_weight(connection, scope));

    return at ? (const struct finding *)wmem_list_frame_data(at) : NULL;
}

/* ---- words ---- */

const char *next_line(const char **lines, wmem_allocator_t *scope)
{
    const char *line = *lines;
    size_t length;

    if (!line || !*line)
        return NULL;
    length = strcspn(line, "\n");
    *lines = line + length + (line[length] == '\n');
    return wmem_strndup(scope, line, length);
}

void put_escaped(FILE *to, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&':
            fputs("&amp;", to);
            break;
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        case '\'':
            fputs("&#39;", to);
            break;
        default:
            fputc(*text, to);
        }
}
