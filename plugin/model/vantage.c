/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the capture was taken: TCP answers at once, so the time from SYN to SYN-ACK is the way to
 * the server and back, and that from SYN-ACK to ACK the way to the client and back.
 */
#include "state.h"

#define NEAR_TIME (NANOSECONDS_PER_SECOND / 1000) /* both ways, within one site */
#define FAR_TIMES 4                               /* how much farther the other side has to be */
#define TELLING_TIME                                                                               \
    (NANOSECONDS_PER_SECOND / 10000) /* where routers stand on one side only, this is enough */

/* ---- handshakes on their way ---- */

static struct handshake_seen *place_of(struct model *model, const struct endpoint *client)
{
    const uint8_t *address = client->address.bytes;
    const unsigned hash = client->port ^ address[3] * 7u ^ address[15] * 7u;

    if (!model->handshakes)
        model->handshakes = wmem_alloc0_array(model->scope, struct handshake_seen, HANDSHAKES_KEPT);
    return &model->handshakes[hash % HANDSHAKES_KEPT];
}

static struct handshake_seen *handshake_find(struct model *model, const struct endpoint *client,
                                             const struct endpoint *server)
{
    struct handshake_seen *seen = place_of(model, client);

    return endpoint_equal(&seen->client, client) && endpoint_equal(&seen->server, server) ? seen
                                                                                          : NULL;
}

static void on_syn(struct model *model, const struct frame *frame,
                   const struct tcp_segment *segment)
{
    struct handshake_seen *seen = handshake_find(model, &frame->source, &frame->destination);

    if (seen && seen->next[CLIENT] == segment->sequence + 1) {
        seen->spoiled = true;
        return;
    }
    seen = place_of(model, &frame->source);
    *seen = (struct handshake_seen){
        .client = frame->source,
        .server = frame->destination,
        .next[CLIENT] = segment->sequence + 1,
        .syn = frame->time,
        .hops_left[CLIENT] = frame->trail.hops_left,
    };
    trail_note(&seen->trails[CLIENT], frame);
}

static void on_syn_ack(struct handshake_seen *seen, const struct frame *frame,
                       const struct tcp_segment *segment)
{
    if (seen->syn_ack || segment->acknowledgement != seen->next[CLIENT]) {
        seen->spoiled = true;
        return;
    }
    seen->next[SERVER] = segment->sequence + 1;
    seen->syn_ack = frame->time;
    seen->hops_left[SERVER] = frame->trail.hops_left;
    trail_note(&seen->trails[SERVER], frame);
}

/* Data tells no time: the program that sends it may have waited, and the ACK before be missing. */
static void on_client(struct handshake_seen *seen, const struct frame *frame,
                      const struct tcp_segment *segment)
{
    trail_note(&seen->trails[CLIENT], frame);
    if (seen->ack)
        return;
    seen->ack = frame->time;
    if (!segment->ack || segment->fin || segment->reset || segment->length ||
        segment->sequence != seen->next[CLIENT] || segment->acknowledgement != seen->next[SERVER])
        seen->spoiled = true;
}

/* Sequence numbers tell whether there was data that the capture lacks. */
static void note_end(struct model *model, struct handshake_seen *seen, enum side from,
                     const struct tcp_segment *segment)
{
    seen->data |= segment->length > 0;
    if (!segment->fin && !segment->reset)
        return;
    model->wordless += seen->syn_ack && !seen->data && segment->sequence == seen->next[from];
    *seen = (struct handshake_seen){0};
}

static void on_server(struct model *model, struct handshake_seen *seen, const struct frame *frame,
                      const struct tcp_segment *segment)
{
    if (segment->syn) {
        on_syn_ack(seen, frame, segment);
        return;
    }
    trail_note(&seen->trails[SERVER], frame);
    note_end(model, seen, SERVER, segment);
}

uint32_t model_wordless(const struct model *model)
{
    return model->wordless;
}

void handshake_on_segment(struct model *model, const struct frame *frame,
                          const struct tcp_segment *segment)
{
    struct handshake_seen *seen;

    if (segment->syn && !segment->ack) {
        on_syn(model, frame, segment);
        return;
    }
    if (!model->handshakes)
        return;
    if ((seen = handshake_find(model, &frame->source, &frame->destination)) != NULL) {
        on_client(seen, frame, segment);
        note_end(model, seen, CLIENT, segment);
    } else if ((seen = handshake_find(model, &frame->destination, &frame->source)) != NULL)
        on_server(model, seen, frame, segment);
}

/* Of the one of either direction. */
static struct handshake_seen *handshake_before(struct model *model, const struct frame *frame)
{
    struct handshake_seen *seen;

    if (!model->handshakes)
        return NULL;
    seen = handshake_find(model, &frame->source, &frame->destination);
    return seen ? seen : handshake_find(model, &frame->destination, &frame->source);
}

bool model_saw_handshake(struct model *model, const struct frame *frame)
{
    const struct handshake_seen *seen = handshake_before(model, frame);

    return seen && seen->syn_ack;
}

void handshake_take(struct model *model, struct connection *connection)
{
    struct handshake_seen *seen =
        model->handshakes ? handshake_find(model, &connection->client, &connection->server) : NULL;

    if (!seen)
        return;
    if (seen->syn_ack)
        connection->handshake = HANDSHAKE_SYN | HANDSHAKE_SYN_ACK;
    connection->opening = (struct opening){
        .known = seen->syn_ack && seen->ack && !seen->spoiled,
        .server_took = seen->syn_ack - seen->syn,
        .client_took = seen->ack - seen->syn_ack,
        .hops_left = {seen->hops_left[CLIENT], seen->hops_left[SERVER]},
    };
    connection->sides[CLIENT].trail = seen->trails[CLIENT];
    connection->sides[SERVER].trail = seen->trails[SERVER];
    *seen = (struct handshake_seen){0};
}

/* ---- what they tell ---- */

int connection_hops(const struct connection *connection, enum side side)
{
    return hops_taken(connection->opening.hops_left[side]);
}

/* Whether the capture was taken near that side: it is quick, the other is not, and routers do not
 * say the contrary. */
static bool is_near(const struct connection *connection, enum side side)
{
    const struct opening *opening = &connection->opening;
    const int64_t near_took = side == CLIENT ? opening->client_took : opening->server_took;
    const int64_t far_took = side == CLIENT ? opening->server_took : opening->client_took;
    const int hops_near = connection_hops(connection, side);
    const int hops_far = connection_hops(connection, side == CLIENT ? SERVER : CLIENT);

    if (near_took >= NEAR_TIME || far_took < FAR_TIMES * near_took)
        return false;
    if (hops_near < 0 || hops_far < 0)
        return far_took >= NEAR_TIME;
    return hops_near <= hops_far &&
           (far_took >= NEAR_TIME || (far_took >= TELLING_TIME && hops_near == 0 && hops_far > 0));
}

static bool is_between(const struct connection *connection)
{
    return connection->opening.server_took >= NEAR_TIME &&
           connection->opening.client_took >= NEAR_TIME &&
           connection_hops(connection, CLIENT) != 0 && connection_hops(connection, SERVER) != 0;
}

enum vantage connection_vantage(const struct connection *connection)
{
    const struct opening *opening = &connection->opening;

    /* A clock that sees no time pass is too coarse, and one that goes back is none. */
    if (!opening->known || opening->server_took <= 0 || opening->client_took <= 0)
        return VANTAGE_UNKNOWN;
    if (is_near(connection, CLIENT))
        return VANTAGE_CLIENT;
    if (is_near(connection, SERVER))
        return VANTAGE_SERVER;
    return is_between(connection) ? VANTAGE_BETWEEN : VANTAGE_UNKNOWN;
}

const char *vantage_name(enum vantage vantage)
{
    static const char *const names[] = {[VANTAGE_UNKNOWN] = NULL,
                                        [VANTAGE_CLIENT] = N_("near the client"),
                                        [VANTAGE_SERVER] = N_("near the server"),
                                        [VANTAGE_BETWEEN] = N_("between client and server")};

    return names[vantage];
}
