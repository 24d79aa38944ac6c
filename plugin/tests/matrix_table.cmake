# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints the rows that the tests of the matrix wrote to the folder ROWS.

file(GLOB rows ${ROWS}/*)
set(table "| Wireshark | warnings | captures passed | one pass | two passes | sharkd |\n")
string(APPEND table "|---|---|---|---|---|---|\n")
foreach(row IN LISTS rows)
    file(READ ${row} text)
    string(APPEND table "${text}")
endforeach()
message(NOTICE "${table}")
