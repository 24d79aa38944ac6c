/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: who logs on, and by which mechanism.
 */
#include "logon.h"
#include "rules_kerberos.h"

#include <string.h>

#define REFERENCE_AUTHENTICATE "[MS-SMB2] 3.2.4.2.3 Authenticating the User"

/* ---- session_setup.credentials_info ---- */

static bool match_credentials_info(const struct scene *scene, struct proof *proof)
{
    const char *names;

    if (!exchange_shows_identity(scene->exchange) || logon_is_binding(scene->exchange) ||
        logon_is_renewal(scene->exchange))
        return false;
    prove_logon(scene, proof);
    names = logon_server_names(scene->session, proof->scope);
    if (names && scene->session->mechanism == MECHANISM_NTLM)
        proof_value(proof, "The server calls itself", "%s", names);
    return true;
}

static const struct rule credentials_info = {
    .id = "session_setup.credentials_info",
    .severity = CHAT,
    .group = ASSUMPTION,
    .confidence = CERTAIN,
    .events = ON_REQUEST,
    .command = SMB2_SESSION_SETUP,
    .match = match_credentials_info,
    .summary = "The client logs on: who, by which mechanism, and from where",
    .cause = "This is what the security blob of the request says in clear; a Kerberos ticket hides the "
             "user's name",
    .next_step = "Check that this is the account, domain and server name that were meant",
    .reference = "[MS-SMB2] 2.2.5 SMB2 SESSION_SETUP Request",
};

/* ---- session_setup.identity_suspect ---- */

static bool same_label(const char *domain, const char *dns_domain)
{
    const size_t length = dns_domain ? strcspn(dns_domain, ".") : 0;

    return length && strlen(domain) == length && g_ascii_strncasecmp(domain, dns_domain, length) == 0;
}

static bool is_servers_domain(const char *domain, const struct ntlm_token *challenge)
{
    return host_names_match(domain, challenge->netbios_domain) ||
           host_names_match(domain, challenge->dns_domain) ||
           host_names_match(domain, challenge->netbios_computer) ||
           host_names_match(domain, challenge->dns_computer) ||
           host_names_match(domain, challenge->target_name) ||
           same_label(domain, challenge->dns_domain);
}

static const char *suspicion(const struct ntlm_token *ntlm, const struct ntlm_token *challenge)
{
    const size_t length = strlen(ntlm->user);

    if (length && ntlm->user[length - 1] == '$')
        return "computer account";
    if (!ntlm->domain || !*ntlm->domain || strcmp(ntlm->domain, ".") == 0 || !challenge ||
        is_servers_domain(ntlm->domain, challenge))
        return NULL;
    if (ntlm->workstation && host_names_match(ntlm->domain, ntlm->workstation))
        return "local account of the client's own computer";
    return "domain that the server does not call its own";
}

static bool match_identity_suspect(const struct scene *scene, struct proof *proof)
{
    const struct session *session = scene->session;
    const struct ntlm_token *ntlm = session ? session->authenticate : NULL;
    const char *what, *names;

    if (!exchange_has_ntlm(scene->exchange, TOKEN_NTLM_AUTHENTICATE) || !ntlm || !ntlm->user ||
        ntlm->anonymous)
        return false;
    what = suspicion(ntlm, session->challenge);
    if (!what)
        return false;
    proof->about = scene->exchange->request;
    prove_logon(scene, proof);
    proof_value(proof, "Looks like", "%s", what);
    names = logon_server_names(session, proof->scope);
    if (names)
        proof_value(proof, "The server calls itself", "%s", names);
    return true;
}

static const struct rule identity_suspect = {
    .id = "session_setup.identity_suspect",
    .severity = NOTE,
    .group = SECURITY,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .command = SMB2_SESSION_SETUP,
    .statuses = (const uint32_t[]){STATUS_LOGON_FAILURE, STATUS_NO_SUCH_USER, STATUS_WRONG_PASSWORD,
                                   STATUS_NO_SUCH_DOMAIN, 0},
    .match = match_identity_suspect,
    .summary = "The refused account may not be the one meant: it belongs elsewhere or to a computer",
    .cause = "The client sent an account of its own computer, which the server does not know\n"
             "The domain sent is neither the server's nor, perhaps, one that it trusts\n"
             "A service logs on with the computer's account (name ends in $)",
    .next_step = "Give the account in full: net use \\\\SERVER\\SHARE /user:SERVER\\USER for an account of "
                 "the server, /user:DOMAIN\\USER for one of the domain\n"
                 "Look which credentials the client has stored: cmdkey /list",
    .reference = "[MS-NLMP] 2.2.1.3 AUTHENTICATE_MESSAGE",
};

/* ---- session_setup.ntlm_by_ip ---- */

static const char no_kerberos_either[] =
    "The client used an IP address; this server offers no Kerberos anyway, so a name alone would not "
    "change the mechanism";

static bool is_ntlm_logon(const struct scene *scene)
{
    const struct session *session = scene->session;

    return session && session->mechanism == MECHANISM_NTLM && !session_is_anonymous(session) &&
           scene->exchange;
}

/* The name is known from the NEGOTIATE (3.1.1), from the AUTHENTICATE message, or only from the share's path. */
static const char *address_used(const struct scene *scene, wmem_allocator_t *scope)
{
    const struct connection *connection = scene->connection;
    const char *target;

    if (connection->server_name)
        return connection_named_by_address(connection) ? connection->server_name : NULL;
    target = logon_target_host(scene->session, scope);
    return name_is_address(target) ? target : NULL;
}

static bool match_ntlm_by_ip(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const char *address;
    bool known, offered;

    if (!is_ntlm_logon(scene) || logon_is_binding(exchange) || logon_is_renewal(exchange) ||
        (exchange->command != SMB2_TREE_CONNECT &&
         !exchange_has_ntlm(exchange, TOKEN_NTLM_AUTHENTICATE)) ||
        connection_finding(scene->connection, proof->rule->id))
        return false;
    address = address_used(scene, proof->scope);
    if (!address)
        return false;
    offered = connection_server_offers_kerberos(scene->connection, &known);
    proof_value_in(proof, &exchange->request, "Name used for the server", "%s", address);
    if (known)
        proof_value_in(proof, &scene->connection->agreed->response, "Kerberos offered by the server",
                       "%s", offered ? "yes" : "no");
    if (known && !offered)
        proof->cause = no_kerberos_either;
    return true;
}

static const struct rule ntlm_by_ip = {
    .id = "session_setup.ntlm_by_ip",
    .severity = NOTE,
    .group = SECURITY,
    .confidence = LIKELY,
    .events = ON_REQUEST,
    .command = ANY_COMMAND,
    .match = match_ntlm_by_ip,
    .summary = "The client addressed the server by IP address and logs on with NTLM",
    .cause = "By design: there is no service principal name for an address, so Kerberos is not tried",
    .next_step = "Use the server's full name (FQDN) or NetBIOS name in the path, so that Kerberos is used\n"
                 "If it has to be the address: setspn -S cifs/ADDRESS SERVER, and on Windows clients reg "
                 "add HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos"
                 "\\Parameters /v TryIPSPN /t REG_DWORD /d 1",
    .reference = REFERENCE_AUTHENTICATE,
};

/* ---- session_setup.ntlm_fallback ---- */

#define EARLIER_SESSIONS 8

/* Without KRB-ERROR the server may only have chosen another mechanism from the list. */
static bool ticket_refused_in(const struct session *session)
{
    return session && session->ticket && exchange_has_kerberos_error(session->first_leg);
}

/* The logon that a ticket was refused in: this one, in an earlier leg, or one before it on this connection. */
static const struct session *refused_ticket(const struct scene *scene)
{
    wmem_list_frame_t *at = wmem_list_tail(scene->connection->sessions);

    if (ticket_refused_in(scene->session))
        return scene->session;
    for (unsigned i = 0; at && i < EARLIER_SESSIONS; i++) {
        const struct session *session = (struct session *)wmem_list_frame_data(at);

        if (session->state == SESSION_FAILED && session->ticket)
            return session;
        at = wmem_list_frame_prev(at);
    }
    return NULL;
}

#define KDC_ERR_S_PRINCIPAL_UNKNOWN 7

static const char error_says_why[] =
    "The Kerberos error in the evidence says why there is no ticket\n"
    "The account is a local one of the server, for which NTLM is the only way";
static const char kdc_out_of_reach[] =
    "The client did not reach a domain controller's KDC: port 88 is blocked, or the controller is down\n"
    "The client is outside the domain's network";

static void prove_kdc_failure(const struct scene *scene, struct proof *proof,
                              const struct kdc_exchange *kdc)
{
    if (kdc->reply.type != KERBEROS_ERROR) {
        proof->cause = kdc_out_of_reach;
    } else {
        proof_value_in(proof, &kdc->replied, "KRB-ERROR", "%s",
                       kerberos_error_text(kdc->reply.error_code, proof->scope));
        if (kdc->reply.error_code != KDC_ERR_S_PRINCIPAL_UNKNOWN)
            proof->cause = error_says_why;
    }
    prove_service(scene, proof, kdc);
    proof->subject = "";
}

static const char ticket_refused[] =
    "The server refused the Kerberos ticket: service name on another account, password or keytab out of "
    "step, clocks";

static void prove_refused_ticket(struct proof *proof, const struct session *earlier)
{
    proof_frame(proof, "Logon by Kerberos refused", &earlier->first_leg->response);
    proof->related = earlier->first_leg->response;
    proof->cause = ticket_refused;
}

/* A KDC's silence counts only where the capture shows both directions. */
static const struct kdc_exchange *seen_kdc_failure(const struct scene *scene)
{
    const struct kdc_exchange *kdc = kdc_failure(scene);

    if (kdc && kdc->reply.type != KERBEROS_ERROR && !kdc->syn_refused.frame &&
        !connection_absence_is_proof(scene->connection))
        return NULL;
    return kdc;
}

/* Only after a failure of Kerberos that the capture shows: NTLM alone may be meant, by a local account or a
 * workgroup. */
static bool match_ntlm_fallback(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct session *earlier;
    const struct kdc_exchange *kdc;

    if (!exchange_has_ntlm(exchange, TOKEN_NTLM_NEGOTIATE) || logon_is_binding(exchange) ||
        logon_is_renewal(exchange))
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
    .group = SECURITY,
    .confidence = LIKELY,
    .events = ON_REQUEST,
    .command = SMB2_SESSION_SETUP,
    .match = match_ntlm_fallback,
    .summary = "Kerberos failed before, and the client falls back to NTLM",
    .cause = "The name used for the server has no service principal name: alias (CNAME), missing or "
             "misplaced name\n"
             "The client and the server are in different realms, and the KDC does not know the server",
    .next_step = "setspn -Q cifs/NAME and setspn -L SERVER: does the name used belong to the server's "
                 "account?\n"
                 "On the client: klist get cifs/NAME\n"
                 "For an alias: netdom computername SERVER /add:ALIAS.DOMAIN\n"
                 "Look at the Kerberos traffic on port 88; clients that block NTLM will not get in at all",
    .reference = REFERENCE_AUTHENTICATE "\n[MS-SPNG] 3.1.5 Message Processing Events and Sequencing Rules",
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
    const struct token *offer = exchange->request_token, *choice = exchange->response_token;

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
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_SESSION_SETUP,
    .statuses = (const uint32_t[]){STATUS_MORE_PROCESSING_REQUIRED, 0},
    .match = match_mech_renegotiated,
    .summary = "The server chose another mechanism than the one that the client prefers",
    .cause = "The server does not have the preferred mechanism, or cannot use it at present (Kerberos "
             "without machine account or keytab)\n"
             "The client and the server disagree on the order; this costs one more round trip",
    .next_step = "If Kerberos was preferred: check the server's domain membership: "
                 "Test-ComputerSecureChannel, or net ads testjoin on Samba\n"
                 "Compare with the mechanisms in the server's NEGOTIATE response",
    .reference = "RFC 4178 4.2.2 negTokenResp\n[MS-SPNG] 3.1.5.2 mechTypes Identification of Kerberos",
};

const struct rule *const logon_identity_rules[] = {
    &credentials_info, &identity_suspect, &ntlm_by_ip, &ntlm_fallback, &mech_renegotiated, NULL,
};
