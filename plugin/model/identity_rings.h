/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rings of one client address, and what those who fill and read them share.
 */
#ifndef SMB2DIAG_IDENTITY_RINGS_H
#define SMB2DIAG_IDENTITY_RINGS_H

#include "model.h"

#define MESSAGE_TEXTS 5 /* strings of a kerberos_message */

struct kdc_slot {
    struct kdc_exchange exchange;
    char *texts[2 * MESSAGE_TEXTS]; /* what the strings of request and reply point to */
    unsigned text_count;
};

/* Texts are names_keep()'s: of equal ones there is one. */
struct name_record {
    const char *owner;
    const char *target;   /* CNAME; NULL: address record */
    const char *question; /* of the answer that it came in */
    int64_t time;         /* of that answer */
    uint32_t frame;
    uint32_t owner_hash; /* host_name_hash() */
    struct address address;
    bool open; /* that answer had no address */
};

/* Records that lead to one address, those next to it first, the newer of equals first. */
struct trail {
    struct address address;
    unsigned name_count;        /* the identity's when the trail was made; 0: not made yet */
    uint8_t records[NAME_RING]; /* by index in the ring, 0 = newest */
    int16_t next[NAME_RING]; /* where the record's target is in the trail; -1: it has the address */
    unsigned count;
    bool taken[NAME_RING]; /* by index in the ring */
};

#define TRAILS_KEPT 4

/* No record has a name with that hash. */
struct unknown_name {
    uint32_t hash;
    unsigned name_count; /* the identity's when that was found out; 0: nothing is kept here */
};

#define UNKNOWN_KEPT 256

/* Rules ask for the same servers and names again and again. */
struct trails {
    struct trail kept[TRAILS_KEPT];
    unsigned count;               /* made so far */
    const char *told;             /* the last chain, which is given back with the next one */
    struct unknown_name *unknown; /* UNKNOWN_KEPT, by hash; NULL: none yet */
};

struct kdc_dealings {
    struct mac_address mac; /* of the frames that it sent to KDCs */
    bool mac_varies;        /* captured in more than one place: tells nothing */
    bool is_recent;         /* in model->recent_clients */
    struct kdc_slot **ring; /* KERBEROS_RING of them, made at need; NULL = none yet */
    unsigned count;         /* so far */
    int64_t last_sent;      /* when it last sent something to a KDC */
};

/* Of most clients of a large capture there is one DNS answer and no more: it grows with what it
 * holds. */
struct identity {
    struct address address; /* the first member: identities are looked up by it */
    uint16_t name_room;
    unsigned name_count;       /* so far */
    struct name_record *names; /* a ring of name_room, at most NAME_RING; NULL = none yet */
    struct model *model;
    struct trails *trails;     /* NULL: nobody asked yet */
    struct kdc_dealings *kdcs; /* NULL = none yet */
};

/* Never NULL. */
static inline const struct kdc_dealings *identity_dealings(const struct identity *identity)
{
    static const struct kdc_dealings none;

    return identity && identity->kdcs ? identity->kdcs : &none;
}
struct kdc_dealings *identity_dealings_make(struct identity *identity);

/* ---- name_records.c ---- */

static inline unsigned name_record_count(const struct identity *identity)
{
    return identity ? MIN(identity->name_count, NAME_RING) : 0;
}

/* From newest (0) to oldest. */
static inline const struct name_record *name_record_at(const struct identity *identity,
                                                       unsigned index)
{
    return &identity->names[(identity->name_count - 1 - index) % NAME_RING];
}

/* ---- kdc_exchange.c, kdc_services.c ---- */

/* cifs/files is of class cifs. service: may be NULL. */
bool service_has_class(const char *service, const char *service_class);
/* For one server and purpose. */
bool kdc_same_service(const struct kdc_exchange *a, const struct kdc_exchange *b);

/* ---- names.c ---- */

/* DNS gave both addresses for one name. */
bool identity_has_name_of_both(const struct identity *identity, const struct address *a,
                               const struct address *b);
/* On the way from one of the names to that address stands the other. */
bool identity_names_are_linked(const struct identity *identity, const char *a, const char *b,
                               const struct address *server);

/* ---- clients.c ---- */

#define CLIENT_ADDRESSES 8
#define CONNECTIONS_LOOKED_AT 256

struct client_address {
    const struct identity *identity;
    enum host_tie tie;
};

/* What is known of a connection's client, by each of its addresses; its own first. None where
 * nobody dealt with a KDC: that is what it is asked for. */
struct client {
    struct client_address addresses[CLIENT_ADDRESSES];
    unsigned count;
    unsigned by_time; /* how many came into question by time alone */
};
struct client client_of(const struct connection *connection, int64_t until);
/* identity_service_match() by what is known from the at-th address and from the connection's. */
enum service_match client_service_match(const struct client *client, unsigned at,
                                        const struct connection *connection, const char *service);

#endif
