/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What hangs on which frame.
 */
#include "state.h"

struct notes { /* on one frame */
    struct note *first, *last;
};

const struct note *engine_notes(const struct engine *engine, uint32_t frame)
{
    const struct notes *notes =
        (const struct notes *)wmem_map_lookup(engine->notes, GUINT_TO_POINTER(frame));

    return notes ? notes->first : NULL;
}

static struct notes *notes_of(struct engine *engine, uint32_t frame)
{
    struct notes *notes = (struct notes *)wmem_map_lookup(engine->notes, GUINT_TO_POINTER(frame));

    if (notes)
        return notes;
    notes = wmem_new0(engine->scope, struct notes);
    wmem_map_insert(engine->notes, GUINT_TO_POINTER(frame), notes);
    return notes;
}

void note_add(struct engine *engine, const struct sighting *where, enum note_kind kind,
              struct finding *finding, const struct sighting *message)
{
    struct notes *notes;
    struct note *note;

    if (!where->frame)
        return;
    notes = notes_of(engine, where->frame);
    note = wmem_new0(engine->scope, struct note);
    note->kind = kind;
    note->finding = finding;
    note->item = where->item;
    note->message = message->frame;
    if (notes->last)
        notes->last->next = note;
    else
        notes->first = note;
    notes->last = note;
}

static struct note *note_at(const struct engine *engine, const struct sighting *where,
                            enum note_kind kind, const struct finding *finding)
{
    const struct notes *notes =
        (const struct notes *)wmem_map_lookup(engine->notes, GUINT_TO_POINTER(where->frame));
    struct note *note = notes ? notes->first : NULL;

    while (note && (note->finding != finding || note->kind != kind || note->item != where->item))
        note = note->next;
    return note;
}

bool note_exists(const struct engine *engine, const struct sighting *where,
                 const struct finding *finding)
{
    const struct note *note = engine_notes(engine, where->frame);

    while (note && note->finding != finding)
        note = note->next;
    return note;
}

void note_remove(struct engine *engine, const struct sighting *where, enum note_kind kind,
                 const struct finding *finding)
{
    const struct note *note = note_at(engine, where, kind, finding);
    struct notes *notes = note ? notes_of(engine, where->frame) : NULL;
    struct note *before = notes && notes->first != note ? notes->first : NULL;

    if (!notes)
        return;
    while (before && before->next != note)
        before = before->next;
    if (before)
        before->next = note->next;
    else
        notes->first = note->next;
    if (notes->last == note)
        notes->last = before;
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
