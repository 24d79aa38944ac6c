/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Shared by the files of the validate_negotiate family.
 */
#ifndef SMB2DIAG_RULES_VALIDATE_NEGOTIATE_H
#define SMB2DIAG_RULES_VALIDATE_NEGOTIATE_H

#include "catalogue.h"
#include "terms.h"

/* Advice, one per line. */
#define COMPARE_BOTH_SIDES \
    "Capture on both sides and compare the NEGOTIATE messages: where they differ, the box in between " \
    "altered them"
#define BYPASS_ACCELERATOR \
    "Let WAN accelerators and firewalls on the way pass SMB through, or bring them up to date"
#define SERVER_EVENT "On the server: event 1005 in Microsoft-Windows-SMBServer/Operational"
#define SWITCH_OFF_FOR_A_TIME \
    "Workaround for a time, on clients before Windows 10 and Windows Server 2016 (later ones cannot switch " \
    "it off), is the following command:\n" \
    "Set-ItemProperty -Path " \
    "\"HKLM:\\SYSTEM\\CurrentControlSet\\Services\\LanmanWorkstation\\Parameters\" " \
    "RequireSecureNegotiate -Value 0 -Force"
#define REQUIRE_SIGNING \
    "Where client or server cannot validate, require signing instead, which is safer and may cost speed: " \
    "Set-SmbClientConfiguration -RequireSecuritySignature $true"
#define ALTERED_NEXT_STEP \
    COMPARE_BOTH_SIDES "\n" BYPASS_ACCELERATOR "\n" SERVER_EVENT "\n" SWITCH_OFF_FOR_A_TIME

/* The exchange is FSCTL_VALIDATE_NEGOTIATE_INFO in its final form, on a session that can sign. */
bool is_validation(const struct exchange *exchange);

/* The request's values and those of the NEGOTIATE request that settled the dialect were captured, and are the same. */
bool request_values_agree(const struct scene *scene);

#endif
