/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reports on the connections of a capture, a file for each format. They print as they go, in time
 * and memory that grow with the number of connections.
 */
#ifndef SMB2DIAG_REPORT_H
#define SMB2DIAG_REPORT_H

#include "engine.h"

#include <stdio.h>

struct report {
    const struct model *model;
    FILE *to;
    /* Which connections it tells of, besides that there is something to tell; NULL: all. */
    bool (*wants)(const struct connection *connection, const void *data);
    const void *data; /* handed on to it */
};

/* Totals; equal failures grouped; each failure in full once; what is healthy in one line each. */
void report_write_text(const struct report *report);
/* One document, and one object a connection and line: report.schema.json. */
void report_write_json(const struct report *report);
void report_write_jsonl(const struct report *report);
/* One line a connection, quoted as RFC 4180 says. */
void report_write_csv(const struct report *report);
/* One file that can be mailed: no script, nothing from outside. */
void report_write_html(const struct report *report);

/* ---- tcp_stream.c ---- */

/* The connection's tcp.stream, while the file is open; -1: not over TCP, or not known. */
int tcp_stream_of_connection(const struct connection *connection);

#endif
