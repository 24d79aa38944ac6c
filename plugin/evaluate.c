/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The engine: asks the rules, makes findings of what they prove, and decides what supersedes what.
 */
#include "catalogue.h"
#include "model.h"

#include <string.h>

#define RECOVERY_SECONDS 5

/* ---- notes on frames ---- */

static void note_add(const struct sighting *where, enum note_kind kind, struct finding *finding)
{
    struct note *note;

    if (!where->frame || !where->notes)
        return;
    note = wmem_new0(finding->connection->model->scope, struct note);
    note->kind = kind;
    note->finding = finding;
    note->item = where->item;
    if (where->notes->last)
        where->notes->last->next = note;
    else
        where->notes->first = note;
    where->notes->last = note;
}

/* ---- which rules are asked ---- */

static bool has_status(const uint32_t *statuses, uint32_t status)
{
    while (*statuses)
        if (*statuses++ == status)
            return true;
    return false;
}

static bool listens(const struct rule *rule, const struct scene *scene)
{
    const struct exchange *exchange = scene->exchange;

    if (!(rule->events & scene->event))
        return false;
    if (rule->command != ANY_COMMAND && (!exchange || exchange->command != rule->command))
        return false;
    if (rule->statuses && scene->event == ON_RESPONSE &&
        !has_status(rule->statuses, exchange->status))
        return false;
    return !rule->absence || connection_absence_is_proof(scene->connection);
}

/* Ids in the preference are separated by commas or blanks. */
static bool is_off(const struct settings *settings, const struct rule *rule)
{
    const char *at = settings->rules_off;
    const size_t length = strlen(rule->id);

    while (at && *at) {
        const size_t word = strcspn(at, ", \t;");

        if (word == length && strncmp(at, rule->id, length) == 0)
            return true;
        at += word;
        at += strspn(at, ", \t;");
    }
    return false;
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
        .evidence = wmem_list_new(scope),
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
static wmem_list_t *common_evidence(const struct scene *scene, const struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    struct proof common = *proof;

    common.evidence = wmem_list_new(proof->scope);
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

static void append_all(wmem_list_t *to, wmem_list_t *from)
{
    for (wmem_list_frame_t *at = wmem_list_head(from); at; at = wmem_list_frame_next(at))
        wmem_list_append(to, wmem_list_frame_data(at));
}

/* What a status means is a fact wherever it stands; whatever else was concluded leans on what the capture shows. */
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
    wmem_list_frame_t *at = exchange && exchange->findings ? wmem_list_head(exchange->findings) : NULL;

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
    wmem_list_frame_t *at = exchange && exchange->findings ? wmem_list_head(exchange->findings) : NULL;

    for (; at; at = wmem_list_frame_next(at))
        if (explains((struct finding *)wmem_list_frame_data(at)))
            return true;
    return false;
}

/* A specific rule has told what happened to the exchange, even if not why. */
static bool exchange_told(const struct exchange *exchange)
{
    wmem_list_frame_t *at = exchange && exchange->findings ? wmem_list_head(exchange->findings) : NULL;

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

struct finding *connection_finding(const struct connection *connection, const char *id)
{
    wmem_list_frame_t *at = wmem_list_head(connection->findings);

    for (; at; at = wmem_list_frame_next(at)) {
        struct finding *finding = (struct finding *)wmem_list_frame_data(at);

        if (!finding->withdrawn && strcmp(finding->rule->id, id) == 0)
            return finding;
    }
    return NULL;
}

static void withdraw(struct finding *finding)
{
    finding->withdrawn = true;
    finding->root_cause = false;
    if (finding->connection->root == finding)
        finding->connection->root = NULL;
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

static bool may_be_root(const struct finding *finding)
{
    return finding->severity == ERROR || (finding->severity == WARNING && finding->rule->symptom);
}

/* A cause beats a symptom, an error a warning; among equals the first one stands. */
static unsigned root_rank(const struct finding *finding)
{
    return (finding->rule->symptom || finding->rule->fallback ? 0 : 2) +
           (finding->severity == ERROR ? 1 : 0);
}

static void elect_root(struct finding *finding)
{
    struct connection *connection = finding->connection;
    struct finding *root = connection->root;

    if (!may_be_root(finding) || (root && root_rank(root) >= root_rank(finding)))
        return;
    if (root)
        root->root_cause = false;
    connection->root = finding;
    finding->root_cause = true;
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

static void finding_fill(struct finding *finding, const struct scene *scene,
                         const struct proof *proof)
{
    finding->severity = proof->severity;
    finding->confidence = confidence_in(finding->rule, scene->connection, proof->confidence);
    finding->about = proof->about;
    finding->completed = scene->now;
    finding->related = proof->related;
    finding->subject = proof->subject;
    finding->cause = proof->cause ? proof->cause : finding->rule->cause;
    finding->next_step = proof->next_step ? proof->next_step : finding->rule->next_step;
    finding->evidence = common_evidence(scene, proof);
    append_all(finding->evidence, proof->evidence);
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
    finding->exchange = scene->exchange;
    finding->count = 1;
    finding_fill(finding, scene, proof);
    finding->last = finding->about;
    wmem_list_append(connection->findings, finding);
    wmem_map_insert(connection->faults, fault_key(rule, proof->subject, scope), finding);
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
    if (!is_another_message(&finding->last, &proof->about) && finding->last.item == proof->about.item)
        return;
    finding->count++;
    finding->last = proof->about;
    if (finding->severity > CHAT)
        note_add(&proof->about, NOTE_REPEATS, finding);
}

/* What silence had shown is now completed by a frame, the close; or the close made it worse. */
static void complete(struct finding *finding, const struct scene *scene, const struct proof *proof)
{
    const bool is_worse = scene->event == ON_CLOSE && proof->severity > finding->severity;

    if ((finding->completed.frame && !is_worse) || !scene->now.frame)
        return;
    finding->withdrawn = false;
    finding_fill(finding, scene, proof);
    if (is_another_message(&finding->about, &finding->completed))
        note_add(&finding->completed, NOTE_COMPLETES, finding);
    elect_root(finding);
}

static void record(const struct rule *rule, const struct scene *scene, const struct proof *proof)
{
    struct finding *finding = finding_of(scene->exchange, rule);

    if (finding) {
        complete(finding, scene, proof);
        return;
    }
    finding = same_fault(scene->connection, rule, proof->subject);
    if (finding) {
        repeat(finding, proof);
        attach(scene->exchange, finding);
        return;
    }
    finding = finding_new(rule, scene, proof);
    attach(scene->exchange, finding);
    elect_root(finding);
    remember_failure(finding);
}

/* ---- entry ---- */

static void ask(const struct rule *rule, const struct scene *scene)
{
    const struct settings *settings = &scene->model->settings;
    struct proof proof;

    if (!listens(rule, scene) || stands_back(rule, scene->exchange))
        return;
    proof = proof_start(rule, scene);
    if (rule->match && !rule->match(scene, &proof))
        return;
    if ((proof.severity == CHAT && !settings->chat) || is_off(settings, rule))
        return;
    record(rule, scene, &proof);
}

void evaluate(const struct scene *scene)
{
    const struct rule *rule;

    for (unsigned i = 0; (rule = catalogue_rule(i)) != NULL; i++)
        if (!rule->fallback)
            ask(rule, scene);
    for (unsigned i = 0; (rule = catalogue_rule(i)) != NULL; i++)
        if (rule->fallback)
            ask(rule, scene);
}

void evaluate_withdraw_silence(struct exchange *exchange)
{
    wmem_list_frame_t *at = exchange->findings ? wmem_list_head(exchange->findings) : NULL;

    for (; at; at = wmem_list_frame_next(at)) {
        struct finding *finding = (struct finding *)wmem_list_frame_data(at);

        if (finding->rule->events & (ON_SILENCE | ON_CLOSE) && finding->rule->absence &&
            finding->exchange == exchange && finding->count == 1)
            withdraw(finding);
    }
}

/* ---- what a later success overcame ---- */

static bool same_text(const char *a, const char *b)
{
    return a && b && g_ascii_strcasecmp(a, b) == 0;
}

static bool same_user(const struct session *a, const struct session *b)
{
    const char *a_user = session_user(a, NULL), *b_user = session_user(b, NULL);
    const bool same = same_text(a_user, b_user);

    wmem_free(NULL, (void *)(uintptr_t)a_user);
    wmem_free(NULL, (void *)(uintptr_t)b_user);
    return same;
}

static bool is_overcome(const struct finding *failure, const struct exchange *success)
{
    const struct exchange *failed = failure->exchange;

    if (failure->withdrawn || failure->severity != ERROR || !failed || failed == success ||
        success->response.time - failure->about.time > RECOVERY_SECONDS * NANOSECONDS_PER_SECOND)
        return false;
    switch (failed->command) {
    case SMB1_NEGOTIATE:
    case SMB2_NEGOTIATE:
        return failed->connection != success->connection;
    case SMB2_SESSION_SETUP: /* nobody asked for an anonymous attempt before the logon that counts */
        return success->command == SMB2_SESSION_SETUP &&
               (same_user(failed->session, success->session) ||
                (session_is_anonymous(failed->session) && failed->connection == success->connection));
    case SMB2_TREE_CONNECT:
        return success->tree && failed->tree && same_text(failed->tree->path, success->tree->path);
    default:
        return false;
    }
}

static void soften(struct finding *finding, const struct exchange *success)
{
    struct proof addition = {.scope = success->connection->model->scope,
                             .evidence = finding->evidence};

    proof_frame(&addition, "Overcome: the same succeeded soon after", &success->response);
    finding->severity = NOTE;
    finding->root_cause = false;
    if (finding->connection->root == finding)
        finding->connection->root = NULL;
}

/* The set-up went on: what had failed before on this connection was not the end of it. */
static void clear_root(struct connection *connection, const struct exchange *success)
{
    struct finding *root = connection->root;

    if (!root || success->command != SMB2_TREE_CONNECT || !root->exchange ||
        root->exchange->command == SMB2_TREE_CONNECT || root->exchange->command == SMB2_IOCTL)
        return;
    root->root_cause = false;
    connection->root = NULL;
}

void evaluate_recovered(struct exchange *success)
{
    struct connection *connection = success->connection;
    wmem_list_t *failures = model_host_pair(connection->model, connection)->failures;
    wmem_list_frame_t *at = wmem_list_head(failures);

    while (at) {
        struct finding *failure = (struct finding *)wmem_list_frame_data(at);
        wmem_list_frame_t *next = wmem_list_frame_next(at);

        if (is_overcome(failure, success)) {
            soften(failure, success);
            wmem_list_remove_frame(failures, at);
        }
        at = next;
    }
    clear_root(connection, success);
}
