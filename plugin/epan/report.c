/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the formats of reports share.
 */
#include "model_attempts.h"
#include "report_parts.h"

void report_each(const struct report *report, report_part *part, void *data)
{
    const struct connection *connection = model_first_connection(report->model);

    for (; connection; connection = connection->next) {
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
    totals->rows += connection->row != NULL;
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

/* one: of one; more: of several. */
struct counted {
    unsigned count;
    const char *one, *more;
};

static const char *count_text(const struct counted *counted, wmem_allocator_t *scope)
{
    return counted->count == 1 ? translated(counted->one)
                               : said(scope, counted->more, counted->count);
}

static const char *outcomes_text(const struct report_totals *totals, wmem_allocator_t *scope)
{
    const struct counted outcomes[] = {
        {totals->outcomes[OUTCOME_FAILED], N_("1 failed"), N_("%u failed")},
        {totals->outcomes[OUTCOME_OPEN], N_("1 open at the end of the capture"),
         N_("%u open at the end of the capture")},
        {totals->outcomes[OUTCOME_UNFINISHED], N_("1 unfinished"), N_("%u unfinished")},
        {totals->outcomes[OUTCOME_UNSEEN], N_("1 whose set-up was not captured"),
         N_("%u whose set-up was not captured")},
        {totals->outcomes[OUTCOME_WORKS], N_("1 works"), N_("%u work")},
    };
    wmem_strbuf_t *text = wmem_strbuf_new(scope, "");

    for (unsigned i = 0; i < G_N_ELEMENTS(outcomes); i++)
        if (outcomes[i].count)
            wmem_strbuf_append_printf(text, "%s%s", wmem_strbuf_get_len(text) ? ", " : "",
                                      count_text(&outcomes[i], scope));
    return wmem_strbuf_finalize(text);
}

const char *report_totals_text(const struct report_totals *totals, wmem_allocator_t *scope)
{
    const char *outcomes = outcomes_text(totals, scope);

    if (totals->rows)
        return said(scope, "%u connections: %s; of %u that closed long ago only the row is kept",
                    totals->connections, outcomes, totals->rows);
    return totals->connections == 1
               ? said(scope, "1 connection: %s", outcomes)
               : said(scope, "%u connections: %s", totals->connections, outcomes);
}

static void append_line(wmem_strbuf_t *text, const struct counted *counted, wmem_allocator_t *scope)
{
    if (counted->count)
        wmem_strbuf_append_printf(text, "%s\n", count_text(counted, scope));
}

const char *report_missing_text(const struct report *report, wmem_allocator_t *scope)
{
    const struct counted wordless = {
        model_wordless(report->model),
        N_("1 TCP connection to SMB's ports came up and closed without a byte of data."),
        N_("%u TCP connections to SMB's ports came up and closed without a byte of data.")};
    const struct counted waiting = {model_attempts_waiting(report->model),
                                    N_("1 attempt to connect had no answer yet when it ended."),
                                    N_("%u attempts to connect had no answer yet when it ended.")};
    const bool filtered = model_first_connection(report->model);
    wmem_strbuf_t *text =
        wmem_strbuf_new(scope, filtered ? translated("No SMB2 connection passes the filter.")
                                        : translated("No SMB2 connection in this capture."));

    wmem_strbuf_append_c(text, '\n');
    if (!filtered) {
        append_line(text, &wordless, scope);
        append_line(text, &waiting, scope);
    }
    return wmem_strbuf_finalize(text);
}

/* ---- one finding ---- */

const struct finding *connection_heaviest(const struct connection *connection,
                                          wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = wmem_list_head(connection_findings_by_weight(connection, scope));

    return at ? (const struct finding *)wmem_list_frame_data(at) : NULL;
}

const char *report_verdict_text(const struct finding *finding, const char *severity,
                                const char *headline, wmem_allocator_t *scope)
{
    const char *confidence = translated(confidence_name(finding->confidence));

    return finding->root_cause
               ? said(scope, "%s, %s, root cause: %s", severity, confidence, headline)
               : said(scope, "%s, %s: %s", severity, confidence, headline);
}

const char *report_place_text(const struct finding *finding, wmem_allocator_t *scope)
{
    if (finding->count > 1)
        return said(scope, "%s in frame %u, %u times, last in frame %u", finding->rule->id,
                    finding->about.frame, finding->count, finding->last.frame);
    return said(scope, "%s in frame %u", finding->rule->id, finding->about.frame);
}

/* ---- other sentences ---- */

const char *report_open_text(const struct connection_summary *summary, wmem_allocator_t *scope)
{
    return said(scope, "%s in frame %u is still open at the end of the capture",
                command_name(summary->open->command), summary->open->request.frame);
}

const char *report_undecoded_text(const struct undecoded_port *port, wmem_allocator_t *scope)
{
    return said(
        scope,
        "TCP port %u of %s carries SMB that Wireshark does not take for it (frame %u). Read "
        "the capture again with -d tcp.port==%u,nbss",
        port->server.port, address_text(&port->server.address, scope), port->first.frame,
        port->server.port);
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
