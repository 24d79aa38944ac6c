/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * signing: whether the messages of the set-up are signed where they have to be, [MS-SMB2] 3.3.5.2.4
 * and 3.2.5.1.3. SESSION_SETUP and validate-negotiate have rules of their own.
 */
#include "advice.h"
#include "facts.h"
#include "lists.h"
#include "tree_connect/facts.h"

#define VERIFYING_THE_SIGNATURE "[MS-SMB2] 3.3.5.2.4 Verifying the Signature"

static const char *required_by(const struct session *session)
{
    const bool server = connection_server_requires_signing(session->connection);

    if (session->client_requires_signing)
        return server ? "client and server" : "the client";
    return "the server";
}

/* ---- signing.required_unsigned_request ---- */

static bool match_required_unsigned_request(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!exchange->request.frame || request_is_protected(exchange) ||
        !session_is_users(scene->session) || !session_signing_required(scene->session))
        return false;
    if (exchange->command == SMB2_TREE_CONNECT && scene->connection->dialect == DIALECT_3_1_1)
        return false; /* tree_connect.unsigned_311 */
    proof->about = exchange->request;
    proof->related = exchange->response;
    prove_user(proof, scene->session);
    proof_words(proof, "Signing required by", required_by(scene->session));
    prove_signatures(proof, exchange);
    return true;
}

static const struct rule required_unsigned_request = {
    .id = "signing.required_unsigned_request",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT | FOR_CREATE,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_required_unsigned_request,
    .summary = "Signing is required, and the server denied a request that is not signed",
    .headline = "{client} does not sign a request that has to be signed",
    .cause = "The client does not sign although the session requires it: a fault or a setting of "
             "the client\n"
             "A device on the path took the signature off",
    .next_step = "Capture on both sides: is the request signed when it leaves the client?\n"
                 "On the client: Get-SmbClientConfiguration | fl "
                 "EnableSecuritySignature,RequireSecuritySignature\n"
                 "Old third-party clients: update, or see whether they can sign at all",
    .reference = VERIFYING_THE_SIGNATURE,
};

/* ---- signing.unsigned_response ---- */

/* Without the session the server has no key. */
static bool has_no_key(const struct exchange *exchange)
{
    return exchange->status == STATUS_USER_SESSION_DELETED;
}

static bool is_unsigned_answer(const struct exchange *exchange)
{
    return exchange_answered(exchange) && exchange->request_signed &&
           !exchange->request_encrypted && !exchange->response_signed &&
           !exchange->response_encrypted && !has_no_key(exchange);
}

#define LEAVES_WITHIN (1 * NANOSECONDS_PER_SECOND)

/* That it minds is shown by what it does: not one byte more, where no other error explains it. */
static bool left_at_the_answer(const struct scene *scene)
{
    return scene->exchange->command == SMB2_TREE_CONNECT && client_left_after(scene) &&
           sighting_interval(&scene->exchange->response, &scene->now) <= LEAVES_WITHIN &&
           !exchange_has_error(scene->exchange) && connection_absence_is_proof(scene->connection);
}

static void weigh_unsigned_response(const struct scene *scene, struct proof *proof)
{
    if (session_signing_required(scene->session)) {
        proof_words(proof, "Signing required by", required_by(scene->session));
        return;
    }
    proof->confidence = LIKELY;
    if (scene->event == ON_RESPONSE)
        proof_at_most(proof, NOTE);
    else
        proof_interval(proof, "The client left after",
                       sighting_interval(&scene->exchange->response, &scene->now));
}

static bool match_unsigned_response(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_unsigned_answer(exchange) || !session_is_users(scene->session) ||
        (scene->event == ON_CLOSE && !left_at_the_answer(scene)))
        return false;
    weigh_unsigned_response(scene, proof);
    if (exchange->command == SMB2_CREATE)
        proof->confidence = LIKELY;
    prove_signatures(proof, exchange);
    return true;
}

static const struct rule unsigned_response = {
    .id = "signing.unsigned_response",
    .severity = ERROR,
    .weighs = AS_NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_TREE_CONNECT | FOR_CREATE,
    .match = match_unsigned_response,
    .summary =
        "The answer to a signed request is not signed; clients that require signing discard it",
    .headline = "{server} does not sign its answer to a signed request",
    .cause = "The answer was altered or made up on the way; what it says cannot be trusted\n"
             "The server's signing is faulty: old third-party devices\n"
             "Windows Server 2012 or 2012 R2 with EncryptData, without RejectUnencryptedAccess and "
             "without update KB2976995",
    .next_step = "Capture on the server: is the answer signed when it leaves it?\n"
                 "Take SMB out of the WAN accelerator\n"
                 "Make sure that SMB signing works, above all with older third-party devices: "
                 "update the server's software",
    .reference =
        "[MS-SMB2] 3.3.4.1.1 Signing the Message\n[MS-SMB2] 3.2.5.1.3 Verifying the Signature",
};

/* ---- signing.signed_request_denied ---- */

/* A server refuses a wrong signature and a user without rights with the same answer. That not one
 * signed request of the session was accepted is a hint; that IPC$, which is open to every user, was
 * not either is a stronger one. */
static bool match_signed_request_denied(const struct scene *scene, struct proof *proof)
{
    const enum denial denial = tree_denial(scene);
    const unsigned count = signed_requests_denied(scene);

    if (!session_is_users(scene->session) || !connection_absence_is_proof(scene->connection) ||
        count == 0 ||
        (count > 1 ? denial != DENIED_IPC && denial != DENIED_RIGHTS : denial != DENIED_RIGHTS))
        return false;
    if (count > 1 && connection_finding(scene->connection, &tree_connect_ipc_denied))
        proof->severity = ERROR;
    prove_share(proof, scene);
    proof_value(proof, "Signed requests of the session so far", "%u, all denied", count);
    return true;
}

static const struct rule signed_request_denied = {
    .id = "signing.signed_request_denied",
    .severity = NOTE,
    .weighs = AS_ERROR,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_signed_request_denied,
    .summary = "No signed request of this session was accepted: the signature itself may be what "
               "is denied",
    .headline = "Signed requests of {user}: {=Signed requests of the session so far}",
    .cause = "Client and server derived different keys: faulty client library, or NEGOTIATE or "
             "SESSION_SETUP altered on the way (SMB 3.1.1 mixes both into the key)\n"
             "A device on the path altered the request\n"
             "The user has no right to any share of this server, IPC$ included (Samba: valid users "
             "or hosts allow in [global])",
    .next_step = "Capture on both sides, and compare the messages byte by byte from NEGOTIATE on\n"
                 "Take SMB out of the WAN accelerator\n"
                 "Try the same user and share with another client: if that works, the signature is "
                 "the cause",
    .reference = VERIFYING_THE_SIGNATURE,
};

/* ---- signing.guest_request_signed ---- */

/* A guest's key comes from a password that the server does not have: the signature cannot be right.
 * Nobody's key may be known to both. */
static bool match_guest_request_signed(const struct scene *scene, struct proof *proof)
{
    const unsigned count = signed_requests_denied(scene);

    if (tree_denial(scene) != DENIED_GUEST_SIGNING)
        return false;
    if (!session_is_guest(scene->session) && count < 2)
        proof->confidence = POSSIBLE;
    prove_share(proof, scene);
    prove_user(proof, scene->session);
    prove_signatures(proof, scene->exchange);
    proof_value(proof, "Signed requests of the session so far", "%u, all denied", count);
    return true;
}

static const struct rule guest_request_signed = {
    .id = "signing.guest_request_signed",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, STATUS_NOT_SUPPORTED, 0},
    .match = match_guest_request_signed,
    .summary = "The client signs on a guest's or anonymous session, and the server denies what is "
               "signed",
    .headline = "{user}: a guest of {server} whose signed requests are denied|{server} denies what "
                "its guest signs",
    .cause =
        MADE_A_GUEST "The client requires signing, as Windows 11 24H2 (not Home) and Server 2025 "
                     "do by default: no server can check what a guest signs\n"
                     "The client's SMB library signs although the session is a guest's\n"
                     "The share is closed to guests and anonymous users",
    .next_step = LOG_ON_AS_USER
    "On Samba: testparm -v | grep 'map to guest', and pdbedit -L for the accounts\n"
    "As a last resort, with the risk of altered data: Set-SmbClientConfiguration "
    "-RequireSecuritySignature $false -EnableInsecureGuestLogons $true",
    .reference = VERIFYING_THE_SIGNATURE "\n[MS-SMB2] 3.2.4.1.1 Signing the Message",
};

/* ---- signing.user_session_deleted ---- */

static bool match_user_session_deleted(const struct scene *scene, struct proof *proof)
{
    const struct session *session = scene->session;

    if (scene->exchange ? scene->exchange->command != SMB2_CREATE
                        : scene->header->status != STATUS_USER_SESSION_DELETED)
        return false;
    if (scene->connection->ended_orderly || (session && session->state == SESSION_ENDED))
        return false;
    if (session)
        proof_frame(proof, "Session set up in", &session->valid_since);
    return true;
}

static const struct rule user_session_deleted = {
    .id = "signing.user_session_deleted",
    .severity = NOTE,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_OTHER_REFUSAL,
    .statuses = (const uint32_t[]){STATUS_USER_SESSION_DELETED, 0},
    .match = match_user_session_deleted,
    .summary =
        "The server does not know the session any more, and has no key to sign or check with",
    .headline = "{server} does not know the session any more",
    .cause = "The session was ended on the server: closed by an administrator, service restart, "
             "failover, the same client logged on again\n"
             "The client uses a session id of another connection",
    .next_step =
        "On the server: Get-SmbSession, and the event log for a restart or failover at that time\n"
        "The client should log on again: look for the next SESSION_SETUP",
    .reference = VERIFYING_THE_SIGNATURE "\n" VERIFYING_THE_SESSION,
};

/* ---- signing.not_in_use ---- */

static bool match_not_in_use(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const struct exchange *agreed = connection->agreed;
    const struct negotiate_request *offer = agreed_offer(connection);
    const struct negotiate_response *choice = agreed_choice(connection);

    if (scene->exchange->status != STATUS_SUCCESS || !offer || !choice ||
        share_is_ipc(scene->tree) || !scene->tree || scene->tree->encrypt_data ||
        !session_is_users(scene->session) || session_is_encrypted(scene->session) ||
        session_signing_required(scene->session) || connection_finding(connection, proof->rule))
        return false;
    proof_value_in(proof, &agreed->request, "Client's security mode", "%s",
                   security_mode_text(offer->security_mode, proof->scope));
    proof_value_in(proof, &agreed->response, "Server's security mode", "%s",
                   security_mode_text(choice->security_mode, proof->scope));
    return true;
}

static const struct rule not_in_use = {
    .id = "signing.not_in_use",
    .severity = CHAT,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .match = match_not_in_use,
    .summary =
        "Neither side requires signing and the share is not encrypted: open to tampering and relay",
    .headline = "Neither {client} nor {server} requires signing",
    .cause = "Signing is enabled but not required on both sides; no failure comes of it",
    .next_step =
        "Require it on servers: Set-SmbServerConfiguration -RequireSecuritySignature $true\n"
        "Require it on clients: Set-SmbClientConfiguration -RequireSecuritySignature $true\n"
        "Samba: server signing = mandatory, client signing = required",
    .reference = "[MS-SMB2] 3.3.5.5.3 Handling GSS-API Authentication\n[MS-SMB2] 5.1 Security "
                 "Considerations for Implementers",
};

const struct rule_list signing_rules = {
    .blocks = (const struct rule *const[]){&required_unsigned_request, &unsigned_response,
                                           &signed_request_denied, &guest_request_signed,
                                           &user_session_deleted, &not_in_use, NULL},
};
