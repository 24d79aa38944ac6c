/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rules on requests without an answer: who ended the connection, when, and what was still under
 * way decides what they say.
 */
#include "model_test.h"

static struct wire wire;

static void begin_at_challenge(void)
{
    begin();
    wire = wire_to(30, 49000);
    shake_hands(&wire);
    negotiate(&wire, DIALECT_3_0);
    ask(&wire, session_ask(1, 0, 0));
    answer(&wire, session_answer(1, SESSION, STATUS_MORE_PROCESSING_REQUIRED, 0));
}

static void begin_logged_on(void)
{
    begin_at_challenge();
    ask(&wire, session_ask(2, SESSION, 0));
    answer(&wire, session_answer(2, SESSION, STATUS_SUCCESS, 0));
}

static const struct finding *finding_of_rule(const char *id)
{
    const struct finding *finding = connection_first_finding(the_connection(&wire));

    for (; finding; finding = finding->next) {
        if (!finding->withdrawn && strcmp(finding->rule->id, id) == 0)
            return finding;
    }
    return NULL;
}

static unsigned kinds_on(uint32_t frame)
{
    unsigned kinds = 0;

    for (const struct note *note = engine_notes(engine, frame); note; note = note_next(note))
        kinds |= 1u << note->kind;
    return kinds;
}

/* ---- a logon that the client does not go on with ---- */

static void test_client_waits(void)
{
    begin_at_challenge();
    now += 31 * SECOND;
    finish_by(&wire, SERVER);
    g_assert_nonnull(finding_of_rule("session_setup.incomplete"));
    end();
}

/* Compressed, broken, or in a frame that was not dissected: it went on all the same. */
static void check_client_goes_on(enum side closed_by)
{
    begin_at_challenge();
    put_segment(&wire, CLIENT, segment_of(&wire, CLIENT, 200));
    wire.sequence[CLIENT] += 200;
    now += 31 * SECOND;
    reset_by(&wire, closed_by);
    g_assert_null(finding_of_rule("session_setup.incomplete"));
    g_assert_null(finding_of_rule("session_setup.client_abort"));
    end();
}

static void test_client_goes_on(void)
{
    check_client_goes_on(SERVER);
    check_client_goes_on(CLIENT);
}

/* ---- STATUS_PENDING ---- */

static bool is_pending_lost(uint16_t command, int64_t after, enum side closed_by)
{
    bool found;

    begin_logged_on();
    connect_share(&wire, 3, "\\\\files\\data", TREE);
    ask(&wire, command == SMB2_CREATE ? use(SMB2_CREATE, 4, SESSION, TREE)
                                      : tree_ask(4, SESSION, "\\\\files\\more"));
    answer(&wire, pending(command, 4));
    now += after;
    finish_by(&wire, closed_by);
    found = finding_of_rule("transport.pending_then_lost");
    end();
    return found;
}

static void test_pending(void)
{
    g_assert_true(is_pending_lost(SMB2_TREE_CONNECT, 1 * SECOND, SERVER));
    g_assert_true(is_pending_lost(SMB2_TREE_CONNECT, 60 * SECOND, CLIENT));
    g_assert_false(is_pending_lost(SMB2_TREE_CONNECT, 1 * SECOND, CLIENT));
    g_assert_true(is_pending_lost(SMB2_CREATE, 1 * SECOND, SERVER));
    g_assert_false(is_pending_lost(SMB2_CREATE, 60 * SECOND, CLIENT));
}

/* ---- a request that does not arrive ---- */

static uint32_t retransmit(uint32_t length, int64_t after)
{
    struct tcp_segment copy = segment_of(&wire, CLIENT, length);

    copy.sequence -= length;
    now += after;
    return put_segment(&wire, CLIENT, copy);
}

/* Asks for a share, and repeats it as TCP does. The frame that tells of it. */
static uint32_t not_arriving(void)
{
    struct builder asked = tree_ask(3, SESSION, "\\\\files\\data");
    const int64_t waits[] = {200 * MILLISECOND, 400 * MILLISECOND, 800 * MILLISECOND};

    begin_logged_on();
    ask(&wire, asked);
    for (unsigned i = 0; i < G_N_ELEMENTS(waits); i++)
        retransmit(asked.length, waits[i]);
    g_assert_null(finding_of_rule("transport.request_not_acked"));
    return retransmit(asked.length, 1600 * MILLISECOND);
}

static void test_told_while_it_happens(void)
{
    uint32_t told = not_arriving();

    g_assert_nonnull(finding_of_rule("transport.request_not_acked"));
    g_assert_cmpuint(kinds_on(told), ==, 1u << NOTE_TELLS);
    now += 20 * SECOND;
    g_assert_cmpuint(kinds_on(pass_by()), ==, 0); /* told before */
    g_assert_null(finding_of_rule("tree_connect.no_response"));
    g_assert_cmpuint(kinds_on(reset_by(&wire, CLIENT)), ==, 1u << NOTE_COMPLETES_TOLD);
    end();
}

/* It arrives after all: from then on the server has time to answer. */
static void test_arrives_after_all(void)
{
    uint32_t arrived;

    not_arriving();
    now += 4 * SECOND;
    arrived = acknowledge(&wire, SERVER);
    g_assert_null(finding_of_rule("transport.request_not_acked"));
    g_assert_cmpuint(kinds_on(arrived), ==, 1u << NOTE_TAKES_BACK);
    now += 9 * SECOND;
    pass_by();
    g_assert_null(finding_of_rule("tree_connect.no_response"));
    now += 2 * SECOND;
    pass_by();
    g_assert_nonnull(finding_of_rule("tree_connect.no_response"));
    answer(&wire, tree_answer(3, SESSION, TREE, 0));
    g_assert_null(finding_of_rule("tree_connect.no_response"));
    end();
}

static void test_arrives_and_is_answered(void)
{
    not_arriving();
    answer(&wire, tree_answer(3, SESSION, TREE, 0));
    g_assert_null(finding_of_rule("transport.request_not_acked"));
    g_assert_null(connection_root_cause(the_connection(&wire)));
    end();
}

/* Missing bytes: the ACK may be among them. */
static void test_not_arriving_in_a_gap(void)
{
    struct builder asked = tree_ask(3, SESSION, "\\\\files\\data");

    begin_logged_on();
    wire.sequence[SERVER] += 100;
    ask(&wire, asked);
    for (unsigned i = 0; i < 5; i++)
        retransmit(asked.length, SECOND);
    g_assert_null(finding_of_rule("transport.request_not_acked"));
    end();
}

/* ---- an answer that the client does not receive ---- */

static void test_late_answer(void)
{
    begin_logged_on();
    ask(&wire, tree_ask(3, SESSION, "\\\\files\\data"));
    acknowledge(&wire, SERVER);
    now += 15 * SECOND;
    finish_by(&wire, CLIENT);
    answer(&wire, tree_answer(3, SESSION, TREE, 0));
    reset_by(&wire, CLIENT);
    g_assert_nonnull(finding_of_rule("tree_connect.no_response"));
    g_assert_null(finding_of_rule("transport.slow_response"));
    g_assert_cmpuint(connection_stage(the_connection(&wire)), ==, STAGE_TREE_CONNECT);
    end();
}

static void add(const char *name, GTestFunc test)
{
    g_test_add_func(name, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/logon/client-waits", test_client_waits);
    add("/logon/client-goes-on", test_client_goes_on);
    add("/pending/by-whom-and-when", test_pending);
    add("/arrival/told-while-it-happens", test_told_while_it_happens);
    add("/arrival/after-all", test_arrives_after_all);
    add("/arrival/answered", test_arrives_and_is_answered);
    add("/arrival/gap", test_not_arriving_in_a_gap);
    add("/close/late-answer", test_late_answer);
    return g_test_run();
}
