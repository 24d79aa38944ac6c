/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Others work: what succeeded elsewhere in the capture stands beside a failure.
 */
#include "engine/state.h"
#include "engine_test.h"
#include "recorded_tokens.h"

#define AGAIN (SESSION + 1)
#define UNKNOWN (SESSION + 2) /* nobody saw it logging on */

/* A connection to that server, from 192.0.2.client. */
static struct wire wire_of(uint8_t client, uint8_t server, uint16_t port)
{
    struct wire made = wire_to(server, port);

    made.ends[CLIENT].address.bytes[3] = client;
    return made;
}

/* The recorded one logs on LAB\root. */
static uint32_t log_on_root(struct wire *on, uint64_t session, uint32_t status)
{
    ask(on, again(session_setup_request_first, 1, 0));
    answer(on, again(session_setup_response_challenge, 1, session));
    ask(on, again(session_setup_request_last, 2, session));
    return answer(on, session_answer(2, session, status, 0));
}

static uint32_t open_share(struct wire *on, uint64_t id, uint64_t session, const char *path)
{
    ask(on, tree_ask(id, session, path));
    return answer(on, tree_answer(id, session, TREE, 0));
}

static void assert_shows(const struct finding *finding, const char *label, const char *value,
                         uint32_t frame)
{
    const struct evidence_list shown = finding_evidence(finding, scope);
    char *line = g_strdup_printf("%s: %s in frame %u", label, value, frame);
    bool seen = false;

    for (const struct evidence *at = shown.first; at; at = at->next)
        seen |= strcmp(evidence_text(at, scope), line) == 0;
    if (!seen)
        g_test_message("not shown: %s; the last: %s", line, evidence_text(shown.last, scope));
    g_assert_true(seen);
    g_free(line);
}

static unsigned count(const struct evidence *at)
{
    unsigned all = 0;

    for (; at; at = at->next)
        all++;
    return all;
}

static unsigned others_of(const struct finding *finding)
{
    return count(finding_evidence(finding, scope).first) - count(finding->evidence) -
           count(exchange_evidence(finding, scope).first);
}

static void silent_negotiate(void)
{
    lists = engine_lists;
    begin_with((struct engine_settings){.model = {.silence_seconds = 10, .slow_seconds = 2}});
    wire = wire_to(30, 49000);
    shake_hands(&wire);
    ask(&wire, negotiate_ask(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_2_0_2, DIALECT_3_0_2));
    acknowledge(&wire, SERVER);
    connection = the_connection(&wire);
    wait_for(11 * SECOND);
}

/* What comes later counts, too: whoever reads again sees it. */
static void test_hosts(void)
{
    struct wire other_client = wire_of(11, 30, 49001), other_server = wire_of(10, 31, 49002);
    const struct finding *finding;

    silent_negotiate();
    finding = found(&silent);
    g_assert_cmpuint(others_of(finding), ==, 0);
    negotiate(&other_client, DIALECT_3_0);
    assert_shows(finding, OTHERS_CLIENT, "192.0.2.11", frame_number);
    g_assert_cmpuint(others_of(finding), ==, 1);
    negotiate(&other_server, DIALECT_3_0);
    assert_shows(finding, OTHERS_SERVER, "192.0.2.31", frame_number);
    g_assert_cmpuint(others_of(finding), ==, 2);
    end();
}

/* A server that answered another client before it fell silent may be silent to all. */
static void test_answered_before(void)
{
    struct wire other_client = wire_of(11, 30, 49001);

    lists = engine_lists;
    begin_with((struct engine_settings){.model = {.silence_seconds = 10, .slow_seconds = 2}});
    negotiate(&other_client, DIALECT_3_0);
    wire = wire_to(30, 49000);
    shake_hands(&wire);
    ask(&wire, negotiate_ask(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_2_0_2, DIALECT_3_0_2));
    acknowledge(&wire, SERVER);
    connection = the_connection(&wire);
    wait_for(11 * SECOND);
    g_assert_cmpuint(others_of(found(&silent)), ==, 0);
    end();
}

/* The same two hosts: nothing that tells them from others. */
static void test_same_hosts(void)
{
    struct wire again_the_same = wire_of(10, 30, 49001);

    silent_negotiate();
    negotiate(&again_the_same, DIALECT_3_0);
    g_assert_cmpuint(others_of(found(&silent)), ==, 0);
    end();
}

/* Of two clients one is another's than the one that failed, whichever came last. */
static void test_last_is_the_same(void)
{
    struct wire other_client = wire_of(11, 30, 49001), again_the_same = wire_of(10, 30, 49002);
    uint32_t frame;

    silent_negotiate();
    negotiate(&other_client, DIALECT_3_0);
    frame = frame_number;
    negotiate(&again_the_same, DIALECT_3_0);
    assert_shows(found(&silent), OTHERS_CLIENT, "192.0.2.11", frame);
    end();
}

static void test_users(void)
{
    struct wire elsewhere = wire_of(10, 31, 49001), other_user = wire_of(11, 30, 49002);
    uint32_t frame;

    start_connection();
    log_on_root(&wire, SESSION, STATUS_LOGON_FAILURE);
    g_assert_cmpuint(others_of(found(&logon_refused)), ==, 0);
    negotiate(&elsewhere, DIALECT_3_0);
    frame = log_on_root(&elsewhere, AGAIN, STATUS_SUCCESS);
    assert_shows(found(&logon_refused), OTHERS_SAME_USER, "at 192.0.2.31", frame);
    g_assert_cmpuint(others_of(found(&logon_refused)), ==, 1);
    negotiate(&other_user, DIALECT_3_0);
    log_on(&other_user, AGAIN + 1, 0);
    assert_shows(found(&logon_refused), OTHERS_LOGON, "a user of 192.0.2.11", frame_number);
    end();
}

/* Another user tries to renew the session of the one who got in, in vain: the user of a session is
 * whoever sent the last token. */
static void test_renewed_for_another(void)
{
    struct wire other_user = wire_of(11, 30, 49001);
    struct ntlm_token alice = {.user = "alice"}, nobody = {.user = "nobody"};
    uint32_t frame;

    start_connection();
    log_on_root(&wire, SESSION, STATUS_LOGON_FAILURE);
    negotiate(&other_user, DIALECT_3_0);
    ask(&other_user, again(session_setup_request_first, 1, 0));
    answer(&other_user, again(session_setup_response_challenge, 1, AGAIN));
    ask(&other_user, again(session_setup_request_last, 2, AGAIN));
    the_connection(&other_user)->session->authenticate = &alice;
    frame = answer(&other_user, session_answer(2, AGAIN, STATUS_SUCCESS, 0));
    the_connection(&other_user)->session->authenticate = &nobody;
    assert_shows(found(&logon_refused), OTHERS_LOGON, "alice by NTLM", frame);
    end();
}

/* NTLM takes neither the server's clock nor its key: it acquits no server that refuses a ticket. */
static void test_ticket(void)
{
    struct wire by_ntlm = wire_of(11, 30, 49001);
    struct ntlm_token alice = {.user = "alice"};
    uint32_t frame;

    start_connection();
    log_on_root(&wire, SESSION, STATUS_LOGON_FAILURE);
    negotiate(&by_ntlm, DIALECT_3_0);
    ask(&by_ntlm, again(session_setup_request_first, 1, 0));
    answer(&by_ntlm, again(session_setup_response_challenge, 1, AGAIN));
    ask(&by_ntlm, again(session_setup_request_last, 2, AGAIN));
    the_connection(&by_ntlm)->session->authenticate = &alice;
    frame = answer(&by_ntlm, session_answer(2, AGAIN, STATUS_SUCCESS, 0));
    assert_shows(found(&logon_refused), OTHERS_LOGON, "alice by NTLM", frame);
    found(&logon_refused)->exchange->session->mechanism = MECHANISM_KERBEROS;
    g_assert_cmpuint(others_of(found(&logon_refused)), ==, 0);
    end();
}

/* A guest's and an anonymous logon ask for no password. */
static void test_guest(void)
{
    struct wire guest = wire_of(11, 30, 49001);

    start_connection();
    log_on_root(&wire, SESSION, STATUS_LOGON_FAILURE);
    negotiate(&guest, DIALECT_3_0);
    log_on(&guest, AGAIN, SMB2_SESSION_FLAG_IS_GUEST);
    g_assert_cmpuint(others_of(found(&logon_refused)), ==, 0);
    end();
}

static void test_shares(void)
{
    struct wire other = wire_of(11, 30, 49001);
    uint32_t frame;

    start_connection();
    refuse_share(3, "\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    negotiate(&other, DIALECT_3_0);
    log_on_root(&other, AGAIN, STATUS_SUCCESS);
    open_share(&other, 3, AGAIN, "\\\\files\\IPC$");
    g_assert_cmpuint(others_of(found(&share_missing)), ==, 0);
    frame = open_share(&other, 4, AGAIN, "\\\\files\\docs");
    assert_shows(found(&share_missing), OTHERS_SHARES, "\"docs\" for LAB\\root by NTLM", frame);
    open_share(&other, 5, UNKNOWN, "\\\\FILES\\DATA");
    g_assert_cmpuint(others_of(found(&share_missing)), ==, 2);
    end();
}

/* What is no failure any more needs no others. */
static void test_withdrawn(void)
{
    struct wire other_client = wire_of(11, 30, 49001);
    const struct finding *finding;

    silent_negotiate();
    finding = found(&silent);
    negotiate(&other_client, DIALECT_3_0);
    answer(&wire, negotiate_answer(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_3_0));
    g_assert_true(finding->withdrawn);
    g_assert_cmpuint(others_of(finding), ==, 0);
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/others/hosts", test_hosts);
    g_test_add_func("/others/answered_before", test_answered_before);
    g_test_add_func("/others/same_hosts", test_same_hosts);
    g_test_add_func("/others/last_is_the_same", test_last_is_the_same);
    g_test_add_func("/others/users", test_users);
    g_test_add_func("/others/renewed_for_another", test_renewed_for_another);
    g_test_add_func("/others/ticket", test_ticket);
    g_test_add_func("/others/guest", test_guest);
    g_test_add_func("/others/shares", test_shares);
    g_test_add_func("/others/withdrawn", test_withdrawn);
    return g_test_run();
}
