/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * libFuzzer targets of the parsers. FUZZ_PARSER names the one that a program feeds. libFuzzer hands
 * the input over in an allocation of its exact size, so that the sanitizer sees a read beyond it.
 */
#include "parser_test.h"
#include "wire/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void check_contexts(const struct negotiate_contexts *contexts)
{
    check_text(contexts->netname);
    g_assert_cmpuint(contexts->ciphers.listed, <=, LISTED_MAX);
    g_assert_cmpuint(contexts->ciphers.listed, <=, contexts->ciphers.count);
}

static void check_kerberos(const struct kerberos_message *message)
{
    check_text(message->realm);
    check_text(message->service);
    check_text(message->client);
    check_text(message->client_realm);
    check_text(message->error_text);
}

static void check_ntlm(const struct ntlm_token *ntlm)
{
    const char *const texts[] = {ntlm->target_name, ntlm->netbios_domain, ntlm->netbios_computer,
                                 ntlm->dns_domain,  ntlm->dns_computer,   ntlm->user,
                                 ntlm->domain,      ntlm->workstation,    ntlm->spn};

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++)
        check_text(texts[i]);
}

static void check_token(const struct token *token, wmem_allocator_t *scope)
{
    check_kerberos(&token->kerberos);
    check_ntlm(&token->ntlm);
    check_text(mechanism_names(token->offered, scope));
}

static void check_body(const struct content *content)
{
    if (smb1_negotiate_of(content))
        check_text(smb1_negotiate_of(content)->names);
    if (negotiate_request_of(content))
        check_contexts(&negotiate_request_of(content)->contexts);
    if (negotiate_response_of(content))
        check_contexts(&negotiate_response_of(content)->contexts);
    if (tree_connect_request_of(content))
        check_text(tree_connect_request_of(content)->path);
    if (validate_request_of(content))
        g_assert_cmpuint(validate_request_of(content)->dialects.listed, <=, LISTED_MAX);
}

/* What is kept must not point to what it was copied from. */
static void feed_message(struct bytes bytes, wmem_allocator_t *scope)
{
    wmem_allocator_t *scratch = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    const struct content *kept;
    struct message message;

    message_parse(bytes, scratch, &message);
    kept = content_keep(&message.content, store_new(scope));
    wmem_destroy_allocator(scratch);
    check_body(kept);
    if (kept->token)
        check_token(kept->token, scope);
}

static void feed_token(struct bytes blob, wmem_allocator_t *scope)
{
    struct token token;
    struct ntlm_token ntlm;
    enum token_kind kind;

    if (token_parse(blob, scope, &token))
        check_token(&token, scope);
    if (ntlm_parse(blob, scope, &kind, &ntlm))
        check_ntlm(&ntlm);
}

static void feed_kerberos(struct bytes message, wmem_allocator_t *scope)
{
    struct kerberos_message parsed;

    if (kerberos_parse(message, scope, &parsed))
        check_kerberos(&parsed);
}

static void feed_dns(struct bytes message, wmem_allocator_t *scope)
{
    struct dns_response response;

    if (!dns_response_parse(message, scope, &response))
        return;
    g_assert_cmpuint(response.count, <=, DNS_ANSWERS_MAX);
    check_text(response.question);
    for (unsigned i = 0; i < response.count; i++) {
        check_text(response.answers[i].owner);
        check_text(response.answers[i].target);
    }
}

/* ---- frames ---- */

#define IPV4_SOURCE 26 /* in an Ethernet frame */
#define IPV4_PORTS 34
#define IPV6_SOURCE 22
#define IPV6_PORTS 54

/* As Wireshark tells the addresses and ports of the frame. */
static struct frame frame_of(struct bytes bytes)
{
    const bool is_ipv6 = bytes_u8(bytes, 12) == 0x86;
    const struct bytes source =
        is_ipv6 ? bytes_slice(bytes, IPV6_SOURCE, 16) : bytes_slice(bytes, IPV4_SOURCE, 4);
    const uint32_t ports = is_ipv6 ? IPV6_PORTS : IPV4_PORTS;
    struct frame frame = {.source.port = bytes_be16(bytes, ports),
                          .destination.port = bytes_be16(bytes, ports + 2)};

    frame.source.address.length = (uint8_t)source.length;
    if (source.length)
        memcpy(frame.source.address.bytes, source.data, source.length);
    return frame;
}

static void check_part(struct part part, struct part from)
{
    g_assert_cmpuint(part.length, <=, from.length);
    g_assert_cmpuint(part.bytes.length, <=, part.length);
    check_view(part.bytes);
}

static void walk(struct part payload)
{
    struct part rest = payload, pdu, message;

    while (nbss_next(&rest, &pdu)) {
        check_part(pdu, payload);
        while (smb_next(&pdu, &message))
            check_part(message, payload);
    }
    for (uint32_t width = 2; width <= 4; width += 2)
        for (rest = payload; record_next(&rest, width, &message);)
            check_view(message.bytes);
    check_part(smb_search(payload), payload);
}

static void feed_frame(struct bytes bytes, wmem_allocator_t *scope _U_)
{
    const struct frame frame = frame_of(bytes);
    const struct part all = {bytes, bytes.length + 1000};
    struct datagram found;

    walk(all);
    if (datagram_find(&frame, TRANSPORT_UDP, all, &found) ||
        datagram_find(&frame, TRANSPORT_TCP, all, &found)) {
        check_part(found.payload, all);
        walk(found.payload);
    }
}

static const struct {
    const char *name;
    probe *feed;
} parsers[] = {
    {"message", feed_message}, {"token", feed_token}, {"kerberos", feed_kerberos},
    {"dns", feed_dns},         {"frame", feed_frame},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    wmem_allocator_t *scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);

    for (unsigned i = 0; i < G_N_ELEMENTS(parsers); i++)
        if (strcmp(parsers[i].name, FUZZ_PARSER) == 0)
            parsers[i].feed((struct bytes){data, (uint32_t)length}, scope);
    wmem_destroy_allocator(scope);
    return 0;
}
