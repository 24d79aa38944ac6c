/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The values of this capture that a finding's texts may hold, by the names of their tokens.
 */
#include "state.h"

/* ---- who and what ---- */

static const char *server_value(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct connection *connection = finding->connection;
    const struct session *session = connection->session;
    const struct ntlm_token *challenge = session ? session->challenge : NULL;

    if (connection->server_name)
        return connection->server_name;
    if (challenge && challenge->dns_computer && *challenge->dns_computer)
        return challenge->dns_computer;
    if (challenge && challenge->netbios_computer && *challenge->netbios_computer)
        return challenge->netbios_computer;
    return address_text(&connection->server.address, scope);
}

const struct session *finding_session(const struct finding *finding)
{
    const struct exchange *exchange = finding->exchange;

    return exchange && exchange->session ? exchange->session : finding->connection->session;
}

static const char *user_value(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct session *session = finding_session(finding);
    const char *user = session_user(session, scope);

    if (user)
        return user;
    return session_is_anonymous(session) ? "anonymous" : NULL;
}

static const char *share_value(const struct finding *finding)
{
    const struct tree *tree = finding->exchange ? finding->exchange->tree : NULL;

    return tree && tree->share && *tree->share ? tree->share : NULL;
}

static const char *status_value(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct exchange *exchange = finding->exchange;
    const char *text;

    if (!exchange || !exchange_answered(exchange))
        return NULL;
    text = status_text(exchange->status, scope);
    return wmem_strndup(scope, text, strcspn(text, " "));
}

/* label/2 stands for the second of two values. */
static const char *value_among(const struct evidence *at, const char *label,
                               wmem_allocator_t *scope)
{
    const bool second = g_str_has_suffix(label, "/2");
    const size_t length = strlen(label) - (second ? 2 : 0);

    for (; at; at = at->next) {
        if (strlen(at->label) != length || strncmp(at->label, label, length) != 0)
            continue;
        if (at->kind == EVIDENCE_INTERVAL)
            return interval_text(at->interval, scope);
        if (evidence_value(at, 0))
            return evidence_value(at, second);
    }
    return NULL;
}

const char *evidence_labelled(const struct finding *finding, const char *label,
                              wmem_allocator_t *scope)
{
    const char *value = value_among(finding->evidence, label, scope);

    return value ? value : exchange_value(finding, label, scope);
}

/* ---- tokens of headlines ---- */

static const char *words_labelled(const struct finding *finding, const char *label,
                                  wmem_allocator_t *scope)
{
    const char *value = evidence_labelled(finding, label, scope);

    return value ? phrase_text(value, scope) : NULL;
}

const char *headline_value(const struct finding *finding, const char *token,
                           wmem_allocator_t *scope)
{
    if (*token == '=')
        return words_labelled(finding, token + 1, scope);
    if (strcmp(token, "server") == 0)
        return server_value(finding, scope);
    if (strcmp(token, "client") == 0)
        return address_text(&finding->connection->client.address, scope);
    if (strcmp(token, "share") == 0)
        return share_value(finding);
    if (strcmp(token, "user") == 0)
        return user_value(finding, scope);
    if (strcmp(token, "status") == 0)
        return status_value(finding, scope);
    if (strcmp(token, "dialect") == 0)
        return dialect_name(finding->connection->dialect);
    return NULL;
}

/* ---- tokens of advice: what goes into a command ---- */

static const struct ntlm_token *challenge_of(const struct finding *finding)
{
    const struct session *session = finding_session(finding);

    return session ? session->challenge : NULL;
}

/* The name or address that leads to the server. */
static const char *advice_server(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct connection *connection = finding->connection;

    return connection->server_name ? connection->server_name
                                   : address_text(&connection->server.address, scope);
}

/* "alias.lab.example -> files.lab.example -> 192.0.2.30": where the alias leads. */
static const char *alias_target(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *chain = evidence_labelled(finding, "DNS alias", scope);
    char **names = g_strsplit(chain ? chain : "", " -> ", -1);
    const guint count = g_strv_length(names);
    const char *target =
        count > 2 ? wmem_strndup(scope, names[count - 2], strcspn(names[count - 2], ".")) : NULL;

    g_strfreev(names);
    return target;
}

/* As other logons showed it. */
static const char *known_computer(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *name = evidence_labelled(finding, "Computer account", scope);

    if (!name)
        name = evidence_labelled(finding, "Server's own name", scope);
    return name ? wmem_strndup(scope, name, strcspn(name, ".")) : NULL;
}

/* The server's own name, which an alias is not. */
static const char *advice_computer(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct ntlm_token *challenge = challenge_of(finding);
    const char *known = known_computer(finding, scope);

    if (challenge && challenge->netbios_computer)
        return challenge->netbios_computer;
    return known ? known : alias_target(finding, scope);
}

/* Likely the same as the server's own name: for accounts that the domain knows by it. */
static const char *advice_host(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *computer = advice_computer(finding, scope);
    const char *name = computer ? computer : finding_server(finding, scope);

    return name && (computer || !name_is_address(name))
               ? wmem_strndup(scope, name, strcspn(name, "."))
               : NULL;
}

static const char *advice_share(const struct finding *finding, wmem_allocator_t *scope)
{
    (void)scope;
    return share_value(finding);
}

/* Without its domain or realm. */
static const char *advice_user(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *client = evidence_labelled(finding, "Client name", scope);
    const char *user = client ? client : session_user(finding_session(finding), scope);
    const char *backslash = user ? strrchr(user, '\\') : NULL;

    if (backslash)
        user = backslash + 1;
    return user ? wmem_strndup(scope, user, strcspn(user, "@")) : NULL;
}

/* A standalone server's domain is the server itself. */
static bool is_member(const struct ntlm_token *challenge)
{
    return challenge && challenge->netbios_domain && challenge->netbios_computer &&
           g_ascii_strcasecmp(challenge->netbios_domain, challenge->netbios_computer) != 0;
}

static const char *advice_service(const struct finding *finding, wmem_allocator_t *scope)
{
    static const char *const labels[] = {"Ticket asked for", "Ticket presented", "Target name"};
    const char *service = NULL;

    for (unsigned i = 0; !service && i < G_N_ELEMENTS(labels); i++)
        service = evidence_labelled(finding, labels[i], scope);
    /* A ticket to a KDC names no server. */
    if (!service || !strchr(service, '/') || g_ascii_strncasecmp(service, "krbtgt/", 7) == 0)
        return NULL;
    return wmem_strndup(scope, service, strcspn(service, "@"));
}

/* The name that the client asks for, in the service name or to find the server. */
const char *finding_server(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *service = advice_service(finding, scope);

    return service ? strchr(service, '/') + 1 : finding->connection->server_name;
}

static const char *advice_name(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *name = finding_server(finding, scope);

    return name_is_address(name) ? NULL : name;
}

static const char *advice_spn(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *service = advice_service(finding, scope);
    const char *name = advice_name(finding, scope);

    if (service && name)
        return service;
    return name ? wmem_strdup_printf(scope, "cifs/%s", name) : NULL;
}

static bool is_own_name(const struct finding *finding, const char *name)
{
    const struct ntlm_token *challenge = challenge_of(finding);

    return challenge && (host_names_match(name, challenge->netbios_computer) ||
                         host_names_match(name, challenge->dns_computer));
}

static const char *advice_own_name(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *name = advice_name(finding, scope);

    return is_own_name(finding, name) ? name : NULL;
}

static const char *advice_alias(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *name = advice_name(finding, scope);

    return is_own_name(finding, name) ? NULL : name;
}

/* Short, it is meant in the domain that the server is in. */
static const char *advice_full_alias(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *alias = advice_alias(finding, scope);
    const struct ntlm_token *challenge = challenge_of(finding);
    const char *own = challenge ? challenge->dns_computer : NULL;
    const char *domain = own ? strchr(own, '.') : NULL;

    if (!alias || strchr(alias, '.'))
        return alias;
    return domain ? wmem_strdup_printf(scope, "%s%s", alias, domain) : NULL;
}

static const char *advice_netbios_domain(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct ntlm_token *challenge = challenge_of(finding);

    (void)scope;
    return is_member(challenge) ? challenge->netbios_domain : NULL;
}

/* Where no server told its domain, the realm of the service that was asked for, or the domain that
 * its name is in. */
static const char *advice_domain(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct ntlm_token *challenge = challenge_of(finding);
    const char *service = evidence_labelled(finding, "Ticket asked for", scope);
    const char *realm = service ? strrchr(service, '@') : NULL;

    if (challenge)
        return is_member(challenge) ? challenge->dns_domain : NULL;
    if (!realm)
        realm = advice_name(finding, scope) ? strchr(advice_name(finding, scope), '.') : NULL;
    return realm ? realm + 1 : NULL;
}

static const char *advice_kdc(const struct finding *finding, wmem_allocator_t *scope)
{
    return evidence_labelled(finding, "KDC", scope);
}

/* For look-up: 0xc0000022. */
static const char *advice_status(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct exchange *exchange = finding->exchange;

    return exchange && exchange_answered(exchange)
               ? wmem_strdup_printf(scope, "0x%08x", exchange->status)
               : NULL;
}

static const char *advice_address(const struct finding *finding, wmem_allocator_t *scope)
{
    return address_text(&finding->connection->server.address, scope);
}

/* The address, where the client addresses the server by it. */
static const char *advice_by_address(const struct finding *finding, wmem_allocator_t *scope)
{
    const char *name = finding_server(finding, scope);

    return name_is_address(name) ? name : NULL;
}

static const char *advice_port(const struct finding *finding, wmem_allocator_t *scope)
{
    return wmem_strdup_printf(scope, "%u", finding->connection->server.port);
}

static const struct advice_token {
    const char *token;
    const char *(*value)(const struct finding *finding, wmem_allocator_t *scope);
} advice_tokens[] = {
    {"SERVER", advice_server},
    {"COMPUTER", advice_computer},
    {"HOST", advice_host},
    {"SHARE", advice_share},
    {"USER", advice_user},
    {"cifs/NAME", advice_spn},
    {"NAME", advice_name},
    {"OWN NAME", advice_own_name},
    {"ALIAS", advice_alias},
    {"ALIAS.DOMAIN", advice_full_alias},
    {"DOMAIN\\", advice_netbios_domain},
    {"DOMAIN", advice_domain},
    {"KDC", advice_kdc},
    {"STATUS", advice_status},
    {"ADDRESS", advice_address},
    {"BY ADDRESS", advice_by_address},
    {"PORT", advice_port},
};

bool advice_value(const struct finding *finding, const char *token, const char **value,
                  wmem_allocator_t *scope)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(advice_tokens); i++) {
        if (strcmp(advice_tokens[i].token, token) != 0)
            continue;
        *value = advice_tokens[i].value(finding, scope);
        return true;
    }
    return false;
}

/* ---- what a finding is about ---- */

static const char *mechanism_value(const struct finding *finding)
{
    const struct session *session = finding_session(finding);

    return session && session->mechanism ? mechanism_name(session->mechanism) : NULL;
}

/* A success beside a failure is another message's. */
static const char *refusal_value(const struct finding *finding, wmem_allocator_t *scope)
{
    const bool succeeded = finding->exchange && finding->exchange->status == STATUS_SUCCESS;

    return succeeded ? NULL : status_value(finding, scope);
}

const char *finding_value(const struct finding *finding, enum finding_value value,
                          wmem_allocator_t *scope)
{
    switch (value) {
    case VALUE_SERVER:
        return server_value(finding, scope);
    case VALUE_USER:
        return user_value(finding, scope);
    case VALUE_MECHANISM:
        return mechanism_value(finding);
    case VALUE_SERVICE:
        return advice_service(finding, scope);
    case VALUE_SHARE:
        return share_value(finding);
    case VALUE_STATUS:
        return refusal_value(finding, scope);
    default:
        return NULL;
    }
}
