/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which captures show which rules: read from test-captures, in the project's folder.
 */
#ifndef SMB2DIAG_RULE_CAPTURES_H
#define SMB2DIAG_RULE_CAPTURES_H

#include "rules.h"

#define CAPTURES "test-captures"

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

#endif
