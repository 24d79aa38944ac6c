/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Items of the packet details: all of them are generated.
 */
#ifndef SMB2DIAG_ITEMS_H
#define SMB2DIAG_ITEMS_H

#include "packet-smb2diag.h"

struct emission {
    tvbuff_t *tvb;
    packet_info *pinfo;
    proto_tree *tree;    /* NULL where no tree is built */
    struct nodes *nodes; /* for present.c */
};

/* NULL: the value is NULL or empty. */
proto_item *add_string(const struct emission *to, int field, const char *value);
void add_number(const struct emission *to, int field, uint32_t value);
/* Nothing for frame 0. */
void add_frame(const struct emission *to, int field, uint32_t frame);
/* What does not fit into a line of the window stands below it. */
proto_item *add_line(const struct emission *to, int field, const char *line);
/* An item for each of lines that end with \n. */
void add_lines(const struct emission *to, int field, const char *lines);
/* The same emission, below the item. */
struct emission below(const struct emission *to, proto_item *item, int kind);

#endif
