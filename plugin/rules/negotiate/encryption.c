/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate: client and server agree on no encryption. [MS-SMB2] 2.2.3, 2.2.4, 3.3.5.4.
 */
#include "facts.h"
#include "../advice.h"
#include "../lists.h"

/* ---- negotiate.client_no_encryption ---- */

static bool match_client_no_encryption(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_request *request = negotiate_request_of(scene->exchange->asked);

    if (!request || highest_dialect(&request->dialects) < DIALECT_3_0 ||
        !id_list_complete(&request->dialects) ||
        request->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION || request->contexts.cipher_contexts)
        return false;
    if (id_list_contains(&request->dialects, DIALECT_3_1_1) && !request->contexts.known)
        return false;
    proof_value_in(proof, &scene->exchange->request, "Capabilities", "%s",
                   capabilities_text(request->capabilities, proof->scope));
    return true;
}

static const struct rule client_no_encryption = {
    .id = "negotiate.client_no_encryption",
    .severity = CHAT,
    .confidence = CERTAIN,
    .events = ON_REQUEST,
    .commands = FOR_NEGOTIATE,
    .match = match_client_no_encryption,
    .summary = "The client offers SMB 3 but no encryption",
    .headline = "{client} offers SMB 3 without encryption",
    .cause = "The SMB stack of the client cannot encrypt, or encryption is switched off there",
    .next_step =
        "Matters only where server or share require encryption: Get-SmbServerConfiguration | "
        "select EncryptData,RejectUnencryptedAccess, and Get-SmbShare | select name, EncryptData",
    .reference =
        "[MS-SMB2] 2.2.3 SMB2 NEGOTIATE Request\n[MS-SMB2] 2.2.3.1.2 SMB2_ENCRYPTION_CAPABILITIES",
};

/* ---- negotiate.no_common_cipher ---- */

static bool chose_no_cipher(const struct negotiate_response *response)
{
    return response->dialect == DIALECT_3_1_1 && response->contexts.ciphers.listed == 1 &&
           response->contexts.ciphers.ids[0] == 0;
}

static bool match_no_common_cipher(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const struct negotiate_request *request = negotiate_request_of(exchange->asked);
    const struct negotiate_response *response = agreed_response(scene);

    if (!response || !chose_no_cipher(response) || !response_is_to_be_told(scene, proof))
        return false;
    if (scene->event == ON_CLOSE)
        proof->confidence = LIKELY; /* that it left because of that */
    if (request)
        proof_value_in(proof, &exchange->request, "Ciphers offered", "%s",
                       ciphers_text(&request->contexts.ciphers, proof->scope));
    proof_value_in(proof, &exchange->response, "Cipher chosen", "none (0)");
    return true;
}

/* An error where the client leaves: it wants encryption. */
static const struct rule no_common_cipher = {
    .id = "negotiate.no_common_cipher",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE,
    .commands = FOR_NEGOTIATE,
    .match = match_no_common_cipher,
    .summary = "The server can encrypt, but has no cipher in common with the client",
    .headline = "{server} has none of the ciphers {=Ciphers offered}",
    .cause = "The lists of ciphers of client and server were cut down to different ones; shares "
             "that require encryption will be refused",
    .next_step = "On Windows: Get-SmbServerConfiguration | fl EncryptionCiphers and "
                 "Get-SmbClientConfiguration | fl EncryptionCiphers\n"
                 "On Samba: testparm -sv | grep 'smb3 encryption algorithms'",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 2.2.4.1.2 "
                 "SMB2_ENCRYPTION_CAPABILITIES",
};

/* ---- negotiate.server_no_encryption ---- */

/* 2.2.4: a client may offer encryption for one dialect and be given the other. Ciphers without the
 * capability are no clear offer: scanners send them, and Samba chooses none then. */
static bool offers_encryption_for(const struct negotiate_request *request, uint16_t dialect)
{
    return request->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION &&
           (dialect != DIALECT_3_1_1 || request->contexts.cipher_contexts);
}

/* Below 3.0 negotiate.low_dialect_selected says it. */
static bool match_server_no_encryption(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const struct exchange *exchange = scene->exchange;
    const struct negotiate_request *request = negotiate_request_of(exchange->asked);
    const struct negotiate_response *response = agreed_response(scene);
    bool known;

    if (!response || response->dialect < DIALECT_3_0 || chose_no_cipher(response) ||
        connection_encryption_agreed(connection, &known) || !known)
        return false;
    if (!request || !offers_encryption_for(request, response->dialect) ||
        !connection_client_can_encrypt(connection, &known) || !known)
        return false;
    proof_value_in(proof, &exchange->response, "Dialect chosen", "%s",
                   dialect_text(connection->dialect, proof->scope));
    proof_value_in(proof, &exchange->response, "Capabilities", "%s",
                   capabilities_text(response->capabilities, proof->scope));
    return true;
}

static const struct rule server_no_encryption = {
    .id = "negotiate.server_no_encryption",
    .severity = NOTE,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_NEGOTIATE,
    .match = match_server_no_encryption,
    .of_hosts = true,
    .summary = "The client can encrypt, the server does not",
    .headline = "{client} can encrypt, {server} does not",
    .cause =
        "Encryption is switched off on the server (Samba: server smb encrypt = off)\n"
        "The server cannot encrypt: old Samba versions and third-party devices may not support "
        "it, see the product's documentation\n"
        "Consistent with a box on the way that altered NEGOTIATE",
    .next_step = "On Samba: testparm -sv | grep 'server smb encrypt'\n"
                 "Does the client insist on encryption? Get-SmbClientConfiguration | fl "
                 "RequireEncryption" SINCE_24H2,
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 2.2.4 SMB2 "
                 "NEGOTIATE Response",
};

const struct rule_list negotiate_encryption_rules = {
    .blocks = (const struct rule *const[]){&client_no_encryption, &no_common_cipher,
                                           &server_no_encryption, NULL},
};
