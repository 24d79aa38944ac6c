/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: the security packages break off, or disagree on the mechanism (RFC 4178 4.2.2,
 * [MS-SMB2] 3.3.5.5.3).
 */
#include "facts.h"
#include "../kerberos/facts.h"

/* ---- session_setup.krb_error ---- */

static bool match_krb_error(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct kerberos_message *error = response_kerberos_error(exchange);

    if (!error || kerberos_error_has_rule(error->error_code))
        return false;
    if (error->error_code >= 0)
        proof_value_in(proof, &exchange->response, "KRB-ERROR", "%s",
                       kerberos_error_text(error->error_code, proof->scope));
    if (error->error_text && *error->error_text)
        proof_value(proof, "Error text", "%s", error->error_text);
    prove_logon(scene, proof);
    if (exchange->status == STATUS_MORE_PROCESSING_REQUIRED) /* the client may try again */
        proof->severity = NOTE;
    return true;
}

static const struct rule krb_error = {
    .id = "session_setup.krb_error",
    .severity = ERROR,
    .weighs = AS_NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_krb_error,
    .summary = "The server answers the Kerberos ticket with an error",
    .headline = "{server} answers the ticket with {=KRB-ERROR}",
    .cause = "The Kerberos error in the evidence tells what the server's security package did not "
             "like about the ticket",
    .next_step = "Look the error code up in RFC 4120 7.5.9\n"
                 "On the client: klist purge, and try again with a new ticket\n"
                 "On the server: System log, source Kerberos; on Samba the log with log level 5",
    .reference = REFERENCE_LOGON "\n" REFERENCE_KERBEROS_ERRORS,
};

/* ---- session_setup.spnego_reject ---- */

static bool match_spnego_reject(const struct scene *scene, struct proof *proof)
{
    const struct token *token = response_token_of(scene->exchange);

    if (!token || !token->spnego || token->result != SPNEGO_REJECT ||
        response_kerberos_error(scene->exchange)) /* that tells more */
        return false;
    proof_value_in(proof, &scene->exchange->response, "negState", "reject");
    if (token->selected)
        proof_value(proof, "Mechanism chosen by the server", "%s", mechanism_name(token->selected));
    prove_logon(scene, proof);
    return true;
}

static const struct rule spnego_reject = {
    .id = "session_setup.spnego_reject",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_spnego_reject,
    .summary = "The server's SPNEGO answer says reject: the mechanism itself refused the logon",
    .headline = "{server} rejects {=Mechanism chosen by the server}|{server} rejects the logon",
    .cause = "The mechanism (NTLM, Kerberos) judged the token and refused it; the status tells "
             "why\n"
             "The server accepts none of the mechanisms that the client offers",
    .next_step = "Read it together with the status of the response\n"
                 "Compare the client's mechanisms with those in the server's NEGOTIATE response",
    .reference = "RFC 4178 4.2.2 negTokenResp\n" REFERENCE_LOGON,
};

/* ---- session_setup.mech_renegotiated ---- */

/* One mechanism under two numbers, [MS-SPNG] 3.1.5.2. */
static unsigned without_alias(unsigned mechanism)
{
    return mechanism == MECHANISM_MS_KERBEROS ? MECHANISM_KERBEROS : mechanism;
}

static bool match_mech_renegotiated(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct token *offer = request_token_of(exchange), *choice = response_token_of(exchange);

    if (!offer || !offer->first_offered || !choice || !choice->selected ||
        without_alias(offer->first_offered) == without_alias(choice->selected))
        return false;
    proof_difference(proof, "Mechanism preferred, and chosen", mechanism_name(offer->first_offered),
                     &exchange->request, mechanism_name(choice->selected), &exchange->response);
    proof_value_in(proof, &exchange->request, "Mechanisms offered by the client", "%s",
                   mechanism_names(offer->offered, proof->scope));
    return true;
}

static const struct rule mech_renegotiated = {
    .id = "session_setup.mech_renegotiated",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses = (const uint32_t[]){STATUS_MORE_PROCESSING_REQUIRED, 0},
    .match = match_mech_renegotiated,
    .summary = "The server chose another mechanism than the one that the client prefers",
    .headline = "{server} chose {=Mechanism preferred, and chosen/2} instead of {=Mechanism "
                "preferred, and chosen}",
    .cause = "The server does not have the preferred mechanism, or cannot use it at present "
             "(Kerberos without machine account or keytab)\n"
             "The client and the server disagree on the order; this costs one more round trip",
    .next_step = "If Kerberos was preferred: check the server's domain membership: "
                 "Test-ComputerSecureChannel, or net ads testjoin on Samba\n"
                 "Compare with the mechanisms in the server's NEGOTIATE response",
    .reference = "RFC 4178 4.2.2 negTokenResp\n"
                 "[MS-SPNG] 3.1.5.2 mechTypes Identification of Kerberos",
};

/* ---- session_setup.large_token ---- */

/* MaxTokenSize of Windows before 8 and Server 2012, and of what was tuned after it. */
#define LARGE_TOKEN 12000

static bool has_failed(const struct exchange *exchange)
{
    return exchange_is_open(exchange) ||
           (exchange_answered(exchange) && exchange->status != STATUS_SUCCESS &&
            exchange->status != STATUS_MORE_PROCESSING_REQUIRED);
}

/* Beside a failure only: most servers take them. */
static bool match_large_token(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct session_setup_request *request = session_setup_request_of(exchange->asked);

    if (!request || request->token_length <= LARGE_TOKEN || !has_failed(exchange))
        return false;
    proof->about = exchange->request;
    proof_value_in(proof, &exchange->request, "Size of the security token", "%u bytes",
                   request->token_length);
    prove_logon(scene, proof);
    return true;
}

static const struct rule large_token = {
    .id = "session_setup.large_token",
    .severity = CHAT,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE | ON_SILENCE,
    .commands = FOR_SESSION_SETUP,
    .match = match_large_token,
    .summary = "The failed logon came with a very large security token",
    .headline = "Security token of {=Size of the security token}: {user}|Security token of {=Size "
                "of the security token}",
    .cause = "The user is in very many groups, or has a long SID history: Kerberos tickets carry "
             "them all (MaxTokenSize: 12000 bytes before Windows 8 and Server 2012, 48000 since)\n"
             "Large tokens work with most servers: this need not be why it failed",
    .next_step = "Try a user with few groups: does that logon succeed?\n"
                 "Count them: whoami /groups on the client\n"
                 "Servers and devices that are not Windows: is there a limit on Kerberos tickets?",
    .reference = "[MS-SMB2] 2.2.5 SMB2 SESSION_SETUP Request\n[MS-PAC] 2.5 KERB_VALIDATION_INFO",
};

const struct rule_list session_setup_mechanism_rules = {
    .blocks = (const struct rule *const[]){&krb_error, &spnego_reject, &mech_renegotiated,
                                           &large_token, NULL},
};
