/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of connections: Statistics menu, and -z smb2diag,connections[,FILTER]. A connection is
 * listed when a frame of its set-up passes the filter.
 *
 * Wireshark draws what the table holds, and asks nobody before. In the window every frame is tapped
 * again when the whole model is known, so a row is right when it is written. tshark taps while it
 * reads: there a listener of our own, that is drawn before the table, writes the rows again.
 */
#include "report.h"
#include "window.h"

#include "engine_summary.h"

#include <epan/stat_tap_ui.h>
#include <epan/tap.h>

#define TITLE "SMB2 Connections"
#define COMMAND "smb2diag,connections"

enum column {
    COLUMN_NUMBER,
    COLUMN_OUTCOME,
    COLUMN_ROOT_CAUSE,
    COLUMN_CAUSE_FRAME, /* a row cannot be clicked: what leads to the packets stands close by */
    COLUMN_STREAM,
    COLUMN_CLIENT,
    COLUMN_SERVER,
    COLUMN_NAME,
    COLUMN_USER,
    COLUMN_SHARES,
    COLUMN_STAGE,
    COLUMN_DIALECT,
    COLUMN_SIGNING,
    COLUMN_ENCRYPTION,
    COLUMN_MECHANISM,
    COLUMN_NEGOTIATE,
    COLUMN_SESSION_SETUP,
    COLUMN_TREE_CONNECT,
    COLUMN_FIRST_FRAME,
    COLUMNS
};

#define TEXT_COLUMN(name) TABLE_ITEM_STRING, TAP_ALIGN_LEFT, name, "%s"
#define RIGHT_COLUMN(name) TABLE_ITEM_STRING, TAP_ALIGN_RIGHT, name, "%s"

static stat_tap_table_item columns[COLUMNS] = {
    [COLUMN_NUMBER] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, N_("No."), "%u"},
    [COLUMN_OUTCOME] = {TEXT_COLUMN(N_("Outcome"))},
    [COLUMN_ROOT_CAUSE] = {TEXT_COLUMN(N_("Root cause"))},
    [COLUMN_CAUSE_FRAME] = {RIGHT_COLUMN(N_("Cause frame"))},
    [COLUMN_STREAM] = {RIGHT_COLUMN("tcp.stream")},
    [COLUMN_CLIENT] = {TEXT_COLUMN(N_("Client"))},
    [COLUMN_SERVER] = {TEXT_COLUMN(N_("Server"))},
    [COLUMN_NAME] = {TEXT_COLUMN(N_("Server name"))},
    [COLUMN_USER] = {TEXT_COLUMN(N_("User"))},
    [COLUMN_SHARES] = {TEXT_COLUMN(N_("Shares"))},
    [COLUMN_STAGE] = {TEXT_COLUMN(N_("Stage reached"))},
    [COLUMN_DIALECT] = {TEXT_COLUMN(N_("Dialect"))},
    [COLUMN_SIGNING] = {TEXT_COLUMN(N_("Signing required by"))},
    [COLUMN_ENCRYPTION] = {TEXT_COLUMN(N_("Encryption"))},
    [COLUMN_MECHANISM] = {TEXT_COLUMN(N_("Mechanism"))},
    [COLUMN_NEGOTIATE] = {RIGHT_COLUMN(N_("Negotiate (ms)"))},
    [COLUMN_SESSION_SETUP] = {RIGHT_COLUMN(N_("Session setup (ms)"))},
    [COLUMN_TREE_CONNECT] = {RIGHT_COLUMN(N_("Tree connect (ms)"))},
    [COLUMN_FIRST_FRAME] = {TABLE_ITEM_UINT, TAP_ALIGN_RIGHT, N_("First frame"), "%u"},
};

static stat_tap_table_ui table_ui;
static GHashTable *listed; /* connections that have a row */

/* ---- one row ---- */

/* Columns of tshark's table are told apart by bars, which no name of a host, user or share may
 * hold. */
static char *cell_text(const char *text)
{
    return g_strdelimit(g_strdup(text), "|", '/');
}

/* Wireshark sorts strings by their bytes: numbers that may be missing stand behind blanks. */
#define NUMBER_WIDTH 10

static char *cell_time(int64_t nanoseconds)
{
    if (nanoseconds <= 0)
        return g_strdup("");
    return g_strdup_printf("%*" PRId64 ".%03" PRId64, NUMBER_WIDTH - 4, nanoseconds / 1000000,
                           nanoseconds / 1000 % 1000);
}

static char *cell_number(bool known, uint32_t value)
{
    return known ? g_strdup_printf("%*u", NUMBER_WIDTH, value) : g_strdup("");
}

static void fill_who(char *cells[COLUMNS], const struct connection_summary *summary)
{
    cells[COLUMN_CLIENT] = cell_text(summary->client);
    cells[COLUMN_SERVER] = cell_text(summary->server);
    cells[COLUMN_NAME] = cell_text(summary->server_name);
    cells[COLUMN_USER] = cell_text(summary->user);
    cells[COLUMN_SHARES] = cell_text(summary->shares);
    cells[COLUMN_DIALECT] = cell_text(summary->dialect);
    cells[COLUMN_SIGNING] = cell_text(translated(summary->signing));
    cells[COLUMN_ENCRYPTION] = cell_text(translated(summary->encryption));
    cells[COLUMN_MECHANISM] = cell_text(summary->mechanism);
}

static void fill_how(char *cells[COLUMNS], const struct connection_summary *summary,
                     const struct connection *connection)
{
    const struct finding *root = summary->root_cause;
    const int stream = tcp_stream_of_connection(connection);

    cells[COLUMN_OUTCOME] = cell_text(translated(outcome_name(summary->outcome)));
    cells[COLUMN_ROOT_CAUSE] = cell_text(summary->headline);
    cells[COLUMN_STAGE] = cell_text(translated(summary->stage));
    cells[COLUMN_NEGOTIATE] = cell_time(summary->negotiate_took);
    cells[COLUMN_SESSION_SETUP] = cell_time(summary->session_setup_took);
    cells[COLUMN_TREE_CONNECT] = cell_time(summary->tree_connect_took);
    cells[COLUMN_CAUSE_FRAME] = cell_number(root, root ? root->about.frame : 0);
    cells[COLUMN_STREAM] = cell_number(stream >= 0, (uint32_t)stream);
}

static void free_cell(stat_tap_table_item_type *cell)
{
    if (cell->type == TABLE_ITEM_STRING)
        g_free((char *)(uintptr_t)cell->value.string_value);
    cell->type = TABLE_ITEM_NONE;
}

/* Rows are written over in place: open dialogs hold on to them. */
static void write_row(stat_tap_table_item_type *row, const struct connection *connection)
{
    wmem_allocator_t *scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    const struct connection_summary summary = connection_summarise(connection, scope);
    char *cells[COLUMNS] = {NULL};

    fill_who(cells, &summary);
    fill_how(cells, &summary, connection);
    wmem_destroy_allocator(scope);
    for (unsigned i = 0; i < COLUMNS; i++) {
        free_cell(&row[i]);
        row[i].type = columns[i].type;
        if (cells[i])
            row[i].value.string_value = cells[i];
    }
    row[COLUMN_NUMBER].value.uint_value = connection->number;
    row[COLUMN_FIRST_FRAME].value.uint_value = connection->first.frame;
    row[COLUMN_NUMBER].user_data.ptr_value = (void *)(uintptr_t)connection;
}

/* ---- rows ---- */

static stat_tap_table *the_table(void)
{
    return table_ui.tables && table_ui.tables->len
               ? g_array_index(table_ui.tables, stat_tap_table *, 0)
               : NULL;
}

static void add_row(stat_tap_table *table, const struct connection *connection)
{
    const stat_tap_table_item_type empty[COLUMNS] = {{.type = TABLE_ITEM_NONE}};

    stat_tap_init_table_row(table, table->num_elements, COLUMNS, empty);
    write_row(table->elements[table->num_elements - 1], connection);
}

/* Dialogs that show other frames' connections may still hold rows that leave the table: those are
 * kept until the last dialog has gone. */
static GPtrArray *retired;

static void free_row(void *data)
{
    stat_tap_table_item_type *row = (stat_tap_table_item_type *)data;

    for (unsigned i = 0; i < COLUMNS; i++)
        free_cell(&row[i]);
    g_free(row);
}

static void retire_row(stat_tap_table_item_type *row)
{
    if (!retired)
        retired = g_ptr_array_new_with_free_func(free_row);
    g_ptr_array_add(retired, row);
}

static void reset_table(stat_tap_table *table)
{
    for (unsigned i = 0; i < table->num_elements; i++)
        retire_row(table->elements[i]);
    table->num_elements = 0;
    g_hash_table_remove_all(listed);
}

/* The last dialog has gone. */
static void free_table_cell(stat_tap_table *table _U_, unsigned row _U_, unsigned column _U_,
                            stat_tap_table_item_type *cell)
{
    free_cell(cell);
    if (retired)
        g_ptr_array_set_size(retired, 0);
}

static void init_table(stat_tap_table_ui *ui)
{
    stat_tap_table *table = stat_tap_find_table(ui, TITLE);

    if (!listed)
        listed = g_hash_table_new(NULL, NULL);
    if (table) {
        reset_table(table);
        return;
    }
    g_hash_table_remove_all(listed);
    stat_tap_add_table(ui, stat_tap_init_table(TITLE, COLUMNS, 0, NULL));
}

/* ---- tshark: the rows as they are at the end ---- */

static int by_number(const void *a, const void *b)
{
    const stat_tap_table_item_type *left = *(stat_tap_table_item_type *const *)a;
    const stat_tap_table_item_type *right = *(stat_tap_table_item_type *const *)b;

    return (left[COLUMN_NUMBER].value.uint_value > right[COLUMN_NUMBER].value.uint_value) -
           (left[COLUMN_NUMBER].value.uint_value < right[COLUMN_NUMBER].value.uint_value);
}

/* Attempts to connect of which nothing is said any more lose their row. */
static void finish_rows(void *data _U_)
{
    stat_tap_table *table = the_table();
    unsigned kept = 0;

    if (!table || !open_file_exists())
        return;
    for (unsigned i = 0; i < table->num_elements; i++) {
        stat_tap_table_item_type *row = table->elements[i];
        const struct connection *connection =
            (const struct connection *)row[COLUMN_NUMBER].user_data.ptr_value;

        if (connection_is_reported(connection)) {
            write_row(row, connection);
            table->elements[kept++] = row;
        } else {
            retire_row(row);
        }
    }
    table->num_elements = kept;
    if (kept)
        qsort(table->elements, kept, sizeof(void *), by_number);
}

/* Listeners are drawn in the reverse order of their registration: this one has to come after the
 * table's own. */
static void finish_rows_later(void)
{
    static bool done;
    GString *error;

    if (done || window_exists())
        return;
    done = true;
    error = register_tap_listener(STEPS_TAP, &done, NULL, TL_REQUIRES_NOTHING, NULL, NULL,
                                  finish_rows, NULL);
    if (error) {
        ws_warning("smb2diag: %s", error->str);
        g_string_free(error, TRUE);
    }
}

static void list_connection(const struct connection *connection)
{
    stat_tap_table *table = the_table();

    if (!table || g_hash_table_contains(listed, connection) || !connection_is_reported(connection))
        return;
    g_hash_table_add(listed, (void *)(uintptr_t)connection);
    add_row(table, connection);
}

static tap_packet_status take_steps(void *table _U_, packet_info *pinfo,
                                    epan_dissect_t *dissection _U_, const void *data,
                                    tap_flags_t flags _U_)
{
    const struct step *first = (const struct step *)data;
    const bool own = steps_have_own(first, pinfo->num);

    finish_rows_later();
    for (const struct step *step = first; step; step = step->next)
        if (!own || step_is_own(step, pinfo->num))
            list_connection(step->connection);
    return TAP_PACKET_REDRAW;
}

/* ---- headings ---- */

/* Wireshark takes them when it opens a table. */
void table_translate(void)
{
    static const char *english[COLUMNS];

    for (unsigned i = 0; i < COLUMNS; i++) {
        if (!english[i])
            english[i] = columns[i].column_name;
        columns[i].column_name = translated(english[i]);
    }
}

/* ---- registration ---- */

/* What is glued to the name would otherwise be passed over. */
static void check_arguments(const char *arguments, const char **filter, char **error)
{
    const char *rest = arguments + strlen(COMMAND);

    if (!g_str_has_prefix(arguments, COMMAND) || (*rest != '\0' && *rest != ','))
        *error = g_strdup_printf("-z %s: there is no such report; a filter follows "
                                 "\"" COMMAND "\" behind a comma",
                                 arguments);
    else if (*filter && **filter == '\0')
        *filter = NULL;
}

static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, TRUE}};

static stat_tap_table_ui table_ui = {
    .group = REGISTER_PACKET_STAT_GROUP_UNSORTED,
    .title = TITLE,
    .tap_name = STEPS_TAP,
    .cli_string = COMMAND,
    .stat_tap_init_cb = init_table,
    .packet_func = take_steps,
    .stat_tap_reset_table_cb = reset_table,
    .stat_tap_free_table_item_cb = free_table_cell,
    .stat_filter_check_cb = check_arguments,
    .nfields = COLUMNS,
    .fields = columns,
    .nparams = G_N_ELEMENTS(parameters),
    .params = parameters,
};

void table_register(void)
{
    register_stat_tap_table_ui(&table_ui);
}
