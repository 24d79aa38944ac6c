/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: refusals that concern a session that exists already: another channel of it
 * ([MS-SMB2] 3.3.5.5, binding), or the renewal of its logon (3.3.5.5.2).
 */
#include "facts.h"
#include "../facts.h"

/* ---- session_setup.binding_refused ---- */

/* What the two channels have to have in common. */
struct pair {
    const struct connection *first, *second;
    const struct negotiate_response *first_choice, *second_choice;
};

static void prove_pair(struct proof *proof, const struct pair *pair, const char *label,
                       const char *first, const char *second)
{
    proof_difference(proof, label, first, &pair->first->agreed->response, second,
                     &pair->second->agreed->response);
}

static bool dialects_differ(const struct pair *pair, struct proof *proof)
{
    if (pair->first->dialect == pair->second->dialect)
        return false;
    prove_pair(proof, pair, "Dialect of the first channel, and of this one",
               dialect_text(pair->first->dialect, proof->scope),
               dialect_text(pair->second->dialect, proof->scope));
    return true;
}

static bool servers_differ(const struct pair *pair, struct proof *proof)
{
    if (memcmp(pair->first_choice->server_guid, pair->second_choice->server_guid, GUID_LENGTH) == 0)
        return false;
    prove_pair(proof, pair, "Server GUID of the first channel, and of this one",
               guid_text(pair->first_choice->server_guid, proof->scope),
               guid_text(pair->second_choice->server_guid, proof->scope));
    return true;
}

static bool clients_differ(const struct pair *pair, struct proof *proof)
{
    const struct negotiate_request *first = agreed_offer(pair->first);
    const struct negotiate_request *second = agreed_offer(pair->second);

    if (!first || !second || memcmp(first->client_guid, second->client_guid, GUID_LENGTH) == 0)
        return false;
    proof_difference(proof, "Client GUID of the first channel, and of this one",
                     guid_text(first->client_guid, proof->scope), &pair->first->agreed->request,
                     guid_text(second->client_guid, proof->scope), &pair->second->agreed->request);
    return true;
}

static bool lists_differ(const struct id_list *a, const struct id_list *b)
{
    return a->listed > 0 && b->listed > 0 && a->ids[0] != b->ids[0];
}

static bool ciphers_differ(const struct pair *pair, struct proof *proof)
{
    const struct id_list *first = &pair->first_choice->contexts.ciphers;
    const struct id_list *second = &pair->second_choice->contexts.ciphers;

    if (!lists_differ(first, second))
        return false;
    prove_pair(proof, pair, "Cipher of the first channel, and of this one",
               ciphers_text(first, proof->scope), ciphers_text(second, proof->scope));
    return true;
}

static bool signings_differ(const struct pair *pair, struct proof *proof)
{
    const struct id_list *first = &pair->first_choice->contexts.signing_algorithms;
    const struct id_list *second = &pair->second_choice->contexts.signing_algorithms;

    if (!lists_differ(first, second))
        return false;
    prove_pair(proof, pair, "Signing algorithm of the first channel, and of this one",
               signing_algorithms_text(first, proof->scope),
               signing_algorithms_text(second, proof->scope));
    return true;
}

static const struct difference {
    bool (*is_there)(const struct pair *pair, struct proof *proof);
    const char *cause;
} differences[] = {
    {dialects_differ, "The channels have different dialects: all channels of a session need one"},
    {servers_differ, "The channels lead to different servers, and a session lives on one: load "
                     "balancer, DNS name or address of another server"},
    {clients_differ, "The channels have different client GUIDs, as if from different clients"},
    {ciphers_differ, "The channels have different ciphers, which servers refuse"},
    {signings_differ, "The channels have different signing algorithms, which servers refuse"},
};

/* All differences are evidence, the first is the cause; NULL = there is none. */
static const char *cause_in_pair(const struct connection *first, const struct connection *second,
                                 struct proof *proof)
{
    const struct pair pair = {first, second, agreed_choice(first), agreed_choice(second)};
    const char *cause = NULL;

    if (!pair.second_choice)
        return NULL;
    for (unsigned i = 0; i < G_N_ELEMENTS(differences); i++)
        if (differences[i].is_there(&pair, proof) && !cause)
            cause = differences[i].cause;
    return cause;
}

static bool lacks_multichannel(const struct connection *connection)
{
    const struct negotiate_response *choice = agreed_choice(connection);

    return choice && !(choice->capabilities & SMB2_GLOBAL_CAP_MULTI_CHANNEL);
}

/* Its first channel is another connection. */
static bool is_from_elsewhere(const struct scene *scene)
{
    return scene->session && scene->session->connection != scene->connection;
}

/* What the request itself, the session or the server says. */
static const char *cause_in_session(const struct scene *scene)
{
    const struct session *session = scene->session;

    if (scene->exchange->request.frame && !request_is_protected(scene->exchange))
        return "The request is not signed, and it has to be, with the key of the session";
    if (scene->exchange->status == STATUS_REQUEST_NOT_ACCEPTED &&
        lacks_multichannel(scene->connection))
        return "The server has multichannel switched off, or does not know it: its NEGOTIATE "
               "response does not offer it";
    if (!is_from_elsewhere(scene))
        return NULL;
    if (session_is_guest(session) || session_is_anonymous(session))
        return "The session is a guest's or anonymous: it has no key that a channel could use";
    if (session->state == SESSION_ENDED)
        return "The client had ended the session by LOGOFF";
    return session->state == SESSION_VALID ? NULL : "The session was not set up to its end";
}

/* NULL: its NEGOTIATE was not seen, or it is at another address of the server. */
static const struct connection *first_channel(const struct scene *scene)
{
    const struct connection *first = is_from_elsewhere(scene) ? scene->session->connection : NULL;

    return first && agreed_choice(first) ? first : NULL;
}

static bool match_binding_refused(const struct scene *scene, struct proof *proof)
{
    const struct connection *first = first_channel(scene);
    const char *in_pair, *in_session;

    if (!exchange_is_binding(scene->exchange) || response_kerberos_error(scene->exchange))
        return false;
    proof_value(proof, "Session id", "0x%016" PRIx64, scene->exchange->request_session_id);
    if (first)
        proof_frame(proof, "First channel since", &first->agreed->response);
    else
        proof_caveat(proof, "The capture does not show the session's first channel at this "
                            "address, so they are not compared");
    in_session = cause_in_session(scene);
    in_pair = first ? cause_in_pair(first, scene->connection, proof) : NULL;
    if (in_session || in_pair)
        proof->cause = in_session ? in_session : in_pair;
    else
        proof->confidence = POSSIBLE;
    return true;
}

/* A warning: the client goes on with the channels that it has. */
static const struct rule binding_refused = {
    .id = "session_setup.binding_refused",
    .severity = WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses = channel_refusals,
    .match = match_binding_refused,
    .summary = "The server refuses another channel for a session (multichannel)",
    .headline = "{server} refuses another channel for a session: {status}",
    .cause = "The server does not know the session: it has ended, or lives on another server\n"
             "The request is not signed with the session's key, or was altered on the way\n"
             "Another user than the session's asks for the channel\n"
             "Multichannel is off on the server, or this connection has a channel already",
    .next_step = "On a Windows client: Get-SmbMultichannelConnection and "
                 "Get-SmbMultichannelConstraint; does the first channel go on?\n"
                 "On a Windows server: Get-SmbServerConfiguration | fl EnableMultiChannel; on "
                 "Samba: testparm -sv | grep 'server multi channel support'\n"
                 "Do all addresses that the server names lead to it? Get-SmbServerNetworkInterface "
                 "on the server, interfaces in smb.conf",
    .reference = REFERENCE_SETUP "\n[MS-SMB2] 3.3.5.2.4 Verifying the Signature",
};

/* ---- session_setup.renewal_refused ---- */

/* [MS-ERREF] 2.3: the highest bit is set in warnings and errors only. Two of them say that the
 * session was lost before. */
static bool is_refusal(uint32_t status)
{
    return status & 0x80000000 && status != STATUS_MORE_PROCESSING_REQUIRED &&
           status != STATUS_USER_SESSION_DELETED && status != STATUS_NETWORK_SESSION_EXPIRED;
}

/* A session is renewed where it lives; elsewhere its id is just wrong. */
static bool match_renewal_refused(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!exchange_is_renewal(exchange) || !is_refusal(exchange->status) ||
        (is_from_elsewhere(scene) && scene->session->channel != scene->connection))
        return false;
    prove_logon(scene, proof);
    proof_value(proof, "Session id", "0x%016" PRIx64, scene->session->id);
    proof_interval(proof, "The session was valid for",
                   sighting_interval(&scene->session->valid_since, &exchange->response));
    return true;
}

/* 3.3.5.5.3: with the refusal, the server removes the session with all that was open on it. */
static const struct rule renewal_refused = {
    .id = "session_setup.renewal_refused",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_renewal_refused,
    .summary = "The server refuses to renew the logon of a session, which ends with its shares and "
               "files",
    .headline = "{user}: {server} refuses to renew the logon: {status}|{server} refuses to renew "
                "a logon: {status}",
    .cause = "What was right at the first logon is not any more: the password was changed, the "
             "account locked, disabled or expired meanwhile\n"
             "The Kerberos ticket ran out, and the client has no right new one\n"
             "Another user's credentials were sent on the same session",
    .next_step = "Log on anew with the present password; on Windows klist purge first, and look "
                 "into stored credentials: cmdkey /list\n"
                 "The finding about the status on the same message says what the server objects to",
    .reference = "[MS-SMB2] 3.3.5.5.2 Reauthenticating an Existing Session\n" REFERENCE_LOGON,
};

const struct rule_list session_setup_existing_rules = {
    .blocks = (const struct rule *const[]){&binding_refused, &renewal_refused, NULL},
};
