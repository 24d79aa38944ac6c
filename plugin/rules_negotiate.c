/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate, part one: no answer, no agreement. [MS-SMB2] 3.3.5.3, 3.3.5.4.
 */
#include "catalogue.h"
#include "terms.h"

static bool is_negotiate(const struct exchange *exchange)
{
    return exchange &&
           (exchange->command == SMB2_NEGOTIATE || exchange->command == SMB1_NEGOTIATE);
}

/* In answer to an SMB1 multi-protocol NEGOTIATE too, but not SMB1's own answer. */
static bool is_smb2_answer(const struct scene *scene)
{
    return is_negotiate(scene->exchange) && !scene->exchange->smb1_response;
}

static void prove_offer(struct proof *proof, const struct exchange *exchange)
{
    if (exchange->negotiate_request)
        proof_value_in(proof, &exchange->request, "Dialects offered", "%s",
                       dialects_text(&exchange->negotiate_request->dialects, proof->scope));
    else if (exchange->smb1_request)
        proof_value_in(proof, &exchange->request, "Dialects offered", "%s",
                       exchange->smb1_request->names);
}

/* ---- negotiate.no_response ---- */

/* Without any acknowledgement it is the network's fault: transport.request_not_acked. */
static bool never_arrived(const struct exchange *exchange)
{
    return exchange->retransmissions >= 2 && !exchange->acknowledged.frame;
}

static bool match_no_response(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_negotiate(exchange) || !exchange_is_open(exchange) || never_arrived(exchange))
        return false;
    if (scene->event == ON_CLOSE && !exchange->settled) /* closed before an answer was overdue */
        return false;
    prove_offer(proof, exchange);
    return true;
}

static const struct rule no_response = {
    .id = "negotiate.no_response",
    .severity = ERROR,
    .group = SEQUENCE,
    .confidence = LIKELY,
    .events = ON_SILENCE | ON_CLOSE,
    .command = ANY_COMMAND,
    .match = match_no_response,
    .absence = true,
    .symptom = true,
    .summary = "The server did not answer NEGOTIATE",
    .cause = "Consistent with an antivirus program or another filter driver on the server that holds the "
             "request back\n"
             "Consistent with missing updates on the server: Windows Server 2008 R2 has hot fixes for "
             "this\n"
             "The SMB service on the server hangs or has no thread left\n"
             "A device on the way lets the TCP handshake pass and swallows SMB",
    .next_step = "On the server, list filter drivers with fltmc instances; test with the antivirus "
                 "program removed, not only switched off\n"
                 "Bring client and server up to date; on Windows Server 2008 R2 install the SMB hot "
                 "fixes\n"
                 "Capture on the server as well: does the request arrive there, does an answer leave?\n"
                 "On the server: Get-Service LanmanServer; on Samba: smbcontrol smbd ping",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 3.2.6.1 Request "
                 "Expiration Timer Event",
};

/* ---- negotiate.smb1_only_offer ---- */

static bool offers_smb1_only(const struct exchange *exchange)
{
    const struct smb1_negotiate *request = exchange ? exchange->smb1_request : NULL;

    return request && request->complete && !request->offers_smb2_002 && !request->offers_smb2_any;
}

/* Samba answers with an SMB1 error or with "no dialect" where Windows hangs up. */
static bool smb1_refused(const struct scene *scene)
{
    const struct smb1_negotiate *response = scene->exchange->smb1_response;

    if (scene->event == ON_RESPONSE)
        return response && (response->status != STATUS_SUCCESS || response->selected == 0xffff);
    return exchange_is_open(scene->exchange) && scene->connection->closed_by == SERVER &&
           connection_absence_is_proof(scene->connection);
}

static bool match_smb1_only_offer(const struct scene *scene, struct proof *proof)
{
    if (!offers_smb1_only(scene->exchange) || !smb1_refused(scene))
        return false;
    proof->about = scene->exchange->request;
    prove_offer(proof, scene->exchange);
    if (scene->exchange->smb1_response && scene->exchange->smb1_response->selected == 0xffff)
        proof_value_in(proof, &scene->exchange->response, "Dialect chosen", "none (0xffff)");
    return true;
}

static const struct rule smb1_only_offer = {
    .id = "negotiate.smb1_only_offer",
    .severity = ERROR,
    .group = PROTOCOL,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_CLOSE,
    .command = SMB1_NEGOTIATE,
    .match = match_smb1_only_offer,
    .summary = "The client offered SMB1 only, and the server refused",
    .cause = "The client knows or is allowed SMB1 only: an old scanner, copier or NAS, or a setting; the "
             "server has SMB1 switched off or removed",
    .next_step = "Give the client SMB2 or later: newer firmware, or on Samba client max protocol and "
                 "client min protocol = SMB2_02\n"
                 "On the server: event 1001 in Microsoft-Windows-SMBServer/Operational names such "
                 "clients\n"
                 "Do not switch SMB1 on again: it is neither signed nor encrypted as SMB2 and SMB3 are",
    .reference = "[MS-SMB2] 3.3.5.3.2 SMB 2.0.2 Support",
};

/* ---- negotiate.smb1_answer ---- */

static bool match_smb1_answer(const struct scene *scene, struct proof *proof)
{
    const struct smb1_negotiate *request = scene->exchange->smb1_request;
    const struct smb1_negotiate *response = scene->exchange->smb1_response;

    if (!request || !response || response->status != STATUS_SUCCESS || response->selected == 0xffff ||
        !(request->offers_smb2_002 || request->offers_smb2_any))
        return false;
    prove_offer(proof, scene->exchange);
    return true;
}

static const struct rule smb1_answer = {
    .id = "negotiate.smb1_answer",
    .severity = NOTE,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB1_NEGOTIATE,
    .match = match_smb1_answer,
    .summary = "The client offered SMB2 as well, but the server chose SMB1",
    .cause = "The server knows SMB1 only, or has SMB2 switched off\n"
             "Consistent with a box between here and the server that took SMB2 out of the offer: nothing "
             "protects against a downgrade to SMB1",
    .next_step = "On a Windows server: Get-SmbServerConfiguration | select EnableSMB1Protocol,"
                 "EnableSMB2Protocol\n"
                 "On Samba: testparm -s --parameter-name='server max protocol'\n"
                 "On the client, switch SMB1 off so that it cannot be chosen",
    .reference = "[MS-SMB2] 3.3.5.3.2 SMB 2.0.2 Support\n[MS-SMB2] 3.2.5.2 Receiving an SMB2 NEGOTIATE "
                 "Response",
};

/* ---- negotiate.reset ---- */

static bool match_reset(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_negotiate(exchange) || !exchange_is_open(exchange) || exchange->settled ||
        scene->connection->closed_by != SERVER || exchange_explained(exchange))
        return false;
    prove_offer(proof, exchange);
    return true;
}

static const struct rule reset = {
    .id = "negotiate.reset",
    .severity = ERROR,
    .group = SEQUENCE,
    .confidence = POSSIBLE,
    .events = ON_CLOSE,
    .command = ANY_COMMAND,
    .match = match_reset,
    .absence = true,
    .symptom = true,
    .summary = "The server closed the connection instead of answering NEGOTIATE",
    .cause = "A firewall or intrusion prevention system ended the connection in the server's name\n"
             "The server refuses this client: disabled, at its limit of connections, or (Samba) hosts "
             "deny\n"
             "The request is not one that the server can read, or not the first one on the connection\n"
             "The SMB service on the server crashed",
    .next_step = "Compare TTL and IP identification of the closing packet with earlier packets of the "
                 "server\n"
                 "On the server: event log Microsoft-Windows-SMBServer/Operational, or Samba's log at "
                 "log level 3\n"
                 "On Samba: testparm -s, and look at hosts allow, hosts deny and max smbd processes",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 3.3.5.3 Receiving an "
                 "SMB_COM_NEGOTIATE",
};

/* ---- negotiate.abandoned ---- */

/* Scanners and health probes end here too, by design. They have no name for the server and no GUID; clients that
 * are about to log on have both (the name since Windows 10 1903, [MS-SMB2] 3.2.4.2.2.2 <138>). */
static bool is_client_in_earnest(const struct negotiate_request *request)
{
    return request && request->contexts.netname && !guid_is_zero(request->client_guid);
}

static bool match_abandoned(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct connection *connection = scene->connection;

    if (!client_left_after(scene) || exchange != connection->agreed ||
        !is_client_in_earnest(exchange->negotiate_request))
        return false;
    proof_value_in(proof, &exchange->response, "Dialect chosen", "%s",
                   dialect_text(connection->dialect, proof->scope));
    if (exchange->negotiate_token && exchange->negotiate_token->offered)
        proof_value_in(proof, &exchange->response, "Mechanisms offered by the server", "%s",
                       mechanism_names(exchange->negotiate_token->offered, proof->scope));
    proof_interval(proof, "Left after", sighting_interval(&exchange->response, &connection->closing));
    return true;
}

static const struct rule abandoned = {
    .id = "negotiate.abandoned",
    .severity = WARNING,
    .group = SECURITY,
    .confidence = POSSIBLE,
    .events = ON_CLOSE,
    .command = SMB2_NEGOTIATE,
    .match = match_abandoned,
    .absence = true,
    .fallback = true,
    .symptom = true,
    .summary = "The client left right after the NEGOTIATE response, without trying to log on",
    .cause = "No way to authenticate: the client could not get a Kerberos ticket, and NTLM is blocked or "
             "not allowed\n"
             "The client's policy refuses what the server chose: dialect, missing encryption, missing "
             "signing\n"
             "The client was satisfied: a probe, or another connection of the same client won the race",
    .next_step = "Look at Kerberos on port 88 between the NEGOTIATE response and the close\n"
                 "On the client: Get-SmbClientConfiguration | fl RequireEncryption,"
                 "RequireSecuritySignature,BlockNTLM,Smb2DialectMin,Smb2DialectMax\n"
                 "On a Linux client: klist, and the messages of mount.cifs or smbclient -d 3",
    .reference = "[MS-SMB2] 3.2.5.2 Receiving an SMB2 NEGOTIATE Response",
};

/* ---- negotiate.dialect_not_supported ---- */

static const char *dialect_cause(const struct id_list *offered)
{
    const uint16_t lowest = lowest_dialect(offered), highest = highest_dialect(offered);

    if (!id_list_complete(offered) || !lowest)
        return NULL;
    if (highest < DIALECT_3_0)
        return "The client stops at SMB 2.x, and the server begins higher: an old client, or client "
               "max protocol\n"
               "The server's lowest dialect was raised (Smb2DialectMin; Samba: server min protocol)";
    if (lowest >= DIALECT_3_0)
        return "The client begins at SMB 3.x, and the server stops lower: an old server, or server max "
               "protocol\n"
               "The client's lowest dialect was raised (Smb2DialectMin, MinSMB2Dialect; Samba: client "
               "min protocol)";
    return NULL;
}

static bool match_dialect_not_supported(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_request *request = scene->exchange->negotiate_request;

    if (!is_smb2_answer(scene))
        return false;
    prove_offer(proof, scene->exchange);
    if (request)
        proof->cause = dialect_cause(&request->dialects);
    return true;
}

static const struct rule dialect_not_supported = {
    .id = "negotiate.dialect_not_supported",
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = ANY_COMMAND,
    .statuses = (const uint32_t[]){STATUS_NOT_SUPPORTED, 0},
    .match = match_dialect_not_supported,
    .summary = "Client and server have no SMB dialect in common",
    .cause = "The server allows none of the dialects that the client offered: the lowest of one side is "
             "above the highest of the other",
    .next_step = "On a Windows server: Get-SmbServerConfiguration | fl Smb2DialectMin,Smb2DialectMax\n"
                 "On a Windows client: Get-SmbClientConfiguration | fl Smb2DialectMin,Smb2DialectMax, "
                 "and MinSMB2Dialect and MaxSMB2Dialect under HKLM\\SYSTEM\\CurrentControlSet\\Services\\"
                 "LanmanWorkstation\\Parameters\n"
                 "On Samba: testparm -sv | grep -E '(server|client) (min|max) protocol'\n"
                 "With mount.cifs: try another vers=",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request",
};

/* ---- negotiate.invalid_parameter ---- */

static bool has_duplicates(const struct negotiate_contexts *contexts)
{
    return contexts->ciphers.contexts > 1 || contexts->compressions.contexts > 1 ||
           contexts->rdma_transforms.contexts > 1 || contexts->signings.contexts > 1;
}

/* What of [MS-SMB2] 3.3.5.4 and 3.3.5.2.4 the request breaks; NULL: nothing that the capture shows. */
static const char *violation(const struct exchange *exchange)
{
    const struct negotiate_request *request = exchange->negotiate_request;

    if (exchange->request_signed)
        return "the request is signed";
    if (!request)
        return NULL;
    if (request->dialects.count == 0)
        return "the list of dialects is empty";
    if (!request->contexts.known)
        return NULL;
    if (request->contexts.hashes.contexts != 1)
        return "not exactly one context with pre-authentication hashes, though SMB 3.1.1 is offered";
    if (has_duplicates(&request->contexts))
        return "a negotiate context is there twice";
    return request->contexts.malformed ? "a negotiate context is malformed" : NULL;
}

static bool match_invalid_parameter(const struct scene *scene, struct proof *proof)
{
    const char *fault = violation(scene->exchange);

    if (!is_smb2_answer(scene))
        return false;
    prove_offer(proof, scene->exchange);
    if (fault) {
        proof_value_in(proof, &scene->exchange->request, "Not allowed", "%s", fault);
        return true;
    }
    proof->cause = "The request as captured breaks no rule that can be checked here: consistent with a "
                   "box between the capture and the server that altered it\n"
                   "The server objects to something in a negotiate context";
    return true;
}

static const struct rule invalid_parameter = {
    .id = "negotiate.invalid_parameter",
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .command = ANY_COMMAND,
    .statuses = (const uint32_t[]){STATUS_INVALID_PARAMETER, 0},
    .match = match_invalid_parameter,
    .summary = "The server calls the NEGOTIATE request invalid",
    .cause = "The client builds its request wrongly\n"
             "A box on the way altered the request: compare with a capture taken on the client",
    .next_step = "Capture on both sides and compare the NEGOTIATE request byte by byte\n"
                 "Take WAN accelerators and firewalls with SMB inspection out of the path\n"
                 "Update the client",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 3.3.5.2.4 Verifying "
                 "the Signature",
};

/* ---- negotiate.error_other ---- */

/* ksmbd gives this status for whatever went wrong with NEGOTIATE. */
static const char *resources_cause(uint32_t status)
{
    if (status != STATUS_INSUFFICIENT_RESOURCES && status != STATUS_INSUFF_SERVER_RESOURCES)
        return NULL;
    return "The server is short of memory or at a limit\n"
           "A Linux server with ksmbd says this to every NEGOTIATE that it refuses: no common dialect, a "
           "bad context";
}

static bool match_error_other(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_smb2_answer(scene) || exchange->status == STATUS_SUCCESS ||
        exchange->status == STATUS_NOT_SUPPORTED || exchange->status == STATUS_INVALID_PARAMETER)
        return false;
    prove_offer(proof, exchange);
    proof->cause = resources_cause(exchange->status);
    if (exchange->status == STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP)
        proof->cause = "Client and server have no pre-authentication hash in common; SHA-512 is the only "
                       "one defined, so consistent with a request that was altered on the way";
    return true;
}

static const struct rule error_other = {
    .id = "negotiate.error_other",
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = ANY_COMMAND,
    .match = match_error_other,
    .summary = "The server refused NEGOTIATE with an error status",
    .cause = "The status names it; the cause lies within the server",
    .next_step = "Look at the server's log at that time: Microsoft-Windows-SMBServer/Operational, or "
                 "Samba's log at log level 3",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request",
};

const struct rule *const negotiate_rules[] = {
    &smb1_only_offer,       &smb1_answer,       &no_response, &reset,     &abandoned,
    &dialect_not_supported, &invalid_parameter, &error_other, NULL,
};
