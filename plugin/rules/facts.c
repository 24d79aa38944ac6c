/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What rules of several families ask.
 */
#include "facts.h"

/* ---- rules ---- */

bool rule_has_status(const struct rule *rule, uint32_t status)
{
    for (const uint32_t *own = rule->statuses; own && *own; own++)
        if (*own == status)
            return true;
    return false;
}

static bool list_has_status(const struct rule_list *list, uint32_t status)
{
    for (const struct rule *const *block = list->blocks; block && *block; block++)
        if (rule_has_status(*block, status))
            return true;
    for (const struct rule *row = list->rows; row && row->id; row++)
        if (rule_has_status(row, status))
            return true;
    return false;
}

bool family_has_status(const struct rule_list *const *family, uint32_t status)
{
    for (; *family; family++)
        if (list_has_status(*family, status))
            return true;
    return false;
}

/* ---- the connection ---- */

const struct negotiate_request *agreed_offer(const struct connection *connection)
{
    return connection->agreed ? negotiate_request_of(connection->agreed->asked) : NULL;
}

const struct negotiate_response *agreed_choice(const struct connection *connection)
{
    return connection->agreed ? negotiate_response_of(connection->agreed->answer) : NULL;
}

bool connection_cannot_encrypt(const struct connection *connection)
{
    bool known;
    const bool agreed = connection_encryption_agreed(connection, &known);

    return known && !agreed;
}

bool encryption_was_declined(const struct connection *connection)
{
    bool known;

    return connection_client_can_encrypt(connection, &known) && known &&
           connection_cannot_encrypt(connection);
}

bool client_was_silent_since(const struct exchange *exchange)
{
    const struct tcp_side *client = &exchange->connection->sides[CLIENT];

    return exchange->request_end && client->next_sequence == exchange->request_end;
}

bool client_left_after(const struct scene *scene)
{
    const struct connection *connection = scene->connection;
    const struct exchange *exchange = scene->exchange;

    return scene->event == ON_CLOSE && exchange && exchange_answered(exchange) &&
           connection->closed_by == CLIENT && client_was_silent_since(exchange);
}

static void prove_dialect(struct proof *proof, const struct sighting *where, const char *label,
                          uint16_t dialect)
{
    const char *name = dialect_name(dialect);

    if (name)
        proof_value_in(proof, where, label, "%s", name);
    else
        proof_words_in(proof, where, label, "unknown");
}

static void prove_cipher(struct proof *proof, const struct sighting *where,
                         const struct id_list *ciphers)
{
    if (ciphers->listed == 0)
        proof_words_in(proof, where, "Cipher", "none: no encryption context in the response");
    else if (ciphers->ids[0] == 0)
        proof_words_in(proof, where, "Cipher", "none in common");
    else
        proof_value_in(proof, where, "Cipher", "%s", cipher_text(ciphers->ids[0], proof->scope));
}

static void prove_capability(struct proof *proof, const struct sighting *where, const char *label,
                             uint32_t capabilities)
{
    const char *words = capabilities_text(capabilities, proof->scope);

    if (capabilities & SMB2_GLOBAL_CAP_ENCRYPTION)
        proof_value_in(proof, where, label, "with encryption: %s", words);
    else
        proof_value_in(proof, where, label, "without encryption: %s", words);
}

void prove_encryption(struct proof *proof, const struct connection *connection)
{
    const struct exchange *agreed = connection->agreed;
    const struct negotiate_request *offer = agreed_offer(connection);
    const struct negotiate_response *choice = agreed_choice(connection);
    const uint16_t highest = connection_highest_offered(connection);

    if (!choice)
        return;
    if (highest)
        prove_dialect(proof, &agreed->request, "Highest dialect offered", highest);
    prove_dialect(proof, &agreed->response, "Dialect agreed", connection->dialect);
    if (connection->dialect == DIALECT_3_1_1)
        prove_cipher(proof, &agreed->response, &choice->contexts.ciphers);
    if (connection->dialect != DIALECT_3_0 && connection->dialect != DIALECT_3_0_2)
        return;
    if (offer)
        prove_capability(proof, &agreed->request, "The client's capabilities", offer->capabilities);
    prove_capability(proof, &agreed->response, "The server's capabilities", choice->capabilities);
}

/* ---- the request ---- */

bool request_never_arrived(const struct exchange *exchange)
{
    return exchange_interlude(exchange)->retransmissions >= 2 && !exchange->acknowledged.frame;
}

bool request_is_protected(const struct exchange *exchange)
{
    return exchange->request_signed || exchange->request_encrypted;
}

static const char *protection(bool is_signed, bool encrypted)
{
    if (encrypted)
        return N_("encrypted");
    return is_signed ? N_("signed") : N_("neither signed nor encrypted");
}

void prove_signatures(struct proof *proof, const struct exchange *exchange)
{
    proof_words_in(proof, &exchange->request, "The request is",
                   protection(exchange->request_signed, exchange->request_encrypted));
    if (exchange_answered(exchange))
        proof_words_in(proof, &exchange->response, "The response is",
                       protection(exchange->response_signed, exchange->response_encrypted));
}

/* ---- session and share ---- */

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

bool share_is_ipc(const struct tree *tree)
{
    return tree && tree->share && g_ascii_strcasecmp(tree->share, "IPC$") == 0;
}

/* user: NULL = unknown. */
static const char *standing(const struct session *session, const char *user,
                            wmem_allocator_t *scope)
{
    if (session_is_guest(session))
        return user ? phrase(scope, "%s, as guest", user) : phrase_words(scope, N_("as guest"));
    if (session_is_anonymous(session))
        return user ? phrase(scope, "%s, anonymous", user) : phrase_words(scope, N_("anonymous"));
    return user;
}

void prove_user(struct proof *proof, const struct session *session)
{
    const char *user =
        session ? standing(session, session_user(session, proof->scope), proof->scope) : NULL;

    if (!user)
        return;
    if (session->mechanism)
        proof_value_in(proof, &session->valid_since, "Logged on", "%s by %s", user,
                       mechanism_name(session->mechanism));
    else
        proof_value_in(proof, &session->valid_since, "Logged on", "%s", user);
}

void prove_share(struct proof *proof, const struct scene *scene)
{
    const struct tree *tree = scene->tree;

    if (!tree || !tree->path)
        return;
    proof->subject = tree->path;
    proof_value_in(proof, &tree->connect->request, "Share asked for", "%s", tree->path);
}

/* ---- clocks ---- */

#define FILETIME_TO_1970 INT64_C(116444736000000000)
#define FILETIME_TICK 100 /* nanoseconds */
/* The year 2234: beyond it, or before 1970, it is no clock. */
#define FILETIME_LIMIT UINT64_C(200000000000000000)

bool server_clock(const struct connection *connection, int64_t *ahead)
{
    const uint64_t clock = connection->system_time;

    if (!connection->agreed || clock < FILETIME_TO_1970 || clock > FILETIME_LIMIT)
        return false;
    *ahead =
        ((int64_t)clock - FILETIME_TO_1970) * FILETIME_TICK - connection->agreed->response.time;
    return true;
}
