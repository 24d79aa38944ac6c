/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * validate_negotiate: the validation is refused, answered without a signature, or ends the
 * connection. [MS-SMB2] 3.3.5.15.12, 3.2.5.14.12.
 */
#include "facts.h"
#include "../lists.h"
#include "../others.h"

/* Clients leave at once. */
#define LEAVES_WITHIN (1 * NANOSECONDS_PER_SECOND)

static bool answer_is_protected(const struct exchange *exchange)
{
    return exchange->response_signed || exchange->response_encrypted;
}

static void prove_agreement(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const uint16_t highest = connection_highest_offered(connection);

    if (request_values_agree(scene))
        proof_value(
            proof, "Compared with NEGOTIATE",
            "capabilities, GUID, security mode and dialects of the request are the same here");
    if (connection->dialect && connection->dialect < highest)
        proof_value_in(proof, &connection->agreed->response, "Dialect chosen",
                       "%s, though %s was offered", dialect_text(connection->dialect, proof->scope),
                       dialect_text(highest, proof->scope));
}

/* What is already explained is told once more as a note only: this is how it ended. */
static void support_explanation(const struct scene *scene, struct proof *proof)
{
    if (!exchange_has_error(scene->exchange))
        return;
    proof_at_most(proof, NOTE);
    proof->cause = "This is how the side that finds the validation wrong has to end it; the error "
                   "found on the same exchange says what was wrong";
    proof->next_step = "See the error found on the same exchange";
}

/* ---- validate_negotiate.access_denied ---- */

static bool match_access_denied(const struct scene *scene, struct proof *proof)
{
    if (!is_validation(scene->exchange))
        return false;
    if (!answer_is_protected(scene->exchange))
        proof_value_in(proof, &scene->exchange->response, "Signature of the answer", "none");
    return true;
}

static const struct rule access_denied = {
    .id = "validate_negotiate.access_denied",
    .severity = ERROR,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_IOCTL,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_access_denied,
    .summary = "The server denied validate-negotiate; the client has to close the connection",
    .headline = "{server} denied validate-negotiate",
    .cause = "The server found the request's signature wrong: consistent with a box on the way "
             "that altered the request, or with a client that signs with another key\n"
             "The server's policy refuses the session",
    .next_step =
        "Capture on both sides and compare the validate-negotiate request\n" BYPASS_ACCELERATOR "\n"
        "On the server: event log Microsoft-Windows-SMBServer/Security; on Samba log level 3 "
        "(\"Bad SMB2 signature\")",
    .reference = "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response\n[MS-SMB2] "
                 "3.3.5.2.4 Verifying the Signature",
};

/* ---- validate_negotiate.unsigned_success ---- */

/* A server does not sign its answer to an unsigned request: that is
 * validate_negotiate.request_unsigned, unless the signature was lost on the way and the client
 * leaves. */
static bool match_unsigned_success(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const bool asked_protected = request_is_protected(exchange);

    (void)proof;
    if (!is_validation(exchange) || !exchange_answered(exchange) || answer_is_protected(exchange) ||
        exchange->status != STATUS_SUCCESS)
        return false;
    return scene->event == ON_RESPONSE ? asked_protected
                                       : !asked_protected && client_left_after(scene);
}

static const struct rule unsigned_success = {
    .id = "validate_negotiate.unsigned_success",
    .severity = ERROR,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_IOCTL,
    .match = match_unsigned_success,
    .summary =
        "The answer to validate-negotiate is not signed; the client has to close the connection",
    .headline = "{server} does not sign its answer to validate-negotiate",
    .cause = "The server, often a third-party device, does not sign this answer\n"
             "Consistent with a box on the way that takes signatures off",
    .next_step = "Update the server's SMB software or firmware, and switch signing on there "
                 "(Samba: server signing = auto or mandatory)\n"
                 "Capture on the server: is the answer signed there?\n" REQUIRE_SIGNING
                 "\n" SWITCH_OFF_FOR_A_TIME,
    .reference = "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response",
};

/* ---- validate_negotiate.unsigned_error ---- */

/* A server that does not know the session has no key to sign with. */
static bool has_no_key(uint32_t status)
{
    return status == STATUS_USER_SESSION_DELETED || status == STATUS_NETWORK_SESSION_EXPIRED;
}

static bool match_unsigned_error(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    (void)proof;
    return is_validation(exchange) && exchange->status != STATUS_SUCCESS &&
           exchange->status != STATUS_ACCESS_DENIED && !has_no_key(exchange->status) &&
           exchange->request_signed && !answer_is_protected(exchange);
}

static const struct rule unsigned_error = {
    .id = "validate_negotiate.unsigned_error",
    .severity = ERROR,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_IOCTL,
    .match = match_unsigned_error,
    .summary =
        "The server refused validate-negotiate with an unsigned error; the client has to close",
    .headline = "{server} refused validate-negotiate unsigned: {status}",
    .cause = "The server, often a third-party device, does not know FSCTL_VALIDATE_NEGOTIATE_INFO "
             "and does not sign errors; Windows clients report an invalid signature\n"
             "Consistent with a box on the way that answers in the server's name",
    .next_step = "Update the server's SMB software or firmware, and switch signing on "
                 "there\n" REQUIRE_SIGNING "\n" SWITCH_OFF_FOR_A_TIME,
    .reference = "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response",
};

/* ---- validate_negotiate.unsupported_tolerated ---- */

static bool match_unsupported_tolerated(const struct scene *scene, struct proof *proof)
{
    (void)proof;
    return is_validation(scene->exchange) && answer_is_protected(scene->exchange);
}

static const struct rule unsupported_tolerated = {
    .id = "validate_negotiate.unsupported_tolerated",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_IOCTL,
    .statuses = (const uint32_t[]){STATUS_NOT_SUPPORTED, STATUS_INVALID_DEVICE_REQUEST,
                                   STATUS_FS_DRIVER_REQUIRED, STATUS_FILE_CLOSED, 0},
    .match = match_unsupported_tolerated,
    .summary =
        "The server does not know validate-negotiate and says so in a signed answer, as it may",
    .headline = "{server} does not know validate-negotiate: {status}, signed",
    .cause = "A server without SMB 3, or an older Samba or NetApp; the signature alone shows that "
             "nobody came between",
    .next_step = "Nothing to do where the client goes on\n"
                 "Where it does not: a Linux client refuses STATUS_FILE_CLOSED here; update the "
                 "server\n" REQUIRE_SIGNING,
    .reference = "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response",
};

/* ---- validate_negotiate.invalid_parameter_ksmbd ---- */

static bool match_invalid_parameter(const struct scene *scene, struct proof *proof)
{
    if (!is_validation(scene->exchange))
        return false;
    prove_agreement(scene, proof);
    return true;
}

static const struct rule invalid_parameter_ksmbd = {
    .id = "validate_negotiate.invalid_parameter_ksmbd",
    .severity = WARNING,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .commands = FOR_IOCTL,
    .statuses = (const uint32_t[]){STATUS_INVALID_PARAMETER, 0},
    .match = match_invalid_parameter,
    .fallback = true,
    .summary = "The server answered validate-negotiate with STATUS_INVALID_PARAMETER",
    .headline = "{server} answered validate-negotiate with STATUS_INVALID_PARAMETER",
    .cause = "A Linux server with ksmbd, which says this where others hang up: NEGOTIATE was "
             "altered; where the values agree in this capture, beyond it\n"
             "An old third-party device (NetApp ONTAP 7) that does not know the control code",
    .next_step = COMPARE_BOTH_SIDES "\n" BYPASS_ACCELERATOR "\n" REQUIRE_SIGNING,
    .reference = "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response",
};

/* ---- validate_negotiate.error_other ---- */

static const struct rule_list *const family[] = {
    &validate_negotiate_values_rules,
    &validate_negotiate_conduct_rules,
    &validate_negotiate_outcome_rules,
    NULL,
};

/* An expired session is no rule's: the client logs on again and asks again. */
static bool match_error_other(const struct scene *scene, struct proof *proof)
{
    const uint32_t status = scene->exchange->status;

    (void)proof;
    return is_validation(scene->exchange) && status != STATUS_SUCCESS &&
           status != STATUS_NETWORK_SESSION_EXPIRED && !family_has_status(family, status);
}

static const struct rule error_other = {
    .id = "validate_negotiate.error_other",
    .severity = ERROR,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_IOCTL,
    .match = match_error_other,
    .fallback = true,
    .summary = "The server refused validate-negotiate with a status that clients do not accept",
    .headline = "{server} refused validate-negotiate: {status}",
    .cause = "The status names it; the cause lies within the server",
    .next_step =
        "Look at the server's log at that time\n"
        "Update the server's SMB software or firmware\n" REQUIRE_SIGNING "\n" SWITCH_OFF_FOR_A_TIME,
    .reference = "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response",
};

/* ---- validate_negotiate.reset ---- */

static bool match_reset(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_validation(exchange) || !exchange_is_open(exchange) || exchange->settled ||
        scene->connection->closed_by != SERVER)
        return false;
    prove_agreement(scene, proof);
    support_explanation(scene, proof);
    return true;
}

static const struct rule reset = {
    .id = "validate_negotiate.reset",
    .severity = ERROR,
    .weighs = AS_NOTE,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .commands = FOR_IOCTL,
    .match = match_reset,
    .absence = true,
    .symptom = true,
    .summary = "The server closed the connection instead of answering validate-negotiate",
    .headline = "{server} closed the connection instead of answering validate-negotiate",
    .others = WHERE_OTHERS_VALIDATE,
    .cause = CLOSED_BY_ANOTHER
    "What a server has to do when the validation fails: consistent with a WAN accelerator "
    "or other box that altered NEGOTIATE; where the values agree in this capture, it sits "
    "beyond it\n"
    "The client validates other values than it negotiated\n" UNLESS_TTL_TELLS
    "A device on the way reset the connection in the server's name\n" DESPITE_TTL
    "a device on the way reset the connection in the server's name",
    .next_step = "{?OTHER TTL}Find the device that sent the closing packet: look into the logs of "
                 "firewalls and accelerators between the two at that time\n" ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.3.5.15.12 Handling a Validate Negotiate Info Request",
};

/* ---- validate_negotiate.no_response ---- */

static bool match_no_response(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_validation(exchange) || !exchange_is_open(exchange))
        return false;
    if (scene->event == ON_CLOSE && !exchange->settled) /* closed before an answer was overdue */
        return false;
    prove_agreement(scene, proof);
    return true;
}

static const struct rule no_response = {
    .id = "validate_negotiate.no_response",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_SILENCE | ON_CLOSE,
    .commands = FOR_IOCTL,
    .match = match_no_response,
    .absence = true,
    .symptom = true,
    .summary = "The server did not answer validate-negotiate",
    .headline = "{server} did not answer validate-negotiate for {=Unanswered for}|{server} did not "
                "answer validate-negotiate",
    .others = WHERE_OTHERS_VALIDATE,
    .cause = "{!NEAR SERVER}Consistent with a device on the way that swallows the request or its "
             "answer\n"
             "The server, or a filter driver on it, mishandles FSCTL_VALIDATE_NEGOTIATE_INFO\n"
             "{?NEAR SERVER}Consistent with a device between this capture and the server that "
             "swallows the request or its answer",
    .next_step =
        "{!NEAR SERVER}Capture on the server as well: does the request arrive there, does an "
        "answer leave?\n"
        "Update the server's SMB software or firmware\n" BYPASS_ACCELERATOR "\n" REQUIRE_SIGNING
        "\n" SWITCH_OFF_FOR_A_TIME,
    .reference = "[MS-SMB2] 3.3.5.15.12 Handling a Validate Negotiate Info Request\n[MS-SMB2] "
                 "3.2.6.1 Request Expiration Timer Event",
};

/* ---- validate_negotiate.client_abort ---- */

static const char nothing_failed[] =
    "The client was done: nothing in this capture failed, the answer is signed and agrees\n"
    "The client found the signature wrong, which only the session's key would show, or received "
    "another NEGOTIATE: consistent with a box between it and the capture that altered it";
static const char is_anything_wrong[] =
    "Nothing to do where the client works\n"
    "Where it fails here again and again, compare with a capture on the client's side";

/* It succeeds, and no rule finds fault with it: clients that are done leave like that, too. */
static bool is_in_order(const struct exchange *exchange)
{
    return exchange->status == STATUS_SUCCESS && answer_is_protected(exchange) &&
           !exchange_explained(exchange);
}

static const char *abort_cause(const struct exchange *exchange)
{
    if (exchange_explained(exchange))
        return "The client did not accept this answer, for the reason that the other finding on it "
               "names\n"
               "The signature of the answer is wrong, which only the session's key would show";
    return "The client does not accept that this server cannot or will not validate\n"
           "The signature of the answer is wrong, which only the session's key would show";
}

static bool match_client_abort(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const int64_t after = sighting_interval(&exchange->response, &scene->connection->closing);

    if (!is_validation(exchange) || !client_left_after(scene) || after > LEAVES_WITHIN)
        return false;
    proof_interval(proof, "Left after", after);
    prove_agreement(scene, proof);
    prove_vantage(proof, scene->connection);
    if (is_in_order(exchange)) {
        proof_at_most(proof, NOTE);
        proof->confidence = POSSIBLE;
        proof->cause = nothing_failed;
        proof->next_step = is_anything_wrong;
        return true;
    }
    proof->cause = abort_cause(exchange);
    support_explanation(scene, proof);
    return true;
}

static const struct rule client_abort = {
    .id = "validate_negotiate.client_abort",
    .severity = ERROR,
    .weighs = AS_NOTE,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .commands = FOR_IOCTL,
    .match = match_client_abort,
    .absence = true,
    .symptom = true,
    .summary = "The client closed the connection right after the answer to validate-negotiate",
    .headline = "{client} left {=Left after} after the answer to validate-negotiate",
    .cause = "The answer does not match what the client received in NEGOTIATE: consistent with a "
             "WAN accelerator or other box that altered it, on the client's side where the values "
             "agree here\n"
             "The signature of the answer is wrong, which only the session's key would show",
    .next_step = ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response",
};

const struct rule_list validate_negotiate_outcome_rules = {
    .blocks = (const struct rule *const[]){&access_denied, &unsigned_success, &unsigned_error,
                                           &unsupported_tolerated, &invalid_parameter_ksmbd,
                                           &error_other, &reset, &no_response, &client_abort, NULL},
};
