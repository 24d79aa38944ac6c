/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which finding explains the failure of its connection.
 */
#include "state.h"

#define FINDINGS_LOOKED_AT 64 /* a set-up has few; hostile captures may have many */

/* The set-up went on after it: it was not the end. */
static bool was_passed(const struct finding *finding)
{
    const struct exchange *exchange = finding->exchange;

    return finding->connection->tree_connected && exchange &&
           exchange->command != SMB2_TREE_CONNECT && exchange->command != SMB2_IOCTL;
}

static bool may_be_root(const struct finding *finding)
{
    return !finding->withdrawn &&
           (finding->severity == ERROR || (finding->severity == WARNING && finding->rule->symptom));
}

/* A cause beats a symptom, an error a warning; among equals the first one stands. */
static unsigned root_rank(const struct finding *finding)
{
    return (finding->rule->symptom || finding->rule->fallback ? 0 : 2) +
           (finding->severity == ERROR ? 1 : 0);
}

static bool lacks_rights(const struct exchange *exchange)
{
    return exchange->status == STATUS_ACCESS_DENIED &&
           (session_is_guest(exchange->session) || session_is_anonymous(exchange->session));
}

/* A logon was refused, but somebody got in after it on the same connection, and failed later: that
 * is what the connection failed of, unless a guest was denied what the user would have got. */
static bool gives_way(const struct finding *root, const struct finding *finding)
{
    const struct exchange *refused = root->exchange, *later = finding->exchange;
    const struct session *session = later ? later->session : NULL;

    return refused && refused->command == SMB2_SESSION_SETUP && session &&
           later->command != SMB2_SESSION_SETUP && session != refused->session &&
           session->connection == root->connection &&
           sighting_interval(&root->about, &session->valid_since) > 0 &&
           finding->severity == ERROR && !lacks_rights(later);
}

static bool is_hidden_share(const struct exchange *exchange)
{
    const char *share = exchange->tree ? exchange->tree->share : NULL;

    return share && g_str_has_suffix(share, "$");
}

/* Tools ask for an administrative share, IPC$ or ADMIN$, before the one that is meant. */
static bool was_only_tried(const struct finding *root, const struct finding *finding)
{
    const struct exchange *tried = root->exchange, *meant = finding->exchange;

    return tried && meant && tried->command == SMB2_TREE_CONNECT &&
           meant->command == SMB2_TREE_CONNECT && finding->severity == ERROR &&
           is_hidden_share(tried) && meant->tree && meant->tree->share && !is_hidden_share(meant);
}

void root_elect(struct finding *finding)
{
    struct diagnosis *diagnosis = finding->connection->diagnosis;
    struct finding *root = diagnosis->root;

    if (!may_be_root(finding) || (root && root_rank(root) >= root_rank(finding) &&
                                  !gives_way(root, finding) && !was_only_tried(root, finding)))
        return;
    if (root)
        root->root_cause = false;
    diagnosis->root = finding;
    finding->root_cause = true;
}

static void elect_anew(const struct diagnosis *diagnosis)
{
    struct finding *finding = diagnosis->last;

    for (unsigned i = 1; finding && i < FINDINGS_LOOKED_AT && finding->previous; i++)
        finding = finding->previous;
    for (; finding; finding = finding->next)
        if (!was_passed(finding))
            root_elect(finding);
}

void root_step_down(struct finding *finding)
{
    struct diagnosis *diagnosis = finding->connection->diagnosis;

    if (diagnosis->root != finding)
        return;
    finding->root_cause = false;
    diagnosis->root = NULL;
    elect_anew(diagnosis);
}

void root_review(struct connection *connection)
{
    struct finding *root = connection->diagnosis ? connection->diagnosis->root : NULL;

    if (root && was_passed(root))
        root_step_down(root);
}
