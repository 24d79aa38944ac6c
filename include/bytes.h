/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Captured bytes, read with bounds checks: every reader gives 0 for what lies outside.
 */
#ifndef SMB2DIAG_BYTES_H
#define SMB2DIAG_BYTES_H

#include <stdbool.h>
#include <stdint.h>

/* A view on captured bytes. It owns nothing and is valid only while its source is. */
struct bytes {
    const uint8_t *data; /* NULL only with length 0 */
    uint32_t length;     /* what was captured, never what a length field claims */
};

/* Whether all of [offset, offset + length) was captured. Safe against overflow. */
static inline bool bytes_has(struct bytes bytes, uint32_t offset, uint32_t length)
{
    return offset <= bytes.length && length <= bytes.length - offset;
}

/* The part [offset, offset + length); empty where not all of it was captured. */
static inline struct bytes bytes_slice(struct bytes bytes, uint32_t offset, uint32_t length)
{
    if (length == 0 || !bytes_has(bytes, offset, length))
        return (struct bytes){0};
    return (struct bytes){bytes.data + offset, length};
}

/* Everything from offset on; empty when offset lies outside. */
static inline struct bytes bytes_from(struct bytes bytes, uint32_t offset)
{
    return offset <= bytes.length ? bytes_slice(bytes, offset, bytes.length - offset)
                                  : (struct bytes){0};
}

static inline uint8_t bytes_u8(struct bytes bytes, uint32_t offset)
{
    return bytes_has(bytes, offset, 1) ? bytes.data[offset] : 0;
}

static inline uint16_t bytes_le16(struct bytes bytes, uint32_t offset)
{
    if (!bytes_has(bytes, offset, 2))
        return 0;
    return (uint16_t)(bytes.data[offset] | bytes.data[offset + 1] << 8);
}

static inline uint32_t bytes_le32(struct bytes bytes, uint32_t offset)
{
    if (!bytes_has(bytes, offset, 4))
        return 0;
    return bytes_le16(bytes, offset) | (uint32_t)bytes_le16(bytes, offset + 2) << 16;
}

static inline uint64_t bytes_le64(struct bytes bytes, uint32_t offset)
{
    if (!bytes_has(bytes, offset, 8))
        return 0;
    return bytes_le32(bytes, offset) | (uint64_t)bytes_le32(bytes, offset + 4) << 32;
}

static inline uint16_t bytes_be16(struct bytes bytes, uint32_t offset)
{
    if (!bytes_has(bytes, offset, 2))
        return 0;
    return (uint16_t)(bytes.data[offset] << 8 | bytes.data[offset + 1]);
}

static inline uint32_t bytes_be32(struct bytes bytes, uint32_t offset)
{
    if (!bytes_has(bytes, offset, 4))
        return 0;
    return (uint32_t)bytes_be16(bytes, offset) << 16 | bytes_be16(bytes, offset + 2);
}

/* A part of a packet, of which the end may not have been captured. */
struct part {
    struct bytes bytes; /* never more than length */
    uint32_t length;    /* on the wire, as far as the capture tells */
};

/* Everything from offset on; empty when offset lies outside. */
static inline struct part part_from(struct part part, uint32_t offset)
{
    return (struct part){bytes_from(part.bytes, offset),
                         offset < part.length ? part.length - offset : 0};
}

/* What comes before length; all of it when it is not longer. */
static inline struct part part_until(struct part part, uint32_t length)
{
    if (length < part.length)
        part.length = length;
    if (length < part.bytes.length)
        part.bytes.length = length;
    return part;
}

static inline bool part_is_cut(struct part part)
{
    return part.bytes.length < part.length;
}

#endif
