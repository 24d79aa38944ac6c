/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which names DNS gave a client for an address. Records of several answers make one chain: a
 * resolver may give the CNAME first and the address when asked for the canonical name.
 */
#include "identity_rings.h"
#include "state.h"

#define OPEN_CHAIN_SECONDS 5 /* between an answer without an address and the next question */

/* ---- the ring ---- */

static unsigned record_count(const struct identity *identity)
{
    return identity ? MIN(identity->name_count, NAME_RING) : 0;
}

/* From newest (0) to oldest. */
static const struct name_record *record_at(const struct identity *identity, unsigned index)
{
    return identity->names[(identity->name_count - 1 - index) % NAME_RING];
}

/* Most clients of a large capture have no DNS in it. */
static void make_room(struct identity *identity)
{
    if (identity->names)
        return;
    identity->names = wmem_alloc0_array(identity->scope, struct name_record *, NAME_RING);
    identity->trail = wmem_new0(identity->scope, struct trail);
}

static struct name_record *record_new(struct identity *identity)
{
    struct name_record **record;

    make_room(identity);
    record = &identity->names[identity->name_count++ % NAME_RING];
    if (!*record)
        *record = wmem_new0(identity->scope, struct name_record);
    wmem_free(identity->scope, (*record)->owner);
    wmem_free(identity->scope, (*record)->target);
    wmem_free(identity->scope, (*record)->question);
    **record = (struct name_record){0};
    return *record;
}

static bool has_address(const struct dns_response *response)
{
    for (unsigned i = 0; i < response->count; i++)
        if (response->answers[i].kind != DNS_CNAME)
            return true;
    return false;
}

static void keep_answer(struct identity *identity, const struct dns_response *response,
                        const struct dns_answer *answer, const struct sighting *seen)
{
    struct name_record *record = record_new(identity);

    record->owner = wmem_strdup(identity->scope, answer->owner);
    record->question =
        wmem_strdup(identity->scope, response->question ? response->question : answer->owner);
    record->open = !has_address(response);
    record->seen = *seen;
    if (answer->kind == DNS_CNAME) {
        record->target = wmem_strdup(identity->scope, answer->target);
        return;
    }
    record->address.length = answer->kind == DNS_A ? 4 : 16;
    memcpy(record->address.bytes, answer->address, record->address.length);
}

void model_on_dns(struct model *model, const struct frame *frame,
                  const struct dns_response *response)
{
    const struct sighting seen = frame_sighting(frame, NO_ITEM);
    struct identity *identity;

    if (response->count == 0)
        return;
    identity = model_identity_make(model, &frame->destination.address);
    for (unsigned i = 0; i < response->count; i++)
        keep_answer(identity, response, &response->answers[i], &seen);
}

/* ---- from an address back to names ---- */

static bool names_equal(const char *a, const char *b)
{
    return g_ascii_strcasecmp(a, b) == 0;
}

static const struct name_record *on_trail(const struct identity *identity, int at)
{
    return record_at(identity, identity->trail->records[at]);
}

static bool leads(const struct identity *identity, const struct name_record *record, int next)
{
    if (next < 0)
        return !record->target && address_equal(&record->address, &identity->trail->address);
    return record->target && names_equal(record->target, on_trail(identity, next)->owner);
}

static void extend_trail(const struct identity *identity, int next)
{
    struct trail *trail = identity->trail;

    for (unsigned i = 0; i < record_count(identity); i++) {
        if (trail->taken[i] || !leads(identity, record_at(identity, i), next))
            continue;
        trail->taken[i] = true;
        trail->next[trail->count] = (int16_t)next;
        trail->records[trail->count++] = (uint8_t)i;
    }
}

/* NULL: no record at all. */
static const struct trail *trail_to(const struct identity *identity, const struct address *address)
{
    struct trail *trail = identity ? identity->trail : NULL;

    if (!trail || identity->name_count == 0)
        return NULL;
    if (trail->name_count == identity->name_count && address_equal(&trail->address, address))
        return trail;
    *trail = (struct trail){
        .address = *address, .name_count = identity->name_count, .told = trail->told};
    extend_trail(identity, -1);
    for (unsigned i = 0; i < trail->count; i++)
        extend_trail(identity, (int)i);
    return trail;
}

static char *chain_text(const struct identity *identity, int at)
{
    wmem_strbuf_t *chain = wmem_strbuf_new(identity->scope, on_trail(identity, at)->owner);
    char *address = address_text(&identity->trail->address, NULL);

    for (; identity->trail->next[at] >= 0; at = identity->trail->next[at])
        wmem_strbuf_append_printf(chain, " -> %s", on_trail(identity, at)->target);
    wmem_strbuf_append_printf(chain, " -> %s", address);
    wmem_free(NULL, address);
    return wmem_strbuf_finalize(chain);
}

/* A long chain told for each of many requests must not pile up. */
static void give_back(const struct identity *identity, struct name_evidence *told)
{
    wmem_free(identity->scope, (void *)(uintptr_t)told->chain);
}

static void describe(const struct identity *identity, int at, struct name_evidence *out)
{
    const struct name_record *record = on_trail(identity, at);

    give_back(identity, &identity->trail->told);
    *out = (struct name_evidence){
        .chain = chain_text(identity, at),
        .alias = record->target != NULL,
        .seen = record->seen,
    };
    identity->trail->told = *out;
}

/* An answer that has the address itself tells more than one that only leads on. */
static bool tells_more(const struct name_record *a, const struct name_record *b)
{
    return a->open == b->open ? a->seen.frame > b->seen.frame : b->open;
}

/* The record of the trail that tells most about that name; -1 = none. */
static int find_name(const struct identity *identity, const char *name,
                     bool (*match)(const char *, const char *))
{
    int found = -1;

    for (int i = 0; i < (int)identity->trail->count; i++)
        if (match(on_trail(identity, i)->owner, name) &&
            (found < 0 || tells_more(on_trail(identity, i), on_trail(identity, found))))
            found = i;
    return found;
}

static int newest_address(const struct trail *trail)
{
    return trail->count > 0 && trail->next[0] < 0 ? 0 : -1;
}

/* The CNAME of an answer without an address that made the client ask for this record's name. */
static int find_open_alias(const struct identity *identity, int at)
{
    const struct sighting *seen = &on_trail(identity, at)->seen;

    for (int i = 0; i < (int)identity->trail->count; i++) {
        const struct name_record *record = on_trail(identity, i);

        if (record->open && identity->trail->next[i] == at && record->seen.time <= seen->time &&
            seen->time - record->seen.time <= OPEN_CHAIN_SECONDS * NANOSECONDS_PER_SECOND)
            return i;
    }
    return -1;
}

bool identity_names(const struct identity *identity, const struct address *server,
                    struct name_evidence *out)
{
    const struct trail *trail = trail_to(identity, server);
    const int address = trail ? newest_address(trail) : -1;
    int asked;

    if (address < 0)
        return false;
    asked = find_name(identity, on_trail(identity, address)->question, names_equal);
    if (asked < 0)
        asked = address;
    for (int alias = asked; alias >= 0; alias = find_open_alias(identity, alias))
        asked = alias;
    if (out)
        describe(identity, asked, out);
    return true;
}

bool identity_name_leads_to(const struct identity *identity, const char *host,
                            const struct address *server, struct name_evidence *out)
{
    const int found = trail_to(identity, server) ? find_name(identity, host, host_names_match) : -1;

    if (found < 0)
        return false;
    if (out)
        describe(identity, found, out);
    return true;
}

static bool passes(const struct identity *identity, int at, const char *name)
{
    for (; at >= 0; at = identity->trail->next[at])
        if (host_names_match(on_trail(identity, at)->owner, name))
            return true;
    return false;
}

bool identity_names_are_linked(const struct identity *identity, const char *a, const char *b,
                               const struct address *server)
{
    const struct trail *trail = trail_to(identity, server);

    for (int i = 0; trail && i < (int)trail->count; i++) {
        const char *owner = on_trail(identity, i)->owner;

        if ((host_names_match(owner, a) && passes(identity, i, b)) ||
            (host_names_match(owner, b) && passes(identity, i, a)))
            return true;
    }
    return false;
}

static bool has_address_of(const struct identity *identity, const char *owner,
                           const struct address *address)
{
    for (unsigned i = 0; i < record_count(identity); i++) {
        const struct name_record *record = record_at(identity, i);

        if (!record->target && address_equal(&record->address, address) &&
            names_equal(record->owner, owner))
            return true;
    }
    return false;
}

bool identity_has_name_of_both(const struct identity *identity, const struct address *a,
                               const struct address *b)
{
    for (unsigned i = 0; i < record_count(identity); i++) {
        const struct name_record *record = record_at(identity, i);

        if (!record->target && address_equal(&record->address, a) &&
            has_address_of(identity, record->owner, b))
            return true;
    }
    return false;
}

const struct address *identity_other_address(const struct identity *identity, const char *host,
                                             const struct address *server, struct sighting *seen)
{
    for (unsigned i = 0; i < record_count(identity); i++) {
        const struct name_record *record = record_at(identity, i);

        if (record->target || !names_equal(record->owner, host) ||
            record->address.length != server->length || address_equal(&record->address, server))
            continue;
        *seen = record->seen;
        return &record->address;
    }
    return NULL;
}

bool identity_knows_name(const struct identity *identity, const char *host)
{
    for (unsigned i = 0; i < record_count(identity); i++)
        if (host_names_match(record_at(identity, i)->owner, host))
            return true;
    return false;
}
