/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who tried to log on ([MS-NLMP] 2.2.1, RFC 4120 5.5), and what a refusal leaves of the session
 * ([MS-SMB2] 3.3.5.5).
 */
#include "facts.h"

/* A client has few logons at a time; hostile captures may have many. */
#define SESSIONS_LOOKED_AT 16

/* ---- what the exchange is ---- */

bool exchange_is_renewal(const struct exchange *exchange)
{
    const struct session *session = exchange->session;

    return session && session->reauthentication && !exchange_is_binding(exchange);
}

bool exchange_is_new_logon(const struct exchange *exchange)
{
    return !exchange_is_binding(exchange) && !exchange_is_renewal(exchange);
}

bool request_token_is(const struct exchange *exchange, enum token_kind kind)
{
    const struct token *token = request_token_of(exchange);

    return token && token->kind == kind;
}

bool request_shows_identity(const struct exchange *exchange)
{
    return request_token_is(exchange, TOKEN_NTLM_AUTHENTICATE) ||
           request_token_is(exchange, TOKEN_KRB_AP_REQ);
}

const struct kerberos_message *response_kerberos_error(const struct exchange *exchange)
{
    const struct token *token = response_token_of(exchange);

    return token && token->kind == TOKEN_KRB_ERROR ? &token->kerberos : NULL;
}

bool answer_is_unread(const struct exchange *exchange)
{
    return !session_setup_response_of(exchange->answer) || exchange->answer->token_unread;
}

/* ---- names ---- */

static const char *target_name(const struct session *session)
{
    if (session->authenticate && session->authenticate->spn && *session->authenticate->spn)
        return session->authenticate->spn;
    return session->ticket ? session->ticket->service : NULL;
}

char *session_target_host(const struct session *session, wmem_allocator_t *scope)
{
    const char *name = session ? target_name(session) : NULL;
    const char *host = name ? strchr(name, '/') : NULL;

    return host ? wmem_strndup(scope, host + 1, strcspn(host + 1, "/")) : NULL;
}

bool is_servers_name(const struct ntlm_token *challenge, const char *host)
{
    return host_names_match(host, challenge->netbios_computer) ||
           host_names_match(host, challenge->dns_computer) ||
           host_names_match(host, challenge->netbios_domain) ||
           host_names_match(host, challenge->dns_domain) ||
           host_names_match(host, challenge->target_name);
}

/* IPv6 addresses can be written in many ways: another writing is no other address. */
static enum target_fit address_fit(const struct session *session, const char *host)
{
    const struct address *server = &session->connection->server.address;
    char *own = address_text(server, NULL);
    enum target_fit fit = TARGET_UNKNOWN;

    if (g_ascii_strcasecmp(own, host) == 0)
        fit = TARGET_OWN;
    else if (server->length == 4 && strspn(host, "0123456789.") == strlen(host))
        fit = TARGET_ADDRESS;
    wmem_free(NULL, own);
    return fit;
}

enum target_fit session_target_fit(const struct session *session)
{
    char *host = session_target_host(session, NULL);
    enum target_fit fit = TARGET_UNKNOWN;

    if (host && *host && name_is_address(host))
        fit = address_fit(session, host);
    else if (host && *host && session->challenge &&
             (session->challenge->netbios_computer || session->challenge->dns_computer))
        fit = is_servers_name(session->challenge, host) ? TARGET_OWN : TARGET_FOREIGN;
    wmem_free(NULL, host);
    return fit;
}

/* The one, the other, or both; NULL: neither. */
static const char *either_name(const char *one, const char *other, wmem_allocator_t *scope)
{
    const bool has_one = one && *one, has_other = other && *other;

    if (has_one && has_other)
        return wmem_strconcat(scope, one, ", ", other, NULL);
    return has_one ? one : has_other ? other : NULL;
}

const char *session_server_names(const struct session *session, wmem_allocator_t *scope)
{
    const struct ntlm_token *challenge = session ? session->challenge : NULL;
    const char *computer, *domain;

    if (!challenge)
        return NULL;
    computer = either_name(challenge->dns_computer, challenge->netbios_computer, scope);
    domain = either_name(challenge->netbios_domain, challenge->dns_domain, scope);
    if (computer && domain)
        return phrase(scope, "%s; domain %s", computer, domain);
    return computer ? computer : domain;
}

/* ---- who ---- */

static void prove_ntlm(struct proof *proof, const struct session *session,
                       const struct sighting *where)
{
    const struct ntlm_token *ntlm = session->authenticate;
    const char *user = session_user(session, proof->scope);

    if (ntlm->anonymous)
        proof_value_in(proof, where, "User", "none (anonymous)");
    else if (user)
        proof_value_in(proof, where, "User", "%s", user);
    if (ntlm->workstation && *ntlm->workstation)
        proof_value_in(proof, where, "Workstation", "%s", ntlm->workstation);
    if (ntlm->spn && *ntlm->spn)
        proof_value_in(proof, where, "Target name", "%s", ntlm->spn);
    if (ntlm_is_old(ntlm))
        proof_value_in(proof, where, "NTLM version", "%s", ntlm_version_name(ntlm->version));
}

static void prove_ticket(struct proof *proof, const struct session *session,
                         const struct sighting *where)
{
    const struct kerberos_message *ticket = session->ticket;

    if (ticket->service)
        proof_value_in(proof, where, "Ticket for", "%s%s%s", ticket->service,
                       ticket->realm ? "@" : "", ticket->realm ? ticket->realm : "");
}

void prove_logon(const struct scene *scene, struct proof *proof)
{
    const struct session *session = scene->session;
    const struct sighting *where = &scene->exchange->request;
    const char *user;

    if (!session)
        return;
    if (session->mechanism)
        proof_value(proof, "Mechanism", "%s", mechanism_name(session->mechanism));
    else if (session->offered)
        proof_value(proof, "Mechanisms offered", "%s",
                    mechanism_names(session->offered, proof->scope));
    if (session->authenticate && session->mechanism == MECHANISM_NTLM)
        prove_ntlm(proof, session, where);
    if (session->ticket && session->mechanism == MECHANISM_KERBEROS)
        prove_ticket(proof, session, where);
    user = session_is_anonymous(session) ? "anonymous" : session_user(session, proof->scope);
    if (user)
        proof->subject = user;
}

/* The name used is an alias by DNS: who owns its service name matters. */
static void prove_alias(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const struct identity *identity = model_identity(scene->model, &connection->client.address);
    const char *host = session_target_host(scene->session, proof->scope);
    struct name_evidence names;

    if (identity && host && !name_is_address(host) &&
        identity_name_leads_to(identity, host, &connection->server.address, &names) && names.alias)
        proof_value_in(proof, &names.seen, "DNS alias", "%s", names.chain);
}

/* ---- the server's own account ---- */

/* A server tries again within that time as long as users come. */
#define JUST_BEFORE (15 * 60 * NANOSECONDS_PER_SECOND)

/* A logon of a domain's user that succeeded since shows that it did no harm. */
bool server_refusal(const struct scene *scene, struct own_refusal *out)
{
    const struct server *server = connection_server(scene->connection);

    return connection_own_refusal(scene->connection, scene->now.time - JUST_BEFORE, scene->now.time,
                                  out) &&
           !(server && server->user_taken.frame && server->user_taken.time >= out->seen.time);
}

static void prove_server_refusal(const struct scene *scene, struct proof *proof)
{
    struct own_refusal own;

    if (!server_refusal(scene, &own))
        return;
    proof_value_in(proof, &own.seen, "The server's own account", "%s: %s", own.account,
                   own.kdc ? kerberos_error_text(own.kdc->reply.error_code, proof->scope)
                           : status_text(own.refused_logon->status, proof->scope));
    if (own.times > 1)
        proof_value(proof, "Refused in a row", "%u times", own.times);
}

/* ---- how much it matters ---- */

static const struct session *other_valid_session(const struct scene *scene)
{
    const struct connection *connection = scene->connection;

    for (unsigned i = 0; i < MIN(connection->session_count, SESSIONS_LOOKED_AT); i++) {
        const struct session *session = connection->sessions[i];

        if (session != scene->session && session->state == SESSION_VALID)
            return session;
    }
    return NULL;
}

static void soften_logon(const struct scene *scene, struct proof *proof)
{
    const struct session *session = scene->session, *other;

    if (exchange_is_binding(scene->exchange)) {
        proof_at_most(proof, WARNING);
        proof_value(proof, "Asked for", "another channel");
        proof_frame(proof, "The session is valid since", &session->valid_since);
    } else if (exchange_is_renewal(scene->exchange)) {
        proof_at_most(proof, WARNING);
        proof_value(proof, "Asked for", "a renewal of the session");
        proof_frame(proof, "The session is valid since", &session->valid_since);
    } else if (session_is_anonymous(session) && (other = other_valid_session(scene)) != NULL) {
        proof_at_most(proof, NOTE);
        proof_frame(proof, "Anonymous and in the background: another session is valid since",
                    &other->valid_since);
    }
}

const uint32_t channel_refusals[] = {STATUS_INVALID_PARAMETER,
                                     STATUS_ACCESS_DENIED,
                                     STATUS_NOT_SUPPORTED,
                                     STATUS_REQUEST_NOT_ACCEPTED,
                                     STATUS_USER_SESSION_DELETED,
                                     STATUS_REQUEST_OUT_OF_SEQUENCE,
                                     0};

/* session_setup.binding_refused */
static bool is_refused_channel(const struct exchange *exchange)
{
    const uint32_t *status = channel_refusals;

    while (*status && *status != exchange->status)
        status++;
    return *status && exchange_is_binding(exchange);
}

bool match_refused_logon(const struct scene *scene, struct proof *proof)
{
    if (response_kerberos_error(scene->exchange) || is_refused_channel(scene->exchange))
        return false;
    prove_logon(scene, proof);
    prove_alias(scene, proof);
    prove_server_refusal(scene, proof);
    soften_logon(scene, proof);
    return true;
}
