/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The DER walker and the parser of Kerberos messages.
 */
#include "wire.h"
#include "parser_test.h"
#include "recorded_tokens.h"

#define ITERATIONS 15000

static wmem_allocator_t *scope;

static void probe_kerberos(struct bytes message, wmem_allocator_t *pool)
{
    struct kerberos_message kerberos;

    if (!kerberos_parse(message, pool, &kerberos))
        g_assert_cmpint(kerberos.type, ==, 0);
    check_text(kerberos.realm);
    check_text(kerberos.service);
    check_text(kerberos.client);
    check_text(kerberos.client_realm);
    check_text(kerberos.error_text);
    g_assert_cmpint(kerberos.error_code, >=, -1);
}

static struct kerberos_message parse(const struct builder *message)
{
    struct kerberos_message kerberos;

    g_assert_true(kerberos_parse(built(message), scope, &kerberos));
    ill_treat(probe_kerberos, built(message), ITERATIONS);
    return kerberos;
}

static struct kerberos_message parse_hex(const char *digits)
{
    struct builder message = from_hex(digits);

    return parse(&message);
}

/* ---- DER ---- */

static struct der first_of(const char *digits, bool readable)
{
    static struct builder element;
    struct bytes rest;
    struct der der;

    element = from_hex(digits);
    rest = built(&element);
    g_assert_cmpint(der_next(&rest, &der), ==, readable);
    return der;
}

static void test_der_elements(void)
{
    g_assert_cmpuint(first_of("0403010203", true).value.length, ==, 3);
    g_assert_true(first_of("0400", true).whole);
    g_assert_false(first_of("0404010203", true).whole);
    g_assert_cmpuint(first_of("0404010203", true).value.length, ==, 3);
    g_assert_cmpuint(first_of("048103010203", true).value.length, ==, 3);
    g_assert_cmpuint(first_of("048400000003010203", true).value.length, ==, 3);
    g_assert_cmpuint(first_of("0484ffffffff010203", true).value.length, ==, 3);
    first_of("04850000000003010203", false);
    first_of("0480010203", false); /* indefinite */
    first_of("04820003", true);
    first_of("048200", false);
    first_of("04", false);
    first_of("", false);
    first_of("1f010203", false); /* a high tag number */
}

static void test_der_numbers(void)
{
    struct der der = first_of("020101", true);

    g_assert_cmpint(der_number(&der, 7), ==, 1);
    der = first_of("0201ff", true);
    g_assert_cmpint(der_number(&der, 7), ==, -1);
    der = first_of("020500fffffffe", true);
    g_assert_cmpint(der_number(&der, 7), ==, 0xfffffffe);
    der = first_of("02088000000000000000", true);
    g_assert_cmpint(der_number(&der, 7), ==, INT64_MIN);
    der = first_of("0209000000000000000001", true);
    g_assert_cmpint(der_number(&der, 7), ==, 7);
    der = first_of("0200", true);
    g_assert_cmpint(der_number(&der, 7), ==, 7);
    der = first_of("020201", true);
    g_assert_cmpint(der_number(&der, 7), ==, 7);
}

/* ---- recorded messages ---- */

static void test_as_request(void)
{
    struct builder message = from_hex(as_request), datagram = {.length = 0};
    struct kerberos_message kerberos = parse(&message);

    g_assert_cmpint(kerberos.type, ==, 10);
    g_assert_cmpstr(kerberos.realm, ==, "LAB.EXAMPLE");
    g_assert_cmpstr(kerberos.service, ==, "krbtgt/LAB.EXAMPLE");
    g_assert_cmpstr(kerberos.client, ==, "alice");
    g_assert_cmpstr(kerberos.client_realm, ==, "LAB.EXAMPLE");
    g_assert_cmpuint(kerberos.nonce, ==, 1009386875);
    g_assert_false(kerberos.preauthenticated);
    g_assert_cmpint(kerberos.error_code, ==, -1);
    g_assert_true(parse_hex(as_request_preauthenticated).preauthenticated);

    put_bytes(&datagram, message.data + 4, message.length - 4); /* no record mark */
    g_assert_cmpstr(parse(&datagram).client, ==, "alice");
}

static void test_tgs(void)
{
    struct kerberos_message kerberos = parse_hex(tgs_request);

    g_assert_cmpint(kerberos.type, ==, 12);
    g_assert_true(kerberos.preauthenticated);
    g_assert_cmpstr(kerberos.service, ==, "cifs/files.lab.example");
    g_assert_null(kerberos.client);
    g_assert_null(kerberos.client_realm);
    g_assert_cmpuint(kerberos.nonce, ==, 1809195254);

    kerberos = parse_hex(tgs_reply);
    g_assert_cmpint(kerberos.type, ==, 13);
    g_assert_cmpstr(kerberos.realm, ==, "LAB.EXAMPLE");
    g_assert_cmpstr(kerberos.service, ==, "cifs/files.lab.example");
    g_assert_cmpstr(kerberos.client, ==, "WELLKNOWN/ANONYMOUS");
    g_assert_cmpuint(kerberos.key_version, ==, 1);
}

static void test_preauth_required(void)
{
    struct kerberos_message kerberos = parse_hex(preauth_required);

    g_assert_cmpint(kerberos.type, ==, 30);
    g_assert_cmpint(kerberos.error_code, ==, 25);
    g_assert_cmpint(kerberos.server_time, ==, 1795150715);
    g_assert_cmpstr(kerberos.realm, ==, "LAB.EXAMPLE");
    g_assert_cmpstr(kerberos.service, ==, "krbtgt/LAB.EXAMPLE");
    g_assert_cmpstr(kerberos.client, ==, "alice");
    g_assert_cmpstr(kerberos.error_text, ==, "Need to use PA-ENC-TIMESTAMP/PA-PK-AS-REQ");
    g_assert_cmphex(kerberos.nt_status, ==, 0);
}

/* ---- messages built for the test ---- */

/* The element with this tag around a content. */
static struct builder wrap(unsigned tag, struct builder content)
{
    struct builder element = {.length = 0};

    put_be(&element, tag, 1);
    put_be(&element, 0x82, 1);
    put_be(&element, content.length, 2);
    put_bytes(&element, content.data, content.length);
    return element;
}

static struct builder join(struct builder first, struct builder second)
{
    put_bytes(&first, second.data, second.length);
    return first;
}

static struct builder field(unsigned number, unsigned tag, const char *digits)
{
    return wrap(DER_CONTEXT | number, wrap(tag, from_hex(digits)));
}

static struct builder application(unsigned number, struct builder fields)
{
    return wrap(DER_APPLICATION | number, wrap(DER_SEQUENCE, fields));
}

/* A KERB-ERROR-DATA or PA-DATA of type 3, [MS-KILE] 2.2.2. */
static struct builder typed_data(const char *value)
{
    return wrap(DER_SEQUENCE, join(field(1, DER_INTEGER, "03"), field(2, DER_OCTET_STRING, value)));
}

static struct kerberos_message error_with_data(struct builder data)
{
    struct builder code = field(6, DER_INTEGER, "12");
    struct builder error_data = wrap(DER_CONTEXT | 12, wrap(DER_OCTET_STRING, data));
    struct builder message = application(30, join(code, error_data));

    return parse(&message);
}

static void test_error_status(void)
{
    struct builder disabled = typed_data("720000c00000000001000000");
    struct kerberos_message kerberos = error_with_data(disabled);

    g_assert_cmpint(kerberos.error_code, ==, 18);
    g_assert_cmphex(kerberos.nt_status, ==, 0xc0000072);
    kerberos = error_with_data(wrap(DER_SEQUENCE, disabled)); /* in METHOD-DATA */
    g_assert_cmphex(kerberos.nt_status, ==, 0xc0000072);
    kerberos = error_with_data(typed_data("4c41422e4558414d504c4575")); /* a salt of 12 letters */
    g_assert_cmphex(kerberos.nt_status, ==, 0);
    kerberos = error_with_data(typed_data("720000c0"));
    g_assert_cmphex(kerberos.nt_status, ==, 0);
    kerberos = error_with_data(from_hex("3080"));
    g_assert_cmphex(kerberos.nt_status, ==, 0);
}

/* As a Heimdal KDC answers an armoured request: name-type 0 and no name. */
static void test_error_without_names(void)
{
    struct builder name = join(field(0, DER_INTEGER, "00"), field(1, DER_SEQUENCE, ""));
    struct builder realm = field(9, DER_GENERAL_STRING, "4c4142");
    struct builder service = wrap(DER_CONTEXT | 10, wrap(DER_SEQUENCE, name));
    struct builder message = application(30, join(realm, service));
    struct kerberos_message kerberos = parse(&message);

    g_assert_cmpstr(kerberos.realm, ==, "LAB");
    g_assert_null(kerberos.service);
}

static int64_t time_of_error(const char *time)
{
    struct builder text = {.length = 0}, message;

    put_text(&text, time);
    message = application(30, wrap(DER_CONTEXT | 4, wrap(DER_GENERALIZED_TIME, text)));
    return parse(&message).server_time;
}

static void test_error_time(void)
{
    g_assert_cmpint(time_of_error("20261120045835Z"), ==, 1795150715);
    g_assert_cmpint(time_of_error("19700101000000Z"), ==, 0);
    g_assert_cmpint(time_of_error("20261320045835Z"), ==, 0);
    g_assert_cmpint(time_of_error("2026112004583 Z"), ==, 0);
    g_assert_cmpint(time_of_error("202611200458Z"), ==, 0);
}

static struct kerberos_message request_with_padata(unsigned type, const char *padata_type,
                                                   const char *value)
{
    struct builder padata = wrap(
        DER_SEQUENCE, join(field(1, DER_INTEGER, padata_type), field(2, DER_OCTET_STRING, value)));
    struct builder message = application(type, wrap(DER_CONTEXT | 3, wrap(DER_SEQUENCE, padata)));

    return parse(&message);
}

static void test_preauthentication(void)
{
    g_assert_true(request_with_padata(10, "02", "30").preauthenticated);
    g_assert_true(request_with_padata(10, "10", "30").preauthenticated);
    g_assert_true(request_with_padata(10, "0088", "a0").preauthenticated);
    g_assert_false(request_with_padata(10, "0088", "").preauthenticated);
    g_assert_false(request_with_padata(10, "0095", "").preauthenticated);
    g_assert_true(request_with_padata(12, "01", "6e").preauthenticated);
    g_assert_true(request_with_padata(12, "0088", "").preauthenticated);
    g_assert_false(request_with_padata(12, "02", "30").preauthenticated);
}

static void test_not_kerberos(void)
{
    static const char *const messages[] = {
        "", "00000000", "6a", "6a80", "6a020500", "6d", "61023000", "7f033000", "000000056a0330"};
    struct kerberos_message kerberos;

    for (size_t i = 0; i < G_N_ELEMENTS(messages); i++) {
        struct builder message = from_hex(messages[i]);

        g_assert_false(kerberos_parse(built(&message), scope, &kerberos));
        g_assert_cmpint(kerberos.type, ==, 0);
    }
}

int main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    g_test_add_func("/der/elements", test_der_elements);
    g_test_add_func("/der/numbers", test_der_numbers);
    g_test_add_func("/kerberos/as_request", test_as_request);
    g_test_add_func("/kerberos/tgs", test_tgs);
    g_test_add_func("/kerberos/preauth_required", test_preauth_required);
    g_test_add_func("/kerberos/error_status", test_error_status);
    g_test_add_func("/kerberos/error_without_names", test_error_without_names);
    g_test_add_func("/kerberos/error_time", test_error_time);
    g_test_add_func("/kerberos/preauthentication", test_preauthentication);
    g_test_add_func("/kerberos/not_kerberos", test_not_kerberos);
    result = g_test_run();
    wmem_destroy_allocator(scope);
    return result;
}
