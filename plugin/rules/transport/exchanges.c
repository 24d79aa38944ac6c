/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * transport: what TCP shows of a set-up, whichever exchange it hits (RFC 9293;
 * [MS-SMB2] 3.2.6.1, 3.3.7.1). Most of these say what happened, not why; the exchange's own rules
 * come before them.
 */
#include "../advice.h"
#include "../facts.h"
#include "../lists.h"

/* Between 55 and 65 s: the Windows client's request expiry, [MS-SMB2] 3.2.6.1. */
#define REQUEST_EXPIRY_FROM (55 * NANOSECONDS_PER_SECOND)
#define REQUEST_EXPIRY_TO (65 * NANOSECONDS_PER_SECOND)

/* What a CREATE waits for is none of the set-up's. */
#define ALL_BUT_CREATE                                                                             \
    (FOR_SMB1_NEGOTIATE | FOR_NEGOTIATE | FOR_SESSION_SETUP | FOR_TREE_CONNECT | FOR_IOCTL)

static bool is_open(const struct scene *scene)
{
    return exchange_is_open(scene->exchange);
}

static bool closed_by(const struct scene *scene, enum side side, bool reset)
{
    return is_open(scene) && scene->connection->closed_by == side &&
           scene->connection->closed_by_reset == reset;
}

/* ---- transport.midstream ---- */

static bool match_midstream(const struct scene *scene, struct proof *proof)
{
    (void)proof;
    return scene->connection->midstream;
}

static const struct rule midstream = {
    .id = "transport.midstream",
    .severity = CHAT,
    .confidence = CERTAIN,
    .events = ON_START,
    .match = match_midstream,
    .summary = "The capture starts after this connection's set-up began",
    .cause = "The first message seen is not a NEGOTIATE request; nothing is said about what may be "
             "missing",
    .next_step = "To diagnose the set-up, start the capture before the client connects",
    .reference = "[MS-SMB2] 3.2.4.2.2 Negotiating the Protocol",
};

/* ---- transport.capture_gap ---- */

/* Up to the first CREATE, or the first encrypted message. Told late, when it is clear that nothing
 * fills the gap. */
static bool is_in_setup(const struct connection *connection)
{
    const uint32_t gap = connection->gap.frame;

    if (connection->first_transform && connection->first_transform < gap)
        return false;
    for (const struct exchange *exchange = connection->first_exchange; exchange;
         exchange = exchange->next) {
        if (exchange->command == SMB2_CREATE)
            return gap <= exchange->request.frame;
    }
    return true;
}

static bool match_capture_gap(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;

    if (connection->midstream || !is_in_setup(connection))
        return false;
    proof->about = connection->gap;
    if (connection->truncated)
        proof_caveat(proof, "A set-up message was cut short by the capture's snap length");
    return true;
}

static const struct rule capture_gap = {
    .id = "transport.capture_gap",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_GAP,
    .match = match_capture_gap,
    .summary = "Bytes of this connection's set-up are missing in the capture",
    .cause = "The capturing host lost packets, captured one direction or one of several paths, or "
             "cut packets short",
    .next_step = "Capture again without loss: larger buffer, capture filter, no snap length, both "
                 "directions",
    .reference = "RFC 9293 3.4 Sequence Numbers",
};

/* ---- transport.request_not_acked ---- */

static bool match_request_not_acked(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_open(scene) || !request_never_arrived(exchange))
        return false;
    proof_frame(proof, "Last retransmission", &exchange_interlude(exchange)->last_copy);
    proof_interval(proof, "Retransmitted over",
                   sighting_interval(&exchange->request, &exchange_interlude(exchange)->last_copy));
    return true;
}

static const struct rule request_not_acked = {
    .id = "transport.request_not_acked",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_CLOSE | ON_SILENCE | ON_UNREACHABLE,
    .match = match_request_not_acked,
    .absence = true,
    .summary = "The request was retransmitted and never acknowledged by the server's TCP",
    .headline = "{server} never acknowledged the request: {=Retransmitted} retransmitted",
    .cause =
        "{?ICMP TOO BIG}A network on the way takes smaller packets only, as an ICMP error says; "
        "consistent with a client that the error does not reach, or that does not heed it\n"
        "{?ICMP FILTERED}A firewall or router with a rule against this traffic: the host that "
        "sent the ICMP error, or one that it speaks for\n"
        "{?ICMP NO HOST}The server's host or its network went away: who sent the ICMP error "
        "does not reach it\n"
        "{?NEAR SERVER}{!ICMP}Captured near the server, the request gets that far: consistent "
        "with the firewall of the server's host, or a host that went away\n"
        "{!NEAR SERVER}{!ICMP}Packets of this size are lost on the way (MTU or path problem)\n"
        "A firewall or intrusion prevention system drops what looks like SMB\n"
        "{!NEAR SERVER}{!ICMP}The server's host went away after the TCP handshake",
    .next_step =
        "{?ICMP}Look at the host that sent the ICMP error: its rules, its routes, the MTU "
        "of its networks\n"
        "{?ICMP TOO BIG}Look up what fits on the way: tracepath -n {SERVER} (Linux); and let "
        "ICMP errors through to the client\n"
        "{!NEAR SERVER}Capture on the server's side: do the retransmissions arrive there?\n"
        "{?NEAR SERVER}On the server: its own firewall and its network card, for the request "
        "was captured near it\n"
        "{!NEAR SERVER}{!ICMP FILTERED}{!ICMP NO HOST}Test the path with full-sized packets: ping "
        "-f -l 1472 {SERVER} (Windows) or "
        "ping -M do -s 1472 {SERVER}\n"
        "Look into the logs of firewalls between client and server for drops on port 445",
    .reference =
        "RFC 9293 3.8.1 Retransmission Timeout\n[MS-SMB2] 3.2.6.1 Request Expiration Timer Event",
};

/* ---- transport.request_timeout_60s ---- */

/* The exchange's own rule has told of the silence: whose timer ended it is one more detail. */
static bool match_request_timeout_60s(const struct scene *scene, struct proof *proof)
{
    const int64_t age = is_open(scene) ? scene->now.time - scene->exchange->request.time : 0;

    if (exchange_has_error(scene->exchange))
        proof_at_most(proof, NOTE);
    proof->related = scene->now;
    return scene->connection->closed_by == CLIENT && age >= REQUEST_EXPIRY_FROM &&
           age <= REQUEST_EXPIRY_TO && !exchange_interlude(scene->exchange)->interim.frame;
}

static const struct rule request_timeout_60s = {
    .id = "transport.request_timeout_60s",
    .severity = ERROR,
    .weighs = AS_NOTE,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .match = match_request_timeout_60s,
    .absence = true,
    .symptom = true,
    .summary = "The client gave up on an unanswered request after its 60 second timeout",
    .headline = "{client} gave up after {=Unanswered for} without an answer of {server}",
    .cause = "The server did not answer; the client closed the connection only because its request "
             "timer (60 s on Windows by default) ran out",
    .next_step =
        "Look at the server, not at the client: why did it not answer this request?\n"
        "Capture on the server to see whether the request arrives there and an answer leaves\n"
        "On the client: Get-SmbClientConfiguration | fl SessionTimeout,ExtendedSessionTimeout",
    .reference = "[MS-SMB2] 3.2.6.1 Request Expiration Timer Event",
};

/* ---- transport.pending_then_lost ---- */

/* A client that closes before an answer is overdue gave the server no time. An open may wait for
 * another client's oplock or lease, for as long as that takes: the client may
 * leave it at any time. */
static bool client_did_not_want_it(const struct scene *scene)
{
    return scene->connection->closed_by == CLIENT &&
           (scene->exchange->command == SMB2_CREATE || !scene->exchange->settled);
}

static bool match_pending_then_lost(const struct scene *scene, struct proof *proof)
{
    if (!is_open(scene) || !exchange_interlude(scene->exchange)->interim.frame ||
        client_did_not_want_it(scene))
        return false;
    proof->about = exchange_interlude(scene->exchange)->interim;
    return true;
}

static const struct rule pending_then_lost = {
    .id = "transport.pending_then_lost",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .match = match_pending_then_lost,
    .absence = true,
    .summary = "The server promised a later answer (STATUS_PENDING), then the connection closed",
    .headline = "{server} promised an answer, and the connection closed",
    .cause = "The operation behind the request hung on the server: storage, a domain controller, "
             "DFS or the cluster\n"
             "The client's timer for pending requests ran out (four times the request timeout on "
             "Windows)",
    .next_step = "Look at what the server waited for when the connection closed\n"
                 "On the client: Get-SmbClientConfiguration | fl ExtendedSessionTimeout",
    .reference = "[MS-SMB2] 3.2.5.1.5 Handling Asynchronous Responses\n[MS-SMB2] 3.3.4.2 Sending "
                 "an Interim Response for an Asynchronous Operation",
};

/* ---- transport.acked_not_answered ---- */

static bool match_acked_not_answered(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_open(scene) || !exchange->acknowledged.frame ||
        exchange_interlude(exchange)->interim.frame)
        return false;
    if (scene->event == ON_CLOSE && !exchange->settled) /* closed before an answer was overdue */
        return false;
    proof_interval(proof, "Acknowledged after",
                   sighting_interval(&exchange->request, &exchange->acknowledged));
    return true;
}

static const struct rule acked_not_answered = {
    .id = "transport.acked_not_answered",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_CLOSE | ON_SILENCE,
    .match = match_acked_not_answered,
    .absence = true,
    .summary = "The server's TCP acknowledged the request, but no SMB2 answer came",
    .headline = "{server} acknowledged the request after {=Acknowledged after}, and did not answer",
    .cause = "The request reached the server's TCP; the SMB service, or a filter driver above TCP, "
             "did not answer it\n"
             "{!NEAR SERVER}A device on the way acknowledged it on the server's behalf, as WAN "
             "accelerators and proxies do",
    .next_step =
        "Look at the server: event logs of the Server service or smbd, fltmc instances, antivirus\n"
        "{!NEAR SERVER}Rule out a middlebox that acknowledges on the server's behalf: capture on "
        "the server as well",
    .reference = "[MS-SMB2] 3.2.6.1 Request Expiration Timer Event",
};

/* ---- transport.slow_response ---- */

/* NEGOTIATE and its validation need no look-up anywhere: half the time is slow for them. */
static int64_t slow_after(const struct scene *scene)
{
    const int64_t slow = model_settings(scene->model)->slow_seconds * NANOSECONDS_PER_SECOND;

    return scene->exchange->command == SMB2_NEGOTIATE || scene->exchange->command == SMB2_IOCTL
               ? slow / 2
               : slow;
}

static const char slow_logon[] =
    "A slow domain controller or name resolution behind the server\n"
    "The delay after failed NTLM logons (2 s by default on Windows 11 24H2 and Server 2025)";
static const char slow_logon_step[] =
    "Capture the server's own traffic to its domain controller and DNS server\n"
    "On the server: Get-SmbServerConfiguration | fl "
    "InvalidAuthenticationDelayTimeInMs" SINCE_24H2;
static const char slow_share[] = "DFS, cluster or storage look-ups behind the share";
static const char slow_share_step[] =
    "On the server: does the share's folder open locally, and how fast?\n"
    "Capture the server's own traffic to its storage, cluster or DFS servers";

static bool match_slow_response(const struct scene *scene, struct proof *proof)
{
    const uint16_t command = scene->exchange->command;

    if (exchange_duration(scene->exchange) <= slow_after(scene))
        return false;
    if (command == SMB2_SESSION_SETUP) {
        proof->cause = slow_logon;
        proof->next_step = slow_logon_step;
    } else if (command == SMB2_TREE_CONNECT) {
        proof->cause = slow_share;
        proof->next_step = slow_share_step;
    }
    return true;
}

static const struct rule slow_response = {
    .id = "transport.slow_response",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = ALL_BUT_CREATE,
    .match = match_slow_response,
    .summary = "The server took long to answer a set-up request",
    .headline = "{server} answered after {=Answered after}",
    .cause = "Consistent with an antivirus program or another filter driver on the server\n"
             "A long way, or an overloaded server",
    .next_step = "Compare with the round trip time of the TCP handshake\n"
                 "On the server: fltmc instances (as administrator)",
    .reference = "[MS-SMB2] 3.3.4.1 Sending Any Outgoing Message",
};

/* ---- transport.malformed_request ---- */

static bool match_malformed_request(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_open(scene) || scene->connection->closed_by != SERVER ||
        exchange_interlude(exchange)->interim.frame || !exchange->malformed)
        return false;
    proof_value_in(proof, &exchange->request, "Not allowed",
                   "another StructureSize, or a field that points outside the message");
    return true;
}

static const struct rule malformed_request = {
    .id = "transport.malformed_request",
    .severity = WARNING,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .commands = FOR_TREE_CONNECT | FOR_CREATE,
    .match = match_malformed_request,
    .absence = true,
    .summary = "The request is malformed, and the server closed the connection, as it may",
    .headline = "{client} sent a malformed request, and {server} closed the connection",
    .cause = "A test program or scanner that sends such requests on purpose\n"
             "The client's SMB software builds the request wrongly\n"
             "Consistent with a box on the way that alters SMB messages",
    .next_step = "Look at the request, byte by byte: what does Wireshark call malformed?\n"
                 "Where the client is meant to work, update its SMB software, or try another one\n"
                 "Capture on both sides: does the request leave the client like this?",
    .reference = "[MS-SMB2] 3.3.5.2.6 Handling Incorrectly Formatted Requests",
};

/* ---- transport.server_reset_mid_setup ---- */

static bool match_server_reset_mid_setup(const struct scene *scene, struct proof *proof)
{
    (void)proof;
    return closed_by(scene, SERVER, true);
}

static const struct rule server_reset_mid_setup = {
    .id = "transport.server_reset_mid_setup",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .match = match_server_reset_mid_setup,
    .absence = true,
    .fallback = true,
    .symptom = true,
    .summary = "The server reset the connection instead of answering",
    .headline = "{server} reset the connection instead of answering",
    .cause = CLOSED_BY_ANOTHER
    "The SMB service or the host gave up on the connection\n" UNLESS_TTL_TELLS
    "A firewall or another device on the path sent the reset in the server's name\n" DESPITE_TTL
    "a device on the path sent the reset in the server's name",
    .next_step = FIND_WHO_CLOSED "Look at the server's event log at that time: crash or restart of "
                                 "the service, limits\n" CAPTURE_WHO_CLOSED,
    .reference = "[MS-SMB2] 3.3.7.1 Handling Loss of a Connection",
};

/* ---- transport.server_fin_mid_setup ---- */

static bool match_server_fin_mid_setup(const struct scene *scene, struct proof *proof)
{
    (void)proof;
    return closed_by(scene, SERVER, false);
}

static const struct rule server_fin_mid_setup = {
    .id = "transport.server_fin_mid_setup",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_CLOSE,
    .match = match_server_fin_mid_setup,
    .absence = true,
    .fallback = true,
    .symptom = true,
    .summary = "The server closed the connection instead of answering",
    .headline = "{server} closed the connection instead of answering",
    .cause = CLOSED_BY_ANOTHER
    "The server refuses to go on with this client; Samba ends connections this way where "
    "the protocol says \"disconnect\"\n"
    "The service was stopped or restarted",
    .next_step = "{?OTHER TTL}Find the device that sent the FIN: look into the logs of firewalls, "
                 "proxies and accelerators between the two at that time\n"
                 "Look at the server's log at that time (Samba: log level 3, \"Disconnecting\")",
    .reference = "[MS-SMB2] 3.3.7.1 Handling Loss of a Connection",
};

/* ---- transport.client_abort_mid_setup ---- */

/* Right after the answer that gave it the share: it did not like something in that answer, or the
 * program ended without ceremony. Nothing on the wire tells one from the other. */
static bool left_at_tree_connect(const struct scene *scene)
{
    const struct exchange *exchange = scene->exchange;

    return exchange->command == SMB2_TREE_CONNECT && client_left_after(scene) &&
           exchange->status == STATUS_SUCCESS &&
           sighting_interval(&exchange->response, &scene->connection->closing) <=
               NANOSECONDS_PER_SECOND;
}

/* No client's timer is that short. */
#define NO_TIMEOUT NANOSECONDS_PER_SECOND

static bool match_client_abort_mid_setup(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const struct exchange *exchange = scene->exchange;

    if (left_at_tree_connect(scene)) {
        proof_at_most(proof, NOTE);
        proof_interval(proof, "Left after",
                       sighting_interval(&scene->exchange->response, &connection->closing));
        proof->cause =
            "The client did not accept the TREE_CONNECT response: its signature is wrong (which "
            "only the session's key would show), consistent with a box on the way that altered it\n"
            "The user or program gave up, or wanted no more than this";
        proof->next_step = "Capture on the server as well: does the response leave it with the "
                           "same signature (the last 16 bytes of the SMB2 header)?\n"
                           "Look at the client's own messages of that moment";
        return true;
    }
    if (!is_open(scene) || connection->closed_by != CLIENT || connection->tree_connected)
        return false;
    if (scene->now.time - exchange->request.time < NO_TIMEOUT) {
        proof->cause = "The program ended or was stopped right after its request: it did not wait "
                       "for the answer\n"
                       "Another connection of the same client won the race";
        proof->next_step = "Look for a second connection to the same server at that time\n"
                           "Look at the client's own messages of that moment";
    }
    return true;
}

static const struct rule client_abort_mid_setup = {
    .id = "transport.client_abort_mid_setup",
    .severity = WARNING,
    .weighs = AS_NOTE,
    .confidence = POSSIBLE,
    .events = ON_CLOSE,
    .commands = ALL_BUT_CREATE,
    .match = match_client_abort_mid_setup,
    .absence = true,
    .fallback = true,
    .symptom = true,
    .summary = "The client closed the connection in the middle of the set-up",
    .headline =
        "{client} left {=Left after} after the TREE_CONNECT response of {server}|{client} left "
        "in the middle of the set-up with {server}",
    .cause = "The client's own timeout, of less than a minute\n"
             "The user or program gave up waiting",
    .next_step = "Compare how long the request was open with the client's timeout\n"
                 "Look for a second connection to the same server at that time",
    .reference = "[MS-SMB2] 3.2.6.1 Request Expiration Timer Event",
};

/* ---- transport.limit_reached ---- */

static bool match_limit_reached(const struct scene *scene, struct proof *proof)
{
    proof_value(proof, "Requests followed", "%u", model_settings(scene->model)->limit);
    return true;
}

static const struct rule limit_reached = {
    .id = "transport.limit_reached",
    .severity = CHAT,
    .confidence = CERTAIN,
    .events = ON_LIMIT,
    .match = match_limit_reached,
    .summary =
        "From here on this connection's set-up requests are not followed: there are too many",
    .cause = "A connection that lives very long, or a client that floods its server with requests",
    .next_step = "To follow more of them, raise the setting smb2diag.limit (0: all) and load the "
                 "capture anew",
    .reference = "[MS-SMB2] 3.3.1.7 Per Transport Connection",
};

const struct rule_list transport_exchange_rules = {
    .blocks = (const struct rule *const[]){&midstream, &capture_gap, &request_not_acked,
                                           &request_timeout_60s, &pending_then_lost,
                                           &acked_not_answered, &slow_response, &malformed_request,
                                           &server_reset_mid_setup, &server_fin_mid_setup,
                                           &client_abort_mid_setup, &limit_reached, NULL},
};
