/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: NTLM where Kerberos might have been used ([MS-SMB2] 3.2.4.2.3, [MS-SPNG] 3.1.5).
 */
#include "facts.h"
#include "../kerberos/facts.h"

#define REFERENCE_AUTHENTICATE "[MS-SMB2] 3.2.4.2.3 Authenticating the User"

/* ---- session_setup.ntlm_by_ip ---- */

static const char no_kerberos_either[] =
    "The client used an IP address; this server offers no Kerberos anyway, so a name alone would "
    "not change the mechanism";

static bool is_ntlm_logon(const struct scene *scene)
{
    const struct session *session = scene->session;

    return session && session->mechanism == MECHANISM_NTLM && !session_is_anonymous(session);
}

/* The name is known from the NEGOTIATE (3.1.1), from the AUTHENTICATE message, or only from the
 * share's path. */
static const char *address_used(const struct scene *scene, wmem_allocator_t *scope)
{
    const struct connection *connection = scene->connection;
    const char *target;

    if (connection->server_name)
        return connection_named_by_address(connection) ? connection->server_name : NULL;
    target = session_target_host(scene->session, scope);
    return name_is_address(target) ? target : NULL;
}

static bool match_ntlm_by_ip(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const char *address;
    bool known, offered;

    if (!is_ntlm_logon(scene) || !exchange_is_new_logon(exchange) ||
        exchange->status == STATUS_MORE_PROCESSING_REQUIRED ||
        (exchange->command != SMB2_TREE_CONNECT &&
         !request_token_is(exchange, TOKEN_NTLM_AUTHENTICATE)) ||
        connection_finding(scene->connection, proof->rule))
        return false;
    address = address_used(scene, proof->scope);
    if (!address)
        return false;
    offered = connection_server_offers_kerberos(scene->connection, &known);
    proof_value_in(proof, &exchange->request, "Name used for the server", "%s", address);
    if (known)
        proof_words_in(proof, &scene->connection->agreed->response,
                       "Kerberos offered by the server", offered ? N_("yes") : N_("no"));
    if (known && !offered)
        proof->cause = no_kerberos_either;
    if (exchange->command == SMB2_TREE_CONNECT || exchange->status == STATUS_SUCCESS)
        proof_at_most(proof, CHAT);
    return true;
}

static const struct rule ntlm_by_ip = {
    .id = "session_setup.ntlm_by_ip",
    .severity = NOTE,
    .weighs = AS_CHAT,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP | FOR_TREE_CONNECT,
    .match = match_ntlm_by_ip,
    .summary = "The client addressed the server by IP address and logs on with NTLM",
    .headline = "NTLM, for the server is addressed as {=Name used for the server}",
    .cause = "By design: there is no service principal name for an address, so Kerberos is not "
             "tried",
    .next_step =
        "Use the server's full name (FQDN) or NetBIOS name in the path, so that Kerberos is used\n"
        "If it has to be the address: setspn -S cifs/{ADDRESS} {COMPUTER}, and on Windows clients "
        "reg add "
        "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters"
        " /v TryIPSPN /t REG_DWORD /d 1",
    .reference = REFERENCE_AUTHENTICATE,
};

/* ---- session_setup.ntlm_fallback ---- */

#define EARLIER_SESSIONS 8

/* Without KRB-ERROR the server may only have chosen another mechanism from the list. */
static bool ticket_refused_in(const struct session *session)
{
    return session && session->ticket && response_kerberos_error(session->first_leg);
}

/* The logon that a ticket was refused in: this one, in an earlier leg, or one before it on this
 * connection. */
static const struct session *refused_ticket(const struct scene *scene)
{
    const struct connection *connection = scene->connection;
    const unsigned count = connection->session_count;

    if (ticket_refused_in(scene->session))
        return scene->session;
    for (unsigned i = 0; i < MIN(count, EARLIER_SESSIONS); i++) {
        const struct session *session = connection->sessions[count - 1 - i];

        if (session->state == SESSION_FAILED && session->ticket)
            return session;
    }
    return NULL;
}

/* Of a user that the KDC knows. */
static const char error_says_why[] =
    "The Kerberos error in the evidence says why there is no ticket for the server";
static const char kdc_out_of_reach[] =
    "The client did not reach a domain controller's KDC: port 88 is blocked, or the controller is "
    "down\n"
    "The client is outside the domain's network";

static const char domains_name[] =
    "The client addressed the server by the domain's own name (DFS namespace, SYSVOL), for which "
    "there need be no ticket";
static const char domains_step[] =
    "Nothing to do where the client goes on\n"
    "Where NTLM is blocked, use a domain controller's or file server's own name";

/* By design, as it is by an address. */
static void weigh_domains_name(struct proof *proof, const struct kdc_exchange *kdc)
{
    if (kdc->reply.error_code != KDC_ERR_S_PRINCIPAL_UNKNOWN || !kdc_was_asked_for_domain(kdc))
        return;
    proof_at_most(proof, NOTE);
    proof->cause = domains_name;
    proof->next_step = domains_step;
}

static void prove_kdc_failure(const struct scene *scene, struct proof *proof,
                              struct kdc_exchange *kdc)
{
    if (kdc->reply.type != KERBEROS_ERROR)
        proof->cause = kdc_out_of_reach;
    else if (kdc_exchange_kind(kdc) == KERBEROS_TGS_REQ)
        proof->cause = error_says_why;
    if (kdc->reply.type == KERBEROS_ERROR)
        proof_value_in(proof, &kdc->replied, "KRB-ERROR", "%s",
                       kerberos_error_text(kdc->reply.error_code, proof->scope));
    prove_service(scene, proof, kdc);
    weigh_domains_name(proof, kdc);
    proof->subject = "";
}

static const char ticket_refused[] =
    "The server refused the Kerberos ticket: service name on another account, password or keytab "
    "out of step, clocks";
static const char ticket_refused_step[] =
    "On the client: klist purge, then klist get {cifs/NAME}, and try again\n"
    "setspn -Q {cifs/NAME} and setspn -L {COMPUTER}: does the name used belong to the server's "
    "account?\n"
    "{!OWN NAME}For an alias: netdom computername {COMPUTER} /add:{ALIAS.DOMAIN}";

static void prove_refused_ticket(struct proof *proof, const struct session *earlier)
{
    proof_frame(proof, "Logon by Kerberos refused", &earlier->first_leg->response);
    proof->related = earlier->first_leg->response;
    proof->cause = ticket_refused;
    proof->next_step = ticket_refused_step;
}

/* A KDC's silence counts only where the capture shows both directions. */
static struct kdc_exchange *seen_kdc_failure(const struct scene *scene)
{
    struct kdc_exchange *kdc = kdc_failure(scene);

    if (kdc && kdc->reply.type != KERBEROS_ERROR && !kdc->syn_refused.frame &&
        !connection_absence_is_proof(scene->connection))
        return NULL;
    return kdc;
}

/* Only after a failure of Kerberos that the capture shows: NTLM alone may be meant, by a local
 * account or a workgroup. */
static bool match_ntlm_fallback(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct session *earlier;
    struct kdc_exchange *kdc;

    if (!request_token_is(exchange, TOKEN_NTLM_NEGOTIATE) || !exchange_is_new_logon(exchange))
        return false;
    kdc = seen_kdc_failure(scene);
    earlier = kdc ? NULL : refused_ticket(scene);
    if (kdc)
        prove_kdc_failure(scene, proof, kdc);
    else if (earlier)
        prove_refused_ticket(proof, earlier);
    return kdc || earlier;
}

static const struct rule ntlm_fallback = {
    .id = "session_setup.ntlm_fallback",
    .severity = WARNING,
    .weighs = AS_NOTE,
    .confidence = LIKELY,
    .events = ON_REQUEST,
    .commands = FOR_SESSION_SETUP,
    .match = match_ntlm_fallback,
    .summary = "Kerberos failed before, and the client falls back to NTLM",
    .headline = "NTLM after Kerberos failed: {=KRB-ERROR}|NTLM with {server} after Kerberos failed",
    .cause = "The Kerberos error in the evidence says why there is no ticket\n"
             "The account is a local one of the server, for which NTLM is the only way",
    .next_step = "See the finding about Kerberos on this connection: its steps come first\n"
                 "Mend it before NTLM is blocked: a client that blocks NTLM does not get in at all",
    .reference =
        REFERENCE_AUTHENTICATE "\n[MS-SPNG] 3.1.5 Message Processing Events and Sequencing Rules",
};

const struct rule_list session_setup_ntlm_rules = {
    .blocks = (const struct rule *const[]){&ntlm_by_ip, &ntlm_fallback, NULL},
};
