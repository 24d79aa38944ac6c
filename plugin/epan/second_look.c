/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A filter that is kept from the last file, or set while a file is read, is tried on frames when
 * they are read, and some findings are known only later. Once the file has been read, the same
 * filter is applied once more, so that the packet list agrees with the details.
 *
 * Wireshark cannot be asked that while it reads: a timer waits until no more frames arrive.
 */
#include "window.h"

#include <epan/funnel.h>
#include <epan/plugin_if.h>

#define INTERVAL 300 /* milliseconds */

static bool is_wanted;
static unsigned timer; /* 0 = none */
static uint32_t frames_before;

/* ---- the window ---- */

static void *take_file(capture_file *file, void *unused _U_)
{
    return file;
}

static capture_file *window_file(void)
{
    return (capture_file *)plugin_if_get_capture_file(take_file, NULL);
}

bool window_exists(void)
{
    return window_file() != NULL;
}

/* Names one of the plugin's fields. */
static bool is_ours(const char *filter)
{
    return filter && strstr(filter, "smb2diag");
}

/* The filter that is applied, which need not be what stands in the filter bar. */
static void apply_again(const capture_file *file)
{
    const funnel_ops_t *funnel = funnel_get_funnel_ops();
    char *filter;

    if (!is_ours(file->dfilter) || !funnel || !funnel->set_filter || !funnel->apply_filter)
        return;
    filter = g_strdup(file->dfilter);
    funnel->set_filter(funnel->ops_id, filter);
    funnel->apply_filter(funnel->ops_id);
    g_free(filter);
}

/* A live capture is, until it ends. */
static bool is_being_read(const capture_file *file)
{
    return file->read_lock || file->state == FILE_READ_IN_PROGRESS;
}

/* ---- the timer ---- */

static gboolean look(void *unused _U_)
{
    const capture_file *file = window_file();
    const uint32_t frames = open_file_last_frame();

    if (frames != frames_before || (file && is_being_read(file))) {
        frames_before = frames;
        return G_SOURCE_CONTINUE;
    }
    timer = 0;
    if (file && open_file_exists())
        apply_again(file);
    return G_SOURCE_REMOVE;
}

static void stop(void)
{
    if (timer)
        g_source_remove(timer);
    timer = 0;
}

static void start(void)
{
    stop();
    if (is_wanted && window_exists())
        timer = g_timeout_add(INTERVAL, look, NULL);
}

void second_look_start(bool wanted)
{
    is_wanted = wanted;
    frames_before = 0;
    start();
}

void second_look_end(void)
{
    stop();
}

void second_look_register(void)
{
    register_postseq_cleanup_routine(start);
}
