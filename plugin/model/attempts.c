/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Attempts to connect to ports that carry SMB, from the SYN to its answer (RFC 9293 3.5).
 */
#include "attempts.h"

#define SYN_TRIES 4 /* so many SYNs in so long a time prove as much as the settings' silence */
#define SYN_TRIES_TIME (3 * NANOSECONDS_PER_SECOND)
#define COPY_GAP                                                                                   \
    (NANOSECONDS_PER_SECOND / 10) /* what comes sooner is a copy that the capture made */

/* ---- who waits ---- */

static unsigned hash_ends(const void *key)
{
    const struct attempt *attempt = (const struct attempt *)key;
    const struct endpoint *client = &attempt->client, *server = &attempt->server;
    uint8_t ends[sizeof client->address.bytes * 2 + 4];

    memcpy(ends, client->address.bytes, sizeof client->address.bytes);
    memcpy(ends + 16, server->address.bytes, sizeof server->address.bytes);
    memcpy(ends + 32, &client->port, 2);
    memcpy(ends + 34, &server->port, 2);
    return bytes_hash(ends, sizeof ends);
}

static gboolean equal_ends(const void *a, const void *b)
{
    const struct attempt *left = (const struct attempt *)a, *right = (const struct attempt *)b;

    return endpoint_equal(&left->client, &right->client) &&
           endpoint_equal(&left->server, &right->server);
}

struct attempts *attempts_make(struct model *model)
{
    if (model->attempts)
        return model->attempts;
    model->attempts = wmem_new0(model->scope, struct attempts);
    model->attempts->by_endpoints = set_new(model->scope, hash_ends, equal_ends);
    return model->attempts;
}

static struct knocking *find(const struct attempts *attempts, const struct endpoint *client,
                             const struct endpoint *server)
{
    struct attempt wanted; /* of which only the ends are looked at */

    if (!attempts || !attempts->waiting)
        return NULL;
    wanted.client = *client;
    wanted.server = *server;
    return (struct knocking *)g_hash_table_lookup(attempts->by_endpoints, &wanted);
}

static void stop_waiting(struct model *model, struct knocking *knocking)
{
    struct attempts *attempts = model->attempts;
    struct knocking *next = knocking->next, *previous = knocking->previous;

    g_hash_table_remove(attempts->by_endpoints, knocking);
    *(previous ? &previous->next : &attempts->first) = next;
    *(next ? &next->previous : &attempts->last) = previous;
    attempts->waiting--;
    POOL_RETURN(model->pool, knocking);
}

static void append(struct attempts *attempts, struct knocking *knocking)
{
    g_hash_table_add(attempts->by_endpoints, knocking);
    knocking->previous = attempts->last;
    *(attempts->last ? &attempts->last->next : &attempts->first) = knocking;
    attempts->last = knocking;
    attempts->waiting++;
}

bool attempts_take(struct model *model, const struct endpoint *client,
                   const struct endpoint *server, struct attempt *out)
{
    struct knocking *knocking = find(model->attempts, client, server);

    if (!knocking)
        return false;
    *out = knocking->attempt;
    stop_waiting(model, knocking);
    return true;
}

unsigned model_attempts_waiting(const struct model *model)
{
    return model->attempts ? model->attempts->waiting : 0;
}

/* ---- SYNs ---- */

bool port_is_watched(const struct model *model, uint16_t port)
{
    return model->watched_ports[port / 8] & 1u << port % 8;
}

static void note_pair(struct attempts *attempts, const struct frame *frame)
{
    if (!attempts->first_client.length) {
        attempts->first_client = frame->source.address;
        attempts->first_server = frame->destination.address;
    }
    attempts->several |= !address_equal(&attempts->first_client, &frame->source.address) ||
                         !address_equal(&attempts->first_server, &frame->destination.address);
}

static void start_waiting(struct model *model, const struct frame *frame,
                          const struct tcp_segment *segment)
{
    struct attempts *attempts = attempts_make(model);
    struct knocking *knocking;

    if (attempts->waiting >= ATTEMPTS_WAITING)
        stop_waiting(model, attempts->first);
    knocking = POOL_NEW(model->pool, struct knocking);
    note_pair(attempts, frame);
    knocking->attempt = (struct attempt){
        .client = frame->source,
        .server = frame->destination,
        .mac = frame->sender,
        .sequence = segment->sequence,
        .bare = segment->bare,
        .syn = frame_sighting(frame, NO_ITEM),
        .last_syn = frame_sighting(frame, NO_ITEM),
        .syn_count = 1,
    };
    append(attempts, knocking);
}

/* The client's own doing shows that it hears nothing. */
static bool is_in_vain(const struct model *model, const struct attempt *attempt, int64_t now)
{
    const int64_t silence = model->settings.silence_seconds * NANOSECONDS_PER_SECOND;
    const int64_t waited = now - attempt->syn.time;

    return attempt->syn_count > 1 &&
           (waited >= silence ||
            (attempt->syn_count >= SYN_TRIES && waited >= MIN(SYN_TRIES_TIME, silence)));
}

static void repeat_syn(struct model *model, struct knocking *knocking, const struct frame *frame)
{
    const struct sighting seen = frame_sighting(frame, NO_ITEM);
    struct attempt attempt;

    if (frame->time - knocking->attempt.last_syn.time >= COPY_GAP) {
        knocking->attempt.syn_count++;
        knocking->attempt.last_syn = seen;
    }
    if (is_in_vain(model, &knocking->attempt, frame->time) &&
        attempts_take(model, &frame->source, &frame->destination, &attempt))
        attempts_failed(model, &attempt, ATTEMPT_UNANSWERED, &seen);
}

/* The client goes on trying what was told already. */
static bool has_failed(const struct attempts *attempts, const struct frame *frame,
                       uint32_t sequence)
{
    for (unsigned i = 0; attempts && i < MIN(attempts->failed_count, ATTEMPTS_KEPT); i++)
        if (attempts->failed[i].sequence == sequence &&
            endpoint_equal(&attempts->failed[i].client, &frame->source) &&
            endpoint_equal(&attempts->failed[i].server, &frame->destination))
            return true;
    return false;
}

static void on_syn(struct model *model, const struct frame *frame,
                   const struct tcp_segment *segment)
{
    struct knocking *knocking = find(model->attempts, &frame->source, &frame->destination);

    if (knocking && knocking->attempt.sequence == segment->sequence) {
        repeat_syn(model, knocking, frame);
        return;
    }
    if (knocking)
        stop_waiting(model, knocking);
    if (!has_failed(model->attempts, frame, segment->sequence))
        start_waiting(model, frame, segment);
}

/* ---- answers ---- */

static void arrive(struct model *model, const struct endpoint *client,
                   const struct endpoint *server, const struct frame *frame)
{
    struct arrival arrival = {.client = *client, .server = *server};
    struct attempt attempt;

    if (attempts_take(model, client, server, &attempt))
        arrival.mac = attempt.mac;
    arrival.seen = frame_sighting(frame, NO_ITEM);
    attempts_arrived(model, &arrival);
}

static void on_reset(struct model *model, const struct frame *frame,
                     const struct tcp_segment *segment)
{
    const struct sighting seen = frame_sighting(frame, NO_ITEM);
    const struct knocking *knocking = find(model->attempts, &frame->destination, &frame->source);
    struct attempt attempt;

    if (!knocking) { /* its own: the client gives up */
        attempts_take(model, &frame->source, &frame->destination, &attempt);
        return;
    }
    if (segment->ack && segment->acknowledgement != knocking->attempt.sequence + 1)
        return;
    if (attempts_take(model, &frame->destination, &frame->source, &attempt))
        attempts_failed(model, &attempt, ATTEMPT_REFUSED, &seen);
}

/* A client that goes on has been answered, and so has one that gets data, captured or not. An ACK
 * alone may be a server's that still knows an older connection (RFC 9293 3.10.7.4). */
static void on_other(struct model *model, const struct frame *frame,
                     const struct tcp_segment *segment)
{
    if (find(model->attempts, &frame->source, &frame->destination))
        arrive(model, &frame->source, &frame->destination, frame);
    else if (segment->length && find(model->attempts, &frame->destination, &frame->source))
        arrive(model, &frame->destination, &frame->source, frame);
}

void attempts_on_segment(struct model *model, const struct frame *frame,
                         const struct tcp_segment *segment)
{
    if (segment->syn && segment->ack && port_is_watched(model, frame->source.port)) {
        attempts_make(model);
        arrive(model, &frame->destination, &frame->source, frame);
    } else if (segment->syn && !segment->ack && port_is_watched(model, frame->destination.port))
        on_syn(model, frame, segment);
    else if (model_attempts_waiting(model) == 0)
        return;
    else if (segment->reset)
        on_reset(model, frame, segment);
    else
        on_other(model, frame, segment);
}

bool attempts_on_icmp_error(struct model *model, const struct frame *frame,
                            const struct icmp_error *error)
{
    const struct knocking *knocking = find(model->attempts, &error->source, &error->destination);
    const struct sighting seen = frame_sighting(frame, NO_ITEM);
    struct attempt attempt;

    if (!knocking || knocking->attempt.sequence != error->sequence ||
        !attempts_take(model, &error->source, &error->destination, &attempt))
        return false;
    attempt.icmp = *error;
    attempts_failed(model, &attempt, ATTEMPT_UNREACHABLE, &seen);
    return true;
}

bool attempts_settle(struct model *model, const struct sighting *now)
{
    const int64_t silence = model->settings.silence_seconds * NANOSECONDS_PER_SECOND;
    struct knocking *knocking;
    bool judged = false;

    while (model->attempts && (knocking = model->attempts->first) != NULL) {
        const int64_t waited = now->time - knocking->attempt.syn.time;
        struct attempt attempt;

        if (waited < silence && waited > -silence)
            break;
        attempt = knocking->attempt;
        stop_waiting(model, knocking); /* also where the clock was set back: it tells no time */
        if (!is_in_vain(model, &attempt, now->time))
            continue;
        attempts_failed(model, &attempt, ATTEMPT_UNANSWERED, now);
        judged = true;
    }
    return judged;
}
