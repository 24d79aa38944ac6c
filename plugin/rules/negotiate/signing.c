/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate: servers that say they cannot sign. [MS-SMB2] 3.3.5.4, 3.2.5.1.3.
 */
#include "facts.h"
#include "../lists.h"

/* A server that sets only "required" can sign too. */
static bool cannot_sign(const struct negotiate_response *response)
{
    return !(response->security_mode &
             (SMB2_NEGOTIATE_SIGNING_ENABLED | SMB2_NEGOTIATE_SIGNING_REQUIRED));
}

static void prove_security_modes(struct proof *proof, const struct exchange *exchange,
                                 const struct negotiate_response *response)
{
    const struct negotiate_request *request = negotiate_request_of(exchange->asked);

    if (request)
        proof_value_in(proof, &exchange->request, "Client's security mode", "%s",
                       security_mode_text(request->security_mode, proof->scope));
    proof_value_in(proof, &exchange->response, "Server's security mode", "%s",
                   security_mode_text(response->security_mode, proof->scope));
}

/* ---- negotiate.signing_mismatch ---- */

static bool match_signing_mismatch(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_response *response = agreed_response(scene);

    if (!response || !cannot_sign(response) ||
        !connection_client_requires_signing(scene->connection))
        return false;
    prove_security_modes(proof, scene->exchange, response);
    return true;
}

/* A warning: the client looks at signatures, not at this bit, and some servers sign although they
 * do not say so. */
static const struct rule signing_mismatch = {
    .id = "negotiate.signing_mismatch",
    .severity = WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_EITHER_NEGOTIATE,
    .match = match_signing_mismatch,
    .of_hosts = true,
    .summary = "The client requires signing, but the server does not offer it",
    .headline = "{client} requires signing, {server} does not offer it",
    .cause = "An old third-party device that cannot sign, or on which signing was switched off; "
             "Windows reports 0xc000a000 at the first answer that is not signed\n"
             "Consistent with a box on the way that takes the signing bit out of the response",
    .next_step = "Switch signing on at the device, or update its firmware; on Samba: server "
                 "signing = auto or mandatory\n"
                 "On the client: Get-SmbClientConfiguration | fl RequireSecuritySignature "
                 "(required by default on Windows 11 24H2, except Home, and Windows Server 2025)",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 3.2.5.1.3 "
                 "Verifying the Signature",
};

/* ---- negotiate.server_signing_not_offered ---- */

static bool match_server_signing_not_offered(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_response *response = agreed_response(scene);

    if (!response || !cannot_sign(response) ||
        connection_client_requires_signing(scene->connection))
        return false;
    prove_security_modes(proof, scene->exchange, response);
    return true;
}

static const struct rule server_signing_not_offered = {
    .id = "negotiate.server_signing_not_offered",
    .severity = WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_EITHER_NEGOTIATE,
    .match = match_server_signing_not_offered,
    .of_hosts = true,
    .summary = "The server does not offer signing, which every SMB2 server has to",
    .headline = "{server} does not offer signing",
    .cause = "An old third-party device, or one on which signing was switched off\n"
             "Consistent with a box on the way that takes the signing bit out of the response",
    .next_step =
        "Switch signing on at the device, or update its firmware; on Samba: server signing = auto\n"
        "Expect clients that require signing to fail: Windows 11 24H2 (not Home) and Windows "
        "Server 2025 do by default",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request",
};

const struct rule_list negotiate_signing_rules = {
    .blocks = (const struct rule *const[]){&signing_mismatch, &server_signing_not_offered, NULL},
};
