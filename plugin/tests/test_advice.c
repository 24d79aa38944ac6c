/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Causes and next steps: which lines stand, by what the capture shows.
 */
#include "model_test.h"

static struct wire wire;
static struct connection *connection;

static const struct finding *found(const char *id)
{
    return connection_finding(connection, catalogue_find(catalogue_new(scope, rule_lists), id));
}

static void begin_at(uint16_t dialect)
{
    begin();
    wire = wire_to(30, 49000);
    shake_hands(&wire);
    negotiate(&wire, dialect);
    connection = the_connection(&wire);
}

static void log_on_as(uint32_t status, uint16_t flags)
{
    ask(&wire, again(session_setup_request_first, 1, 0));
    answer(&wire, again(session_setup_response_challenge, 1, SESSION));
    ask(&wire, again(session_setup_request_last, 2, SESSION));
    answer(&wire, session_answer(2, SESSION, status, flags));
}

static void refuse(const char *path, uint32_t status)
{
    ask(&wire, tree_ask(3, SESSION, path));
    answer(&wire, tree_refusal(3, SESSION, status));
}

static const char *text_of(const struct finding *finding, const char *lines)
{
    struct rule *rule = wmem_memdup(scope, finding->rule, sizeof *rule);
    struct finding *copy = wmem_memdup(scope, finding, sizeof *copy);

    rule->others = NULL;
    copy->rule = rule;
    copy->cause = lines;
    return finding_cause(copy, scope);
}

static void check(const char *id, const char *lines, const char *text)
{
    g_assert_cmpstr(text_of(found(id), lines), ==, text);
}

static void test_status(void)
{
    const char *id = "tree_connect.bad_network_name";

    begin_at(DIALECT_3_0);
    log_on_as(STATUS_SUCCESS, 0);
    refuse("\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    check(id, "{?STATUS_BAD_NETWORK_NAME}a\nb", "a\nb");
    check(id, "{?STATUS_BAD_NETWORK}a\nb", "b");
    check(id, "{!STATUS_BAD_NETWORK_NAME}a\nb", "b");
    check(id, "{?STATUS_ACCESS_DENIED|STATUS_BAD_NETWORK_NAME}a\nb", "a\nb");
    check(id, "{!STATUS_ACCESS_DENIED|STATUS_BAD_NETWORK_NAME}a\nb", "b");
    check(id, "certutil -error {STATUS}", "certutil -error 0xc00000cc");
    end();
}

/* All of several conditions in a row have to hold. */
static void test_conditions(void)
{
    const char *id = "tree_connect.bad_network_name";

    begin_at(DIALECT_3_0);
    log_on_as(STATUS_SUCCESS, 0);
    refuse("\\\\files\\data", STATUS_BAD_NETWORK_NAME);
    check(id, "{?SHARE}{!KDC}{SHARE}\nb", "data\nb");
    check(id, "{?SHARE}{?KDC}a\nb", "b");
    check(id, "{?NAMED}a\n{?BUILT-IN}b\n{?CHANNEL}c\n{?RENEWAL}d\n{?NTLMv2}e\n{!NTLM}f\ng",
          "a\ne\ng");
    check(id, "{!AZURE FILES}a\n{?AZURE FILES}b", "a");
    end();
}

static void test_azure(void)
{
    begin_at(DIALECT_3_0);
    log_on_as(STATUS_SUCCESS, 0);
    refuse("\\\\store1.file.core.windows.net\\data", STATUS_BAD_NETWORK_NAME);
    check("tree_connect.bad_network_name", "{!AZURE FILES}a\n{?AZURE FILES}b", "b");
    end();
}

/* A guest's warning leads to the share that is closed to guests: one list of steps. */
static void test_prelude(void)
{
    const char *text;

    begin_at(DIALECT_3_0);
    log_on_as(STATUS_SUCCESS, SMB2_SESSION_FLAG_IS_GUEST);
    text = finding_next_step(found("session_setup.guest"), scope);
    g_assert_nonnull(strstr(text, "net use"));
    refuse("\\\\files\\data", STATUS_ACCESS_DENIED);
    g_assert_true(connection_root_cause(connection) == found("tree_connect.guest_denied"));
    text = finding_next_step(found("session_setup.guest"), scope);
    g_assert_null(strstr(text, "net use"));
    text = finding_next_step(found("tree_connect.guest_denied"), scope);
    g_assert_nonnull(strstr(text, "net use"));
    end();
}

/* Where the guest goes on and gets a share, what fails elsewhere is not his. */
static void test_prelude_to_nothing(void)
{
    begin_at(DIALECT_3_0);
    log_on_as(STATUS_SUCCESS, SMB2_SESSION_FLAG_IS_GUEST);
    connect_share(&wire, 3, "\\\\files\\data", TREE);
    g_assert_nonnull(strstr(finding_next_step(found("session_setup.guest"), scope), "net use"));
    end();
}

/* ---- what the rules say ---- */

#define CAUSES_MAX 4

static const char *const tokens[] = {"SERVER",     "COMPUTER", "SHARE",    "USER",   "cifs/NAME",
                                     "NAME",       "HOST",     "OWN NAME", "ALIAS",  "ALIAS.DOMAIN",
                                     "DOMAIN",     "DOMAIN\\", "KDC",      "STATUS", "ADDRESS",
                                     "BY ADDRESS", "PORT",     NULL};
static const char *const conditions[] = {
    "CHANNEL",      "RENEWAL",       "NAMED",        "BUILT-IN",  "NTLM",
    "NTLMv2",       "ENCRYPTION",    "AZURE FILES",  "ANONYMOUS", "NO KERBEROS",
    "NEAR CLIENT",  "NEAR SERVER",   "OTHER TTL",    "SAME TTL",  "ICMP",
    "ICMP TOO BIG", "ICMP FILTERED", "ICMP NO HOST", "TWO NAMES", NULL};
static const char *const others[] = {"OTHER CLIENT",
                                     "OTHER SERVER",
                                     "OTHER CLIENT VALIDATES",
                                     "SAME USER",
                                     "SAME USER HERE",
                                     "OTHER SERVER VALIDATES",
                                     "OTHER LOGON",
                                     "OTHER SHARE",
                                     "SHARE FOR OTHERS",
                                     NULL};

static GString *faults;

static void blame(const struct rule *rule, const char *what, const char *line)
{
    g_string_append_printf(faults, "\n  %s: %s: %s", rule->id, what, line);
}

/* {?NAMED}, {!KDC|BY ADDRESS}: a token, a condition, a status, or one of several. */
static bool is_condition(const char *names)
{
    char **list = g_strsplit(names, "|", -1);
    bool known = true;

    for (char **name = list; *name; name++)
        known = known && (g_strv_contains(tokens, *name) || g_strv_contains(conditions, *name) ||
                          g_strv_contains(others, *name) || g_str_has_prefix(*name, "STATUS_") ||
                          g_str_has_prefix(*name, "SEC_E_"));
    g_strfreev(list);
    return known;
}

static bool is_conditional(const char *line)
{
    return g_str_has_prefix(line, "{?") || g_str_has_prefix(line, "{!");
}

/* What is in braces and no token would never be replaced; "{ $_.Name }" is a script block. */
static void check_tokens(const struct rule *rule, const char *line)
{
    for (const char *at = strchr(line, '{'); at; at = strchr(at + 1, '{')) {
        char *token = g_strndup(at + 1, strcspn(at + 1, "}"));
        const bool known = *token == '?' || *token == '!' ? is_condition(token + 1)
                                                          : g_strv_contains(tokens, token);

        if (*token != ' ' && !known)
            blame(rule, "no token", token);
        g_free(token);
    }
}

/* There is a line that stands where this one does not. */
static bool has_opposite(char **lines, const char *line)
{
    char *other = g_strndup(line, strcspn(line, "}") + 1);
    bool found = false;

    other[1] = other[1] == '?' ? '!' : '?';
    for (; *lines && !found; lines++)
        found = g_str_has_prefix(*lines, other);
    g_free(other);
    return found;
}

/* A line always stands, or one of two does, for a finding without causes or steps is none. Returns
 * how many always stand. */
static unsigned check_lines(const struct rule *rule, const char *text)
{
    char **lines = g_strsplit(text, "\n", -1);
    unsigned unconditional = 0;
    bool stands = false;

    for (char **line = lines; *line; line++) {
        check_tokens(rule, *line);
        unconditional += !is_conditional(*line);
        stands = stands || !is_conditional(*line) || has_opposite(lines, *line);
    }
    if (!stands)
        blame(rule, "each line depends on a value", *lines);
    g_strfreev(lines);
    return unconditional;
}

/* Each line of a rule's .others stands only where others work. */
static void check_others(const struct rule *rule)
{
    char **lines = g_strsplit(rule->others, "\n", -1);

    for (char **line = lines; *line; line++) {
        char *name = is_conditional(*line) ? g_strndup(*line + 2, strcspn(*line + 2, "}")) : NULL;

        if (!name || !g_strv_contains(others, name))
            blame(rule, "does not ask whether others work", *line);
        g_free(name);
    }
    g_strfreev(lines);
}

static void test_rules(void)
{
    const struct rule *const *rule = catalogue_new(NULL, rule_lists)->rules;

    faults = g_string_new(NULL);
    for (; *rule; rule++) {
        if (check_lines(*rule, (*rule)->cause) > CAUSES_MAX)
            blame(*rule, "more than four causes that always stand", (*rule)->cause);
        check_lines(*rule, (*rule)->next_step);
        if ((*rule)->others)
            check_others(*rule);
    }
    g_assert_cmpstr(faults->str, ==, "");
    g_string_free(faults, TRUE);
}

int main(int argc, char *argv[])
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/advice/status", test_status);
    g_test_add_func("/advice/conditions", test_conditions);
    g_test_add_func("/advice/azure", test_azure);
    g_test_add_func("/advice/prelude", test_prelude);
    g_test_add_func("/advice/prelude-to-nothing", test_prelude_to_nothing);
    g_test_add_func("/advice/rules", test_rules);
    return g_test_run();
}
