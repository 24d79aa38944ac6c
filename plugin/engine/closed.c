/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Connections that closed long ago: where nothing was found but context, a row of the table is
 * enough.
 */
#include "state.h"

/* Nothing leads to it but its connection and the notes on its frames. */
static bool is_context(const struct finding *finding)
{
    return finding->severity == CHAT && !finding->withdrawn && !finding->rule->of_hosts &&
           !finding->silent && finding->completed.frame;
}

static bool may_go(const struct diagnosis *diagnosis)
{
    if (!diagnosis)
        return true;
    if (diagnosis->faults)
        return false;
    for (const struct finding *at = diagnosis->first; at; at = at->next)
        if (!is_context(at))
            return false;
    for (const struct attached *at = diagnosis->adopted; at; at = at->next)
        if (finding_is_of_silence(at->finding))
            return false;
    return true;
}

/* ---- what goes ---- */

static void free_attached(struct attached **first, struct pool *pool)
{
    while (*first) {
        struct attached *attached = *first;

        *first = attached->next;
        POOL_RETURN(pool, attached);
    }
}

static void free_finding(struct engine *engine, struct finding *finding)
{
    note_remove(engine, &finding->about, NOTE_ABOUT, finding);
    note_remove(engine, &finding->completed, NOTE_COMPLETES, finding);
    note_remove(engine, &finding->completed, NOTE_COMPLETES_TOLD, finding);
    evidence_free(engine, finding);
    POOL_RETURN(engine->pool, finding);
}

static void free_findings(struct engine *engine, struct connection *connection)
{
    struct diagnosis *diagnosis = connection->diagnosis;
    struct finding *at = connection_first_finding(connection);

    for (struct exchange *exchange = connection->first_exchange; exchange;
         exchange = exchange->next)
        free_attached(&exchange->findings, engine->pool);
    while (at) {
        struct finding *finding = at;

        at = at->next;
        free_finding(engine, finding);
    }
    if (!diagnosis)
        return;
    free_attached(&diagnosis->adopted, engine->pool);
    POOL_RETURN(engine->pool, diagnosis);
    connection->diagnosis = NULL;
}

/* ---- what stays ---- */

/* Users and shares are few, and each is kept once. */
static struct row *row_new(struct engine *engine, const struct connection *connection)
{
    const struct connection_summary summary = connection_summarise(connection, engine->scratch);
    struct row *row = POOL_NEW(engine->pool, struct row);

    *row = (struct row){.dialect = store_text(engine->texts, summary.dialect),
                        .signing = summary.signing,
                        .encryption = summary.encryption,
                        .mechanism = summary.mechanism,
                        .user = store_text(engine->texts, summary.user),
                        .shares = store_text(engine->texts, summary.shares),
                        .negotiate_took = summary.negotiate_took,
                        .session_setup_took = summary.session_setup_took,
                        .tree_connect_took = summary.tree_connect_took,
                        .outcome = summary.outcome};
    wmem_free_all(engine->scratch);
    return row;
}

void connection_forget(struct engine *engine, struct connection *connection)
{
    if (!may_go(connection->diagnosis))
        return;
    connection->row = row_new(engine, connection);
    free_findings(engine, connection);
}
