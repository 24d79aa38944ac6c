/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The engine: what becomes of proofs.
 */
#include "engine_test.h"

/* ---- one finding ---- */

static void test_finding(void)
{
    const struct finding *finding;

    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    finding = found(&share_missing);
    g_assert_true(finding->exchange == connection->last);
    g_assert_cmpuint(finding->about.frame, ==, frame_number);
    g_assert_cmpuint(finding->completed.frame, ==, frame_number);
    g_assert_cmpuint(finding->severity, ==, ERROR);
    g_assert_cmpuint(finding->confidence, ==, CERTAIN);
    g_assert_cmpstr(finding->cause, ==, "missing cause");
    g_assert_true(finding->root_cause);
    g_assert_true(root() == finding);
    g_assert_true(has_evidence(finding, "TREE_CONNECT request: frame 3"));
    g_assert_true(has_evidence(finding, "TREE_CONNECT response: frame 4"));
    g_assert_true(has_evidence(finding, "Answered after: 1.000 ms"));
    g_assert_true(has_evidence(finding, "Share: \\\\files\\data"));
    g_assert_cmpstr(finding_headline(finding, scope), ==, "No data on files (\\\\files\\data)");
    g_assert_true(note_on(finding->about.frame)->finding == finding);
    g_assert_cmpuint(note_on(finding->about.frame)->kind, ==, NOTE_ABOUT);
    g_assert_null(note_next(note_on(finding->about.frame)));
    end();
}

/* The first alternative that has all of its values; names of any length leave room for the rest. */
static void test_headlines(void)
{
    char *path = g_strdup_printf("\\\\files\\%0200d", 7);
    const char *line;

    start_connection();
    refuse_share(3, path, STATUS_BAD_NETWORK_NAME);
    line = finding_headline(found(&share_missing), scope);
    g_assert_cmpuint(g_utf8_strlen(line, -1), <, 100);
    g_assert_true(g_str_has_prefix(line, "No 0000"));
    g_assert_nonnull(strstr(line, "... on files"));
    refuse_share(4, "data", STATUS_BAD_NETWORK_NAME); /* no share can be told from it */
    g_assert_cmpstr(finding_headline(note_on(frame_number)->finding, scope), ==, "no share");
    g_free(path);
    end();
}

static void check_advice(const struct finding *finding, const char *lines, const char *text)
{
    const struct rule rule = {.others = finding->rule->others};
    struct finding advised = *finding;

    advised.rule = &rule;
    advised.cause = lines;
    g_assert_cmpstr(finding_cause(&advised, scope), ==, text);
}

/* Commands with the capture's values; the word where there is none, or none for a shell. */
static void test_advice(void)
{
    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    check_advice(found(&share_missing), "Get-SmbShare -Name {SHARE}", "Get-SmbShare -Name data");
    check_advice(found(&share_missing), "net use /user:{DOMAIN\\}\\{USER}, {ALIAS.DOMAIN}",
                 "net use /user:DOMAIN\\USER, ALIAS.DOMAIN");
    check_advice(found(&share_missing), "a\n{?KDC}b {KDC}\n{!KDC}c {KDC}\nd { $_ }",
                 "a\nc KDC\nd { $_ }");
    check_advice(found(&share_missing), "{?KDC}b\n{", "{");
    refuse_share(4, "\\\\files\\a;reboot", STATUS_BAD_NETWORK_NAME);
    check_advice(note_on(frame_number)->finding, "-Name {SHARE}", "-Name SHARE");
    refuse_share(5, "\\\\files\\-Force", STATUS_BAD_NETWORK_NAME);
    check_advice(note_on(frame_number)->finding, "-Name {SHARE}", "-Name SHARE");
    refuse_share(6, "\\\\files\\data$", STATUS_BAD_NETWORK_NAME);
    check_advice(note_on(frame_number)->finding, "-Name {SHARE}", "-Name data$");
    end();
}

static void test_repeats(void)
{
    const struct finding *finding;

    start_connection();
    for (uint64_t id = 3; id < 8; id++)
        refuse_share(id, id == 5 ? "\\\\files\\other" : "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    finding = found(&share_missing);
    g_assert_cmpuint(finding->count, ==, 4);
    g_assert_cmpuint(finding->about.frame, ==, 4);
    g_assert_cmpuint(finding->last.frame, ==, frame_number);
    g_assert_cmpuint(note_on(finding->last.frame)->kind, ==, NOTE_REPEATS);
    g_assert_cmpuint(shown(), ==, 2); /* one a share */
    end();
}

/* A worse fault must not disappear behind a milder one of the same kind. */
static void test_repeat_that_is_worse(void)
{
    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_ACCESS_DENIED);
    refuse_share(4, "\\\\files\\data", STATUS_ACCESS_DENIED);
    g_assert_cmpuint(found(&worse)->severity, ==, WARNING);
    g_assert_cmpuint(found(&worse)->count, ==, 2);
    refuse_share(5, "\\\\files\\data", STATUS_ACCESS_DENIED);
    g_assert_cmpuint(shown(), ==, 2);
    g_assert_nonnull(root());
    g_assert_cmpuint(root()->severity, ==, ERROR);
    end();
}

static void test_settings(void)
{
    start_with((struct engine_settings){.model.silence_seconds = 10, .chat = true});
    g_assert_nonnull(found(&talk));
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    g_assert_nonnull(found(&hint));
    end();
    start_with((struct engine_settings){.rules_off = "test.share, test.hint;test.share_missing"});
    g_assert_null(found(&talk));
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    g_assert_null(found(&hint));
    g_assert_null(found(&share_missing));
    g_assert_nonnull(found(&generic_refusal));
    end();
}

/* The preference may be given another value while the file is still open. */
static void test_settings_are_kept(void)
{
    char *off = g_strdup("test.share_missing");

    start_with((struct engine_settings){.model.silence_seconds = 10, .rules_off = off});
    memset(off, 'x', strlen(off));
    g_free(off);
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    g_assert_null(found(&share_missing));
    end();
}

/* ---- specific and generic ---- */

static void test_fallback_stands_back(void)
{
    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    g_assert_null(found(&generic_refusal));
    refuse_share(4, "\\\\files\\data", STATUS_BAD_NETWORK_PATH);
    g_assert_nonnull(found(&generic_refusal));
    end();
}

static void test_symptom_leaves_room(void)
{
    start_connection();
    ask(&wire, session_ask(1, 0, 0));
    reset_by(&wire, SERVER);
    g_assert_nonnull(found(&silent)); /* told by a specific rule, even if it is a symptom only */
    g_assert_null(found(&cut_off));
    end();
}

/* ---- the root cause ---- */

static void test_root_cause(void)
{
    start_connection();
    ask(&wire, session_ask(1, 0, 0));
    wait_for(11 * SECOND);
    g_assert_true(root() == found(&silent)); /* while nothing else is there */
    ask(&wire, session_ask(2, 0, 0));
    answer(&wire, session_answer(2, SESSION, STATUS_LOGON_FAILURE, 0));
    g_assert_true(root() == found(&logon_refused));
    g_assert_false(found(&silent)->root_cause);
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    g_assert_true(root() == found(&logon_refused)); /* the first of equals */
    g_assert_false(found(&share_missing)->root_cause);
    end();
}

static void test_root_passes_on(void)
{
    const struct finding *second;

    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    second = found(&share_missing);
    refuse_share(4, "\\\\files\\other", STATUS_BAD_NETWORK_NAME);
    connect_share(&wire, 5, "\\\\files\\data", TREE);
    g_assert_false(second->root_cause);
    g_assert_cmpstr(root()->subject, ==, "\\\\files\\other");
    g_assert_true(root()->root_cause);
    end();
}

/* ---- confidence ---- */

static void test_confidence(void)
{
    start_connection();
    wire.sequence[CLIENT] += 100;
    acknowledge(&wire, CLIENT);
    now += 2 * SECOND;
    acknowledge(&wire, CLIENT);
    g_assert_cmpuint(connection->gap.frame, !=, 0);
    refuse_share(5, "\\\\files\\data", STATUS_ACCESS_DENIED);
    g_assert_cmpuint(found(&worse)->confidence, ==, POSSIBLE);
    g_assert_true(
        has_evidence(found(&worse), "Bytes of this connection are missing in the capture"));
    refuse_share(6, "\\\\files\\data", STATUS_BAD_NETWORK_NAME); /* a fact, wherever it stands */
    g_assert_cmpuint(found(&share_missing)->confidence, ==, CERTAIN);
    end();
}

static void test_connections_are_apart(void)
{
    struct wire other = wire_to(30, 49001);

    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    reset_by(&wire, SERVER);
    negotiate(&other, DIALECT_3_0);
    connection = the_connection(&other);
    g_assert_cmpuint(shown(), ==, 0);
    g_assert_null(root());
    end();
}

/* The very frame that raises the event may be the first to show that something before it is
 * missing. */
static void test_absence_before_the_message(void)
{
    start_connection();
    ask(&wire, use(SMB2_READ, 3, SESSION, TREE));
    g_assert_nonnull(found(&undone));
    end();
    start_connection();
    wire.sequence[CLIENT] += 100;
    ask(&wire, use(SMB2_READ, 3, SESSION, TREE));
    g_assert_null(found(&undone));
    end();
    start_connection();
    wire.sequence[SERVER] += 100; /* acknowledged with the request, and not captured */
    ask(&wire, use(SMB2_READ, 3, SESSION, TREE));
    g_assert_null(found(&undone));
    end();
}

static void add(const char *name, GTestFunc test)
{
    g_test_add_func(name, test);
}

/* A tool that tries an administrative share first fails at the one that it came for. */
static void test_root_is_meant(void)
{
    start_connection();
    log_on(&wire, SESSION, 0);
    refuse_share(3, "\\\\files\\ADMIN$", STATUS_BAD_NETWORK_NAME);
    g_assert_true(root()->exchange->message_id == 3);
    refuse_share(4, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    g_assert_true(root()->exchange->message_id == 4);
    refuse_share(5, "\\\\files\\docs", STATUS_BAD_NETWORK_NAME);
    refuse_share(6, "\\\\files\\C$", STATUS_BAD_NETWORK_NAME);
    g_assert_true(root()->exchange->message_id == 4);
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add("/finding/parts", test_finding);
    add("/finding/headlines", test_headlines);
    add("/finding/advice", test_advice);
    add("/finding/repeats", test_repeats);
    add("/finding/worse-repeat", test_repeat_that_is_worse);
    add("/finding/confidence", test_confidence);
    add("/finding/connections-apart", test_connections_are_apart);
    add("/finding/absence-before", test_absence_before_the_message);
    add("/settings/off-and-chat", test_settings);
    add("/settings/kept", test_settings_are_kept);
    add("/order/fallback", test_fallback_stands_back);
    add("/order/symptom", test_symptom_leaves_room);
    add("/root/election", test_root_cause);
    add("/root/passes-on", test_root_passes_on);
    g_test_add_func("/root/meant", test_root_is_meant);
    return g_test_run();
}
