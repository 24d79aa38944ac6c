/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside the room model: what its files share.
 */
#ifndef SMB2DIAG_MODEL_STATE_H
#define SMB2DIAG_MODEL_STATE_H

#include "model_attempts.h"

#define RECENT 256
#define RECENT_CLIENTS 128

/* Exchanges without an answer that were not judged yet: a heap, the one that waits longest on top.
 */
struct waiting {
    struct exchange **heap; /* heap[0] is not used */
    unsigned count, room;
};

/* An answer that came when the client had closed. */
struct held_answer {
    struct frame frame;
    struct message_context context;
    uint32_t end; /* TCP sequence number after its frame */
    struct message message;
};

#define HANDSHAKES_KEPT 256

/* A TCP handshake on its way. */
struct handshake_seen {
    struct endpoint client, server; /* port 0: nothing is kept here */
    uint32_t next[2];               /* by enum side: the sequence number after SYN, SYN-ACK */
    int64_t syn, syn_ack, ack;      /* times; 0 = not seen */
    bool spoiled;                   /* something came twice, or was not captured */
    bool data;                      /* either side sent some */
    uint8_t hops_left[2];           /* by enum side, of SYN and SYN-ACK */
    struct trail_seen trails[2];
};

#define SIDES_SIZE (2 * sizeof(struct tcp_side))

/* The connection looked up last of those that share the place, while it is alive. */
struct recent {
    uint32_t ports; /* of both ends: tells most others apart without a look at the connection */
    struct connection *connection; /* NULL = none */
};

struct model {
    wmem_allocator_t *scope;
    struct pool *pool;   /* for what connections are made of */
    struct store *store; /* what messages say */
    struct settings settings;
    scene_listener *listen; /* NULL = nobody */
    void *listener_data;
    GHashTable *by_endpoints;     /* live connections */
    uint32_t found_in;            /* the frame whose connection was looked up last: 0 = none */
    struct connection *found;     /* that connection; NULL: it has none */
    struct recent recent[RECENT]; /* hashing all of the endpoints is dearer */
    uint8_t server_ports[UINT16_MAX / 8 +
                         1]; /* a bit for each: most frames of other protocols need no look-up */
    uint8_t watched_ports[UINT16_MAX / 8 + 1]; /* a bit for each */
    struct attempts *attempts;                 /* NULL = none seen yet */
    struct handshake_seen *handshakes; /* HANDSHAKES_KEPT, by a hash; NULL = none seen yet */
    uint32_t wordless;                 /* TCP connections that came up and ended without data */
    struct undecoded_port undecoded[UNDECODED_PORTS_KEPT];
    unsigned undecoded_count;
    struct connection *first, *last; /* all, in order */
    uint32_t connection_count;
    GHashTable *sessions;                          /* by server address and id */
    struct connection *first_closed, *last_closed; /* closed.c: those that are whole */
    unsigned closed_count;
    GHashTable *last_settled, *last_by_name;         /* predecessors.c */
    GHashTable *identities;                          /* by client address */
    GHashTable *names;                               /* name_records.c */
    wmem_map_t *servers;                             /* struct server by address */
    wmem_map_t *refusals;                            /* refused_client by client and server */
    struct identity *recent_clients[RECENT_CLIENTS]; /* those that dealt with KDCs lately */
    unsigned recent_client_count;                    /* so far */
    bool has_kdcs;                                   /* something of Kerberos was seen */
    struct waiting waiting;
};

/* ---- model.c ---- */

/* The connection that the message belongs to, made anew where none is alive. from_client: its
 * direction. */
struct connection *model_connection(struct model *model, const struct message_context *context,
                                    bool from_client);
/* The four-tuple starts over: later messages belong to a new connection. */
void model_forget(struct connection *connection);

/* One on which no SMB message was seen: it is reported, and no message will belong to it. */
struct connection *model_connection_before_smb(struct model *model, const struct endpoint *client,
                                               const struct endpoint *server,
                                               const struct sighting *first);

/* ---- attempts.c, attempts_judged.c: what TCP did before SMB ---- */

/* A segment that belongs to no connection, or a SYN or reset. */
void attempts_on_segment(struct model *model, const struct frame *frame,
                         const struct tcp_segment *segment);
/* false: the quoted segment is none that waits. */
bool attempts_on_icmp_error(struct model *model, const struct frame *frame,
                            const struct icmp_error *error);
/* true: some were judged. */
bool attempts_settle(struct model *model, const struct sighting *now);

/* ---- vantage.c: where the capture was taken ---- */

/* A segment that belongs to no connection yet. */
void handshake_on_segment(struct model *model, const struct frame *frame,
                          const struct tcp_segment *segment);
/* The connection begins: what its handshake showed. */
void handshake_take(struct model *model, struct connection *connection);

/* ---- trail.c: who sent the packets ---- */

void trail_note(struct trail_seen *seen, const struct frame *frame);
/* How many routers took one off, by what hosts usually send packets with; -1: unknown. */
int hops_taken(uint8_t left);

/* ---- netbios.c ---- */

/* SMB began on the connection: what NetBIOS refused before was overcome. */
void netbios_on_start(const struct connection *connection);

/* ---- transport.c: which bytes were seen, and how connections end ---- */

/* Which bytes were seen. Before the frame's messages, too, for it may show that something before
 * them is missing; twice does no harm. */
void connection_follow_bytes(struct connection *connection, const struct frame *frame,
                             const struct tcp_segment *segment);
/* Whether a request to set up what is set up here goes on with the bytes seen, or repeats them:
 * else its sequence numbers are another connection's. */
bool connection_continues(const struct connection *connection, const struct frame *frame,
                          const struct tcp_segment *segment);

/* ---- closed.c: what is left of connections that closed long ago ---- */

/* It closed, or its four-tuple started over; twice does no harm. */
void connection_ended(struct connection *connection);

/* ---- gap.c ---- */

/* Bytes are missing since seen, which is certain now: tells the rules once. false: not the first.
 */
bool connection_mark_first_gap(struct connection *connection, const struct sighting *seen,
                               const struct frame *now);
/* Bytes of that side are missing since seen, which is certain now, or a set-up message was cut:
 * tells the rules once, and of the server's side also what may have been answered. */
void connection_mark_gap(struct connection *connection, enum side side, const struct sighting *seen,
                         const struct frame *now);

/* ---- connection.c: which side, and what it may have received ---- */

/* The side that the frame comes from. */
enum side connection_side_of(const struct connection *connection, const struct frame *frame);
/* The client had closed, and had not received these bytes of the server's. Frames may be captured
 * in another order than they were sent; what it acknowledged when it closed tells. */
bool connection_client_left_before(const struct connection *connection,
                                   const struct tcp_segment *segment);

/* ---- missed.c: what the client does next shows what it received ---- */

/* Before the request or transform is taken in: it may show that an answer is missing in the
 * capture. */
void missed_on_request(struct connection *connection, const struct frame *frame,
                       const struct message *message);
void missed_on_transform(struct connection *connection, const struct frame *frame,
                         const struct smb2_transform *transform);

/* ---- events.c ---- */

/* Tells the listener. */
void model_raise(struct model *model, const struct scene *scene);
/* The same of an event without a message of its own, or with the exchange's. exchange: may be NULL.
 */
void connection_raise(struct connection *connection, enum event event, struct exchange *exchange,
                      const struct sighting *now);

/* ---- setup.c: what the messages of the set-up say ---- */

void setup_on_request(struct connection *connection, const struct message_context *context,
                      const struct message *message);
void setup_on_response(struct connection *connection, const struct message_context *context,
                       const struct message *message);
/* The client, which had closed, acknowledges a late answer: it had only closed its own direction,
 * and receives what comes. */
void setup_on_late_receipt(struct exchange *exchange, uint32_t acknowledgement);
/* NULL: none of that id was connected here. */
struct tree *tree_find(const struct connection *connection, uint32_t id);
/* Takes a message that was cut short for what it is: missing bytes. */
void connection_note_truncated(struct connection *connection,
                               const struct message_context *context);

/* ---- exchange.c: requests, answers, and what is still open ---- */

/* SMB1 and SMB2 requests. */
struct exchange *exchange_open(struct connection *connection, const struct message_context *context,
                               const struct message *message);
/* A response without its request. */
struct exchange *exchange_orphan(struct connection *connection, const struct message *message);
void exchange_answer(struct exchange *exchange, const struct message_context *context,
                     const struct message *message);
/* Of the exchange, made where there is none yet. */
struct interlude *exchange_interlude_make(struct exchange *exchange);
void exchange_interim(struct exchange *exchange, const struct message_context *context);
/* The client had closed when this answer came, and had not received it: it is none, and held. */
bool exchange_hold_late_answer(struct exchange *exchange, const struct message_context *context,
                               const struct message *message);
/* It will not be answered, for a reason that was told. */
void exchange_give_up(struct exchange *exchange);
struct exchange *exchange_find(const struct connection *connection, uint64_t message_id);

/* ---- waiting.c: when requests without an answer are due to be judged ---- */

void exchange_wait(struct exchange *exchange, int64_t since);
void exchange_stop_waiting(struct exchange *exchange);
/* The one that has waited longest, if that is as long as the settings say; NULL: none has. */
struct exchange *model_overdue(const struct model *model, int64_t now);

/* ---- predecessors.c: what a client settled with the same server before ---- */

void predecessors_start(struct model *model);
/* A dialect was settled. */
void predecessors_on_settled(struct connection *connection);
/* The name that the client uses for the server is known now. */
void predecessors_on_name(struct connection *connection);
/* Those after it begin anew. false: it is the last one, which the next one has to find. */
bool predecessors_cut(struct connection *connection);

/* ---- session.c ---- */

/* After the exchange has taken the message in. */
void session_on_request(struct exchange *exchange);
void session_on_response(struct exchange *exchange);
struct session *session_find(const struct connection *connection, uint64_t id);
/* For model->sessions. */
GHashTable *sessions_new(wmem_allocator_t *scope);
/* No id leads to it any more. */
void session_forget(const struct session *session);

/* ---- servers.c, refused_logons.c: after the session has taken the response in ---- */

void server_on_response(const struct exchange *exchange);
void refusals_on_response(const struct exchange *exchange);
/* For model->refusals. */
wmem_map_t *refusals_map_new(wmem_allocator_t *scope);

/* ---- identities.c ---- */

/* By struct address. */
wmem_map_t *address_map_new(wmem_allocator_t *scope);
void identities_start(struct model *model);
void names_start(struct model *model); /* name_records.c */
/* The client's, made where there is none yet. */
struct identity *model_identity_make(struct model *model, const struct address *client);

/* ---- kdc_services.c ---- */

/* To whom the KDC gave the client's tickets for that service, "alice@LAB.EXAMPLE"; NULL: not seen,
 * or to several. service: may be NULL. */
const char *connection_ticket_owner(const struct connection *connection, const char *service,
                                    int64_t until);

/* ---- clients.c ---- */

/* alice, ALICE and alice@lab.example are one user. */
bool user_names_match(const char *a, const char *b);
/* For model->recent_clients. */
void identity_note_recent(struct model *model, struct identity *identity);

#endif
