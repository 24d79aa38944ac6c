/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * ICMP errors: who says which TCP segment did not get through, and why.
 */
#include "bytes_language.h"

#define ETHERNET_HEADER_LENGTH 14
#define IPV4_HEADER_LENGTH 20
#define IPV4_SOURCE 12
#define IPV4_DESTINATION 16
#define IPV4_PROTOCOL 9
#define IPV6_HEADER_LENGTH 40
#define IPV6_SOURCE 8
#define IPV6_DESTINATION 24
#define IPV6_NEXT_HEADER 6
#define PROTOCOL_ICMP 1
#define PROTOCOL_ICMPV6 58
#define ICMP_HEADER_LENGTH 8
#define QUOTED_TCP_LENGTH 8 /* ports and sequence number: the least that is quoted (RFC 792) */
#define SEARCHED_LENGTH 256 /* headers stand at the start */

#define ICMP_UNREACHABLE 3
#define ICMP_TIME_EXCEEDED 11
#define ICMP_FRAGMENTATION_NEEDED 4 /* its code; RFC 1191 4: the MTU in the last 2 bytes */
#define ICMP_MTU 6
#define ICMPV6_UNREACHABLE 1
#define ICMPV6_TOO_BIG 2 /* RFC 4443 3.2 */
#define ICMPV6_MTU 4
#define ICMPV6_TIME_EXCEEDED 3

struct search {
    uint16_t source_port, destination_port; /* of the quoted segment; both 0: not known */
    struct icmp_error *out;
};

static struct address address_at(struct bytes packet, uint32_t at, uint8_t length)
{
    struct address address = {.length = length};

    if (bytes_has(packet, at, length))
        memcpy(address.bytes, packet.data + at, length);
    return address;
}

static enum icmp_kind kind_of_ipv6(uint8_t code)
{
    static const enum icmp_kind kinds[] = {
        [0] = ICMP_NO_HOST, [1] = ICMP_PROHIBITED, [2] = ICMP_OTHER,     [3] = ICMP_NO_HOST,
        [4] = ICMP_NO_PORT, [5] = ICMP_PROHIBITED, [6] = ICMP_PROHIBITED};

    return code < G_N_ELEMENTS(kinds) ? kinds[code] : ICMP_OTHER;
}

enum icmp_kind icmp_error_kind(const struct icmp_error *error)
{
    if (error->is_ipv6 && error->type == ICMPV6_TOO_BIG)
        return ICMP_TOO_BIG;
    if (error->is_ipv6)
        return error->type == ICMPV6_UNREACHABLE ? kind_of_ipv6(error->code) : ICMP_OTHER;
    if (error->type != ICMP_UNREACHABLE)
        return ICMP_OTHER;
    switch (error->code) {
    case 0: /* net */
    case 1: /* host */
    case 6: /* RFC 1122 3.2.2.1: destination network or host unknown */
    case 7:
        return ICMP_NO_HOST;
    case 3:
        return ICMP_NO_PORT;
    case ICMP_FRAGMENTATION_NEEDED:
        return ICMP_TOO_BIG;
    case 9:
    case 10:
    case 13: /* RFC 1812 5.2.7.1 */
        return ICMP_PROHIBITED;
    default:
        return ICMP_OTHER;
    }
}

/* The segment that stands behind the quoted IP header. */
static bool ports_fit(const struct search *search)
{
    if (search->source_port == 0 && search->destination_port == 0)
        return true;
    return search->out->source.port == search->source_port &&
           search->out->destination.port == search->destination_port;
}

static bool read_quoted(const struct search *search, struct bytes segment)
{
    search->out->source.port = bytes_be16(segment, 0);
    search->out->destination.port = bytes_be16(segment, 2);
    search->out->sequence = bytes_be32(segment, 4);
    return bytes_has(segment, 0, QUOTED_TCP_LENGTH) && ports_fit(search);
}

static bool read_icmp(const struct search *search, struct bytes icmp)
{
    const struct bytes quoted = bytes_from(icmp, ICMP_HEADER_LENGTH);
    const uint8_t type = bytes_u8(icmp, 0);

    if ((type != ICMP_UNREACHABLE && type != ICMP_TIME_EXCEEDED) || bytes_u8(quoted, 0) >> 4 != 4 ||
        bytes_u8(quoted, IPV4_PROTOCOL) != TRANSPORT_TCP)
        return false;
    search->out->type = type;
    search->out->code = bytes_u8(icmp, 1);
    search->out->is_ipv6 = false;
    search->out->mtu =
        icmp_error_kind(search->out) == ICMP_TOO_BIG ? bytes_be16(icmp, ICMP_MTU) : 0;
    search->out->source.address = address_at(quoted, IPV4_SOURCE, 4);
    search->out->destination.address = address_at(quoted, IPV4_DESTINATION, 4);
    return read_quoted(search, bytes_from(quoted, (bytes_u8(quoted, 0) & 0x0fu) << 2));
}

static bool read_icmpv6(const struct search *search, struct bytes icmp)
{
    const struct bytes quoted = bytes_from(icmp, ICMP_HEADER_LENGTH);
    const uint8_t type = bytes_u8(icmp, 0);

    if ((type != ICMPV6_UNREACHABLE && type != ICMPV6_TOO_BIG && type != ICMPV6_TIME_EXCEEDED) ||
        bytes_u8(quoted, 0) >> 4 != 6 || bytes_u8(quoted, IPV6_NEXT_HEADER) != TRANSPORT_TCP)
        return false;
    search->out->type = type;
    search->out->code = bytes_u8(icmp, 1);
    search->out->is_ipv6 = true;
    search->out->mtu = type == ICMPV6_TOO_BIG ? bytes_be32(icmp, ICMPV6_MTU) : 0;
    search->out->source.address = address_at(quoted, IPV6_SOURCE, 16);
    search->out->destination.address = address_at(quoted, IPV6_DESTINATION, 16);
    return read_quoted(search, bytes_from(quoted, IPV6_HEADER_LENGTH));
}

/* The IP packet whose header starts there, if an ICMP error is what it carries. */
static bool read_packet(const struct search *search, struct bytes packet)
{
    const uint8_t version = bytes_u8(packet, 0) >> 4;

    if (version == 4 && bytes_u8(packet, IPV4_PROTOCOL) == PROTOCOL_ICMP) {
        search->out->reporter = address_at(packet, IPV4_SOURCE, 4);
        return read_icmp(search, bytes_from(packet, (bytes_u8(packet, 0) & 0x0fu) << 2));
    }
    if (version == 6 && bytes_u8(packet, IPV6_NEXT_HEADER) == PROTOCOL_ICMPV6) {
        search->out->reporter = address_at(packet, IPV6_SOURCE, 16);
        return read_icmpv6(search, bytes_from(packet, IPV6_HEADER_LENGTH));
    }
    return false;
}

bool icmp_error_find(uint16_t source_port, uint16_t destination_port, struct part packet,
                     struct icmp_error *out)
{
    const struct search search = {source_port, destination_port, out};

    if (read_packet(&search, bytes_from(packet.bytes, ETHERNET_HEADER_LENGTH)))
        return true;
    for (uint32_t start = 0; start < MIN(packet.bytes.length, SEARCHED_LENGTH); start++)
        if (read_packet(&search, bytes_from(packet.bytes, start)))
            return true;
    return false;
}

const char *icmp_kind_name(enum icmp_kind kind)
{
    static const char *const names[] = {[ICMP_PROHIBITED] = N_("administratively prohibited"),
                                        [ICMP_NO_PORT] = N_("port unreachable"),
                                        [ICMP_NO_HOST] = N_("host or network unreachable"),
                                        [ICMP_TOO_BIG] = N_("packet too big"),
                                        [ICMP_OTHER] = N_("another error")};

    return names[kind];
}
