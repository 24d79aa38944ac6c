/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside the room wire: the parsers of headers and bodies that message_parse() chooses from, and
 * what the bodies of all SMB2 messages have in common.
 *
 * A body's parser takes a whole message, header included, since offsets in the bodies count from
 * there. It gives false, with *out zeroed, when it is not that request or response or its fixed
 * part was not captured. Blobs are views on the message.
 */
#ifndef SMB2DIAG_WIRE_BODY_H
#define SMB2DIAG_WIRE_BODY_H

#include "wire.h"

struct blob {
    struct bytes bytes;
    bool known; /* false: not all of it was captured; an empty one is known */
};

/* ---- header.c ---- */

bool smb2_header_parse(struct bytes message, struct smb2_header *out);
bool smb2_transform_parse(struct bytes message, struct smb2_transform *out);

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

/* [MS-SMB2] 2.2.2: the error context id of an error response, 0 = none (3.1.1 only). known: false
 * where none was found in what was captured, and the rest may have one. */
uint32_t error_response_context_id(struct bytes message, bool *known);

/* ---- the bodies, each in the file of its command ---- */

bool smb1_negotiate_parse(struct bytes message, wmem_allocator_t *scope,
                          struct smb1_negotiate *out);
bool negotiate_request_parse(struct bytes message, wmem_allocator_t *scope,
                             struct negotiate_request *out);
bool negotiate_response_parse(struct bytes message, wmem_allocator_t *scope,
                              struct negotiate_response *out, struct blob *blob);
uint64_t negotiate_response_time(struct bytes message); /* FILETIME; 0 = not given */
bool session_setup_request_parse(struct bytes message, struct session_setup_request *out,
                                 struct blob *blob);
bool session_setup_response_parse(struct bytes message, struct session_setup_response *out,
                                  struct blob *blob);
/* StructureSize and buffers are as 2.2.9 and 2.2.13 want them. */
bool tree_connect_request_fits(struct bytes message);
bool create_request_fits(struct bytes message);
bool tree_connect_request_parse(struct bytes message, wmem_allocator_t *scope,
                                struct tree_connect_request *out);
bool tree_connect_response_parse(struct bytes message, struct tree_connect_response *out);

/* The control code of an IOCTL request, 0 = not captured. */
uint32_t ioctl_request_code(struct bytes message);
bool validate_request_parse(struct bytes message, struct validate_request *out);
bool validate_response_parse(struct bytes message, struct validate_response *out);

/* ---- token.c, ntlm.c ---- */

/* Reads a security blob: SPNEGO, raw NTLMSSP, raw or GSS-framed Kerberos. false: none of them. */
bool token_parse(struct bytes blob, wmem_allocator_t *scope, struct token *out);

/* Reads an NTLMSSP message ("NTLMSSP\0" first). */
bool ntlm_parse(struct bytes message, wmem_allocator_t *scope, enum token_kind *kind,
                struct ntlm_token *out);

#endif
