/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which names DNS gave a client for an address. Records of several answers make one chain: a
 * resolver may give the CNAME first and the address when asked for the canonical name.
 */
#include "identity_rings.h"
#include "state.h"

#define OPEN_CHAIN_SECONDS 5 /* between an answer without an address and the next question */
#define CHAIN_NAMES_SHOWN 8  /* of a longer chain the first and the last ones */

/* ---- from an address back to names ---- */

/* The way to one address, among the records of an identity. */
struct way {
    const struct identity *identity;
    const struct trail *trail; /* NULL: there is no record at all */
};

static const struct name_record *on_way(const struct way *way, int at)
{
    return name_record_at(way->identity, way->trail->records[at]);
}

/* Of equal names there is one. */
static bool leads(const struct way *way, const struct name_record *record, int next)
{
    if (next < 0)
        return !record->target && address_equal(&record->address, &way->trail->address);
    return record->target && record->target == on_way(way, next)->owner;
}

static void extend_trail(const struct way *way, struct trail *trail, int next)
{
    for (unsigned i = 0; i < name_record_count(way->identity); i++) {
        if (trail->taken[i] || !leads(way, name_record_at(way->identity, i), next))
            continue;
        trail->taken[i] = true;
        trail->next[trail->count] = (int16_t)next;
        trail->records[trail->count++] = (uint8_t)i;
    }
}

static void make_trail(const struct identity *identity, const struct address *address,
                       struct trail *trail)
{
    const struct way way = {identity, trail};

    *trail = (struct trail){.address = *address, .name_count = identity->name_count};
    extend_trail(&way, trail, -1);
    for (unsigned i = 0; i < trail->count; i++)
        extend_trail(&way, trail, (int)i);
}

/* The trails are a memory of what the identity knows: they change nothing about it. */
static struct trails *trails_of(const struct identity *identity)
{
    struct identity *owner = (struct identity *)(uintptr_t)identity;

    if (!owner->trails)
        owner->trails = wmem_new0(identity->model->scope, struct trails);
    return owner->trails;
}

static struct way way_to(const struct identity *identity, const struct address *address)
{
    struct trails *trails;
    struct trail *trail;

    if (!identity || identity->name_count == 0)
        return (struct way){identity, NULL};
    trails = trails_of(identity);
    for (unsigned i = 0; i < TRAILS_KEPT; i++) {
        trail = &trails->kept[i];
        if (trail->name_count == identity->name_count && address_equal(&trail->address, address))
            return (struct way){identity, trail};
    }
    trail = &trails->kept[trails->count++ % TRAILS_KEPT];
    make_trail(identity, address, trail);
    return (struct way){identity, trail};
}

static unsigned chain_length(const struct way *way, int at)
{
    unsigned length = 0;

    for (; way->trail->next[at] >= 0; at = way->trail->next[at])
        length++;
    return length;
}

static char *chain_text(const struct way *way, int at)
{
    wmem_allocator_t *scope = way->identity->model->scope;
    wmem_strbuf_t *chain = wmem_strbuf_new(scope, on_way(way, at)->owner);
    char *address = address_text(&way->trail->address, NULL);
    const unsigned length = chain_length(way, at);
    const unsigned left_out = length > CHAIN_NAMES_SHOWN ? length - CHAIN_NAMES_SHOWN : 0;

    for (unsigned i = 0; way->trail->next[at] >= 0; at = way->trail->next[at], i++)
        if (i < CHAIN_NAMES_SHOWN / 2 || i >= left_out + CHAIN_NAMES_SHOWN / 2)
            wmem_strbuf_append_printf(chain, " -> %s", on_way(way, at)->target);
        else if (i == CHAIN_NAMES_SHOWN / 2)
            wmem_strbuf_append_printf(chain, " -> (%u more)", left_out);
    wmem_strbuf_append_printf(chain, " -> %s", address);
    wmem_free(NULL, address);
    return wmem_strbuf_finalize(chain);
}

static void describe(const struct way *way, int at, struct name_evidence *out)
{
    const struct name_record *record = on_way(way, at);
    struct trails *trails = trails_of(way->identity);

    /* A long chain told for each of many requests must not pile up. */
    wmem_free(way->identity->model->scope, (void *)(uintptr_t)trails->told);
    trails->told = chain_text(way, at);
    *out = (struct name_evidence){
        .chain = trails->told,
        .alias = record->target != NULL,
        .seen = {.frame = record->frame, .item = NO_ITEM, .time = record->time},
    };
}

#define FEW 16 /* records: to look through them is as cheap as to remember */

static struct unknown_name *unknown_place(const struct identity *identity, uint32_t hash)
{
    struct trails *trails = trails_of(identity);

    if (!trails->unknown)
        trails->unknown =
            wmem_alloc0_array(identity->model->scope, struct unknown_name, UNKNOWN_KEPT);
    return &trails->unknown[hash % UNKNOWN_KEPT];
}

/* Whether some record's owner has that hash; true where it is not worth knowing. */
static bool may_know(const struct identity *identity, uint32_t hash)
{
    struct unknown_name *place;

    if (name_record_count(identity) <= FEW)
        return true;
    place = unknown_place(identity, hash);
    if (place->hash == hash && place->name_count == identity->name_count)
        return false;
    for (unsigned i = 0; i < name_record_count(identity); i++)
        if (name_record_at(identity, i)->owner_hash == hash)
            return true;
    *place = (struct unknown_name){hash, identity->name_count};
    return false;
}

/* An answer that has the address itself tells more than one that only leads on. */
static bool tells_more(const struct name_record *a, const struct name_record *b)
{
    return a->open == b->open ? a->frame > b->frame : b->open;
}

/* The record of the way that tells most about that name; -1 = none. */
static int find_name(const struct way *way, const char *name,
                     bool (*match)(const char *, const char *))
{
    const uint32_t hash = host_name_hash(name);
    int found = -1;

    if (!way->trail || !may_know(way->identity, hash))
        return found;
    for (int i = 0; i < (int)way->trail->count; i++) {
        const struct name_record *record = on_way(way, i);

        if (record->owner_hash == hash && match(record->owner, name) &&
            (found < 0 || tells_more(record, on_way(way, found))))
            found = i;
    }
    return found;
}

static bool names_equal(const char *a, const char *b)
{
    return g_ascii_strcasecmp(a, b) == 0;
}

static int newest_address(const struct way *way)
{
    return way->trail && way->trail->count > 0 && way->trail->next[0] < 0 ? 0 : -1;
}

/* The CNAME of an answer without an address that made the client ask for this record's name. */
static int find_open_alias(const struct way *way, int at)
{
    const int64_t seen = on_way(way, at)->time;

    for (int i = 0; i < (int)way->trail->count; i++) {
        const struct name_record *record = on_way(way, i);

        if (record->open && way->trail->next[i] == at && record->time <= seen &&
            seen - record->time <= OPEN_CHAIN_SECONDS * NANOSECONDS_PER_SECOND)
            return i;
    }
    return -1;
}

bool identity_names(const struct identity *identity, const struct address *server,
                    struct name_evidence *out)
{
    const struct way way = way_to(identity, server);
    const int address = newest_address(&way);
    int asked;

    if (address < 0)
        return false;
    if (!out)
        return true;
    asked = find_name(&way, on_way(&way, address)->question, names_equal);
    if (asked < 0)
        asked = address;
    for (int alias = asked; alias >= 0; alias = find_open_alias(&way, alias))
        asked = alias;
    describe(&way, asked, out);
    return true;
}

bool identity_name_leads_to(const struct identity *identity, const char *host,
                            const struct address *server, struct name_evidence *out)
{
    const struct way way = way_to(identity, server);
    const int found = find_name(&way, host, host_names_match);

    if (found < 0)
        return false;
    if (out)
        describe(&way, found, out);
    return true;
}

static bool passes(const struct way *way, int at, const char *name)
{
    for (; at >= 0; at = way->trail->next[at])
        if (host_names_match(on_way(way, at)->owner, name))
            return true;
    return false;
}

bool identity_names_are_linked(const struct identity *identity, const char *a, const char *b,
                               const struct address *server)
{
    const struct way way = way_to(identity, server);
    const uint32_t hash_a = host_name_hash(a), hash_b = host_name_hash(b);

    for (int i = 0; way.trail && i < (int)way.trail->count; i++) {
        const struct name_record *record = on_way(&way, i);

        if ((record->owner_hash == hash_a && host_names_match(record->owner, a) &&
             passes(&way, i, b)) ||
            (record->owner_hash == hash_b && host_names_match(record->owner, b) &&
             passes(&way, i, a)))
            return true;
    }
    return false;
}

/* ---- from a name to its addresses ---- */

static bool has_address_of(const struct identity *identity, const char *owner,
                           const struct address *address)
{
    for (unsigned i = 0; i < name_record_count(identity); i++) {
        const struct name_record *record = name_record_at(identity, i);

        if (!record->target && record->owner == owner && address_equal(&record->address, address))
            return true;
    }
    return false;
}

bool identity_has_name_of_both(const struct identity *identity, const struct address *a,
                               const struct address *b)
{
    for (unsigned i = 0; i < name_record_count(identity); i++) {
        const struct name_record *record = name_record_at(identity, i);

        if (!record->target && address_equal(&record->address, a) &&
            has_address_of(identity, record->owner, b))
            return true;
    }
    return false;
}

const struct address *identity_other_address(const struct identity *identity, const char *host,
                                             const struct address *server, struct sighting *seen)
{
    for (unsigned i = 0; i < name_record_count(identity); i++) {
        const struct name_record *record = name_record_at(identity, i);

        if (record->target || record->address.length != server->length ||
            !names_equal(record->owner, host) || address_equal(&record->address, server))
            continue;
        *seen = (struct sighting){record->frame, NO_ITEM, record->time};
        return &record->address;
    }
    return NULL;
}

bool identity_knows_name(const struct identity *identity, const char *host)
{
    const uint32_t hash = host_name_hash(host);

    if (!may_know(identity, hash))
        return false;
    for (unsigned i = 0; i < name_record_count(identity); i++) {
        const struct name_record *record = name_record_at(identity, i);

        if (record->owner_hash == hash && host_names_match(record->owner, host))
            return true;
    }
    return false;
}
