/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a client did beside SMB2: Kerberos with a KDC, and name resolution. Both are kept per client address in
 * short rings (the oldest falls out), and joined to a connection by address, name and time.
 */
#ifndef SMB2DIAG_IDENTITY_H
#define SMB2DIAG_IDENTITY_H

#include "connection.h"

#define KERBEROS_RING 64
#define NAME_RING 64

/* One question to a KDC and what came of it. */
struct kdc_exchange {
    struct endpoint client, kdc;
    bool tcp;
    struct sighting syn, syn_refused, syn_accepted; /* TCP handshake; a reset that answers the SYN */
    unsigned syn_count;
    struct kerberos_message request; /* type 0: only the handshake was seen, or the reply without its request */
    struct sighting requested;
    unsigned request_copies;         /* times that the same request was sent */
    uint32_t request_end;            /* TCP: sequence number after the request */
    struct sighting acknowledged;    /* TCP: an ACK of the KDC covers the request */
    struct kerberos_message reply;   /* type 0 = none */
    struct sighting replied;
    bool used;                       /* a finding was already built on it */
};

struct identity; /* of one client address */

struct identity *identity_new(wmem_allocator_t *scope);
void identity_on_kerberos(struct identity *identity, const struct frame *frame,
                          const struct kerberos_message *message);
void identity_on_kdc_segment(struct identity *identity, const struct frame *frame,
                             const struct tcp_segment *segment);
void identity_on_dns(struct identity *identity, const struct frame *frame,
                     const struct dns_response *response);

/* The client's dealings with KDCs and names; NULL = none. */
struct identity *model_identity(const struct model *model, const struct address *client);

/* Kept KDC exchanges from newest (0) to oldest; NULL past the last. */
struct kdc_exchange *identity_kdc_exchange(const struct identity *identity, unsigned index);

/* The names that DNS showed for an address: the name asked for and, through CNAMEs, its canonical name.
 * chain: "alias.lab.example -> files.lab.example -> 192.0.2.30"; seen: the DNS answer. */
struct name_evidence {
    const char *asked, *canonical, *chain;
    bool alias; /* at least one CNAME */
    struct sighting seen;
};
/* The newest answer that led to that address. */
bool identity_names(const struct identity *identity, const struct address *server,
                    struct name_evidence *out);
/* The newest answer that led from that name (asked or canonical); host: with or without domain. */
bool identity_name_leads_to(const struct identity *identity, const char *host,
                            const struct address *server, struct name_evidence *out);

/* The KDC exchange that explains what the connection's client did at that time: it failed (KRB-ERROR other than
 * 25, 52, 91), was refused or was never answered; it came after `since` and no later than `until`; its service is
 * cifs or host of the connection's server, or it is an AS exchange (krbtgt). A failure that a later success of the same
 * question overcame is passed over. NULL = none. */
struct kdc_exchange *identity_failure(const struct identity *identity,
                                      const struct connection *connection, int64_t since,
                                      int64_t until);

/* A service ticket for the connection's server was asked for (TGS-REQ for cifs or host) at any time. */
bool identity_asked_for_ticket(const struct identity *identity, const struct connection *connection);
/* Any Kerberos traffic of that client was seen at all. */
bool identity_seen_kerberos(const struct identity *identity);

#endif
