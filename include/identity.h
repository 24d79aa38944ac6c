/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a client did beside SMB2: Kerberos with a KDC, and name resolution. Both are kept per client
 * address in short rings (the oldest falls out), and joined to a connection by address, name and
 * time. What is asked about an identity may be asked about NULL: it knows nothing.
 */
#ifndef SMB2DIAG_IDENTITY_H
#define SMB2DIAG_IDENTITY_H

#include "connection.h"

#define KERBEROS_RING 64 /* KDC exchanges kept per client */
#define NAME_RING 128    /* DNS records kept per client */

enum kerberos_type { /* RFC 4120 5.10 */
    KERBEROS_AS_REQ = 10,
    KERBEROS_AS_REP = 11,
    KERBEROS_TGS_REQ = 12,
    KERBEROS_TGS_REP = 13,
    KERBEROS_ERROR = 30,
};

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

    struct kerberos_message reply;   /* type 0 = none */
    struct sighting replied;
    bool reply_unread;               /* the KDC sent something that could not be read */
    struct sighting ended;           /* TCP: FIN or reset while the request was unanswered */
    bool ended_by_kdc;               /* else the client gave up */

    bool used;                       /* a finding was already built on it */
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

/* ---- feeding; what is kept of the messages is copied ---- */

struct identity *identity_new(wmem_allocator_t *scope);
void identity_on_kerberos(struct identity *identity, const struct frame *frame,
                          const struct kerberos_message *message);
/* After the Kerberos message that the frame may carry. */
void identity_on_kdc_segment(struct identity *identity, const struct frame *frame,
                             const struct tcp_segment *segment);
void identity_on_dns(struct identity *identity, const struct frame *frame,
                     const struct dns_response *response);

/* The client's dealings with KDCs and names; NULL = none. */
struct identity *model_identity(const struct model *model, const struct address *client);

/* ---- KDCs ---- */

/* Kept KDC exchanges from newest (0) to oldest; NULL past the last. */
struct kdc_exchange *identity_kdc_exchange(const struct identity *identity, unsigned index);

/* Any Kerberos traffic of that client was seen at all. */
bool identity_seen_kerberos(const struct identity *identity);
/* Anything was seen that a KDC sent to that client. Without it a silent KDC may be a capture that
 * shows one direction only. */
bool identity_heard_kdc(const struct identity *identity);

/* Whether a service name is one of the connection's server (cifs or host, by the names used for
 * it, by DNS, by its address, by the name that it gives itself). */
enum service_match {
    SERVICE_OTHER,   /* another service class, or another host for all that is known */
    SERVICE_UNCLEAR, /* cifs or host, but nothing tells the server's name */
    SERVICE_MATCHES,
};
enum service_match identity_service_match(const struct identity *identity,
                                          const struct connection *connection,
                                          const char *service);

/* The KDC exchange that explains what the connection's client did at that time: an error other than
 * 25 and 91 (52 only if TCP was not tried within two seconds), a KDC that refused, could not be
 * reached or stayed silent. It happened from `since` to `until`; it is a TGS exchange for cifs or
 * host of the connection's server or for a ticket to another realm, or it is an AS exchange or a
 * handshake with a KDC, which time alone joins. Passed over: what a later success of the same kind,
 * service and client overcame, what was `used`, AS exchanges of another user than the session's, and
 * whatever time alone would join where the server is named by its address. The one that names the
 * server goes before the others, the newest before the older. NULL = none. */
struct kdc_exchange *identity_failure(const struct identity *identity,
                                      const struct connection *connection, int64_t since,
                                      int64_t until);

/* The newest request for a service ticket for the connection's server; where nothing tells the
 * server's name, for any cifs or host. Its outcome says whether there is a ticket. NULL = none. */
struct kdc_exchange *identity_ticket_request(const struct identity *identity,
                                             const struct connection *connection);

/* ---- names ---- */

/* The names that DNS showed for an address: the name asked for and, through CNAMEs, its canonical
 * name. chain: "alias.lab.example -> files.lab.example -> 192.0.2.30"; seen: the DNS answer. The
 * strings last until the identity is asked for names again. */
struct name_evidence {
    const char *asked, *canonical, *chain;
    bool alias; /* at least one CNAME */
    struct sighting seen;
};
/* The newest answer that led to that address; out: may be NULL. */
bool identity_names(const struct identity *identity, const struct address *server,
                    struct name_evidence *out);
/* The newest answer that led from that name (asked or canonical); host: with or without domain;
 * out: may be NULL. */
bool identity_name_leads_to(const struct identity *identity, const char *host,
                            const struct address *server, struct name_evidence *out);
/* DNS answered for that name at all. */
bool identity_knows_name(const struct identity *identity, const char *host);

#endif
