/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate: dialects that are lower than they could be. [MS-SMB2] 2.2.3, 3.3.5.4.
 */
#include "facts.h"
#include "../advice.h"
#include "../lists.h"

/* ---- negotiate.client_legacy_only ---- */

static bool match_client_legacy_only(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_request *request = negotiate_request_of(scene->exchange->asked);
    const uint16_t highest = request ? highest_dialect(&request->dialects) : 0;

    if (!highest || highest > DIALECT_2_1 || !id_list_complete(&request->dialects))
        return false;
    prove_offer(proof, scene->exchange);
    proof->subject = dialects_text(&request->dialects, proof->scope);
    return true;
}

static const struct rule client_legacy_only = {
    .id = "negotiate.client_legacy_only",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_REQUEST,
    .commands = FOR_NEGOTIATE,
    .match = match_client_legacy_only,
    .of_hosts = true,
    .summary = "The client's NEGOTIATE offers nothing above SMB 2.1, so nothing can be encrypted",
    .headline = "{client} offers no more than {=Dialects offered}: nothing can be encrypted",
    .cause = "An old client: Windows 7, Windows Server 2008 R2 and earlier cannot encrypt, Windows "
             "8, Windows Server 2012 and later can\n"
             "A newer client that is held down by a setting, or another SMB stack\n"
             "Consistent with a box on the way that took higher dialects out, which "
             "validate-negotiate would show",
    .next_step = "Matters where server or share require encryption: use a client with SMB 3 there\n"
                 "What holds the client down? On Samba client max protocol; with mount.cifs vers=\n"
                 "On Windows: Get-SmbClientConfiguration | fl Smb2DialectMax" SINCE_24H2,
    .reference = "[MS-SMB2] 2.2.3 SMB2 NEGOTIATE Request",
};

/* ---- negotiate.low_dialect_selected ---- */

static bool match_low_dialect_selected(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_response *response = agreed_response(scene);

    if (!response || response->dialect >= connection_highest_offered(scene->connection) ||
        dialect_was_not_offered(scene->exchange, response)) /* negotiate.choice_not_offered */
        return false;
    prove_offer(proof, scene->exchange);
    proof_value_in(proof, &scene->exchange->response, "Dialect chosen", "%s",
                   dialect_text(response->dialect, proof->scope));
    proof->subject = dialect_text(response->dialect, proof->scope);
    return true;
}

/* A note, whatever was chosen: on its own it is an old server far more often than an attack, and
 * what comes of it has rules of its own (encryption_required, validate_negotiate). */
static const struct rule low_dialect_selected = {
    .id = "negotiate.low_dialect_selected",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_NEGOTIATE,
    .match = match_low_dialect_selected,
    .of_hosts = true,
    .summary = "The server chose a lower dialect than the client can speak",
    .headline = "{server} chose {=Dialect chosen} out of {=Dialects offered}",
    .cause = "An old server, or one that is held down by a setting; below SMB 3.0 there is no "
             "encryption\n"
             "Consistent with a downgrade on the way, which validate-negotiate would show",
    .next_step = "On Samba: testparm -sv | grep 'server max protocol'\n"
                 "On a Windows server: Get-SmbServerConfiguration | fl "
                 "Smb2DialectMin,Smb2DialectMax" SINCE_24H2 "\n"
                 "Look whether the client validates the negotiation after the first tree connect "
                 "(FSCTL_VALIDATE_NEGOTIATE_INFO)",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request",
};

const struct rule_list negotiate_dialect_rules = {
    .blocks = (const struct rule *const[]){&client_legacy_only, &low_dialect_selected, NULL},
};
