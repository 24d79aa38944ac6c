/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Cuts a classic pcap file the way that captures get cut in practice.
 * Exit status: 0 done, 1 failed, 2 not possible on this link layer.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_HEADER_LENGTH 24
#define FRAME_HEADER_LENGTH 16
#define LONGEST_FRAME 0x40000u
#define VLAN_TAG_LENGTH 4

enum { LINK_ETHERNET = 1, LINK_RAW = 101, LINK_SLL = 113, LINK_SLL2 = 276 };

struct capture {
    uint8_t header[FILE_HEADER_LENGTH];
    bool big_endian;
    unsigned frame_count;
    uint32_t link_type;
};

struct frame {
    uint8_t header[FRAME_HEADER_LENGTH];
    uint32_t length;
    uint8_t bytes[LONGEST_FRAME + VLAN_TAG_LENGTH];
};

static void die(const char *what)
{
    fprintf(stderr, "capture_cut: %s\n", what);
    exit(1);
}

static uint16_t be16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t file_u32(const struct capture *capture, const uint8_t *bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 8 | bytes[capture->big_endian ? i : 3 - i];
    return value;
}

static void file_put_u32(const struct capture *capture, uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++, value >>= 8)
        bytes[capture->big_endian ? 3 - i : i] = (uint8_t)value;
}

static bool frame_read(const struct capture *capture, FILE *in, struct frame *frame)
{
    if (fread(frame->header, FRAME_HEADER_LENGTH, 1, in) != 1)
        return false;
    frame->length = file_u32(capture, frame->header + 8);
    if (frame->length > LONGEST_FRAME || fread(frame->bytes, 1, frame->length, in) != frame->length)
        die("damaged input");
    return true;
}

static void frame_write(const struct capture *capture, FILE *out, struct frame *frame)
{
    file_put_u32(capture, frame->header + 8, frame->length);
    if (fwrite(frame->header, FRAME_HEADER_LENGTH, 1, out) != 1 ||
        fwrite(frame->bytes, 1, frame->length, out) != frame->length)
        die("cannot write");
}

static void capture_read_header(FILE *in, struct capture *capture)
{
    if (fread(capture->header, FILE_HEADER_LENGTH, 1, in) != 1)
        die("no pcap file");
    /* a1b2c3d4 with microseconds, a1b23c4d with nanoseconds */
    capture->big_endian = capture->header[0] == 0xa1;
    if (file_u32(capture, capture->header) >> 16 != 0xa1b2)
        die("no pcap file");
    capture->link_type = file_u32(capture, capture->header + 20) & 0xffff;
}

/* Reads the file header and counts the frames; leaves the file at the first frame. */
static void capture_open(FILE *in, struct capture *capture, struct frame *frame)
{
    capture_read_header(in, capture);
    capture->frame_count = 0;
    while (frame_read(capture, in, frame))
        capture->frame_count++;
    if (fseek(in, FILE_HEADER_LENGTH, SEEK_SET) != 0)
        die("cannot rewind");
}

/* Where the IP header is, 0 when there is none. */
static uint32_t ip_offset(const struct capture *capture, const struct frame *frame)
{
    uint32_t type_at;
    switch (capture->link_type) {
    case LINK_ETHERNET:
        type_at = 12;
        while (frame->length >= type_at + 2 && be16(frame->bytes + type_at) == 0x8100)
            type_at += VLAN_TAG_LENGTH;
        return type_at + 2;
    case LINK_SLL:
        return 16;
    case LINK_SLL2:
        return 20;
    default:
        return 0;
    }
}

/* Finds the TCP or UDP ports, source first. IPv6 extension headers do not occur in our captures. */
static const uint8_t *ports(const struct capture *capture, const struct frame *frame)
{
    uint32_t at = ip_offset(capture, frame);
    if (frame->length < at + 20) /* the shorter of both IP headers */
        return NULL;
    const uint8_t *ip = frame->bytes + at;
    bool is_v4 = ip[0] >> 4 == 4;
    uint8_t protocol = is_v4 ? ip[9] : ip[6];
    uint32_t ip_length = is_v4 ? 4u * (ip[0] & 15) : 40;
    bool has_ports = (is_v4 || ip[0] >> 4 == 6) && (protocol == 6 || protocol == 17);
    return has_ports && frame->length >= at + ip_length + 4 ? ip + ip_length : NULL;
}

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
    else
        die("no such cut");
    return 1;
}

int main(int argc, char **argv)
{
    static struct frame frame;
    struct capture capture;
    if (argc < 4)
        die("usage: capture_cut IN.pcap OUT.pcap skip-first|skip-last|snaplen|drop-third NUMBER"
            " | to-server | to-client | double | vlan");
    FILE *in = fopen(argv[1], "rb");
    FILE *out = fopen(argv[2], "wb");
    if (!in || !out)
        die("cannot open the files");
    unsigned number = argc > 4 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    capture_open(in, &capture, &frame);
    if (!strcmp(argv[3], "vlan") && capture.link_type != LINK_ETHERNET) {
        fprintf(stderr, "link type %u has no VLAN tags\n", capture.link_type);
        return 2;
    }
    if (fwrite(capture.header, FILE_HEADER_LENGTH, 1, out) != 1)
        die("cannot write");
    for (unsigned index = 0; frame_read(&capture, in, &frame); index++) {
        int copies = cut_frame(argv[3], number, &capture, &frame, index);
        while (copies-- > 0)
            frame_write(&capture, out, &frame);
    }
    fclose(in);
    return fclose(out) == 0 ? 0 : 1;
}
