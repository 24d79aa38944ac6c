/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room model: what one capture file has shown so far of each SMB2 connection's set-up, and of
 * what its clients did beside it: Kerberos and name resolution.
 *
 * Zero, NULL and frame 0 mean "not seen" throughout: captures start late, lose segments, are cut by
 * snaplen and may show one direction only. A rule that needs something to be absent has to ask
 * connection_absence_is_proof() first. All memory belongs to the scope that the model was made in.
 *
 * The model judges nothing. It tells a listener what happens, through one pointer, and knows no
 * more of it.
 */
#ifndef SMB2DIAG_MODEL_H
#define SMB2DIAG_MODEL_H

#include "bytes_language.h"
#include "wire.h"

struct model;
struct connection;
struct session;
struct tree;
struct held_answer;  /* the model's own */
struct diagnosis;    /* the listener's, of a connection */
struct attached;     /* the listener's, of an exchange */
struct row;          /* the listener's, of a connection that closed long ago */
struct scene_memory; /* the listener's, of an event */
struct attempt;      /* model_attempts.h */
struct netbios_refusal;

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

/* A lasting reference to the frame, or to its item-th SMB2 message. */
struct sighting frame_sighting(const struct frame *frame, int item);

/* An ICMP error that says that a request did not get through. */
struct icmp_notice {
    struct icmp_error error; /* the last one */
    struct sighting seen;
    uint32_t count;
};

enum handshake { HANDSHAKE_SYN = 1, HANDSHAKE_SYN_ACK = 2 };

/* ---- the set-up's exchanges ---- */

/* What came between a request and its answer. */
struct interlude {
    struct sighting interim;   /* the first STATUS_PENDING */
    struct sighting last_copy; /* the last retransmission of the request */
    uint32_t retransmissions;
    uint32_t too_late;          /* frame of the answer held; 0: there is none, or it was received */
    struct held_answer *held;   /* an answer that came when the client had closed: not received,
                                   unless the client acknowledges it; NULL = none */
    struct icmp_notice *notice; /* quotes it, came before an ACK covers it; NULL = none */
};

/* One request and what came of it. Only NEGOTIATE, SESSION_SETUP, TREE_CONNECT, validate-negotiate
 * and the first CREATE on a tree are kept; the SMB1 multi-protocol NEGOTIATE counts as
 * SMB1_NEGOTIATE. */
struct exchange {
    struct connection *connection;
    struct session *session; /* NULL: none known */
    struct tree *tree;       /* TREE_CONNECT, CREATE; NULL: unknown */
    uint64_t message_id;
    uint64_t request_session_id, response_session_id; /* 0 = none */

    struct sighting request, response;
    struct sighting acknowledged; /* the first frame whose ACK covers the request */
    struct interlude *between;    /* exchange_interlude(); NULL: nothing */
    uint32_t request_end;         /* TCP sequence number after the request's frame */
    uint32_t status;              /* of the response; means nothing while that is not seen */
    uint16_t command;             /* enum smb2_command; SMB2_IOCTL: validate-negotiate */
    bool request_signed, request_encrypted, response_signed, response_encrypted;
    bool malformed;   /* TREE_CONNECT, CREATE: captured whole, the request breaks its structure */
    bool settled;     /* stayed unanswered so long that it was judged as silence */
    bool unreachable; /* ON_UNREACHABLE was raised, and no ACK came since */
    bool is_open;     /* unanswered */
    unsigned waiting; /* place among the model's unanswered requests, from 1; 0: judged */
    int64_t waits_since;

    /* What request and response say; NULL: not seen. */
    const struct content *asked, *answer;

    struct exchange *next, *previous;           /* of the connection, in order of requests */
    struct exchange *next_open, *previous_open; /* of its unanswered ones */

    struct attached *findings; /* the listener's; NULL = none yet */
};

static inline bool exchange_is_open(const struct exchange *exchange)
{
    return exchange && exchange->is_open;
}

/* Never NULL: empty where nothing came between. */
static inline const struct interlude *exchange_interlude(const struct exchange *exchange)
{
    static const struct interlude nothing = {0};

    return exchange->between ? exchange->between : &nothing;
}

static inline bool exchange_answered(const struct exchange *exchange)
{
    return exchange->response.frame != 0;
}

/* Nanoseconds from request to final response; 0 where either was not seen. */
static inline int64_t exchange_duration(const struct exchange *exchange)
{
    return sighting_interval(&exchange->request, &exchange->response);
}

/* What security blobs say; NULL = none. A NEGOTIATE response has one, too: the server's mechanisms.
 */
static inline const struct token *request_token_of(const struct exchange *exchange)
{
    return exchange->asked ? exchange->asked->token : NULL;
}
static inline const struct token *response_token_of(const struct exchange *exchange)
{
    return exchange->answer ? exchange->answer->token : NULL;
}

/* SMB2_SESSION_FLAG_BINDING: another channel of a session that exists already. */
bool exchange_is_binding(const struct exchange *exchange);

/* ---- sessions and trees ---- */

enum session_state {
    SESSION_IN_PROGRESS,
    SESSION_VALID,
    SESSION_FAILED,
    SESSION_ENDED, /* LOGOFF */
};

/* One logon. Found by its id and the server's address, so channels of one session share it. */
struct session {
    uint64_t id;                   /* 0 until the server gave one */
    struct connection *connection; /* where it was first seen */
    enum session_state state;
    struct exchange *first_leg,
        *last_leg; /* never NULL; an orphan response or a binding where nothing else was seen */
    struct exchange *reauthentication; /* the first leg after it was valid; NULL = none */

    unsigned offered;   /* set of mechanisms that the client offered */
    unsigned mechanism; /* the one used: MECHANISM_NTLM, MECHANISM_KERBEROS ...; 0 = unknown */
    const struct ntlm_token *challenge, *authenticate; /* NULL = not seen */
    struct sighting challenged;                        /* the response with the challenge */
    const struct kerberos_message *ticket;             /* AP-REQ: what its ticket says in clear */
    const char *principal; /* whom the KDC gave a ticket for that service, "alice@LAB.EXAMPLE"; NULL
                              = not seen, or several */
    uint16_t flags;        /* enum session_flags of the final response */
    bool flags_known;
    bool client_requires_signing; /* in NEGOTIATE or SESSION_SETUP */
    struct sighting valid_since;  /* the final response */
    struct connection *channel;   /* the last one bound */
};

/* Guest or anonymous (null) by the flags, or anonymous by the NTLM token. false where unknown. */
bool session_is_guest(const struct session *session);
bool session_is_anonymous(const struct session *session);

/* "LAB\alice", "alice@LAB.EXAMPLE"; NULL where the capture does not show a name. */
const char *session_user(const struct session *session, wmem_allocator_t *scope);

/* Whether two sessions are of one user. false where one of them is unknown. */
bool session_same_user(const struct session *a, const struct session *b);

enum user_match {
    USER_UNKNOWN,
    USER_OTHER,
    USER_SAME, /* the same name: what stands before \ and behind @ is written in too many ways */
};
/* Whether it is that user who logs on. session, user: may be NULL. */
enum user_match session_user_match(const struct session *session, const char *user);

/* Whether messages on the session have to be signed: either side requires it, neither guest nor
 * anonymous, not encrypted, and valid. */
bool session_signing_required(const struct session *session);

struct tree {
    uint32_t id; /* 0 until answered; may be a real id only with response seen */
    struct connection *connection;
    struct session *session; /* NULL = unknown */
    struct exchange *connect;
    const char *path, *host, *share; /* of \\host\share; NULL = unknown, share "" = none */
    bool encrypt_data;               /* the share's flag */
    bool used;                       /* a request on it was seen */
    bool disconnected;               /* by the client */
    struct tree *connected_before;   /* of the connection; NULL = none */
};

/* ---- the connection ---- */

enum side { CLIENT = 0, SERVER = 1 };

/* What IP said of a side's packets, up to the one that closes. */
struct trail_seen {
    uint8_t least, most;     /* hops left; 0: nothing was seen */
    uint16_t identification; /* of the last packet; 0 = none */
    uint32_t last_frame;
};

/* TCP's handshake as the capture shows it. */
struct opening {
    int64_t server_took, client_took; /* nanoseconds from SYN to SYN-ACK, from there to the ACK */
    bool known;                       /* all of it, and each part once */
    uint8_t hops_left[2];             /* by enum side, of SYN and SYN-ACK */
};

/* Bytes [start, end) of a side that were not captured (yet). */
struct hole {
    uint32_t start, end;
    struct sighting seen; /* the frame after it */
    unsigned age;         /* segments since then */
};

struct tcp_side {
    uint32_t first_sequence; /* of the first byte seen or acknowledged of this side */
    uint32_t next_sequence;  /* one past the highest byte seen from this side */
    uint32_t first_frame;    /* from this side */
    bool known;              /* next_sequence means something */
    struct hole *hole;       /* NULL: there is none */
    struct trail_seen trail;
    int64_t last_sign_of_life; /* of its last segment that is no reset; 0: none */
};

#define ENCRYPTED_SESSIONS 16 /* session ids in transforms that are followed on one connection */

struct encrypted_session {
    uint64_t session_id;
    struct sighting first; /* encrypted message with that id; frame 0: none, nor any after it */
};

/* How far the set-up got. */
enum stage {
    STAGE_NONE,    /* nothing of the set-up was seen (capture started late) */
    STAGE_NO_TCP,  /* TCP never came up: model_attempts.h */
    STAGE_NETBIOS, /* NetBIOS refused the session */
    STAGE_SMB1,    /* the two agreed on SMB1 */
    STAGE_NEGOTIATE,
    STAGE_SESSION_SETUP,
    STAGE_TREE_CONNECT,
    STAGE_CONNECTED, /* a tree connect succeeded, or encrypted traffic flows */
};

struct connection {
    struct model *model;
    uint32_t number; /* 1, 2, 3 ... in order of appearance */
    struct endpoint client, server;
    struct mac_address client_mac;      /* of the first message, where the client sent it */
    struct connection *next, *previous; /* of the model, in order of appearance */

    /* TCP */
    struct opening opening;
    unsigned handshake; /* set of enum handshake */
    enum side closed_by;
    bool closed;
    bool closed_by_reset;  /* else FIN */
    bool received_known;   /* the closing side said what it had received ... */
    uint32_t received_end; /* ... up to this sequence number of the other side */
    struct ip_trail closing_trail;
    struct sighting closing;
    struct sighting first;  /* first SMB message; the SYN where none was seen */
    int64_t last_time;      /* of the last frame seen */
    struct tcp_side *sides; /* two, by enum side; NULL: only a row is left */

    /* What the capture leaves out */
    struct sighting gap; /* first frame that showed that bytes are missing for good */
    uint32_t truncated;  /* frame of the first SMB2 message that was not captured whole; 0: none */
    uint32_t limit_reached; /* of the first message of the set-up that is not followed for
                               settings->limit */
    bool midstream; /* the first message was not a NEGOTIATE request: the capture started late */

    /* The set-up */
    bool tree_connected;          /* a TREE_CONNECT succeeded */
    bool ended_orderly;           /* LOGOFF or TREE_DISCONNECT was seen last */
    enum stage without_exchanges; /* how far it came, where no SMB message was seen, or only a row
                                     is left; else STAGE_NONE */
    unsigned exchange_count, session_count, connected_count;
    uint16_t dialect;     /* settled; 0 = unknown */
    uint8_t alike;        /* of those before it (below), how many in turn settled it with the very
                             same answer; 255: or more */
    uint64_t system_time; /* of the server when it settled that: FILETIME; 0 = not given */
    const char *server_name; /* name the client used for the server: netname context, else tree
                                host; NULL */
    /* In order of requests, orphan responses too; of those, the unanswered ones. */
    struct exchange *first_exchange, *last_exchange;
    struct exchange *first_open, *last_open;
    wmem_map_t *by_message_id;       /* NULL: they are few */
    struct exchange *smb1_negotiate; /* NULL = none */
    struct exchange *negotiate;      /* the last SMB2 NEGOTIATE */
    struct exchange *agreed;   /* the one that settled a dialect; NULL = not yet or not seen */
    struct exchange *validate; /* the last validate-negotiate */
    struct exchange *last;     /* the exchange that a message was last seen of */
    struct session *session;   /* the last one with a set-up message here */
    struct session **sessions; /* session_count of them, bound ones included */
    struct tree *tree;         /* the last one */
    struct tree *connected;    /* the last one that has an id, of connected_count */
    wmem_map_t *trees;         /* those by tree id; NULL: they are few */
    struct encrypted_session *encrypted_sessions; /* ENCRYPTED_SESSIONS of them, in order of
                                                     appearance; NULL: nothing encrypted was seen */
    uint32_t first_transform; /* frame of the first encrypted message; 0: none */
    uint32_t first_use;       /* of the first request that is not part of the set-up */

    /* The client's last connection before this one that settled a dialect, to the same address and
     * port, and by the same name wherever it leads; NULL = none. after: whose that is. */
    struct connection *before, *before_by_name, *after, *after_by_name;

    struct diagnosis *diagnosis; /* the listener's; NULL = none yet */

    /* Closed connections: model/closed.c */
    struct connection *closed_after; /* the next one that closed; NULL = none yet */
    struct row *row; /* the listener's: all that is left of it besides what is said above, and, of
                        the last one between its ends, the exchange agreed; NULL: it is whole */
    bool is_ended;
    bool pointed_at; /* from elsewhere, or to elsewhere: all of it stays */
};

/* Whether "it is not in the capture" proves "it did not happen" on this connection: seen from its
 * first message on, both directions seen, no bytes missing, no message cut short, and all requests
 * followed. */
bool connection_absence_is_proof(const struct connection *connection);

/* The first encrypted message of that session on the connection; frame 0: none. */
struct sighting connection_first_encrypted(const struct connection *connection,
                                           const struct session *session);

/* Where the capture was taken, by how long each side took in the handshake: evidence, no proof. */
enum vantage {
    VANTAGE_UNKNOWN, /* no handshake, or the times are too close to tell */
    VANTAGE_CLIENT,  /* near the client */
    VANTAGE_SERVER,  /* near the server */
    VANTAGE_BETWEEN, /* some way off both */
};
enum vantage connection_vantage(const struct connection *connection);
const char *vantage_name(enum vantage vantage); /* "near the client"; NULL: unknown */
/* Routers between that side and the capture, by what hosts usually send packets with; -1: unknown.
 */
int connection_hops(const struct connection *connection, enum side side);

/* Who sent the closing packet, by its trail and that of the same side's packets before. */
enum closer {
    CLOSER_UNKNOWN,
    CLOSER_OTHER, /* other hops left than all before: consistent with another host */
    CLOSER_RESET, /* a reset with other hops left, as far away by the guess: some hosts' TCP sends
                     resets so */
    CLOSER_ALIKE, /* the same: says little, for another host may be as far away or copy it */
    CLOSER_SAME,  /* and the IP identification goes on from those before */
};
enum closer connection_closer(const struct connection *connection);

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

#include "model_events.h"

/* ---- feeding the model, in the order of frames (first pass only) ---- */

struct settings {
    unsigned silence_seconds; /* until an unanswered request counts as unanswered */
    unsigned slow_seconds;    /* until an answer counts as slow */
    unsigned limit;  /* how many requests of one connection's set-up are followed; 0 = all */
    unsigned closed; /* how many closed connections are kept whole whatever was found; 0 = all */
};

/* listen: NULL = nobody listens. data is handed on to it. */
struct model *model_new(wmem_allocator_t *scope, const struct settings *settings,
                        scene_listener *listen, void *data);

/* Whether one of the ports is watched, or an SMB server was ever seen there: else model_find() need
 * not be asked. */
bool model_follows(const struct model *model, uint16_t port, uint16_t other_port);

/* The connection of these endpoints that is alive; NULL: none. O(1). */
struct connection *model_find(struct model *model, const struct frame *frame);

/* A TCP segment. Does nothing unless the frame belongs to a known connection. Call it after the
 * frame's messages where it carries any. */
void model_on_segment(struct model *model, const struct frame *frame,
                      const struct tcp_segment *segment);

/* Whether the TCP handshake before this frame was seen by model_on_segment(): Wireshark, which
 * looks it up less cheaply, need not be asked. */
bool model_saw_handshake(struct model *model, const struct frame *frame);

struct message_context {
    const struct frame *frame;
    int item;
    const struct tcp_segment *segment; /* NULL: not over TCP, or not readable */
    unsigned handshake;                /* as Wireshark knows it, enum handshake */
    bool encrypted;                    /* came out of a transform */
    bool truncated;                    /* the message was not captured whole (snaplen) */
};

/* One message; compound members one by one. What is kept of it is copied. */
void model_on_message(struct model *model, const struct message_context *context,
                      const struct message *message);

/* A Kerberos message outside SMB2 (port 88; NULL: it could not be read), a DNS response, a TCP
 * segment to or from port 88, after the Kerberos message that it may carry. What is kept of them is
 * copied. */
void model_on_kerberos(struct model *model, const struct frame *frame,
                       const struct kerberos_message *message);
void model_on_dns(struct model *model, const struct frame *frame,
                  const struct dns_response *response);
void model_on_kdc_segment(struct model *model, const struct frame *frame,
                          const struct tcp_segment *segment);

/* Judges requests that have stayed unanswered for longer than the settings' silence when the frame
 * now was captured. Each request is judged once, and an answer that still comes withdraws the
 * verdict. Call it for every frame, whatever it carries, after what it carries (O(1)). false:
 * nothing was to be judged. */
bool model_settle(struct model *model, const struct sighting *now);

/* Of all connections, in order of appearance; NULL = there is none. */
struct connection *model_first_connection(const struct model *model);
struct connection *model_last_connection(const struct model *model);
wmem_allocator_t *model_scope(const struct model *model);
const struct settings *model_settings(const struct model *model);

#include "model_clients.h"
#include "model_logons.h"

#endif
