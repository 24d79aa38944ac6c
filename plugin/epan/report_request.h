/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reports that are asked for on the command line: what the files that make them call of one
 * another.
 */
#ifndef SMB2DIAG_REPORT_REQUEST_H
#define SMB2DIAG_REPORT_REQUEST_H

#include "packet-smb2diag.h"

/* ---- report_filter.c: the connections that a display filter leaves ---- */

struct report_filter;
struct report_filter *report_filter_new(void);
void report_filter_reset(struct report_filter *filter);
/* The filter lets a frame through. */
void report_filter_take(struct report_filter *filter, packet_info *pinfo);
/* data: const struct report_filter. */
bool report_filter_wants(const struct connection *connection, const void *data);

/* ---- stats.c: the statistics tree ---- */

/* Counts, from the findings of frames that the filter lets through (NULL: all), printed at the end.
 * NULL, or what is wrong with the filter, to be freed with g_string_free(). */
GString *stats_start_tree(const char *filter);

#endif
