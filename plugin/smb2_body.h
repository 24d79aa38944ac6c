/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the bodies of all SMB2 messages have in common.
 */
#ifndef SMB2DIAG_SMB2_BODY_H
#define SMB2DIAG_SMB2_BODY_H

#include "message.h"

/* What follows the header of a request or response, when it has the StructureSize and all of its
 * fixed part was captured; else empty. An odd StructureSize counts a byte of the variable part. */
struct bytes smb2_request_body(struct bytes message, uint16_t structure_size);
struct bytes smb2_response_body(struct bytes message, uint16_t structure_size);

/* The variable part that an offset and a length point to. False when it was not captured or begins
 * before the end of the fixed part; a length of 0 is known to be empty wherever it points. */
bool smb2_buffer(struct bytes message, uint16_t structure_size, uint32_t offset, uint32_t length,
                 struct bytes *out);

/* Keeps what was captured of count identifiers at the start of bytes. */
void id_list_read(struct bytes bytes, uint16_t count, struct id_list *list);

#endif
