/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a later success overcame.
 */
#include "model.h"

#define RECOVERY_SECONDS 5

static bool same_text(const char *a, const char *b)
{
    return a && b && g_ascii_strcasecmp(a, b) == 0;
}

static bool same_user(const struct session *a, const struct session *b)
{
    const char *a_user = session_user(a, NULL), *b_user = session_user(b, NULL);
    const bool same = same_text(a_user, b_user);

    wmem_free(NULL, (void *)(uintptr_t)a_user);
    wmem_free(NULL, (void *)(uintptr_t)b_user);
    return same;
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
        return failed->connection != success->connection;
    case SMB2_SESSION_SETUP: /* nobody asked for an anonymous attempt before the logon that counts */
        return success->command == SMB2_SESSION_SETUP &&
               (same_user(failed->session, success->session) ||
                (session_is_anonymous(failed->session) && failed->connection == success->connection));
    case SMB2_TREE_CONNECT:
        return success->tree && failed->tree && same_text(failed->tree->path, success->tree->path);
    default:
        return false;
    }
}

static void soften(struct finding *finding, const struct exchange *success)
{
    struct proof addition = {.scope = success->connection->model->scope,
                             .evidence = finding->evidence};

    proof_frame(&addition, "Overcome: the same succeeded soon after", &success->response);
    finding->evidence = addition.evidence;
    finding->severity = NOTE;
    root_step_down(finding);
}

void evaluate_recovered(struct exchange *success)
{
    struct connection *connection = success->connection;
    wmem_list_t *failures = model_host_pair(connection->model, connection)->failures;
    wmem_list_frame_t *at = wmem_list_head(failures);

    while (at) {
        struct finding *failure = (struct finding *)wmem_list_frame_data(at);
        wmem_list_frame_t *next = wmem_list_frame_next(at);

        if (is_overcome(failure, success)) {
            soften(failure, success);
            wmem_list_remove_frame(failures, at);
        }
        at = next;
    }
    if (success->command == SMB2_TREE_CONNECT)
        root_review(connection);
}
