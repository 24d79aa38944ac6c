/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the formats of reports share.
 */
#ifndef SMB2DIAG_REPORT_PARTS_H
#define SMB2DIAG_REPORT_PARTS_H

#include "engine_summary.h"
#include "model_attempts.h"
#include "report.h"

/* Where a rule is described, in the sources and in the documentation that is installed: the id
 * follows. */
#define RULE_PAGE "plugin/rules/README.md#"

/* ---- report.c ---- */

/* Calls it for each connection that the report tells of, in order, with a scope of its own. */
typedef void report_part(const struct report *report, const struct connection *connection,
                         wmem_allocator_t *scope, void *data);
void report_each(const struct report *report, report_part *part, void *data);

struct report_totals {
    unsigned connections;
    unsigned rows;                         /* of those: closed long ago, and only a row is left */
    unsigned outcomes[OUTCOME_UNSEEN + 1]; /* by enum outcome */
    unsigned findings[ERROR + 1];          /* by enum severity */
};
struct report_totals report_count(const struct report *report);
/* "3 connections: 2 failed, 1 works" */
const char *report_totals_text(const struct report_totals *totals, wmem_allocator_t *scope);

/* The heaviest that is shown; NULL = none. */
const struct finding *connection_heaviest(const struct connection *connection,
                                          wmem_allocator_t *scope);

/* The first of lines that end with \n, which is cut off from them; NULL: none is left. */
const char *next_line(const char **lines, wmem_allocator_t *scope);

/* "error, certain, root cause: ...": the severity's word is the caller's. */
const char *report_verdict_text(const struct finding *finding, const char *severity,
                                const char *headline, wmem_allocator_t *scope);
/* The rule, in which frame, and how often. */
const char *report_place_text(const struct finding *finding, wmem_allocator_t *scope);
/* Of a connection that has a request open. */
const char *report_open_text(const struct connection_summary *summary, wmem_allocator_t *scope);
/* How to make Wireshark read the port. */
const char *report_undecoded_text(const struct undecoded_port *port, wmem_allocator_t *scope);
/* Why a report is empty. */
const char *report_missing_text(const struct report *report, wmem_allocator_t *scope);

/* Text for HTML and SVG: what would be markup stands as text. */
void put_escaped(FILE *to, const char *text);

/* ---- report_groups.c ---- */

/* Connections whose heaviest finding, an error or a warning, is the same but for times, ids and the
 * client. */
struct report_group {
    const struct finding *finding; /* of the first */
    const char *words;             /* the headline; where there are several, the rule's summary */
    wmem_list_t *connections;      /* of const struct connection, in order */
};
struct report_groups {
    wmem_list_t *failed, *others; /* of struct report_group, the most frequent first; others: the
                                     connections did not fail */
};
struct report_groups report_group_all(const struct report *report, wmem_allocator_t *scope);

/* ---- report_steps.c, report_ladder.c: the set-up as a picture ---- */

enum lane { LANE_CLIENT, LANE_SERVER, LANE_KDC };

struct report_step {
    struct sighting seen; /* frame 0: nothing was seen, that is the point */
    enum lane from, to;   /* the same: it is no message of the set-up */
    const char *label;    /* in the scope */
    bool failed;          /* what the root cause is about */
    bool absent;          /* an answer that did not come */
};
struct report_steps {
    struct report_step *steps;
    unsigned count;
    const char *kdc; /* its address; NULL = no lane for it */
};
/* The messages of the set-up in the order of time, and what explains its failure beside it. */
struct report_steps report_steps_of(const struct connection *connection, wmem_allocator_t *scope);

void report_write_ladder(FILE *to, const struct connection *connection, wmem_allocator_t *scope);

#endif
