/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside the room model: attempts to connect, shared by attempts.c and attempts_judged.c.
 *
 * All of it is bounded, whatever a flood of SYNs or a scan may hold: of what is kept, the oldest
 * goes, or the newest is not taken in. That costs findings, and makes none.
 */
#ifndef SMB2DIAG_ATTEMPTS_RINGS_H
#define SMB2DIAG_ATTEMPTS_RINGS_H

#include "identity_rings.h"
#include "state.h"

#define ATTEMPTS_WAITING 1024 /* for an answer, at a time */
#define ATTEMPTS_KEPT 32      /* of those that failed, and of those that got in, the last ones */
#define ATTEMPTS_TOLD 256     /* pairs of a client and a port of a server: a connection each */
#define RECEIVERS_KEPT 256
#define SCANNERS_KEPT 16

/* A client got in. */
struct arrival {
    struct endpoint client, server;
    struct mac_address mac; /* the client's */
    struct sighting seen;
};

/* A client whose attempts fail, at how many ports. */
struct scanner {
    struct address client;
    int64_t since;
    unsigned ports;
    struct connection *connection; /* the one that it turned out on; NULL: not yet */
};

/* An attempt that waits for its answer. */
struct knocking {
    struct attempt attempt;           /* the first member: it is looked up by its ends */
    struct knocking *next, *previous; /* in the order of the SYNs */
};

struct attempts {
    GHashTable *by_endpoints;              /* those that wait, of struct knocking */
    struct knocking *first, *last;         /* the same; NULL: nobody waits */
    unsigned waiting;                      /* how many */
    struct attempt failed[ATTEMPTS_KEPT];  /* rings */
    struct arrival arrived[ATTEMPTS_KEPT]; /* */
    unsigned failed_count, arrived_count;  /* so far */
    wmem_map_t *told;                      /* struct connection by its ends but the client's port */
    struct address received[RECEIVERS_KEPT]; /* by a hash: who gets packets that are captured */
    struct netbios_refusal refusals[ATTEMPTS_KEPT];
    unsigned refusal_count;                 /* so far */
    struct scanner scanners[SCANNERS_KEPT]; /* by a hash */
    struct address first_client, first_server;
    bool several; /* of more than one client, or to more than one server */
};

/* ---- attempts.c ---- */

/* Never NULL. */
struct attempts *attempts_make(struct model *model);
bool port_is_watched(const struct model *model, uint16_t port);
/* A reset or an ICMP error for one that waits; the caller fills in the rest. */
bool attempts_take(struct model *model, const struct endpoint *client,
                   const struct endpoint *server, struct attempt *out);

/* ---- attempts_judged.c ---- */

/* It failed: tells so, unless the capture does not prove it. */
void attempts_failed(struct model *model, struct attempt *attempt, enum attempt_outcome outcome,
                     const struct sighting *now);
/* A client got in: relieves what failed. */
void attempts_arrived(struct model *model, const struct arrival *arrival);
/* The connection that stands for all that a client and a port of a server did before SMB; made
 * where there is none yet. NULL: there are too many. */
struct connection *attempts_connection(struct model *model, const struct endpoint *client,
                                       const struct endpoint *server, const struct sighting *first);

#endif
