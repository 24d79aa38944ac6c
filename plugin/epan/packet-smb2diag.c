/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Registration, preferences and passes: the first pass collects, every pass presents what was
 * found.
 */
#include "fields.h"
#include "rules.h"
#include "window.h"

#include <epan/prefs.h>

static int proto_smb2diag = -1;

static const struct catalogue *catalogue;

static unsigned silence_seconds = 10;
static unsigned slow_seconds = 2;
static unsigned limit = 20000;
static unsigned closed = 100000;
static const char *rules_off = "";
static preference_bool show_chat = TRUE;
static int info_severity = WARNING;
static preference_bool second_look = TRUE;
static int language = LANGUAGE_OF_LOCALE;

/* sharkd sets preferences and does not say so. */
static void choose_language(void)
{
    static int chosen = -1;

    if (language == chosen)
        return;
    chosen = language;
    language_choose((enum language)language);
    table_translate();
}

static int dissect_smb2diag(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    const struct note *notes;

    if (!open_file_exists())
        return 0;
    choose_language();
    notes = PINFO_FD_VISITED(pinfo) ? open_file_recall(pinfo) : open_file_collect(pinfo);
    if (notes)
        present_notes(notes, (enum severity)info_severity, tvb, pinfo, tree);
    steps_tap(pinfo);
    return (int)tvb_captured_length(tvb);
}

static void file_opened(void)
{
    const struct engine_settings settings = {
        .model = {.silence_seconds = MAX(silence_seconds, 1),
                  .slow_seconds = MAX(slow_seconds, 1),
                  .limit = limit,
                  .closed = closed},
        .chat = show_chat,
        .rules_off = rules_off,
    };

    choose_language();
    fields_expand();
    rules_off_check(catalogue, rules_off);
    if (proto_is_protocol_enabled(find_protocol_by_id(proto_smb2diag)))
        open_file_start(&settings, catalogue);
    second_look_start(second_look);
}

static void file_closed(void)
{
    second_look_end();
    conversation_end();
    steps_end();
    open_file_end();
}

static void register_numbers(module_t *module)
{
    prefs_register_uint_preference(
        module, "silence", "Seconds until a request counts as unanswered",
        "A set-up request without an answer is reported after this time; at least 1.", 10,
        &silence_seconds);
    prefs_register_uint_preference(
        module, "slow", "Seconds until an answer counts as slow",
        "An answer to a set-up request that took longer is noted; at least 1.", 10, &slow_seconds);
    prefs_register_uint_preference(
        module, "limit", "Requests followed on one connection",
        "How many requests of one connection's set-up are followed, so that "
        "a flood of them does not fill the memory; 0: all.",
        10, &limit);
    prefs_register_uint_preference(
        module, "closed", "Closed connections kept in full",
        "Of older ones on which nothing was found but context (chat), only the row in the table of "
        "connections stays, so that a capture may run for days; 0: all are kept.",
        10, &closed);
}

static void register_preferences(void)
{
    static const enum_val_t severities[] = {{"errors", "Errors", ERROR},
                                            {"warnings", "Errors and warnings", WARNING},
                                            {"notes", "Errors, warnings and notes", NOTE},
                                            {"nothing", "Nothing", ERROR + 1},
                                            {NULL, NULL, 0}};
    static const enum_val_t languages[] = {
        {"automatic", "Automatic (your locale)", LANGUAGE_OF_LOCALE},
        {"en", "English", ENGLISH},
        {"fr",
         "Fran\xc3\xa7"
         "ais",
         FRENCH},
        {"zh_CN", "\xe7\xae\x80\xe4\xbd\x93\xe4\xb8\xad\xe6\x96\x87", CHINESE},
        {"ja", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", JAPANESE},
        {"ko", "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4", KOREAN},
        {NULL, NULL, 0}};
    module_t *module = prefs_register_protocol(proto_smb2diag, choose_language);

    register_numbers(module);
    prefs_register_string_preference(module, "rules_off", "Rules to leave out",
                                     "Rule ids, separated by commas or blanks, for example "
                                     "\"session_setup.ntlm_by_ip, negotiate.client_legacy_only\".",
                                     &rules_off);
    prefs_register_bool_preference(module, "chat", "Show chat findings",
                                   "Context such as who logs on with what.", &show_chat);
    prefs_register_enum_preference(module, "info", "Headlines in the Info column",
                                   "Which findings stand behind what the packet list says of a "
                                   "packet.",
                                   &info_severity, severities, FALSE);
    prefs_register_bool_preference(
        module, "second_look", "Apply a kept filter again when a file has been read",
        "Some findings are known only at the end: so that the packet list shows them under a "
        "filter that was set before, it is applied once more.",
        &second_look);
    prefs_register_enum_preference(module, "language", "Language",
                                   "Of headlines, causes, evidence, next steps and reports. Rule "
                                   "ids, fields, expert infos and commands are the same in all.",
                                   &language, languages, FALSE);
}

void proto_register_smb2diag(void)
{
    proto_smb2diag =
        proto_register_protocol("SMB2 Connection Set-up Diagnosis", "SMB2 Diagnosis", "smb2diag");
    catalogue = catalogue_new(wmem_epan_scope(), rule_lists);
    present_register(proto_smb2diag, catalogue);
    stats_register();
    steps_register();
    table_register();
    flow_register(proto_smb2diag);
    conversation_register();
    report_window_register();
    second_look_register();
    report_request_register();
    register_preferences();
    register_postdissector(register_dissector("smb2diag", dissect_smb2diag, proto_smb2diag));
    register_init_routine(file_opened);
    register_cleanup_routine(file_closed);
}

void proto_reg_handoff_smb2diag(void)
{
    observe_init();
}
