/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shared between the files that know epan.
 */
#ifndef SMB2DIAG_PACKET_H
#define SMB2DIAG_PACKET_H

#include "rule.h"

#include <epan/packet.h>

void proto_register_smb2diag(void);
void proto_reg_handoff_smb2diag(void);

/* ---- observe.c: the only reader of the dissection ---- */

/* Looks up the protocols that are read; once, after all are registered. */
void observe_init(void);
/* A file is opened, or read again: the preferences may have changed. */
void observe_start(void);
/* The frame's time in nanoseconds since 1970, as far as that goes. */
int64_t observe_time(const packet_info *pinfo);
/* First pass only: tells the model what the frame shows. false: nothing that it follows. */
bool observe_frame(struct model *model, packet_info *pinfo);

/* ---- present.c: findings on frames ---- */

/* Fields and expert infos, one for each rule; once, at registration. */
void present_register(int protocol);
/* Emits the notes of a frame, in every pass. */
void present_notes(const struct note *first, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree);

/* ---- stats.c: taps ---- */

void stats_register(int protocol);
/* Counts a finding that is emitted in full. */
void stats_count(packet_info *pinfo, const struct finding *finding);

/* The model of the open file, everything judged that can be by its end; NULL = no file. */
struct model *current_model(void);

#endif
