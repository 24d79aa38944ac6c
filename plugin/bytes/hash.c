/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Hashes, and what ends with its scope: GLib's hash tables as sets, and scratch memory.
 */
#include "bytes.h"

#include <ws_version.h>

static uint64_t secret; /* 0: not chosen yet */

/* All of the product is used: in its low half a difference in a factor's highest bit stays one,
 * whatever the secret is, and a capture could let the next word take it back. */
#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 product;

static uint64_t mix(uint64_t one, uint64_t other)
{
    const product both = (product)one * other;

    return (uint64_t)both ^ (uint64_t)(both >> 64);
}
#else
static uint64_t mix(uint64_t one, uint64_t other)
{
    const uint64_t low_one = (uint32_t)one, low_other = (uint32_t)other;
    const uint64_t across = (one >> 32) * low_other;
    const uint64_t carried =
        (low_one * low_other >> 32) + (uint32_t)across + low_one * (other >> 32);
    const uint64_t high = (one >> 32) * (other >> 32) + (across >> 32) + (carried >> 32);

    return one * other ^ high;
}
#endif

static uint64_t word_at(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

/* Two words a multiplication: of each message that is kept, all bytes are hashed. That one word is
 * mixed with the hash and the other with the secret keeps them from changing places unseen. */
uint32_t bytes_hash(const void *data, size_t length)
{
    const uint8_t *at = (const uint8_t *)data;
    uint64_t hash, word;

    if (!secret)
        secret = (uint64_t)g_random_int() << 32 | g_random_int() | 1;
    hash = secret << 32 | secret >> 32;
    for (; length >= 2 * sizeof word; at += 2 * sizeof word, length -= 2 * sizeof word)
        hash = mix(hash ^ word_at(at), secret ^ word_at(at + sizeof word));
    if (length >= sizeof word) {
        hash = mix(hash ^ word_at(at), secret);
        at += sizeof word;
        length -= sizeof word;
    }
    word = length;
    memcpy((uint8_t *)&word + 1, at, length);
    hash = mix(hash ^ word, secret);
    return (uint32_t)(hash >> 32 ^ hash);
}

uint32_t name_hash(const char *name, size_t length)
{
    uint32_t hash = 0;
    char piece[64];

    for (size_t done = 0; done < length;) {
        const size_t taken = MIN(length - done, sizeof piece);

        for (size_t i = 0; i < taken; i++)
            piece[i] = g_ascii_tolower(name[done + i]);
        hash = hash * 31 + bytes_hash(piece, taken);
        done += taken;
    }
    return hash;
}

/* wmem went from gboolean to bool. */
#if WIRESHARK_VERSION_MAJOR > 4 || WIRESHARK_VERSION_MINOR >= 4
typedef bool callback_result;
#else
typedef gboolean callback_result;
#endif

static callback_result destroy_scratch(wmem_allocator_t *scope, wmem_cb_event_t event,
                                       void *scratch)
{
    (void)scope;
    (void)event;
    wmem_destroy_allocator((wmem_allocator_t *)scratch);
    return 0;
}

wmem_allocator_t *scratch_new(wmem_allocator_t *scope)
{
    wmem_allocator_t *scratch = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK_FAST);

    wmem_register_callback(scope, destroy_scratch, scratch);
    return scratch;
}

static callback_result destroy_set(wmem_allocator_t *scope, wmem_cb_event_t event, void *set)
{
    (void)scope;
    (void)event;
    g_hash_table_destroy((GHashTable *)set);
    return 0;
}

GHashTable *set_new(wmem_allocator_t *scope, GHashFunc hash, GEqualFunc equal)
{
    GHashTable *set = g_hash_table_new(hash, equal);

    wmem_register_callback(scope, destroy_set, set);
    return set;
}
