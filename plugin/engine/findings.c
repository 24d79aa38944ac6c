/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What becomes of proofs: findings, repeats of them, and what supersedes what.
 */
#include "model_attempts.h"

#include "state.h"

/* ---- what was found ---- */

struct finding *connection_first_finding(const struct connection *connection)
{
    return connection->diagnosis ? connection->diagnosis->first : NULL;
}

const struct finding *connection_root_cause(const struct connection *connection)
{
    return connection->diagnosis ? connection->diagnosis->root : NULL;
}

static const struct attached *exchange_first_finding(const struct exchange *exchange)
{
    return exchange ? exchange->findings : NULL;
}

struct finding *exchange_finding(const struct exchange *exchange, const struct rule *rule)
{
    const struct attached *at = exchange_first_finding(exchange);

    while (at && at->finding->rule != rule)
        at = at->next;
    return at ? at->finding : NULL;
}

bool exchange_told_by(const struct exchange *exchange, const struct rule *rule)
{
    const struct finding *finding = exchange_finding(exchange, rule);

    return finding && !finding->withdrawn;
}

static bool explains(const struct finding *finding)
{
    return !finding->withdrawn && finding->severity >= WARNING && !finding->rule->fallback &&
           !finding->rule->symptom;
}

bool exchange_explained(const struct exchange *exchange)
{
    const struct attached *at = exchange_first_finding(exchange);

    while (at && !explains(at->finding))
        at = at->next;
    return at;
}

bool exchange_has_error(const struct exchange *exchange)
{
    const struct attached *at = exchange_first_finding(exchange);

    while (at && (at->finding->withdrawn || at->finding->severity != ERROR))
        at = at->next;
    return at;
}

/* A specific rule has told what happened to the exchange, even if not why. */
bool exchange_told(const struct exchange *exchange)
{
    const struct attached *at = exchange_first_finding(exchange);

    for (; at; at = at->next)
        if (!at->finding->withdrawn && at->finding->severity >= WARNING &&
            !at->finding->rule->fallback)
            return true;
    return false;
}

void finding_withdraw(struct finding *finding)
{
    finding->withdrawn = true;
    root_step_down(finding);
}

static void withdraw_fallbacks(struct exchange *exchange)
{
    for (struct attached *at = exchange->findings; at; at = at->next)
        if (at->finding->rule->fallback)
            finding_withdraw(at->finding);
}

/* ---- the same fault again ---- */

/* Most connections have a handful of findings: looking through them is cheaper than a map. */
#define FINDINGS_LOOKED_THROUGH 16

struct fault {
    const struct rule *rule;
    const char *subject; /* NULL: the rule's first finding, whatever its subject */
};

static unsigned hash_fault(const void *key)
{
    const struct fault *fault = (const struct fault *)key;

    return g_direct_hash(fault->rule) ^ (fault->subject ? g_str_hash(fault->subject) : 0);
}

static gboolean equal_faults(const void *a, const void *b)
{
    const struct fault *left = (const struct fault *)a, *right = (const struct fault *)b;

    return left->rule == right->rule && g_strcmp0(left->subject, right->subject) == 0;
}

static void remember_fault(const struct engine *engine, wmem_map_t *faults,
                           const struct finding *finding, const char *subject)
{
    const struct fault fault = {finding->rule, subject};

    wmem_map_insert(faults, wmem_memdup(engine->scope, &fault, sizeof fault),
                    (void *)(uintptr_t)finding);
}

/* The rule's first finding is the first that is not withdrawn. */
static void map_finding(const struct engine *engine, wmem_map_t *faults,
                        const struct finding *finding)
{
    const struct fault first = {finding->rule, NULL};
    const struct finding *known = (const struct finding *)wmem_map_lookup(faults, &first);

    remember_fault(engine, faults, finding, finding->subject);
    if (!known || known->withdrawn)
        remember_fault(engine, faults, finding, NULL);
}

static void map_findings(const struct engine *engine, struct diagnosis *diagnosis)
{
    diagnosis->faults = wmem_map_new(engine->scope, hash_fault, equal_faults);
    for (const struct finding *at = diagnosis->first; at; at = at->next)
        map_finding(engine, diagnosis->faults, at);
}

static void remember_finding(const struct engine *engine, struct diagnosis *diagnosis,
                             struct finding *finding)
{
    finding->previous = diagnosis->last;
    *(diagnosis->last ? &diagnosis->last->next : &diagnosis->first) = finding;
    diagnosis->last = finding;
    if (diagnosis->faults)
        map_finding(engine, diagnosis->faults, finding);
    else if (++diagnosis->count > FINDINGS_LOOKED_THROUGH)
        map_findings(engine, diagnosis);
}

/* subject NULL: any. */
static struct finding *look_through(const struct connection *connection, const struct rule *rule,
                                    const char *subject)
{
    struct finding *at = connection_first_finding(connection);

    while (at && !is_fault(at, rule, subject))
        at = at->next;
    return at;
}

/* One that is withdrawn may hide a later one of the rule: only then all are looked through. */
static struct finding *same_fault_here(const struct connection *connection, const struct rule *rule,
                                       const char *subject)
{
    const struct diagnosis *diagnosis = connection->diagnosis;
    const struct fault fault = {rule, subject};
    struct finding *finding;

    if (!diagnosis || !diagnosis->faults)
        return look_through(connection, rule, subject);
    finding = (struct finding *)wmem_map_lookup(diagnosis->faults, &fault);
    if (finding && finding->withdrawn)
        return subject ? NULL : look_through(connection, rule, NULL);
    return finding;
}

static struct finding *same_fault(const struct connection *connection, const struct rule *rule,
                                  const char *subject)
{
    struct finding *finding = same_fault_here(connection, rule, subject);

    return finding ? finding : property_adopted(connection, rule, subject);
}

struct finding *connection_finding(const struct connection *connection, const struct rule *rule)
{
    return same_fault(connection, rule, NULL);
}

static struct diagnosis *diagnosis_of(const struct engine *engine, struct connection *connection)
{
    struct diagnosis *diagnosis = connection->diagnosis;

    if (diagnosis)
        return diagnosis;
    diagnosis = connection->diagnosis = POOL_NEW(engine->pool, struct diagnosis);
    diagnosis->engine = engine;
    return diagnosis;
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

void finding_fill(struct finding *finding, const struct scene *scene, const struct proof *proof)
{
    const struct engine *engine = scene->connection->diagnosis->engine;

    evidence_free(engine, finding);
    finding->exchange = scene->exchange;
    finding->severity = proof->severity;
    finding->confidence = confidence_in(finding->rule, scene->connection, proof->confidence);
    finding->about = proof->about;
    finding->completed = scene->now;
    if (event_is_of_time(scene->event))
        finding->completed.frame = 0;
    finding->related = proof->related.frame;
    finding->subject = store_text(engine->texts, proof->subject);
    finding->cause = proof->cause ? proof->cause : finding->rule->cause;
    finding->next_step = proof->next_step ? proof->next_step : finding->rule->next_step;
    evidence_keep(engine, finding, proof_evidence(scene, proof));
    finding->of_kdc = proof->kdc != NULL;
    finding->user = store_text(engine->texts, proof->user);
    finding->of_user = proof->kdc && proof->kdc->reply.type == KERBEROS_ERROR;
    if (proof->kdc)
        proof->kdc->used_by = scene->connection;
}

static bool is_another_message(const struct sighting *a, const struct sighting *b)
{
    return a->frame != b->frame;
}

/* Whoever reads once learns of the finding here. */
static void note_completion(struct engine *engine, struct finding *finding,
                            const struct scene *scene)
{
    if (is_another_message(&finding->about, &scene->now))
        note_add(engine, &scene->now, event_is_of_time(scene->event) ? NOTE_TELLS : NOTE_COMPLETES,
                 finding, &finding->about);
}

/* The messages of the exchange and the completing frame are linked already. */
static bool is_linked(const struct finding *finding, const struct scene *scene, uint32_t frame)
{
    const struct exchange *exchange = finding->exchange;

    return frame == 0 || frame == finding->about.frame || frame == scene->now.frame ||
           (exchange && (frame == exchange->request.frame || frame == exchange->response.frame));
}

static void note_evidence_frame(struct engine *engine, struct finding *finding,
                                const struct scene *scene, uint32_t frame)
{
    const struct sighting where = {.frame = frame, .item = NO_ITEM};

    if (!is_linked(finding, scene, frame) && !note_exists(engine, &where, finding))
        note_add(engine, &where, NOTE_IS_EVIDENCE, finding, &finding->about);
}

/* A way back from the frames that an error or warning rests on: an answer of DNS or of a KDC, an
 * ICMP error, the NEGOTIATE that said something else. */
static void note_evidence(struct engine *engine, struct finding *finding, const struct scene *scene)
{
    if (finding->severity < WARNING)
        return;
    for (const struct evidence *at = finding->evidence; at; at = at->next) {
        note_evidence_frame(engine, finding, scene, evidence_frame(at, 0));
        note_evidence_frame(engine, finding, scene, evidence_frame(at, 1));
    }
}

static struct finding *finding_new(struct engine *engine, const struct rule *rule,
                                   const struct scene *scene, const struct proof *proof)
{
    struct connection *connection = scene->connection;
    struct diagnosis *diagnosis = diagnosis_of(engine, connection);
    struct finding *finding = POOL_NEW(engine->pool, struct finding);

    finding->rule = rule;
    finding->connection = connection;
    finding->count = 1;
    finding_fill(finding, scene, proof);
    finding->last = finding->about;
    remember_finding(engine, diagnosis, finding);
    property_remember(engine, finding);
    note_add(engine, &finding->about, NOTE_ABOUT, finding, &finding->about);
    note_completion(engine, finding, scene);
    note_evidence(engine, finding, scene);
    return finding;
}

static void attach(struct engine *engine, struct exchange *exchange, struct finding *finding)
{
    if (!exchange)
        return;
    attach_to(&exchange->findings, finding, engine->pool);
    silence_remember(engine, finding, exchange);
    if (explains(finding))
        withdraw_fallbacks(exchange);
}

static void repeat(struct engine *engine, struct finding *finding, const struct scene *scene,
                   const struct proof *proof)
{
    if (!is_another_message(&finding->last, &proof->about) &&
        finding->last.item == proof->about.item)
        return;
    finding->count++;
    finding->last = proof->about;
    if (finding->severity == CHAT)
        return;
    note_add(engine, &proof->about, NOTE_REPEATS, finding, &finding->about);
    if (is_another_message(&proof->about, &scene->now))
        note_add(engine, &scene->now, NOTE_TELLS_REPEAT, finding, &proof->about);
}

/* What silence had shown goes on, or is now completed by a frame; or the close made it worse. Of
 * several silent requests, the one that the finding is about counts. */
static void complete(struct engine *engine, struct finding *finding, const struct scene *scene,
                     const struct proof *proof)
{
    const bool is_worse = scene->event == ON_CLOSE && proof->severity > finding->severity;
    const bool is_news = is_worse || finding->withdrawn;

    if ((finding->completed.frame || finding->exchange != scene->exchange) && !is_worse)
        return;
    finding->withdrawn = false;
    finding_fill(finding, scene, proof);
    if (is_news)
        note_completion(engine, finding, scene);
    else if (is_another_message(&finding->about, &finding->completed))
        note_add(engine, &finding->completed, NOTE_COMPLETES_TOLD, finding, &finding->about);
    note_evidence(engine, finding, scene);
    if (is_worse)
        recovery_remember(engine, finding);
    root_elect(finding);
}

void findings_withdraw_attempt(struct engine *engine, const struct scene *scene)
{
    struct finding *finding = connection_first_finding(scene->connection);

    for (; finding; finding = finding->next) {
        if (finding->withdrawn || is_another_message(&finding->about, &scene->attempt->syn) ||
            finding->count > 1)
            continue;
        finding_withdraw(finding);
        note_add(engine, &scene->now, NOTE_TAKES_BACK, finding, &finding->about);
    }
}

/* Something before SMB that was told already is told anew: something else got the client in. */
static bool revise(struct engine *engine, struct finding *finding, const struct scene *scene,
                   const struct proof *proof)
{
    const struct sighting completed = finding->completed;
    const bool was_worse = finding->severity >= WARNING;

    if (!(scene->event & (ON_ATTEMPT | ON_NETBIOS_REFUSAL)) ||
        is_another_message(&finding->about, &proof->about))
        return false;
    finding_fill(finding, scene, proof);
    finding->completed = completed;
    if (was_worse && finding->severity < WARNING) {
        root_step_down(finding);
        note_add(engine, &scene->now, NOTE_TAKES_BACK, finding, &finding->about);
    }
    return true;
}

/* What was said of the two hosts on another connection of theirs is this one's matter, too. */
static struct finding *adopt_property(struct engine *engine, const struct rule *rule,
                                      const struct scene *scene, const struct proof *proof)
{
    struct finding *finding = property_known(engine, rule, scene->connection, proof->subject);

    if (!finding || finding->severity < proof->severity)
        return NULL;
    property_adopt(engine, diagnosis_of(engine, scene->connection), finding);
    return finding;
}

/* Said on another connection, and linked to on this one. */
static bool said_elsewhere(const struct finding *finding, const struct scene *scene,
                           const struct proof *proof)
{
    return finding && finding->connection != scene->connection &&
           finding->severity >= proof->severity;
}

/* false: it is none. */
static bool record_repeat(struct engine *engine, const struct rule *rule, const struct scene *scene,
                          const struct proof *proof)
{
    struct finding *finding = same_fault(scene->connection, rule, proof->subject);

    if (said_elsewhere(finding, scene, proof))
        return true;
    if (finding && revise(engine, finding, scene, proof))
        return true;
    if (!finding)
        finding = adopt_property(engine, rule, scene, proof);
    if (!finding || finding->severity < proof->severity) /* it would hide behind a milder one */
        return false;
    repeat(engine, finding, scene, proof);
    attach(engine, scene->exchange, finding);
    return true;
}

void finding_record(struct engine *engine, const struct rule *rule, const struct scene *scene,
                    const struct proof *proof)
{
    struct finding *finding = exchange_finding(scene->exchange, rule);

    if (finding && finding->connection == scene->connection) {
        complete(engine, finding, scene, proof);
        return;
    }
    if (record_repeat(engine, rule, scene, proof))
        return;
    finding = finding_new(engine, rule, scene, proof);
    attach(engine, scene->exchange, finding);
    root_elect(finding);
    recovery_remember(engine, finding);
}

#define FINDINGS_LOOKED_AT 64 /* of a set-up, which has few; hostile captures may have many */

void findings_withdraw_of_others(const struct exchange *exchange)
{
    const struct diagnosis *diagnosis = exchange->connection->diagnosis;
    struct finding *finding = diagnosis ? diagnosis->last : NULL;

    for (unsigned i = 0; finding && i < FINDINGS_LOOKED_AT; i++, finding = finding->previous)
        if (!finding->withdrawn && finding->exchange && finding->exchange->session &&
            finding->exchange->session == exchange->session &&
            session_user_match(exchange->session, finding->user) == USER_OTHER)
            finding_withdraw(finding);
}
