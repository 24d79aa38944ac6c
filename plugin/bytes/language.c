/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which language, and what a text is in it. A catalogue is a row of strings, each with a NUL behind
 * it: those of English are sorted, and those of the other languages stand in the same order.
 */
#include "bytes_language.h"

#include "catalogues.h"

static gint chosen = ENGLISH;

/* ---- which language ---- */

static const struct {
    const char *tag, *locale; /* the locale's name, or what it begins with */
} languages[LANGUAGES] = {
    [ENGLISH] = {"en", "en"},  [FRENCH] = {"fr", "fr"}, [CHINESE] = {"zh-CN", "zh"},
    [JAPANESE] = {"ja", "ja"}, [KOREAN] = {"ko", "ko"},
};

static bool is_of(const char *locale, const char *language)
{
    const size_t length = strlen(language);

    return strncmp(locale, language, length) == 0 && !g_ascii_isalnum(locale[length]);
}

/* zh_TW and its like, behind which GLib lists zh, too, write other characters. */
static bool is_traditional(const char *locale)
{
    return g_str_has_prefix(locale, "zh_TW") || g_str_has_prefix(locale, "zh_HK") ||
           g_str_has_prefix(locale, "zh_MO") || g_str_has_prefix(locale, "zh_Hant");
}

/* What the user reads best comes first; the last one is always "C". */
static enum language of_locale(void)
{
    for (const char *const *locale = g_get_language_names(); *locale; locale++) {
        if (is_traditional(*locale))
            return ENGLISH;
        for (enum language language = ENGLISH; language < LANGUAGES; language++)
            if (is_of(*locale, languages[language].locale))
                return language;
    }
    return ENGLISH;
}

void language_choose(enum language language)
{
    if (language == LANGUAGE_OF_LOCALE)
        language = of_locale();
    g_atomic_int_set(&chosen, (gint)language);
}

enum language language_chosen(void)
{
    return (enum language)g_atomic_int_get(&chosen);
}

const char *language_tag(enum language language)
{
    return language < LANGUAGES ? languages[language].tag : "";
}

/* ---- catalogues ---- */

static const char **index_of(enum language language)
{
    const char **texts = g_new(const char *, catalogue_texts + 1);
    const char *at = (const char *)catalogues[language];

    for (unsigned i = 0; i < catalogue_texts; i++, at += strlen(at) + 1)
        texts[i] = at;
    return texts;
}

/* As many as catalogue_texts; found when the first one is asked for. */
static const char *const *texts_of(enum language language)
{
    static const char **texts[LANGUAGES];
    static gsize done[LANGUAGES];

    if (g_once_init_enter(&done[language])) {
        texts[language] = index_of(language);
        g_once_init_leave(&done[language], 1);
    }
    return texts[language];
}

static int compare(const char *text, size_t length, const char *english)
{
    const int order = strncmp(text, english, length);

    return order ? order : english[length] ? -1 : 0;
}

const char *translated_part(const char *text, size_t length)
{
    const enum language language = language_chosen();
    unsigned first = 0, end = catalogue_texts;

    if (language == ENGLISH || length == 0)
        return NULL;
    while (first < end) {
        const unsigned middle = first + (end - first) / 2;
        const int order = compare(text, length, texts_of(ENGLISH)[middle]);

        if (order == 0)
            return texts_of(language)[middle];
        if (order < 0)
            end = middle;
        else
            first = middle + 1;
    }
    return NULL;
}

const char *translated(const char *text)
{
    const char *words = translated_part(text, strlen(text));

    return words ? words : text;
}
