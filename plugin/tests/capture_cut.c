/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Cuts a classic pcap file the way that captures get cut in practice.
 * Exit status: 0 done, 1 failed, 2 not possible on this link layer.
 */
#include "pcap_file.h"

/* The service's port is the lower one; what has no ports counts for both directions. */
static bool goes(const struct capture *capture, const struct frame *frame, bool to_server)
{
    const uint8_t *port = ports(capture, frame);
    return !port || (be16(port + 2) < be16(port)) == to_server;
}

static void add_vlan_tag(const struct capture *capture, struct frame *frame)
{
    static const uint8_t tag[VLAN_TAG_LENGTH] = {0x81, 0x00, 0x00, 0x64};
    if (frame->length < 12)
        return;
    memmove(frame->bytes + 12 + VLAN_TAG_LENGTH, frame->bytes + 12, frame->length - 12);
    memcpy(frame->bytes + 12, tag, VLAN_TAG_LENGTH);
    frame->length += VLAN_TAG_LENGTH;
    uint32_t on_wire = file_u32(capture, frame->header + 12);
    file_put_u32(capture, frame->header + 12, on_wire + VLAN_TAG_LENGTH);
}

#define ETHERNET_LENGTH 14
#define IPV4_LENGTH 20
#define QUOTED_LENGTH 548 /* RFC 1812 4.3.2.3: as much as fits into 576 bytes */

/* An ICMP error of the other side about the frame, RFC 792; false where that is not IPv4. */
static bool make_quote(const struct capture *capture, const struct frame *frame,
                       struct frame *quote)
{
    const uint32_t length = ETHERNET_LENGTH + IPV4_LENGTH + 8;
    const uint8_t *ip = frame->bytes + ETHERNET_LENGTH;
    uint32_t quoted = frame->length - ETHERNET_LENGTH;
    if (frame->length < ETHERNET_LENGTH + IPV4_LENGTH || be16(frame->bytes + 12) != 0x0800)
        return false;
    quoted = quoted < QUOTED_LENGTH ? quoted : QUOTED_LENGTH;
    *quote = *frame;
    quote->length = length + quoted;
    file_put_u32(capture, quote->header + 12, quote->length);
    memset(quote->bytes + ETHERNET_LENGTH, 0, IPV4_LENGTH + 8);
    quote->bytes[ETHERNET_LENGTH] = 0x45;
    quote->bytes[ETHERNET_LENGTH + 2] = (uint8_t)((quote->length - ETHERNET_LENGTH) >> 8);
    quote->bytes[ETHERNET_LENGTH + 3] = (uint8_t)(quote->length - ETHERNET_LENGTH);
    quote->bytes[ETHERNET_LENGTH + 8] = 64;
    quote->bytes[ETHERNET_LENGTH + 9] = 1;
    memcpy(quote->bytes + ETHERNET_LENGTH + 12, ip + 16, 4);
    memcpy(quote->bytes + ETHERNET_LENGTH + 16, ip + 12, 4);
    quote->bytes[ETHERNET_LENGTH + IPV4_LENGTH] = 3; /* unreachable */
    quote->bytes[ETHERNET_LENGTH + IPV4_LENGTH + 1] = 3;
    memcpy(quote->bytes + length, ip, quoted);
    return true;
}

/* How often the frame with this index goes out, after what the cut does to it. */
static int cut_frame(const char *cut, unsigned number, const struct capture *capture,
                     struct frame *frame, unsigned index)
{
    if (!strcmp(cut, "skip-first"))
        return index >= number;
    if (!strcmp(cut, "skip-last"))
        return index + number < capture->frame_count;
    if (!strcmp(cut, "to-server"))
        return goes(capture, frame, true);
    if (!strcmp(cut, "to-client"))
        return goes(capture, frame, false);
    if (!strcmp(cut, "drop-third"))
        return index % 3 != number;
    if (!strcmp(cut, "double"))
        return 2;
    if (!strcmp(cut, "snaplen"))
        frame->length = frame->length < number ? frame->length : number;
    else if (!strcmp(cut, "vlan"))
        add_vlan_tag(capture, frame);
    else if (strcmp(cut, "quoted") != 0)
        die("no such cut");
    return 1;
}

int main(int argc, char **argv)
{
    static struct frame frame, quote;
    struct capture capture;
    if (argc < 4)
        die("usage: capture_cut IN.pcap OUT.pcap skip-first|skip-last|snaplen|drop-third NUMBER"
            " | to-server | to-client | double | vlan | quoted");
    FILE *in = fopen(argv[1], "rb");
    FILE *out = fopen(argv[2], "wb");
    if (!in || !out)
        die("cannot open the files");
    unsigned number = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    capture_open(in, &capture, &frame);
    const bool quoted = !strcmp(argv[3], "quoted");
    if ((quoted || !strcmp(argv[3], "vlan")) && capture.link_type != LINK_ETHERNET) {
        fprintf(stderr, "link type %u is not Ethernet\n", capture.link_type);
        return 2;
    }
    if (fwrite(capture.header, FILE_HEADER_LENGTH, 1, out) != 1)
        die("cannot write");
    for (unsigned index = 0; frame_read(&capture, in, &frame); index++) {
        int copies = cut_frame(argv[3], number, &capture, &frame, index);
        while (copies-- > 0)
            frame_write(&capture, out, &frame);
        if (quoted && make_quote(&capture, &frame, &quote))
            frame_write(&capture, out, &quote);
    }
    fclose(in);
    return fclose(out) == 0 ? 0 : 1;
}
