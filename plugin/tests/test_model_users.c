/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whose failure it was: hosts with several users, and what another user's success says about it.
 */
#include "engine_test.h"
#include "recorded_tokens.h"

/* ---- beside the connection: the client and its KDC ---- */

static void tell_kdc(bool to_kdc, int type, const char *user, const char *service, int code)
{
    static uint16_t port = 50000;
    struct wire kdc = {.ends = {{{4, {192, 0, 2, 10}}, port}, {{4, {192, 0, 2, 40}}, 88}}};
    const struct kerberos_message message = {.type = type,
                                             .realm = "LAB.EXAMPLE",
                                             .client = user,
                                             .client_realm = "LAB.EXAMPLE",
                                             .service = service,
                                             .nonce = port,
                                             .error_code = code};

    kdc.ends[CLIENT].port = to_kdc ? ++port : port;
    model_on_kerberos(model, frame_from(&kdc, to_kdc ? CLIENT : SERVER), &message);
}

static void logon_refused_to(const char *user)
{
    tell_kdc(true, KERBEROS_AS_REQ, user, "krbtgt/LAB.EXAMPLE", -1);
    tell_kdc(false, KERBEROS_ERROR, NULL, "krbtgt/LAB.EXAMPLE", KDC_ERR_CLIENT_REVOKED);
}

static void logon_granted_to(const char *user)
{
    tell_kdc(true, KERBEROS_AS_REQ, user, "krbtgt/LAB.EXAMPLE", -1);
    tell_kdc(false, KERBEROS_AS_REP, user, "krbtgt/LAB.EXAMPLE", -1);
}

static void ticket_granted_to(const char *user)
{
    tell_kdc(true, KERBEROS_TGS_REQ, NULL, "cifs/files.lab.example", -1);
    tell_kdc(false, KERBEROS_TGS_REP, user, "cifs/files.lab.example", -1);
}

/* ---- the connection ---- */

static void start_real(void)
{
    lists = rule_lists;
    begin();
    wire = wire_to(30, 49000);
    negotiate(&wire, DIALECT_3_0);
    connection = the_connection(&wire);
}

static struct builder with_blob(struct builder message, const char *digits)
{
    const struct builder blob = from_hex(digits);

    set_le(&message, SMB2_HEADER_LENGTH + 14, blob.length, 2);
    put_bytes(&message, blob.data, blob.length);
    return message;
}

static void present_ticket(struct wire *to, uint64_t session)
{
    ask(to, with_blob(session_ask(1, 0, 0), blob_ap_request));
    answer(to, session_answer(1, session, STATUS_SUCCESS, 0));
}

static void begin_ntlm(void)
{
    ask(&wire, again(session_setup_request_first, 1, 0));
    answer(&wire, again(session_setup_response_challenge, 1, SESSION));
}

/* The recorded one logs on LAB\root. */
static void end_ntlm(void)
{
    ask(&wire, again(session_setup_request_last, 2, SESSION));
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

/* ---- whose failure ---- */

static void test_own_ticket(void)
{
    start_real();
    logon_refused_to("carol");
    present_ticket(&wire, SESSION);
    g_assert_nonnull(connection->session->ticket);
    g_assert_null(told("kerberos.client_revoked"));
    end();
}

static void test_only_user(void)
{
    start_real();
    logon_refused_to("root");
    begin_ntlm();
    g_assert_nonnull(told("kerberos.client_revoked")); /* who it is will be known in a moment */
    end_ntlm();
    g_assert_nonnull(told("kerberos.client_revoked"));
    g_assert_cmpuint(told("kerberos.client_revoked")->count, ==, 1);
    end();
}

static void test_another_user(void)
{
    start_real();
    logon_refused_to("carol");
    begin_ntlm();
    end_ntlm();
    g_assert_null(told("kerberos.client_revoked"));
    g_assert_null(told("session_setup.ntlm_fallback"));
    end();
}

static void test_one_of_many(void)
{
    start_real();
    logon_granted_to("alice");
    logon_refused_to("carol");
    logon_refused_to("root");
    begin_ntlm();
    g_assert_null(told("kerberos.client_revoked")); /* whose is it? */
    end_ntlm();
    g_assert_nonnull(told("kerberos.client_revoked"));
    g_assert_cmpuint(told("kerberos.client_revoked")->about.frame, ==, frame_number);
    end();
}

/* Of connections that end alike one is the user's, and only time says which. */
static void test_used_once(void)
{
    struct wire second = wire_to(30, 49001);

    start_real();
    logon_refused_to("carol");
    negotiate(&second, DIALECT_3_0);
    reset_by(&wire, CLIENT);
    g_assert_nonnull(told("kerberos.client_revoked"));
    connection = the_connection(&second);
    reset_by(&second, CLIENT);
    g_assert_null(told("kerberos.client_revoked"));
    end();
}

/* ---- what overcomes it ---- */

static const struct finding *revoked_then(const char *user)
{
    struct wire second = wire_to(30, 49001);

    start_real();
    logon_refused_to("carol");
    reset_by(&wire, CLIENT);
    ticket_granted_to(user);
    negotiate(&second, DIALECT_3_0);
    present_ticket(&second, SESSION);
    return told("kerberos.client_revoked");
}

static void test_overcome(void)
{
    g_assert_cmpuint(revoked_then("carol")->severity, ==, NOTE);
    end();
    g_assert_cmpuint(revoked_then("alice")->severity, ==, ERROR);
    end();
    g_assert_cmpuint(revoked_then(NULL)->severity, ==, ERROR);
    end();
}

static void test_logon_overcome(void)
{
    struct wire second = wire_to(30, 49001);

    start_connection();
    ask(&wire, session_ask(1, 0, 0));
    answer(&wire, session_answer(1, SESSION, STATUS_LOGON_FAILURE, 0));
    negotiate(&second, DIALECT_3_0);
    log_on(&second, SESSION + 1, 0);
    g_assert_cmpuint(found(&logon_refused)->severity, ==, ERROR); /* unknown is not the same */
    end();
}

static void test_logon_by_other_name(void)
{
    static const char *const names[] = {"files", "FILES.lab.example", "archive"};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        struct wire second = wire_to(30, 49001);

        start_connection();
        begin_ntlm();
        end_ntlm();
        answer(&wire, session_answer(2, SESSION, STATUS_LOGON_FAILURE, 0));
        connection->server_name = "files";
        negotiate(&second, DIALECT_3_0);
        the_connection(&second)->server_name = names[i];
        ask(&second, again(session_setup_request_first, 1, 0));
        answer(&second, again(session_setup_response_challenge, 1, SESSION + 1));
        ask(&second, again(session_setup_request_last, 2, SESSION + 1));
        answer(&second, session_answer(2, SESSION + 1, STATUS_SUCCESS, 0));
        g_assert_cmpuint(found(&logon_refused)->severity, ==, i < 2 ? NOTE : ERROR);
        end();
    }
}

static void test_share_of_another(void)
{
    struct wire second = wire_to(30, 49001);

    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    negotiate(&second, DIALECT_3_0);
    log_on(&second, SESSION + 1, 0);
    ask(&second, tree_ask(4, SESSION + 1, "\\\\files\\data"));
    answer(&second, tree_answer(4, SESSION + 1, TREE, 0));
    g_assert_cmpuint(found(&share_missing)->severity, ==, ERROR);
    end();
}

static bool same_user(const char *domain, const char *user, const char *other_domain,
                      const char *other_user)
{
    struct ntlm_token one = {.domain = domain, .user = user};
    struct ntlm_token other = {.domain = other_domain, .user = other_user};
    const struct session a = {.authenticate = &one}, b = {.authenticate = &other};

    g_assert_true(session_same_user(&a, &b) == session_same_user(&b, &a));
    return session_same_user(&a, &b);
}

static void test_one_user_two_spellings(void)
{
    g_assert_true(same_user("LAB", "alice", "lab", "ALICE"));
    g_assert_true(same_user("LAB", "alice", "", "alice@LAB.EXAMPLE"));
    g_assert_true(same_user("LAB", "alice", NULL, "alice@lab"));
    g_assert_false(same_user("LAB", "alice", "", "alice@labor.example"));
    g_assert_false(same_user("LAB", "alice", "", "bob@lab.example"));
    g_assert_false(same_user("LAB", "alice", "OTHER", "alice@lab.example"));
    g_assert_false(same_user("", "alice", "", "alice@lab.example"));
    g_assert_false(same_user("LAB", NULL, "", "@lab.example"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/whose/own_ticket", test_own_ticket);
    g_test_add_func("/whose/only_user", test_only_user);
    g_test_add_func("/whose/another_user", test_another_user);
    g_test_add_func("/whose/one_of_many", test_one_of_many);
    g_test_add_func("/whose/used_once", test_used_once);
    g_test_add_func("/overcome/by_user", test_overcome);
    g_test_add_func("/overcome/logon", test_logon_overcome);
    g_test_add_func("/overcome/logon_by_other_name", test_logon_by_other_name);
    g_test_add_func("/whose/two_spellings", test_one_user_two_spellings);
    g_test_add_func("/overcome/share", test_share_of_another);
    return g_test_run();
}
