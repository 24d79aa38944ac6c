/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which names DNS gave a client for an address. Records of several answers make one chain: a
 * resolver may give the CNAME first and the address when asked for the canonical name.
 */
#include "identity_rings.h"

#define OPEN_CHAIN_SECONDS 5 /* between an answer without an address and the next question */

/* ---- the ring ---- */

static const struct name_record *record_at(const struct identity *identity, unsigned index)
{
    if (!identity || index >= NAME_RING || index >= identity->name_count)
        return NULL;
    return identity->names[(identity->name_count - 1 - index) % NAME_RING];
}

static struct name_record *record_new(struct identity *identity)
{
    struct name_record **record = &identity->names[identity->name_count++ % NAME_RING];

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

void identity_on_dns(struct identity *identity, const struct frame *frame,
                     const struct dns_response *response)
{
    struct sighting seen;

    if (response->count == 0)
        return;
    seen = frame_sighting(frame, NO_ITEM);
    for (unsigned i = 0; i < response->count; i++)
        keep_answer(identity, response, &response->answers[i], &seen);
}

/* ---- from an address back to names ---- */

static bool names_equal(const char *a, const char *b)
{
    return g_ascii_strcasecmp(a, b) == 0;
}

/* Records that lead to one address, those next to it first, the newer of equals first. */
struct trail {
    const struct name_record *records[NAME_RING];
    int next[NAME_RING]; /* where the record's target is in the trail; -1: it has the address */
    unsigned count;
    bool taken[NAME_RING]; /* by index in the ring */
};

static void extend_trail(struct trail *trail, const struct identity *identity,
                         const struct address *address, int next)
{
    const struct name_record *record;

    for (unsigned i = 0; (record = record_at(identity, i)) != NULL; i++) {
        const bool leads =
            next < 0 ? !record->target && address_equal(&record->address, address)
                     : record->target && names_equal(record->target, trail->records[next]->owner);

        if (!leads || trail->taken[i])
            continue;
        trail->taken[i] = true;
        trail->next[trail->count] = next;
        trail->records[trail->count++] = record;
    }
}

static void make_trail(struct trail *trail, const struct identity *identity,
                       const struct address *address)
{
    *trail = (struct trail){0};
    extend_trail(trail, identity, address, -1);
    for (unsigned i = 0; i < trail->count; i++)
        extend_trail(trail, identity, address, (int)i);
}

static void describe(const struct identity *identity, const struct trail *trail, int at,
                     struct name_evidence *out)
{
    const struct name_record *record = trail->records[at];
    wmem_strbuf_t *chain = wmem_strbuf_new(identity->scope, record->owner);
    char *address;

    out->asked = wmem_strdup(identity->scope, record->owner);
    out->alias = record->target != NULL;
    out->seen = record->seen;
    for (; trail->next[at] >= 0; at = trail->next[at])
        wmem_strbuf_append_printf(chain, " -> %s", trail->records[at]->target);
    record = trail->records[at];
    address = address_text(&record->address, NULL);
    wmem_strbuf_append_printf(chain, " -> %s", address);
    wmem_free(NULL, address);
    out->canonical = wmem_strdup(identity->scope, record->owner);
    out->chain = wmem_strbuf_finalize(chain);
}

/* An answer that has the address itself tells more than one that only leads on. */
static bool tells_more(const struct name_record *a, const struct name_record *b)
{
    return a->open == b->open ? a->seen.frame > b->seen.frame : b->open;
}

/* The record of the trail that tells most about that name; -1 = none. */
static int find_name(const struct trail *trail, const char *name,
                     bool (*match)(const char *, const char *))
{
    int found = -1;

    for (unsigned i = 0; i < trail->count; i++)
        if (match(trail->records[i]->owner, name) &&
            (found < 0 || tells_more(trail->records[i], trail->records[found])))
            found = (int)i;
    return found;
}

static int newest_address(const struct trail *trail)
{
    return trail->count > 0 && trail->next[0] < 0 ? 0 : -1;
}

/* The CNAME of an answer without an address that made the client ask for this record's name. */
static int find_open_alias(const struct trail *trail, int at)
{
    const struct sighting *seen = &trail->records[at]->seen;

    for (unsigned i = 0; i < trail->count; i++) {
        const struct name_record *record = trail->records[i];

        if (record->open && trail->next[i] == at && record->seen.time <= seen->time &&
            seen->time - record->seen.time <= OPEN_CHAIN_SECONDS * NANOSECONDS_PER_SECOND)
            return (int)i;
    }
    return -1;
}

bool identity_names(const struct identity *identity, const struct address *server,
                    struct name_evidence *out)
{
    struct trail trail;
    int address, asked;

    make_trail(&trail, identity, server);
    address = newest_address(&trail);
    if (address < 0)
        return false;
    asked = find_name(&trail, trail.records[address]->question, names_equal);
    if (asked < 0)
        asked = address;
    for (int alias = asked; alias >= 0; alias = find_open_alias(&trail, alias))
        asked = alias;
    if (out)
        describe(identity, &trail, asked, out);
    return true;
}

bool identity_name_leads_to(const struct identity *identity, const char *host,
                            const struct address *server, struct name_evidence *out)
{
    struct trail trail;
    int found;

    make_trail(&trail, identity, server);
    found = find_name(&trail, host, host_names_match);
    if (found < 0)
        return false;
    if (out)
        describe(identity, &trail, found, out);
    return true;
}

bool identity_knows_name(const struct identity *identity, const char *host)
{
    const struct name_record *record;

    for (unsigned i = 0; (record = record_at(identity, i)) != NULL; i++)
        if (host_names_match(record->owner, host))
            return true;
    return false;
}
