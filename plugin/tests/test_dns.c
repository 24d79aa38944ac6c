/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parser of DNS responses, and text made printable.
 */
#include "parser_test.h"
#include "wire.h"

#define ITERATIONS 50000
#define QUESTION "c00c" /* a pointer to the first name after the header */

/* The answer of a Samba domain controller: files.lab.example is 192.0.2.30. */
static const char recorded_answer[] =
    "be77858000010001000100000566696c6573036c6162076578616d706c650000010001c00c0001000100000384"
    "0004c000021ec0120006000100000e10002703444331c0120a686f73746d6173746572c0120000000200000384"
    "000002580001518000000e10";

static wmem_allocator_t *scope;

static void probe_dns(struct bytes message, wmem_allocator_t *pool)
{
    struct dns_response response;

    dns_response_parse(message, pool, &response);
    check_text(response.question);
    g_assert_cmpuint(response.count, <=, DNS_ANSWERS_MAX);
    for (unsigned i = 0; i < response.count; i++) {
        g_assert_nonnull(response.answers[i].owner);
        g_assert_true((response.answers[i].kind == DNS_CNAME) ==
                      (response.answers[i].target != NULL));
        check_text(response.answers[i].owner);
        check_text(response.answers[i].target);
    }
}

static struct dns_response parse(const struct builder *message)
{
    struct dns_response response;

    g_assert_true(dns_response_parse(built(message), scope, &response));
    ill_treat(probe_dns, built(message), ITERATIONS);
    return response;
}

static struct builder header(uint16_t flags, uint16_t questions, uint16_t answers)
{
    struct builder message = {.length = 0};

    put_be(&message, 1, 2);
    put_be(&message, flags, 2);
    put_be(&message, questions, 2);
    put_be(&message, answers, 2);
    put_be(&message, 0, 4);
    return message;
}

/* Name and data in hexadecimal digits. */
static void put_record(struct builder *message, const char *name, uint16_t type, const char *data)
{
    put_hex(message, name);
    put_be(message, type, 2);
    put_be(message, 1, 2);
    put_be(message, 600, 4);
    put_be(message, strlen(data) / 2, 2);
    put_hex(message, data);
}

static void test_recorded(void)
{
    struct builder message = from_hex(recorded_answer);
    struct dns_response response = parse(&message);

    g_assert_cmpstr(response.question, ==, "files.lab.example");
    g_assert_cmpuint(response.count, ==, 1); /* the authority's SOA is no answer */
    g_assert_cmpint(response.answers[0].kind, ==, DNS_A);
    g_assert_cmpstr(response.answers[0].owner, ==, "files.lab.example");
    g_assert_cmpmem(response.answers[0].address, 4, "\xc0\x00\x02\x1e", 4);
    g_assert_null(response.answers[0].target);
}

static void test_alias(void)
{
    struct builder message = header(0x8180, 1, 3);
    struct dns_response response;

    put_hex(&message, "044e617331034c414200001c0001");       /* Nas1.LAB */
    put_record(&message, QUESTION, DNS_CNAME, "024673c011"); /* Fs.LAB */
    put_record(&message, "c026", DNS_AAAA, "20010db8000000000000000000000001");
    put_record(&message, "c026", DNS_A, "c0000201");
    response = parse(&message);
    g_assert_cmpstr(response.question, ==, "nas1.lab");
    g_assert_cmpuint(response.count, ==, 3);
    g_assert_cmpint(response.answers[0].kind, ==, DNS_CNAME);
    g_assert_cmpstr(response.answers[0].owner, ==, "nas1.lab");
    g_assert_cmpstr(response.answers[0].target, ==, "fs.lab");
    g_assert_cmpstr(response.answers[1].owner, ==, "fs.lab");
    g_assert_cmphex(response.answers[1].address[15], ==, 1);
    g_assert_cmphex(response.answers[2].address[3], ==, 1);
}

static void test_name_error(void)
{
    struct builder message = header(0x8183, 1, 0);
    struct dns_response response;

    put_hex(&message, "046e6f6e650000010001");
    response = parse(&message);
    g_assert_cmpstr(response.question, ==, "none");
    g_assert_cmpuint(response.count, ==, 0);
}

static void test_not_a_response(void)
{
    struct builder message = header(0x0100, 1, 0);
    struct dns_response response;

    g_assert_false(dns_response_parse(built(&message), scope, &response));
    message = header(0xa800, 1, 0); /* an answer to a dynamic update */
    g_assert_false(dns_response_parse(built(&message), scope, &response));
    message = header(0x8180, 0, 0);
    g_assert_true(dns_response_parse(built(&message), scope, &response));
    g_assert_null(response.question);
    message.length--;
    g_assert_false(dns_response_parse(built(&message), scope, &response));
}

static void assert_unreadable_question(const char *name)
{
    struct builder message = header(0x8180, 1, 0);

    put_hex(&message, name);
    put_be(&message, 0x00010001, 4);
    g_assert_null(parse(&message).question);
}

static void test_hostile_names(void)
{
    assert_unreadable_question("c00c");     /* points to itself */
    assert_unreadable_question("0161c00c"); /* to the label before it */
    assert_unreadable_question("c00ec00c"); /* one to the other */
    assert_unreadable_question("ffff");     /* out of the message */
    assert_unreadable_question("406100");   /* a reserved label type */
    assert_unreadable_question("3f616263"); /* a label cut */
}

static void test_long_name(void)
{
    struct builder message = header(0x8180, 1, 0);

    for (unsigned i = 0; i < 4; i++) { /* 3.1 allows 255 bytes, these are 257 */
        put_be(&message, 63, 1);
        for (unsigned j = 0; j < 63; j++)
            put_text(&message, "a");
    }
    put_be(&message, 0, 1);
    put_be(&message, 0x00010001, 4);
    g_assert_null(parse(&message).question);
}

static void test_escapes(void)
{
    struct builder message = header(0x8180, 1, 1);
    struct dns_response response;

    put_hex(&message, "07612e5c0020ff420000010001");
    put_record(&message, "00", DNS_CNAME, "00"); /* the root */
    response = parse(&message);
    g_assert_cmpstr(response.question, ==, "a\\.\\\\\\000\\032\\255b");
    g_assert_cmpstr(response.answers[0].owner, ==, "");
    g_assert_cmpstr(response.answers[0].target, ==, "");
}

static void test_many_answers(void)
{
    struct builder message = header(0x8180, 0, 65535);
    struct dns_response response;

    for (unsigned i = 0; i < 20; i++)
        put_record(&message, "016100", i % 2 == 0 ? DNS_A : 16, "c0000201");
    response = parse(&message);
    g_assert_cmpuint(response.count, ==, 10); /* text records are not kept */
    for (unsigned i = 0; i < 20; i++)
        put_record(&message, "016100", DNS_A, "c0000201");
    g_assert_cmpuint(parse(&message).count, ==, DNS_ANSWERS_MAX);
}

static void test_odd_records(void)
{
    struct builder message = header(0x8180, 0, 3);
    struct dns_response response;

    put_record(&message, "00", DNS_A, "c00002"); /* an address of 3 bytes */
    put_record(&message, "00", DNS_CNAME, "c0ff");
    put_record(&message, "00", DNS_A, "c0000201");
    set_le(&message, message.length - 12, 0x0300, 2); /* of class CHAOS */
    response = parse(&message);
    g_assert_cmpuint(response.count, ==, 0);
}

/* ---- text ---- */

static const char *utf16(const char *digits)
{
    struct builder text = from_hex(digits);

    return text_from_utf16(built(&text), scope);
}

static void test_utf16(void)
{
    g_assert_cmpstr(utf16(""), ==, "");
    g_assert_cmpstr(utf16("61"), ==, "");
    g_assert_cmpstr(utf16("6100e400ac20"), ==, "a\303\244\342\202\254");
    g_assert_cmpstr(utf16("3dd800de6100"), ==, "\360\237\230\200a");
    g_assert_cmpstr(utf16("3dd86100"), ==, "\357\277\275a"); /* surrogates without a partner */
    g_assert_cmpstr(utf16("00de3dd8"), ==, "\357\277\275\357\277\275");
    g_assert_cmpstr(utf16("610000006200"), ==, "a\357\277\275b");
    g_assert_cmpstr(utf16("610000000000"), ==, "a");                    /* NULs of padding */
    g_assert_cmpstr(utf16("2e20"), ==, "\357\277\275");                 /* right-to-left override */
    g_assert_cmpstr(utf16("28202920"), ==, "\357\277\275\357\277\275"); /* ends of lines */
}

static const char *utf8(const char *text, uint32_t length)
{
    return text_from_utf8((struct bytes){(const uint8_t *)text, length}, scope);
}

static void test_utf8(void)
{
    g_assert_cmpstr(utf8("", 0), ==, "");
    g_assert_cmpstr(utf8("a\303\244", 3), ==, "a\303\244");
    g_assert_cmpstr(utf8("a\303", 2), ==, "a\357\277\275");
    g_assert_cmpstr(utf8("\300\200", 2), ==, "\357\277\275\357\277\275"); /* an overlong NUL */
    g_assert_cmpstr(utf8("\355\240\200", 3), ==, "\357\277\275\357\277\275\357\277\275");
    g_assert_cmpstr(utf8("a\0b\0", 4), ==, "a\357\277\275b");
    g_assert_cmpstr(utf8("\033[31m", 5), ==, "\357\277\275[31m");
}

int main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    g_test_add_func("/dns/recorded", test_recorded);
    g_test_add_func("/dns/alias", test_alias);
    g_test_add_func("/dns/name_error", test_name_error);
    g_test_add_func("/dns/not_a_response", test_not_a_response);
    g_test_add_func("/dns/hostile_names", test_hostile_names);
    g_test_add_func("/dns/long_name", test_long_name);
    g_test_add_func("/dns/escapes", test_escapes);
    g_test_add_func("/dns/many_answers", test_many_answers);
    g_test_add_func("/dns/odd_records", test_odd_records);
    g_test_add_func("/text/utf16", test_utf16);
    g_test_add_func("/text/utf8", test_utf8);
    result = g_test_run();
    wmem_destroy_allocator(scope);
    return result;
}
