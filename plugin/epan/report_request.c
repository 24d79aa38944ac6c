/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reports on the command line: -z smb2diag[,FORMAT[,FILTER]].
 */
#include "report_request.h"

#include "report.h"
#include "wireshark_compat.h"

#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <wsutil/report_message.h>

#define NAME "smb2diag"

static const struct format {
    const char *name;
    void (*write)(const struct report *report);
} formats[] = {
    {"text", report_write_text}, {"json", report_write_json}, {"jsonl", report_write_jsonl},
    {"csv", report_write_csv},   {"html", report_write_html},
};
#define FORMATS_TEXT "text, json, jsonl, csv, html, tree, connections"

struct request {
    const struct format *format;
    struct report_filter *filter; /* NULL: all connections */
};

/* ---- while the capture is read ---- */

static void start_over(void *data)
{
    struct request *request = (struct request *)data;

    if (request->filter)
        report_filter_reset(request->filter);
}

static tap_packet_status take_frame(void *data, packet_info *pinfo, epan_dissect_t *dissection _U_,
                                    const void *frame _U_, tap_flags_t flags _U_)
{
    report_filter_take(((struct request *)data)->filter, pinfo);
    return TAP_PACKET_DONT_REDRAW;
}

static void draw(void *data)
{
    const struct request *request = (const struct request *)data;
    const struct report report = {
        .model = open_file_model(),
        .to = stdout,
        .wants = request->filter ? report_filter_wants : NULL,
        .data = request->filter,
    };

    if (report.model)
        request->format->write(&report);
}

/* A filter wants to see every frame, not only those with a finding. */
static GString *start_format(const struct format *format, const char *filter)
{
    struct request *request = wmem_new0(wmem_epan_scope(), struct request); /* as long as the tap */

    request->format = format;
    if (!filter)
        return register_tap_listener(NAME, request, NULL, TL_REQUIRES_NOTHING, start_over, NULL,
                                     draw, NULL);
    request->filter = report_filter_new();
    return register_tap_listener("frame", request, filter, TL_REQUIRES_NOTHING, start_over,
                                 take_frame, draw, NULL);
}

/* ---- what was asked for ---- */

static const struct format *find_format(const char *word)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++)
        if (strcmp(word, formats[i].name) == 0)
            return &formats[i];
    return NULL;
}

/* What is wrong with the request, to be freed; NULL = nothing. */
static GString *start(const char *word, const char *filter)
{
    const struct format *format = find_format(word);
    GString *error;

    if (!format && strcmp(word, "tree") != 0) {
        error = g_string_new(NULL);
        g_string_printf(error,
                        "-z " NAME " has no report \"%s\"; it has " FORMATS_TEXT ": -z " NAME
                        "[,REPORT[,FILTER]]",
                        word);
        return error;
    }
    error = format ? start_format(format, filter) : stats_start_tree(filter);
    if (error)
        g_string_prepend(error, "-z " NAME ": ");
    return error;
}

/* arguments: all that stands behind -z, from NAME on. */
static GString *start_request(const char *arguments)
{
    const char *rest = arguments + strlen(NAME);
    char **words = g_strsplit(*rest == ',' ? rest + 1 : rest, ",", 2);
    const char *word = *rest ? (words[0] ? words[0] : "") : formats[0].name;
    const char *filter = words[0] ? words[1] : NULL;
    GString *error = start(word, filter && *filter ? filter : NULL);

    g_strfreev(words);
    return error;
}

static stat_tap_init_result start_report(const char *arguments, void *data _U_)
{
    GString *error = start_request(arguments);

    if (error) {
        report_failure("%s", error->str);
        g_string_free(error, TRUE);
        STAT_TAP_INIT_FAILED;
    }
    STAT_TAP_INIT_DONE;
}

/* The tree goes first: a statistics tree takes whatever stands behind its name for nothing. */
void report_request_register(void)
{
    static stat_tap_ui reports[] = {
        {.group = REGISTER_STAT_GROUP_GENERIC, .cli_string = NAME},
        {.group = REGISTER_STAT_GROUP_GENERIC, .cli_string = NAME ",tree"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(reports); i++) {
        reports[i].title = "SMB2 Connection Set-up Diagnosis";
        reports[i].tap_init_cb = start_report;
        register_stat_tap_ui(&reports[i], NULL);
    }
}
