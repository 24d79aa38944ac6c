/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shared between the files of the model; rules and presenters use include/connection.h instead.
 */
#ifndef SMB2DIAG_MODEL_H
#define SMB2DIAG_MODEL_H

#include "connection.h"
#include "identity.h"
#include "rule.h"

/* What failed lately between two hosts, so that a success soon after can take the edge off it. */
struct host_pair {
    wmem_list_t *failures; /* of struct finding, at most HOST_PAIR_FAILURES */
};
#define HOST_PAIR_FAILURES 16

#define RECENT 256

struct model {
    wmem_allocator_t *scope;
    struct settings settings;
    wmem_map_t *by_endpoints; /* live connections */
    struct connection *recent[RECENT]; /* the one looked up last of those that share the place, while it is
                                          alive; hashing all of the endpoints is dearer */
    uint8_t server_ports[UINT16_MAX / 8 + 1]; /* a bit for each: most frames of other protocols need no look-up */
    wmem_list_t *connections; /* all, in order */
    uint32_t connection_count;
    wmem_map_t *sessions;     /* by server address and id */
    wmem_map_t *identities;   /* by client address */
    wmem_map_t *host_pairs;   /* by both addresses */
    wmem_list_t *waiting;     /* exchanges without an answer that were not judged yet, in order of time */
    wmem_map_t *notes;        /* struct notes by frame number: of few frames there is something to say */
    const struct rule **listeners[EVENTS]; /* NULL-terminated, in the order in which they are asked */
};

/* ---- listeners.c: which rules are asked ---- */

/* Sorts the rules that the settings leave by the events that they listen to. */
void listeners_fill(struct model *model);
const struct rule *const *listeners_of(const struct model *model, enum event event);
/* Whether what the rule asks for besides the event is given. */
bool listens(const struct rule *rule, const struct scene *scene);

/* ---- model.c ---- */

struct notes { /* on one frame */
    struct note *first, *last;
};

/* The connection that the message belongs to, made anew where none is alive. from_client: its direction. */
struct connection *model_connection(struct model *model, const struct message_context *context,
                                    bool from_client);
/* The four-tuple starts over: later messages belong to a new connection. */
void model_forget(struct model *model, const struct frame *frame);
struct host_pair *model_host_pair(struct model *model, const struct connection *connection);

/* The side that the frame comes from. */
enum side connection_side_of(const struct connection *connection, const struct frame *frame);
/* Which bytes were seen. Before the frame's messages, too, for it may show that something before them is missing;
 * twice does no harm. */
void connection_follow_bytes(struct connection *connection, const struct frame *frame,
                             const struct tcp_segment *segment);
/* Bytes of the connection are missing since seen, which is certain now, or a set-up message was cut: tells the rules
 * once. */
void connection_mark_gap(struct connection *connection, const struct sighting *seen,
                         const struct frame *now);
void connection_raise(struct connection *connection, enum event event, struct exchange *exchange,
                      const struct sighting *now);

/* ---- setup.c: what the messages of the set-up say ---- */

void setup_on_request(struct connection *connection, const struct message_context *context,
                      const struct smb2_header *header, struct bytes message);
void setup_on_response(struct connection *connection, const struct message_context *context,
                       const struct smb2_header *header, struct bytes message);
/* Takes a message that was cut short for what it is: missing bytes. */
void connection_note_truncated(struct connection *connection,
                               const struct message_context *context);

/* ---- exchange.c: requests, answers, and what is still open ---- */

struct exchange *exchange_open(struct connection *connection, const struct message_context *context,
                               const struct smb2_header *header, uint16_t command);
/* A response without its request. */
struct exchange *exchange_orphan(struct connection *connection, const struct smb2_header *header);
void exchange_answer(struct exchange *exchange, const struct message_context *context,
                     const struct smb2_header *header);
void exchange_interim(struct exchange *exchange, const struct message_context *context);
void exchange_stop_waiting(struct exchange *exchange);
struct exchange *exchange_find(const struct connection *connection, uint64_t message_id);

/* ---- session.c ---- */

void session_on_request(struct exchange *exchange, struct bytes message);
void session_on_response(struct exchange *exchange, struct bytes message);
struct session *session_find(const struct connection *connection, uint64_t id);

/* ---- root_cause.c ---- */

/* The finding becomes its connection's root cause if it explains more than the present one. */
void root_elect(struct finding *finding);
/* It explains nothing any more: the next one does, if there is one. */
void root_step_down(struct finding *finding);
/* The set-up went on: what failed earlier was not the end of it. */
void root_review(struct connection *connection);

/* ---- evidence.c ---- */

/* The proof is of no use: gives its evidence back, for many proofs are tried on each message. */
void proof_discard(const struct proof *proof);

/* ---- identity: made at need ---- */

struct identity *model_identity_make(struct model *model, const struct address *client);

#endif
