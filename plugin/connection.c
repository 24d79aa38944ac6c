/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Questions about a connection that several rules ask.
 */
#include "connection.h"

#include <string.h>

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

char *address_text(const struct address *address, wmem_allocator_t *scope)
{
    const uint8_t *bytes = address->bytes;

    if (address->length == 4)
        return wmem_strdup_printf(scope, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
    if (address->length == 16)
        return ipv6_text(bytes, scope);
    return wmem_strdup(scope, "?");
}

bool connection_absence_is_proof(const struct connection *connection)
{
    const struct tcp_side *client = &connection->sides[CLIENT];
    const struct tcp_side *server = &connection->sides[SERVER];

    return !connection->midstream && !connection->gap.frame && !connection->truncated.frame &&
           !connection->limit_reached.frame && !client->hole && !server->hole && client->first_frame &&
           (server->first_frame || connection->handshake & HANDSHAKE_SYN_ACK);
}

enum stage connection_stage(const struct connection *connection)
{
    const struct exchange *last = connection->last;

    if (connection->tree_connected || connection->first_transform.frame ||
        (connection->first_use.frame && connection->midstream))
        return STAGE_CONNECTED;
    if (!last)
        return STAGE_NONE;
    switch (last->command) {
    case SMB2_SESSION_SETUP:
        return STAGE_SESSION_SETUP;
    case SMB2_TREE_CONNECT:
    case SMB2_IOCTL:
        return STAGE_TREE_CONNECT;
    default:
        return STAGE_NEGOTIATE;
    }
}

const char *stage_name(enum stage stage)
{
    static const char *const names[] = {
        [STAGE_NONE] = "not seen",
        [STAGE_NEGOTIATE] = "negotiate",
        [STAGE_SESSION_SETUP] = "session setup",
        [STAGE_TREE_CONNECT] = "tree connect",
        [STAGE_CONNECTED] = "connected",
    };

    return names[stage];
}

/* The NEGOTIATE request that counts: the one that settled a dialect, else the last one. */
static const struct negotiate_request *offer(const struct connection *connection)
{
    const struct exchange *exchange =
        connection->agreed ? connection->agreed : connection->negotiate;

    return exchange ? exchange->negotiate_request : NULL;
}

static const struct negotiate_response *choice(const struct connection *connection)
{
    return connection->agreed ? connection->agreed->negotiate_response : NULL;
}

uint16_t connection_highest_offered(const struct connection *connection)
{
    const struct negotiate_request *request = offer(connection);
    uint16_t highest = 0;

    for (unsigned i = 0; request && i < request->dialects.listed; i++)
        if (request->dialects.ids[i] > highest && request->dialects.ids[i] != DIALECT_WILDCARD)
            highest = request->dialects.ids[i];
    return highest;
}

/* [MS-SMB2] 2.2.3: the capability for 3.0 and 3.0.2, the context for 3.1.1. Either shows that the client can. */
bool connection_client_can_encrypt(const struct connection *connection, bool *known)
{
    const struct negotiate_request *request = offer(connection);

    *known = request != NULL;
    if (!request)
        return false;
    if (connection_highest_offered(connection) < DIALECT_3_0)
        return false;
    if (request->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION || request->contexts.ciphers.contexts)
        return true;
    *known = connection_highest_offered(connection) != DIALECT_3_1_1 || request->contexts.known;
    return false;
}

bool connection_encryption_agreed(const struct connection *connection, bool *known)
{
    const struct negotiate_response *response = choice(connection);
    const struct negotiate_request *request = offer(connection);

    *known = response != NULL;
    if (!response || response->dialect < DIALECT_3_0)
        return false;
    if (response->dialect == DIALECT_3_1_1) {
        const struct id_list *ciphers = &response->contexts.ciphers;

        *known = response->contexts.known;
        return ciphers->listed > 0 && ciphers->ids[0] != 0;
    }
    return response->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION &&
           (!request || request->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION);
}

bool connection_client_requires_signing(const struct connection *connection)
{
    const struct negotiate_request *request = offer(connection);

    return request && request->security_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED;
}

bool connection_server_requires_signing(const struct connection *connection)
{
    const struct negotiate_response *response = choice(connection);

    return response && response->security_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED;
}

bool connection_server_offers_kerberos(const struct connection *connection, bool *known)
{
    const struct token *token = connection->agreed ? connection->agreed->negotiate_token : NULL;

    *known = token && token->offered;
    return *known && token->offered & MECHANISM_ANY_KERBEROS;
}

/* Digits and dots, or anything with a colon: no DNS or NetBIOS host name looks like that. */
bool name_is_address(const char *name)
{
    if (!name || !*name)
        return false;
    return strchr(name, ':') != NULL || strspn(name, "0123456789.") == strlen(name) ||
           g_str_has_suffix(name, ".ipv6-literal.net");
}

bool connection_named_by_address(const struct connection *connection)
{
    return name_is_address(connection->server_name);
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
