/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of what the network itself shows share: a handshake that takes its time, and the
 * texts of what was found.
 */
#ifndef SMB2DIAG_WAY_TEST_H
#define SMB2DIAG_WAY_TEST_H

#include "model_test.h"

#define MICROSECOND (MILLISECOND / 1000)

static struct wire wire;

static inline void open_lab(void)
{
    begin();
    wire = wire_to(30, 49000);
    wire.handshake = HANDSHAKE_SYN | HANDSHAKE_SYN_ACK;
}

static inline void set_hops(uint8_t client_left, uint8_t server_left)
{
    wire.trails[CLIENT].hops_left = client_left;
    wire.trails[SERVER].hops_left = server_left;
}

/* ---- the handshake ---- */

static inline void put_after(int64_t took, enum side from, struct tcp_segment segment)
{
    now += took - MILLISECOND;
    put_segment(&wire, from, segment);
}

static inline void put_syn(void)
{
    put_after(MILLISECOND, CLIENT,
              (struct tcp_segment){.sequence = wire.sequence[CLIENT] - 1, .syn = true});
}

static inline void put_syn_ack(int64_t took)
{
    put_after(took, SERVER,
              (struct tcp_segment){.sequence = wire.sequence[SERVER] - 1,
                                   .acknowledgement = wire.sequence[CLIENT],
                                   .syn = true,
                                   .ack = true});
}

static inline void put_ack(int64_t took)
{
    put_after(took, CLIENT, segment_of(&wire, CLIENT, 0));
}

static inline uint32_t ask_negotiate(void)
{
    return ask(&wire,
               negotiate_ask(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_2_0_2, DIALECT_3_0_2));
}

static inline void connect_in(int64_t server_took, int64_t client_took)
{
    put_syn();
    put_syn_ack(server_took);
    put_ack(client_took);
    ask_negotiate();
}

/* ---- what is said ---- */

static inline const struct finding *finding_of_rule(const char *id)
{
    const struct finding *finding = connection_first_finding(the_connection(&wire));

    for (; finding; finding = finding->next) {
        if (!finding->withdrawn && strcmp(finding->rule->id, id) == 0)
            return finding;
    }
    g_error("not found: %s", id);
}

/* NULL: it has none of that label. */
static inline const char *evidence_of(const struct finding *finding, const char *label)
{
    for (const struct evidence *at = finding->evidence; at; at = at->next)
        if (strcmp(at->label, label) == 0)
            return phrase_text(evidence_value(at, 0), scope);
    return NULL;
}

static inline void assert_holds(const char *text, const char *part)
{
    g_assert_nonnull(text);
    if (!strstr(text, part))
        g_error("\"%s\" is not in \"%s\"", part, text);
}

static inline void assert_cause(const struct finding *finding, const char *first)
{
    const char *text = finding_cause(finding, scope);

    if (!g_str_has_prefix(text, first))
        g_error("\"%s\" does not begin with \"%s\"", text, first);
}

static inline bool has_cause(const struct finding *finding, const char *part)
{
    return strstr(finding_cause(finding, scope), part) != NULL;
}

#endif
