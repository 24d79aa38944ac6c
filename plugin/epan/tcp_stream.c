/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What Wireshark's TCP dissector keeps of a connection.
 */
#include "observe.h"
#include "report.h"

#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>

struct tcp_analysis *tcp_analysis_of(packet_info *pinfo)
{
    conversation_t *conversation =
        pinfo->ptype == PT_TCP ? find_conversation_pinfo(pinfo, 0) : NULL;

    return conversation ? get_tcp_conversation_data(conversation, pinfo) : NULL;
}

int tcp_stream_of(packet_info *pinfo)
{
    const struct tcp_analysis *tcp = tcp_analysis_of(pinfo);

    return tcp ? (int)tcp->stream : -1;
}

static address wireshark_address(const struct address *from)
{
    address to = ADDRESS_INIT_NONE;

    if (from->length)
        set_address(&to, from->length == 4 ? AT_IPv4 : AT_IPv6, from->length, from->bytes);
    return to;
}

/* Attempts to connect are several TCP connections, or none. */
static bool is_one_over_tcp(const struct connection *connection)
{
    return connection->without_exchanges != STAGE_NO_TCP &&
           connection->without_exchanges != STAGE_NETBIOS;
}

/* A look-up in Wireshark's tables takes a thousand instructions: nothing to be done for each
 * connection while the file is read. */
int tcp_stream_of_connection(const struct connection *connection)
{
    const struct endpoint *client = &connection->client, *server = &connection->server;
    const address from = wireshark_address(&client->address);
    const address to = wireshark_address(&server->address);
    const conversation_t *conversation = NULL;
    const struct tcp_analysis *tcp = NULL;

    if (is_one_over_tcp(connection))
        conversation = find_conversation(connection->first.frame, &from, &to, CONVERSATION_TCP,
                                         client->port, server->port, 0);
    if (conversation)
        tcp = (const struct tcp_analysis *)conversation_get_proto_data(
            conversation, proto_get_id_by_filter_name("tcp"));
    return tcp ? (int)tcp->stream : -1;
}
