/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What hangs on which frame.
 */
#include "state.h"

#define FRAMES_A_PAGE 32
#define PAGES_FIRST 64

/* Frame numbers are dense: an index is quicker than a table that hashes them. */
struct note_page {
    struct note *last[FRAMES_A_PAGE]; /* of each frame's notes, from which the first is as near */
};

static struct note *noted_last(const struct engine *engine, uint32_t frame)
{
    const uint32_t number = frame / FRAMES_A_PAGE;
    const struct note_page *page = number < engine->page_count ? engine->pages[number] : NULL;

    return page ? page->last[frame % FRAMES_A_PAGE] : NULL;
}

static void add_pages(struct engine *engine, uint32_t number)
{
    const uint32_t count = MAX(MAX(engine->page_count * 2, PAGES_FIRST), number + 1);

    engine->pages =
        (struct note_page **)wmem_realloc(engine->scope, engine->pages, count * sizeof(void *));
    memset(engine->pages + engine->page_count, 0, (count - engine->page_count) * sizeof(void *));
    engine->page_count = count;
}

static struct note_page *page_of(struct engine *engine, uint32_t frame)
{
    const uint32_t number = frame / FRAMES_A_PAGE;

    if (number >= engine->page_count)
        add_pages(engine, number);
    if (!engine->pages[number])
        engine->pages[number] = POOL_NEW(engine->pool, struct note_page);
    return engine->pages[number];
}

/* NULL: the frame has none any more. */
static void set_last(struct engine *engine, uint32_t frame, struct note *note)
{
    if (note)
        note->is_last = true;
    page_of(engine, frame)->last[frame % FRAMES_A_PAGE] = note;
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

static void take_out(struct engine *engine, uint32_t frame, struct note *note)
{
    struct note *before = note;

    while (before->next != note)
        before = before->next;
    if (before == note) {
        set_last(engine, frame, NULL);
        return;
    }
    before->next = note->next;
    if (note->is_last)
        set_last(engine, frame, before);
}

void note_remove(struct engine *engine, const struct sighting *where, enum note_kind kind,
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
