/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * validate_negotiate: what NEGOTIATE said is not what FSCTL_VALIDATE_NEGOTIATE_INFO says.
 * [MS-SMB2] 3.3.5.15.12 (server), 3.2.5.14.12 (client).
 *
 * The reference is the NEGOTIATE that settled the dialect. After an SMB1 multi-protocol negotiate
 * that settled 2.0.2 at once there is no SMB2 request to compare with; after 0x02FF it is the
 * second one.
 */
#include "facts.h"
#include "../lists.h"
#include "../others.h"

#include <stddef.h>

/* Which side of the box, if there is one, the capture was taken on decides; near a side, the box is
 * hardly between. */
#define REQUEST_CAUSE                                                                              \
    "{?NEAR CLIENT}The client itself says one thing in NEGOTIATE and another in "                  \
    "validate-negotiate: this was captured near it\n"                                              \
    "Consistent with a box between the client and this capture, such as a WAN accelerator, that "  \
    "altered the NEGOTIATE request\n"                                                              \
    "{!NEAR CLIENT}Where there is none: the client itself says one thing in NEGOTIATE and "        \
    "another "                                                                                     \
    "in validate-negotiate"
#define RESPONSE_CAUSE                                                                             \
    "{?NEAR SERVER}The server itself says one thing in NEGOTIATE and another in "                  \
    "validate-negotiate: this was captured near it\n"                                              \
    "Consistent with a box between the server and this capture, such as a WAN accelerator, that "  \
    "altered the NEGOTIATE response\n"                                                             \
    "{!NEAR SERVER}Where there is none: the server itself says one thing in NEGOTIATE and "        \
    "another "                                                                                     \
    "in validate-negotiate"
#define CLIENT_CUT_DOWN                                                                            \
    "a Windows client (10 v1507 to v1909, Server 2016 and later) whose offer was cut down by a "   \
    "setting; it validates all dialects that it knows"

/* A server that sees a difference hangs up, refuses or says nothing. Where its answer may just be
 * missing in the capture, nobody knows. */
static bool was_refused(const struct scene *scene)
{
    if (scene->event == ON_RESPONSE)
        return scene->exchange->status != STATUS_SUCCESS;
    return connection_absence_is_proof(scene->connection);
}

/* When the connection closes, what was answered has been compared already. */
static bool can_compare(const struct scene *scene, enum side side, struct statements *said)
{
    return (scene->event == ON_RESPONSE || exchange_is_open(scene->exchange)) &&
           statements_of(scene, side, said);
}

static void prove_difference(struct proof *proof, const char *label, const struct statements *said,
                             char *(*words)(const struct statement *, wmem_allocator_t *))
{
    proof_difference(proof, label, words(&said->negotiated, proof->scope), said->negotiated.where,
                     words(&said->validated, proof->scope), said->validated.where);
    proof->about = *said->validated.where;
    proof->related = *said->negotiated.where;
}

/* Findings about a silence have it already. */
static void prove_place(const struct scene *scene, struct proof *proof)
{
    if (scene->event == ON_RESPONSE)
        prove_vantage(proof, scene->connection);
}

/* ---- the client's dialects ---- */

static char *dialects_words(const struct statement *said, wmem_allocator_t *scope)
{
    return dialects_text(said->dialects, scope);
}

static void prove_dialects(const struct scene *scene, struct proof *proof,
                           const struct statements *said)
{
    prove_difference(proof, "Dialects", said, dialects_words);
    prove_place(scene, proof);
    proof_value(proof, "Negotiated dialect", "%s",
                dialect_text(scene->connection->dialect, proof->scope));
}

/* A dialect above the negotiated one that the client knows now and did not offer then. */
static bool higher_dialect_missing(const struct scene *scene, const struct statements *said)
{
    const struct id_list *validated = said->validated.dialects;

    for (unsigned i = 0; i < validated->listed; i++)
        if (validated->ids[i] > scene->connection->dialect &&
            validated->ids[i] != DIALECT_WILDCARD &&
            !id_list_contains(said->negotiated.dialects, validated->ids[i]))
            return true;
    return false;
}

/* A server that lets it pass has found that the greatest common dialect is the negotiated one. */
static bool is_downgrade(const struct scene *scene, const struct statements *said)
{
    return higher_dialect_missing(scene, said) && was_refused(scene);
}

/* ---- validate_negotiate.downgrade_evidence ---- */

static bool match_downgrade_evidence(const struct scene *scene, struct proof *proof)
{
    struct statements said;

    if (!can_compare(scene, CLIENT, &said) || !dialects_known(&said) || !is_downgrade(scene, &said))
        return false;
    prove_dialects(scene, proof, &said);
    return true;
}

static const struct rule downgrade_evidence = {
    .id = "validate_negotiate.downgrade_evidence",
    .severity = ERROR,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE | ON_SILENCE,
    .commands = FOR_IOCTL,
    .match = match_downgrade_evidence,
    .summary = "The client knows higher dialects than its NEGOTIATE request offered on the wire",
    .headline = "Dialects: {=Dialects} in NEGOTIATE, {=Dialects/2} validated",
    .cause = "{?NEAR CLIENT}Captured near the client: " CLIENT_CUT_DOWN "\n"
             "Consistent with a box between the client and this capture that took the higher "
             "dialects out of the NEGOTIATE request: a WAN accelerator, or an attack\n"
             "{!NEAR CLIENT}Where there is none: " CLIENT_CUT_DOWN,
    .next_step = ALTERED_NEXT_STEP,
    .reference = "[MS-SMB2] 3.3.5.15.12 Handling a Validate Negotiate Info Request\n[MS-SMB2] "
                 "3.2.5.5 Receiving an SMB2 TREE_CONNECT Response",
};

/* ---- validate_negotiate.req_dialects ---- */

/* [MS-SMB2] 3.2.5.5 <192>: Windows 10 and later may list more than they offered. Where nobody
 * minded, it is a note. */
static bool match_req_dialects(const struct scene *scene, struct proof *proof)
{
    struct statements said;

    if (!can_compare(scene, CLIENT, &said) || !dialects_known(&said) || !dialects_differ(&said) ||
        is_downgrade(scene, &said))
        return false;
    prove_dialects(scene, proof, &said);
    if (was_refused(scene))
        return true;
    proof_at_most(proof, WARNING);
    if (!dialects_within(said.negotiated.dialects, said.validated.dialects))
        return true;
    proof_at_most(proof, NOTE);
    proof->cause = "A Windows client (10 v1507 to v1909, Server 2016 and later) whose offer was "
                   "cut down by a setting; it validates all dialects that it knows\n"
                   "Consistent with a box on the way that took dialects out of the NEGOTIATE "
                   "request, without effect on the dialect chosen";
    return true;
}

/* ---- one value each: validate_negotiate.req_..., rsp_... ---- */

struct comparison {
    enum side side;
    const char *label;     /* of the evidence; a headline finds the value by it */
    size_t offset, length; /* of the value in struct statement */
    char *(*words)(const struct statement *said, wmem_allocator_t *scope);
};

static char *capabilities_words(const struct statement *said, wmem_allocator_t *scope)
{
    return capabilities_text(said->capabilities, scope);
}

/* What a box took out is what the side says later and did not say, on the wire, in NEGOTIATE. */
static void prove_capabilities(struct proof *proof, const struct statements *said)
{
    const uint32_t negotiated = said->negotiated.capabilities;
    const uint32_t validated = said->validated.capabilities;

    if (validated & ~negotiated)
        proof_value(proof, "Lacking in NEGOTIATE", "%s",
                    capability_names(validated & ~negotiated, proof->scope));
    if (negotiated & ~validated)
        proof_value(proof, "Only in NEGOTIATE", "%s",
                    capability_names(negotiated & ~validated, proof->scope));
}

static char *guid_words(const struct statement *said, wmem_allocator_t *scope)
{
    return guid_text(said->guid, scope);
}

static char *security_mode_words(const struct statement *said, wmem_allocator_t *scope)
{
    return security_mode_text(said->security_mode, scope);
}

static char *dialect_words(const struct statement *said, wmem_allocator_t *scope)
{
    return dialect_text(said->dialect, scope);
}

static bool values_differ(const struct comparison *comparison, const struct statements *said)
{
    const uint8_t *negotiated = (const uint8_t *)&said->negotiated + comparison->offset;
    const uint8_t *validated = (const uint8_t *)&said->validated + comparison->offset;

    return memcmp(negotiated, validated, comparison->length) != 0;
}

static bool match_value(const struct scene *scene, struct proof *proof)
{
    const struct comparison *comparison = (const struct comparison *)proof->rule->data;
    struct statements said;

    if (!can_compare(scene, comparison->side, &said) || !values_differ(comparison, &said))
        return false;
    prove_difference(proof, comparison->label, &said, comparison->words);
    prove_place(scene, proof);
    if (comparison->words == capabilities_words)
        prove_capabilities(proof, &said);
    if (comparison->side == CLIENT && !was_refused(scene))
        proof_at_most(proof, WARNING);
    return true;
}

#define REQUEST_RULE                                                                               \
    .severity = ERROR, .confidence = CERTAIN, .events = ON_RESPONSE | ON_CLOSE | ON_SILENCE,       \
    .commands = FOR_IOCTL, .others = WHERE_OTHERS_VALIDATE, .cause = REQUEST_CAUSE,                \
    .next_step = ALTERED_NEXT_STEP
#define RESPONSE_RULE                                                                              \
    .severity = ERROR, .confidence = CERTAIN, .events = ON_RESPONSE, .commands = FOR_IOCTL,        \
    .others = WHERE_OTHERS_VALIDATE, .cause = RESPONSE_CAUSE, .next_step = ALTERED_NEXT_STEP
#define COMPARES(side, label, value)                                                               \
    .match = match_value, .data = &(const struct comparison)                                       \
    {                                                                                              \
        side, label, offsetof(struct statement, value), sizeof((struct statement *)0)->value,      \
            value##_words                                                                          \
    }
#define HANDLING_REQUEST "[MS-SMB2] 3.3.5.15.12 Handling a Validate Negotiate Info Request"
#define HANDLING_RESPONSE "[MS-SMB2] 3.2.5.14.12 Handling a Validate Negotiate Info Response"

/* req_dialects has a predicate of its own, but its place is here: rules are asked in this order. */
static const struct rule rows[] = {
    {.id = "validate_negotiate.req_capabilities",
     REQUEST_RULE,
     .weighs = AS_WARNING,
     COMPARES(CLIENT, "Capabilities", capabilities),
     .summary = "The client's capabilities in NEGOTIATE are not the ones that it validates",
     .headline = "Client's NEGOTIATE lacks {=Lacking in NEGOTIATE}, which it says it sent|Client's "
                 "NEGOTIATE says {=Only in NEGOTIATE}, which it denies later",
     .reference = HANDLING_REQUEST},

    {.id = "validate_negotiate.req_guid",
     REQUEST_RULE,
     .weighs = AS_WARNING,
     COMPARES(CLIENT, "Client GUID", guid),
     .summary = "The client's GUID in NEGOTIATE is not the one that it validates",
     .headline = "Client's GUID: {=Client GUID}, {=Client GUID/2} validated",
     .reference = HANDLING_REQUEST},

    {.id = "validate_negotiate.req_security_mode",
     REQUEST_RULE,
     .weighs = AS_WARNING,
     COMPARES(CLIENT, "Client's security mode", security_mode),
     .summary = "The client's security mode in NEGOTIATE is not the one that it validates",
     .headline =
         "Client: {=Client's security mode} in NEGOTIATE, {=Client's security mode/2} validated",
     .reference = HANDLING_REQUEST},

    {.id = "validate_negotiate.req_dialects",
     REQUEST_RULE,
     .weighs = AS_NOTE | AS_WARNING,
     .match = match_req_dialects,
     .summary = "The client's dialects in NEGOTIATE are not the ones that it validates",
     .headline = "Client's dialects: {=Dialects} in NEGOTIATE, {=Dialects/2} validated",
     .reference = HANDLING_REQUEST "\n[MS-SMB2] 3.2.5.5 Receiving an SMB2 TREE_CONNECT Response"},

    {.id = "validate_negotiate.rsp_capabilities",
     RESPONSE_RULE,
     COMPARES(SERVER, "Capabilities", capabilities),
     .summary = "The server's capabilities in NEGOTIATE are not the ones that it validates",
     .headline = "Server's NEGOTIATE lacks {=Lacking in NEGOTIATE}, which it says it sent|Server's "
                 "NEGOTIATE says {=Only in NEGOTIATE}, which it denies later",
     .reference = HANDLING_RESPONSE},

    {.id = "validate_negotiate.rsp_guid",
     RESPONSE_RULE,
     COMPARES(SERVER, "Server GUID", guid),
     .summary = "The server's GUID in NEGOTIATE is not the one that it validates",
     .headline = "Server's GUID: {=Server GUID}, {=Server GUID/2} validated",
     .reference = HANDLING_RESPONSE},

    {.id = "validate_negotiate.rsp_security_mode",
     RESPONSE_RULE,
     COMPARES(SERVER, "Server's security mode", security_mode),
     .summary = "The server's security mode in NEGOTIATE is not the one that it validates",
     .headline =
         "Server: {=Server's security mode} in NEGOTIATE, {=Server's security mode/2} validated",
     .reference = HANDLING_RESPONSE},

    {.id = "validate_negotiate.rsp_dialect",
     RESPONSE_RULE,
     COMPARES(SERVER, "Dialect", dialect),
     .summary = "The dialect in the NEGOTIATE response is not the one that the server validates",
     .headline = "Dialect {=Dialect} in NEGOTIATE, {=Dialect/2} validated",
     .reference = HANDLING_RESPONSE},

    {0},
};

const struct rule_list validate_negotiate_values_rules = {
    .blocks = (const struct rule *const[]){&downgrade_evidence, NULL},
    .rows = rows,
};
