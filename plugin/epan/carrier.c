/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A frame as the model takes it, and the bytes that Wireshark has of it.
 */
#include "observe.h"

#define IPV4_ADDRESS_LENGTH 4
#define IPV6_ADDRESS_LENGTH 16

struct address address_of(const address *from)
{
    struct address to = {0};

    if (from->type == AT_IPv4 && from->len == IPV4_ADDRESS_LENGTH) {
        to.length = IPV4_ADDRESS_LENGTH;
        memcpy(to.bytes, from->data, IPV4_ADDRESS_LENGTH);
    } else if (from->type == AT_IPv6 && from->len == IPV6_ADDRESS_LENGTH) {
        to.length = IPV6_ADDRESS_LENGTH;
        memcpy(to.bytes, from->data, IPV6_ADDRESS_LENGTH);
    }
    return to;
}

/* Capture files hold any 64-bit number of seconds: what lies beyond 2116 would overflow sums. */
#define SECONDS_LIMIT (INT64_MAX / 2 / NANOSECONDS_PER_SECOND)

int64_t observe_time(const packet_info *pinfo)
{
    const int64_t seconds = CLAMP((int64_t)pinfo->abs_ts.secs, 0, SECONDS_LIMIT);

    return seconds * NANOSECONDS_PER_SECOND + pinfo->abs_ts.nsecs;
}

struct frame frame_of(const packet_info *pinfo)
{
    return (struct frame){
        .number = pinfo->num,
        .time = observe_time(pinfo),
        .source = {address_of(&pinfo->src), (uint16_t)pinfo->srcport},
        .destination = {address_of(&pinfo->dst), (uint16_t)pinfo->destport},
    };
}

/* ---- data sources ---- */

struct part part_of(const GSList *source)
{
    tvbuff_t *tvb = get_data_source_tvb((const struct data_source *)source->data);
    const unsigned captured = tvb_captured_length(tvb);
    struct part part = {.length = tvb_reported_length(tvb)};

    if (captured)
        part.bytes = (struct bytes){tvb_get_ptr(tvb, 0, (int)captured), captured};
    part.length = MAX(part.length, captured);
    return part;
}

bool find_carrier(const packet_info *pinfo, const struct frame *frame, struct carrier *out)
{
    const enum transport transport = pinfo->ptype == PT_TCP ? TRANSPORT_TCP : TRANSPORT_UDP;

    for (const GSList *at = pinfo->data_src; at; at = at->next) {
        const struct part source = part_of(at);

        out->gathered = at->next;
        if (datagram_find(frame, transport, source, &out->datagram) ||
            (at != pinfo->data_src && datagram_at_start(frame, transport, source, &out->datagram)))
            return true;
    }
    return false;
}
