/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The report as text: totals; what failed, with how often; each failure in full once; what is
 * healthy in one line each.
 */
#include "model_attempts.h"
#include "report_parts.h"

#define FRAMES_LISTED 10 /* of a group; the connections are all named further down */
#define LABEL_WIDTH 10   /* at least */

/* ---- a connection in one line ---- */

static void append_part(wmem_strbuf_t *line, const char *text)
{
    if (*text)
        wmem_strbuf_append_printf(line, ", %s", text);
}

static const char *ends_text(const struct connection *connection,
                             const struct connection_summary *summary, wmem_allocator_t *scope)
{
    if (*summary->server_name && !connection_named_by_address(connection))
        return said(scope, "Connection %u: %s -> %s (%s)", connection->number, summary->client,
                    summary->server, summary->server_name);
    return said(scope, "Connection %u: %s -> %s", connection->number, summary->client,
                summary->server);
}

static void append_outcome(wmem_strbuf_t *line, const struct connection_summary *summary,
                           wmem_allocator_t *scope)
{
    if (summary->outcome == OUTCOME_UNSEEN) {
        append_part(line, translated("set-up not captured"));
        return;
    }
    append_part(line, translated(outcome_name(summary->outcome)));
    if (summary->outcome != OUTCOME_WORKS)
        append_part(line, said(scope, "reached: %s", translated(summary->stage)));
}

static void append_dialect(wmem_strbuf_t *line, const struct connection *connection,
                           const struct connection_summary *summary, wmem_allocator_t *scope)
{
    if (connection_stage(connection) == STAGE_SMB1)
        append_part(line, translated("SMB1, which is not diagnosed"));
    else if (*summary->dialect)
        append_part(line, said(scope, "dialect %s", summary->dialect));
}

/* "NTLM as LAB\alice" */
static void append_logon(wmem_strbuf_t *line, const struct connection_summary *summary,
                         wmem_allocator_t *scope)
{
    if (*summary->mechanism && *summary->user)
        append_part(line, said(scope, "%s as %s", summary->mechanism, summary->user));
    else
        append_part(line, *summary->mechanism ? summary->mechanism : summary->user);
}

static void append_shares(wmem_strbuf_t *line, const char *shares, wmem_allocator_t *scope)
{
    if (strchr(shares, ','))
        append_part(line, said(scope, "shares %s", shares));
    else if (*shares)
        append_part(line, said(scope, "share %s", shares));
}

static void append_end(wmem_strbuf_t *line, const struct connection *connection,
                       const struct connection_summary *summary, wmem_allocator_t *scope)
{
    const char *how = connection->closed_by_reset ? "RST" : "FIN";

    if (summary->open)
        append_part(line, report_open_text(summary, scope));
    else if (!connection->closed || summary->outcome == OUTCOME_WORKS)
        return;
    else if (connection->closed_by == CLIENT)
        append_part(line, said(scope, "closed by the client (%s) in frame %u", how,
                               connection->closing.frame));
    else
        append_part(line, said(scope, "closed by the server (%s) in frame %u", how,
                               connection->closing.frame));
}

static const char *heading(const struct connection *connection, wmem_allocator_t *scope)
{
    const struct connection_summary summary = connection_summarise(connection, scope);
    wmem_strbuf_t *line = wmem_strbuf_new(scope, ends_text(connection, &summary, scope));

    append_part(line, said(scope, "from frame %u", connection->first.frame));
    append_outcome(line, &summary, scope);
    append_dialect(line, connection, &summary, scope);
    append_logon(line, &summary, scope);
    append_shares(line, summary.shares, scope);
    append_end(line, connection, &summary, scope);
    return wmem_strbuf_finalize(line);
}

/* ---- a finding in full ---- */

static const char *const labels[] = {N_("meaning"),  N_("rule"), N_("cause"),
                                     N_("evidence"), N_("next"), N_("see")};

/* Of the column in which the labels stand, in cells. */
static unsigned label_width(void)
{
    unsigned width = LABEL_WIDTH;

    for (unsigned i = 0; i < G_N_ELEMENTS(labels); i++)
        width = MAX(width, text_cells(translated(labels[i])));
    return width;
}

/* label: "" = that of the line before. */
static void write_line(FILE *to, const char *label, const char *line)
{
    const char *words = *label ? translated(label) : "";

    fprintf(to, "      %s%*s %s\n", words, (int)(label_width() - text_cells(words)), "", line);
}

static void write_lines(FILE *to, const char *label, const char *lines, wmem_allocator_t *scope)
{
    for (const char *line; (line = next_line(&lines, scope)) != NULL; label = "")
        write_line(to, label, line);
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

static void write_finding(FILE *to, const struct finding *finding, wmem_allocator_t *scope)
{
    const char *headline = finding_headline(finding, scope);
    const char *meaning = translated(finding->rule->summary);

    fprintf(to, "  %s\n",
            report_verdict_text(finding, translated(severity_name(finding->severity)), headline,
                                scope));
    if (strcmp(headline, meaning) != 0)
        write_lines(to, "meaning", meaning, scope);
    write_line(to, "rule", report_place_text(finding, scope));
    if (finding->severity > CHAT)
        write_lines(to, "cause", finding_cause(finding, scope), scope);
    write_evidence(to, finding, scope);
    if (finding->severity == CHAT)
        return;
    write_lines(to, "next", finding_next_step(finding, scope), scope);
    write_lines(to, "see", finding->rule->reference, scope);
    write_line(to, "", wmem_strdup_printf(scope, RULE_PAGE "%s", finding->rule->id));
}

static void write_in_full(const struct report *report, const struct connection *connection,
                          wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = wmem_list_head(connection_findings_by_weight(connection, scope));
    const char *vantage = vantage_text(connection, scope);

    fprintf(report->to, "%s\n", heading(connection, scope));
    if (vantage)
        fprintf(report->to, "  %s\n", said(scope, "captured %s", vantage));
    for (; at; at = wmem_list_frame_next(at))
        write_finding(report->to, (const struct finding *)wmem_list_frame_data(at), scope);
}

/* ---- equal failures ---- */

/* The ids of what else was found, chat aside, that is not told of another connection already. */
static const char *others_text(const struct connection *connection, const struct connection *told,
                               wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = wmem_list_head(connection_findings_by_weight(connection, scope));
    wmem_strbuf_t *text = wmem_strbuf_new(scope, "");

    for (; at; at = wmem_list_frame_next(at)) {
        const struct finding *finding = (const struct finding *)wmem_list_frame_data(at);

        if (finding->severity == CHAT || (told && connection_finding(told, finding->rule)))
            continue;
        wmem_strbuf_append_printf(text, "%s%s", wmem_strbuf_get_len(text) ? ", " : "",
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
    const uint32_t frame = fault_frame(group, connection);
    const char *others = others_text(connection, example_of(group), scope);
    const char *line = *others
                           ? said(scope, "Connection %u: %s -> %s, in frame %u, also %s",
                                  connection->number, summary.client, summary.server, frame, others)
                           : said(scope, "Connection %u: %s -> %s, in frame %u", connection->number,
                                  summary.client, summary.server, frame);

    fprintf(report->to, "    %s\n", line);
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
            fprintf(report->to, "  %s\n",
                    more == 1 ? translated("the same on 1 more connection:")
                              : said(scope, "the same on %u more connections:", more));
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

static const char *frames_text(const struct report_group *group, wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = wmem_list_head(group->connections);
    const unsigned count = wmem_list_count(group->connections);
    const char *id = group->finding->rule->id, *frames;
    wmem_strbuf_t *list = wmem_strbuf_new(scope, "");

    for (unsigned i = 0; at && i < FRAMES_LISTED; at = wmem_list_frame_next(at), i++)
        wmem_strbuf_append_printf(
            list, "%s%u", i ? ", " : "",
            fault_frame(group, (const struct connection *)wmem_list_frame_data(at)));
    frames = wmem_strbuf_finalize(list);
    if (count > FRAMES_LISTED)
        return said(scope, "%s in frames %s and %u more", id, frames, count - FRAMES_LISTED);
    return count == 1 ? said(scope, "%s in frame %s", id, frames)
                      : said(scope, "%s in frames %s", id, frames);
}

static void write_overview(FILE *to, const char *title, wmem_list_t *groups,
                           wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = wmem_list_head(groups);

    if (at)
        fprintf(to, "%s\n", title);
    for (; at; at = wmem_list_frame_next(at)) {
        const struct report_group *group = (const struct report_group *)wmem_list_frame_data(at);

        fprintf(to, "  %5u x  %s\n           %s\n", wmem_list_count(group->connections),
                group->words, frames_text(group, scope));
    }
    if (wmem_list_head(groups))
        fputc('\n', to);
}

/* ---- what is healthy ---- */

static void write_healthy(const struct report *report, const struct connection *connection,
                          wmem_allocator_t *scope, void *data)
{
    const struct finding *heaviest = connection_heaviest(connection, scope);
    const char *others = others_text(connection, NULL, scope);

    (void)data;
    if (heaviest && heaviest->severity >= WARNING)
        return;
    fprintf(report->to, "%s%s%s\n", heading(connection, scope), *others ? "; " : "", others);
}

static void write_undecoded(const struct report *report, wmem_allocator_t *scope)
{
    const struct undecoded_port *port;

    for (unsigned i = 0; (port = model_undecoded(report->model, i)) != NULL; i++)
        fprintf(report->to, "%s\n", report_undecoded_text(port, scope));
}

void report_write_text(const struct report *report)
{
    wmem_allocator_t *scope = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    const struct report_totals totals = report_count(report);
    const struct report_groups groups = report_group_all(report, scope);

    fprintf(report->to, "%s\n\n%s\n", translated("SMB2 connection set-up diagnosis"),
            totals.connections ? report_totals_text(&totals, scope)
                               : report_missing_text(report, scope));
    if (totals.connections)
        fputc('\n', report->to);
    if (totals.connections > 1) {
        write_overview(report->to, translated("Failed:"), groups.failed, scope);
        write_overview(report->to, translated("Not failed, but with errors or warnings:"),
                       groups.others, scope);
    }
    write_groups(report, groups.failed);
    write_groups(report, groups.others);
    report_each(report, write_healthy, NULL);
    write_undecoded(report, scope);
    wmem_destroy_allocator(scope);
}
