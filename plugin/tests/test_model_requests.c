/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Requests: what TCP shows of them, their answers, their silence, and what is open when the
 * connection closes.
 */
#include "model_test.h"

static struct wire wire;
static struct connection *connection;

static void begin_negotiated(void)
{
    begin();
    wire = wire_to(30, 49000);
    negotiate(&wire, DIALECT_3_0);
    connection = the_connection(&wire);
}

static struct exchange *last(void)
{
    return connection->last_exchange;
}

static unsigned exchange_count(void)
{
    return connection->exchange_count;
}

/* ---- TCP ---- */

static void test_retransmissions(void)
{
    const struct builder message = session_ask(1, 0, 0);
    struct tcp_segment copy;
    uint32_t frame;

    begin_negotiated();
    copy = segment_of(&wire, CLIENT, message.length);
    ask(&wire, message);
    g_assert_cmpuint(exchange_interlude(last())->retransmissions, ==, 0);
    put_segment(&wire, CLIENT, copy);
    copy.sequence += 10; /* the rest of it, with something behind */
    frame = put_segment(&wire, CLIENT, copy);
    g_assert_cmpuint(exchange_interlude(last())->retransmissions, ==, 2);
    g_assert_cmpuint(exchange_interlude(last())->last_copy.frame, ==, frame);
    copy.length = 5; /* does not reach its end */
    put_segment(&wire, CLIENT, copy);
    g_assert_cmpuint(exchange_interlude(last())->retransmissions, ==, 2);
    answer(&wire, session_answer(1, SESSION, STATUS_LOGON_FAILURE, 0));
    put_segment(&wire, CLIENT, copy);
    g_assert_cmpuint(exchange_interlude(last())->retransmissions, ==, 2);
    end();
}

/* RFC 9293 3.8.4: a keep-alive may carry the last byte again. */
static void test_keep_alive(void)
{
    struct tcp_segment keep_alive;

    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    acknowledge(&wire, SERVER);
    keep_alive = segment_of(&wire, CLIENT, 1);
    keep_alive.sequence--;
    put_segment(&wire, CLIENT, keep_alive);
    g_assert_cmpuint(exchange_interlude(last())->retransmissions, ==, 0);
    end();
}

static void test_acknowledged(void)
{
    struct tcp_segment partly;
    uint32_t frame;

    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    partly = segment_of(&wire, SERVER, 0);
    partly.acknowledgement -= 10;
    put_segment(&wire, SERVER, partly);
    g_assert_cmpuint(last()->acknowledged.frame, ==, 0);
    frame = acknowledge(&wire, SERVER);
    acknowledge(&wire, SERVER);
    g_assert_cmpuint(last()->acknowledged.frame, ==, frame);
    end();
}

static void test_all_acknowledged_at_once(void)
{
    uint32_t frame;

    begin_negotiated();
    for (unsigned i = 1; i <= 5; i++)
        ask(&wire, tree_ask(i, SESSION, "\\\\files\\data"));
    frame = acknowledge(&wire, SERVER);
    for (unsigned i = 1; i <= 5; i++)
        g_assert_cmpuint(exchange_at(connection, i)->acknowledged.frame, ==, frame);
    end();
}

static void test_sequence_wraps(void)
{
    begin();
    wire = wire_to(30, 49000);
    wire.sequence[CLIENT] = 0u - 140; /* NEGOTIATE has 110 bytes: SESSION_SETUP runs over 2^32 */
    wire.sequence[SERVER] = 0u - 1;
    negotiate(&wire, DIALECT_3_0);
    connection = the_connection(&wire);
    ask(&wire, session_ask(1, 0, 0));
    acknowledge(&wire, SERVER);
    g_assert_cmpuint(last()->request_end, <, 1000);
    g_assert_cmpuint(last()->acknowledged.frame, ==, frame_number);
    g_assert_true(connection_absence_is_proof(connection));
    end();
}

/* ---- copies ---- */

static void test_duplicates(void)
{
    begin_negotiated();
    for (unsigned i = 0; i < 3; i++)
        ask(&wire, session_ask(1, 0, 0));
    for (unsigned i = 0; i < 3; i++)
        answer(&wire, session_answer(1, SESSION, i ? STATUS_LOGON_FAILURE : STATUS_SUCCESS, 0));
    g_assert_cmpuint(exchange_count(), ==, 2);
    g_assert_cmpuint(last()->status, ==, STATUS_SUCCESS);
    g_assert_cmpuint(last()->request.frame, ==, 3);
    g_assert_cmpuint(last()->response.frame, ==, 6);
    end();
}

/* ---- STATUS_PENDING ---- */

static void test_pending(void)
{
    uint32_t frame;

    begin_negotiated();
    ask(&wire, tree_ask(5, SESSION, "\\\\files\\data"));
    frame = answer(&wire, pending(SMB2_TREE_CONNECT, 5));
    answer(&wire, pending(SMB2_TREE_CONNECT, 5));
    g_assert_cmpuint(exchange_interlude(last())->interim.frame, ==, frame);
    g_assert_false(exchange_answered(last()));
    wait_for(60 * SECOND);
    g_assert_true(last()->is_open);
    frame = answer(&wire, tree_answer(5, SESSION, TREE, 0));
    g_assert_cmpuint(last()->response.frame, ==, frame);
    g_assert_cmpint(exchange_duration(last()), >=, 60 * SECOND);
    answer(&wire, pending(SMB2_TREE_CONNECT, 5)); /* out of order: says nothing any more */
    g_assert_cmpuint(exchange_interlude(last())->interim.frame, <, frame);
    end();
}

static void test_pending_after_answer(void)
{
    begin_negotiated();
    ask(&wire, tree_ask(5, SESSION, "\\\\files\\data"));
    answer(&wire, tree_answer(5, SESSION, TREE, 0));
    answer(&wire, pending(SMB2_TREE_CONNECT, 5));
    g_assert_cmpuint(exchange_interlude(last())->interim.frame, ==, 0);
    end();
}

/* Without a request there is nothing that it could be the interim response to. */
static void test_pending_orphan(void)
{
    begin_negotiated();
    answer(&wire, pending(SMB2_TREE_CONNECT, 5));
    g_assert_cmpuint(exchange_count(), ==, 1);
    end();
}

/* ---- answers without requests ---- */

static void test_orphans(void)
{
    begin_negotiated();
    answer(&wire, tree_refusal(7, SESSION, STATUS_BAD_NETWORK_NAME));
    answer(&wire, tree_refusal(7, SESSION, STATUS_BAD_NETWORK_NAME));
    g_assert_cmpuint(exchange_count(), ==, 2);
    g_assert_cmpuint(last()->request.frame, ==, 0);
    g_assert_cmpuint(last()->status, ==, STATUS_BAD_NETWORK_NAME);
    g_assert_cmpint(exchange_duration(last()), ==, 0);
    g_assert_null(last()->tree);
    answer(&wire, refusal((struct smb2_header){
                      .command = SMB2_READ, .message_id = 8, .status = STATUS_ACCESS_DENIED}));
    g_assert_cmpuint(exchange_count(), ==, 2);
    answer(&wire, tree_answer(9, SESSION, TREE, 0));
    g_assert_true(connection->tree_connected);
    end();
}

/* An answer of another command under the request's message id is not its answer. */
static void test_answer_of_another_command(void)
{
    struct exchange *asked;

    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    asked = last();
    answer(&wire, tree_answer(1, SESSION, TREE, 0));
    g_assert_false(exchange_answered(asked));
    answer(&wire, session_answer(1, SESSION, STATUS_SUCCESS, 0));
    g_assert_true(exchange_answered(asked));
    end();
}

/* ---- silence ---- */

static void test_silence(void)
{
    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    wait_for(9 * SECOND);
    g_assert_false(last()->settled);
    wait_for(2 * SECOND);
    g_assert_true(last()->settled);
    g_assert_cmpuint(last()->waiting, ==, 0);
    wait_for(60 * SECOND);
    answer(&wire, session_answer(1, SESSION, STATUS_SUCCESS, 0));
    g_assert_true(exchange_answered(last()));
    g_assert_false(last()->is_open);
    g_assert_cmpuint(connection->session->state, ==, SESSION_VALID);
    end();
}

/* One time that is wrong holds up no other. */
static void test_time_far_ahead(void)
{
    int64_t right;

    begin_negotiated();
    right = now;
    now = right + 1000000 * SECOND;
    ask(&wire, session_ask(1, 0, 0));
    now = right;
    ask(&wire, session_ask(2, 0, 0));
    wait_for(9 * SECOND);
    g_assert_false(last()->settled);
    wait_for(2 * SECOND);
    g_assert_true(last()->settled);
    g_assert_false(exchange_at(connection, 1)->settled);
    end();
}

/* In whatever order requests come and are answered, they are due in the order of their times. */
static void test_waiting_in_order(void)
{
    int64_t start;

    begin_negotiated();
    start = now;
    for (uint64_t id = 1; id <= 200; id++) {
        now = start + (int64_t)(id * 37 % 200) * 10 * MILLISECOND;
        ask(&wire, session_ask(id, 0, 0));
    }
    for (uint64_t id = 3; id <= 200; id += 3)
        answer(&wire, session_answer(id, SESSION, STATUS_LOGON_FAILURE, 0));
    for (int64_t at = start + 9 * SECOND; at < start + 14 * SECOND; at += 10 * MILLISECOND) {
        settle_at(0, at);
        for (uint64_t id = 1; id <= 200; id++) {
            const struct exchange *exchange = exchange_at(connection, (unsigned)id);
            const bool due = at - exchange->request.time >= 10 * SECOND && id % 3 != 0;

            g_assert_true(exchange->settled == due);
            g_assert_true((exchange->waiting == 0) == (due || id % 3 == 0));
        }
    }
    end();
}

/* Times that run backwards, or jump to the end of all times, as a broken capture has them. */
static void test_times_jump(void)
{
    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    settle_at(frame_number, now - 100 * SECOND);
    g_assert_false(last()->settled);
    now -= 1000 * SECOND;
    answer(&wire, session_answer(1, SESSION, STATUS_SUCCESS, 0));
    g_assert_cmpint(exchange_duration(last()), <, 0);
    settle_at(frame_number, INT64_MAX / 2);
    settle_at(frame_number, -INT64_MAX / 2);
    end();
}

/* ---- close ---- */

static void check_close(enum side by, bool reset)
{
    uint32_t frame;

    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    ask(&wire, tree_ask(2, SESSION, "\\\\files\\data"));
    frame = reset ? reset_by(&wire, by) : finish_by(&wire, by);
    reset_by(&wire, !by); /* too late */
    g_assert_true(connection->closed);
    g_assert_cmpuint(connection->closed_by, ==, by);
    g_assert_true(connection->closed_by_reset == reset);
    g_assert_cmpuint(connection->closing.frame, ==, frame);
    g_assert_true(exchange_at(connection, 1)->is_open);
    g_assert_cmpuint(exchange_at(connection, 1)->waiting, ==, 0);
    g_assert_cmpuint(exchange_at(connection, 2)->waiting, ==, 0);
    g_assert_false(exchange_at(connection, 1)->settled);
    end();
}

static void test_close(void)
{
    check_close(CLIENT, true);
    check_close(CLIENT, false);
    check_close(SERVER, true);
    check_close(SERVER, false);
}

/* The close may be the first frame after a long silence. */
static void test_close_after_silence(void)
{
    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    now += 30 * SECOND;
    reset_by(&wire, CLIENT);
    g_assert_true(last()->settled);
    end();
}

/* A client that has closed does not receive what it had not received by then. */
static void test_answer_after_close(void)
{
    uint32_t frame;

    for (unsigned reset = 0; reset < 2; reset++) {
        begin_negotiated();
        ask(&wire, session_ask(1, 0, 0));
        if (reset)
            reset_by(&wire, CLIENT);
        else
            finish_by(&wire, CLIENT);
        frame = answer(&wire, session_answer(1, SESSION, STATUS_SUCCESS, 0));
        g_assert_false(exchange_answered(last()));
        g_assert_cmpuint(exchange_interlude(last())->too_late, ==, frame);
        answer(&wire, session_answer(1, SESSION, STATUS_SUCCESS, 0));
        g_assert_cmpuint(exchange_interlude(last())->too_late, ==, frame);
        g_assert_cmpuint(connection->session->state, ==, SESSION_IN_PROGRESS);
        g_assert_cmpuint(connection_count(), ==, 1);
        end();
    }
}

/* It closed its own direction only, and takes what comes. */
static void test_answer_after_half_close(void)
{
    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    finish_by(&wire, CLIENT);
    acknowledge(&wire, CLIENT);
    answer(&wire, session_answer(1, SESSION, STATUS_SUCCESS, 0));
    g_assert_false(exchange_answered(last()));
    acknowledge(&wire, CLIENT);
    g_assert_true(exchange_answered(last()));
    g_assert_cmpuint(exchange_interlude(last())->too_late, ==, 0);
    g_assert_cmpuint(connection->session->state, ==, SESSION_VALID);
    end();
}

static void test_pending_after_close(void)
{
    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    finish_by(&wire, CLIENT);
    answer(&wire, pending(SMB2_SESSION_SETUP, 1));
    g_assert_cmpuint(exchange_interlude(last())->interim.frame, ==, 0);
    end();
}

/* Captured in another order than sent: the FIN acknowledges the answer. */
static void test_answer_behind_close(void)
{
    struct builder answered;
    struct tcp_segment fin;

    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    answered = session_answer(1, SESSION, STATUS_SUCCESS, 0);
    fin = segment_of(&wire, CLIENT, 0);
    fin.fin = true;
    fin.acknowledgement += answered.length;
    put_segment(&wire, CLIENT, fin);
    answer(&wire, answered);
    g_assert_true(exchange_answered(last()));
    g_assert_cmpuint(exchange_interlude(last())->too_late, ==, 0);
    end();
}

/* The server's RST may be somebody else's, in its name. */
static void test_answer_after_servers_close(void)
{
    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    reset_by(&wire, SERVER);
    answer(&wire, session_answer(1, SESSION, STATUS_SUCCESS, 0));
    g_assert_true(exchange_answered(last()));
    end();
}

/* ---- compounds and encryption ---- */

static void test_compound(void)
{
    struct builder asked[] = {session_ask(1, 0, 0), tree_ask(2, SESSION, "\\\\files\\data")};
    struct builder answered[] = {session_answer(1, SESSION, STATUS_SUCCESS, 0),
                                 tree_refusal(2, SESSION, STATUS_ACCESS_DENIED)};
    const struct exchange *second;
    uint32_t frame;

    begin_negotiated();
    frame = say_all(&wire, CLIENT, asked, 2, (struct message_context){0});
    say_all(&wire, SERVER, answered, 2, (struct message_context){0});
    second = exchange_at(connection, 2);
    g_assert_cmpuint(second->request.frame, ==, frame);
    g_assert_cmpint(second->request.item, ==, 1);
    g_assert_cmpint(second->response.item, ==, 1);
    g_assert_cmpuint(second->status, ==, STATUS_ACCESS_DENIED);
    g_assert_cmpuint(exchange_at(connection, 1)->status, ==, STATUS_SUCCESS);
    end();
}

static void test_encrypted(void)
{
    const struct message_context encrypted = {.encrypted = true};
    struct builder asked[] = {transform_of(SESSION), tree_ask(3, SESSION, "\\\\files\\data")};
    struct builder answered[] = {transform_of(SESSION), tree_answer(3, SESSION, TREE, 0)};

    begin_negotiated();
    log_on(&wire, SESSION, SMB2_SESSION_FLAG_ENCRYPT_DATA);
    g_assert_cmpuint(connection->first_transform, ==, 0);
    say_all(&wire, CLIENT, asked, 2, encrypted);
    g_assert_cmpuint(connection->first_transform, ==, frame_number);
    say_all(&wire, SERVER, answered, 2, encrypted);
    g_assert_cmpuint(connection->first_transform, ==, frame_number - 1);
    g_assert_true(last()->request_encrypted);
    g_assert_true(last()->response_encrypted);
    g_assert_false(last()->request_signed);
    g_assert_false(exchange_at(connection, 1)->request_encrypted);
    end();
}

static void add(const char *name, GTestFunc test)
{
    g_test_add_func(name, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/tcp/retransmissions", test_retransmissions);
    add("/tcp/keep-alive", test_keep_alive);
    add("/tcp/acknowledged", test_acknowledged);
    add("/tcp/all-acknowledged-at-once", test_all_acknowledged_at_once);
    add("/tcp/sequence-wraps", test_sequence_wraps);
    add("/answers/duplicates", test_duplicates);
    add("/answers/pending", test_pending);
    add("/answers/pending-after-answer", test_pending_after_answer);
    add("/answers/pending-orphan", test_pending_orphan);
    add("/answers/orphans", test_orphans);
    add("/answers/another-command", test_answer_of_another_command);
    add("/silence/settled-once", test_silence);
    add("/silence/times-jump", test_times_jump);
    add("/silence/time-far-ahead", test_time_far_ahead);
    add("/silence/waiting-in-order", test_waiting_in_order);
    add("/close/by-whom", test_close);
    add("/close/after-silence", test_close_after_silence);
    add("/close/answer-after", test_answer_after_close);
    add("/close/answer-after-half", test_answer_after_half_close);
    add("/close/pending-after", test_pending_after_close);
    add("/close/answer-behind", test_answer_behind_close);
    add("/close/answer-after-servers", test_answer_after_servers_close);
    add("/frames/compound", test_compound);
    add("/frames/encrypted", test_encrypted);
    return g_test_run();
}
