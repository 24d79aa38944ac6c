# SPDX-License-Identifier: GPL-2.0-or-later
#
# A profile's colouring rules take the place of Wireshark's own, so both go into one file, JOINED:
# OURS first, then DEFAULTS, those of the Wireshark that the plugin is installed for.

file(READ ${OURS} rules)
if(EXISTS ${DEFAULTS})
    file(READ ${DEFAULTS} defaults)
    string(REGEX REPLACE "(^|\n)#[^\n]*" "" defaults "${defaults}")
    string(STRIP "${defaults}" defaults)
    string(APPEND rules "${defaults}\n")
else()
    message(NOTICE "no ${DEFAULTS}: the profile SMB2 has its own colouring rules only")
endif()
file(WRITE ${JOINED} "${rules}")
