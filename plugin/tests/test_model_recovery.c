/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The engine: findings that later frames complete, withdraw or soften; evidence in words.
 */
#include "engine_test.h"

/* ---- silence ---- */

static void test_silence_withdrawn(void)
{
    const struct finding *finding;

    start_connection();
    ask(&wire, session_ask(1, 0, 0));
    wait_for(11 * SECOND);
    finding = found(&silent);
    g_assert_cmpuint(finding->completed.frame, ==, 0);
    g_assert_cmpuint(finding->about.frame, ==, 3);
    wait_for(11 * SECOND);
    g_assert_cmpuint(finding->count, ==, 1);
    answer(&wire, session_answer(1, SESSION, STATUS_SUCCESS, 0));
    g_assert_true(finding->withdrawn);
    g_assert_null(root());
    g_assert_cmpuint(shown(), ==, 0);
    end();
}

static void test_silence_withdrawn_by_interim(void)
{
    start_connection();
    ask(&wire, tree_ask(1, SESSION, "\\\\files\\data"));
    wait_for(11 * SECOND);
    g_assert_nonnull(found(&silent));
    answer(&wire, pending(SMB2_TREE_CONNECT, 1));
    g_assert_null(found(&silent));
    end();
}

static void test_silence_completed_by_close(void)
{
    const struct finding *finding;
    uint32_t frame;

    start_connection();
    ask(&wire, session_ask(1, 0, 0));
    wait_for(11 * SECOND);
    finding = found(&silent);
    frame = reset_by(&wire, CLIENT);
    g_assert_true(found(&silent) == finding);
    g_assert_cmpuint(shown(), ==, 1);
    g_assert_cmpuint(finding->completed.frame, ==, frame);
    g_assert_cmpuint(note_on(finding->completed.frame)->kind, ==, NOTE_COMPLETES_TOLD);
    end();
}

static void test_silence_needs_proof(void)
{
    start_connection();
    ask(&wire, session_ask(1, 0, 0));
    wire.sequence[SERVER] += 100; /* what if that was the answer? */
    acknowledge(&wire, CLIENT);
    wait_for(11 * SECOND);
    reset_by(&wire, SERVER);
    g_assert_cmpuint(shown(), ==, 0);
    end();
}

/* The silence of one request says nothing about another that was answered. */
static void test_two_silent(void)
{
    start_connection();
    ask(&wire, tree_ask(3, SESSION, "\\\\files\\data"));
    ask(&wire, tree_ask(4, SESSION, "\\\\files\\data"));
    wait_for(11 * SECOND);
    g_assert_cmpuint(found(&silent)->count, ==, 2);
    answer(&wire, tree_answer(3, SESSION, TREE, 0));
    answer(&wire, tree_answer(4, SESSION, TREE, 0));
    g_assert_cmpuint(shown(), ==, 0);
    end();
}

/* What is said of two requests moves to the one that stays silent. */
static void test_first_of_two_answered(void)
{
    const struct finding *finding;
    uint32_t first, second, answered;

    start_connection();
    first = ask(&wire, tree_ask(3, SESSION, "\\\\files\\data"));
    second = ask(&wire, tree_ask(4, SESSION, "\\\\files\\data"));
    wait_for(11 * SECOND);
    finding = found(&silent);
    g_assert_cmpuint(finding->about.frame, ==, first);
    answered = answer(&wire, tree_answer(3, SESSION, TREE, 0));
    g_assert_true(found(&silent) == finding);
    g_assert_true(finding->exchange == exchange_at(connection, 2));
    g_assert_cmpuint(finding->about.frame, ==, second);
    g_assert_cmpuint(finding->last.frame, ==, second);
    g_assert_cmpuint(finding->count, ==, 1);
    g_assert_true(has_evidence(finding, "TREE_CONNECT request: frame 4"));
    g_assert_false(has_evidence(finding, "TREE_CONNECT request: frame 3"));
    g_assert_null(note_on(first));
    g_assert_cmpuint(note_on(second)->kind, ==, NOTE_ABOUT);
    g_assert_null(note_next(note_on(second)));
    g_assert_cmpuint(note_on(answered)->kind, ==, NOTE_TAKES_BACK);
    g_assert_cmpuint(note_on(answered)->message, ==, first);
    g_assert_true(root() == finding);
    answer(&wire, tree_answer(4, SESSION, TREE, 0));
    g_assert_cmpuint(shown(), ==, 0);
    g_assert_null(root());
    end();
}

static void test_second_of_two_answered(void)
{
    const struct finding *finding;
    uint32_t first, second;

    start_connection();
    first = ask(&wire, tree_ask(3, SESSION, "\\\\files\\data"));
    second = ask(&wire, tree_ask(4, SESSION, "\\\\files\\data"));
    wait_for(11 * SECOND);
    finding = found(&silent);
    answer(&wire, pending(SMB2_TREE_CONNECT, 4));
    g_assert_cmpuint(finding->about.frame, ==, first);
    g_assert_cmpuint(finding->last.frame, ==, first);
    g_assert_cmpuint(finding->count, ==, 1);
    g_assert_null(note_on(second));
    end();
}

/* In any order, and in one frame. */
static void test_many_silent(void)
{
    struct builder asked[4];
    const struct finding *finding;

    start_connection();
    for (uint64_t id = 0; id < 4; id++)
        asked[id] = tree_ask(3 + id, SESSION, "\\\\files\\data");
    say_all(&wire, CLIENT, asked, 4, (struct message_context){0});
    wait_for(11 * SECOND);
    finding = found(&silent);
    g_assert_cmpuint(finding->count, ==, 4);
    answer(&wire, tree_answer(4, SESSION, TREE, 0));
    answer(&wire, tree_answer(3, SESSION, TREE, 0));
    g_assert_cmpuint(finding->count, ==, 2);
    g_assert_cmpint(finding->about.item, ==, 2);
    g_assert_cmpuint(note_on(finding->about.frame)->kind, ==, NOTE_ABOUT);
    g_assert_cmpint(note_on(finding->about.frame)->item, ==, 2);
    answer(&wire, tree_answer(6, SESSION, TREE, 0));
    g_assert_cmpint(finding->about.item, ==, 2);
    answer(&wire, tree_answer(5, SESSION, TREE, 0));
    g_assert_cmpuint(shown(), ==, 0);
    end();
}

/* ---- who reads once ---- */

/* A frame of anything else tells of it, once. */
static void test_silence_is_told(void)
{
    uint32_t told, close;

    start_connection();
    ask(&wire, session_ask(1, 0, 0));
    now += 11 * SECOND;
    told = pass_by();
    g_assert_cmpuint(note_on(told)->kind, ==, NOTE_TELLS);
    g_assert_true(note_on(told)->finding == found(&silent));
    g_assert_null(note_next(note_on(told)));
    g_assert_null(note_on(pass_by()));
    close = finish_by(&wire, CLIENT);
    g_assert_cmpuint(note_on(close)->kind, ==, NOTE_COMPLETES_TOLD);
    g_assert_null(note_next(note_on(close)));
    g_assert_true(has_evidence(found(&silent), "Unanswered for: 11.003 s"));
    end();
}

/* One that rolls up is told as well, with a link to its own message. */
static void test_repeat_is_told(void)
{
    uint32_t second, told;

    start_connection();
    ask(&wire, tree_ask(3, SESSION, "\\\\files\\data"));
    now += 6 * SECOND;
    second = ask(&wire, tree_ask(4, SESSION, "\\\\files\\data"));
    now += 6 * SECOND;
    g_assert_cmpuint(note_on(pass_by())->kind, ==, NOTE_TELLS);
    now += 6 * SECOND;
    told = pass_by();
    g_assert_cmpuint(note_on(told)->kind, ==, NOTE_TELLS_REPEAT);
    g_assert_cmpuint(note_on(told)->message, ==, second);
    end();
}

/* The close is the first frame after the silence. */
static void test_close_tells(void)
{
    uint32_t close;

    start_connection();
    ask(&wire, session_ask(1, 0, 0));
    now += 11 * SECOND;
    close = finish_by(&wire, CLIENT);
    g_assert_cmpuint(note_on(close)->kind, ==, NOTE_COMPLETES);
    g_assert_null(note_next(note_on(close)));
    end();
}

static void test_answer_too_late(void)
{
    start_connection();
    ask(&wire, session_ask(1, 0, 0));
    wait_for(11 * SECOND);
    finish_by(&wire, CLIENT);
    answer(&wire, session_answer(1, SESSION, STATUS_SUCCESS, 0));
    g_assert_nonnull(found(&silent));
    g_assert_true(root() == found(&silent));
    g_assert_true(
        has_evidence(found(&silent), "Answer, when the client had already closed: frame 5"));
    end();
}

/* ---- recovery ---- */

static void check_recovery(int64_t after, bool overcome)
{
    const struct finding *finding;

    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    finding = found(&share_missing);
    wait_for(after);
    connect_share(&wire, 4, "\\\\FILES\\data", TREE);
    g_assert_cmpuint(finding->severity, ==, overcome ? NOTE : ERROR);
    g_assert_true(finding->root_cause == !overcome);
    g_assert_true(has_evidence(finding, "Overcome: the same succeeded soon after: frame 6") ==
                  overcome);
    end();
}

static void test_recovery(void)
{
    check_recovery(3 * SECOND, true);
    check_recovery(6 * SECOND, false);
}

static void test_recovery_is_of_the_same(void)
{
    struct wire other = wire_to(31, 49001);

    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    connect_share(&wire, 4, "\\\\files\\other", TREE);
    g_assert_cmpuint(found(&share_missing)->severity, ==, ERROR);
    negotiate(&other, DIALECT_3_0);
    connect_share(&other, 4, "\\\\files\\data", TREE); /* another server */
    g_assert_cmpuint(found(&share_missing)->severity, ==, ERROR);
    end();
}

static void test_recovery_elsewhere(void)
{
    struct wire other = wire_to(30, 49001);

    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    negotiate(&other, DIALECT_3_0);
    connect_share(&other, 4, "\\\\files\\data", TREE);
    g_assert_cmpuint(found(&share_missing)->severity, ==, NOTE);
    end();
}

/* What fails again after it was overcome is a fault of its own. */
static void test_failure_after_recovery(void)
{
    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    connect_share(&wire, 4, "\\\\files\\data", TREE);
    wait_for(60 * SECOND);
    refuse_share(5, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    g_assert_nonnull(root());
    g_assert_cmpuint(root()->severity, ==, ERROR);
    g_assert_cmpuint(root()->about.frame, ==, frame_number);
    end();
}

/* ---- evidence ---- */

static const char *text_of(struct proof *proof)
{
    return evidence_text(proof->evidence.last, scope);
}

static void test_evidence(void)
{
    const struct sighting none = {0}, seen = {.frame = 7}, later = {.frame = 9};
    struct proof proof;

    begin();
    proof = (struct proof){.scope = scope};
    proof_frame(&proof, "Request", &none);
    g_assert_null(proof.evidence.first);
    proof_frame(&proof, "Request", &seen);
    g_assert_cmpstr(text_of(&proof), ==, "Request: frame 7");
    proof_value(&proof, "Tries", "%u times", 3);
    g_assert_cmpstr(text_of(&proof), ==, "Tries: 3 times");
    proof_value_in(&proof, &seen, "Dialect", "%s", "3.0");
    g_assert_cmpstr(text_of(&proof), ==, "Dialect: 3.0 in frame 7");
    proof_difference(&proof, "Mode", "1", &seen, "3", &later);
    g_assert_cmpstr(text_of(&proof), ==, "Mode: 1 in frame 7, but 3 in frame 9");
    proof_difference(&proof, "Mode", "1", &none, "3", &later);
    g_assert_cmpstr(text_of(&proof), ==, "Mode: 1, but 3 in frame 9");
    proof_interval(&proof, "After", 1500 * MILLISECOND);
    g_assert_cmpstr(text_of(&proof), ==, "After: 1.500 s");
    proof_interval(&proof, "After", -2 * MILLISECOND);
    g_assert_cmpstr(text_of(&proof), ==, "After: -2.000 ms");
    proof_caveat(&proof, "Bytes are missing");
    g_assert_cmpstr(text_of(&proof), ==, "Bytes are missing");
    end();
}

static void add(const char *name, GTestFunc test)
{
    g_test_add_func(name, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/silence/withdrawn", test_silence_withdrawn);
    add("/silence/withdrawn-by-interim", test_silence_withdrawn_by_interim);
    add("/silence/completed-by-close", test_silence_completed_by_close);
    add("/silence/needs-proof", test_silence_needs_proof);
    add("/silence/two", test_two_silent);
    add("/silence/first-of-two-answered", test_first_of_two_answered);
    add("/silence/second-of-two-answered", test_second_of_two_answered);
    add("/silence/many", test_many_silent);
    add("/silence/answer-too-late", test_answer_too_late);
    add("/told/silence", test_silence_is_told);
    add("/told/repeat", test_repeat_is_told);
    add("/told/close", test_close_tells);
    add("/recovery/in-time", test_recovery);
    add("/recovery/of-the-same", test_recovery_is_of_the_same);
    add("/recovery/elsewhere", test_recovery_elsewhere);
    add("/recovery/failure-after", test_failure_after_recovery);
    add("/finding/evidence", test_evidence);
    return g_test_run();
}
