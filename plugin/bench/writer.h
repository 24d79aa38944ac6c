/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes made captures: classic pcap, Ethernet, IPv4, valid TCP sequence numbers, no checksums.
 */
#ifndef SMB2DIAG_BENCH_WRITER_H
#define SMB2DIAG_BENCH_WRITER_H

#include <stdbool.h>
#include <stdint.h>

enum side { CLIENT, SERVER };
enum { FIN = 0x01, SYN = 0x02, ACK = 0x10 };

struct message {
    uint8_t bytes[1024];
    uint32_t length;
};

/* One connection, or the two ends of datagrams. */
struct wire {
    uint32_t client, server; /* IPv4 addresses */
    uint16_t port, server_port;
    uint32_t sequence[2]; /* by enum side: of the next byte */
    uint64_t message_id, session_id;
};

_Noreturn void die(const char *what);
void writer_open(const char *path);
void writer_close(void);
/* Between two frames. */
void let_pass(unsigned milliseconds);

void put_be(uint8_t *at, uint32_t value, int width);
void put_le(uint8_t *at, uint64_t value, int width);
struct message from_hex(const char *digits);

void send_segment(struct wire *wire, enum side from, uint8_t flags, const uint8_t *bytes,
                  uint32_t length);
void send_datagram(const struct wire *wire, enum side from, const uint8_t *bytes, uint32_t length);
/* One session message, in as many segments as it takes. */
void send_pdu(struct wire *wire, enum side from, const uint8_t *bytes, uint32_t length);

/* One SMB2 message, with the wire's ids in its header. */
void say_message(struct wire *wire, enum side from, struct message *message);
void say(struct wire *wire, enum side from, const char *digits);
void exchange(struct wire *wire, const char *request, const char *response);

/* The index-th of many: 50,000 ports a client. */
struct wire wire_of(uint64_t index);
void begin_wire(struct wire *wire); /* TCP's handshake and NEGOTIATE */
struct wire open_wire(uint64_t index);
void close_wire(struct wire *wire);
void log_on(struct wire *wire, uint64_t session_id);
/* The last one's share does not exist. */
void connect_share(struct wire *wire, bool is_last);

/* ---- hostile.c ---- */

/* false: it knows no such mode. */
bool write_hostile(const char *mode, uint64_t count);

#endif
