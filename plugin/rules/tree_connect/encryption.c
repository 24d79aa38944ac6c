/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree_connect: shares that want encryption, and connections or requests without.
 * [MS-SMB2] 3.3.5.7, 2.2.10, 3.3.5.2.11.
 */
#include "facts.h"
#include "../lists.h"

/* ---- tree_connect.encryption_required ---- */

static bool match_encryption_required(const struct scene *scene, struct proof *proof)
{
    if (!match_denial(scene, proof, DENIED_NO_ENCRYPTION))
        return false;
    prove_encryption(proof, scene->connection);
    /* Old clients lack rights as often as they lack encryption. */
    if (scene->connection->dialect < DIALECT_3_0)
        proof->confidence = POSSIBLE;
    return true;
}

static const struct rule encryption_required = {
    .id = "tree_connect.encryption_required",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_encryption_required,
    .summary = "Access to the share denied on a connection that cannot encrypt: encryption may be "
               "required",
    .headline = "\"{share}\" denied on a connection that cannot encrypt",
    .cause = "The share or the server requires encryption (EncryptData and "
             "RejectUnencryptedAccess), and this connection cannot encrypt\n"
             "The user has no right to the share, or none to the folder behind it",
    .next_step =
        IS_ENCRYPTION_REQUIRED "Samba: testparm -s, option server smb encrypt of the share\n"
                               "{?AZURE FILES}Azure Files refuses what is not encrypted from "
                               "outside its datacenter\n" WHO_CAN_ENCRYPT
                               "If encryption is not required: Get-SmbShareAccess -Name {SHARE}, "
                               "and icacls PATH\n" DISK_AND_FOLDER_EXIST
                               "Use a client that can encrypt; or let the others in, which weakens "
                               "security: Set-SmbServerConfiguration -RejectUnencryptedAccess "
                               "$false",
    .reference = RECEIVING_TREE_CONNECT,
};

/* ---- tree_connect.share_needs_encryption_client_cannot ---- */

static void prove_encrypting_share(struct proof *proof, const struct tree *tree)
{
    const struct tree_connect_response *response = tree_connect_response_of(tree->connect->answer);

    if (response && response->share_flags & SMB2_SHAREFLAG_ENCRYPT_DATA)
        proof_value_in(proof, &tree->connect->response, "Share flags", "encrypt data (0x%08x)",
                       response->share_flags);
    else if (response)
        proof_value_in(proof, &tree->connect->response, "Share flags", "no encrypt data (0x%08x)",
                       response->share_flags);
    prove_encryption(proof, tree->connection);
}

static bool match_share_needs_encryption(const struct scene *scene, struct proof *proof)
{
    if (scene->exchange->status != STATUS_SUCCESS || !scene->tree || !scene->tree->encrypt_data ||
        !connection_cannot_encrypt(scene->connection))
        return false;
    prove_share(proof, scene);
    prove_encrypting_share(proof, scene->tree);
    return true;
}

static const struct rule share_needs_encryption_client_cannot = {
    .id = "tree_connect.share_needs_encryption_client_cannot",
    .severity = WARNING,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .match = match_share_needs_encryption,
    .summary = "The share wants encryption, and this connection cannot encrypt",
    .headline = "\"{share}\" wants encryption, and this connection cannot encrypt",
    .cause =
        "The share has EncryptData set, and the client's dialect or ciphers do not allow "
        "encryption; what follows goes in clear, or is denied where RejectUnencryptedAccess is set",
    .next_step = IS_ENCRYPTION_REQUIRED WHO_CAN_ENCRYPT
    "Samba server: testparm -s, options server smb encrypt and server smb3 encryption algorithms",
    .reference = RECEIVING_TREE_CONNECT "\n[MS-SMB2] 2.2.10 SMB2 TREE_CONNECT Response",
};

/* ---- tree_connect.unencrypted_follow_up ---- */

/* A refusal may be encrypted: without the keys it looks like no answer to the request in clear. */
static bool create_was_denied(const struct scene *scene)
{
    const struct exchange *exchange = scene->exchange;

    if (exchange->command != SMB2_CREATE || exchange->request_encrypted || !exchange->request.frame)
        return false;
    if (scene->event == ON_RESPONSE)
        return exchange->status == STATUS_ACCESS_DENIED;
    return exchange_is_open(exchange) && scene->connection->first_transform &&
           connection_absence_is_proof(scene->connection);
}

static bool was_denied_in_clear(const struct scene *scene)
{
    if (scene->event == ON_OTHER_REFUSAL)
        return scene->header->status == STATUS_ACCESS_DENIED && !scene->encrypted;
    return scene->exchange && create_was_denied(scene);
}

static bool match_unencrypted_follow_up(const struct scene *scene, struct proof *proof)
{
    const struct tree *tree = scene->tree;

    if (!tree || !tree->encrypt_data || session_is_encrypted(scene->session) ||
        !was_denied_in_clear(scene))
        return false;
    if (scene->event == ON_CLOSE)
        proof_frame(proof, "Encrypted message, which may be the answer",
                    &(struct sighting){.frame = scene->connection->first_transform});
    prove_share(proof, scene);
    proof->related = tree->connect->response;
    prove_encrypting_share(proof, tree);
    return true;
}

static const struct rule unencrypted_follow_up = {
    .id = "tree_connect.unencrypted_follow_up",
    .severity = ERROR,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_CLOSE | ON_OTHER_REFUSAL,
    .match = match_unencrypted_follow_up,
    .summary = "The share wants encryption, and the server denies a request that came in clear",
    .headline = "\"{share}\" wants encryption, and the client sends in clear",
    .cause = "The client cannot encrypt, or does not although the share asks for it, and the "
             "server rejects access in clear",
    .next_step = IS_ENCRYPTION_REQUIRED WHO_CAN_ENCRYPT
    "Samba client: smbclient --client-protection=encrypt; Linux: mount -o seal,vers=3.1.1",
    .reference = "[MS-SMB2] 3.3.5.2.11 Verifying the Tree Connect\n"
                 "[MS-SMB2] 3.2.4.1.8 Encrypting the Message",
};

const struct rule_list tree_connect_encryption_rules = {
    .blocks =
        (const struct rule *const[]){&encryption_required, &share_needs_encryption_client_cannot,
                                     &unencrypted_follow_up, NULL},
};
