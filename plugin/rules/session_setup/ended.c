/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: logons that get no verdict, because server or client leave them
 * ([MS-SMB2] 3.3.5.5, 3.2.5.3).
 */
#include "facts.h"
#include "../advice.h"
#include "../facts.h"
#include "../others.h"

#define REFERENCE_CLIENT "[MS-SMB2] 3.2.5.3 Receiving an SMB2 SESSION_SETUP Response"

static int64_t silence(const struct scene *scene)
{
    return model_settings(scene->model)->silence_seconds * NANOSECONDS_PER_SECOND;
}

/* ---- session_setup.no_response ---- */

static const char no_token_yet[] =
    "Consistent with a filter driver, antivirus or firewall on the server that holds the request "
    "back\n"
    "The SMB service hangs or is overloaded\n"
    "The server waits for its security subsystem to start or to answer";

static bool match_no_response(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!exchange_is_open(exchange) || exchange_interlude(exchange)->interim.frame ||
        !exchange->acknowledged.frame || (scene->event == ON_CLOSE && !exchange->settled))
        return false;
    prove_logon(scene, proof);
    if (!request_shows_identity(exchange))
        proof->cause = no_token_yet;
    return true;
}

static const struct rule no_response = {
    .id = "session_setup.no_response",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_CLOSE | ON_SILENCE,
    .commands = FOR_SESSION_SETUP,
    .match = match_no_response,
    .absence = true,
    .symptom = true,
    .summary = "The server received the SESSION_SETUP request and never answered it",
    .headline = "{server} did not answer SESSION_SETUP for {=Unanswered for}|{server} did not "
                "answer SESSION_SETUP",
    .others = WHERE_OTHERS_LOG_ON,
    .cause = "The server waits for a domain controller: network, DNS, Netlogon, Kerberos\n"
             "Samba: winbind, ID mapping or the keytab hang\n"
             "Consistent with a filter driver, antivirus or firewall on the server that holds the "
             "request back",
    .next_step =
        "Capture the server's own traffic: does it wait for a domain controller or DNS? nltest "
        "/sc_verify:{DOMAIN}, or wbinfo -t on Samba\n"
        "Look at the Kerberos traffic on port 88: errors after pre-authentication count\n"
        "Check the credentials in the security blob (see the evidence), and that an alias (CNAME) "
        "of the server has a service principal name: setspn -Q {cifs/NAME}\n"
        "For a test: Set-SmbServerConfiguration -SmbServerNameHardeningLevel 0; check that SMB "
        "signing works with this device: Get-SmbServerConfiguration | fl *Signature*",
    .reference = REFERENCE_SETUP "\n[MS-SMB2] 3.2.6.1 Request Expiration Timer Event",
};

/* ---- session_setup.reset ---- */

static bool match_reset(const struct scene *scene, struct proof *proof)
{
    if (!exchange_is_open(scene->exchange) || scene->connection->closed_by != SERVER ||
        exchange_interlude(scene->exchange)->interim.frame || scene->exchange->settled)
        return false;
    prove_logon(scene, proof);
    return true;
}

static const struct rule reset = {
    .id = "session_setup.reset",
    .severity = ERROR,
    .confidence = POSSIBLE,
    .events = ON_CLOSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_reset,
    .absence = true,
    .symptom = true,
    .summary = "The server closed the connection instead of answering SESSION_SETUP",
    .headline = "{server} closed the connection instead of answering SESSION_SETUP",
    .cause = CLOSED_BY_ANOTHER
    "The service crashed or was stopped on this request\n" UNLESS_TTL_TELLS
    "A firewall or intrusion prevention system on the path cut the connection in the "
    "server's name\n"
    "The server took the request for invalid: message id, credits, too large a security "
    "token\n"
    "A load balancer moved the connection to a server that does not know it\n" DESPITE_TTL
    "a firewall or intrusion prevention system cut the connection in the server's name",
    .next_step = FIND_WHO_CLOSED "On the server: System log at that time; on Samba the log with "
                                 "log level 3\n" CAPTURE_WHO_CLOSED,
    .reference = "[MS-SMB2] 3.3.5.2 Receiving Any Message\n" REFERENCE_SETUP,
};

/* ---- session_setup.client_abort ---- */

static bool may_go_on(const struct scene *scene)
{
    const struct exchange *exchange = scene->exchange;
    const struct connection *connection = scene->connection;

    return exchange_answered(exchange) && !connection->tree_connected && !connection->first_use &&
           !connection->first_transform && !connection->ended_orderly &&
           exchange_is_new_logon(exchange) && !session_is_anonymous(scene->session) &&
           client_was_silent_since(exchange);
}

static const char left_after_success[] =
    "The client did not accept the final answer: its signature or the pre-authentication hash is "
    "wrong, which an alteration on the way would explain\n"
    "The server did not prove who it is (mutual authentication)\n"
    "A program that only tests logons, or whose user cancelled";
static const char left_after_success_step[] =
    "On the client: events of SmbClient/Security and SmbClient/Connectivity\n"
    "Capture on both ends and compare the NEGOTIATE and SESSION_SETUP messages byte by byte\n"
    "Take devices that look into or speed up SMB (WAN accelerator, firewall) out of the path";

/* Samba's clients look for it when they are logged on. */
static const char left_unencrypted[] =
    "Consistent with a client that requires encryption: it offered to encrypt, and the server "
    "agreed to none\n"
    "The client did not accept the final answer: its signature or the pre-authentication hash is "
    "wrong, which an alteration on the way would explain\n"
    "A program that only tests logons, or whose user cancelled";
static const char left_unencrypted_step[] =
    "On the client: Get-SmbClientConfiguration | fl RequireEncryption (Windows 11 24H2, Windows "
    "Server 2025); on Samba: testparm -sv | grep 'client smb encrypt'\n"
    "On the server: can it encrypt, and is that on? Samba: testparm -sv | grep -E 'server smb "
    "encrypt|server max protocol|smb3 encryption algorithms'\n"
    "Capture on both ends and compare the NEGOTIATE and SESSION_SETUP messages byte by byte";

static void explain_success(const struct connection *connection, struct proof *proof)
{
    const bool declined = encryption_was_declined(connection);

    if (declined)
        prove_encryption(proof, connection);
    proof->cause = declined ? left_unencrypted : left_after_success;
    proof->next_step = declined ? left_unencrypted_step : left_after_success_step;
}

/* The server asks the client to go on, with a token that is missing or broken. */
static bool has_no_token(const struct exchange *exchange)
{
    const struct token *token = response_token_of(exchange);

    return exchange->status == STATUS_MORE_PROCESSING_REQUIRED &&
           session_setup_response_of(exchange->answer) && !exchange->answer->token_unread &&
           (!token || token->kind == TOKEN_NONE);
}

static bool match_client_abort(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!may_go_on(scene) || scene->connection->closed_by != CLIENT ||
        (exchange->status != STATUS_MORE_PROCESSING_REQUIRED &&
         exchange->status != STATUS_SUCCESS) ||
        sighting_interval(&exchange->response, &scene->now) >= silence(scene))
        return false;
    prove_logon(scene, proof);
    proof_interval(proof, "Closed after", sighting_interval(&exchange->response, &scene->now));
    if (has_no_token(exchange))
        proof_value_in(proof, &exchange->response, "Mechanism's token", "none that can be read");
    if (exchange->status == STATUS_SUCCESS)
        explain_success(scene->connection, proof);
    return true;
}

static const struct rule client_abort = {
    .id = "session_setup.client_abort",
    .severity = WARNING,
    .confidence = POSSIBLE,
    .events = ON_CLOSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_client_abort,
    .absence = true,
    .fallback = true,
    .symptom = true,
    .summary = "The client closed the connection right after the server's SESSION_SETUP response",
    .headline = "{client} left {=Closed after} after the SESSION_SETUP response of {server}",
    .cause = "The client may not use NTLM (SMB NTLM blocking, Restrict NTLM), and the server "
             "chose it\n"
             "The client's security package rejects the server's token\n"
             "The user cancelled the password prompt, or a program only looked who answers",
    .next_step =
        "On the client: events of SmbClient/Security and SmbClient/Connectivity\n"
        "On the client: Get-SmbClientConfiguration | fl BlockNTLM" SINCE_24H2 "\n"
        "Try it with the server's full name, so that Kerberos can be used: klist get {cifs/NAME}\n"
        "On a Samba client: smbclient -d 5 //{SERVER}/{SHARE}",
    .reference = REFERENCE_CLIENT "\n" REFERENCE_NEW_LOGON,
};

/* ---- session_setup.incomplete ---- */

static bool match_incomplete(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const int64_t idle = sighting_interval(&exchange->response, &scene->now);

    if (!may_go_on(scene) || exchange->status != STATUS_MORE_PROCESSING_REQUIRED ||
        (scene->connection->closed_by == CLIENT && idle < silence(scene)))
        return false;
    prove_logon(scene, proof);
    proof_interval(proof, "Closed after", idle);
    return true;
}

static const struct rule incomplete = {
    .id = "session_setup.incomplete",
    .severity = WARNING,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_incomplete,
    .absence = true,
    .symptom = true,
    .summary = "The client never went on with a logon that the server had asked it to continue",
    .headline = "{client} never went on with the logon: {=Closed after} of silence",
    .cause = "The client waits for something: a user at a password prompt, its own domain "
             "controller, a smart card\n"
             "The client may not use the mechanism that the server chose (NTLM blocked)\n"
             "The program hangs or was stopped",
    .next_step = "Look at the client: password prompts, its traffic to a domain controller on "
                 "port 88\n"
                 "On the client: events of SmbClient/Security and SmbClient/Connectivity",
    .reference = REFERENCE_CLIENT,
};

const struct rule_list session_setup_ended_rules = {
    .blocks = (const struct rule *const[]){&no_response, &reset, &client_abort, &incomplete, NULL},
};
