/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A misspelt id in the preference would leave its rule on without a word.
 */
#include "packet-smb2diag.h"

#include <wsutil/report_message.h>

void rules_off_check(const struct catalogue *catalogue, const char *rules_off)
{
    static char *told; /* of this text */
    char *unknown;

    if (g_strcmp0(told, rules_off) == 0)
        return;
    g_free(told);
    told = g_strdup(rules_off);
    unknown = (char *)(uintptr_t)rules_off_unknown(catalogue, rules_off, NULL);
    if (*unknown)
        report_failure(
            "smb2diag.rules_off: there is no rule %s. plugin/rules/README.md has the ids "
            "of all.",
            unknown);
    wmem_free(NULL, unknown);
}
