/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes what plugin/rules/README.md says of the rules: with --table one row each, with --pages a
 * heading each with what the rule means, what a capture of it shows, and the likely causes. Run
 * from the project's folder.
 */
/* stdio.h, not g_print(): that one writes in the character set of the locale. */
#include "rule_captures.h"

#include <stdio.h>

#define WIRE_LINES 6

static void print_table(const struct catalogue *catalogue)
{
    printf("| Rule | Severity | Confidence | What it means | Capture |\n|---|---|---|---|---|\n");
    for (const struct rule *const *at = catalogue->rules; *at; at++) {
        const struct rule *rule = *at;
        const char *capture = best_capture(rule->id);

        printf("| [`%s`](#%s) | %s | %s | %s | %s |\n", rule->id, rule->id,
               severity_name(rule->severity), confidence_name(rule->confidence), rule->summary,
               capture ? capture : "");
    }
}

/* ---- text in Markdown ---- */

static void print_plain(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        printf(strchr("\\*<>`", text[i]) ? "\\%c" : "%c", text[i]);
}

/* "{?OTHER CLIENT}{!KDC}": on what a line depends is not said here. */
static const char *behind_conditions(const char *line)
{
    while (line[0] == '{' && (line[1] == '?' || line[1] == '!'))
        line += strcspn(line, "}") + 1;
    return line;
}

/* A token stands for a value of the capture: the word without its braces. */
static void print_with_tokens(const char *line)
{
    while (*line) {
        const bool token = *line == '{' && line[1] != ' ' && strchr(line, '}');
        const size_t length = token ? strcspn(line, "}") + 1 : strcspn(line + 1, "{") + 1;

        print_plain(line + token, length - 2 * token);
        line += length;
    }
}

static void print_list(const char *lines)
{
    char **list = g_strsplit(lines ? lines : "", "\n", -1);

    for (char **line = list; *line; line++) {
        printf("- ");
        print_with_tokens(behind_conditions(*line));
        printf("\n");
    }
    g_strfreev(list);
}

/* ---- what a capture shows ---- */

struct capture {
    char **lines;         /* of its .expected */
    unsigned first, last; /* frames that have the rule */
};

static unsigned number_behind(const char *line, const char *word)
{
    return g_str_has_prefix(line, word) ? (unsigned)strtoul(line + strlen(word), NULL, 10) : 0;
}

static void find_frames(struct capture *capture, const char *id)
{
    for (char **line = capture->lines; *line; line++) {
        char **words = g_strsplit(*line, " ", 5);
        const unsigned frame = number_behind(*line, "");

        if (g_ascii_isdigit(**line) && g_strv_length(words) >= 4 && strcmp(words[3], id) == 0) {
            capture->first = capture->first ? MIN(capture->first, frame) : frame;
            capture->last = MAX(capture->last, frame);
        }
        g_strfreev(words);
    }
}

static unsigned frame_of(const char *line)
{
    return number_behind(line, "#   frame ");
}

/* Of the frames up to the last that has the rule, the last few. */
static bool is_near(const struct capture *capture, char **line)
{
    unsigned behind = 0;

    if (!frame_of(*line) || frame_of(*line) > capture->last)
        return false;
    for (line++; *line && frame_of(*line) && frame_of(*line) <= capture->last; line++)
        behind++;
    return behind < WIRE_LINES;
}

static void print_wire(const struct capture *capture)
{
    bool left_out = false;

    for (char **line = capture->lines; *line; line++) {
        const unsigned frame = frame_of(*line);

        if (is_near(capture, line) || (frame && frame == capture->first)) {
            if (left_out)
                printf("    ...\n");
            printf("    %s\n", *line + strlen("#   "));
            left_out = false;
        } else if (frame && frame < capture->last) {
            left_out = true;
        }
    }
}

static void print_capture(const char *name, const char *id)
{
    char *path = g_strdup_printf(CAPTURES "/%s.expected", name), *text = NULL;
    struct capture capture = {0};

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    capture.lines = g_strsplit(text, "\n", -1);
    find_frames(&capture, id);
    printf("`" CAPTURES "/%s.pcapng`: ", name);
    print_plain(capture.lines[0] + 2, strlen(capture.lines[0]) - 2);
    printf("\n\n");
    print_wire(&capture);
    g_strfreev(capture.lines);
    g_free(text);
    g_free(path);
}

/* ---- pages ---- */

static void print_page(const struct rule *rule)
{
    const char *capture = best_capture(rule->id);

    printf("### %s\n\n<a id=\"%s\"></a>", rule->id, rule->id);
    print_plain(rule->summary, strlen(rule->summary));
    printf(" (%s, %s).\n\n", severity_name(rule->severity), confidence_name(rule->confidence));
    if (capture)
        print_capture(capture, rule->id);
    printf("\nLikely causes:\n\n");
    print_list(rule->cause);
    if (rule->others) {
        printf("\nWhere the capture shows that others succeed:\n\n");
        print_list(rule->others);
    }
    printf("\nSee ");
    print_plain(rule->reference, strcspn(rule->reference, "\n"));
    printf(".\n\n");
}

int main(int argc, char *argv[])
{
    wmem_allocator_t *scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    const struct catalogue *catalogue = catalogue_new(scope, rule_lists);

    read_all_expected();
    if (argc == 2 && strcmp(argv[1], "--table") == 0)
        print_table(catalogue);
    else if (argc == 2 && strcmp(argv[1], "--pages") == 0)
        for (const struct rule *const *rule = catalogue->rules; *rule; rule++)
            print_page(*rule);
    else
        g_error("usage: rule_pages --table|--pages");
    g_hash_table_destroy(captures_by_rule);
    g_hash_table_destroy(weights_by_rule);
    wmem_destroy_allocator(scope);
    return 0;
}
