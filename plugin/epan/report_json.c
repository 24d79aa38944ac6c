/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The report as one JSON document, and as one object a connection and line. The keys are documented
 * in report.schema.json; all of them are always there, null where the capture does not show it.
 */
#include "model_attempts.h"
#include "report_parts.h"

#include <wsutil/json_dumper.h>

#define SCHEMA 2

/* ---- values ---- */

static void put_null(json_dumper *json)
{
    json_dumper_value_anyf(json, "null");
}

/* NULL and "": not known. */
static void put_string(json_dumper *json, const char *name, const char *value)
{
    json_dumper_set_member_name(json, name);
    if (value && *value)
        json_dumper_value_string(json, value);
    else
        put_null(json);
}

static void put_number(json_dumper *json, const char *name, uint32_t value)
{
    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, "%u", value);
}

static void put_boolean(json_dumper *json, const char *name, bool value)
{
    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, value ? "true" : "false");
}

/* To the nanosecond, which a double would not hold. */
static void put_seconds(json_dumper *json, const char *name, int64_t nanoseconds)
{
    const uint64_t size = nanoseconds < 0 ? -(uint64_t)nanoseconds : (uint64_t)nanoseconds;

    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, "%s%" PRIu64 ".%09" PRIu64, nanoseconds < 0 ? "-" : "",
                           size / NANOSECONDS_PER_SECOND, size % NANOSECONDS_PER_SECOND);
}

static void put_duration(json_dumper *json, const char *name, int64_t nanoseconds)
{
    if (nanoseconds)
        put_seconds(json, name, nanoseconds);
    else
        put_string(json, name, NULL);
}

static void put_frame(json_dumper *json, const char *name, uint32_t frame)
{
    if (frame)
        put_number(json, name, frame);
    else
        put_string(json, name, NULL);
}

/* {"frame": 8, "time": 1700000000.123456789} */
static void put_sighting(json_dumper *json, const char *name, const struct sighting *sighting)
{
    if (!sighting || !sighting->frame) {
        put_string(json, name, NULL);
        return;
    }
    json_dumper_set_member_name(json, name);
    json_dumper_begin_object(json);
    put_number(json, "frame", sighting->frame);
    put_seconds(json, "time", sighting->time);
    json_dumper_end_object(json);
}

static void put_lines(json_dumper *json, const char *name, const char *lines,
                      wmem_allocator_t *scope)
{
    json_dumper_set_member_name(json, name);
    json_dumper_begin_array(json);
    for (const char *line; (line = next_line(&lines, scope)) != NULL;)
        json_dumper_value_string(json, line);
    json_dumper_end_array(json);
}

static void begin_array(json_dumper *json, const char *name)
{
    json_dumper_set_member_name(json, name);
    json_dumper_begin_array(json);
}

/* ---- findings ---- */

static void put_evidence_values(json_dumper *json, const struct evidence *evidence,
                                wmem_allocator_t *scope)
{
    const unsigned count = evidence->kind == EVIDENCE_DIFFERENCE ? 2
                           : evidence->kind == EVIDENCE_VALUE    ? 1
                                                                 : 0;

    begin_array(json, "values");
    for (unsigned part = 0; part < count; part++) {
        const char *value = evidence_value(evidence, part);

        json_dumper_value_string(json, phrase_text(value ? value : "", scope));
    }
    json_dumper_end_array(json);
}

/* Of two values the n-th frame shows the n-th. */
static void put_evidence_frames(json_dumper *json, const struct evidence *evidence)
{
    const unsigned count = evidence->kind == EVIDENCE_DIFFERENCE ? 2 : evidence->frame ? 1 : 0;

    begin_array(json, "frames");
    for (unsigned part = 0; part < count; part++)
        if (evidence_frame(evidence, part))
            json_dumper_value_anyf(json, "%u", evidence_frame(evidence, part));
        else
            put_null(json);
    json_dumper_end_array(json);
}

static void put_evidence(json_dumper *json, const struct finding *finding, wmem_allocator_t *scope)
{
    const struct evidence_list list = finding_evidence(finding, scope);

    begin_array(json, "evidence");
    for (const struct evidence *at = list.first; at; at = at->next) {
        json_dumper_begin_object(json);
        put_string(json, "label", at->label);
        put_evidence_values(json, at, scope);
        put_evidence_frames(json, at);
        if (at->kind == EVIDENCE_INTERVAL)
            put_seconds(json, "seconds", at->interval);
        put_string(json, "text", evidence_text(at, scope));
        json_dumper_end_object(json);
    }
    json_dumper_end_array(json);
}

static void put_verdict(json_dumper *json, const struct finding *finding, wmem_allocator_t *scope)
{
    static const struct {
        const char *key;
        enum finding_value value;
    } values[] = {{"server", VALUE_SERVER},       {"user", VALUE_USER},
                  {"mechanism", VALUE_MECHANISM}, {"service", VALUE_SERVICE},
                  {"share", VALUE_SHARE},         {"status", VALUE_STATUS}};

    put_string(json, "rule", finding->rule->id);
    put_string(json, "page", wmem_strdup_printf(scope, RULE_PAGE "%s", finding->rule->id));
    put_string(json, "severity", severity_name(finding->severity));
    put_string(json, "confidence", confidence_name(finding->confidence));
    put_boolean(json, "root_cause", finding->root_cause);
    put_string(json, "summary", translated(finding->rule->summary));
    put_string(json, "headline", finding_headline(finding, scope));
    for (unsigned i = 0; i < G_N_ELEMENTS(values); i++)
        put_string(json, values[i].key, finding_value(finding, values[i].value, scope));
}

static void put_places(json_dumper *json, const struct finding *finding)
{
    const struct exchange *exchange = finding->exchange;

    put_sighting(json, "about", &finding->about);
    put_frame(json, "request_frame", exchange ? exchange->request.frame : 0);
    put_frame(json, "response_frame", exchange ? exchange->response.frame : 0);
    put_sighting(json, "completed", &finding->completed);
    put_frame(json, "related_frame", finding->related);
    put_number(json, "count", finding->count);
    put_sighting(json, "last", finding->count > 1 ? &finding->last : &finding->about);
}

static void put_finding(json_dumper *json, const struct finding *finding, wmem_allocator_t *scope)
{
    json_dumper_begin_object(json);
    put_verdict(json, finding, scope);
    put_places(json, finding);
    put_lines(json, "cause", finding_cause(finding, scope), scope);
    put_evidence(json, finding, scope);
    put_lines(json, "next_step", finding_next_step(finding, scope), scope);
    put_lines(json, "reference", finding->rule->reference, scope);
    json_dumper_end_object(json);
}

static void put_findings(json_dumper *json, const struct connection *connection,
                         wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = wmem_list_head(connection_findings_by_weight(connection, scope));

    begin_array(json, "findings");
    for (; at; at = wmem_list_frame_next(at))
        put_finding(json, (const struct finding *)wmem_list_frame_data(at), scope);
    json_dumper_end_array(json);
}

/* ---- connections ---- */

static void put_end(json_dumper *json, const char *name, const struct endpoint *end,
                    wmem_allocator_t *scope)
{
    json_dumper_set_member_name(json, name);
    json_dumper_begin_object(json);
    put_string(json, "address", address_text(&end->address, scope));
    put_number(json, "port", end->port);
    json_dumper_end_object(json);
}

static void put_place(json_dumper *json, const struct connection *connection,
                      wmem_allocator_t *scope)
{
    put_number(json, "number", connection->number);
    json_dumper_set_member_name(json, "tcp_stream");
    json_dumper_value_anyf(json, "%d", tcp_stream_of_connection(connection));
    put_end(json, "client", &connection->client, scope);
    put_end(json, "server", &connection->server, scope);
    put_sighting(json, "first", &connection->first);
}

/* Names of shares hold no commas ([MS-FSCC] 2.1.6). */
static void put_shares(json_dumper *json, const char *shares)
{
    char **names = g_strsplit(shares, ", ", -1);

    begin_array(json, "shares");
    for (char **name = names; *name; name++)
        json_dumper_value_string(json, *name);
    json_dumper_end_array(json);
    g_strfreev(names);
}

static void put_agreed(json_dumper *json, const struct connection_summary *summary)
{
    put_string(json, "server_name", summary->server_name);
    put_string(json, "dialect", summary->dialect);
    put_string(json, "signing", summary->signing);
    put_string(json, "encryption", summary->encryption);
    put_string(json, "mechanism", summary->mechanism);
    put_string(json, "user", summary->user);
    put_shares(json, summary->shares);
}

static void put_outcome(json_dumper *json, const struct connection_summary *summary)
{
    put_string(json, "outcome", outcome_name(summary->outcome));
    put_string(json, "reached", summary->stage);
    put_string(json, "rule", summary->root_cause ? summary->root_cause->rule->id : NULL);
    put_string(json, "headline", summary->headline);
    put_string(json, "status", summary->status);
    json_dumper_set_member_name(json, "took");
    json_dumper_begin_object(json);
    put_duration(json, "negotiate", summary->negotiate_took);
    put_duration(json, "session_setup", summary->session_setup_took);
    put_duration(json, "tree_connect", summary->tree_connect_took);
    json_dumper_end_object(json);
}

static void put_open(json_dumper *json, const struct exchange *open)
{
    json_dumper_set_member_name(json, "open");
    if (!open) {
        put_null(json);
        return;
    }
    json_dumper_begin_object(json);
    put_string(json, "command", command_name(open->command));
    put_sighting(json, "request", &open->request);
    json_dumper_end_object(json);
}

static void put_closing(json_dumper *json, const struct connection *connection)
{
    const bool closed = connection->closed;
    const char *by = connection->closed_by == CLIENT ? "client" : "server";

    put_boolean(json, "midstream", connection->midstream);
    put_boolean(json, "bytes_missing", connection->gap.frame != 0);
    put_string(json, "closed_by", closed ? by : NULL);
    put_string(json, "closed_with", closed ? connection->closed_by_reset ? "RST" : "FIN" : NULL);
    put_sighting(json, "closed", closed ? &connection->closing : NULL);
}

/* Where the capture was taken. */
static void put_vantage(json_dumper *json, const struct connection *connection)
{
    const enum vantage vantage = connection_vantage(connection);
    const bool known = vantage != VANTAGE_UNKNOWN;

    put_string(json, "captured", known ? vantage_name(vantage) : NULL);
    put_duration(json, "syn_answered_after", known ? connection->opening.server_took : 0);
    put_duration(json, "syn_ack_answered_after", known ? connection->opening.client_took : 0);
}

static void put_language(json_dumper *json)
{
    put_string(json, "language", language_tag(language_chosen()));
}

static void put_connection(const struct report *report, const struct connection *connection,
                           wmem_allocator_t *scope, void *data)
{
    json_dumper *json = (json_dumper *)data;
    const struct connection_summary summary = connection_summarise(connection, scope);

    (void)report;
    json_dumper_begin_object(json);
    put_place(json, connection, scope);
    put_language(json);
    put_agreed(json, &summary);
    put_outcome(json, &summary);
    put_open(json, summary.open);
    put_closing(json, connection);
    put_vantage(json, connection);
    put_findings(json, connection, scope);
    json_dumper_end_object(json);
}

/* ---- the document ---- */

static void put_totals(json_dumper *json, const struct report_totals *totals)
{
    json_dumper_set_member_name(json, "totals");
    json_dumper_begin_object(json);
    put_number(json, "connections", totals->connections);
    put_number(json, "rows_only", totals->rows);
    for (enum outcome outcome = OUTCOME_WORKS; outcome <= OUTCOME_UNSEEN; outcome++)
        put_number(json, outcome == OUTCOME_UNSEEN ? "not_seen" : outcome_name(outcome),
                   totals->outcomes[outcome]);
    for (enum severity severity = CHAT; severity <= ERROR; severity++)
        put_number(json, severity_name(severity), totals->findings[severity]);
    json_dumper_end_object(json);
}

static void put_undecoded(json_dumper *json, const struct model *model)
{
    const struct undecoded_port *port;

    begin_array(json, "undecoded_ports");
    for (unsigned i = 0; (port = model_undecoded(model, i)) != NULL; i++) {
        char *address = address_text(&port->server.address, NULL);
        char *option = wmem_strdup_printf(NULL, "-d tcp.port==%u,nbss", port->server.port);

        json_dumper_begin_object(json);
        put_string(json, "address", address);
        put_number(json, "port", port->server.port);
        put_sighting(json, "first", &port->first);
        put_string(json, "decode_as", option);
        json_dumper_end_object(json);
        wmem_free(NULL, address);
        wmem_free(NULL, option);
    }
    json_dumper_end_array(json);
}

void report_write_json(const struct report *report)
{
    json_dumper json = {.output_file = report->to, .flags = JSON_DUMPER_FLAGS_PRETTY_PRINT};
    const struct report_totals totals = report_count(report);

    json_dumper_begin_object(&json);
    put_number(&json, "schema", SCHEMA);
    put_language(&json);
    put_totals(&json, &totals);
    begin_array(&json, "connections");
    report_each(report, put_connection, &json);
    json_dumper_end_array(&json);
    put_undecoded(&json, report->model);
    put_number(&json, "attempts_waiting", model_attempts_waiting(report->model));
    put_number(&json, "wordless_connections", model_wordless(report->model));
    json_dumper_end_object(&json);
    json_dumper_finish(&json);
}

static void put_line(const struct report *report, const struct connection *connection,
                     wmem_allocator_t *scope, void *data)
{
    json_dumper json = {.output_file = report->to};

    put_connection(report, connection, scope, &json);
    json_dumper_finish(&json);
    (void)data;
}

void report_write_jsonl(const struct report *report)
{
    report_each(report, put_line, NULL);
}
