/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the rules about shares have in common: which share, who asks, and what the wire shows of why a server refused.
 */
#ifndef SMB2DIAG_SHARE_PROOF_H
#define SMB2DIAG_SHARE_PROOF_H

#include "rule.h"

bool share_is_ipc(const struct tree *tree);
/* ADMIN$, or a drive such as C$. */
bool share_is_administrative(const struct tree *tree);

/* The share asked for, as the finding's subject and as evidence. */
void prove_share(struct proof *proof, const struct scene *scene);
/* Who is logged on, and by which mechanism. */
void prove_user(struct proof *proof, const struct session *session);
/* Whether the exchange's request and response are signed. */
void prove_signatures(struct proof *proof, const struct exchange *exchange);
/* The dialects and the encryption that NEGOTIATE settled. */
void prove_encryption(struct proof *proof, const struct connection *connection);

/* Signed, or encrypted, which proves as much ([MS-SMB2] 3.3.5.2.4). */
bool request_is_protected(const struct exchange *exchange);
/* The session ended well, and is neither a guest's nor anonymous, as far as the capture shows. */
bool session_is_users(const struct session *session);
/* The session's messages have to be encrypted ([MS-SMB2] 2.2.6). */
bool session_is_encrypted(const struct session *session);
/* The connection settled a dialect, and can certainly not encrypt. */
bool connection_cannot_encrypt(const struct connection *connection);
/* That the client cannot encrypt is not why it was refused: it can, or the server knows no encryption. */
bool encryption_is_ruled_out(const struct connection *connection);

/* Why the server answered STATUS_ACCESS_DENIED, as far as the wire tells: one cause for an exchange. */
enum denial {
    DENIED_IN_CLEAR,      /* the session has to be encrypted, the request is not */
    DENIED_UNSIGNED,      /* signing is required, the request is not signed */
    DENIED_BY_NOBODY,     /* signing is required, and the answer is not signed: it proves nothing */
    DENIED_GUEST,
    DENIED_NO_ENCRYPTION, /* the connection cannot encrypt */
    DENIED_ADMINISTRATIVE,
    DENIED_IPC,
    DENIED_RIGHTS,        /* nothing of the above */
};
enum denial tree_denial(const struct scene *scene);

#endif
