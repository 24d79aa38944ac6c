/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ICMP errors as recorded: what they quote, whatever link layer is around them, and what is cut.
 */
#include "bytes.h"
#include "parser_test.h"

#define CLIENT_PORT 52874
#define CLIENT_PORT_IPV6 44554
#define SERVER_PORT 445

/* transport/syn_unreachable, transport/syn_unreachable--ipv6: frame 2 from the IP header on */
static const char prohibited[] = "45c0005812a200004001e31ac000021ec000020a030d814a00000000"
                                 "4500003c0dd540004006a8bec000020ac000021ece8a01bdfbfcc2c800000000";
static const char prohibited_ipv6[] =
    "600106cc00583a4020010db800000000000000000000003020010db8000000000000000000000010"
    "0101db8500000000600760f30028064020010db800000000000000000000001020010db80000000000000000000000"
    "30"
    "ae0a01bdca84d9d400000000";

static bool find(struct bytes packet, uint16_t port, struct icmp_error *out)
{
    return icmp_error_find(port, SERVER_PORT, (struct part){packet, packet.length}, out);
}

static void probe_any(struct bytes packet, wmem_allocator_t *scope _U_)
{
    struct icmp_error error;

    find(packet, CLIENT_PORT, &error);
}

static void test_ipv4(void)
{
    struct builder frame = {0};
    struct icmp_error error;

    put_hex(&frame, "020000000010020000000030"
                    "0800");
    put_hex(&frame, prohibited);
    g_assert_true(find(built(&frame), CLIENT_PORT, &error));
    g_assert_cmpuint(icmp_error_kind(&error), ==, ICMP_PROHIBITED);
    g_assert_cmphex(error.sequence, ==, 0xfbfcc2c8);
    g_assert_cmpuint(error.reporter.bytes[3], ==, 30);
    g_assert_cmpuint(error.source.address.bytes[3], ==, 10);
    g_assert_cmpuint(error.destination.port, ==, SERVER_PORT);
    g_assert_false(find(built(&frame), CLIENT_PORT + 1, &error));
    error.code = 3;
    g_assert_cmpuint(icmp_error_kind(&error), ==, ICMP_NO_PORT);
    error.code = 1;
    g_assert_cmpuint(icmp_error_kind(&error), ==, ICMP_NO_HOST);
    error.code = 4;
    g_assert_cmpuint(icmp_error_kind(&error), ==, ICMP_TOO_BIG);
    error.code = 5;
    g_assert_cmpuint(icmp_error_kind(&error), ==, ICMP_OTHER);
}

static void test_ipv6(void)
{
    struct builder frame = {0};
    struct icmp_error error;

    put_hex(&frame, "00000003");
    put_hex(&frame, prohibited_ipv6);
    g_assert_true(find(built(&frame), CLIENT_PORT_IPV6, &error));
    g_assert_true(error.is_ipv6);
    g_assert_cmpuint(icmp_error_kind(&error), ==, ICMP_PROHIBITED);
    g_assert_cmpuint(error.reporter.bytes[15], ==, 0x30);
    g_assert_cmpuint(error.source.address.bytes[15], ==, 0x10);
    error.code = 200;
    g_assert_cmpuint(icmp_error_kind(&error), ==, ICMP_OTHER);
}

/* The same as a router would say it whose next network is narrower. */
static void test_too_big(void)
{
    struct builder frame = {0};
    struct icmp_error error;

    put_hex(&frame, prohibited);
    set_le(&frame, 20, 0x0403, 2); /* in network order: 3/4, 1400 */
    set_le(&frame, 26, 0x7805, 2);
    g_assert_true(find(built(&frame), CLIENT_PORT, &error));
    g_assert_cmpuint(icmp_error_kind(&error), ==, ICMP_TOO_BIG);
    g_assert_cmpuint(error.mtu, ==, 1400);
    frame.length = 0;
    put_hex(&frame, prohibited_ipv6);
    set_le(&frame, 40, 0x0002, 2); /* 2/0, 1280 */
    set_le(&frame, 44, 0x00050000, 4);
    g_assert_true(find(built(&frame), CLIENT_PORT_IPV6, &error));
    g_assert_cmpuint(icmp_error_kind(&error), ==, ICMP_TOO_BIG);
    g_assert_cmpuint(error.mtu, ==, 1280);
}

static void test_cut(void)
{
    struct builder frame = {0};
    struct icmp_error error;

    put_hex(&frame, prohibited);
    frame.length -= 5; /* the sequence number is not all there */
    g_assert_false(find(built(&frame), CLIENT_PORT, &error));
    frame.length = 0;
    put_hex(&frame, prohibited);
    ill_treat(probe_any, built(&frame), 20000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/icmp/ipv4", test_ipv4);
    g_test_add_func("/icmp/ipv6", test_ipv6);
    g_test_add_func("/icmp/too-big", test_too_big);
    g_test_add_func("/icmp/cut", test_cut);
    return g_test_run();
}
