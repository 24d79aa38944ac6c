/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Captured text as printable UTF-8: what cannot be shown becomes U+FFFD.
 */
#ifndef SMB2DIAG_TEXT_H
#define SMB2DIAG_TEXT_H

#include "bytes.h"

#include <wireshark.h>
#include <wsutil/wmem/wmem.h>

/* UTF-16LE; final NULs are taken for padding. Never NULL. */
const char *text_from_utf16(struct bytes bytes, wmem_allocator_t *scope);

/* UTF-8 or ASCII; final NULs are taken for padding. Never NULL. */
const char *text_from_utf8(struct bytes bytes, wmem_allocator_t *scope);

/* Appends what text_from_utf8 would give. */
void text_append_utf8(wmem_strbuf_t *out, struct bytes bytes);

#endif
