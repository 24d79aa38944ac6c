/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Questions about a connection that several rules ask.
 */
#include "state.h"

bool connection_absence_is_proof(const struct connection *connection)
{
    const struct tcp_side *client = &connection->sides[CLIENT];
    const struct tcp_side *server = &connection->sides[SERVER];

    return !connection->midstream && !connection->gap.frame && !connection->truncated &&
           !connection->limit_reached && !client->hole && !server->hole && client->first_frame &&
           (server->first_frame || connection->handshake & HANDSHAKE_SYN_ACK);
}

struct sighting connection_first_encrypted(const struct connection *connection,
                                           const struct session *session)
{
    const struct encrypted_session *at = connection->encrypted_sessions;

    for (unsigned i = 0; at && session && i < ENCRYPTED_SESSIONS; i++, at++)
        if (at->first.frame && at->session_id == session->id)
            return at->first;
    return (struct sighting){0};
}

#define SMB1_NO_DIALECT 0xffff /* [MS-CIFS] 2.2.4.52.2 */

/* Both ends speak SMB1, which is not diagnosed. */
static bool is_smb1(const struct connection *connection)
{
    const struct exchange *negotiate = connection->smb1_negotiate;
    const struct smb1_negotiate *answer =
        negotiate && negotiate->answer ? smb1_negotiate_of(negotiate->answer) : NULL;

    return answer && connection->last == negotiate && answer->status == STATUS_SUCCESS &&
           answer->selected != SMB1_NO_DIALECT;
}

enum stage connection_stage(const struct connection *connection)
{
    const struct exchange *last = connection->last;

    if (connection->tree_connected || connection->first_transform ||
        (connection->first_use && connection->midstream))
        return STAGE_CONNECTED;
    if (!last)
        return connection->without_exchanges;
    if (is_smb1(connection))
        return STAGE_SMB1;
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
        [STAGE_NONE] = N_("not seen"),
        [STAGE_NO_TCP] = N_("no TCP connection"),
        [STAGE_NETBIOS] = N_("NetBIOS session"),
        [STAGE_SMB1] = N_("SMB1 session"),
        [STAGE_NEGOTIATE] = N_("negotiate"),
        [STAGE_SESSION_SETUP] = N_("session setup"),
        [STAGE_TREE_CONNECT] = N_("tree connect"),
        [STAGE_CONNECTED] = N_("connected"),
    };

    return names[stage];
}

/* The NEGOTIATE request that counts: the one that settled a dialect, else the last one. */
static const struct negotiate_request *offer(const struct connection *connection)
{
    const struct exchange *exchange =
        connection->agreed ? connection->agreed : connection->negotiate;

    return exchange ? negotiate_request_of(exchange->asked) : NULL;
}

static const struct negotiate_response *choice(const struct connection *connection)
{
    return connection->agreed ? negotiate_response_of(connection->agreed->answer) : NULL;
}

uint16_t connection_highest_offered(const struct connection *connection)
{
    const struct negotiate_request *request = offer(connection);

    return request ? highest_dialect(&request->dialects) : 0;
}

/* [MS-SMB2] 2.2.3: the capability for 3.0 and 3.0.2, the context for 3.1.1. Either shows that the
 * client can. */
bool connection_client_can_encrypt(const struct connection *connection, bool *known)
{
    const struct negotiate_request *request = offer(connection);

    *known = request != NULL;
    if (!request)
        return false;
    if (connection_highest_offered(connection) < DIALECT_3_0)
        return false;
    if (request->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION || request->contexts.cipher_contexts)
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
    const struct token *token = connection->agreed ? response_token_of(connection->agreed) : NULL;

    *known = token && token->offered;
    return *known && token->offered & MECHANISM_ANY_KERBEROS;
}

bool connection_named_by_address(const struct connection *connection)
{
    return name_is_address(connection->server_name);
}

enum side connection_side_of(const struct connection *connection, const struct frame *frame)
{
    return frame->source.port == connection->client.port &&
                   address_equal(&frame->source.address, &connection->client.address)
               ? CLIENT
               : SERVER;
}

bool connection_client_left_before(const struct connection *connection,
                                   const struct tcp_segment *segment)
{
    return connection->closed && connection->closed_by == CLIENT && segment &&
           (!connection->received_known ||
            (int32_t)(segment->sequence + segment->length - connection->received_end) > 0);
}
