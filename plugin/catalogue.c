/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All rules, in the order in which they are asked.
 */
#include "catalogue.h"

#include <string.h>

static const struct rule *const *const stages[] = {
    negotiate_rules,
    negotiate_terms_rules,
    kerberos_rules,
    kerberos_account_rules,
    kerberos_path_rules,
    session_setup_rules,
    logon_status_rules,
    logon_domain_rules,
    session_policy_rules,
    logon_identity_rules,
    logon_result_rules,
    validate_negotiate_rules,
    validate_conduct_rules,
    validate_outcome_rules,
    tree_connect_rules,
    tree_access_rules,
    tree_session_rules,
    protection_rules,
    encryption_rules,
    transport_rules,
};

#define RULES_MAX 400

static const struct rule *rules[RULES_MAX + 1]; /* NULL-terminated */
static unsigned rule_count;

static void collect(void)
{
    for (unsigned stage = 0; stage < G_N_ELEMENTS(stages); stage++)
        for (const struct rule *const *rule = stages[stage]; *rule && rule_count < RULES_MAX; rule++)
            rules[rule_count++] = *rule;
}

unsigned catalogue_count(void)
{
    if (rule_count == 0)
        collect();
    return rule_count;
}

const struct rule *catalogue_rule(unsigned index)
{
    return index < catalogue_count() ? rules[index] : NULL;
}

const struct rule *catalogue_find(const char *id)
{
    const struct rule *rule;

    for (unsigned i = 0; (rule = catalogue_rule(i)) != NULL; i++)
        if (strcmp(rule->id, id) == 0)
            return rule;
    return NULL;
}
