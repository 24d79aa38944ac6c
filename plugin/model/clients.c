/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which addresses belong to the client of a connection: a host that speaks SMB over IPv4 may ask
 * its KDC over IPv6, and the other way round.
 */
#include "identity_rings.h"
#include "state.h"

/* ---- which clients dealt with KDCs lately ---- */

void identity_note_recent(struct model *model, struct identity *identity)
{
    struct identity **place;

    if (identity_dealings(identity)->is_recent)
        return;
    place = &model->recent_clients[model->recent_client_count++ % RECENT_CLIENTS];
    if (*place)
        (*place)->kdcs->is_recent = false;
    *place = identity;
    identity_dealings_make(identity)->is_recent = true;
}

/* ---- what one host's addresses have in common ---- */

/* Servers ask KDCs, too. */
static bool is_the_server(const struct connection *connection, const struct identity *own,
                          const struct identity *other)
{
    const struct address *server = &connection->server.address;

    return identity_has_name_of_both(own, server, &other->address) ||
           identity_has_name_of_both(other, server, &other->address);
}

static bool is_other_family(const struct identity *identity, const struct connection *connection)
{
    return identity->address.length != connection->client.address.length;
}

static enum host_tie tie_of_evidence(const struct connection *connection,
                                     const struct identity *own, const struct identity *other)
{
    const struct address *client = &connection->client.address;
    const struct mac_address *card = &identity_dealings(other)->mac;
    const bool cards_known = mac_known(&connection->client_mac) && mac_known(card);

    if (cards_known && mac_equal(&connection->client_mac, card))
        return HOST_BY_MAC;
    if (identity_has_name_of_both(own, client, &other->address) ||
        identity_has_name_of_both(other, client, &other->address))
        return HOST_BY_NAME;
    return cards_known || is_the_server(connection, own, other) ? HOST_OTHER : HOST_BY_TIME;
}

/* ---- what time alone may join ---- */

static bool was_busy(const struct identity *identity, int64_t since)
{
    const struct kdc_dealings *dealings = identity_dealings(identity);

    return dealings->last_sent >= since && dealings->count > 0;
}

static bool is_alive(const struct connection *connection, int64_t since, int64_t until)
{
    return connection->first.time <= until && connection->last_time >= since;
}

/* Somebody else used SMB at that time, whose Kerberos it may have been. */
static bool is_crowded(const struct connection *connection, int64_t since, int64_t until)
{
    const struct connection *other = connection->model->last;

    for (unsigned i = 0; other; i++, other = other->previous) {
        if (i == CONNECTIONS_LOOKED_AT ||
            (!address_equal(&other->client.address, &connection->client.address) &&
             is_alive(other, since, until)))
            return true;
    }
    return false;
}

static void drop_ties_by_time(struct client *client)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < client->count; i++)
        if (client->addresses[i].tie > HOST_BY_TIME)
            client->addresses[kept++] = client->addresses[i];
    client->count = kept;
}

/* Time joins only where nobody else comes into question, on either side, and nothing better does.
 */
static void weigh_ties_by_time(struct client *client, const struct connection *connection,
                               int64_t until)
{
    const int64_t since = connection->first.time;
    bool better = false;

    for (unsigned i = 0; i < client->count; i++)
        better |= client->addresses[i].tie > HOST_BY_TIME &&
                  was_busy(client->addresses[i].identity, since);
    if (client->by_time > 1 || better || is_crowded(connection, since, until))
        drop_ties_by_time(client);
}

/* ---- the client ---- */

static void add(struct client *client, const struct identity *identity, enum host_tie tie)
{
    if (tie == HOST_BY_TIME && client->by_time++ > 0) /* then it will be none of them */
        return;
    if (client->count < CLIENT_ADDRESSES)
        client->addresses[client->count++] = (struct client_address){identity, tie};
}

static void add_others(struct client *client, const struct connection *connection,
                       const struct identity *own)
{
    const struct model *model = connection->model;

    for (unsigned i = 0; i < MIN(model->recent_client_count, RECENT_CLIENTS); i++) {
        const struct identity *other = model->recent_clients[i];
        enum host_tie tie;

        if (!is_other_family(other, connection))
            continue;
        tie = tie_of_evidence(connection, own, other);
        if (tie > HOST_BY_TIME || (tie == HOST_BY_TIME && was_busy(other, connection->first.time)))
            add(client, other, tie);
    }
}

struct client client_of(const struct connection *connection, int64_t until)
{
    struct client client = {.count = 0};
    const struct identity *own;

    if (!connection->model->has_kdcs)
        return client;
    own = model_identity(connection->model, &connection->client.address);
    if (own)
        add(&client, own, HOST_BY_ADDRESS);
    add_others(&client, connection, own);
    if (client.by_time > 0)
        weigh_ties_by_time(&client, connection, until);
    return client;
}

bool user_names_match(const char *a, const char *b)
{
    const size_t length = strcspn(a, "@");

    return length == strcspn(b, "@") && g_ascii_strncasecmp(a, b, length) == 0;
}
