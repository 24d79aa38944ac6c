/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What other logons tell of one: those to the same server, those of the same client.
 */
#include "engine_test.h"
#include "recorded_tokens.h"

static uint16_t port;

static void start_real(void)
{
    lists = rule_lists;
    begin();
    port = 49000;
}

static void connect_again(void)
{
    wire = wire_to(30, port++);
    negotiate(&wire, DIALECT_3_0);
    connection = the_connection(&wire);
}

static const struct finding *told(const char *id)
{
    const struct finding *finding = connection_first_finding(connection);

    for (; finding; finding = finding->next) {
        if (!finding->withdrawn && strcmp(finding->rule->id, id) == 0)
            return finding;
    }
    return NULL;
}

static uint8_t *find_in(struct builder *message, uint32_t from, const void *what, uint32_t length)
{
    for (uint32_t at = from; at + length <= message->length; at++)
        if (memcmp(message->data + at, what, length) == 0)
            return message->data + at;
    g_assert_not_reached();
}

/* ---- passwords ---- */

/* The recorded logon of LAB\root, under a name of the same length. */
static struct builder logon_of(const char *user, uint64_t session)
{
    struct builder message = again(session_setup_request_last, 2, session);
    uint8_t *at = find_in(&message, 0, "r\0o\0o\0t", 7);

    for (unsigned i = 0; i < 4; i++)
        at[2 * i] = (uint8_t)user[i];
    return message;
}

static void try_as(const char *user, uint32_t status)
{
    const uint64_t session = SESSION + port;

    connect_again();
    ask(&wire, again(session_setup_request_first, 1, 0));
    answer(&wire, again(session_setup_response_challenge, 1, session));
    ask(&wire, logon_of(user, session));
    answer(&wire, session_answer(2, session, status, 0));
    finish_by(&wire, CLIENT);
}

static void refuse(const char *user)
{
    try_as(user, STATUS_LOGON_FAILURE);
}

static bool repeated(void)
{
    return told("session_setup.repeated_failures");
}

static bool many(void)
{
    return told("session_setup.many_users_refused");
}

static void refuse_times(const char *user, unsigned times, int64_t gap)
{
    while (times-- > 0) {
        wait_for(gap);
        refuse(user);
    }
}

static void test_fifth(void)
{
    start_real();
    refuse_times("root", 4, 2 * SECOND);
    g_assert_false(repeated());
    refuse("root");
    g_assert_false(repeated()); /* at once: a program tries twice */
    refuse_times("root", 1, 2 * SECOND);
    g_assert_true(repeated());
    refuse_times("root", 4, 2 * SECOND);
    g_assert_false(repeated());
    refuse_times("root", 1, 2 * SECOND);
    g_assert_true(repeated()); /* twice as many */
    end();
}

/* Each time the client tries four times at once. */
static void test_mistyped_twice(void)
{
    start_real();
    for (unsigned i = 0; i < 8; i++) {
        wait_for(i == 4 ? 20 * SECOND : 0);
        refuse("root");
        g_assert_false(repeated());
    }
    end();
}

static void test_burst(void)
{
    start_real();
    refuse_times("root", 9, 0);
    g_assert_false(repeated());
    refuse("root");
    g_assert_true(repeated());
    end();
}

static void test_success_between(void)
{
    start_real();
    refuse_times("root", 4, 2 * SECOND);
    try_as("root", STATUS_SUCCESS);
    refuse_times("root", 4, 2 * SECOND);
    g_assert_false(repeated());
    try_as("anna", STATUS_SUCCESS); /* somebody else */
    refuse_times("root", 1, 2 * SECOND);
    g_assert_true(repeated());
    end();
}

static void test_forgotten(void)
{
    start_real();
    refuse_times("root", 4, 2 * SECOND);
    wait_for(REFUSALS_FORGOTTEN);
    refuse_times("root", 4, 2 * SECOND);
    g_assert_false(repeated());
    end();
}

static void test_other_refusals(void)
{
    start_real();
    for (unsigned i = 0; i < 10; i++) {
        wait_for(2 * SECOND);
        try_as("root", i % 2 ? STATUS_NO_LOGON_SERVERS : STATUS_PASSWORD_EXPIRED);
        g_assert_false(repeated());
    }
    end();
}

static void test_lockout(void)
{
    start_real();
    try_as("root", STATUS_ACCOUNT_LOCKED_OUT);
    g_assert_false(repeated()); /* somebody else's doing, as far as the capture shows */
    try_as("root", STATUS_SUCCESS);
    refuse_times("root", 2, 2 * SECOND);
    try_as("root", STATUS_ACCOUNT_LOCKED_OUT);
    g_assert_true(repeated());
    try_as("root", STATUS_ACCOUNT_LOCKED_OUT);
    g_assert_false(repeated());
    end();
}

static void test_many_users(void)
{
    static const char *const users[] = {"anna", "bert", "cleo", "dora", "emil"};

    start_real();
    for (unsigned i = 0; i < G_N_ELEMENTS(users); i++) {
        refuse(users[i]);
        g_assert_cmpint(many(), ==, i == 4);
        if (i == 2)
            refuse("ANNA");
    }
    refuse("anna");
    g_assert_false(many());
    end();
}

/* A terminal server: some mistype, others get in. */
static void test_users_between(void)
{
    static const char *const users[] = {"anna", "bert", "cleo", "dora", "emil", "fred", "gina"};

    start_real();
    for (unsigned i = 0; i < G_N_ELEMENTS(users); i++) {
        refuse(users[i]);
        g_assert_false(many());
        if (i == 3)
            try_as("root", STATUS_SUCCESS);
    }
    end();
}

static void test_users_bounded(void)
{
    char user[] = "aa00";

    start_real();
    for (unsigned i = 0; i < 3 * REFUSED_USERS; i++) {
        user[0] = (char)('a' + i % 26);
        user[1] = (char)('a' + i / 26);
        refuse(user);
    }
    g_assert_cmpuint(connection_refusals(connection)->in_series, ==, 3 * REFUSED_USERS);
    end();
}

/* ---- tickets ---- */

static struct builder ticket_with_key(uint8_t key_version, const char *service, uint64_t id)
{
    static const uint8_t recorded[] = {0xa1, 0x03, 0x02, 0x01}; /* [1] INTEGER of one byte */
    struct builder message = session_ask(id, 0, 0);
    const struct builder blob = from_hex(blob_ap_request);
    uint8_t *at;

    set_le(&message, SMB2_HEADER_LENGTH + 14, blob.length, 2);
    put_bytes(&message, blob.data, blob.length);
    at = find_in(&message, 0, "files", 5);
    if (service)
        memcpy(at, service, 5);
    find_in(&message, (uint32_t)(at - message.data), recorded, sizeof recorded)[4] = key_version;
    return message;
}

static void present(uint8_t key_version, const char *service, uint32_t status)
{
    connect_again();
    ask(&wire, ticket_with_key(key_version, service, 1));
    answer(&wire, session_answer(1, SESSION + port, status, 0));
    finish_by(&wire, CLIENT);
}

static void test_key_version(void)
{
    start_real();
    present(4, NULL, STATUS_LOGON_FAILURE);
    g_assert_nonnull(told("session_setup.logon_failure"));
    present(4, NULL, STATUS_SUCCESS);
    g_assert_cmpuint(connection->session->ticket->key_version, ==, 4);
    present(5, NULL, STATUS_LOGON_FAILURE);
    g_assert_nonnull(told("session_setup.key_out_of_step"));
    g_assert_null(told("session_setup.logon_failure"));
    g_assert_true(
        has_evidence(told("session_setup.key_out_of_step"),
                     "Key version refused, and the one accepted before: 5 in frame 13, but "
                     "4 in frame 9"));
    present(3, NULL, STATUS_LOGON_FAILURE);
    g_assert_nonnull(strstr(told("session_setup.key_out_of_step")->cause, "previous key"));
    end();
}

/* The server has the key: something else is wrong. */
static void test_same_key(void)
{
    start_real();
    present(4, NULL, STATUS_SUCCESS);
    present(4, NULL, STATUS_LOGON_FAILURE);
    g_assert_null(told("session_setup.key_out_of_step"));
    g_assert_nonnull(strstr(told("session_setup.logon_failure")->cause, "took a ticket"));
    end();
}

static void test_key_unknown(void)
{
    start_real();
    present(0, NULL, STATUS_SUCCESS);
    present(4, NULL, STATUS_LOGON_FAILURE);
    g_assert_null(told("session_setup.key_out_of_step"));
    end();
}

static void test_other_name(void)
{
    start_real();
    present(4, NULL, STATUS_SUCCESS);
    present(4, "store", STATUS_LOGON_FAILURE);
    g_assert_cmpint(told("session_setup.ticket_for_other_host")->confidence, ==, POSSIBLE);
    present(2, "store", STATUS_LOGON_FAILURE);
    g_assert_cmpint(told("session_setup.ticket_for_other_host")->confidence, ==, LIKELY);
    present(2, "store", STATUS_SUCCESS);
    present(2, "store", STATUS_LOGON_FAILURE); /* a name of the server after all */
    g_assert_null(told("session_setup.ticket_for_other_host"));
    end();
}

/* ---- the server's own account ---- */

static void server_asks(const char *computer, int code)
{
    static uint16_t kdc_port = 50000;
    struct wire kdc = {.ends = {{{4, {192, 0, 2, 30}}, ++kdc_port}, {{4, {192, 0, 2, 40}}, 88}}};
    const struct kerberos_message request = {.type = KERBEROS_AS_REQ,
                                             .realm = "LAB.EXAMPLE",
                                             .client = computer,
                                             .service = "krbtgt/LAB.EXAMPLE",
                                             .nonce = kdc_port,
                                             .error_code = -1};
    const struct kerberos_message reply = {.type = code < 0 ? KERBEROS_AS_REP : KERBEROS_ERROR,
                                           .realm = "LAB.EXAMPLE",
                                           .service = "krbtgt/LAB.EXAMPLE",
                                           .error_code = code};

    model_on_kerberos(model, frame_from(&kdc, CLIENT), &request);
    model_on_kerberos(model, frame_from(&kdc, SERVER), &reply);
}

static const struct finding *after_refusal(const char *computer, int code)
{
    server_asks(computer, code);
    present(4, NULL, STATUS_LOGON_FAILURE);
    return told("session_setup.server_account_refused");
}

static void test_server_account(void)
{
    start_real();
    g_assert_cmpint(after_refusal("FILES$", KDC_ERR_PREAUTH_FAILED)->confidence, ==, LIKELY);
    g_assert_true(connection_root_cause(connection) ==
                  told("session_setup.server_account_refused"));
    g_assert_null(told("session_setup.logon_failure"));
    g_assert_cmpint(after_refusal("FILES$", KDC_ERR_CLIENT_REVOKED)->confidence, ==, POSSIBLE);
    g_assert_cmpint(after_refusal("DESK7$", KDC_ERR_PREAUTH_FAILED)->confidence, ==, POSSIBLE);
    end();
}

static void test_server_account_works(void)
{
    start_real();
    g_assert_null(after_refusal("FILES$", KDC_ERR_PREAUTH_REQUIRED));
    g_assert_null(after_refusal("alice", KDC_ERR_PREAUTH_FAILED));
    server_asks("FILES$", KDC_ERR_PREAUTH_FAILED);
    g_assert_null(after_refusal("FILES$", -1)); /* at another domain controller */
    server_asks("FILES$", KDC_ERR_PREAUTH_FAILED);
    present(4, NULL, STATUS_SUCCESS);
    present(4, NULL, STATUS_LOGON_FAILURE);
    g_assert_null(told("session_setup.server_account_refused"));
    server_asks("FILES$", KDC_ERR_PREAUTH_FAILED);
    wait_for(1000 * SECOND);
    present(4, NULL, STATUS_LOGON_FAILURE);
    g_assert_null(told("session_setup.server_account_refused"));
    end();
}

/* The domain controller judged the password, so it was asked. */
static void test_server_account_and_ntlm(void)
{
    start_real();
    server_asks("FILES$", KDC_ERR_PREAUTH_FAILED);
    refuse("root");
    g_assert_null(told("session_setup.server_account_refused"));
    try_as("root", STATUS_NO_LOGON_SERVERS);
    g_assert_nonnull(told("session_setup.server_account_refused"));
    g_assert_nonnull(told("session_setup.no_domain_controller"));
    end();
}

/* A capture of port 445 alone: the server logs on to its domain controller by SMB, too. */
static void server_logs_on(uint32_t status)
{
    const uint64_t session = SESSION + port;
    struct wire own = wire_to(40, port++);

    own.ends[CLIENT].address.bytes[3] = 30;
    negotiate(&own, DIALECT_3_0);
    ask(&own, again(session_setup_request_first, 1, 0));
    answer(&own, again(session_setup_response_challenge, 1, session));
    ask(&own, logon_of("FS1$", session));
    answer(&own, session_answer(2, session, status, 0));
    finish_by(&own, CLIENT);
}

static void test_server_logon(void)
{
    start_real();
    server_logs_on(STATUS_LOGON_FAILURE);
    server_logs_on(STATUS_LOGON_FAILURE);
    present(4, NULL, STATUS_LOGON_FAILURE);
    g_assert_cmpint(told("session_setup.server_account_refused")->confidence, ==, POSSIBLE);
    g_assert_true(
        has_evidence(told("session_setup.server_account_refused"), "Refused in a row: 2 times"));
    server_logs_on(STATUS_SUCCESS);
    present(4, NULL, STATUS_LOGON_FAILURE);
    g_assert_null(told("session_setup.server_account_refused"));
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/passwords/fifth", test_fifth);
    g_test_add_func("/passwords/mistyped_twice", test_mistyped_twice);
    g_test_add_func("/passwords/burst", test_burst);
    g_test_add_func("/passwords/success_between", test_success_between);
    g_test_add_func("/passwords/forgotten", test_forgotten);
    g_test_add_func("/passwords/other_refusals", test_other_refusals);
    g_test_add_func("/passwords/lockout", test_lockout);
    g_test_add_func("/passwords/many_users", test_many_users);
    g_test_add_func("/passwords/users_between", test_users_between);
    g_test_add_func("/passwords/users_bounded", test_users_bounded);
    g_test_add_func("/tickets/key_version", test_key_version);
    g_test_add_func("/tickets/same_key", test_same_key);
    g_test_add_func("/tickets/key_unknown", test_key_unknown);
    g_test_add_func("/tickets/other_name", test_other_name);
    g_test_add_func("/server_account/refused", test_server_account);
    g_test_add_func("/server_account/works", test_server_account_works);
    g_test_add_func("/server_account/and_ntlm", test_server_account_and_ntlm);
    g_test_add_func("/server_account/logon", test_server_logon);
    return g_test_run();
}
