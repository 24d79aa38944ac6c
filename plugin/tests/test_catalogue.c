/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The catalogue is complete: every rule has all of its fields and texts, can be asked, and fires in
 * a capture. Run from the project's folder; with --markdown it prints the table of the rules'
 * README.
 */
#include "rules.h"

#define CAPTURES "test-captures"
#define SUMMARY_MAX 99
#define LINE_MAX_BYTES 215 /* Wireshark cuts the label of an item, name included, at 240 bytes */

static const char *const families[] = {
    "transport",    "negotiate", "session_setup", "validate_negotiate",
    "tree_connect", "kerberos",  "signing",       "encryption",
    NULL,
};

static const struct catalogue *catalogue;

/* ---- which captures show which rules ---- */

/* Rule id -> the names of captures that expect it, in order (GPtrArray of char *). */
static GHashTable *captures_by_rule;

static void free_names(gpointer names)
{
    g_ptr_array_free((GPtrArray *)names, TRUE);
}

static void add_capture(const char *id, const char *capture)
{
    GPtrArray *names = (GPtrArray *)g_hash_table_lookup(captures_by_rule, id);

    if (!names) {
        names = g_ptr_array_new_with_free_func(g_free);
        g_hash_table_insert(captures_by_rule, g_strdup(id), names);
    }
    if (names->len == 0 || strcmp((char *)names->pdata[names->len - 1], capture) != 0)
        g_ptr_array_add(names, g_strdup(capture));
}

/* Rule id -> enum weight_set, the severities that captures expect it with. */
static GHashTable *weights_by_rule;

static void add_weight(const char *id, const char *severity_word)
{
    unsigned weights = GPOINTER_TO_UINT(g_hash_table_lookup(weights_by_rule, id));

    for (enum severity severity = CHAT; severity <= ERROR; severity++)
        if (strcmp(severity_word, severity_name(severity)) == 0)
            weights |= 1u << severity;
    g_hash_table_insert(weights_by_rule, g_strdup(id), GUINT_TO_POINTER(weights));
}

/* "frame severity confidence rule [root] [xN]" */
static void read_row(const char *row, const char *capture)
{
    char **words = g_strsplit(row, " ", 5);

    if (g_ascii_isdigit(row[0]) && g_strv_length(words) >= 4) {
        add_capture(words[3], capture);
        add_weight(words[3], words[1]);
    }
    g_strfreev(words);
}

/* file: family/what.expected */
static void read_expected(const char *file)
{
    char *path = g_build_filename(CAPTURES, file, NULL), *text = NULL;
    char *capture = g_strndup(file, strlen(file) - strlen(".expected"));
    char **lines;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        read_row(*line, capture);
    g_strfreev(lines);
    g_free(capture);
    g_free(text);
    g_free(path);
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Appends the .expected files of a folder below CAPTURES, as family/what.expected; nothing where it
 * is no folder. */
static void list_expected(GPtrArray *files, const char *family)
{
    char *path = g_build_filename(CAPTURES, family, NULL);
    GDir *folder = g_dir_open(path, 0, NULL);
    const char *file;

    while (folder && (file = g_dir_read_name(folder)) != NULL)
        if (g_str_has_suffix(file, ".expected"))
            g_ptr_array_add(files, g_strconcat(family, "/", file, NULL));
    if (folder)
        g_dir_close(folder);
    g_free(path);
}

static void read_all_expected(void)
{
    GDir *folder = g_dir_open(CAPTURES, 0, NULL);
    GPtrArray *files = g_ptr_array_new_with_free_func(g_free);
    const char *family;

    captures_by_rule = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_names);
    weights_by_rule = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!folder)
        g_error("no folder " CAPTURES " here: run it in the project's folder");
    while ((family = g_dir_read_name(folder)) != NULL)
        list_expected(files, family);
    g_ptr_array_sort(files, by_name);
    for (unsigned i = 0; i < files->len; i++)
        read_expected((char *)files->pdata[i]);
    g_ptr_array_free(files, TRUE);
    g_dir_close(folder);
}

/* The capture named after the rule, then one of its variants, then any; NULL = none. A name is the
 * id with a slash. */
static const char *best_capture(const char *id)
{
    const GPtrArray *names = (const GPtrArray *)g_hash_table_lookup(captures_by_rule, id);
    char *name = g_strdelimit(g_strdup(id), ".", '/'), *variant = g_strconcat(name, "--", NULL);
    const char *best = names ? (const char *)names->pdata[0] : NULL;

    for (unsigned i = names ? names->len : 0; i > 0; i--)
        if (g_str_has_prefix((const char *)names->pdata[i - 1], variant))
            best = (const char *)names->pdata[i - 1];
    for (unsigned i = 0; names && i < names->len; i++)
        if (strcmp((const char *)names->pdata[i], name) == 0)
            best = (const char *)names->pdata[i];
    g_free(variant);
    g_free(name);
    return best;
}

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

/* ---- the README of the rules ---- */

static char *markdown(void)
{
    GString *table = g_string_new("| Rule | Severity | Confidence | What it means | Capture |\n"
                                  "|---|---|---|---|---|\n");

    for (const struct rule *const *rule = catalogue->rules; *rule; rule++) {
        const char *capture = best_capture((*rule)->id);

        g_string_append_printf(
            table, "| `%s` | %s | %s | %s | %s |\n", (*rule)->id, severity_name((*rule)->severity),
            confidence_name((*rule)->confidence), (*rule)->summary, capture ? capture : "");
    }
    return g_string_free(table, FALSE);
}

static void print_markdown(void)
{
    char *table = markdown();

    g_print("%s", table);
    g_free(table);
}

int main(int argc, char *argv[])
{
    char *keep_going[] = {argv[0], (char[]){"-k"},
                          NULL}; /* one failed test does not hide the others */
    char **arguments = argc > 1 ? argv : keep_going;
    int count = argc > 1 ? argc : 2, result;

    catalogue = catalogue_new(NULL, rule_lists);
    read_all_expected();
    if (argc == 2 && strcmp(argv[1], "--markdown") == 0) {
        print_markdown();
        return 0;
    }
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
