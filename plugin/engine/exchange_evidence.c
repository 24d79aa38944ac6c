/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every finding shows of the exchange that it is about: taken from the model when it is asked
 * for, since most findings are never looked at.
 */
#include "state.h"

/* "NEGOTIATE request" */
static const char *label(wmem_allocator_t *scope, const struct exchange *exchange, const char *kind)
{
    return wmem_strdup_printf(scope, "%s %s", command_name(exchange->command), kind);
}

struct evidence_list exchange_evidence(const struct finding *finding, wmem_allocator_t *scope)
{
    const struct exchange *exchange = finding->exchange;
    struct proof proof = {.scope = scope};

    if (!exchange)
        return proof.evidence;
    proof_frame(&proof, label(scope, exchange, "request"), &exchange->request);
    if (!exchange_answered(exchange))
        return proof.evidence;
    proof_frame(&proof, label(scope, exchange, "response"), &exchange->response);
    /* That all is well there would only puzzle beside a root cause that lies elsewhere. */
    if (exchange->status != STATUS_SUCCESS)
        proof_value(&proof, "Status", "%s", status_text(exchange->status, scope));
    if (exchange->request.frame &&
        !finding->of_kdc) /* how fast the server was is beside the point */
        proof_interval(&proof, "Answered after", exchange_duration(exchange));
    return proof.evidence;
}
