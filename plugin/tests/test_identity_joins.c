/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which Kerberos failure belongs to which connection, and which does not.
 */
#include "identity_test.h"

/* ---- joins ---- */

static void test_unknown_service(void)
{
    begin();
    ticket(10, 50001, "cifs/files.lab.example", 7);
    g_assert_cmpint(error_by(20), ==, 7);
    g_assert_cmpint(error_by(10), ==, 0); /* the error came later */
    g_assert_null(connection_kdc_failure(connection, SECONDS(1), SECONDS(2)).exchange);
    failure_by(20)->used_by = connect_to(FILES_HOST, 5, 49001, "files.lab.example");
    g_assert_cmpint(error_by(20), ==, 7); /* it names the server, and hurts all that go there */
    end();
}

/* The KDC refuses the next user of the host: the error that the first one met is not hers. */
static void test_next_user(void)
{
    begin();
    ticket(10, 50001, "cifs/files.lab.example", 7);
    connection = connect_to(FILES_HOST, 100, 49001, "files.lab.example");
    g_assert_cmpint(error_by(110), ==, 7);
    logon(112, 50004, "WS1$", 24);
    g_assert_cmpint(error_by(118), ==, 7);
    logon(120, 50002, "bob", 24);
    g_assert_cmpint(error_by(130), ==, 24);
    ticket(140, 50003, "cifs/files.lab.example", 7);
    g_assert_cmpint(error_by(150), ==, 7);
    end();
}

/* A failure that only time joins explains one connection. */
static void test_used_up(void)
{
    begin();
    logon(10, 50001, "alice", 24);
    g_assert_cmpint(error_by(20), ==, 24);
    failure_by(20)->used_by = connection;
    g_assert_cmpint(error_by(20), ==, 24);
    failure_by(20)->used_by = connect_to(OTHER_HOST, 5, 49001, NULL);
    g_assert_null(failure_by(20));
    end();
}

static void test_other_services(void)
{
    begin();
    ticket(10, 50001, "cifs/backup.lab.example", 7);
    ticket(20, 50002, "HTTP/files.lab.example", 7);
    ticket(30, 50003, "cifs/files.other.example", 7);
    ticket(40, 50004, "krbtgt/LAB.EXAMPLE", 13); /* forwards the client's own TGT */
    g_assert_null(failure_by(100));
    ticket(50, 50005, "krbtgt/OTHER.EXAMPLE", 7);
    g_assert_cmpint(error_by(100), ==, 7);
    end();
}

static void test_short_names(void)
{
    begin();
    ticket(10, 50001, "HOST/FILES", 7);
    g_assert_cmpint(error_by(20), ==, 7);
    connection->server_name = "192.0.2.30";
    g_assert_null(failure_by(20));
    ticket(30, 50002, "cifs/192.0.2.30", 7);
    g_assert_cmpint(error_by(40), ==, 7);
    end();
}

static void test_alias(void)
{
    const struct dns_response response = {
        .question = "alias.lab.example",
        .count = 2,
        .answers = {alias_of("alias.lab.example", "files.lab.example"),
                    at_address("files.lab.example", FILES_HOST)}};

    begin();
    ticket(10, 50001, "cifs/alias.lab.example", 7);
    g_assert_null(failure_by(20));
    dns(5, &response);
    g_assert_cmpint(error_by(20), ==, 7);
    end();
}

static void test_no_name(void)
{
    begin();
    connection->server_name = NULL;
    ticket(10, 50001, "cifs/files.lab.example", 7);
    g_assert_cmpint(error_by(20), ==, 7); /* there is no other server */
    connect_to(OTHER_HOST, 15, 49001, NULL);
    g_assert_null(failure_by(20));
    dns_address(5, "files.lab.example", FILES_HOST);
    g_assert_cmpint(error_by(20), ==, 7);
    end();
}

static void test_name_of_another(void)
{
    begin();
    connection->server_name = NULL;
    ticket(10, 50001, "cifs/backup.lab.example", 7);
    dns_address(5, "backup.lab.example", OTHER_HOST);
    g_assert_null(failure_by(20));
    g_assert_null(connection_ticket_request(connection, SECONDS(1)));
    end();
}

static void test_logon_errors(void)
{
    static const int relevant[] = {6, 14, 18, 23, 24, 37};

    for (unsigned i = 0; i < G_N_ELEMENTS(relevant); i++) {
        begin();
        logon(10, 50001, "alice", 25);
        logon(15, 50002, "alice", 91);
        g_assert_null(failure_by(20));
        logon(20, 50003, "alice", relevant[i]);
        g_assert_cmpint(error_by(30), ==, relevant[i]);
        end();
    }
}

static void test_logon_of_another(void)
{
    static const struct ntlm_token shown = {.user = "Alice"};
    static struct session session = {.authenticate = &shown};

    begin();
    connection->session = &session;
    logon(10, 50001, "WS1$", 24);
    g_assert_null(failure_by(20));
    logon(30, 50002, "alice@lab.example", 24);
    g_assert_cmpint(error_by(40), ==, 24);
    connection->server_name = "192.0.2.30"; /* NTLM then, whatever the KDC says */
    g_assert_null(failure_by(40));
    end();
}

static void test_name_before_time(void)
{
    begin();
    ticket(10, 50001, "cifs/files.lab.example", 7);
    logon(20, 50002, "WS1$", 24);
    g_assert_cmpint(error_by(40), ==, 7);
    end();
}

/* ---- what a failure is overcome by ---- */

static void test_skew_retry(void)
{
    begin();
    ticket(10, 50001, "cifs/files.lab.example", 37);
    g_assert_cmpint(error_by(20), ==, 37);
    ticket(20, 50002, "cifs/files.lab.example", -1);
    g_assert_null(failure_by(30));
    g_assert_cmpint(error_by(20), ==, 37); /* at that time it was none */
    g_assert_cmpint(outcome_by(30), ==, KDC_GRANTED);
    end();
}

static void test_wrong_password_then_right(void)
{
    begin();
    logon(10, 50001, "alice", 24);
    logon(20, 50002, "bob", -1);
    g_assert_cmpint(error_by(30), ==, 24);
    logon(30, 50003, "alice", -1);
    g_assert_null(failure_by(40));
    end();
}

static void test_password_change(void)
{
    begin();
    logon(10, 50001, "alice", 23);
    ask_of(20, KDC_ONE, 50002, KERBEROS_AS_REQ, "alice", "kadmin/changepw", 5);
    answer_of(21, KDC_ONE, 50002, KERBEROS_AS_REP, "kadmin/changepw", -1);
    g_assert_cmpint(error_by(30), ==, 23);
    end();
}

static void test_referral(void)
{
    begin();
    ask_ticket(10, 50001, "cifs/files.lab.example");
    grant_ticket(11, 50001, "krbtgt/OTHER.EXAMPLE");
    g_assert_cmpint(outcome_by(12), ==, KDC_REFERRED);
    ticket(20, 50002, "cifs/files.lab.example", 7);
    ask_ticket(30, 50003, "cifs/files.lab.example");
    grant_ticket(31, 50003, "krbtgt/OTHER.EXAMPLE"); /* that is not the ticket yet */
    g_assert_cmpint(error_by(40), ==, 7);
    end();
}

static void test_too_big(void)
{
    begin();
    ticket(10, 50001, "cifs/files.lab.example", 52);
    g_assert_null(failure_by(1000)); /* the client may still turn to TCP */
    g_assert_cmpint(error_by(6000), ==, 52);
    handshake(6100, 50002);
    g_assert_null(failure_by(7000));
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/join/unknown_service", test_unknown_service);
    g_test_add_func("/join/next_user", test_next_user);
    g_test_add_func("/join/used_up", test_used_up);
    g_test_add_func("/join/other_services", test_other_services);
    g_test_add_func("/join/short_names", test_short_names);
    g_test_add_func("/join/alias", test_alias);
    g_test_add_func("/join/no_name", test_no_name);
    g_test_add_func("/join/name_of_another", test_name_of_another);
    g_test_add_func("/join/logon_errors", test_logon_errors);
    g_test_add_func("/join/logon_of_another", test_logon_of_another);
    g_test_add_func("/join/name_before_time", test_name_before_time);
    g_test_add_func("/overcome/skew_retry", test_skew_retry);
    g_test_add_func("/overcome/wrong_password_then_right", test_wrong_password_then_right);
    g_test_add_func("/overcome/password_change", test_password_change);
    g_test_add_func("/overcome/referral", test_referral);
    g_test_add_func("/overcome/too_big", test_too_big);
    return g_test_run();
}
