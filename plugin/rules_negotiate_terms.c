/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * negotiate, part two: what was offered and agreed, and who cannot live with it. [MS-SMB2] 3.2.5.2, 3.3.5.4.
 */
#include "catalogue.h"
#include "terms.h"

/* In answer to an SMB1 multi-protocol NEGOTIATE too. */
static bool agreed_here(const struct scene *scene)
{
    return scene->exchange->negotiate_response && scene->connection->agreed == scene->exchange;
}

/* ---- negotiate.client_legacy_only ---- */

static bool match_client_legacy_only(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_request *request = scene->exchange->negotiate_request;
    const uint16_t highest = request ? highest_dialect(&request->dialects) : 0;

    if (!highest || highest > DIALECT_2_1 || !id_list_complete(&request->dialects))
        return false;
    proof_value_in(proof, &scene->exchange->request, "Dialects offered", "%s",
                   dialects_text(&request->dialects, proof->scope));
    return true;
}

static const struct rule client_legacy_only = {
    .id = "negotiate.client_legacy_only",
    .severity = NOTE,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_REQUEST,
    .command = SMB2_NEGOTIATE,
    .match = match_client_legacy_only,
    .summary = "The client's NEGOTIATE offers nothing above SMB 2.1, so nothing can be encrypted",
    .cause = "An old client: Windows 7, Windows Server 2008 R2 and earlier cannot encrypt, Windows 8, "
             "Windows Server 2012 and later can\n"
             "A newer client that is held down by a setting, or another SMB stack\n"
             "Consistent with a box on the way that took higher dialects out, which validate-negotiate would "
             "show",
    .next_step = "Where server or share require encryption, use a client with SMB 3: Get-SmbShare | "
                 "select name, EncryptData and Get-SmbServerConfiguration | select Encrypt*\n"
                 "On the client: Get-SmbClientConfiguration | fl Smb2DialectMax; on Samba client max "
                 "protocol; with mount.cifs vers=",
    .reference = "[MS-SMB2] 2.2.3 SMB2 NEGOTIATE Request",
};

/* ---- negotiate.client_no_encryption ---- */

static bool match_client_no_encryption(const struct scene *scene, struct proof *proof)
{
    const struct negotiate_request *request = scene->exchange->negotiate_request;

    if (!request || highest_dialect(&request->dialects) < DIALECT_3_0 ||
        !id_list_complete(&request->dialects) ||
        request->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION || request->contexts.ciphers.contexts)
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
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_REQUEST,
    .command = SMB2_NEGOTIATE,
    .match = match_client_no_encryption,
    .summary = "The client offers SMB 3 but no encryption",
    .cause = "The SMB stack of the client cannot encrypt, or encryption is switched off there",
    .next_step = "Matters only where server or share require encryption: Get-SmbServerConfiguration | "
                 "select Encrypt* and Get-SmbShare | select name, EncryptData",
    .reference = "[MS-SMB2] 2.2.3 SMB2 NEGOTIATE Request\n[MS-SMB2] 2.2.3.1.2 "
                 "SMB2_ENCRYPTION_CAPABILITIES",
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

    if (!agreed_here(scene) || !chose_no_cipher(exchange->negotiate_response))
        return false;
    if (exchange->negotiate_request)
        proof_value_in(proof, &exchange->request, "Ciphers offered", "%s",
                       ciphers_text(&exchange->negotiate_request->contexts.ciphers, proof->scope));
    proof_value_in(proof, &exchange->response, "Cipher chosen", "none (0)");
    return true;
}

static const struct rule no_common_cipher = {
    .id = "negotiate.no_common_cipher",
    .severity = WARNING,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_NEGOTIATE,
    .match = match_no_common_cipher,
    .summary = "The server can encrypt, but has no cipher in common with the client",
    .cause = "The lists of ciphers of client and server were cut down to different ones; shares that "
             "require encryption will be refused",
    .next_step = "On Windows: Get-SmbServerConfiguration | fl EncryptionCiphers and "
                 "Get-SmbClientConfiguration | fl EncryptionCiphers\n"
                 "On Samba: testparm -sv | grep 'smb3 encryption algorithms'",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 2.2.4.1.2 "
                 "SMB2_ENCRYPTION_CAPABILITIES",
};

/* ---- negotiate.server_no_encryption ---- */

/* Below 3.0 negotiate.low_dialect_selected says it. */
static bool match_server_no_encryption(const struct scene *scene, struct proof *proof)
{
    const struct connection *connection = scene->connection;
    const struct exchange *exchange = scene->exchange;
    bool client_known, agreed_known;

    if (!agreed_here(scene) || exchange->negotiate_response->dialect < DIALECT_3_0 ||
        chose_no_cipher(exchange->negotiate_response) ||
        !connection_client_can_encrypt(connection, &client_known) || !client_known ||
        connection_encryption_agreed(connection, &agreed_known) || !agreed_known)
        return false;
    /* 2.2.4: a client may offer encryption for one dialect and be given the other. */
    if (exchange->negotiate_response->dialect == DIALECT_3_1_1
            ? !exchange->negotiate_request->contexts.ciphers.contexts
            : !(exchange->negotiate_request->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION))
        return false;
    proof_value_in(proof, &exchange->response, "Dialect chosen", "%s",
                   dialect_text(connection->dialect, proof->scope));
    proof_value_in(proof, &exchange->response, "Capabilities", "%s",
                   capabilities_text(exchange->negotiate_response->capabilities, proof->scope));
    return true;
}

static const struct rule server_no_encryption = {
    .id = "negotiate.server_no_encryption",
    .severity = NOTE,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_NEGOTIATE,
    .match = match_server_no_encryption,
    .summary = "The client can encrypt, the server does not",
    .cause = "Encryption is switched off on the server (Samba: server smb encrypt = off)\n"
             "The server cannot encrypt: Samba and third-party devices may not support it, see the "
             "product's documentation\n"
             "Consistent with a box on the way that altered NEGOTIATE",
    .next_step = "On Samba: testparm -sv | grep 'server smb encrypt'\n"
                 "On a client that insists on encryption: Get-SmbClientConfiguration | fl "
                 "RequireEncryption",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 2.2.4 SMB2 NEGOTIATE "
                 "Response",
};

/* ---- negotiate.server_signing_not_offered, negotiate.signing_mismatch ---- */

/* A server that sets only "required" can sign too. */
static bool server_cannot_sign(const struct scene *scene)
{
    return agreed_here(scene) &&
           !(scene->exchange->negotiate_response->security_mode &
             (SMB2_NEGOTIATE_SIGNING_ENABLED | SMB2_NEGOTIATE_SIGNING_REQUIRED));
}

static void prove_security_modes(const struct exchange *exchange, struct proof *proof)
{
    if (exchange->negotiate_request)
        proof_value_in(proof, &exchange->request, "Client's security mode", "%s",
                       security_mode_text(exchange->negotiate_request->security_mode, proof->scope));
    proof_value_in(proof, &exchange->response, "Server's security mode", "%s",
                   security_mode_text(exchange->negotiate_response->security_mode, proof->scope));
}

static bool match_server_signing_not_offered(const struct scene *scene, struct proof *proof)
{
    if (!server_cannot_sign(scene) || connection_client_requires_signing(scene->connection))
        return false;
    prove_security_modes(scene->exchange, proof);
    return true;
}

static const struct rule server_signing_not_offered = {
    .id = "negotiate.server_signing_not_offered",
    .severity = WARNING,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = ANY_COMMAND,
    .match = match_server_signing_not_offered,
    .summary = "The server does not offer signing, which every SMB2 server has to",
    .cause = "An old third-party device, or one on which signing was switched off\n"
             "Consistent with a box on the way that takes the signing bit out of the response",
    .next_step = "Switch signing on at the device, or update its firmware; on Samba: server signing = "
                 "auto\n"
                 "Expect clients that require signing (default of Windows 11 24H2) to fail",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request",
};

static bool match_signing_mismatch(const struct scene *scene, struct proof *proof)
{
    if (!server_cannot_sign(scene) || !connection_client_requires_signing(scene->connection))
        return false;
    prove_security_modes(scene->exchange, proof);
    return true;
}

/* A warning: the client looks at signatures, not at this bit, and some servers sign although they do not say so. */
static const struct rule signing_mismatch = {
    .id = "negotiate.signing_mismatch",
    .severity = WARNING,
    .group = SECURITY,
    .confidence = LIKELY,
    .events = ON_RESPONSE,
    .command = ANY_COMMAND,
    .match = match_signing_mismatch,
    .summary = "The client requires signing, but the server does not offer it",
    .cause = "An old third-party device that cannot sign, or on which signing was switched off; the client "
             "refuses the first answer that should be signed and is not\n"
             "Consistent with a box on the way that takes the signing bit out of the response",
    .next_step = "Switch signing on at the device, or update its firmware; on Samba: server signing = "
                 "auto or mandatory\n"
                 "On the client: Get-SmbClientConfiguration | fl RequireSecuritySignature (required by "
                 "default on Windows 11 24H2 and Windows Server 2025)",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SMB2] 3.2.5.1.3 Verifying "
                 "the Signature",
};

/* ---- negotiate.low_dialect_selected ---- */

static bool match_low_dialect_selected(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const uint16_t highest = connection_highest_offered(scene->connection);

    if (!agreed_here(scene) || exchange->negotiate_response->dialect >= highest)
        return false;
    proof_value_in(proof, &exchange->request, "Dialects offered", "%s",
                   dialects_text(&exchange->negotiate_request->dialects, proof->scope));
    proof_value_in(proof, &exchange->response, "Dialect chosen", "%s",
                   dialect_text(exchange->negotiate_response->dialect, proof->scope));
    return true;
}

/* A note, whatever was chosen: on its own it is an old server far more often than an attack, and what comes of it
 * has rules of its own (encryption_required, validate_negotiate). */
static const struct rule low_dialect_selected = {
    .id = "negotiate.low_dialect_selected",
    .severity = NOTE,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = SMB2_NEGOTIATE,
    .match = match_low_dialect_selected,
    .summary = "The server chose a lower dialect than the client can speak",
    .cause = "An old server, or one that is held down by a setting; below SMB 3.0 there is no encryption\n"
             "Consistent with a downgrade on the way, which validate-negotiate would show",
    .next_step = "On a Windows server: Get-SmbServerConfiguration | fl Smb2DialectMin,Smb2DialectMax\n"
                 "On Samba: testparm -sv | grep 'server max protocol'\n"
                 "Look whether the client validates the negotiation after the first tree connect "
                 "(FSCTL_VALIDATE_NEGOTIATE_INFO)",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request",
};

/* ---- negotiate.server_clock_skew ---- */

#define SKEW_SECONDS 300 /* Kerberos' usual tolerance, RFC 4120 8.2 */
#define FILETIME_TO_1970 INT64_C(116444736000000000)
#define FILETIME_TICK 100 /* nanoseconds */
#define FILETIME_LIMIT UINT64_C(200000000000000000) /* the year 2234: beyond it, or before 1970, no clock */

static int64_t server_ahead(const struct exchange *agreed)
{
    const int64_t ticks = (int64_t)agreed->negotiate_response->system_time - FILETIME_TO_1970;

    return ticks * FILETIME_TICK - agreed->response.time;
}

static bool is_skewed(const struct exchange *agreed)
{
    const int64_t limit = SKEW_SECONDS * NANOSECONDS_PER_SECOND;

    return agreed && agreed->negotiate_response &&
           agreed->negotiate_response->system_time >= FILETIME_TO_1970 &&
           agreed->negotiate_response->system_time <= FILETIME_LIMIT &&
           (server_ahead(agreed) > limit || server_ahead(agreed) < -limit);
}

/* Waits for what comes of it: where Kerberos worked it was the capture's clock; NTLM does not care. */
static bool clock_matters(const struct scene *scene, struct proof *proof)
{
    const struct exchange *exchange = scene->exchange;
    const bool kerberos = scene->session && scene->session->mechanism == MECHANISM_KERBEROS;

    if (!exchange)
        return false;
    if (scene->event == ON_CLOSE) {
        proof->severity = NOTE;
        return exchange == scene->connection->agreed;
    }
    if (exchange->command != SMB2_SESSION_SETUP ||
        exchange->status == STATUS_MORE_PROCESSING_REQUIRED ||
        (exchange->status == STATUS_SUCCESS && kerberos))
        return false;
    if (!kerberos && exchange->status != STATUS_TIME_DIFFERENCE_AT_DC)
        proof->severity = NOTE;
    return true;
}

static bool match_server_clock_skew(const struct scene *scene, struct proof *proof)
{
    const struct exchange *agreed = scene->connection->agreed;

    if (!is_skewed(agreed) || !clock_matters(scene, proof))
        return false;
    proof->about = agreed->response;
    proof_frame(proof, "NEGOTIATE response with the server's time", &agreed->response);
    if (server_ahead(agreed) > 0)
        proof_interval(proof, "The server's clock is ahead of the capture's by", server_ahead(agreed));
    else
        proof_interval(proof, "The server's clock is behind the capture's by", -server_ahead(agreed));
    return true;
}

static const struct rule server_clock_skew = {
    .id = "negotiate.server_clock_skew",
    .severity = WARNING,
    .group = ASSUMPTION,
    .confidence = LIKELY,
    .events = ON_RESPONSE | ON_CLOSE,
    .command = ANY_COMMAND,
    .match = match_server_clock_skew,
    .summary = "The server's clock differs by more than 5 minutes from the capture's",
    .cause = "The server's clock is wrong: Kerberos will refuse tickets (KRB_AP_ERR_SKEW, "
             "STATUS_TIME_DIFFERENCE_AT_DC)\n"
             "The clock of the capturing host is wrong, or the capture's times were shifted afterwards",
    .next_step = "On Windows: w32tm /query /status, then w32tm /resync; on Linux: chronyc tracking\n"
                 "Compare with the time that another server or the KDC shows in the same capture",
    .reference = "[MS-SMB2] 2.2.4 SMB2 NEGOTIATE Response\nRFC 4120 8.2 Recommended KDC Values",
};

/* ---- negotiate.no_kerberos_offered ---- */

static bool match_no_kerberos_offered(const struct scene *scene, struct proof *proof)
{
    bool known;

    if (!agreed_here(scene) || connection_server_offers_kerberos(scene->connection, &known) || !known ||
        scene->exchange->negotiate_token->offered & MECHANISM_IAKERB) /* Kerberos through the server */
        return false;
    proof_value_in(proof, &scene->exchange->response, "Mechanisms offered by the server", "%s",
                   mechanism_names(scene->exchange->negotiate_token->offered, proof->scope));
    return true;
}

static const struct rule no_kerberos_offered = {
    .id = "negotiate.no_kerberos_offered",
    .severity = CHAT,
    .group = SECURITY,
    .confidence = CERTAIN,
    .events = ON_RESPONSE,
    .command = ANY_COMMAND,
    .match = match_no_kerberos_offered,
    .summary = "The server does not offer Kerberos, so the logon has to do without it",
    .cause = "The server is not a member of a domain; clients that block NTLM cannot log on there\n"
             "Its keytab or machine account is missing or broken (Samba: net ads testjoin)",
    .next_step = "If it should be a domain member: Test-ComputerSecureChannel on Windows, net ads testjoin "
                 "on Samba\n"
                 "On the client: Get-SmbClientConfiguration | fl BlockNTLM",
    .reference = "[MS-SMB2] 3.3.5.4 Receiving an SMB2 NEGOTIATE Request\n[MS-SPNG] 2.2.1 NegTokenInit2",
};

const struct rule *const negotiate_terms_rules[] = {
    &client_legacy_only, &client_no_encryption, &signing_mismatch,  &server_signing_not_offered,
    &no_common_cipher,   &server_no_encryption, &low_dialect_selected, &server_clock_skew,
    &no_kerberos_offered, NULL,
};
