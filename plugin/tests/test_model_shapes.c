/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shapes of captures: ports used again without SYN and FIN, answers that were not captured, several
 * sessions that encrypt, messages of which only the head was captured.
 */
#include "model_test.h"

static struct wire wire;
static struct connection *connection;

static void begin_negotiated(void)
{
    begin();
    wire = wire_to(30, 49000);
    wire.handshake = HANDSHAKE_SYN | HANDSHAKE_SYN_ACK;
    negotiate(&wire, DIALECT_3_0);
    connection = the_connection(&wire);
}

static const struct finding *found(const struct connection *where, const char *id)
{
    const struct finding *finding = connection_first_finding(where);

    for (; finding; finding = finding->next) {
        if (!finding->withdrawn && strcmp(finding->rule->id, id) == 0)
            return finding;
    }
    return NULL;
}

/* ---- the same ports again ---- */

static void ask_negotiate(void)
{
    ask(&wire, negotiate_ask(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_2_0_2, DIALECT_3_0_2));
}

static void test_ports_again(void)
{
    begin_negotiated();
    log_on(&wire, SESSION, 0);
    wire.sequence[CLIENT] += 0x5000000;
    wire.sequence[SERVER] -= 0x5000000;
    negotiate(&wire, DIALECT_3_0);
    g_assert_cmpuint(connection_count(), ==, 2);
    g_assert_true(the_connection(&wire) != connection);
    connection = the_connection(&wire);
    log_on(&wire, SESSION + 1, 0);
    ask(&wire, tree_ask(3, SESSION + 1, "\\\\files\\nothing"));
    answer(&wire, tree_refusal(3, SESSION + 1, STATUS_BAD_NETWORK_NAME));
    g_assert_nonnull(found(connection, "tree_connect.bad_network_name"));
    g_assert_true(connection_absence_is_proof(connection));
    end();
}

/* One side's numbers may be near by chance. */
static void test_ports_again_near(void)
{
    begin_negotiated();
    wire.sequence[SERVER] += 0x40000000;
    ask_negotiate();
    g_assert_cmpuint(connection_count(), ==, 2);
    end();
}

static void test_ports_again_unanswered(void)
{
    begin();
    wire = wire_to(30, 49000);
    ask_negotiate();
    wire.sequence[CLIENT] += 0x5000000; /* captured elsewhere as well, numbers rewritten */
    ask_negotiate();
    g_assert_cmpuint(connection_count(), ==, 1);
    wait_for(2 * SECOND);
    wire.sequence[CLIENT] += 0x5000000;
    ask_negotiate();
    g_assert_cmpuint(connection_count(), ==, 2);
    end();
}

static void test_repeated_negotiate(void)
{
    begin();
    wire = wire_to(30, 49000);
    wire.sequence[CLIENT] = 0u - 50; /* runs over 2^32 */
    negotiate(&wire, DIALECT_3_0);
    wire.sequence[CLIENT] = 0u - 50;
    ask_negotiate();
    g_assert_cmpuint(connection_count(), ==, 1);
    log_on(&wire, SESSION, 0);
    ask_negotiate();               /* goes on: the server will hang up */
    wire.sequence[CLIENT] += 3000; /* after lost segments */
    ask_negotiate();
    g_assert_cmpuint(connection_count(), ==, 1);
    end();
}

/* ---- answers that the capture lacks ---- */

/* The server's TCP has the request; the numbers do not tell of an answer. */
static void ask_acknowledged(struct builder message)
{
    ask(&wire, message);
    acknowledge(&wire, SERVER);
}

static void test_next_stage(void)
{
    begin();
    wire = wire_to(30, 49000);
    ask_acknowledged(
        negotiate_ask(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_2_0_2, DIALECT_3_0_2));
    connection = the_connection(&wire);
    wait_for(11 * SECOND);
    g_assert_nonnull(found(connection, "negotiate.no_response"));
    ask_acknowledged(session_ask(1, 0, 0));
    g_assert_null(found(connection, "negotiate.no_response"));
    g_assert_null(connection_root_cause(connection));
    g_assert_nonnull(found(connection, "transport.capture_gap"));
    g_assert_false(connection_absence_is_proof(connection));
    wait_for(11 * SECOND);
    g_assert_null(found(connection, "session_setup.no_response"));
    end();
}

static void test_session_id_from_nowhere(void)
{
    begin_negotiated();
    ask_acknowledged(session_ask(1, 0, 0));
    wait_for(11 * SECOND);
    g_assert_nonnull(found(connection, "session_setup.no_response"));
    ask_acknowledged(session_ask(2, SESSION, 0));
    g_assert_null(found(connection, "session_setup.no_response"));
    g_assert_false(connection_absence_is_proof(connection));
    end();
}

static void test_session_in_use(void)
{
    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    answer(&wire, session_answer(1, SESSION, STATUS_MORE_PROCESSING_REQUIRED, 0));
    ask_acknowledged(session_ask(2, SESSION, 0));
    ask_acknowledged(use(SMB2_CANCEL, 2, SESSION, 0));
    ask(&wire, session_ask(2, SESSION, 0)); /* sent again */
    g_assert_true(connection_absence_is_proof(connection));
    ask_acknowledged(tree_ask(4, SESSION, "\\\\files\\data"));
    g_assert_false(connection_absence_is_proof(connection));
    end();
}

/* The client may give up. */
static void test_session_given_up(void)
{
    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    answer(&wire, session_answer(1, SESSION, STATUS_MORE_PROCESSING_REQUIRED, 0));
    ask_acknowledged(session_ask(2, SESSION, 0));
    ask_acknowledged(use(SMB2_LOGOFF, 3, SESSION, 0));
    g_assert_true(connection_absence_is_proof(connection));
    end();
}

/* The session was valid before: to renew it is no reason to wait. */
static void test_renewal(void)
{
    begin_negotiated();
    log_on(&wire, SESSION, 0);
    ask_acknowledged(session_ask(3, SESSION, 0));
    ask_acknowledged(tree_ask(4, SESSION, "\\\\files\\data"));
    g_assert_true(connection_absence_is_proof(connection));
    end();
}

static void test_tree_id_from_nowhere(void)
{
    begin_negotiated();
    log_on(&wire, SESSION, 0);
    connect_share(&wire, 3, "\\\\files\\IPC$", TREE);
    ask_acknowledged(tree_ask(4, SESSION, "\\\\files\\data"));
    wait_for(11 * SECOND);
    ask_acknowledged(use(SMB2_CREATE, 5, SESSION, TREE)); /* known */
    ask_acknowledged(tree_ask(6, SESSION, "\\\\files\\more"));
    g_assert_nonnull(found(connection, "tree_connect.no_response"));
    ask_acknowledged(use(SMB2_CREATE, 7, SESSION, TREE + 1));
    g_assert_null(found(connection, "tree_connect.no_response"));
    g_assert_false(connection_absence_is_proof(connection));
    end();
}

static void test_encrypted_after_logon(void)
{
    struct message_context context = {.encrypted = true};
    struct builder message = transform_of(SESSION);

    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    answer(&wire, session_answer(1, SESSION, STATUS_MORE_PROCESSING_REQUIRED, 0));
    ask(&wire, session_ask(2, SESSION, 0));
    g_assert_true(connection_absence_is_proof(connection));
    say_all(&wire, CLIENT, &message, 1, context);
    g_assert_false(connection_absence_is_proof(connection));
    end();
}

/* The client's TCP acknowledges what was not captured, after the silence was judged. */
static void test_acknowledged_unseen(void)
{
    begin_negotiated();
    ask_acknowledged(session_ask(1, 0, 0));
    wait_for(11 * SECOND);
    g_assert_nonnull(found(connection, "session_setup.no_response"));
    wire.sequence[SERVER] += 250;
    acknowledge(&wire, CLIENT);
    wait_for(2 * SECOND);
    acknowledge(&wire, CLIENT);
    g_assert_null(found(connection, "session_setup.no_response"));
    g_assert_nonnull(found(connection, "transport.capture_gap"));
    end();
}

/* Nothing but the server's FIN: the silence stands. */
static void test_fin_unseen(void)
{
    begin_negotiated();
    ask_acknowledged(session_ask(1, 0, 0));
    wait_for(11 * SECOND);
    wire.sequence[SERVER]++;
    acknowledge(&wire, CLIENT);
    g_assert_nonnull(found(connection, "session_setup.no_response"));
    end();
}

/* What the client sent and was not captured says nothing of the server's silence. */
static void test_client_bytes_missing(void)
{
    begin_negotiated();
    ask_acknowledged(session_ask(1, 0, 0));
    wait_for(11 * SECOND);
    wire.sequence[CLIENT] += 100;
    acknowledge(&wire, SERVER);
    wait_for(2 * SECOND);
    acknowledge(&wire, SERVER);
    g_assert_false(connection_absence_is_proof(connection));
    g_assert_nonnull(found(connection, "session_setup.no_response"));
    end();
}

/* ---- encryption: every session is judged ---- */

static void test_second_session(void)
{
    begin_negotiated();
    log_on(&wire, SESSION, 0);
    ask(&wire, transform_of(SESSION));
    answer(&wire, transform_of(SESSION));
    ask(&wire, transform_of(0)); /* as some do after logging off */
    g_assert_null(found(connection, "encryption.unknown_session"));
    ask(&wire, transform_of(SESSION + 1));
    g_assert_nonnull(found(connection, "encryption.unknown_session"));
    g_assert_cmpuint(found(connection, "encryption.unknown_session")->about.frame, ==,
                     frame_number);
    ask(&wire, transform_of(SESSION + 1));
    g_assert_cmpuint(found(connection, "encryption.unknown_session")->count, ==, 1);
    end();
}

static void test_many_sessions(void)
{
    begin_negotiated();
    log_on(&wire, SESSION, 0);
    for (unsigned i = 0; i < 3 * ENCRYPTED_SESSIONS; i++)
        ask(&wire, transform_of(SESSION + i));
    g_assert_cmpuint(found(connection, "encryption.unknown_session")->count, ==,
                     ENCRYPTED_SESSIONS - 1);
    end();
}

static void test_guest_among_others(void)
{
    uint32_t frame;

    begin_negotiated();
    log_on(&wire, SESSION, 0);
    ask(&wire, transform_of(SESSION));
    answer(&wire, transform_of(SESSION));
    ask(&wire, session_ask(3, 0, 0));
    answer(&wire, session_answer(3, SESSION + 1, STATUS_SUCCESS, SMB2_SESSION_FLAG_IS_GUEST));
    frame = ask(&wire, transform_of(SESSION + 1));
    finish_by(&wire, SERVER);
    g_assert_cmpuint(found(connection, "encryption.on_guest")->about.frame, ==, frame);
    end();
}

/* ---- only the head of each message ---- */

static struct builder head_of(struct builder message, uint32_t length)
{
    message.length = length;
    return message;
}

static void say_head(enum side from, struct builder message, uint32_t length)
{
    struct builder head = head_of(message, length);

    say_all(&wire, from, &head, 1, (struct message_context){.truncated = true});
}

static void refuse_heads(uint32_t length)
{
    begin();
    wire = wire_to(30, 49000);
    say_head(CLIENT, negotiate_ask(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_2_0_2, DIALECT_3_0_2),
             length);
    say_head(SERVER, negotiate_answer(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_3_0), length);
    say_head(CLIENT, session_ask(1, 0, 0), length);
    say_head(SERVER, session_answer(1, SESSION, STATUS_MORE_PROCESSING_REQUIRED, 0), length);
    say_head(CLIENT, session_ask(2, SESSION, 0), length);
    say_head(SERVER, session_answer(2, SESSION, STATUS_LOGON_FAILURE, 0), length);
    connection = the_connection(&wire);
}

static void test_heads(void)
{
    static const uint32_t lengths[] = {26, 27, 31, 32, 38, 40, 47, 48, 58, 63, 64};

    for (unsigned i = 0; i < G_N_ELEMENTS(lengths); i++) {
        refuse_heads(lengths[i]);
        g_assert_nonnull(found(connection, "session_setup.logon_failure"));
        g_assert_cmpint(found(connection, "session_setup.logon_failure")->confidence, ==, LIKELY);
        g_assert_true(connection_root_cause(connection) ==
                      found(connection, "session_setup.logon_failure"));
        end();
    }
}

static void test_too_short(void)
{
    begin();
    wire = wire_to(30, 49000);
    say_head(CLIENT, negotiate_ask(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_2_0_2, DIALECT_3_0_2),
             25);
    g_assert_cmpuint(connection_count(), ==, 0);
    end();
}

static void add(const char *name, GTestFunc test)
{
    g_test_add_func(name, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/ports/again", test_ports_again);
    add("/ports/again-near", test_ports_again_near);
    add("/ports/again-unanswered", test_ports_again_unanswered);
    add("/ports/repeated", test_repeated_negotiate);
    add("/missed/next-stage", test_next_stage);
    add("/missed/session-id", test_session_id_from_nowhere);
    add("/missed/session-in-use", test_session_in_use);
    add("/missed/session-given-up", test_session_given_up);
    add("/missed/renewal", test_renewal);
    add("/missed/tree-id", test_tree_id_from_nowhere);
    add("/missed/encrypted", test_encrypted_after_logon);
    add("/missed/acknowledged", test_acknowledged_unseen);
    add("/missed/fin", test_fin_unseen);
    add("/missed/client-bytes", test_client_bytes_missing);
    add("/encrypted/second-session", test_second_session);
    add("/encrypted/many-sessions", test_many_sessions);
    add("/encrypted/guest-among-others", test_guest_among_others);
    add("/heads/logon-failure", test_heads);
    add("/heads/too-short", test_too_short);
    return g_test_run();
}
