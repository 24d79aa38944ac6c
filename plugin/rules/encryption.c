/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * encryption: encrypted messages where there can be none, and messages in clear where they have to
 * be encrypted, [MS-SMB2] 3.3.5.2.1.1 and 3.3.5.2.9.
 */
#include "advice.h"
#include "facts.h"
#include "lists.h"

#define DECRYPTING "[MS-SMB2] 3.3.5.2.1.1 Decrypting the Message"

/* ---- encryption.required_unencrypted_request ---- */

/* The server's refusal is encrypted, if there is one: without the keys it looks like no answer at
 * all. */
static bool was_refused(const struct scene *scene)
{
    if (scene->event == ON_RESPONSE)
        return scene->exchange->status == STATUS_ACCESS_DENIED;
    return exchange_is_open(scene->exchange) && connection_absence_is_proof(scene->connection);
}

static bool match_required_unencrypted_request(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct connection *connection = scene->connection;

    if (!exchange->request.frame || exchange->request_encrypted ||
        !session_is_encrypted(scene->session) || !was_refused(scene))
        return false;
    proof->about = exchange->request;
    proof->related = scene->session->valid_since;
    prove_share(proof, scene);
    proof_value_in(proof, &scene->session->valid_since, "Session flags", "%s",
                   session_flags_text(scene->session->flags, proof->scope));
    prove_signatures(proof, exchange);
    if (!exchange_answered(exchange))
        proof_frame(proof, "Encrypted message, which may be the answer",
                    &(struct sighting){.frame = connection->first_transform});
    return true;
}

static const struct rule required_unencrypted_request = {
    .id = "encryption.required_unencrypted_request",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_CLOSE | ON_SILENCE,
    .commands = FOR_TREE_CONNECT | FOR_CREATE,
    .match = match_required_unencrypted_request,
    .summary = "The session has to be encrypted, and the client sent a request in clear",
    .headline = "{client} sends in clear, though the session has to be encrypted",
    .cause = "The client does not encrypt although the server asked for it in SESSION_SETUP: a "
             "fault of its SMB library, or encryption switched off there\n"
             "The server requires encryption (EncryptData) and rejects what is not encrypted",
    .next_step = "Check the server: Get-SmbServerConfiguration | select "
                 "EncryptData,RejectUnencryptedAccess\n"
                 "Use a client that encrypts: Windows 8, Windows Server 2012 and later; smbclient "
                 "--client-protection=encrypt; Linux: mount -o seal,vers=3.1.1",
    .reference =
        "[MS-SMB2] 3.3.5.2.9 Verifying the Session\n[MS-SMB2] 3.2.4.1.8 Encrypting the Message",
};

/* ---- encryption.dialect_mismatch ---- */

static void prove_transform(struct proof *proof, const struct scene *scene)
{
    proof_value_in(proof, &scene->now, "Session id of the encrypted message", "0x%016" PRIx64,
                   scene->transform->session_id);
}

static bool match_dialect_mismatch(const struct scene *scene, struct proof *proof)
{
    if (!connection_cannot_encrypt(scene->connection))
        return false;
    prove_transform(proof, scene);
    prove_encryption(proof, scene->connection);
    return true;
}

static const struct rule dialect_mismatch = {
    .id = "encryption.dialect_mismatch",
    .severity = ERROR,
    .confidence = CERTAIN,
    .events = ON_TRANSFORM,
    .match = match_dialect_mismatch,
    .summary =
        "A message is encrypted although NEGOTIATE agreed on no encryption, and servers hang up",
    .headline = "A message is encrypted, though {dialect} with {server} agreed on no encryption",
    .cause =
        "A fault of the client: it encrypts with a dialect or without a cipher that allows it\n"
        "NEGOTIATE was altered on the way, so that both sides believe in different results",
    .next_step = "Capture on both sides, and compare NEGOTIATE byte by byte\n"
                 "Try another client, or a newer version of this one",
    .reference = DECRYPTING,
};

/* ---- encryption.before_session ---- */

/* Bindings count: the session itself may have been set up before the capture began. */
static bool has_logged_on(const struct connection *connection)
{
    for (const struct exchange *exchange = connection->first_exchange; exchange;
         exchange = exchange->next) {
        if (exchange->command == SMB2_SESSION_SETUP && exchange_answered(exchange) &&
            exchange->status == STATUS_SUCCESS)
            return true;
    }
    return false;
}

static bool match_before_session(const struct scene *scene, struct proof *proof)
{
    if (connection_cannot_encrypt(scene->connection) || has_logged_on(scene->connection))
        return false;
    prove_transform(proof, scene);
    return true;
}

static const struct rule before_session = {
    .id = "encryption.before_session",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_TRANSFORM,
    .match = match_before_session,
    .absence = true,
    .summary =
        "An encrypted message came before any logon: there is no key for it, and servers hang up",
    .headline = "Encrypted message before any logon to {server}",
    .cause =
        "A fault of the client, or a client that goes on with a session of an earlier connection",
    .next_step = "Look at the client's earlier connections for that session id\n"
                 "Try another client, or a newer version of this one",
    .reference = DECRYPTING,
};

/* ---- encryption.unknown_session ---- */

static bool is_session_here(const struct scene *scene)
{
    const struct connection *connection = scene->connection;

    for (unsigned i = 0; i < connection->session_count; i++)
        if (connection->sessions[i] == scene->session)
            return true;
    return false;
}

/* Id 0 is no session's: clients of impacket send it, and leave, when they have logged off. */
static bool match_unknown_session(const struct scene *scene, struct proof *proof)
{
    if (scene->transform->session_id == 0 || connection_cannot_encrypt(scene->connection) ||
        !has_logged_on(scene->connection) || (scene->session && is_session_here(scene)))
        return false;
    prove_transform(proof, scene);
    if (scene->connection->session)
        proof_value_in(proof, &scene->connection->session->valid_since,
                       "Session of this connection", "0x%016" PRIx64,
                       scene->connection->session->id);
    return true;
}

static const struct rule unknown_session = {
    .id = "encryption.unknown_session",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_TRANSFORM,
    .match = match_unknown_session,
    .absence = true,
    .summary = "An encrypted message names a session that was not set up here, and servers hang up",
    .headline = "Encrypted message of the unknown session {=Session id of the encrypted message}",
    .cause = "The client uses a session of another connection without binding it to this one\n"
             "A fault of the client",
    .next_step =
        "Look for that session id on other connections of the client: was the binding refused?\n"
        "Try without multichannel: Set-SmbClientConfiguration -EnableMultiChannel $false",
    .reference = DECRYPTING,
};

/* ---- encryption.on_guest ---- */

#define HUNG_UP_SECONDS 2

/* Windows servers go on (product note of 3.3.5.2.1.1): only a close right after tells that it
 * mattered. */
static bool match_on_guest(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const struct sighting encrypted = connection_first_encrypted(connection, scene->session);

    if (!encrypted.frame || connection->closed_by != SERVER ||
        (!session_is_guest(scene->session) && !session_is_anonymous(scene->session)) ||
        sighting_interval(&encrypted, &scene->now) > HUNG_UP_SECONDS * NANOSECONDS_PER_SECOND)
        return false;
    proof->about = encrypted;
    proof->related = scene->session->valid_since;
    prove_user(proof, scene->session);
    proof_frame(proof, "Encrypted message", &encrypted);
    return true;
}

static const struct rule on_guest = {
    .id = "encryption.on_guest",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .match = match_on_guest,
    .absence = true,
    .summary = "A guest or anonymous session has no key to encrypt with; the server hung up on an "
               "encrypted message",
    .headline = "{server} hung up on an encrypted message of a guest or anonymous session",
    .cause =
        MADE_A_GUEST "The client wants encryption, or was asked for it, and the session has no "
                     "key",
    .next_step =
        LOG_ON_AS_USER "Samba: testparm -s, option map to guest\n"
                       "Does the client insist on encryption? Get-SmbClientConfiguration | fl "
                       "RequireEncryption" SINCE_24H2,
    .reference = DECRYPTING,
};

const struct rule_list encryption_rules = {
    .blocks = (const struct rule *const[]){&required_unencrypted_request, &dialect_mismatch,
                                           &before_session, &unknown_session, &on_guest, NULL},
};
