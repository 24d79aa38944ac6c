/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Attempts to connect that failed: what the capture proves, and what else got the client in.
 */
#include "attempts.h"

#define LOOKED_AT 64

/* ---- what stands beside it ---- */

static bool is_beside(const struct attempt *a, const struct attempt *b, uint16_t port)
{
    return b->server.port == port && address_equal(&a->client.address, &b->client.address) &&
           address_equal(&a->server.address, &b->server.address);
}

/* One to that port of the same server waits, or failed lately. NULL = none. */
static const struct attempt *attempt_beside(const struct attempts *attempts,
                                            const struct attempt *attempt, uint16_t port)
{
    const struct knocking *at = attempts->last;

    for (unsigned i = 0; at && i < LOOKED_AT; i++, at = at->previous)
        if (is_beside(attempt, &at->attempt, port))
            return &at->attempt;
    for (unsigned i = 0; i < MIN(attempts->failed_count, ATTEMPTS_KEPT); i++)
        if (is_beside(attempt, &attempts->failed[i], port))
            return &attempts->failed[i];
    return NULL;
}

/* ---- who gets packets ---- */

static unsigned place_of(const struct address *address)
{
    return (address->bytes[2] * 7u ^ address->bytes[3] ^ address->bytes[14] * 7u ^
            address->bytes[15]) %
           RECEIVERS_KEPT;
}

void model_on_receiver(struct model *model, const struct address *receiver)
{
    if (model->attempts && receiver->length)
        model->attempts->received[place_of(receiver)] = *receiver;
}

static bool receives(const struct attempts *attempts, const struct address *client)
{
    return address_equal(&attempts->received[place_of(client)], client);
}

#define BESIDE_TIME (3 * NANOSECONDS_PER_SECOND)  /* clients try several ways at once */
#define RELIEF_TIME (10 * NANOSECONDS_PER_SECOND) /* and others when one has failed */
#define RESEND_TIME (9 * NANOSECONDS_PER_SECOND / 10)
#define SCAN_PORTS 16
#define SCAN_TIME (60 * NANOSECONDS_PER_SECOND)
#define PORT_SMB 445
#define PORT_NETBIOS 139

/* ---- the connection that stands for them ---- */

static unsigned hash_pair(const void *key)
{
    const struct connection *connection = (const struct connection *)key;
    uint8_t pair[34];

    memcpy(pair, connection->client.address.bytes, 16);
    memcpy(pair + 16, connection->server.address.bytes, 16);
    memcpy(pair + 32, &connection->server.port, 2);
    return bytes_hash(pair, sizeof pair);
}

static gboolean equal_pairs(const void *a, const void *b)
{
    const struct connection *left = (const struct connection *)a;
    const struct connection *right = (const struct connection *)b;

    return address_equal(&left->client.address, &right->client.address) &&
           endpoint_equal(&left->server, &right->server);
}

struct connection *attempts_connection(struct model *model, const struct endpoint *client,
                                       const struct endpoint *server, const struct sighting *first)
{
    struct attempts *attempts = model->attempts;
    const struct connection key = {.client = *client, .server = *server};
    struct connection *connection;

    if (!attempts->told)
        attempts->told = wmem_map_new(model->scope, hash_pair, equal_pairs);
    connection = (struct connection *)wmem_map_lookup(attempts->told, &key);
    if (connection || wmem_map_size(attempts->told) >= ATTEMPTS_TOLD)
        return connection;
    connection = model_connection_before_smb(model, client, server, first);
    wmem_map_insert(attempts->told, connection, connection);
    return connection;
}

/* By a frame that has nothing to do with it but its time. */
static bool is_told_by_time(const struct attempt *attempt, const struct sighting *now)
{
    return attempt->outcome == ATTEMPT_UNANSWERED && !attempt->relief &&
           attempt->last_syn.frame != now->frame;
}

static void tell(struct model *model, const struct attempt *attempt, const struct sighting *now)
{
    const struct scene scene = {
        .model = model,
        .event = is_told_by_time(attempt, now) ? ON_ATTEMPT_SILENCE : ON_ATTEMPT,
        .connection = attempt->connection,
        .attempt = attempt,
        .now = *now,
    };

    model_raise(model, &scene);
}

/* ---- relief ---- */

static bool is_soon(const struct attempt *attempt, const struct sighting *seen)
{
    return seen->time >= attempt->syn.time - BESIDE_TIME &&
           seen->time <= attempt->ended.time + RELIEF_TIME;
}

/* DNS told either of them, who may be one host, both addresses of the server for one name. */
static bool is_same_name(const struct model *model, const struct attempt *attempt,
                         const struct arrival *arrival)
{
    const struct address *failed = &attempt->server.address, *other = &arrival->server.address;

    return identity_has_name_of_both(model_identity(model, &attempt->client.address), failed,
                                     other) ||
           identity_has_name_of_both(model_identity(model, &arrival->client.address), failed,
                                     other);
}

static enum attempt_relief relief_at_server(const struct attempt *attempt,
                                            const struct arrival *arrival)
{
    if (attempt->server.port != arrival->server.port)
        return RELIEF_PORT;
    if (arrival->seen.time < attempt->syn.time) /* one that works already says nothing of this */
        return RELIEF_NONE;
    return attempt->client.port == arrival->client.port ? RELIEF_ANSWERED : RELIEF_RETRY;
}

static enum attempt_relief relief_by(const struct model *model, const struct attempt *attempt,
                                     const struct arrival *arrival)
{
    const bool same_client = address_equal(&attempt->client.address, &arrival->client.address);
    const bool same_family = attempt->client.address.length == arrival->client.address.length;

    if (same_client && address_equal(&attempt->server.address, &arrival->server.address))
        return relief_at_server(attempt, arrival);
    if (!same_client && same_family)
        return RELIEF_NONE;
    if (is_same_name(model, attempt, arrival))
        return RELIEF_NAME;
    return !same_client && mac_known(&attempt->mac) && mac_equal(&attempt->mac, &arrival->mac)
               ? RELIEF_FAMILY
               : RELIEF_NONE;
}

static void relieve(struct model *model, struct attempt *attempt, enum attempt_relief relief,
                    const struct sighting *now)
{
    if (relief == RELIEF_ANSWERED && attempt->outcome != ATTEMPT_UNANSWERED)
        attempt->outcome = ATTEMPT_ANSWERED;
    attempt->relief = relief;
    attempt->relieved = *now;
    tell(model, attempt, now);
}

void attempts_arrived(struct model *model, const struct arrival *arrival)
{
    struct attempts *attempts = model->attempts;

    attempts->arrived[attempts->arrived_count++ % ATTEMPTS_KEPT] = *arrival;
    for (unsigned i = 0; i < MIN(attempts->failed_count, ATTEMPTS_KEPT); i++) {
        struct attempt *attempt = &attempts->failed[i];
        enum attempt_relief relief;

        if ((attempt->relief && attempt->relief != RELIEF_BESIDE) ||
            !is_soon(attempt, &arrival->seen))
            continue;
        relief = relief_by(model, attempt, arrival);
        if (relief)
            relieve(model, attempt, relief, &arrival->seen);
    }
}

static void find_relief(const struct model *model, struct attempt *attempt)
{
    const struct attempts *attempts = model->attempts;
    const struct attempt *beside =
        attempt->server.port == PORT_NETBIOS ? attempt_beside(attempts, attempt, PORT_SMB) : NULL;

    for (unsigned i = 0; i < MIN(attempts->arrived_count, ATTEMPTS_KEPT) && !attempt->relief; i++)
        if (is_soon(attempt, &attempts->arrived[i].seen)) {
            attempt->relief = relief_by(model, attempt, &attempts->arrived[i]);
            attempt->relieved = attempts->arrived[i].seen;
        }
    if (!attempt->relief && beside && is_soon(attempt, &beside->last_syn)) {
        attempt->relief = RELIEF_BESIDE;
        attempt->relieved = beside->syn;
    }
}

/* ---- scans ---- */

static struct scanner *scanner_of(struct attempts *attempts, const struct attempt *attempt)
{
    const struct address *client = &attempt->client.address;
    struct scanner *scanner =
        &attempts->scanners[(client->bytes[3] ^ client->bytes[15]) % SCANNERS_KEPT];

    if (!address_equal(&scanner->client, client) ||
        (attempt->syn.time - scanner->since > SCAN_TIME && !scanner->connection))
        *scanner = (struct scanner){.client = *client, .since = attempt->syn.time};
    return scanner;
}

/* From so many failures on, all that the client tries is one. */
static void note_scan(struct model *model, struct scanner *scanner, struct attempt *attempt,
                      const struct sighting *now)
{
    struct attempts *attempts = model->attempts;

    if (++scanner->ports < SCAN_PORTS)
        return;
    scanner->connection = attempt->connection;
    attempt->relief = RELIEF_SCAN;
    attempt->relieved = *now;
    for (unsigned i = 0; i < MIN(attempts->failed_count, ATTEMPTS_KEPT); i++)
        if (!attempts->failed[i].relief &&
            address_equal(&attempts->failed[i].client.address, &scanner->client))
            relieve(model, &attempts->failed[i], RELIEF_SCAN, now);
}

static void find_connection(struct model *model, struct attempt *attempt,
                            const struct sighting *now)
{
    struct scanner *scanner = scanner_of(model->attempts, attempt);
    const uint32_t before = model->connection_count;

    if (scanner->connection) {
        attempt->connection = scanner->connection;
        attempt->relief = RELIEF_SCAN;
        attempt->relieved = *now;
        return;
    }
    attempt->connection =
        attempts_connection(model, &attempt->client, &attempt->server, &attempt->syn);
    if (model->connection_count > before)
        note_scan(model, scanner, attempt, now);
}

/* ---- what failed ---- */

/* A client whose TCP sends its SYN again after a second or more has heard nothing (RFC 6298 2; one
 * that is refused tries again sooner, if at all). With several clients or servers, and no packet to
 * any of them, the capture shows one direction of busy traffic, and who knows what else it lacks.
 */
static bool is_proved(const struct attempts *attempts, struct attempt *attempt)
{
    const int64_t tried_for = sighting_interval(&attempt->syn, &attempt->last_syn);

    for (unsigned i = 0; i < MIN(attempts->arrived_count, ATTEMPTS_KEPT); i++)
        if (address_equal(&attempts->arrived[i].client.address, &attempt->client.address))
            return true;
    if (receives(attempts, &attempt->client.address))
        return true;
    attempt->one_sided = true;
    return !attempts->several && tried_for >= RESEND_TIME * (attempt->syn_count - 1);
}

void attempts_failed(struct model *model, struct attempt *attempt, enum attempt_outcome outcome,
                     const struct sighting *now)
{
    struct attempts *attempts = model->attempts;
    struct attempt *kept = &attempts->failed[attempts->failed_count % ATTEMPTS_KEPT];

    attempt->outcome = outcome;
    attempt->ended = *now;
    if (outcome == ATTEMPT_UNANSWERED && !is_proved(attempts, attempt))
        return;
    if (outcome != ATTEMPT_UNANSWERED)
        model_on_receiver(model, &attempt->client.address);
    find_relief(model, attempt);
    find_connection(model, attempt, now);
    if (!attempt->connection)
        return;
    attempt->connection->without_exchanges =
        MAX(attempt->connection->without_exchanges, STAGE_NO_TCP);
    *kept = *attempt;
    attempts->failed_count++;
    tell(model, kept, now);
}
