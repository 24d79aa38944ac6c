/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What TCP tells about a connection: missing bytes, acknowledged requests, who hung up. Sequence
 * numbers are compared modulo 2^32 (RFC 9293 3.4).
 */
#include "state.h"

#define HOLE_SEGMENTS 32 /* a hole that so many segments of its side did not fill stays */
#define HOLE_SECONDS 1
#define NEAR                                                                                       \
    UINT32_C(0x10000) /* more than set-up messages in a row take; another connection's numbers are \
                         that near by chance once in 16000 times */
#define EXCHANGES_LOOKED_AT                                                                        \
    16 /* a set-up has few requests in flight; hostile captures may have many */
#define UNREACHABLE_COPIES 3 /* RFC 9293 3.8.3: R1, when TCP tells IP that the path may be dead */
#define UNREACHABLE_SECONDS 3

static bool after(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

static void open_hole(struct connection *connection, enum side from, uint32_t end,
                      const struct frame *frame)
{
    const struct sighting seen = frame_sighting(frame, NO_ITEM);
    struct tcp_side *side = &connection->sides[from];

    if (side->hole) { /* two holes are more than is kept: the first one counts as lost */
        connection_mark_gap(connection, from, &side->hole->seen, frame);
        side->hole->end = end;
        return;
    }
    side->hole = POOL_NEW(connection->model->pool, struct hole);
    *side->hole = (struct hole){.start = side->next_sequence, .end = end, .seen = seen};
}

static void fill_hole(struct connection *connection, enum side from,
                      const struct tcp_segment *segment)
{
    const uint32_t end = segment->sequence + segment->length;
    struct tcp_side *side = &connection->sides[from];
    struct hole *hole = side->hole;

    if (!hole || after(segment->sequence, hole->start) || !after(end, hole->start))
        return;
    hole->start = end;
    if (after(hole->end, end))
        return;
    POOL_RETURN(connection->model->pool, hole);
    side->hole = NULL;
}

static void age_hole(struct connection *connection, enum side from, const struct frame *frame)
{
    struct hole *hole = connection->sides[from].hole;

    if (hole && (++hole->age > HOLE_SEGMENTS ||
                 frame->time - hole->seen.time > HOLE_SECONDS * NANOSECONDS_PER_SECOND))
        connection_mark_gap(connection, from, &hole->seen, frame);
}

static void follow_sequence(struct connection *connection, enum side from,
                            const struct frame *frame, const struct tcp_segment *segment)
{
    const uint32_t end = segment->sequence + segment->length;
    struct tcp_side *side = &connection->sides[from];

    if (side->known && after(segment->sequence, side->next_sequence))
        open_hole(connection, from, segment->sequence, frame);
    else if (side->known)
        fill_hole(connection, from, segment);
    if (!side->known)
        side->first_sequence = segment->sequence;
    if (!side->known || after(end, side->next_sequence))
        side->next_sequence = end;
    side->known = true;
}

/* The other side confirms bytes that were never seen: they are not in the capture. */
static void follow_acknowledgement(struct connection *connection, enum side from,
                                   const struct frame *frame, uint32_t acknowledgement)
{
    struct tcp_side *side = &connection->sides[from];
    struct sighting seen;

    if (!side->known)
        side->next_sequence = side->first_sequence = acknowledgement;
    else if (after(acknowledgement, side->next_sequence + 1)) /* a FIN counts as one byte */
        open_hole(connection, from, acknowledgement, frame);
    else if (acknowledgement == side->next_sequence + 1 && !connection->closed) {
        seen = frame_sighting(frame, NO_ITEM); /* who closed first was not captured; no answer is
                                                  as short as that */
        connection_mark_first_gap(connection, &seen, frame);
    }
    if (side->known && after(acknowledgement, side->next_sequence + 1))
        side->next_sequence = acknowledgement;
    side->known = true;
}

static void note_reached(struct exchange *exchange, const struct frame *frame)
{
    const bool is_waited_for = exchange->waiting || exchange->settled;

    exchange->acknowledged = frame_sighting(frame, NO_ITEM);
    if ((!exchange->unreachable && !exchange->settled) || exchange->connection->closed)
        return;
    exchange->unreachable = exchange->settled = false;
    connection_raise(exchange->connection, ON_REACHED, exchange, &exchange->acknowledged);
    if (is_waited_for)
        exchange_wait(exchange, frame->time); /* the server has had the request since now only */
}

static void note_acknowledged(struct connection *connection, const struct frame *frame,
                              uint32_t acknowledgement)
{
    struct exchange *at = connection->last_open;

    for (unsigned looked_at = 0; at && looked_at < EXCHANGES_LOOKED_AT; looked_at++) {
        struct exchange *exchange = at;

        if (exchange->acknowledged.frame)
            return; /* so are all before it */
        at = at->previous_open;
        if (exchange->request_end && !after(exchange->request_end, acknowledgement))
            note_reached(exchange, frame);
    }
}

/* Counts from the first copy; unanswered is another matter, for which ON_SILENCE is. */
static void note_copy(struct exchange *exchange, const struct frame *frame)
{
    struct interlude *between = exchange_interlude_make(exchange);

    between->retransmissions++;
    between->last_copy = frame_sighting(frame, NO_ITEM);
    if (exchange->unreachable || exchange->acknowledged.frame ||
        between->retransmissions < UNREACHABLE_COPIES ||
        frame->time - exchange->request.time < UNREACHABLE_SECONDS * NANOSECONDS_PER_SECOND)
        return;
    exchange->unreachable = true;
    connection_raise(exchange->connection, ON_UNREACHABLE, exchange, &between->last_copy);
}

static void note_retransmitted(struct connection *connection, const struct frame *frame,
                               const struct tcp_segment *segment)
{
    const uint32_t end = segment->sequence + segment->length;
    struct exchange *at = connection->last_open;

    if (segment->length <= 1) /* RFC 9293 3.8.4: keep-alives may carry the last byte again */
        return;
    for (unsigned looked_at = 0; at && looked_at < EXCHANGES_LOOKED_AT; looked_at++) {
        struct exchange *exchange = at;

        at = at->previous_open;
        if (exchange->request_end && exchange->request.frame != frame->number &&
            after(exchange->request_end, segment->sequence) && !after(exchange->request_end, end))
            note_copy(exchange, frame);
    }
}

/* The close may be the first frame after a long silence, and comes before model_settle(). */
static void note_overdue(struct exchange *exchange, int64_t now)
{
    const struct settings *settings = model_settings(exchange->connection->model);

    if (now - exchange->request.time >= settings->silence_seconds * NANOSECONDS_PER_SECOND)
        exchange->settled = true;
}

/* What was open stays so for good; with nothing open, the last exchange is the one to look at. */
static void raise_close(struct connection *connection)
{
    struct exchange *at = connection->first_open;

    if (!at) {
        connection_raise(connection, ON_CLOSE, connection->last, &connection->closing);
        return;
    }
    while (at) {
        struct exchange *exchange = at;

        at = at->next_open;
        note_overdue(exchange, connection->closing.time);
        connection_raise(connection, ON_CLOSE, exchange, &connection->closing);
        exchange_stop_waiting(exchange);
    }
}

static void note_closed(struct connection *connection, const struct frame *frame, enum side side,
                        const struct tcp_segment *segment)
{
    if (connection->closed || (!segment->fin && !segment->reset))
        return;
    for (unsigned i = 0; i < 2; i++)
        if (connection->sides[i].hole)
            connection_mark_gap(connection, (enum side)i, &connection->sides[i].hole->seen, frame);
    connection->closed = true;
    connection->closed_by = side;
    connection->closed_by_reset = segment->reset;
    connection->closing = frame_sighting(frame, NO_ITEM);
    connection->closing_trail = frame->trail;
    connection->received_known = segment->ack;
    connection->received_end = segment->acknowledgement;
    raise_close(connection);
    connection_ended(connection);
}

/* A side repeats its SYN until it hears an answer, even when the other's data is already under way.
 */
static bool repeats_handshake(const struct tcp_side *side, const struct tcp_segment *segment)
{
    return side->known && segment->sequence + 1 == side->first_sequence;
}

/* Whether the sequence number is near what was seen of the side, first or last. */
static bool is_near(const struct tcp_side *side, uint32_t sequence)
{
    return !side->known || sequence - side->next_sequence + NEAR <= 2 * NEAR ||
           sequence - side->first_sequence + NEAR <= 2 * NEAR;
}

bool connection_continues(const struct connection *connection, const struct frame *frame,
                          const struct tcp_segment *segment)
{
    const enum side from = connection_side_of(connection, frame);

    return is_near(&connection->sides[from], segment->sequence) &&
           (!segment->ack || is_near(&connection->sides[!from], segment->acknowledgement));
}

void connection_follow_bytes(struct connection *connection, const struct frame *frame,
                             const struct tcp_segment *segment)
{
    const enum side from = connection_side_of(connection, frame);

    if (segment->syn || segment->reset) /* sequence numbers of resets are not to be relied on */
        return;
    follow_sequence(connection, from, frame, segment);
    if (segment->ack)
        follow_acknowledgement(connection, from == CLIENT ? SERVER : CLIENT, frame,
                               segment->acknowledgement);
}

/* A client that closed its own direction only goes on to receive; one that is gone resets. */
static void note_received(struct connection *connection, const struct tcp_segment *segment)
{
    struct exchange *at = connection->last_open;

    if (!connection->closed || connection->closed_by_reset || !segment->ack || segment->reset)
        return;
    for (unsigned looked_at = 0; at && looked_at < EXCHANGES_LOOKED_AT; looked_at++) {
        struct exchange *exchange = at;

        at = at->previous_open;
        setup_on_late_receipt(exchange, segment->acknowledgement);
    }
}

void model_on_segment(struct model *model, const struct frame *frame,
                      const struct tcp_segment *segment)
{
    struct connection *connection = model_find(model, frame);
    enum side from;
    struct tcp_side *side;

    if (!connection) {
        handshake_on_segment(model, frame, segment);
        attempts_on_segment(model, frame, segment);
        return;
    }
    from = connection_side_of(connection, frame);
    side = &connection->sides[from];
    if (segment->syn) { /* the ports start over */
        if (!repeats_handshake(side, segment)) {
            model_forget(connection);
            connection_ended(connection);
            handshake_on_segment(model, frame, segment);
            attempts_on_segment(model, frame, segment);
        }
        return;
    }
    if (!side->first_frame)
        side->first_frame = frame->number;
    connection->last_time = frame->time;
    if (!segment->reset) /* which who takes an address over sends, too */
        side->last_sign_of_life = frame->time;
    if (from == CLIENT) {
        note_retransmitted(connection, frame, segment);
        note_received(connection, segment);
    }
    connection_follow_bytes(connection, frame, segment);
    if (segment->ack && from == SERVER)
        note_acknowledged(connection, frame, segment->acknowledgement);
    age_hole(connection, CLIENT, frame);
    age_hole(connection, SERVER, frame);
    note_closed(connection, frame, from, segment);
    if (!connection->closed)
        trail_note(&side->trail, frame);
}
