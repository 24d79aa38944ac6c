/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of what was there before share: two connections of one client, what they settle
 * for, and what was found on one of them.
 */
#ifndef SMB2DIAG_EARLIER_TEST_H
#define SMB2DIAG_EARLIER_TEST_H

#include "model_test.h"

#define GUID_AT (SMB2_HEADER_LENGTH + 8)         /* of the server, in the response */
#define CLIENT_GUID_AT (SMB2_HEADER_LENGTH + 12) /* in the request */

static struct wire first, second;

static inline const struct finding *found_on(const struct wire *wire, const char *id)
{
    return connection_finding(the_connection(wire),
                              catalogue_find(catalogue_new(scope, rule_lists), id));
}

static inline enum severity weight(const struct wire *wire, const char *id)
{
    const struct finding *finding = found_on(wire, id);

    return finding ? finding->severity : 0;
}

struct offer {
    uint16_t highest, chosen;
    uint8_t client, server; /* first byte of their GUIDs */
};

static inline void settle(struct wire *wire, struct offer offer)
{
    struct builder request = negotiate_ask(0, SMB2_NEGOTIATE_SIGNING_ENABLED, DIALECT_2_0_2,
                                           offer.highest ? offer.highest : DIALECT_3_0_2);
    struct builder response = negotiate_answer(0, SMB2_NEGOTIATE_SIGNING_ENABLED,
                                               offer.chosen ? offer.chosen : DIALECT_3_0_2);

    set_le(&request, CLIENT_GUID_AT, offer.client, 1);
    set_le(&response, GUID_AT, offer.server, 1);
    shake_hands(wire);
    ask(wire, request);
    answer(wire, response);
}

static inline void begin_both(void)
{
    begin();
    first = wire_to(30, 49000);
    second = wire_to(30, 49001);
}

#endif
