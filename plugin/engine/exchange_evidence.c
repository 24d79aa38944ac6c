/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every finding shows of the exchange that it is about: taken from the model when it is asked
 * for, since most findings are never looked at.
 */
#include "state.h"

static const struct exchange_labels {
    uint16_t command;
    const char *request, *response;
} labels[] = {
    {SMB1_NEGOTIATE, N_("SMB1 NEGOTIATE request"), N_("SMB1 NEGOTIATE response")},
    {SMB2_NEGOTIATE, N_("NEGOTIATE request"), N_("NEGOTIATE response")},
    {SMB2_SESSION_SETUP, N_("SESSION_SETUP request"), N_("SESSION_SETUP response")},
    {SMB2_TREE_CONNECT, N_("TREE_CONNECT request"), N_("TREE_CONNECT response")},
    {SMB2_IOCTL, N_("validate-negotiate request"), N_("validate-negotiate response")},
    {SMB2_CREATE, N_("CREATE request"), N_("CREATE response")},
};

static const struct exchange_labels *labels_of(const struct exchange *exchange)
{
    static const struct exchange_labels others = {0, N_("Request"), N_("Response")};

    for (unsigned i = 0; i < G_N_ELEMENTS(labels); i++)
        if (labels[i].command == exchange->command)
            return &labels[i];
    return &others;
}

struct evidence_list exchange_evidence(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct exchange *exchange = finding->exchange;
    struct proof proof = {.scope = scope};

    if (!exchange)
        return proof.evidence;
    proof_frame(&proof, labels_of(exchange)->request, &exchange->request);
    if (!exchange_answered(exchange))
        return proof.evidence;
    proof_frame(&proof, labels_of(exchange)->response, &exchange->response);
    /* That all is well there would only puzzle beside a root cause that lies elsewhere. */
    if (exchange->status != STATUS_SUCCESS)
        proof_value(&proof, "Status", "%s", status_text(exchange->status, scope));
    if (exchange->request.frame &&
        !finding->of_kdc) /* how fast the server was is beside the point */
        proof_interval(&proof, "Answered after", exchange_duration(exchange));
    return proof.evidence;
}
