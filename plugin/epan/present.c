/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Puts findings on frames: a line in the SMB2 message that a finding is about, with the expert
 * info; behind all layers one node with what there is to know; and the worst headline in the Info
 * column.
 */
#include "fields.h"
#include "items.h"
#include "report_parts.h"

#include <epan/column-info.h>
#include <epan/column-utils.h>
#include <epan/tap.h>

static int protocol_id = -1;
static int item_smb2 = -1;
static int expert_tap; /* 0: not looked up yet */

void present_register(int protocol, const struct catalogue *catalogue)
{
    protocol_id = protocol;
    fields_register(protocol, catalogue);
}

struct nodes {
    wmem_array_t *of_messages; /* proto_node * each; NULL: not looked for yet */
    proto_node *last;          /* the last layer's */
};

/* ---- where in the tree ---- */

/* The frame's SMB2 nodes in order, found once: a compound may have thousands, and a finding each.
 */
static void collect_nodes(proto_node *parent, wmem_array_t *nodes)
{
    for (proto_node *node = parent->first_child; node; node = node->next) {
        const field_info *field = PNODE_FINFO(node);

        if (field && field->hfinfo->id == item_smb2)
            wmem_array_append_one(nodes, node);
        collect_nodes(node, nodes);
    }
}

/* The last layer of the frame that is no diagnosis. "Packet size limited during capture" is a
 * protocol as well, and can have nothing below it. */
static proto_node *last_layer(proto_tree *tree)
{
    proto_node *last = NULL;

    for (proto_node *node = tree->first_child; node; node = node->next) {
        const field_info *field = PNODE_FINFO(node);

        if (field && field->hfinfo->type == FT_PROTOCOL && field->tree_type >= 0 &&
            field->hfinfo->id != protocol_id)
            last = node;
    }
    return last;
}

/* The node of the frame's n-th SMB2 message, else its last layer's; the frame's own tree where
 * neither is there or visible. */
static proto_tree *message_tree(const struct emission *to, int item)
{
    struct nodes *nodes = to->nodes;

    if (!to->tree || !PTREE_DATA(to->tree)->visible)
        return to->tree;
    if (item_smb2 < 0)
        item_smb2 = proto_get_id_by_filter_name("smb2");
    if (!nodes->of_messages) {
        nodes->of_messages = wmem_array_new(to->pinfo->pool, sizeof(proto_node *));
        collect_nodes(to->tree, nodes->of_messages);
        nodes->last = last_layer(to->tree);
    }
    if (item >= 0 && (unsigned)item < wmem_array_get_count(nodes->of_messages))
        return *(proto_node **)wmem_array_index(nodes->of_messages, (unsigned)item);
    return nodes->last ? nodes->last : to->tree;
}

/* ---- words ---- */

static char *capitalised(const char *text, wmem_allocator_t *scope)
{
    char *copy = wmem_strdup(scope, text);

    *copy = g_ascii_toupper(*copy);
    return copy;
}

/* ---- evidence ---- */

/* "0x0003 in frame 4": double-clicked, it leads there. */
static void add_value(const struct emission *to, const char *value, uint32_t frame)
{
    proto_item_set_generated(
        proto_tree_add_uint_format(to->tree, fields.evidence_frame, to->tvb, 0, 0, frame, "%s",
                                   said(to->pinfo->pool, "%s in frame %u", value, frame)));
}

/* The two values stand under each other. */
static void add_difference(const struct emission *to, const struct evidence *evidence)
{
    const char *text = evidence_text(evidence, to->pinfo->pool);
    proto_item *item = proto_tree_add_string_format(to->tree, fields.evidence, to->tvb, 0, 0, text,
                                                    "Evidence: %s", translated(evidence->label));
    struct emission inner = below(to, item, trees.evidence);

    proto_item_set_generated(item);
    for (unsigned part = 0; part < EVIDENCE_PARTS; part++)
        add_value(&inner, phrase_text(evidence_value(evidence, part), to->pinfo->pool),
                  evidence_frame(evidence, part));
}

static void add_one_evidence(const struct emission *to, const struct evidence *evidence)
{
    proto_item *item;

    if (evidence->kind == EVIDENCE_DIFFERENCE) {
        add_difference(to, evidence);
        return;
    }
    item = add_line(to, fields.evidence, evidence_text(evidence, to->pinfo->pool));
    if (evidence->frame) {
        const struct emission inner = below(to, item, trees.frame);

        add_number(&inner, fields.evidence_frame, evidence->frame);
    }
}

/* Request and response have fields of their own. */
static bool is_said_elsewhere(const struct evidence *evidence, const struct exchange *exchange)
{
    return evidence->kind == EVIDENCE_FRAME && exchange &&
           (evidence->frame == exchange->request.frame ||
            evidence->frame == exchange->response.frame);
}

static void add_evidence(const struct emission *to, const struct finding *finding)
{
    const struct evidence_list list = finding_evidence(finding, to->pinfo->pool);

    for (const struct evidence *at = list.first; at; at = at->next)
        if (!is_said_elsewhere(at, finding->exchange))
            add_one_evidence(to, at);
}

/* ---- one finding ---- */

static void add_frames(const struct emission *to, const struct finding *finding)
{
    const struct exchange *exchange = finding->exchange;

    if (exchange) {
        add_frame(to, fields.request_frame, exchange->request.frame);
        add_frame(to, fields.response_frame, exchange->response.frame);
    }
    if (finding->completed.frame != finding->about.frame)
        add_frame(to, fields.completed_in, finding->completed.frame);
    add_frame(to, fields.related_frame, finding->related);
}

static void add_verdict(const struct emission *to, const struct finding *finding)
{
    add_lines(to, fields.cause, finding_cause(finding, to->pinfo->pool));
    add_evidence(to, finding);
    add_lines(to, fields.next_step, finding_next_step(finding, to->pinfo->pool));
    add_lines(to, fields.reference, finding->rule->reference);
}

/* Side by side, for exports with a filter on this layer leave out what lies deeper. */
static void add_context(const struct emission *to, const struct finding *finding)
{
    wmem_allocator_t *scope = to->pinfo->pool;

    add_number(to, fields.connection, finding->connection->number);
    add_string(to, fields.stage, stage_name(connection_stage(finding->connection)));
    add_string(to, fields.server, finding_value(finding, VALUE_SERVER, scope));
    add_string(to, fields.user, finding_value(finding, VALUE_USER, scope));
    add_string(to, fields.mechanism, finding_value(finding, VALUE_MECHANISM, scope));
    add_string(to, fields.service, finding_value(finding, VALUE_SERVICE, scope));
    add_string(to, fields.share, finding_value(finding, VALUE_SHARE, scope));
    add_string(to, fields.status, finding_value(finding, VALUE_STATUS, scope));
}

static void add_marks(const struct emission *to, const struct finding *finding)
{
    add_string(to, fields.rule, finding->rule->id);
    add_string(to, fields.severity, severity_name(finding->severity));
    add_string(to, fields.confidence, confidence_name(finding->confidence));
    proto_item_set_generated(
        proto_tree_add_boolean(to->tree, fields.root_cause, to->tvb, 0, 0, finding->root_cause));
    add_number(to, fields.count, finding->count);
}

/* "Error, certain, root cause: The server has no share of that name" */
static const char *heading_text(const struct finding *finding, wmem_allocator_t *scope)
{
    return report_verdict_text(finding,
                               capitalised(translated(severity_name(finding->severity)), scope),
                               translated(finding->rule->summary), scope);
}

/* A layer within the layer: exports with a filter on it take both. is_title: the headline is the
 * title of the node already. */
static struct emission add_heading(const struct emission *to, const struct finding *finding,
                                   bool is_title)
{
    proto_item *item = proto_tree_add_protocol_format(to->tree, protocol_id, to->tvb, 0, 0, "%s",
                                                      heading_text(finding, to->pinfo->pool));
    const struct emission inner = below(to, item, trees.finding);
    proto_item *headline;

    proto_item_set_generated(item);
    proto_item_set_hidden(add_string(&inner, fields.summary, finding->rule->summary));
    headline = add_string(&inner, fields.headline, finding_headline(finding, to->pinfo->pool));
    if (is_title)
        proto_item_set_hidden(headline);
    return inner;
}

/* In the message, where the packet details open first. */
static void add_expert(const struct emission *to, const struct finding *finding, int message)
{
    proto_tree *tree = message_tree(to, message);
    proto_item *item = NULL;

    if (tree) {
        tree = proto_tree_add_subtree_format(tree, to->tvb, 0, 0, trees.link, &item,
                                             "SMB2 Diagnosis: %s",
                                             finding_headline(finding, to->pinfo->pool));
        proto_item_set_generated(item);
    }
    expert_add_info(to->pinfo, item, finding_info(finding));
    /* Where the severity is not the rule's, the rule's filter name is kept beside. */
    if (tree && finding->severity != finding->rule->severity)
        proto_item_set_hidden(
            proto_tree_add_item(tree, rule_field(finding->rule), to->tvb, 0, 0, ENC_NA));
}

static void emit_finding(const struct emission *to, const struct note *note, bool is_title)
{
    const struct finding *finding = note->finding;
    const struct emission inner = add_heading(to, finding, is_title);

    add_verdict(&inner, finding);
    add_frames(&inner, finding);
    if (note->kind != NOTE_ABOUT)
        add_frame(&inner, fields.concerns, finding->about.frame);
    add_context(&inner, finding);
    add_marks(&inner, finding);
}

/* ---- links ---- */

/* The format of a link, for the frame and the headline, and which expert info it has. */
static const char *link_format(enum note_kind kind, expert_field **info)
{
    switch (kind) {
    case NOTE_REPEATS:
    case NOTE_TELLS_REPEAT:
        *info = &link_infos.repeats;
        return N_("Again, as in frame %u: %s");
    case NOTE_TAKES_BACK:
        *info = &link_infos.taken_back;
        return N_("No longer holds, of frame %u: %s");
    case NOTE_IS_EVIDENCE:
        *info = NULL;
        return N_("Evidence for frame %u: %s");
    default:
        *info = &link_infos.completes;
        return N_("Completes frame %u: %s");
    }
}

/* The finding may have moved since the note was made, unless the note is for the first pass. */
static uint32_t concerned_frame(const struct note *note)
{
    return note->kind == NOTE_TELLS_REPEAT || note->kind == NOTE_TAKES_BACK
               ? note->message
               : note->finding->about.frame;
}

static void emit_link(const struct emission *to, const struct note *note)
{
    const uint32_t frame = concerned_frame(note);
    expert_field *info;
    const char *format = link_format(note->kind, &info);
    proto_item *item = NULL;

    if (to->tree) {
        item = proto_tree_add_uint_format(
            message_tree(to, note->item), info ? fields.concerns : fields.evidence_for, to->tvb, 0,
            0, frame, "SMB2 Diagnosis: %s",
            said(to->pinfo->pool, format, frame, finding_headline(note->finding, to->pinfo->pool)));
        proto_item_set_generated(item);
    }
    if (info)
        expert_add_info(to->pinfo, item, info);
}

/* ---- which notes ---- */

static bool is_for_first_pass(const struct note *note)
{
    return note->kind == NOTE_TELLS || note->kind == NOTE_TELLS_REPEAT ||
           note->kind == NOTE_TAKES_BACK;
}

/* In the first pass the completing frame is the only one that can still show the finding. */
static bool is_in_full(const struct note *note, const packet_info *pinfo)
{
    return note->kind == NOTE_ABOUT || note->kind == NOTE_TELLS ||
           (note->kind == NOTE_COMPLETES && !PINFO_FD_VISITED(pinfo));
}

/* A finding that is withdrawn is not shown, only that it is. */
static bool is_shown(const struct note *note, const packet_info *pinfo)
{
    if (PINFO_FD_VISITED(pinfo) && is_for_first_pass(note))
        return false;
    if (note->kind == NOTE_IS_EVIDENCE && note->finding->severity < WARNING)
        return false;
    return !note->finding->withdrawn || note->kind == NOTE_TAKES_BACK;
}

/* What explains the connection's failure weighs most, then an error. */
#define WEIGHT_MOST (ERROR + 1)

static unsigned weight_of(const struct finding *finding)
{
    return finding->root_cause ? WEIGHT_MOST : (unsigned)finding->severity;
}

/* The frame's notes of findings in full, the weightiest first; in order where they weigh alike. */
static wmem_list_t *notes_in_full(const struct note *first, packet_info *pinfo)
{
    wmem_list_t *sorted = wmem_list_new(pinfo->pool);

    for (unsigned weight = WEIGHT_MOST; weight > 0; weight--)
        for (const struct note *note = first; note; note = note_next(note))
            if (weight_of(note->finding) == weight && is_shown(note, pinfo) &&
                is_in_full(note, pinfo))
                wmem_list_append(sorted, (void *)(uintptr_t)note);
    return sorted;
}

/* ---- the frame ---- */

static const int expert_severities[] = {
    [CHAT] = PI_CHAT, [NOTE] = PI_NOTE, [WARNING] = PI_WARN, [ERROR] = PI_ERROR};

/* The node is as red as what is in it, without an expert info of its own. */
static void colour(proto_item *item, enum severity severity)
{
    if (item && PITEM_FINFO(item))
        FI_SET_FLAG(PITEM_FINFO(item), (unsigned)expert_severities[severity]);
}

static void emit_diagnosis(const struct emission *to, wmem_list_t *notes)
{
    const struct note *worst = (const struct note *)wmem_list_frame_data(wmem_list_head(notes));
    proto_item *item =
        proto_tree_add_protocol_format(to->tree, protocol_id, to->tvb, 0, 0, "SMB2 Diagnosis: %s",
                                       finding_headline(worst->finding, to->pinfo->pool));
    const struct emission inner = below(to, item, trees.diagnosis);

    proto_item_set_generated(item);
    colour(item, worst->finding->severity);
    if (wmem_list_count(notes) > 1)
        proto_item_append_text(item, " %s",
                               said(to->pinfo->pool, "(and %u more)", wmem_list_count(notes) - 1));
    for (wmem_list_frame_t *at = wmem_list_head(notes); at; at = wmem_list_frame_next(at))
        emit_finding(&inner, (const struct note *)wmem_list_frame_data(at),
                     wmem_list_frame_data(at) == worst);
}

#define INFO_CELLS 60

static void append_info(packet_info *pinfo, const struct finding *worst,
                        enum severity info_severity)
{
    const char *headline, *dots = "";
    size_t kept;

    if (worst->severity < info_severity)
        return;
    headline = finding_headline(worst, pinfo->pool);
    kept = text_within(headline, INFO_CELLS - strlen("..."));
    if (headline[kept + text_within(headline + kept, strlen("..."))]) {
        headline = text_copy(headline, kept, pinfo->pool);
        dots = "...";
    }
    col_append_lstr(pinfo->cinfo, COL_INFO, " [", headline, dots, "]", COL_ADD_LSTR_TERMINATOR);
}

/* What Wireshark makes of an expert info where nobody looks: it words and colours it all the same,
 * and remembers the highest severity. */
static bool is_expert_seen(const struct emission *to)
{
    const column_info *columns = to->pinfo->cinfo;

    if (!expert_tap)
        expert_tap = find_tap_id("expert");
    return to->tree || have_tap_listener(expert_tap) ||
           (columns && columns->columns && columns->col_first[COL_EXPERT] >= 0);
}

static void emit_experts(const struct emission *to, wmem_list_t *notes)
{
    const bool is_seen = is_expert_seen(to);

    for (wmem_list_frame_t *at = wmem_list_head(notes); at; at = wmem_list_frame_next(at)) {
        const struct note *note = (const struct note *)wmem_list_frame_data(at);

        if (is_seen || expert_severities[note->finding->severity] > expert_get_highest_severity())
            add_expert(to, note->finding, note->item);
        stats_count(to->pinfo, note->finding);
    }
}

void present_notes(const struct note *first, enum severity info_severity, tvbuff_t *tvb,
                   packet_info *pinfo, proto_tree *tree)
{
    struct nodes nodes = {0};
    const struct emission to = {.tvb = tvb, .pinfo = pinfo, .tree = tree, .nodes = &nodes};
    wmem_list_t *notes = notes_in_full(first, pinfo);

    for (const struct note *note = first; note; note = note_next(note))
        if (is_shown(note, pinfo) && !is_in_full(note, pinfo))
            emit_link(&to, note);
    if (wmem_list_count(notes) == 0)
        return;
    emit_experts(&to, notes);
    if (tree) /* else nobody sees it */
        emit_diagnosis(&to, notes);
    append_info(pinfo, ((const struct note *)wmem_list_frame_data(wmem_list_head(notes)))->finding,
                info_severity);
}
