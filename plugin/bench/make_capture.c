/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes captures of any size: many connections, or very many messages on one. The messages are
 * recorded ones with other ids. Classic pcap, Ethernet, valid TCP sequence numbers, no checksums.
 *
 *   make_capture connections|failures|strange|requests|same-session|unanswered COUNT OUT.pcap
 *
 *   connections   COUNT set-ups by NTLM, each on its own ports
 *   failures      the same, but every fifth asks for a share that does not exist
 *   strange       the same, and all of them do, by names made to break reports
 *   requests      one connection with COUNT TREE_CONNECTs
 *   same-session  COUNT logons under one session id, 100 a connection
 *   unanswered    one connection with COUNT TREE_CONNECTs that only TCP acknowledges
 *
 * But for the last mode, the last TREE_CONNECT is for a share that does not exist.
 */
#include "recorded_smb2.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>

#define LOGONS_PER_CONNECTION 100
#define PORTS 50000 /* of one client, from FIRST_PORT on */
#define FIRST_PORT 10000
#define FIRST_TIME 1795150468u /* as the recorded server's clock */
#define MICROSECONDS_BETWEEN_FRAMES 10

enum side { CLIENT, SERVER };
enum { FIN = 0x01, SYN = 0x02, ACK = 0x10 };

static void die(const char *what)
{
    fprintf(stderr, "make_capture: %s\n", what);
    exit(1);
}

/* ---- bytes ---- */

struct message {
    uint8_t bytes[1024];
    uint32_t length;
};

static void put_be(uint8_t *at, uint32_t value, int width)
{
    while (width-- > 0)
        *at++ = (uint8_t)(value >> 8 * width);
}

static void put_le(uint8_t *at, uint64_t value, int width)
{
    for (; width-- > 0; value >>= 8)
        *at++ = (uint8_t)value;
}

static struct message from_hex(const char *digits)
{
    struct message message = {.length = (uint32_t)strlen(digits) / 2};

    for (uint32_t i = 0; i < message.length; i++) {
        const char pair[] = {digits[2 * i], digits[2 * i + 1], '\0'};
        message.bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return message;
}

/* ---- frames ---- */

static FILE *out;
static uint64_t frame_count;

struct wire {
    uint32_t client; /* IPv4 address */
    uint16_t port;
    uint32_t sequence[2]; /* by enum side: of the next byte */
    uint64_t message_id, session_id;
};

#define IP_AT 14
#define TCP_AT (IP_AT + 20)
#define PAYLOAD_AT (TCP_AT + 20)

static void write_file_header(void)
{
    uint8_t header[24] = {0};

    put_le(header, 0xa1b2c3d4, 4);
    put_le(header + 4, 2, 2);
    put_le(header + 6, 4, 2);
    put_le(header + 16, 0x40000, 4);
    put_le(header + 20, 1, 4); /* Ethernet */
    fwrite(header, sizeof header, 1, out);
}

static void write_record_header(uint32_t length)
{
    const uint64_t time = frame_count++ * MICROSECONDS_BETWEEN_FRAMES;
    uint8_t header[16];

    put_le(header, FIRST_TIME + time / 1000000, 4);
    put_le(header + 4, time % 1000000, 4);
    put_le(header + 8, length, 4);
    put_le(header + 12, length, 4);
    fwrite(header, sizeof header, 1, out);
}

static void put_headers(uint8_t *frame, const struct wire *wire, enum side from, uint8_t flags,
                        uint32_t length)
{
    static const uint32_t server = 0xc000021e; /* 192.0.2.30 */
    const uint16_t port[2] = {wire->port, 445};
    const uint32_t host[2] = {wire->client, server};

    memset(frame, 0, PAYLOAD_AT);
    frame[0] = frame[6] = 2;
    frame[5] = (uint8_t)!from;
    frame[11] = (uint8_t)from;
    put_be(frame + 12, 0x0800, 2);
    frame[IP_AT] = 0x45;
    put_be(frame + IP_AT + 2, 40 + length, 2);
    frame[IP_AT + 8] = 64;
    frame[IP_AT + 9] = 6;
    put_be(frame + IP_AT + 12, host[from], 4);
    put_be(frame + IP_AT + 16, host[!from], 4);
    put_be(frame + TCP_AT, port[from], 2);
    put_be(frame + TCP_AT + 2, port[!from], 2);
    put_be(frame + TCP_AT + 4, wire->sequence[from], 4);
    put_be(frame + TCP_AT + 8, flags & ACK ? wire->sequence[!from] : 0, 4);
    frame[TCP_AT + 12] = 0x50;
    frame[TCP_AT + 13] = flags;
    put_be(frame + TCP_AT + 14, 0xffff, 2);
}

static void send_segment(struct wire *wire, enum side from, uint8_t flags,
                         const struct message *message)
{
    uint8_t frame[PAYLOAD_AT + 4 + sizeof message->bytes];
    const uint32_t length = message ? 4 + message->length : 0;

    put_headers(frame, wire, from, flags, length);
    if (message) {
        put_be(frame + PAYLOAD_AT, message->length, 4);
        memcpy(frame + PAYLOAD_AT + 4, message->bytes, message->length);
    }
    write_record_header(PAYLOAD_AT + length);
    fwrite(frame, PAYLOAD_AT + length, 1, out);
    wire->sequence[from] += length + (flags & (SYN | FIN) ? 1 : 0);
}

static void say(struct wire *wire, enum side from, const char *digits)
{
    struct message message = from_hex(digits);

    put_le(message.bytes + 24, wire->message_id, 8);
    put_le(message.bytes + 40, wire->session_id, 8);
    send_segment(wire, from, ACK, &message);
}

/* ---- exchanges ---- */

static void exchange(struct wire *wire, const char *request, const char *response)
{
    say(wire, CLIENT, request);
    say(wire, SERVER, response);
    wire->message_id++;
}

static struct wire open_wire(uint64_t index)
{
    struct wire wire = {
        .client = 0xc6120001u + (uint32_t)(index / PORTS), /* 198.18.0.1 and on, RFC 2544 */
        .port = (uint16_t)(FIRST_PORT + index % PORTS),
        .sequence = {1000, 2000},
    };

    send_segment(&wire, CLIENT, SYN, NULL);
    send_segment(&wire, SERVER, SYN | ACK, NULL);
    exchange(&wire, negotiate_request_311, negotiate_response_311);
    return wire;
}

static void close_wire(struct wire *wire)
{
    send_segment(wire, CLIENT, FIN | ACK, NULL);
    send_segment(wire, SERVER, FIN | ACK, NULL);
}

/* The first request of a logon has no session id yet; the server's answer gives it. */
static void log_on(struct wire *wire, uint64_t session_id)
{
    wire->session_id = 0;
    say(wire, CLIENT, session_setup_request_first);
    wire->session_id = session_id;
    say(wire, SERVER, session_setup_response_challenge);
    wire->message_id++;
    exchange(wire, session_setup_request_last, session_setup_response_success);
}

static void connect_share(struct wire *wire, bool is_last)
{
    exchange(wire, tree_connect_request_ipc,
             is_last ? tree_connect_response_failure : tree_connect_response_ipc);
}

/* ---- modes ---- */

static void write_connections(uint64_t count)
{
    for (uint64_t i = 1; i <= count; i++) {
        struct wire wire = open_wire(i);

        log_on(&wire, i);
        connect_share(&wire, i == count);
        close_wire(&wire);
    }
}

/* Markup, formulas, quotes, line ends, terminal codes, marks that turn the line around, and half of
 * a character. */
static const char16_t *const strange_names[] = {
    u"<script>alert(1)</script>",
    u"\"><img src=x onerror=alert(1)>",
    u"=HYPERLINK(\"http://192.0.2.99/\",\"docs\")",
    u"+1",
    u"-1",
    u"@SUM(A1)",
    u"\tdocs",
    u"a\r\nConnection 99: spoofed",
    u"a\u2028Connection 99: spoofed",
    u"a\x0085\x0007\x001b[31mred",
    u"\u202escod",
    u"\xd800share",
    u"it's, \"quoted\"; &amp; $(id) `id` %s %n",
};
#define STRANGE_NAMES (sizeof strange_names / sizeof *strange_names)

#define PATH_LENGTH_AT 70 /* [MS-SMB2] 2.2.9 */
#define PATH_AT 72

static void ask_for_share(struct wire *wire, const char16_t *name)
{
    static const char16_t host[] = u"\\\\files\\";
    struct message message = from_hex(tree_connect_request_ipc);
    uint8_t *at = message.bytes + PATH_AT;

    for (const char16_t *unit = host; *unit; unit++, at += 2)
        put_le(at, *unit, 2);
    for (; *name; name++, at += 2)
        put_le(at, *name, 2);
    message.length = (uint32_t)(at - message.bytes);
    put_le(message.bytes + PATH_LENGTH_AT, message.length - PATH_AT, 2);
    put_le(message.bytes + 24, wire->message_id, 8);
    put_le(message.bytes + 40, wire->session_id, 8);
    send_segment(wire, CLIENT, ACK, &message);
    say(wire, SERVER, tree_connect_response_failure);
    wire->message_id++;
}

#define FAILS_EVERY 5

static void write_failures(uint64_t count)
{
    for (uint64_t i = 1; i <= count; i++) {
        struct wire wire = open_wire(i);

        log_on(&wire, i);
        if (i % FAILS_EVERY == 0)
            ask_for_share(&wire, u"dcos");
        else
            connect_share(&wire, false);
        close_wire(&wire);
    }
}

static void write_strange(uint64_t count)
{
    for (uint64_t i = 1; i <= count; i++) {
        struct wire wire = open_wire(i);

        log_on(&wire, i);
        ask_for_share(&wire, strange_names[(i - 1) % STRANGE_NAMES]);
        close_wire(&wire);
    }
}

static void write_requests(uint64_t count)
{
    struct wire wire = open_wire(1);

    log_on(&wire, 1);
    for (uint64_t i = 1; i <= count; i++)
        connect_share(&wire, i == count);
    close_wire(&wire);
}

static void write_same_session(uint64_t count)
{
    for (uint64_t i = 0; i < count; i += LOGONS_PER_CONNECTION) {
        struct wire wire = open_wire(i);

        for (uint64_t n = i; n < count && n < i + LOGONS_PER_CONNECTION; n++)
            log_on(&wire, 1);
        connect_share(&wire, i + LOGONS_PER_CONNECTION >= count);
        close_wire(&wire);
    }
}

static void write_unanswered(uint64_t count)
{
    struct wire wire = open_wire(1);

    log_on(&wire, 1);
    for (uint64_t i = 1; i <= count; i++) {
        say(&wire, CLIENT, tree_connect_request_ipc);
        send_segment(&wire, SERVER, ACK, NULL);
        wire.message_id++;
    }
}

static void write_mode(const char *mode, uint64_t count)
{
    if (!strcmp(mode, "connections"))
        write_connections(count);
    else if (!strcmp(mode, "failures"))
        write_failures(count);
    else if (!strcmp(mode, "strange"))
        write_strange(count);
    else if (!strcmp(mode, "requests"))
        write_requests(count);
    else if (!strcmp(mode, "same-session"))
        write_same_session(count);
    else if (!strcmp(mode, "unanswered"))
        write_unanswered(count);
    else
        die("no such mode");
}

int main(int argc, char **argv)
{
    if (argc != 4)
        die("usage: make_capture connections|failures|strange|requests|same-session|unanswered "
            "COUNT OUT.pcap");
    out = fopen(argv[3], "wb");
    if (!out)
        die("cannot open the file");
    write_file_header();
    write_mode(argv[1], strtoull(argv[2], NULL, 10));
    if (fclose(out) != 0)
        die("cannot write");
    return 0;
}
