/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a client settled with the same server before, and what is said of a session or a share that
 * is there already: when the rules speak, and when they must not.
 */
#include "model_test.h"

#define GUID_AT (SMB2_HEADER_LENGTH + 8)         /* of the server, in the response */
#define CLIENT_GUID_AT (SMB2_HEADER_LENGTH + 12) /* in the request */

static struct wire first, second;

static const struct finding *found_on(const struct wire *wire, const char *id)
{
    return connection_finding(the_connection(wire),
                              catalogue_find(catalogue_new(scope, rule_lists), id));
}

static enum severity weight(const struct wire *wire, const char *id)
{
    const struct finding *finding = found_on(wire, id);

    return finding ? finding->severity : 0;
}

/* ---- connections ---- */

struct offer {
    uint16_t highest, chosen;
    uint8_t client, server; /* first byte of their GUIDs */
};

static void settle(struct wire *wire, struct offer offer)
{
    struct builder request = negotiate_ask(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_2_0_2,
                                           offer.highest ? offer.highest : DIALECT_3_0_2);
    struct builder response = negotiate_answer(0, SMB2_NEGOTIATE_SIGNING_ENABLED,
                                               offer.chosen ? offer.chosen : DIALECT_3_0_2);

    set_le(&request, CLIENT_GUID_AT, offer.client, 1);
    set_le(&response, GUID_AT, offer.server, 1);
    shake_hands(wire);
    ask(wire, request);
    answer(wire, response);
}

static void begin_both(void)
{
    begin();
    first = wire_to(30, 49000);
    second = wire_to(30, 49001);
}

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

static void open_by_name(struct wire *wire, uint64_t session, const char *path)
{
    ask(wire, again(session_setup_request_first, 1, 0));
    answer(wire, again(session_setup_response_challenge, 1, session));
    ask(wire, again(session_setup_request_last, 2, session));
    answer(wire, session_answer(2, session, STATUS_SUCCESS, 0));
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

/* ---- tree_connect.share_deleted ---- */

#define DELETED "tree_connect.share_deleted"

static void refuse(struct wire *wire, uint16_t command, uint64_t id, uint32_t tree)
{
    ask(wire, use(command, id, SESSION, tree));
    answer(wire, refusal((struct smb2_header){.command = command,
                                              .message_id = id,
                                              .session_id = SESSION,
                                              .tree_id = tree,
                                              .status = STATUS_NETWORK_NAME_DELETED}));
}

static void open_share(void)
{
    begin_both();
    settle(&first, (struct offer){0});
    log_on(&first, SESSION, 0);
    connect_share(&first, 3, "\\\\files\\data", TREE);
}

static void test_share_deleted(void)
{
    static const uint16_t commands[] = {SMB2_CREATE, SMB2_READ};

    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        open_share();
        refuse(&first, commands[i], 4, TREE);
        refuse(&first, SMB2_WRITE, 5, TREE);
        g_assert_cmpuint(weight(&first, DELETED), ==, WARNING);
        g_assert_cmpuint(found_on(&first, DELETED)->count, ==, 2);
        end();
    }
}

static void test_share_left(void)
{
    static const uint16_t commands[] = {SMB2_TREE_DISCONNECT, SMB2_LOGOFF};

    for (unsigned i = 0; i < G_N_ELEMENTS(commands); i++) {
        open_share();
        ask(&first, use(commands[i], 4, SESSION, commands[i] == SMB2_LOGOFF ? 0 : TREE));
        refuse(&first, SMB2_READ, 5, TREE);
        g_assert_cmpuint(weight(&first, DELETED), ==, 0);
        end();
    }
    open_share();
    refuse(&first, SMB2_READ, 4, TREE + 1); /* never opened here */
    g_assert_cmpuint(weight(&first, DELETED), ==, 0);
    end();
}

/* ---- sessions that exist already ---- */

#define BINDING "session_setup.binding_refused"
#define RENEWAL "session_setup.renewal_refused"

static void bind(uint64_t session, uint32_t status)
{
    struct builder request = session_ask(1, session, SMB2_SESSION_FLAG_BINDING);

    set_le(&request, 16, SMB2_FLAGS_SIGNED, 4);
    ask(&second, request);
    answer(&second, refusal((struct smb2_header){.command = SMB2_SESSION_SETUP,
                                                 .message_id = 1,
                                                 .session_id = session,
                                                 .status = status}));
}

static void test_binding(void)
{
    static const struct {
        uint32_t status;
        struct offer second;
        enum confidence confidence;
    } cases[] = {
        {STATUS_INVALID_PARAMETER, {.chosen = DIALECT_3_0}, LIKELY},
        {STATUS_USER_SESSION_DELETED, {.server = 1}, LIKELY},
        {STATUS_USER_SESSION_DELETED, {.client = 1}, LIKELY},
        {STATUS_REQUEST_NOT_ACCEPTED, {0}, LIKELY}, /* its capabilities lack multichannel */
        {STATUS_NOT_SUPPORTED, {0}, POSSIBLE},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        begin_both();
        settle(&first, (struct offer){0});
        log_on(&first, SESSION, 0);
        settle(&second, cases[i].second);
        bind(SESSION, cases[i].status);
        g_assert_cmpuint(weight(&second, BINDING), ==, WARNING);
        g_assert_cmpuint(found_on(&second, BINDING)->confidence, ==, cases[i].confidence);
        g_assert_cmpuint(weight(&second, "session_setup.invalid_parameter"), ==, 0);
        g_assert_cmpuint(weight(&second, "session_setup.session_deleted"), ==, 0);
        g_assert_cmpuint(weight(&second, "session_setup.error_other"), ==, 0);
        end();
    }
}

/* Wrong credentials are told as such; a session from elsewhere is not compared. */
static void test_binding_of_others(void)
{
    begin_both();
    settle(&second, (struct offer){0});
    bind(SESSION, STATUS_USER_SESSION_DELETED);
    g_assert_cmpuint(found_on(&second, BINDING)->confidence, ==, POSSIBLE);
    end();
    begin_both();
    settle(&first, (struct offer){0});
    log_on(&first, SESSION, 0);
    settle(&second, (struct offer){0});
    bind(SESSION, STATUS_LOGON_FAILURE);
    g_assert_cmpuint(weight(&second, BINDING), ==, 0);
    g_assert_cmpuint(weight(&second, "session_setup.logon_failure"), ==, WARNING);
    end();
}

static void renew(uint32_t status)
{
    begin_both();
    settle(&first, (struct offer){0});
    log_on(&first, SESSION, 0);
    ask(&first, session_ask(3, SESSION, 0));
    answer(&first, session_answer(3, SESSION, STATUS_MORE_PROCESSING_REQUIRED, 0));
    ask(&first, session_ask(4, SESSION, 0));
    answer(&first, session_answer(4, SESSION, status, 0));
}

static void test_renewal(void)
{
    renew(STATUS_LOGON_FAILURE);
    g_assert_cmpuint(weight(&first, RENEWAL), ==, ERROR);
    g_assert_cmpuint(weight(&first, "session_setup.logon_failure"), ==, WARNING);
    end();
    renew(STATUS_SUCCESS);
    g_assert_cmpuint(weight(&first, RENEWAL), ==, 0);
    end();
    renew(STATUS_USER_SESSION_DELETED); /* it was lost before */
    g_assert_cmpuint(weight(&first, RENEWAL), ==, 0);
    end();
    begin_both(); /* the session of another connection */
    settle(&first, (struct offer){0});
    log_on(&first, SESSION, 0);
    settle(&second, (struct offer){0});
    ask(&second, session_ask(1, SESSION, 0));
    answer(&second, session_answer(1, SESSION, STATUS_LOGON_FAILURE, 0));
    g_assert_cmpuint(weight(&second, RENEWAL), ==, 0);
    end();
    begin_both(); /* a first logon that fails renews nothing */
    settle(&first, (struct offer){0});
    ask(&first, session_ask(1, 0, 0));
    answer(&first, session_answer(1, SESSION, STATUS_LOGON_FAILURE, 0));
    g_assert_cmpuint(weight(&first, RENEWAL), ==, 0);
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
    g_test_add_func("/several_servers/by_name", test_by_name);
    g_test_add_func("/several_servers/by_unknown_name", test_by_unknown_name);
    g_test_add_func("/lower_than_before/cases", test_lower);
    g_test_add_func("/lower_than_before/values", test_values_that_differ);
    g_test_add_func("/lower_than_before/said_once", test_lower_said_once);
    g_test_add_func("/lower_than_before/sent_lower", test_sent_lower);
    g_test_add_func("/share_deleted/refused", test_share_deleted);
    g_test_add_func("/share_deleted/left", test_share_left);
    g_test_add_func("/binding/refused", test_binding);
    g_test_add_func("/binding/of_others", test_binding_of_others);
    g_test_add_func("/renewal/refused", test_renewal);
    return g_test_run();
}
