/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Findings that say that something did not happen: what becomes of them when it does. Several
 * requests may share one; when the one that it is about is answered, it moves to the next.
 */
#include "state.h"

/* An ACK says nothing against those that wait for an answer. */
static bool is_refuted_by(const struct finding *finding, enum event event)
{
    return finding_is_of_silence(finding) &&
           (event != ON_REACHED || finding->rule->events & ON_UNREACHABLE);
}

static bool is_silent(const struct silent *silent, const struct finding *finding)
{
    return exchange_finding(silent->exchange, finding->rule) == finding;
}

/* The first that still is; NULL = none. Those before it go now, each once. */
static struct exchange *first_silent(struct engine *engine, struct finding *finding)
{
    while (finding->silent && !is_silent(finding->silent, finding))
        silence_drop_first(engine, finding);
    return finding->silent ? finding->silent->exchange : NULL;
}

static struct exchange *last_silent(struct engine *engine, struct finding *finding)
{
    while (finding->silent && !is_silent(finding->silent->previous, finding))
        silence_drop_last(engine, finding);
    return finding->silent ? finding->silent->previous->exchange : NULL;
}

/* Asks the rule about that request as it was asked when its time was up. */
static bool prove_again(struct engine *engine, struct finding *finding, const struct scene *scene)
{
    const struct rule *rule = finding->rule;
    struct proof proof = {
        .scope = engine->scratch,
        .rule = rule,
        .severity = rule->severity,
        .confidence = rule->confidence,
        .about = proof_about(scene),
        .subject = "",
    };

    if (rule->match && !rule->match(scene, &proof))
        return false;
    finding_fill(finding, scene, &proof);
    return true;
}

static bool move_to(struct engine *engine, struct finding *finding, struct exchange *next,
                    const struct sighting *now)
{
    struct connection *connection = next->connection;
    const struct sighting from = finding->about;
    struct scene_memory memory = {0};
    const struct scene scene = {
        .model = connection->model,
        .event = connection->closed ? ON_CLOSE : ON_SILENCE,
        .connection = connection,
        .exchange = next,
        .session = next->session,
        .tree = next->tree,
        .now = connection->closed ? connection->closing : *now,
        .memory = &memory,
    };

    if (!prove_again(engine, finding, &scene))
        return false;
    note_move_about(engine, finding, &from, &finding->about);
    root_step_down(finding);
    root_elect(finding);
    return true;
}

/* The request that the finding was about is silent no more. */
static void move(struct engine *engine, struct finding *finding, const struct sighting *now)
{
    struct exchange *next = first_silent(engine, finding);

    if (!next || !move_to(engine, finding, next, now))
        finding_withdraw(finding);
}

static void take_back(struct engine *engine, struct finding *finding, const struct scene *scene)
{
    const struct exchange *last;

    if (finding->severity > CHAT && !finding->withdrawn)
        note_add(engine, &scene->now, NOTE_TAKES_BACK, finding, &scene->exchange->request);
    if (finding->count <= 1) {
        finding_withdraw(finding);
        return;
    }
    finding->count--;
    if (finding->exchange == scene->exchange)
        move(engine, finding, &scene->now);
    else
        note_remove(engine, &scene->exchange->request, NOTE_REPEATS, finding);
    last = last_silent(engine, finding);
    if (last)
        finding->last = last->request;
}

void silence_withdraw(struct engine *engine, const struct scene *scene)
{
    struct attached **at = &scene->exchange->findings;

    while (*at) {
        struct attached *attached = *at;

        if (is_refuted_by(attached->finding, scene->event)) {
            *at = attached->next;
            take_back(engine, attached->finding, scene);
        } else {
            at = &attached->next;
        }
    }
}

void silence_answered_too_late(struct engine *engine, const struct scene *scene)
{
    const struct exchange *exchange = scene->exchange;
    struct proof addition = {.scope = engine->scratch};

    proof_frame(&addition, "Answer, when the client had already closed", &scene->now);
    for (const struct attached *at = exchange->findings; at; at = at->next)
        if (finding_is_of_silence(at->finding) && at->finding->exchange == exchange)
            evidence_keep(engine, at->finding, addition.evidence);
}
