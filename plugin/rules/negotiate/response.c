/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate: what a response must hold, whatever was offered. [MS-SMB2] 3.2.5.2, 3.3.5.4.
 */
#include "facts.h"
#include "../lists.h"

/* ---- negotiate.bad_response ---- */

static const char *wrong_contexts(const struct negotiate_contexts *contexts)
{
    if (contexts->hash_contexts == 0)
        return "no context with a pre-authentication hash";
    if (contexts->hash_contexts > 1)
        return "more than one context with a pre-authentication hash";
    if (contexts->cipher_contexts > 1)
        return "more than one context with a cipher";
    if (contexts->compression_contexts > 1)
        return "more than one context with compressions";
    if (contexts->rdma_transform_contexts > 1)
        return "more than one context with RDMA transforms";
    if (contexts->signing_contexts > 1)
        return "more than one context with a signing algorithm";
    return contexts->transport_contexts > 1 ? "more than one context with transport capabilities"
                                            : NULL;
}

static const char *wrong_counts(const struct negotiate_contexts *contexts)
{
    if (contexts->hashes.count != 1)
        return "not exactly one pre-authentication hash";
    if (contexts->cipher_contexts && contexts->ciphers.count != 1)
        return "not exactly one cipher";
    if (contexts->signing_contexts && contexts->signing_algorithms.count != 1)
        return "not exactly one signing algorithm";
    return contexts->compression_contexts && contexts->compressions.count == 0
               ? "a context with compressions that lists none"
               : NULL;
}

/* What of 3.2.5.2 the response breaks; NULL: nothing that the capture shows. */
static const char *violation(const struct negotiate_response *response)
{
    const struct negotiate_contexts *contexts = &response->contexts;
    const char *wrong;

    if (response->dialect != DIALECT_3_1_1 || !contexts->known)
        return NULL;
    wrong = wrong_contexts(contexts);
    if (!wrong)
        wrong = wrong_counts(contexts);
    return !wrong && contexts->malformed ? "a negotiate context that is malformed" : wrong;
}

static bool match_bad_response(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_response *response = agreed_response(scene);
    const char *wrong = response ? violation(response) : NULL;

    if (!wrong || !response_is_to_be_told(scene, proof))
        return false;
    proof_words_in(proof, &scene->exchange->response, "Not allowed", wrong);
    return true;
}

static const struct rule bad_response = {
    .id = "negotiate.bad_response",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_NEGOTIATE,
    .match = match_bad_response,
    .summary = "The NEGOTIATE response of SMB 3.1.1 is wrong; the client has to fail",
    .headline = "{server} answers NEGOTIATE wrongly: {=Not allowed}",
    .cause = "The server's SMB software is at fault\n"
             "Consistent with a box on the way that altered NEGOTIATE",
    .next_step =
        "Update the server's SMB software or firmware\n"
        "Capture on both sides and compare the NEGOTIATE responses: where they differ, the "
        "box in between altered them\n"
        "For the time being let the client stop at SMB 3.0.2: client max protocol = "
        "SMB3_02 on Samba, vers=3.02 with mount.cifs",
    .reference = "[MS-SMB2] 3.2.5.2 Receiving an SMB2 NEGOTIATE Response\n"
                 "[MS-SMB2] 2.2.4.1 SMB2 NEGOTIATE_CONTEXT Response Values",
};

/* ---- negotiate.small_max_size ---- */

#define LEAST_MAX_SIZE 65536

static bool match_small_max_size(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_response *response = agreed_response(scene);

    if (!response || response->max_size >= LEAST_MAX_SIZE || !response_is_to_be_told(scene, proof))
        return false;
    proof_value_in(proof, &scene->exchange->response,
                   "Least of MaxTransactSize, MaxReadSize and MaxWriteSize", "%u bytes",
                   response->max_size);
    return true;
}

/* Windows clients send no SESSION_SETUP then (Linux, commit 4bc59477c329, of ksmbd). */
static const struct rule small_max_size = {
    .id = "negotiate.small_max_size",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_NEGOTIATE,
    .match = match_small_max_size,
    .summary = "The server takes or gives less than 64 KiB at a time; clients should close",
    .headline = "{server} takes or gives no more than {=Least of MaxTransactSize, MaxReadSize and "
                "MaxWriteSize} at a time",
    .cause = "A setting of the server (Samba: smb2 max read, smb2 max write, smb2 max trans), or "
             "its SMB software\n"
             "Consistent with a box on the way that altered NEGOTIATE",
    .next_step = "On Samba: testparm -sv | grep 'smb2 max', and take those lines out of smb.conf\n"
                 "Else update the server's SMB software or firmware",
    .reference = "[MS-SMB2] 3.2.5.2 Receiving an SMB2 NEGOTIATE Response\n"
                 "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request",
};

const struct rule_list negotiate_response_rules = {
    .blocks = (const struct rule *const[]){&bad_response, &small_max_size, NULL},
};
