/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The report as text: totals; what failed, with how often; each failure in full once; what is
 * healthy in one line each.
 */
#include "model_attempts.h"
#include "report_parts.h"

#define FRAMES_LISTED 10 /* of a group; the connections are all named further down */

/* ---- a connection in one line ---- */

static void append_part(wmem_strbuf_t *line, const char *before, const char *text)
{
    if (*text)
        wmem_strbuf_append_printf(line, ", %s%s", before, text);
}

/* ", NTLM as LAB\alice" */
static void append_logon(wmem_strbuf_t *line, const struct connection_summary *summary)
{
    if (*summary->mechanism && *summary->user)
        wmem_strbuf_append_printf(line, ", %s as %s", summary->mechanism, summary->user);
    else
        append_part(line, "", *summary->mechanism ? summary->mechanism : summary->user);
}

static void append_end(wmem_strbuf_t *line, const struct connection *connection,
                       const struct connection_summary *summary)
{
    if (summary->open)
        wmem_strbuf_append_printf(line, ", %s in frame %u is still open at the end of the capture",
                                  command_name(summary->open->command),
                                  summary->open->request.frame);
    else if (connection->closed && summary->outcome != OUTCOME_WORKS)
        wmem_strbuf_append_printf(line, ", closed by the %s (%s) in frame %u",
                                  connection->closed_by == CLIENT ? "client" : "server",
                                  connection->closed_by_reset ? "RST" : "FIN",
                                  connection->closing.frame);
}

static const char *heading(const struct connection *connection, wmem_allocator_t *scope)
{
    const struct connection_summary summary = connection_summarise(connection, scope);
    wmem_strbuf_t *line = wmem_strbuf_new(scope, "");

    wmem_strbuf_append_printf(line, "Connection %u: %s -> %s", connection->number, summary.client,
                              summary.server);
    if (*summary.server_name && !connection_named_by_address(connection))
        wmem_strbuf_append_printf(line, " (%s)", summary.server_name);
    wmem_strbuf_append_printf(line, ", from frame %u, %s", connection->first.frame,
                              summary.outcome == OUTCOME_UNSEEN ? "set-up not captured"
                                                                : outcome_name(summary.outcome));
    if (summary.outcome != OUTCOME_WORKS && summary.outcome != OUTCOME_UNSEEN)
        append_part(line, "reached: ", summary.stage);
    if (connection_stage(connection) == STAGE_SMB1)
        append_part(line, "", "SMB1, which is not diagnosed");
    else
        append_part(line, "dialect ", summary.dialect);
    append_logon(line, &summary);
    append_part(line, strchr(summary.shares, ',') ? "shares " : "share ", summary.shares);
    append_end(line, connection, &summary);
    return wmem_strbuf_finalize(line);
}

/* ---- a finding in full ---- */

static void write_lines(FILE *to, const char *label, const char *lines, wmem_allocator_t *scope)
{
    for (const char *line; (line = next_line(&lines, scope)) != NULL; label = "")
        fprintf(to, "      %-10s %s\n", label, line);
}

static void write_evidence(FILE *to, const struct finding *finding, wmem_allocator_t *scope)
{
    const struct evidence_list list = finding_evidence(finding, scope);
    const char *label = "evidence";

    for (const struct evidence *at = list.first; at; at = at->next) {
        write_lines(to, label, evidence_text(at, scope), scope);
        label = "";
    }
}

static void write_place(FILE *to, const struct finding *finding)
{
    fprintf(to, "      %-10s %s in frame %u", "rule", finding->rule->id, finding->about.frame);
    if (finding->count > 1)
        fprintf(to, ", %u times, last in frame %u", finding->count, finding->last.frame);
    fputc('\n', to);
}

static void write_finding(FILE *to, const struct finding *finding, wmem_allocator_t *scope)
{
    const char *headline = finding_headline(finding, scope);

    fprintf(to, "  %s, %s%s: %s\n", severity_name(finding->severity),
            confidence_name(finding->confidence), finding->root_cause ? ", root cause" : "",
            headline);
    if (strcmp(headline, finding->rule->summary) != 0)
        write_lines(to, "meaning", finding->rule->summary, scope);
    write_place(to, finding);
    if (finding->severity > CHAT)
        write_lines(to, "cause", finding_cause(finding, scope), scope);
    write_evidence(to, finding, scope);
    if (finding->severity == CHAT)
        return;
    write_lines(to, "next", finding_next_step(finding, scope), scope);
    write_lines(to, "see", finding->rule->reference, scope);
    fprintf(to, "      %-10s " RULE_PAGE "%s\n", "", finding->rule->id);
}

static void write_in_full(const struct report *report, const struct connection *connection,
                          wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = wmem_list_head(connection_findings_by_weight(connection, scope));
    const char *vantage = vantage_text(connection, scope);

    fprintf(report->to, "%s\n", heading(connection, scope));
    if (vantage)
        fprintf(report->to, "  captured %s\n", vantage);
    for (; at; at = wmem_list_frame_next(at))
        write_finding(report->to, (const struct finding *)wmem_list_frame_data(at), scope);
}

/* ---- equal failures ---- */

/* The ids of what else was found, chat aside, that is not told of another connection already. */
static const char *others_text(const struct connection *connection, const struct connection *told,
                               const char *before, wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = wmem_list_head(connection_findings_by_weight(connection, scope));
    wmem_strbuf_t *text = wmem_strbuf_new(scope, "");

    for (; at; at = wmem_list_frame_next(at)) {
        const struct finding *finding = (const struct finding *)wmem_list_frame_data(at);

        if (finding->severity == CHAT || (told && connection_finding(told, finding->rule)))
            continue;
        wmem_strbuf_append_printf(text, "%s%s", wmem_strbuf_get_len(text) ? ", " : before,
                                  finding->rule->id);
    }
    return wmem_strbuf_finalize(text);
}

/* The group's first, which is told in full. */
static const struct connection *example_of(const struct report_group *group)
{
    return (const struct connection *)wmem_list_frame_data(wmem_list_head(group->connections));
}

/* Where the group's fault was found on the connection. */
static uint32_t fault_frame(const struct report_group *group, const struct connection *connection)
{
    const struct finding *finding = connection_finding(connection, group->finding->rule);

    return finding ? finding->about.frame : connection->first.frame;
}

static void write_same(const struct report *report, const struct report_group *group,
                       const struct connection *connection, wmem_allocator_t *scope)
{
    const struct connection_summary summary = connection_summarise(connection, scope);

    fprintf(report->to, "    Connection %u: %s -> %s, in frame %u%s\n", connection->number,
            summary.client, summary.server, fault_frame(group, connection),
            others_text(connection, example_of(group), ", also ", scope));
}

static void write_group(const struct report *report, const struct report_group *group)
{
    wmem_list_frame_t *at = wmem_list_head(group->connections);
    const unsigned more = wmem_list_count(group->connections) - 1;

    for (bool first = true; at; at = wmem_list_frame_next(at), first = false) {
        wmem_allocator_t *scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
        const struct connection *connection = (const struct connection *)wmem_list_frame_data(at);

        if (first)
            write_in_full(report, connection, scope);
        else
            write_same(report, group, connection, scope);
        if (first && more)
            fprintf(report->to, "  the same on %u more %s:\n", more,
                    more == 1 ? "connection" : "connections");
        wmem_destroy_allocator(scope);
    }
    fputc('\n', report->to);
}

static void write_groups(const struct report *report, wmem_list_t *groups)
{
    for (wmem_list_frame_t *at = wmem_list_head(groups); at; at = wmem_list_frame_next(at))
        write_group(report, (const struct report_group *)wmem_list_frame_data(at));
}

/* ---- the overview ---- */

static void write_frames(FILE *to, const struct report_group *group)
{
    wmem_list_frame_t *at = wmem_list_head(group->connections);
    const unsigned count = wmem_list_count(group->connections);

    fputs(count == 1 ? " in frame" : " in frames", to);
    for (unsigned i = 0; at && i < FRAMES_LISTED; at = wmem_list_frame_next(at), i++)
        fprintf(to, "%s %u", i ? "," : "",
                fault_frame(group, (const struct connection *)wmem_list_frame_data(at)));
    if (count > FRAMES_LISTED)
        fprintf(to, " and %u more", count - FRAMES_LISTED);
    fputc('\n', to);
}

static void write_overview(FILE *to, const char *title, wmem_list_t *groups)
{
    wmem_list_frame_t *at = wmem_list_head(groups);

    if (at)
        fprintf(to, "%s\n", title);
    for (; at; at = wmem_list_frame_next(at)) {
        const struct report_group *group = (const struct report_group *)wmem_list_frame_data(at);

        fprintf(to, "  %5u x  %s\n           %s", wmem_list_count(group->connections), group->words,
                group->finding->rule->id);
        write_frames(to, group);
    }
    if (wmem_list_head(groups))
        fputc('\n', to);
}

/* ---- what is healthy ---- */

static void write_healthy(const struct report *report, const struct connection *connection,
                          wmem_allocator_t *scope, void *data)
{
    const struct finding *heaviest = connection_heaviest(connection, scope);

    (void)data;
    if (heaviest && heaviest->severity >= WARNING)
        return;
    fprintf(report->to, "%s%s\n", heading(connection, scope),
            others_text(connection, NULL, "; ", scope));
}

static void write_undecoded(const struct report *report)
{
    const struct undecoded_port *port;

    for (unsigned i = 0; (port = model_undecoded(report->model, i)) != NULL; i++) {
        char *end = address_text(&port->server.address, NULL);

        fprintf(report->to,
                "TCP port %u of %s carries SMB that Wireshark does not take for it (frame %u). "
                "Read the capture again with -d tcp.port==%u,nbss\n",
                port->server.port, end, port->first.frame, port->server.port);
        wmem_free(NULL, end);
    }
}

void report_write_text(const struct report *report)
{
    wmem_allocator_t *scope = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    const struct report_totals totals = report_count(report);
    const struct report_groups groups = report_group_all(report, scope);

    fprintf(report->to, "SMB2 connection set-up diagnosis\n\n%s\n",
            totals.connections ? report_totals_text(&totals, scope)
                               : report_missing_text(report, scope));
    if (totals.connections)
        fputc('\n', report->to);
    if (totals.connections > 1) {
        write_overview(report->to, "Failed:", groups.failed);
        write_overview(report->to, "Not failed, but with errors or warnings:", groups.others);
    }
    write_groups(report, groups.failed);
    write_groups(report, groups.others);
    report_each(report, write_healthy, NULL);
    write_undecoded(report);
    wmem_destroy_allocator(scope);
}
