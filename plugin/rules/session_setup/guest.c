/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: logons that succeed for a guest or for nobody ([MS-SMB2] 2.2.6, 3.2.5.3.1).
 */
#include "facts.h"
#include "../advice.h"

static bool is_guest_logon(const struct scene *scene)
{
    return exchange_is_new_logon(scene->exchange) && session_is_guest(scene->session);
}

/* Somebody else than a guest was meant. */
static bool named_user(const struct session *session)
{
    const struct ntlm_token *ntlm = session->authenticate;

    return session->ticket || (ntlm && ntlm->user && *ntlm->user && !ntlm->anonymous &&
                               g_ascii_strcasecmp(ntlm->user, "guest") != 0);
}

#define REJECTION_SECONDS 2

/* What the client did once it was a guest is to leave. */
static bool left_as_guest(const struct scene *scene)
{
    const struct connection *connection = scene->connection;

    return connection->closed_by == CLIENT && !connection->tree_connected &&
           !connection->first_use && !connection->first_transform &&
           sighting_interval(&scene->exchange->response, &scene->now) <=
               REJECTION_SECONDS * NANOSECONDS_PER_SECOND;
}

/* ---- session_setup.guest_vs_signing ---- */

/* Many clients go on unsigned: only one that leaves was lost by it. */
static void weigh_guest_vs_signing(const struct scene *scene, struct proof *proof)
{
    if (scene->event == ON_RESPONSE)
        proof_at_most(proof, named_user(scene->session) ? WARNING : NOTE);
    else
        proof_interval(proof, "Closed after",
                       sighting_interval(&scene->exchange->response, &scene->now));
}

static bool match_guest_vs_signing(const struct scene *scene, struct proof *proof)
{
    if (!exchange_answered(scene->exchange) || scene->exchange->status != STATUS_SUCCESS ||
        !is_guest_logon(scene) || !scene->session->client_requires_signing)
        return false;
    if (scene->event == ON_CLOSE &&
        (!left_as_guest(scene) || !connection_absence_is_proof(scene->connection)))
        return false;
    weigh_guest_vs_signing(scene, proof);
    prove_logon(scene, proof);
    proof_value_in(proof, &scene->exchange->response, "Session flags", "%s",
                   session_flags_text(scene->session->flags, proof->scope));
    proof_value_in(proof, &scene->exchange->request, "Client's signing", "required");
    return true;
}

static const struct rule guest_vs_signing = {
    .id = "session_setup.guest_vs_signing",
    .severity = ERROR,
    .weighs = AS_NOTE | AS_WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_guest_vs_signing,
    .prelude = true,
    .summary = "The server logs the user on as guest, but the client requires signing, which "
               "guests lack",
    .headline = "{user}: made a guest by {server}, but the client requires signing",
    .cause = MADE_A_GUEST
    "The server offers guest access only, as many NAS, routers and printers "
    "do\n"
    "Windows 11 24H2 (not Home) and Server 2025 require signing by default; users see "
    "0x80070035, or \"security policies block unauthenticated guest access\"",
    .next_step = LOG_ON_AS_USER
    "On Samba: testparm -v | grep 'map to guest', pdbedit -L\n"
    "A device with guest access only: make an account on it, or update its firmware\n"
    "As a last resort, with the risk of altered data: Set-SmbClientConfiguration "
    "-RequireSecuritySignature $false -EnableInsecureGuestLogons $true",
    .reference = REFERENCE_NEW_LOGON,
};

/* ---- session_setup.guest_rejected ---- */

static bool match_guest_rejected(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!exchange_answered(exchange) || exchange->status != STATUS_SUCCESS ||
        !is_guest_logon(scene) || !named_user(scene->session) ||
        scene->session->client_requires_signing || !left_as_guest(scene))
        return false;
    prove_logon(scene, proof);
    proof_interval(proof, "Closed after", sighting_interval(&exchange->response, &scene->now));
    return true;
}

static const struct rule guest_rejected = {
    .id = "session_setup.guest_rejected",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_guest_rejected,
    .absence = true,
    .summary = "The server logged the user on as guest, and the client left at once",
    .headline = "{user}: made a guest by {server}, and the client left",
    .cause =
        "The client refuses insecure guest logons, as Windows does by default (not 10 Home and "
        "Pro): error 0x80070035, 1272 or 53, \"security policies block unauthenticated guest "
        "access\"\n" MADE_A_GUEST "The server offers guest access only, as many NAS, "
        "routers and printers do",
    .next_step = LOG_ON_AS_USER
    "On the client: event 31017 of SmbClient/Security; Get-SmbClientConfiguration | fl "
    "EnableInsecureGuestLogons\n"
    "A device with guest access only: make an account on it, or update its firmware\n"
    "As a last resort, with the risk of altered data: Set-SmbClientConfiguration "
    "-EnableInsecureGuestLogons $true",
    .reference = REFERENCE_NEW_LOGON,
};

/* ---- session_setup.guest ---- */

static bool match_guest(const struct scene *scene, struct proof *proof)
{
    if (scene->exchange->status != STATUS_SUCCESS || !is_guest_logon(scene) ||
        session_is_anonymous(scene->session) || scene->session->client_requires_signing)
        return false;
    prove_logon(scene, proof);
    proof_value_in(proof, &scene->exchange->response, "Session flags", "%s",
                   session_flags_text(scene->session->flags, proof->scope));
    if (!named_user(scene->session))
        proof->severity = NOTE;
    return true;
}

static const struct rule guest = {
    .id = "session_setup.guest",
    .severity = WARNING,
    .weighs = AS_NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_guest,
    .prelude = true,
    .summary = "The server logs the user on as guest: no signing, no encryption, no certainty who "
               "answers",
    .headline = "{user}: made a guest by {server}",
    .cause = MADE_A_GUEST "The server offers guest access only, as many NAS, routers and printers "
                          "do",
    .next_step = LOG_ON_AS_USER
    "On Samba: testparm -v | grep 'map to guest', pdbedit -L\n"
    "Windows clients refuse this by default (not 10 Home and Pro): Get-SmbClientConfiguration | "
    "fl EnableInsecureGuestLogons",
    .reference = "[MS-SMB2] 2.2.6 SMB2 SESSION_SETUP Response\n" REFERENCE_NEW_LOGON,
};

/* ---- session_setup.anonymous ---- */

static bool match_anonymous(const struct scene *scene, struct proof *proof)
{
    if (scene->exchange->status != STATUS_SUCCESS || !exchange_is_new_logon(scene->exchange) ||
        !session_is_anonymous(scene->session))
        return false;
    prove_logon(scene, proof);
    if (scene->session->flags_known)
        proof_value_in(proof, &scene->exchange->response, "Session flags", "%s",
                       session_flags_text(scene->session->flags, proof->scope));
    return true;
}

static const struct rule anonymous = {
    .id = "session_setup.anonymous",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_anonymous,
    .prelude = true,
    .summary = "The logon is anonymous: no user stands behind this session",
    .headline = "Anonymous logon to {server}",
    .cause = "By design: browsing, name look-ups and tests start this way\n"
             "The client has no credentials for this server",
    .next_step = "If a user was meant: net use \\\\{SERVER}\\{SHARE} /user:{DOMAIN\\}\\USER, or "
                 "smbclient -U USER",
    .reference = "[MS-SMB2] 2.2.6 SMB2 SESSION_SETUP Response",
};

const struct rule_list session_setup_guest_rules = {
    .blocks =
        (const struct rule *const[]){&guest_vs_signing, &guest_rejected, &guest, &anonymous, NULL},
};
