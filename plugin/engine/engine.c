/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Listens to the model, and asks the rules.
 */
#include "model_attempts.h"

#include "state.h"

static void ask(struct engine *engine, const struct listener *listener, const struct scene *scene,
                const struct sighting *about)
{
    struct proof proof = {
        .scope = engine->scratch,
        .rule = listener->rule,
        .severity = (enum severity)listener->severity,
        .confidence = (enum confidence)listener->confidence,
        .about = *about,
        .subject = "",
    };

    if ((!listener->match || listener->match(scene, &proof)) &&
        (proof.severity != CHAT || engine->chat))
        finding_record(engine, listener->rule, scene, &proof);
}

static bool may_speak(const struct listener *listener, const struct scene *scene)
{
    return (!listener->conditional || listens_with(listener->rule, scene)) &&
           (!listener->fallback || !stands_back(listener->rule, scene->exchange));
}

static void ask_all(struct engine *engine, const struct scene *scene)
{
    const struct listener *listener = listeners_of(engine, scene);
    struct scene_memory memory;
    struct scene staged = *scene;
    const struct sighting about = proof_about(scene);

    memory.kdc_known = false;
    staged.memory = &memory;
    while (listener->rule) {
        if (listener->gate && !listener->gate(&staged)) {
            listener += listener->gated;
            continue;
        }
        if (may_speak(listener, &staged))
            ask(engine, listener, &staged, &about);
        listener++;
    }
}

/* A silence is none where an answer was seen, or may have been missed. */
static bool ends_silence(const struct scene *scene)
{
    return scene->event == ON_RESPONSE || scene->event == ON_INTERIM ||
           scene->event == ON_REACHED || scene->event == ON_ANSWER_MISSED;
}

static bool is_logon_leg(const struct scene *scene)
{
    return scene->event == ON_REQUEST && scene->exchange->command == SMB2_SESSION_SETUP;
}

static bool is_success(const struct scene *scene)
{
    return scene->event == ON_RESPONSE && scene->exchange->status == STATUS_SUCCESS;
}

static void on_success(struct engine *engine, const struct exchange *success)
{
    if (success->command == SMB2_SESSION_SETUP || success->command == SMB2_TREE_CONNECT)
        recovery_apply(engine, success);
    others_remember(engine, success);
}

static void on_scene(const struct scene *scene, void *data)
{
    struct engine *engine = (struct engine *)data;

    if (scene->event == ON_FORGET) {
        connection_forget(engine, scene->connection);
        return;
    }
    if (ends_silence(scene))
        silence_withdraw(engine, scene);
    else if (scene->event == ON_TOO_LATE)
        silence_answered_too_late(engine, scene);
    if (is_logon_leg(scene))
        findings_withdraw_of_others(scene->exchange);
    else if (scene->attempt && scene->attempt->outcome == ATTEMPT_ANSWERED)
        findings_withdraw_attempt(engine, scene);
    ask_all(engine, scene);
    if (is_success(scene))
        on_success(engine, scene->exchange);
    wmem_free_all(engine->scratch);
}

struct engine *engine_new(wmem_allocator_t *scope, const struct engine_settings *settings,
                          const struct catalogue *catalogue)
{
    struct engine *engine = wmem_new0(scope, struct engine);

    engine->scope = scope;
    engine->pool = pool_new(scope);
    engine->scratch = scratch_new(scope);
    engine->chat = settings->chat;
    engine->failures = pair_map_new(scope);
    engine->properties = pair_map_new(scope);
    engine->others = others_new(scope);
    engine->texts = store_new(scope);
    listeners_fill(engine, catalogue, settings->rules_off);
    engine->model = model_new(scope, &settings->model, on_scene, engine);
    return engine;
}

struct model *engine_model(const struct engine *engine)
{
    return engine->model;
}
