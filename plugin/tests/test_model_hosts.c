/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is said of the hosts themselves is said once a pair of them, not once a connection.
 */
#include "model_test.h"

/* A property with the dialect as its value; a warning on ports that are even. */
static bool match_trait(const struct scene *scene, struct proof *proof)
{
    proof->subject = dialect_text(scene->connection->dialect, proof->scope);
    if (scene->connection->client.port & 1)
        proof_at_most(proof, NOTE);
    return true;
}

#define OF_NEGOTIATE                                                                               \
    .confidence = CERTAIN, .events = ON_RESPONSE, .match = match_trait, .commands = FOR_NEGOTIATE

static const struct rule trait = {
    .id = "test.trait", .severity = WARNING, OF_NEGOTIATE, .of_hosts = true, .summary = "trait"};
static const struct rule event = {
    .id = "test.event", .severity = NOTE, OF_NEGOTIATE, .summary = "event"};
/* Asked with every answer, as of a clock. */
static const struct rule clock_rule = {.id = "test.clock",
                                       .severity = NOTE,
                                       .confidence = CERTAIN,
                                       .events = ON_RESPONSE | ON_CLOSE,
                                       .match = match_trait,
                                       .of_hosts = true,
                                       .summary = "clock"};
static const struct rule_list list = {
    .blocks = (const struct rule *const[]){&trait, &event, &clock_rule, NULL}};
static const struct rule_list *const host_lists[] = {&list, NULL};

static void begin_hosts(void)
{
    lists = host_lists;
    begin();
}

static struct connection *connect_to(uint8_t server, uint16_t port, uint16_t dialect)
{
    struct wire wire = wire_to(server, port);

    shake_hands(&wire);
    negotiate(&wire, dialect);
    return the_connection(&wire);
}

static unsigned own_findings(const struct connection *connection)
{
    const struct finding *at = connection_first_finding(connection);
    unsigned count = 0;

    for (; at; at = at->next)
        count++;
    return count;
}

static const struct note *note_of(uint32_t frame, const struct finding *finding)
{
    const struct note *note = engine_notes(engine, frame);

    while (note && note->finding != finding)
        note = note_next(note);
    return note;
}

static void test_said_once(void)
{
    const struct finding *finding;
    struct connection *first, *second;

    begin_hosts();
    first = connect_to(30, 49001, DIALECT_2_1);
    second = connect_to(30, 49003, DIALECT_2_1);
    finding = connection_finding(first, &trait);
    g_assert_cmpuint(finding->count, ==, 2);
    g_assert_true(finding->connection == first);
    g_assert_true(connection_finding(second, &trait) == finding); /* other rules ask for it */
    g_assert_cmpuint(own_findings(second), ==, 1);                /* the other rule's */
    g_assert_nonnull(connection_finding(second, &event));
    g_assert_cmpuint(note_of(second->agreed->response.frame, finding)->kind, ==, NOTE_REPEATS);
    connect_to(30, 49005, DIALECT_2_1);
    g_assert_cmpuint(finding->count, ==, 3);
    end();
}

static void test_of_others(void)
{
    struct connection *first, *other_server, *other_value;

    begin_hosts();
    first = connect_to(30, 49001, DIALECT_2_1);
    other_server = connect_to(31, 49003, DIALECT_2_1);
    other_value = connect_to(30, 49005, DIALECT_2_0_2);
    g_assert_true(connection_finding(other_server, &trait)->connection == other_server);
    g_assert_true(connection_finding(other_value, &trait)->connection == other_value);
    g_assert_cmpuint(connection_finding(first, &trait)->count, ==, 1);
    end();
}

/* It must not hide behind a milder one; the next mild one is told by the worse. */
static void test_worse(void)
{
    struct connection *mild, *worse, *again_mild;

    begin_hosts();
    mild = connect_to(30, 49001, DIALECT_2_1);
    worse = connect_to(30, 49002, DIALECT_2_1);
    again_mild = connect_to(30, 49003, DIALECT_2_1);
    g_assert_cmpuint(connection_finding(mild, &trait)->severity, ==, NOTE);
    g_assert_true(connection_finding(worse, &trait)->connection == worse);
    g_assert_cmpuint(connection_finding(worse, &trait)->severity, ==, WARNING);
    g_assert_true(connection_finding(again_mild, &trait) == connection_finding(worse, &trait));
    end();
}

/* Two connections that take turns: each counts once, however often the rule is asked there. */
static void test_counted_once_a_connection(void)
{
    struct wire wires[2] = {wire_to(30, 49001), wire_to(30, 49003)};
    const struct finding *finding;

    begin_hosts();
    for (unsigned i = 0; i < 2; i++)
        negotiate(&wires[i], DIALECT_2_1);
    finding = connection_finding(the_connection(&wires[0]), &clock_rule);
    for (uint64_t id = 1; id < 4; id++) {
        for (unsigned i = 0; i < 2; i++) {
            ask(&wires[i], session_ask(id, 0, 0));
            answer(&wires[i], session_answer(id, SESSION, STATUS_LOGON_FAILURE, 0));
        }
    }
    g_assert_true(connection_finding(the_connection(&wires[1]), &clock_rule) == finding);
    g_assert_cmpuint(own_findings(the_connection(&wires[1])), ==, 1); /* the event */
    for (unsigned i = 0; i < 2; i++)
        finish_by(&wires[i], CLIENT);
    g_assert_cmpuint(own_findings(the_connection(&wires[1])), ==, 1);
    end();
}

#define MANY 40

/* Memory of a pair is bounded: what was forgotten is said anew. */
static void test_bounded(void)
{
    struct connection *last;

    begin_hosts();
    for (uint16_t i = 0; i < MANY; i++)
        connect_to(30, 49001 + 2 * i, 0x0400 + i);
    last = connect_to(30, 49001 + 2 * MANY, 0x0400);
    g_assert_true(connection_finding(last, &trait)->connection == last);
    end();
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hosts/said-once", test_said_once);
    g_test_add_func("/hosts/of-others", test_of_others);
    g_test_add_func("/hosts/worse", test_worse);
    g_test_add_func("/hosts/counted-once", test_counted_once_a_connection);
    g_test_add_func("/hosts/bounded", test_bounded);
    return g_test_run();
}
