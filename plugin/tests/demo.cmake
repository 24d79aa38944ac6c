# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shows the diagnosis of every capture in CAPTURES that is not a clean one.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

function(show capture)
    get_filename_component(name ${capture} NAME_WLE)
    sandbox_copy(${capture})
    read_options(options ${CAPTURES}/${name}.expected)
    run_tshark(-2 -n ${options} -r ${name}.pcapng ${REPORT})
    # Not message(): that one writes to stderr.
    execute_process(COMMAND ${CMAKE_COMMAND} -E echo "──── ${name}.pcapng\n${OUTPUT}")
endfunction()

sandbox_with_plugin()
set(REPORT -q -z smb2diag)
execute_process(COMMAND ${AS_USER} ${TSHARK} -z help OUTPUT_VARIABLE taps ERROR_VARIABLE taps_too)
if(NOT "${taps}${taps_too}" MATCHES "smb2diag\n")
    set(REPORT -Y smb2diag -T fields -e frame.number -e smb2diag.severity -e smb2diag.rule
        -e smb2diag.summary)
endif()
file(GLOB captures ${CAPTURES}/*.pcapng)
foreach(capture IN LISTS captures)
    if(NOT capture MATCHES "/clean--[^/]*$")
        show(${capture})
    endif()
endforeach()
sandbox_remove()
