/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * kerberos: KDCs that cannot be reached, or do not answer (RFC 4120 7.2).
 */
#include "facts.h"

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
    struct kdc_exchange *kdc = kdc_failure(scene);

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
    .weighs = AS_WARNING,
    .confidence = LIKELY,
    .events = ON_REQUEST | ON_CLOSE,
    .commands = KERBEROS_COMMANDS,
    .gate = has_kdc_failure,
    .match = match_tgs_acked_not_answered,
    .summary = "The ticket request for this server was acknowledged by TCP but never answered",
    .headline = "KDC {=KDC} never answered the request for {=Ticket asked for}",
    .cause = "Consistent with a WAN accelerator or firewall that acknowledged the request in the "
             "KDC's name and did not pass it on\n"
             "The answer of the KDC was dropped on its way back\n"
             "The KDC hangs",
    .next_step = "Compare the TTL of the KDC's acknowledgements with that of its other packets\n"
                 "Capture on the KDC: does the TGS-REQ arrive there, does the TGS-REP leave?\n"
                 "Take Kerberos (TCP 88) out of the WAN accelerator's optimisation",
    .reference = "RFC 4120 7.2.2 TCP/IP Transport\n"
                 "RFC 4120 3.3.3 Generation of KRB_TGS_REP Message",
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

static const char *unreachable_cause(enum kdc_outcome outcome)
{
    if (outcome == KDC_REFUSED)
        return "Nothing listens on port 88 there: the Kerberos service is stopped, or DNS names a "
               "host that is no KDC\n"
               "A firewall sent the reset in the KDC's name";
    return "A firewall drops what goes to port 88 (TCP or UDP) of the KDC, or its answer\n"
           "The KDC is down, or DNS names an address that nobody has";
}

static bool match_kdc_unreachable(const struct scene *scene, struct proof *proof)
{
    struct kdc_exchange *kdc = kdc_failure(scene);

    if (!kdc || is_unanswered_ticket_request(scene, kdc) ||
        !prove_unreachable(proof, kdc, kdc_exchange_outcome(kdc, scene->now.time)))
        return false;
    proof->cause = unreachable_cause(kdc_exchange_outcome(kdc, scene->now.time));
    prove_service(scene, proof, kdc);
    proof->subject = ""; /* whatever was asked for: the KDC is the fault */
    soften_if_going_on(scene, proof);
    return true;
}

static const struct rule kdc_unreachable = {
    .id = "kerberos.kdc_unreachable",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = LIKELY,
    .events = ON_REQUEST | ON_CLOSE,
    .commands = KERBEROS_COMMANDS,
    .gate = has_kdc_failure,
    .match = match_kdc_unreachable,
    .summary = "The client could not reach a KDC, so it got no Kerberos ticket for this server",
    .headline = "KDC {=KDC} out of reach of {client}",
    .cause = "A firewall blocks port 88 (TCP or UDP) to the KDC\n"
             "The KDC is down, or DNS names a host that is none",
    .next_step =
        "From the client: Test-NetConnection {KDC} -Port 88\n"
        "nltest /dsgetdc:{DOMAIN} /force; Resolve-DnsName -Type SRV _kerberos._tcp.{DOMAIN}\n"
        "On the KDC: is the Kerberos service running, does it listen on port 88?",
    .reference = "RFC 4120 7.2 Transports\n"
                 "[MS-KILE] 2.1 Transport",
};

/* ---- kerberos.response_too_big ---- */

static bool match_response_too_big(const struct scene *scene, struct proof *proof)
{
    struct kdc_exchange *kdc = kdc_failure(scene);

    if (!outcome_is(scene, kdc, KDC_TOO_BIG))
        return false;
    proof_value_in(proof, &kdc->replied, "KRB-ERROR", "%s",
                   kerberos_error_text(KRB_ERR_RESPONSE_TOO_BIG, proof->scope));
    prove_service(scene, proof, kdc);
    soften_if_going_on(scene, proof);
    return true;
}

static const struct rule response_too_big = {
    .id = "kerberos.response_too_big",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = LIKELY,
    .events = ON_REQUEST | ON_CLOSE,
    .commands = KERBEROS_COMMANDS,
    .gate = has_kdc_failure,
    .match = match_response_too_big,
    .data = (const int[]){KRB_ERR_RESPONSE_TOO_BIG, KDC_ERR_NONE},
    .summary = "The KDC's answer does not fit into UDP, and the client did not try TCP",
    .headline = "KDC {=KDC}: answer too big for UDP, and {client} did not try TCP",
    .cause = "TCP port 88 is blocked, or the client is configured for UDP only",
    .next_step = "Open TCP port 88 from the client to the KDC: Test-NetConnection {KDC} -Port 88\n"
                 "MIT or Heimdal client: udp_preference_limit = 1 in krb5.conf",
    .reference = "RFC 4120 7.2.1 UDP/IP Transports",
};

const struct rule_list kerberos_kdc_rules = {
    .blocks = (const struct rule *const[]){&tgs_acked_not_answered, &kdc_unreachable,
                                           &response_too_big, NULL},
};
