/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the rules about shares have in common.
 */
#include "share_proof.h"

#include <string.h>

bool share_is_ipc(const struct tree *tree)
{
    return tree && tree->share && g_ascii_strcasecmp(tree->share, "IPC$") == 0;
}

bool share_is_administrative(const struct tree *tree)
{
    const char *share = tree ? tree->share : NULL;

    if (!share)
        return false;
    return g_ascii_strcasecmp(share, "ADMIN$") == 0 ||
           (g_ascii_isalpha(share[0]) && strcmp(share + 1, "$") == 0);
}

/* ---- evidence ---- */

void prove_share(struct proof *proof, const struct scene *scene)
{
    const struct tree *tree = scene->tree;

    if (!tree || !tree->path)
        return;
    proof->subject = tree->path;
    proof_value_in(proof, &tree->connect->request, "Share asked for", "%s", tree->path);
}

static const char *standing(const struct session *session)
{
    if (session_is_guest(session))
        return "as guest";
    return session_is_anonymous(session) ? "anonymous" : NULL;
}

void prove_user(struct proof *proof, const struct session *session)
{
    const char *user = session_user(session, proof->scope), *as = standing(session);

    if (!session || (!user && !as))
        return;
    proof_value_in(proof, &session->valid_since, "Logged on", "%s%s%s%s%s", user ? user : "",
                   user && as ? ", " : "", as ? as : "", session->mechanism ? " by " : "",
                   session->mechanism ? mechanism_name(session->mechanism) : "");
}

static const char *protection(bool is_signed, bool encrypted)
{
    if (encrypted)
        return "encrypted";
    return is_signed ? "signed" : "neither signed nor encrypted";
}

void prove_signatures(struct proof *proof, const struct exchange *exchange)
{
    proof_value_in(proof, &exchange->request, "The request is", "%s",
                   protection(exchange->request_signed, exchange->request_encrypted));
    if (exchange_answered(exchange))
        proof_value_in(proof, &exchange->response, "The response is", "%s",
                       protection(exchange->response_signed, exchange->response_encrypted));
}

static const char *dialect_text(uint16_t dialect)
{
    const char *name = dialect_name(dialect);

    return name ? name : "unknown";
}

static void prove_cipher(struct proof *proof, const struct exchange *agreed)
{
    const struct id_list *ciphers = &agreed->negotiate_response->contexts.ciphers;

    if (ciphers->listed == 0)
        proof_value_in(proof, &agreed->response, "Cipher", "none: no encryption context in the response");
    else if (ciphers->ids[0] == 0)
        proof_value_in(proof, &agreed->response, "Cipher", "none in common");
    else
        proof_value_in(proof, &agreed->response, "Cipher", "0x%04x", ciphers->ids[0]);
}

static void prove_capability(struct proof *proof, const struct sighting *where, const char *label,
                             uint32_t capabilities)
{
    proof_value_in(proof, where, label, "0x%08x, %s encryption", capabilities,
                   capabilities & SMB2_GLOBAL_CAP_ENCRYPTION ? "with" : "without");
}

void prove_encryption(struct proof *proof, const struct connection *connection)
{
    const struct exchange *agreed = connection->agreed;
    const uint16_t highest = connection_highest_offered(connection);

    if (!agreed || !agreed->negotiate_response)
        return;
    if (highest)
        proof_value_in(proof, &agreed->request, "Highest dialect offered", "%s", dialect_text(highest));
    proof_value_in(proof, &agreed->response, "Dialect agreed", "%s", dialect_text(connection->dialect));
    if (connection->dialect == DIALECT_3_1_1)
        prove_cipher(proof, agreed);
    if (connection->dialect != DIALECT_3_0 && connection->dialect != DIALECT_3_0_2)
        return;
    if (agreed->negotiate_request)
        prove_capability(proof, &agreed->request, "The client's capabilities",
                         agreed->negotiate_request->capabilities);
    prove_capability(proof, &agreed->response, "The server's capabilities",
                     agreed->negotiate_response->capabilities);
}

/* ---- what is known of a session and a connection ---- */

bool request_is_protected(const struct exchange *exchange)
{
    return exchange->request_signed || exchange->request_encrypted;
}

bool session_is_users(const struct session *session)
{
    return session && session->state == SESSION_VALID && session->flags_known &&
           !session_is_guest(session) && !session_is_anonymous(session);
}

bool session_is_encrypted(const struct session *session)
{
    return session && session->state == SESSION_VALID && session->flags_known &&
           session->flags & SMB2_SESSION_FLAG_ENCRYPT_DATA;
}

bool connection_cannot_encrypt(const struct connection *connection)
{
    bool known;
    const bool agreed = connection_encryption_agreed(connection, &known);

    return known && !agreed;
}

/* A server that settles for SMB 2 with a client that offers SMB 3 has no SMB 3, and cannot ask for encryption. */
static bool server_may_require_encryption(const struct connection *connection)
{
    return connection->dialect >= DIALECT_3_0 || connection_highest_offered(connection) < DIALECT_3_0;
}

bool encryption_is_ruled_out(const struct connection *connection)
{
    bool known;
    const bool agreed = connection_encryption_agreed(connection, &known);

    return known && (agreed || !server_may_require_encryption(connection));
}

/* ---- why a server refused ---- */

static bool answer_proves_nothing(const struct exchange *exchange, const struct session *session)
{
    return exchange->request_signed && !exchange->request_encrypted &&
           !exchange->response_signed && !exchange->response_encrypted &&
           session_signing_required(session);
}

static bool is_unsigned_though_required(const struct scene *scene)
{
    return !request_is_protected(scene->exchange) && session_is_users(scene->session) &&
           (scene->connection->dialect == DIALECT_3_1_1 || session_signing_required(scene->session));
}

/* IPC$ and the administrative shares are open to clients that cannot encrypt, unless the whole server asks for it; that
 * reaches TREE_CONNECT with SMB 3 only ([MS-SMB2] 3.3.5.5, 3.3.5.7). */
static bool may_lack_encryption(const struct scene *scene)
{
    const struct connection *connection = scene->connection;

    if (!connection_cannot_encrypt(connection) || !server_may_require_encryption(connection))
        return false;
    return connection->dialect >= DIALECT_3_0 ||
           (!share_is_ipc(scene->tree) && !share_is_administrative(scene->tree));
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
        return DENIED_GUEST;
    if (may_lack_encryption(scene))
        return DENIED_NO_ENCRYPTION;
    if (share_is_administrative(scene->tree))
        return DENIED_ADMINISTRATIVE;
    return share_is_ipc(scene->tree) ? DENIED_IPC : DENIED_RIGHTS;
}
