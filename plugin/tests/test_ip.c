/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Finding a frame's TCP or UDP header in its bytes: link layers, lengths, extension headers,
 * fragments, and what is cut.
 */
#include "bytes.h"
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

static struct part whole(const struct builder *builder)
{
    return (struct part){built(builder), builder->length};
}

static bool find(const struct builder *builder, struct frame frame, struct datagram *out)
{
    return datagram_find(&frame, TRANSPORT_TCP, whole(builder), out);
}

static void put_udp(struct builder *builder, uint32_t length, const char *payload)
{
    put_be(builder, CLIENT_PORT, 2);
    put_be(builder, SERVER_PORT, 2);
    put_be(builder, length, 2);
    put_be(builder, 0, 2);
    put_text(builder, payload);
}

static void test_ethernet(void)
{
    struct builder frame = {0};
    struct datagram found;

    put_zeros(&frame, 14);
    put_ipv4(&frame, 20 + 24 + 3, 0x12344000, 6);
    put_tcp(&frame, CLIENT_PORT, 0x11, "abc");
    put_text(&frame, "padding");
    g_assert_true(find(&frame, ipv4_frame(), &found));
    g_assert_cmpuint(found.trail.hops_left, ==, 64);
    g_assert_cmphex(found.trail.identification, ==, 0x1234);
    g_assert_cmphex(found.segment.sequence, ==, 0x01020304);
    g_assert_cmphex(found.segment.acknowledgement, ==, 0x0a0b0c0d);
    g_assert_cmpuint(found.segment.length, ==, 3);
    g_assert_true(found.segment.fin && found.segment.ack && !found.segment.syn &&
                  !found.segment.reset);
}

/* The card of the frame's sender, as far as the frame tells it: 0x0a, or 0 for unknown. */
static uint8_t sender_behind(const char *link, uint8_t hops, bool is_ipv4)
{
    struct builder frame = from_hex(link);
    const uint32_t start = frame.length;
    struct datagram found;

    if (is_ipv4)
        put_ipv4(&frame, 0, 0, 6);
    else
        put_ipv6(&frame, 0, 6);
    frame.data[start + (is_ipv4 ? 8 : 7)] = hops;
    put_tcp(&frame, CLIENT_PORT, 0x02, "");
    g_assert_true(find(&frame, is_ipv4 ? ipv4_frame() : ipv6_frame(), &found));
    g_assert_cmpint(mac_known(&found.sender), ==, found.sender.bytes[5] != 0);
    return found.sender.bytes[5];
}

static void test_sender(void)
{
    static const char ethernet[] = "020000000030"
                                   "02000000000a"
                                   "0800";
    static const char ethernet_six[] = "020000000030"
                                       "02000000000a"
                                       "86dd";

    g_assert_cmphex(sender_behind(ethernet, 64, true), ==, 0x0a);
    g_assert_cmphex(sender_behind(ethernet, 128, true), ==, 0x0a);
    g_assert_cmphex(sender_behind(ethernet, 127, true), ==, 0); /* a router's card */
    g_assert_cmphex(sender_behind(ethernet, 63, true), ==, 0);
    g_assert_cmphex(sender_behind(ethernet_six, 64, false), ==, 0x0a);
    g_assert_cmphex(sender_behind(ethernet_six, 62, false), ==, 0);
    g_assert_cmphex(sender_behind("020000000030"
                                  "02000000000a"
                                  "8100"
                                  "0007"
                                  "0800",
                                  64, true),
                    ==, 0x0a);
    g_assert_cmphex(sender_behind("020000000030"
                                  "02000000000a"
                                  "8847"
                                  "0007"
                                  "0800",
                                  64, true),
                    ==, 0);
    g_assert_cmphex(sender_behind("0000"
                                  "0001"
                                  "0006"
                                  "02000000000a"
                                  "0000"
                                  "0800",
                                  64, true),
                    ==, 0); /* Linux cooked capture */
}

static void test_any_place(void)
{
    for (uint32_t before = 0; before < 60; before++) {
        struct builder frame = {0};
        struct datagram found;

        put_zeros(&frame, before);
        put_ipv4(&frame, 0, 0, 6); /* length 0: the sender segments in hardware */
        put_tcp(&frame, CLIENT_PORT, 0x02, "abcd");
        g_assert_true(find(&frame, ipv4_frame(), &found));
        g_assert_cmpuint(found.segment.length, ==, 4);
        g_assert_true(found.segment.syn);
    }
}

static void test_tunnel(void)
{
    struct builder frame = {0};
    struct datagram found;

    put_zeros(&frame, 14);
    put_ipv4(&frame, 0, 0, 4);
    put_ipv4(&frame, 0, 0, 6);
    put_tcp(&frame, CLIENT_PORT, 0x04, "");
    g_assert_true(find(&frame, ipv4_frame(), &found));
    g_assert_true(found.segment.reset);
}

static void test_ipv6(void)
{
    struct builder frame = {0};
    struct datagram found;

    put_zeros(&frame, 14);
    put_ipv6(&frame, 8 + 16 + 24 + 2, 0);
    put_be(&frame, 60, 1); /* hop by hop, then destination options */
    put_zeros(&frame, 7);
    put_be(&frame, 0x0601, 2);
    put_zeros(&frame, 14);
    put_tcp(&frame, CLIENT_PORT, 0x10, "ab");
    put_text(&frame, "padding");
    g_assert_true(find(&frame, ipv6_frame(), &found));
    g_assert_cmpuint(found.segment.length, ==, 2);
}

static void test_udp(void)
{
    const uint32_t lengths[] = {8 + 3, 0, 8 + 30,
                                7}; /* right, not filled in, more than there is, too short */
    const uint32_t expected[] = {3, 10, 10};

    for (unsigned i = 0; i < 4; i++) {
        const struct frame from = ipv4_frame();
        struct builder frame = {0};
        struct datagram found;

        put_zeros(&frame, 14);
        put_ipv4(&frame, 0, 0, 17);
        put_udp(&frame, lengths[i], "abcpadding");
        if (datagram_find(&from, TRANSPORT_UDP, whole(&frame), &found))
            g_assert_cmpuint(found.payload.length, ==, expected[i]);
        else
            g_assert_cmpuint(i, ==, 3);
        g_assert_false(datagram_find(&from, TRANSPORT_TCP, whole(&frame), &found));
    }
}

/* A frame cut behind the TCP header's first bytes of payload. */
static void test_cut(void)
{
    const struct frame from = ipv4_frame();
    struct builder frame = {0};
    struct datagram found;

    put_zeros(&frame, 14);
    put_ipv4(&frame, 20 + 24 + 1000, 0, 6);
    put_tcp(&frame, CLIENT_PORT, 0x10, "abc");
    g_assert_true(datagram_find(&from, TRANSPORT_TCP,
                                (struct part){built(&frame), 14 + 20 + 24 + 1000}, &found));
    g_assert_cmpuint(found.payload.length, ==, 1000);
    g_assert_cmpuint(found.payload.bytes.length, ==, 3);
    g_assert_true(part_is_cut(found.payload));
}

static void test_others(void)
{
    struct datagram found;

    for (unsigned i = 0; i < 3; i++) {
        struct builder frame = {0};

        put_ipv4(&frame, 0, i == 0 ? 0x2000 : 0,
                 i == 1 ? 17 : 6); /* a fragment, UDP, other ports */
        put_tcp(&frame, i == 2 ? CLIENT_PORT + 1 : CLIENT_PORT, 0x10, "");
        g_assert_false(find(&frame, ipv4_frame(), &found));
        g_assert_false(find(&frame, ipv6_frame(), &found));
        g_assert_false(find(&frame, (struct frame){0}, &found));
    }
}

static void test_reassembled(void)
{
    const struct frame frame = ipv4_frame();
    struct builder source = {0};
    struct datagram found;

    put_tcp(&source, CLIENT_PORT, 0x10, "abcdef");
    g_assert_true(datagram_at_start(&frame, TRANSPORT_TCP, (struct part){built(&source), 1000},
                                    &found)); /* cut short */
    g_assert_cmpuint(found.segment.length, ==, 976);
    g_assert_false(
        datagram_at_start(&frame, TRANSPORT_TCP, (struct part){built(&source), 23}, &found));
}

static void check_payload(const struct datagram *found, const struct part *source)
{
    g_assert_cmpuint(found->payload.length, <=, source->length);
    g_assert_cmpuint(found->payload.bytes.length, <=, found->payload.length);
    check_view(found->payload.bytes);
}

static void probe_all(struct bytes message, wmem_allocator_t *scope _U_)
{
    const struct frame frames[] = {ipv4_frame(), ipv6_frame()};
    const enum transport transports[] = {TRANSPORT_TCP, TRANSPORT_UDP};
    const struct part source = {message, message.length};
    struct datagram found;

    for (unsigned i = 0; i < 4; i++) {
        if (datagram_find(&frames[i % 2], transports[i / 2], source, &found))
            check_payload(&found, &source);
        if (datagram_at_start(&frames[i % 2], transports[i / 2], source, &found))
            check_payload(&found, &source);
    }
}

static void test_hostile(void)
{
    struct builder frame = {0};

    put_ipv4(&frame, 0, 0, 6);
    put_tcp(&frame, CLIENT_PORT, 0x10, "abc");
    ill_treat(probe_all, built(&frame), 20000);
    frame.length = 0;
    put_ipv6(&frame, 16 + 24, 60);
    put_be(&frame, 0x0601, 2);
    put_zeros(&frame, 14);
    put_tcp(&frame, CLIENT_PORT, 0x10, "");
    ill_treat(probe_all, built(&frame), 20000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ip/sender", test_sender);
    g_test_add_func("/ip/ethernet", test_ethernet);
    g_test_add_func("/ip/any_place", test_any_place);
    g_test_add_func("/ip/tunnel", test_tunnel);
    g_test_add_func("/ip/ipv6", test_ipv6);
    g_test_add_func("/ip/udp", test_udp);
    g_test_add_func("/ip/cut", test_cut);
    g_test_add_func("/ip/others", test_others);
    g_test_add_func("/ip/reassembled", test_reassembled);
    g_test_add_func("/ip/hostile", test_hostile);
    return g_test_run();
}
