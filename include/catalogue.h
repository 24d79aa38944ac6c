/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All rules, in the order in which they are asked: specific before generic.
 */
#ifndef SMB2DIAG_CATALOGUE_H
#define SMB2DIAG_CATALOGUE_H

#include "rule.h"

/* NULL-terminated lists, one a stage, each at the end of its file. */
extern const struct rule *const transport_rules[];
extern const struct rule *const negotiate_rules[]; /* no answer, no agreement */
extern const struct rule *const negotiate_terms_rules[];
extern const struct rule *const session_setup_rules[];
extern const struct rule *const logon_status_rules[];
extern const struct rule *const logon_domain_rules[];
extern const struct rule *const session_policy_rules[];
extern const struct rule *const logon_identity_rules[];
extern const struct rule *const logon_result_rules[];
extern const struct rule *const validate_negotiate_rules[]; /* values that differ */
extern const struct rule *const validate_conduct_rules[];
extern const struct rule *const validate_outcome_rules[];
extern const struct rule *const tree_connect_rules[];
extern const struct rule *const tree_access_rules[];
extern const struct rule *const tree_session_rules[];
extern const struct rule *const kerberos_rules[]; /* service and ticket */
extern const struct rule *const kerberos_account_rules[];
extern const struct rule *const kerberos_path_rules[];
extern const struct rule *const protection_rules[]; /* signing */
extern const struct rule *const encryption_rules[];

/* The n-th rule of all; NULL past the last. */
const struct rule *catalogue_rule(unsigned index);
unsigned catalogue_count(void);
/* NULL: no such id. */
const struct rule *catalogue_find(const char *id);

#endif
