/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is kept: pieces of a pool, one copy of what comes again, hashes.
 */
#include "bytes.h"

static wmem_allocator_t *scope;

#define SMALL 40
#define LARGE 5000 /* larger than what a pool takes from a slab */

static void assert_zero(const uint8_t *piece, size_t size)
{
    for (size_t i = 0; i < size; i++)
        g_assert_cmpuint(piece[i], ==, 0);
}

static void test_pool(void)
{
    const size_t sizes[] = {1, 8, SMALL, LARGE};
    struct pool *pool = pool_new(scope);

    for (unsigned i = 0; i < 4000; i++) {
        const size_t size = sizes[i % G_N_ELEMENTS(sizes)];
        uint8_t *piece = (uint8_t *)pool_take(pool, size);

        assert_zero(piece, size);
        memset(piece, 0xff, size);
        if (i % 3 == 0)
            pool_return(pool, piece, size);
    }
    pool_return(pool, NULL, SMALL);
}

static void test_pieces_do_not_overlap(void)
{
    struct pool *pool = pool_new(scope);
    uint32_t *pieces[2000];

    for (uint32_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        pieces[i] = (uint32_t *)pool_take(pool, SMALL);
        for (unsigned word = 0; word < SMALL / sizeof(uint32_t); word++)
            pieces[i][word] = i;
    }
    for (uint32_t i = 0; i < G_N_ELEMENTS(pieces); i++)
        for (unsigned word = 0; word < SMALL / sizeof(uint32_t); word++)
            g_assert_cmpuint(pieces[i][word], ==, i);
}

static void test_store(void)
{
    struct store *store = store_new(scope);
    const char *files = store_text(store, "files");

    g_assert_cmpstr(files, ==, "files");
    g_assert_true(store_text(store, "files") == files);
    g_assert_cmpstr(store_text(store, "file"), ==, "file");
    g_assert_cmpstr(store_text(store, ""), ==, "");
    g_assert_null(store_text(store, NULL));
}

/* Pairs of words that would cancel each other out whatever the secret, were there only low halves
 * of products. */
static void test_hash_cannot_be_foreseen(void)
{
    const uint64_t words[2] = {UINT64_C(0x0123456789abcdef), UINT64_C(0xfedcba9876543210)};
    const uint64_t top = UINT64_C(1) << 63;
    unsigned alike = 0;

    for (unsigned shift = 0; shift < 64; shift++) {
        const uint64_t others[2] = {words[0] ^ top, words[1] ^ top ^ (shift ? top >> shift : 0)};

        alike += bytes_hash(others, sizeof others) == bytes_hash(words, sizeof words);
    }
    g_assert_cmpuint(alike, ==, 0);
}

/* Two words are mixed at a time, and are not the same the other way round. */
static void test_hash_of_words_changed_over(void)
{
    const uint64_t words[4] = {1, 2, 3, 4};
    const uint64_t others[][4] = {{2, 1, 3, 4}, {1, 2, 4, 3}, {3, 4, 1, 2}, {4, 3, 2, 1}};

    for (unsigned i = 0; i < G_N_ELEMENTS(others); i++)
        g_assert_cmpuint(bytes_hash(others[i], sizeof words), !=, bytes_hash(words, sizeof words));
}

static void test_hash_of_names(void)
{
    g_assert_cmpuint(name_hash("FILES", 5), ==, name_hash("files", 5));
    g_assert_cmpuint(name_hash("files", 5), !=, name_hash("file", 4));
}

int main(int argc, char **argv)
{
    int failed;

    g_test_init(&argc, &argv, NULL);
    wmem_init();
    scope = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    g_test_add_func("/pool/zeroed", test_pool);
    g_test_add_func("/pool/apart", test_pieces_do_not_overlap);
    g_test_add_func("/store/one-copy", test_store);
    g_test_add_func("/hash/cannot-be-foreseen", test_hash_cannot_be_foreseen);
    g_test_add_func("/hash/changed-over", test_hash_of_words_changed_over);
    g_test_add_func("/hash/names", test_hash_of_names);
    failed = g_test_run();
    wmem_destroy_allocator(scope);
    wmem_cleanup();
    return failed;
}
