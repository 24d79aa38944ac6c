/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A connection in one line: what tables, rows and headings say of it.
 */
#include "engine_summary.h"
#include "engine_test.h"
#include "recorded_tokens.h"

static struct connection_summary summary_now(void)
{
    return connection_summarise(connection, scope);
}

static void test_works(void)
{
    struct connection_summary summary;

    start_connection();
    ask(&wire, again(session_setup_request_first, 1, 0));
    answer(&wire, again(session_setup_response_challenge, 1, SESSION));
    ask(&wire, again(session_setup_request_last, 2, SESSION));
    answer(&wire, session_answer(2, SESSION, STATUS_SUCCESS, 0));
    connect_share(&wire, 3, "\\\\files\\IPC$", TREE);
    g_assert_cmpstr(summary_now().shares, ==, "IPC$");
    connect_share(&wire, 4, "\\\\files\\data", TREE + 1);
    connect_share(&wire, 5, "\\\\files\\DATA", TREE + 2);
    connect_share(&wire, 6, "\\\\files\\docs", TREE + 3);
    summary = summary_now();
    g_assert_cmpint(summary.outcome, ==, OUTCOME_WORKS);
    g_assert_cmpstr(summary.client, ==, "192.0.2.10:49000");
    g_assert_cmpstr(summary.server, ==, "192.0.2.30:445");
    g_assert_cmpstr(summary.dialect, ==, "3.0");
    g_assert_cmpstr(summary.signing, ==, "nobody");
    g_assert_cmpstr(summary.mechanism, ==, "NTLM");
    g_assert_cmpstr(summary.user, ==, "LAB\\root");
    g_assert_cmpstr(summary.shares, ==, "data, docs");
    g_assert_cmpstr(summary.stage, ==, "connected");
    g_assert_cmpstr(summary.headline, ==, "");
    g_assert_cmpint(summary.negotiate_took, ==, MILLISECOND);
    g_assert_cmpint(summary.session_setup_took, ==, 3 * MILLISECOND);
    g_assert_cmpint(summary.tree_connect_took, ==, MILLISECOND);
    end();
}

static void test_failed(void)
{
    struct connection_summary summary;

    start_connection();
    log_on(&wire, SESSION, 0);
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    summary = summary_now();
    g_assert_cmpint(summary.outcome, ==, OUTCOME_FAILED);
    g_assert_cmpstr(summary.status, ==, "STATUS_BAD_NETWORK_NAME");
    g_assert_cmpstr(summary.headline, ==, finding_headline(found(&share_missing), scope));
    g_assert_true(summary.root_cause == found(&share_missing));
    end();
}

/* A request that still waits when the capture ends is no failure yet. */
static void test_open(void)
{
    start_connection();
    g_assert_cmpint(summary_now().outcome, ==, OUTCOME_UNFINISHED);
    ask(&wire, session_ask(1, 0, 0));
    g_assert_cmpint(summary_now().outcome, ==, OUTCOME_OPEN);
    g_assert_cmpuint(summary_now().open->request.frame, ==, frame_number);
    finish_by(&wire, CLIENT);
    g_assert_cmpint(summary_now().outcome, !=, OUTCOME_OPEN);
    end();
}

static void test_guest(void)
{
    start_connection();
    log_on(&wire, SESSION, SMB2_SESSION_FLAG_IS_GUEST);
    g_assert_cmpstr(summary_now().user, ==, "guest");
    end();
}

static void test_order(void)
{
    wmem_list_t *findings;

    start_with((struct engine_settings){.model = {.silence_seconds = 10, .slow_seconds = 2},
                                        .chat = true});
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    findings = connection_findings_by_weight(connection, scope);
    g_assert_cmpuint(wmem_list_count(findings), ==, 3);
    g_assert_true(wmem_list_frame_data(wmem_list_head(findings)) == found(&share_missing));
    g_assert_true(wmem_list_frame_data(wmem_list_tail(findings)) == found(&talk));
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/summary/works", test_works);
    g_test_add_func("/summary/failed", test_failed);
    g_test_add_func("/summary/open", test_open);
    g_test_add_func("/summary/guest", test_guest);
    g_test_add_func("/summary/order", test_order);
    return g_test_run();
}
