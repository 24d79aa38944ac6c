/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes the template for translators: texts ALL MARKED..., where ALL is what xgettext has found in
 * the room rules with --extract-all, and MARKED what it found in all rooms by keywords. First, rule
 * by rule, what the catalogue has; then, of ALL, what predicates say instead; then what is MARKED.
 * A text is what is looked up at once: of causes and steps a line without its conditions, of
 * headlines an alternative.
 */
#include "rules.h"

#include <stdio.h>

#define COMMENTS_SHOWN 3

struct text {
    GPtrArray *comments; /* of char: where it stands */
    bool is_format;
};

static GHashTable *known;   /* struct text by the text itself */
static GPtrArray *in_order; /* of char: the texts */
static GHashTable *wholes;  /* what the catalogue has been asked for, and what is none */

/* ---- texts ---- */

static struct text *text_new(const char *words)
{
    struct text *text = g_new0(struct text, 1);
    char *key = g_strdup(words);

    text->comments = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_insert(known, key, text);
    g_ptr_array_add(in_order, key);
    return text;
}

/* What is left of it without conversions and 0x has letters, or is a label's colon. */
static bool has_words(const char *text)
{
    while (*text) {
        if (*text == '%')
            text += 1 + strcspn(text + 1, "%csdux");
        else if (g_ascii_islower(*text) || g_str_has_prefix(text, ": "))
            return true;
        else if (g_str_has_prefix(text, "0x"))
            text++;
        text += *text != '\0';
    }
    return false;
}

static struct text *add_text(const char *words, const char *comment)
{
    struct text *text = (struct text *)g_hash_table_lookup(known, words);

    if (!has_words(words))
        return NULL;
    if (!text)
        text = text_new(words);
    for (guint i = 0; i < text->comments->len; i++)
        if (strcmp((const char *)text->comments->pdata[i], comment) == 0)
            return text;
    if (text->comments->len < COMMENTS_SHOWN)
        g_ptr_array_add(text->comments, g_strdup(comment));
    return text;
}

static const char *behind_conditions(const char *line)
{
    while (line[0] == '{' && (line[1] == '?' || line[1] == '!') && strchr(line, '}'))
        line += strcspn(line, "}") + 1;
    return line;
}

static void add_parts(const char *whole, const char *separator, const char *comment)
{
    char **parts = g_strsplit(whole ? whole : "", separator, -1);

    for (char **part = parts; *part; part++)
        add_text(behind_conditions(*part), comment);
    g_strfreev(parts);
    if (whole)
        g_hash_table_add(wholes, g_strdup(whole));
}

/* ---- the catalogue ---- */

static void add_rule(const struct rule *rule)
{
    const struct {
        const char *whole, *separator, *kind;
    } parts[] = {
        {rule->summary, "\n", "meaning"},     {rule->headline, "|", "headline"},
        {rule->others, "\n", "cause"},        {rule->cause, "\n", "cause"},
        {rule->next_step, "\n", "next step"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++) {
        char *comment = g_strdup_printf("%s: %s", rule->id, parts[i].kind);

        add_parts(parts[i].whole, parts[i].separator, comment);
        g_free(comment);
    }
    g_hash_table_add(wholes, g_strdup(rule->id));
    g_hash_table_add(wholes, g_strdup(rule->reference));
}

/* ---- what xgettext has found ---- */

struct entry {
    char *place; /* the source; NULL = none of ours */
    GString *text;
    bool is_format, in_text;
};

/* `#: .../plugin/rules/kerberos/skew.c` */
static char *place_in(const char *line)
{
    const char *place = strstr(line, "plugin/");

    return place ? g_strndup(place, strcspn(place, " ")) : NULL;
}

/* "..." */
static void take_piece(GString *text, const char *line)
{
    const char *start = strchr(line, '"'), *end = strrchr(line, '"');
    char *piece = g_strndup(start + 1, (gsize)(end - start - 1)), *plain = g_strcompress(piece);

    g_string_append(text, plain);
    g_free(plain);
    g_free(piece);
}

static void entry_begin(struct entry *entry)
{
    g_free(entry->place);
    entry->place = NULL;
    entry->is_format = false;
    g_string_truncate(entry->text, 0);
}

static void entry_take(struct entry *entry, const char *line)
{
    if (g_str_has_prefix(line, "#:") && !entry->place)
        entry->place = place_in(line);
    else if (g_str_has_prefix(line, "#,"))
        entry->is_format = strstr(line, " c-format");
    else if (*line != '"')
        entry->in_text = g_str_has_prefix(line, "msgid");
    if (entry->in_text)
        take_piece(entry->text, line);
}

static void read_file(const char *file, void (*add)(const struct entry *entry))
{
    struct entry entry = {.text = g_string_new("")};
    char *content = NULL, **lines;

    g_assert_true(g_file_get_contents(file, &content, NULL, NULL));
    lines = g_strsplit(content, "\n", -1);
    for (char **line = lines; *line; line++) {
        entry_take(&entry, *line);
        if (**line)
            continue;
        if (entry.place && entry.text->len > 0)
            add(&entry);
        entry_begin(&entry);
    }
    entry_begin(&entry);
    g_string_free(entry.text, TRUE);
    g_strfreev(lines);
    g_free(content);
}

/* Single words are no prose: where they are, they are marked. */
static void add_found(const struct entry *entry)
{
    const char *text = entry->text->str;

    if (!g_hash_table_contains(wholes, text) && strchr(text, ' '))
        add_parts(text, "\n", entry->place);
}

static void add_marked(const struct entry *entry)
{
    struct text *text = add_text(entry->text->str, entry->place);

    if (text && entry->is_format)
        text->is_format = true;
}

/* ---- the template ---- */

static void write_text(const char *words)
{
    const struct text *text = (const struct text *)g_hash_table_lookup(known, words);
    char *escaped = g_strescape(words, NULL);

    for (guint i = 0; i < text->comments->len; i++)
        printf("#. %s\n", (const char *)text->comments->pdata[i]);
    if (text->is_format)
        printf("#, c-format\n");
    printf("msgid \"%s\"\nmsgstr \"\"\n\n", escaped);
    g_free(escaped);
}

static void write_head(void)
{
    printf(
        "msgid \"\"\nmsgstr \"\"\n\"Project-Id-Version: smb2diag\\n\"\n\"MIME-Version: 1.0\\n\"\n"
        "\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
        "\"Content-Transfer-Encoding: 8bit\\n\"\n\n");
}

static void text_free(void *data)
{
    g_ptr_array_free(((struct text *)data)->comments, TRUE);
    g_free(data);
}

int main(int argc, char *argv[])
{
    wmem_allocator_t *scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    const struct catalogue *catalogue = catalogue_new(scope, rule_lists);

    g_assert_cmpint(argc, >=, 2);
    known = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, text_free);
    wholes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    in_order = g_ptr_array_new_with_free_func(g_free);
    for (const struct rule *const *rule = catalogue->rules; *rule; rule++)
        add_rule(*rule);
    read_file(argv[1], add_found);
    for (int i = 2; i < argc; i++)
        read_file(argv[i], add_marked);
    write_head();
    for (guint i = 0; i < in_order->len; i++)
        write_text((const char *)in_order->pdata[i]);
    g_hash_table_destroy(known);
    g_hash_table_destroy(wholes);
    g_ptr_array_free(in_order, TRUE);
    wmem_destroy_allocator(scope);
    return 0;
}
