/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room model, second part: what the capture has shown of clients beside SMB2. Part of model.h,
 * which says what holds for both.
 */
#ifndef SMB2DIAG_MODEL_CLIENTS_H
#define SMB2DIAG_MODEL_CLIENTS_H

/* ---- beside SMB2: Kerberos with a KDC, and name resolution ----
 *
 * Both are kept for each client address in short rings (the oldest falls out), and joined to a
 * connection by address, name and time. A host has more than one address: what one of the other IP
 * family did is joined where the frames came from one network card, where DNS gave both addresses
 * for one name, or, at the least, where nobody else was there at that time. What is asked about an
 * identity may be asked about NULL: it knows nothing. */

#define KERBEROS_RING 64 /* KDC exchanges kept per client */
#define NAME_RING 128    /* DNS records kept per client */

/* One question to a KDC, on one pair of ports, and what came of it. The same question asked again
 * from another port or of another KDC is an exchange of its own that counts on. */
struct kdc_exchange {
    struct endpoint client, kdc;
    bool tcp;

    /* The TCP handshake; a reset that answers the SYN. */
    struct sighting syn, last_syn, syn_refused, syn_accepted;
    unsigned syn_count;

    struct kerberos_message request; /* type 0: only the handshake or the reply was seen */
    struct sighting requested;       /* the first time, on these ports or others */
    struct sighting last_requested;  /* the last time, on these ports */
    unsigned request_copies;         /* times that the question was asked, 1 = once */
    uint32_t request_end;            /* TCP: sequence number after the request */
    struct sighting acknowledged;    /* TCP: an ACK of the KDC covers the request */

    struct kerberos_message reply; /* type 0 = none */
    struct sighting replied;
    bool reply_unread;     /* the KDC sent something that could not be read */
    struct sighting ended; /* TCP: FIN or reset while the request was unanswered */

    const struct connection *used_by; /* a finding about it was built on this; NULL = none yet */
};

enum kdc_outcome {
    KDC_OPEN,          /* nothing is known to have come of it, and that means little */
    KDC_GRANTED,       /* AS-REP or TGS-REP */
    KDC_REFERRED,      /* TGS-REP, but the ticket is for another realm's KDC (RFC 6806 8) */
    KDC_ROUTINE_ERROR, /* 25 and 91: every logon with pre-authentication has them */
    KDC_TOO_BIG,       /* 52: the client has to ask again over TCP */
    KDC_ERROR,         /* any other KRB-ERROR: reply.error_code */
    KDC_REFUSED,       /* a reset answered the SYN */
    KDC_UNREACHABLE,   /* SYN repeated or waited on in vain */
    KDC_SILENT,        /* request repeated or waited on in vain, or the connection ended first */
};

/* What came of it by the time `until`. */
enum kdc_outcome kdc_exchange_outcome(const struct kdc_exchange *exchange, int64_t until);

/* KERBEROS_AS_REQ or KERBEROS_TGS_REQ, told from the reply where the request was not seen; 0 =
 * unknown. */
int kdc_exchange_kind(const struct kdc_exchange *exchange);
/* As the request says, else the reply: "cifs/files.lab.example", "alice"; NULL = unknown. */
const char *kdc_exchange_service(const struct kdc_exchange *exchange);
const char *kdc_exchange_client(const struct kdc_exchange *exchange);
/* It was asked after pre-authentication: a TGS exchange, or an AS-REQ that proved who asks. */
bool kdc_exchange_preauthenticated(const struct kdc_exchange *exchange);

struct identity; /* of one client address */

/* The client's dealings with KDCs and names; NULL = none. */
struct identity *model_identity(const struct model *model, const struct address *client);

/* ---- KDCs ---- */

/* Kept KDC exchanges from newest (0) to oldest; NULL past the last. */
struct kdc_exchange *identity_kdc_exchange(const struct identity *identity, unsigned index);

/* Whether a service name is one of the connection's server (cifs or host, by the names used for
 * it, by DNS, by its address, by the name that it gives itself). */
enum service_match {
    SERVICE_OTHER,   /* another service class, or another host for all that is known */
    SERVICE_UNCLEAR, /* cifs or host, but nothing tells the server's name */
    SERVICE_MATCHES,
};
enum service_match identity_service_match(const struct identity *identity,
                                          const struct connection *connection, const char *service);

/* By what the address that dealt with the KDC is known for the connection's client, the weakest
 * first. */
enum host_tie {
    HOST_OTHER,      /* it is not */
    HOST_BY_TIME,    /* nobody else asked a KDC meanwhile, and nobody else used SMB */
    HOST_BY_NAME,    /* DNS gave both addresses for one name */
    HOST_BY_MAC,     /* both sent from one network card */
    HOST_BY_ADDRESS, /* it is the same address */
};

/* By what the exchange is known for one of the connection's, the weakest first. */
enum deed_tie {
    DEED_OTHER,        /* it is not */
    DEED_BY_HANDSHAKE, /* time; it was not even said what for */
    DEED_BY_TIME,
    DEED_BY_USER, /* and the session is the same user's */
    DEED_BY_NAME, /* the ticket is for the connection's server */
};

struct kdc_failure {
    struct kdc_exchange *exchange; /* NULL = none */
    enum host_tie host;
    enum deed_tie deed;
    bool crowded; /* joined by time, but the client was busy with other servers, too */
};

/* The KDC exchange that explains what the connection's client did at that time: an error other than
 * 25 and 91 (52 only if TCP was not tried within two seconds), a KDC that refused, could not be
 * reached or stayed silent. It happened from `since` to `until`; it is a TGS exchange for cifs or
 * host of the connection's server or for a ticket to another realm, or it is an AS exchange or a
 * handshake with a KDC, which time alone joins. Passed over: what a later success of the same kind,
 * service and client overcame, what was used by a finding on another connection (unless it names
 * this server), exchanges of another user than the session's, and whatever time alone would join
 * where the server is named by its address. The one that names the server goes before the others,
 * the nearer address before the others, the newest before the older. */
struct kdc_failure connection_kdc_failure(const struct connection *connection, int64_t since,
                                          int64_t until);

/* The newest request that the client made by that time for a service ticket for the connection's
 * server; where nothing tells the server's name, for any cifs or host. Its outcome says whether
 * there is a ticket. NULL = none. */
struct kdc_exchange *connection_ticket_request(const struct connection *connection, int64_t until);
/* Any Kerberos traffic of the client was seen by that time. */
bool connection_seen_kerberos(const struct connection *connection, int64_t until);
/* Users of more than one name asked KDCs from the client's addresses. Machine accounts do not
 * count. */
bool connection_has_many_users(const struct connection *connection, int64_t until);

/* ---- names ---- */

/* The names that DNS showed for an address, from the one asked for through CNAMEs to the address.
 */
struct name_evidence {
    const char *chain;    /* "alias.lab.example -> files.lab.example -> 192.0.2.30"; lasts until the
                           * identity is asked for names again */
    bool alias;           /* at least one CNAME */
    struct sighting seen; /* the DNS answer */
};
/* The newest answer that led to that address; out: may be NULL. */
bool identity_names(const struct identity *identity, const struct address *server,
                    struct name_evidence *out);
/* The newest answer that led from that name (asked or canonical); host: with or without domain;
 * out: may be NULL. */
bool identity_name_leads_to(const struct identity *identity, const char *host,
                            const struct address *server, struct name_evidence *out);
/* The newest other address of that kind that DNS gave for the name; NULL = none. */
const struct address *identity_other_address(const struct identity *identity, const char *host,
                                             const struct address *server, struct sighting *seen);
/* DNS answered for that name at all. */
bool identity_knows_name(const struct identity *identity, const char *host);

#endif
