/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room model: what happens on a connection, as a listener is told of it. Part of model.h, which
 * says what holds for both.
 */
#ifndef SMB2DIAG_MODEL_EVENTS_H
#define SMB2DIAG_MODEL_EVENTS_H

enum event {
    ON_REQUEST = 1 << 0, /* a tracked request was seen; scene->exchange */
    ON_INTERIM = 1 << 1, /* its first STATUS_PENDING was seen */
    ON_RESPONSE =
        1 << 2,        /* its final response was seen (orphan responses too: request.frame is 0) */
    ON_CLOSE = 1 << 3, /* the connection closed: raised once for each exchange still open
                          (scene->exchange), or, with none open, once for the last one (answered) */
    ON_SILENCE = 1 << 4, /* the exchange has been open for the settings' silence, and the connection
                            still is; told by the next frame of whatever kind */
    ON_OTHER_REQUEST = 1 << 5, /* the first request outside the set-up on a connection or tree;
                                  scene->header */
    ON_OTHER_REFUSAL = 1 << 6, /* an error response outside the set-up that says ACCESS_DENIED,
                                  USER_SESSION_DELETED or NETWORK_NAME_DELETED; scene->header */
    ON_TRANSFORM = 1 << 7,     /* the first encrypted message with its session id on a connection;
                                  scene->transform; of ENCRYPTED_SESSIONS ids, no more */
    ON_START = 1 << 8, /* the first message of a connection, after it was recorded; exchange may be
                          NULL */
    ON_GAP =
        1 << 9, /* bytes of the connection are missing for good, or a set-up message was cut short
                 */
    ON_LIMIT = 1 << 10,       /* the first request that is not followed: the connection has too many
                                 (settings->limit) */
    ON_UNREACHABLE = 1 << 11, /* the request is sent again and again, and no ACK covers it (RFC 9293
                                 3.8.3): raised while that goes on, before it is silence */
    ON_REACHED = 1 << 12,     /* an ACK covers it after all; the wait for an answer starts over */
    ON_TOO_LATE = 1 << 13,    /* exchange->too_late: the exchange stays without an answer */
    ON_ANSWER_MISSED = 1 << 14, /* bytes of the server are missing, for good and for the first time:
                                   raised once for each exchange still open, which they may have
                                   answered */
    ON_ATTEMPT = 1 << 15,       /* an attempt to connect failed, or was relieved after that;
                                   scene->attempt. The connection holds all alike: of one client, to one
                                   port of one server */
    ON_ATTEMPT_SILENCE = 1 << 16, /* the same, and time tells: the first frame after it */
    ON_NETBIOS_REFUSAL = 1 << 17, /* the server refused the session, or that was relieved after
                                     that; scene->refusal */
    ON_FORGET = 1 << 18, /* it closed long ago: who can do without the rest leaves a row of it */
};
#define EVENTS 19 /* one for each bit of enum event */

struct scene {
    struct model *model;
    enum event event;
    struct connection *connection;
    struct exchange *exchange;              /* see enum event; may be NULL for the last seven */
    struct session *session;                /* the exchange's, or the message's; NULL = unknown */
    struct tree *tree;                      /* likewise */
    const struct smb2_header *header;       /* ON_OTHER_* */
    const struct smb2_transform *transform; /* ON_TRANSFORM */
    bool encrypted;                         /* ON_OTHER_*: the message was */
    const struct attempt *attempt;          /* ON_ATTEMPT, ON_ATTEMPT_SILENCE */
    const struct netbios_refusal *refusal;  /* ON_NETBIOS_REFUSAL */
    struct sighting
        now; /* the message or frame that raised the event; ON_SILENCE: the first one after it */
    struct scene_memory *memory; /* NULL in what the model raises: for the listener to fill in */
};

/* Is told of everything that happens, in order, with the model up to date. */
typedef void scene_listener(const struct scene *scene, void *data);

#endif
