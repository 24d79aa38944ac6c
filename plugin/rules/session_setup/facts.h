/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the rules of the session_setup family have in common: who tried to log on, with what, under
 * which name of the server, and how much a refusal matters.
 */
#ifndef SMB2DIAG_RULES_SESSION_SETUP_FACTS_H
#define SMB2DIAG_RULES_SESSION_SETUP_FACTS_H

#include "../lists.h"

#define REFERENCE_SETUP "[MS-SMB2] 3.3.5.5 Receiving an SMB2 SESSION_SETUP Request"
#define REFERENCE_LOGON "[MS-SMB2] 3.3.5.5.3 Handling GSS-API Authentication"
#define REFERENCE_LOGON_STATUS REFERENCE_LOGON "\n[MS-ERREF] 2.3.1 NTSTATUS Values"
#define REFERENCE_NEW_LOGON "[MS-SMB2] 3.2.5.3.1 Handling a New Authentication"

/* The session was valid before this exchange: its logon is renewed. */
bool exchange_is_renewal(const struct exchange *exchange);
/* Neither a renewal nor another channel of a session that exists already. */
bool exchange_is_new_logon(const struct exchange *exchange);

/* What the request carries is a mechanism's token of that kind. */
bool request_token_is(const struct exchange *exchange, enum token_kind kind);
/* The request says who logs on: NTLM AUTHENTICATE or a Kerberos ticket. */
bool request_shows_identity(const struct exchange *exchange);
/* The KRB-ERROR of the response, which says more than the status beside it; NULL = none. */
const struct kerberos_message *response_kerberos_error(const struct exchange *exchange);

/* The answer may hold such an error that was not captured. */
bool answer_is_unread(const struct exchange *exchange);

/* Mechanism, user, workstation, target name or ticket; the user becomes the subject. */
void prove_logon(const struct scene *scene, struct proof *proof);

/* What refuses a channel rather than who asks for it; 0-terminated. */
extern const uint32_t channel_refusals[];

/* The predicate of a status that refuses a logon: adds who tried, and takes back the severity where
 * the refusal leaves a working session: a warning for another channel or a renewal, a note for an
 * anonymous logon in the background. false where a KRB-ERROR tells more, or a channel is refused.
 */
bool match_refused_logon(const struct scene *scene, struct proof *proof);

/* The server's own account was refused just before, and nothing shows that it did no harm. */
bool server_refusal(const struct scene *scene, struct own_refusal *out);

/* ---- the name that the client used for the server, as its NTLM message or its ticket says ---- */

enum target_fit {
    TARGET_UNKNOWN, /* no name, or nothing to compare it with */
    TARGET_OWN,     /* a name that the server gives itself */
    TARGET_ADDRESS, /* an IPv4 address, and not the one that the client is connected to */
    TARGET_FOREIGN, /* none of the server's names */
};
enum target_fit session_target_fit(const struct session *session);
/* The host part of an NTLM target name or of a ticket's service name; NULL = none. */
char *session_target_host(const struct session *session, wmem_allocator_t *scope);
/* A name that the server or its domain has; the domain's leads to a domain controller. */
bool is_servers_name(const struct ntlm_token *challenge, const char *host);
/* "files.lab.example, FILES; domain LAB, lab.example" as the NTLM challenge says; NULL = not seen.
 */
const char *session_server_names(const struct session *session, wmem_allocator_t *scope);

/* ---- server_account.c, ticket.c, ntlm_messages.c: what tells more than a bare
 * STATUS_LOGON_FAILURE ---- */

/* The server took a ticket for that service and with that key before: it can decrypt it. NULL =
 * none was seen. */
const struct taken_ticket *taken_with_same_key(const struct scene *scene);
/* What earlier logons to the server tell of the refused ticket's key and name. */
void prove_ticket_history(const struct scene *scene, struct proof *proof);

extern const struct rule session_setup_server_account_refused, session_setup_key_out_of_step,
    session_setup_ticket_for_other_account, session_setup_ticket_for_other_host,
    session_setup_ntlmv1_refused;

#endif
