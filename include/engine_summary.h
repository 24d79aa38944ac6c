/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room engine, second part: a connection in one line, for tables, rows and headings. What holds
 * for engine.h holds here.
 */
#ifndef SMB2DIAG_ENGINE_SUMMARY_H
#define SMB2DIAG_ENGINE_SUMMARY_H

#include "engine.h"

enum outcome {
    OUTCOME_WORKS = 1,  /* a share opened, or encrypted traffic flows, and no error was found */
    OUTCOME_FAILED,     /* the root cause is an error */
    OUTCOME_OPEN,       /* the capture ends while a set-up request waits for its answer */
    OUTCOME_UNFINISHED, /* it ended, or the capture did, before a share opened; nothing failed */
    OUTCOME_UNSEEN,     /* the capture started after the set-up */
};
const char *outcome_name(enum outcome outcome); /* "works", "failed" ...; "" = none of them */

/* Strings are "" where the capture does not show it, and last as long as the scope. */
struct connection_summary {
    const char *client, *server; /* "192.0.2.10:49000", "[2001:db8::10]:49000" */
    const char *server_name;     /* by which the client calls it */
    const char *dialect;         /* "3.1.1"; "SMB1" */
    const char *signing;         /* who requires it: "both", "client", "server", "nobody" */
    const char *encryption;      /* "in use", "agreed", "no" */
    const char *mechanism;       /* "Kerberos", "NTLM" ... of the last logon */
    const char *user;            /* "LAB\alice", "alice@LAB.EXAMPLE", "guest", "anonymous" */
    const char *shares;          /* "data, docs": as asked for, whether or not they opened */
    const char *stage;           /* stage_name() */
    const char *status;          /* of the root cause's answer: "STATUS_ACCESS_DENIED" */
    const char *headline;        /* of the root cause */
    /* Nanoseconds from the step's first request to its last answer; 0: not seen. */
    int64_t negotiate_took, session_setup_took, tree_connect_took;
    enum outcome outcome;
    const struct finding *root_cause; /* NULL = none */
    const struct exchange *open;      /* the first that still waits; NULL = none */
};
struct connection_summary connection_summarise(const struct connection *connection,
                                               wmem_allocator_t *scope);

/* Whether reports tell of the connection: attempts to connect only while something is said of them.
 */
bool connection_is_reported(const struct connection *connection);

/* The connection's findings that are shown: the root cause first, then by severity, the worst
 * first, then in order. Of const struct finding, in the scope. */
wmem_list_t *connection_findings_by_weight(const struct connection *connection,
                                           wmem_allocator_t *scope);

#endif
