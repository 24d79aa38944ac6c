/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the rules of the kerberos family have in common: which dealings with a KDC, or which error
 * in a SESSION_SETUP response, explain what happens on an SMB2 connection.
 *
 * The data of a rule of this family, where it has any, is the list of Kerberos error codes that it
 * stands for, ended by KDC_ERR_NONE, and never anything else.
 */
#ifndef SMB2DIAG_RULES_KERBEROS_FACTS_H
#define SMB2DIAG_RULES_KERBEROS_FACTS_H

#include "../lists.h"

/* Where a KRB-ERROR shows up for SMB: before the first SESSION_SETUP request (the client goes on
 * without the ticket), before the close of a connection that never got that far, or inside a
 * SESSION_SETUP response. */
#define KERBEROS_EVENTS (ON_REQUEST | ON_RESPONSE | ON_CLOSE)
#define KERBEROS_COMMANDS (FOR_NEGOTIATE | FOR_SESSION_SETUP)

#define REFERENCE_KERBEROS_ERRORS "RFC 4120 7.5.9 Error Codes"

/* What the client did at a KDC that explains the scene, if it led nowhere; NULL = nothing. */
struct kdc_exchange *kdc_failure(const struct scene *scene);
bool has_kdc_failure(const struct scene *scene);

/* The KRB-ERROR in the SESSION_SETUP response that the scene is about; NULL = none. */
const struct kerberos_message *kerberos_refusal(const struct scene *scene);

/* The name used, the service asked for, the CNAME chain; links the Kerberos frame. The finding uses
 * the KDC exchange up. */
void prove_service(const struct scene *scene, struct proof *proof, struct kdc_exchange *kdc);

/* The service asked for is named after the realm itself: \\DOMAIN\share, DFS and SYSVOL. */
bool kdc_was_asked_for_domain(const struct kdc_exchange *kdc);

/* The client went on: what failed with Kerberos is a warning until the set-up fails. */
void soften_if_going_on(const struct scene *scene, struct proof *proof);

/* The server or a KDC answered with a Kerberos error. */
bool has_kerberos_error(const struct scene *scene);

/* One of the rule's error codes explains what happens here. Fills in names, frames and the DNS
 * chain. Besides the rule's severity there may be a warning (the client goes on) or a note (it may
 * try again). */
bool match_kerberos_error(const struct scene *scene, struct proof *proof);

/* The KDC's error, its text, its clock, and what it was asked for. */
void prove_kdc_error(const struct scene *scene, struct proof *proof, struct kdc_exchange *kdc);

bool kerberos_rule_stands_for(const struct rule *rule, int code);

/* ---- codes.c ---- */

/* Whether a rule of this family stands for that error code. */
bool kerberos_error_has_rule(int code);

#endif
