/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One copy of what comes again and again.
 */
#include "bytes.h"

struct item {
    uint32_t length, hash;
    const void *data; /* behind the item where it is kept */
};

struct store {
    wmem_allocator_t *scope;
    GHashTable *items; /* a set */
};

static guint hash_item(gconstpointer key)
{
    return ((const struct item *)key)->hash;
}

static gboolean equal_items(gconstpointer a, gconstpointer b)
{
    const struct item *left = (const struct item *)a, *right = (const struct item *)b;

    return left->hash == right->hash && left->length == right->length &&
           memcmp(left->data, right->data, left->length) == 0;
}

struct store *store_new(wmem_allocator_t *scope)
{
    struct store *store = wmem_new(scope, struct store);

    store->scope = scope;
    store->items = set_new(scope, hash_item, equal_items);
    return store;
}

static const struct item *item_add(struct store *store, const struct item *wanted)
{
    struct item *item = (struct item *)wmem_alloc(store->scope, sizeof *item + wanted->length);

    *item = *wanted;
    item->data = memcpy(item + 1, wanted->data, wanted->length);
    g_hash_table_add(store->items, item);
    return item;
}

const void *store_keep(struct store *store, const void *data, size_t length)
{
    const struct item wanted = {
        .length = (uint32_t)length,
        .hash = bytes_hash(data, length),
        .data = data,
    };
    const struct item *item = (const struct item *)g_hash_table_lookup(store->items, &wanted);

    return (item ? item : item_add(store, &wanted))->data;
}

const char *store_text(struct store *store, const char *text)
{
    if (!text || !*text)
        return text ? "" : NULL;
    return (const char *)store_keep(store, text, strlen(text) + 1);
}
