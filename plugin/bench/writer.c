/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "writer.h"

#include "recorded_smb2.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORTS 50000 /* of one client, from FIRST_PORT on */
#define FIRST_PORT 10000
#define FIRST_TIME 1795150468u /* as the recorded server's clock */
#define MICROSECONDS_BETWEEN_FRAMES 10

void die(const char *what)
{
    fprintf(stderr, "make_capture: %s\n", what);
    exit(1);
}

/* ---- bytes ---- */

void put_be(uint8_t *at, uint32_t value, int width)
{
    while (width-- > 0)
        *at++ = (uint8_t)(value >> 8 * width);
}

void put_le(uint8_t *at, uint64_t value, int width)
{
    for (; width-- > 0; value >>= 8)
        *at++ = (uint8_t)value;
}

struct message from_hex(const char *digits)
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
static uint64_t time_passed; /* microseconds */

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

void let_pass(unsigned milliseconds)
{
    time_passed += milliseconds * UINT64_C(1000);
}

static void write_record_header(uint32_t length)
{
    const uint64_t time = time_passed;
    uint8_t header[16];

    put_le(header, FIRST_TIME + time / 1000000, 4);
    put_le(header + 4, time % 1000000, 4);
    time_passed += MICROSECONDS_BETWEEN_FRAMES;
    put_le(header + 8, length, 4);
    put_le(header + 12, length, 4);
    fwrite(header, sizeof header, 1, out);
}

static void put_ethernet_and_ip(uint8_t *frame, const struct wire *wire, enum side from,
                                uint8_t protocol, uint32_t length)
{
    const uint32_t host[2] = {wire->client, wire->server};

    memset(frame, 0, PAYLOAD_AT);
    frame[0] = frame[6] = 2;
    frame[5] = (uint8_t)!from;
    frame[11] = (uint8_t)from;
    put_be(frame + 12, 0x0800, 2);
    frame[IP_AT] = 0x45;
    put_be(frame + IP_AT + 2, 20 + length, 2);
    frame[IP_AT + 8] = 64;
    frame[IP_AT + 9] = protocol;
    put_be(frame + IP_AT + 12, host[from], 4);
    put_be(frame + IP_AT + 16, host[!from], 4);
}

static void put_ports(uint8_t *frame, const struct wire *wire, enum side from)
{
    const uint16_t port[2] = {wire->port, wire->server_port};

    put_be(frame + TCP_AT, port[from], 2);
    put_be(frame + TCP_AT + 2, port[!from], 2);
}

static void write_frame(const uint8_t *headers, uint32_t header_length, const uint8_t *bytes,
                        uint32_t length)
{
    write_record_header(header_length + length);
    fwrite(headers, header_length, 1, out);
    if (length)
        fwrite(bytes, length, 1, out);
}

void send_segment(struct wire *wire, enum side from, uint8_t flags, const uint8_t *bytes,
                  uint32_t length)
{
    uint8_t frame[PAYLOAD_AT];

    put_ethernet_and_ip(frame, wire, from, 6, 20 + length);
    put_ports(frame, wire, from);
    put_be(frame + TCP_AT + 4, wire->sequence[from], 4);
    put_be(frame + TCP_AT + 8, flags & ACK ? wire->sequence[!from] : 0, 4);
    frame[TCP_AT + 12] = 0x50;
    frame[TCP_AT + 13] = flags;
    put_be(frame + TCP_AT + 14, 0xffff, 2);
    write_frame(frame, PAYLOAD_AT, bytes, length);
    wire->sequence[from] += length + (flags & (SYN | FIN) ? 1 : 0);
}

void send_datagram(const struct wire *wire, enum side from, const uint8_t *bytes, uint32_t length)
{
    uint8_t frame[PAYLOAD_AT];

    put_ethernet_and_ip(frame, wire, from, 17, 8 + length);
    put_ports(frame, wire, from);
    put_be(frame + TCP_AT + 4, 8 + length, 2);
    write_frame(frame, TCP_AT + 8, bytes, length);
}

#define SEGMENT_MAX 60000

void send_pdu(struct wire *wire, enum side from, const uint8_t *bytes, uint32_t length)
{
    uint8_t *framed = malloc(4 + (size_t)length);
    uint32_t sent = 0;

    if (!framed)
        die("no memory");
    put_be(framed, length, 4);
    memcpy(framed + 4, bytes, length);
    for (length += 4; sent < length; sent += SEGMENT_MAX) {
        const uint32_t rest = length - sent;

        send_segment(wire, from, ACK, framed + sent, rest < SEGMENT_MAX ? rest : SEGMENT_MAX);
    }
    free(framed);
}

void say_message(struct wire *wire, enum side from, struct message *message)
{
    put_le(message->bytes + 24, wire->message_id, 8);
    put_le(message->bytes + 40, wire->session_id, 8);
    send_pdu(wire, from, message->bytes, message->length);
}

void say(struct wire *wire, enum side from, const char *digits)
{
    struct message message = from_hex(digits);

    say_message(wire, from, &message);
}

/* ---- exchanges ---- */

void exchange(struct wire *wire, const char *request, const char *response)
{
    say(wire, CLIENT, request);
    say(wire, SERVER, response);
    wire->message_id++;
}

struct wire wire_of(uint64_t index)
{
    return (struct wire){
        .client = 0xc6120001u + (uint32_t)(index / PORTS), /* 198.18.0.1 and on, RFC 2544 */
        .server = 0xc000021e,                              /* 192.0.2.30 */
        .port = (uint16_t)(FIRST_PORT + index % PORTS),
        .server_port = 445,
        .sequence = {1000, 2000},
    };
}

void begin_wire(struct wire *wire)
{
    send_segment(wire, CLIENT, SYN, NULL, 0);
    send_segment(wire, SERVER, SYN | ACK, NULL, 0);
    exchange(wire, negotiate_request_311, negotiate_response_311);
}

struct wire open_wire(uint64_t index)
{
    struct wire wire = wire_of(index);

    begin_wire(&wire);
    return wire;
}

void close_wire(struct wire *wire)
{
    send_segment(wire, CLIENT, FIN | ACK, NULL, 0);
    send_segment(wire, SERVER, FIN | ACK, NULL, 0);
}

/* The first request of a logon has no session id yet; the server's answer gives it. */
void log_on(struct wire *wire, uint64_t session_id)
{
    wire->session_id = 0;
    say(wire, CLIENT, session_setup_request_first);
    wire->session_id = session_id;
    say(wire, SERVER, session_setup_response_challenge);
    wire->message_id++;
    exchange(wire, session_setup_request_last, session_setup_response_success);
}

void connect_share(struct wire *wire, bool is_last)
{
    exchange(wire, tree_connect_request_ipc,
             is_last ? tree_connect_response_failure : tree_connect_response_ipc);
}

void writer_open(const char *path)
{
    out = fopen(path, "wb");
    if (!out)
        die("cannot open the file");
    write_file_header();
}

void writer_close(void)
{
    if (fclose(out) != 0)
        die("cannot write");
}
