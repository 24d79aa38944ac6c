/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which connections a display filter leaves of a report: those with at least one frame that it lets
 * through, or whose errors and warnings name one.
 */
#include "observe.h"
#include "report.h"
#include "report_request.h"

struct report_filter {
    GByteArray *frames;      /* a bit for each that it let through */
    GHashTable *streams;     /* their tcp.stream */
    GHashTable *connections; /* theirs, where they are not over TCP, and of what they tell */
};

struct report_filter *report_filter_new(void)
{
    struct report_filter *filter = g_new0(struct report_filter, 1);

    filter->frames = g_byte_array_new();
    filter->streams = g_hash_table_new(g_direct_hash, g_direct_equal);
    filter->connections = g_hash_table_new(g_direct_hash, g_direct_equal);
    return filter;
}

void report_filter_reset(struct report_filter *filter)
{
    g_byte_array_set_size(filter->frames, 0);
    g_hash_table_remove_all(filter->streams);
    g_hash_table_remove_all(filter->connections);
}

/* ---- frames that it lets through ---- */

static void take_number(GByteArray *frames, uint32_t frame)
{
    const guint before = frames->len, needed = frame / 8 + 1;

    if (needed > before) {
        g_byte_array_set_size(frames, MAX(needed, 2 * before));
        memset(frames->data + before, 0, frames->len - before);
    }
    frames->data[frame / 8] |= (guint8)(1u << frame % 8);
}

/* A silence is told, to who reads once, by whatever frame comes next. */
static void take_findings(struct report_filter *filter, const packet_info *pinfo)
{
    for (const struct note *note = open_file_recall(pinfo); note; note = note_next(note))
        if (!note->finding->withdrawn && !(PINFO_FD_VISITED(pinfo) && note->kind >= NOTE_TELLS))
            g_hash_table_add(filter->connections, note->finding->connection);
}

/* The last between the frame's ends; NULL = none. */
static struct connection *connection_of(const packet_info *pinfo)
{
    const struct frame frame = frame_of(pinfo);
    struct model *model = open_file_model();

    return model ? model_find(model, &frame) : NULL;
}

void report_filter_take(struct report_filter *filter, packet_info *pinfo)
{
    const int stream = tcp_stream_of(pinfo);
    struct connection *connection = stream < 0 ? connection_of(pinfo) : NULL;

    if (stream >= 0)
        g_hash_table_add(filter->streams, GINT_TO_POINTER(stream + 1));
    if (connection)
        g_hash_table_add(filter->connections, connection);
    take_number(filter->frames, pinfo->num);
    take_findings(filter, pinfo);
}

/* ---- what that leaves ---- */

static bool names_one(const GByteArray *frames, uint32_t frame)
{
    return frame / 8 < frames->len && frames->data[frame / 8] & 1u << frame % 8;
}

static bool finding_names_one(const struct finding *finding, const GByteArray *frames)
{
    if (names_one(frames, finding->about.frame) || names_one(frames, finding->completed.frame) ||
        names_one(frames, finding->related) || names_one(frames, finding->last.frame))
        return true;
    for (const struct evidence *at = finding->evidence; at; at = at->next)
        if (names_one(frames, evidence_frame(at, 0)) || names_one(frames, evidence_frame(at, 1)))
            return true;
    return false;
}

static bool findings_name_one(const struct connection *connection, const GByteArray *frames)
{
    for (const struct finding *finding = connection_first_finding(connection); finding;
         finding = finding->next) {
        if (!finding->withdrawn && finding->severity >= WARNING &&
            finding_names_one(finding, frames))
            return true;
    }
    return false;
}

bool report_filter_wants(const struct connection *connection, const void *data)
{
    const struct report_filter *filter = (const struct report_filter *)data;
    const int stream = tcp_stream_of_connection(connection);

    return (stream >= 0 && g_hash_table_contains(filter->streams, GINT_TO_POINTER(stream + 1))) ||
           g_hash_table_contains(filter->connections, connection) ||
           findings_name_one(connection, filter->frames);
}
