/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What client and server negotiated, worded for evidence; and what several of the negotiate and validate_negotiate
 * rules ask about an exchange.
 */
#ifndef SMB2DIAG_TERMS_H
#define SMB2DIAG_TERMS_H

#include "rule.h"

#define GUID_LENGTH 16

char *dialect_text(uint16_t dialect, wmem_allocator_t *scope);            /* "3.0.2" */
char *dialects_text(const struct id_list *list, wmem_allocator_t *scope); /* "2.0.2, 2.1"; "none" */
char *ciphers_text(const struct id_list *list, wmem_allocator_t *scope);  /* "AES-128-GCM" */
char *security_mode_text(uint16_t mode, wmem_allocator_t *scope); /* "0x0001 (signing enabled)" */
char *capabilities_text(uint32_t capabilities, wmem_allocator_t *scope);
char *guid_text(const uint8_t guid[GUID_LENGTH], wmem_allocator_t *scope);

bool guid_is_zero(const uint8_t guid[GUID_LENGTH]);

/* All of the list was captured. */
bool id_list_complete(const struct id_list *list);

/* Lowest and highest of a list of dialects, the wildcard left out; 0 = none. */
uint16_t lowest_dialect(const struct id_list *list);
uint16_t highest_dialect(const struct id_list *list);

bool exchange_is_open(const struct exchange *exchange);
bool exchange_has_error(const struct exchange *exchange);

/* The client closed, and sent not one byte more after the exchange's request. */
bool client_left_after(const struct scene *scene);

#endif
