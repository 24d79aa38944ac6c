/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The text report in a window of its own, from the Tools menu.
 */
#include "report.h"
#include "window.h"

#include <epan/funnel.h>

#define FAILURES "smb2diag.severity == \"error\""

/* ---- the text ---- */

/* NULL: no room for it. */
static char *contents_of(FILE *file)
{
    const long length = ftell(file);
    char *text;

    if (length < 0)
        return NULL;
    rewind(file);
    text = (char *)g_malloc((size_t)length + 1);
    text[fread(text, 1, (size_t)length, file)] = '\0';
    return text;
}

static char *report_text(const struct model *model)
{
    FILE *file = tmpfile();
    char *text = NULL;

    if (file) {
        report_write_text(&(struct report){.model = model, .to = file});
        text = contents_of(file);
        fclose(file);
    }
    return text ? text : g_strdup(translated("There is no room for a temporary file."));
}

/* ---- the window ---- */

static preference_bool show_failures(funnel_text_window_t *window _U_, void *data _U_)
{
    const funnel_ops_t *funnel = funnel_get_funnel_ops();

    if (funnel && funnel->set_filter && funnel->apply_filter) {
        funnel->set_filter(funnel->ops_id, FAILURES);
        funnel->apply_filter(funnel->ops_id);
    }
    return TRUE;
}

/* The window frees the button, and its data, when it is closed. */
static void add_button(const funnel_ops_t *funnel, funnel_text_window_t *window)
{
    funnel_bt_t *button = g_new0(funnel_bt_t, 1);

    button->tw = window;
    button->func = show_failures;
    button->free_fcn = g_free;
    button->free_data_fcn = g_free;
    funnel->add_button(window, button, translated("Filter to the failures"));
}

static void open_report(void *data _U_)
{
    const funnel_ops_t *funnel = funnel_get_funnel_ops();
    const struct model *model = open_file_model();
    funnel_text_window_t *window;
    char *text;

    if (!funnel || !funnel->new_text_window)
        return;
    text = model ? report_text(model) : g_strdup(translated("No capture file is open."));
    window = funnel->new_text_window(funnel->ops_id, translated("SMB2 set-up report"));
    funnel->set_text(window, text);
    add_button(funnel, window);
    g_free(text);
}

void report_window_register(void)
{
    funnel_register_menu("SMB2 set-up report", REGISTER_TOOLS_GROUP_UNSORTED, open_report, NULL,
                         NULL, FALSE);
}
