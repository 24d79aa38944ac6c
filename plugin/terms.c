/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What client and server negotiated, in words.
 */
#include "terms.h"

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

static char *cipher_text(uint16_t cipher, wmem_allocator_t *scope)
{
    const char *name = cipher_name(cipher);

    return name ? wmem_strdup(scope, name) : wmem_strdup_printf(scope, "0x%04x", cipher);
}

static char *list_text(const struct id_list *list, char *(*text)(uint16_t, wmem_allocator_t *),
                       wmem_allocator_t *scope)
{
    wmem_strbuf_t *words = wmem_strbuf_new(scope, "");

    if (list->count == 0)
        return wmem_strdup(scope, "none");
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

char *security_mode_text(uint16_t mode, wmem_allocator_t *scope)
{
    const char *words = "no signing";

    if (mode & SMB2_NEGOTIATE_SIGNING_REQUIRED)
        words = "signing required";
    else if (mode & SMB2_NEGOTIATE_SIGNING_ENABLED)
        words = "signing enabled";
    return wmem_strdup_printf(scope, "0x%04x (%s)", mode, words);
}

char *capabilities_text(uint32_t capabilities, wmem_allocator_t *scope)
{
    return wmem_strdup_printf(scope, "0x%08x", capabilities);
}

char *guid_text(const uint8_t guid[GUID_LENGTH], wmem_allocator_t *scope)
{
    return wmem_strdup_printf(scope,
                              "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                              guid[3], guid[2], guid[1], guid[0], guid[5], guid[4], guid[7], guid[6],
                              guid[8], guid[9], guid[10], guid[11], guid[12], guid[13], guid[14],
                              guid[15]);
}

bool guid_is_zero(const uint8_t guid[GUID_LENGTH])
{
    for (unsigned i = 0; i < GUID_LENGTH; i++)
        if (guid[i])
            return false;
    return true;
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

bool exchange_is_open(const struct exchange *exchange)
{
    return exchange && exchange->open_frame;
}

bool exchange_has_error(const struct exchange *exchange)
{
    wmem_list_frame_t *at = exchange && exchange->findings ? wmem_list_head(exchange->findings) : NULL;

    for (; at; at = wmem_list_frame_next(at)) {
        const struct finding *finding = (struct finding *)wmem_list_frame_data(at);

        if (!finding->withdrawn && finding->severity == ERROR)
            return true;
    }
    return false;
}

bool client_left_after(const struct scene *scene)
{
    const struct connection *connection = scene->connection;
    const struct exchange *exchange = scene->exchange;

    return scene->event == ON_CLOSE && exchange && exchange_answered(exchange) &&
           connection->closed_by == CLIENT && exchange->request_end &&
           connection->sides[CLIENT].next_sequence == exchange->request_end;
}
