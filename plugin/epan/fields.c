/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Registers fields, and an expert info for each severity that a rule may have.
 */
#include "fields.h"

struct fields fields;
struct trees trees = {-1, -1, -1, -1, -1};
struct link_infos link_infos = {EI_INIT, EI_INIT, EI_INIT, EI_INIT};

/* Wireshark wants the severity of an expert info to be constant, and lists it by its constant
 * summary: one for each severity that a rule declares to have. */
struct rule_infos {
    expert_field by_severity[ERROR + 1];
};
static wmem_map_t *rule_infos; /* struct rule_infos by rule */

#define STRING(member, name, filter, blurb)                                                        \
    {                                                                                              \
        &fields.member,                                                                            \
        {                                                                                          \
            name, filter, FT_STRING, BASE_NONE, NULL, 0, blurb, HFILL                              \
        }                                                                                          \
    }
#define FRAME(member, name, filter, type, blurb)                                                   \
    {                                                                                              \
        &fields.member,                                                                            \
        {                                                                                          \
            name, filter, FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(type), 0, blurb, HFILL             \
        }                                                                                          \
    }
#define NUMBER(member, name, filter, blurb)                                                        \
    {                                                                                              \
        &fields.member,                                                                            \
        {                                                                                          \
            name, filter, FT_UINT32, BASE_DEC, NULL, 0, blurb, HFILL                               \
        }                                                                                          \
    }

static hf_register_info field_registrations[] = {
    STRING(headline, "Finding", "smb2diag.headline", "The summary with this capture's values"),
    STRING(summary, "Meaning", "smb2diag.summary", "What the finding says of every capture"),
    STRING(cause, "Likely cause", "smb2diag.cause", "Ranked, the likeliest first"),
    STRING(evidence, "Evidence", "smb2diag.evidence", NULL),
    FRAME(evidence_frame, "Frame", "smb2diag.evidence_frame", FT_FRAMENUM_NONE, "Shows it"),
    STRING(next_step, "Next step", "smb2diag.next_step", "What to check or run"),
    STRING(reference, "Reference", "smb2diag.reference", NULL),
    STRING(rule, "Rule", "smb2diag.rule", NULL),
    STRING(severity, "Severity", "smb2diag.severity", "error, warning, note or chat"),
    STRING(confidence, "Confidence", "smb2diag.confidence", "certain, likely or possible"),
    {&fields.root_cause,
     {"Root cause", "smb2diag.root_cause", FT_BOOLEAN, BASE_NONE, NULL, 0,
      "This finding explains the connection's failure", HFILL}},
    NUMBER(count, "Seen", "smb2diag.count", "How often, where repeats were rolled up"),
    NUMBER(connection, "Connection", "smb2diag.connection", "As the reports number them"),
    STRING(stage, "Reached", "smb2diag.stage", "How far the connection's set-up got"),
    STRING(status, "Status", "smb2diag.status", "Of the answer that the finding is about"),
    STRING(user, "User", "smb2diag.user", NULL),
    STRING(share, "Share", "smb2diag.share", NULL),
    STRING(server, "Server", "smb2diag.server", "By the name that the client uses, else its own"),
    STRING(service, "Service name", "smb2diag.service", "That a ticket was asked for"),
    STRING(mechanism, "Mechanism", "smb2diag.mechanism", "Of the logon"),
    FRAME(request_frame, "Request", "smb2diag.request_frame", FT_FRAMENUM_REQUEST, NULL),
    FRAME(response_frame, "Response", "smb2diag.response_frame", FT_FRAMENUM_RESPONSE, NULL),
    FRAME(completed_in, "Completed in", "smb2diag.completed_in", FT_FRAMENUM_NONE,
          "The frame that completed the proof"),
    FRAME(related_frame, "Related frame", "smb2diag.related_frame", FT_FRAMENUM_NONE, NULL),
    FRAME(concerns, "Concerns", "smb2diag.concerns", FT_FRAMENUM_NONE,
          "The message that the finding is about"),
    FRAME(evidence_for, "Evidence for", "smb2diag.evidence_for", FT_FRAMENUM_NONE,
          "The message that an error or warning is about, of which this frame is evidence"),
};

static void register_fields(int protocol)
{
    static int *kinds[] = {&trees.diagnosis, &trees.finding, &trees.evidence, &trees.frame,
                           &trees.link};

    proto_register_field_array(protocol, field_registrations, G_N_ELEMENTS(field_registrations));
    proto_register_subtree_array(kinds, G_N_ELEMENTS(kinds));
}

void fields_expand(void)
{
    static bool done;

    if (done)
        return;
    done = true;
    tree_expanded_set(trees.diagnosis, TRUE);
    tree_expanded_set(trees.finding, TRUE);
    tree_expanded_set(trees.evidence, TRUE);
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
        {&link_infos.completes,
         {"smb2diag.completes", PI_SEQUENCE, PI_NOTE,
          "SMB2 set-up: completes a finding about an earlier message", EXPFILL}},
        {&link_infos.repeats,
         {"smb2diag.repeats", PI_SEQUENCE, PI_NOTE,
          "SMB2 set-up: the same finding as about an earlier message", EXPFILL}},
        {&link_infos.overcome,
         {"smb2diag.overcome", PI_SEQUENCE, PI_NOTE,
          "SMB2 set-up: a failure that the client overcame soon after", EXPFILL}},
        {&link_infos.taken_back,
         {"smb2diag.taken_back", PI_SEQUENCE, PI_NOTE,
          "SMB2 set-up: a finding about an earlier message no longer holds", EXPFILL}},
    };
    expert_module_t *module = expert_register_protocol(protocol);

    expert_register_field_array(module, common, G_N_ELEMENTS(common));
    register_rules(module, catalogue);
}

void fields_register(int protocol, const struct catalogue *catalogue)
{
    register_fields(protocol);
    register_experts(protocol, catalogue);
}

/* ---- which expert info ---- */

expert_field *finding_info(const struct finding *finding)
{
    struct rule_infos *infos = (struct rule_infos *)wmem_map_lookup(rule_infos, finding->rule);

    return may_weigh(finding->rule, finding->severity) ? &infos->by_severity[finding->severity]
                                                       : &link_infos.overcome;
}

int rule_field(const struct rule *rule)
{
    struct rule_infos *infos = (struct rule_infos *)wmem_map_lookup(rule_infos, rule);

    return infos->by_severity[rule->severity].hf;
}
