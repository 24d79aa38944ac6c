/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes_language.h"

#include <ws_version.h>

#define REPLACEMENT_CHARACTER 0xfffdu
#define LINE_ROOM 128

/* Line and paragraph separators are printable, but who splits text into lines may split there. */
static bool is_printable(gunichar character)
{
    const GUnicodeType type = g_unichar_type(character);

    return g_unichar_isprint(character) && type != G_UNICODE_LINE_SEPARATOR &&
           type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

wmem_strbuf_t *line_new(wmem_allocator_t *scope)
{
#if WIRESHARK_VERSION_MAJOR > 4 || WIRESHARK_VERSION_MINOR >= 2
    return wmem_strbuf_new_sized(scope, LINE_ROOM);
#else
    return wmem_strbuf_sized_new(scope, LINE_ROOM, 0);
#endif
}

static void append_printable(wmem_strbuf_t *out, gunichar character)
{
    wmem_strbuf_append_unichar(out, is_printable(character) ? character : REPLACEMENT_CHARACTER);
}

static bool is_high_surrogate(uint16_t unit)
{
    return (unit & 0xfc00) == 0xd800;
}

static bool is_low_surrogate(uint16_t unit)
{
    return (unit & 0xfc00) == 0xdc00;
}

static gunichar join_surrogates(uint16_t high, uint16_t low)
{
    return 0x10000u + ((high & 0x3ffu) << 10) + (low & 0x3ffu);
}

static bool is_full(wmem_strbuf_t *out)
{
    return wmem_strbuf_get_len(out) >= TEXT_MAX;
}

/* Says how long the text is, where not all of it was taken. */
static void note_cut(wmem_strbuf_t *out, uint32_t taken, uint32_t length)
{
    if (taken < length)
        wmem_strbuf_append_printf(out, "... (%u bytes)", length);
}

/* Names mostly are ASCII: they can be copied. end: an even number of bytes. */
static char *copy_ascii(const uint8_t *units, uint32_t end, wmem_allocator_t *scope)
{
    char *copy;

    if (end / 2 > TEXT_MAX)
        return NULL;
    copy = (char *)wmem_alloc(scope, end / 2 + 1);
    for (uint32_t at = 0; at < end; at += 2) {
        if (units[at + 1] || !g_ascii_isprint(units[at])) {
            wmem_free(scope, copy);
            return NULL;
        }
        copy[at / 2] = (char)units[at];
    }
    copy[end / 2] = '\0';
    return copy;
}

const char *text_from_utf16(struct bytes bytes, wmem_allocator_t *scope)
{
    uint32_t end = bytes.length & ~UINT32_C(1);
    uint32_t at = 0;
    wmem_strbuf_t *out;
    char *copy;

    while (end > 0 && bytes_le16(bytes, end - 2) == 0)
        end -= 2;
    copy = copy_ascii(bytes.data, end, scope);
    if (copy)
        return copy;
    out = wmem_strbuf_new(scope, "");
    for (; at < end && !is_full(out); at += 2) {
        uint16_t unit = bytes_le16(bytes, at);
        uint16_t next = at + 2 < end ? bytes_le16(bytes, at + 2) : 0;

        if (is_high_surrogate(unit) && is_low_surrogate(next)) {
            append_printable(out, join_surrogates(unit, next));
            at += 2;
        } else {
            append_printable(out, unit);
        }
    }
    note_cut(out, at, end);
    return wmem_strbuf_finalize(out);
}

static uint32_t without_padding(struct bytes bytes)
{
    uint32_t end = bytes.length;

    while (end > 0 && bytes.data[end - 1] == 0)
        end--;
    return end;
}

/* Names mostly are: they can be copied. */
static bool is_printable_ascii(const char *text, uint32_t length)
{
    while (length > 0 && g_ascii_isprint(text[length - 1]))
        length--;
    return length == 0;
}

void text_append_utf8(wmem_strbuf_t *out, struct bytes bytes)
{
    const char *text = (const char *)bytes.data;
    const uint32_t end = without_padding(bytes);
    uint32_t at = 0;

    if (is_full(out))
        return;
    if (end <= TEXT_MAX && is_printable_ascii(text, end)) {
        if (end > 0)
            wmem_strbuf_append_len(out, text, end);
        return;
    }
    while (at < end && !is_full(out)) {
        gunichar character = g_utf8_get_char_validated(text + at, (gssize)(end - at));
        bool valid = character < 0x110000u;

        append_printable(out, valid ? character : REPLACEMENT_CHARACTER);
        at += valid ? (uint32_t)g_unichar_to_utf8(character, NULL) : 1;
    }
    note_cut(out, at, end);
}

char *text_copy(const char *text, size_t length, wmem_allocator_t *scope)
{
    char *copy = (char *)wmem_alloc(scope, length + 1);

    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

const char *text_from_utf8(struct bytes bytes, wmem_allocator_t *scope)
{
    wmem_strbuf_t *out;

    if (bytes.length > 0 && bytes.length <= TEXT_MAX &&
        is_printable_ascii((const char *)bytes.data, bytes.length))
        return text_copy((const char *)bytes.data, bytes.length, scope);
    out = wmem_strbuf_new(scope, "");
    text_append_utf8(out, bytes);
    return wmem_strbuf_finalize(out);
}

/* ---- width ---- */

static unsigned cells_of(gunichar character)
{
    if (character < 0x80) /* most are */
        return character != 0;
    if (g_unichar_iszerowidth(character))
        return 0;
    return g_unichar_iswide(character) ? 2 : 1;
}

static const char *next_character(const char *text)
{
    return (unsigned char)*text < 0x80 ? text + 1 : g_utf8_find_next_char(text, NULL);
}

unsigned text_cells(const char *text)
{
    unsigned cells = 0;

    for (; *text; text = next_character(text))
        cells += cells_of(g_utf8_get_char(text));
    return cells;
}

size_t text_within(const char *text, unsigned cells)
{
    const size_t length = strnlen(text, cells + 1); /* no character takes more cells than bytes */
    const char *end = text;

    if (length <= cells)
        return length;
    for (; cells && *end && (unsigned char)*end < 0x80; end++)
        cells--;
    for (unsigned wide; *end; end = next_character(end), cells -= wide) {
        wide = cells_of(g_utf8_get_char(end));
        if (wide > cells)
            break;
    }
    return (size_t)(end - text);
}
