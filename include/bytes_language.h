/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The room bytes, second part: texts for readers. They stand in the sources in English and travel
 * in English; whoever shows one to a reader puts it into the reader's language. What holds for
 * bytes.h holds here.
 *
 * The catalogues are made of plugin/po/ when the plugin is built, and are part of it: the process's
 * locale is read, and left alone.
 */
#ifndef SMB2DIAG_BYTES_LANGUAGE_H
#define SMB2DIAG_BYTES_LANGUAGE_H

#include "bytes.h"

#include <stdarg.h>

/* ---- which language ---- */

enum language { ENGLISH, FRENCH, CHINESE, JAPANESE, KOREAN, LANGUAGES, LANGUAGE_OF_LOCALE };

/* LANGUAGE_OF_LOCALE: the user's, as far as there is a catalogue for it, else English. English
 * until this is called. */
void language_choose(enum language language);
enum language language_chosen(void);
/* As BCP 47 has it: "zh-CN". */
const char *language_tag(enum language language);

/* ---- texts ---- */

/* Marks a text for translators where the function that it is given to does not:
 * plugin/po/README.md. */
#ifndef N_
#define N_(text) text
#endif

/* The text in the language chosen; as it is, where it has no translation. */
const char *translated(const char *text);
/* The same for the first length bytes of a text. NULL: it has no translation. */
const char *translated_part(const char *text, size_t length);

/* ---- phrases: texts with values ---- */

/* A phrase is a string in which a text and its values are told apart, so that it can be kept, and
 * shown in whatever language is chosen by then. A string without one is a value: it is shown as it
 * is. Formats are constant texts, and conversions of c d i o s u x X, of int or of 64 bits;
 * values may be phrases. */
char *phrase(wmem_allocator_t *scope, const char *format, ...) G_GNUC_PRINTF(2, 3);
char *phrase_of(wmem_allocator_t *scope, const char *format, va_list values);
/* Of a text without values. */
char *phrase_words(wmem_allocator_t *scope, const char *text);
/* The phrases in it put into words. */
const char *phrase_text(const char *string, wmem_allocator_t *scope);
/* A phrase in words at once. */
char *said(wmem_allocator_t *scope, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* ---- width ---- */

/* An empty string with room for most lines: to make room again and again costs more than filling
 * it.
 */
wmem_strbuf_t *line_new(wmem_allocator_t *scope);

/* In cells of a terminal, of which an Asian character takes two. */
unsigned text_cells(const char *text);
/* How many bytes of the text those of its characters have that fit into as many cells. */
size_t text_within(const char *text, unsigned cells);

#endif
