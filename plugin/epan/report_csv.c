/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The report as a table: a line with the names of the columns, then one line a connection, quoted
 * as RFC 4180 says; lines end with \n alone, as awk and cut want them.
 *
 * Spreadsheets take a cell that begins with = + - @ or a control character for a formula. Names
 * come from the wire, so such a cell gets an apostrophe in front, which tells a spreadsheet that it
 * is text.
 */
#include "report_parts.h"

static const char header[] =
    "number,tcp_stream,first_frame,first_time,client,server,server_name,dialect,signing,encryption,"
    "mechanism,user,shares,reached,negotiate_seconds,session_setup_seconds,tree_connect_seconds,"
    "outcome,confidence,rule,headline,status,frame,findings\n";

static const char *number(int64_t value, wmem_allocator_t *scope)
{
    return value > 0 ? wmem_strdup_printf(scope, "%" PRId64, value) : "";
}

/* Streams count from 0. */
static const char *stream_number(const struct connection *connection, wmem_allocator_t *scope)
{
    const int stream = tcp_stream_of_connection(connection);

    return stream < 0 ? "" : wmem_strdup_printf(scope, "%d", stream);
}

static const char *seconds(int64_t nanoseconds, wmem_allocator_t *scope)
{
    if (nanoseconds <= 0)
        return "";
    return wmem_strdup_printf(scope, "%" PRId64 ".%09" PRId64, nanoseconds / NANOSECONDS_PER_SECOND,
                              nanoseconds % NANOSECONDS_PER_SECOND);
}

/* "error:tree_connect.bad_network_name chat:session_setup.credentials_info" */
static const char *findings(const struct connection *connection, wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = wmem_list_head(connection_findings_by_weight(connection, scope));
    wmem_strbuf_t *text = wmem_strbuf_new(scope, "");

    for (; at; at = wmem_list_frame_next(at)) {
        const struct finding *finding = (const struct finding *)wmem_list_frame_data(at);

        wmem_strbuf_append_printf(text, "%s%s:%s", wmem_strbuf_get_len(text) ? " " : "",
                                  severity_name(finding->severity), finding->rule->id);
    }
    return wmem_strbuf_finalize(text);
}

static void write_cell(FILE *to, const char *text)
{
    const bool formula = *text && strchr("=+-@\t\r", *text);

    if (!formula && !strpbrk(text, "\",\r\n")) {
        fputs(text, to);
        return;
    }
    fputs(formula ? "\"'" : "\"", to);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

static void write_row(const struct report *report, const struct connection *connection,
                      wmem_allocator_t *scope, void *data)
{
    const struct connection_summary summary = connection_summarise(connection, scope);
    const struct finding *root = summary.root_cause;
    const char *const cells[] = {
        number(connection->number, scope),
        stream_number(connection, scope),
        number(connection->first.frame, scope),
        seconds(connection->first.time, scope),
        summary.client,
        summary.server,
        summary.server_name,
        summary.dialect,
        summary.signing,
        summary.encryption,
        summary.mechanism,
        summary.user,
        summary.shares,
        summary.stage,
        seconds(summary.negotiate_took, scope),
        seconds(summary.session_setup_took, scope),
        seconds(summary.tree_connect_took, scope),
        outcome_name(summary.outcome),
        root ? confidence_name(root->confidence) : "",
        root ? root->rule->id : "",
        summary.headline,
        summary.status,
        root ? number(root->about.frame, scope) : "",
        findings(connection, scope),
    };

    (void)data;
    for (unsigned i = 0; i < G_N_ELEMENTS(cells); i++) {
        if (i > 0)
            fputc(',', report->to);
        write_cell(report->to, cells[i]);
    }
    fputc('\n', report->to);
}

void report_write_csv(const struct report *report)
{
    fputs(header, report->to);
    report_each(report, write_row, NULL);
}
