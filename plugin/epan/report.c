/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reports on all connections of a capture, as text and as JSON.
 */
#include "report.h"
#include "model_attempts.h"

#include <inttypes.h>
#include <wsutil/json_dumper.h>

static const char *end_text(const struct endpoint *end, wmem_allocator_t *scope)
{
    const char *address = address_text(&end->address, scope);

    return wmem_strdup_printf(scope, end->address.length == 16 ? "[%s]:%u" : "%s:%u", address,
                              end->port);
}

/* What was said of an attempt to connect may have been taken back. */
static bool is_reported(const struct connection *connection)
{
    wmem_list_frame_t *at = connection_first_finding(connection);

    if (connection_stage(connection) != STAGE_NO_TCP)
        return true;
    for (; at; at = wmem_list_frame_next(at))
        if (!((const struct finding *)wmem_list_frame_data(at))->withdrawn)
            return true;
    return false;
}

/* ---- text ---- */

static void write_lines(FILE *to, const char *label, const char *lines)
{
    while (lines && *lines) {
        const size_t length = strcspn(lines, "\n");

        fprintf(to, "      %-10s %.*s\n", label, (int)length, lines);
        label = "";
        lines += length;
        lines += *lines == '\n';
    }
}

static void write_evidence(FILE *to, const struct finding *finding, wmem_allocator_t *scope)
{
    const struct evidence_list list = finding_evidence(finding, scope);
    const char *label = "evidence";

    for (const struct evidence *at = list.first; at; at = at->next) {
        write_lines(to, label, evidence_text(at, scope));
        label = "";
    }
}

static void write_finding(FILE *to, const struct finding *finding, wmem_allocator_t *scope)
{
    const char *headline = finding_headline(finding, scope);

    fprintf(to, "  %s, %s%s: %s\n", severity_name(finding->severity),
            confidence_name(finding->confidence), finding->root_cause ? ", root cause" : "",
            headline);
    if (strcmp(headline, finding->rule->summary) != 0)
        write_lines(to, "meaning", finding->rule->summary);
    fprintf(to, "      %-10s %s in frame %u", "rule", finding->rule->id, finding->about.frame);
    if (finding->count > 1)
        fprintf(to, ", %u times, last in frame %u", finding->count, finding->last.frame);
    fputc('\n', to);
    if (finding->severity == CHAT) {
        write_evidence(to, finding, scope);
        return;
    }
    write_lines(to, "cause", finding_cause(finding, scope));
    write_evidence(to, finding, scope);
    write_lines(to, "next", finding_next_step(finding, scope));
    write_lines(to, "see", finding->rule->reference);
}

static void write_heading(FILE *to, const struct connection *connection, wmem_allocator_t *scope)
{
    const char *dialect = dialect_name(connection->dialect);
    const char *vantage = vantage_text(connection, scope);

    fprintf(to, "Connection %u: %s -> %s, from frame %u, reached: %s", connection->number,
            end_text(&connection->client, scope), end_text(&connection->server, scope),
            connection->first.frame, stage_name(connection_stage(connection)));
    if (dialect)
        fprintf(to, ", dialect %s", dialect);
    if (connection->closed)
        fprintf(to, ", closed by the %s (%s) in frame %u",
                connection->closed_by == CLIENT ? "client" : "server",
                connection->closed_by_reset ? "RST" : "FIN", connection->closing.frame);
    fputc('\n', to);
    if (vantage)
        fprintf(to, "  captured %s\n", vantage);
}

/* The root cause first, the others in the order in which they came up. */
static unsigned write_findings(FILE *to, const struct connection *connection, bool root_cause,
                               wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = connection_first_finding(connection);
    unsigned written = 0;

    for (; at; at = wmem_list_frame_next(at)) {
        const struct finding *finding = (const struct finding *)wmem_list_frame_data(at);

        if (finding->withdrawn || finding->root_cause != root_cause)
            continue;
        write_finding(to, finding, scope);
        written++;
    }
    return written;
}

static void write_connection(FILE *to, const struct connection *connection, wmem_allocator_t *scope)
{
    unsigned written;

    write_heading(to, connection, scope);
    written = write_findings(to, connection, true, scope);
    written += write_findings(to, connection, false, scope);
    if (written == 0)
        fputs(connection_stage(connection) == STAGE_SMB1 ? "  SMB1, which is not diagnosed\n"
                                                         : "  nothing to report\n",
              to);
    fputc('\n', to);
}

/* What keeps SMB2 out of the report. */
static void write_missing(FILE *to, const struct model *model)
{
    const unsigned waiting = model_attempts_waiting(model);
    const uint32_t wordless = model_wordless(model);

    fputs("No SMB2 connection in this capture.\n", to);
    if (wordless)
        fprintf(to, "%u TCP %s to SMB's ports came up and closed without a byte of data.\n",
                wordless, wordless == 1 ? "connection" : "connections");
    if (waiting)
        fprintf(to, "%u %s to connect had no answer yet when it ended.\n", waiting,
                waiting == 1 ? "attempt" : "attempts");
}

static void write_undecoded(FILE *to, const struct model *model)
{
    const struct undecoded_port *port;

    for (unsigned i = 0; (port = model_undecoded(model, i)) != NULL; i++) {
        char *end = address_text(&port->server.address, NULL);

        fprintf(to,
                "TCP port %u of %s carries SMB that Wireshark does not take for it (frame %u). "
                "Read the capture again with -d tcp.port==%u,nbss\n",
                port->server.port, end, port->first.frame, port->server.port);
        wmem_free(NULL, end);
    }
}

void report_write_text(const struct model *model, FILE *to)
{
    wmem_list_frame_t *at = wmem_list_head(model_connections(model));

    fputs("SMB2 connection set-up diagnosis\n\n", to);
    if (!at)
        write_missing(to, model);
    for (; at; at = wmem_list_frame_next(at)) {
        const struct connection *connection = (const struct connection *)wmem_list_frame_data(at);
        wmem_allocator_t *scope;

        if (!is_reported(connection))
            continue;
        scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
        write_connection(to, connection, scope);
        wmem_destroy_allocator(scope);
    }
    write_undecoded(to, model);
}

/* ---- JSON ---- */

static void put_string(json_dumper *json, const char *name, const char *value)
{
    json_dumper_set_member_name(json, name);
    if (value)
        json_dumper_value_string(json, value);
    else
        json_dumper_value_anyf(json, "null");
}

static void put_number(json_dumper *json, const char *name, uint32_t value)
{
    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, "%u", value);
}

static void put_microseconds(json_dumper *json, const char *name, int64_t nanoseconds)
{
    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, "%" PRId64, nanoseconds / 1000);
}

static void put_boolean(json_dumper *json, const char *name, bool value)
{
    json_dumper_set_member_name(json, name);
    json_dumper_value_anyf(json, value ? "true" : "false");
}

static void put_frame(json_dumper *json, const char *name, const struct sighting *sighting)
{
    if (sighting->frame)
        put_number(json, name, sighting->frame);
}

static void put_lines(json_dumper *json, const char *name, const char *lines,
                      wmem_allocator_t *scope)
{
    json_dumper_set_member_name(json, name);
    json_dumper_begin_array(json);
    while (lines && *lines) {
        const size_t length = strcspn(lines, "\n");

        json_dumper_value_string(json, wmem_strndup(scope, lines, length));
        lines += length;
        lines += *lines == '\n';
    }
    json_dumper_end_array(json);
}

static void put_evidence(json_dumper *json, const struct finding *finding, wmem_allocator_t *scope)
{
    const struct evidence_list list = finding_evidence(finding, scope);

    json_dumper_set_member_name(json, "evidence");
    json_dumper_begin_array(json);
    for (const struct evidence *at = list.first; at; at = at->next)
        json_dumper_value_string(json, evidence_text(at, scope));
    json_dumper_end_array(json);
}

static void put_finding(json_dumper *json, const struct finding *finding, wmem_allocator_t *scope)
{
    json_dumper_begin_object(json);
    put_string(json, "rule", finding->rule->id);
    put_string(json, "severity", severity_name(finding->severity));
    put_string(json, "confidence", confidence_name(finding->confidence));
    put_boolean(json, "root_cause", finding->root_cause);
    put_string(json, "summary", finding->rule->summary);
    put_string(json, "headline", finding_headline(finding, scope));
    put_frame(json, "frame", &finding->about);
    if (finding->exchange) {
        put_frame(json, "request_frame", &finding->exchange->request);
        put_frame(json, "response_frame", &finding->exchange->response);
    }
    put_frame(json, "completed_in", &finding->completed);
    put_frame(json, "related_frame", &finding->related);
    put_number(json, "count", finding->count);
    put_lines(json, "cause", finding_cause(finding, scope), scope);
    put_evidence(json, finding, scope);
    put_lines(json, "next_step", finding_next_step(finding, scope), scope);
    put_lines(json, "reference", finding->rule->reference, scope);
    json_dumper_end_object(json);
}

static void put_end(json_dumper *json, const char *name, const struct endpoint *end,
                    wmem_allocator_t *scope)
{
    json_dumper_set_member_name(json, name);
    json_dumper_begin_object(json);
    put_string(json, "address", address_text(&end->address, scope));
    put_number(json, "port", end->port);
    json_dumper_end_object(json);
}

static void put_closing(json_dumper *json, const struct connection *connection)
{
    if (!connection->closed)
        return;
    put_string(json, "closed_by", connection->closed_by == CLIENT ? "client" : "server");
    put_string(json, "closed_with", connection->closed_by_reset ? "RST" : "FIN");
    put_frame(json, "closed_in", &connection->closing);
}

static void put_vantage(json_dumper *json, const struct connection *connection)
{
    const enum vantage vantage = connection_vantage(connection);

    put_string(json, "captured", vantage_name(vantage));
    if (vantage == VANTAGE_UNKNOWN)
        return;
    put_microseconds(json, "syn_answered_after_us", connection->opening.server_took);
    put_microseconds(json, "syn_ack_answered_after_us", connection->opening.client_took);
}

static void put_findings(json_dumper *json, const struct connection *connection,
                         wmem_allocator_t *scope)
{
    wmem_list_frame_t *at = connection_first_finding(connection);

    json_dumper_set_member_name(json, "findings");
    json_dumper_begin_array(json);
    for (; at; at = wmem_list_frame_next(at)) {
        const struct finding *finding = (const struct finding *)wmem_list_frame_data(at);

        if (!finding->withdrawn)
            put_finding(json, finding, scope);
    }
    json_dumper_end_array(json);
}

static void put_connection(json_dumper *json, const struct connection *connection,
                           wmem_allocator_t *scope)
{
    json_dumper_begin_object(json);
    put_number(json, "number", connection->number);
    put_end(json, "client", &connection->client, scope);
    put_end(json, "server", &connection->server, scope);
    put_string(json, "server_name", connection->server_name);
    put_frame(json, "first_frame", &connection->first);
    put_string(json, "reached", stage_name(connection_stage(connection)));
    put_string(json, "dialect", dialect_name(connection->dialect));
    put_boolean(json, "midstream", connection->midstream);
    put_boolean(json, "bytes_missing", connection->gap.frame != 0);
    put_vantage(json, connection);
    put_closing(json, connection);
    put_findings(json, connection, scope);
    json_dumper_end_object(json);
}

static void put_undecoded(json_dumper *json, const struct model *model)
{
    const struct undecoded_port *port;

    json_dumper_set_member_name(json, "undecoded_ports");
    json_dumper_begin_array(json);
    for (unsigned i = 0; (port = model_undecoded(model, i)) != NULL; i++) {
        char *address = address_text(&port->server.address, NULL);
        char *option = wmem_strdup_printf(NULL, "-d tcp.port==%u,nbss", port->server.port);

        json_dumper_begin_object(json);
        put_string(json, "address", address);
        put_number(json, "port", port->server.port);
        put_number(json, "first_frame", port->first.frame);
        put_string(json, "decode_as", option);
        json_dumper_end_object(json);
        wmem_free(NULL, address);
        wmem_free(NULL, option);
    }
    json_dumper_end_array(json);
}

void report_write_json(const struct model *model, FILE *to)
{
    json_dumper json = {.output_file = to, .flags = JSON_DUMPER_FLAGS_PRETTY_PRINT};
    wmem_list_frame_t *at = wmem_list_head(model_connections(model));

    json_dumper_begin_object(&json);
    put_number(&json, "schema", 1);
    json_dumper_set_member_name(&json, "connections");
    json_dumper_begin_array(&json);
    for (; at; at = wmem_list_frame_next(at)) {
        const struct connection *connection = (const struct connection *)wmem_list_frame_data(at);
        wmem_allocator_t *scope;

        if (!is_reported(connection))
            continue;
        scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
        put_connection(&json, connection, scope);
        wmem_destroy_allocator(scope);
    }
    json_dumper_end_array(&json);
    put_undecoded(&json, model);
    put_number(&json, "attempts_waiting", model_attempts_waiting(model));
    put_number(&json, "wordless_connections", model_wordless(model));
    json_dumper_end_object(&json);
    json_dumper_finish(&json);
}
