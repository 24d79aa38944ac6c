/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The report as a page that can be mailed: one file, no script, nothing from outside, and a policy
 * that forbids both. What comes from the wire goes through put_escaped() or is a number.
 */
#include "model_attempts.h"
#include "report_parts.h"

static const char *const head[] = {
    "<meta charset=\"utf-8\">\n",
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src ",
    "'unsafe-inline'\">\n",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
    "<style>\n",
    "body{font:15px/1.45 system-ui,sans-serif;color:#1c2430;background:#fff;margin:0 auto;",
    "padding:1rem;max-width:72rem}\n",
    "h1{font-size:1.4rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .5rem}\n",
    "h3{font-size:1rem;margin:1rem 0 .2rem}a{color:#1553a0}\n",
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem}\n",
    "th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #dde3ea;",
    "vertical-align:top;overflow-wrap:break-word;max-width:18rem}\n",
    "th{background:#f1f4f8;white-space:nowrap}td.why{min-width:14rem}\n",
    ".failed>td:nth-child(2),.error{color:#b01116;font-weight:600}\n",
    ".warning{color:#8a5300;font-weight:600}.note,.chat{color:#4a5666}\n",
    "details{border:1px solid #dde3ea;border-radius:6px;padding:.5rem .8rem;margin:.7rem 0}\n",
    "summary{cursor:pointer;overflow-wrap:anywhere}summary b{font-weight:600}\n",
    "dl{display:grid;grid-template-columns:6.5rem 1fr;gap:.15rem .8rem;margin:.2rem 0;",
    "font-size:.9rem}\n",
    "dt{color:#4a5666}dd{margin:0;overflow-wrap:anywhere}dd p{margin:0 0 .2rem}\n",
    "@media(max-width:40rem){dl{grid-template-columns:1fr}dt{margin-top:.4rem}}\n",
    "svg{display:block;width:100%;max-width:42rem;height:auto;margin:.6rem 0;",
    "font-family:system-ui,sans-serif}\n",
    ".lane{stroke:#9aa7b5}.arrow{stroke:#2c3e55;stroke-width:1.4}.head{fill:#2c3e55}\n",
    ".absent{stroke-dasharray:5 4}.cross{stroke:#2c3e55;stroke-width:1.6}\n",
    ".host{font-size:12px;font-weight:600;fill:#1c2430}.when{font-size:11.5px;fill:#5b6878}\n",
    ".label{font-size:13px;fill:#1c2430;stroke:#fff;stroke-width:4px;paint-order:stroke}\n",
    ".band{fill:#fdecec}.failed .label{stroke:#fdecec}\n",
    ".failed .arrow,.failed .cross{stroke:#b01116;stroke-width:2}.failed .head{fill:#b01116}\n",
    ".failed .label{fill:#b01116;font-weight:600}.left-out{color:#5b6878;font-size:.85rem}\n",
    "</style>\n",
};

static void put_element(FILE *to, const char *element, const char *text)
{
    fprintf(to, "<%s>", element);
    put_escaped(to, text);
    fprintf(to, "</%s>", element);
}

/* ---- the table ---- */

static bool is_told(const struct connection *connection, wmem_allocator_t *scope)
{
    const struct finding *heaviest = connection_heaviest(connection, scope);

    return heaviest && heaviest->severity >= WARNING;
}

static const char *why_text(const struct connection *connection,
                            const struct connection_summary *summary, wmem_allocator_t *scope)
{
    const struct finding *heaviest = connection_heaviest(connection, scope);

    if (summary->open)
        return report_open_text(summary, scope);
    return heaviest && heaviest->severity >= WARNING ? finding_headline(heaviest, scope) : "";
}

static const char *server_text(const struct connection_summary *summary, wmem_allocator_t *scope)
{
    if (!*summary->server_name || g_str_has_prefix(summary->server, summary->server_name))
        return summary->server;
    return wmem_strdup_printf(scope, "%s (%s)", summary->server, summary->server_name);
}

static const char *logon_text(const struct connection_summary *summary, wmem_allocator_t *scope)
{
    return wmem_strdup_printf(scope, "%s%s%s", summary->user,
                              *summary->user && *summary->mechanism ? ", " : "",
                              summary->mechanism);
}

static void write_row(const struct report *report, const struct connection *connection,
                      wmem_allocator_t *scope, void *data)
{
    const struct connection_summary summary = connection_summarise(connection, scope);
    const char *const cells[] = {translated(outcome_name(summary.outcome)),
                                 summary.client,
                                 server_text(&summary, scope),
                                 summary.dialect,
                                 logon_text(&summary, scope),
                                 summary.shares,
                                 translated(summary.stage)};

    (void)data;
    fputs(summary.outcome == OUTCOME_FAILED ? "<tr class=\"failed\">" : "<tr>", report->to);
    if (is_told(connection, scope))
        fprintf(report->to, "<td><a href=\"#c%u\">%u</a></td>", connection->number,
                connection->number);
    else
        fprintf(report->to, "<td>%u</td>", connection->number);
    for (unsigned i = 0; i < G_N_ELEMENTS(cells); i++)
        put_element(report->to, "td", cells[i]);
    fputs("<td class=\"why\">", report->to);
    put_escaped(report->to, why_text(connection, &summary, scope));
    fputs("</td></tr>\n", report->to);
}

static void write_table(const struct report *report)
{
    static const char *const columns[] = {N_("No."),    N_("Outcome"), N_("Client"),
                                          N_("Server"), N_("Dialect"), N_("Logon"),
                                          N_("Shares"), N_("Reached"), N_("Why")};

    put_element(report->to, "h2", translated("Connections"));
    fputs("\n<div class=\"wide\"><table>\n<tr>", report->to);
    for (unsigned i = 0; i < G_N_ELEMENTS(columns); i++) {
        fputs("<th>", report->to);
        put_escaped(report->to, translated(columns[i]));
    }
    fputs("</tr>\n", report->to);
    report_each(report, write_row, NULL);
    fputs("</table></div>\n", report->to);
}

/* ---- a finding in full ---- */

static void write_lines(FILE *to, const char *term, const char *lines, wmem_allocator_t *scope)
{
    put_element(to, "dt", term);
    fputs("<dd>", to);
    for (const char *line; (line = next_line(&lines, scope)) != NULL;)
        put_element(to, "p", line);
    fputs("</dd>\n", to);
}

static void write_evidence(FILE *to, const struct finding *finding, wmem_allocator_t *scope)
{
    const struct evidence_list list = finding_evidence(finding, scope);

    put_element(to, "dt", translated("Evidence"));
    fputs("<dd>", to);
    for (const struct evidence *at = list.first; at; at = at->next)
        put_element(to, "p", evidence_text(at, scope));
    fputs("</dd>\n", to);
}

static const char *confidence_text(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *confidence = translated(confidence_name(finding->confidence));

    return finding->root_cause ? said(scope, "%s, root cause", confidence) : confidence;
}

static void write_finding(FILE *to, const struct finding *finding, wmem_allocator_t *scope)
{
    fprintf(to, "<h3><span class=\"%s\">", severity_name(finding->severity));
    put_escaped(to, said(scope, "%s:", translated(severity_name(finding->severity))));
    fputs("</span> ", to);
    put_escaped(to, finding_headline(finding, scope));
    fputs("</h3>\n<dl>\n", to);
    write_lines(to, translated("Meaning"), translated(finding->rule->summary), scope);
    write_lines(to, translated("Confidence"), confidence_text(finding, scope), scope);
    write_lines(to, translated("Rule"), report_place_text(finding, scope), scope);
    if (finding->severity > CHAT)
        write_lines(to, translated("Likely causes"), finding_cause(finding, scope), scope);
    write_evidence(to, finding, scope);
    if (finding->severity > CHAT) {
        write_lines(to, translated("Next steps"), finding_next_step(finding, scope), scope);
        write_lines(to, translated("See"),
                    wmem_strdup_printf(scope, "%s\n" RULE_PAGE "%s", finding->rule->reference,
                                       finding->rule->id),
                    scope);
    }
    fputs("</dl>\n", to);
}

static void write_findings(FILE *to, const struct connection *connection, wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = wmem_list_head(connection_findings_by_weight(connection, scope));

    for (; at; at = wmem_list_frame_next(at))
        write_finding(to, (const struct finding *)wmem_list_frame_data(at), scope);
}

/* ---- connections in full ---- */

static void write_summary(FILE *to, const struct connection *connection, wmem_allocator_t *scope)
{
    const struct connection_summary summary = connection_summarise(connection, scope);
    const struct finding *heaviest = connection_heaviest(connection, scope);

    fputs("<summary><b>", to);
    put_escaped(to, said(scope, "Connection %u:", connection->number));
    fputs("</b> ", to);
    put_escaped(to, summary.client);
    fputs(" \xe2\x86\x92 ", to);
    put_escaped(to, server_text(&summary, scope));
    fprintf(to, "<br><span class=\"%s\">", severity_name(heaviest->severity));
    put_escaped(to, finding_headline(heaviest, scope));
    fputs("</span></summary>\n", to);
}

static void write_reference(FILE *to, const struct connection *first, wmem_allocator_t *scope)
{
    fprintf(to, "<p><a href=\"#c%u\">", first->number);
    put_escaped(to, said(scope, "The same as on connection %u, which has causes and next steps.",
                         first->number));
    fputs("</a></p>\n", to);
}

/* first: of its group; the others are the same in words. */
static void write_connection(const struct report *report, const struct connection *connection,
                             const struct connection *first, wmem_allocator_t *scope)
{
    fprintf(report->to, "<details id=\"c%u\"%s>\n", connection->number,
            connection == first ? " open" : "");
    write_summary(report->to, connection, scope);
    report_write_ladder(report->to, connection, scope);
    if (connection == first)
        write_findings(report->to, connection, scope);
    else
        write_reference(report->to, first, scope);
    fputs("</details>\n", report->to);
}

static void write_group(const struct report *report, const struct report_group *group)
{
    wmem_list_frame_t *at = wmem_list_head(group->connections);
    const struct connection *first = (const struct connection *)wmem_list_frame_data(at);

    for (; at; at = wmem_list_frame_next(at)) {
        wmem_allocator_t *scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);

        write_connection(report, (const struct connection *)wmem_list_frame_data(at), first, scope);
        wmem_destroy_allocator(scope);
    }
}

static void write_groups(const struct report *report, const char *title, wmem_list_t *groups)
{
    wmem_list_frame_t *at = wmem_list_head(groups);

    if (at)
        put_element(report->to, "h2", title);
    for (; at; at = wmem_list_frame_next(at))
        write_group(report, (const struct report_group *)wmem_list_frame_data(at));
}

/* ---- the page ---- */

static void write_overview(FILE *to, wmem_list_t *groups)
{
    for (wmem_list_frame_t *at = wmem_list_head(groups); at; at = wmem_list_frame_next(at)) {
        const struct report_group *group = (const struct report_group *)wmem_list_frame_data(at);
        const struct connection *first =
            (const struct connection *)wmem_list_frame_data(wmem_list_head(group->connections));

        fprintf(to, "<li>%u \xc3\x97 <a href=\"#c%u\">", wmem_list_count(group->connections),
                first->number);
        put_escaped(to, group->words);
        fprintf(to, "</a> <span class=\"%s\">%s</span></li>\n",
                severity_name(group->finding->severity), group->finding->rule->id);
    }
}

static void write_undecoded(const struct report *report, wmem_allocator_t *scope)
{
    const struct undecoded_port *port;

    for (unsigned i = 0; (port = model_undecoded(report->model, i)) != NULL; i++)
        put_element(report->to, "p", report_undecoded_text(port, scope));
}

static void write_body(const struct report *report, wmem_allocator_t *scope)
{
    const struct report_totals totals = report_count(report);
    const struct report_groups groups = report_group_all(report, scope);

    put_element(report->to, "p",
                totals.connections ? report_totals_text(&totals, scope)
                                   : report_missing_text(report, scope));
    fputs("<ul>\n", report->to);
    write_overview(report->to, groups.failed);
    write_overview(report->to, groups.others);
    fputs("</ul>\n", report->to);
    write_undecoded(report, scope);
    if (totals.connections)
        write_table(report);
    write_groups(report, translated("Failed"), groups.failed);
    write_groups(report, translated("Not failed, but with errors or warnings"), groups.others);
}

static void write_head(FILE *to)
{
    const char *title = translated("SMB2 connection set-up diagnosis");

    fprintf(to, "<!doctype html>\n<html lang=\"%s\">\n<head>\n", language_tag(language_chosen()));
    for (unsigned i = 0; i < G_N_ELEMENTS(head); i++)
        fputs(head[i], to);
    put_element(to, "title", title);
    fputs("\n</head>\n<body>\n", to);
    put_element(to, "h1", title);
    fputc('\n', to);
}

void report_write_html(const struct report *report)
{
    wmem_allocator_t *scope = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);

    write_head(report->to);
    write_body(report, scope);
    fputs("</body>\n</html>\n", report->to);
    wmem_destroy_allocator(scope);
}
