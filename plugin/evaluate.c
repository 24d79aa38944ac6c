/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The engine: asks the rules, makes findings of what they prove, and decides what supersedes what.
 */
#include "model.h"

#include <string.h>

/* ---- notes on frames ---- */

static struct notes *notes_of(struct model *model, uint32_t frame)
{
    struct notes *notes = (struct notes *)wmem_map_lookup(model->notes, GUINT_TO_POINTER(frame));

    if (notes)
        return notes;
    notes = wmem_new0(model->scope, struct notes);
    wmem_map_insert(model->notes, GUINT_TO_POINTER(frame), notes);
    return notes;
}

static void note_add(const struct sighting *where, enum note_kind kind, struct finding *finding)
{
    struct notes *notes;
    struct note *note;

    if (!where->frame)
        return;
    notes = notes_of(finding->connection->model, where->frame);
    note = wmem_new0(finding->connection->model->scope, struct note);
    note->kind = kind;
    note->finding = finding;
    note->item = where->item;
    if (notes->last)
        notes->last->next = note;
    else
        notes->first = note;
    notes->last = note;
}

/* ---- the proof ---- */

static struct sighting default_about(const struct scene *scene)
{
    const struct exchange *exchange = scene->exchange;

    switch (scene->event) {
    case ON_REQUEST:
        return exchange->request;
    case ON_RESPONSE:
        return exchange->response;
    case ON_CLOSE:
    case ON_SILENCE:
        if (exchange && exchange_answered(exchange))
            return exchange->response;
        if (exchange)
            return exchange->request;
        return scene->now;
    default:
        return scene->now;
    }
}

static struct proof proof_start(const struct rule *rule, const struct scene *scene)
{
    wmem_allocator_t *scope = scene->model->scope;

    return (struct proof){
        .scope = scope,
        .rule = rule,
        .severity = rule->severity,
        .confidence = rule->confidence,
        .about = default_about(scene),
        .subject = "",
    };
}

static const char *request_label(uint16_t command)
{
    switch (command) {
    case SMB1_NEGOTIATE:
        return "SMB1 NEGOTIATE request";
    case SMB2_NEGOTIATE:
        return "NEGOTIATE request";
    case SMB2_SESSION_SETUP:
        return "SESSION_SETUP request";
    case SMB2_TREE_CONNECT:
        return "TREE_CONNECT request";
    case SMB2_IOCTL:
        return "Validate-negotiate request";
    default:
        return "CREATE request";
    }
}

static void prove_answer(struct proof *proof, const struct exchange *exchange)
{
    proof_frame(proof, "Response", &exchange->response);
    proof_value(proof, "Status", "%s", status_text(exchange->status, proof->scope));
    if (exchange->request.frame)
        proof_interval(proof, "Answered after", exchange_duration(exchange));
}

static void prove_silence(struct proof *proof, const struct exchange *exchange,
                          const struct scene *scene)
{
    proof_frame(proof, "Acknowledged by the server's TCP", &exchange->acknowledged);
    if (exchange->retransmissions)
        proof_value(proof, "Retransmitted", "%u times", exchange->retransmissions);
    proof_frame(proof, "Interim response (STATUS_PENDING)", &exchange->interim);
    proof_interval(proof, "Unanswered for", scene->now.time - exchange->request.time);
}

static void prove_close(struct proof *proof, const struct connection *connection)
{
    const char *who = connection->closed_by == CLIENT ? "client" : "server";

    proof_value_in(proof, &connection->closing, "Closed", "by the %s (%s)", who,
                   connection->closed_by_reset ? "RST" : "FIN");
}

static void prove_caveats(struct proof *proof, const struct connection *connection)
{
    if (connection->midstream)
        proof_caveat(proof, "The capture starts after the connection's first message");
    else if (connection->gap.frame)
        proof_caveat(proof, "Bytes of this connection are missing in the capture");
}

/* What every finding shows, before what its rule adds. */
static struct evidence_list common_evidence(const struct scene *scene, const struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    struct proof common = *proof;

    common.evidence = (struct evidence_list){0};
    if (exchange) {
        proof_frame(&common, request_label(exchange->command), &exchange->request);
        if (exchange_answered(exchange))
            prove_answer(&common, exchange);
        else if (scene->event != ON_REQUEST)
            prove_silence(&common, exchange, scene);
    }
    if (scene->event == ON_CLOSE)
        prove_close(&common, scene->connection);
    prove_caveats(&common, scene->connection);
    return common.evidence;
}

static void append(struct evidence_list *to, struct evidence_list more)
{
    if (!more.first)
        return;
    if (to->last)
        to->last->next = more.first;
    else
        to->first = more.first;
    to->last = more.last;
}

/* What a status means is a fact wherever it stands; whatever else was concluded leans on what the
 * capture shows. */
static enum confidence confidence_in(const struct rule *rule, const struct connection *connection,
                                     enum confidence confidence)
{
    if (rule->statuses && (!rule->match || rule->confidence == CERTAIN))
        return confidence;
    if (rule->events & (ON_START | ON_GAP)) /* says so itself */
        return confidence;
    if ((connection->midstream || connection->gap.frame) && confidence > POSSIBLE)
        return (enum confidence)(confidence - 1);
    return confidence;
}

/* ---- findings ---- */

static struct finding *finding_of(const struct exchange *exchange, const struct rule *rule)
{
    wmem_list_frame_t *at =
        exchange && exchange->findings ? wmem_list_head(exchange->findings) : NULL;

    for (; at; at = wmem_list_frame_next(at)) {
        struct finding *finding = (struct finding *)wmem_list_frame_data(at);

        if (finding->rule == rule)
            return finding;
    }
    return NULL;
}

static bool explains(const struct finding *finding)
{
    return !finding->withdrawn && finding->severity >= WARNING && !finding->rule->fallback &&
           !finding->rule->symptom;
}

bool exchange_explained(const struct exchange *exchange)
{
    wmem_list_frame_t *at =
        exchange && exchange->findings ? wmem_list_head(exchange->findings) : NULL;

    for (; at; at = wmem_list_frame_next(at))
        if (explains((struct finding *)wmem_list_frame_data(at)))
            return true;
    return false;
}

/* A specific rule has told what happened to the exchange, even if not why. */
static bool exchange_told(const struct exchange *exchange)
{
    wmem_list_frame_t *at =
        exchange && exchange->findings ? wmem_list_head(exchange->findings) : NULL;

    for (; at; at = wmem_list_frame_next(at)) {
        const struct finding *finding = (struct finding *)wmem_list_frame_data(at);

        if (!finding->withdrawn && finding->severity >= WARNING && !finding->rule->fallback)
            return true;
    }
    return false;
}

/* A generic rule stands back: a cause beats it, and a specific symptom beats a generic one. */
static bool stands_back(const struct rule *rule, const struct exchange *exchange)
{
    return rule->fallback &&
           (exchange_explained(exchange) || (rule->symptom && exchange_told(exchange)));
}

static void withdraw(struct finding *finding)
{
    finding->withdrawn = true;
    root_step_down(finding);
}

static void withdraw_fallbacks(struct exchange *exchange)
{
    for (wmem_list_frame_t *at = wmem_list_head(exchange->findings); at;
         at = wmem_list_frame_next(at)) {
        struct finding *finding = (struct finding *)wmem_list_frame_data(at);

        if (finding->rule->fallback)
            withdraw(finding);
    }
}

static void remember_failure(struct finding *finding)
{
    struct connection *connection = finding->connection;
    wmem_list_t *failures;

    if (finding->severity != ERROR)
        return;
    failures = model_host_pair(connection->model, connection)->failures;
    wmem_list_append(failures, finding);
    if (wmem_list_count(failures) > HOST_PAIR_FAILURES)
        wmem_list_remove_frame(failures, wmem_list_head(failures));
}

static char *fault_key(const struct rule *rule, const char *subject, wmem_allocator_t *scope)
{
    return wmem_strdup_printf(scope, "%s %s", rule->id, subject);
}

static struct finding *same_fault(const struct connection *connection, const struct rule *rule,
                                  const char *subject)
{
    char *key = fault_key(rule, subject, NULL);
    struct finding *finding = (struct finding *)wmem_map_lookup(connection->faults, key);

    wmem_free(NULL, key);
    return finding && !finding->withdrawn ? finding : NULL;
}

/* Under the bare id stands the first finding of the rule that is not withdrawn: keys of faults have
 * a blank. */
static void remember_rule(struct finding *finding)
{
    wmem_map_t *faults = finding->connection->faults;
    const struct finding *known = (struct finding *)wmem_map_lookup(faults, finding->rule->id);

    if (!known || known->withdrawn)
        wmem_map_insert(faults, finding->rule->id, finding);
}

static struct finding *first_shown(const struct connection *connection, const struct rule *rule)
{
    wmem_list_frame_t *at = wmem_list_head(connection->findings);

    for (; at; at = wmem_list_frame_next(at)) {
        struct finding *finding = (struct finding *)wmem_list_frame_data(at);

        if (!finding->withdrawn && finding->rule == rule)
            return finding;
    }
    return NULL;
}

struct finding *connection_finding(const struct connection *connection, const char *id)
{
    struct finding *finding = (struct finding *)wmem_map_lookup(connection->faults, id);

    return finding && finding->withdrawn ? first_shown(connection, finding->rule) : finding;
}

static void finding_fill(struct finding *finding, const struct scene *scene,
                         const struct proof *proof)
{
    finding->exchange = scene->exchange;
    finding->severity = proof->severity;
    finding->confidence = confidence_in(finding->rule, scene->connection, proof->confidence);
    finding->about = proof->about;
    finding->completed = scene->now;
    finding->related = proof->related;
    finding->subject = proof->subject;
    finding->cause = proof->cause ? proof->cause : finding->rule->cause;
    finding->next_step = proof->next_step ? proof->next_step : finding->rule->next_step;
    finding->evidence = common_evidence(scene, proof);
    append(&finding->evidence, proof->evidence);
}

static bool is_another_message(const struct sighting *a, const struct sighting *b)
{
    return a->frame != b->frame;
}

static struct finding *finding_new(const struct rule *rule, const struct scene *scene,
                                   const struct proof *proof)
{
    struct connection *connection = scene->connection;
    wmem_allocator_t *scope = scene->model->scope;
    struct finding *finding = wmem_new0(scope, struct finding);

    finding->rule = rule;
    finding->connection = connection;
    finding->count = 1;
    finding_fill(finding, scene, proof);
    finding->last = finding->about;
    wmem_list_append(connection->findings, finding);
    wmem_map_insert(connection->faults, fault_key(rule, proof->subject, scope), finding);
    remember_rule(finding);
    note_add(&finding->about, NOTE_ABOUT, finding);
    if (is_another_message(&finding->about, &finding->completed))
        note_add(&finding->completed, NOTE_COMPLETES, finding);
    return finding;
}

static void attach(struct exchange *exchange, struct finding *finding)
{
    if (!exchange)
        return;
    if (!exchange->findings)
        exchange->findings = wmem_list_new(exchange->connection->model->scope);
    wmem_list_append(exchange->findings, finding);
    if (explains(finding))
        withdraw_fallbacks(exchange);
}

static void repeat(struct finding *finding, const struct proof *proof)
{
    if (!is_another_message(&finding->last, &proof->about) &&
        finding->last.item == proof->about.item)
        return;
    finding->count++;
    finding->last = proof->about;
    if (finding->severity > CHAT)
        note_add(&proof->about, NOTE_REPEATS, finding);
}

/* What silence had shown is now completed by a frame, the close; or the close made it worse. */
static bool complete(struct finding *finding, const struct scene *scene, const struct proof *proof)
{
    const bool is_worse = scene->event == ON_CLOSE && proof->severity > finding->severity;

    if ((finding->completed.frame && !is_worse) || !scene->now.frame)
        return false;
    finding->withdrawn = false;
    finding_fill(finding, scene, proof);
    if (is_another_message(&finding->about, &finding->completed))
        note_add(&finding->completed, NOTE_COMPLETES, finding);
    root_elect(finding);
    return true;
}

static void record(const struct rule *rule, const struct scene *scene, const struct proof *proof)
{
    struct finding *finding = finding_of(scene->exchange, rule);

    if (finding) {
        if (!complete(finding, scene, proof))
            proof_discard(proof);
        return;
    }
    finding = same_fault(scene->connection, rule, proof->subject);
    if (finding &&
        finding->severity >= proof->severity) { /* else it would hide behind a milder one */
        repeat(finding, proof);
        attach(scene->exchange, finding);
        proof_discard(proof);
        return;
    }
    finding = finding_new(rule, scene, proof);
    attach(scene->exchange, finding);
    root_elect(finding);
    remember_failure(finding);
}

/* ---- entry ---- */

static void ask(const struct rule *rule, const struct scene *scene)
{
    struct proof proof;

    if (!listens(rule, scene) || stands_back(rule, scene->exchange))
        return;
    proof = proof_start(rule, scene);
    if ((rule->match && !rule->match(scene, &proof)) ||
        (proof.severity == CHAT && !scene->model->settings.chat))
        proof_discard(&proof);
    else
        record(rule, scene, &proof);
}

void evaluate(const struct scene *scene)
{
    const struct rule *const *rule = listeners_of(scene->model, scene->event);
    struct scene_memory memory = {0};
    struct scene staged = *scene;

    staged.memory = &memory;
    for (; *rule; rule++)
        ask(*rule, &staged);
}

static bool is_of_silence(const struct finding *finding)
{
    return finding->rule->events & (ON_SILENCE | ON_CLOSE) && finding->rule->absence;
}

void evaluate_withdraw_silence(struct exchange *exchange)
{
    wmem_list_frame_t *at = exchange->findings ? wmem_list_head(exchange->findings) : NULL;

    while (at) {
        struct finding *finding = (struct finding *)wmem_list_frame_data(at);
        wmem_list_frame_t *next = wmem_list_frame_next(at);

        if (is_of_silence(finding)) { /* may have been said about others, too */
            wmem_list_remove_frame(exchange->findings, at);
            if (finding->count <= 1)
                withdraw(finding);
            else
                finding->count--;
        }
        at = next;
    }
}
