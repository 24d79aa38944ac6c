/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Hostile captures: damaged and senseless sequences of messages, and very many of a kind. All rules
 * are asked.
 */
#include "model_test.h"

#include <time.h>

#define SEED 20240511
#define ROUNDS 25
#define MESSAGES 12000 /* a round */
#define WIRES 8
#define MANY 20000 /* doubled to see how the time grows */

/* ---- senseless sequences ---- */

static const char *const recorded[] = {
    negotiate_request_311,
    negotiate_response_311,
    session_setup_request_first,
    session_setup_response_challenge,
    session_setup_request_last,
    session_setup_response_success,
    session_setup_response_failure,
    session_setup_request_anonymous,
    tree_connect_request_ipc,
    tree_connect_response_ipc,
    tree_connect_response_failure,
    validate_request,
    validate_response,
    smb1_negotiate_request,
};

static GRand *chance;

static uint32_t choose(uint32_t limit)
{
    return (uint32_t)g_rand_int_range(chance, 0, (gint32)limit);
}

static const uint32_t statuses[] = {
    STATUS_SUCCESS,       STATUS_PENDING,           STATUS_MORE_PROCESSING_REQUIRED,
    STATUS_ACCESS_DENIED, STATUS_LOGON_FAILURE,     STATUS_BAD_NETWORK_NAME,
    STATUS_NOT_SUPPORTED, STATUS_INVALID_PARAMETER, STATUS_NETWORK_NAME_DELETED,
};

static const uint16_t commands[] = {
    SMB2_NEGOTIATE, SMB2_SESSION_SETUP, SMB2_LOGOFF, SMB2_TREE_CONNECT, SMB2_TREE_DISCONNECT,
    SMB2_CREATE,    SMB2_READ,          SMB2_IOCTL,  SMB2_ECHO,         0xffff,
};

static struct builder any_bare(void)
{
    const struct smb2_header header = {
        .command = commands[choose(G_N_ELEMENTS(commands))],
        .status = statuses[choose(G_N_ELEMENTS(statuses))],
        .flags = choose(16),
        .message_id = choose(6),
        .tree_id = choose(3),
        .session_id = choose(4),
    };

    return choose(2) ? bare(header) : refusal(header);
}

static struct builder any_well_formed(void)
{
    const uint64_t id = choose(6), session = choose(4);
    const uint16_t dialects[] = {0x0202, 0x0210, 0x02ff, 0x0300, 0x0302, 0x0311, 0x0999};

    switch (choose(9)) {
    case 0:
        return negotiate_ask(id, (uint16_t)choose(4), DIALECT_2_0_2, DIALECT_3_0_2);
    case 1:
        return negotiate_answer(id, (uint16_t)choose(4), dialects[choose(G_N_ELEMENTS(dialects))]);
    case 2:
        return session_ask(id, session, (uint8_t)choose(2));
    case 3:
        return session_answer(id, session, statuses[choose(G_N_ELEMENTS(statuses))],
                              (uint16_t)choose(8));
    case 4:
        return tree_ask(id, session, choose(2) ? "\\\\files\\data" : "\\\\192.0.2.30\\IPC$");
    case 5:
        return tree_answer(id, session, choose(3), choose(2) ? SMB2_SHAREFLAG_ENCRYPT_DATA : 0);
    case 6:
        return transform_of(session);
    case 7:
        return smb1_answer(choose(2), (uint16_t)choose(3));
    default:
        return pending(commands[choose(G_N_ELEMENTS(commands))], id);
    }
}

static struct builder any_recorded(void)
{
    struct builder message = from_hex(recorded[choose(G_N_ELEMENTS(recorded))]);

    if (message.data[0] == 0xfe && choose(3)) {
        set_le(&message, 24, choose(6), 8);
        set_le(&message, 40, choose(4), 8);
    }
    return message;
}

static void damage(struct builder *message)
{
    const uint32_t times = choose(4);

    for (uint32_t i = 0; i < times; i++)
        message->data[choose(message->length)] = (uint8_t)g_rand_int(chance);
    if (choose(8) == 0)
        message->length = choose(message->length + 1);
}

static struct builder any_message(void)
{
    struct builder message;

    switch (choose(3)) {
    case 0:
        message = any_bare();
        break;
    case 1:
        message = any_well_formed();
        break;
    default:
        message = any_recorded();
    }
    if (choose(3) == 0)
        damage(&message);
    return message;
}

static void any_segment(const struct wire *wire, enum side from)
{
    struct tcp_segment segment = segment_of(wire, from, choose(1500));

    segment.sequence += choose(16) ? 0 : (uint32_t)g_rand_int(chance);
    segment.acknowledgement += choose(16) ? 0 : (uint32_t)g_rand_int(chance);
    segment.syn = choose(60) == 0;
    segment.fin = choose(60) == 0;
    segment.reset = choose(60) == 0;
    segment.ack = choose(8) != 0;
    put_segment(wire, from, segment);
}

static void any_frame(struct wire *wire)
{
    const enum side from = choose(8) ? CLIENT : SERVER;
    struct builder messages[3];
    const int count = 1 + (int)choose(3);

    if (choose(5) == 0) {
        any_segment(wire, choose(2) ? CLIENT : SERVER);
        return;
    }
    if (choose(20) == 0)
        now += (int64_t)choose(30) * SECOND - 5 * SECOND;
    for (int i = 0; i < count; i++)
        messages[i] = any_message();
    say_all(wire, choose(2) ? from : SERVER, messages, count,
            (struct message_context){.encrypted = choose(4) == 0, .truncated = choose(8) == 0});
}

/* Everything that a presenter would read. */
static void read_finding(const struct finding *finding)
{
    const struct evidence *at = finding->evidence;

    if (!finding->withdrawn && finding->about.frame)
        g_assert_nonnull(engine_notes(engine, finding->about.frame));
    g_assert_cmpuint(finding->count, >, 0);
    for (; at; at = at->next) {
        const char *text = evidence_text(at, scope);

        g_assert_true(g_utf8_validate(text, -1, NULL));
        g_assert_null(strstr(text, "(null)"));
    }
}

static void read_connection(const struct connection *connection)
{
    const struct finding *finding = connection_first_finding(connection);
    unsigned roots = 0;

    for (; finding; finding = finding->next) {
        g_assert_true(finding->connection == connection);
        read_finding(finding);
        roots += finding->root_cause;
        g_assert_false(finding->root_cause && finding->withdrawn);
    }
    g_assert_cmpuint(roots, ==, connection_root_cause(connection) ? 1 : 0);
    g_assert_nonnull(stage_name(connection_stage(connection)));
}

static void read_all(void)
{
    for (struct connection *at = model_first_connection(model); at; at = at->next)
        read_connection(at);
}

static void test_senseless(void)
{
    struct wire wires[WIRES];

    chance = g_rand_new_with_seed(SEED);
    for (unsigned round = 0; round < ROUNDS; round++) {
        begin_with((struct engine_settings){
            .model = {.silence_seconds = 10, .slow_seconds = 2, .closed = round % 3},
            .chat = true});
        for (unsigned i = 0; i < WIRES; i++)
            wires[i] = wire_to((uint8_t)(30 + i % 3), (uint16_t)(49000 + i));
        for (unsigned i = 0; i < MESSAGES; i++)
            any_frame(&wires[choose(WIRES)]);
        read_all();
        end();
    }
    g_rand_free(chance);
}

/* ---- very many ---- */

typedef void flood(unsigned count);

static double seconds_for(flood *pour, unsigned count)
{
    clock_t started;
    double seconds;

    begin();
    wmem_destroy_allocator(scope);
    scope = wmem_allocator_new(
        WMEM_ALLOCATOR_BLOCK); /* as Wireshark's; the simple one searches when it frees */
    engine = engine_new(scope,
                        &(struct engine_settings){
                            .model = {.silence_seconds = 10, .slow_seconds = 2}, .chat = true},
                        catalogue_new(scope, lists));
    model = engine_model(engine);
    started = clock();
    pour(count);
    seconds = (double)(clock() - started) / CLOCKS_PER_SEC;
    end();
    return seconds;
}

/* Twice as many may take twice the time, with room for a busy machine and its caches. */
static void check_linear(flood *pour)
{
    const double once = seconds_for(pour, MANY), twice = seconds_for(pour, 2 * MANY);

    g_test_message("%u: %.3f s, %u: %.3f s", MANY, once, 2 * MANY, twice);
    g_assert_cmpfloat(twice, <, 3.2 * once + 0.5);
}

static void pour_requests(unsigned count)
{
    struct wire wire = wire_to(30, 49000);

    negotiate(&wire, DIALECT_3_0);
    for (unsigned i = 1; i <= count; i++) {
        ask(&wire, again(session_setup_request_last, i, i));
        answer(&wire, session_answer(i, i, STATUS_LOGON_FAILURE, 0));
    }
}

static void pour_ids_alike(unsigned count)
{
    struct wire wire = wire_to(30, 49000);

    negotiate(&wire, DIALECT_3_0);
    for (unsigned i = 1; i <= count; i++)
        ask(&wire, tree_ask((uint64_t)i << 32, SESSION, "\\\\files\\data"));
}

static void pour_connections(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct wire wire = wire_to((uint8_t)(i / 60000), (uint16_t)(1024 + i % 60000));

        negotiate(&wire, DIALECT_3_0);
        ask(&wire, session_ask(1, 0, 0));
        reset_by(&wire, SERVER);
    }
}

static void pour_same_session(unsigned count)
{
    struct wire wire = wire_to(30, 49000), channel = wire_to(30, 49001);

    negotiate(&wire, DIALECT_3_0);
    negotiate(&channel, DIALECT_3_0);
    for (unsigned i = 1; i <= count; i++) {
        ask(&wire, session_ask(i, SESSION, i % 2 ? SMB2_SESSION_FLAG_BINDING : 0));
        answer(&wire, session_answer(i, SESSION, i % 3 ? STATUS_SUCCESS : STATUS_LOGON_FAILURE, 0));
        ask(&channel, session_ask(i, SESSION, SMB2_SESSION_FLAG_BINDING));
    }
}

static void pour_open_then_reset(unsigned count)
{
    struct wire wire = wire_to(30, 49000);

    negotiate(&wire, DIALECT_3_0);
    for (unsigned i = 1; i <= count; i++) {
        ask(&wire, i % 2 ? session_ask(i, i, 0) : tree_ask(i, SESSION, "\\\\files\\data"));
        if (i == count / 2)
            wait_for(30 * SECOND);
        acknowledge(&wire, SERVER);
    }
    reset_by(&wire, SERVER);
}

static void pour_paths(unsigned count)
{
    struct wire wire = wire_to(30, 49000);

    negotiate(&wire, DIALECT_3_0);
    log_on(&wire, SESSION, 0);
    for (unsigned i = 3; i <= count; i++) {
        char *path = g_strdup_printf("\\\\files\\share-%u", i);
        const uint32_t status = i % 2 ? STATUS_BAD_NETWORK_NAME : STATUS_ACCESS_DENIED;

        ask(&wire, tree_ask(i, SESSION, path));
        if (i % 5)
            answer(&wire, tree_refusal(i, SESSION, status));
        else
            answer(&wire, tree_answer(i, SESSION, i, 0));
        ask(&wire, use(SMB2_CREATE, i, SESSION, i));
        g_free(path);
    }
}

/* Each share is refused first, and then not. */
static void pour_recoveries(unsigned count)
{
    struct wire wire = wire_to(30, 49000);

    negotiate(&wire, DIALECT_3_0);
    log_on(&wire, SESSION, 0);
    for (unsigned i = 3; i <= count; i++) {
        char *path = g_strdup_printf("\\\\files\\share-%u", i);

        ask(&wire, tree_ask(2 * i, SESSION, path));
        answer(&wire, tree_refusal(2 * i, SESSION, STATUS_BAD_NETWORK_NAME));
        ask(&wire, tree_ask(2 * i + 1, SESSION, path));
        answer(&wire, tree_answer(2 * i + 1, SESSION, i, 0));
        g_free(path);
    }
}

static void pour_orphans(unsigned count)
{
    struct wire wire = wire_to(30, 49000);

    for (unsigned i = 1; i <= count; i++) {
        answer(&wire, session_answer(i, i % 1000, STATUS_LOGON_FAILURE, 0));
        answer(&wire, refusal((struct smb2_header){
                          .command = SMB2_READ, .message_id = i, .status = STATUS_ACCESS_DENIED}));
    }
}

static void test_requests(void)
{
    check_linear(pour_requests);
}

static void test_ids_alike(void)
{
    check_linear(pour_ids_alike);
}

static void test_connections(void)
{
    check_linear(pour_connections);
}

static void test_same_session(void)
{
    check_linear(pour_same_session);
}

static void test_open_then_reset(void)
{
    check_linear(pour_open_then_reset);
}

static void test_paths(void)
{
    check_linear(pour_paths);
}

static void test_recoveries(void)
{
    check_linear(pour_recoveries);
}

static void test_orphans(void)
{
    check_linear(pour_orphans);
}

static void add(const char *name, GTestFunc test)
{
    g_test_add_func(name, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv(
        "WIRESHARK_DEBUG_WMEM_OVERRIDE"); /* the block allocator is meant where it is named */
    wmem_init();                          /* without it all keys of a map meet in one place */
    add("/hostile/senseless", test_senseless);
    add("/hostile/requests", test_requests);
    add("/hostile/ids-alike", test_ids_alike);
    add("/hostile/connections", test_connections);
    add("/hostile/same-session", test_same_session);
    add("/hostile/open-then-reset", test_open_then_reset);
    add("/hostile/paths", test_paths);
    add("/hostile/recoveries", test_recoveries);
    add("/hostile/orphans", test_orphans);
    return g_test_run();
}
