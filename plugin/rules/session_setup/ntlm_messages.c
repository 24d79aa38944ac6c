/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: what NTLM messages offer, and what servers and clients do not take ([MS-NLMP]
 * 2.2.1, 3.1.5, 3.3).
 */
#include "facts.h"
#include "../facts.h"

#define REFERENCE_AUTHENTICATE_MESSAGE "[MS-NLMP] 2.2.1.3 AUTHENTICATE_MESSAGE"
#define REFERENCE_NTLMV1 "[MS-NLMP] 3.3.1 NTLM v1 Authentication"

/* ---- session_setup.ntlmv1_refused ---- */

static bool is_old_logon(const struct scene *scene)
{
    const struct session *session = scene->session;

    return request_token_is(scene->exchange, TOKEN_NTLM_AUTHENTICATE) && session &&
           session->authenticate && !session_is_anonymous(session) &&
           ntlm_is_old(session->authenticate);
}

/* A server that takes it from others refuses something else. */
static bool match_ntlmv1_refused(const struct scene *scene, struct proof *proof)
{
    const struct server *server = connection_server(scene->connection);

    return is_old_logon(scene) && !(server && server->ntlmv1_taken.frame) &&
           match_refused_logon(scene, proof);
}

const struct rule session_setup_ntlmv1_refused = {
    .id = "session_setup.ntlmv1_refused",
    .severity = ERROR,
    .weighs = AS_NOTE | AS_WARNING,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses = (const uint32_t[]){STATUS_LOGON_FAILURE, STATUS_WRONG_PASSWORD, 0},
    .match = match_ntlmv1_refused,
    .summary = "The server refuses a logon by NTLMv1 or LM, which many servers do not take",
    .headline = "{user}: logon by {=NTLM version} refused by {server}",
    .cause = "The server, or the domain controller that it asks, takes NTLMv2 only (Windows: "
             "LmCompatibilityLevel 5; Samba: ntlm auth = ntlmv2-only, the default)\n"
             "Wrong password or unknown user: servers answer both with this status",
    .others =
        "{?SAME USER HERE}The same user's logon from another host is accepted: compare its version "
        "of NTLM\n"
        "{?SAME USER}Another server accepts the same user's logon: compare its version of "
        "NTLM\n"
        "{?OTHER LOGON}Another logon succeeds at this server: compare its version of NTLM",
    .next_step =
        "Let the client use NTLMv2: LmCompatibilityLevel 3 or higher under "
        "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa; Samba: client ntlmv2 auth = yes; Linux "
        "mount: sec=ntlmsspi; devices: newer firmware\n"
        "Try the same user and password from a client with NTLMv2: smbclient -L {SERVER} -U "
        "{USER}\n"
        "On the server: reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v "
        "LmCompatibilityLevel, on domain controllers, too; testparm -v | grep 'ntlm auth'\n"
        "Do not lower it on the server: the password's hash can be computed from an NTLMv1 logon",
    .reference = REFERENCE_NTLMV1 "\n" REFERENCE_AUTHENTICATE_MESSAGE,
};

/* ---- session_setup.ntlmv1_accepted ---- */

static bool match_ntlmv1_accepted(const struct scene *scene, struct proof *proof)
{
    if (scene->exchange->status != STATUS_SUCCESS || !is_old_logon(scene) ||
        session_is_guest(scene->session))
        return false;
    prove_logon(scene, proof);
    return true;
}

static const struct rule ntlmv1_accepted = {
    .id = "session_setup.ntlmv1_accepted",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_ntlmv1_accepted,
    .summary =
        "The server takes NTLMv1 or LM: the password's hash can be computed from such a logon",
    .headline = "{user}: logon by {=NTLM version} accepted by {server}",
    .cause = "The client is old or set to NTLMv1 (LmCompatibilityLevel below 3; Samba: client "
             "ntlmv2 auth = no), and the server still takes it\n"
             "The responses rest on DES: who has the logon in a capture can compute the password's "
             "hash",
    .next_step =
        "Let the client use NTLMv2: LmCompatibilityLevel 3 or higher; Samba: client ntlmv2 auth = "
        "yes; devices: newer firmware\n"
        "Then let the server and the domain controllers refuse it: LmCompatibilityLevel 5; Samba: "
        "ntlm auth = ntlmv2-only",
    .reference = REFERENCE_NTLMV1 "\n" REFERENCE_AUTHENTICATE_MESSAGE,
};

/* ---- session_setup.challenge_without_signing ---- */

/* Samba goes on without it; [MS-NLMP] 3.1.5.1.2 leaves it to the client's policy. */

static const struct ntlm_token *token_of(const struct content *content, enum token_kind kind)
{
    return content && content->token && content->token->kind == kind ? &content->token->ntlm : NULL;
}

static bool signs(const struct ntlm_token *ntlm)
{
    return ntlm->flags & NTLMSSP_NEGOTIATE_SIGN;
}

static bool match_challenge_without_signing(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct ntlm_token *offer = token_of(exchange->asked, TOKEN_NTLM_NEGOTIATE);
    const struct ntlm_token *challenge = token_of(exchange->answer, TOKEN_NTLM_CHALLENGE);

    if (!client_left_after(scene) || !offer || !challenge || !challenge->flags || !signs(offer) ||
        signs(challenge) || !scene->session || !scene->session->client_requires_signing)
        return false;
    prove_logon(scene, proof);
    proof_value_in(proof, &exchange->request, "NTLMSSP_NEGOTIATE_SIGN asked for", "yes");
    proof_value_in(proof, &exchange->response, "NTLMSSP_NEGOTIATE_SIGN in the challenge", "no");
    return true;
}

static const struct rule challenge_without_signing = {
    .id = "session_setup.challenge_without_signing",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_challenge_without_signing,
    .absence = true,
    .summary = "The server's NTLM challenge grants no signing; the client requires it, and left",
    .headline = "{server} grants no signing in its NTLM challenge; {client} left",
    .cause = "The server's NTLM is incomplete: a third-party or embedded server, or an old version "
             "of it\n"
             "A device on the path altered the challenge",
    .next_step = "Update the server's software or firmware\n"
                 "Capture on the server as well: does the challenge leave it like this?\n"
                 "Use Kerberos, if the server has it: its name instead of its address",
    .reference = "[MS-NLMP] 3.1.5.1.2 Client Receives a CHALLENGE_MESSAGE from the Server\n"
                 "[MS-NLMP] 2.2.2.5 NEGOTIATE",
};

const struct rule_list session_setup_ntlm_message_rules = {
    .blocks = (const struct rule *const[]){&session_setup_ntlmv1_refused, &ntlmv1_accepted,
                                           &challenge_without_signing, NULL},
};
