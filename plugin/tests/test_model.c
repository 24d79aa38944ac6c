/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Connections: which frame belongs to which, what of them was captured, what TCP says of requests,
 * and how they end.
 */
#include "model_test.h"

/* ---- identity ---- */

static void test_both_directions(void)
{
    struct wire wire = wire_to(30, 49000);
    const struct connection *connection;

    begin();
    g_assert_cmpuint(connection_count(), ==, 0);
    g_assert_null(the_connection(&wire));
    negotiate(&wire, DIALECT_3_0_2);
    connection = the_connection(&wire);
    g_assert_cmpuint(connection_count(), ==, 1);
    g_assert_cmpuint(connection->client.port, ==, 49000);
    g_assert_cmpuint(connection->server.port, ==, 445);
    g_assert_cmpuint(connection->first.frame, ==, 1);
    g_assert_false(connection->midstream);
    g_assert_cmpuint(connection->exchange_count, ==, 1);
    end();
}

static void test_answer_seen_first(void)
{
    struct wire wire = wire_to(30, 49000);
    const struct connection *connection;

    begin();
    answer(&wire, negotiate_answer(0, 1, DIALECT_2_1));
    connection = the_connection(&wire);
    g_assert_cmpuint(connection->server.port, ==, 445);
    g_assert_true(connection->midstream);
    g_assert_cmpuint(connection->dialect, ==, DIALECT_2_1);
    g_assert_cmpuint(connection->agreed->request.frame, ==, 0);
    end();
}

static void test_ipv6(void)
{
    struct wire wire = wire_to(30, 49000), other = wire_to(30, 49000);
    const struct address client = {16, {0x20, 0x01, 0x0d, 0xb8, [15] = 1}};
    const struct address server = {16, {0x20, 0x01, 0x0d, 0xb8, [15] = 2}};

    begin();
    wire.ends[CLIENT].address = client;
    wire.ends[SERVER].address = server;
    negotiate(&wire, DIALECT_3_0);
    g_assert_null(the_connection(&other));
    negotiate(&other, DIALECT_2_1);
    g_assert_cmpuint(connection_count(), ==, 2);
    g_assert_cmpuint(the_connection(&wire)->dialect, ==, DIALECT_3_0);
    g_assert_cmpuint(the_connection(&other)->dialect, ==, DIALECT_2_1);
    g_assert_cmpstr(address_text(&client, scope), ==, "2001:db8::1");
    end();
}

/* Ports of one wire are those of the other, the addresses swapped. */
static void test_mirrored_ports(void)
{
    struct wire wire = wire_to(30, 445), other = wire_to(30, 445);

    begin();
    other.ends[CLIENT] = wire.ends[SERVER];
    other.ends[SERVER] = wire.ends[CLIENT];
    negotiate(&wire, DIALECT_3_0);
    g_assert_true(the_connection(&wire) == the_connection(&other));
    g_assert_cmpuint(the_connection(&wire)->client.address.bytes[3], ==, 10);
    end();
}

static void test_ports_reused(void)
{
    struct wire wire = wire_to(30, 49000);
    const struct connection *first, *second;

    begin();
    shake_hands(&wire);
    negotiate(&wire, DIALECT_3_0_2);
    log_on(&wire, SESSION, 0);
    first = the_connection(&wire);
    wire.sequence[CLIENT] = 700001;
    wire.sequence[SERVER] = 900001;
    shake_hands(&wire);
    g_assert_null(the_connection(&wire));
    negotiate(&wire, DIALECT_2_1);
    second = the_connection(&wire);
    g_assert_true(first != second);
    g_assert_cmpuint(second->number, ==, 2);
    g_assert_cmpuint(second->dialect, ==, DIALECT_2_1);
    g_assert_null(second->session);
    g_assert_cmpuint(first->dialect, ==, DIALECT_3_0_2);
    end();
}

/* The server repeats its SYN-ACK when the client's ACK was lost, also while the client's request is
 * under way. */
static void test_handshake_repeated(void)
{
    struct wire wire = wire_to(30, 49000);
    const struct wire at_start = wire;

    begin();
    shake_hands(&wire);
    ask(&wire, negotiate_ask(0, 1, DIALECT_2_0_2, DIALECT_3_0));
    shake_hands(&at_start);
    answer(&wire, negotiate_answer(0, 1, DIALECT_3_0));
    shake_hands(&at_start);
    g_assert_cmpuint(connection_count(), ==, 1);
    g_assert_cmpuint(the_connection(&wire)->dialect, ==, DIALECT_3_0);
    end();
}

static void test_reused_after_close(void)
{
    struct wire wire = wire_to(30, 49000);
    const struct connection *first;

    begin();
    negotiate(&wire, DIALECT_3_0_2);
    first = the_connection(&wire);
    reset_by(&wire, SERVER);
    ask(&wire, session_ask(1, 0, 0));
    g_assert_true(the_connection(&wire) == first); /* late, but no new beginning */
    negotiate(&wire, DIALECT_3_0);
    g_assert_true(the_connection(&wire) != first);
    g_assert_false(the_connection(&wire)->closed);
    g_assert_cmpuint(the_connection(&wire)->dialect, ==, DIALECT_3_0);
    end();
}

/* ---- where the capture starts ---- */

static void check_midstream(enum side from, struct builder message)
{
    struct wire wire = wire_to(30, 49000);

    begin();
    say(&wire, from, message);
    g_assert_true(the_connection(&wire)->midstream);
    g_assert_cmpuint(the_connection(&wire)->client.port, ==, 49000);
    g_assert_false(connection_absence_is_proof(the_connection(&wire)));
    end();
}

static void test_midstream(void)
{
    check_midstream(CLIENT, session_ask(3, 0, 0));
    check_midstream(SERVER, session_answer(3, SESSION, STATUS_SUCCESS, 0));
    check_midstream(CLIENT, use(SMB2_READ, 30, SESSION, TREE));
    check_midstream(CLIENT, transform_of(SESSION));
    check_midstream(SERVER, transform_of(SESSION));
}

static void test_not_smb(void)
{
    struct wire wire = wire_to(30, 49000);
    struct builder message = negotiate_ask(0, 1, DIALECT_2_0_2, DIALECT_2_1);

    begin();
    message.data[0] = 0xfc; /* compressed: not read */
    ask(&wire, message);
    message.data[0] = 0xfe;
    message.data[1] = 'X';
    ask(&wire, message);
    message.length = 3;
    ask(&wire, message);
    acknowledge(&wire, SERVER);
    g_assert_cmpuint(connection_count(), ==, 0);
    end();
}

/* ---- missing bytes ---- */

static struct connection *begin_at(struct wire *wire, uint32_t client, uint32_t server)
{
    begin();
    *wire = wire_to(30, 49000);
    wire->sequence[CLIENT] = client;
    wire->sequence[SERVER] = server;
    negotiate(wire, DIALECT_3_0);
    g_assert_true(connection_absence_is_proof(the_connection(wire)));
    return the_connection(wire);
}

/* Nothing of `from` in its next bytes is captured. */
static void lose(struct wire *wire, enum side from, uint32_t length)
{
    wire->sequence[from] += length;
}

static void check_reordered(uint32_t start)
{
    struct wire wire;
    const struct connection *connection = begin_at(&wire, start, start);
    struct tcp_segment late = segment_of(&wire, CLIENT, 500);

    lose(&wire, CLIENT, 500);
    ask(&wire, session_ask(1, 0, 0));
    g_assert_nonnull(connection->sides[CLIENT].hole);
    g_assert_false(connection_absence_is_proof(connection));
    put_segment(&wire, CLIENT, late);
    g_assert_null(connection->sides[CLIENT].hole);
    wait_for(5 * SECOND);
    acknowledge(&wire, SERVER);
    g_assert_cmpuint(connection->gap.frame, ==, 0);
    g_assert_true(connection_absence_is_proof(connection));
    end();
}

static void test_reordering_fills_hole(void)
{
    check_reordered(1);
    for (uint32_t back = 0; back < 900; back += 25)
        check_reordered(0u - back);
}

static void test_hole_filled_in_parts(void)
{
    struct wire wire;
    const struct connection *connection = begin_at(&wire, 1, 1);
    struct tcp_segment late = segment_of(&wire, SERVER, 300);

    lose(&wire, SERVER, 600);
    answer(&wire, use(SMB2_ECHO, 9, 0, 0));
    put_segment(&wire, SERVER, late);
    g_assert_nonnull(connection->sides[SERVER].hole);
    late.sequence += 250; /* overlaps */
    late.length = 350;
    put_segment(&wire, SERVER, late);
    g_assert_null(connection->sides[SERVER].hole);
    end();
}

static void test_loss_by_time(void)
{
    struct wire wire;
    const struct connection *connection = begin_at(&wire, 1, 1);
    uint32_t frame;

    lose(&wire, SERVER, 100);
    frame = answer(&wire, use(SMB2_ECHO, 9, 0, 0));
    g_assert_cmpuint(connection->gap.frame, ==, 0);
    now += 2 * SECOND;
    acknowledge(&wire, SERVER);
    g_assert_cmpuint(connection->gap.frame, ==, frame);
    end();
}

static void test_loss_by_segments(void)
{
    struct wire wire;
    const struct connection *connection = begin_at(&wire, 1, 1);

    lose(&wire, CLIENT, 100);
    for (unsigned i = 0; i < 20; i++)
        acknowledge(&wire, CLIENT);
    g_assert_cmpuint(connection->gap.frame, ==, 0);
    for (unsigned i = 0; i < 20; i++)
        acknowledge(&wire, CLIENT);
    g_assert_cmpuint(connection->gap.frame, !=, 0);
    end();
}

static void test_second_hole(void)
{
    struct wire wire;
    const struct connection *connection = begin_at(&wire, 1, 1);

    lose(&wire, CLIENT, 100);
    acknowledge(&wire, CLIENT);
    lose(&wire, CLIENT, 100);
    acknowledge(&wire, CLIENT);
    g_assert_cmpuint(connection->gap.frame, !=, 0);
    end();
}

static void test_acknowledged_unseen(void)
{
    struct wire wire;
    const struct connection *connection = begin_at(&wire, 0xffffff00u, 1);

    lose(&wire, CLIENT, 700); /* runs over 2^32 */
    acknowledge(&wire, SERVER);
    g_assert_nonnull(connection->sides[CLIENT].hole);
    g_assert_false(connection_absence_is_proof(connection));
    end();
}

static void test_fin_is_no_hole(void)
{
    struct wire wire;
    const struct connection *connection = begin_at(&wire, 1, 1);

    finish_by(&wire, CLIENT);
    wire.sequence[CLIENT]++;
    acknowledge(&wire, SERVER);
    finish_by(&wire, SERVER);
    g_assert_null(connection->sides[CLIENT].hole);
    g_assert_cmpuint(connection->gap.frame, ==, 0);
    end();
}

static void test_hole_at_close(void)
{
    struct wire wire;
    const struct connection *connection = begin_at(&wire, 1, 1);

    lose(&wire, SERVER, 100);
    acknowledge(&wire, SERVER);
    reset_by(&wire, CLIENT);
    g_assert_cmpuint(connection->gap.frame, !=, 0);
    end();
}

static void test_snap_length(void)
{
    const struct message_context cut = {.truncated = true};
    struct builder message = session_ask(1, 0, 0), stump = message;
    struct wire wire;
    const struct connection *connection = begin_at(&wire, 1, 1);

    say_all(&wire, CLIENT, &message, 1, cut);
    g_assert_cmpuint(connection->truncated, ==, frame_number);
    g_assert_cmpuint(connection->gap.frame, ==, frame_number);
    g_assert_false(connection_absence_is_proof(connection));
    end();
    connection = begin_at(&wire, 1, 1);
    stump.length = 40; /* not even a header */
    say_all(&wire, CLIENT, &stump, 1, cut);
    g_assert_cmpuint(connection->truncated, ==, frame_number);
    g_assert_false(connection_absence_is_proof(connection));
    end();
}

static bool one_direction_proves(enum side seen, unsigned handshake)
{
    struct wire wire = wire_to(30, 49000);
    bool proves;

    begin();
    wire.handshake = handshake;
    if (seen == CLIENT)
        ask(&wire, negotiate_ask(0, 1, DIALECT_2_0_2, DIALECT_3_0));
    else
        answer(&wire, negotiate_answer(0, 1, DIALECT_3_0));
    proves = connection_absence_is_proof(the_connection(&wire));
    end();
    return proves;
}

static void test_one_direction(void)
{
    g_assert_false(one_direction_proves(CLIENT, 0));
    g_assert_false(one_direction_proves(CLIENT, HANDSHAKE_SYN));
    g_assert_true(one_direction_proves(CLIENT, HANDSHAKE_SYN | HANDSHAKE_SYN_ACK));
    g_assert_false(one_direction_proves(SERVER, HANDSHAKE_SYN | HANDSHAKE_SYN_ACK));
}

/* Whatever Wireshark knows of it. */
static void test_handshake_seen(void)
{
    struct wire wire = wire_to(30, 49000);

    begin();
    wire.handshake = 0;
    shake_hands(&wire);
    ask(&wire, negotiate_ask(0, 1, DIALECT_2_0_2, DIALECT_3_0));
    g_assert_true(connection_absence_is_proof(the_connection(&wire)));
    end();
}

/* What one connection lost says nothing about the next on the same ports. */
static void test_gap_stays_with_its_connection(void)
{
    struct wire wire;
    const struct connection *first = begin_at(&wire, 1, 1);

    lose(&wire, SERVER, 100);
    acknowledge(&wire, SERVER);
    reset_by(&wire, CLIENT);
    g_assert_cmpuint(first->gap.frame, !=, 0);
    wire.sequence[CLIENT] = wire.sequence[SERVER] = 77;
    shake_hands(&wire);
    negotiate(&wire, DIALECT_3_0);
    g_assert_true(the_connection(&wire) != first);
    g_assert_cmpuint(the_connection(&wire)->gap.frame, ==, 0);
    g_assert_true(connection_absence_is_proof(the_connection(&wire)));
    end();
}

static void add(const char *name, GTestFunc test)
{
    g_test_add_func(name, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/connection/both-directions", test_both_directions);
    add("/connection/answer-seen-first", test_answer_seen_first);
    add("/connection/ipv6", test_ipv6);
    add("/connection/mirrored-ports", test_mirrored_ports);
    add("/connection/ports-reused", test_ports_reused);
    add("/connection/handshake-seen", test_handshake_seen);
    add("/connection/handshake-repeated", test_handshake_repeated);
    add("/connection/reused-after-close", test_reused_after_close);
    add("/connection/midstream", test_midstream);
    add("/connection/not-smb", test_not_smb);
    add("/bytes/reordering", test_reordering_fills_hole);
    add("/bytes/filled-in-parts", test_hole_filled_in_parts);
    add("/bytes/loss-by-time", test_loss_by_time);
    add("/bytes/loss-by-segments", test_loss_by_segments);
    add("/bytes/second-hole", test_second_hole);
    add("/bytes/acknowledged-unseen", test_acknowledged_unseen);
    add("/bytes/fin", test_fin_is_no_hole);
    add("/bytes/hole-at-close", test_hole_at_close);
    add("/bytes/snap-length", test_snap_length);
    add("/bytes/one-direction", test_one_direction);
    add("/bytes/next-connection", test_gap_stays_with_its_connection);
    return g_test_run();
}
