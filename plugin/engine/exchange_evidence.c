/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every finding shows of the exchange that it is about: taken from the model when it is asked
 * for, since most findings are never looked at.
 */
#include "state.h"

static const char *const request_labels[] = {"SMB1 NEGOTIATE request",     "NEGOTIATE request",
                                             "SESSION_SETUP request",      "TREE_CONNECT request",
                                             "Validate-negotiate request", "CREATE request"};
static const char *const response_labels[] = {
    "SMB1 NEGOTIATE response", "NEGOTIATE response",          "SESSION_SETUP response",
    "TREE_CONNECT response",   "Validate-negotiate response", "CREATE response"};

static unsigned label_index(uint16_t command)
{
    switch (command) {
    case SMB1_NEGOTIATE:
        return 0;
    case SMB2_NEGOTIATE:
        return 1;
    case SMB2_SESSION_SETUP:
        return 2;
    case SMB2_TREE_CONNECT:
        return 3;
    case SMB2_IOCTL:
        return 4;
    default:
        return 5;
    }
}

struct evidence_list exchange_evidence(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct exchange *exchange = finding->exchange;
    struct proof proof = {.scope = scope};
    unsigned label;

    if (!exchange)
        return proof.evidence;
    label = label_index(exchange->command);
    proof_frame(&proof, request_labels[label], &exchange->request);
    if (!exchange_answered(exchange))
        return proof.evidence;
    proof_frame(&proof, response_labels[label], &exchange->response);
    /* That all is well there would only puzzle beside a root cause that lies elsewhere. */
    if (exchange->status != STATUS_SUCCESS)
        proof_value(&proof, "Status", "%s", status_text(exchange->status, scope));
    if (exchange->request.frame &&
        !finding->of_kdc) /* how fast the server was is beside the point */
        proof_interval(&proof, "Answered after", exchange_duration(exchange));
    return proof.evidence;
}
