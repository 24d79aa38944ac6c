/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Puts findings on frames: inside the tree node of the SMB2 message that they are about, and into
 * the expert info.
 */
#include "catalogue.h"
#include "packet-smb2diag.h"

#include <epan/expert.h>

#include <string.h>

static int protocol_id = -1;
static int item_smb2 = -1;

static int hf_rule = -1, hf_severity = -1, hf_confidence = -1, hf_summary = -1, hf_cause = -1,
           hf_next_step = -1, hf_reference = -1, hf_evidence = -1, hf_root_cause = -1,
           hf_request_frame = -1, hf_response_frame = -1, hf_completed_in = -1,
           hf_related_frame = -1, hf_count = -1, hf_concerns = -1;
static int ett_finding = -1;

#define SEVERITIES 4

/* One for each severity of each rule, in the catalogue's order: Wireshark wants the severity of an
 * expert info to be constant, and lists it by its constant summary. */
static expert_field *rule_infos;
static expert_field info_completes = EI_INIT, info_repeats = EI_INIT;

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

static int expert_group(enum group group)
{
    static const int groups[] = {
        [SEQUENCE] = PI_SEQUENCE, [RESPONSE_CODE] = PI_RESPONSE_CODE, [SECURITY] = PI_SECURITY,
        [PROTOCOL] = PI_PROTOCOL, [ASSUMPTION] = PI_ASSUMPTION,
    };

    return groups[group];
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

/* Wireshark keeps pointers to the registration and to its name: both last as long as the program.
 */
static ei_register_info *rule_registrations(void)
{
    const unsigned count = SEVERITIES * catalogue_count();
    ei_register_info *registrations = wmem_alloc0_array(wmem_epan_scope(), ei_register_info, count);

    rule_infos = wmem_alloc0_array(wmem_epan_scope(), expert_field, count);
    for (unsigned i = 0; i < count; i++) {
        const struct rule *rule = catalogue_rule(i / SEVERITIES);
        const enum severity severity = (enum severity)(i % SEVERITIES);
        ei_register_info registration = {&rule_infos[i],
                                         {info_name(rule, severity), expert_group(rule->group),
                                          expert_severity(severity), rule->summary, EXPFILL}};

        rule_infos[i] = (expert_field)EI_INIT;
        registrations[i] = registration;
    }
    return registrations;
}

static void register_experts(int protocol)
{
    static ei_register_info common[] = {
        {&info_completes,
         {"smb2diag.completes", PI_SEQUENCE, PI_NOTE,
          "SMB2 set-up: completes a finding about an earlier message", EXPFILL}},
        {&info_repeats,
         {"smb2diag.repeats", PI_SEQUENCE, PI_NOTE,
          "SMB2 set-up: the same finding as about an earlier message", EXPFILL}},
    };
    expert_module_t *module = expert_register_protocol(protocol);

    expert_register_field_array(module, common, G_N_ELEMENTS(common));
    expert_register_field_array(module, rule_registrations(),
                                (int)(SEVERITIES * catalogue_count()));
}

void present_register(int protocol)
{
    protocol_id = protocol;
    register_fields(protocol);
    register_experts(protocol);
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
    for (const struct evidence *at = finding->evidence.first; at; at = at->next)
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
    add_lines(to, hf_cause, finding->cause);
    add_evidence(to, finding);
    add_lines(to, hf_next_step, finding->next_step);
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

static expert_field *rule_info(const struct rule *rule, enum severity severity)
{
    unsigned index = 0;

    while (catalogue_rule(index) != rule)
        index++;
    return &rule_infos[SEVERITIES * index + severity];
}

/* Where the finding's severity is not the rule's, the rule's filter name is kept beside the expert
 * info. */
static void add_expert(const struct emission *to, proto_item *item, const struct finding *finding)
{
    const struct rule *rule = finding->rule;

    expert_add_info(to->pinfo, item, rule_info(rule, finding->severity));
    if (finding->severity != rule->severity)
        proto_item_set_hidden(proto_tree_add_item(to->tree, rule_info(rule, rule->severity)->hf,
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

static void emit_link(struct emission to, const struct note *note)
{
    const struct finding *finding = note->finding;
    const bool again = note->kind == NOTE_REPEATS;
    const char *what = again ? "Again" : "Completes";
    proto_item *item = proto_tree_add_protocol_format(to.tree, protocol_id, to.tvb, 0, 0,
                                                      "SMB2 Diagnosis: %s: %s (see frame %u)", what,
                                                      finding->rule->summary, finding->about.frame);

    proto_item_set_generated(item);
    to.tree = proto_item_add_subtree(item, ett_finding);
    add_frame(&to, hf_concerns, &finding->about);
    expert_add_info(to.pinfo, item, again ? &info_repeats : &info_completes);
}

/* In the first pass the completing frame is the only one that can still show the finding. */
static bool is_in_full(const struct note *note, const packet_info *pinfo)
{
    return note->kind == NOTE_ABOUT || (note->kind == NOTE_COMPLETES && !PINFO_FD_VISITED(pinfo));
}

static void emit_note(const struct note *note, struct emission to)
{
    to.tree = message_tree(to.tree, note->item);
    if (is_in_full(note, to.pinfo))
        emit_finding(to, note->finding);
    else
        emit_link(to, note);
    if (note->kind == NOTE_COMPLETES && !PINFO_FD_VISITED(to.pinfo) && note->finding->about.frame)
        add_frame(&to, hf_concerns, &note->finding->about);
}

void present_notes(const struct note *first, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree)
{
    const struct emission to = {.tvb = tvb, .pinfo = pinfo, .tree = tree};

    for (const struct note *note = first; note; note = note->next)
        if (!note->finding->withdrawn)
            emit_note(note, to);
}
