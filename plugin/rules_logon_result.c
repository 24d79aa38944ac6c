/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: logons that succeed, but not as they should: guest, anonymous, unsigned.
 */
#include "logon.h"

#define REFERENCE_CLIENT "[MS-SMB2] 3.2.5.3.1 Handling a New Authentication"

static bool is_new_logon(const struct scene *scene)
{
    return scene->session && !logon_is_binding(scene->exchange) && !logon_is_renewal(scene->exchange);
}

/* Somebody else than a guest was meant. */
static bool named_user(const struct session *session)
{
    const struct ntlm_token *ntlm = session->authenticate;

    return session->ticket || (ntlm && ntlm->user && *ntlm->user && !ntlm->anonymous &&
                               g_ascii_strcasecmp(ntlm->user, "guest") != 0);
}

static bool is_guest_logon(const struct scene *scene)
{
    return is_new_logon(scene) && session_is_guest(scene->session);
}

/* ---- session_setup.guest_vs_signing ---- */

static bool match_guest_vs_signing(const struct scene *scene, struct proof *proof)
{
    if (scene->exchange->status != STATUS_SUCCESS || !is_guest_logon(scene) ||
        !scene->session->client_requires_signing)
        return false;
    prove_logon(scene, proof);
    proof_value_in(proof, &scene->exchange->response, "Session flags", "0x%04x (guest)",
                   scene->session->flags);
    proof_value_in(proof, &scene->exchange->request, "Client's signing", "required");
    return true;
}

static const struct rule guest_vs_signing = {
    .id = "session_setup.guest_vs_signing",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .command = SMB2_SESSION_SETUP,
    .match = match_guest_vs_signing,
    .summary = "The server logs the user on as guest, but the client requires signing, which guests lack",
    .cause = "User name or password are wrong, and the server takes such users for guests (Samba: map to "
             "guest)\n"
             "The server has no account for this user and offers guest access only",
    .next_step = "Log on with an account of the server: net use \\\\SERVER\\SHARE /user:SERVER\\USER\n"
                 "On Samba: testparm -v | grep 'map to guest', pdbedit -L\n"
                 "As a last resort, with the risk of altered data: Set-SmbClientConfiguration "
                 "-RequireSecuritySignature $false -EnableInsecureGuestLogons $true",
    .reference = REFERENCE_CLIENT,
};

/* ---- session_setup.guest_rejected ---- */

#define REJECTION_SECONDS 2

static bool match_guest_rejected(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct connection *connection = scene->connection;
    const int64_t after = sighting_interval(&exchange->response, &scene->now);

    if (!exchange_answered(exchange) || exchange->status != STATUS_SUCCESS || !is_guest_logon(scene) ||
        !named_user(scene->session) || scene->session->client_requires_signing ||
        connection->closed_by != CLIENT || connection->tree_connected ||
        connection->first_use.frame || after > REJECTION_SECONDS * NANOSECONDS_PER_SECOND)
        return false;
    prove_logon(scene, proof);
    proof_interval(proof, "Closed after", after);
    return true;
}

static const struct rule guest_rejected = {
    .id = "session_setup.guest_rejected",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .command = SMB2_SESSION_SETUP,
    .match = match_guest_rejected,
    .absence = true,
    .summary = "The server logged the user on as guest, and the client left at once",
    .cause = "The client refuses insecure guest logons, as Windows does by default (error 0x80070035, 1272 "
             "or 53)\n"
             "User name or password are wrong, and the server takes such users for guests (Samba: map to "
             "guest)",
    .next_step = "Log on with an account of the server: net use \\\\SERVER\\SHARE /user:SERVER\\USER\n"
                 "On the client: event 31017 of SmbClient/Security; Get-SmbClientConfiguration | fl "
                 "EnableInsecureGuestLogons\n"
                 "As a last resort, with the risk of altered data: Set-SmbClientConfiguration "
                 "-EnableInsecureGuestLogons $true",
    .reference = REFERENCE_CLIENT,
};

/* ---- session_setup.guest ---- */

static bool match_guest(const struct scene *scene, struct proof *proof)
{
    if (scene->exchange->status != STATUS_SUCCESS || !is_guest_logon(scene) ||
        session_is_anonymous(scene->session) || scene->session->client_requires_signing)
        return false;
    prove_logon(scene, proof);
    proof_value_in(proof, &scene->exchange->response, "Session flags", "0x%04x (guest)",
                   scene->session->flags);
    if (!named_user(scene->session))
        proof->severity = NOTE;
    return true;
}

static const struct rule guest = {
    .id = "session_setup.guest",
    .severity = WARNING,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_SESSION_SETUP,
    .match = match_guest,
    .summary = "The server logs the user on as guest: no signing, no encryption, no certainty who answers",
    .cause = "User name or password are wrong, and the server takes such users for guests (Samba: map to "
             "guest)\n"
             "The server offers guest access only",
    .next_step = "Log on with an account of the server: net use \\\\SERVER\\SHARE /user:SERVER\\USER\n"
                 "On Samba: testparm -v | grep 'map to guest', pdbedit -L\n"
                 "Windows clients refuse this by default: Get-SmbClientConfiguration | fl "
                 "EnableInsecureGuestLogons",
    .reference = "[MS-SMB2] 2.2.6 SMB2 SESSION_SETUP Response\n" REFERENCE_CLIENT,
};

/* ---- session_setup.anonymous ---- */

static bool match_anonymous(const struct scene *scene, struct proof *proof)
{
    if (scene->exchange->status != STATUS_SUCCESS || !is_new_logon(scene) ||
        !session_is_anonymous(scene->session))
        return false;
    prove_logon(scene, proof);
    if (scene->session->flags_known)
        proof_value_in(proof, &scene->exchange->response, "Session flags", "0x%04x",
                       scene->session->flags);
    return true;
}

static const struct rule anonymous = {
    .id = "session_setup.anonymous",
    .severity = NOTE,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_SESSION_SETUP,
    .match = match_anonymous,
    .summary = "The logon is anonymous: no user stands behind this session",
    .cause = "By design: browsing, name look-ups and tests start this way\n"
             "The client has no credentials for this server",
    .next_step = "If a user was meant: net use \\\\SERVER\\SHARE /user:DOMAIN\\USER, or smbclient -U USER",
    .reference = "[MS-SMB2] 2.2.6 SMB2 SESSION_SETUP Response",
};

/* ---- session_setup.final_unsigned ---- */

/* A guest or nobody has no key to sign with; who it is has to be known before that can be excluded. */
static bool has_key(const struct session *session)
{
    return session->flags_known && !session_is_guest(session) && !session_is_anonymous(session) &&
           (session->authenticate || session->ticket);
}

static bool match_final_unsigned(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const char *dialect = dialect_name(scene->connection->dialect);

    if (exchange->status != STATUS_SUCCESS || !is_new_logon(scene) || !has_key(scene->session) ||
        exchange->response_signed || exchange->response_encrypted || !dialect)
        return false;
    proof_value_in(proof, &scene->connection->agreed->response, "Dialect", "%s", dialect);
    proof_value_in(proof, &exchange->response, "SMB2_FLAGS_SIGNED", "not set");
    prove_logon(scene, proof);
    if (scene->connection->dialect != DIALECT_3_1_1)
        proof->severity = NOTE;
    return true;
}

static const struct rule final_unsigned = {
    .id = "session_setup.final_unsigned",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_SESSION_SETUP,
    .match = match_final_unsigned,
    .summary = "The final SESSION_SETUP response is not signed; in SMB 3.1.1 the client has to fail then",
    .cause = "A device on the path answers in the server's place or takes the signature off\n"
             "The server is an older or third-party device that does not sign this response; before SMB "
             "3.1.1, clients accept that",
    .next_step = "Capture on the server as well: does it sign this response?\n"
                 "Take devices that look into or speed up SMB (WAN accelerator, firewall) out of the path\n"
                 "Check that SMB signing works with this server: Get-SmbServerConfiguration | fl "
                 "*Signature*, or testparm -v | grep 'server signing'; update third-party devices",
    .reference = REFERENCE_CLIENT "\n" REFERENCE_LOGON,
};

const struct rule *const logon_result_rules[] = {
    &guest_vs_signing, &guest_rejected, &guest, &anonymous, &final_unsigned, NULL,
};
