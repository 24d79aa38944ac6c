/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is said of attempts to connect before SMB, and above all what is not.
 */
#include "model_attempts.h"
#include "model_test.h"

static struct wire wire;

/* ---- the stage ---- */

static struct wire wire_between(uint8_t client, uint8_t server, uint16_t port)
{
    struct wire other = wire_to(server, port);

    other.ends[CLIENT].address.bytes[3] = client;
    return other;
}

static void open_lab(void)
{
    begin();
    model_watch(model, 445);
    model_watch(model, 139);
    wire = wire_to(30, 49000);
}

static uint32_t knock(const struct wire *at)
{
    return put_segment(at, CLIENT,
                       (struct tcp_segment){.sequence = at->sequence[CLIENT] - 1, .syn = true});
}

static uint32_t let_in(const struct wire *at)
{
    return put_segment(at, SERVER,
                       (struct tcp_segment){.sequence = at->sequence[SERVER] - 1,
                                            .acknowledgement = at->sequence[CLIENT],
                                            .syn = true,
                                            .ack = true});
}

static uint32_t refuse(const struct wire *at)
{
    return put_segment(
        at, SERVER,
        (struct tcp_segment){.acknowledgement = at->sequence[CLIENT], .ack = true, .reset = true});
}

/* As a TCP does that hears nothing. */
static void knock_in_vain(const struct wire *at)
{
    knock(at);
    wait_for(SECOND);
    knock(at);
    wait_for(SECOND);
    knock(at);
    wait_for(SECOND);
    knock(at);
}

static void hear(const struct wire *at)
{
    model_on_receiver(model, &at->ends[CLIENT].address);
}

/* ---- what was found ---- */

static const struct finding *finding_on(const struct connection *connection)
{
    const struct finding *finding = connection_first_finding(connection);

    for (; finding; finding = finding->next) {
        if (!finding->withdrawn)
            return finding;
    }
    return NULL;
}

static unsigned count_of(enum severity severity)
{
    unsigned count = 0;

    for (const struct connection *at = model_first_connection(model); at; at = at->next) {
        const struct finding *finding = finding_on(at);

        count += finding && finding->severity == severity;
    }
    return count;
}

static const struct finding *only_finding(void)
{
    g_assert_cmpuint(connection_count(), ==, 1);
    return finding_on(model_first_connection(model));
}

static void assert_found(const char *rule, enum severity severity)
{
    const struct finding *finding = only_finding();

    g_assert_nonnull(finding);
    g_assert_cmpstr(finding->rule->id, ==, rule);
    g_assert_cmpint(finding->severity, ==, severity);
    g_assert_cmpint(finding->root_cause, ==, severity == ERROR);
}

/* ---- no answer ---- */

static void test_unanswered(void)
{
    open_lab();
    knock(&wire);
    wait_for(SECOND);
    knock(&wire);
    hear(&wire);
    wait_for(8 * SECOND);
    g_assert_cmpuint(connection_count(), ==, 0);
    wait_for(2 * SECOND);
    assert_found("transport.syn_unanswered", ERROR);
    g_assert_cmpuint(only_finding()->about.frame, ==, 1);
    g_assert_cmpint(only_finding()->confidence, ==, LIKELY);
    let_in(&wire); /* after all */
    assert_found("transport.syn_unanswered", NOTE);
    end();
}

static void test_last_packets(void)
{
    open_lab();
    knock(&wire);
    g_assert_cmpuint(model_attempts_waiting(model), ==, 1);
    wait_for(20 * SECOND); /* no TCP sends one SYN and waits */
    g_assert_cmpuint(connection_count(), ==, 0);
    wire.ends[CLIENT].port++;
    knock(&wire);
    now -= MILLISECOND; /* the same packet, captured twice */
    knock(&wire);
    hear(&wire);
    wait_for(20 * SECOND);
    g_assert_cmpuint(connection_count(), ==, 0);
    end();
}

static void test_one_direction(void)
{
    struct wire other = wire_between(11, 30, 49001);

    open_lab();
    knock(&wire);
    knock(&other);
    wait_for(SECOND);
    acknowledge(&wire, CLIENT); /* it was answered */
    knock(&other);
    wait_for(2 * SECOND);
    knock_in_vain(&other);
    wait_for(20 * SECOND);
    g_assert_cmpuint(connection_count(), ==, 0);
    end();
}

/* A client that was refused may try again after half a second: the reset may not be captured. */
static void test_one_direction_of_one_pair(void)
{
    open_lab();
    knock_in_vain(&wire);
    assert_found("transport.syn_unanswered", ERROR);
    g_assert_cmpint(only_finding()->confidence, ==, POSSIBLE);
    end();
    open_lab();
    knock(&wire);
    wait_for(SECOND / 2);
    knock(&wire);
    wait_for(SECOND / 2);
    knock(&wire);
    wait_for(20 * SECOND);
    g_assert_cmpuint(connection_count(), ==, 0);
    end();
}

static void test_clock(void)
{
    open_lab();
    hear(&wire);
    knock(&wire);
    wait_for(-3600 * SECOND);
    g_assert_cmpuint(model_attempts_waiting(model), ==, 0);
    knock_in_vain(&wire);
    g_assert_cmpuint(count_of(ERROR), ==, 1);
    end();
}

/* ---- refusals ---- */

static void test_refused(void)
{
    const struct wire retry = wire_to(30, 49001);

    open_lab();
    knock(&wire);
    put_segment(&wire, SERVER, (struct tcp_segment){.ack = true, .reset = true}); /* of another */
    g_assert_cmpuint(connection_count(), ==, 0);
    refuse(&wire);
    assert_found("transport.syn_refused", ERROR);
    knock(&wire); /* the same goes on */
    refuse(&wire);
    g_assert_cmpuint(only_finding()->count, ==, 1);
    knock(&retry);
    refuse(&retry);
    g_assert_cmpuint(only_finding()->count, ==, 2);
    end();
}

static void test_retry(void)
{
    const struct wire retry = wire_to(30, 49001), late = wire_to(30, 49002);

    open_lab();
    knock(&retry);
    let_in(&retry); /* before: tells nothing of what comes after */
    knock(&wire);
    refuse(&wire);
    assert_found("transport.syn_refused", ERROR);
    wait_for(60 * SECOND);
    knock(&late);
    let_in(&late); /* a minute later: it was an outage */
    assert_found("transport.syn_refused", ERROR);
    end();
    open_lab();
    knock(&wire);
    refuse(&wire);
    knock(&retry);
    let_in(&retry);
    assert_found("transport.syn_refused", NOTE);
    end();
}

static void test_other_port(void)
{
    struct wire netbios = wire_to(30, 49001);

    open_lab();
    netbios.ends[SERVER].port = 139;
    knock(&wire);
    knock(&netbios);
    let_in(&wire);
    refuse(&netbios);
    assert_found("transport.syn_refused", CHAT);
    end();
    open_lab();
    knock(&wire);
    knock(&netbios);
    refuse(&netbios);
    refuse(&wire);
    g_assert_cmpuint(count_of(ERROR), ==, 1);
    g_assert_cmpuint(count_of(NOTE), ==, 1);
    end();
}

static void test_somebody_else(void)
{
    const struct wire other_client = wire_between(11, 30, 49000);
    const struct wire other_server = wire_between(10, 31, 49001);

    open_lab();
    knock(&wire);
    refuse(&wire);
    knock(&other_client);
    let_in(&other_client);
    knock(&other_server);
    let_in(&other_server);
    assert_found("transport.syn_refused", ERROR);
    end();
}

static void tell_address(const char *name, uint8_t host)
{
    const struct dns_response response = {
        .question = name,
        .answers = {{.owner = name, .kind = DNS_A, .address = {192, 0, 2, host}}},
        .count = 1,
    };
    const struct frame frame = {.number = ++frame_number,
                                .time = now,
                                .source = wire.ends[SERVER],
                                .destination = wire.ends[CLIENT]};

    model_on_dns(model, &frame, &response);
}

static void test_other_address_of_name(void)
{
    const struct wire other = wire_between(10, 31, 49001);

    open_lab();
    tell_address("files.lab.example", 30);
    tell_address("files.lab.example", 31);
    knock(&wire);
    refuse(&wire);
    assert_found("transport.syn_refused", ERROR);
    knock(&other);
    let_in(&other);
    assert_found("transport.syn_refused", NOTE);
    end();
}

static void test_icmp(void)
{
    struct icmp_error error = {.type = 3, .code = 13};
    struct frame frame = {.number = 2};

    open_lab();
    error.source = wire.ends[CLIENT];
    error.destination = wire.ends[SERVER];
    knock(&wire);
    model_on_icmp_error(model, &frame, &error); /* quotes another SYN */
    g_assert_cmpuint(connection_count(), ==, 0);
    error.sequence = wire.sequence[CLIENT] - 1;
    frame.time = now;
    model_on_icmp_error(model, &frame, &error);
    assert_found("transport.syn_unreachable", ERROR);
    let_in(&wire); /* who sent the error had no say */
    g_assert_null(only_finding());
    end();
}

/* ---- very many ---- */

static void test_scan(void)
{
    open_lab();
    for (unsigned host = 1; host < 200; host++) {
        const struct wire tried = wire_between(10, (uint8_t)host, 49000);

        knock(&tried);
        refuse(&tried);
    }
    g_assert_cmpuint(count_of(ERROR), ==, 0);
    g_assert_cmpuint(connection_count(), <, 32);
    end();
}

static void test_flood(void)
{
    open_lab();
    for (unsigned i = 0; i < 5000; i++) {
        const struct wire tried = wire_between((uint8_t)i, 30, (uint16_t)(1024 + i));

        knock(&tried);
    }
    g_assert_cmpuint(model_attempts_waiting(model), <=, 1024);
    wait_for(20 * SECOND);
    g_assert_cmpuint(model_attempts_waiting(model), ==, 0);
    g_assert_cmpuint(connection_count(), ==, 0);
    end();
}

static void test_scanner_syn(void)
{
    open_lab();
    put_segment(
        &wire, CLIENT,
        (struct tcp_segment){.sequence = wire.sequence[CLIENT] - 1, .syn = true, .bare = true});
    refuse(&wire);
    assert_found("transport.syn_refused", NOTE);
    end();
}

/* ---- NetBIOS ---- */

static void test_netbios(void)
{
    struct wire retry = wire_to(30, 49001);

    open_lab();
    wire.ends[SERVER].port = 139;
    knock(&wire);
    let_in(&wire);
    model_on_netbios_refusal(model, frame_from(&wire, CLIENT), 0x82); /* clients do not refuse */
    g_assert_cmpuint(connection_count(), ==, 0);
    model_on_netbios_refusal(model, frame_from(&wire, SERVER), 0x82);
    assert_found("transport.netbios_refused", ERROR);
    retry.ends[SERVER].port = 139;
    negotiate(&retry, DIALECT_3_1_1);
    g_assert_cmpuint(count_of(ERROR), ==, 0);
    g_assert_cmpuint(connection_count(), ==, 2);
    end();
}

static void test_netbios_on_smb(void)
{
    open_lab();
    ask(&wire, negotiate_ask(0, 1, DIALECT_2_0_2, DIALECT_3_1_1));
    model_on_netbios_refusal(model, frame_from(&wire, SERVER), 0x81);
    assert_found("transport.netbios_refused", ERROR);
    finish_by(&wire, CLIENT);
    wait_for(20 * SECOND);
    assert_found("transport.netbios_refused", ERROR);
    end();
    open_lab();
    negotiate(&wire, DIALECT_3_1_1);
    model_on_netbios_refusal(model, frame_from(&wire, SERVER), 0x81); /* bytes of something else */
    g_assert_cmpuint(count_of(ERROR), ==, 0);
    end();
}

/* ---- transport.client_abort_mid_setup ---- */

static const struct finding *abort_after(int64_t nanoseconds)
{
    open_lab();
    shake_hands(&wire);
    ask(&wire, negotiate_ask(0, 1, DIALECT_2_0_2, DIALECT_3_1_1));
    acknowledge(&wire, SERVER);
    wait_for(nanoseconds);
    finish_by(&wire, CLIENT);
    return only_finding();
}

static void test_no_timeout(void)
{
    const struct finding *finding = abort_after(3 * MILLISECOND);

    g_assert_cmpstr(finding->rule->id, ==, "transport.client_abort_mid_setup");
    g_assert_null(strstr(finding->cause, "timeout"));
    end();
    finding = abort_after(5 * SECOND);
    g_assert_nonnull(strstr(finding->cause, "timeout"));
    end();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/attempts/unanswered", test_unanswered);
    g_test_add_func("/attempts/last_packets", test_last_packets);
    g_test_add_func("/attempts/one_direction", test_one_direction);
    g_test_add_func("/attempts/one_direction_of_one_pair", test_one_direction_of_one_pair);
    g_test_add_func("/attempts/clock", test_clock);
    g_test_add_func("/attempts/refused", test_refused);
    g_test_add_func("/attempts/retry", test_retry);
    g_test_add_func("/attempts/other_port", test_other_port);
    g_test_add_func("/attempts/somebody_else", test_somebody_else);
    g_test_add_func("/attempts/other_address_of_name", test_other_address_of_name);
    g_test_add_func("/attempts/icmp", test_icmp);
    g_test_add_func("/attempts/scan", test_scan);
    g_test_add_func("/attempts/flood", test_flood);
    g_test_add_func("/attempts/scanner_syn", test_scanner_syn);
    g_test_add_func("/attempts/netbios", test_netbios);
    g_test_add_func("/attempts/netbios_on_smb", test_netbios_on_smb);
    g_test_add_func("/attempts/no_timeout", test_no_timeout);
    return g_test_run();
}
