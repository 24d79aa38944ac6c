/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The DNS records of a client: a ring that grows to its full size, and names that many clients ask
 * for and that are kept once, as long as a record has them.
 */
#include "identity_rings.h"
#include "state.h"

/* ---- names ---- */

struct kept_name {
    unsigned uses;
    char text[];
};

static const struct kept_name *name_of(const char *text)
{
    return (const struct kept_name *)(const void *)(text - offsetof(struct kept_name, text));
}

static guint hash_name(gconstpointer text)
{
    return bytes_hash(text, strlen((const char *)text));
}

static const char *name_keep(struct model *model, const char *text)
{
    const char *found = (const char *)g_hash_table_lookup(model->names, text);
    const size_t size = strlen(text) + 1;
    struct kept_name *name;

    if (found) {
        name = (struct kept_name *)(uintptr_t)name_of(found);
    } else {
        name = (struct kept_name *)wmem_alloc(model->scope, sizeof *name + size);
        name->uses = 0;
        memcpy(name->text, text, size);
        g_hash_table_add(model->names, name->text);
    }
    name->uses++;
    return name->text;
}

/* text: may be NULL. */
static void name_drop(struct model *model, const char *text)
{
    struct kept_name *name = text ? (struct kept_name *)(uintptr_t)name_of(text) : NULL;

    if (!name || --name->uses > 0)
        return;
    g_hash_table_remove(model->names, text);
    wmem_free(model->scope, name);
}

void names_start(struct model *model)
{
    model->names = set_new(model->scope, hash_name, g_str_equal);
}

/* ---- the ring ---- */

static void make_room(struct identity *identity)
{
    struct pool *pool = identity->model->pool;
    const size_t had = identity->name_room * sizeof *identity->names;
    struct name_record *names;

    if (identity->name_count < identity->name_room || identity->name_room == NAME_RING)
        return;
    identity->name_room = (uint16_t)MAX(2 * identity->name_room, 1);
    names = (struct name_record *)pool_take(pool, identity->name_room * sizeof *names);
    if (had)
        memcpy(names, identity->names, had);
    pool_return(pool, identity->names, had);
    identity->names = names;
}

/* The oldest goes where there is no room for more. */
static struct name_record *record_new(struct identity *identity)
{
    struct name_record *record;

    make_room(identity);
    record = &identity->names[identity->name_count % NAME_RING];
    if (identity->name_count++ >= NAME_RING) {
        name_drop(identity->model, record->owner);
        name_drop(identity->model, record->target);
        name_drop(identity->model, record->question);
    }
    *record = (struct name_record){0};
    return record;
}

static bool has_address(const struct dns_response *response)
{
    for (unsigned i = 0; i < response->count; i++)
        if (response->answers[i].kind != DNS_CNAME)
            return true;
    return false;
}

static void keep_answer(struct identity *identity, const struct dns_response *response,
                        const struct dns_answer *answer, const struct frame *frame)
{
    struct name_record *record = record_new(identity);
    struct model *model = identity->model;

    record->owner = name_keep(model, answer->owner);
    record->owner_hash = host_name_hash(answer->owner);
    record->question = name_keep(model, response->question ? response->question : answer->owner);
    record->open = !has_address(response);
    record->frame = frame->number;
    record->time = frame->time;
    if (answer->kind == DNS_CNAME) {
        record->target = name_keep(model, answer->target);
        return;
    }
    record->address.length = answer->kind == DNS_A ? 4 : 16;
    memcpy(record->address.bytes, answer->address, record->address.length);
}

void model_on_dns(struct model *model, const struct frame *frame,
                  const struct dns_response *response)
{
    struct identity *identity;

    if (response->count == 0)
        return;
    identity = model_identity_make(model, &frame->destination.address);
    for (unsigned i = 0; i < response->count; i++)
        keep_answer(identity, response, &response->answers[i], frame);
}
