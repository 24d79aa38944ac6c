/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A connection in one line.
 */
#include "engine_summary.h"

#include "state.h"

#define SHARES_LISTED 8

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[] = {"",         N_("works"),      N_("failed"),
                                        N_("open"), N_("unfinished"), N_("not seen")};

    return (unsigned)outcome < G_N_ELEMENTS(names) ? names[outcome] : "";
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* ---- who and what ---- */

static const char *end_text(const struct endpoint *end, wmem_allocator_t *scope)
{
    return wmem_strdup_printf(scope, end->address.length == 16 ? "[%s]:%u" : "%s:%u",
                              address_text(&end->address, scope), end->port);
}

static const char *dialect_of(const struct connection *connection)
{
    if (connection_stage(connection) == STAGE_SMB1)
        return "SMB1";
    return or_empty(dialect_name(connection->dialect));
}

static const char *signing_of(const struct connection *connection)
{
    const bool client = connection_client_requires_signing(connection);
    const bool server = connection_server_requires_signing(connection);

    if (!connection->agreed)
        return "";
    if (client && server)
        return N_("both");
    if (client || server)
        return client ? N_("client") : N_("server");
    return N_("nobody");
}

static const char *encryption_of(const struct connection *connection)
{
    bool known;
    const bool agreed = connection_encryption_agreed(connection, &known);

    if (connection->first_transform)
        return N_("in use");
    if (!known)
        return "";
    return agreed ? N_("agreed") : N_("no");
}

static const char *user_of(const struct session *session, wmem_allocator_t *scope)
{
    const char *user = session_user(session, scope);

    if (!session)
        return "";
    if (session_is_anonymous(session))
        return "anonymous";
    if (session_is_guest(session))
        return "guest";
    return or_empty(user ? user : session->principal);
}

struct share_list {
    const char *names[SHARES_LISTED];
    unsigned count;
    const char *ipc;
};

static void list_share(struct share_list *list, const char *share)
{
    for (unsigned i = 0; i < list->count; i++)
        if (g_ascii_strcasecmp(list->names[i], share) == 0)
            return;
    if (list->count == SHARES_LISTED)
        return;
    if (g_ascii_strcasecmp(share, "IPC$") == 0)
        list->ipc = share;
    list->names[list->count++] = share;
}

static const char *joined(const struct share_list *list, wmem_allocator_t *scope)
{
    wmem_strbuf_t *text = wmem_strbuf_new(scope, "");

    for (unsigned i = 0; i < list->count; i++) {
        if (list->names[i] == list->ipc && list->count > 1)
            continue;
        if (wmem_strbuf_get_len(text) > 0)
            wmem_strbuf_append(text, ", ");
        wmem_strbuf_append(text, list->names[i]);
    }
    return wmem_strbuf_finalize(text);
}

/* IPC$ only where nothing else was asked for. */
static const char *shares_of(const struct connection *connection, wmem_allocator_t *scope)
{
    struct share_list list = {.count = 0};

    for (const struct exchange *exchange = connection->first_exchange; exchange;
         exchange = exchange->next) {
        if (exchange->command == SMB2_TREE_CONNECT && exchange->tree && exchange->tree->share)
            list_share(&list, exchange->tree->share);
    }
    return joined(&list, scope);
}

/* ---- how long ---- */

static int64_t logon_took(const struct session *session)
{
    if (!session || !session->last_leg)
        return 0;
    return sighting_interval(&session->first_leg->request, &session->last_leg->response);
}

/* ---- how it went ---- */

static const struct exchange *open_request(const struct connection *connection)
{
    return connection->closed ? NULL : connection->first_open;
}

static enum outcome outcome_of(const struct connection *connection)
{
    const struct finding *root = connection_root_cause(connection);
    const enum stage stage = connection_stage(connection);

    if (root && root->severity == ERROR)
        return OUTCOME_FAILED;
    if (stage == STAGE_CONNECTED)
        return OUTCOME_WORKS;
    if (stage == STAGE_NONE)
        return OUTCOME_UNSEEN;
    return open_request(connection) ? OUTCOME_OPEN : OUTCOME_UNFINISHED;
}

static const char *status_of(const struct finding *root, wmem_allocator_t *scope)
{
    const struct exchange *exchange = root ? root->exchange : NULL;
    const char *text;

    if (!exchange || !exchange_answered(exchange) || exchange->status == STATUS_SUCCESS)
        return "";
    text = status_text(exchange->status, scope);
    return wmem_strndup(scope, text, strcspn(text, " "));
}

static void fill_steps(struct connection_summary *summary, const struct connection *connection)
{
    if (connection->negotiate)
        summary->negotiate_took = exchange_duration(connection->negotiate);
    summary->session_setup_took = logon_took(connection->session);
    if (connection->tree && connection->tree->connect)
        summary->tree_connect_took = exchange_duration(connection->tree->connect);
}

static void fill_from_row(struct connection_summary *summary, const struct row *row)
{
    summary->dialect = row->dialect;
    summary->signing = row->signing;
    summary->encryption = row->encryption;
    summary->mechanism = row->mechanism;
    summary->user = row->user;
    summary->shares = row->shares;
    summary->outcome = row->outcome;
    summary->negotiate_took = row->negotiate_took;
    summary->session_setup_took = row->session_setup_took;
    summary->tree_connect_took = row->tree_connect_took;
}

struct connection_summary connection_summarise(const struct connection *connection,
                                               wmem_allocator_t *scope)
{
    const struct session *session = connection->session;
    const struct finding *root = connection_root_cause(connection);
    struct connection_summary summary = {
        .client = end_text(&connection->client, scope),
        .server = end_text(&connection->server, scope),
        .server_name = or_empty(connection->server_name),
        .dialect = dialect_of(connection),
        .signing = signing_of(connection),
        .encryption = encryption_of(connection),
        .mechanism = session && session->mechanism ? mechanism_name(session->mechanism) : "",
        .user = user_of(session, scope),
        .shares = shares_of(connection, scope),
        .stage = stage_name(connection_stage(connection)),
        .status = status_of(root, scope),
        .headline = root ? finding_headline(root, scope) : "",
        .outcome = outcome_of(connection),
        .root_cause = root,
        .open = open_request(connection),
    };

    fill_steps(&summary, connection);
    if (connection->row)
        fill_from_row(&summary, connection->row);
    return summary;
}

/* ---- what was found ---- */

bool connection_is_reported(const struct connection *connection)
{
    const struct finding *finding = connection_first_finding(connection);

    if (connection_stage(connection) != STAGE_NO_TCP)
        return true;
    while (finding && finding->withdrawn)
        finding = finding->next;
    return finding;
}

static int by_weight(const void *a, const void *b)
{
    const struct finding *left = (const struct finding *)a, *right = (const struct finding *)b;

    if (left->root_cause != right->root_cause)
        return left->root_cause ? -1 : 1;
    return (int)right->severity - (int)left->severity;
}

wmem_list_t *connection_findings_by_weight(const struct connection *connection,
                                           wmem_allocator_t *scope)
{
    wmem_list_t *sorted = wmem_list_new(scope);
    GList *found = NULL;

    for (struct finding *finding = connection_first_finding(connection); finding;
         finding = finding->next) {
        if (!finding->withdrawn)
            found = g_list_prepend(found, finding);
    }
    found =
        g_list_sort(g_list_reverse(found), by_weight); /* keeps the order of what weighs alike */
    for (GList *at = found; at; at = at->next)
        wmem_list_append(sorted, at->data);
    g_list_free(found);
    return sorted;
}
