/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shared by the rules about logons: who tried, with what, and how much a refusal matters.
 */
#ifndef SMB2DIAG_LOGON_H
#define SMB2DIAG_LOGON_H

#include "catalogue.h"

#define REFERENCE_LOGON "[MS-SMB2] 3.3.5.5.3 Handling GSS-API Authentication"
#define REFERENCE_STATUS "[MS-ERREF] 2.3.1 NTSTATUS Values"

/* SMB2_SESSION_FLAG_BINDING: another channel of a session that exists already. */
bool logon_is_binding(const struct exchange *exchange);
/* The session was valid before this exchange: its logon is renewed. */
bool logon_is_renewal(const struct exchange *exchange);

bool exchange_has_ntlm(const struct exchange *exchange, enum token_kind kind);
/* The server answers with KRB-ERROR; that says more than the status beside it. */
bool exchange_has_kerberos_error(const struct exchange *exchange);

/* The request of this exchange says who logs on: NTLM AUTHENTICATE or a Kerberos ticket. */
bool exchange_shows_identity(const struct exchange *exchange);

/* Mechanism, user, workstation, target name or ticket; the user becomes the subject. */
void prove_logon(const struct scene *scene, struct proof *proof);

/* The predicate of a status that refuses a logon: adds who tried, and takes back the severity where the refusal
 * leaves a working session. false where a KRB-ERROR tells more. */
bool match_logon_status(const struct scene *scene, struct proof *proof);

/* ---- the name that the client used for the server, as its NTLM message says ---- */

enum target_fit {
    TARGET_UNKNOWN, /* no name, or nothing to compare it with */
    TARGET_OWN,     /* a name that the server gives itself */
    TARGET_ADDRESS, /* an IP address */
    TARGET_FOREIGN, /* none of the server's names */
};
enum target_fit logon_target_fit(const struct session *session);
/* The host part of an NTLM target name or of a ticket's service name; NULL = none. */
const char *logon_target_host(const struct session *session, wmem_allocator_t *scope);
/* "files.lab.example, FILES; domain LAB, lab.example" as the NTLM challenge says; NULL = not seen. */
const char *logon_server_names(const struct session *session, wmem_allocator_t *scope);

#endif
