/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which KDC answered which question of a client. One look through a ring per Kerberos message or
 * segment; frames of other protocols cost nothing.
 */
#include "identity_rings.h"
#include "state.h"

#define KDC_PORT 88

/* ---- the ring ---- */

static struct kdc_slot *slot_at(const struct identity *identity, unsigned index)
{
    const struct kdc_dealings *dealings = identity_dealings(identity);

    if (index >= KERBEROS_RING || index >= dealings->count)
        return NULL;
    return dealings->ring[(dealings->count - 1 - index) % KERBEROS_RING];
}

struct kdc_exchange *identity_kdc_exchange(const struct identity *identity, unsigned index)
{
    struct kdc_slot *slot = identity ? slot_at(identity, index) : NULL;

    return slot ? &slot->exchange : NULL;
}

static struct kdc_slot *slot_new(struct identity *identity, const struct endpoint *client,
                                 const struct endpoint *kdc)
{
    struct kdc_dealings *dealings = identity_dealings_make(identity);
    wmem_allocator_t *scope = identity->model->scope;
    struct kdc_slot **slot;

    if (!dealings->ring)
        dealings->ring = wmem_alloc0_array(scope, struct kdc_slot *, KERBEROS_RING);
    slot = &dealings->ring[dealings->count++ % KERBEROS_RING];
    if (!*slot)
        *slot = wmem_new0(scope, struct kdc_slot);
    for (unsigned i = 0; i < (*slot)->text_count; i++)
        wmem_free(scope, (*slot)->texts[i]);
    **slot = (struct kdc_slot){.exchange = {.client = *client, .kdc = *kdc}};
    return *slot;
}

static const char *keep_text(struct identity *identity, struct kdc_slot *slot, const char *text)
{
    if (!text)
        return NULL;
    return slot->texts[slot->text_count++] = wmem_strdup(identity->model->scope, text);
}

static struct kerberos_message keep_message(struct identity *identity, struct kdc_slot *slot,
                                            const struct kerberos_message *message)
{
    struct kerberos_message kept = *message;

    kept.realm = keep_text(identity, slot, message->realm);
    kept.service = keep_text(identity, slot, message->service);
    kept.client = keep_text(identity, slot, message->client);
    kept.client_realm = keep_text(identity, slot, message->client_realm);
    kept.error_text = keep_text(identity, slot, message->error_text);
    return kept;
}

static bool between(const struct kdc_exchange *exchange, const struct endpoint *client,
                    const struct endpoint *kdc)
{
    return endpoint_equal(&exchange->client, client) && endpoint_equal(&exchange->kdc, kdc);
}

/* The newest exchange on these ports. */
static struct kdc_slot *find_slot(const struct identity *identity, const struct endpoint *client,
                                  const struct endpoint *kdc)
{
    struct kdc_slot *slot;

    for (unsigned i = 0; (slot = slot_at(identity, i)) != NULL; i++)
        if (between(&slot->exchange, client, kdc))
            return slot;
    return NULL;
}

/* ---- requests ---- */

/* A client that repeats a question, here or elsewhere, repeats its nonce (RFC 4120 5.4.1). */
static bool same_question(const struct kerberos_message *a, const struct kerberos_message *b)
{
    return a->type == b->type && a->nonce == b->nonce && g_strcmp0(a->service, b->service) == 0;
}

/* The same question, still unanswered, asked from another port or of another KDC. */
static const struct kdc_exchange *asked_elsewhere(const struct identity *identity,
                                                  const struct kdc_exchange *exchange)
{
    const struct kdc_exchange *other;

    if (!exchange->request.nonce)
        return NULL;
    for (unsigned i = 0; (other = identity_kdc_exchange(identity, i)) != NULL; i++)
        if (other != exchange && same_question(&other->request, &exchange->request))
            return other->reply.type ? NULL : other;
    return NULL;
}

static void start_question(struct identity *identity, struct kdc_slot *slot,
                           const struct frame *frame, const struct kerberos_message *message)
{
    struct kdc_exchange *exchange = &slot->exchange;
    const struct kdc_exchange *before;

    exchange->request = keep_message(identity, slot, message);
    exchange->last_requested = frame_sighting(frame, NO_ITEM);
    before = asked_elsewhere(identity, exchange);
    exchange->requested = before ? before->requested : exchange->last_requested;
    exchange->request_copies = before ? before->request_copies + 1 : 1;
}

static void on_request(struct identity *identity, const struct frame *frame,
                       const struct kerberos_message *message)
{
    struct kdc_slot *slot = find_slot(identity, &frame->source, &frame->destination);

    if (slot && slot->exchange.request.type && same_question(&slot->exchange.request, message)) {
        slot->exchange.request_copies++;
        slot->exchange.last_requested = frame_sighting(frame, NO_ITEM);
        return;
    }
    if (!slot || slot->exchange.request.type || slot->exchange.reply.type)
        slot = slot_new(identity, &frame->source, &frame->destination);
    start_question(identity, slot, frame, message);
}

/* ---- replies ---- */

static bool answers(const struct kerberos_message *reply, const struct kerberos_message *request)
{
    return !request->type || reply->type == KERBEROS_ERROR || reply->type == request->type + 1;
}

static bool same_reply(const struct kerberos_message *a, const struct kerberos_message *b)
{
    return a->type == b->type && a->error_code == b->error_code &&
           g_strcmp0(a->service, b->service) == 0;
}

/* The newest exchange on the reply's ports that it answers, or that had the same reply before. */
static struct kdc_slot *slot_of_reply(const struct identity *identity, const struct frame *frame,
                                      const struct kerberos_message *reply)
{
    struct kdc_slot *slot;

    for (unsigned i = 0; (slot = slot_at(identity, i)) != NULL; i++) {
        const struct kdc_exchange *exchange = &slot->exchange;

        if (!between(exchange, &frame->destination, &frame->source))
            continue;
        if (exchange->reply.type ? same_reply(&exchange->reply, reply)
                                 : answers(reply, &exchange->request))
            return slot;
    }
    return NULL;
}

static void on_reply(struct identity *identity, const struct frame *frame,
                     const struct kerberos_message *message)
{
    struct kdc_slot *slot = slot_of_reply(identity, frame, message);

    if (!slot)
        slot = slot_new(identity, &frame->destination, &frame->source);
    if (slot->exchange.reply.type) /* sent or captured twice */
        return;
    slot->exchange.reply = keep_message(identity, slot, message);
    slot->exchange.replied = frame_sighting(frame, NO_ITEM);
}

/* A KDC's message that was cut short is still an answer. */
static void on_unreadable_reply(struct identity *identity, const struct frame *frame)
{
    struct kdc_slot *slot = find_slot(identity, &frame->destination, &frame->source);

    if (slot && !slot->exchange.reply.type)
        slot->exchange.reply_unread = true;
}

/* ---- TCP ---- */

static void on_syn(struct identity *identity, struct kdc_slot *slot, const struct frame *frame)
{
    if (!slot || !slot->exchange.syn.frame || slot->exchange.syn_accepted.frame ||
        slot->exchange.request.type) {
        slot = slot_new(identity, &frame->source, &frame->destination);
        slot->exchange.tcp = true;
        slot->exchange.syn = frame_sighting(frame, NO_ITEM);
    }
    slot->exchange.last_syn = frame_sighting(frame, NO_ITEM);
    slot->exchange.syn_count++;
}

static bool unanswered(const struct kdc_exchange *exchange)
{
    return exchange->request.type && !exchange->reply.type;
}

static void note_ended(struct kdc_exchange *exchange, const struct frame *frame,
                       const struct tcp_segment *segment)
{
    if ((!segment->fin && !segment->reset) || exchange->ended.frame || !unanswered(exchange))
        return;
    exchange->ended = frame_sighting(frame, NO_ITEM);
}

static void on_client_segment(struct kdc_exchange *exchange, const struct frame *frame,
                              const struct tcp_segment *segment)
{
    if (segment->length && exchange->last_requested.frame == frame->number)
        exchange->request_end = segment->sequence + segment->length;
    note_ended(exchange, frame, segment);
}

/* Modulo 2^32, RFC 9293 3.4. */
static bool covers(uint32_t acknowledgement, uint32_t end)
{
    return (int32_t)(acknowledgement - end) >= 0;
}

static void on_handshake_answer(struct kdc_exchange *exchange, const struct frame *frame,
                                const struct tcp_segment *segment)
{
    struct sighting *answer = segment->reset ? &exchange->syn_refused : &exchange->syn_accepted;

    if (exchange->syn.frame && !exchange->syn_accepted.frame && !answer->frame)
        *answer = frame_sighting(frame, NO_ITEM);
}

static void on_server_segment(struct kdc_exchange *exchange, const struct frame *frame,
                              const struct tcp_segment *segment)
{
    if (segment->syn || (segment->reset && !exchange->request.type)) {
        on_handshake_answer(exchange, frame, segment);
        return;
    }
    if (segment->ack && exchange->request_end && !exchange->acknowledged.frame &&
        covers(segment->acknowledgement, exchange->request_end))
        exchange->acknowledged = frame_sighting(frame, NO_ITEM);
    if (segment->length && unanswered(exchange))
        exchange->reply_unread = true;
    note_ended(exchange, frame, segment);
}

static void on_segment(struct identity *identity, const struct frame *frame,
                       const struct tcp_segment *segment, bool to_kdc)
{
    const struct endpoint *client = to_kdc ? &frame->source : &frame->destination;
    const struct endpoint *kdc = to_kdc ? &frame->destination : &frame->source;
    struct kdc_slot *slot = find_slot(identity, client, kdc);

    if (to_kdc && segment->syn) {
        on_syn(identity, slot, frame);
        return;
    }
    if (!slot)
        return;
    slot->exchange.tcp = true;
    if (to_kdc)
        on_client_segment(&slot->exchange, frame, segment);
    else
        on_server_segment(&slot->exchange, frame, segment);
}

/* ---- feeding ---- */

static bool goes_to_kdc(const struct frame *frame)
{
    return frame->destination.port == KDC_PORT;
}

static const struct address *address_of_client(const struct frame *frame)
{
    return goes_to_kdc(frame) ? &frame->source.address : &frame->destination.address;
}

/* A host that turns to a KDC: which card it did it with, and when. */
static void note_client(struct model *model, struct identity *identity, const struct frame *frame)
{
    struct kdc_dealings *dealings;

    if (!goes_to_kdc(frame))
        return;
    dealings = identity_dealings_make(identity);
    dealings->last_sent = frame->time;
    identity_note_recent(model, identity);
    if (!mac_known(&frame->sender) || dealings->mac_varies)
        return;
    dealings->mac_varies = mac_known(&dealings->mac) && !mac_equal(&dealings->mac, &frame->sender);
    dealings->mac = dealings->mac_varies ? (struct mac_address){{0}} : frame->sender;
}

static void on_readable(struct identity *identity, const struct frame *frame,
                        const struct kerberos_message *message)
{
    switch (message->type) {
    case KERBEROS_AS_REQ:
    case KERBEROS_TGS_REQ:
        on_request(identity, frame, message);
        break;
    case KERBEROS_AS_REP:
    case KERBEROS_TGS_REP:
    case KERBEROS_ERROR:
        on_reply(identity, frame, message);
        break;
    default:
        break;
    }
}

void model_on_kerberos(struct model *model, const struct frame *frame,
                       const struct kerberos_message *message)
{
    struct identity *identity;

    if (!goes_to_kdc(frame) && frame->source.port != KDC_PORT)
        return;
    identity = model_identity_make(model, address_of_client(frame));
    note_client(model, identity, frame);
    if (message)
        on_readable(identity, frame, message);
    else if (!goes_to_kdc(frame))
        on_unreadable_reply(identity, frame);
}

void model_on_kdc_segment(struct model *model, const struct frame *frame,
                          const struct tcp_segment *segment)
{
    struct identity *identity = model_identity(model, address_of_client(frame));

    if (!identity && goes_to_kdc(frame) && segment->syn)
        identity = model_identity_make(model, address_of_client(frame));
    if (!identity)
        return;
    if (segment->syn)
        note_client(model, identity, frame);
    on_segment(identity, frame, segment, goes_to_kdc(frame));
}
