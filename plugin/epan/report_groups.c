/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Equal failures are told once.
 */
#include "report_parts.h"

struct gathering {
    struct report_groups groups;
    wmem_map_t *by_key; /* struct report_group by what its findings have in common */
    wmem_allocator_t *scope;
};

static const char *key_of(const struct finding *finding, bool failed, wmem_allocator_t *scope)
{
    return wmem_strdup_printf(
        scope, "%d %s %s %s %s", failed, finding->rule->id, severity_name(finding->severity),
        confidence_name(finding->confidence), finding_headline(finding, scope));
}

static struct report_group *group_new(struct gathering *gathering, const struct finding *finding,
                                      const char *key, bool failed)
{
    struct report_group *group = wmem_new0(gathering->scope, struct report_group);

    group->finding = finding;
    group->connections = wmem_list_new(gathering->scope);
    wmem_map_insert(gathering->by_key, wmem_strdup(gathering->scope, key), group);
    wmem_list_append(failed ? gathering->groups.failed : gathering->groups.others, group);
    return group;
}

static void group_connection(const struct report *report, const struct connection *connection,
                             wmem_allocator_t *scope, void *data)
{
    struct gathering *gathering = (struct gathering *)data;
    const struct finding *finding = connection_heaviest(connection, scope);
    const bool failed = connection_summarise(connection, scope).outcome == OUTCOME_FAILED;
    struct report_group *group;
    const char *key;

    (void)report;
    if (!finding || finding->severity < WARNING)
        return;
    key = key_of(finding, failed, scope);
    group = (struct report_group *)wmem_map_lookup(gathering->by_key, key);
    if (!group)
        group = group_new(gathering, finding, key, failed);
    wmem_list_append(group->connections, (void *)(uintptr_t)connection);
}

struct report_groups report_group_all(const struct report *report, wmem_allocator_t *scope)
{
    struct gathering gathering = {
        .groups = {wmem_list_new(scope), wmem_list_new(scope)},
        .by_key = wmem_map_new(scope, g_str_hash, g_str_equal),
        .scope = scope,
    };

    report_each(report, group_connection, &gathering);
    return gathering.groups;
}
