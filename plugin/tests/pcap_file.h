/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Classic pcap files for the test tools: reading, writing, and where the ports of a frame are.
 */
#ifndef SMB2DIAG_PCAP_FILE_H
#define SMB2DIAG_PCAP_FILE_H

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

static inline void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static inline uint16_t be16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint32_t file_u32(const struct capture *capture, const uint8_t *bytes)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++)
        value = value << 8 | bytes[capture->big_endian ? i : 3 - i];
    return value;
}

static inline void file_put_u32(const struct capture *capture, uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++, value >>= 8)
        bytes[capture->big_endian ? 3 - i : i] = (uint8_t)value;
}

static inline bool frame_read(const struct capture *capture, FILE *in, struct frame *frame)
{
    if (fread(frame->header, FRAME_HEADER_LENGTH, 1, in) != 1)
        return false;
    frame->length = file_u32(capture, frame->header + 8);
    if (frame->length > LONGEST_FRAME || fread(frame->bytes, 1, frame->length, in) != frame->length)
        die("damaged input");
    return true;
}

static inline void frame_write(const struct capture *capture, FILE *out, struct frame *frame)
{
    file_put_u32(capture, frame->header + 8, frame->length);
    if (fwrite(frame->header, FRAME_HEADER_LENGTH, 1, out) != 1 ||
        fwrite(frame->bytes, 1, frame->length, out) != frame->length)
        die("cannot write");
}

static inline void capture_read_header(FILE *in, struct capture *capture)
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
static inline void capture_open(FILE *in, struct capture *capture, struct frame *frame)
{
    capture_read_header(in, capture);
    capture->frame_count = 0;
    while (frame_read(capture, in, frame))
        capture->frame_count++;
    if (fseek(in, FILE_HEADER_LENGTH, SEEK_SET) != 0)
        die("cannot rewind");
}

/* Where the IP header is, 0 when there is none. */
static inline uint32_t ip_offset(const struct capture *capture, const struct frame *frame)
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
static inline const uint8_t *ports(const struct capture *capture, const struct frame *frame)
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

#endif
