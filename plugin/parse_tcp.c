/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Finds a frame's TCP header by its addresses and ports, whatever link layer or tunnel is around it.
 */
#include "connection.h"

#include <string.h>

#define ETHERNET_HEADER_LENGTH 14
#define IPV4_HEADER_LENGTH 20
#define IPV4_SOURCE 12 /* of the source address within the header */
#define IPV4_FRAGMENT 0x3fff
#define IPV6_HEADER_LENGTH 40
#define IPV6_SOURCE 8
#define TCP_HEADER_LENGTH 20
#define PROTOCOL_TCP 6
#define SEARCHED_LENGTH 512 /* headers stand at the start */

/* A part of the packet: what was captured of it, and what was on the wire. */
struct part {
    struct bytes bytes;
    uint32_t length;
};

static struct part part_from(struct part part, uint32_t offset)
{
    return (struct part){bytes_from(part.bytes, offset),
                         offset < part.length ? part.length - offset : 0};
}

static bool read_segment(const struct frame *frame, struct part part, struct tcp_segment *out)
{
    const struct bytes header = bytes_slice(part.bytes, 0, TCP_HEADER_LENGTH);
    const uint32_t header_length = bytes_u8(header, 12) >> 4 << 2;
    const uint8_t flags = bytes_u8(header, 13);

    if (header_length < TCP_HEADER_LENGTH || header_length > part.length)
        return false;
    if (bytes_be16(header, 0) != frame->source.port ||
        bytes_be16(header, 2) != frame->destination.port)
        return false;
    *out = (struct tcp_segment){
        .sequence = bytes_be32(header, 4),
        .acknowledgement = bytes_be32(header, 8),
        .length = part.length - header_length,
        .fin = flags & 0x01,
        .syn = flags & 0x02,
        .reset = flags & 0x04,
        .ack = flags & 0x10,
    };
    return true;
}

/* RFC 791 3.1. The total length leaves out Ethernet's padding; 0 is what senders that segment in hardware leave. */
static bool read_ipv4(const struct frame *frame, struct part packet, struct tcp_segment *out)
{
    const uint32_t header_length = (bytes_u8(packet.bytes, 0) & 0x0f) << 2;
    const uint32_t total = bytes_be16(packet.bytes, 2);

    if (bytes_u8(packet.bytes, 0) >> 4 != 4 || header_length < IPV4_HEADER_LENGTH ||
        bytes_u8(packet.bytes, 9) != PROTOCOL_TCP ||
        bytes_be16(packet.bytes, 6) & IPV4_FRAGMENT)
        return false;
    if (total && total < packet.length)
        packet.length = total;
    return read_segment(frame, part_from(packet, header_length), out);
}

/* RFC 8200 4: the extension headers that may stand before TCP. Their length, 0 for any other header. */
static uint32_t extension_length(uint8_t type, struct bytes header)
{
    switch (type) {
    case 0:  /* hop by hop */
    case 43: /* routing */
    case 60: /* destination */
        return (bytes_u8(header, 1) + 1u) << 3;
    case 51: /* authentication, RFC 4302 2.2 */
        return (bytes_u8(header, 1) + 2u) << 2;
    default:
        return 0;
    }
}

static bool read_ipv6(const struct frame *frame, struct part packet, struct tcp_segment *out)
{
    const uint32_t payload = bytes_be16(packet.bytes, 4);
    uint8_t type = bytes_u8(packet.bytes, 6);
    struct part rest = part_from(packet, IPV6_HEADER_LENGTH);
    uint32_t length;

    if (bytes_u8(packet.bytes, 0) >> 4 != 6)
        return false;
    if (payload && payload < rest.length)
        rest.length = payload;
    while (rest.bytes.length && (length = extension_length(type, rest.bytes)) != 0) {
        type = bytes_u8(rest.bytes, 0);
        rest = part_from(rest, length);
    }
    return type == PROTOCOL_TCP && read_segment(frame, rest, out);
}

/* Reads the IP packet whose header starts there, if the frame's source address stands in it. */
static bool read_packet(const struct frame *frame, struct part source, uint32_t start,
                        struct tcp_segment *out)
{
    const struct address *from = &frame->source.address;
    const bool is_ipv4 = from->length == 4;
    const uint32_t at = start + (is_ipv4 ? IPV4_SOURCE : IPV6_SOURCE);

    if (!bytes_has(source.bytes, at, from->length) ||
        memcmp(source.bytes.data + at, from->bytes, from->length) != 0)
        return false;
    return is_ipv4 ? read_ipv4(frame, part_from(source, start), out)
                   : read_ipv6(frame, part_from(source, start), out);
}

bool tcp_segment_find(const struct frame *frame, struct bytes source, uint32_t length,
                      struct tcp_segment *out)
{
    const struct part all = {source, length};

    if (!frame->source.address.length)
        return false;
    if (read_packet(frame, all, ETHERNET_HEADER_LENGTH, out)) /* most captures */
        return true;
    for (uint32_t start = 0; start < MIN(source.length, SEARCHED_LENGTH); start++)
        if (read_packet(frame, all, start, out))
            return true;
    return false;
}

bool tcp_segment_at_start(const struct frame *frame, struct bytes source, uint32_t length,
                          struct tcp_segment *out)
{
    return read_segment(frame, (struct part){source, length}, out);
}
