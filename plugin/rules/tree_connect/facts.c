/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shared by the rules about TREE_CONNECT: why a server denied a share. [MS-SMB2] 3.3.5.5, 3.3.5.7.
 */
#include "facts.h"

/* A server that settles for SMB 2 with a client that offers SMB 3 has no SMB 3, and cannot ask for
 * encryption. */
static bool server_may_require_encryption(const struct connection *connection)
{
    return connection->dialect >= DIALECT_3_0 ||
           connection_highest_offered(connection) < DIALECT_3_0;
}

bool encryption_is_ruled_out(const struct connection *connection)
{
    bool known;
    const bool agreed = connection_encryption_agreed(connection, &known);

    return known && (agreed || !server_may_require_encryption(connection));
}

static bool answer_proves_nothing(const struct exchange *exchange, const struct session *session)
{
    return exchange->request_signed && !exchange->request_encrypted && !exchange->response_signed &&
           !exchange->response_encrypted && session_signing_required(session);
}

static bool is_unsigned_though_required(const struct scene *scene)
{
    return !request_is_protected(scene->exchange) && session_is_users(scene->session) &&
           (scene->connection->dialect == DIALECT_3_1_1 ||
            session_signing_required(scene->session));
}

/* ADMIN$, or a drive such as C$. */
static bool share_is_administrative(const struct tree *tree)
{
    const char *share = tree ? tree->share : NULL;

    if (!share)
        return false;
    return g_ascii_strcasecmp(share, "ADMIN$") == 0 ||
           (g_ascii_isalpha(share[0]) && strcmp(share + 1, "$") == 0);
}

/* IPC$ and the administrative shares are open to clients that cannot encrypt, unless the whole
 * server asks for it; that reaches TREE_CONNECT with SMB 3 only ([MS-SMB2] 3.3.5.5, 3.3.5.7). */
static bool may_lack_encryption(const struct scene *scene)
{
    const struct connection *connection = scene->connection;

    if (!connection_cannot_encrypt(connection) || !server_may_require_encryption(connection))
        return false;
    return connection->dialect >= DIALECT_3_0 ||
           (!share_is_ipc(scene->tree) && !share_is_administrative(scene->tree));
}

#define LOOKED_AT 16 /* exchanges; a set-up has few, hostile captures may have many */

static bool is_signed_request_of(const struct exchange *exchange, const struct session *session)
{
    return (exchange->command == SMB2_TREE_CONNECT || exchange->command == SMB2_CREATE) &&
           exchange->session == session && exchange_answered(exchange) &&
           exchange->request_signed && !exchange->request_encrypted;
}

/* [MS-SMB2] 3.3.5.2.4: NOT_SUPPORTED where the session has no key. */
static bool may_refuse_signature(uint32_t status)
{
    return status == STATUS_ACCESS_DENIED || status == STATUS_NOT_SUPPORTED;
}

unsigned signed_requests_denied(const struct scene *scene)
{
    const struct exchange *at = scene->connection->last_exchange;
    unsigned count = 0;

    if (!is_signed_request_of(scene->exchange, scene->session))
        return 0;
    for (unsigned looked_at = 0; at && looked_at < LOOKED_AT; looked_at++) {
        const struct exchange *exchange = at;

        at = at->previous;
        if (!is_signed_request_of(exchange, scene->session))
            continue;
        if (!may_refuse_signature(exchange->status))
            return 0;
        count++;
    }
    return count;
}

enum denial tree_denial(const struct scene *scene)
{
    const struct session *session = scene->session;

    if (session_is_encrypted(session) && !scene->exchange->request_encrypted)
        return DENIED_IN_CLEAR;
    if (is_unsigned_though_required(scene))
        return DENIED_UNSIGNED;
    if (answer_proves_nothing(scene->exchange, session))
        return DENIED_BY_NOBODY;
    if (session_is_guest(session) || session_is_anonymous(session))
        return signed_requests_denied(scene) ? DENIED_GUEST_SIGNING : DENIED_GUEST;
    if (may_lack_encryption(scene))
        return DENIED_NO_ENCRYPTION;
    if (share_is_administrative(scene->tree))
        return DENIED_ADMINISTRATIVE;
    return share_is_ipc(scene->tree) ? DENIED_IPC : DENIED_RIGHTS;
}

bool match_denial(const struct scene *scene, struct proof *proof, enum denial denial)
{
    if (tree_denial(scene) != denial)
        return false;
    prove_share(proof, scene);
    prove_user(proof, scene->session);
    return true;
}
