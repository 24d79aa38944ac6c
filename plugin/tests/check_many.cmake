# SPDX-License-Identifier: GPL-2.0-or-later
#
# A made capture of COUNT connections or messages (see make_capture.c): RULE has to be found in FRAME and nowhere else.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

sandbox_with_plugin()
execute_process(COMMAND ${MAKER} ${MODE} ${COUNT} ${SANDBOX}/many.pcap COMMAND_ERROR_IS_FATAL ANY)
file(CHMOD ${SANDBOX}/many.pcap PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
foreach(passes "" -2)
    run_tshark(-n ${passes} -r many.pcap -o smb2diag.limit:${LIMIT}
        -Y "smb2diag.rule == \"${RULE}\"" -T fields -e frame.number)
    string(STRIP "${OUTPUT}" frames)
    if(NOT frames STREQUAL FRAME)
        fail("${MODE} ${COUNT}: ${RULE} in frame ${FRAME} expected, but found in: ${frames}")
    endif()
endforeach()
sandbox_remove()
