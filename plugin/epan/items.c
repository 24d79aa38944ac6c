/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What stands in the packet details.
 */
#include "items.h"

#include "fields.h"

proto_item *add_string(const struct emission *to, int field, const char *value)
{
    proto_item *item = NULL;

    if (value && *value) {
        item = proto_tree_add_string(to->tree, field, to->tvb, 0, 0, value);
        proto_item_set_generated(item);
    }
    return item;
}

void add_number(const struct emission *to, int field, uint32_t value)
{
    proto_item_set_generated(proto_tree_add_uint(to->tree, field, to->tvb, 0, 0, value));
}

void add_frame(const struct emission *to, int field, uint32_t frame)
{
    if (frame)
        add_number(to, field, frame);
}

struct emission below(const struct emission *to, proto_item *item, int kind)
{
    struct emission inner = *to;

    inner.tree = proto_item_add_subtree(item, kind);
    return inner;
}

/* Of a line; with the field's name before it, Wireshark shows 239 bytes. */
#define LINE_BYTES 215

/* Where a longer line is folded: at a blank, if there is one near; there is none in Chinese. */
static size_t fold(const char *line)
{
    const char *end = g_utf8_find_prev_char(line, line + LINE_BYTES + 1);
    const char *blank = end;

    while (blank > end - LINE_BYTES / 4 && *blank != ' ')
        blank--;
    return (size_t)((*blank == ' ' ? blank + 1 : end) - line);
}

proto_item *add_line(const struct emission *to, int field, const char *line)
{
    const size_t shown = strlen(line) > LINE_BYTES && to->tree ? fold(line) : 0;
    proto_item *item, *rest;
    struct emission inner;

    if (!shown)
        return add_string(to, field, line);
    item = proto_tree_add_string_format(to->tree, field, to->tvb, 0, 0, line, "%s: %.*s",
                                        proto_registrar_get_name(field), (int)shown, line);
    proto_item_set_generated(item);
    inner = below(to, item, trees.evidence);
    proto_tree_add_subtree(inner.tree, to->tvb, 0, 0, trees.link, &rest, line + shown);
    proto_item_set_generated(rest);
    return item;
}

void add_lines(const struct emission *to, int field, const char *lines)
{
    while (lines && *lines) {
        const size_t length = strcspn(lines, "\n");

        add_line(to, field, text_copy(lines, length, to->pinfo->pool));
        lines += length;
        lines += *lines == '\n';
    }
}
