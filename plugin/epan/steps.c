/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tap that says which frames belong to which connection's set-up, for the table and the flow
 * graph. Nothing is kept for it while nobody listens. In the first pass the model says what the
 * frame has just shown; later passes look into an index by frame, made of the whole model when the
 * first frame asks.
 */
#include "observe.h"
#include "window.h"

#include <epan/tap.h>

static int tap = -1;

bool step_is_own(const struct step *step, uint32_t frame)
{
    const struct finding *finding = step->beside.finding;

    if (step->kind != STEP_BESIDE || step->first_pass)
        return true;
    return finding && finding->connection == step->connection && finding->about.frame == frame;
}

bool steps_have_own(const struct step *first, uint32_t frame)
{
    for (const struct step *step = first; step; step = step->next)
        if (step_is_own(step, frame))
            return true;
    return false;
}

/* ---- lists of steps, by frame ---- */

struct steps {
    struct step *first;
};

/* Steps of one connection come one after the other, so one that is there already is near. */
static bool is_known(const struct steps *steps, const struct step *step)
{
    for (const struct step *at = steps->first; at && at->connection == step->connection;
         at = at->next)
        if (step->kind == STEP_BESIDE || (at->kind == step->kind && at->exchange == step->exchange))
            return true;
    return false;
}

static void add_step(struct steps *steps, const struct step *step, wmem_allocator_t *scope)
{
    struct step *added;

    if (is_known(steps, step))
        return;
    added = wmem_new(scope, struct step);
    *added = *step;
    added->next = steps->first;
    steps->first = added;
}

/* ---- first pass: what the frame has just shown ---- */

static void add_exchange_now(struct steps *steps, const struct exchange *exchange,
                             const packet_info *pinfo)
{
    const struct sighting *sightings[] = {[STEP_REQUEST] = &exchange->request,
                                          [STEP_INTERIM] = &exchange_interlude(exchange)->interim,
                                          [STEP_RESPONSE] = &exchange->response};

    for (enum step_kind kind = STEP_REQUEST; kind <= STEP_RESPONSE; kind++)
        if (sightings[kind]->frame == pinfo->num) {
            const struct step step = {.connection = exchange->connection,
                                      .kind = kind,
                                      .first_pass = true,
                                      .exchange = exchange};

            add_step(steps, &step, pinfo->pool);
        }
}

static void add_connection_now(struct steps *steps, const struct connection *connection,
                               const packet_info *pinfo)
{
    const struct exchange *at = connection->last_exchange;
    const struct step close = {.connection = connection, .kind = STEP_CLOSE, .first_pass = true};

    if (connection->last)
        add_exchange_now(steps, connection->last, pinfo);
    for (; at && at->request.frame == pinfo->num; at = at->previous)
        add_exchange_now(steps, at, pinfo);
    if (connection->closing.frame == pinfo->num)
        add_step(steps, &close, pinfo->pool);
}

static const struct step *steps_now(packet_info *pinfo)
{
    struct model *model = open_file_model();
    const struct frame frame = frame_of(pinfo);
    const struct connection *connection =
        model_follows(model, frame.source.port, frame.destination.port) ? model_find(model, &frame)
                                                                        : NULL;
    struct steps steps = {NULL};

    if (connection)
        add_connection_now(&steps, connection, pinfo);
    for (const struct note *note = open_file_recall(pinfo); note; note = note_next(note)) {
        const struct step step = {.connection = note->finding->connection,
                                  .kind = STEP_BESIDE,
                                  .first_pass = true,
                                  .beside.finding = note->finding};

        if (note->kind != NOTE_IS_EVIDENCE)
            add_step(&steps, &step, pinfo->pool);
    }
    return steps.first;
}

/* ---- later passes: an index by frame ---- */

static struct {
    wmem_allocator_t *scope; /* NULL = not made yet */
    wmem_map_t *frames;      /* struct steps by frame number */
    uint32_t made_at;        /* the last frame that the model had seen */
} steps_index;

static void index_step(uint32_t frame, const struct step *step)
{
    struct steps *steps;

    if (!frame)
        return;
    steps = (struct steps *)wmem_map_lookup(steps_index.frames, GUINT_TO_POINTER(frame));
    if (!steps) {
        steps = wmem_new0(steps_index.scope, struct steps);
        wmem_map_insert(steps_index.frames, GUINT_TO_POINTER(frame), steps);
    }
    add_step(steps, step, steps_index.scope);
}

static void index_exchange(const struct exchange *exchange)
{
    struct step step = {.connection = exchange->connection, .exchange = exchange};

    step.kind = STEP_REQUEST;
    index_step(exchange->request.frame, &step);
    index_step(exchange_interlude(exchange)->last_copy.frame, &step);
    step.kind = STEP_INTERIM;
    index_step(exchange_interlude(exchange)->interim.frame, &step);
    step.kind = STEP_RESPONSE;
    index_step(exchange->response.frame, &step);
}

static void index_beside(const struct beside *beside, void *connection)
{
    const struct step step = {.connection = (const struct connection *)connection,
                              .kind = STEP_BESIDE,
                              .beside = *beside};

    index_step(beside->frame, &step);
}

static void index_connection(struct connection *connection)
{
    const struct step close = {.connection = connection, .kind = STEP_CLOSE};

    for (const struct exchange *at = connection->first_exchange; at; at = at->next)
        index_exchange(at);
    index_step(connection->closing.frame, &close);
    setup_frames_visit(connection, index_beside, connection);
}

void steps_end(void)
{
    if (steps_index.scope)
        wmem_destroy_allocator(steps_index.scope);
    memset(&steps_index, 0, sizeof steps_index);
}

static void make_index(void)
{
    steps_end();
    steps_index.scope = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK);
    steps_index.frames = wmem_map_new(steps_index.scope, g_direct_hash, g_direct_equal);
    steps_index.made_at = open_file_last_frame();
    for (struct connection *at = model_first_connection(open_file_model()); at; at = at->next)
        index_connection(at);
}

static const struct step *steps_known(const packet_info *pinfo)
{
    const struct steps *steps;

    if (!steps_index.scope || steps_index.made_at != open_file_last_frame())
        make_index();
    steps = (const struct steps *)wmem_map_lookup(steps_index.frames, GUINT_TO_POINTER(pinfo->num));
    return steps ? steps->first : NULL;
}

/* ---- the tap ---- */

void steps_register(void)
{
    tap = register_tap(STEPS_TAP);
}

void steps_tap(packet_info *pinfo)
{
    const struct step *steps;

    if (!have_tap_listener(tap))
        return;
    steps = PINFO_FD_VISITED(pinfo) ? steps_known(pinfo) : steps_now(pinfo);
    if (steps)
        tap_queue_packet(tap, pinfo, steps);
}
