/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which server a service name stands for.
 */
#include "identity_rings.h"
#include "state.h"

/* The second component of cifs/files.lab.example:445@REALM. */
static char *service_host(const char *service)
{
    const char *host = strchr(service, '/');

    return host ? g_strndup(host + 1, strcspn(host + 1, "/@")) : NULL;
}

static bool is_address_of(const char *host, const struct address *address)
{
    char *text;
    bool equal;

    if (!name_is_address(host))
        return false;
    text = address_text(address, NULL);
    equal = g_ascii_strcasecmp(host, text) == 0;
    wmem_free(NULL, text);
    return equal;
}

/* [MS-NLMP] 2.2.2.1: the names that the server gives itself. An alias is not among them. */
static bool is_own_name(const char *host, const struct connection *connection)
{
    const struct session *session = connection->session;
    const struct ntlm_token *challenge = session ? session->challenge : NULL;

    return challenge && (host_names_match(host, challenge->dns_computer) ||
                         host_names_match(host, challenge->netbios_computer));
}

/* Two names may share an address without being names of one server. */
static bool is_name_beside(const struct identity *identity, const struct connection *connection,
                           const char *host)
{
    const struct address *server = &connection->server.address;
    const char *used = connection->server_name;

    return used && !name_is_address(used) && identity_name_leads_to(identity, used, server, NULL) &&
           !identity_names_are_linked(identity, host, used, server);
}

static enum service_match host_match(const struct identity *identity,
                                     const struct connection *connection, const char *host)
{
    const struct address *server = &connection->server.address;

    if (host_names_match(host, connection->server_name) || is_address_of(host, server) ||
        is_own_name(host, connection))
        return SERVICE_MATCHES;
    if (identity_name_leads_to(identity, host, server, NULL))
        return is_name_beside(identity, connection, host) ? SERVICE_OTHER : SERVICE_MATCHES;
    if (connection->server_name || name_is_address(host) || identity_knows_name(identity, host) ||
        identity_names(identity, server, NULL))
        return SERVICE_OTHER;
    return SERVICE_UNCLEAR;
}

enum service_match identity_service_match(const struct identity *identity,
                                          const struct connection *connection, const char *service)
{
    enum service_match match;
    char *host;

    if (!service_has_class(service, "cifs") && !service_has_class(service, "host"))
        return SERVICE_OTHER;
    host = service_host(service);
    if (!host)
        return SERVICE_OTHER;
    match = host_match(identity, connection, host);
    g_free(host);
    return match;
}

/* cifs/files after host/files.lab.example serves the same purpose. */
bool kdc_same_service(const struct kdc_exchange *a, const struct kdc_exchange *b)
{
    const char *left = kdc_exchange_service(a), *right = kdc_exchange_service(b);
    char *left_host, *right_host;
    bool same;

    if (!left || !right)
        return false;
    if (g_ascii_strcasecmp(left, right) == 0)
        return true;
    if (service_has_class(left, "krbtgt") || service_has_class(right, "krbtgt"))
        return false;
    left_host = service_host(left);
    right_host = service_host(right);
    same = host_names_match(left_host, right_host);
    g_free(right_host);
    g_free(left_host);
    return same;
}

/* ---- a connection's tickets ---- */

/* Names may have been looked up from another address than the ticket was asked for. */
enum service_match client_service_match(const struct client *client, unsigned at,
                                        const struct connection *connection, const char *service)
{
    const struct identity *own = model_identity(connection->model, &connection->client.address);
    const struct identity *other = client->addresses[at].identity;
    const enum service_match match = identity_service_match(own, connection, service);
    const enum service_match second =
        other == own ? match : identity_service_match(other, connection, service);

    if (match == SERVICE_MATCHES || second == SERVICE_MATCHES)
        return SERVICE_MATCHES;
    return match == second ? match : SERVICE_OTHER;
}

struct kdc_exchange *connection_ticket_request(const struct connection *connection, int64_t until)
{
    const struct client client = client_of(connection, until);
    struct kdc_exchange *exchange;

    for (unsigned at = 0; at < client.count; at++)
        for (unsigned i = 0;
             (exchange = identity_kdc_exchange(client.addresses[at].identity, i)) != NULL; i++)
            if (exchange->request.type == KERBEROS_TGS_REQ &&
                client_service_match(&client, at, connection, exchange->request.service) !=
                    SERVICE_OTHER)
                return exchange;
    return NULL;
}

bool connection_seen_kerberos(const struct connection *connection, int64_t until)
{
    const struct client client = client_of(connection, until);

    for (unsigned at = 0; at < client.count; at++)
        if (identity_dealings(client.addresses[at].identity)->count > 0)
            return true;
    return false;
}

/* ---- whose they are ---- */

static bool is_grant_for(const struct kdc_exchange *exchange, const char *service)
{
    return exchange->reply.type == KERBEROS_TGS_REP && exchange->reply.service &&
           kdc_exchange_client(exchange) &&
           g_ascii_strcasecmp(exchange->reply.service, service) == 0;
}

const char *connection_ticket_owner(const struct connection *connection, const char *service,
                                    int64_t until)
{
    const struct client client = client_of(connection, until);
    const char *owner = NULL, *realm = NULL;
    const struct kdc_exchange *exchange;

    for (unsigned at = 0; service && at < client.count; at++)
        for (unsigned i = 0;
             (exchange = identity_kdc_exchange(client.addresses[at].identity, i)) != NULL; i++) {
            if (!is_grant_for(exchange, service))
                continue;
            if (owner && !user_names_match(owner, kdc_exchange_client(exchange)))
                return NULL;
            owner = kdc_exchange_client(exchange);
            realm = exchange->reply.client_realm;
        }
    return owner ? wmem_strdup_printf(connection->model->scope, "%s@%s", owner, realm ? realm : "")
                 : NULL;
}

static bool is_person(const char *name)
{
    return name && !g_str_has_suffix(name, "$");
}

bool connection_has_many_users(const struct connection *connection, int64_t until)
{
    const struct client client = client_of(connection, until);
    const struct kdc_exchange *exchange;
    const char *first = NULL;

    for (unsigned at = 0; at < client.count; at++)
        for (unsigned i = 0;
             (exchange = identity_kdc_exchange(client.addresses[at].identity, i)) != NULL; i++) {
            const char *name = kdc_exchange_client(exchange);

            if (!is_person(name))
                continue;
            if (first && !user_names_match(first, name))
                return true;
            first = name;
        }
    return false;
}
