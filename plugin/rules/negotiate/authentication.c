/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate: what the response says of the logon to come: the server's clock, its mechanisms.
 * [MS-SMB2] 2.2.4, 3.3.5.4; RFC 4120 8.2.
 */
#include "facts.h"
#include "../advice.h"
#include "../lists.h"

/* ---- negotiate.server_clock_skew ---- */

#define SKEW_SECONDS 300 /* Kerberos' usual tolerance, RFC 4120 8.2 */

/* Waits for what comes of it: where Kerberos worked it was the capture's clock; NTLM does not
 * care. */
static bool clock_matters(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const bool kerberos = scene->session && scene->session->mechanism == MECHANISM_KERBEROS;

    if (scene->event == ON_CLOSE) {
        proof_at_most(proof, NOTE);
        return exchange == scene->connection->agreed;
    }
    if (exchange->command != SMB2_SESSION_SETUP ||
        exchange->status == STATUS_MORE_PROCESSING_REQUIRED ||
        (exchange->status == STATUS_SUCCESS && kerberos))
        return false;
    if (!kerberos && exchange->status != STATUS_TIME_DIFFERENCE_AT_DC)
        proof_at_most(proof, NOTE);
    return true;
}

static bool match_server_clock_skew(const struct scene *scene, struct proof *proof)
{
    const struct exchange *agreed = scene->connection->agreed;
    const int64_t limit = SKEW_SECONDS * NANOSECONDS_PER_SECOND;
    int64_t ahead;

    if (!server_clock(scene->connection, &ahead) || (ahead >= -limit && ahead <= limit) ||
        !clock_matters(scene, proof))
        return false;
    proof->about = agreed->response;
    proof_frame(proof, "NEGOTIATE response with the server's time", &agreed->response);
    if (ahead > 0)
        proof_interval(proof, "The server's clock is ahead of the capture's by", ahead);
    else
        proof_interval(proof, "The server's clock is behind the capture's by", -ahead);
    return true;
}

const struct rule negotiate_server_clock_skew = {
    .id = "negotiate.server_clock_skew",
    .severity = WARNING,
    .weighs = AS_NOTE,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_EITHER_NEGOTIATE | FOR_SESSION_SETUP,
    .match = match_server_clock_skew,
    .of_hosts = true,
    .summary = "The server's clock differs by more than 5 minutes from the capture's",
    .headline = "The clock of {server} is {=The server's clock is ahead of the capture's by} ahead "
                "of the capture's|The clock of {server} is {=The server's clock is behind the "
                "capture's by} behind the capture's",
    .cause =
        "The server's clock is wrong: Kerberos will refuse tickets (KRB_AP_ERR_SKEW, "
        "STATUS_TIME_DIFFERENCE_AT_DC)\n"
        "The clock of the capturing host is wrong, or the capture's times were shifted afterwards",
    .next_step =
        "Is it the server's or the capture's? Compare with the time that another server or the KDC "
        "shows in the same capture\n"
        "On a Windows server: w32tm /query /status, then w32tm /resync; on Linux: chronyc "
        "tracking, "
        "then chronyc makestep",
    .reference = "[MS-SMB2] 2.2.4 SMB2 NEGOTIATE Response\nRFC 4120 8.2 Recommended KDC Values",
};

/* ---- negotiate.no_kerberos_offered ---- */

static bool match_no_kerberos_offered(const struct scene *scene, struct proof *proof)
{
    const struct token *token = response_token_of(scene->exchange);
    bool known;

    if (!token || !agreed_response(scene) ||
        connection_server_offers_kerberos(scene->connection, &known) || !known ||
        token->offered & MECHANISM_IAKERB) /* Kerberos through the server */
        return false;
    proof_value_in(proof, &scene->exchange->response, "Mechanisms offered by the server", "%s",
                   mechanism_names(token->offered, proof->scope));
    return true;
}

static const struct rule no_kerberos_offered = {
    .id = "negotiate.no_kerberos_offered",
    .severity = CHAT,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_EITHER_NEGOTIATE,
    .match = match_no_kerberos_offered,
    .summary = "The server does not offer Kerberos, so the logon has to do without it",
    .headline = "{server} does not offer Kerberos: {=Mechanisms offered by the server}",
    .cause = "The server is not a member of a domain; clients that block NTLM cannot log on there\n"
             "Its keytab or machine account is missing or broken (Samba: net ads testjoin)",
    .next_step = "If it should be a domain member: Test-ComputerSecureChannel on Windows, net ads "
                 "testjoin on Samba\n"
                 "On the client: Get-SmbClientConfiguration | fl BlockNTLM" SINCE_24H2,
    .reference =
        "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SPNG] 2.2.1 NegTokenInit2",
};

const struct rule_list negotiate_authentication_rules = {
    .blocks =
        (const struct rule *const[]){&negotiate_server_clock_skew, &no_kerberos_offered, NULL},
};
