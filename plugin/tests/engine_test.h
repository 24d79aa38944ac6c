/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of the engine share: a catalogue in the place of the real one, so that they depend
 * on no real rule, and a connection that is negotiated.
 */
#ifndef SMB2DIAG_ENGINE_TEST_H
#define SMB2DIAG_ENGINE_TEST_H

#include "model_test.h"

static struct wire wire;
static struct connection *connection;

/* ---- the catalogue ---- */

static bool match_share(const struct scene *scene, struct proof *proof)
{
    proof->subject = scene->tree && scene->tree->path ? scene->tree->path : "";
    proof_value(proof, "Share", "%s", proof->subject);
    return true;
}

static bool match_open(const struct scene *scene, struct proof *proof)
{
    (void)proof;
    return scene->exchange && scene->exchange->is_open;
}

static bool match_worse_at_the_second(const struct scene *scene, struct proof *proof)
{
    if (scene->exchange->message_id < 5)
        proof->severity = WARNING;
    return true;
}

#define REFUSAL(status) .statuses = (const uint32_t[]){status, 0}, .events = ON_RESPONSE

static const struct rule generic_refusal = {
    .id = "test.generic",
    .severity = ERROR,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .fallback = true,
    .statuses = (const uint32_t[]){STATUS_BAD_NETWORK_NAME, STATUS_BAD_NETWORK_PATH, 0},
    .summary = "generic",
    .cause = "generic cause",
    .next_step = "generic step"};
static const struct rule share_missing = {
    .id = "test.share_missing",
    .severity = ERROR,
    .confidence = CERTAIN,
    REFUSAL(STATUS_BAD_NETWORK_NAME),
    .commands = FOR_TREE_CONNECT,
    .match = match_share,
    .summary = "missing",
    .headline = "{user}: no {share}|No {share} on {server} ({=Share})|no share",
    .cause = "missing cause",
    .next_step = "missing step"};
static const struct rule logon_refused = {.id = "test.logon_refused",
                                          .severity = ERROR,
                                          .confidence = CERTAIN,
                                          REFUSAL(STATUS_LOGON_FAILURE),
                                          .commands = FOR_SESSION_SETUP,
                                          .summary = "refused"};
static const struct rule worse = {.id = "test.worse",
                                  .severity = ERROR,
                                  .confidence = LIKELY,
                                  REFUSAL(STATUS_ACCESS_DENIED),
                                  .commands = FOR_TREE_CONNECT,
                                  .match = match_worse_at_the_second,
                                  .summary = "worse"};
static const struct rule silent = {.id = "test.silent",
                                   .severity = ERROR,
                                   .confidence = LIKELY,
                                   .events = ON_SILENCE | ON_CLOSE,
                                   .match = match_open,
                                   .absence = true,
                                   .symptom = true,
                                   .summary = "silent"};
static const struct rule cut_off = {.id = "test.cut_off",
                                    .severity = ERROR,
                                    .confidence = LIKELY,
                                    .events = ON_CLOSE,
                                    .match = match_open,
                                    .absence = true,
                                    .symptom = true,
                                    .fallback = true,
                                    .summary = "cut off"};
static const struct rule hint = {.id = "test.hint",
                                 .severity = WARNING,
                                 .confidence = LIKELY,
                                 .events = ON_REQUEST,
                                 .commands = FOR_TREE_CONNECT,
                                 .match = match_share,
                                 .summary = "hint"};
static const struct rule talk = {.id = "test.talk",
                                 .severity = CHAT,
                                 .confidence = CERTAIN,
                                 .events = ON_RESPONSE,
                                 .commands = FOR_NEGOTIATE,
                                 .summary = "talk"};

static const struct rule undone = {.id = "test.undone",
                                   .severity = NOTE,
                                   .confidence = POSSIBLE,
                                   .events = ON_OTHER_REQUEST,
                                   .absence = true,
                                   .summary = "undone"};

static const struct rule *const rules[] = {
    &undone,  &generic_refusal, &share_missing, &logon_refused, &worse,
    &cut_off, &silent,          &hint,          &talk,          NULL};
static const struct rule_list list = {.blocks = rules};
static const struct rule_list *const engine_lists[] = {&list, NULL};

/* ---- the stage ---- */

static inline void start_with(struct engine_settings settings)
{
    lists = engine_lists;
    begin_with(settings);
    wire = wire_to(30, 49000);
    negotiate(&wire, DIALECT_3_0);
    connection = the_connection(&wire);
}

static inline void start_connection(void)
{
    start_with((struct engine_settings){.model = {.silence_seconds = 10, .slow_seconds = 2},
                                        .rules_off = "test.hint"});
}

static inline void refuse_share(uint64_t id, const char *path, uint32_t status)
{
    ask(&wire, tree_ask(id, SESSION, path));
    answer(&wire, tree_refusal(id, SESSION, status));
}

static inline struct finding *found(const struct rule *rule)
{
    return connection_finding(connection, rule);
}

static inline const struct note *note_on(uint32_t frame)
{
    return engine_notes(engine, frame);
}

static inline const struct finding *root(void)
{
    return connection_root_cause(connection);
}

static inline unsigned shown(void)
{
    const struct finding *finding = connection_first_finding(connection);
    unsigned count = 0;

    for (; finding; finding = finding->next)
        count += !finding->withdrawn;
    return count;
}

static inline const char *evidence_at(const struct finding *finding, unsigned index)
{
    const struct evidence *at = finding_evidence(finding, scope).first;

    while (at && index-- > 0)
        at = at->next;
    return at ? evidence_text(at, scope) : NULL;
}

static inline bool has_evidence(const struct finding *finding, const char *text)
{
    const char *line;

    for (unsigned i = 0; (line = evidence_at(finding, i)) != NULL; i++)
        if (strcmp(line, text) == 0)
            return true;
    return false;
}

#endif
