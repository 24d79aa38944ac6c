/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading the dissection: what the files that observe call of one another.
 */
#ifndef SMB2DIAG_OBSERVE_H
#define SMB2DIAG_OBSERVE_H

#include "packet-smb2diag.h"

struct tcp_analysis;

/* ---- carrier.c ---- */

struct address address_of(const address *from);
struct frame frame_of(const packet_info *pinfo);
struct part part_of(const GSList *source);

/* What the frame itself carries, and the sources that Wireshark made of it and of earlier frames.
 */
struct carrier {
    struct datagram datagram;
    const GSList *gathered; /* sources after the one that the datagram was found in; NULL = none */
};
bool find_carrier(const packet_info *pinfo, const struct frame *frame, struct carrier *out);

/* ---- tcp_stream.c ---- */

/* What Wireshark keeps of the frame's TCP connection; NULL: not over TCP. */
struct tcp_analysis *tcp_analysis_of(packet_info *pinfo);
/* tcp.stream; -1: not over TCP. */
int tcp_stream_of(packet_info *pinfo);

/* ---- observe_attempts.c ---- */

void attempts_start(struct model *model);
/* A negative session response, if that is what the payload is. */
void observe_refusal(struct model *model, const struct frame *frame, struct bytes payload);
/* An ICMP error that may quote a segment of a port that is followed. */
void observe_quoted(struct model *model, packet_info *pinfo);
/* TCP payload that nobody decodes. */
void observe_undecoded(struct model *model, packet_info *pinfo);
/* Any frame. */
void observe_receiver(struct model *model, const packet_info *pinfo);

#endif
