/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is read of frames before the first SMB message, and of SMB where Wireshark sees none.
 */
#include "model_attempts.h"
#include "observe.h"

static int protocol_nbss = -1;

/* Ports that carry SMB: the usual ones, and what the user decodes as SMB. */
static void watch_port(const char *table _U_, ftenum_t type _U_, void *key, void *value,
                       void *model)
{
    const dissector_handle_t handle = dtbl_entry_get_handle((dtbl_entry_t *)value);
    const unsigned port = GPOINTER_TO_UINT(key);

    if (handle && dissector_handle_get_protocol_index(handle) == protocol_nbss &&
        port <= UINT16_MAX)
        model_watch((struct model *)model, (uint16_t)port);
}

/* How often payload that nobody decodes was looked at, by the port that it goes to. */
#define LOOKS 4
static uint8_t looks[UINT16_MAX + 1];

void attempts_start(struct model *model)
{
    protocol_nbss = proto_get_id_by_filter_name("nbss");
    memset(looks, 0, sizeof looks);
    dissector_table_foreach("tcp.port", watch_port, model);
}

void observe_refusal(struct model *model, const struct frame *frame, struct bytes payload)
{
    const uint8_t code = nbss_refusal(payload);

    if (code)
        model_on_netbios_refusal(model, frame, code);
}

/* SMB on a port that nobody decodes as SMB: looked for in what first goes to each port, which is
 * where a connection begins, and nowhere else. */
void observe_undecoded(struct model *model, packet_info *pinfo)
{
    uint8_t *looked = &looks[(uint16_t)pinfo->destport];
    struct carrier carrier;
    struct frame frame;

    if (*looked >= LOOKS)
        return;
    ++*looked;
    frame = frame_of(pinfo);
    if (!find_carrier(pinfo, &frame, &carrier) || !nbss_begins(carrier.datagram.payload.bytes))
        return;
    model_on_undecoded(model, &frame, nbss_begins_response(carrier.datagram.payload.bytes));
}

/* An ICMP error that quotes a segment: Wireshark 4.0 gives the frame the ports of the quoted one,
 * later versions give it none. */
void observe_quoted(struct model *model, packet_info *pinfo)
{
    const struct frame frame = frame_of(pinfo);
    struct icmp_error error;

    if (pinfo->data_src && model_takes_icmp_errors(model) &&
        icmp_error_find(frame.source.port, frame.destination.port, part_of(pinfo->data_src),
                        &error))
        model_on_icmp_error(model, &frame, &error);
}

/* A capture of one direction proves no silence: does it show packets to clients that wait? */
void observe_receiver(struct model *model, const packet_info *pinfo)
{
    struct address receiver;

    if (!model_attempts_waiting(model))
        return;
    receiver = address_of(&pinfo->dst);
    model_on_receiver(model, &receiver);
}
