/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kerberos, part three: KDCs that do not answer, tickets that were not asked for or do not fit, and errors without a
 * rule of their own.
 */
#include "rules_kerberos.h"

static bool outcome_is(const struct scene *scene, const struct kdc_exchange *kdc,
                       enum kdc_outcome outcome)
{
    return kdc && kdc_exchange_outcome(kdc, scene->now.time) == outcome;
}

static bool is_unanswered_ticket_request(const struct scene *scene, const struct kdc_exchange *kdc)
{
    return outcome_is(scene, kdc, KDC_SILENT) && kdc->acknowledged.frame &&
           kdc_exchange_kind(kdc) == KERBEROS_TGS_REQ;
}

/* ---- kerberos.tgs_acked_not_answered ---- */

static bool match_tgs_acked_not_answered(const struct scene *scene, struct proof *proof)
{
    const struct kdc_exchange *kdc = kdc_failure(scene);

    if (!is_unanswered_ticket_request(scene, kdc))
        return false;
    proof_frame(proof, "TGS-REQ", &kdc->requested);
    proof_frame(proof, "Acknowledged by the KDC's TCP", &kdc->acknowledged);
    proof_interval(proof, "Unanswered for", scene->now.time - kdc->requested.time);
    prove_service(scene, proof, kdc);
    soften_if_going_on(scene, proof);
    return true;
}

static const struct rule tgs_acked_not_answered = {
    .id = "kerberos.tgs_acked_not_answered",
    .severity = ERROR,
    .group = SEQUENCE,
    .confidence = LIKELY,
    .events = ON_REQUEST | ON_CLOSE,
    .command = ANY_COMMAND,
    .match = match_tgs_acked_not_answered,
    .summary = "The ticket request for this server was acknowledged by TCP but never answered",
    .cause = "A WAN accelerator or firewall acknowledged the request in the KDC's name and did not pass "
             "it on\n"
             "The answer of the KDC was dropped on its way back\n"
             "The KDC hangs",
    .next_step = "Compare the TTL of the KDC's acknowledgements with that of its other packets\n"
                 "Capture on the KDC: does the TGS-REQ arrive there, does the TGS-REP leave?\n"
                 "Take Kerberos (TCP 88) out of the WAN accelerator's optimisation",
    .reference = "RFC 4120 7.2.2 TCP/IP Transport\nRFC 4120 3.3.3 Generation of KRB_TGS_REP Message",
};

/* ---- kerberos.kdc_unreachable ---- */

static bool prove_unreachable(struct proof *proof, const struct kdc_exchange *kdc,
                              enum kdc_outcome outcome)
{
    switch (outcome) {
    case KDC_REFUSED:
        proof_frame(proof, "SYN to the KDC's port 88", &kdc->syn);
        proof_frame(proof, "Refused (RST)", &kdc->syn_refused);
        return true;
    case KDC_UNREACHABLE:
        proof_frame(proof, "SYN to the KDC's port 88", &kdc->syn);
        proof_value(proof, "SYN sent", "%u times, no answer", kdc->syn_count);
        return true;
    case KDC_SILENT:
        proof_frame(proof, "Request to the KDC", &kdc->requested);
        proof_value(proof, "Request sent", "%u times, no answer", kdc->request_copies);
        return true;
    default:
        return false;
    }
}

static bool match_kdc_unreachable(const struct scene *scene, struct proof *proof)
{
    const struct kdc_exchange *kdc = kdc_failure(scene);

    if (!kdc || is_unanswered_ticket_request(scene, kdc) ||
        !prove_unreachable(proof, kdc, kdc_exchange_outcome(kdc, scene->now.time)))
        return false;
    prove_service(scene, proof, kdc);
    proof->subject = ""; /* whatever was asked for: the KDC is the fault */
    soften_if_going_on(scene, proof);
    return true;
}

static const struct rule kdc_unreachable = {
    .id = "kerberos.kdc_unreachable",
    .severity = ERROR,
    .group = SEQUENCE,
    .confidence = LIKELY,
    .events = ON_REQUEST | ON_CLOSE,
    .command = ANY_COMMAND,
    .match = match_kdc_unreachable,
    .summary = "The client could not reach a KDC, so it got no Kerberos ticket for this server",
    .cause = "A firewall blocks port 88 (TCP or UDP) to the KDC\n"
             "The KDC is down, or DNS names a host that is none",
    .next_step = "From the client: Test-NetConnection KDC -Port 88\n"
                 "nltest /dsgetdc:DOMAIN /force; Resolve-DnsName -Type SRV _kerberos._tcp.DOMAIN\n"
                 "On the KDC: is the Kerberos service running, does it listen on port 88?",
    .reference = "RFC 4120 7.2 Transports\n[MS-KILE] 2.1 Transport",
};

/* ---- kerberos.response_too_big ---- */

static bool match_response_too_big(const struct scene *scene, struct proof *proof)
{
    const struct kdc_exchange *kdc = kdc_failure(scene);

    if (!outcome_is(scene, kdc, KDC_TOO_BIG))
        return false;
    proof_value_in(proof, &kdc->replied, "KRB-ERROR", "%s", kerberos_error_text(52, proof->scope));
    prove_service(scene, proof, kdc);
    soften_if_going_on(scene, proof);
    return true;
}

static const struct rule response_too_big = {
    .id = "kerberos.response_too_big",
    .severity = ERROR,
    .group = SEQUENCE,
    .confidence = LIKELY,
    .events = ON_REQUEST | ON_CLOSE,
    .command = ANY_COMMAND,
    .match = match_response_too_big,
    .kerberos_errors = (const int[]){52, 0},
    .summary = "The KDC's answer does not fit into UDP, and the client did not try TCP",
    .cause = "TCP port 88 is blocked, or the client is configured for UDP only",
    .next_step = "Open TCP port 88 from the client to the KDC: Test-NetConnection KDC -Port 88\n"
                 "MIT or Heimdal client: udp_preference_limit = 1 in krb5.conf",
    .reference = "RFC 4120 7.2.1 UDP/IP Transports",
};

/* ---- kerberos.error_after_preauth ---- */

static bool match_error_after_preauth(const struct scene *scene, struct proof *proof)
{
    const struct kdc_exchange *kdc = kdc_failure(scene);

    return outcome_is(scene, kdc, KDC_ERROR) && kdc_exchange_preauthenticated(kdc) &&
           match_unlisted_kerberos_error(scene, proof);
}

static const struct rule error_after_preauth = {
    .id = "kerberos.error_after_preauth",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = LIKELY,
    .events = ON_REQUEST | ON_CLOSE,
    .command = ANY_COMMAND,
    .match = match_error_after_preauth,
    .summary = "Kerberos failed after pre-authentication, before the SMB2 session could be set up",
    .cause = "Errors before and within pre-authentication are normal; this one is not: it kept the client "
             "from getting its ticket",
    .next_step = "Look up the error code below and the KDC's log at that time: events 4769 and 4771 of "
                 "the Security log\n"
                 "Try it from the client: klist get cifs/NAME, or kvno cifs/NAME",
    .reference = "RFC 4120 7.5.9 Error Codes",
};

/* ---- kerberos.no_service_ticket ---- */

static bool uses_ntlm_first(const struct scene *scene)
{
    const struct exchange *exchange = scene->exchange;
    const struct token *token = exchange->request_token;

    return exchange->request_session_id == 0 && token && token->kind == TOKEN_NTLM_NEGOTIATE;
}

static bool match_no_service_ticket(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const struct identity *identity = model_identity(scene->model, &connection->client.address);
    bool known;

    if (!uses_ntlm_first(scene) || !connection_server_offers_kerberos(connection, &known) ||
        !connection->server_name || connection_named_by_address(connection) ||
        identity_ticket_request(identity, connection) || kdc_failure(scene))
        return false;
    proof_value(proof, "Name used for the server", "%s", connection->server_name);
    proof_value(proof, "Kerberos traffic of this client", "%s",
                identity_seen_kerberos(identity) ? "seen, but none for this server" : "none seen");
    return true;
}

static const struct rule no_service_ticket = {
    .id = "kerberos.no_service_ticket",
    .severity = NOTE,
    .group = ASSUMPTION,
    .confidence = POSSIBLE,
    .events = ON_REQUEST,
    .command = SMB2_SESSION_SETUP,
    .match = match_no_service_ticket,
    .absence = true,
    .summary = "The server offers Kerberos, but the client uses NTLM without asking for a ticket",
    .cause = "The client or its credentials do not use Kerberos: workgroup machine, local account, NTLM "
             "configured\n"
             "The capture does not show the client's traffic to the KDC",
    .next_step = "On the client: klist, klist get cifs/NAME\n"
                 "Is the client joined to the domain, and the account a domain account?",
    .reference = "[MS-SMB2] 3.2.4.2.3 Authenticating the User\n[MS-KILE] 3.2.4.2 Authentication to "
                 "Services",
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
    .group = ASSUMPTION,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .command = SMB2_SESSION_SETUP,
    .match = match_sname_mismatch,
    .symptom = true,
    .summary = "The refused ticket is for another host name than the one used for the server",
    .cause = "An alias or DFS target leads to another server than the ticket was made for\n"
             "The client's host name canonicalisation (reverse DNS) gave a wrong name",
    .next_step = "Check forward and reverse resolution of the name: Resolve-DnsName NAME, "
                 "Resolve-DnsName ADDRESS\n"
                 "MIT client: rdns = false and dns_canonicalize_hostname = false in krb5.conf",
    .reference = "[MS-KILE] 3.3.5.1.1 Server Principal Lookup",
};

const struct rule *const kerberos_path_rules[] = {
    &tgs_acked_not_answered, &kdc_unreachable,   &response_too_big,
    &error_after_preauth,    &no_service_ticket, &sname_mismatch, NULL,
};
