/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the set-up's messages add up to: the dialect, sessions, trees, validate-negotiate.
 */
#include "model_test.h"

#define OTHER_SESSION UINT64_C(0x99)

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

/* ---- NEGOTIATE ---- */

static void test_dialect(void)
{
    bool known;

    begin_negotiated();
    g_assert_cmphex(connection->dialect, ==, DIALECT_3_0);
    g_assert_true(connection->agreed == last());
    g_assert_true(connection->negotiate == last());
    g_assert_cmphex(connection_highest_offered(connection), ==, DIALECT_3_0_2);
    g_assert_true(connection_client_can_encrypt(connection, &known));
    g_assert_true(known);
    g_assert_true(connection_encryption_agreed(connection, &known));
    g_assert_cmpuint(connection_stage(connection), ==, STAGE_NEGOTIATE);
    end();
}

static void test_negotiate_311(void)
{
    bool known;

    begin();
    wire = wire_to(30, 49000);
    ask(&wire, again(negotiate_request_311, 0, 0));
    connection = the_connection(&wire);
    g_assert_cmpstr(connection->server_name, ==, "127.0.0.1");
    g_assert_true(connection_named_by_address(connection));
    g_assert_false(connection_encryption_agreed(connection, &known));
    g_assert_false(known);
    answer(&wire, again(negotiate_response_311, 0, 0));
    g_assert_cmphex(connection->dialect, ==, DIALECT_3_1_1);
    g_assert_true(connection_encryption_agreed(connection, &known));
    g_assert_false(connection_server_offers_kerberos(connection, &known));
    g_assert_true(known);
    end();
}

static void test_negotiate_refused(void)
{
    begin();
    wire = wire_to(30, 49000);
    ask(&wire, negotiate_ask(0, 1, DIALECT_2_0_2, DIALECT_2_1));
    answer(&wire, refusal((struct smb2_header){.command = SMB2_NEGOTIATE,
                                               .status = STATUS_NOT_SUPPORTED}));
    connection = the_connection(&wire);
    g_assert_null(connection->agreed);
    g_assert_cmphex(connection->dialect, ==, 0);
    g_assert_null(negotiate_response_of(last()->answer));
    g_assert_cmphex(last()->status, ==, STATUS_NOT_SUPPORTED);
    end();
}

static void test_smb1_then_wildcard(void)
{
    begin();
    wire = wire_to(30, 49000);
    ask(&wire, from_hex(smb1_negotiate_request));
    connection = the_connection(&wire);
    g_assert_false(connection->midstream);
    g_assert_true(connection->smb1_negotiate == last());
    ask(&wire, from_hex(smb1_negotiate_request)); /* sent twice */
    answer(&wire, negotiate_answer(0, 1, DIALECT_WILDCARD));
    g_assert_true(exchange_answered(connection->smb1_negotiate));
    g_assert_null(connection->agreed);
    ask(&wire, negotiate_ask(1, 1, DIALECT_2_0_2, DIALECT_3_0));
    answer(&wire, negotiate_answer(1, 1, DIALECT_3_0));
    g_assert_cmphex(connection->dialect, ==, DIALECT_3_0);
    g_assert_true(connection->agreed == exchange_at(connection, 1));
    g_assert_cmpuint(connection->exchange_count, ==, 2);
    end();
}

static void test_smb1_to_202(void)
{
    begin();
    wire = wire_to(30, 49000);
    ask(&wire, from_hex(smb1_negotiate_request));
    answer(&wire, negotiate_answer(0, 1, DIALECT_2_0_2));
    connection = the_connection(&wire);
    g_assert_true(connection->agreed == connection->smb1_negotiate);
    g_assert_cmphex(connection->dialect, ==, DIALECT_2_0_2);
    g_assert_cmphex(connection_highest_offered(connection), ==, 0);
    log_on(&wire, SESSION, 0);
    g_assert_cmpuint(connection->session->state, ==, SESSION_VALID);
    end();
}

static void test_smb1_answered_by_smb1(void)
{
    begin();
    wire = wire_to(30, 49000);
    ask(&wire, from_hex(smb1_negotiate_request));
    answer(&wire, smb1_answer(STATUS_SUCCESS, 1));
    answer(&wire, smb1_answer(STATUS_SUCCESS, 0));
    connection = the_connection(&wire);
    g_assert_true(exchange_answered(connection->smb1_negotiate));
    g_assert_cmpuint(smb1_negotiate_of(connection->smb1_negotiate->answer)->selected, ==, 1);
    g_assert_null(connection->agreed);
    end();
}

static void test_smb1_answer_without_offer(void)
{
    begin();
    wire = wire_to(30, 49000);
    answer(&wire, smb1_answer(STATUS_SUCCESS, 1));
    g_assert_cmpuint(connection_count(), ==, 0);
    end();
}

/* ---- sessions ---- */

static void test_session(void)
{
    const struct session *session;

    begin_negotiated();
    ask(&wire, again(session_setup_request_first, 1, 0));
    session = connection->session;
    g_assert_cmpuint(session->id, ==, 0);
    g_assert_cmpuint(session->mechanism, ==, MECHANISM_NTLM);
    answer(&wire, again(session_setup_response_challenge, 1, SESSION));
    g_assert_cmphex(session->id, ==, SESSION);
    g_assert_cmpuint(session->state, ==, SESSION_IN_PROGRESS);
    g_assert_cmpstr(session->challenge->netbios_computer, ==, "FILES");
    ask(&wire, again(session_setup_request_last, 2, SESSION));
    answer(&wire, again(session_setup_response_success, 2, SESSION));
    g_assert_true(connection->session == session);
    g_assert_cmpuint(session->state, ==, SESSION_VALID);
    g_assert_cmpuint(session->valid_since.frame, ==, frame_number);
    g_assert_cmpstr(session_user(session, scope), ==, "LAB\\root");
    g_assert_false(session_is_guest(session));
    g_assert_false(session_is_anonymous(session));
    g_assert_cmpuint(connection_stage(connection), ==, STAGE_SESSION_SETUP);
    end();
}

static void test_session_refused(void)
{
    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    answer(&wire, session_answer(1, SESSION, STATUS_MORE_PROCESSING_REQUIRED, 0));
    ask(&wire, session_ask(2, SESSION, 0));
    answer(&wire, session_answer(2, SESSION, STATUS_LOGON_FAILURE, 0));
    g_assert_cmpuint(connection->session->state, ==, SESSION_FAILED);
    g_assert_false(session_signing_required(connection->session));
    end();
}

/* A channel binds the session of another connection, and its failure is not the session's. */
static void test_binding(void)
{
    struct wire channel = wire_to(30, 49001);
    struct session *session;

    begin_negotiated();
    log_on(&wire, SESSION, 0);
    session = connection->session;
    negotiate(&channel, DIALECT_3_0);
    ask(&channel, session_ask(1, SESSION, SMB2_SESSION_FLAG_BINDING));
    answer(&channel, session_answer(1, SESSION, STATUS_MORE_PROCESSING_REQUIRED, 0));
    ask(&channel, session_ask(2, SESSION, SMB2_SESSION_FLAG_BINDING));
    answer(&channel, session_answer(2, SESSION, STATUS_ACCESS_DENIED, 0));
    g_assert_true(the_connection(&channel)->session == session);
    g_assert_true(session->connection == connection);
    g_assert_true(session->channel == the_connection(&channel));
    g_assert_nonnull(session->channel);
    g_assert_cmpuint(session->state, ==, SESSION_VALID);
    g_assert_null(session->reauthentication);
    g_assert_cmpuint(the_connection(&channel)->session_count, ==, 1);
    end();
}

/* Ids are each server's own. */
static void test_same_id_elsewhere(void)
{
    struct wire other = wire_to(31, 49001);

    begin_negotiated();
    log_on(&wire, SESSION, 0);
    negotiate(&other, DIALECT_3_0);
    log_on(&other, SESSION, SMB2_SESSION_FLAG_IS_GUEST);
    g_assert_true(the_connection(&other)->session != connection->session);
    g_assert_true(session_is_guest(the_connection(&other)->session));
    g_assert_false(session_is_guest(connection->session));
    end();
}

static void test_reauthentication(void)
{
    struct session *session;

    begin_negotiated();
    log_on(&wire, SESSION, 0);
    session = connection->session;
    g_assert_null(session->reauthentication);
    ask(&wire, session_ask(3, SESSION, 0));
    g_assert_true(session->reauthentication == last());
    answer(&wire, session_answer(3, SESSION, STATUS_LOGON_FAILURE, 0));
    g_assert_cmpuint(session->state, ==, SESSION_VALID);
    end();
}

static void test_logoff(void)
{
    begin_negotiated();
    log_on(&wire, SESSION, 0);
    ask(&wire, use(SMB2_LOGOFF, 3, SESSION, 0));
    g_assert_cmpuint(connection->session->state, ==, SESSION_ENDED);
    g_assert_true(connection->ended_orderly);
    g_assert_false(session_signing_required(connection->session));
    ask(&wire, session_ask(4, 0, 0));
    g_assert_false(connection->ended_orderly);
    end();
}

/* A server may give an id again once the logon before has ended. */
static void test_id_given_again(void)
{
    const struct session *first;

    begin_negotiated();
    log_on(&wire, SESSION, SMB2_SESSION_FLAG_IS_GUEST);
    first = connection->session;
    ask(&wire, use(SMB2_LOGOFF, 3, SESSION, 0));
    ask(&wire, session_ask(4, 0, 0));
    answer(&wire, session_answer(4, SESSION, STATUS_SUCCESS, 0));
    g_assert_true(connection->session != first);
    g_assert_cmpuint(connection->session->state, ==, SESSION_VALID);
    g_assert_false(session_is_guest(connection->session));
    g_assert_true(session_find(connection, SESSION) == connection->session);
    g_assert_cmpuint(first->state, ==, SESSION_ENDED);
    end();
}

static void test_two_logons_at_once(void)
{
    struct exchange *first, *second;

    begin_negotiated();
    ask(&wire, session_ask(1, 0, 0));
    first = last();
    ask(&wire, session_ask(2, 0, 0));
    second = last();
    answer(&wire, session_answer(2, OTHER_SESSION, STATUS_LOGON_FAILURE, 0));
    answer(&wire, session_answer(1, SESSION, STATUS_SUCCESS, 0));
    g_assert_true(first->session != second->session);
    g_assert_cmpuint(first->session->state, ==, SESSION_VALID);
    g_assert_cmpuint(second->session->state, ==, SESSION_FAILED);
    g_assert_true(session_find(connection, OTHER_SESSION) == second->session);
    end();
}

static void test_guest_and_anonymous(void)
{
    begin_negotiated();
    log_on(&wire, SESSION, SMB2_SESSION_FLAG_IS_GUEST);
    g_assert_true(session_is_guest(connection->session));
    g_assert_false(session_is_anonymous(connection->session));
    end();
    begin_negotiated();
    log_on(&wire, SESSION, SMB2_SESSION_FLAG_IS_NULL);
    g_assert_true(session_is_anonymous(connection->session));
    end();
    begin_negotiated();
    ask(&wire, again(session_setup_request_anonymous, 1, SESSION));
    g_assert_true(session_is_anonymous(connection->session));
    g_assert_null(session_user(connection->session, scope));
    end();
    g_assert_false(session_is_guest(NULL));
    g_assert_false(session_is_anonymous(NULL));
    g_assert_null(session_user(NULL, NULL));
    g_assert_false(session_signing_required(NULL));
}

static bool signing_required(uint16_t client_mode, uint16_t server_mode, uint16_t flags)
{
    bool required;

    begin();
    wire = wire_to(30, 49000);
    ask(&wire, negotiate_ask(0, client_mode, DIALECT_2_0_2, DIALECT_3_0));
    answer(&wire, negotiate_answer(0, server_mode, DIALECT_3_0));
    log_on(&wire, SESSION, flags);
    required = session_signing_required(the_connection(&wire)->session);
    end();
    return required;
}

static void test_signing_required(void)
{
    g_assert_false(signing_required(1, 1, 0));
    g_assert_true(signing_required(3, 1, 0));
    g_assert_true(signing_required(1, 3, 0));
    g_assert_false(signing_required(3, 3, SMB2_SESSION_FLAG_IS_GUEST));
    g_assert_false(signing_required(3, 3, SMB2_SESSION_FLAG_IS_NULL));
    g_assert_false(signing_required(3, 3, SMB2_SESSION_FLAG_ENCRYPT_DATA));
}

/* ---- trees ---- */

static void check_path(const char *path, const char *host, const char *share)
{
    begin_negotiated();
    ask(&wire, tree_ask(1, SESSION, path));
    g_assert_cmpstr(connection->tree->path, ==, path);
    g_assert_cmpstr(connection->tree->host, ==, host);
    g_assert_cmpstr(connection->tree->share, ==, share);
    g_assert_cmpstr(connection->server_name, ==, host);
    end();
}

static void test_paths(void)
{
    check_path("\\\\files\\data", "files", "data");
    check_path("\\\\files.lab.example\\IPC$", "files.lab.example", "IPC$");
    check_path("\\\\files", "files", "");
    check_path("\\\\files\\", "files", "");
    check_path("\\\\files\\a\\b", "files", "a\\b");
    check_path("\\\\files:445\\data", "files", "data");
    check_path("\\\\192.0.2.30:445\\data", "192.0.2.30", "data");
    check_path("\\\\[2001:db8::30]:445\\data", "2001:db8::30", "data");
    check_path("\\\\2001:db8::30\\data", "2001:db8::30", "data");
    check_path("\\\\files:x\\data", "files:x", "data");
    check_path("\\\\:445\\data", ":445", "data");
    check_path("\\\\", "", "");
    check_path("\\files\\data", NULL, NULL);
    check_path("data", NULL, NULL);
}

static void test_tree(void)
{
    begin_negotiated();
    log_on(&wire, SESSION, 0);
    connect_share(&wire, 3, "\\\\files\\data", TREE);
    g_assert_cmphex(connection->tree->id, ==, TREE);
    g_assert_true(connection->tree->session == connection->session);
    g_assert_false(connection->tree->encrypt_data);
    g_assert_true(connection->tree_connected);
    g_assert_cmpuint(connection_stage(connection), ==, STAGE_CONNECTED);
    ask(&wire, tree_ask(4, SESSION, "\\\\files\\secret"));
    answer(&wire, tree_answer(4, SESSION, TREE + 1, SMB2_SHAREFLAG_ENCRYPT_DATA));
    g_assert_true(connection->tree->encrypt_data);
    g_assert_cmpstr(connection->server_name, ==, "files");
    end();
}

static void test_first_create(void)
{
    begin_negotiated();
    log_on(&wire, SESSION, 0);
    connect_share(&wire, 3, "\\\\files\\data", TREE);
    ask(&wire, use(SMB2_CREATE, 4, SESSION, TREE));
    g_assert_cmpuint(last()->command, ==, SMB2_CREATE);
    g_assert_true(last()->tree == connection->tree);
    g_assert_true(connection->tree->used);
    g_assert_cmpuint(connection->first_use, ==, frame_number);
    wait_for(60 * SECOND);
    g_assert_false(last()->settled); /* it may wait for a lease break */
    answer(&wire, refusal((struct smb2_header){
                      .command = SMB2_CREATE, .message_id = 4, .status = STATUS_ACCESS_DENIED}));
    g_assert_cmphex(last()->status, ==, STATUS_ACCESS_DENIED);
    ask(&wire, use(SMB2_CREATE, 5, SESSION, TREE));
    g_assert_cmpuint(last()->message_id, ==, 4);
    end();
}

/* Ids of trees may be given again after a TREE_DISCONNECT. */
static void test_tree_id_given_again(void)
{
    begin_negotiated();
    connect_share(&wire, 3, "\\\\files\\one", TREE);
    ask(&wire, use(SMB2_CREATE, 4, SESSION, TREE));
    ask(&wire, use(SMB2_TREE_DISCONNECT, 5, SESSION, TREE));
    connect_share(&wire, 6, "\\\\files\\two", TREE);
    ask(&wire, use(SMB2_CREATE, 7, SESSION, TREE));
    g_assert_cmpuint(last()->message_id, ==, 7);
    g_assert_cmpstr(last()->tree->share, ==, "two");
    end();
}

/* ---- validate-negotiate ---- */

static void test_validate(void)
{
    begin_negotiated();
    log_on(&wire, SESSION, 0);
    connect_share(&wire, 3, "\\\\files\\data", TREE);
    ask(&wire, again(validate_request, 4, SESSION));
    g_assert_true(connection->validate == last());
    g_assert_cmphex(last()->asked->ioctl_code, ==, FSCTL_VALIDATE_NEGOTIATE_INFO);
    g_assert_true(last()->session == connection->session);
    g_assert_cmpuint(connection->first_use, ==, 0);
    answer(&wire, again(validate_response, 5, SESSION)); /* another IOCTL's */
    g_assert_false(exchange_answered(last()));
    answer(&wire, again(validate_response, 4, SESSION));
    g_assert_true(exchange_answered(last()));
    g_assert_cmphex(validate_response_of(last()->answer)->dialect, ==, DIALECT_3_0);
    end();
}

static void add(const char *name, GTestFunc test)
{
    g_test_add_func(name, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/negotiate/dialect", test_dialect);
    add("/negotiate/311", test_negotiate_311);
    add("/negotiate/refused", test_negotiate_refused);
    add("/negotiate/smb1-wildcard", test_smb1_then_wildcard);
    add("/negotiate/smb1-202", test_smb1_to_202);
    add("/negotiate/smb1-smb1", test_smb1_answered_by_smb1);
    add("/negotiate/smb1-orphan", test_smb1_answer_without_offer);
    add("/session/two-legs", test_session);
    add("/session/refused", test_session_refused);
    add("/session/binding", test_binding);
    add("/session/same-id-elsewhere", test_same_id_elsewhere);
    add("/session/reauthentication", test_reauthentication);
    add("/session/logoff", test_logoff);
    add("/session/id-given-again", test_id_given_again);
    add("/session/two-at-once", test_two_logons_at_once);
    add("/session/guest-anonymous", test_guest_and_anonymous);
    add("/session/signing-required", test_signing_required);
    add("/tree/paths", test_paths);
    add("/tree/connected", test_tree);
    add("/tree/first-create", test_first_create);
    add("/tree/id-given-again", test_tree_id_given_again);
    add("/validate/message-id", test_validate);
    return g_test_run();
}
