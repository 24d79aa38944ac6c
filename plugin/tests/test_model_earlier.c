/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a client settled with the same server before: when the rules speak, and when they must not.
 */
#include "earlier_test.h"

static void log_on_second(void)
{
    log_on(&second, SESSION + 1, 0);
}

/* ---- negotiate.several_servers ---- */

#define SEVERAL "negotiate.several_servers"

static void test_both_live(void)
{
    begin_both();
    settle(&first, (struct offer){.server = 1});
    settle(&second, (struct offer){.server = 2});
    g_assert_cmpuint(weight(&second, SEVERAL), ==, 0); /* the first may be dead */
    acknowledge(&first, SERVER);
    log_on_second();
    g_assert_cmpuint(weight(&second, SEVERAL), ==, NOTE);
    g_assert_cmpuint(weight(&first, SEVERAL), ==, 0);
    end();
}

static void test_same_server(void)
{
    begin_both();
    settle(&first, (struct offer){.server = 1});
    settle(&second, (struct offer){.server = 1});
    acknowledge(&first, SERVER);
    log_on_second();
    g_assert_cmpuint(weight(&second, SEVERAL), ==, 0);
    end();
}

/* The address moved to another node, which resets what it does not know. */
static void test_failed_over(void)
{
    begin_both();
    settle(&first, (struct offer){.server = 1});
    settle(&second, (struct offer){.server = 2});
    acknowledge(&first, CLIENT);
    reset_by(&first, SERVER);
    log_on_second();
    finish_by(&second, CLIENT);
    g_assert_cmpuint(weight(&second, SEVERAL), ==, 0);
    end();
}

static void test_other_client(void)
{
    begin_both();
    second.ends[CLIENT].address.bytes[3] = 11;
    settle(&first, (struct offer){.server = 1});
    settle(&second, (struct offer){.server = 2});
    acknowledge(&first, SERVER);
    log_on_second();
    g_assert_cmpuint(weight(&second, SEVERAL), ==, 0);
    end();
}

static void test_other_port(void)
{
    begin_both();
    second.ends[SERVER].port = 4450;
    settle(&first, (struct offer){.server = 1});
    settle(&second, (struct offer){.server = 2});
    acknowledge(&first, SERVER);
    log_on_second();
    g_assert_cmpuint(weight(&second, SEVERAL), ==, 0);
    end();
}

/* Reconfigured once is no second server; back again it is, if soon. */
static void test_in_turn(void)
{
    for (unsigned late = 0; late < 2; late++) {
        struct wire third = wire_to(30, 49002), fourth = wire_to(30, 49003);

        begin_both();
        settle(&first, (struct offer){.server = 1});
        finish_by(&first, CLIENT);
        settle(&second, (struct offer){.server = 2});
        finish_by(&second, CLIENT);
        settle(&third, (struct offer){.server = 2});
        finish_by(&third, CLIENT);
        g_assert_cmpuint(weight(&third, SEVERAL), ==, 0);
        now += late * 61 * SECOND;
        settle(&fourth, (struct offer){.server = 1});
        g_assert_cmpuint(weight(&fourth, SEVERAL), ==, late ? 0 : NOTE);
        end();
    }
}

/* Each connection another GUID: a server that makes them up, as far as this shows. */
static void test_made_up(void)
{
    begin_both();
    for (uint8_t i = 1; i < 20; i++) {
        struct wire wire = wire_to(30, (uint16_t)(50000 + i));

        settle(&wire, (struct offer){.server = i});
        finish_by(&wire, CLIENT);
        g_assert_cmpuint(weight(&wire, SEVERAL), ==, 0);
    }
    end();
}

static void test_said_once(void)
{
    struct wire third = wire_to(30, 49002);

    begin_both();
    settle(&first, (struct offer){.server = 1});
    settle(&second, (struct offer){.server = 2});
    acknowledge(&first, SERVER);
    log_on_second();
    settle(&third, (struct offer){.server = 1});
    acknowledge(&second, SERVER);
    log_on(&third, SESSION + 2, 0);
    g_assert_cmpuint(weight(&second, SEVERAL), ==, NOTE);
    g_assert_cmpuint(weight(&third, SEVERAL), ==, 0);
    end();
}

static void test_leaves_the_other(void)
{
    begin_both();
    settle(&first, (struct offer){.server = 1});
    settle(&second, (struct offer){.server = 2});
    acknowledge(&first, SERVER);
    finish_by(&second, CLIENT);
    g_assert_cmpuint(weight(&second, SEVERAL), ==, WARNING);
    end();
}

/* The server's NTLM challenge calls it FILES, or another name that long. */
static void log_on_to(struct wire *wire, uint64_t session, const char *computer)
{
    static const uint8_t pair[] = {0x01, 0x00, 0x0a, 0x00}; /* MsvAvNbComputerName, 10 bytes */
    struct builder challenge = again(session_setup_response_challenge, 1, session);
    uint8_t *name = challenge.data;

    while (memcmp(name, pair, sizeof pair) != 0) {
        name++;
        g_assert_cmpuint((uint32_t)(name - challenge.data) + sizeof pair, <, challenge.length);
    }
    for (unsigned i = 0; computer[i]; i++)
        name[sizeof pair + 2 * i] = (uint8_t)computer[i];
    ask(wire, again(session_setup_request_first, 1, 0));
    answer(wire, challenge);
    ask(wire, again(session_setup_request_last, 2, session));
    answer(wire, session_answer(2, session, STATUS_SUCCESS, 0));
}

/* Who they are need not be asked where they have said it. */
static void test_names_known(void)
{
    static const char *const names[] = {"FILES", "FILE2"};

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        const struct finding *finding;

        begin_both();
        settle(&first, (struct offer){.server = 1});
        log_on_to(&first, SESSION, "FILES");
        settle(&second, (struct offer){.server = 2});
        acknowledge(&first, SERVER);
        log_on_to(&second, SESSION + 1, names[i]);
        ask(&second, tree_ask(3, SESSION + 1, "\\\\files\\data"));
        finding = found_on(&second, SEVERAL);
        g_assert_nonnull(finding);
        g_assert_nonnull(strstr(finding_cause(finding, scope), "load balancer"));
        g_assert_cmpint(!strstr(finding_cause(finding, scope), "another GUID"), ==, i == 1);
        g_assert_cmpint(!strstr(finding_next_step(finding, scope), "Which servers"), ==, i == 1);
        end();
    }
}

/* Nothing before a connection is looked at where it was answered as they were: the next one that is
 * not must still be told. */
static void test_after_many_alike(void)
{
    begin_both();
    for (uint16_t i = 0; i < 20; i++) {
        struct wire wire = wire_to(30, (uint16_t)(50000 + i));

        settle(&wire, (struct offer){.client = 1, .server = 1});
        g_assert_cmpuint(the_connection(&wire)->alike, ==, i);
        if (i == 19)
            first = wire;
    }
    settle(&second, (struct offer){.client = 1, .chosen = DIALECT_2_1, .server = 2});
    g_assert_cmpuint(the_connection(&second)->alike, ==, 0);
    g_assert_cmpuint(weight(&second, "negotiate.lower_than_before"), ==, NOTE);
    acknowledge(&first, SERVER);
    log_on_second();
    g_assert_cmpuint(weight(&second, SEVERAL), ==, NOTE);
    end();
}

static void open_by_name(struct wire *wire, uint64_t session, const char *path)
{
    log_on_to(wire, session, "FILES");
    ask(wire, tree_ask(3, session, path));
    answer(wire, tree_answer(3, session, TREE, 0));
}

static void test_by_name(void)
{
    static const char *const paths[] = {"\\\\FILES\\data", "\\\\files.lab.test\\data",
                                        "\\\\192.0.2.30\\data"};

    for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++) {
        begin_both();
        second.ends[SERVER].address.bytes[3] = 31;
        settle(&first, (struct offer){.server = 1});
        open_by_name(&first, SESSION, i < 2 ? "\\\\files\\data" : paths[i]);
        settle(&second, (struct offer){.server = 2});
        acknowledge(&first, SERVER);
        open_by_name(&second, SESSION + 1, paths[i]);
        g_assert_cmpuint(weight(&second, SEVERAL), ==, i == 0 ? NOTE : 0);
        end();
    }
}

/* Whose domain it is, nobody knows. */
static void test_by_unknown_name(void)
{
    begin_both();
    second.ends[SERVER].address.bytes[3] = 31;
    settle(&first, (struct offer){.server = 1});
    log_on(&first, SESSION, 0);
    connect_share(&first, 3, "\\\\files\\data", TREE);
    settle(&second, (struct offer){.server = 2});
    acknowledge(&first, SERVER);
    log_on_second();
    ask(&second, tree_ask(3, SESSION + 1, "\\\\files\\data"));
    answer(&second, tree_answer(3, SESSION + 1, TREE, 0));
    g_assert_cmpuint(weight(&second, SEVERAL), ==, 0);
    end();
}

/* ---- negotiate.lower_than_before ---- */

#define LOWER "negotiate.lower_than_before"

static void test_lower(void)
{
    static const struct {
        struct offer first, second;
        bool closed;
        enum severity severity;
    } cases[] = {
        {{.client = 1}, {.client = 1, .chosen = DIALECT_2_1}, false, WARNING},
        {{.client = 1}, {.client = 1, .chosen = DIALECT_2_1}, true, NOTE},
        {{.client = 1}, {.client = 1, .chosen = DIALECT_2_1, .server = 1}, false, NOTE},
        {{.client = 1}, {.client = 1, .highest = DIALECT_2_1, .chosen = DIALECT_2_1}, false, NOTE},
        {{.client = 1}, {.client = 2, .chosen = DIALECT_2_1}, false, 0},
        {{.client = 1}, {.client = 1}, false, 0},
        {{.client = 1, .chosen = DIALECT_2_1}, {.client = 1}, false, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        begin_both();
        settle(&first, cases[i].first);
        g_assert_cmpuint(weight(&first, LOWER), ==, 0);
        if (cases[i].closed)
            finish_by(&first, CLIENT);
        settle(&second, cases[i].second);
        g_assert_cmpuint(weight(&second, LOWER), ==, cases[i].severity);
        end();
    }
}

static void test_values_that_differ(void)
{
    struct wire third = wire_to(31, 49002);
    const struct evidence *at;

    begin_both();
    settle(&first, (struct offer){.client = 1});
    settle(&second, (struct offer){.client = 1, .chosen = DIALECT_3_0});
    at = found_on(&second, LOWER)->evidence;
    settle(&third, (struct offer){.client = 2, .chosen = DIALECT_2_1});
    while (strcmp(at->label, "Dialect before, and now") != 0)
        at = at->next;
    g_assert_cmpstr(evidence_value(at, 0), ==, "3.0.2");
    g_assert_cmpstr(evidence_value(at, 1), ==, "3.0");
    end();
}

static void test_lower_said_once(void)
{
    struct wire third = wire_to(30, 49002);

    begin_both();
    settle(&first, (struct offer){0});
    settle(&second, (struct offer){.chosen = DIALECT_3_0});
    settle(&third, (struct offer){.chosen = DIALECT_3_0});
    g_assert_cmpuint(weight(&third, LOWER), ==, 0);
    end();
    begin_both();
    settle(&first, (struct offer){.client = 1});
    settle(&second, (struct offer){.client = 1, .chosen = DIALECT_3_0});
    settle(&third, (struct offer){.client = 1, .chosen = DIALECT_3_0});
    g_assert_cmpuint(weight(&second, LOWER), ==, WARNING);
    g_assert_cmpuint(weight(&third, LOWER), ==, 0);
    end();
    begin_both(); /* and lower still */
    settle(&first, (struct offer){.client = 1});
    settle(&second, (struct offer){.client = 1, .chosen = DIALECT_3_0});
    settle(&third, (struct offer){.client = 1, .chosen = DIALECT_2_1});
    g_assert_cmpuint(weight(&third, LOWER), ==, WARNING);
    end();
}

/* 3.2.5.5: the cluster sends the client back with less. */
static void test_sent_lower(void)
{
    begin_both();
    settle(&first, (struct offer){0});
    log_on(&first, SESSION, 0);
    ask(&first, tree_ask(3, SESSION, "\\\\files\\data"));
    answer(&first, tree_refusal(3, SESSION, STATUS_SMB_BAD_CLUSTER_DIALECT));
    settle(&second, (struct offer){.highest = DIALECT_3_0, .chosen = DIALECT_3_0});
    g_assert_cmpuint(weight(&second, LOWER), ==, 0);
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/several_servers/both_live", test_both_live);
    g_test_add_func("/several_servers/same_server", test_same_server);
    g_test_add_func("/several_servers/failed_over", test_failed_over);
    g_test_add_func("/several_servers/other_client", test_other_client);
    g_test_add_func("/several_servers/other_port", test_other_port);
    g_test_add_func("/several_servers/in_turn", test_in_turn);
    g_test_add_func("/several_servers/made_up", test_made_up);
    g_test_add_func("/several_servers/said_once", test_said_once);
    g_test_add_func("/several_servers/leaves_the_other", test_leaves_the_other);
    g_test_add_func("/several_servers/names_known", test_names_known);
    g_test_add_func("/several_servers/after_many_alike", test_after_many_alike);
    g_test_add_func("/several_servers/by_name", test_by_name);
    g_test_add_func("/several_servers/by_unknown_name", test_by_unknown_name);
    g_test_add_func("/lower_than_before/cases", test_lower);
    g_test_add_func("/lower_than_before/values", test_values_that_differ);
    g_test_add_func("/lower_than_before/said_once", test_lower_said_once);
    g_test_add_func("/lower_than_before/sent_lower", test_sent_lower);
    return g_test_run();
}
