/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A connection's set-up as a ladder: time runs down, a lane for each host, an arrow for each
 * message. SVG that stands inside HTML, without script.
 */
#include "report_parts.h"

#define WIDTH 520
#define HEAD 44 /* above the first step */
#define STEP 32
#define LABEL_UP 6     /* above the arrow */
#define STEPS_SHOWN 40 /* of a long set-up: those around the failure */
#define STEPS_BEHIND 4 /* of them, behind it */
#define LABEL_CELLS 52

struct ladder {
    FILE *to;
    struct report_steps all;
    unsigned first, end; /* steps that are drawn */
    int64_t start;       /* nanoseconds since 1970 */
    wmem_allocator_t *scope;
};

static unsigned lane_x(const struct ladder *ladder, enum lane lane)
{
    switch (lane) {
    case LANE_CLIENT:
        return 124;
    case LANE_SERVER:
        return ladder->all.kdc ? 400 : 506;
    default:
        return 506;
    }
}

/* ---- which steps ---- */

static unsigned failed_step(const struct report_steps *all)
{
    for (unsigned i = 0; i < all->count; i++)
        if (all->steps[i].failed)
            return i;
    return all->count ? all->count - 1 : 0;
}

static void choose_steps(struct ladder *ladder)
{
    const unsigned count = ladder->all.count;

    ladder->end = MIN(count, MAX(failed_step(&ladder->all) + 1 + STEPS_BEHIND, STEPS_SHOWN));
    ladder->first = ladder->end > STEPS_SHOWN ? ladder->end - STEPS_SHOWN : 0;
    ladder->start = count ? ladder->all.steps[0].seen.time : 0;
}

/* ---- drawing ---- */

static const char *short_label(const char *label, wmem_allocator_t *scope)
{
    if (text_cells(label) <= LABEL_CELLS)
        return label;
    return wmem_strdup_printf(scope, "%.*s\xe2\x80\xa6", (int)text_within(label, LABEL_CELLS - 1),
                              label);
}

/* The server's name stands below the others': the KDC's lane is near. */
static void write_lane(const struct ladder *ladder, enum lane lane, const char *name,
                       unsigned bottom)
{
    const bool in_middle = lane == LANE_SERVER && ladder->all.kdc;
    const char *anchor = in_middle ? "middle" : lane == LANE_CLIENT ? "start" : "end";
    const unsigned x = lane_x(ladder, lane);

    fprintf(ladder->to, "<line class=\"lane\" x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>", x,
            in_middle ? 32 : 18, x, bottom);
    fprintf(ladder->to, "<text class=\"host\" x=\"%u\" y=\"%u\" text-anchor=\"%s\">",
            lane == LANE_CLIENT ? x - 20
            : in_middle         ? x
                                : x + 12,
            in_middle ? 27 : 13, anchor);
    put_escaped(ladder->to, name);
    fputs("</text>\n", ladder->to);
}

static void write_when(const struct ladder *ladder, const struct report_step *step, unsigned y)
{
    const int64_t after = step->seen.time - ladder->start;

    if (step->absent)
        return;
    fprintf(ladder->to,
            "<text class=\"when\" x=\"104\" y=\"%u\" text-anchor=\"end\">%" PRId64
            ".%03u s</text><text class=\"when\" x=\"0\" y=\"%u\">#%u</text>",
            y, after / NANOSECONDS_PER_SECOND, (unsigned)(after % NANOSECONDS_PER_SECOND / 1000000),
            y, step->seen.frame);
}

static void write_arrow(const struct ladder *ladder, const struct report_step *step, unsigned y)
{
    const int from = (int)lane_x(ladder, step->from), to = (int)lane_x(ladder, step->to);
    const int back = to > from ? -7 : 7;

    fprintf(ladder->to, "<line class=\"%s\" x1=\"%d\" y1=\"%u\" x2=\"%d\" y2=\"%u\"/>",
            step->absent ? "arrow absent" : "arrow", from, y, to, y);
    if (step->absent)
        fprintf(ladder->to, "<path class=\"cross\" d=\"M%d %ul8 8m0 -8l-8 8\"/>",
                (from + to) / 2 - 4, y - 4);
    else
        fprintf(ladder->to, "<path class=\"head\" d=\"M%d %ul%d -4v8z\"/>", to, y, back);
}

static void write_step(const struct ladder *ladder, const struct report_step *step, unsigned y)
{
    const bool message = step->from != step->to;
    const enum lane to = message ? step->to : LANE_SERVER;
    const unsigned middle = (lane_x(ladder, step->from) + lane_x(ladder, to)) / 2;

    fprintf(ladder->to, "<g class=\"%s\">", step->failed ? "step failed" : "step");
    if (step->failed)
        fprintf(ladder->to, "<rect class=\"band\" x=\"0\" y=\"%u\" width=\"%u\" height=\"%u\"/>",
                y - STEP / 2 - LABEL_UP / 2, WIDTH, STEP - 2);
    write_when(ladder, step, y + 4);
    fprintf(ladder->to, "<text class=\"label\" x=\"%u\" y=\"%u\" text-anchor=\"middle\">", middle,
            y - LABEL_UP);
    put_escaped(ladder->to, short_label(step->label, ladder->scope));
    fputs("</text>", ladder->to);
    if (message)
        write_arrow(ladder, step, y);
    fputs("</g>\n", ladder->to);
}

static void write_left_out(const struct ladder *ladder, unsigned count, const char *format)
{
    if (!count)
        return;
    fputs("<p class=\"left-out\">", ladder->to);
    put_escaped(ladder->to, said(ladder->scope, format, count));
    fputs("</p>\n", ladder->to);
}

static void write_picture(const struct ladder *ladder, const struct connection *connection)
{
    const struct connection_summary summary = connection_summarise(connection, ladder->scope);
    const unsigned bottom = HEAD + (ladder->end - ladder->first) * STEP;

    fprintf(ladder->to, "<svg viewBox=\"0 0 %u %u\" role=\"img\" aria-label=\"", WIDTH, bottom);
    put_escaped(ladder->to, said(ladder->scope, "Set-up of connection %u", connection->number));
    fputs("\">\n", ladder->to);
    write_lane(ladder, LANE_CLIENT, summary.client, bottom);
    write_lane(ladder, LANE_SERVER, summary.server, bottom);
    if (ladder->all.kdc)
        write_lane(ladder, LANE_KDC, wmem_strdup_printf(ladder->scope, "KDC %s", ladder->all.kdc),
                   bottom);
    for (unsigned i = ladder->first; i < ladder->end; i++)
        write_step(ladder, &ladder->all.steps[i], HEAD + (i - ladder->first) * STEP + STEP / 2);
    fputs("</svg>\n", ladder->to);
}

void report_write_ladder(FILE *to, const struct connection *connection, wmem_allocator_t *scope)
{
    struct ladder ladder = {.to = to, .all = report_steps_of(connection, scope), .scope = scope};

    if (ladder.all.count == 0)
        return;
    choose_steps(&ladder);
    write_left_out(&ladder, ladder.first, N_("%u earlier steps are not drawn."));
    write_picture(&ladder, connection);
    write_left_out(&ladder, ladder.all.count - ladder.end, N_("%u later steps are not drawn."));
}
