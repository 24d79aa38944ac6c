/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a later success overcame.
 */
#include "state.h"

#define RECOVERY_SECONDS 5
#define FAILURES_KEPT 16 /* of one pair of hosts */

void recovery_remember(struct engine *engine, struct finding *finding)
{
    if (finding->severity != ERROR)
        return;
    pair_remember(engine, engine->failures, finding, FAILURES_KEPT);
}

/* ---- what overcomes what ---- */

static bool same_text(const char *a, const char *b)
{
    return a && b && g_ascii_strcasecmp(a, b) == 0;
}

/* One server may have several names, and what fails by one of them may succeed by another. */
static bool same_name(const struct connection *a, const struct connection *b)
{
    return a == b || !a->server_name || !b->server_name ||
           host_names_match(a->server_name, b->server_name);
}

/* What kept a client from going on after NEGOTIATE was one user's matter, or that of all. */
static bool same_purpose(const struct finding *failure, const struct exchange *success)
{
    const struct connection *failed = failure->exchange->connection;

    if (failed == success->connection)
        return false;
    return !failure->of_user || (same_name(failed, success->connection) &&
                                 session_user_match(success->session, failure->user) == USER_SAME);
}

/* Nobody asked for an anonymous attempt before the logon that counts. */
static bool same_logon(const struct exchange *failed, const struct exchange *success)
{
    if (session_is_anonymous(failed->session) && failed->connection == success->connection)
        return true;
    return same_name(failed->connection, success->connection) &&
           session_same_user(failed->session, success->session);
}

/* A session may be used on several connections, and may be known by its id only. */
static bool same_session(const struct exchange *failed, const struct exchange *success)
{
    return session_same_user(failed->session, success->session) ||
           (failed->request_session_id &&
            failed->request_session_id == success->request_session_id);
}

static bool same_share(const struct exchange *failed, const struct exchange *success)
{
    return success->tree && failed->tree && same_text(failed->tree->path, success->tree->path) &&
           same_session(failed, success);
}

/* Where the logon itself succeeded, what failed is what came after it: logging on once more proves
 * nothing, a share does. */
static bool is_what_failed(const struct exchange *failed, uint16_t command)
{
    const bool succeeded = exchange_answered(failed) && failed->status == STATUS_SUCCESS;

    return command == (succeeded ? SMB2_TREE_CONNECT : SMB2_SESSION_SETUP);
}

static bool is_overcome(const struct finding *failure, const struct exchange *success)
{
    const struct exchange *failed = failure->exchange;

    if (failure->withdrawn || failure->severity != ERROR || !failed || failed == success ||
        success->response.time - failure->about.time > RECOVERY_SECONDS * NANOSECONDS_PER_SECOND)
        return false;
    switch (failed->command) {
    case SMB1_NEGOTIATE:
    case SMB2_NEGOTIATE:
        return same_purpose(failure, success);
    case SMB2_SESSION_SETUP:
        return is_what_failed(failed, success->command) && same_logon(failed, success);
    case SMB2_TREE_CONNECT:
        return same_share(failed, success);
    default:
        return false;
    }
}

static void soften(struct engine *engine, struct finding *finding, const struct exchange *success)
{
    struct proof addition = {.scope = engine->scratch};

    proof_frame(&addition, "Overcome: the same succeeded soon after", &success->response);
    evidence_keep(engine, finding, addition.evidence);
    finding->severity = NOTE;
    root_step_down(finding);
}

void recovery_apply(struct engine *engine, const struct exchange *success)
{
    wmem_list_t *failures = pair_findings(engine->failures, success->connection);
    wmem_list_frame_t *at = failures ? wmem_list_head(failures) : NULL;

    while (at) {
        struct finding *failure = (struct finding *)wmem_list_frame_data(at);
        wmem_list_frame_t *next = wmem_list_frame_next(at);

        if (is_overcome(failure, success)) {
            soften(engine, failure, success);
            wmem_list_remove_frame(failures, at);
        }
        at = next;
    }
    if (success->command == SMB2_TREE_CONNECT)
        root_review(success->connection);
}
