/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Puts findings on frames: inside the tree node of the SMB2 message that they are about, and into
 * the expert info.
 */
#include "packet-smb2diag.h"

#include <epan/expert.h>

static int protocol_id = -1;
static int item_smb2 = -1;

static int hf_rule = -1, hf_severity = -1, hf_confidence = -1, hf_summary = -1, hf_headline = -1,
           hf_cause = -1, hf_next_step = -1, hf_reference = -1, hf_evidence = -1,
           hf_root_cause = -1, hf_request_frame = -1, hf_response_frame = -1, hf_completed_in = -1,
           hf_related_frame = -1, hf_count = -1, hf_concerns = -1;
static int ett_finding = -1;

/* Wireshark wants the severity of an expert info to be constant, and lists it by its constant
 * summary: one for each severity that a rule declares to have. */
struct rule_infos {
    expert_field by_severity[ERROR + 1];
};
static wmem_map_t *rule_infos; /* struct rule_infos by rule */
static expert_field info_completes = EI_INIT, info_repeats = EI_INIT, info_overcome = EI_INIT,
                    info_taken_back = EI_INIT;

/* ---- registration ---- */

static void register_fields(int protocol)
{
    static hf_register_info fields[] = {
        {&hf_rule, {"Rule", "smb2diag.rule", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_severity,
         {"Severity", "smb2diag.severity", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_confidence,
         {"Confidence", "smb2diag.confidence", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_summary, {"Summary", "smb2diag.summary", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_headline,
         {"Headline", "smb2diag.headline", FT_STRING, BASE_NONE, NULL, 0,
          "The summary with this capture's values", HFILL}},
        {&hf_cause,
         {"Likely cause", "smb2diag.cause", FT_STRING, BASE_NONE, NULL, 0,
          "Ranked, the likeliest first", HFILL}},
        {&hf_next_step,
         {"Next step", "smb2diag.next_step", FT_STRING, BASE_NONE, NULL, 0, "What to check or run",
          HFILL}},
        {&hf_reference,
         {"Reference", "smb2diag.reference", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_evidence,
         {"Evidence", "smb2diag.evidence", FT_STRING, BASE_NONE, NULL, 0, NULL, HFILL}},
        {&hf_root_cause,
         {"Root cause", "smb2diag.root_cause", FT_BOOLEAN, BASE_NONE, NULL, 0,
          "This finding explains the connection's failure", HFILL}},
        {&hf_request_frame,
         {"Request", "smb2diag.request_frame", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0, NULL, HFILL}},
        {&hf_response_frame,
         {"Response", "smb2diag.response_frame", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0, NULL, HFILL}},
        {&hf_completed_in,
         {"Completed in", "smb2diag.completed_in", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_NONE), 0, "The frame that completed the proof", HFILL}},
        {&hf_related_frame,
         {"Related frame", "smb2diag.related_frame", FT_FRAMENUM, BASE_NONE,
          FRAMENUM_TYPE(FT_FRAMENUM_NONE), 0, NULL, HFILL}},
        {&hf_count,
         {"Seen", "smb2diag.count", FT_UINT32, BASE_DEC, NULL, 0,
          "How often, where repeats were rolled up", HFILL}},
        {&hf_concerns,
         {"Concerns", "smb2diag.concerns", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_NONE),
          0, "The message that the finding is about", HFILL}},
    };
    static int *trees[] = {&ett_finding};

    proto_register_field_array(protocol, fields, G_N_ELEMENTS(fields));
    proto_register_subtree_array(trees, G_N_ELEMENTS(trees));
}

/* The families whose rules are, for the most part, not about security. */
static int family_group(const char *id)
{
    if (g_str_has_prefix(id, "transport."))
        return PI_SEQUENCE;
    return g_str_has_prefix(id, "negotiate.") ? PI_PROTOCOL : PI_SECURITY;
}

static int expert_group(const struct rule *rule)
{
    if (rule->statuses)
        return PI_RESPONSE_CODE;
    return rule->absence ? PI_SEQUENCE : family_group(rule->id);
}

static int expert_severity(enum severity severity)
{
    static const int severities[] = {
        [CHAT] = PI_CHAT, [NOTE] = PI_NOTE, [WARNING] = PI_WARN, [ERROR] = PI_ERROR};

    return severities[severity];
}

/* The rule's own severity has the rule's filter name, the others have a name below it. */
static const char *info_name(const struct rule *rule, enum severity severity)
{
    if (severity == rule->severity)
        return wmem_strdup_printf(wmem_epan_scope(), "smb2diag.%s", rule->id);
    return wmem_strdup_printf(wmem_epan_scope(), "smb2diag.%s.as_%s", rule->id,
                              severity_name(severity));
}

static bool may_weigh(const struct rule *rule, enum severity severity)
{
    return severity == rule->severity || rule->weighs & 1u << severity;
}

static unsigned register_rule(const struct rule *rule, ei_register_info *to)
{
    struct rule_infos *infos = wmem_new0(wmem_epan_scope(), struct rule_infos);
    unsigned count = 0;

    wmem_map_insert(rule_infos, rule, infos);
    for (enum severity severity = CHAT; severity <= ERROR; severity++) {
        infos->by_severity[severity] = (expert_field)EI_INIT;
        if (may_weigh(rule, severity))
            to[count++] = (ei_register_info){&infos->by_severity[severity],
                                             {info_name(rule, severity), expert_group(rule),
                                              expert_severity(severity), rule->summary, EXPFILL}};
    }
    return count;
}

/* Wireshark keeps pointers to the registrations and to their names: both last as long as the
 * program.
 */
static void register_rules(expert_module_t *module, const struct catalogue *catalogue)
{
    ei_register_info *registrations =
        wmem_alloc0_array(wmem_epan_scope(), ei_register_info, ERROR * catalogue->count);
    unsigned count = 0;

    rule_infos = wmem_map_new(wmem_epan_scope(), g_direct_hash, g_direct_equal);
    for (const struct rule *const *rule = catalogue->rules; *rule; rule++)
        count += register_rule(*rule, registrations + count);
    expert_register_field_array(module, registrations, (int)count);
}

static void register_experts(int protocol, const struct catalogue *catalogue)
{
    static ei_register_info common[] = {
        {&info_completes,
         {"smb2diag.completes", PI_SEQUENCE, PI_NOTE,
          "SMB2 set-up: completes a finding about an earlier message", EXPFILL}},
        {&info_repeats,
         {"smb2diag.repeats", PI_SEQUENCE, PI_NOTE,
          "SMB2 set-up: the same finding as about an earlier message", EXPFILL}},
        {&info_overcome,
         {"smb2diag.overcome", PI_SEQUENCE, PI_NOTE,
          "SMB2 set-up: a failure that the client overcame soon after", EXPFILL}},
        {&info_taken_back,
         {"smb2diag.taken_back", PI_SEQUENCE, PI_NOTE,
          "SMB2 set-up: a finding about an earlier message no longer holds", EXPFILL}},
    };
    expert_module_t *module = expert_register_protocol(protocol);

    expert_register_field_array(module, common, G_N_ELEMENTS(common));
    register_rules(module, catalogue);
}

void present_register(int protocol, const struct catalogue *catalogue)
{
    protocol_id = protocol;
    register_fields(protocol);
    register_experts(protocol, catalogue);
}

/* ---- where in the tree ---- */

struct search {
    int wanted; /* how many SMB2 nodes to pass over */
    proto_node *found;
};

static void search_nodes(proto_node *parent, struct search *search)
{
    for (proto_node *node = parent->first_child; node && !search->found; node = node->next) {
        const field_info *field = PNODE_FINFO(node);

        if (field && field->hfinfo->id == item_smb2 && search->wanted-- == 0) {
            search->found = node;
            return;
        }
        search_nodes(node, search);
    }
}

/* The node of the frame's n-th SMB2 message; the frame's own tree where it is not there or not
 * visible. */
static proto_tree *message_tree(proto_tree *tree, int item)
{
    struct search search = {.wanted = item};

    if (!tree || item == NO_ITEM || !PTREE_DATA(tree)->visible)
        return tree;
    if (item_smb2 < 0)
        item_smb2 = proto_get_id_by_filter_name("smb2");
    search_nodes(tree, &search);
    return search.found ? search.found : tree;
}

/* ---- one finding ---- */

struct emission {
    tvbuff_t *tvb;
    packet_info *pinfo;
    proto_tree *tree; /* of the finding; NULL where no tree is built */
};

static void add_string(const struct emission *to, int field, const char *value)
{
    proto_item_set_generated(proto_tree_add_string(to->tree, field, to->tvb, 0, 0, value));
}

static void add_lines(const struct emission *to, int field, const char *lines)
{
    while (lines && *lines) {
        const size_t length = strcspn(lines, "\n");

        add_string(to, field, wmem_strndup(to->pinfo->pool, lines, length));
        lines += length;
        lines += *lines == '\n';
    }
}

static void add_frame(const struct emission *to, int field, const struct sighting *sighting)
{
    if (sighting->frame)
        proto_item_set_generated(
            proto_tree_add_uint(to->tree, field, to->tvb, 0, 0, sighting->frame));
}

static void add_evidence(const struct emission *to, const struct finding *finding)
{
    const struct evidence_list list = finding_evidence(finding, to->pinfo->pool);

    for (const struct evidence *at = list.first; at; at = at->next)
        add_string(to, hf_evidence, evidence_text(at, to->pinfo->pool));
}

static void add_frames(const struct emission *to, const struct finding *finding)
{
    const struct exchange *exchange = finding->exchange;

    if (exchange) {
        add_frame(to, hf_request_frame, &exchange->request);
        add_frame(to, hf_response_frame, &exchange->response);
    }
    if (finding->completed.frame != finding->about.frame)
        add_frame(to, hf_completed_in, &finding->completed);
    add_frame(to, hf_related_frame, &finding->related);
}

static void add_verdict(const struct emission *to, const struct finding *finding)
{
    add_string(to, hf_summary, finding->rule->summary);
    add_string(to, hf_headline, finding_headline(finding, to->pinfo->pool));
    add_lines(to, hf_cause, finding_cause(finding, to->pinfo->pool));
    add_evidence(to, finding);
    add_lines(to, hf_next_step, finding_next_step(finding, to->pinfo->pool));
    add_lines(to, hf_reference, finding->rule->reference);
}

static void add_marks(const struct emission *to, const struct finding *finding)
{
    add_string(to, hf_rule, finding->rule->id);
    add_string(to, hf_severity, severity_name(finding->severity));
    add_string(to, hf_confidence, confidence_name(finding->confidence));
    proto_item_set_generated(
        proto_tree_add_boolean(to->tree, hf_root_cause, to->tvb, 0, 0, finding->root_cause));
    proto_item_set_generated(
        proto_tree_add_uint(to->tree, hf_count, to->tvb, 0, 0, finding->count));
}

/* Of the severity that the finding has. One that its rule does not declare comes of a success soon
 * after (recovery.c). */
static expert_field *finding_info(const struct finding *finding, struct rule_infos *infos)
{
    return may_weigh(finding->rule, finding->severity) ? &infos->by_severity[finding->severity]
                                                       : &info_overcome;
}

/* Where the finding's severity is not the rule's, the rule's filter name is kept beside the expert
 * info. */
static void add_expert(const struct emission *to, proto_item *item, const struct finding *finding)
{
    const struct rule *rule = finding->rule;
    struct rule_infos *infos = (struct rule_infos *)wmem_map_lookup(rule_infos, rule);

    expert_add_info(to->pinfo, item, finding_info(finding, infos));
    if (finding->severity != rule->severity)
        proto_item_set_hidden(proto_tree_add_item(to->tree, infos->by_severity[rule->severity].hf,
                                                  to->tvb, 0, 0, ENC_NA));
}

static proto_item *add_heading(const struct emission *to, const struct finding *finding)
{
    return proto_tree_add_protocol_format(
        to->tree, protocol_id, to->tvb, 0, 0, "SMB2 Diagnosis: %s [%s, %s%s]",
        finding->rule->summary, severity_name(finding->severity),
        confidence_name(finding->confidence), finding->root_cause ? ", root cause" : "");
}

static void emit_finding(struct emission to, const struct finding *finding)
{
    proto_item *item = add_heading(&to, finding);

    proto_item_set_generated(item);
    to.tree = proto_item_add_subtree(item, ett_finding);
    add_verdict(&to, finding);
    add_frames(&to, finding);
    add_marks(&to, finding);
    add_expert(&to, item, finding);
    stats_count(to.pinfo, finding);
}

/* What a link is, and which expert info it has. */
static const char *link_text(enum note_kind kind, expert_field **info)
{
    switch (kind) {
    case NOTE_REPEATS:
    case NOTE_TELLS_REPEAT:
        *info = &info_repeats;
        return "Again";
    case NOTE_TAKES_BACK:
        *info = &info_taken_back;
        return "No longer holds";
    default:
        *info = &info_completes;
        return "Completes";
    }
}

/* The finding may have moved since the note was made, unless the note is for the first pass. */
static uint32_t concerned_frame(const struct note *note)
{
    return note->kind == NOTE_TELLS_REPEAT || note->kind == NOTE_TAKES_BACK
               ? note->message
               : note->finding->about.frame;
}

static void emit_link(struct emission to, const struct note *note)
{
    const struct sighting concerned = {.frame = concerned_frame(note)};
    expert_field *info;
    const char *what = link_text(note->kind, &info);
    proto_item *item = proto_tree_add_protocol_format(
        to.tree, protocol_id, to.tvb, 0, 0, "SMB2 Diagnosis: %s: %s (see frame %u)", what,
        note->finding->rule->summary, concerned.frame);

    proto_item_set_generated(item);
    to.tree = proto_item_add_subtree(item, ett_finding);
    add_frame(&to, hf_concerns, &concerned);
    expert_add_info(to.pinfo, item, info);
}

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
    return !note->finding->withdrawn || note->kind == NOTE_TAKES_BACK;
}

static void emit_note(const struct note *note, struct emission to)
{
    to.tree = message_tree(to.tree, note->item);
    if (!is_in_full(note, to.pinfo)) {
        emit_link(to, note);
        return;
    }
    emit_finding(to, note->finding);
    if (note->kind != NOTE_ABOUT)
        add_frame(&to, hf_concerns, &note->finding->about);
}

void present_notes(const struct note *first, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    const struct emission to = {.tvb = tvb, .pinfo = pinfo, .tree = tree};

    for (const struct note *note = first; note; note = note->next)
        if (is_shown(note, pinfo))
            emit_note(note, to);
}
