/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: the server's own account is refused by its domain, whose users it cannot serve
 * then ([MS-KILE] 3.3.5.6, [MS-NRPC] 3.1.4.1).
 */
#include "facts.h"

/* An account of the server's own, which no domain has to confirm. */
static bool is_local_user(const struct session *session)
{
    return session->authenticate && session->challenge &&
           host_names_match(session->authenticate->domain, session->challenge->netbios_computer);
}

/* The server asked on behalf of this user: winbind answers STATUS_LOGON_FAILURE then. */
static bool came_meanwhile(const struct own_refusal *own, const struct exchange *exchange)
{
    return exchange->request.frame && own->seen.time >= exchange->request.time;
}

/* A domain controller that refuses an NTLM logon was asked: the server's own account works. */
static bool needs_domain(const struct scene *scene, const struct own_refusal *own)
{
    const struct session *session = scene->session;

    if (!session || session_is_anonymous(session) || is_local_user(session))
        return false;
    return session->mechanism == MECHANISM_KERBEROS ||
           (session->mechanism == MECHANISM_NTLM && session->authenticate &&
            (scene->exchange->status != STATUS_LOGON_FAILURE ||
             came_meanwhile(own, scene->exchange)));
}

/* "FILES$", "host/files.lab.example" */
static char *computer_of(const char *client, wmem_allocator_t *scope)
{
    const char *slash = strchr(client, '/');
    const char *name = slash ? slash + 1 : client;

    return wmem_strndup(scope, name, strcspn(name, "$@"));
}

/* Behind one address there may be several computers. */
static bool is_known_for_servers(const struct scene *scene, const char *computer)
{
    const struct server *server = connection_server(scene->connection);
    char *target = session_target_host(scene->session, NULL);
    const bool known = host_names_match(computer, scene->connection->server_name) ||
                       host_names_match(computer, target) ||
                       (server && server->names && is_servers_name(server->names, computer));

    wmem_free(NULL, target);
    return known;
}

static const char password_differs[] =
    "The server's stored password is not its account's: the account was reset, another computer "
    "joined under its name, or the server was restored from a snapshot or backup";
static const char account_gone[] = "The server's computer account was deleted or renamed";
static const char account_blocked[] = "The server's computer account is disabled or has expired";

static const char *cause_at_kdc(int code)
{
    switch (code) {
    case KDC_ERR_PREAUTH_FAILED:
        return password_differs;
    case KDC_ERR_C_PRINCIPAL_UNKNOWN:
        return account_gone;
    case KDC_ERR_CLIENT_REVOKED:
        return account_blocked;
    default:
        return NULL;
    }
}

static const char *cause_by_status(uint32_t status)
{
    switch (status) {
    case STATUS_NO_SUCH_USER:
        return account_gone;
    case STATUS_ACCOUNT_DISABLED:
        return account_blocked;
    default:
        return password_differs;
    }
}

static bool match_server_account_refused(const struct scene *scene, struct proof *proof)
{
    struct own_refusal own;
    const char *computer;

    if (!server_refusal(scene, &own) || !needs_domain(scene, &own) ||
        !match_refused_logon(scene, proof)) /* which proves the refusal */
        return false;
    computer = computer_of(own.account, proof->scope);
    proof_value_in(proof, &own.seen, "Computer account", "%s", computer);
    if (own.kdc)
        proof_value(proof, "KDC", "%s", address_text(&own.kdc->kdc.address, proof->scope));
    proof->cause = own.kdc ? cause_at_kdc(own.kdc->reply.error_code)
                           : cause_by_status(own.refused_logon->status);
    proof->related = own.seen;
    if (!own.kdc || !is_known_for_servers(scene, computer) ||
        (scene->session->mechanism == MECHANISM_KERBEROS && proof->cause != password_differs))
        proof->confidence = POSSIBLE;
    return true;
}

const struct rule session_setup_server_account_refused = {
    .id = "session_setup.server_account_refused",
    .severity = ERROR,
    .weighs = AS_NOTE | AS_WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_SESSION_SETUP,
    .statuses =
        (const uint32_t[]){STATUS_LOGON_FAILURE, STATUS_ACCESS_DENIED, STATUS_NO_LOGON_SERVERS,
                           STATUS_DOMAIN_CONTROLLER_NOT_FOUND, STATUS_NETLOGON_NOT_STARTED,
                           STATUS_NO_TRUST_LSA_SECRET, STATUS_NO_TRUST_SAM_ACCOUNT,
                           STATUS_TRUSTED_DOMAIN_FAILURE, STATUS_TRUSTED_RELATIONSHIP_FAILURE,
                           STATUS_TRUST_FAILURE, STATUS_INTERNAL_ERROR, 0},
    .match = match_server_account_refused,
    .summary = "The domain refuses the server's own account, and the server refuses its users",
    .headline = "{server} refuses users: the domain refuses its own account {=Computer account}",
    .cause = "The error in the evidence tells why the server's computer account was refused",
    .next_step = "On the server: Test-ComputerSecureChannel, then Test-ComputerSecureChannel "
                 "-Repair -Credential {DOMAIN\\}\\ADMIN\n"
                 "On Samba: net ads testjoin, then net ads join -U ADMIN\n"
                 "Look at the account: Get-ADComputer {COMPUTER} -Properties "
                 "Enabled,PasswordLastSet\n"
                 "Is there a second computer, clone or snapshot of that name?",
    .reference = REFERENCE_LOGON "\nRFC 4120 7.5.9 Error Codes",
};

const struct rule_list session_setup_server_account_rules = {
    .blocks = (const struct rule *const[]){&session_setup_server_account_refused, NULL},
};
