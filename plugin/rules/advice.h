/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What next steps of several families say.
 */
#ifndef SMB2DIAG_RULES_ADVICE_H
#define SMB2DIAG_RULES_ADVICE_H

/* Behind a command, which says nothing where the setting does not exist. */
#define SINCE_24H2 " (Windows 11 24H2, Server 2025 and later; prints nothing on earlier ones)"

/* Lines, each with its end: somebody was made a guest, or meant to be one. */
#define MADE_A_GUEST                                                                               \
    "{?NAMED}User name or password were not accepted, and the server takes such users for guests " \
    "(Samba: map to guest)\n"
#define LOG_ON_AS_USER                                                                             \
    "{?NAMED}{?DOMAIN\\}Log on with the right password: net use \\\\{SERVER}\\{SHARE} "            \
    "/user:{DOMAIN\\}\\{USER}\n"                                                                   \
    "{?NAMED}{!DOMAIN\\}Log on with an account of the server: net use \\\\{SERVER}\\{SHARE} "      \
    "/user:{COMPUTER}\\{USER}\n"                                                                   \
    "{!NAMED}Log on with an account of the server: net use \\\\{SERVER}\\{SHARE} "                 \
    "/user:{COMPUTER}\\USER\n"

/* A line, without its end. */
#define CHECK_AZURE_FILES                                                                          \
    "{?AZURE FILES}Azure PowerShell, module AzFilesHybrid: Debug-AzStorageAccountAuth "            \
    "-StorageAccountName ACCOUNT -ResourceGroupName GROUP -Verbose checks one thing after another"

#endif
