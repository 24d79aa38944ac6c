/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Finding a frame's TCP header in its bytes: link layers, lengths, extension headers, fragments, and what is cut.
 */
#include "connection.h"
#include "parser_test.h"

#define CLIENT_PORT 40000
#define SERVER_PORT 445

static struct frame ipv4_frame(void)
{
    return (struct frame){
        .source = {{4, {192, 0, 2, 10}}, CLIENT_PORT},
        .destination = {{4, {192, 0, 2, 30}}, SERVER_PORT},
    };
}

static struct frame ipv6_frame(void)
{
    return (struct frame){
        .source = {{16, {0x20, 0x01, 0x0d, 0xb8, [15] = 10}}, CLIENT_PORT},
        .destination = {{16, {0x20, 0x01, 0x0d, 0xb8, [15] = 30}}, SERVER_PORT},
    };
}

static void put_zeros(struct builder *builder, uint32_t count)
{
    while (count-- > 0)
        put_be(builder, 0, 1);
}

static void put_ipv4(struct builder *builder, uint32_t total, uint32_t fragment, uint8_t protocol)
{
    put_be(builder, 0x4500, 2);
    put_be(builder, total, 2);
    put_be(builder, fragment, 4);
    put_be(builder, 64, 1);
    put_be(builder, protocol, 1);
    put_be(builder, 0, 2);
    put_bytes(builder, ipv4_frame().source.address.bytes, 4);
    put_bytes(builder, ipv4_frame().destination.address.bytes, 4);
}

static void put_ipv6(struct builder *builder, uint32_t payload, uint8_t next)
{
    put_be(builder, 0x60000000, 4);
    put_be(builder, payload, 2);
    put_be(builder, next, 1);
    put_be(builder, 64, 1);
    put_bytes(builder, ipv6_frame().source.address.bytes, 16);
    put_bytes(builder, ipv6_frame().destination.address.bytes, 16);
}

static void put_tcp(struct builder *builder, uint16_t source, uint8_t flags, const char *payload)
{
    put_be(builder, source, 2);
    put_be(builder, SERVER_PORT, 2);
    put_be(builder, 0x01020304, 4);
    put_be(builder, 0x0a0b0c0d, 4);
    put_be(builder, 0x60, 1); /* 24 bytes: one word of options */
    put_be(builder, flags, 1);
    put_be(builder, 0, 6);
    put_be(builder, 0x01010101, 4);
    put_text(builder, payload);
}

static bool find(const struct builder *builder, struct frame frame, struct tcp_segment *out)
{
    return tcp_segment_find(&frame, built(builder), builder->length, out);
}

static void test_ethernet(void)
{
    struct builder frame = {0};
    struct tcp_segment segment;

    put_zeros(&frame, 14);
    put_ipv4(&frame, 20 + 24 + 3, 0x4000, 6);
    put_tcp(&frame, CLIENT_PORT, 0x11, "abc");
    put_text(&frame, "padding");
    g_assert_true(find(&frame, ipv4_frame(), &segment));
    g_assert_cmphex(segment.sequence, ==, 0x01020304);
    g_assert_cmphex(segment.acknowledgement, ==, 0x0a0b0c0d);
    g_assert_cmpuint(segment.length, ==, 3);
    g_assert_true(segment.fin && segment.ack && !segment.syn && !segment.reset);
}

static void test_any_place(void)
{
    for (uint32_t before = 0; before < 60; before++) {
        struct builder frame = {0};
        struct tcp_segment segment;

        put_zeros(&frame, before);
        put_ipv4(&frame, 0, 0, 6); /* length 0: the sender segments in hardware */
        put_tcp(&frame, CLIENT_PORT, 0x02, "abcd");
        g_assert_true(find(&frame, ipv4_frame(), &segment));
        g_assert_cmpuint(segment.length, ==, 4);
        g_assert_true(segment.syn);
    }
}

static void test_tunnel(void)
{
    struct builder frame = {0};
    struct tcp_segment segment;

    put_zeros(&frame, 14);
    put_ipv4(&frame, 0, 0, 4);
    put_ipv4(&frame, 0, 0, 6);
    put_tcp(&frame, CLIENT_PORT, 0x04, "");
    g_assert_true(find(&frame, ipv4_frame(), &segment));
    g_assert_true(segment.reset);
}

static void test_ipv6(void)
{
    struct builder frame = {0};
    struct tcp_segment segment;

    put_zeros(&frame, 14);
    put_ipv6(&frame, 8 + 16 + 24 + 2, 0);
    put_be(&frame, 60, 1); /* hop by hop, then destination options */
    put_zeros(&frame, 7);
    put_be(&frame, 0x0601, 2);
    put_zeros(&frame, 14);
    put_tcp(&frame, CLIENT_PORT, 0x10, "ab");
    put_text(&frame, "padding");
    g_assert_true(find(&frame, ipv6_frame(), &segment));
    g_assert_cmpuint(segment.length, ==, 2);
}

static void test_others(void)
{
    struct tcp_segment segment;

    for (unsigned i = 0; i < 3; i++) {
        struct builder frame = {0};

        put_ipv4(&frame, 0, i == 0 ? 0x2000 : 0, i == 1 ? 17 : 6); /* a fragment, UDP, other ports */
        put_tcp(&frame, i == 2 ? CLIENT_PORT + 1 : CLIENT_PORT, 0x10, "");
        g_assert_false(find(&frame, ipv4_frame(), &segment));
        g_assert_false(find(&frame, ipv6_frame(), &segment));
        g_assert_false(find(&frame, (struct frame){0}, &segment));
    }
}

static void test_reassembled(void)
{
    const struct frame frame = ipv4_frame();
    struct builder source = {0};
    struct tcp_segment segment;

    put_tcp(&source, CLIENT_PORT, 0x10, "abcdef");
    g_assert_true(tcp_segment_at_start(&frame, built(&source), 1000, &segment)); /* cut short */
    g_assert_cmpuint(segment.length, ==, 976);
    g_assert_false(tcp_segment_at_start(&frame, built(&source), 23, &segment));
}

static void probe_both(struct bytes message, wmem_allocator_t *scope _U_)
{
    const struct frame frames[] = {ipv4_frame(), ipv6_frame()};
    struct tcp_segment segment;

    for (unsigned i = 0; i < 2; i++) {
        if (tcp_segment_find(&frames[i], message, message.length, &segment))
            g_assert_cmpuint(segment.length, <=, message.length);
        if (tcp_segment_at_start(&frames[i], message, message.length, &segment))
            g_assert_cmpuint(segment.length, <=, message.length);
    }
}

static void test_hostile(void)
{
    struct builder frame = {0};

    put_ipv4(&frame, 0, 0, 6);
    put_tcp(&frame, CLIENT_PORT, 0x10, "abc");
    ill_treat(probe_both, built(&frame), 20000);
    frame.length = 0;
    put_ipv6(&frame, 16 + 24, 60);
    put_be(&frame, 0x0601, 2);
    put_zeros(&frame, 14);
    put_tcp(&frame, CLIENT_PORT, 0x10, "");
    ill_treat(probe_both, built(&frame), 20000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tcp/ethernet", test_ethernet);
    g_test_add_func("/tcp/any_place", test_any_place);
    g_test_add_func("/tcp/tunnel", test_tunnel);
    g_test_add_func("/tcp/ipv6", test_ipv6);
    g_test_add_func("/tcp/others", test_others);
    g_test_add_func("/tcp/reassembled", test_reassembled);
    g_test_add_func("/tcp/hostile", test_hostile);
    return g_test_run();
}
