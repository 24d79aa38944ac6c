/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The only reader of the dissection: takes the bytes of the wanted items and hands them to the
 * model.
 */
#include "packet-smb2diag.h"
#include "wireshark_compat.h"

#include <epan/conversation.h>
#include <epan/dissectors/packet-tcp.h>

#define KERBEROS_PORT 88
#define TCP_SAW_SYN 0x01 /* bits of conversation_completeness, as tcp.completeness shows them */
#define TCP_SAW_SYN_ACK 0x02

static int item_smb2 = -1, item_smb = -1, item_kerberos = -1, item_dns = -1;

static int protocol_icmp = -1, protocol_icmpv6 = -1;

static int find_item(const char *name)
{
    const int id = proto_registrar_get_id_byname(name);

    if (id < 0)
        ws_warning("smb2diag: this Wireshark has no field %s; findings that need it stay away",
                   name);
    return id;
}

void observe_init(void)
{
    item_smb2 = find_item("smb2");
    item_smb = find_item("smb");
    item_kerberos = find_item("kerberos");
    item_dns = find_item("dns");
    protocol_icmp = proto_get_id_by_filter_name("icmp");
    protocol_icmpv6 = proto_get_id_by_filter_name("icmpv6");
}

GArray *observe_wanted(void)
{
    const int items[] = {item_smb2, item_smb, item_kerberos, item_dns};
    GArray *wanted = g_array_new(FALSE, FALSE, sizeof(int));

    for (unsigned i = 0; i < G_N_ELEMENTS(items); i++)
        if (items[i] >= 0)
            g_array_append_val(wanted, items[i]);
    return wanted;
}

/* ---- the frame ---- */

static struct address address_of(const address *from)
{
    struct address to = {0};

    if ((from->type == AT_IPv4 || from->type == AT_IPv6) && from->len <= (int)sizeof to.bytes) {
        to.length = (uint8_t)from->len;
        memcpy(to.bytes, from->data, to.length);
    }
    return to;
}

/* Capture files hold any 64-bit number of seconds: what lies beyond 2116 would overflow sums. */
#define SECONDS_LIMIT (INT64_MAX / 2 / NANOSECONDS_PER_SECOND)

int64_t observe_time(const packet_info *pinfo)
{
    const int64_t seconds = CLAMP((int64_t)pinfo->abs_ts.secs, 0, SECONDS_LIMIT);

    return seconds * NANOSECONDS_PER_SECOND + pinfo->abs_ts.nsecs;
}

static struct frame frame_of(const packet_info *pinfo, struct notes *notes)
{
    return (struct frame){
        .number = pinfo->num,
        .time = observe_time(pinfo),
        .notes = notes,
        .source = {address_of(&pinfo->src), (uint16_t)pinfo->srcport},
        .destination = {address_of(&pinfo->dst), (uint16_t)pinfo->destport},
    };
}

static unsigned item_count(const GPtrArray *items)
{
    return items ? items->len : 0;
}

static field_info *item_at(const GPtrArray *items, unsigned index)
{
    return (field_info *)items->pdata[index];
}

static struct bytes source_bytes(tvbuff_t *source, int start)
{
    const int length = source ? tvb_captured_length_remaining(source, start) : 0;

    if (length <= 0)
        return (struct bytes){0};
    return (struct bytes){tvb_get_ptr(source, start, length), (uint32_t)length};
}

/* What was captured from the start of the item on. Never fi->length: it is wrong on invisible
 * trees. */
static struct bytes item_bytes(const field_info *item)
{
    return source_bytes(item->ds_tvb, item->start);
}

/* ---- TCP ---- */

/* The header is looked for in the bytes: an item for it would have to be made for every frame. */
static bool find_segment(const packet_info *pinfo, const struct frame *frame,
                         struct tcp_segment *out)
{
    for (const GSList *at = pinfo->data_src; at; at = at->next) {
        tvbuff_t *source = get_data_source_tvb((const struct data_source *)at->data);
        const struct bytes bytes = source_bytes(source, 0);
        const uint32_t length = tvb_reported_length(source);

        if (tcp_segment_find(frame, bytes, length, out) ||
            (at != pinfo->data_src && tcp_segment_at_start(frame, bytes, length, out)))
            return true;
    }
    return false;
}

/* The header quoted by an ICMP error is not a segment of the connection. */
static bool is_quoted(const packet_info *pinfo)
{
    for (wmem_list_frame_t *at = wmem_list_head(pinfo->layers); at; at = wmem_list_frame_next(at)) {
        const int protocol = GPOINTER_TO_INT(wmem_list_frame_data(at));

        if (protocol == protocol_icmp || protocol == protocol_icmpv6)
            return true;
    }
    return false;
}

static unsigned handshake_of(packet_info *pinfo)
{
    conversation_t *conversation = find_conversation_pinfo(pinfo, 0);
    const struct tcp_analysis *tcp = conversation && pinfo->ptype == PT_TCP
                                         ? get_tcp_conversation_data(conversation, pinfo)
                                         : NULL;
    unsigned handshake = 0;

    if (tcp && tcp->conversation_completeness & TCP_SAW_SYN)
        handshake |= HANDSHAKE_SYN;
    if (tcp && tcp->conversation_completeness & TCP_SAW_SYN_ACK)
        handshake |= HANDSHAKE_SYN_ACK;
    return handshake;
}

/* ---- SMB ---- */

#define NBSS_HEADER_LENGTH 4

/* The PDU that messages are read from: one NBSS frame, or the contents of a transform. */
struct pdu {
    const tvbuff_t *source;
    int end; /* offset in the source */
};

/* RFC 1002 4.3.1 and [MS-SMB2] 2.1: a zero byte and a length stand before the first message of a
 * PDU. */
static int pdu_end(tvbuff_t *source, int start)
{
    const int all = start + tvb_reported_length_remaining(source, start);
    uint32_t word;

    if (start < NBSS_HEADER_LENGTH)
        return all;
    word = tvb_get_ntohl(source, start - NBSS_HEADER_LENGTH);
    if (word >> 24 != 0 || word == 0 || (int)word > all - start)
        return all;
    return start + (int)word;
}

static void enter_pdu(struct pdu *pdu, tvbuff_t *source, int start)
{
    if (pdu->source == source && start < pdu->end)
        return;
    pdu->source = source;
    pdu->end = pdu_end(source, start);
}

/* NextCommand of a compound's member limits it; the last one ends with its PDU. */
static int message_length(struct bytes bytes, int rest)
{
    const uint32_t next = bytes_u8(bytes, 0) == 0xfe ? bytes_le32(bytes, 20) : 0;

    return next >= SMB2_HEADER_LENGTH && next < (uint32_t)rest ? (int)next : rest;
}

struct smb_frame {
    struct model *model;
    struct message_context context;
    struct pdu pdu;
    const tvbuff_t *transform_source; /* where the last transform header was; NULL = none */
};

static void observe_message(struct smb_frame *smb, const field_info *item)
{
    struct bytes bytes = item_bytes(item);
    int length;

    if (!bytes.length)
        return;
    enter_pdu(&smb->pdu, item->ds_tvb, item->start);
    length = message_length(bytes, smb->pdu.end - item->start);
    smb->context.truncated = (int)bytes.length < length;
    if ((int)bytes.length > length)
        bytes.length = (uint32_t)length;
    if (bytes_u8(bytes, 0) == 0xfd)
        smb->transform_source = item->ds_tvb;
    smb->context.encrypted = smb->transform_source && smb->transform_source != item->ds_tvb;
    model_on_message(smb->model, &smb->context, bytes);
}

static void observe_messages(struct smb_frame *smb, const GPtrArray *items)
{
    for (unsigned i = 0; i < item_count(items); i++) {
        smb->context.item = (int)i;
        observe_message(smb, item_at(items, i));
    }
}

static void observe_smb(struct model *model, const struct frame *frame, packet_info *pinfo,
                        const struct tcp_segment *segment, const GPtrArray *smb2,
                        const GPtrArray *smb1)
{
    struct smb_frame smb = {
        .model = model,
        .context = {.frame = frame, .segment = segment},
    };

    if (!model_find(model, frame))
        smb.context.handshake = handshake_of(pinfo);
    observe_messages(&smb, smb1);
    observe_messages(&smb, smb2);
}

/* ---- beside SMB ---- */

static void observe_kerberos(struct model *model, const struct frame *frame, const GPtrArray *items)
{
    for (unsigned i = 0; i < item_count(items); i++)
        model_on_kerberos(model, frame, item_bytes(item_at(items, i)));
}

static void observe_dns(struct model *model, const struct frame *frame, const packet_info *pinfo,
                        const GPtrArray *items)
{
    const uint32_t length_prefix = pinfo->ptype == PT_TCP ? 2 : 0; /* RFC 1035 4.2.2 */

    for (unsigned i = 0; i < item_count(items); i++)
        model_on_dns(model, frame, bytes_from(item_bytes(item_at(items, i)), length_prefix));
}

/* ---- entry ---- */

static bool is_kdc(const packet_info *pinfo)
{
    return pinfo->srcport == KERBEROS_PORT || pinfo->destport == KERBEROS_PORT;
}

static void observe_items(struct model *model, const struct frame *frame, packet_info *pinfo,
                          proto_tree *tree)
{
    const GPtrArray *smb2 = proto_get_finfo_ptr_array(tree, item_smb2);
    const GPtrArray *smb1 = proto_get_finfo_ptr_array(tree, item_smb);
    const bool has_smb = item_count(smb2) || item_count(smb1);
    struct tcp_segment segment;
    bool has_segment = false;

    if (pinfo->ptype == PT_TCP && (has_smb || is_kdc(pinfo) || model_find(model, frame)))
        has_segment = find_segment(pinfo, frame, &segment) && (has_smb || !is_quoted(pinfo));
    if (has_smb)
        observe_smb(model, frame, pinfo, has_segment ? &segment : NULL, smb2, smb1);
    else {
        observe_kerberos(model, frame, proto_get_finfo_ptr_array(tree, item_kerberos));
        observe_dns(model, frame, pinfo, proto_get_finfo_ptr_array(tree, item_dns));
    }
    if (has_segment && is_kdc(pinfo))
        model_on_kdc_segment(model, frame, &segment);
    if (has_segment && !is_kdc(pinfo))
        model_on_segment(model, frame, &segment);
}

static struct notes *spare; /* of the last frame that nothing refers to; NULL = none */

void observe_start(void)
{
    spare = NULL; /* it went with the last file */
}

struct notes *observe_frame(struct model *model, packet_info *pinfo, proto_tree *tree)
{
    struct notes *notes;
    struct frame frame;

    if (!tree)
        return NULL;
    if (!spare)
        spare = wmem_new0(wmem_file_scope(), struct notes);
    notes = spare;
    frame = frame_of(pinfo, notes);
    observe_items(model, &frame, pinfo, tree);
    if (!notes->kept)
        return NULL;
    spare = NULL;
    return notes;
}
