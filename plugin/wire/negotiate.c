/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * [MS-SMB2] 2.2.3 and 2.2.4: NEGOTIATE and its contexts.
 */
#include "body.h"

#define REQUEST_SIZE 36
#define RESPONSE_SIZE 65
#define CONTEXT_HEADER_LENGTH 8

/* A list of identifiers behind a count, with what else the context holds between the two. Only the
 * first context of a kind is looked at. */
static void check_list(struct bytes data, uint32_t ids_at, uint16_t *contexts, bool *malformed)
{
    if ((*contexts)++ == 0 && !bytes_has(data, ids_at, bytes_le16(data, 0) * 2u))
        *malformed = true;
}

/* 2.2.3.1.1: the salt stands behind the list. */
static void read_hashes(struct bytes data, struct negotiate_contexts *out)
{
    const uint16_t count = bytes_le16(data, 0);

    if (out->hash_contexts == 0) {
        id_list_read(bytes_from(data, 4), count, &out->hashes);
        if (!bytes_has(data, 4 + count * 2u, bytes_le16(data, 2)))
            out->malformed = true;
    }
    check_list(data, 4, &out->hash_contexts, &out->malformed);
}

static void read_context(uint16_t type, struct bytes data, wmem_allocator_t *scope,
                         struct negotiate_contexts *out)
{
    switch (type) {
    case CONTEXT_PREAUTH_INTEGRITY:
        read_hashes(data, out);
        break;
    case CONTEXT_ENCRYPTION:
        if (out->cipher_contexts == 0)
            id_list_read(bytes_from(data, 2), bytes_le16(data, 0), &out->ciphers);
        check_list(data, 2, &out->cipher_contexts, &out->malformed);
        break;
    case CONTEXT_COMPRESSION:
        if (out->compression_contexts == 0)
            id_list_read(bytes_from(data, 8), bytes_le16(data, 0), &out->compressions);
        check_list(data, 8, &out->compression_contexts, &out->malformed);
        break;
    case CONTEXT_RDMA_TRANSFORM:
        check_list(data, 8, &out->rdma_transform_contexts, &out->malformed);
        break;
    case CONTEXT_SIGNING:
        if (out->signing_contexts == 0)
            id_list_read(bytes_from(data, 2), bytes_le16(data, 0), &out->signing_algorithms);
        check_list(data, 2, &out->signing_contexts, &out->malformed);
        break;
    case CONTEXT_TRANSPORT:
        out->transport_contexts++;
        break;
    case CONTEXT_NETNAME:
        if (out->netname == NULL)
            out->netname = text_from_utf16(data, scope);
        break;
    default: /* 2.2.3.1: unknown types are to be ignored */
        break;
    }
}

static void read_contexts(struct bytes message, uint32_t offset, uint32_t lowest_offset,
                          uint16_t count, wmem_allocator_t *scope, struct negotiate_contexts *out)
{
    out->malformed = count > 0 && (offset % 8 != 0 || offset < lowest_offset);
    if (count > 0 && offset < lowest_offset)
        return;

    for (uint16_t i = 0; i < count; i++) {
        uint16_t type = bytes_le16(message, offset);
        uint16_t data_length = bytes_le16(message, offset + 2);

        if (!bytes_has(message, offset, CONTEXT_HEADER_LENGTH) ||
            !bytes_has(message, offset + CONTEXT_HEADER_LENGTH, data_length))
            return;
        read_context(type, bytes_slice(message, offset + CONTEXT_HEADER_LENGTH, data_length), scope,
                     out);
        offset = (offset + CONTEXT_HEADER_LENGTH + data_length + 7) & ~UINT32_C(7);
    }
    out->known = true;
}

bool negotiate_request_parse(struct bytes message, wmem_allocator_t *scope,
                             struct negotiate_request *out)
{
    struct bytes body = smb2_request_body(message, REQUEST_SIZE);
    uint16_t dialect_count = bytes_le16(body, 2);

    *out = (struct negotiate_request){0};
    if (body.length == 0)
        return false;

    out->security_mode = bytes_le16(body, 4);
    out->capabilities = bytes_le32(body, 8);
    memcpy(out->client_guid, body.data + 12, sizeof out->client_guid);
    id_list_read(bytes_from(body, REQUEST_SIZE), dialect_count, &out->dialects);
    if (id_list_contains(&out->dialects, DIALECT_3_1_1))
        read_contexts(message, bytes_le32(body, 28),
                      SMB2_HEADER_LENGTH + REQUEST_SIZE + dialect_count * 2u, bytes_le16(body, 32),
                      scope, &out->contexts);
    return true;
}

bool negotiate_response_parse(struct bytes message, wmem_allocator_t *scope,
                              struct negotiate_response *out, struct blob *blob)
{
    struct bytes body = smb2_response_body(message, RESPONSE_SIZE);

    *out = (struct negotiate_response){0};
    *blob = (struct blob){0};
    if (body.length == 0)
        return false;

    out->security_mode = bytes_le16(body, 2);
    out->dialect = bytes_le16(body, 4);
    memcpy(out->server_guid, body.data + 8, sizeof out->server_guid);
    out->capabilities = bytes_le32(body, 24);
    out->max_size = MIN(bytes_le32(body, 28), MIN(bytes_le32(body, 32), bytes_le32(body, 36)));
    blob->known = smb2_buffer(message, RESPONSE_SIZE, bytes_le16(body, 56), bytes_le16(body, 58),
                              &blob->bytes);
    if (out->dialect == DIALECT_3_1_1)
        read_contexts(message, bytes_le32(body, 60), SMB2_HEADER_LENGTH + RESPONSE_SIZE - 1,
                      bytes_le16(body, 6), scope, &out->contexts);
    return true;
}

uint64_t negotiate_response_time(struct bytes message)
{
    return bytes_le64(smb2_response_body(message, RESPONSE_SIZE), 40);
}
