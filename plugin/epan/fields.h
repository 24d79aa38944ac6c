/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The plugin's fields and expert infos: fields.c registers them, present.c fills them in.
 */
#ifndef SMB2DIAG_FIELDS_H
#define SMB2DIAG_FIELDS_H

#include "packet-smb2diag.h"

#include <epan/expert.h>

/* Ids that Wireshark gave, -1 before that; named as the filters are. */
struct fields {
    int headline, summary, cause, evidence, evidence_frame, next_step, reference;
    int rule, severity, confidence, root_cause, count;
    int connection, stage, status, user, share, server, service, mechanism;
    int request_frame, response_frame, completed_in, related_frame, concerns, evidence_for;
};
extern struct fields fields;

struct trees { /* how far open they are is remembered by kind */
    int diagnosis, finding, evidence, frame, link;
};
extern struct trees trees;

struct link_infos {
    expert_field completes, repeats, overcome, taken_back;
};
extern struct link_infos link_infos;

/* Fields and expert infos, one for each rule; once, at registration. The catalogue has to last. */
void fields_register(int protocol, const struct catalogue *catalogue);

/* What an analyst came for needs no click, until it is closed by hand. When a file is opened:
 * Wireshark has no place for that before. */
void fields_expand(void);

/* The expert info of the finding's severity; one that its rule does not declare comes of a success
 * soon after (recovery.c). */
expert_field *finding_info(const struct finding *finding);
/* The field of the rule's own severity, which is the rule's filter name. */
int rule_field(const struct rule *rule);

#endif
