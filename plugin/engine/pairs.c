/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is remembered by pair of hosts, over their connections: only of pairs of which something was
 * found, and not more than the last few.
 */
#include "state.h"

struct host_pair {
    struct address client, server;
};

static unsigned hash_pair(const void *key)
{
    return bytes_hash(key, sizeof(struct host_pair));
}

static gboolean equal_pairs(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct host_pair)) == 0;
}

wmem_map_t *pair_map_new(wmem_allocator_t *scope)
{
    return wmem_map_new(scope, hash_pair, equal_pairs);
}

wmem_list_t *pair_findings(wmem_map_t *map, const struct connection *connection)
{
    const struct host_pair pair = {connection->client.address, connection->server.address};

    return (wmem_list_t *)wmem_map_lookup(map, &pair);
}

static wmem_list_t *findings_new(struct engine *engine, wmem_map_t *map,
                                 const struct connection *connection)
{
    const struct host_pair pair = {connection->client.address, connection->server.address};
    wmem_list_t *findings = wmem_list_new(engine->scope);

    wmem_map_insert(map, wmem_memdup(engine->scope, &pair, sizeof pair), findings);
    return findings;
}

void pair_remember(struct engine *engine, wmem_map_t *map, struct finding *finding, unsigned kept)
{
    wmem_list_t *findings = pair_findings(map, finding->connection);

    if (!findings)
        findings = findings_new(engine, map, finding->connection);
    wmem_list_append(findings, finding);
    if (wmem_list_count(findings) > kept)
        wmem_list_remove_frame(findings, wmem_list_head(findings));
}

/* ---- properties of the hosts ---- */

#define PROPERTIES_KEPT 16

struct finding *property_known(const struct engine *engine, const struct rule *rule,
                               const struct connection *connection, const char *subject)
{
    wmem_list_t *known = rule->of_hosts ? pair_findings(engine->properties, connection) : NULL;

    for (wmem_list_frame_t *at = known ? wmem_list_tail(known) : NULL; at;
         at = wmem_list_frame_prev(at)) {
        struct finding *finding = (struct finding *)wmem_list_frame_data(at);

        if (is_fault(finding, rule, subject))
            return finding;
    }
    return NULL;
}

void property_remember(struct engine *engine, struct finding *finding)
{
    if (finding->rule->of_hosts)
        pair_remember(engine, engine->properties, finding, PROPERTIES_KEPT);
}

/* ---- those that another connection of the hosts has ---- */

void attach_to(struct attached **first, struct finding *finding, struct pool *pool)
{
    struct attached *attached = POOL_NEW(pool, struct attached);

    attached->finding = finding;
    while (*first)
        first = &(*first)->next;
    *first = attached;
}

bool is_fault(const struct finding *finding, const struct rule *rule, const char *subject)
{
    return !finding->withdrawn && finding->rule == rule &&
           (!subject || strcmp(finding->subject, subject) == 0);
}

void property_adopt(const struct engine *engine, struct diagnosis *diagnosis,
                    struct finding *finding)
{
    attach_to(&diagnosis->adopted, finding, engine->pool);
}

struct finding *property_adopted(const struct connection *connection, const struct rule *rule,
                                 const char *subject)
{
    const struct diagnosis *diagnosis = connection->diagnosis;

    const struct attached *at = diagnosis && rule->of_hosts ? diagnosis->adopted : NULL;

    while (at && !is_fault(at->finding, rule, subject))
        at = at->next;
    return at ? at->finding : NULL;
}
