/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The only reader of the dissection: finds the messages in the bytes of the frame and hands them to
 * the model. It wants no items, for that would make Wireshark build a tree for every frame; which
 * protocols a frame holds, what was gathered from more segments and what was decrypted is known
 * without one.
 */
#include "observe.h"
#include "wireshark_compat.h"

#include <epan/dissectors/packet-tcp.h>
#include <epan/prefs-int.h>

#define KERBEROS_PORT 88
#define KERBEROS_LENGTH_WIDTH 4 /* over TCP */
#define DNS_LENGTH_WIDTH 2
#define TCP_SAW_SYN 0x01 /* bits of conversation_completeness, as tcp.completeness shows them */
#define TCP_SAW_SYN_ACK 0x02

static int protocol_smb2 = -1, protocol_smb = -1, protocol_kerberos = -1, protocol_dns = -1,
           protocol_tcp = -1, protocol_icmp = -1, protocol_icmpv6 = -1, protocol_data = -1;

#define WANTED_WORDS 8

static uint64_t layers_wanted[WANTED_WORDS]; /* a bit for each, so that most layers need one look */

static uint64_t *layer_word(int protocol)
{
    return &layers_wanted[(unsigned)protocol / 64 % WANTED_WORDS];
}

static uint64_t layer_bit(int protocol)
{
    return UINT64_C(1) << (unsigned)protocol % 64;
}

static int find_protocol(const char *name)
{
    const int id = proto_get_id_by_filter_name(name);

    if (id < 0)
        ws_warning("smb2diag: this Wireshark has no protocol %s; findings that need it stay away",
                   name);
    else
        *layer_word(id) |= layer_bit(id);
    return id;
}

void observe_init(void)
{
    protocol_smb2 = find_protocol("smb2");
    protocol_smb = find_protocol("smb");
    protocol_kerberos = find_protocol("kerberos");
    protocol_dns = find_protocol("dns");
    protocol_tcp = proto_get_id_by_filter_name("tcp");
    protocol_data = proto_get_id_by_filter_name("data");
    protocol_icmp = find_protocol("icmp");
    protocol_icmpv6 = find_protocol("icmpv6");
}

static bool tcp_gathers; /* segments of one message, as the user's preference says */

void observe_start(struct model *model)
{
    module_t *tcp = prefs_find_module("tcp");
    pref_t *gathers = tcp ? prefs_find_preference(tcp, "desegment_tcp_streams") : NULL;

    tcp_gathers = !gathers || prefs_get_bool_value(gathers, pref_current);
    attempts_start(model);
}

/* ---- what Wireshark made of it ---- */

/* The layers of a frame are known without a tree. */
struct layers {
    unsigned smb; /* PDUs taken for SMB: what looks like one but was not dissected is none */
    bool kerberos, dns;
    bool quoted; /* by an ICMP error: sent before, and not by who seems to send it now */
};

static void note_layer(struct layers *layers, int protocol)
{
    layers->smb += protocol == protocol_smb2 || protocol == protocol_smb;
    layers->kerberos |= protocol == protocol_kerberos;
    layers->dns |= protocol == protocol_dns;
    layers->quoted |= protocol == protocol_icmp || protocol == protocol_icmpv6;
}

static struct layers layers_of(const packet_info *pinfo)
{
    struct layers layers = {0};

    for (wmem_list_frame_t *at = wmem_list_head(pinfo->layers); at; at = wmem_list_frame_next(at)) {
        const int protocol = GPOINTER_TO_INT(wmem_list_frame_data(at));

        if (*layer_word(protocol) & layer_bit(protocol))
            note_layer(&layers, protocol);
    }
    return layers;
}

/* ---- TCP ---- */

static unsigned handshake_of(const struct tcp_analysis *tcp)
{
    unsigned handshake = 0;

    if (tcp && tcp->conversation_completeness & TCP_SAW_SYN)
        handshake |= HANDSHAKE_SYN;
    if (tcp && tcp->conversation_completeness & TCP_SAW_SYN_ACK)
        handshake |= HANDSHAKE_SYN_ACK;
    return handshake;
}

/* How far a PDU that began in an earlier frame reaches into this one; 0: none does. */
static uint32_t carried_over(const tcp_flow_t *flow, uint32_t sequence, const packet_info *pinfo)
{
    const struct tcp_multisegment_pdu *pdu =
        (struct tcp_multisegment_pdu *)wmem_tree_lookup32_le(flow->multisegment_pdus, sequence - 1);

    return pdu && pdu->last_frame == pinfo->num ? pdu->nxtpdu - sequence : 0;
}

/* What of the segment's payload was dissected in place: the part after the PDU that was gathered
 * from more segments. TCP counts from 0 where its preference says so. */
static struct part payload_after_gathered(packet_info *pinfo, const struct datagram *datagram)
{
    const struct tcp_analysis *tcp = tcp_analysis_of(pinfo);
    const uint32_t sequence = datagram->segment.sequence;
    uint32_t carried;

    if (!tcp || !tcp->fwd)
        return datagram->payload;
    carried = carried_over(tcp->fwd, sequence - tcp->fwd->base_seq, pinfo);
    if (!carried)
        carried = carried_over(tcp->fwd, sequence, pinfo);
    return part_from(datagram->payload, carried);
}

/* A segment that begins with a PDU, where nothing was gathered, needs no look-up. */
static struct part payload_in_place(packet_info *pinfo, const struct carrier *carrier)
{
    const struct part payload = carrier->datagram.payload;

    return !carrier->gathered && nbss_begins(payload.bytes)
               ? payload
               : payload_after_gathered(pinfo, &carrier->datagram);
}

/* ---- SMB ---- */

struct smb_frame {
    struct model *model;
    wmem_allocator_t *scratch;
    struct message_context context;
    unsigned expected;   /* PDUs that Wireshark took for SMB and that were not found yet */
    const GSList *plain; /* sources that may be decrypted or decompressed; NULL = none left */
    int smb2, smb1;      /* messages seen of each: Wireshark counts their items apart */
};

static void observe_pdu(struct smb_frame *smb, struct part pdu);

static void observe_plain(struct smb_frame *smb, struct part contents, bool encrypted)
{
    const bool encrypted_before = smb->context.encrypted;

    smb->plain = smb->plain->next;
    smb->context.encrypted |= encrypted;
    observe_pdu(smb, contents);
    smb->context.encrypted = encrypted_before;
}

/* The contents of an encrypted or compressed message, where Wireshark could read them. Encryption
 * keeps the length. */
static void observe_contents(struct smb_frame *smb, uint8_t kind, uint32_t length)
{
    const bool encrypted = kind == SMB2_TRANSFORM;

    for (; smb->plain; smb->plain = smb->plain->next) {
        const struct part part = part_of(smb->plain);

        if (!is_smb(part.bytes))
            continue;
        if (!encrypted || part.length + SMB2_TRANSFORM_HEADER_LENGTH == length)
            observe_plain(smb, part, encrypted);
        return;
    }
}

static void observe_pdu(struct smb_frame *smb, struct part pdu)
{
    struct part message;
    struct message parsed;

    while (smb_next(&pdu, &message)) {
        const uint8_t kind = bytes_u8(message.bytes, 0);

        smb->context.item = kind == SMB1_MESSAGE ? smb->smb1++ : smb->smb2++;
        smb->context.truncated = part_is_cut(message);
        message_parse(message.bytes, smb->scratch, &parsed);
        model_on_message(smb->model, &smb->context, &parsed);
        if (kind == SMB2_TRANSFORM || kind == SMB2_COMPRESSED)
            observe_contents(smb, kind, message.length);
    }
}

static void observe_stream(struct smb_frame *smb, struct part stream)
{
    struct part contents;

    while (smb->expected && nbss_next(&stream, &contents))
        if (is_smb(contents.bytes)) {
            smb->expected--;
            observe_pdu(smb, contents);
        }
}

/* Not over TCP, or in a tunnel that is not known here: SMB Direct, for one. */
static void observe_anywhere(struct smb_frame *smb, const GSList *sources)
{
    for (; sources && smb->expected; sources = sources->next) {
        const struct part found = smb_search(part_of(sources));

        smb->plain = sources->next;
        if (found.length) {
            smb->expected--;
            observe_pdu(smb, found);
        }
    }
}

static void observe_gathered(struct smb_frame *smb, const GSList *sources)
{
    for (; sources && smb->expected; sources = sources->next) {
        const struct part part = part_of(sources);

        if (!is_smb(part.bytes))
            observe_stream(smb, part);
    }
}

static void observe_smb(struct model *model, const struct frame *frame, packet_info *pinfo,
                        const struct carrier *carrier, unsigned expected)
{
    struct smb_frame smb = {
        .model = model,
        .scratch = pinfo->pool,
        .context = {.frame = frame},
        .expected = expected,
    };

    if (!model_find(model, frame) && !model_saw_handshake(model, frame))
        smb.context.handshake = handshake_of(tcp_analysis_of(pinfo));
    if (carrier) {
        smb.context.segment = &carrier->datagram.segment;
        smb.plain = carrier->gathered;
        observe_gathered(&smb, carrier->gathered);
        observe_stream(&smb, payload_in_place(pinfo, carrier));
    }
    if (smb.expected == expected)
        observe_anywhere(&smb, pinfo->data_src);
}

/* ---- beside SMB ---- */

typedef void take_record(struct model *model, const struct frame *frame, struct bytes message,
                         wmem_allocator_t *scratch);

static void take_kerberos(struct model *model, const struct frame *frame, struct bytes message,
                          wmem_allocator_t *scratch)
{
    struct kerberos_message parsed;

    model_on_kerberos(model, frame, kerberos_parse(message, scratch, &parsed) ? &parsed : NULL);
}

static void take_dns(struct model *model, const struct frame *frame, struct bytes message,
                     wmem_allocator_t *scratch)
{
    struct dns_response parsed;

    if (dns_response_parse(message, scratch, &parsed))
        model_on_dns(model, frame, &parsed);
}

struct records {
    struct model *model;
    const struct frame *frame;
    take_record *take;
    uint32_t length_width; /* over TCP */
    wmem_allocator_t *scratch;
};

/* One that goes on in the next segment comes again when TCP has gathered it, which it does only of
 * segments that were captured whole. */
static void observe_records(const struct records *records, struct part stream)
{
    const bool will_come_again = tcp_gathers && !part_is_cut(stream);
    struct part message;

    while (record_next(&stream, records->length_width, &message))
        if (!part_is_cut(message) || !will_come_again)
            records->take(records->model, records->frame, message.bytes, records->scratch);
}

/* A datagram is one message; in TCP, messages stand behind their lengths. */
static void observe_messages(const struct records *records, packet_info *pinfo,
                             const struct carrier *carrier)
{
    const struct part payload = carrier->datagram.payload;

    if (pinfo->ptype != PT_TCP)
        records->take(records->model, records->frame, payload.bytes, records->scratch);
    else if (!carrier->gathered)
        observe_records(records, payload);
    else {
        for (const GSList *at = carrier->gathered; at; at = at->next)
            observe_records(records, part_of(at));
        observe_records(records, payload_after_gathered(pinfo, &carrier->datagram));
    }
}

static void observe_kerberos(struct model *model, const struct frame *frame, packet_info *pinfo,
                             const struct carrier *carrier)
{
    const struct records records = {model, frame, take_kerberos, KERBEROS_LENGTH_WIDTH,
                                    pinfo->pool};

    observe_messages(&records, pinfo, carrier);
}

static void observe_dns(struct model *model, const struct frame *frame, packet_info *pinfo,
                        const struct carrier *carrier)
{
    const struct records records = {model, frame, take_dns, DNS_LENGTH_WIDTH, pinfo->pool};

    observe_messages(&records, pinfo, carrier);
}

/* ---- entry ---- */

static bool is_kdc(const packet_info *pinfo)
{
    return pinfo->srcport == KERBEROS_PORT || pinfo->destport == KERBEROS_PORT;
}

static void observe_segment(struct model *model, const struct frame *frame,
                            const packet_info *pinfo, const struct tcp_segment *segment)
{
    if (is_kdc(pinfo))
        model_on_kdc_segment(model, frame, segment);
    else
        model_on_segment(model, frame, segment);
}

static void observe_layers(struct model *model, struct frame *frame, packet_info *pinfo,
                           const struct layers *layers)
{
    struct carrier carrier;
    const bool found = find_carrier(pinfo, frame, &carrier);

    if (found) {
        frame->sender = carrier.datagram.sender;
        frame->trail = carrier.datagram.trail;
    }
    if (layers->smb)
        observe_smb(model, frame, pinfo, found && pinfo->ptype == PT_TCP ? &carrier : NULL,
                    layers->smb);
    else if (found && layers->kerberos)
        observe_kerberos(model, frame, pinfo, &carrier);
    else if (found && layers->dns)
        observe_dns(model, frame, pinfo, &carrier);
    else if (found)
        observe_refusal(model, frame, carrier.datagram.payload.bytes);
    if (found && pinfo->ptype == PT_TCP)
        observe_segment(model, frame, pinfo, &carrier.datagram.segment);
}

/* A segment of a connection that is followed, whatever it carries. */
static bool is_followed(const struct model *model, const packet_info *pinfo)
{
    return pinfo->ptype == PT_TCP &&
           (is_kdc(pinfo) ||
            model_follows(model, (uint16_t)pinfo->srcport, (uint16_t)pinfo->destport));
}

/* The last layer is this plugin's own. */
static int last_protocol(const packet_info *pinfo)
{
    wmem_list_frame_t *own = wmem_list_tail(pinfo->layers);
    wmem_list_frame_t *last = own ? wmem_list_frame_prev(own) : NULL;

    return last ? GPOINTER_TO_INT(wmem_list_frame_data(last)) : -1;
}

/* Most segments of other connections are acknowledgements or parts of something larger. */
static bool is_of_interest(struct model *model, packet_info *pinfo, struct layers *layers)
{
    const bool followed = is_followed(model, pinfo);
    const int last = followed ? -1 : last_protocol(pinfo);

    if (last == protocol_tcp && pinfo->destport) /* one that an ICMP error quotes has none */
        return false;
    *layers = layers_of(pinfo);
    if (layers->quoted)
        return followed || !pinfo->destport;
    if (last == protocol_data && pinfo->ptype == PT_TCP)
        observe_undecoded(model, pinfo);
    return followed || layers->smb || layers->kerberos || layers->dns;
}

bool observe_frame(struct model *model, packet_info *pinfo)
{
    struct layers layers;
    struct frame frame;

    observe_receiver(model, pinfo);
    if (!is_of_interest(model, pinfo, &layers))
        return false;
    if (layers.quoted) {
        observe_quoted(model, pinfo);
        return true;
    }
    frame = frame_of(pinfo);
    observe_layers(model, &frame, pinfo, &layers);
    return true;
}
