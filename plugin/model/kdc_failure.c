/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which failure at a KDC belongs to an SMB connection.
 */
#include "identity_rings.h"
#include "state.h"

#define TCP_RETRY (2 * NANOSECONDS_PER_SECOND)

/* ---- what joins a failure to a connection ---- */

/* Before its first TREE_CONNECT an older dialect does not tell the server's name, and a cached name
 * leaves no DNS answer. Then a ticket request is this connection's if it can be nobody else's: the
 * client dealt with no other SMB server at that time. */
static bool is_only_server(const struct connection *connection, int64_t since, int64_t until)
{
    const struct connection *other = model_last_connection(connection->model);

    for (unsigned i = 0; other; i++, other = other->previous) {
        if (i == CONNECTIONS_LOOKED_AT)
            return false;
        if (address_equal(&other->client.address, &connection->client.address) &&
            !address_equal(&other->server.address, &connection->server.address) &&
            other->first.time <= until && other->last_time >= since)
            return false;
    }
    return true;
}

/* krbtgt/OTHER asks for a ticket to another realm. krbtgt/OWN renews or forwards the client's own,
 * and a logon does not need that. */
static bool is_cross_realm(const struct kdc_exchange *exchange)
{
    const char *service = kdc_exchange_service(exchange);
    const char *realm = exchange->request.realm ? exchange->request.realm : exchange->reply.realm;

    return service_has_class(service, "krbtgt") &&
           !(realm && service[strlen("krbtgt")] == '/' &&
             g_ascii_strcasecmp(service + strlen("krbtgt/"), realm) == 0);
}

/* A failure, and for whom it may be one. */
struct candidate {
    const struct connection *connection;
    const struct client *client;
    unsigned at; /* which of the client's addresses */
    struct kdc_exchange *exchange;
    int64_t since, until;
};

static enum deed_tie deed_of_ticket(const struct candidate *candidate)
{
    const struct connection *connection = candidate->connection;
    const char *service = kdc_exchange_service(candidate->exchange);

    switch (client_service_match(candidate->client, candidate->at, connection, service)) {
    case SERVICE_MATCHES:
        return DEED_BY_NAME;
    case SERVICE_UNCLEAR:
        return is_only_server(connection, candidate->since, candidate->until) ? DEED_BY_TIME
                                                                              : DEED_OTHER;
    default:
        return is_cross_realm(candidate->exchange) && !connection_named_by_address(connection)
                   ? DEED_BY_TIME
                   : DEED_OTHER;
    }
}

/* A logon to a realm shows its service as krbtgt; where that is unknown, an AS exchange is one. */
static bool asks_for_service(const struct kdc_exchange *exchange)
{
    const char *service = kdc_exchange_service(exchange);

    return kdc_exchange_kind(exchange) == KERBEROS_TGS_REQ ||
           (service && !service_has_class(service, "krbtgt"));
}

/* Clients do not ask KDCs about a server that is named by its address, unless for that very name:
 * nothing is joined to it by time. */
static enum deed_tie deed_of_logon(const struct candidate *candidate)
{
    const struct kdc_exchange *exchange = candidate->exchange;

    if (connection_named_by_address(candidate->connection))
        return DEED_OTHER;
    if (kdc_exchange_kind(exchange) == KERBEROS_AS_REQ)
        return DEED_BY_TIME;
    return exchange->syn.frame ? DEED_BY_HANDSHAKE : DEED_OTHER;
}

static enum deed_tie deed_of(const struct candidate *candidate)
{
    const enum user_match user = session_user_match(candidate->connection->session,
                                                    kdc_exchange_client(candidate->exchange));
    enum deed_tie deed;

    if (user == USER_OTHER)
        return DEED_OTHER;
    deed = asks_for_service(candidate->exchange) ? deed_of_ticket(candidate)
                                                 : deed_of_logon(candidate);
    return user == USER_SAME && deed == DEED_BY_TIME ? DEED_BY_USER : deed;
}

/* ---- what overcomes a failure ---- */

/* For a TGT, in whatever way the realm is spelt. kadmin/changepw is not one. */
static bool is_logon(const struct kdc_exchange *exchange)
{
    return kdc_exchange_kind(exchange) == KERBEROS_AS_REQ &&
           service_has_class(kdc_exchange_service(exchange), "krbtgt");
}

static bool same_purpose(const struct kdc_exchange *a, const struct kdc_exchange *b)
{
    const char *left = kdc_exchange_client(a), *right = kdc_exchange_client(b);

    if (kdc_exchange_kind(a) != kdc_exchange_kind(b))
        return false;
    if (left && right && !user_names_match(left, right))
        return false;
    return is_logon(a) ? is_logon(b) : kdc_same_service(a, b);
}

static bool happened_between(const struct sighting *sighting, int64_t since, int64_t until)
{
    return sighting->frame && sighting->time >= since && sighting->time <= until;
}

static bool succeeds_instead(const struct kdc_exchange *later, const struct kdc_exchange *failure,
                             int64_t until)
{
    return kdc_exchange_outcome(later, until) == KDC_GRANTED && same_purpose(later, failure);
}

/* Any answer shows that the client found a KDC after all; what it says is another exchange's
 * matter. */
static bool overcomes(const struct kdc_exchange *later, const struct kdc_exchange *failure,
                      enum kdc_outcome how, int64_t since, int64_t until)
{
    const bool replied = happened_between(&later->replied, since, until);

    switch (how) {
    case KDC_REFUSED:
    case KDC_UNREACHABLE:
        return replied || happened_between(&later->syn_accepted, since, until);
    case KDC_SILENT:
        return replied && same_purpose(later, failure);
    case KDC_TOO_BIG:
        if (later->tcp && (happened_between(&later->last_syn, since, until) ||
                           happened_between(&later->last_requested, since, until)))
            return true;
        return replied && succeeds_instead(later, failure, until);
    default:
        return replied && succeeds_instead(later, failure, until);
    }
}

/* When the client knew, or began to know, that it failed. */
static const struct sighting *moment_of(const struct kdc_exchange *exchange, enum kdc_outcome how)
{
    switch (how) {
    case KDC_REFUSED:
        return &exchange->syn_refused;
    case KDC_UNREACHABLE:
        return &exchange->last_syn;
    case KDC_SILENT:
        return &exchange->last_requested;
    default:
        return &exchange->replied;
    }
}

static bool is_overcome_at(const struct identity *identity, const struct kdc_exchange *failure,
                           enum kdc_outcome how, int64_t until)
{
    const int64_t since =
        how == KDC_SILENT ? failure->requested.time : moment_of(failure, how)->time;
    const struct kdc_exchange *other;

    for (unsigned i = 0; (other = identity_kdc_exchange(identity, i)) != NULL; i++)
        if (other != failure && overcomes(other, failure, how, since, until))
            return true;
    return false;
}

/* A KDC that cannot be reached over IPv6 may be over IPv4. */
static bool is_overcome(const struct client *client, const struct kdc_exchange *failure,
                        enum kdc_outcome how, int64_t until)
{
    for (unsigned at = 0; at < client->count; at++)
        if (is_overcome_at(client->addresses[at].identity, failure, how, until))
            return true;
    return false;
}

/* ---- the failure that explains a connection ---- */

static bool is_failure(const struct kdc_exchange *exchange, enum kdc_outcome how, int64_t until)
{
    switch (how) {
    case KDC_ERROR:
    case KDC_REFUSED:
    case KDC_UNREACHABLE:
    case KDC_SILENT:
        return true;
    case KDC_TOO_BIG:
        return until - exchange->replied.time >= TCP_RETRY;
    default:
        return false;
    }
}

/* What only time joins explains one connection; what names the server explains all to it. */
static bool is_used_up(const struct kdc_exchange *exchange, const struct connection *connection)
{
    return exchange->used_by && exchange->used_by != connection;
}

static bool is_machine(const char *client)
{
    return client && g_str_has_suffix(client, "$");
}

/* Where only time says whose address it is, it has to be the very time in which the connection
 * waited, and only a user's logon or a ticket tells enough. */
static bool is_joined_to_host(const struct candidate *candidate, const struct sighting *moment,
                              enum deed_tie deed)
{
    return candidate->client->addresses[candidate->at].tie > HOST_BY_TIME ||
           (moment->time >= candidate->connection->first.time && deed > DEED_BY_HANDSHAKE &&
            !is_machine(kdc_exchange_client(candidate->exchange)) &&
            !is_used_up(candidate->exchange, candidate->connection));
}

static enum deed_tie deed_of_failure(const struct candidate *candidate)
{
    const struct kdc_exchange *exchange = candidate->exchange;
    const enum kdc_outcome how = kdc_exchange_outcome(exchange, candidate->until);
    const struct sighting *moment = moment_of(exchange, how);
    enum deed_tie deed;

    if (!is_failure(exchange, how, candidate->until) ||
        !happened_between(moment, candidate->since, candidate->until))
        return DEED_OTHER;
    deed = deed_of(candidate);
    if (deed == DEED_OTHER || is_overcome(candidate->client, exchange, how, candidate->until) ||
        (deed < DEED_BY_NAME && is_used_up(exchange, candidate->connection)))
        return DEED_OTHER;
    return is_joined_to_host(candidate, moment, deed) ? deed : DEED_OTHER;
}

static bool came_before(const struct candidate *candidate, const struct kdc_exchange *exchange)
{
    const enum kdc_outcome how = kdc_exchange_outcome(exchange, candidate->until);

    return moment_of(exchange, how)->time < candidate->connection->first.time;
}

/* Where the KDC refuses the logon of this attempt, no ticket was asked for in it: an error about
 * this server that came before the attempt was another user's. */
static bool is_ruled_out_by(const struct candidate *candidate, const struct kdc_exchange *earlier,
                            const struct kdc_exchange *refused)
{
    return earlier && refused && came_before(candidate, earlier) && is_logon(refused) &&
           !is_machine(kdc_exchange_client(refused)) &&
           kdc_exchange_outcome(refused, candidate->until) == KDC_ERROR &&
           !came_before(candidate, refused);
}

static void take_better(struct kdc_failure *best, const struct candidate *candidate)
{
    const enum host_tie host = candidate->client->addresses[candidate->at].tie;
    const enum deed_tie deed = deed_of_failure(candidate);

    if (deed == DEED_OTHER || is_ruled_out_by(candidate, candidate->exchange, best->exchange))
        return;
    if (deed > best->deed || (deed == best->deed && host > best->host) ||
        is_ruled_out_by(candidate, best->exchange, candidate->exchange))
        *best = (struct kdc_failure){candidate->exchange, host, deed, false};
}

static const struct sighting *start_of(const struct kdc_exchange *exchange)
{
    return exchange->requested.frame ? &exchange->requested : &exchange->replied;
}

struct kdc_failure connection_kdc_failure(const struct connection *connection, int64_t since,
                                          int64_t until)
{
    const struct client client = client_of(connection, until);
    struct candidate candidate = {connection, &client, 0, NULL, since, until};
    struct kdc_failure best = {0};

    for (; candidate.at < client.count; candidate.at++) {
        const struct identity *identity = client.addresses[candidate.at].identity;

        for (unsigned i = 0; (candidate.exchange = identity_kdc_exchange(identity, i)) != NULL; i++)
            take_better(&best, &candidate);
    }
    if (best.deed == DEED_BY_TIME)
        best.crowded = !is_only_server(connection, start_of(best.exchange)->time, until);
    return best;
}
