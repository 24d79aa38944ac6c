/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * validate_negotiate: validations that are malformed, out of place, out of sight, or not there.
 * [MS-SMB2] 3.2.5.5, 3.3.5.15, 3.3.5.15.12.
 */
#include "facts.h"
#include "../lists.h"

#define VALIDATE_REQUEST_FIXED 24 /* [MS-SMB2] 2.2.31.4 up to the dialects */
#define VALIDATE_RESPONSE_SIZE 24 /* [MS-SMB2] 2.2.32.6 */

static bool was_let_pass(const struct scene *scene)
{
    return scene->event == ON_RESPONSE && scene->exchange->status == STATUS_SUCCESS;
}

/* ---- validate_negotiate.on_311 ---- */

static bool match_on_311(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;

    if (!is_validation(scene->exchange) || connection->dialect != DIALECT_3_1_1)
        return false;
    if (scene->event != ON_RESPONSE && !exchange_is_open(scene->exchange))
        return false;
    proof->about = scene->exchange->request;
    proof_value_in(proof, &connection->agreed->response, "Dialect", "3.1.1");
    if (was_let_pass(scene))
        proof_at_most(proof, WARNING);
    return true;
}

static const struct rule on_311 = {
    .id = "validate_negotiate.on_311",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE | ON_SILENCE,
    .commands = FOR_IOCTL,
    .match = match_on_311,
    .summary = "The client validates an SMB 3.1.1 negotiation, at which a server has to hang up",
    .headline = "{client} validates an SMB 3.1.1 negotiation",
    .cause = "The client's SMB software is at fault: SMB 3.1.1 protects NEGOTIATE by its "
             "pre-authentication hash instead",
    .next_step = "Update the client's SMB software\n"
                 "Hold the client at SMB 3.0.2 to see whether it works there",
    .reference = "[MS-SMB2] 3.3.5.15.12 Handling a Validate Negotiate Info Request",
};

/* ---- validate_negotiate.bad_request ---- */

static bool input_too_short(const struct validate_request *request)
{
    return request->input_count < VALIDATE_REQUEST_FIXED ||
           (request->known &&
            request->input_count < VALIDATE_REQUEST_FIXED + 2u * request->dialects.count);
}

static const char *fault_of(const struct validate_request *request)
{
    if (request->max_output_response < VALIDATE_RESPONSE_SIZE)
        return "room for less than the 24 bytes of the answer";
    if (!request->file_id_all_ones)
        return "a FileId other than all ones";
    if (!request->is_fsctl)
        return "not marked as an FSCTL";
    return input_too_short(request) ? "less input than its dialects need" : NULL;
}

static bool match_bad_request(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct validate_request *request = validate_request_of(exchange->asked);
    const char *fault = request && is_validation(exchange) ? fault_of(request) : NULL;

    if (!fault || (scene->event != ON_RESPONSE && !exchange_is_open(exchange)))
        return false;
    proof->about = exchange->request;
    proof_words_in(proof, &exchange->request, "Not allowed", fault);
    if (was_let_pass(scene))
        proof_at_most(proof, WARNING);
    return true;
}

static const struct rule bad_request = {
    .id = "validate_negotiate.bad_request",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE | ON_SILENCE,
    .commands = FOR_IOCTL,
    .match = match_bad_request,
    .summary = "The validate-negotiate request is malformed",
    .headline = "Malformed validate-negotiate request: {=Not allowed}",
    .cause =
        "The client's SMB software builds it wrongly; Windows servers hang up or answer "
        "STATUS_INVALID_PARAMETER, Samba answers STATUS_BUFFER_TOO_SMALL where the room is short",
    .next_step = "Update the client's SMB software",
    .reference = "[MS-SMB2] 3.3.5.15 Receiving an SMB2 IOCTL Request\n[MS-SMB2] 3.3.5.15.12 "
                 "Handling a Validate Negotiate Info Request",
};

/* ---- validate_negotiate.request_unsigned ---- */

/* A warning: servers answer it; a client that minds leaves at the unsigned answer. */
static bool match_request_unsigned(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    (void)proof;
    return is_validation(exchange) && exchange->session &&
           exchange->session->state == SESSION_VALID && !request_is_protected(exchange);
}

static const struct rule request_unsigned = {
    .id = "validate_negotiate.request_unsigned",
    .severity = WARNING,
    .confidence = CERTAIN,
    .events = ON_REQUEST,
    .commands = FOR_IOCTL,
    .match = match_request_unsigned,
    .summary = "The validate-negotiate request is not signed, so it validates nothing",
    .headline = "{client} does not sign its validate-negotiate request",
    .cause = "The client's SMB software does not sign it\n"
             "Consistent with a box on the way that takes signatures off",
    .next_step = "Capture on the client: is the request signed there?\n"
                 "Update the client's SMB software\n" REQUIRE_SIGNING,
    .reference = "[MS-SMB2] 3.2.5.5 Receiving an SMB2 TREE_CONNECT Response",
};

/* ---- validate_negotiate.bad_length ---- */

static bool match_bad_length(const struct scene *scene, struct proof *proof)
{
    const struct validate_response *response = validate_response_of(scene->exchange->answer);

    if (!is_validation(scene->exchange) || !response ||
        response->output_count == VALIDATE_RESPONSE_SIZE)
        return false;
    if (response->output_count > VALIDATE_RESPONSE_SIZE) /* Linux clients do not mind */
        proof_at_most(proof, WARNING);
    proof_value_in(proof, &scene->exchange->response, "Length of the answer",
                   "%u bytes instead of 24", response->output_count);
    return true;
}

static const struct rule bad_length = {
    .id = "validate_negotiate.bad_length",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_IOCTL,
    .match = match_bad_length,
    .summary = "The answer to validate-negotiate does not have its 24 bytes",
    .headline = "Answer to validate-negotiate: {=Length of the answer}",
    .cause = "The server's SMB software builds it wrongly\n"
             "Consistent with a box on the way that alters SMB messages",
    .next_step = "Update the server's SMB software or firmware\n"
                 "Capture on the server: how long is the answer there?\n" REQUIRE_SIGNING,
    .reference = "[MS-SMB2] 2.2.32.6 VALIDATE_NEGOTIATE_INFO Response",
};

/* ---- validate_negotiate.missing ---- */

static bool calls_for_validation(const struct connection *connection)
{
    const uint16_t highest = connection_highest_offered(connection);

    return connection->dialect && connection->dialect < DIALECT_3_1_1 && highest >= DIALECT_3_0;
}

static bool can_be_validated(const struct scene *scene)
{
    const struct session *session = scene->session;

    return session_is_users(session) && !session_is_encrypted(session) &&
           session->connection == scene->connection;
}

/* Clients may ask other things of IPC$ first; by the first CREATE it should be done. */
static bool match_missing(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;

    if (scene->header->command != SMB2_CREATE || !scene->tree || connection->validate ||
        scene->encrypted || connection->first_transform || !can_be_validated(scene) ||
        !calls_for_validation(connection) || connection_finding(connection, proof->rule))
        return false;
    proof_value_in(proof, &connection->agreed->response, "Dialect chosen", "%s",
                   dialect_text(connection->dialect, proof->scope));
    proof_frame(proof, "TREE_CONNECT response after which it was due",
                &scene->tree->connect->response);
    return true;
}

static const struct rule missing = {
    .id = "validate_negotiate.missing",
    .severity = NOTE,
    .confidence = POSSIBLE,
    .events = ON_OTHER_REQUEST,
    .match = match_missing,
    .absence = true,
    .summary = "The client did not validate the negotiation, so a downgrade would go unnoticed",
    .headline = "{client} did not validate the negotiation of {=Dialect chosen}",
    .cause = "The client's SMB software never does: many libraries and devices\n"
             "Switched off on the client (RequireSecureNegotiate = 0; possible up to Windows 8.1 "
             "and Windows Server 2012 R2)",
    .next_step = "On a Windows client: Get-ItemProperty -Path "
                 "\"HKLM:\\SYSTEM\\CurrentControlSet\\Services\\LanmanWorkstation\\Parameters\" "
                 "RequireSecureNegotiate\n"
                 "Use SMB 3.1.1, which protects NEGOTIATE in another way\n" REQUIRE_SIGNING,
    .reference = "[MS-SMB2] 3.2.5.5 Receiving an SMB2 TREE_CONNECT Response",
};

/* ---- validate_negotiate.opaque ---- */

static bool match_opaque(const struct scene *scene, struct proof *proof)
{
    (void)proof;
    return !scene->connection->validate && calls_for_validation(scene->connection);
}

static const struct rule opaque = {
    .id = "validate_negotiate.opaque",
    .severity = CHAT,
    .confidence = CERTAIN,
    .events = ON_TRANSFORM,
    .match = match_opaque,
    .summary = "The session is encrypted: validate-negotiate cannot be read without its keys",
    .cause = "Encryption by server or share; nothing is said about whether the negotiation was "
             "validated",
    .next_step = "Give Wireshark the session's keys (preferences of SMB2, secret session keys)",
    .reference = "[MS-SMB2] 3.2.5.5 Receiving an SMB2 TREE_CONNECT Response",
};

/* ---- validate_negotiate.legacy_ctl ---- */

static bool match_legacy_ctl(const struct scene *scene, struct proof *proof)
{
    (void)proof;
    return scene->exchange->asked->ioctl_code == FSCTL_VALIDATE_NEGOTIATE_INFO_OLD;
}

static const struct rule legacy_ctl = {
    .id = "validate_negotiate.legacy_ctl",
    .severity = CHAT,
    .confidence = CERTAIN,
    .events = ON_REQUEST,
    .commands = FOR_IOCTL,
    .match = match_legacy_ctl,
    .summary =
        "The client validates with the control code of a Windows 8 preview, which servers refuse",
    .cause = "SMB software from before SMB 3.0 was final (control code 0x00140200 instead of "
             "0x00140204)",
    .next_step = "Update the client's SMB software",
    .reference = "[MS-SMB2] 2.2.31 SMB2 IOCTL Request",
};

const struct rule_list validate_negotiate_conduct_rules = {
    .blocks = (const struct rule *const[]){&on_311, &bad_request, &request_unsigned, &bad_length,
                                           &missing, &opaque, &legacy_ctl, NULL},
};
