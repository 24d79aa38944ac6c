/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The conversation filter "SMB2 set-up" (Analyze, and a right click on a packet): the connection,
 * with the DNS and Kerberos frames of that attempt.
 */
#include "observe.h"
#include "report.h"
#include "window.h"

#include <epan/conversation_filter.h>

#define FRAMES_NAMED 200 /* a filter has to stay one that can be read and run */

/* ---- whose frame it is: Wireshark asks about ten times for each row that is selected ---- */

/* Connections by tcp.stream; those that came up since the last question are added when asked. */
static struct {
    const struct model *model;
    const struct connection *last; /* the last one added; NULL = none */
    GHashTable *connections;
} streams;

static void start_over(const struct model *model)
{
    if (!streams.connections)
        streams.connections = g_hash_table_new(NULL, NULL);
    g_hash_table_remove_all(streams.connections);
    streams.model = model;
    streams.last = NULL;
}

void conversation_end(void)
{
    streams.model = NULL;
}

static void add_new_connections(const struct model *model)
{
    struct connection *at = streams.last ? streams.last->next : model_first_connection(model);

    for (; at; at = at->next) {
        const int stream = tcp_stream_of_connection(at);

        if (stream >= 0)
            g_hash_table_insert(streams.connections, GINT_TO_POINTER(stream), at);
        streams.last = at;
    }
}

static const struct connection *connection_of_stream(int stream)
{
    const struct model *model = open_file_model();

    if (stream < 0)
        return NULL;
    if (streams.model != model)
        start_over(model);
    add_new_connections(model);
    return (const struct connection *)g_hash_table_lookup(streams.connections,
                                                          GINT_TO_POINTER(stream));
}

/* A frame beside SMB2 belongs to the connection about which it says something. */
static const struct connection *connection_of(packet_info *pinfo)
{
    const struct connection *connection;
    const struct note *note;

    if (!open_file_exists())
        return NULL;
    connection = connection_of_stream(tcp_stream_of(pinfo));
    note = open_file_recall(pinfo);
    if (!connection && note)
        connection = note->finding->connection;
    return connection;
}

/* ---- the filter ---- */

static int by_frame(const void *a, const void *b)
{
    return (GPOINTER_TO_UINT(a) > GPOINTER_TO_UINT(b)) -
           (GPOINTER_TO_UINT(a) < GPOINTER_TO_UINT(b));
}

/* The frames of the connection itself, which tcp.stream names already. */
typedef void own_frame(uint32_t frame, GTree *frames);

static void visit_own(const struct connection *connection, own_frame *take, GTree *frames)
{
    take(connection->closing.frame, frames);
    for (const struct exchange *exchange = connection->first_exchange; exchange;
         exchange = exchange->next) {
        take(exchange->request.frame, frames);
        take(exchange_interlude(exchange)->last_copy.frame, frames);
        take(exchange_interlude(exchange)->interim.frame, frames);
        take(exchange->response.frame, frames);
    }
}

static void add_frame(uint32_t frame, GTree *frames)
{
    if (frame && g_tree_nnodes(frames) < FRAMES_NAMED)
        g_tree_insert(frames, GUINT_TO_POINTER(frame), NULL);
}

static void remove_frame(uint32_t frame, GTree *frames)
{
    g_tree_remove(frames, GUINT_TO_POINTER(frame));
}

static void take_beside_frame(const struct beside *beside, void *frames)
{
    add_frame(beside->frame, (GTree *)frames);
}

static gboolean append_frame(void *key, void *value _U_, void *text)
{
    GString *filter = (GString *)text;

    g_string_append_printf(filter, "%s%u", g_str_has_suffix(filter->str, "{") ? "" : ", ",
                           GPOINTER_TO_UINT(key));
    return FALSE;
}

static char *filter_of(const struct connection *connection)
{
    const int stream = tcp_stream_of_connection(connection);
    GTree *frames = g_tree_new(by_frame);
    GString *filter = g_string_new("");

    setup_frames_visit(connection, take_beside_frame, frames);
    visit_own(connection, stream >= 0 ? remove_frame : add_frame, frames);
    if (stream >= 0)
        g_string_append_printf(filter, "tcp.stream == %d", stream);
    if (g_tree_nnodes(frames) > 0) {
        g_string_append_printf(filter, "%sframe.number in {", filter->len ? " or " : "");
        g_tree_foreach(frames, append_frame, filter);
        g_string_append_c(filter, '}');
    }
    g_tree_destroy(frames);
    return g_string_free(filter, FALSE);
}

static conversation_filter_answer is_available(CONVERSATION_FILTER_ARGUMENTS)
{
    return connection_of(pinfo) != NULL;
}

static char *build(CONVERSATION_FILTER_ARGUMENTS)
{
    const struct connection *connection = connection_of(pinfo);

    return connection ? filter_of(connection) : NULL;
}

void conversation_register(void)
{
    REGISTER_CONVERSATION_FILTER("smb2diag", "SMB2 set-up", is_available, build);
}
