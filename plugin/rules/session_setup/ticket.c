/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * session_setup: a ticket refused without a KRB-ERROR, where earlier logons to the same server tell
 * which key it has (RFC 4120 5.2.9, [MS-KILE] 3.1.5.8), and which names.
 */
#include "facts.h"
#include "../negotiate/facts.h"

#define REFUSED_TICKET                                                                             \
    .severity = ERROR, .weighs = AS_NOTE | AS_WARNING, .events = ON_RESPONSE,                      \
    .commands = FOR_SESSION_SETUP, .statuses = (const uint32_t[])                                  \
    {                                                                                              \
        STATUS_LOGON_FAILURE, 0                                                                    \
    }
#define REFERENCE_KEY                                                                              \
    "RFC 4120 3.2.3 Receipt of KRB_AP_REQ Message\n[MS-KILE] 3.1.5.8 Key Version Numbers"

/* ---- the ticket ---- */

static const struct kerberos_message *presented_ticket(const struct exchange *exchange)
{
    const struct token *token = request_token_of(exchange);

    return token && token->kind == TOKEN_KRB_AP_REQ && token->kerberos.service ? &token->kerberos
                                                                               : NULL;
}

/* A clock that is wrong by more than Kerberos allows explains it already, and so does the server's
 * own account. */
static const struct kerberos_message *refused_ticket(const struct scene *scene)
{
    struct own_refusal own;

    return response_kerberos_error(scene->exchange) || answer_is_unread(scene->exchange) ||
                   connection_finding(scene->connection, &negotiate_server_clock_skew) ||
                   server_refusal(scene, &own)
               ? NULL
               : presented_ticket(scene->exchange);
}

/* [MS-KILE] 3.1.5.8: the upper half is the number of a read-only domain controller. */
static bool comparable(const struct kerberos_message *a, const struct kerberos_message *b)
{
    return a->key_version && b->key_version && a->key_version >> 16 == b->key_version >> 16;
}

static bool keys_differ(const struct kerberos_message *ticket, const struct taken_ticket *taken)
{
    return taken && comparable(ticket, taken->ticket) &&
           taken->ticket->key_version != ticket->key_version;
}

static const char *key_text(const struct kerberos_message *ticket, bool named,
                            wmem_allocator_t *scope)
{
    if (named)
        return phrase(scope, "%u of %s", ticket->key_version, ticket->service);
    return wmem_strdup_printf(scope, "%u", ticket->key_version);
}

static void prove_keys(const struct scene *scene, struct proof *proof,
                       const struct kerberos_message *ticket, const struct taken_ticket *taken,
                       bool named)
{
    proof_difference(proof, "Key version refused, and the one accepted before",
                     key_text(ticket, named, proof->scope), &scene->exchange->request,
                     key_text(taken->ticket, named, proof->scope), &taken->taken);
}

static const struct taken_ticket *taken_with_other_key(const struct scene *scene,
                                                       const struct kerberos_message *ticket)
{
    const struct server *server = connection_server(scene->connection);
    const struct taken_ticket *taken = ticket ? server_ticket(server, ticket, false) : NULL;

    return taken && keys_differ(ticket, taken) ? taken : NULL;
}

const struct taken_ticket *taken_with_same_key(const struct scene *scene)
{
    const struct kerberos_message *ticket = presented_ticket(scene->exchange);
    const struct server *server = connection_server(scene->connection);
    const struct taken_ticket *taken = ticket ? server_ticket(server, ticket, false) : NULL;

    return taken && ticket->key_version && ticket->key_version == taken->ticket->key_version ? taken
                                                                                             : NULL;
}

/* ---- session_setup.key_out_of_step ---- */

static const char ticket_is_old[] =
    "The client still holds a ticket made with the account's previous key, which the server does "
    "not keep\n"
    "The account was restored from a backup, so that its key versions count from there again";
static const char ticket_is_old_step[] =
    "On the client: klist purge, or kdestroy, and try again with a new ticket\n"
    "Compare the key version in the evidence with Get-ADComputer {COMPUTER} -Properties "
    "msDS-KeyVersionNumber, and on Samba with klist -k";

static bool match_key_out_of_step(const struct scene *scene, struct proof *proof)
{
    const struct kerberos_message *ticket = refused_ticket(scene);
    const struct taken_ticket *taken = taken_with_other_key(scene, ticket);

    if (!taken || !match_refused_logon(scene, proof))
        return false;
    prove_keys(scene, proof, ticket, taken, false);
    if (ticket->key_version < taken->ticket->key_version) {
        proof->cause = ticket_is_old;
        proof->next_step = ticket_is_old_step;
    }
    return true;
}

const struct rule session_setup_key_out_of_step = {
    .id = "session_setup.key_out_of_step",
    REFUSED_TICKET,
    .confidence = LIKELY,
    .match = match_key_out_of_step,
    .summary = "The server refuses a ticket made with another version of the key than it took "
               "before",
    .headline = "{server} took key version {=Key version refused, and the one accepted before/2}, "
                "not {=Key version refused, and the one accepted before}",
    .cause =
        "The password of the account behind the service name was changed or reset, and the server "
        "still has the old one: reset by hand, another computer joined under the same name, a "
        "snapshot or backup restored\n"
        "Samba and other servers with a keytab: the keytab was not updated when the machine "
        "password changed",
    .next_step =
        "On the server: Test-ComputerSecureChannel, then Test-ComputerSecureChannel -Repair "
        "-Credential {DOMAIN\\}\\ADMIN\n"
        "On Samba: net ads testjoin, and klist -k: is the key version of the evidence there? If "
        "not: net ads join -U ADMIN, or write the keytab anew\n"
        "Compare: Get-ADComputer {COMPUTER} -Properties msDS-KeyVersionNumber,PasswordLastSet",
    .reference = REFERENCE_KEY,
};

/* ---- whose name the ticket is for ---- */

static const char *host_of(const char *service, wmem_allocator_t *scope)
{
    const char *host = strchr(service, '/');

    return host ? wmem_strndup(scope, host + 1, strcspn(host + 1, "/:@")) : NULL;
}

static bool took_ticket_for(const struct server *server, const char *host)
{
    bool taken = false;

    for (unsigned i = 0; !taken && i < MIN(server->ticket_count, TICKETS_KEPT); i++) {
        const char *own = host_of(server->tickets[i].ticket->service, NULL);

        taken = own && host_names_match(own, host);
        wmem_free(NULL, (void *)(uintptr_t)own);
    }
    return taken;
}

/* What a refused ticket's name says, where the server is known by other names. */
struct foreign_name {
    const char *host, *own; /* own: the server's */
    struct sighting own_in;
    const struct taken_ticket *taken; /* for another name of the server; NULL = none */
    struct name_evidence names;
    bool alias; /* DNS led from it to the server by a CNAME */
};

static bool find_own_name(const struct server *server, struct foreign_name *out,
                          wmem_allocator_t *scope)
{
    const struct ntlm_token *names = server->names;

    if (names && names->netbios_computer && *names->netbios_computer)
        out->own = names->dns_computer && *names->dns_computer ? names->dns_computer
                                                               : names->netbios_computer;
    out->own_in = server->named;
    if (out->own || !out->taken)
        return out->own;
    out->own = host_of(out->taken->ticket->service, scope);
    out->own_in = out->taken->taken;
    return out->own;
}

static bool is_own_name(const struct server *server, const char *host)
{
    return (server->names && is_servers_name(server->names, host)) || took_ticket_for(server, host);
}

static bool find_foreign_name(const struct scene *scene, const struct kerberos_message *ticket,
                              struct foreign_name *out, wmem_allocator_t *scope)
{
    const struct connection *connection = scene->connection;
    const struct server *server = connection_server(connection);
    const struct identity *identity = model_identity(scene->model, &connection->client.address);

    *out = (struct foreign_name){.host = host_of(ticket->service, scope)};
    if (!server || !out->host || name_is_address(out->host) || is_own_name(server, out->host))
        return false;
    out->taken = server_ticket(server, ticket, true);
    if (!find_own_name(server, out, scope))
        return false;
    out->alias =
        identity_name_leads_to(identity, out->host, &connection->server.address, &out->names) &&
        out->names.alias;
    return true;
}

static bool match_foreign_name(const struct scene *scene, struct proof *proof, bool alias,
                               struct foreign_name *name)
{
    const struct kerberos_message *ticket = refused_ticket(scene);

    if (!ticket || !find_foreign_name(scene, ticket, name, proof->scope) || name->alias != alias ||
        !match_refused_logon(scene, proof))
        return false;
    proof_value_in(proof, &name->own_in, "Server's own name", "%s", name->own);
    if (keys_differ(ticket, name->taken)) {
        prove_keys(scene, proof, ticket, name->taken, true);
        proof->confidence = LIKELY;
    }
    return true;
}

/* What a KRB-ERROR means is its rule's matter; this says why it may have come to that. */
void prove_ticket_history(const struct scene *scene, struct proof *proof)
{
    const struct kerberos_message *ticket = presented_ticket(scene->exchange);
    const struct taken_ticket *taken = taken_with_other_key(scene, ticket);
    struct foreign_name name;

    if (taken)
        prove_keys(scene, proof, ticket, taken, false);
    else if (ticket && find_foreign_name(scene, ticket, &name, proof->scope))
        proof_value_in(proof, &name.own_in, "Server's own name", "%s", name.own);
}

/* ---- session_setup.ticket_for_other_account ---- */

static bool match_ticket_for_other_account(const struct scene *scene, struct proof *proof)
{
    struct foreign_name name;

    return match_foreign_name(scene, proof, true, &name);
}

const struct rule session_setup_ticket_for_other_account = {
    .id = "session_setup.ticket_for_other_account",
    REFUSED_TICKET,
    .confidence = POSSIBLE,
    .match = match_ticket_for_other_account,
    .summary = "The server refuses a ticket for an alias: its service name may be another "
               "account's",
    .headline = "{=Server's own name} refuses the ticket for its alias: {=Ticket for}",
    .cause = "The alias's service name is registered on another account than the server's: a "
             "former server of that name, a service account\n"
             "The server cannot map the ticket's user to an account of its own (Samba: winbind, "
             "ID mapping)",
    .next_step = "Which account owns the name? setspn -Q {cifs/NAME}; take it away there: setspn "
                 "-D {cifs/NAME} ACCOUNT\n"
                 "Give it to the server: netdom computername {COMPUTER} /add:{ALIAS.DOMAIN}, or "
                 "setspn -S {cifs/NAME} {COMPUTER}\n"
                 "On the client: klist purge, and try again with a new ticket",
    .reference = REFERENCE_KEY "\n[MS-KILE] 3.3.5.1.1 Server Principal Lookup",
};

/* ---- session_setup.ticket_for_other_host ---- */

static void prove_addresses(const struct scene *scene, struct proof *proof, const char *host)
{
    const struct connection *connection = scene->connection;
    const struct identity *identity = model_identity(scene->model, &connection->client.address);
    const struct address *other, *server = &connection->server.address;
    struct name_evidence names;
    struct sighting seen;

    if (identity_name_leads_to(identity, host, server, &names))
        proof_value_in(proof, &names.seen, "DNS", "%s", names.chain);
    other = identity_other_address(identity, host, server, &seen);
    if (!other)
        return;
    proof_value_in(proof, &seen, "DNS gave another address for the name, too", "%s",
                   address_text(other, proof->scope));
    proof->confidence = LIKELY;
}

static bool match_ticket_for_other_host(const struct scene *scene, struct proof *proof)
{
    struct foreign_name name;

    if (!match_foreign_name(scene, proof, false, &name))
        return false;
    prove_addresses(scene, proof, name.host);
    return true;
}

const struct rule session_setup_ticket_for_other_host = {
    .id = "session_setup.ticket_for_other_host",
    REFUSED_TICKET,
    .confidence = POSSIBLE,
    .match = match_ticket_for_other_host,
    .summary = "The refused ticket is for another host than the server says that it is",
    .headline = "Ticket for {=Ticket for}, but the server calls itself {=Server's own name}",
    .cause = "The name leads to the wrong host: a DNS record that is out of date, a hosts file, an "
             "address that was given to another computer\n"
             "The name is a second name of this server (an address record, a cluster's name), and "
             "its service name is registered on another account",
    .next_step = "Where does the name lead, and where should it? Resolve-DnsName {NAME}, "
                 "Get-DnsServerResourceRecord on the DNS server, the client's hosts file; then "
                 "ipconfig /flushdns\n"
                 "Which account owns the name? setspn -Q {cifs/NAME}\n"
                 "If it is a second name of this server: netdom computername {COMPUTER} "
                 "/add:{ALIAS.DOMAIN}\n"
                 "On the client: klist purge, and try again with a new ticket",
    .reference = REFERENCE_KEY "\n[MS-KILE] 3.3.5.1.1 Server Principal Lookup",
};

const struct rule_list session_setup_ticket_rules = {
    .blocks = (const struct rule *const[]){&session_setup_key_out_of_step,
                                           &session_setup_ticket_for_other_account,
                                           &session_setup_ticket_for_other_host, NULL},
};
