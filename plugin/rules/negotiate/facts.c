/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shared by the rules about NEGOTIATE.
 */
#include "facts.h"

const struct negotiate_response *agreed_response(const struct scene *scene)
{
    if (scene->connection->agreed != scene->exchange)
        return NULL;
    return negotiate_response_of(scene->exchange->answer);
}

bool dialect_was_not_offered(const struct exchange *exchange,
                             const struct negotiate_response *response)
{
    const struct negotiate_request *request = negotiate_request_of(exchange->asked);

    return request && id_list_complete(&request->dialects) &&
           !id_list_contains(&request->dialects, response->dialect);
}

bool response_is_to_be_told(const struct scene *scene, struct proof *proof)
{
    if (scene->event == ON_RESPONSE) {
        proof_at_most(proof, WARNING);
        return true;
    }
    return client_left_after(scene) && connection_absence_is_proof(scene->connection);
}

void prove_offer(struct proof *proof, const struct exchange *exchange)
{
    const struct negotiate_request *request = negotiate_request_of(exchange->asked);
    const struct smb1_negotiate *smb1_request = smb1_negotiate_of(exchange->asked);

    if (request)
        proof_value_in(proof, &exchange->request, "Dialects offered", "%s",
                       dialects_text(&request->dialects, proof->scope));
    else if (smb1_request)
        proof_value_in(proof, &exchange->request, "Dialects offered", "%s", smb1_request->names);
}
