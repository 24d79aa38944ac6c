/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room model, third part: what other logons tell of one: those to the same server, by its
 * address, and those of the same client to it. Part of model.h, which says what holds for both.
 */
#ifndef SMB2DIAG_MODEL_LOGONS_H
#define SMB2DIAG_MODEL_LOGONS_H

/* ---- a server ---- */

#define TICKETS_KEPT 16 /* per server, one for each service name */

/* A ticket that the server took: it has the key. */
struct taken_ticket {
    const struct kerberos_message *ticket;
    struct sighting taken; /* the final response */
};

struct server {
    const struct ntlm_token *names; /* the last challenge: what it calls itself; NULL = not seen */
    struct sighting named;
    struct taken_ticket tickets[TICKETS_KEPT];
    unsigned ticket_count;      /* so far: the oldest falls out */
    struct sighting user_taken; /* the last logon of a domain's user that succeeded */
    struct sighting ntlmv1_taken;
    const struct exchange *own_refused; /* a logon of its own by NTLM; NULL = none, or overcome */
    unsigned own_refusals;              /* in a row */
};

/* NULL = nothing is known of it. */
const struct server *connection_server(const struct connection *connection);

/* The ticket taken last for the same service name, or (other_service) for any other; NULL = none.
 * server: may be NULL. */
const struct taken_ticket *server_ticket(const struct server *server,
                                         const struct kerberos_message *ticket, bool other_service);

/* The last logon of a computer's account from the server's own address: it was refused, by the KDC
 * or where it went by NTLM. */
struct own_refusal {
    const char *account; /* "FILES$" */
    struct sighting seen;
    const struct kdc_exchange *kdc;       /* NULL: */
    const struct exchange *refused_logon; /* to another server, the domain controller mostly */
    unsigned times;                       /* in a row */
};

/* From `since` to `until`, with nothing that overcame it. false: none. */
bool connection_own_refusal(const struct connection *connection, int64_t since, int64_t until,
                            struct own_refusal *out);

/* ---- a client's refused passwords ---- */

#define REFUSED_USERS 16 /* kept of one client at one server */
#define REFUSALS_FORGOTTEN                                                                         \
    (30 * 60 * NANOSECONDS_PER_SECOND) /* after that time without another                          \
                                        */

/* What a server refused one user of one client since it last let him in. */
struct refused_user {
    const struct session *session; /* the last one */
    unsigned refusals;
    unsigned attempts; /* of those, a second or more apart: a program tries several times at once */
    struct sighting first, last, last_attempt; /* responses */
    struct sighting locked; /* the first one that says that the account is locked; frame 0: none */
    unsigned locked_after;  /* refusals before that */
    unsigned series;        /* of refused_client */
};

struct refused_client {
    struct refused_user *users[REFUSED_USERS]; /* NULL: free */
    unsigned user_count;                       /* so far: the oldest falls out */
    unsigned series;    /* 1, 2, 3 ...: a new one after anybody got in, or after a long time */
    unsigned in_series; /* users refused in it */
    bool is_new;        /* the last refusal brought a user to it */
    struct sighting first, last; /* of the series */
};

/* The server's refusals of the connection's client; NULL = none. */
const struct refused_client *connection_refusals(const struct connection *connection);
/* Those of the session's user; NULL = none. */
const struct refused_user *session_refusals(const struct session *session);
/* A status that says that user or password are wrong, or the account locked for it. */
bool is_password_refusal(const struct exchange *exchange);

#endif
