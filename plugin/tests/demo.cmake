# SPDX-License-Identifier: GPL-2.0-or-later
#
# Shows the diagnosis of every capture in CAPTURES that is not a clean one.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

function(show capture)
    get_filename_component(name ${capture} NAME_WLE)
    sandbox_copy(${capture})
    read_options(options ${CAPTURES}/${name}.expected)
    run_tshark(-q -2 -n ${options} -r ${name}.pcapng -z smb2diag)
    string(STRIP "${OUTPUT}" OUTPUT)
    # Not message(): that one writes to stderr.
    execute_process(COMMAND ${CMAKE_COMMAND} -E echo "──── ${name}.pcapng\n\n${OUTPUT}\n")
endfunction()

sandbox_with_plugin()
file(GLOB captures ${CAPTURES}/*.pcapng)
foreach(capture IN LISTS captures)
    if(NOT capture MATCHES "/clean--[^/]*$")
        show(${capture})
    endif()
endforeach()
sandbox_remove()
