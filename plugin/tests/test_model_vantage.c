/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the capture was taken, and above all where that is unknown.
 */
#include "model_attempts.h"
#include "way_test.h"

static enum vantage vantage_of(int64_t server_took, int64_t client_took)
{
    enum vantage vantage;

    begin();
    connect_in(server_took, client_took);
    vantage = connection_vantage(the_connection(&wire));
    end();
    return vantage;
}

static void test_near(void)
{
    wire = wire_to(30, 49000);
    g_assert_cmpint(vantage_of(20 * MILLISECOND, 40 * MICROSECOND), ==, VANTAGE_CLIENT);
    g_assert_cmpint(vantage_of(40 * MICROSECOND, 20 * MILLISECOND), ==, VANTAGE_SERVER);
    g_assert_cmpint(vantage_of(5 * MILLISECOND, 40 * MILLISECOND), ==, VANTAGE_BETWEEN);
}

static void test_too_close(void)
{
    wire = wire_to(30, 49000);
    g_assert_cmpint(vantage_of(60 * MICROSECOND, 15 * MICROSECOND), ==, VANTAGE_UNKNOWN);
    g_assert_cmpint(vantage_of(1100 * MICROSECOND, 600 * MICROSECOND), ==, VANTAGE_UNKNOWN);
    g_assert_cmpint(vantage_of(900 * MICROSECOND, 20 * MICROSECOND), ==, VANTAGE_UNKNOWN);
}

/* A clock of milliseconds, or one that was set. */
static void test_clock(void)
{
    wire = wire_to(30, 49000);
    g_assert_cmpint(vantage_of(15 * MILLISECOND, 0), ==, VANTAGE_UNKNOWN);
    g_assert_cmpint(vantage_of(15 * MILLISECOND, -SECOND), ==, VANTAGE_UNKNOWN);
    g_assert_cmpint(vantage_of(-SECOND, 15 * MILLISECOND), ==, VANTAGE_UNKNOWN);
}

static void test_hops(void)
{
    wire = wire_to(30, 49000);
    set_hops(128, 61); /* routers stand on the server's side only */
    g_assert_cmpint(vantage_of(300 * MICROSECOND, 20 * MICROSECOND), ==, VANTAGE_CLIENT);
    g_assert_cmpint(vantage_of(20 * MICROSECOND, 300 * MICROSECOND), ==, VANTAGE_UNKNOWN);
    set_hops(64, 64);
    g_assert_cmpint(vantage_of(300 * MICROSECOND, 20 * MICROSECOND), ==, VANTAGE_UNKNOWN);
    g_assert_cmpint(vantage_of(20 * MILLISECOND, 20 * MICROSECOND), ==, VANTAGE_CLIENT);
    set_hops(61, 64); /* against the times */
    g_assert_cmpint(vantage_of(20 * MILLISECOND, 20 * MICROSECOND), ==, VANTAGE_UNKNOWN);
    g_assert_cmpint(vantage_of(5 * MILLISECOND, 9 * MILLISECOND), ==, VANTAGE_UNKNOWN);
}

static void assert_unknown(void)
{
    ask_negotiate();
    g_assert_cmpint(connection_vantage(the_connection(&wire)), ==, VANTAGE_UNKNOWN);
    end();
}

static void test_not_whole(void)
{
    open_lab();
    assert_unknown();
    open_lab(); /* which SYN was answered? */
    put_syn();
    put_syn();
    put_syn_ack(20 * MILLISECOND);
    put_ack(40 * MICROSECOND);
    assert_unknown();
    open_lab();
    put_syn();
    put_syn_ack(40 * MICROSECOND);
    put_syn_ack(SECOND);
    put_ack(40 * MICROSECOND);
    assert_unknown();
    open_lab(); /* the ACK was not captured */
    put_syn();
    put_syn_ack(40 * MICROSECOND);
    now += 20 * MILLISECOND;
    assert_unknown();
    open_lab(); /* nor was it here */
    put_syn();
    put_syn_ack(40 * MICROSECOND);
    put_after(20 * MILLISECOND, CLIENT, segment_of(&wire, CLIENT, 100));
    wire.sequence[CLIENT] += 100;
    assert_unknown();
}

/* The ports are used again: each connection has its own. */
static void test_again(void)
{
    open_lab();
    connect_in(20 * MILLISECOND, 40 * MICROSECOND);
    wire.sequence[CLIENT] += 100000;
    wire.sequence[SERVER] += 100000;
    connect_in(40 * MICROSECOND, 20 * MILLISECOND);
    g_assert_cmpuint(connection_count(), ==, 2);
    g_assert_cmpint(connection_vantage(the_connection(&wire)), ==, VANTAGE_SERVER);
    end();
}

/* More handshakes at once than are kept. */
static void test_many(void)
{
    open_lab();
    for (unsigned i = 0; i < 3 * HANDSHAKES_KEPT; i++) {
        wire = wire_to(30, (uint16_t)(40000 + i));
        put_syn();
        put_syn_ack(20 * MILLISECOND);
        put_ack(40 * MICROSECOND);
    }
    ask_negotiate();
    g_assert_cmpint(connection_vantage(the_connection(&wire)), ==, VANTAGE_CLIENT);
    wire = wire_to(30, 40000);
    assert_unknown();
}

/* ---- connections that carry nothing ---- */

static void test_wordless(void)
{
    open_lab();
    put_syn();
    put_syn_ack(40 * MICROSECOND);
    put_ack(40 * MICROSECOND);
    finish_by(&wire, CLIENT);
    finish_by(&wire, SERVER);
    g_assert_cmpuint(model_wordless(model), ==, 1);
    wire = wire_to(30, 49001); /* a server that was not asked for long enough */
    put_syn();
    put_syn_ack(40 * MICROSECOND);
    put_ack(40 * MICROSECOND);
    reset_by(&wire, SERVER);
    g_assert_cmpuint(model_wordless(model), ==, 2);
    g_assert_cmpuint(connection_count(), ==, 0);
    end();
}

static void test_not_wordless(void)
{
    open_lab();
    put_syn();
    reset_by(&wire, SERVER); /* it did not come up */
    put_syn();
    put_syn_ack(40 * MICROSECOND);
    put_ack(40 * MICROSECOND);
    put_segment(&wire, CLIENT, segment_of(&wire, CLIENT, 72)); /* a session request on port 139 */
    wire.sequence[CLIENT] += 72;
    finish_by(&wire, CLIENT);
    wire = wire_to(30, 49001);
    put_syn();
    put_syn_ack(40 * MICROSECOND);
    put_ack(40 * MICROSECOND);
    wire.sequence[CLIENT] += 222; /* not captured */
    finish_by(&wire, CLIENT);
    wire = wire_to(30, 49002);
    connect_in(40 * MICROSECOND, 40 * MICROSECOND);
    finish_by(&wire, CLIENT);
    g_assert_cmpuint(model_wordless(model), ==, 0);
    end();
}

/* ---- what is said ---- */

static const struct finding *silent_negotiate(int64_t server_took, int64_t client_took)
{
    open_lab();
    connect_in(server_took, client_took);
    acknowledge(&wire, SERVER);
    wait_for(11 * SECOND);
    return finding_of_rule("negotiate.no_response");
}

static void test_told(void)
{
    const struct finding *finding = silent_negotiate(20 * MILLISECOND, 40 * MICROSECOND);

    assert_holds(evidence_of(finding, "Captured"),
                 "near the client: the server answered the SYN after 20.000 ms, the client that "
                 "answer after 0.040 ms");
    g_assert_true(has_cause(finding, "swallows SMB"));
    g_assert_true(has_cause(finding_of_rule("transport.acked_not_answered"), "on the way"));
    end();
    finding = silent_negotiate(40 * MICROSECOND, 20 * MILLISECOND);
    assert_holds(evidence_of(finding, "Captured"), "near the server: ");
    g_assert_false(has_cause(finding, "swallows SMB"));
    g_assert_false(has_cause(finding_of_rule("transport.acked_not_answered"), "on the way"));
    assert_holds(finding_next_step(finding, scope), "Look at the server itself");
    end();
    finding = silent_negotiate(40 * MICROSECOND, 20 * MICROSECOND);
    g_assert_null(evidence_of(finding, "Captured"));
    g_assert_true(has_cause(finding, "swallows SMB"));
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vantage/near", test_near);
    g_test_add_func("/vantage/too-close", test_too_close);
    g_test_add_func("/vantage/clock", test_clock);
    g_test_add_func("/vantage/hops", test_hops);
    g_test_add_func("/vantage/not-whole", test_not_whole);
    g_test_add_func("/vantage/again", test_again);
    g_test_add_func("/vantage/many", test_many);
    g_test_add_func("/vantage/wordless", test_wordless);
    g_test_add_func("/vantage/not-wordless", test_not_wordless);
    g_test_add_func("/vantage/told", test_told);
    return g_test_run();
}
