/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * [MS-SMB2] 2.2.5 and 2.2.6: SESSION_SETUP.
 */
#include "body.h"

#define REQUEST_SIZE 25
#define RESPONSE_SIZE 9

bool session_setup_request_parse(struct bytes message, struct session_setup_request *out,
                                 struct blob *blob)
{
    struct bytes body = smb2_request_body(message, REQUEST_SIZE);

    *out = (struct session_setup_request){0};
    *blob = (struct blob){0};
    if (body.length == 0)
        return false;

    out->flags = bytes_u8(body, 2);
    out->security_mode = bytes_u8(body, 3);
    out->token_length = bytes_le16(body, 14);
    blob->known = smb2_buffer(message, REQUEST_SIZE, bytes_le16(body, 12), bytes_le16(body, 14),
                              &blob->bytes);
    return true;
}

static bool looks_like_token(struct bytes blob)
{
    uint8_t first = bytes_u8(blob, 0);

    return first == 0x60 || first == 0xa1 ||
           (bytes_has(blob, 0, 8) && memcmp(blob.data, "NTLMSSP", 8) == 0);
}

bool session_setup_response_parse(struct bytes message, struct session_setup_response *out,
                                  struct blob *blob)
{
    struct bytes body = smb2_response_body(message, RESPONSE_SIZE);
    uint32_t status = bytes_le32(message, 8);

    *out = (struct session_setup_response){0};
    *blob = (struct blob){0};
    if (body.length == 0)
        return false;

    blob->known =
        smb2_buffer(message, RESPONSE_SIZE, bytes_le16(body, 4), bytes_le16(body, 6), &blob->bytes);
    /* An error response (2.2.2) has the same StructureSize, yet some errors come with a token. */
    if (status != STATUS_SUCCESS && status != STATUS_MORE_PROCESSING_REQUIRED &&
        !looks_like_token(blob->bytes))
        return true;
    out->has_body = true;
    out->session_flags = bytes_le16(body, 2);
    return true;
}
