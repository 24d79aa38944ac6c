/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Equal failures are told once.
 */
#include "report_parts.h"

struct gathering {
    struct report_groups groups;
    wmem_map_t *by_key; /* struct report_group by what its findings have in common */
    GRegex *own_values;
    wmem_allocator_t *scope;
};

/* What differs between failures that are alike: times, counts, ids. */
#define OWN_VALUES                                                                                 \
    "\\b(\\d+[.]\\d+ m?s|\\d+ "                                                                    \
    "times|0x[0-9a-f]{8,16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\\b"

/* Which failures are alike is the same in all languages. */
static const char *english_headline(const struct finding *finding, wmem_allocator_t *scope)
{
    const enum language shown = language_chosen();
    const char *headline;

    language_choose(ENGLISH);
    headline = finding_headline(finding, scope);
    language_choose(shown);
    return headline;
}

/* The headline as the same failure of another client has it. */
static const char *common_words(const struct gathering *gathering, const struct finding *finding,
                                wmem_allocator_t *scope)
{
    const char *client = address_text(&finding->connection->client.address, scope);
    char *words = g_regex_replace_literal(gathering->own_values, english_headline(finding, scope),
                                          -1, 0, "#", (GRegexMatchFlags)0, NULL);
    char **parts = g_strsplit(words ? words : "", client, -1);
    char *joined = g_strjoinv("#", parts);
    const char *copy = wmem_strdup(scope, joined);

    g_free(joined);
    g_strfreev(parts);
    g_free(words);
    return copy;
}

static const char *key_of(const struct gathering *gathering, const struct finding *finding,
                          bool failed, wmem_allocator_t *scope)
{
    return wmem_strdup_printf(
        scope, "%d %s %s %s %s", failed, finding->rule->id, severity_name(finding->severity),
        confidence_name(finding->confidence), common_words(gathering, finding, scope));
}

static struct report_group *group_new(struct gathering *gathering, const struct finding *finding,
                                      const char *key, const char *words, bool failed)
{
    struct report_group *group = wmem_new0(gathering->scope, struct report_group);

    group->finding = finding;
    group->words = wmem_strdup(gathering->scope, words);
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
    const char *key, *headline;

    (void)report;
    if (!finding || finding->severity < WARNING)
        return;
    key = key_of(gathering, finding, failed, scope);
    headline = finding_headline(finding, scope);
    group = (struct report_group *)wmem_map_lookup(gathering->by_key, key);
    if (!group)
        group = group_new(gathering, finding, key, headline, failed);
    else if (strcmp(group->words, headline) != 0)
        group->words = translated(finding->rule->summary);
    wmem_list_append(group->connections, (void *)(uintptr_t)connection);
}

/* The most frequent first, those that are as frequent in order. */
static int by_count(const void *a, const void *b)
{
    const struct report_group *left = (const struct report_group *)a;
    const struct report_group *right = (const struct report_group *)b;

    return (int)wmem_list_count(right->connections) - (int)wmem_list_count(left->connections);
}

static wmem_list_t *sorted(wmem_list_t *groups, wmem_allocator_t *scope)
{
    wmem_list_t *list = wmem_list_new(scope);
    GList *all = NULL;

    for (wmem_list_frame_t *at = wmem_list_tail(groups); at; at = wmem_list_frame_prev(at))
        all = g_list_prepend(all, wmem_list_frame_data(at));
    all = g_list_sort(all, by_count);
    for (const GList *at = all; at; at = at->next)
        wmem_list_append(list, at->data);
    g_list_free(all);
    return list;
}

struct report_groups report_group_all(const struct report *report, wmem_allocator_t *scope)
{
    struct gathering gathering = {
        .groups = {wmem_list_new(scope), wmem_list_new(scope)},
        .by_key = wmem_map_new(scope, g_str_hash, g_str_equal),
        .own_values = g_regex_new(OWN_VALUES, (GRegexCompileFlags)0, (GRegexMatchFlags)0, NULL),
        .scope = scope,
    };

    report_each(report, group_connection, &gathering);
    g_regex_unref(gathering.own_values);
    return (struct report_groups){sorted(gathering.groups.failed, scope),
                                  sorted(gathering.groups.others, scope)};
}
