/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shared by the files of the kerberos family.
 */
#ifndef SMB2DIAG_RULES_KERBEROS_H
#define SMB2DIAG_RULES_KERBEROS_H

#include "catalogue.h"
#include "identity.h"

/* Where a KRB-ERROR shows up for SMB: before the first SESSION_SETUP request (the client goes on without the
 * ticket), before the close of a connection that never got that far, or inside a SESSION_SETUP response. */
#define KERBEROS_EVENTS (ON_REQUEST | ON_RESPONSE | ON_CLOSE)

/* One of the rule's error codes explains what happens here. Fills in names, frames and the DNS chain. */
bool match_kerberos_error(const struct scene *scene, struct proof *proof);

/* A KRB-ERROR explains what happens here, and its code belongs to no other rule. */
bool match_unlisted_kerberos_error(const struct scene *scene, struct proof *proof);

/* What the client did at a KDC that explains the scene, if it led nowhere; NULL = nothing. */
struct kdc_exchange *kdc_failure(const struct scene *scene);

/* The name used, the service asked for, the CNAME chain; links the Kerberos frame. */
void prove_service(const struct scene *scene, struct proof *proof, const struct kdc_exchange *kdc);

/* The client went on: what failed with Kerberos is a warning until the set-up fails. */
void soften_if_going_on(const struct scene *scene, struct proof *proof);

#endif
