/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kerberos: tickets that were refused without a rule of their own, that were not asked for, or that
 * do not fit the server (RFC 4120 3.3, [MS-KILE] 3.2.4.2).
 */
#include "facts.h"

/* ---- kerberos.error_after_preauth ---- */

static bool match_error_after_preauth(const struct scene *scene, struct proof *proof)
{
    struct kdc_exchange *kdc = kerberos_refusal(scene) ? NULL : kdc_failure(scene);

    if (!kdc || kdc_exchange_outcome(kdc, scene->now.time) != KDC_ERROR ||
        !kdc_exchange_preauthenticated(kdc) || kerberos_error_has_rule(kdc->reply.error_code))
        return false;
    prove_kdc_error(scene, proof, kdc);
    return true;
}

static const struct rule error_after_preauth = {
    .id = "kerberos.error_after_preauth",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = LIKELY,
    .events = ON_REQUEST | ON_CLOSE,
    .commands = KERBEROS_COMMANDS,
    .gate = has_kdc_failure,
    .match = match_error_after_preauth,
    .summary = "Kerberos failed after pre-authentication, before the SMB2 session could be set up",
    .headline = "Kerberos failed: {=KRB-ERROR}",
    .cause = "Errors before and within pre-authentication are normal; this one is not: it kept "
             "the client from getting its ticket",
    .next_step = "Look up the error code in the evidence, and the KDC's log at that time: events "
                 "4769 and 4771 of the Security log\n"
                 "Try it from the client: klist get {cifs/NAME}, or kvno {cifs/NAME}",
    .reference = REFERENCE_KERBEROS_ERRORS,
};

/* ---- kerberos.no_service_ticket ---- */

static bool uses_ntlm_first(const struct scene *scene)
{
    const struct exchange *exchange = scene->exchange;
    const struct token *token = request_token_of(exchange);

    return exchange->request_session_id == 0 && token && token->kind == TOKEN_NTLM_NEGOTIATE;
}

static bool match_no_service_ticket(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const int64_t until = scene->now.time;
    bool known;

    if (!uses_ntlm_first(scene) || !connection_server_offers_kerberos(connection, &known) ||
        !connection->server_name || connection_named_by_address(connection) ||
        connection_ticket_request(connection, until) || kdc_failure(scene))
        return false;
    proof_value(proof, "Name used for the server", "%s", connection->server_name);
    proof_words(proof, "Kerberos traffic of this client",
                connection_seen_kerberos(connection, until) ? N_("seen, but none for this server")
                                                            : N_("none seen"));
    return true;
}

static const struct rule no_service_ticket = {
    .id = "kerberos.no_service_ticket",
    .severity = NOTE,
    .confidence = POSSIBLE,
    .events = ON_REQUEST,
    .commands = FOR_SESSION_SETUP,
    .match = match_no_service_ticket,
    .absence = true,
    .summary = "The server offers Kerberos, but the client uses NTLM without asking for a ticket",
    .headline = "{client} uses NTLM with {=Name used for the server} without asking for a ticket",
    .cause = "The client or its credentials do not use Kerberos: workgroup machine, local "
             "account, NTLM configured\n"
             "The capture does not show the client's traffic to the KDC",
    .next_step = "On the client: klist, klist get {cifs/NAME}\n"
                 "Is the client joined to the domain, and the account a domain account?",
    .reference = "[MS-SMB2] 3.2.4.2.3 Authenticating the User\n"
                 "[MS-KILE] 3.2.4.2 Authentication to Services",
};

/* ---- kerberos.sname_mismatch ---- */

static bool is_file_service(const char *service)
{
    return service && (g_ascii_strncasecmp(service, "cifs/", 5) == 0 ||
                       g_ascii_strncasecmp(service, "host/", 5) == 0);
}

static bool match_sname_mismatch(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const struct session *session = scene->session;
    const struct kerberos_message *ticket = session ? session->ticket : NULL;
    const struct identity *identity = model_identity(scene->model, &connection->client.address);

    if (!ticket || scene->exchange->status == STATUS_SUCCESS ||
        scene->exchange->status == STATUS_MORE_PROCESSING_REQUIRED ||
        !is_file_service(ticket->service) || !connection->server_name ||
        name_is_address(connection->server_name) ||
        identity_service_match(identity, connection, ticket->service) != SERVICE_OTHER)
        return false;
    proof_difference(proof, "Server", connection->server_name, &connection->first, ticket->service,
                     &session->first_leg->request);
    return true;
}

static const struct rule sname_mismatch = {
    .id = "kerberos.sname_mismatch",
    .severity = WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .match = match_sname_mismatch,
    .symptom = true,
    .summary = "The refused ticket is for another host name than the one used for the server",
    .headline = "Name used: {=Server}, refused ticket: {=Server/2}",
    .cause = "An alias or DFS target leads to another server than the ticket was made for\n"
             "The client's host name canonicalisation (reverse DNS) gave a wrong name",
    .next_step = "Check forward and reverse resolution of the name: Resolve-DnsName {NAME}, "
                 "Resolve-DnsName {ADDRESS}\n"
                 "MIT client: rdns = false and dns_canonicalize_hostname = false in krb5.conf",
    .reference = "[MS-KILE] 3.3.5.1.1 Server Principal Lookup",
};

const struct rule_list kerberos_ticket_rules = {
    .blocks = (const struct rule *const[]){&error_after_preauth, &no_service_ticket,
                                           &sname_mismatch, NULL},
};
