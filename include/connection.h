/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The model: what one capture file has shown so far of each SMB2 connection's set-up.
 *
 * Zero, NULL and frame 0 mean "not seen" throughout: captures start late, lose segments, are cut by
 * snaplen and may show one direction only. A rule that needs something to be absent has to ask
 * connection_absence_is_proof() first. All memory belongs to the scope that the model was made in.
 */
#ifndef SMB2DIAG_CONNECTION_H
#define SMB2DIAG_CONNECTION_H

#include "message.h"
#include "token.h"

#include <string.h>

struct model;
struct connection;
struct session;
struct tree;
struct note; /* what was found about a message, see rule.h */

/* ---- where and when ---- */

/* A frame, or one SMB2 message of it. frame 0: not seen. */
struct sighting {
    uint32_t frame; /* frame number */
    int item;       /* n-th SMB2 message of the frame, from 0; NO_ITEM: the frame itself */
    int64_t time;   /* nanoseconds since 1970 */
};
#define NO_ITEM (-1)

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)

/* Nanoseconds from a to b; 0 where either was not seen. */
int64_t sighting_interval(const struct sighting *a, const struct sighting *b);

struct address {
    uint8_t length; /* 4, 16; 0 = none */
    uint8_t bytes[16];
};
static inline bool address_equal(const struct address *a, const struct address *b)
{
    return memcmp(a, b, sizeof *a) == 0; /* bytes beyond the length are 0 */
}
char *address_text(const struct address *address, wmem_allocator_t *scope);

struct endpoint {
    struct address address;
    uint16_t port;
};

/* What is told of a frame, whatever it carries. */
struct frame {
    uint32_t number;
    int64_t time; /* nanoseconds since 1970 */
    struct endpoint source, destination;
};

/* A lasting reference to the frame, or to its item-th SMB2 message. */
struct sighting frame_sighting(const struct frame *frame, int item);

enum handshake { HANDSHAKE_SYN = 1, HANDSHAKE_SYN_ACK = 2 };

struct tcp_segment { /* RFC 9293 3.1 */
    uint32_t sequence, acknowledgement;
    uint32_t length; /* payload bytes on the wire */
    bool syn, ack, fin, reset;
};

/* ---- parse_ip.c: the IP packet with the frame's addresses and ports, in a data source ---- */

enum transport { TRANSPORT_TCP = 6, TRANSPORT_UDP = 17 }; /* IANA's protocol numbers */

struct datagram {
    struct tcp_segment segment; /* zeroed where it is UDP */
    struct part payload;
};

/* false: none there, or only a fragment. */
bool datagram_find(const struct frame *frame, enum transport transport, struct part source,
                   struct datagram *out);
/* The same where the transport's header is what the source begins with: reassembled from fragments. */
bool datagram_at_start(const struct frame *frame, enum transport transport, struct part source,
                       struct datagram *out);

/* ---- the set-up's exchanges ---- */

/* One request and what came of it. Only NEGOTIATE, SESSION_SETUP, TREE_CONNECT, validate-negotiate and the
 * first CREATE on a tree are kept; the SMB1 multi-protocol NEGOTIATE counts as SMB1_NEGOTIATE. */
struct exchange {
    uint16_t command; /* enum smb2_command; SMB2_IOCTL: validate-negotiate */
    struct connection *connection;
    struct session *session; /* NULL: none known */
    struct tree *tree;       /* TREE_CONNECT, CREATE; NULL: unknown */
    uint64_t message_id;
    uint64_t request_session_id, response_session_id; /* 0 = none */

    struct sighting request, interim, response; /* interim: the first STATUS_PENDING */
    struct sighting acknowledged; /* the first frame whose ACK covers the request */
    struct sighting last_copy;    /* the last retransmission of the request */
    uint32_t retransmissions;
    uint32_t request_end;         /* TCP sequence number after the request's frame */
    uint32_t status;              /* of the response; means nothing while that is not seen */
    bool request_signed, request_encrypted, response_signed, response_encrypted;
    bool settled; /* stayed unanswered so long that it was judged as silence */

    /* What the messages said; NULL: not that command, not seen or not readable. */
    const struct smb1_negotiate *smb1_request, *smb1_response;
    const struct negotiate_request *negotiate_request;
    const struct negotiate_response *negotiate_response;
    const struct token *negotiate_token; /* the response's mechanisms */
    const struct session_setup_request *session_setup_request;
    const struct session_setup_response *session_setup_response;
    const struct token *request_token, *response_token; /* SESSION_SETUP */
    bool request_blob_unread, response_blob_unread;     /* there is a token, but it was not captured whole */
    const struct tree_connect_request *tree_connect_request;
    const struct tree_connect_response *tree_connect_response;
    uint32_t error_context; /* of an error response, 0 = none */
    const struct validate_request *validate_request;
    uint32_t ioctl_code; /* SMB2_IOCTL */
    const struct validate_response *validate_response;

    wmem_list_t *findings;            /* of struct finding; NULL = none yet */
    wmem_list_frame_t *open_frame;    /* in connection->open; NULL: answered */
    wmem_list_frame_t *waiting_frame; /* in the model's list of unanswered requests; NULL: judged */
};

static inline bool exchange_answered(const struct exchange *exchange)
{
    return exchange->response.frame != 0;
}

/* Nanoseconds from request to final response; 0 where either was not seen. */
static inline int64_t exchange_duration(const struct exchange *exchange)
{
    return sighting_interval(&exchange->request, &exchange->response);
}

/* ---- sessions and trees ---- */

enum session_state {
    SESSION_IN_PROGRESS,
    SESSION_VALID,
    SESSION_FAILED,
    SESSION_ENDED, /* LOGOFF */
};

/* One logon. Found by its id and the server's address, so channels of one session share it. */
struct session {
    uint64_t id; /* 0 until the server gave one */
    struct connection *connection; /* where it was first seen */
    enum session_state state;
    unsigned legs; /* SESSION_SETUP requests so far, bindings excluded */
    struct exchange *first_leg, *last_leg; /* never NULL; an orphan response or a binding where nothing else was seen */
    struct exchange *reauthentication; /* the first leg after it was valid; NULL = none */

    unsigned offered;  /* set of mechanisms that the client offered */
    unsigned mechanism; /* the one used: MECHANISM_NTLM, MECHANISM_KERBEROS ...; 0 = unknown */
    const struct ntlm_token *challenge, *authenticate; /* NULL = not seen */
    const struct kerberos_message *ticket;             /* AP-REQ: what its ticket says in clear */
    uint16_t flags; /* enum session_flags of the final response */
    bool flags_known;
    bool client_requires_signing; /* in NEGOTIATE or SESSION_SETUP */
    struct sighting valid_since;  /* the final response */
    unsigned channels;            /* connections bound to it */
    struct connection *channel;   /* the last one bound */
};

/* Guest or anonymous (null) by the flags, or anonymous by the NTLM token. false where unknown. */
bool session_is_guest(const struct session *session);
bool session_is_anonymous(const struct session *session);

/* "LAB\alice", "alice@LAB.EXAMPLE"; NULL where the capture does not show a name. */
const char *session_user(const struct session *session, wmem_allocator_t *scope);

/* Whether messages on the session have to be signed: either side requires it, neither guest nor anonymous,
 * not encrypted, and valid. */
bool session_signing_required(const struct session *session);

struct tree {
    uint32_t id; /* 0 until answered; may be a real id only with response seen */
    struct connection *connection;
    struct session *session; /* NULL = unknown */
    struct exchange *connect;
    const char *path, *host, *share; /* of \\host\share; NULL = unknown, share "" = none */
    bool encrypt_data;       /* the share's flag */
    bool used;               /* a request on it was seen */
};

/* ---- the connection ---- */

enum side { CLIENT = 0, SERVER = 1 };

struct tcp_side {
    bool known;             /* next_sequence means something */
    uint32_t first_sequence; /* of the first byte seen or acknowledged of this side */
    uint32_t next_sequence; /* one past the highest byte seen from this side */
    uint32_t acknowledged;  /* highest byte of this side that the other side acknowledged */
    bool acknowledged_known;
    bool hole;              /* bytes [hole_start, hole_end) were not captured (yet) */
    uint32_t hole_start, hole_end;
    uint32_t first_frame, last_frame; /* from this side */
    struct sighting hole_seen;        /* the frame after the hole */
    unsigned hole_age;                /* segments since then */
};

struct connection {
    struct model *model;
    uint32_t number; /* 1, 2, 3 ... in order of appearance */
    struct endpoint client, server;
    struct sighting first; /* first SMB message */
    int64_t last_time;     /* of the last frame seen */
    unsigned handshake;    /* set of enum handshake */
    bool midstream;        /* the first message was not a NEGOTIATE request: the capture started late */
    struct sighting gap;   /* first frame that showed that bytes are missing for good */
    struct sighting truncated; /* first SMB2 message that was not captured whole */
    struct sighting limit_reached; /* first message of the set-up that is not followed for settings->limit */
    struct tcp_side sides[2]; /* by enum side */
    bool closed;
    enum side closed_by;
    bool closed_by_reset;  /* else FIN */
    struct sighting closing;

    wmem_list_t *exchanges; /* of struct exchange, in order of requests (orphan responses too) */
    wmem_list_t *open;      /* of those, the unanswered ones */
    wmem_map_t *by_message_id;
    struct exchange *smb1_negotiate;  /* NULL = none */
    struct exchange *negotiate;       /* the last SMB2 NEGOTIATE */
    struct exchange *agreed;          /* the one that settled a dialect; NULL = not yet or not seen */
    struct exchange *validate;        /* the last validate-negotiate */
    struct exchange *last;            /* the exchange that a message was last seen of */
    uint16_t dialect; /* settled; 0 = unknown */
    struct session *session;  /* the last one with a set-up message here */
    wmem_list_t *sessions;    /* of struct session, bound ones included */
    struct tree *tree;        /* the last one */
    wmem_map_t *trees;        /* by tree id */
    struct sighting first_transform; /* first encrypted message */
    struct sighting first_use;       /* first request that is not part of the set-up */
    bool tree_connected;             /* a TREE_CONNECT succeeded */
    bool ended_orderly;              /* LOGOFF or TREE_DISCONNECT was seen last */
    const char *server_name;  /* name the client used for the server: netname context, else tree host; NULL */

    wmem_list_t *findings;    /* of struct finding, in order */
    wmem_map_t *faults;       /* the same by rule and subject */
    struct finding *root;     /* explains the failure; NULL = none */
};

/* Whether "it is not in the capture" proves "it did not happen" on this connection: seen from its first
 * message on, both directions seen, no bytes missing, no message cut short, and all requests followed. */
bool connection_absence_is_proof(const struct connection *connection);

/* How far the set-up got. */
enum stage {
    STAGE_NONE, /* nothing of the set-up was seen (capture started late) */
    STAGE_NEGOTIATE,
    STAGE_SESSION_SETUP,
    STAGE_TREE_CONNECT,
    STAGE_CONNECTED, /* a tree connect succeeded, or encrypted traffic flows */
};
enum stage connection_stage(const struct connection *connection);
const char *stage_name(enum stage stage);

/* What the agreed NEGOTIATE says; 0 or false where unknown. */
bool connection_client_can_encrypt(const struct connection *connection, bool *known);
bool connection_encryption_agreed(const struct connection *connection, bool *known);
bool connection_client_requires_signing(const struct connection *connection);
bool connection_server_requires_signing(const struct connection *connection);
uint16_t connection_highest_offered(const struct connection *connection); /* dialect, 0 = unknown */
bool connection_server_offers_kerberos(const struct connection *connection, bool *known);
/* The name used for the server is an IPv4 or IPv6 literal. false where the name is unknown. */
bool connection_named_by_address(const struct connection *connection);
bool name_is_address(const char *name);
/* Same host: equal ignoring case, or one is the other's first label. */
bool host_names_match(const char *a, const char *b);

const char *dialect_name(uint16_t dialect); /* "3.1.1"; NULL = unknown value */

/* ---- feeding the model, in the order of frames (first pass only) ---- */

struct settings {
    unsigned silence_seconds; /* until an unanswered request counts as unanswered */
    unsigned slow_seconds;    /* until an answer counts as slow */
    unsigned limit;           /* how many requests of one connection's set-up are followed; 0 = all */
    bool chat;                /* emit chat findings */
    const char *rules_off;    /* ids to leave out, separated by commas or spaces; NULL or "" = none */
};

struct model *model_new(wmem_allocator_t *scope, const struct settings *settings);

/* Whether an SMB server was ever seen on one of the ports: else model_find() need not be asked. */
bool model_follows(const struct model *model, uint16_t port, uint16_t other_port);

/* The connection of these endpoints that is alive; NULL: none. O(1). */
struct connection *model_find(struct model *model, const struct frame *frame);

/* A TCP segment. Does nothing unless the frame belongs to a known connection. Call it after the frame's
 * messages where it carries any. */
void model_on_segment(struct model *model, const struct frame *frame,
                      const struct tcp_segment *segment);

struct message_context {
    const struct frame *frame;
    int item;
    const struct tcp_segment *segment; /* NULL: not over TCP, or not readable */
    unsigned handshake;                /* as TCP knows it, enum handshake */
    bool encrypted;                    /* came out of a transform */
    bool truncated; /* the message was not captured whole (snaplen) */
};

/* One SMB2 message (0xFE), a transform header (0xFD) or an SMB1 message (0xFF); compound members one by one. */
void model_on_message(struct model *model, const struct message_context *context,
                      struct bytes message);

/* A Kerberos message outside SMB2 (port 88), a DNS response, a TCP segment to or from port 88. What is not kept of a
 * message, such as the strings of copies, lies in scratch: the caller empties it. */
void model_on_kerberos(struct model *model, const struct frame *frame, struct bytes message,
                       wmem_allocator_t *scratch);
void model_on_dns(struct model *model, const struct frame *frame, struct bytes message,
                  wmem_allocator_t *scratch);
void model_on_kdc_segment(struct model *model, const struct frame *frame,
                          const struct tcp_segment *segment);

/* Judges requests that have stayed unanswered for longer than the settings' silence at time now. Idempotent; each
 * request is judged once, and an answer that still comes withdraws the verdict. Call it for every frame (O(1)). */
void model_settle(struct model *model, int64_t now);

/* All connections, in order of appearance: of struct connection. */
wmem_list_t *model_connections(const struct model *model);
/* What was found about the frame's messages so far, in order; NULL = nothing. O(1). */
const struct note *model_notes(const struct model *model, uint32_t frame);
wmem_allocator_t *model_scope(const struct model *model);
const struct settings *model_settings(const struct model *model);

#endif
