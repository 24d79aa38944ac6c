/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How messages follow one another in what TCP carries, and in what a PDU holds. Each function takes
 * the next one off *rest and gives false, with *rest untouched, when there is none.
 */
#ifndef SMB2DIAG_FRAMING_H
#define SMB2DIAG_FRAMING_H

#include "bytes.h"

/* The first byte of a message; "SMB" follows. */
enum smb_kind {
    SMB2_COMPRESSED = 0xfc, /* [MS-SMB2] 2.2.42 */
    SMB2_TRANSFORM = 0xfd,  /* 2.2.41 */
    SMB2_MESSAGE = 0xfe,    /* 2.2.1 */
    SMB1_MESSAGE = 0xff,    /* [MS-CIFS] 2.2.3.1 */
};

/* Whether an SMB1 message, an SMB2 message, a transform or a compressed message begins there. */
bool is_smb(struct bytes bytes);

/* Whether a session message with an SMB message begins there. */
bool nbss_begins(struct bytes bytes);

/* RFC 1002 4.3.1 and [MS-SMB2] 2.1: the contents of the next session message, as far as they are in
 * *rest; other packets of the session service are passed over. */
bool nbss_next(struct part *rest, struct part *contents);

/* A message behind its length, of 2 bytes (DNS, RFC 1035 4.2.2) or 4 (Kerberos, RFC 4120 7.2.2).
 * message->length is what that says: where the end is not in *rest, the message is cut. */
bool record_next(struct part *rest, uint32_t length_width, struct part *message);

/* A member of a compound ([MS-SMB2] 3.3.4.1.3), or a message of another kind: an encrypted one
 * without what follows it ([MS-SMB2] 2.2.41). The last one goes to the end. */
bool smb_next(struct part *rest, struct part *message);

/* From where in a packet an SMB message seems to begin, found by its first bytes; empty where there
 * is none. */
struct part smb_search(struct part packet);

#endif
