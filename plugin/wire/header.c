/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * [MS-SMB2] 2.2.1 header, 2.2.2 error response, 2.2.41 transform header.
 */
#include "body.h"

static const uint8_t smb2_protocol_id[4] = {0xfe, 'S', 'M', 'B'};
static const uint8_t transform_protocol_id[4] = {0xfd, 'S', 'M', 'B'};

static bool starts_with(struct bytes message, const uint8_t protocol_id[4], uint32_t header_length)
{
    return bytes_has(message, 0, header_length) && memcmp(message.data, protocol_id, 4) == 0;
}

/* Up to the message id: what tells whose answer it is, and its status. Behind Ethernet, IPv4 and
 * TCP, a snap length of 96 leaves so much, one of 128 all but the signature. Where TCP has
 * timestamps as well, 96 leaves 2 bytes of the id: they tell as much of the few that a set-up has.
 */
#define SMB2_HEADER_NEEDED 26

static bool has_header(struct bytes message)
{
    return starts_with(message, smb2_protocol_id, SMB2_HEADER_NEEDED) &&
           bytes_le16(message, 4) == SMB2_HEADER_LENGTH;
}

static uint64_t message_id_of(struct bytes message)
{
    return bytes_has(message, 24, 8) ? bytes_le64(message, 24) : bytes_le16(message, 24);
}

bool smb2_header_parse(struct bytes message, struct smb2_header *out)
{
    *out = (struct smb2_header){0};
    if (!has_header(message))
        return false;

    out->command = bytes_le16(message, 12);
    out->flags = bytes_le32(message, 16);
    out->status = smb2_is_response(out) ? bytes_le32(message, 8) : 0;
    out->message_id = message_id_of(message);
    if (!(out->flags & SMB2_FLAGS_ASYNC_COMMAND))
        out->tree_id = bytes_le32(message, 36);
    out->session_id = bytes_le64(message, 40);
    out->ids_cut = !bytes_has(message, 36, 12);
    return true;
}

bool smb2_transform_parse(struct bytes message, struct smb2_transform *out)
{
    *out = (struct smb2_transform){0};
    if (!starts_with(message, transform_protocol_id, SMB2_TRANSFORM_HEADER_LENGTH))
        return false;

    out->session_id = bytes_le64(message, 44);
    return true;
}

static uint32_t fixed_length(uint16_t structure_size)
{
    return structure_size & ~UINT32_C(1);
}

static struct bytes find_body(struct bytes message, uint32_t direction, uint16_t structure_size)
{
    const struct bytes body = bytes_from(message, SMB2_HEADER_LENGTH);

    if (!has_header(message) ||
        (bytes_le32(message, 16) & SMB2_FLAGS_SERVER_TO_REDIR) != direction ||
        !bytes_has(body, 0, fixed_length(structure_size)) || bytes_le16(body, 0) != structure_size)
        return (struct bytes){0};
    return body;
}

struct bytes smb2_request_body(struct bytes message, uint16_t structure_size)
{
    return find_body(message, 0, structure_size);
}

struct bytes smb2_response_body(struct bytes message, uint16_t structure_size)
{
    return find_body(message, SMB2_FLAGS_SERVER_TO_REDIR, structure_size);
}

bool smb2_buffer(struct bytes message, uint16_t structure_size, uint32_t offset, uint32_t length,
                 struct bytes *out)
{
    *out = (struct bytes){0};
    if (length == 0)
        return true;
    if (offset < SMB2_HEADER_LENGTH + fixed_length(structure_size))
        return false;
    *out = bytes_slice(message, offset, length);
    return out->length == length;
}

void id_list_read(struct bytes bytes, uint16_t count, struct id_list *list)
{
    list->count = count;
    list->listed = 0;
    while (list->listed < MIN(count, LISTED_MAX) && bytes_has(bytes, list->listed * 2u, 2)) {
        list->ids[list->listed] = bytes_le16(bytes, list->listed * 2u);
        list->listed++;
    }
}

bool id_list_contains(const struct id_list *list, uint16_t id)
{
    for (uint16_t i = 0; i < list->listed; i++) {
        if (list->ids[i] == id)
            return true;
    }
    return false;
}

bool id_list_complete(const struct id_list *list)
{
    return list->listed == list->count;
}

uint16_t lowest_dialect(const struct id_list *list)
{
    uint16_t lowest = 0;

    for (unsigned i = 0; i < list->listed; i++)
        if (list->ids[i] != DIALECT_WILDCARD && (lowest == 0 || list->ids[i] < lowest))
            lowest = list->ids[i];
    return lowest;
}

uint16_t highest_dialect(const struct id_list *list)
{
    uint16_t highest = 0;

    for (unsigned i = 0; i < list->listed; i++)
        if (list->ids[i] != DIALECT_WILDCARD && list->ids[i] > highest)
            highest = list->ids[i];
    return highest;
}

uint32_t error_response_context_id(struct bytes message, bool *known)
{
    struct bytes body = smb2_response_body(message, 9);
    uint8_t context_count = bytes_u8(body, 2);
    uint32_t at = 8;

    *known = body.length > 0;
    /* A SESSION_SETUP response of success has StructureSize 9 too. */
    if (body.length == 0 || bytes_le32(message, 8) == 0)
        return 0;
    for (uint8_t i = 0; i < context_count; i++) {
        uint32_t data_length = bytes_le32(body, at);
        uint32_t error_id = bytes_le32(body, at + 4);

        if (error_id != 0)
            return error_id;
        *known = bytes_has(body, at, 8) && bytes_has(body, at + 8, data_length);
        if (!*known)
            return 0;
        at = (at + 8 + data_length + 7) & ~UINT32_C(7);
    }
    return 0;
}
