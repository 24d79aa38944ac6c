/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Texts with values. A phrase lies between two marks; in it stands the English format, and behind
 * it, each behind a mark of its own, the values, which may hold phrases. What is read off the wire
 * holds no control characters, and so no marks.
 *
 * printf puts the values into their forms, one by one; where they go in the sentence says the
 * translation: "%2$s ... %1$u", or in order. No C library needs to know of positions.
 */
#include "bytes_language.h"

#define MARK_BEGIN '\x02'
#define MARK_VALUE '\x1f'
#define MARK_END '\x03'
#define VALUES_MAX 9
#define CONVERSION_MAX 16 /* "%016llx" */
#define CONVERSIONS "cdiosuxX"

/* ---- making one ---- */

/* What is left of the format without conversions is in no language. */
static bool has_words(const char *format)
{
    for (; *format; format++) {
        if (*format == '%')
            format += 1 + strcspn(format + 1, "%" CONVERSIONS);
        else if (g_str_has_prefix(format, "0x"))
            format++;
        else if (g_ascii_isalpha(*format) || (*format == ':' && format[1] == ' '))
            return true;
        if (!*format)
            break;
    }
    return false;
}

struct values {
    va_list list;
};

/* "%lld", and PRId64 however the system spells it; the others are int, or come as int. */
static bool is_of_64_bits(const char *conversion)
{
    return strstr(conversion, "ll") || strstr(conversion, "I64") ||
           (sizeof(long) == sizeof(long long) && strchr(conversion, 'l'));
}

static void append_int(wmem_strbuf_t *to, const char *conversion, struct values *values)
{
    wmem_strbuf_append_printf(to, conversion, va_arg(values->list, int));
}

static void append_int64(wmem_strbuf_t *to, const char *conversion, struct values *values)
{
    wmem_strbuf_append_printf(to, conversion, va_arg(values->list, long long));
}

/* Returns the conversion's length. */
static size_t append_value(wmem_strbuf_t *to, const char *format, struct values *values)
{
    const size_t length = 2 + strcspn(format + 1, CONVERSIONS);
    char conversion[CONVERSION_MAX];

    if (length > strlen(format) || length >= sizeof conversion)
        return strlen(format);
    memcpy(conversion, format, length);
    conversion[length] = '\0';
    wmem_strbuf_append_c(to, MARK_VALUE);
    if (conversion[length - 1] == 's')
        wmem_strbuf_append(to, va_arg(values->list, const char *));
    else if (is_of_64_bits(conversion))
        append_int64(to, conversion, values);
    else
        append_int(to, conversion, values);
    return length;
}

static void append_phrase(wmem_strbuf_t *to, const char *format, struct values *values)
{
    wmem_strbuf_append_c(to, MARK_BEGIN);
    wmem_strbuf_append(to, format);
    for (const char *at = strchr(format, '%'); at; at = strchr(at, '%'))
        at += at[1] == '%' ? 2 : append_value(to, at, values);
    wmem_strbuf_append_c(to, MARK_END);
}

/* How many strings it takes, and nothing else; 0: none, or something else, too. */
static unsigned strings_taken(const char *format)
{
    unsigned count = 0;

    for (const char *at = strchr(format, '%'); at; at = strchr(at + 2, '%')) {
        if (at[1] != 's')
            return 0;
        count++;
    }
    return count;
}

/* Most take one string: put together in one piece. */
static char *phrase_of_string(wmem_allocator_t *scope, const char *format, const char *value)
{
    static const char begin[] = {MARK_BEGIN, '\0'}, next[] = {MARK_VALUE, '\0'},
                      end[] = {MARK_END, '\0'};

    return wmem_strconcat(scope, begin, format, next, value, end, NULL);
}

char *phrase_of(wmem_allocator_t *scope, const char *format, va_list list)
{
    struct values values;
    wmem_strbuf_t *to;

    if (!has_words(format))
        return wmem_strdup_vprintf(scope, format, list);
    if (strings_taken(format) == 1)
        return phrase_of_string(scope, format, va_arg(list, const char *));
    to = line_new(scope);
    va_copy(values.list, list);
    append_phrase(to, format, &values);
    va_end(values.list);
    return wmem_strbuf_finalize(to);
}

char *phrase(wmem_allocator_t *scope, const char *format, ...)
{
    va_list list;
    char *made;

    va_start(list, format);
    made = phrase_of(scope, format, list);
    va_end(list);
    return made;
}

char *phrase_words(wmem_allocator_t *scope, const char *text)
{
    static const char begin[] = {MARK_BEGIN, '\0'}, end[] = {MARK_END, '\0'};

    return wmem_strconcat(scope, begin, text, end, NULL);
}

/* ---- putting it into words ---- */

struct reading {
    const char *at;
    wmem_allocator_t *scope;
};

static void say_until(struct reading *reading, wmem_strbuf_t *to);

/* "2$" behind a conversion's percent sign; 0: it has no number. */
static unsigned position(const char *conversion)
{
    return g_ascii_isdigit(conversion[1]) && conversion[2] == '$' ? (unsigned)(conversion[1] - '0')
                                                                  : 0;
}

static void append_filled(wmem_strbuf_t *to, const char *format, char *const *values,
                          unsigned count)
{
    unsigned next = 1;

    while (*format) {
        const size_t plain = strcspn(format, "%");
        unsigned which;

        wmem_strbuf_append_len(to, format, plain);
        format += plain;
        if (!*format)
            return;
        if (format[1] == '%') {
            wmem_strbuf_append_c(to, '%');
            format += 2;
            continue;
        }
        which = position(format) ? position(format) : next++;
        if (which >= 1 && which <= count)
            wmem_strbuf_append(to, values[which - 1]);
        format += 1 + strcspn(format + 1, CONVERSIONS);
        format += *format != '\0';
    }
}

/* at: behind the mark that begins a phrase; behind the one that ends it afterwards. */
static void say_phrase(struct reading *reading, wmem_strbuf_t *to)
{
    static const char marks[] = {MARK_VALUE, MARK_END, '\0'};
    const size_t length = strcspn(reading->at, marks);
    const char *format = text_copy(reading->at, length, reading->scope);
    char *values[VALUES_MAX];
    unsigned count = 0;

    reading->at += length;
    while (*reading->at == MARK_VALUE) {
        wmem_strbuf_t *value = wmem_strbuf_new(reading->scope, "");

        reading->at++;
        say_until(reading, value);
        if (count < VALUES_MAX)
            values[count++] = wmem_strbuf_finalize(value);
    }
    reading->at += *reading->at == MARK_END;
    append_filled(to, translated(format), values, count);
}

/* Until a mark that ends what it stands in. */
static void say_until(struct reading *reading, wmem_strbuf_t *to)
{
    static const char marks[] = {MARK_BEGIN, MARK_VALUE, MARK_END, '\0'};

    while (*reading->at && *reading->at != MARK_VALUE && *reading->at != MARK_END) {
        const size_t plain = strcspn(reading->at, marks);

        wmem_strbuf_append_len(to, reading->at, plain);
        reading->at += plain;
        if (*reading->at != MARK_BEGIN)
            continue;
        reading->at++;
        say_phrase(reading, to);
    }
}

const char *phrase_text(const char *string, wmem_allocator_t *scope)
{
    struct reading reading = {string, scope};
    wmem_strbuf_t *to;

    if (!strchr(string, MARK_BEGIN))
        return string;
    to = line_new(scope);
    say_until(&reading, to);
    return wmem_strbuf_finalize(to);
}

char *said(wmem_allocator_t *scope, const char *format, ...)
{
    struct reading reading = {.scope = scope};
    struct values values;
    wmem_strbuf_t *phrase = line_new(scope), *to = line_new(scope);

    va_start(values.list, format);
    append_phrase(phrase, format, &values);
    va_end(values.list);
    reading.at = wmem_strbuf_get_str(phrase);
    say_until(&reading, to);
    return wmem_strbuf_finalize(to);
}
