/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is known of each client beside SMB2, by its address.
 */
#include "identity_rings.h"
#include "state.h"

static unsigned hash_address(const void *key)
{
    const struct address *address = (const struct address *)key;

    return bytes_hash(address->bytes, address->length);
}

static gboolean equal_addresses(const void *a, const void *b)
{
    return address_equal((const struct address *)a, (const struct address *)b);
}

wmem_map_t *address_map_new(wmem_allocator_t *scope)
{
    return wmem_map_new(scope, hash_address, equal_addresses);
}

void identities_start(struct model *model)
{
    model->identities = set_new(model->scope, hash_address, equal_addresses);
}

struct identity *model_identity(const struct model *model, const struct address *client)
{
    return (struct identity *)g_hash_table_lookup(model->identities, client);
}

struct identity *model_identity_make(struct model *model, const struct address *client)
{
    struct identity *identity = model_identity(model, client);

    if (identity)
        return identity;
    identity = POOL_NEW(model->pool, struct identity);
    identity->model = model;
    identity->address = *client;
    g_hash_table_add(model->identities, identity);
    return identity;
}

struct kdc_dealings *identity_dealings_make(struct identity *identity)
{
    if (!identity->kdcs)
        identity->kdcs = wmem_new0(identity->model->scope, struct kdc_dealings);
    identity->model->has_kdcs = true;
    return identity->kdcs;
}
