/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of the model share: a clock, TCP connections that carry messages, and the
 * messages. Each message is handed over in an allocation of its exact size that is freed right
 * after, so that a sanitizer sees a view that outlives its packet.
 */
#ifndef SMB2DIAG_MODEL_TEST_H
#define SMB2DIAG_MODEL_TEST_H

#include "model/state.h"
#include "parser_test.h"
#include "recorded_smb2.h"
#include "rules.h"

#include <string.h>

#define MILLISECOND (NANOSECONDS_PER_SECOND / 1000)
#define SECOND NANOSECONDS_PER_SECOND
#define SESSION UINT64_C(0x1122334455667788)
#define TREE 0x51u

static wmem_allocator_t *scope;
static const struct rule_list *const *lists =
    rule_lists; /* the tests of the engine have their own */
static struct engine *engine;
static struct model *model;
static uint32_t frame_number;
static int64_t now;

static inline void begin_with(struct engine_settings settings)
{
    scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    engine = engine_new(scope, &settings, catalogue_new(scope, lists));
    model = engine_model(engine);
    frame_number = 0;
    now = INT64_C(1700000000) * SECOND;
}

static inline void begin(void)
{
    begin_with((struct engine_settings){.model = {.silence_seconds = 10, .slow_seconds = 2},
                                        .chat = true});
}

static inline void end(void)
{
    wmem_destroy_allocator(scope);
}

static inline void settle_at(uint32_t frame, int64_t time)
{
    const struct sighting sighting = {frame, NO_ITEM, time};

    model_settle(model, &sighting);
}

/* Frames pass, but none of those that are counted here. */
static inline void wait_for(int64_t nanoseconds)
{
    now += nanoseconds;
    settle_at(0, now);
}

/* A frame of something else. */
static inline uint32_t pass_by(void)
{
    now += MILLISECOND;
    settle_at(++frame_number, now);
    return frame_number;
}

/* ---- TCP ---- */

struct wire {
    struct endpoint ends[2];   /* by enum side */
    uint32_t sequence[2];      /* of the next byte of each side */
    unsigned handshake;        /* what TCP would know, enum handshake */
    struct ip_trail trails[2]; /* of each side's packets */
};

static inline struct wire wire_to(uint8_t server, uint16_t port)
{
    return (struct wire){
        .ends = {{{4, {192, 0, 2, 10}}, port}, {{4, {192, 0, 2, server}}, 445}},
        .sequence = {1001, 5001},
    };
}

static inline const struct frame *frame_from(const struct wire *wire, enum side from)
{
    static struct frame frame;

    now += MILLISECOND;
    frame = (struct frame){.number = ++frame_number,
                           .time = now,
                           .source = wire->ends[from],
                           .destination = wire->ends[!from],
                           .trail = wire->trails[from]};
    return &frame;
}

static inline struct tcp_segment segment_of(const struct wire *wire, enum side from,
                                            uint32_t length)
{
    return (struct tcp_segment){.sequence = wire->sequence[from],
                                .acknowledgement = wire->sequence[!from],
                                .length = length,
                                .ack = true};
}

/* A segment without a message; returns its frame number. */
static inline uint32_t put_segment(const struct wire *wire, enum side from,
                                   struct tcp_segment segment)
{
    model_on_segment(model, frame_from(wire, from), &segment);
    settle_at(frame_number, now);
    return frame_number;
}

static inline uint32_t acknowledge(const struct wire *wire, enum side from)
{
    return put_segment(wire, from, segment_of(wire, from, 0));
}

static inline uint32_t reset_by(const struct wire *wire, enum side from)
{
    return put_segment(wire, from,
                       (struct tcp_segment){.sequence = wire->sequence[from], .reset = true});
}

static inline uint32_t finish_by(const struct wire *wire, enum side from)
{
    struct tcp_segment segment = segment_of(wire, from, 0);

    segment.fin = true;
    return put_segment(wire, from, segment);
}

static inline void shake_hands(const struct wire *wire)
{
    put_segment(wire, CLIENT,
                (struct tcp_segment){.sequence = wire->sequence[CLIENT] - 1, .syn = true});
    put_segment(wire, SERVER,
                (struct tcp_segment){.sequence = wire->sequence[SERVER] - 1,
                                     .acknowledgement = wire->sequence[CLIENT],
                                     .syn = true,
                                     .ack = true});
}

/* ---- frames with messages ---- */

static inline void hand_over(const struct message_context *context, struct bytes message)
{
    wmem_allocator_t *scratch = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    uint8_t *copy = g_malloc(message.length);
    struct message parsed;

    if (message.length > 0)
        memcpy(copy, message.data, message.length);
    message_parse((struct bytes){copy, message.length}, scratch, &parsed);
    model_on_message(model, context, &parsed);
    wmem_destroy_allocator(scratch);
    g_free(copy);
}

/* One frame with all the messages; context: encrypted, truncated. Returns its number. */
static inline uint32_t say_all(struct wire *wire, enum side from, const struct builder *messages,
                               int count, struct message_context context)
{
    const struct frame *frame = frame_from(wire, from);
    struct tcp_segment segment;
    uint32_t length = 0;

    for (int i = 0; i < count; i++)
        length += messages[i].length;
    segment = segment_of(wire, from, length);
    context.frame = frame;
    context.segment = &segment;
    context.handshake = wire->handshake;
    for (context.item = 0; context.item < count; context.item++)
        hand_over(&context, built(&messages[context.item]));
    model_on_segment(model, frame, &segment);
    settle_at(frame_number, now);
    wire->sequence[from] += length;
    return frame_number;
}

static inline uint32_t say(struct wire *wire, enum side from, struct builder message)
{
    return say_all(wire, from, &message, 1, (struct message_context){0});
}

static inline uint32_t ask(struct wire *wire, struct builder message)
{
    return say(wire, CLIENT, message);
}

static inline uint32_t answer(struct wire *wire, struct builder message)
{
    return say(wire, SERVER, message);
}

/* ---- what the model made of it ---- */

static inline struct connection *the_connection(const struct wire *wire)
{
    struct frame frame = {.source = wire->ends[CLIENT], .destination = wire->ends[SERVER]};

    return model_find(model, &frame);
}

static inline unsigned connection_count(void)
{
    const struct connection *last = model_last_connection(model);

    return last ? last->number : 0;
}

static inline struct exchange *exchange_at(const struct connection *connection, unsigned index)
{
    struct exchange *at = connection->first_exchange;

    while (at && index-- > 0)
        at = at->next;
    return at;
}

/* ---- messages ---- */

static inline struct builder start(struct smb2_header header)
{
    struct builder message = {.length = 0};

    put_hex(&message, "fe534d4240000000");
    put_le(&message, header.status, 4);
    put_le(&message, header.command, 2);
    put_le(&message, 1, 2);
    put_le(&message, header.flags, 4);
    put_le(&message, 0, 4);
    put_le(&message, header.message_id, 8);
    put_le(&message, header.flags & SMB2_FLAGS_ASYNC_COMMAND ? 7 : (uint64_t)header.tree_id << 32,
           8);
    put_le(&message, header.session_id, 8);
    put_le(&message, 0, 8);
    put_le(&message, 0, 8);
    return message;
}

/* A request or answer whose body does not matter. */
static inline struct builder bare(struct smb2_header header)
{
    struct builder message = start(header);

    put_le(&message, 4, 4);
    return message;
}

static inline struct builder refusal(struct smb2_header header)
{
    struct builder message;

    header.flags |= SMB2_FLAGS_SERVER_TO_REDIR;
    message = start(header);
    put_hex(&message, "090000000000000000");
    return message;
}

static inline struct builder pending(uint16_t command, uint64_t id)
{
    return refusal((struct smb2_header){.command = command,
                                        .message_id = id,
                                        .status = STATUS_PENDING,
                                        .flags = SMB2_FLAGS_ASYNC_COMMAND});
}

static inline struct builder negotiate_ask(uint64_t id, uint16_t mode, uint16_t first,
                                           uint16_t last)
{
    static const uint16_t dialects[] = {DIALECT_2_0_2, DIALECT_2_1, DIALECT_3_0, DIALECT_3_0_2};
    struct builder message =
        start((struct smb2_header){.command = SMB2_NEGOTIATE, .message_id = id});
    uint16_t count = 0;

    put_hex(&message, "24000000");
    put_le(&message, mode, 4);
    put_le(&message, 0x7f, 4);
    for (unsigned i = 0; i < 24; i++)
        put_le(&message, i < 16 ? i : 0, 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(dialects); i++) {
        if (dialects[i] < first || dialects[i] > last)
            continue;
        put_le(&message, dialects[i], 2);
        count++;
    }
    set_le(&message, SMB2_HEADER_LENGTH + 2, count, 2);
    return message;
}

static inline struct builder negotiate_answer(uint64_t id, uint16_t mode, uint16_t dialect)
{
    struct builder message = start((struct smb2_header){
        .command = SMB2_NEGOTIATE, .message_id = id, .flags = SMB2_FLAGS_SERVER_TO_REDIR});

    put_le(&message, 65, 2);
    put_le(&message, mode, 2);
    put_le(&message, dialect, 4);
    put_hex(&message, "000102030405060708090a0b0c0d0e0f");
    put_le(&message, 0x47, 4);
    for (unsigned i = 0; i < 3; i++)
        put_le(&message, 0x800000, 4);
    put_le(&message, 0, 8);
    put_le(&message, 0, 8);
    put_le(&message, 128, 2);
    put_le(&message, 0, 7);
    return message;
}

static inline struct builder session_ask(uint64_t id, uint64_t session, uint8_t flags)
{
    struct builder message = start((struct smb2_header){
        .command = SMB2_SESSION_SETUP, .message_id = id, .session_id = session});

    put_le(&message, 25, 2);
    put_le(&message, flags, 1);
    put_le(&message, SMB2_NEGOTIATE_SIGNING_ENABLED, 1);
    put_le(&message, 0, 8);
    put_le(&message, 88, 4);
    put_le(&message, 0, 8);
    return message;
}

static inline struct builder session_answer(uint64_t id, uint64_t session, uint32_t status,
                                            uint16_t flags)
{
    struct builder message = start((struct smb2_header){.command = SMB2_SESSION_SETUP,
                                                        .message_id = id,
                                                        .session_id = session,
                                                        .status = status,
                                                        .flags = SMB2_FLAGS_SERVER_TO_REDIR});

    put_le(&message, 9, 2);
    put_le(&message, flags, 2);
    put_le(&message, 72, 4);
    return message;
}

/* A recorded message under another message and session id. */
static inline struct builder again(const char *digits, uint64_t id, uint64_t session)
{
    struct builder message = from_hex(digits);

    set_le(&message, 24, id, 8);
    set_le(&message, 40, session, 8);
    return message;
}

static inline struct builder tree_ask(uint64_t id, uint64_t session, const char *path)
{
    struct builder message = start((struct smb2_header){
        .command = SMB2_TREE_CONNECT, .message_id = id, .session_id = session});

    put_le(&message, 9, 4);
    put_le(&message, 72, 2);
    put_le(&message, 2 * strlen(path), 2);
    put_utf16(&message, path);
    return message;
}

static inline struct builder tree_answer(uint64_t id, uint64_t session, uint32_t tree,
                                         uint32_t flags)
{
    struct builder message = start((struct smb2_header){.command = SMB2_TREE_CONNECT,
                                                        .message_id = id,
                                                        .session_id = session,
                                                        .tree_id = tree,
                                                        .flags = SMB2_FLAGS_SERVER_TO_REDIR});

    put_le(&message, 16, 2);
    put_le(&message, 1, 2);
    put_le(&message, flags, 4);
    put_le(&message, 0, 8);
    return message;
}

static inline struct builder tree_refusal(uint64_t id, uint64_t session, uint32_t status)
{
    return refusal((struct smb2_header){
        .command = SMB2_TREE_CONNECT, .message_id = id, .session_id = session, .status = status});
}

static inline struct builder use(uint16_t command, uint64_t id, uint64_t session, uint32_t tree)
{
    return bare((struct smb2_header){
        .command = command, .message_id = id, .session_id = session, .tree_id = tree});
}

static inline struct builder transform_of(uint64_t session)
{
    struct builder message = from_hex("fd534d42");

    for (unsigned i = 4; i < 42; i++)
        put_le(&message, 0, 1);
    put_le(&message, 1, 2);
    put_le(&message, session, 8);
    return message;
}

static inline struct builder smb1_answer(uint32_t status, uint16_t selected)
{
    struct builder message = from_hex("ff534d4272");

    put_le(&message, status, 4);
    put_le(&message, 0x80, 1);
    for (unsigned i = 10; i < 32; i++)
        put_le(&message, 0, 1);
    put_le(&message, 1, 1);
    put_le(&message, selected, 2);
    put_le(&message, 0, 2);
    return message;
}

/* ---- whole steps ---- */

static inline void negotiate(struct wire *wire, uint16_t dialect)
{
    ask(wire, negotiate_ask(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_2_0_2, DIALECT_3_0_2));
    answer(wire, negotiate_answer(0, SMB2_NEGOTIATE_SIGNING_ENABLED, dialect));
}

/* Two legs with message ids 1 and 2. */
static inline void log_on(struct wire *wire, uint64_t session, uint16_t flags)
{
    ask(wire, session_ask(1, 0, 0));
    answer(wire, session_answer(1, session, STATUS_MORE_PROCESSING_REQUIRED, 0));
    ask(wire, session_ask(2, session, 0));
    answer(wire, session_answer(2, session, STATUS_SUCCESS, flags));
}

static inline void connect_share(struct wire *wire, uint64_t id, const char *path, uint32_t tree)
{
    ask(wire, tree_ask(id, SESSION, path));
    answer(wire, tree_answer(id, SESSION, tree, 0));
}

#endif
