/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: who logs on, as far as the security blob says so in clear ([MS-NLMP] 2.2.1.3).
 */
#include "facts.h"

/* ---- session_setup.credentials_info ---- */

static bool match_credentials_info(const struct scene *scene, struct proof *proof)
{
    const char *names;

    if (!request_shows_identity(scene->exchange) || !exchange_is_new_logon(scene->exchange))
        return false;
    prove_logon(scene, proof);
    names = session_server_names(scene->session, proof->scope);
    if (names && scene->session->mechanism == MECHANISM_NTLM)
        proof_value(proof, "The server calls itself", "%s", names);
    return true;
}

static const struct rule credentials_info = {
    .id = "session_setup.credentials_info",
    .severity = CHAT,
    .confidence = CERTAIN,
    .events = ON_REQUEST,
    .commands = FOR_SESSION_SETUP,
    .match = match_credentials_info,
    .summary = "The client logs on: who, by which mechanism, and from where",
    .headline =
        "{user} logs on to {server} by {=Mechanism}|Ticket for {=Ticket for}: logon to {server}",
    .cause = "This is what the security blob of the request says in clear; a Kerberos ticket "
             "hides the user's name",
    .next_step = "Check that this is the account, domain and server name that were meant",
    .reference = "[MS-SMB2] 2.2.5 SMB2 SESSION_SETUP Request",
};

/* ---- session_setup.identity_suspect ---- */

static bool same_label(const char *domain, const char *dns_domain)
{
    const size_t length = dns_domain ? strcspn(dns_domain, ".") : 0;

    return length && strlen(domain) == length &&
           g_ascii_strncasecmp(domain, dns_domain, length) == 0;
}

static bool is_servers_domain(const char *domain, const struct ntlm_token *challenge)
{
    return host_names_match(domain, challenge->netbios_domain) ||
           host_names_match(domain, challenge->dns_domain) ||
           host_names_match(domain, challenge->netbios_computer) ||
           host_names_match(domain, challenge->dns_computer) ||
           host_names_match(domain, challenge->target_name) ||
           same_label(domain, challenge->dns_domain);
}

static bool is_named(const char *name)
{
    return name && *name;
}

/* A client that does not ask for the server's names is told none ([MS-NLMP] 2.2.2.5, 3.2.5.1.1). */
static bool calls_itself_anything(const struct ntlm_token *challenge)
{
    return challenge && (is_named(challenge->netbios_domain) || is_named(challenge->dns_domain) ||
                         is_named(challenge->netbios_computer) ||
                         is_named(challenge->dns_computer) || is_named(challenge->target_name));
}

struct suspicion {
    const char *what, *cause;
};

static const struct suspicion computer = {
    "computer account",
    "A service that runs as LocalSystem or NetworkService logs on with the computer's account"};
static const struct suspicion clients_own = {
    "local account of the client's own computer",
    "The client sent an account of its own computer, which the server does not know"};
static const struct suspicion foreign = {
    "domain that the server does not call its own",
    "The domain sent is neither the server's nor, perhaps, one that it trusts"};

static const struct suspicion *suspicion(const struct ntlm_token *ntlm,
                                         const struct ntlm_token *challenge)
{
    const size_t length = strlen(ntlm->user);

    if (length && ntlm->user[length - 1] == '$')
        return &computer;
    if (!is_named(ntlm->domain) || strcmp(ntlm->domain, ".") == 0 ||
        !calls_itself_anything(challenge) || is_servers_domain(ntlm->domain, challenge))
        return NULL;
    if (ntlm->workstation && host_names_match(ntlm->domain, ntlm->workstation))
        return &clients_own;
    return &foreign;
}

static bool match_identity_suspect(const struct scene *scene, struct proof *proof)
{
    const struct session *session = scene->session;
    const struct ntlm_token *ntlm = session ? session->authenticate : NULL;
    const struct suspicion *suspected;
    const char *names;

    if (!request_token_is(scene->exchange, TOKEN_NTLM_AUTHENTICATE) || !ntlm || !ntlm->user ||
        ntlm->anonymous)
        return false;
    suspected = suspicion(ntlm, session->challenge);
    if (!suspected)
        return false;
    proof->about = scene->exchange->request;
    prove_logon(scene, proof);
    proof_words(proof, "Looks like", suspected->what);
    proof->cause = suspected->cause;
    names = session_server_names(session, proof->scope);
    if (names)
        proof_value(proof, "The server calls itself", "%s", names);
    return true;
}

static const struct rule identity_suspect = {
    .id = "session_setup.identity_suspect",
    .severity = NOTE,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses = (const uint32_t[]){STATUS_LOGON_FAILURE, STATUS_NO_SUCH_USER, STATUS_WRONG_PASSWORD,
                                   STATUS_NO_SUCH_DOMAIN, 0},
    .match = match_identity_suspect,
    .summary = "The refused account may not be the one meant: it belongs elsewhere or to a "
               "computer",
    .headline = "{user}: {=Looks like}",
    .cause = "The account belongs to another computer or domain than the server asks",
    .next_step = "An account of the server: net use \\\\{SERVER}\\{SHARE} "
                 "/user:{COMPUTER}\\{USER}\n"
                 "{?DOMAIN\\}An account of the domain: net use \\\\{SERVER}\\{SHARE} "
                 "/user:{DOMAIN\\}\\{USER}\n"
                 "Look which credentials the client has stored: cmdkey /list",
    .reference = "[MS-NLMP] 2.2.1.3 AUTHENTICATE_MESSAGE",
};

const struct rule_list session_setup_identity_rules = {
    .blocks = (const struct rule *const[]){&credentials_info, &identity_suspect, NULL},
};
