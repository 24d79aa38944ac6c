/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who sent the packet that closes, and ICMP errors about a request.
 */
#include "model_attempts.h"
#include "way_test.h"

/* ---- who closed ---- */

/* The server's RST or FIN instead of an answer, after its SYN-ACK and ACK. */
static const struct finding *closed_with(struct ip_trail before, struct ip_trail closing,
                                         bool reset)
{
    open_lab();
    wire.trails[CLIENT].hops_left = 64;
    wire.trails[SERVER].hops_left = before.hops_left;
    connect_in(40 * MICROSECOND, 40 * MICROSECOND);
    wire.trails[SERVER] = before;
    acknowledge(&wire, SERVER);
    wire.trails[SERVER] = closing;
    if (reset)
        reset_by(&wire, SERVER);
    else
        finish_by(&wire, SERVER);
    return finding_of_rule("negotiate.reset");
}

static void test_closer_other(void)
{
    const struct finding *finding =
        closed_with((struct ip_trail){61, 0x1000}, (struct ip_trail){63, 0x0001}, true);

    assert_holds(evidence_of(finding, "TTL of the RST"),
                 "63, but 61 in the server's packets before");
    assert_holds(evidence_of(finding, "Its IP identification"), "0x0001, but 0x1000");
    assert_cause(finding, "Consistent with a firewall or another device on the way");
    end();
    finding = closed_with((struct ip_trail){61, 0}, (struct ip_trail){63, 0}, false);
    assert_holds(evidence_of(finding, "TTL of the FIN"), "63, but 61");
    g_assert_null(evidence_of(finding, "Its IP identification"));
    end();
}

/* 253 of 255 are as far away as 62 of 64. */
static void test_closer_reset(void)
{
    const struct finding *finding =
        closed_with((struct ip_trail){62, 0}, (struct ip_trail){253, 0}, true);

    assert_holds(evidence_of(finding, "TTL of the RST"), "or a host that sends its resets so");
    assert_cause(finding, "A firewall or intrusion prevention system ended");
    end();
    finding = closed_with((struct ip_trail){62, 0}, (struct ip_trail){253, 0}, false);
    assert_holds(evidence_of(finding, "TTL of the FIN"), "consistent with another sender");
    end();
}

static void test_closer_alike(void)
{
    const struct finding *finding =
        closed_with((struct ip_trail){61, 0x1000}, (struct ip_trail){61, 0}, true);

    assert_holds(evidence_of(finding, "TTL of the RST"), "61, as in the server's packets before");
    assert_cause(finding, "The server refuses this client");
    g_assert_true(has_cause(finding, "Less likely, since the TTLs are the same"));
    end();
    finding = closed_with((struct ip_trail){61, 0x1000}, (struct ip_trail){61, 0x1002}, true);
    assert_holds(evidence_of(finding, "TTL of the RST"), "consistent with the same sender");
    end();
    finding = closed_with((struct ip_trail){61, 0xfffe}, (struct ip_trail){61, 1}, true);
    assert_holds(evidence_of(finding, "TTL of the RST"), "consistent with the same sender");
    end();
}

static void test_closer_unknown(void)
{
    const struct finding *finding =
        closed_with((struct ip_trail){0, 0}, (struct ip_trail){61, 0x1000}, true);

    g_assert_null(evidence_of(finding, "TTL of the RST"));
    assert_cause(finding, "A firewall or intrusion prevention system ended");
    end();
    open_lab(); /* the server's packets come over two ways */
    set_hops(64, 61);
    connect_in(40 * MICROSECOND, 40 * MICROSECOND);
    set_hops(64, 62);
    acknowledge(&wire, SERVER);
    reset_by(&wire, SERVER);
    g_assert_null(evidence_of(finding_of_rule("negotiate.reset"), "TTL of the RST"));
    end();
    open_lab();
    set_hops(64, 61);
    connect_in(40 * MICROSECOND, 40 * MICROSECOND);
    set_hops(64, 62);
    acknowledge(&wire, SERVER);
    set_hops(64, 255);
    reset_by(&wire, SERVER);
    assert_holds(evidence_of(finding_of_rule("negotiate.reset"), "TTL of the RST"),
                 "255, but 61 to 62");
    end();
}

/* Both sides of a client that was cut off; over IPv6 there is no identification. */
static void test_closer_client(void)
{
    open_lab();
    for (unsigned i = 0; i < 2; i++)
        wire.ends[i].address.length = 16;
    set_hops(128, 64);
    connect_in(40 * MICROSECOND, 40 * MICROSECOND);
    acknowledge(&wire, SERVER);
    set_hops(62, 64);
    now += 2 * SECOND;
    reset_by(&wire, CLIENT);
    assert_holds(
        evidence_of(finding_of_rule("transport.client_abort_mid_setup"), "Hop limit of the RST"),
        "62, but 128 in the client's packets before");
    end();
}

/* ---- ICMP ---- */

static struct icmp_error error_about(enum side from, uint32_t sequence, uint8_t code)
{
    return (struct icmp_error){
        .reporter = {4, {192, 0, 2, 1}},
        .source = wire.ends[from],
        .destination = wire.ends[!from],
        .sequence = sequence,
        .mtu = code == 4 ? 200 : 0,
        .type = 3,
        .code = code,
    };
}

static void put_error(struct icmp_error error)
{
    const struct frame frame = {.number = ++frame_number, .time = now};

    model_on_icmp_error(model, &frame, &error);
}

static void repeat_negotiate(uint32_t sequence)
{
    const uint32_t length = wire.sequence[CLIENT] - sequence;

    for (unsigned i = 0; i < 4; i++) {
        now += SECOND;
        put_segment(&wire, CLIENT, (struct tcp_segment){.sequence = sequence, .length = length});
    }
}

/* The NEGOTIATE request is sent again and again, and an ICMP error quotes it. */
static const struct finding *unheard(uint8_t code)
{
    uint32_t sequence;

    open_lab();
    sequence = wire.sequence[CLIENT];
    connect_in(40 * MICROSECOND, 40 * MICROSECOND);
    g_assert_true(model_takes_icmp_errors(model));
    put_error(error_about(CLIENT, sequence, code));
    repeat_negotiate(sequence);
    return finding_of_rule("transport.request_not_acked");
}

static void test_icmp(void)
{
    const struct finding *finding = unheard(4);

    assert_holds(evidence_of(finding, "ICMP error about the request"),
                 "packet too big (3/4 of ICMP), no more than 200 bytes fit, sent by 192.0.2.1");
    assert_cause(finding, "A network on the way takes smaller packets only");
    g_assert_false(has_cause(finding, "MTU or path problem"));
    end();
    finding = unheard(13);
    assert_holds(evidence_of(finding, "ICMP error about the request"),
                 "administratively prohibited (3/13 of ICMP), sent by");
    assert_cause(finding, "A firewall or router with a rule");
    end();
    assert_cause(unheard(1), "The server's host or its network went away");
    end();
}

static void test_icmp_of_others(void)
{
    uint32_t sequence;
    const struct finding *finding;

    open_lab();
    sequence = wire.sequence[CLIENT];
    connect_in(40 * MICROSECOND, 40 * MICROSECOND);
    put_error(error_about(CLIENT, wire.sequence[CLIENT], 4)); /* what comes after it */
    put_error(error_about(SERVER, sequence, 4));              /* the other direction */
    wire.ends[SERVER].port = 139;
    put_error(error_about(CLIENT, sequence, 4)); /* another connection */
    wire.ends[SERVER].port = 445;
    repeat_negotiate(sequence);
    finding = finding_of_rule("transport.request_not_acked");
    g_assert_null(evidence_of(finding, "ICMP error about the request"));
    assert_cause(finding, "Packets of this size are lost");
    end();
}

/* The client heeded it: a smaller segment got through. */
static void test_icmp_overcome(void)
{
    const struct finding *finding;
    uint32_t sequence;

    open_lab();
    sequence = wire.sequence[CLIENT];
    connect_in(40 * MICROSECOND, 40 * MICROSECOND);
    put_error(error_about(CLIENT, sequence, 4));
    acknowledge(&wire, SERVER);
    put_error(error_about(CLIENT, sequence, 4));
    wait_for(11 * SECOND);
    finding = finding_of_rule("negotiate.no_response");
    g_assert_null(evidence_of(finding, "ICMP error about the request"));
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/way/closer-other", test_closer_other);
    g_test_add_func("/way/closer-reset", test_closer_reset);
    g_test_add_func("/way/closer-alike", test_closer_alike);
    g_test_add_func("/way/closer-unknown", test_closer_unknown);
    g_test_add_func("/way/closer-client", test_closer_client);
    g_test_add_func("/way/icmp", test_icmp);
    g_test_add_func("/way/icmp-of-others", test_icmp_of_others);
    g_test_add_func("/way/icmp-overcome", test_icmp_overcome);
    return g_test_run();
}
