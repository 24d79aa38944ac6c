/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside the room rules: the list that each file ends with.
 */
#ifndef SMB2DIAG_RULE_LISTS_H
#define SMB2DIAG_RULE_LISTS_H

#include "rules.h"

extern const struct rule_list negotiate_smb1_rules;
extern const struct rule_list negotiate_ended_rules;
extern const struct rule_list negotiate_refused_rules;
extern const struct rule_list negotiate_choice_rules;
extern const struct rule_list negotiate_response_rules;
extern const struct rule_list negotiate_dialect_rules;
extern const struct rule_list negotiate_earlier_rules;
extern const struct rule_list negotiate_encryption_rules;
extern const struct rule_list negotiate_signing_rules;
extern const struct rule_list negotiate_authentication_rules;

extern const struct rule_list kerberos_service_error_rules;
extern const struct rule_list kerberos_account_error_rules;
extern const struct rule_list kerberos_skew_rules;
extern const struct rule_list kerberos_either_account_rules;
extern const struct rule_list kerberos_kdc_rules;
extern const struct rule_list kerberos_ticket_rules;

extern const struct rule_list session_setup_existing_rules;
extern const struct rule_list session_setup_ended_rules;
extern const struct rule_list session_setup_mechanism_rules;
extern const struct rule_list session_setup_server_account_rules;
extern const struct rule_list session_setup_ticket_rules;
extern const struct rule_list session_setup_ntlm_message_rules;
extern const struct rule_list session_setup_account_rules;
extern const struct rule_list session_setup_repeated_rules;
extern const struct rule_list session_setup_domain_rules;
extern const struct rule_list session_setup_denied_rules;
extern const struct rule_list session_setup_refused_rules;
extern const struct rule_list session_setup_identity_rules;
extern const struct rule_list session_setup_ntlm_rules;
extern const struct rule_list session_setup_guest_rules;
extern const struct rule_list session_setup_signature_rules;

extern const struct rule_list validate_negotiate_values_rules;
extern const struct rule_list validate_negotiate_conduct_rules;
extern const struct rule_list validate_negotiate_outcome_rules;

extern const struct rule_list tree_connect_ended_rules;
extern const struct rule_list tree_connect_refused_rules;
extern const struct rule_list tree_connect_signing_rules;
extern const struct rule_list tree_connect_denied_rules;
extern const struct rule_list tree_connect_encryption_rules;
extern const struct rule_list tree_connect_names_rules;
extern const struct rule_list tree_connect_session_rules;

extern const struct rule_list signing_rules;
extern const struct rule_list encryption_rules;
extern const struct rule_list transport_attempt_rules;
extern const struct rule_list transport_exchange_rules;

#endif
