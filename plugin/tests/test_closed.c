/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Connections that closed long ago: which of them become rows, and what rows still tell.
 */
#include "engine_summary.h"

#include "engine_test.h"

#define LONG (11 * SECOND)

static void begin_keeping(unsigned closed)
{
    lists = engine_lists;
    begin_with((struct engine_settings){
        .model = {.silence_seconds = 10, .slow_seconds = 2, .closed = closed},
        .chat = true,
        .rules_off = "test.hint, test.undone"});
}

static struct connection *begin_one(struct wire *to, uint64_t session)
{
    shake_hands(to);
    negotiate(to, DIALECT_3_0);
    log_on(to, session, 0);
    return the_connection(to);
}

static void end_one(struct wire *to, uint64_t session)
{
    ask(to, use(SMB2_LOGOFF, 9, session, 0));
    finish_by(to, CLIENT);
}

/* A connection on which nothing fails. */
static struct connection *visit(uint16_t port, uint64_t session)
{
    struct connection *visited;

    wire = wire_to(30, port);
    visited = begin_one(&wire, session);
    ask(&wire, tree_ask(3, session, "\\\\files\\data"));
    answer(&wire, tree_answer(3, session, TREE, 0));
    ask(&wire, use(SMB2_CREATE, 4, session, TREE));
    answer(&wire, refusal((struct smb2_header){.command = SMB2_CREATE,
                                               .message_id = 4,
                                               .session_id = session,
                                               .tree_id = TREE,
                                               .status = STATUS_ACCESS_DENIED}));
    end_one(&wire, session);
    return visited;
}

static struct connection *visit_later(uint16_t port)
{
    wait_for(LONG);
    return visit(port, port);
}

static void test_row(void)
{
    struct connection *first;
    struct connection_summary before, after;

    begin_keeping(1);
    first = visit(49000, 1);
    before = connection_summarise(first, scope);
    visit_later(49001);
    g_assert_nonnull(first->row);
    g_assert_null(first->first_exchange);
    g_assert_null(first->session);
    g_assert_null(first->sides);
    g_assert_null(connection_first_finding(first));
    after = connection_summarise(first, scope);
    g_assert_cmpstr(after.client, ==, "192.0.2.10:49000");
    g_assert_cmpstr(after.server_name, ==, "files");
    g_assert_cmpstr(after.dialect, ==, "3.0");
    g_assert_cmpstr(after.shares, ==, "data");
    g_assert_cmpstr(after.stage, ==, "connected");
    g_assert_cmpstr(after.signing, ==, before.signing);
    g_assert_cmpstr(after.user, ==, before.user);
    g_assert_cmpint(after.negotiate_took, ==, MILLISECOND);
    g_assert_cmpint(after.session_setup_took, ==, before.session_setup_took);
    g_assert_cmpint(after.tree_connect_took, ==, MILLISECOND);
    g_assert_cmpuint(after.outcome, ==, OUTCOME_WORKS);
    g_assert_cmpuint(connection_count(), ==, 2);
    end();
}

/* The same ports again: another connection. */
static void test_ports_again(void)
{
    struct connection *first;

    begin_keeping(1);
    first = visit(49000, 1);
    visit_later(49001);
    g_assert_nonnull(first->row);
    g_assert_true(visit(49000, 3) != first);
    g_assert_cmpuint(connection_count(), ==, 3);
    end();
}

static void test_kept(void)
{
    struct connection *first;

    begin_keeping(2);
    first = visit(49000, 1);
    visit_later(49001);
    g_assert_null(first->row);
    visit_later(49002);
    g_assert_nonnull(first->row);
    end();
}

static void test_all_kept(void)
{
    struct connection *first;

    begin_keeping(0);
    first = visit(49000, 1);
    for (uint16_t port = 49001; port < 49010; port++) {
        visit_later(port);
    }
    g_assert_null(first->row);
    end();
}

/* What closed just now may still overcome something. */
static void test_fresh(void)
{
    struct connection *first;

    begin_keeping(1);
    first = visit(49000, 1);
    visit(49001, 2);
    g_assert_null(first->row);
    visit_later(49002);
    g_assert_nonnull(first->row);
    end();
}

static void test_failed(void)
{
    struct connection *failed;

    begin_keeping(1);
    wire = wire_to(30, 49000);
    failed = begin_one(&wire, 1);
    ask(&wire, tree_ask(3, 1, "\\\\files\\dcos"));
    answer(&wire, tree_refusal(3, 1, STATUS_BAD_NETWORK_NAME));
    end_one(&wire, 1);
    visit_later(49001);
    visit_later(49002);
    g_assert_null(failed->row);
    g_assert_cmpstr(connection_root_cause(failed)->rule->id, ==, "test.share_missing");
    end();
}

/* Another connection uses its session. */
static void test_pointed_at(void)
{
    struct connection *first, *channel;

    begin_keeping(1);
    first = visit(49000, 1);
    wire = wire_to(30, 49005);
    shake_hands(&wire);
    negotiate(&wire, DIALECT_3_0);
    ask(&wire, session_ask(1, 1, SMB2_SESSION_FLAG_BINDING));
    answer(&wire, session_answer(1, 1, STATUS_SUCCESS, 0));
    channel = the_connection(&wire);
    finish_by(&wire, CLIENT);
    for (uint16_t port = 49001; port < 49004; port++) {
        visit_later(port);
    }
    g_assert_null(first->row);
    g_assert_null(channel->row);
    g_assert_true(channel->session == first->session);
    end();
}

/* The client's next connection finds what the last one settled, and nothing that is gone. */
static void test_predecessors(void)
{
    struct connection *rows[3], *last;

    begin_keeping(1);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        rows[i] = visit((uint16_t)(49000 + i), 1 + i);
        wait_for(LONG);
    }
    g_assert_nonnull(rows[1]->row);
    g_assert_null(rows[1]->agreed);
    g_assert_null(rows[2]->row);
    g_assert_null(rows[2]->before);
    wire = wire_to(30, 49010);
    last = begin_one(&wire, 10);
    g_assert_true(last->before == rows[2]);
    g_assert_nonnull(rows[2]->agreed);
    end();
}

/* Its own server's last one: what it settled stays, for whoever comes next. */
static void test_last_of_its_ends(void)
{
    struct wire elsewhere;
    struct connection *lonely, *next;

    begin_keeping(1);
    elsewhere = wire_to(31, 49000);
    lonely = begin_one(&elsewhere, 1);
    connect_share(&elsewhere, 3, "\\\\other\\data", TREE);
    end_one(&elsewhere, 1);
    visit_later(49001);
    g_assert_nonnull(lonely->row);
    g_assert_cmpuint(negotiate_response_of(lonely->agreed->answer)->dialect, ==, DIALECT_3_0);
    elsewhere = wire_to(31, 49002);
    next = begin_one(&elsewhere, 3);
    g_assert_true(next->before == lonely);
    end();
}

/* Context goes with its notes. */
static void test_notes(void)
{
    uint32_t frame = 0;

    begin_keeping(1);
    wire = wire_to(30, 49000);
    begin_one(&wire, 1);
    for (uint32_t i = 1; i <= frame_number && !frame; i++)
        frame = engine_notes(engine, i) ? i : 0;
    g_assert_cmpuint(frame, !=, 0);
    ask(&wire, tree_ask(3, 1, "\\\\files\\data"));
    answer(&wire, tree_answer(3, 1, TREE, 0));
    end_one(&wire, 1);
    visit_later(49001);
    g_assert_null(engine_notes(engine, frame));
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    wmem_init();
    g_test_add_func("/closed/row", test_row);
    g_test_add_func("/closed/ports_again", test_ports_again);
    g_test_add_func("/closed/kept", test_kept);
    g_test_add_func("/closed/all_kept", test_all_kept);
    g_test_add_func("/closed/fresh", test_fresh);
    g_test_add_func("/closed/failed", test_failed);
    g_test_add_func("/closed/pointed_at", test_pointed_at);
    g_test_add_func("/closed/predecessors", test_predecessors);
    g_test_add_func("/closed/last_of_its_ends", test_last_of_its_ends);
    g_test_add_func("/closed/notes", test_notes);
    return g_test_run();
}
