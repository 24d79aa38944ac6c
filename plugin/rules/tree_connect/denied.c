/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree_connect: who may not use the share. STATUS_ACCESS_DENIED has many causes; tree_denial()
 * picks the one that the wire shows, so that one rule speaks for an exchange.
 * [MS-SMB2] 3.3.5.7, 3.3.5.9.
 */
#include "facts.h"
#include "../advice.h"
#include "../lists.h"
#include "../others.h"

/* ---- tree_connect.guest_denied ---- */

static bool match_guest_denied(const struct scene *scene, struct proof *proof)
{
    if (!match_denial(scene, proof, DENIED_GUEST))
        return false;
    if (share_is_ipc(scene->tree))
        proof_at_most(proof, WARNING);
    return true;
}

static const struct rule guest_denied = {
    .id = "tree_connect.guest_denied",
    .severity = ERROR,
    .weighs = AS_WARNING,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_guest_denied,
    .summary = "The share is closed to guests and anonymous users, and this session is one",
    .headline = "\"{share}\" on {server} is closed to guests and anonymous users: {user}|"
                "\"{share}\" on {server} is closed to guests and anonymous users",
    .cause = MADE_A_GUEST
    "{?ANONYMOUS}The client sent no credentials\n"
    "{!NAMED}{!ANONYMOUS}The client logs on as Guest\n"
    "Guests are kept out on purpose: RestrictNullSessAccess on Windows, guest ok = no on Samba\n"
    "Encryption is required, which guests cannot use",
    .next_step = LOG_ON_AS_USER
    "Samba: testparm -s, options map to guest, and guest ok of the share; pdbedit -L for the "
    "accounts\n"
    "Windows: Get-SmbShareAccess -Name {SHARE}",
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

static bool is_domain_account(const struct session *session)
{
    return session && (session->mechanism == MECHANISM_KERBEROS ||
                       (session->authenticate && session->authenticate->domain &&
                        session->challenge && !is_local_account(session)));
}

#define USE_AN_ADMINISTRATOR                                                                       \
    "Use a domain account that is an administrator of the server: net localgroup "                 \
    "Administrators\n"
#define SHARE_THE_FOLDER DISK_AND_FOLDER_EXIST "Or share the folder under a name of its own"

static bool match_admin_share_denied(const struct scene *scene, struct proof *proof)
{
    if (!match_denial(scene, proof, DENIED_ADMINISTRATIVE))
        return false;
    if (is_local_account(scene->session))
        proof->confidence = LIKELY;
    if (is_domain_account(scene->session)) {
        proof->cause = "The account is not a member of the server's Administrators group";
        proof->next_step = USE_AN_ADMINISTRATOR SHARE_THE_FOLDER;
    }
    return true;
}

static const struct rule admin_share_denied = {
    .id = "tree_connect.admin_share_denied",
    .severity = ERROR,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_admin_share_denied,
    .summary = "The server denies an administrative share",
    .headline =
        "{user}: administrative share \"{share}\" denied|Administrative share \"{share}\" denied",
    .cause = "A local account of the server: over the network, User Account Control takes its "
             "administrator rights away\n"
             "The account is not a member of the server's Administrators group",
    .next_step = USE_AN_ADMINISTRATOR
    "For local accounts: LocalAccountTokenFilterPolicy = 1 (DWORD) under "
    "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System (weakens "
    "security)\n" SHARE_THE_FOLDER,
    .reference = RECEIVING_TREE_CONNECT,
};

/* ---- tree_connect.ipc_denied ---- */

static bool match_ipc_denied(const struct scene *scene, struct proof *proof)
{
    if (!match_denial(scene, proof, DENIED_IPC))
        return false;
    prove_signatures(proof, scene->exchange);
    return true;
}

const struct rule tree_connect_ipc_denied = {
    .id = "tree_connect.ipc_denied",
    .severity = WARNING,
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_ipc_denied,
    .summary = "The server denies IPC$: DFS referrals and remote calls fail, other shares may work",
    .headline = "{user}: IPC$ denied by {server}|IPC$ denied by {server}",
    .cause = "The server does not accept the signature of the request: altered on the way, or keys "
             "differ\n"
             "The server limits who may log on over the network or use IPC$ (Samba: valid users or "
             "hosts allow in [global])",
    .next_step =
        "Does another share work in the same session? Then rights to IPC$ are the cause, else look "
        "at the signature: capture on both sides and compare the request\n"
        "Windows: event log Microsoft-Windows-SMBServer/Security; Samba: testparm -s, log.smbd",
    .reference = RECEIVING_TREE_CONNECT "\n[MS-SMB2] 3.3.5.2.4 Verifying the Signature",
};

/* ---- tree_connect.access_denied ---- */

#define NO_RIGHTS                                                                                  \
    "The user has no right to the share, or none to the folder behind it (share and NTFS "         \
    "permissions; Samba: valid users, hosts allow)\n"                                              \
    "{!SHARE FOR OTHERS}The disk or the folder behind the share does not exist or is not "         \
    "accessible\n"                                                                                 \
    "{?AZURE FILES}The user lacks a role on the share, or the storage account's firewall keeps "   \
    "the client out"
#define CHECK_RIGHTS                                                                               \
    CHECK_AZURE_FILES                                                                              \
    "\n"                                                                                           \
    "Make sure that the user has both share and NTFS permissions: Get-SmbShareAccess -Name "       \
    "{SHARE}, and icacls PATH on the folder\n" DISK_AND_FOLDER_EXIST
#define CHECK_SAMBA                                                                                \
    "Samba: testparm -s, options valid users, invalid users, hosts allow of the share; log.smbd "  \
    "at log level 3"
#define BAD_SIGNATURE "\nThe server does not accept the request's signature"

static bool match_access_denied(const struct scene *scene, struct proof *proof)
{
    if (!match_denial(scene, proof, DENIED_RIGHTS))
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
    .confidence = POSSIBLE,
    .events = ON_RESPONSE,
    .commands = FOR_TREE_CONNECT,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_access_denied,
    .fallback = true,
    .summary = "The server denies the user access to the share",
    .headline = "{user}: no access to \"{share}\" on {server}|No access to \"{share}\" on {server}",
    .others = WHERE_OTHERS_OPEN,
    .cause = NO_RIGHTS "\nThe server or the share requires encryption, which the capture does not "
                       "rule out" BAD_SIGNATURE,
    .next_step = CHECK_RIGHTS IS_ENCRYPTION_REQUIRED WHO_CAN_ENCRYPT CHECK_SAMBA,
    .reference = RECEIVING_TREE_CONNECT "\n[MS-SMB2] 3.3.5.2.4 Verifying the Signature",
};

/* ---- tree_connect.ok_create_denied ---- */

#define FULL_ACCESS 0x001f01ff
#define NO_RIGHTS_TO_FOLDER                                                                        \
    "The user has rights to the share, but not to the file or folder (NTFS permissions, Unix "     \
    "mode)"

static bool match_ok_create_denied(const struct scene *scene, struct proof *proof)
{
    const struct tree_connect_response *share =
        scene->tree ? tree_connect_response_of(scene->tree->connect->answer) : NULL;

    if (!share || share->share_type != SMB2_SHARE_TYPE_DISK)
        return false;
    prove_share(proof, scene);
    prove_user(proof, scene->session);
    proof->related = scene->tree->connect->response;
    proof_value_in(proof, &scene->tree->connect->response, "Maximal access to the share", "%s",
                   access_text(share->maximal_access, proof->scope));
    if ((share->maximal_access & FULL_ACCESS) == FULL_ACCESS)
        proof->cause = NO_RIGHTS_TO_FOLDER;
    return true;
}

static const struct rule ok_create_denied = {
    .id = "tree_connect.ok_create_denied",
    .severity = NOTE,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .commands = FOR_CREATE,
    .statuses = (const uint32_t[]){STATUS_ACCESS_DENIED, 0},
    .match = match_ok_create_denied,
    .fallback = true,
    .summary = "The share opened, but the first file or folder on it is denied: NTFS rather than "
               "share rights",
    .headline =
        "{user}: \"{share}\" opens, its folder does not|\"{share}\" opens, its folder does not",
    .cause = NO_RIGHTS_TO_FOLDER
    "\n"
    "The maximal access of the share does not include what the client asked for",
    .next_step = "icacls PATH on the server, and Effective Access in the folder's advanced "
                 "security settings\n"
                 "Samba: ls -ld and getfacl on the share's path, as seen by the user: sudo -u "
                 "{USER} ls PATH\n"
                 "Make sure that the user has both share and NTFS permissions",
    .reference = "[MS-SMB2] 3.3.5.9 Receiving an SMB2 CREATE Request",
};

const struct rule_list tree_connect_denied_rules = {
    .blocks =
        (const struct rule *const[]){&guest_denied, &admin_share_denied, &tree_connect_ipc_denied,
                                     &access_denied, &ok_create_denied, NULL},
};
