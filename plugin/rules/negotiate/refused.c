/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate: the server answers with an error. [MS-SMB2] 3.3.5.4, 3.3.5.2.4.
 */
#include "facts.h"
#include "../advice.h"
#include "../lists.h"

/* In answer to an SMB1 multi-protocol NEGOTIATE too, but not SMB1's own answer. */
static bool is_smb2_answer(const struct scene *scene)
{
    return !smb1_negotiate_of(scene->exchange->answer);
}

/* ---- negotiate.dialect_not_supported ---- */

static const char *dialect_cause(const struct id_list *offered)
{
    const uint16_t lowest = lowest_dialect(offered), highest = highest_dialect(offered);

    if (!id_list_complete(offered) || !lowest)
        return NULL;
    if (highest < DIALECT_3_0)
        return "The client stops at SMB 2.x, and the server begins higher: an old client, or "
               "client max protocol\n"
               "The server's lowest dialect was raised (Smb2DialectMin; Samba: server min "
               "protocol)";
    if (lowest >= DIALECT_3_0)
        return "The client begins at SMB 3.x, and the server stops lower: an old server, or server "
               "max protocol\n"
               "The client's lowest dialect was raised (Smb2DialectMin, MinSMB2Dialect; Samba: "
               "client min protocol)";
    return NULL;
}

static bool match_dialect_not_supported(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_request *request = negotiate_request_of(scene->exchange->asked);

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
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_EITHER_NEGOTIATE,
    .statuses = (const uint32_t[]){STATUS_NOT_SUPPORTED, 0},
    .match = match_dialect_not_supported,
    .summary = "Client and server have no SMB dialect in common",
    .headline = "{server} takes none of the dialects {=Dialects offered}",
    .cause = "The server allows none of the dialects that the client offered: the lowest of one "
             "side is above the highest of the other",
    .next_step =
        "On Samba: testparm -sv | grep -E '(server|client) (min|max) protocol'; with mount.cifs "
        "try another vers=\n"
        "On a Windows server: Get-SmbServerConfiguration | fl "
        "Smb2DialectMin,Smb2DialectMax" SINCE_24H2 "\n"
        "On a Windows client: Get-SmbClientConfiguration | fl "
        "Smb2DialectMin,Smb2DialectMax" SINCE_24H2 "\n"
        "On an earlier one: MinSMB2Dialect and MaxSMB2Dialect under "
        "HKLM\\SYSTEM\\CurrentControlSet\\Services\\LanmanWorkstation\\Parameters",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request",
};

/* ---- negotiate.invalid_parameter ---- */

static bool has_duplicates(const struct negotiate_contexts *contexts)
{
    return contexts->cipher_contexts > 1 || contexts->compression_contexts > 1 ||
           contexts->rdma_transform_contexts > 1 || contexts->signing_contexts > 1;
}

/* What of [MS-SMB2] 3.3.5.4 and 3.3.5.2.4 the request breaks; NULL: nothing that the capture
 * shows. */
static const char *violation(const struct exchange *exchange)
{
    const struct negotiate_request *request = negotiate_request_of(exchange->asked);

    if (exchange->request_signed)
        return "the request is signed";
    if (!request)
        return NULL;
    if (request->dialects.count == 0)
        return "the list of dialects is empty";
    if (!request->contexts.known)
        return NULL;
    if (request->contexts.hash_contexts != 1)
        return "not exactly one context with pre-authentication hashes, though SMB 3.1.1 is "
               "offered";
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
        proof_words_in(proof, &scene->exchange->request, "Not allowed", fault);
        return true;
    }
    proof->cause = "The request as captured breaks no rule that can be checked here: consistent "
                   "with a box between the capture and the server that altered it\n"
                   "The server objects to something in a negotiate context";
    return true;
}

static const struct rule invalid_parameter = {
    .id = "negotiate.invalid_parameter",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_EITHER_NEGOTIATE,
    .statuses = (const uint32_t[]){STATUS_INVALID_PARAMETER, 0},
    .match = match_invalid_parameter,
    .summary = "The server calls the NEGOTIATE request invalid",
    .headline = "{server} calls NEGOTIATE invalid: {=Not allowed}|{server} calls NEGOTIATE invalid",
    .cause = "The client builds its request wrongly\n"
             "A box on the way altered the request: compare with a capture taken on the client",
    .next_step = "Capture on both sides and compare the NEGOTIATE request byte by byte\n"
                 "Take WAN accelerators and firewalls with SMB inspection out of the path\n"
                 "Update the client",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 3.3.5.2.4 "
                 "Verifying the Signature",
};

/* ---- negotiate.error_other ---- */

static const struct rule_list *const family[] = {
    &negotiate_smb1_rules,           &negotiate_ended_rules,
    &negotiate_refused_rules,        &negotiate_dialect_rules,
    &negotiate_encryption_rules,     &negotiate_signing_rules,
    &negotiate_authentication_rules, NULL,
};

/* ksmbd gives this status for whatever went wrong with NEGOTIATE. */
static const char *resources_cause(uint32_t status)
{
    if (status != STATUS_INSUFFICIENT_RESOURCES && status != STATUS_INSUFF_SERVER_RESOURCES)
        return NULL;
    return "The server is short of memory or at a limit\n"
           "A Linux server with ksmbd says this to every NEGOTIATE that it refuses: no common "
           "dialect, a bad context";
}

static bool match_error_other(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (!is_smb2_answer(scene) || exchange->status == STATUS_SUCCESS ||
        family_has_status(family, exchange->status))
        return false;
    prove_offer(proof, exchange);
    proof->cause = resources_cause(exchange->status);
    if (exchange->status == STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP)
        proof->cause =
            "Client and server have no pre-authentication hash in common; SHA-512 is the only one "
            "defined, so consistent with a request that was altered on the way";
    return true;
}

static const struct rule error_other = {
    .id = "negotiate.error_other",
    .severity = ERROR,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_EITHER_NEGOTIATE,
    .match = match_error_other,
    .summary = "The server refused NEGOTIATE with an error status",
    .headline = "{server} refused NEGOTIATE: {status}",
    .cause = "The status names it; the cause lies within the server",
    .next_step = "Look the status up: certutil -error {STATUS}, or [MS-ERREF]\n"
                 "Look at the server's log at that time: Microsoft-Windows-SMBServer/Operational, "
                 "or Samba's log at log level 3",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request",
};

const struct rule_list negotiate_refused_rules = {
    .blocks = (const struct rule *const[]){&dialect_not_supported, &invalid_parameter, &error_other,
                                           NULL},
};
