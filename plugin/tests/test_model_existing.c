/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is said of a session or a share that is there already: when the rules speak, and when they
 * must not.
 */
#include "earlier_test.h"

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
    g_test_add_func("/share_deleted/refused", test_share_deleted);
    g_test_add_func("/share_deleted/left", test_share_left);
    g_test_add_func("/binding/refused", test_binding);
    g_test_add_func("/binding/of_others", test_binding_of_others);
    g_test_add_func("/renewal/refused", test_renewal);
    return g_test_run();
}
