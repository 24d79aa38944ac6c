/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside the room epan, the only one that includes an epan header: what its files call of one
 * another.
 */
#ifndef SMB2DIAG_PACKET_H
#define SMB2DIAG_PACKET_H

#include "engine.h"

#include <epan/packet.h>

/* ---- packet-smb2diag.c: registration, preferences, passes ---- */

void proto_register_smb2diag(void);
void proto_reg_handoff_smb2diag(void);

/* ---- open_file.c: what is known of the open capture file ---- */

/* A file is opened, or read again. */
void open_file_start(const struct engine_settings *settings, const struct catalogue *catalogue);
/* Its memory goes with the file scope. */
void open_file_end(void);
/* Takes a frame in, in the first pass only. NULL: nothing was found about it. */
const struct note *open_file_collect(packet_info *pinfo);
/* What was found about a frame by the end of what was read. */
const struct note *open_file_recall(const packet_info *pinfo);
bool open_file_exists(void);
/* The same of all connections; NULL = no file. */
struct model *open_file_model(void);
/* The last frame that was taken in; 0 = none. */
uint32_t open_file_last_frame(void);

/* ---- report_request.c: -z smb2diag,... ---- */

void report_request_register(void);

/* ---- rules_off.c: the preference of that name ---- */

/* Says, once for each text, which of its words are no ids of rules. */
void rules_off_check(const struct catalogue *catalogue, const char *rules_off);

/* ---- observe.c: the only reader of the dissection ---- */

/* Looks up the protocols that are read; once, after all are registered. */
void observe_init(void);
/* A file is opened, or read again: the preferences may have changed. */
void observe_start(struct model *model);
/* First pass only: tells the model what the frame shows. false: nothing that it follows. */
bool observe_frame(struct model *model, packet_info *pinfo);

/* ---- carrier.c: the frame ---- */

/* The frame's time in nanoseconds since 1970, as far as that goes. */
int64_t observe_time(const packet_info *pinfo);

/* ---- present.c: findings on frames ---- */

/* Once, at registration. The catalogue has to last. */
void present_register(int protocol, const struct catalogue *catalogue);
/* Emits the notes of a frame, in every pass. The worst headline goes into the Info column where it
 * is of that severity or worse. */
void present_notes(const struct note *first, enum severity info_severity, tvbuff_t *tvb,
                   packet_info *pinfo, proto_tree *tree);

/* ---- stats.c: taps ---- */

void stats_register(void);
/* Counts a finding that is emitted in full. */
void stats_count(packet_info *pinfo, const struct finding *finding);

#endif
