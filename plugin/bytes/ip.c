/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Finds a frame's TCP or UDP header by its addresses and ports, whatever link layer or tunnel is
 * around it.
 */
#include "bytes.h"

#define ETHERNET_HEADER_LENGTH 14
#define IPV4_HEADER_LENGTH 20
#define IPV4_SOURCE 12 /* of the source address within the header */
#define IPV4_IDENTIFICATION 4
#define IPV4_HOPS 8
#define IPV4_FRAGMENT 0x3fff
#define IPV6_HEADER_LENGTH 40
#define IPV6_SOURCE 8
#define IPV6_HOPS 7
#define VLAN_TAG_LENGTH 4
#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define TCP_HEADER_LENGTH 20
#define SEGMENT_SIZE_LENGTH 4 /* RFC 9293 3.2: the option of kind 2 */
#define UDP_HEADER_LENGTH 8
#define SEARCHED_LENGTH 512 /* headers stand at the start */

struct search {
    const struct frame *frame;
    enum transport transport;
    struct datagram *out;
};

static bool read_tcp(struct part part, struct datagram *out)
{
    const struct bytes header = bytes_slice(part.bytes, 0, TCP_HEADER_LENGTH);
    const uint32_t header_length = bytes_u8(header, 12) >> 4 << 2;
    const uint8_t flags = bytes_u8(header, 13);

    if (!header.length || header_length < TCP_HEADER_LENGTH || header_length > part.length)
        return false;
    out->payload = part_from(part, header_length);
    out->segment = (struct tcp_segment){
        .sequence = bytes_be32(header, 4),
        .acknowledgement = bytes_be32(header, 8),
        .length = out->payload.length,
        .fin = flags & 0x01,
        .syn = flags & 0x02,
        .reset = flags & 0x04,
        .ack = flags & 0x10,
        .bare = header_length <= TCP_HEADER_LENGTH + SEGMENT_SIZE_LENGTH,
    };
    return true;
}

/* RFC 768; length 0 is what senders that segment in hardware leave. */
static bool read_udp(struct part part, struct datagram *out)
{
    const uint32_t length = bytes_be16(part.bytes, 4);

    if (!bytes_has(part.bytes, 0, UDP_HEADER_LENGTH) || (length && length < UDP_HEADER_LENGTH))
        return false;
    if (length)
        part = part_until(part, length);
    out->segment = (struct tcp_segment){0};
    out->payload = part_from(part, UDP_HEADER_LENGTH);
    return true;
}

static bool read_transport(const struct search *search, struct part part)
{
    if (bytes_be16(part.bytes, 0) != search->frame->source.port ||
        bytes_be16(part.bytes, 2) != search->frame->destination.port)
        return false;
    return search->transport == TRANSPORT_TCP ? read_tcp(part, search->out)
                                              : read_udp(part, search->out);
}

/* RFC 791 3.1. The total length leaves out Ethernet's padding; 0 is what senders that segment in
 * hardware leave. */
static bool read_ipv4(const struct search *search, struct part packet)
{
    const struct bytes header = bytes_slice(packet.bytes, 0, IPV4_HEADER_LENGTH);
    const uint32_t header_length = (bytes_u8(header, 0) & 0x0f) << 2;
    const uint32_t total = bytes_be16(header, 2);

    if (!header.length || bytes_u8(header, 0) >> 4 != 4 || header_length < IPV4_HEADER_LENGTH ||
        bytes_u8(header, 9) != search->transport || bytes_be16(header, 6) & IPV4_FRAGMENT)
        return false;
    if (total)
        packet = part_until(packet, total);
    return read_transport(search, part_from(packet, header_length));
}

/* RFC 8200 4: the extension headers that may stand before TCP. Their length, 0 for any other
 * header. */
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

static bool read_ipv6(const struct search *search, struct part packet)
{
    const uint32_t payload = bytes_be16(packet.bytes, 4);
    uint8_t type = bytes_u8(packet.bytes, 6);
    struct part rest = part_from(packet, IPV6_HEADER_LENGTH);
    uint32_t length;

    if (bytes_u8(packet.bytes, 0) >> 4 != 6)
        return false;
    if (payload)
        rest = part_until(rest, payload);
    while (rest.bytes.length && (length = extension_length(type, rest.bytes)) != 0) {
        type = bytes_u8(rest.bytes, 0);
        rest = part_from(rest, length);
    }
    return type == search->transport && read_transport(search, rest);
}

/* Reads the IP packet whose header starts there, if the frame's source address stands in it. */
static bool read_packet(const struct search *search, struct part source, uint32_t start)
{
    const struct address *from = &search->frame->source.address;
    const bool is_ipv4 = from->length == 4;
    const uint32_t at = start + (is_ipv4 ? IPV4_SOURCE : IPV6_SOURCE);

    if (!bytes_has(source.bytes, at, from->length) ||
        memcmp(source.bytes.data + at, from->bytes, from->length) != 0)
        return false;
    return is_ipv4 ? read_ipv4(search, part_from(source, start))
                   : read_ipv6(search, part_from(source, start));
}

/* Nothing but Ethernet, with or without one VLAN tag, stands before the packet. */
static bool is_ethernet(struct bytes source, uint32_t start, uint16_t type)
{
    const bool tagged = start == ETHERNET_HEADER_LENGTH + VLAN_TAG_LENGTH &&
                        bytes_be16(source, ETHERNET_HEADER_LENGTH - 2) == ETHERTYPE_VLAN;

    return (tagged || start == ETHERNET_HEADER_LENGTH) && bytes_be16(source, start - 2) == type;
}

/* What hosts send their packets with; each router takes one off (RFC 791 3.1, RFC 8200 3). */
static bool is_not_routed(uint8_t hops)
{
    return hops == 64 || hops == 128 || hops == 255;
}

static struct mac_address sender_of(const struct search *search, struct bytes source,
                                    uint32_t start)
{
    const bool is_ipv4 = search->frame->source.address.length == 4;
    struct mac_address sender = {{0}};

    if (is_not_routed(bytes_u8(source, start + (is_ipv4 ? IPV4_HOPS : IPV6_HOPS))) &&
        is_ethernet(source, start, is_ipv4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6))
        memcpy(sender.bytes, source.data + sizeof sender.bytes, sizeof sender.bytes);
    return sender;
}

static struct ip_trail trail_of(const struct search *search, struct bytes source, uint32_t start)
{
    if (search->frame->source.address.length != 4)
        return (struct ip_trail){.hops_left = bytes_u8(source, start + IPV6_HOPS)};
    return (struct ip_trail){bytes_u8(source, start + IPV4_HOPS),
                             bytes_be16(source, start + IPV4_IDENTIFICATION)};
}

static bool find_packet(const struct search *search, struct part source, uint32_t *start)
{
    *start = ETHERNET_HEADER_LENGTH; /* most captures */
    if (read_packet(search, source, *start))
        return true;
    for (*start = 0; *start < MIN(source.bytes.length, SEARCHED_LENGTH); ++*start)
        if (read_packet(search, source, *start))
            return true;
    return false;
}

bool datagram_find(const struct frame *frame, enum transport transport, struct part source,
                   struct datagram *out)
{
    const struct search search = {frame, transport, out};
    uint32_t start;

    if (!frame->source.address.length || !find_packet(&search, source, &start))
        return false;
    out->sender = sender_of(&search, source.bytes, start);
    out->trail = trail_of(&search, source.bytes, start);
    return true;
}

bool datagram_at_start(const struct frame *frame, enum transport transport, struct part source,
                       struct datagram *out)
{
    const struct search search = {frame, transport, out};

    out->sender = (struct mac_address){{0}};
    out->trail = (struct ip_trail){0};
    return read_transport(&search, source);
}
