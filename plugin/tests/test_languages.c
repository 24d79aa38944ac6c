/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Texts in other languages: what is found, phrases, and that translations keep what is to be kept:
 * tokens, conversions, commands, settings, codes. Run from the project's folder.
 */
#include "bytes/catalogues.h"
#include "rules.h"

#include "engine.h"

#define HEADLINE_MAX 99
#define LINE_MAX_BYTES 420 /* two items of the window, see LINE_MAX_BYTES in test_catalogue.c */

static wmem_allocator_t *scope;

/* ---- which language ---- */

static void choose(enum language language)
{
    language_choose(language);
    g_assert_cmpint(language_chosen(), ==, language);
}

static void test_choice(void)
{
    choose(FRENCH);
    g_assert_cmpstr(language_tag(FRENCH), ==, "fr");
    g_assert_cmpstr(language_tag(CHINESE), ==, "zh-CN");
    g_assert_cmpstr(translated("no text of ours"), ==, "no text of ours");
    g_assert_cmpstr(translated(""), ==, "");
    language_choose(LANGUAGE_OF_LOCALE); /* tests run in C.UTF-8 */
    g_assert_cmpint(language_chosen(), ==, ENGLISH);
}

/* ---- phrases ---- */

static void test_phrases(void)
{
    const char *inner = phrase(scope, "%u of %s", 3u, "cifs/a");
    const char *outer =
        phrase(scope, "%s: 100%% of %s (0x%04x, %lld)", "a\xc3\xa9", inner, 0x2fu, (long long)-5);

    g_assert_cmpstr(phrase_text(inner, scope), ==, "3 of cifs/a");
    g_assert_cmpstr(phrase_text(outer, scope), ==, "a\xc3\xa9: 100% of 3 of cifs/a (0x002f, -5)");
    g_assert_cmpstr(said(scope, "%s in frame %u", inner, 7u), ==, "3 of cifs/a in frame 7");
    g_assert_cmpstr(phrase_text(phrase_words(scope, "none"), scope), ==, "none");
    g_assert_cmpstr(phrase_text("a value", scope), ==, "a value");
    g_assert_cmpstr(phrase(scope, "%s/%u", "a", 2u), ==, "a/2"); /* in no language */
    g_assert_cmpstr(phrase(scope, "0x%016" PRIx64, UINT64_C(1) << 60), ==, "0x1000000000000000");
    g_assert_cmpstr(said(scope, "id 0x%" PRIx64 " (%d)", UINT64_C(1) << 60, -1), ==,
                    "id 0x1000000000000000 (-1)");
}

/* Marks that are out of place do no harm. */
static void test_broken_phrases(void)
{
    static const char *const broken[] = {"\x02",
                                         "\x02%s",
                                         "\x02%s\x1f",
                                         "\x1f\x03",
                                         "a\x03"
                                         "b",
                                         "\x02%s %9$s %u\x1f"
                                         "a\x03",
                                         "\x02%\x03",
                                         "\x02%5\x03"};

    for (unsigned i = 0; i < G_N_ELEMENTS(broken); i++)
        g_assert_nonnull(phrase_text(broken[i], scope));
}

/* ---- width ---- */

static void test_width(void)
{
    const char *text = "a\xe8\xaa\x9e"
                       "b"; /* the middle one is wide */

    g_assert_cmpuint(text_cells(text), ==, 4);
    g_assert_cmpuint(text_cells("e\xcc\x81"), ==, 1);
    g_assert_cmpuint(text_within(text, 2), ==, 1);
    g_assert_cmpuint(text_within(text, 3), ==, 4);
    g_assert_cmpuint(text_within(text, 9), ==, 5);
}

/* ---- what translations keep ---- */

static GString *faults;

static void blame(const char *tag, const char *english, const char *what, const char *which)
{
    g_string_append_printf(faults, "\n  %s: %s %s: %s", tag, what, which, english);
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;

    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
        count++;
    return count;
}

/* What stays as it is, wherever it stands. */
static const char kept[] =
    /* tokens; what a translation must not lose or make up */
    "\\{[^}]*\\}"
    /* PowerShell, with its options */
    "|\\b[A-Z][A-Za-z]+-[A-Z][A-Za-z]+(?: -[A-Za-z]+)*"
    /* other commands, to the first word of prose or punctuation */
    "|\\b(?:klist|kinit|kdestroy|setspn|netdom|nltest|nbtstat|nmblookup|w32tm|chronyc|testparm|"
    "wbinfo|smbclient|samba-tool|pdbedit|dcdiag|reg|icacls|gpupdate|gpresult|cmdkey|certutil|"
    "netstat|net (?:use|ads|localgroup|session|view|config)|dfsutil|traceroute|nc)"
    "(?: (?!(?:and|or|on|then|with|for|in|to|the|from|is|as|of|at|if|which|shows|names|says|"
    "likewise|first|anew|does|where|by|when|there|under)\\b)[^ ,;:()]+(?=[ ,;:()]|$))+"
    /* settings, files, registry, statuses, codes, options */
    "|[A-Za-z0-9.]*[A-Za-z0-9][_\\\\][A-Za-z0-9_\\\\.{}$]+|\\b0x[0-9a-fA-F]+|\\b[a-z]+[.](?:conf|"
    "smbd|log)\\b"
    "|\\b[A-Z][a-z0-9]+[A-Z][A-Za-z0-9]+\\b|\\[MS-[A-Z0-9]+\\]";

static void check_kept(const char *tag, const char *english, const char *words)
{
    GRegex *regex = g_regex_new(kept, (GRegexCompileFlags)0, (GRegexMatchFlags)0, NULL);
    GMatchInfo *match;

    g_assert_nonnull(regex);
    g_regex_match(regex, english, (GRegexMatchFlags)0, &match);
    for (; g_match_info_matches(match); g_match_info_next(match, NULL)) {
        char *part = g_match_info_fetch(match, 0);

        if (count_of(words, part) < count_of(english, part))
            blame(tag, english, "lacks", part);
        if (*part == '{' && count_of(words, part) > count_of(english, part))
            blame(tag, english, "repeats", part);
        g_free(part);
    }
    g_match_info_free(match);
    g_regex_unref(regex);
}

/* Braces that the English text has not. */
static void check_braces(const char *tag, const char *english, const char *words)
{
    if (count_of(english, "{") != count_of(words, "{") ||
        count_of(english, "}") != count_of(words, "}"))
        blame(tag, english, "has other", "tokens");
}

/* Each conversion once: "%2$s" counts as %s. */
static unsigned conversions(const char *text, char conversion)
{
    unsigned count = 0;

    for (; *text; text++) {
        if (*text != '%')
            continue;
        text += 1 + strcspn(text + 1, "%cdiosuxX");
        if (!*text)
            break;
        count += *text == conversion;
    }
    return count;
}

static void check_conversions(const char *tag, const char *english, const char *words)
{
    for (const char *at = "%cdiosuxX"; *at; at++)
        if (conversions(english, *at) != conversions(words, *at))
            blame(tag, english, "has other", "conversions");
    if (strstr(words, "$") && strchr(english, '%') && strchr(words, '%') &&
        count_of(words, "$") - count_of(english, "$") !=
            count_of(words, "%") - 2 * count_of(words, "%%"))
        blame(tag, english, "numbers not all of its", "conversions");
}

static void check_line(const char *tag, const char *english, const char *words)
{
    if (!g_utf8_validate(words, -1, NULL) || strpbrk(words, "\n\r\t\x02\x03\x1f"))
        blame(tag, english, "is no", "line");
    if (!*words || g_ascii_isspace(*words) != g_ascii_isspace(*english) ||
        g_ascii_isspace(words[strlen(words) - 1]))
        blame(tag, english, "is empty or ends with", "a blank");
    if (strlen(words) > LINE_MAX_BYTES)
        blame(tag, english, "is too", "long");
}

static void check_text(const char *tag, const char *english, const char *words)
{
    check_line(tag, english, words);
    check_kept(tag, english, words);
    check_braces(tag, english, words);
    if (strchr(english, '%'))
        check_conversions(tag, english, words);
}

static void check_catalogue(enum language language)
{
    const char *tag = language_tag(language);
    const char *english = (const char *)catalogues[ENGLISH];
    const char *words = (const char *)catalogues[language];

    for (unsigned i = 0; i < catalogue_texts; i++) {
        if (*english) /* the first one is the catalogue's head */
            check_text(tag, english, words);
        english += strlen(english) + 1;
        words += strlen(words) + 1;
    }
}

static void start_blaming(void)
{
    faults = g_string_new(NULL);
}

static void tell_faults(void)
{
    if (faults->len) {
        g_test_message("%s", faults->str);
        g_test_fail();
    }
    g_string_free(faults, TRUE);
}

/* The checks see faults, and let pass what is right. */
static void test_checks(void)
{
    static const struct {
        const char *english, *words;
        bool right;
    } pairs[] = {
        {"On {SERVER}: klist purge, and try again", "Sur {SERVER} : klist purge, puis", true},
        {"On {SERVER}: klist purge, and try again", "Sur le serveur : klist purge, puis", false},
        {"On {SERVER}: klist purge, and try again", "Sur {SERVER} : klist vider, puis", false},
        {"On {SERVER}: klist purge", "Sur {SERVER} {SHARE} : klist purge", false},
        {"Get-SmbShare | fl Name", "Get-Smbshare | fl Name", false},
        {"See RequireEncryption (STATUS_PENDING)", "Voir RequireEncryption (status_pending)",
         false},
        {"net use \\\\{SERVER}\\{SHARE}", "net use \\\\{SERVER}\\{SHARE}", true},
        {"net use \\\\{SERVER}\\{SHARE}", "net use \\{SERVER}\\{SHARE}", false},
        {"%u of %s", "%2$s : %1$u", true},
        {"%u of %s", "%2$s : %u", false},
        {"%u of %s", "%u : %u", false},
        {"a line", "une\nligne", false},
        {"a line", "une ligne ", false},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(pairs); i++) {
        faults = g_string_new(NULL);
        check_text("", pairs[i].english, pairs[i].words);
        if ((faults->len == 0) != pairs[i].right)
            g_error("%s, %s: %s", pairs[i].english, pairs[i].words, faults->str);
        g_string_free(faults, TRUE);
    }
}

static void test_catalogues(void)
{
    start_blaming();
    for (enum language language = FRENCH; language < LANGUAGES; language++)
        check_catalogue(language);
    tell_faults();
}

/* ---- rules ---- */

/* Without the tokens, which stand for values of up to 48 characters. */
static long length_without_tokens(const char *headline)
{
    long length = 0;

    for (; *headline; headline = g_utf8_find_next_char(headline, NULL)) {
        headline += *headline == '{' ? strcspn(headline, "}") : 0;
        length++;
    }
    return length;
}

static void check_headlines(const struct rule *rule, const char *tag)
{
    char **alternatives = g_strsplit(rule->headline ? rule->headline : "", "|", -1);

    for (char **alternative = alternatives; *alternative; alternative++)
        if (length_without_tokens(translated(*alternative)) > HEADLINE_MAX)
            blame(tag, *alternative, "is too long as", "headline");
    if (g_utf8_strlen(translated(rule->summary), -1) > HEADLINE_MAX)
        blame(tag, rule->summary, "is too long as", "meaning");
    g_strfreev(alternatives);
}

/* Every text of every rule is in the catalogues. */
static void check_known(const char *lines, const char *tag)
{
    char **list = g_strsplit(lines ? lines : "", "\n", -1);

    for (char **line = list; *line; line++) {
        const char *text = *line;

        while (text[0] == '{' && (text[1] == '?' || text[1] == '!'))
            text += strcspn(text, "}") + 1;
        if (*text && !translated_part(text, strlen(text)))
            blame(tag, text, "has no such", "text");
    }
    g_strfreev(list);
}

static void test_rules(void)
{
    const struct catalogue *catalogue = catalogue_new(scope, rule_lists);

    start_blaming();
    for (enum language language = FRENCH; language < LANGUAGES; language++) {
        choose(language);
        for (const struct rule *const *rule = catalogue->rules; *rule; rule++) {
            check_headlines(*rule, language_tag(language));
            check_known((*rule)->cause, language_tag(language));
            check_known((*rule)->others, language_tag(language));
            check_known((*rule)->next_step, language_tag(language));
        }
    }
    choose(ENGLISH);
    tell_faults();
}

int main(int argc, char *argv[])
{
    int result;

    g_test_init(&argc, &argv, NULL);
    scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    g_test_add_func("/languages/choice", test_choice);
    g_test_add_func("/languages/phrases", test_phrases);
    g_test_add_func("/languages/broken_phrases", test_broken_phrases);
    g_test_add_func("/languages/width", test_width);
    g_test_add_func("/languages/checks", test_checks);
    g_test_add_func("/languages/catalogues", test_catalogues);
    g_test_add_func("/languages/rules", test_rules);
    result = g_test_run();
    wmem_destroy_allocator(scope);
    return result;
}
