/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Words for what messages say: dialects, ciphers, security modes, capabilities, GUIDs, mechanisms.
 */
#include "wire.h"

#include "bytes_language.h"

/* ---- NEGOTIATE ---- */

const char *command_name(uint16_t command)
{
    switch (command) {
    case SMB1_NEGOTIATE:
        return "SMB1 NEGOTIATE";
    case SMB2_NEGOTIATE:
        return "NEGOTIATE";
    case SMB2_SESSION_SETUP:
        return "SESSION_SETUP";
    case SMB2_TREE_CONNECT:
        return "TREE_CONNECT";
    case SMB2_IOCTL:
        return "validate-negotiate";
    case SMB2_CREATE:
        return "CREATE";
    default:
        return "request";
    }
}

const char *dialect_name(uint16_t dialect)
{
    switch (dialect) {
    case DIALECT_2_0_2:
        return "2.0.2";
    case DIALECT_2_1:
        return "2.1";
    case DIALECT_3_0:
        return "3.0";
    case DIALECT_3_0_2:
        return "3.0.2";
    case DIALECT_3_1_1:
        return "3.1.1";
    case DIALECT_WILDCARD:
        return "2.??? (0x02ff)";
    default:
        return NULL;
    }
}

char *dialect_text(uint16_t dialect, wmem_allocator_t *scope)
{
    const char *name = dialect_name(dialect);

    return name ? wmem_strdup(scope, name) : wmem_strdup_printf(scope, "0x%04x", dialect);
}

static const char *cipher_name(uint16_t cipher) /* [MS-SMB2] 2.2.3.1.2 */
{
    static const char *const names[] = {"none (0)", "AES-128-CCM", "AES-128-GCM", "AES-256-CCM",
                                        "AES-256-GCM"};

    return cipher < G_N_ELEMENTS(names) ? names[cipher] : NULL;
}

char *cipher_text(uint16_t cipher, wmem_allocator_t *scope)
{
    const char *name = cipher_name(cipher);

    if (cipher == 0)
        return phrase_words(scope, N_("none (0)"));
    return name ? wmem_strdup(scope, name) : wmem_strdup_printf(scope, "0x%04x", cipher);
}

char *signing_algorithm_text(uint16_t algorithm, wmem_allocator_t *scope)
{
    static const char *const names[] = {"HMAC-SHA256", "AES-CMAC", "AES-GMAC"}; /* 2.2.3.1.7 */

    return algorithm < G_N_ELEMENTS(names) ? wmem_strdup(scope, names[algorithm])
                                           : wmem_strdup_printf(scope, "0x%04x", algorithm);
}

static char *list_text(const struct id_list *list, char *(*text)(uint16_t, wmem_allocator_t *),
                       wmem_allocator_t *scope)
{
    wmem_strbuf_t *words = wmem_strbuf_new(scope, "");

    if (list->count == 0)
        return phrase_words(scope, N_("none"));
    for (unsigned i = 0; i < list->listed; i++) {
        if (i > 0)
            wmem_strbuf_append(words, ", ");
        wmem_strbuf_append(words, text(list->ids[i], scope));
    }
    if (!id_list_complete(list))
        wmem_strbuf_append(words, " ...");
    return wmem_strbuf_finalize(words);
}

char *dialects_text(const struct id_list *list, wmem_allocator_t *scope)
{
    return list_text(list, dialect_text, scope);
}

char *ciphers_text(const struct id_list *list, wmem_allocator_t *scope)
{
    return list_text(list, cipher_text, scope);
}

char *signing_algorithms_text(const struct id_list *list, wmem_allocator_t *scope)
{
    return list_text(list, signing_algorithm_text, scope);
}

static char *hash_text(uint16_t hash, wmem_allocator_t *scope) /* 2.2.3.1.1 */
{
    return hash == 1 ? wmem_strdup(scope, "SHA-512") : wmem_strdup_printf(scope, "0x%04x", hash);
}

char *hashes_text(const struct id_list *list, wmem_allocator_t *scope)
{
    return list_text(list, hash_text, scope);
}

static char *compression_text(uint16_t compression, wmem_allocator_t *scope) /* 2.2.3.1.3 */
{
    static const char *const names[] = {"none (0)",     "LZNT1",      "LZ77",
                                        "LZ77+Huffman", "Pattern_V1", "LZ4"};

    if (compression == 0)
        return phrase_words(scope, N_("none (0)"));
    return compression < G_N_ELEMENTS(names) ? wmem_strdup(scope, names[compression])
                                             : wmem_strdup_printf(scope, "0x%04x", compression);
}

char *compressions_text(const struct id_list *list, wmem_allocator_t *scope)
{
    return list_text(list, compression_text, scope);
}

char *security_mode_text(uint16_t mode, wmem_allocator_t *scope)
{
    if (mode & SMB2_NEGOTIATE_SIGNING_REQUIRED)
        return phrase(scope, "signing required (0x%04x)", mode);
    if (mode & SMB2_NEGOTIATE_SIGNING_ENABLED)
        return phrase(scope, "signing enabled (0x%04x)", mode);
    return phrase(scope, "no signing (0x%04x)", mode);
}

/* names: one for each bit, from the lowest; NULL = none. */
static char *bit_names(uint32_t bits, const char *const *names, unsigned count,
                       wmem_allocator_t *scope)
{
    wmem_strbuf_t *words = wmem_strbuf_new(scope, "");

    for (unsigned i = 0; i < 32; i++) {
        if (!(bits & UINT32_C(1) << i))
            continue;
        if (wmem_strbuf_get_len(words) > 0)
            wmem_strbuf_append(words, ", ");
        if (i < count && names[i])
            wmem_strbuf_append(words, names[i]);
        else
            wmem_strbuf_append_printf(words, "0x%08x", UINT32_C(1) << i);
    }
    return wmem_strbuf_finalize(words);
}

char *capability_names(uint32_t capabilities, wmem_allocator_t *scope)
{
    static const char *const names[] = {
        "DFS",
        "leasing",
        "large MTU",
        "multi-channel",
        "persistent handles",
        "directory leasing",
        "encryption",
        "notifications", /* [MS-SMB2] 2.2.3, 2.2.4: one bit each, from the lowest */
    };

    return bit_names(capabilities, names, G_N_ELEMENTS(names), scope);
}

char *capabilities_text(uint32_t capabilities, wmem_allocator_t *scope)
{
    if (!capabilities)
        return phrase(scope, "none (0x%02x)", capabilities);
    return wmem_strdup_printf(scope, "%s (0x%02x)", capability_names(capabilities, scope),
                              capabilities);
}

char *session_flags_text(uint16_t flags, wmem_allocator_t *scope)
{
    static const char *const names[] = {"guest", "anonymous", "encrypt data"}; /* 2.2.6 */

    if (!flags)
        return phrase(scope, "none set (0x%04x)", flags);
    return wmem_strdup_printf(scope, "%s (0x%04x)",
                              bit_names(flags, names, G_N_ELEMENTS(names), scope), flags);
}

char *access_text(uint32_t mask, wmem_allocator_t *scope)
{
    static const struct {
        uint32_t right;
        const char *name;
    } rights[] = {{0x00000001, N_("read")}, /* [MS-SMB2] 2.2.13.1.1: what a user would call it */
                  {0x00000002, N_("write")},
                  {0x00010000, N_("delete")},
                  {0x00040000, N_("change permissions")}};
    wmem_strbuf_t *words = wmem_strbuf_new(scope, "");

    for (unsigned i = 0; i < G_N_ELEMENTS(rights); i++)
        if (mask & rights[i].right)
            wmem_strbuf_append_printf(words, "%s%s", wmem_strbuf_get_len(words) > 0 ? ", " : "",
                                      phrase_words(scope, rights[i].name));
    if (wmem_strbuf_get_len(words) == 0)
        return phrase(scope, "neither read nor write (0x%08x)", mask);
    wmem_strbuf_append_printf(words, " (0x%08x)", mask);
    return wmem_strbuf_finalize(words);
}

char *guid_text(const uint8_t guid[GUID_LENGTH], wmem_allocator_t *scope)
{
    return wmem_strdup_printf(
        scope, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", guid[3],
        guid[2], guid[1], guid[0], guid[5], guid[4], guid[7], guid[6], guid[8], guid[9], guid[10],
        guid[11], guid[12], guid[13], guid[14], guid[15]);
}

bool guid_is_zero(const uint8_t guid[GUID_LENGTH])
{
    for (unsigned i = 0; i < GUID_LENGTH; i++)
        if (guid[i])
            return false;
    return true;
}

/* ---- mechanisms ---- */

/* The first two are one under two numbers, [MS-SPNG] 3.1.5.2. */
static const struct named_mechanism {
    unsigned mechanisms;
    const char *name;
} mechanism_words[] = {
    {MECHANISM_MS_KERBEROS | MECHANISM_KERBEROS, "Kerberos"},
    {MECHANISM_USER_TO_USER, "Kerberos user-to-user"},
    {MECHANISM_NTLM, "NTLM"},
    {MECHANISM_NEGOEX, "NEGOEX"},
    {MECHANISM_IAKERB, "IAKERB"},
    {MECHANISM_OTHER, "another mechanism"},
};

const char *mechanism_name(unsigned mechanism)
{
    for (size_t i = 0; i < G_N_ELEMENTS(mechanism_words); i++)
        if (mechanism_words[i].mechanisms & mechanism)
            return mechanism_words[i].name;
    return "none";
}

const char *mechanism_names(unsigned mechanisms, wmem_allocator_t *scope)
{
    wmem_strbuf_t *names;

    for (size_t i = 0; i < G_N_ELEMENTS(mechanism_words); i++) /* one is the rule */
        if (mechanism_words[i].mechanisms == mechanisms)
            return mechanism_words[i].name;
    names = line_new(scope);
    for (size_t i = 0; i < G_N_ELEMENTS(mechanism_words); i++) {
        if (!(mechanism_words[i].mechanisms & mechanisms))
            continue;
        if (wmem_strbuf_get_len(names) > 0)
            wmem_strbuf_append(names, ", ");
        wmem_strbuf_append(names, mechanism_words[i].name);
    }
    return wmem_strbuf_finalize(names);
}

const char *ntlm_version_name(enum ntlm_version version)
{
    switch (version) {
    case NTLM_VERSION_LM:
        return "LM";
    case NTLM_VERSION_1:
        return "NTLMv1";
    case NTLM_VERSION_1_ESS:
        return "NTLMv1 with extended session security";
    case NTLM_VERSION_2:
        return "NTLMv2";
    default:
        return NULL;
    }
}
