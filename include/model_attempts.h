/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room model: what clients did before the first SMB message, and SMB where nobody expects it.
 */
#ifndef SMB2DIAG_MODEL_ATTEMPTS_H
#define SMB2DIAG_MODEL_ATTEMPTS_H

#include "model.h"

/* ---- attempts to connect, to ports that carry SMB ---- */

enum attempt_outcome {
    ATTEMPT_UNANSWERED = 1, /* the SYN was sent again and again in vain */
    ATTEMPT_REFUSED,        /* a reset answered it */
    ATTEMPT_UNREACHABLE,    /* an ICMP error answered it */
    ATTEMPT_ANSWERED,       /* after the reset or ICMP error, the server did: it did not fail */
};

/* Why a failed attempt need not have hurt anybody. */
enum attempt_relief {
    RELIEF_NONE,
    RELIEF_ANSWERED, /* the SYN was answered after all, late */
    RELIEF_RETRY,    /* the client got in when it tried the same again */
    RELIEF_PORT,     /* it got in at another port of the server */
    RELIEF_NAME,     /* it got in at another address that DNS gave for the server's name */
    RELIEF_FAMILY,   /* it got in over the other IP family, from the same network card */
    RELIEF_BESIDE,   /* it tried port 445 of the same server at that time, which tells more */
    RELIEF_SCAN,     /* it tried very many in a short time */
};

struct attempt {
    struct endpoint client, server;
    struct mac_address mac; /* the client's */
    uint32_t sequence;      /* of the SYN */
    bool bare;              /* the SYN has no options to speak of: not made by a common TCP */
    struct sighting syn, last_syn;
    unsigned syn_count;
    enum attempt_outcome outcome;
    struct sighting ended;  /* the reset, the ICMP error; unanswered: when it was judged */
    struct icmp_error icmp; /* ATTEMPT_UNREACHABLE */
    bool one_sided;         /* no packet to the client was captured: it may show one direction */
    enum attempt_relief relief;
    struct sighting relieved; /* the frame that shows it */
    struct connection *connection;
};

/* A negative session response. */
struct netbios_refusal {
    uint8_t code; /* RFC 1002 4.3.4 */
    struct sighting seen;
    struct sighting relieved; /* the client talked SMB to the server soon after; frame 0: no */
    struct connection *connection;
};

/* ---- feeding the model (first pass only) ---- */

/* A port that carries SMB: attempts to connect to it are followed. */
void model_watch(struct model *model, uint16_t port);

/* An ICMP error that quotes a segment. Need be told only while something waits for an answer. */
void model_on_icmp_error(struct model *model, const struct frame *frame,
                         const struct icmp_error *error);
bool model_takes_icmp_errors(const struct model *model);

/* A negative session response (RFC 1002 4.3.4). */
void model_on_netbios_refusal(struct model *model, const struct frame *frame, uint8_t code);

/* A host gets packets, and they are captured. Need be told only while attempts wait for an answer.
 */
void model_on_receiver(struct model *model, const struct address *receiver);
/* How many TCP connections came up and ended without a byte of data: probes, and clients that chose
 * another way. Nothing failed there, so it is no matter for a rule. */
uint32_t model_wordless(const struct model *model);
/* How many attempts to connect wait for an answer. */
unsigned model_attempts_waiting(const struct model *model);

/* SMB on a port that nobody decodes as SMB. */
struct undecoded_port {
    struct endpoint server;
    struct sighting first;
};
#define UNDECODED_PORTS_KEPT 16
void model_on_undecoded(struct model *model, const struct frame *frame, bool from_server);
/* NULL past the last. */
const struct undecoded_port *model_undecoded(const struct model *model, unsigned index);

#endif
