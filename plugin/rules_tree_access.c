/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree_connect: who may use the share, and how. STATUS_ACCESS_DENIED has many causes; tree_denial() picks the one that
 * the wire shows, so that one rule speaks for an exchange. Two of them are in rules_protection.c.
 */
#include "catalogue.h"
#include "share_proof.h"

#include <string.h>

#define RECEIVING_TREE_CONNECT "[MS-SMB2] 3.3.5.7 Receiving an SMB2 TREE_CONNECT Request"
#define VERIFYING_THE_TREE "[MS-SMB2] 3.3.5.2.11 Verifying the Tree Connect"

#define IS_ENCRYPTION_REQUIRED \
    "Check the server: Get-SmbServerConfiguration | select Encrypt* : it requires encryption if EncryptData and " \
    "RejectUnencryptedAccess are True\n" \
    "Check the share: Get-SmbShare | select name, EncryptData : it requires encryption if EncryptData is True there\n" \
    "and RejectUnencryptedAccess is True on the server: Get-SmbServerConfiguration | select " \
    "RejectUnencryptedAccess\n"
#define WHO_CAN_ENCRYPT \
    "Windows 8, Windows Server 2012 and later clients can encrypt (SMB 3); Windows 7, Windows Server 2008 R2 and " \
    "earlier cannot; Samba and other devices may not: see their documentation\n"

static const uint32_t access_denied_status[] = {STATUS_ACCESS_DENIED, 0};

static bool denied(const struct scene *scene, struct proof *proof, enum denial denial)
{
    if (tree_denial(scene) != denial)
        return false;
    prove_share(proof, scene);
    prove_user(proof, scene->session);
    return true;
}

/* ---- tree_connect.unsigned_311 ---- */

/* The other events than an answer: the server hung up without one. */
static bool was_hung_up_on(const struct scene *scene)
{
    return scene->exchange->open_frame && scene->connection->closed_by == SERVER &&
           !scene->exchange->interim.frame && connection_absence_is_proof(scene->connection);
}

static bool match_unsigned_311(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;

    if (scene->connection->dialect != DIALECT_3_1_1 || request_is_protected(exchange) ||
        !exchange->request.frame || !session_is_users(scene->session) ||
        session_is_encrypted(scene->session))
        return false;
    if (scene->event == ON_CLOSE ? !was_hung_up_on(scene) : exchange->status != STATUS_ACCESS_DENIED)
        return false;
    proof->about = exchange->request;
    proof->related = scene->now;
    prove_share(proof, scene);
    prove_user(proof, scene->session);
    prove_signatures(proof, exchange);
    return true;
}

static const struct rule unsigned_311 = {
    .id = "tree_connect.unsigned_311",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE | ON_CLOSE,
    .command = SMB2_TREE_CONNECT,
    .match = match_unsigned_311,
    .summary = "TREE_CONNECT on SMB 3.1.1 is neither signed nor encrypted, so the server rejects it",
    .cause = "The client does not sign: a fault of its SMB library, or signing switched off there\n"
             "A device on the path took the signature off (WAN accelerator, \"signing optimisation\")",
    .next_step = "Capture on both sides: is the request signed when it leaves the client?\n"
                 "Switch on signing in the client, or update it; take SMB out of the WAN accelerator\n"
                 "Samba: log.smbd says \"reject request to share ... without encryption or signing\"",
    .reference = RECEIVING_TREE_CONNECT,
};

/* ---- tree_connect.encryption_required ---- */

static bool match_encryption_required(const struct scene *scene, struct proof *proof)
{
    if (!denied(scene, proof, DENIED_NO_ENCRYPTION))
        return false;
    prove_encryption(proof, scene->connection);
    if (scene->connection->dialect < DIALECT_3_0) /* old clients lack rights as often as they lack encryption */
        proof->confidence = POSSIBLE;
    return true;
}

static const struct rule encryption_required = {
    .id = "tree_connect.encryption_required",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = access_denied_status,
    .match = match_encryption_required,
    .summary = "Access to the share denied on a connection that cannot encrypt: encryption may be required",
    .cause = "The share or the server requires encryption (EncryptData and RejectUnencryptedAccess), and this "
             "connection cannot encrypt\n"
             "The user has no right to the share, or none to the folder behind it",
    .next_step = IS_ENCRYPTION_REQUIRED WHO_CAN_ENCRYPT
                 "Use a client that can encrypt; or let the others in, which weakens security: "
                 "Set-SmbServerConfiguration -RejectUnencryptedAccess $false\n"
                 "Samba: testparm -s, option server smb encrypt of the share\n"
                 "If encryption is not required: Get-SmbShareAccess -Name SHARE, and icacls PATH",
    .reference = RECEIVING_TREE_CONNECT,
};

/* ---- tree_connect.guest_denied ---- */

static bool match_guest_denied(const struct scene *scene, struct proof *proof)
{
    if (!denied(scene, proof, DENIED_GUEST))
        return false;
    if (share_is_ipc(scene->tree))
        proof->severity = WARNING;
    return true;
}

static const struct rule guest_denied = {
    .id = "tree_connect.guest_denied",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = access_denied_status,
    .match = match_guest_denied,
    .summary = "The share is closed to guests and anonymous users, and this session is one",
    .cause = "The user name or password was not accepted, and the server made the session a guest's\n"
             "The client sent no credentials\n"
             "Guests are kept out on purpose: RestrictNullSessAccess on Windows, guest ok = no on Samba, or "
             "encryption is required, which guests cannot use",
    .next_step = "Log on with an account that the server knows: net use \\\\SERVER\\SHARE /user:DOMAIN\\USER\n"
                 "Samba: testparm -s, options map to guest, and guest ok of the share\n"
                 "Windows: Get-SmbShareAccess -Name SHARE",
    .reference = RECEIVING_TREE_CONNECT,
};

/* ---- tree_connect.admin_share_denied ---- */

/* The account's authority as NTLM names it: the server itself for local accounts. */
static bool is_local_account(const struct session *session)
{
    const struct ntlm_token *logon = session ? session->authenticate : NULL;
    const struct ntlm_token *server = session ? session->challenge : NULL;

    if (!logon || !logon->domain)
        return false;
    return !*logon->domain || strcmp(logon->domain, ".") == 0 ||
           (server && host_names_match(logon->domain, server->netbios_computer));
}

static bool match_admin_share_denied(const struct scene *scene, struct proof *proof)
{
    if (!denied(scene, proof, DENIED_ADMINISTRATIVE))
        return false;
    if (is_local_account(scene->session))
        proof->confidence = LIKELY;
    else if (scene->session && scene->session->mechanism == MECHANISM_KERBEROS)
        proof->cause = "The account is not a member of the server's Administrators group";
    return true;
}

static const struct rule admin_share_denied = {
    .id = "tree_connect.admin_share_denied",
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = access_denied_status,
    .match = match_admin_share_denied,
    .summary = "The server denies an administrative share",
    .cause = "A local account of the server: over the network, User Account Control takes its administrator rights "
             "away\n"
             "The account is not a member of the server's Administrators group",
    .next_step = "Use a domain account that is an administrator of the server: net localgroup Administrators\n"
                 "For local accounts: LocalAccountTokenFilterPolicy = 1 (DWORD) under "
                 "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System (weakens security)\n"
                 "Or share the folder under a name of its own",
    .reference = RECEIVING_TREE_CONNECT,
};

/* ---- tree_connect.ipc_denied ---- */

static bool match_ipc_denied(const struct scene *scene, struct proof *proof)
{
    if (!denied(scene, proof, DENIED_IPC))
        return false;
    prove_signatures(proof, scene->exchange);
    return true;
}

static const struct rule ipc_denied = {
    .id = "tree_connect.ipc_denied",
    .severity = WARNING,
    .group = RESPONSE_CODE,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = access_denied_status,
    .match = match_ipc_denied,
    .summary = "The server denies IPC$: DFS referrals and remote calls fail, other shares may work",
    .cause = "The server does not accept the signature of the request: altered on the way, or keys differ\n"
             "The server limits who may log on over the network or use IPC$ (Samba: valid users or hosts allow in "
             "[global])",
    .next_step = "Does another share work in the same session? Then rights to IPC$ are the cause, else look at the "
                 "signature: capture on both sides and compare the request\n"
                 "Windows: event log Microsoft-Windows-SMBServer/Security; Samba: testparm -s, log.smbd",
    .reference = RECEIVING_TREE_CONNECT "\n[MS-SMB2] 3.3.5.2.4 Verifying the Signature",
};

/* ---- tree_connect.access_denied ---- */

#define NO_RIGHTS \
    "The user has no right to the share, or none to the folder behind it (share and NTFS permissions; Samba: valid " \
    "users, hosts allow)\n" \
    "The disk or the folder behind the share does not exist or is not accessible"
#define CHECK_RIGHTS \
    "Make sure that the user has both share and NTFS permissions: Get-SmbShareAccess -Name SHARE, and icacls PATH on " \
    "the folder\n" \
    "Make sure that the disk and the folder used by the share exist and are accessible: Get-SmbShare | select name, " \
    "Path, then Test-Path PATH on the server\n"
#define CHECK_SAMBA \
    "Samba: testparm -s, options valid users, invalid users, hosts allow of the share; log.smbd at log level 3"
#define BAD_SIGNATURE "\nThe server does not accept the request's signature"

static bool match_access_denied(const struct scene *scene, struct proof *proof)
{
    if (!denied(scene, proof, DENIED_RIGHTS))
        return false;
    prove_signatures(proof, scene->exchange);
    if (!encryption_is_ruled_out(scene->connection))
        return true;
    proof->cause = scene->exchange->request_signed ? NO_RIGHTS BAD_SIGNATURE : NO_RIGHTS;
    proof->next_step = CHECK_RIGHTS CHECK_SAMBA;
    return true;
}

static const struct rule access_denied = {
    .id = "tree_connect.access_denied",
    .severity = ERROR,
    .group = RESPONSE_CODE,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .statuses = access_denied_status,
    .match = match_access_denied,
    .fallback = true,
    .summary = "The server denies the user access to the share",
    .cause = NO_RIGHTS
             "\nThe server or the share requires encryption, which the capture does not rule out" BAD_SIGNATURE,
    .next_step = CHECK_RIGHTS IS_ENCRYPTION_REQUIRED WHO_CAN_ENCRYPT CHECK_SAMBA,
    .reference = RECEIVING_TREE_CONNECT "\n[MS-SMB2] 3.3.5.2.4 Verifying the Signature",
};

/* ---- tree_connect.share_needs_encryption_client_cannot ---- */

static bool match_share_needs_encryption(const struct scene *scene, struct proof *proof)
{
    if (scene->exchange->status != STATUS_SUCCESS || !scene->tree || !scene->tree->encrypt_data ||
        !connection_cannot_encrypt(scene->connection))
        return false;
    prove_share(proof, scene);
    proof_value_in(proof, &scene->exchange->response, "Share flags (0x00008000 is encrypt data)", "0x%08x",
                   scene->exchange->tree_connect_response->share_flags);
    prove_encryption(proof, scene->connection);
    return true;
}

static const struct rule share_needs_encryption_client_cannot = {
    .id = "tree_connect.share_needs_encryption_client_cannot",
    .severity = WARNING,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_TREE_CONNECT,
    .match = match_share_needs_encryption,
    .summary = "The share wants encryption, and this connection cannot encrypt",
    .cause = "The share has EncryptData set, and the client's dialect or ciphers do not allow encryption; what follows "
             "goes in clear, or is denied where RejectUnencryptedAccess is set",
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
    return exchange->open_frame && scene->connection->first_transform.frame &&
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

    if (!tree || !tree->encrypt_data || session_is_encrypted(scene->session) || !was_denied_in_clear(scene))
        return false;
    if (scene->event == ON_CLOSE)
        proof_frame(proof, "Encrypted message, which may be the answer", &scene->connection->first_transform);
    prove_share(proof, scene);
    proof->related = tree->connect->response;
    proof_value_in(proof, &tree->connect->response, "Share flags (0x00008000 is encrypt data)", "0x%08x",
                   tree->connect->tree_connect_response->share_flags);
    prove_encryption(proof, scene->connection);
    return true;
}

static const struct rule unencrypted_follow_up = {
    .id = "tree_connect.unencrypted_follow_up",
    .severity = ERROR,
    .group = SECURITY,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_CLOSE | ON_OTHER_REFUSAL,
    .command = ANY_COMMAND,
    .match = match_unencrypted_follow_up,
    .summary = "The share wants encryption, and the server denies a request that came in clear",
    .cause = "The client cannot encrypt, or does not although the share asks for it, and the server rejects access in "
             "clear",
    .next_step = IS_ENCRYPTION_REQUIRED WHO_CAN_ENCRYPT
                 "Samba client: smbclient --client-protection=encrypt; Linux: mount -o seal,vers=3.1.1",
    .reference = VERIFYING_THE_TREE "\n[MS-SMB2] 3.2.4.1.8 Encrypting the Message",
};

/* ---- tree_connect.ok_create_denied ---- */

#define SHARE_TYPE_DISK 1

static bool match_ok_create_denied(const struct scene *scene, struct proof *proof)
{
    const struct tree_connect_response *share =
        scene->tree ? scene->tree->connect->tree_connect_response : NULL;

    if (!share || share->share_type != SHARE_TYPE_DISK)
        return false;
    prove_share(proof, scene);
    prove_user(proof, scene->session);
    proof->related = scene->tree->connect->response;
    proof_value_in(proof, &scene->tree->connect->response, "Maximal access to the share", "0x%08x",
                   share->maximal_access);
    return true;
}

static const struct rule ok_create_denied = {
    .id = "tree_connect.ok_create_denied",
    .severity = NOTE,
    .group = RESPONSE_CODE,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .command = SMB2_CREATE,
    .statuses = access_denied_status,
    .match = match_ok_create_denied,
    .fallback = true,
    .summary = "The share opened, but the first file or folder on it is denied: NTFS rather than share rights",
    .cause = "The user has rights to the share, but not to the file or folder (NTFS permissions, Unix mode)\n"
             "The maximal access of the share does not include what the client asked for",
    .next_step = "icacls PATH on the server, and Effective Access in the folder's advanced security settings\n"
                 "Samba: ls -ld and getfacl on the share's path, as seen by the user: sudo -u USER ls PATH\n"
                 "Make sure that the user has both share and NTFS permissions",
    .reference = "[MS-SMB2] 3.3.5.9 Receiving an SMB2 CREATE Request",
};

/* ---- tree_connect.host_mismatch ---- */

/* The host of cifs/HOST or cifs/HOST/REALM; NULL: a machine account or the like. */
static const char *ticket_host(const struct session *session, wmem_allocator_t *scope)
{
    const char *service = session && session->ticket ? session->ticket->service : NULL;
    const char *host = service ? strchr(service, '/') : NULL;

    return host ? wmem_strndup(scope, host + 1, strcspn(host + 1, "/")) : NULL;
}

static bool is_another_host(const char *a, const char *b)
{
    return a && b && *a && *b && !name_is_address(a) && !name_is_address(b) && !host_names_match(a, b);
}

static bool match_host_mismatch(const struct scene *scene, struct proof *proof)
{
    const struct tree *tree = scene->tree;
    const struct exchange *agreed = scene->connection->agreed;
    const struct negotiate_request *offer = agreed ? agreed->negotiate_request : NULL;
    const char *netname = offer ? offer->contexts.netname : NULL;
    const char *ticket = ticket_host(scene->session, proof->scope);
    bool mismatch = false;

    if (!tree || share_is_ipc(tree))
        return false;
    if (is_another_host(tree->host, netname)) {
        proof_difference(proof, "Host in NEGOTIATE, in TREE_CONNECT", netname, &agreed->request, tree->host,
                         &scene->exchange->request);
        mismatch = true;
    }
    if (is_another_host(tree->host, ticket)) {
        proof_difference(proof, "Host in the Kerberos ticket, in TREE_CONNECT", ticket,
                         &scene->session->last_leg->request, tree->host, &scene->exchange->request);
        mismatch = true;
    }
    proof->subject = tree->host ? tree->host : "";
    return mismatch;
}

static const struct rule host_mismatch = {
    .id = "tree_connect.host_mismatch",
    .severity = NOTE,
    .group = ASSUMPTION,
    .confidence = CERTAIN,
    .events = ON_REQUEST,
    .command = SMB2_TREE_CONNECT,
    .match = match_host_mismatch,
    .summary = "The client calls the server by different names in this set-up",
    .cause = "An alias, a DFS link or a virtual address stands between the name used and the server\n"
             "A clue where the server refuses the name, the service name (SPN) or the ticket; harmless where all works",
    .next_step = "Resolve-DnsName for both names: do they lead to the same address?\n"
                 "setspn -Q cifs/NAME for both names",
    .reference = "[MS-SMB2] 2.2.3.1.4 SMB2_NETNAME_NEGOTIATE_CONTEXT_ID\n[MS-SMB2] 2.2.9 SMB2 TREE_CONNECT Request",
};

const struct rule *const tree_access_rules[] = {
    &unsigned_311,   &encryption_required,
    &guest_denied,   &admin_share_denied,
    &ipc_denied,     &access_denied,
    &share_needs_encryption_client_cannot,
    &unencrypted_follow_up, &ok_create_denied,
    &host_mismatch,  NULL,
};
