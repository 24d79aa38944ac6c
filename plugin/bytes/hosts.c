/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Addresses and names of hosts.
 */
#include "bytes.h"

/* RFC 5952 4.2: the longest run of two or more zero groups is left out. */
static void longest_zero_run(const uint16_t groups[8], unsigned *start, unsigned *length)
{
    *start = *length = 0;
    for (unsigned i = 0; i < 8; i++) {
        unsigned run = 0;

        while (i + run < 8 && groups[i + run] == 0)
            run++;
        if (run > *length && run > 1) {
            *start = i;
            *length = run;
        }
    }
}

static char *ipv6_text(const uint8_t *bytes, wmem_allocator_t *scope)
{
    wmem_strbuf_t *text = wmem_strbuf_new(scope, "");
    uint16_t groups[8];
    unsigned start, length;

    for (unsigned i = 0; i < 8; i++)
        groups[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
    longest_zero_run(groups, &start, &length);
    for (unsigned i = 0; i < 8; i++) {
        if (length && i == start) {
            wmem_strbuf_append(text, "::");
            i += length - 1;
            continue;
        }
        if (i > 0 && !(length && i == start + length))
            wmem_strbuf_append_c(text, ':');
        wmem_strbuf_append_printf(text, "%x", groups[i]);
    }
    return wmem_strbuf_finalize(text);
}

/* printf would take ten times as long. */
static char *put_octet(char *at, unsigned octet)
{
    if (octet >= 100)
        *at++ = (char)('0' + octet / 100);
    if (octet >= 10)
        *at++ = (char)('0' + octet / 10 % 10);
    *at++ = (char)('0' + octet % 10);
    return at;
}

static char *ipv4_text(const uint8_t bytes[4], wmem_allocator_t *scope)
{
    char *text = (char *)wmem_alloc(scope, sizeof "255.255.255.255"), *end = text;

    for (unsigned i = 0; i < 4; i++) {
        end = put_octet(end, bytes[i]);
        *end++ = i < 3 ? '.' : '\0';
    }
    return text;
}

char *address_text(const struct address *address, wmem_allocator_t *scope)
{
    const uint8_t *bytes = address->bytes;

    if (address->length == 4)
        return ipv4_text(bytes, scope);
    if (address->length == 16)
        return ipv6_text(bytes, scope);
    return wmem_strdup(scope, "?");
}

bool mac_known(const struct mac_address *mac)
{
    static const struct mac_address unknown;

    return !mac_equal(mac, &unknown);
}

bool mac_equal(const struct mac_address *a, const struct mac_address *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Digits and dots, or anything with a colon: no DNS or NetBIOS host name looks like that. */
bool name_is_address(const char *name)
{
    if (!name || !*name)
        return false;
    return strchr(name, ':') != NULL || strspn(name, "0123456789.") == strlen(name) ||
           g_str_has_suffix(name, ".ipv6-literal.net");
}

uint32_t host_name_hash(const char *name)
{
    uint32_t hash = 0;

    for (; name && *name && *name != '.'; name++)
        hash = hash * 31 + (uint8_t)g_ascii_tolower(*name);
    return hash;
}

bool host_names_match(const char *a, const char *b)
{
    size_t a_label, b_label;

    if (!a || !b)
        return false;
    if (g_ascii_strcasecmp(a, b) == 0)
        return true;
    if (name_is_address(a) || name_is_address(b))
        return false;
    a_label = strcspn(a, ".");
    b_label = strcspn(b, ".");
    if (a[a_label] && b[b_label]) /* two qualified names of different domains */
        return false;
    return a_label == b_label && g_ascii_strncasecmp(a, b, a_label) == 0;
}
