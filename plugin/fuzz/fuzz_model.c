/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer target of the model, the rules and the reports: a capture written down as in steps.h.
 */
#include "epan/report.h"
#include "model_attempts.h"
#include "parser_test.h"
#include "rules.h"
#include "steps.h"

#include <wsutil/wsjson.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

struct run {
    wmem_allocator_t *scope;
    struct model *model;
    struct frame frame;
    int item;
    struct endpoint ends[STEP_WIRES][2]; /* by enum side */
    uint32_t sequence[STEP_WIRES][2];
};

struct step {
    enum step_kind kind;
    unsigned wire;
    enum side from;
    bool same_frame;
    uint8_t flags;
    int64_t milliseconds;
    struct bytes payload;
};

/* ---- reading steps ---- */

/* Takes the next step off the input; false at its end. */
static bool next_step(struct bytes *input, struct step *step)
{
    const uint8_t place = bytes_u8(*input, 0);
    const uint32_t length = bytes_le16(*input, 3);

    if (!bytes_has(*input, 0, STEP_HEADER_LENGTH))
        return false;
    *step = (struct step){
        .kind = (enum step_kind)(place & 7),
        .wire = place >> 3 & (STEP_WIRES - 1),
        .from = place & STEP_FROM_SERVER ? SERVER : CLIENT,
        .same_frame = place & STEP_SAME_FRAME,
        .flags = bytes_u8(*input, 1),
        .milliseconds = step_time(bytes_u8(*input, 2)),
    };
    *input = bytes_from(*input, STEP_HEADER_LENGTH);
    step->payload = bytes_slice(*input, 0, MIN(length, input->length));
    *input = bytes_from(*input, step->payload.length);
    return true;
}

/* ---- frames ---- */

/* The server of all wires but the last two is one; the last wire is IPv6. */
static void set_ends(struct run *run)
{
    for (unsigned i = 0; i < STEP_WIRES; i++) {
        const uint8_t length = i == STEP_WIRES - 1 ? 16 : 4;
        struct endpoint *client = &run->ends[i][CLIENT], *server = &run->ends[i][SERVER];

        *client = (struct endpoint){{length, {192, 0, 2, 10}}, (uint16_t)(49000 + i)};
        *server = (struct endpoint){{length, {192, 0, 2, (uint8_t)(30 + i / 2)}}, 445};
        run->sequence[i][CLIENT] = 1001;
        run->sequence[i][SERVER] = 5001;
    }
}

static uint16_t service_port(enum step_kind kind)
{
    switch (kind) {
    case STEP_KERBEROS:
    case STEP_KDC_SEGMENT:
        return 88;
    case STEP_DNS:
        return 53;
    default:
        return 445;
    }
}

static void start_frame(struct run *run, const struct step *step)
{
    struct endpoint server = run->ends[step->wire][SERVER];

    server.port = service_port(step->kind);
    run->item = 0;
    run->frame.number++;
    run->frame.time += step->milliseconds * (NANOSECONDS_PER_SECOND / 1000);
    /* two senders on each side, of which one counts its packets */
    run->frame.trail = (struct ip_trail){step->flags & STEP_TRUNCATED ? 61 : 64,
                                         (uint16_t)(run->frame.number & 0xff)};
    run->frame.source = step->from == SERVER ? server : run->ends[step->wire][CLIENT];
    run->frame.destination = step->from == SERVER ? run->ends[step->wire][CLIENT] : server;
}

static struct tcp_segment segment_of(const struct run *run, const struct step *step)
{
    const bool bare = step->kind != STEP_SMB;
    const struct bytes payload = bare ? step->payload : (struct bytes){0};

    return (struct tcp_segment){
        .sequence = run->sequence[step->wire][step->from] + bytes_le16(payload, 2),
        .acknowledgement = run->sequence[step->wire][!step->from] + bytes_le16(payload, 4),
        .length = bare ? bytes_le16(payload, 0) : 4 + step->payload.length,
        .syn = step->flags & STEP_SYN,
        .fin = step->flags & STEP_FIN,
        .reset = step->flags & STEP_RESET,
        .ack = step->flags & STEP_ACK,
    };
}

static void on_message(struct run *run, const struct step *step, const struct tcp_segment *segment)
{
    const struct message_context context = {
        .frame = &run->frame,
        .item = run->item++,
        .segment = segment,
        .handshake = step->flags & STEP_HANDSHAKE ? HANDSHAKE_SYN | HANDSHAKE_SYN_ACK : 0,
        .encrypted = step->flags & STEP_ENCRYPTED,
        .truncated = step->flags & STEP_TRUNCATED,
    };
    wmem_allocator_t *scratch = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    uint8_t *copy = g_malloc(step->payload.length); /* a view that outlives its packet is seen */
    struct message message;

    if (step->payload.length)
        memcpy(copy, step->payload.data, step->payload.length);
    message_parse((struct bytes){copy, step->payload.length}, scratch, &message);
    model_on_message(run->model, &context, &message);
    wmem_destroy_allocator(scratch);
    g_free(copy);
}

/* The scratch is gone at once: a sanitizer sees who still points there. */
static void on_kerberos(struct run *run, const struct step *step)
{
    wmem_allocator_t *scratch = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    struct kerberos_message message;
    const bool readable = kerberos_parse(step->payload, scratch, &message);

    model_on_kerberos(run->model, &run->frame, readable ? &message : NULL);
    wmem_destroy_allocator(scratch);
}

static void on_dns(struct run *run, const struct step *step)
{
    wmem_allocator_t *scratch = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    struct dns_response response;

    if (dns_response_parse(step->payload, scratch, &response))
        model_on_dns(run->model, &run->frame, &response);
    wmem_destroy_allocator(scratch);
}

static void on_icmp(const struct run *run, const struct step *step)
{
    const struct icmp_error error = {
        .source = run->frame.source,
        .destination = run->frame.destination,
        .sequence = run->sequence[step->wire][step->from] - bytes_le16(step->payload, 0),
        .type = 3,
        .code = step->flags,
    };

    if (model_takes_icmp_errors(run->model))
        model_on_icmp_error(run->model, &run->frame, &error);
}

static void settle(const struct run *run)
{
    const struct sighting now = frame_sighting(&run->frame, NO_ITEM);

    model_settle(run->model, &now);
}

static void take(struct run *run, const struct step *step)
{
    const struct tcp_segment segment = segment_of(run, step);

    if (!step->same_frame || !run->frame.number)
        start_frame(run, step);
    switch (step->kind) {
    case STEP_SMB:
        on_message(run, step, &segment);
        break;
    case STEP_KERBEROS:
        on_kerberos(run, step);
        break;
    case STEP_DNS:
        on_dns(run, step);
        break;
    case STEP_KDC_SEGMENT:
        model_on_kdc_segment(run->model, &run->frame, &segment);
        break;
    case STEP_ICMP:
        on_icmp(run, step);
        break;
    default:
        break;
    }
    if (step->kind <= STEP_SEGMENT) {
        model_on_segment(run->model, &run->frame, &segment);
        run->sequence[step->wire][step->from] += segment.length;
    }
    settle(run);
}

/* ---- what has to hold afterwards ---- */

static void check_connection(const struct connection *connection)
{
    const struct finding *finding = connection_first_finding(connection);
    unsigned roots = 0;

    for (; finding; finding = finding->next) {
        g_assert_true(finding->connection == connection);
        g_assert_cmpuint(finding->count, >, 0);
        g_assert_false(finding->root_cause && finding->withdrawn);
        roots += finding->root_cause;
    }
    g_assert_cmpuint(roots, ==, connection_root_cause(connection) ? 1 : 0);
}

/* The reports ask for it; here is no Wireshark that knows. */
int tcp_stream_of_connection(const struct connection *connection _U_)
{
    return -1;
}

typedef void write_report(const struct report *report);

/* To be freed by the caller. */
static char *written(const struct model *model, write_report *write)
{
    char *text = NULL;
    size_t length = 0;
    const struct report report = {.model = model, .to = open_memstream(&text, &length)};

    write(&report);
    fclose(report.to);
    g_assert_true(g_utf8_validate(text, (gssize)length, NULL));
    return text;
}

static void check_reports(const struct model *model)
{
    char *json = written(model, report_write_json);

    g_assert_cmpint(json_parse(json, NULL, 0), >, 0); /* how many tokens */
    free(json);
    free(written(model, report_write_text));
    free(written(model, report_write_csv));
    free(written(model, report_write_html));
}

static void check(const struct model *model)
{
    for (struct connection *at = model_first_connection(model); at; at = at->next)
        check_connection(at);
    check_reports(model);
}

int LLVMFuzzerInitialize(int *argc _U_, char ***argv _U_)
{
    wmem_init(); /* without it all keys of a map meet in one place */
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    const struct engine_settings settings = {
        .model = {.silence_seconds = 10, .slow_seconds = 2, .limit = 64, .closed = 2},
        .chat = true};
    struct bytes input = {data, (uint32_t)length};
    struct run run = {.scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE),
                      .frame = {.time = INT64_C(1700000000) * NANOSECONDS_PER_SECOND}};
    struct step step;

    run.model =
        engine_model(engine_new(run.scope, &settings, catalogue_new(run.scope, rule_lists)));
    set_ends(&run);
    while (next_step(&input, &step))
        take(&run, &step);
    run.frame.number++;
    run.frame.time += 100 * NANOSECONDS_PER_SECOND;
    settle(&run);
    check(run.model);
    wmem_destroy_allocator(run.scope);
    return 0;
}
