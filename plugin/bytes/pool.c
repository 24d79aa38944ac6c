/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Small pieces of memory without a header each: wmem puts 16 bytes before every one of them.
 */
#include "bytes.h"

#define GRAIN 8 /* what any member of a structure is aligned to */
#define LARGEST 512
#define SLAB 16384

struct piece {
    struct piece *next;
};

struct pool {
    wmem_allocator_t *scope;
    uint8_t *fresh; /* the last slab, of which so much is left: */
    size_t left;
    struct piece *returned[LARGEST / GRAIN + 1]; /* by size */
};

struct pool *pool_new(wmem_allocator_t *scope)
{
    struct pool *pool = wmem_new0(scope, struct pool);

    pool->scope = scope;
    return pool;
}

/* The sanitizer sees what is used after it went only where each piece is an allocation. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define EACH_ITS_OWN
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define EACH_ITS_OWN
#endif

#ifdef EACH_ITS_OWN

void *pool_take(struct pool *pool, size_t size)
{
    return wmem_alloc0(pool->scope, size);
}

void pool_return(struct pool *pool, void *piece, size_t size)
{
    (void)size;
    wmem_free(pool->scope, piece);
}

#else

static size_t rounded(size_t size)
{
    return (size + GRAIN - 1) / GRAIN * GRAIN;
}

static struct piece *take_fresh(struct pool *pool, size_t size)
{
    if (pool->left < size) {
        pool->fresh = (uint8_t *)wmem_alloc(pool->scope, SLAB);
        pool->left = SLAB;
    }
    pool->left -= size;
    return (struct piece *)(void *)(pool->fresh + pool->left);
}

void *pool_take(struct pool *pool, size_t size)
{
    struct piece **returned, *piece;

    size = rounded(size);
    if (size > LARGEST)
        return wmem_alloc0(pool->scope, size);
    returned = &pool->returned[size / GRAIN];
    piece = *returned;
    if (piece)
        *returned = piece->next;
    else
        piece = take_fresh(pool, size);
    return memset(piece, 0, size);
}

void pool_return(struct pool *pool, void *piece, size_t size)
{
    struct piece *returned = (struct piece *)piece;

    if (!returned)
        return;
    size = rounded(size);
    if (size > LARGEST) {
        wmem_free(pool->scope, piece);
        return;
    }
    returned->next = pool->returned[size / GRAIN];
    pool->returned[size / GRAIN] = returned;
}

#endif
