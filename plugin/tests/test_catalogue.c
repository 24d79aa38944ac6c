/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The catalogue is complete: every rule has all of its fields and texts, can be asked, and fires in
 * a capture. Run from the project's folder.
 */
#include "rule_captures.h"

#define SUMMARY_MAX 99
#define LINE_MAX_BYTES 215 /* Wireshark cuts the label of an item, name included, at 240 bytes */

static const char *const families[] = {
    "transport",    "negotiate", "session_setup", "validate_negotiate",
    "tree_connect", "kerberos",  "signing",       "encryption",
    NULL,
};

static const struct catalogue *catalogue;

/* ---- faults are collected, so that one run names them all ---- */

static GString *faults;

static void blame(const struct rule *rule, const char *what)
{
    g_string_append_printf(faults, "\n  %s: %s", rule->id, what);
}

/* Calls it for every rule, and fails if there was a fault. */
static void check_rules(void (*check)(const struct rule *rule))
{
    faults = g_string_new(NULL);
    for (const struct rule *const *rule = catalogue->rules; *rule; rule++)
        check(*rule);
    if (faults->len) {
        g_test_message("%s", faults->str);
        g_test_fail(); /* the other tests still run */
    }
    g_string_free(faults, TRUE);
}

/* ---- ids ---- */

static bool is_well_formed(const char *id)
{
    const char *dot = strchr(id, '.');
    char *family = dot ? g_strndup(id, (size_t)(dot - id)) : NULL;
    const bool known = family && g_strv_contains(families, family);

    g_free(family);
    return known && dot[1] &&
           strspn(dot + 1, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(dot + 1);
}

static void check_id(const struct rule *rule)
{
    if (!is_well_formed(rule->id))
        blame(rule, "the id is not family.what_is_wrong with a known family");
    if (catalogue_find(catalogue, rule->id) != rule)
        blame(rule, "the id is there twice");
}

static void test_ids(void)
{
    g_assert_cmpuint(catalogue->count, >, 0);
    check_rules(check_id);
}

/* ---- texts ---- */

/* Written, in lines without blanks at either end, short enough to be shown whole. */
static bool is_tidy(const char *text)
{
    char **lines = g_strsplit(text, "\n", -1);
    bool tidy = g_utf8_validate(text, -1, NULL);

    for (char **line = lines; *line; line++)
        if (!**line || g_ascii_isspace(**line) || g_ascii_isspace((*line)[strlen(*line) - 1]) ||
            strlen(*line) > LINE_MAX_BYTES)
            tidy = false;
    g_strfreev(lines);
    return tidy && *text;
}

static bool names_a_frame(const char *text)
{
    return g_regex_match_simple("\\b(frames?|packets?|no\\.|number)\\s*#?\\d|#\\d|\\b\\d{3,}\\b",
                                text, G_REGEX_CASELESS, 0);
}

static void check_summary(const struct rule *rule)
{
    const char *summary = rule->summary;

    if (g_utf8_strlen(summary, -1) > SUMMARY_MAX)
        blame(rule, "the summary has 100 characters or more");
    if (g_str_has_suffix(summary, "."))
        blame(rule, "the summary ends with a full stop");
    if (strpbrk(summary, "\n%"))
        blame(rule, "the summary is not one constant sentence");
    if (names_a_frame(summary))
        blame(rule, "the summary seems to name a frame");
}

static bool is_token(const char *token)
{
    static const char *const tokens[] = {"server", "client",  "share", "user",
                                         "status", "dialect", NULL};

    return *token == '=' || g_strv_contains(tokens, token);
}

/* {server}, {=Label}; what is in braces and no token would never be shown. */
static void check_headline(const struct rule *rule)
{
    char **parts = g_strsplit(rule->headline, "{", -1);

    for (char **part = parts + 1; *parts && *part; part++) {
        char *token = g_strndup(*part, strcspn(*part, "}"));

        if (!is_token(token))
            blame(rule, "the headline has a token that is none");
        g_free(token);
    }
    g_strfreev(parts);
}

static void check_text(const struct rule *rule, const char *name, const char *text)
{
    char *what =
        g_strconcat(name, " is missing, or has empty or long lines or blanks at an end", NULL);

    if (!text || !is_tidy(text))
        blame(rule, what);
    g_free(what);
}

static void check_texts(const struct rule *rule)
{
    check_text(rule, "summary", rule->summary);
    check_text(rule, "cause", rule->cause);
    check_text(rule, "next_step", rule->next_step);
    check_text(rule, "reference", rule->reference);
    if (rule->summary)
        check_summary(rule);
    if (rule->headline)
        check_headline(rule);
}

static void test_texts(void)
{
    check_rules(check_texts);
}

/* ---- whether a rule can be asked ---- */

#define EVENTS_WITHOUT_EXCHANGE                                                                    \
    (ON_OTHER_REQUEST | ON_OTHER_REFUSAL | ON_TRANSFORM | ON_START | ON_LIMIT | ON_ATTEMPT |       \
     ON_ATTEMPT_SILENCE | ON_NETBIOS_REFUSAL)

static void check_events(const struct rule *rule)
{
    if (rule->events == 0)
        blame(rule, "no event: it is never asked");
    if (rule->commands && rule->events & EVENTS_WITHOUT_EXCHANGE)
        blame(rule, "an event without an exchange, but only for some commands");
    if (rule->statuses && !(rule->events & ON_RESPONSE))
        blame(rule, "statuses, but it never sees a response");
    if (rule->of_hosts &&
        (rule->severity == ERROR || rule->symptom || rule->absence || rule->weighs & AS_ERROR))
        blame(rule, "said once of a pair of hosts, but an error, a symptom or an absence");
    if (rule->statuses && !rule->statuses[0])
        blame(rule, "an empty list of statuses");
    if (!rule->statuses && !rule->match)
        blame(rule, "neither statuses nor a predicate: it would always apply");
}

static void check_whole(const struct rule *rule)
{
    check_events(rule);
    if (!*severity_name(rule->severity) || !*confidence_name(rule->confidence))
        blame(rule, "severity or confidence is missing");
}

static void test_events(void)
{
    check_rules(check_whole);
}

/* What a capture shows has to be declared, else the finding's expert info is another one; but any
 * error may be overcome and then is a note. */
static void check_weights(const struct rule *rule)
{
    const unsigned own = 1u << rule->severity | (rule->severity == ERROR ? AS_NOTE : 0);
    const unsigned shown = GPOINTER_TO_UINT(g_hash_table_lookup(weights_by_rule, rule->id));

    if (shown & ~(own | rule->weighs))
        blame(rule, "a capture shows it with a severity that it does not declare");
    if (rule->weighs & 1u << rule->severity)
        blame(rule, "it declares its own severity once more");
}

static void test_weights(void)
{
    check_rules(check_weights);
}

/* ---- captures ---- */

static void check_capture(const struct rule *rule)
{
    if (!best_capture(rule->id))
        blame(rule, "no row of any " CAPTURES "/*/*.expected names it");
}

static void test_captures(void)
{
    check_rules(check_capture);
}

/* ---- the changelog ---- */

static char *changelog;

static void check_changelog(const struct rule *rule)
{
    char *name = g_strdup_printf("`%s`", rule->id);

    if (!strstr(changelog, name))
        blame(rule, "CHANGELOG.md does not name it");
    g_free(name);
}

static void test_changelog(void)
{
    g_assert_true(g_file_get_contents("CHANGELOG.md", &changelog, NULL, NULL));
    check_rules(check_changelog);
    g_free(changelog);
}

int main(int argc, char *argv[])
{
    char *keep_going[] = {argv[0], (char[]){"-k"},
                          NULL}; /* one failed test does not hide the others */
    char **arguments = argc > 1 ? argv : keep_going;
    int count = argc > 1 ? argc : 2, result;

    catalogue = catalogue_new(NULL, rule_lists);
    read_all_expected();
    g_test_init(&count, &arguments, NULL);
    g_test_add_func("/catalogue/ids", test_ids);
    g_test_add_func("/catalogue/texts", test_texts);
    g_test_add_func("/catalogue/events", test_events);
    g_test_add_func("/catalogue/weights", test_weights);
    g_test_add_func("/catalogue/captures", test_captures);
    g_test_add_func("/catalogue/changelog", test_changelog);
    result = g_test_run();
    g_hash_table_destroy(captures_by_rule);
    g_hash_table_destroy(weights_by_rule);
    return result;
}
