/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What Wireshark's window has of connections beside packets: what the files that make it call of
 * one another.
 */
#ifndef SMB2DIAG_WINDOW_H
#define SMB2DIAG_WINDOW_H

#include "packet-smb2diag.h"
#include "wireshark_compat.h"

/* ---- setup_frames.c: the frames beside SMB2 that belong to a set-up ---- */

struct beside {
    uint32_t frame;
    const char *label;             /* "KRB-ERROR", "DNS answer" */
    const char *value;             /* NULL = none */
    const struct finding *finding; /* whose evidence it is; NULL = joined by the model */
};
typedef void take_beside(const struct beside *beside, void *data);

/* Frames that the connection's findings name, then the client's dealings with KDCs and DNS at that
 * time; one frame may come several times. What lies on the connection itself may be among them. */
void setup_frames_visit(const struct connection *connection, take_beside *take, void *data);

/* ---- steps.c: the tap that says which frames belong to which connection's set-up ---- */

#define STEPS_TAP "smb2diag_setup"

enum step_kind {
    STEP_REQUEST = 1, /* step->exchange ... */
    STEP_INTERIM,
    STEP_RESPONSE,
    STEP_CLOSE,  /* a FIN or RST of the connection */
    STEP_BESIDE, /* another frame that belongs to the set-up: step->beside, as far as known */
};
/* A frame's part in a connection's set-up: what listeners to the tap get, once a frame. */
struct step {
    const struct connection *connection;
    enum step_kind kind;
    bool first_pass;                 /* the frame is read for the first time */
    const struct exchange *exchange; /* NULL = none */
    struct beside beside;            /* STEP_BESIDE */
    const struct step *next;         /* NULL = last */
};

/* A message of the connection, or the frame of a finding about it: not just evidence. Where a frame
 * has such steps, it counts for their connections only. */
bool step_is_own(const struct step *step, uint32_t frame);
bool steps_have_own(const struct step *first, uint32_t frame);

void steps_register(void);
/* Tells listeners of the frame; nothing where nobody listens. */
void steps_tap(packet_info *pinfo);
/* What is indexed belongs to the file. */
void steps_end(void);

/* ---- table.c, flow.c, conversation.c, report_window.c ---- */

void table_register(void);
/* Its headings, in the language chosen. */
void table_translate(void);
void flow_register(int protocol);
void conversation_register(void);
void conversation_end(void);
void report_window_register(void);

/* ---- second_look.c: a filter that is kept shows what is known at the end of the file ---- */

void second_look_register(void);
/* The file is read from its start. */
void second_look_start(bool wanted);
void second_look_end(void);
/* There is a window: neither tshark nor sharkd. */
bool window_exists(void);

#endif
