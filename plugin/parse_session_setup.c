/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * [MS-SMB2] 2.2.5 and 2.2.6: SESSION_SETUP.
 */
#include "smb2_body.h"

#define REQUEST_SIZE 25
#define RESPONSE_SIZE 9
#define STATUS_SUCCESS 0x00000000
#define STATUS_MORE_PROCESSING_REQUIRED 0xc0000016

bool session_setup_request_parse(struct bytes message, struct session_setup_request *out)
{
    struct bytes body = smb2_request_body(message, REQUEST_SIZE);

    *out = (struct session_setup_request){0};
    if (body.length == 0)
        return false;

    out->flags = bytes_u8(body, 2);
    out->security_mode = bytes_u8(body, 3);
    out->capabilities = bytes_le32(body, 4);
    out->security_blob_length = bytes_le16(body, 14);
    out->previous_session_id = bytes_le64(body, 16);
    out->security_blob_known = smb2_buffer(message, REQUEST_SIZE, bytes_le16(body, 12),
                                           out->security_blob_length, &out->security_blob);
    return true;
}

static bool looks_like_token(struct bytes blob)
{
    uint8_t first = bytes_u8(blob, 0);

    return first == 0x60 || first == 0xa1 ||
           (bytes_has(blob, 0, 8) && memcmp(blob.data, "NTLMSSP", 8) == 0);
}

bool session_setup_response_parse(struct bytes message, struct session_setup_response *out)
{
    struct bytes body = smb2_response_body(message, RESPONSE_SIZE);
    uint32_t status = bytes_le32(message, 8);
    struct bytes blob;
    bool blob_known;

    *out = (struct session_setup_response){0};
    if (body.length == 0)
        return false;

    blob_known =
        smb2_buffer(message, RESPONSE_SIZE, bytes_le16(body, 4), bytes_le16(body, 6), &blob);
    /* An error response (2.2.2) has the same StructureSize, yet some errors come with a token. */
    if (status != STATUS_SUCCESS && status != STATUS_MORE_PROCESSING_REQUIRED &&
        !looks_like_token(blob))
        return true;
    out->has_body = true;
    out->session_flags = bytes_le16(body, 2);
    out->security_blob = blob;
    out->security_blob_known = blob_known;
    return true;
}
