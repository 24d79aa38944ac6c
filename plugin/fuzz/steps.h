/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How a capture is written down as the input of fuzz_model: one step after the other. seeds.c
 * writes it, fuzz_model.c reads it.
 *
 *   byte 0   bits 0-2 enum step_kind, 3-4 connection, and enum step_place
 *   byte 1   enum step_flag; of STEP_ICMP the code
 *   byte 2   time since the step before, see step_time()
 *   byte 3   length of what follows, 2 bytes, least significant first
 *
 * What follows is the message; of a segment without one: its length, how far its sequence and its
 * acknowledgement number are off, 2 bytes each. An ICMP error quotes the segment that would come
 * next, or one that is so far before it.
 */
#ifndef SMB2DIAG_STEPS_H
#define SMB2DIAG_STEPS_H

#include <stdint.h>

#define STEP_HEADER_LENGTH 5
#define STEP_WIRES 4

enum step_kind { STEP_SMB, STEP_SEGMENT, STEP_KERBEROS, STEP_DNS, STEP_KDC_SEGMENT, STEP_ICMP };
enum step_place { STEP_FROM_SERVER = 0x20, STEP_SAME_FRAME = 0x40 /* as the step before */ };
enum step_flag {
    STEP_FIN = 0x01, /* as in TCP */
    STEP_SYN = 0x02,
    STEP_RESET = 0x04,
    STEP_ENCRYPTED = 0x08,
    STEP_ACK = 0x10,
    STEP_TRUNCATED = 0x20,
    STEP_HANDSHAKE = 0x40, /* the handshake was seen */
};

/* Milliseconds; the highest codes stand for long waits, and one for a clock that goes back. */
static inline int64_t step_time(uint8_t code)
{
    if (code == 255)
        return -5000;
    return code < 200 ? code : (code - 199) * 1000;
}

#endif
