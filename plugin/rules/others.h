/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Causes that stand first where others work in the same capture: what narrows a failure most. The
 * evidence behind them: engine/others.c.
 */
#ifndef SMB2DIAG_RULES_OTHERS_H
#define SMB2DIAG_RULES_OTHERS_H

#define WHERE_OTHERS_AGREE                                                                         \
    "{?OTHER CLIENT}The server answers another client: a rule for this client's address, or what " \
    "lies between this client and the server\n"                                                    \
    "{?OTHER SERVER}This client reaches another server: this server itself, or what lies before "  \
    "it"
#define WHERE_OTHERS_LOG_ON                                                                        \
    "{?SAME USER HERE}This server accepts the same user's logon from another host: another "       \
    "password was sent from this one\n"                                                            \
    "{?SAME USER}Another server accepts the same user's logon: another password was sent here, "   \
    "or "                                                                                          \
    "this server cannot check it\n"                                                                \
    "{?OTHER LOGON}Another logon succeeds at this server: rather this account, its domain or "     \
    "what "                                                                                        \
    "this client sends than the server"
#define WHERE_OTHERS_OPEN                                                                          \
    "{?SHARE FOR OTHERS}The share opens for another user: this user's rights\n"                    \
    "{?OTHER SHARE}Another share of this server opens: the permissions or the folder of this "     \
    "one"
#define WHERE_OTHER_SHARES_OPEN                                                                    \
    "{?OTHER SHARE}Another share of this server opens: it is this name alone"
#define WHERE_OTHERS_VALIDATE                                                                      \
    "{?OTHER CLIENT VALIDATES}Another client's validation succeeds with this server: a box on "    \
    "this client's way, or the client itself\n"                                                    \
    "{?OTHER SERVER VALIDATES}This client's validation succeeds with another server: a box "       \
    "before this server, or the server itself"

#endif
