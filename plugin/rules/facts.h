/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What rules of several families ask: what NEGOTIATE settled, how request, session and share stand,
 * and how that is told as evidence.
 */
#ifndef SMB2DIAG_RULES_FACTS_H
#define SMB2DIAG_RULES_FACTS_H

#include "rules.h"

/* ---- rules ---- */

bool rule_has_status(const struct rule *rule, uint32_t status);
/* One of the family's rules stands for that status. family: its lists, NULL-terminated. */
bool family_has_status(const struct rule_list *const *family, uint32_t status);

/* ---- the connection ---- */

/* The NEGOTIATE request and response that settled the dialect; NULL = not seen. */
const struct negotiate_request *agreed_offer(const struct connection *connection);
const struct negotiate_response *agreed_choice(const struct connection *connection);

/* By how many nanoseconds the server's clock, as NEGOTIATE shows it, is ahead of the capture's.
 * false: unknown. */
bool server_clock(const struct connection *connection, int64_t *ahead);

/* It settled a dialect, and can certainly not encrypt. */
bool connection_cannot_encrypt(const struct connection *connection);
/* The same, though the client offered to encrypt: what a client that requires it has to leave for.
 */
bool encryption_was_declined(const struct connection *connection);

/* The client sent not one byte more after the exchange's request: nothing that cannot be read,
 * either. false where that is unknown. */
bool client_was_silent_since(const struct exchange *exchange);
/* The client closed, and sent not one byte more after the exchange's request. */
bool client_left_after(const struct scene *scene);

/* The dialects and the encryption that NEGOTIATE settled. */
void prove_encryption(struct proof *proof, const struct connection *connection);

/* ---- who closed the connection: lines of causes and next steps ---- */

/* The first cause, where the closing packet's TTL is another than the server's. */
#define CLOSED_BY_ANOTHER                                                                          \
    "{?OTHER TTL}Consistent with a firewall or another device on the way that closed the "         \
    "connection in the server's name: the packet that closes has another TTL than the server's\n"
/* What may have been a device. Where the TTLs are the same, the cause comes last: it speaks against
 * one, if not by much. */
#define UNLESS_TTL_TELLS "{!OTHER TTL}{!SAME TTL}"
#define DESPITE_TTL "{?SAME TTL}Less likely, since the TTLs are the same: "
/* Next steps. */
#define FIND_WHO_CLOSED                                                                            \
    "{?OTHER TTL}Find the device that sent the closing packet: look into the logs of firewalls "   \
    "and intrusion prevention between the two at that time\n"                                      \
    "{!OTHER TTL}{!SAME TTL}Compare TTL and IP identification of the closing packet with earlier " \
    "packets of the server\n"
#define CAPTURE_WHO_CLOSED                                                                         \
    "{!NEAR SERVER}Capture on the server as well: does it send that packet itself?"

/* ---- the request ---- */

/* Retransmitted and not acknowledged: the network's fault, transport.request_not_acked. */
bool request_never_arrived(const struct exchange *exchange);
/* Signed, or encrypted, which proves as much ([MS-SMB2] 3.3.5.2.4). */
bool request_is_protected(const struct exchange *exchange);

/* Whether the exchange's request and response are signed. */
void prove_signatures(struct proof *proof, const struct exchange *exchange);

/* ---- session and share ---- */

/* The session ended well, and is neither a guest's nor anonymous, as far as the capture shows. */
bool session_is_users(const struct session *session);
/* The session's messages have to be encrypted ([MS-SMB2] 2.2.6). */
bool session_is_encrypted(const struct session *session);
bool share_is_ipc(const struct tree *tree);

/* Who is logged on, and by which mechanism. */
void prove_user(struct proof *proof, const struct session *session);
/* The share asked for, as the finding's subject and as evidence. */
void prove_share(struct proof *proof, const struct scene *scene);

#endif
