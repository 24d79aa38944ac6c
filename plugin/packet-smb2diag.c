/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Registration, preferences and passes: the first pass collects, every pass presents what is
 * stored.
 */
#include "packet-smb2diag.h"
#include "wireshark_compat.h"

#include <epan/prefs.h>

static int proto_smb2diag = -1;

static struct model *model; /* of the open file */
static int64_t last_time;   /* of its last frame seen in the first pass, nanoseconds */

static unsigned silence_seconds = 10;
static unsigned slow_seconds = 2;
static unsigned limit = 20000;
static const char *rules_off = "";
static preference_bool show_chat = TRUE;

struct model *current_model(void)
{
    if (model)
        model_settle(model, last_time);
    return model;
}

static const struct note *collect(packet_info *pinfo)
{
    const bool observed = observe_frame(model, pinfo);
    const int64_t now = observe_time(pinfo);

    if (now > last_time)
        last_time = now;
    model_settle(model, now);
    return observed ? model_notes(model, pinfo->num) : NULL;
}

static const struct note *recall(const packet_info *pinfo)
{
    model_settle(model, last_time);
    return model_notes(model, pinfo->num);
}

static int dissect_smb2diag(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const struct note *notes;

    if (!model)
        return 0;
    notes = PINFO_FD_VISITED(pinfo) ? recall(pinfo) : collect(pinfo);
    if (notes)
        present_notes(notes, tvb, pinfo, tree);
    return (int)tvb_captured_length(tvb);
}

static void file_opened(void)
{
    const struct settings settings = {
        .silence_seconds = silence_seconds,
        .slow_seconds = slow_seconds,
        .limit = limit,
        .chat = show_chat,
        .rules_off = rules_off,
    };

    if (!proto_is_protocol_enabled(find_protocol_by_id(proto_smb2diag)))
        return;
    model = model_new(wmem_file_scope(), &settings);
    last_time = 0;
    observe_start();
}

static void file_closed(void)
{
    model = NULL; /* its memory goes with the file scope */
}

static void register_preferences(void)
{
    module_t *module = prefs_register_protocol(proto_smb2diag, NULL);

    prefs_register_uint_preference(
        module, "silence", "Seconds until a request counts as unanswered",
        "A set-up request without an answer is reported after this time.", 10, &silence_seconds);
    prefs_register_uint_preference(module, "slow", "Seconds until an answer counts as slow",
                                   "An answer to a set-up request that took longer is noted.", 10,
                                   &slow_seconds);
    prefs_register_uint_preference(
        module, "limit", "Requests followed on one connection",
        "How many requests of one connection's set-up are followed, so that "
        "a flood of them does not fill the memory; 0: all.",
        10, &limit);
    prefs_register_string_preference(module, "rules_off", "Rules to leave out",
                                     "Rule ids, separated by commas or blanks, for example "
                                     "\"session_setup.ntlm_by_ip, negotiate.client_legacy_only\".",
                                     &rules_off);
    prefs_register_bool_preference(module, "chat", "Show chat findings",
                                   "Context such as who logs on with what.", &show_chat);
}

void proto_register_smb2diag(void)
{
    proto_smb2diag =
        proto_register_protocol("SMB2 Connection Set-up Diagnosis", "SMB2 Diagnosis", "smb2diag");
    present_register(proto_smb2diag);
    stats_register(proto_smb2diag);
    register_preferences();
    register_postdissector(register_dissector("smb2diag", dissect_smb2diag, proto_smb2diag));
    register_init_routine(file_opened);
    register_cleanup_routine(file_closed);
}

void proto_reg_handoff_smb2diag(void)
{
    observe_init();
}
