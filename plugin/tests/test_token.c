/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The parsers of security blobs: SPNEGO, NTLM, and Kerberos in its GSS frame.
 */
#include "wire/body.h"
#include "parser_test.h"
#include "recorded_smb2.h"
#include "recorded_tokens.h"

#define ITERATIONS 15000
#define OID_SPNEGO "06062b0601050502"
#define OID_NTLM "060a2b06010401823702020a"
#define OID_KERBEROS "06092a864886f712010202"
/* KRB-ERROR: pvno 5, msg-type 30, error-code 41 */
#define KRB_ERROR "7e163014a003020105a10302011ea603020129a9031b0141"

static wmem_allocator_t *scope;

static void check_ntlm(const struct ntlm_token *ntlm)
{
    check_text(ntlm->target_name);
    check_text(ntlm->netbios_domain);
    check_text(ntlm->netbios_computer);
    check_text(ntlm->dns_domain);
    check_text(ntlm->dns_computer);
    check_text(ntlm->user);
    check_text(ntlm->domain);
    check_text(ntlm->workstation);
    check_text(ntlm->spn);
}

static void probe_token(struct bytes blob, wmem_allocator_t *pool)
{
    struct token token;

    if (!token_parse(blob, pool, &token))
        g_assert_true(!token.spnego && token.kind == TOKEN_NONE && token.offered == 0);
    check_ntlm(&token.ntlm);
    check_text(token.kerberos.realm);
    check_text(token.kerberos.service);
    check_text(token.kerberos.client);
    check_text(token.kerberos.error_text);
    g_assert_cmpint(token.result, >=, SPNEGO_NO_RESULT);
}

static struct token parse_hex(const char *digits)
{
    struct builder blob = from_hex(digits);
    struct token token;

    g_assert_true(token_parse(built(&blob), scope, &token));
    ill_treat(probe_token, built(&blob), ITERATIONS);
    return token;
}

static void assert_unrecognised(const char *digits)
{
    struct builder blob = from_hex(digits);
    struct token token;

    g_assert_false(token_parse(built(&blob), scope, &token));
    g_assert_cmpint(token.result, ==, SPNEGO_NO_RESULT);
}

static void test_names(void)
{
    g_assert_cmpstr(mechanism_name(0), ==, "none");
    g_assert_cmpstr(mechanism_name(MECHANISM_NTLM | MECHANISM_KERBEROS), ==, "Kerberos");
    g_assert_cmpstr(mechanism_name(MECHANISM_OTHER), ==, "another mechanism");
    g_assert_cmpstr(mechanism_names(0, scope), ==, "");
    g_assert_cmpstr(mechanism_names(MECHANISM_ANY_KERBEROS | MECHANISM_NTLM, scope), ==,
                    "Kerberos, Kerberos user-to-user, NTLM");
}

/* ---- SPNEGO ---- */

static void test_offer(void)
{
    struct token token = parse_hex(blob_offer);

    g_assert_true(token.spnego);
    g_assert_cmphex(token.offered, ==, MECHANISM_MS_KERBEROS | MECHANISM_KERBEROS | MECHANISM_NTLM);
    g_assert_cmphex(token.first_offered, ==, MECHANISM_MS_KERBEROS);
    g_assert_cmpint(token.result, ==, SPNEGO_NO_RESULT);
    g_assert_cmpint(token.kind, ==, TOKEN_NONE);
    g_assert_cmpint(token.kerberos.error_code, ==, -1);
}

static void test_kerberos(void)
{
    struct token token = parse_hex(blob_ap_request);

    g_assert_cmpint(token.kind, ==, TOKEN_KRB_AP_REQ);
    g_assert_cmphex(token.offered & MECHANISM_NTLM, ==, 0);
    g_assert_cmpint(token.kerberos.type, ==, 14);
    g_assert_cmpstr(token.kerberos.realm, ==, "LAB.EXAMPLE");
    g_assert_cmpstr(token.kerberos.service, ==, "cifs/files.lab.example");
    g_assert_cmpuint(token.kerberos.key_version, ==, 1);

    token = parse_hex(blob_ap_reply);
    g_assert_cmpint(token.result, ==, SPNEGO_ACCEPT_COMPLETED);
    g_assert_true(token.selected & MECHANISM_ANY_KERBEROS);
    g_assert_cmpint(token.kind, ==, TOKEN_KRB_AP_REP);
}

static void assert_krb_error(const char *digits, bool spnego)
{
    struct token token = parse_hex(digits);

    g_assert_cmpint(token.spnego, ==, spnego);
    g_assert_cmpint(token.kind, ==, TOKEN_KRB_ERROR);
    g_assert_cmpint(token.kerberos.error_code, ==, 41);
    g_assert_cmpstr(token.kerberos.realm, ==, "A");
}

static void test_kerberos_error(void)
{
    assert_krb_error(KRB_ERROR, false);
    assert_krb_error("6025" OID_KERBEROS "0300" KRB_ERROR, false);
    /* negTokenResp: accept-incomplete, the error bare and in a GSS frame */
    assert_krb_error("a1233021a0030a0101a21a0418" KRB_ERROR, true);
    assert_krb_error("a1323030a0030a0101a2290427"
                     "6025" OID_KERBEROS "0300" KRB_ERROR,
                     true);
}

static void test_response_states(void)
{
    struct token token = parse_hex("a1073005a0030a0102");

    g_assert_cmpint(token.result, ==, SPNEGO_REJECT);
    g_assert_cmphex(token.selected, ==, 0);
    token = parse_hex("a1153013a0030a0103a10c" OID_NTLM);
    g_assert_cmpint(token.result, ==, SPNEGO_REQUEST_MIC);
    g_assert_cmphex(token.selected, ==, MECHANISM_NTLM);
    token = parse_hex(blob_ntlm_completed);
    g_assert_cmpint(token.result, ==, SPNEGO_ACCEPT_COMPLETED);
    g_assert_cmpint(token.kind, ==, TOKEN_NONE);
    token = parse_hex("a1083006a1040602"
                      "2a03"); /* an unknown mechanism */
    g_assert_cmphex(token.selected, ==, MECHANISM_OTHER);
}

static void test_not_a_token(void)
{
    assert_unrecognised("");
    assert_unrecognised("60");
    assert_unrecognised("6080" OID_SPNEGO "0000");           /* indefinite length */
    assert_unrecognised("6085ffffffffff" OID_SPNEGO "a000"); /* a length of 5 bytes */
    assert_unrecognised("a1053103a0010a");                   /* no SEQUENCE */
    assert_unrecognised("600a" OID_SPNEGO "0400");           /* neither of the choices */
    assert_unrecognised("4e544c4d5353500004000000");         /* an NTLM message type of 4 */
    assert_unrecognised("4e544c4d535350000300");
}

static void test_length_bombs(void)
{
    struct token token = parse_hex("6084ffffffff" OID_SPNEGO "a084ffffffff3084ffffffff"
                                   "a084ffffffff3084ffffffff" OID_NTLM OID_KERBEROS);

    g_assert_true(token.spnego);
    g_assert_cmphex(token.offered, ==, MECHANISM_NTLM | MECHANISM_KERBEROS);
    g_assert_cmphex(token.first_offered, ==, MECHANISM_NTLM);
}

/* ---- NTLM ---- */

static void test_ntlm_negotiate(void)
{
    struct token token = parse_hex(blob_ntlm_negotiate);

    g_assert_cmphex(token.offered, ==, MECHANISM_NTLM);
    g_assert_cmpint(token.kind, ==, TOKEN_NTLM_NEGOTIATE);
}

static void test_ntlm_challenge(void)
{
    struct token token = parse_hex(blob_ntlm_challenge);

    g_assert_cmpint(token.result, ==, SPNEGO_ACCEPT_INCOMPLETE);
    g_assert_cmphex(token.selected, ==, MECHANISM_NTLM);
    g_assert_cmpint(token.kind, ==, TOKEN_NTLM_CHALLENGE);
    g_assert_cmpstr(token.ntlm.target_name, ==, "LAB");
    g_assert_cmpstr(token.ntlm.netbios_domain, ==, "LAB");
    g_assert_cmpstr(token.ntlm.netbios_computer, ==, "FILES");
    g_assert_cmpstr(token.ntlm.dns_domain, ==, "lab.example");
    g_assert_cmpstr(token.ntlm.dns_computer, ==, "files.lab.example");
    g_assert_null(token.ntlm.user);
    g_assert_null(token.ntlm.spn);
}

static void test_ntlm_authenticate(void)
{
    struct token token = parse_hex(blob_ntlm_authenticate);

    g_assert_cmpint(token.kind, ==, TOKEN_NTLM_AUTHENTICATE);
    g_assert_cmpstr(token.ntlm.user, ==, "alice");
    g_assert_cmpstr(token.ntlm.domain, ==, "LAB");
    g_assert_cmpstr(token.ntlm.workstation, ==, "CLIENT1");
    g_assert_cmpint(token.ntlm.version, ==, NTLM_VERSION_2);
    g_assert_true(token.ntlm.flags & NTLMSSP_NEGOTIATE_SIGN);
    g_assert_cmpstr(token.ntlm.spn, ==, "cifs/192.0.2.30");
    g_assert_false(token.ntlm.anonymous);
    g_assert_null(token.ntlm.dns_domain); /* only the server's word counts */
}

static void test_ntlm_anonymous(void)
{
    struct builder message = from_hex(session_setup_request_anonymous);
    struct token token;

    g_assert_true(token_parse(bytes_from(built(&message), 64 + 24), scope, &token));
    g_assert_true(token.ntlm.anonymous);
    g_assert_cmpstr(token.ntlm.user, ==, "");
    g_assert_null(token.ntlm.spn);
    /* Where the fields of the user are cut, nobody knows. */
    g_assert_true(token_parse(bytes_slice(built(&message), 64 + 24, 48), scope, &token));
    g_assert_cmpint(token.kind, ==, TOKEN_NTLM_AUTHENTICATE);
    g_assert_false(token.ntlm.anonymous);
    g_assert_null(token.ntlm.user);
}

/* An AUTHENTICATE message with these payloads, the NT response from hexadecimal digits. */
static struct builder authenticate(uint32_t flags, const char *user, uint32_t user_length,
                                   const char *nt_response)
{
    struct builder message = {.length = 0};
    uint16_t nt_length = (uint16_t)(strlen(nt_response) / 2);

    put_bytes(&message, "NTLMSSP", 8);
    put_le(&message, 3, 4);
    put_le(&message, 0, 8); /* LmChallengeResponse */
    put_le(&message, nt_length | (uint64_t)nt_length << 16 | (uint64_t)64 << 32, 8);
    put_le(&message, 0, 8); /* DomainName */
    put_le(&message, user_length | (uint64_t)user_length << 16 | (uint64_t)(64u + nt_length) << 32,
           8);
    put_le(&message, 0, 8); /* Workstation */
    put_le(&message, 0, 8); /* EncryptedRandomSessionKey */
    put_le(&message, flags, 4);
    put_hex(&message, nt_response);
    put_bytes(&message, user, user_length);
    return message;
}

#define NTLMV2_START /* NTProofStr, and 28 bytes up to AvPairs */                                  \
    "00112233445566778899aabbccddeeff"                                                             \
    "01010000000000000000000000000000000000000000000000000000"

static void test_ntlm_client_pairs(void)
{
    struct builder message;
    struct token token;

    message = authenticate(1, "a\0b\0", 4,
                           NTLMV2_START "0a001000"
                                        "00000000000000000000000000000001"
                                        "09000000"
                                        "00000000");
    g_assert_true(token_parse(built(&message), scope, &token));
    g_assert_cmpstr(token.ntlm.user, ==, "ab");
    g_assert_cmpstr(token.ntlm.spn, ==, "");
    ill_treat(probe_token, built(&message), ITERATIONS);

    message = authenticate(1, "", 0, NTLMV2_START "0900ffff6300"); /* a pair that overruns */
    g_assert_true(token_parse(built(&message), scope, &token));
    g_assert_null(token.ntlm.spn);
    g_assert_false(token.ntlm.anonymous);
}

static void test_ntlm_v1(void)
{
    struct builder message =
        authenticate(0, "us\xe9r", 4, "000102030405060708090a0b0c0d0e0f1011121314151617");
    struct token token;

    g_assert_true(token_parse(built(&message), scope, &token));
    g_assert_cmpint(token.ntlm.version, ==, NTLM_VERSION_1);
    g_assert_true(ntlm_is_old(&token.ntlm));
    set_le(&message, 60, NTLMSSP_NEGOTIATE_EXTENDED_SESSIONSECURITY, 4);
    g_assert_true(token_parse(built(&message), scope, &token));
    g_assert_cmpint(token.ntlm.version, ==, NTLM_VERSION_1_ESS);
    set_le(&message, 60, 0, 4);
    g_assert_cmpstr(token.ntlm.user, ==, "us\357\277\275r"); /* OEM, so é has no known byte */

    set_le(&message, 36 + 4, 0xffffffff, 4);
    g_assert_true(token_parse(built(&message), scope, &token));
    g_assert_null(token.ntlm.user);
    set_le(&message, 36, 0xffff, 2);
    set_le(&message, 36 + 4, 64, 4);
    g_assert_true(token_parse(built(&message), scope, &token));
    g_assert_null(token.ntlm.user);
    g_assert_false(token.ntlm.anonymous);
}

int main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    scope = wmem_allocator_new(WMEM_ALLOCATOR_SIMPLE);
    g_test_add_func("/mechanism/names", test_names);
    g_test_add_func("/spnego/offer", test_offer);
    g_test_add_func("/spnego/kerberos", test_kerberos);
    g_test_add_func("/spnego/kerberos_error", test_kerberos_error);
    g_test_add_func("/spnego/response_states", test_response_states);
    g_test_add_func("/spnego/not_a_token", test_not_a_token);
    g_test_add_func("/spnego/length_bombs", test_length_bombs);
    g_test_add_func("/ntlm/negotiate", test_ntlm_negotiate);
    g_test_add_func("/ntlm/challenge", test_ntlm_challenge);
    g_test_add_func("/ntlm/authenticate", test_ntlm_authenticate);
    g_test_add_func("/ntlm/anonymous", test_ntlm_anonymous);
    g_test_add_func("/ntlm/client_pairs", test_ntlm_client_pairs);
    g_test_add_func("/ntlm/v1", test_ntlm_v1);
    result = g_test_run();
    wmem_destroy_allocator(scope);
    return result;
}
