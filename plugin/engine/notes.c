/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What hangs on which frame.
 */
#include "state.h"

/* The table has the last one, from which the first one is as near. */
static struct note *noted_last(const struct engine *engine, uint32_t frame)
{
    if (frame > engine->last_noted)
        return NULL;
    return (struct note *)g_hash_table_lookup(engine->notes, GUINT_TO_POINTER(frame));
}

static void set_last(const struct engine *engine, uint32_t frame, struct note *note)
{
    note->is_last = true;
    g_hash_table_insert(engine->notes, GUINT_TO_POINTER(frame), note);
}

static struct note *first_note(const struct engine *engine, uint32_t frame)
{
    const struct note *last = noted_last(engine, frame);

    return last ? last->next : NULL;
}

const struct note *engine_notes(const struct engine *engine, uint32_t frame)
{
    return first_note(engine, frame);
}

static void append(struct engine *engine, uint32_t frame, struct note *note)
{
    struct note *last = noted_last(engine, frame);

    note->next = last ? last->next : note;
    if (last) {
        last->next = note;
        last->is_last = false;
    }
    engine->last_noted = MAX(engine->last_noted, frame);
    set_last(engine, frame, note);
}

void note_add(struct engine *engine, const struct sighting *where, enum note_kind kind,
              struct finding *finding, const struct sighting *message)
{
    struct note *note;

    if (!where->frame)
        return;
    note = POOL_NEW(engine->pool, struct note);
    note->kind = (unsigned)kind & 0x7f;
    note->finding = finding;
    note->item = where->item;
    note->message = message->frame;
    append(engine, where->frame, note);
}

static struct note *note_at(const struct engine *engine, const struct sighting *where,
                            enum note_kind kind, const struct finding *finding)
{
    struct note *note = first_note(engine, where->frame);

    while (note &&
           (note->finding != finding || note->kind != (unsigned)kind || note->item != where->item))
        note = note->is_last ? NULL : note->next;
    return note;
}

bool note_exists(const struct engine *engine, const struct sighting *where,
                 const struct finding *finding)
{
    const struct note *note = engine_notes(engine, where->frame);

    while (note && note->finding != finding)
        note = note_next(note);
    return note;
}

static void take_out(const struct engine *engine, uint32_t frame, struct note *note)
{
    struct note *before = note;

    while (before->next != note)
        before = before->next;
    if (before == note) {
        g_hash_table_remove(engine->notes, GUINT_TO_POINTER(frame));
        return;
    }
    before->next = note->next;
    if (note->is_last)
        set_last(engine, frame, before);
}

void note_remove(const struct engine *engine, const struct sighting *where, enum note_kind kind,
                 const struct finding *finding)
{
    struct note *note = note_at(engine, where, kind, finding);

    if (!note)
        return;
    take_out(engine, where->frame, note);
    POOL_RETURN(engine->pool, note);
}

void note_move_about(struct engine *engine, struct finding *finding, const struct sighting *from,
                     const struct sighting *to)
{
    struct note *repeat = note_at(engine, to, NOTE_REPEATS, finding);

    note_remove(engine, from, NOTE_ABOUT, finding);
    if (repeat)
        repeat->kind = NOTE_ABOUT;
    else
        note_add(engine, to, NOTE_ABOUT, finding, to);
}
