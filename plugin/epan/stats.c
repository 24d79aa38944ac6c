/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tap, and the statistics tree that counts what it tells (the Statistics menu and -z
 * smb2diag,tree).
 */
#include "report_request.h"
#include "wireshark_compat.h"

#include <epan/stats_tree_priv.h>
#include <epan/tap.h>

static int tap = -1;

void stats_count(packet_info *pinfo, const struct finding *finding)
{
    if (have_tap_listener(tap))
        tap_queue_packet(tap, pinfo, finding);
}

/* ---- statistics tree ---- */

static const char by_severity[] = N_("By severity"), by_rule[] = N_("By rule");
static int severity_node, rule_node;

static void tree_start(stats_tree *tree)
{
    severity_node = stats_tree_create_node(tree, translated(by_severity), 0, STAT_DT_INT, TRUE);
    rule_node = stats_tree_create_node(tree, translated(by_rule), 0, STAT_DT_INT, TRUE);
}

static tap_packet_status tree_count(stats_tree *tree, packet_info *pinfo _U_,
                                    epan_dissect_t *dissection _U_, const void *data,
                                    tap_flags_t flags _U_)
{
    const struct finding *finding = (const struct finding *)data;

    tick_stat_node(tree, translated(by_severity), 0, TRUE);
    tick_stat_node(tree, translated(severity_name(finding->severity)), severity_node, FALSE);
    tick_stat_node(tree, translated(by_rule), 0, TRUE);
    tick_stat_node(tree, finding->rule->id, rule_node, FALSE);
    return TAP_PACKET_REDRAW;
}

/* ---- the same on the command line ---- */

static void draw_tree(void *data)
{
    stats_tree *tree = (stats_tree *)data;
    GString *text =
        stats_tree_format_as_str(tree, ST_FORMAT_PLAIN, stats_tree_get_default_sort_col(tree),
                                 stats_tree_is_default_sort_DESC(tree));

    fputs(text->str, stdout);
    g_string_free(text, TRUE);
}

static void free_tree(void *data)
{
    stats_tree_free((stats_tree *)data);
}

GString *stats_start_tree(const char *filter)
{
    stats_tree *tree = stats_tree_new(stats_tree_get_cfg_by_abbr("smb2diag"), NULL, filter);
    GString *error =
        register_tap_listener("smb2diag", tree, filter, TL_REQUIRES_NOTHING, stats_tree_reset,
                              stats_tree_packet, draw_tree, free_tree);

    if (error)
        stats_tree_free(tree);
    else
        tree_start(tree);
    return error;
}

void stats_register(void)
{
    tap = register_tap("smb2diag");
    stats_tree_register_plugin("smb2diag", "smb2diag", "SMB2 Connection Set-up Diagnosis", 0,
                               tree_count, tree_start, NULL);
}
