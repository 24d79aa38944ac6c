/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a cause or next step may depend on, besides tokens that have a value: a cause that the
 * capture excludes is not listed. Where the capture does not tell, no condition holds.
 */
#include "state.h"

static const struct ntlm_token *logon_of(const struct finding *finding)
{
    const struct session *session = finding_session(finding);

    return session ? session->authenticate : NULL;
}

/* Another channel of a session that exists already was asked for. */
static bool is_channel(const struct finding *finding, wmem_allocator_t *scope)
{
    (void)scope;
    return finding->exchange && exchange_is_binding(finding->exchange);
}

static bool is_renewal(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct session *session = finding->exchange ? finding->exchange->session : NULL;

    (void)scope;
    return session && session->reauthentication && !exchange_is_binding(finding->exchange);
}

static bool is_user(const struct ntlm_token *ntlm, const char *name)
{
    return ntlm && ntlm->user && g_ascii_strcasecmp(ntlm->user, name) == 0;
}

/* Somebody else than a guest was meant. */
static bool is_named(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct session *session = finding_session(finding);
    const struct ntlm_token *ntlm = logon_of(finding);

    (void)scope;
    return session && (session->ticket || (ntlm && ntlm->user && *ntlm->user && !ntlm->anonymous &&
                                           !is_user(ntlm, "guest")));
}

static bool is_anonymous(const struct finding *finding, wmem_allocator_t *scope)
{
    (void)scope;
    return session_is_anonymous(finding_session(finding));
}

/* An account that every Windows has, and has disabled. */
static bool is_built_in(const struct finding *finding, wmem_allocator_t *scope)
{
    (void)scope;
    return is_user(logon_of(finding), "guest") || is_user(logon_of(finding), "administrator");
}

static bool is_ntlm(const struct finding *finding, wmem_allocator_t *scope)
{
    (void)scope;
    return logon_of(finding) != NULL;
}

static bool is_ntlm_2(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct ntlm_token *ntlm = logon_of(finding);

    (void)scope;
    return ntlm && ntlm->version == NTLM_VERSION_2;
}

static bool is_encryption_agreed(const struct finding *finding, wmem_allocator_t *scope)
{
    bool known;
    const bool agreed = connection_encryption_agreed(finding->connection, &known);

    (void)scope;
    return known && agreed;
}

/* The server says what it offers, and that is not among it. */
static bool is_kerberos_missing(const struct finding *finding, wmem_allocator_t *scope)
{
    bool known;
    const bool offered = connection_server_offers_kerberos(finding->connection, &known);

    (void)scope;
    return known && !offered;
}

static bool is_azure(const struct finding *finding, wmem_allocator_t *scope)
{
    static const char suffix[] = ".file.core.windows.net";
    const char *name = finding_server(finding, scope);
    const char *chain = evidence_labelled(finding, "Address from DNS", scope);

    return (name && g_str_has_suffix(name, suffix)) || (chain && strstr(chain, suffix));
}

/* Both servers have said who they are: they are two. */
static bool has_two_names(const struct finding *finding, wmem_allocator_t *scope)
{
    return evidence_labelled(finding, "The servers call themselves", scope) != NULL;
}

/* ---- the conditions ---- */

static const struct condition {
    const char *name;
    bool (*holds)(const struct finding *finding, wmem_allocator_t *scope);
} conditions[] = {
    {"CHANNEL", is_channel},
    {"RENEWAL", is_renewal},
    {"NAMED", is_named},
    {"BUILT-IN", is_built_in},
    {"ANONYMOUS", is_anonymous},
    {"NO KERBEROS", is_kerberos_missing},
    {"NTLM", is_ntlm},
    {"NTLMv2", is_ntlm_2},
    {"AZURE FILES", is_azure},
    {"ENCRYPTION", is_encryption_agreed},
    {"TWO NAMES", has_two_names},
};

static const struct others_condition {
    const char *name, *label;
} others_conditions[] = {
    {"OTHER CLIENT", OTHERS_CLIENT},
    {"OTHER SERVER", OTHERS_SERVER},
    {"OTHER CLIENT VALIDATES", OTHERS_CLIENT_VALIDATES},
    {"OTHER SERVER VALIDATES", OTHERS_SERVER_VALIDATES},
    {"SAME USER", OTHERS_SAME_USER},
    {"SAME USER HERE", OTHERS_SAME_USER_HERE},
    {"OTHER LOGON", OTHERS_LOGON},
    {"SHARE FOR OTHERS", OTHERS_SHARE},
    {"OTHER SHARE", OTHERS_SHARES},
};

/* "STATUS_NO_SUCH_DOMAIN": the answer's. */
static bool is_status(const struct finding *finding, const char *name, wmem_allocator_t *scope)
{
    const struct exchange *exchange = finding->exchange;
    const char *text;

    if (!exchange || !exchange_answered(exchange))
        return false;
    text = status_text(exchange->status, scope);
    return strncmp(text, name, strlen(name)) == 0 && strchr(" ", text[strlen(name)]);
}

static bool holds(const struct finding *finding, const char *name, wmem_allocator_t *scope)
{
    const char *value = NULL;
    bool of_the_way;

    for (unsigned i = 0; i < G_N_ELEMENTS(conditions); i++)
        if (strcmp(conditions[i].name, name) == 0)
            return conditions[i].holds(finding, scope);
    for (unsigned i = 0; i < G_N_ELEMENTS(others_conditions); i++)
        if (strcmp(others_conditions[i].name, name) == 0)
            return others_show(finding, others_conditions[i].label, scope);
    if (way_condition(finding, name, &of_the_way))
        return of_the_way;
    if (g_str_has_prefix(name, "STATUS_") || g_str_has_prefix(name, "SEC_E_"))
        return is_status(finding, name, scope);
    advice_value(finding, name, &value, scope);
    return value != NULL;
}

bool condition_holds(const struct finding *finding, const char *names, wmem_allocator_t *scope)
{
    char **list;
    bool any = false;

    if (!strchr(names, '|'))
        return holds(finding, names, scope);
    list = g_strsplit(names, "|", -1);

    for (char **name = list; *name && !any; name++)
        any = holds(finding, *name, scope);
    g_strfreev(list);
    return any;
}
