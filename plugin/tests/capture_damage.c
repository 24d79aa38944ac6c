/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Damages a classic pcap file the way that an attacker would: capture_damage IN.pcap OUT.pcap HOW
 * SEED.
 *
 *   shuffle   exchanges neighbouring frames
 *   truncate  cuts frames at any place
 *   lengths   puts wrong lengths and offsets into NBSS headers and SMB2 messages
 *   none      does not
 *
 * Each SEED has client ports of its own, so that several copies in one file are not taken for
 * retransmissions.
 */
#include "pcap_file.h"

#define SHUFFLED_TOGETHER 8
#define NBSS_LENGTH 4
#define SMB2_HEADER_LENGTH 64

static uint32_t state;

/* xorshift, so that a seed gives the same damage everywhere. */
static uint32_t choose(uint32_t limit)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return limit ? state % limit : 0;
}

/* ---- ports ---- */

#define FIRST_PORT 10000
#define PORTS 50000

/* The service's port is the lower one. */
static void move_client_port(const struct capture *capture, struct frame *frame, uint32_t seed)
{
    const uint8_t *port = ports(capture, frame);
    uint8_t *client = port ? frame->bytes + (port - frame->bytes) : NULL;
    uint32_t moved;

    if (!client)
        return;
    if (be16(client) < be16(client + 2))
        client += 2;
    moved = FIRST_PORT + (be16(client) + 977 * seed) % PORTS;
    client[0] = (uint8_t)(moved >> 8);
    client[1] = (uint8_t)moved;
}

static bool next_frame(const struct capture *capture, FILE *in, struct frame *frame, uint32_t seed)
{
    if (!frame_read(capture, in, frame))
        return false;
    move_client_port(capture, frame, seed);
    return true;
}

/* ---- shuffle ---- */

static void write_shuffled(const struct capture *capture, FILE *out, struct frame *frames[],
                           unsigned count)
{
    for (; count > 0; count--) {
        struct frame *chosen = frames[choose(count)];

        for (unsigned i = 0; i < count; i++)
            if (frames[i] == chosen)
                frames[i] = frames[count - 1];
        frames[count - 1] = chosen; /* used again for the next batch */
        frame_write(capture, out, chosen);
    }
}

static void shuffle(const struct capture *capture, FILE *in, FILE *out, uint32_t seed)
{
    static struct frame storage[SHUFFLED_TOGETHER];
    struct frame *frames[SHUFFLED_TOGETHER];
    unsigned count;

    for (unsigned i = 0; i < SHUFFLED_TOGETHER; i++)
        frames[i] = &storage[i];
    do {
        for (count = 0; count < SHUFFLED_TOGETHER && next_frame(capture, in, frames[count], seed);
             count++)
            ;
        write_shuffled(capture, out, frames, count);
    } while (count == SHUFFLED_TOGETHER);
}

/* ---- lengths ---- */

/* Where a two-byte offset and a two-byte length stand in the body of a message; 0 = nowhere known.
 */
static uint32_t buffer_place(uint8_t command, bool is_response)
{
    switch (command) {
    case 0:
        return is_response ? 56 : 28;
    case 1:
        return is_response ? 4 : 12;
    case 3:
        return 4;
    case 11:
        return is_response ? 32 : 24;
    default:
        return 0;
    }
}

static void put_wrong(uint8_t *at, int width)
{
    static const uint32_t wrong[] = {0,    1,      0x3f,   0x40,       0x7f,
                                     0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff};
    uint32_t value = choose(2) ? wrong[choose(sizeof wrong / sizeof *wrong)] : choose(0x200);

    for (; width > 0; width--, value >>= 8)
        *at++ = (uint8_t)value;
}

static void damage_lengths(uint8_t *payload, uint32_t length)
{
    uint8_t *message = payload + NBSS_LENGTH;
    uint32_t place;

    if (length < NBSS_LENGTH + SMB2_HEADER_LENGTH + 64 || memcmp(message + 1, "SMB", 3) != 0)
        return;
    place = SMB2_HEADER_LENGTH + buffer_place(message[12], message[16] & 1);
    switch (choose(6)) {
    case 0:
        put_wrong(payload + 2, 2);
        break;
    case 1:
        put_wrong(message + 20, 4); /* NextCommand */
        break;
    case 2:
        put_wrong(message + place, 2);
        break;
    case 3:
        put_wrong(message + place + 2, 2);
        break;
    case 4:
        put_wrong(message + SMB2_HEADER_LENGTH + choose(60), 2);
        break;
    default:
        put_wrong(message + choose(length - NBSS_LENGTH - 4), 4);
        break;
    }
}

static void damage_frame(const struct capture *capture, struct frame *frame, const char *how)
{
    const uint8_t *port = ports(capture, frame);
    const uint32_t at = port ? (uint32_t)(port - frame->bytes) : 0;

    if (!strcmp(how, "truncate"))
        frame->length = choose(frame->length + 1);
    else if (!strcmp(how, "lengths") && port && frame->length > at + 20)
        damage_lengths(frame->bytes + at + 4 * (port[12] >> 4),
                       frame->length - at > 4u * (port[12] >> 4)
                           ? frame->length - at - 4 * (port[12] >> 4)
                           : 0);
}

int main(int argc, char **argv)
{
    static struct frame frame;
    struct capture capture;
    uint32_t seed;
    FILE *in, *out;

    if (argc != 5)
        die("usage: capture_damage IN.pcap OUT.pcap shuffle|truncate|lengths|none SEED");
    in = fopen(argv[1], "rb");
    out = fopen(argv[2], "wb");
    if (!in || !out)
        die("cannot open the files");
    seed = (uint32_t)strtoul(argv[4], NULL, 10);
    state = 2654435761u * seed | 1;
    capture_open(in, &capture, &frame);
    if (fwrite(capture.header, FILE_HEADER_LENGTH, 1, out) != 1)
        die("cannot write");
    if (!strcmp(argv[3], "shuffle"))
        shuffle(&capture, in, out, seed);
    while (next_frame(&capture, in, &frame, seed)) {
        if (choose(3) == 0)
            damage_frame(&capture, &frame, argv[3]);
        frame_write(&capture, out, &frame);
    }
    fclose(in);
    return fclose(out) == 0 ? 0 : 1;
}
