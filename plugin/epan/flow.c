/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The set-up ladder in Statistics > Flow Graph, and -z flow,smb2diag,standard: requests, answers,
 * the closing segment, and the DNS and Kerberos frames of the attempt, with the findings as
 * comments.
 */
#include "window.h"

#include <epan/tap.h>

#define WHITE 0xffffff
#define BLACK 0x000000
#define LIGHT_GREY 0xf0f0f4
#define DARK_RED 0xa40000
#define LIGHT_RED 0xffd7d7
#define YELLOW 0xfce94f

/* ---- what stands on an arrow ---- */

static bool is_success(const struct exchange *exchange)
{
    return exchange->command == SMB1_NEGOTIATE || exchange->status == STATUS_SUCCESS;
}

static const char *request_label(const struct exchange *exchange, wmem_allocator_t *scope)
{
    const char *share =
        exchange->command == SMB2_TREE_CONNECT && exchange->tree ? exchange->tree->share : NULL;

    return share ? wmem_strdup_printf(scope, "%s %s", command_name(exchange->command), share)
                 : command_name(exchange->command);
}

static const char *response_label(const struct exchange *exchange, wmem_allocator_t *scope)
{
    const char *status;

    if (is_success(exchange))
        return said(scope, "%s ok", command_name(exchange->command));
    status = status_text(exchange->status, scope);
    return wmem_strndup(scope, status, strcspn(status, " "));
}

static const char *beside_label(const struct beside *beside)
{
    return translated(beside->label ? beside->label : N_("finding"));
}

static const char *step_label(const struct step *step, wmem_allocator_t *scope)
{
    switch (step->kind) {
    case STEP_REQUEST:
        return request_label(step->exchange, scope);
    case STEP_INTERIM:
        return "STATUS_PENDING";
    case STEP_RESPONSE:
        return response_label(step->exchange, scope);
    case STEP_CLOSE:
        return step->connection->closed_by_reset ? "RST" : "FIN";
    default:
        return beside_label(&step->beside);
    }
}

/* ---- what stands beside it ---- */

/* Who reads once is told of a finding where its proof is complete. */
static bool is_told_here(const struct note *note, const struct step *step)
{
    const struct finding *finding = note->finding;
    const bool late = note->kind == NOTE_COMPLETES || note->kind == NOTE_TELLS;

    if (finding->withdrawn || finding->connection != step->connection)
        return false;
    if (late)
        return step->first_pass;
    return note->kind == NOTE_ABOUT &&
           (!finding->exchange || !step->exchange || finding->exchange == step->exchange);
}

/* The worst of those about the step's message. */
static const struct finding *finding_of(const struct step *step, const packet_info *pinfo)
{
    const struct finding *worst = NULL;

    for (const struct note *note = open_file_recall(pinfo); note; note = note_next(note))
        if (is_told_here(note, step) && (!worst || note->finding->severity > worst->severity))
            worst = note->finding;
    return worst;
}

static const char *beside_text(const struct beside *beside, wmem_allocator_t *scope)
{
    const char *label = beside_label(beside);

    return beside->value ? said(scope, "%s: %s", label, beside->value) : label;
}

static const char *response_text(const struct exchange *exchange, wmem_allocator_t *scope)
{
    const int64_t took = exchange_duration(exchange);

    if (took <= 0)
        return said(scope, "%s response", command_name(exchange->command));
    return said(
        scope, "%s response after %s ms", command_name(exchange->command),
        wmem_strdup_printf(scope, "%" PRId64 ".%03" PRId64, took / 1000000, took / 1000 % 1000));
}

/* What happens, where nothing is wrong. */
static const char *event_text(const struct step *step, wmem_allocator_t *scope)
{
    switch (step->kind) {
    case STEP_CLOSE:
        return step->connection->closed_by == CLIENT ? translated("the client closes")
                                                     : translated("the server closes");
    case STEP_BESIDE:
        return beside_text(&step->beside, scope);
    case STEP_REQUEST:
        return said(scope, "%s request", command_name(step->exchange->command));
    case STEP_INTERIM:
        return said(scope, "%s interim answer", command_name(step->exchange->command));
    default:
        return response_text(step->exchange, scope);
    }
}

static char *step_comment(const struct step *step, const struct finding *finding,
                          wmem_allocator_t *scope)
{
    const char *words;

    if (!finding)
        words = event_text(step, scope);
    else if (finding->root_cause)
        words = said(scope, "root cause: %s", finding_headline(finding, scope));
    else
        words = said(scope, "%s: %s", translated(severity_name(finding->severity)),
                     finding_headline(finding, scope));
    return g_strdup_printf("#%u %s", step->connection->number, words);
}

/* ---- the ladder ---- */

/* Instead of Wireshark's colours for conversations, beside which a failure would not stand out. */
static void colour(seq_analysis_item_t *item, const struct step *step,
                   const struct finding *finding)
{
    const enum severity severity = finding ? finding->severity : CHAT;
    const struct finding *proves = step->beside.finding;

    item->has_color_filter = TRUE;
    item->fg_color = severity == ERROR ? WHITE : BLACK;
    item->bg_color = item->conv_num % 2 ? WHITE : LIGHT_GREY;
    if (proves && proves->severity == ERROR)
        item->bg_color = LIGHT_RED;
    if (severity == ERROR)
        item->bg_color = DARK_RED;
    else if (severity == WARNING)
        item->bg_color = YELLOW;
}

static seq_analysis_item_t *item_of(const struct step *step, packet_info *pinfo,
                                    seq_analysis_info_t *graph)
{
    seq_analysis_item_t *item = sequence_analysis_create_sai_with_addresses(pinfo, graph);
    const struct finding *finding = finding_of(step, pinfo);
    wmem_allocator_t *scope = pinfo->pool;

    if (!item)
        return NULL;
    item->frame_number = pinfo->num;
    item->port_src = (uint16_t)pinfo->srcport;
    item->port_dst = (uint16_t)pinfo->destport;
    item->frame_label = g_strdup(step_label(step, scope));
    item->comment = step_comment(step, finding, scope);
    item->conv_num = (uint16_t)step->connection->number;
    item->line_style = 1;
    item->display = TRUE;
    colour(item, step, finding);
    return item;
}

static void draw_step(const struct step *step, packet_info *pinfo, seq_analysis_info_t *graph,
                      unsigned place)
{
    seq_analysis_item_t *item = item_of(step, pinfo, graph);

    if (!item)
        return;
    g_queue_push_nth(graph->items, item, (int)place);
    graph->nconv = MAX(graph->nconv, (int)item->conv_num);
}

/* Steps of a frame come last first. A frame beside SMB2 may belong to very many connections: one of
 * them stands for all. */
static tap_packet_status draw_steps(void *data, packet_info *pinfo, epan_dissect_t *dissection _U_,
                                    const void *steps, tap_flags_t flags _U_)
{
    seq_analysis_info_t *graph = (seq_analysis_info_t *)data;
    const unsigned place = g_queue_get_length(graph->items);
    const struct step *first = (const struct step *)steps;
    const bool own = steps_have_own(first, pinfo->num);

    if (!own)
        draw_step(first, pinfo, graph, place);
    for (const struct step *step = first; own && step; step = step->next)
        if (step_is_own(step, pinfo->num))
            draw_step(step, pinfo, graph, place);
    return TAP_PACKET_REDRAW;
}

void flow_register(int protocol)
{
    register_seq_analysis("smb2diag", "SMB2 set-up", protocol, STEPS_TAP, TL_REQUIRES_NOTHING,
                          draw_steps);
}
