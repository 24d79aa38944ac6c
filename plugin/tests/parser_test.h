/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of all parsers share: building messages, and ill-treating them. Every message is
 * parsed from an allocation of its exact size, so that a sanitizer sees a read beyond it.
 */
#ifndef SMB2DIAG_PARSER_TEST_H
#define SMB2DIAG_PARSER_TEST_H

#include "bytes.h"

#include <wireshark.h>
#include <wsutil/wmem/wmem.h>

#define CAPACITY 4096

struct builder {
    uint8_t data[CAPACITY];
    uint32_t length;
};

/* Parses a message and checks what holds for any message whatever. */
typedef void probe(struct bytes message, wmem_allocator_t *scope);

static inline struct bytes built(const struct builder *builder)
{
    return (struct bytes){builder->data, builder->length};
}

static inline void put_bytes(struct builder *builder, const void *data, uint32_t length)
{
    g_assert_cmpuint(length, <=, CAPACITY - builder->length);
    memcpy(builder->data + builder->length, data, length);
    builder->length += length;
}

static inline void put_le(struct builder *builder, uint64_t value, uint32_t width)
{
    for (uint32_t i = 0; i < width; i++)
        put_bytes(builder, &(uint8_t){(uint8_t)(value >> 8 * i)}, 1);
}

static inline void put_be(struct builder *builder, uint64_t value, uint32_t width)
{
    for (uint32_t i = width; i > 0; i--)
        put_bytes(builder, &(uint8_t){(uint8_t)(value >> 8 * (i - 1))}, 1);
}

static inline void put_text(struct builder *builder, const char *text)
{
    put_bytes(builder, text, (uint32_t)strlen(text));
}

static inline void put_utf16(struct builder *builder, const char *ascii)
{
    for (; *ascii != '\0'; ascii++)
        put_le(builder, (uint8_t)*ascii, 2);
}

static inline void put_hex(struct builder *builder, const char *digits)
{
    for (; digits[0] != '\0'; digits += 2) {
        int high = g_ascii_xdigit_value(digits[0]), low = g_ascii_xdigit_value(digits[1]);

        g_assert_true(high >= 0 && low >= 0);
        put_bytes(builder, &(uint8_t){(uint8_t)(high << 4 | low)}, 1);
    }
}

static inline struct builder from_hex(const char *digits)
{
    struct builder builder = {.length = 0};

    put_hex(&builder, digits);
    return builder;
}

static inline void set_le(struct builder *builder, uint32_t at, uint64_t value, uint32_t width)
{
    g_assert_true(bytes_has(built(builder), at, width));
    for (uint32_t i = 0; i < width; i++)
        builder->data[at + i] = (uint8_t)(value >> 8 * i);
}

static inline void check_text(const char *text)
{
    if (text == NULL)
        return;
    g_assert_true(g_utf8_validate(text, -1, NULL));
    for (; *text != '\0'; text += g_utf8_skip[(guchar)*text])
        g_assert_true(g_unichar_isprint(g_utf8_get_char(text)));
}

/* That a view holds captured bytes only: a sanitizer watches the reads. */
static inline void check_view(struct bytes view)
{
    unsigned sum = 0;

    for (uint32_t i = 0; i < view.length; i++)
        sum += view.data[i];
    g_assert_cmpuint(sum, <=, 255 * view.length);
}

static inline void parse_exact_copy(probe *parse, wmem_allocator_t *scope, const uint8_t *data,
                                    uint32_t length)
{
    uint8_t *copy = g_malloc(length);

    if (length > 0)
        memcpy(copy, data, length);
    parse((struct bytes){copy, length}, scope);
    g_free(copy);
    wmem_free_all(scope);
}

static inline void parse_all_cuts(probe *parse, wmem_allocator_t *scope, struct bytes message)
{
    for (uint32_t length = 0; length <= message.length; length++)
        parse_exact_copy(parse, scope, message.data, length);
}

/* Puts the extremes of every width into every place. */
static inline void parse_all_extremes(probe *parse, wmem_allocator_t *scope, struct bytes message)
{
    static const uint8_t extremes[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    uint8_t changed[CAPACITY];

    for (uint32_t width = 1; width <= 4; width *= 2) {
        for (uint32_t at = 0; bytes_has(message, at, width); at++) {
            for (size_t i = 0; i < G_N_ELEMENTS(extremes); i++) {
                memcpy(changed, message.data, message.length);
                memset(changed + at, extremes[i], width);
                parse_exact_copy(parse, scope, changed, message.length);
            }
        }
    }
}

/* Random bytes behind a random part of the message, or a few of them strewn in; sometimes cut. */
static inline void parse_random(probe *parse, wmem_allocator_t *scope, struct bytes message,
                                unsigned iterations)
{
    GRand *random = g_rand_new_with_seed(2);
    uint8_t changed[CAPACITY];

    for (unsigned i = 0; i < iterations; i++) {
        uint32_t length = message.length;
        uint32_t kept = (uint32_t)g_rand_int_range(random, 0, (gint32)length + 1);
        unsigned changes = g_rand_boolean(random) ? 1 + g_rand_int(random) % 8 : 0;

        memcpy(changed, message.data, length);
        for (unsigned change = 0; change < changes; change++)
            changed[g_rand_int(random) % length] = (uint8_t)g_rand_int(random);
        for (uint32_t at = kept; changes == 0 && at < length; at++)
            changed[at] = (uint8_t)g_rand_int(random);
        if (g_rand_int(random) % 4 == 0)
            length = kept;
        parse_exact_copy(parse, scope, changed, length);
    }
    g_rand_free(random);
}

static inline void ill_treat(probe *parse, struct bytes message, unsigned iterations)
{
    wmem_allocator_t *scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);

    parse_all_cuts(parse, scope, message);
    parse_all_extremes(parse, scope, message);
    parse_random(parse, scope, message, iterations);
    wmem_destroy_allocator(scope);
}

#endif
