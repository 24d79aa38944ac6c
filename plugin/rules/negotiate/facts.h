/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shared by the rules about NEGOTIATE, and what other families refer to.
 */
#ifndef SMB2DIAG_RULES_NEGOTIATE_FACTS_H
#define SMB2DIAG_RULES_NEGOTIATE_FACTS_H

#include "../facts.h"

/* An SMB1 multi-protocol NEGOTIATE may be answered with SMB2's ([MS-SMB2] 3.3.5.3.1). */
#define FOR_EITHER_NEGOTIATE (FOR_SMB1_NEGOTIATE | FOR_NEGOTIATE)

/* session_setup asks whether the server's clock was found wrong. */
extern const struct rule negotiate_server_clock_skew;

/* The exchange's response, where it is the one that settled the dialect; else NULL. */
const struct negotiate_response *agreed_response(const struct scene *scene);

/* The client named its dialects, and the one chosen is not among them. */
bool dialect_was_not_offered(const struct exchange *exchange,
                             const struct negotiate_response *response);

/* A response that a client has to close for is a warning when it comes, and an error when the
 * client leaves; some do not mind. false: this event tells nothing of it. */
bool response_is_to_be_told(const struct scene *scene, struct proof *proof);

void prove_offer(struct proof *proof, const struct exchange *exchange);

#endif
