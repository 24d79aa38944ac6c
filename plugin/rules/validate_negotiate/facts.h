/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shared by the rules about FSCTL_VALIDATE_NEGOTIATE_INFO.
 */
#ifndef SMB2DIAG_RULES_VALIDATE_NEGOTIATE_FACTS_H
#define SMB2DIAG_RULES_VALIDATE_NEGOTIATE_FACTS_H

#include "../facts.h"

/* Advice, one per line. */
#define COMPARE_BOTH_SIDES                                                                         \
    "Capture on both sides and compare the NEGOTIATE messages: where they differ, the box in "     \
    "between altered them"
#define BYPASS_ACCELERATOR                                                                         \
    "Let WAN accelerators and firewalls on the way pass SMB through, or bring them up to date: "   \
    "no box may alter NEGOTIATE, which is protected against it by design"
#define SERVER_EVENT "On the server: event 1005 in Microsoft-Windows-SMBServer/Operational"
#define SWITCH_OFF_FOR_A_TIME                                                                      \
    "For a time, on clients before Windows 10 and Server 2016 (later ones cannot): "               \
    "Set-ItemProperty -Path "                                                                      \
    "\"HKLM:\\SYSTEM\\CurrentControlSet\\Services\\LanmanWorkstation\\Parameters\" "               \
    "RequireSecureNegotiate -Value 0 -Force"
#define REQUIRE_SIGNING                                                                            \
    "Where client or server cannot validate, require signing instead, which is safer and may "     \
    "cost speed: Set-SmbClientConfiguration -RequireSecuritySignature $true"
#define ALTERED_NEXT_STEP                                                                          \
    SERVER_EVENT "\n" COMPARE_BOTH_SIDES "\n" BYPASS_ACCELERATOR "\n" REQUIRE_SIGNING              \
                 "\n" SWITCH_OFF_FOR_A_TIME

/* The exchange is FSCTL_VALIDATE_NEGOTIATE_INFO in its final form, on a session that can sign. */
bool is_validation(const struct exchange *exchange);

/* What one side says of itself, in NEGOTIATE or when that is validated. */
struct statement {
    const struct sighting *where;
    uint32_t capabilities;
    uint8_t guid[GUID_LENGTH];
    uint16_t security_mode;
    uint16_t dialect;               /* the server's choice */
    const struct id_list *dialects; /* the client's */
};
struct statements {
    struct statement negotiated; /* in the NEGOTIATE that settled the dialect */
    struct statement validated;
};

/* What that side said of itself both times. false: not both were captured. */
bool statements_of(const struct scene *scene, enum side side, struct statements *out);

/* All of the client's dialects were captured, both times. */
bool dialects_known(const struct statements *said);
bool dialects_within(const struct id_list *part, const struct id_list *whole);
bool dialects_differ(const struct statements *said);

/* The client's values were captured both times, and are the same. */
bool request_values_agree(const struct scene *scene);

#endif
