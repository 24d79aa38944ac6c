/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A walker over DER (X.690): one element after the other, within what was captured.
 */
#ifndef SMB2DIAG_DER_H
#define SMB2DIAG_DER_H

#include "bytes.h"

/* Identifier octets; high tag numbers are not read here. */
enum der_tag {
    DER_INTEGER = 0x02,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_GENERALIZED_TIME = 0x18,
    DER_GENERAL_STRING = 0x1b,
    DER_SEQUENCE = 0x30,
    DER_APPLICATION = 0x60, /* constructed, plus its number */
    DER_CONTEXT = 0xa0,     /* constructed, plus its number */
};

struct der {
    uint8_t tag;
    bool whole;         /* all of the content was captured */
    struct bytes value; /* the content, as far as it was captured */
};

/* Takes the next element off rest. False at its end, where tag or length are cut, and at a length
 * that is indefinite or takes more than 4 bytes. */
bool der_next(struct bytes *rest, struct der *out);

/* The content of the first element, when it has this tag; else empty. */
struct bytes der_content(struct bytes bytes, uint8_t tag);

/* The first element with this tag among the elements of bytes. */
bool der_find(struct bytes bytes, uint8_t tag, struct der *out);

/* The element of this type in the explicitly tagged field of this number. */
bool der_field(struct bytes sequence, uint8_t number, uint8_t type, struct der *out);

/* A captured INTEGER or ENUMERATED of at most 8 bytes; fallback for all else. */
int64_t der_number(const struct der *element, int64_t fallback);
int64_t der_field_number(struct bytes sequence, uint8_t number, int64_t fallback);

#endif
