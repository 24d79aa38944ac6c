/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate: clients and servers that are left with SMB1. [MS-SMB2] 3.3.5.3.2, 3.2.5.2.
 */
#include "facts.h"
#include "../lists.h"

/* ---- negotiate.smb1_only_offer ---- */

static bool offers_smb1_only(const struct exchange *exchange)
{
    const struct smb1_negotiate *request = smb1_negotiate_of(exchange->asked);

    return request && request->complete && !request->offers_smb2_002 && !request->offers_smb2_any;
}

/* Samba answers with an SMB1 error or with "no dialect" where Windows hangs up. */
static bool smb1_refused(const struct scene *scene)
{
    const struct smb1_negotiate *response = smb1_negotiate_of(scene->exchange->answer);

    if (scene->event == ON_RESPONSE)
        return response && (response->status != STATUS_SUCCESS || response->selected == 0xffff);
    return exchange_is_open(scene->exchange) && scene->connection->closed_by == SERVER &&
           connection_absence_is_proof(scene->connection);
}

static bool match_smb1_only_offer(const struct scene *scene, struct proof *proof)
{
    const struct smb1_negotiate *response = smb1_negotiate_of(scene->exchange->answer);

    if (!offers_smb1_only(scene->exchange) || !smb1_refused(scene))
        return false;
    proof->about = scene->exchange->request;
    prove_offer(proof, scene->exchange);
    if (response && response->selected == 0xffff)
        proof_value_in(proof, &scene->exchange->response, "Dialect chosen", "none (0xffff)");
    return true;
}

static const struct rule smb1_only_offer = {
    .id = "negotiate.smb1_only_offer",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_SMB1_NEGOTIATE,
    .match = match_smb1_only_offer,
    .summary = "The client offered SMB1 only, and the server refused",
    .headline = "{client} offers SMB1 only, {server} refuses",
    .cause = "The client knows or is allowed SMB1 only: an old scanner, copier or NAS, or a "
             "setting; the server has SMB1 switched off or removed (Windows since version 1709)",
    .next_step =
        "A scanner or copier: newer firmware, and SMB2 in its settings for scanning to a folder; "
        "if it has none, let it scan to e-mail or FTP\n"
        "Another client: SMB2 or later, on Samba client max protocol = SMB3\n"
        "On the server: event 1001 in Microsoft-Windows-SMBServer/Operational names such clients\n"
        "Do not switch SMB1 on again: it is neither signed nor encrypted as SMB2 and SMB3 are",
    .reference = "[MS-SMB2] 3.3.5.3.2 SMB 2.0.2 Support",
};

/* ---- negotiate.smb1_answer ---- */

static bool match_smb1_answer(const struct scene *scene, struct proof *proof)
{
    const struct smb1_negotiate *request = smb1_negotiate_of(scene->exchange->asked);
    const struct smb1_negotiate *response = smb1_negotiate_of(scene->exchange->answer);

    if (!request || !response || response->status != STATUS_SUCCESS ||
        response->selected == 0xffff || !(request->offers_smb2_002 || request->offers_smb2_any))
        return false;
    prove_offer(proof, scene->exchange);
    return true;
}

static const struct rule smb1_answer = {
    .id = "negotiate.smb1_answer",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_SMB1_NEGOTIATE,
    .match = match_smb1_answer,
    .summary = "The client offered SMB2 as well, but the server chose SMB1",
    .headline = "{server} chose SMB1, though SMB2 was offered",
    .cause = "The server knows SMB1 only, or has SMB2 switched off\n"
             "Consistent with a box between here and the server that took SMB2 out of the offer: "
             "nothing protects against a downgrade to SMB1",
    .next_step = "On a Windows server: Get-SmbServerConfiguration | select "
                 "EnableSMB1Protocol,EnableSMB2Protocol\n"
                 "On Samba: testparm -s --parameter-name='server max protocol'\n"
                 "On the client, switch SMB1 off so that it cannot be chosen",
    .reference = "[MS-SMB2] 3.3.5.3.2 SMB 2.0.2 Support\n[MS-SMB2] 3.2.5.2 Receiving an SMB2 "
                 "NEGOTIATE Response",
};

const struct rule_list negotiate_smb1_rules = {
    .blocks = (const struct rule *const[]){&smb1_only_offer, &smb1_answer, NULL},
};
