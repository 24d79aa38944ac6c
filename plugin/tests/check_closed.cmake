# SPDX-License-Identifier: GPL-2.0-or-later
#
# Connections that closed long ago, of which only rows are kept: the table says the same of them, and reports count them.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

# Sets OUTPUT to what the report says where so many closed connections are kept whole.
function(report format kept)
    execute_process(COMMAND ${AS_USER} ${TSHARK} -n -q -r made.pcap -o smb2diag.closed:${kept} -z smb2diag,${format}
        WORKING_DIRECTORY ${SANDBOX} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
    set(OUTPUT "${output}" PARENT_SCOPE)
endfunction()

sandbox_with_plugin()
execute_process(COMMAND ${MAKER} visits 3000 made.pcap WORKING_DIRECTORY ${SANDBOX} COMMAND_ERROR_IS_FATAL ANY)
file(CHMOD ${SANDBOX}/made.pcap PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

report(connections 0)
set(all "${OUTPUT}")
report(connections 100)
if(NOT OUTPUT STREQUAL all OR NOT OUTPUT MATCHES "\n3000 [|]")
    fail("the tables differ, or lack connections")
endif()
report(text 100)
if(NOT OUTPUT MATCHES "\n3000 connections: 3000 work; of 2[0-9][0-9][0-9] that closed long ago only the row is kept\r?\n")
    fail("the text report does not say so")
endif()
report(json 100)
if(NOT OUTPUT MATCHES "\"connections\": ?3000,[ \r\n]*\"rows_only\": ?2[0-9][0-9][0-9],")
    fail("the JSON report does not say so")
endif()
sandbox_remove()
