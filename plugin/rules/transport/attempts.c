/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * transport: what kept the client out before the first SMB message was answered. RFC 9293 3.5,
 * RFC 792, RFC 4443 3, RFC 1002 4.3.4. An error only where nothing else got the client in.
 */
#include "model_attempts.h"

#include "../facts.h"
#include "../lists.h"
#include "../others.h"

#define PORT_NETBIOS 139

/* ---- what they have in common ---- */

static const char *relief_text(enum attempt_relief relief)
{
    static const char *const texts[] = {
        [RELIEF_ANSWERED] = "the server answered this attempt after all",
        [RELIEF_RETRY] = "the client tried again, and the server let it in",
        [RELIEF_PORT] = "the client got in at another port of this server",
        [RELIEF_NAME] = "the client got in at another address of the same name in DNS",
        [RELIEF_FAMILY] = "the same network card got in over the other version of IP",
        [RELIEF_BESIDE] = "the client tried port 445 of this server at the same time",
        [RELIEF_SCAN] = "very many attempts of this client fail: consistent with a scan",
    };

    return texts[relief];
}

/* Port 139 beside a connection that works: every client that tries both leaves it behind. */
static bool is_left_behind(const struct attempt *attempt)
{
    return attempt->relief == RELIEF_PORT && attempt->server.port == PORT_NETBIOS &&
           attempt->relieved.time <= attempt->ended.time;
}

static void weigh(struct proof *proof, const struct attempt *attempt)
{
    if (attempt->bare)
        proof_caveat(proof,
                     "The SYN is not one that a common TCP makes: consistent with a scanner");
    if (attempt->relief || attempt->bare)
        proof_at_most(proof, is_left_behind(attempt) ? CHAT : NOTE);
    if (!attempt->relief)
        return;
    proof_words_in(proof, &attempt->relieved, "Beside it", relief_text(attempt->relief));
    proof->related = attempt->relieved;
}

static void prove_name(struct proof *proof, const struct scene *scene)
{
    const struct attempt *attempt = scene->attempt;
    struct name_evidence name;

    if (identity_names(model_identity(scene->model, &attempt->client.address),
                       &attempt->server.address, &name))
        proof_value_in(proof, &name.seen, "Address from DNS", "%s", name.chain);
}

static void prove_attempt(struct proof *proof, const struct scene *scene)
{
    const struct attempt *attempt = scene->attempt;

    proof->about = attempt->syn;
    proof_value(proof, "Port", "%u", attempt->server.port);
    prove_name(proof, scene);
    if (attempt->syn_count > 1) {
        proof_value(proof, "SYN sent", "%u times", attempt->syn_count);
        proof_interval(proof, "Tried for", sighting_interval(&attempt->syn, &attempt->last_syn));
    }
    if (attempt->outcome != ATTEMPT_UNANSWERED)
        proof_interval(proof, "Answered after", sighting_interval(&attempt->syn, &attempt->ended));
    weigh(proof, attempt);
}

/* A note has no work list of its own. */
static const char *steps_of_note(enum attempt_relief relief)
{
    switch (relief) {
    case RELIEF_BESIDE:
        return "Look at what is said about port 445 of this server";
    case RELIEF_SCAN:
        return "Find out what the client was looking for: a scanner, an inventory, a worm";
    default:
        return "Only if the wait for it hurts: let the client through here as well, or keep it "
               "from "
               "trying";
    }
}

/* NULL: the rule's. */
static const char *steps(const struct attempt *attempt)
{
    return attempt->relief ? steps_of_note(attempt->relief) : NULL;
}

#define TRY_FROM_CLIENT                                                                            \
    "From the client: Test-NetConnection {ADDRESS} -Port {PORT} (Windows) or nc -vz {ADDRESS} "    \
    "{PORT}\n"

/* ---- transport.syn_unanswered ---- */

static bool match_syn_unanswered(const struct scene *scene, struct proof *proof)
{
    const struct attempt *attempt = scene->attempt;

    if (attempt->outcome != ATTEMPT_UNANSWERED)
        return false;
    prove_attempt(proof, scene);
    proof->next_step = steps(attempt);
    if (attempt->one_sided) {
        proof->confidence = POSSIBLE;
        proof_caveat(proof, "No packet to this client was captured: that it sends its SYN again "
                            "shows that it heard nothing");
    }
    return true;
}

static const struct rule syn_unanswered = {
    .id = "transport.syn_unanswered",
    .severity = ERROR,
    .weighs = AS_NOTE | AS_CHAT,
    .confidence = LIKELY,
    .events = ON_ATTEMPT | ON_ATTEMPT_SILENCE,
    .match = match_syn_unanswered,
    .summary = "The server's SMB port did not answer the client's attempt to connect",
    .headline = "{server} does not answer on port {=Port}",
    .others = WHERE_OTHERS_AGREE,
    .cause = "A firewall on the way or on the server drops the packets; many networks and Internet "
             "providers block port 445\n"
             "The server is switched off or has another address\n"
             "The answer is lost on its way back: another route, or a firewall that saw one "
             "direction only",
    .next_step = TRY_FROM_CLIENT
    "Capture on the server: do the SYNs arrive there, does a SYN-ACK leave?\n"
    "Look into the logs of firewalls between the two for drops\n"
    "On a Windows server: Get-NetFirewallRule -DisplayGroup 'File and Printer Sharing'\n"
    "{?AZURE FILES}Azure Files through a provider that blocks port 445: a VPN or ExpressRoute "
    "to a private endpoint",
    .reference = "RFC 9293 3.5 Establishing a Connection\nRFC 6298 2 The Basic Algorithm",
};

/* ---- transport.syn_refused ---- */

static bool match_syn_refused(const struct scene *scene, struct proof *proof)
{
    const struct attempt *attempt = scene->attempt;

    if (attempt->outcome != ATTEMPT_REFUSED)
        return false;
    prove_attempt(proof, scene);
    proof->next_step = steps(attempt);
    return true;
}

static const struct rule syn_refused = {
    .id = "transport.syn_refused",
    .severity = ERROR,
    .weighs = AS_NOTE | AS_CHAT,
    .confidence = CERTAIN,
    .events = ON_ATTEMPT,
    .match = match_syn_refused,
    .summary = "A reset answered the client's attempt to connect to the SMB port",
    .headline = "{server} refuses connections to port {=Port}",
    .others = WHERE_OTHERS_AGREE,
    .cause =
        "Nothing listens on that port: the SMB service is stopped or not installed, or listens "
        "on other addresses or ports\n"
        "The address belongs to another host\n"
        "A firewall sends the reset in the server's name",
    .next_step = TRY_FROM_CLIENT
    "On a Windows server: Get-Service LanmanServer and netstat -ano | findstr LISTENING\n"
    "On a Samba server: ss -ltnp, and smb ports, interfaces, bind interfaces only in testparm "
    "-s\n"
    "Compare the TTL of the reset with that of other packets of the server",
    .reference = "RFC 9293 3.5.2 Reset Generation",
};

/* ---- transport.syn_unreachable ---- */

static const char *cause_of(enum icmp_kind kind)
{
    switch (kind) {
    case ICMP_PROHIBITED:
        return "A firewall or router with a rule against this connection: the host that sent the "
               "ICMP error, or one that it speaks for";
    case ICMP_NO_PORT:
        return "A firewall that rejects the connection: a host's TCP answers a closed port with a "
               "reset, not with ICMP";
    case ICMP_NO_HOST:
        return "The server is switched off, or the address is wrong: the last router gets no "
               "answer to its ARP or neighbour solicitation\nA route is missing\nA firewall that "
               "rejects the connection in these words";
    default:
        return "See type and code: a routing loop, or a header that a router does not take";
    }
}

static bool match_syn_unreachable(const struct scene *scene, struct proof *proof)
{
    const struct attempt *attempt = scene->attempt;
    const struct icmp_error *error = &attempt->icmp;
    char *reporter;

    if (attempt->outcome != ATTEMPT_UNREACHABLE)
        return false;
    reporter = address_text(&error->reporter, NULL);
    proof->cause = cause_of(icmp_error_kind(error));
    proof_words_in(proof, &attempt->ended, "ICMP error", icmp_kind_name(icmp_error_kind(error)));
    proof_value(proof, "Type and code", "%u/%u of %s", error->type, error->code,
                error->is_ipv6 ? "ICMPv6" : "ICMP");
    if (address_equal(&error->reporter, &attempt->server.address))
        proof_value(proof, "Sent by", "%s, the server itself", reporter);
    else
        proof_value(proof, "Sent by", "%s", reporter);
    wmem_free(NULL, reporter);
    prove_attempt(proof, scene);
    proof->next_step = steps(attempt);
    return true;
}

static const struct rule syn_unreachable = {
    .id = "transport.syn_unreachable",
    .severity = ERROR,
    .weighs = AS_NOTE | AS_CHAT,
    .confidence = CERTAIN,
    .events = ON_ATTEMPT,
    .match = match_syn_unreachable,
    .summary = "An ICMP error answered the client's attempt to connect to the SMB port",
    .headline = "Port {=Port} of {server}: {=ICMP error}",
    .others = WHERE_OTHERS_AGREE,
    .cause =
        "A firewall or router on the way, or the server's own, does not let the client through",
    .next_step = TRY_FROM_CLIENT
    "Look at the host that sent the ICMP error: its firewall rules, its routes\n"
    "Trace the way: Test-NetConnection -TraceRoute (Windows), traceroute -T -p 445 "
    "(Linux)",
    .reference = "RFC 792 Destination Unreachable Message\nRFC 4443 3.1 Destination Unreachable "
                 "Message\nRFC 1122 4.2.3.9 ICMP Messages",
};

/* ---- transport.netbios_refused ---- */

#define CHECK_HOSTS                                                                                \
    "On a Samba server: hosts allow and hosts deny in testparm -s, and its log of that time"

struct refusal_words {
    uint8_t code;
    const char *what, *cause, *next_step;
};

static const struct refusal_words *words_of_refusal(uint8_t code)
{
    static const struct refusal_words known[] = {
        {0x80, "not listening on called name",
         "The server has the name, but takes no SMB sessions for it: the Server service is stopped",
         "On a Windows server: Get-Service LanmanServer; on Samba: is smbd running?"},
        {0x81, "not listening for calling name",
         "The server does not want this client: Samba says so to hosts that hosts allow and hosts "
         "deny shut out, on port 445 as well",
         CHECK_HOSTS},
        {0x82, "called name not present",
         "The server does not go by the NetBIOS name that the client calls it",
         "Use the server's own NetBIOS name: nbtstat -A {ADDRESS}, or nmblookup -A {ADDRESS}\n"
         "Or port 445, which needs no such name"},
        {0x83, "called name present, but insufficient resources",
         "The server has no room for another session",
         "On a Windows server: net session, and the System log; on Samba: smbstatus, and max smbd "
         "processes in testparm -s"},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(known); i++)
        if (known[i].code == code)
            return &known[i];
    return NULL;
}

static bool match_netbios_refused(const struct scene *scene, struct proof *proof)
{
    const struct netbios_refusal *refusal = scene->refusal;
    const struct refusal_words *words = words_of_refusal(refusal->code);
    const struct exchange *request = scene->connection->last;

    proof->about = refusal->seen;
    proof_value_in(proof, &refusal->seen, "Code", "%s (0x%02x)",
                   phrase_words(proof->scope, words ? words->what : N_("unspecified error")),
                   refusal->code);
    if (words) {
        proof->cause = words->cause;
        proof->next_step = words->next_step;
    }
    if (request) {
        proof_frame(proof, "It answers the request", &request->request);
        proof->related = request->request;
    }
    if (refusal->relieved.frame) {
        proof_at_most(proof, NOTE);
        proof_frame(proof, "Soon after, the client spoke SMB with this server", &refusal->relieved);
    }
    return true;
}

static const struct rule netbios_refused = {
    .id = "transport.netbios_refused",
    .severity = ERROR,
    .weighs = AS_NOTE,
    .confidence = CERTAIN,
    .events = ON_NETBIOS_REFUSAL,
    .match = match_netbios_refused,
    .summary = "The server refused the session with a NetBIOS error",
    .headline = "{server} refuses the session: {=Code}",
    .cause = "The server's NetBIOS session service does not take the client; the code does not say "
             "why",
    .next_step = CHECK_HOSTS,
    .reference = "RFC 1002 4.3.4 Negative Session Response Packet",
};

const struct rule_list transport_attempt_rules = {
    .blocks = (const struct rule *const[]){&syn_unanswered, &syn_refused, &syn_unreachable,
                                           &netbios_refused, NULL},
};
