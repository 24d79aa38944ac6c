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

#define STATUS_LABEL N_("Status")
#define DURATION_LABEL N_("Answered after")

/* That all is well there would only puzzle beside a root cause that lies elsewhere. */
static bool shows_status(const struct exchange *exchange)
{
    return exchange_answered(exchange) && exchange->status != STATUS_SUCCESS;
}

/* How fast the server was is beside the point where a KDC is it. */
static bool shows_duration(const struct finding *finding)
{
    return exchange_answered(finding->exchange) && finding->exchange->request.frame &&
           !finding->of_kdc;
}

const char *exchange_value(const struct finding *finding, const char *label,
                           wmem_allocator_t *scope)
{
    const struct exchange *exchange = finding->exchange;

    if (!exchange)
        return NULL;
    if (strcmp(label, STATUS_LABEL) == 0 && shows_status(exchange))
        return status_text(exchange->status, scope);
    if (strcmp(label, DURATION_LABEL) == 0 && shows_duration(finding))
        return interval_text(exchange_duration(exchange), scope);
    return NULL;
}

struct evidence_list exchange_evidence(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct exchange *exchange = finding->exchange;
    struct proof proof = {.scope = scope};

    if (!exchange)
        return proof.evidence;
    proof_frame(&proof, labels_of(exchange)->request, &exchange->request);
    proof_frame(&proof, labels_of(exchange)->response, &exchange->response);
    if (shows_status(exchange))
        proof_value(&proof, STATUS_LABEL, "%s", status_text(exchange->status, scope));
    if (shows_duration(finding))
        proof_interval(&proof, DURATION_LABEL, exchange_duration(exchange));
    return proof.evidence;
}
