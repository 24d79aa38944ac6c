/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate: the exchange, or the connection with it, ended where the set-up should have gone on.
 * [MS-SMB2] 3.3.5.3, 3.3.5.4, 3.2.5.2.
 */
#include "facts.h"
#include "../advice.h"
#include "../lists.h"
#include "../others.h"

/* ---- negotiate.no_response ---- */

static bool match_no_response(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!exchange_is_open(exchange) || request_never_arrived(exchange))
        return false;
    if (scene->event == ON_CLOSE && !exchange->settled) /* closed before an answer was overdue */
        return false;
    prove_offer(proof, exchange);
    return true;
}

static const struct rule no_response = {
    .id = "negotiate.no_response",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_SILENCE | ON_CLOSE,
    .commands = FOR_EITHER_NEGOTIATE,
    .match = match_no_response,
    .absence = true,
    .symptom = true,
    .summary = "The server did not answer NEGOTIATE",
    .headline =
        "{server} did not answer NEGOTIATE for {=Unanswered for}|{server} did not answer NEGOTIATE",
    .others = WHERE_OTHERS_AGREE,
    .cause = "Consistent with an antivirus program or another filter driver on the server that "
             "holds the request back\n"
             "Consistent with missing updates on the server: Windows Server 2008 R2 has hot fixes "
             "for this\n"
             "The SMB service on the server hangs or has no thread left\n"
             "{!NEAR SERVER}A device on the way lets the TCP handshake pass and swallows SMB",
    .next_step =
        "{!NEAR SERVER}Capture on the server as well: does the request arrive there, does an "
        "answer leave?\n"
        "{?NEAR SERVER}Look at the server itself first: this was captured near it, and shows the "
        "request and no answer\n"
        "On the server: Get-Service LanmanServer; on Samba: smbcontrol smbd ping\n"
        "On the server, list filter drivers: fltmc instances (as administrator)\n"
        "Bring client and server up to date; on Windows Server 2008 R2 install the SMB hot fixes\n"
        "At last, test with the antivirus program removed, not only switched off",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 3.2.6.1 Request "
                 "Expiration Timer Event",
};

/* ---- negotiate.reset ---- */

static bool match_reset(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!exchange_is_open(exchange) || exchange->settled ||
        scene->connection->closed_by != SERVER || exchange_explained(exchange))
        return false;
    prove_offer(proof, exchange);
    return true;
}

static const struct rule reset = {
    .id = "negotiate.reset",
    .severity = ERROR,
    .confidence = POSSIBLE,
    .events = ON_CLOSE,
    .commands = FOR_EITHER_NEGOTIATE,
    .match = match_reset,
    .absence = true,
    .symptom = true,
    .summary = "The server closed the connection instead of answering NEGOTIATE",
    .headline = "{server} closed the connection instead of answering NEGOTIATE",
    .others = WHERE_OTHERS_AGREE,
    .cause = CLOSED_BY_ANOTHER UNLESS_TTL_TELLS
    "A firewall or intrusion prevention system ended the connection in the server's name\n"
    "The server refuses this client: disabled, at its limit of connections, or (Samba) hosts "
    "deny\n"
    "The request is not one that the server can read, or not the first one on the connection\n"
    "The SMB service on the server crashed\n" DESPITE_TTL
    "a firewall or intrusion prevention system ended the connection in the server's name",
    .next_step = FIND_WHO_CLOSED
    "On the server: event log Microsoft-Windows-SMBServer/Operational, or Samba's log at log "
    "level 3\n"
    "On Samba: testparm -s, and look at hosts allow, hosts deny and max smbd "
    "processes\n" CAPTURE_WHO_CLOSED,
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 3.3.5.3 "
                 "Receiving an SMB_COM_NEGOTIATE",
};

/* ---- negotiate.abandoned ---- */

/* A client that asked for a ticket before is the same attempt for so long. */
#define TICKET_LOOK_BACK (10 * NANOSECONDS_PER_SECOND)

/* The ticket for this server that the client asked for on its way; NULL = none. */
static const struct kdc_exchange *ticket_on_the_way(const struct scene *scene)
{
    const struct connection *connection = scene->connection;
    const struct identity *identity = model_identity(scene->model, &connection->client.address);
    const struct kdc_exchange *ticket = connection_ticket_request(connection, scene->now.time);

    if (!ticket || !identity ||
        connection->first.time - ticket->last_requested.time > TICKET_LOOK_BACK ||
        identity_service_match(identity, connection, ticket->request.service) != SERVICE_MATCHES)
        return NULL;
    return ticket;
}

/* Scanners and health probes end here too, by design. They have no name for the server and no GUID;
 * clients that are about to log on have both (the name since Windows 10 1903, [MS-SMB2] 3.2.4.2.2.2
 * <138>). Nor do they ask a KDC for a ticket. */
static bool is_client_in_earnest(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_request *request = negotiate_request_of(scene->exchange->asked);
    const struct kdc_exchange *ticket = ticket_on_the_way(scene);

    if (!request || guid_is_zero(request->client_guid) || (!request->contexts.netname && !ticket))
        return false;
    if (ticket)
        proof_value_in(proof, &ticket->last_requested, "Ticket asked for", "%s",
                       ticket->request.service);
    return true;
}

static const char no_encryption[] =
    "Consistent with a client that requires encryption: it offered to encrypt, and the server "
    "agreed to none\n"
    "Another policy of the client refuses what the server chose: dialect, missing signing\n"
    "No way to authenticate: the client could not get a Kerberos ticket, and NTLM is blocked or "
    "not allowed\n"
    "The client was satisfied: a probe, or another connection of the same client won the race";
static const char no_encryption_step[] =
    "On the client: Get-SmbClientConfiguration | fl "
    "RequireEncryption,RequireSecuritySignature,BlockNTLM,Smb2DialectMin,Smb2DialectMax "
    "(RequireEncryption: Windows 11 24H2, Windows Server 2025); on Samba: testparm -sv | grep "
    "'client smb encrypt'\n"
    "On the server: can it encrypt, and is that on? Samba: testparm -sv | grep -E 'server smb "
    "encrypt|server max protocol|smb3 encryption algorithms'\n"
    "Look at Kerberos on port 88 between the NEGOTIATE response and the close";

static bool match_abandoned(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct connection *connection = scene->connection;
    const struct token *token = response_token_of(exchange);

    if (!client_left_after(scene) || exchange != connection->agreed ||
        !is_client_in_earnest(scene, proof))
        return false;
    if (!encryption_was_declined(connection))
        proof_value_in(proof, &exchange->response, "Dialect chosen", "%s",
                       dialect_text(connection->dialect, proof->scope));
    if (token && token->offered)
        proof_value_in(proof, &exchange->response, "Mechanisms offered by the server", "%s",
                       mechanism_names(token->offered, proof->scope));
    proof_interval(proof, "Left after",
                   sighting_interval(&exchange->response, &connection->closing));
    if (encryption_was_declined(connection)) {
        prove_encryption(proof, connection);
        proof->cause = no_encryption;
        proof->next_step = no_encryption_step;
    }
    return true;
}

static const struct rule abandoned = {
    .id = "negotiate.abandoned",
    .severity = WARNING,
    .confidence = POSSIBLE,
    .events = ON_CLOSE,
    .commands = FOR_NEGOTIATE,
    .match = match_abandoned,
    .absence = true,
    .fallback = true,
    .symptom = true,
    .summary = "The client left right after the NEGOTIATE response, without trying to log on",
    .headline = "{client} left {=Left after} after the NEGOTIATE response of {server}",
    .cause =
        "{?NO KERBEROS}No way to authenticate: the server offers no Kerberos, and NTLM is blocked "
        "or not allowed on the client\n"
        "{!NO KERBEROS}No way to authenticate: the client could not get a Kerberos ticket, and "
        "NTLM "
        "is blocked or not allowed\n"
        "{!ENCRYPTION}The client requires encryption, and none was agreed\n"
        "The client's policy refuses what the server chose: the dialect, or missing signing\n"
        "The client was satisfied: a probe, or another connection of the same client won the race",
    .next_step =
        "{!NO KERBEROS}Look at Kerberos on port 88 between the NEGOTIATE response and the close\n"
        "On the client: Get-SmbClientConfiguration | fl RequireSecuritySignature\n"
        "And: Get-SmbClientConfiguration | fl "
        "BlockNTLM,RequireEncryption,Smb2DialectMin,Smb2DialectMax" SINCE_24H2 "\n"
        "On a Linux client: klist, and the messages of mount.cifs or smbclient -d 3",
    .reference = "[MS-SMB2] 3.2.5.2 Receiving an SMB2 NEGOTIATE Response",
};

const struct rule_list negotiate_ended_rules = {
    .blocks = (const struct rule *const[]){&no_response, &reset, &abandoned, NULL},
};
