/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parsers of SMB2 and SMB1 NEGOTIATE.
 */
#include "wire/body.h"
#include "parser_test.h"
#include "recorded_smb2.h"

#define ITERATIONS 12000

static wmem_allocator_t *scope;

/* ---- what holds for any bytes ---- */

static void check_ids(const struct id_list *list)
{
    g_assert_cmpuint(list->listed, <=, LISTED_MAX);
    g_assert_cmpuint(list->listed, <=, list->count);
}

static void check_contexts(const struct negotiate_contexts *contexts)
{
    check_ids(&contexts->hashes);
    check_ids(&contexts->ciphers);
    check_ids(&contexts->compressions);
    check_ids(&contexts->signing_algorithms);
    check_text(contexts->netname);
}

static void probe_negotiate(struct bytes message, wmem_allocator_t *pool)
{
    struct negotiate_request request;
    struct negotiate_response response;
    struct blob blob;

    if (!negotiate_request_parse(message, pool, &request))
        g_assert_cmpuint(request.capabilities | request.contexts.cipher_contexts, ==, 0);
    check_ids(&request.dialects);
    check_contexts(&request.contexts);
    negotiate_response_parse(message, pool, &response, &blob);
    check_view(blob.bytes);
    check_contexts(&response.contexts);
}

static void probe_smb1(struct bytes message, wmem_allocator_t *pool)
{
    struct smb1_negotiate negotiate;

    smb1_negotiate_parse(message, pool, &negotiate);
    check_text(negotiate.names);
}

/* ---- NEGOTIATE ---- */

static void test_negotiate_request(void)
{
    struct builder message = from_hex(negotiate_request_311);
    struct negotiate_request request;

    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_cmphex(request.security_mode, ==, SMB2_NEGOTIATE_SIGNING_ENABLED);
    g_assert_cmphex(request.capabilities, ==, 0x7f);
    g_assert_cmphex(request.client_guid[0], ==, 0x7a);
    g_assert_cmphex(request.client_guid[15], ==, 0xa4);
    g_assert_cmpuint(request.dialects.count, ==, 5);
    g_assert_true(id_list_contains(&request.dialects, DIALECT_2_0_2));
    g_assert_true(id_list_contains(&request.dialects, DIALECT_3_1_1));
    g_assert_false(id_list_contains(&request.dialects, DIALECT_WILDCARD));
    g_assert_true(request.contexts.known);
    g_assert_false(request.contexts.malformed);
    g_assert_cmpuint(request.contexts.hash_contexts, ==, 1);
    g_assert_cmpuint(request.contexts.cipher_contexts, ==, 1);
    g_assert_cmpuint(request.contexts.ciphers.listed, ==, 4);
    g_assert_cmpuint(request.contexts.signing_contexts, ==, 1);
    g_assert_cmpuint(request.contexts.compression_contexts, ==, 0);
    g_assert_cmpstr(request.contexts.netname, ==, "127.0.0.1");
    g_assert_false(negotiate_response_parse(built(&message), scope,
                                            &(struct negotiate_response){.dialect = 0},
                                            &(struct blob){.known = false}));
    ill_treat(probe_negotiate, built(&message), ITERATIONS);
}

static void test_negotiate_request_cut(void)
{
    struct builder message = from_hex(negotiate_request_311);
    uint32_t padding = 6; /* behind the last context */
    struct negotiate_request request;

    for (uint32_t length = 0; length < message.length - padding; length++) {
        struct bytes cut = {message.data, length};
        bool fixed_part = length >= SMB2_HEADER_LENGTH + 36;

        g_assert_cmpint(negotiate_request_parse(cut, scope, &request), ==, fixed_part);
        g_assert_false(request.contexts.known);
        g_assert_false(request.contexts.malformed);
    }
}

static void test_negotiate_request_hostile(void)
{
    struct builder good = from_hex(negotiate_request_311), message = good;
    struct negotiate_request request;

    set_le(&message, 64 + 28, 0xffffffff, 4); /* where the contexts begin */
    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_true(request.contexts.malformed && !request.contexts.known);

    message = good;
    set_le(&message, 64 + 28, 64, 4); /* in the fixed part */
    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_true(request.contexts.malformed && !request.contexts.known);

    message = good;
    set_le(&message, 64 + 32, 65535, 2); /* how many there are */
    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_false(request.contexts.known);

    message = good;
    set_le(&message, 64 + 2, 65535, 2); /* dialects */
    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_cmpuint(request.dialects.count, ==, 65535);
    g_assert_cmpuint(request.dialects.listed, ==, LISTED_MAX);

    message = good;
    set_le(&message, 112 + 8, 65535, 2); /* hash algorithms */
    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_true(request.contexts.malformed && request.contexts.known);
    g_assert_cmpuint(request.contexts.hash_contexts, ==, 1);
}

/* A request for 3.1.1 without contexts, ready to get some at offset 104. */
static struct builder negotiate_311(uint16_t context_count)
{
    struct builder message = from_hex(negotiate_request_311);

    set_le(&message, 64 + 2, 1, 2);
    set_le(&message, 64 + 28, 104, 4);
    set_le(&message, 64 + 32, context_count, 2);
    set_le(&message, 100, DIALECT_3_1_1, 2);
    message.length = 104;
    return message;
}

static void put_context(struct builder *message, uint16_t type, const char *data)
{
    uint32_t length_at = message->length + 2;

    put_le(message, type, 8);
    put_hex(message, data);
    set_le(message, length_at, message->length - length_at - 6, 2);
    while (message->length % 8 != 0)
        put_le(message, 0, 1);
}

static void test_negotiate_contexts(void)
{
    struct builder message = negotiate_311(6);
    struct negotiate_request request;

    put_context(&message, CONTEXT_COMPRESSION,
                "0200000001000000"
                "03000100");
    put_context(&message, CONTEXT_RDMA_TRANSFORM,
                "0100000000000000"
                "0200");
    put_context(&message, CONTEXT_TRANSPORT, "01000000");
    put_context(&message, CONTEXT_ENCRYPTION, "01000400");
    put_context(&message, CONTEXT_ENCRYPTION, "01000100");
    put_context(&message, 0x0100, "");
    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_true(request.contexts.known && !request.contexts.malformed);
    g_assert_cmpuint(request.contexts.compression_contexts, ==, 1);
    g_assert_cmpuint(request.contexts.compressions.count, ==, 2);
    g_assert_cmpuint(request.contexts.compressions.ids[0], ==, 3);
    g_assert_cmpuint(request.contexts.transport_contexts, ==, 1);
    g_assert_cmpuint(request.contexts.rdma_transform_contexts, ==, 1);
    g_assert_cmpuint(request.contexts.cipher_contexts, ==, 2);
    g_assert_cmpuint(request.contexts.ciphers.ids[0], ==, 4); /* the first one's */
    g_assert_null(request.contexts.netname);
    ill_treat(probe_negotiate, built(&message), ITERATIONS);
}

static void test_malformed_contexts(void)
{
    struct builder message = negotiate_311(0);
    struct negotiate_request request;

    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_true(request.contexts.known && !request.contexts.malformed);

    message = negotiate_311(1);
    put_context(&message, CONTEXT_SIGNING, "");
    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_true(request.contexts.malformed);

    message = negotiate_311(1);
    put_context(&message, CONTEXT_PREAUTH_INTEGRITY, "010002000100aabb");
    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_true(!request.contexts.malformed && request.contexts.hashes.ids[0] == 1);

    message = negotiate_311(1); /* the salt is shorter than its length */
    put_context(&message, CONTEXT_PREAUTH_INTEGRITY, "010003000100aabb");
    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_true(request.contexts.malformed);

    message = negotiate_311(1); /* a context that begins off the grid of 8 */
    set_le(&message, 64 + 28, 108, 4);
    put_le(&message, 0, 4);
    put_context(&message, CONTEXT_ENCRYPTION, "01000100");
    g_assert_true(negotiate_request_parse(built(&message), scope, &request));
    g_assert_true(request.contexts.malformed);
    g_assert_cmpuint(request.contexts.ciphers.listed, ==, 1);
}

static void test_negotiate_response(void)
{
    struct builder message = from_hex(negotiate_response_311);
    struct negotiate_response response;
    struct blob blob;

    g_assert_true(negotiate_response_parse(built(&message), scope, &response, &blob));
    g_assert_cmphex(response.dialect, ==, DIALECT_3_1_1);
    g_assert_cmphex(response.security_mode, ==, SMB2_NEGOTIATE_SIGNING_ENABLED);
    g_assert_cmphex(response.capabilities, ==, 0x0f);
    g_assert_cmpuint(negotiate_response_time(built(&message)) / 10000000 - 11644473600, >,
                     1700000000);
    g_assert_true(blob.known);
    g_assert_cmpuint(blob.bytes.length, ==, 74);
    g_assert_cmphex(blob.bytes.data[0], ==, 0x60);
    g_assert_true(response.contexts.known && !response.contexts.malformed);
    g_assert_cmpuint(response.contexts.ciphers.ids[0], ==, 2);
    g_assert_cmpuint(response.contexts.signing_contexts, ==, 1);
    g_assert_cmpuint(response.contexts.hashes.count, ==, 1);
    g_assert_cmpuint(response.max_size, ==, 0x800000);
    ill_treat(probe_negotiate, built(&message), ITERATIONS);

    set_le(&message, 64 + 56, 0xffff, 2);
    g_assert_true(negotiate_response_parse(built(&message), scope, &response, &blob));
    g_assert_false(blob.known);
    set_le(&message, 64 + 56, 0, 4); /* no blob at all */
    g_assert_true(negotiate_response_parse(built(&message), scope, &response, &blob));
    g_assert_true(blob.known);
    set_le(&message, 64 + 4, DIALECT_3_0_2, 2); /* the contexts' fields are reserved then */
    g_assert_true(negotiate_response_parse(built(&message), scope, &response, &blob));
    g_assert_false(response.contexts.known);
    g_assert_cmpuint(response.contexts.cipher_contexts, ==, 0);
}

/* ---- SMB1 ---- */

static void test_smb1(void)
{
    struct builder message = from_hex(smb1_negotiate_request);
    struct smb1_negotiate negotiate;

    g_assert_true(smb1_negotiate_parse(built(&message), scope, &negotiate));
    g_assert_false(negotiate.is_response);
    g_assert_true(negotiate.complete && negotiate.offers_smb2_002 && negotiate.offers_smb2_any);
    g_assert_cmpstr(negotiate.names, ==, "NT LANMAN 1.0, NT LM 0.12, SMB 2.002, SMB 2.???");
    ill_treat(probe_smb1, built(&message), ITERATIONS);

    message.length--; /* the last name is cut */
    g_assert_true(smb1_negotiate_parse(built(&message), scope, &negotiate));
    g_assert_true(negotiate.offers_smb2_002);
    g_assert_false(negotiate.complete || negotiate.offers_smb2_any);

    message.length = 32;
    message.data[9] |= 0x80;
    set_le(&message, 5, 0xc0000002, 4);
    put_hex(&message, "01ffff0000");
    g_assert_true(smb1_negotiate_parse(built(&message), scope, &negotiate));
    g_assert_true(negotiate.is_response);
    g_assert_cmphex(negotiate.status, ==, 0xc0000002);
    g_assert_cmphex(negotiate.selected, ==, 0xffff);
    ill_treat(probe_smb1, built(&message), ITERATIONS);
    message.data[4] = 0x73;
    g_assert_false(smb1_negotiate_parse(built(&message), scope, &negotiate));
}

int main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    g_test_add_func("/negotiate/request", test_negotiate_request);
    g_test_add_func("/negotiate/request_cut", test_negotiate_request_cut);
    g_test_add_func("/negotiate/request_hostile", test_negotiate_request_hostile);
    g_test_add_func("/negotiate/contexts", test_negotiate_contexts);
    g_test_add_func("/negotiate/contexts-malformed", test_malformed_contexts);
    g_test_add_func("/negotiate/response", test_negotiate_response);
    g_test_add_func("/smb1/negotiate", test_smb1);
    result = g_test_run();
    wmem_destroy_allocator(scope);
    return result;
}
