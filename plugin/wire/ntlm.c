/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * [MS-NLMP] 2.2.1: NEGOTIATE, CHALLENGE and AUTHENTICATE.
 */
#include "body.h"

#define NTLMV1_RESPONSE_LENGTH 24
#define NTLMV2_AV_PAIRS_AT 44 /* 2.2.2.8: 16 of NTProofStr; 2.2.2.7: 28 before AvPairs */
#define AUTHENTICATE_FIELDS_END 64

enum message_type { NTLM_NEGOTIATE = 1, NTLM_CHALLENGE = 2, NTLM_AUTHENTICATE = 3 };

/* 2.2.2.1 */
enum av_id {
    AV_EOL = 0,
    AV_NB_COMPUTER_NAME = 1,
    AV_NB_DOMAIN_NAME = 2,
    AV_DNS_COMPUTER_NAME = 3,
    AV_DNS_DOMAIN_NAME = 4,
    AV_TARGET_NAME = 9,
};

/* What the Len and BufferOffset fields at this place point to, as far as it was captured. */
static struct bytes payload(struct bytes message, uint32_t fields_at)
{
    struct bytes rest = bytes_from(message, bytes_le32(message, fields_at + 4));

    return bytes_slice(rest, 0, MIN(bytes_le16(message, fields_at), rest.length));
}

static const char *payload_text(struct bytes message, uint32_t fields_at, uint32_t flags,
                                wmem_allocator_t *scope)
{
    struct bytes text = payload(message, fields_at);

    if (!bytes_has(message, fields_at, 8) || text.length < bytes_le16(message, fields_at))
        return NULL;
    return flags & NTLMSSP_NEGOTIATE_UNICODE ? text_from_utf16(text, scope)
                                             : text_from_utf8(text, scope);
}

static void read_av_pair(uint16_t id, struct bytes value, wmem_allocator_t *scope,
                         struct ntlm_token *out)
{
    switch (id) {
    case AV_NB_COMPUTER_NAME:
        out->netbios_computer = text_from_utf16(value, scope);
        break;
    case AV_NB_DOMAIN_NAME:
        out->netbios_domain = text_from_utf16(value, scope);
        break;
    case AV_DNS_COMPUTER_NAME:
        out->dns_computer = text_from_utf16(value, scope);
        break;
    case AV_DNS_DOMAIN_NAME:
        out->dns_domain = text_from_utf16(value, scope);
        break;
    case AV_TARGET_NAME:
        out->spn = text_from_utf16(value, scope);
        break;
    default:
        break;
    }
}

static void read_av_pairs(struct bytes pairs, wmem_allocator_t *scope, struct ntlm_token *out)
{
    while (bytes_has(pairs, 0, 4)) {
        uint16_t id = bytes_le16(pairs, 0);
        uint16_t length = bytes_le16(pairs, 2);

        if (id == AV_EOL || !bytes_has(pairs, 4, length))
            return;
        read_av_pair(id, bytes_slice(pairs, 4, length), scope, out);
        pairs = bytes_from(pairs, 4u + length);
    }
}

static void read_challenge(struct bytes message, wmem_allocator_t *scope, struct ntlm_token *out)
{
    out->flags = bytes_le32(message, 20);
    out->target_name = payload_text(message, 12, out->flags, scope);
    if (out->flags & NTLMSSP_NEGOTIATE_TARGET_INFO)
        read_av_pairs(payload(message, 40), scope, out);
}

/* The pairs are a copy of the server's: of them, only the name that the client adds is of interest.
 */
static void read_client_pairs(struct bytes pairs, wmem_allocator_t *scope, struct ntlm_token *out)
{
    struct ntlm_token pairs_of_client = {0};

    read_av_pairs(pairs, scope, &pairs_of_client);
    out->spn = pairs_of_client.spn;
}

static enum ntlm_version version_of(uint16_t lm_length, uint16_t nt_length, uint32_t flags)
{
    if (nt_length > NTLMV1_RESPONSE_LENGTH)
        return NTLM_VERSION_2;
    if (nt_length == NTLMV1_RESPONSE_LENGTH)
        return flags & NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY ? NTLM_VERSION_1_ESS
                                                                  : NTLM_VERSION_1;
    return nt_length == 0 && lm_length == NTLMV1_RESPONSE_LENGTH ? NTLM_VERSION_LM
                                                                 : NTLM_VERSION_NONE;
}

static void read_authenticate(struct bytes message, wmem_allocator_t *scope, struct ntlm_token *out)
{
    const uint16_t lm_length = bytes_le16(message, 12), nt_length = bytes_le16(message, 20);

    out->flags = bytes_le32(message, 60);
    out->version = version_of(lm_length, nt_length, out->flags);
    out->domain = payload_text(message, 28, out->flags, scope);
    out->user = payload_text(message, 36, out->flags, scope);
    out->workstation = payload_text(message, 44, out->flags, scope);
    if (out->version == NTLM_VERSION_2)
        read_client_pairs(bytes_from(payload(message, 20), NTLMV2_AV_PAIRS_AT), scope, out);
    out->anonymous = bytes_has(message, 0, AUTHENTICATE_FIELDS_END) &&
                     bytes_le16(message, 36) == 0 && nt_length <= 1 && lm_length <= 1;
}

bool ntlm_parse(struct bytes message, wmem_allocator_t *scope, enum token_kind *kind,
                struct ntlm_token *out)
{
    *kind = TOKEN_NONE;
    *out = (struct ntlm_token){0};
    if (!bytes_has(message, 0, 12) || memcmp(message.data, "NTLMSSP", 8) != 0)
        return false;

    switch (bytes_le32(message, 8)) {
    case NTLM_NEGOTIATE:
        *kind = TOKEN_NTLM_NEGOTIATE;
        out->flags = bytes_le32(message, 12);
        return true;
    case NTLM_CHALLENGE:
        *kind = TOKEN_NTLM_CHALLENGE;
        read_challenge(message, scope, out);
        return true;
    case NTLM_AUTHENTICATE:
        *kind = TOKEN_NTLM_AUTHENTICATE;
        read_authenticate(message, scope, out);
        return true;
    default:
        return false;
    }
}
