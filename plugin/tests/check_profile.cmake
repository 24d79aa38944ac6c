# SPDX-License-Identifier: GPL-2.0-or-later
#
# The profile SMB2: installed from BUILD for all and for one user, and loaded.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

set(file tree_connect.bad_network_name.pcapng)
set(refusal 19) # TREE_CONNECT's answer
sandbox_with_plugin()
sandbox_copy_capture(tree_connect/bad_network_name)

foreach(component global personal)
    execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --component ${component}
        --prefix ${SANDBOX}/${component} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    file(GLOB_RECURSE installed RELATIVE ${SANDBOX}/${component} ${SANDBOX}/${component}/*)
    list(FILTER installed INCLUDE REGEX /profiles/)
    list(SORT installed)
    set(files_${component} ${installed})
endforeach()
foreach(name colorfilters dfilter_buttons preferences recent)
    list(APPEND wanted_global share/wireshark/profiles/SMB2/${name})
    list(APPEND wanted_personal .config/wireshark/profiles/SMB2/${name})
endforeach()
foreach(component global personal)
    if(NOT files_${component} STREQUAL wanted_${component})
        fail("component ${component} installs ${files_${component}}, not ${wanted_${component}}")
    endif()
endforeach()
sandbox_copy(${SANDBOX}/personal/.config/wireshark/profiles)
file(RENAME ${SANDBOX}/profiles ${SANDBOX}/home/profiles)

# Sets OUTPUT. Whatever is said beside it is a complaint about the profile.
function(run_with_profile)
    execute_process(COMMAND ${AS_USER} ${TSHARK} -2 -n -C SMB2 -r ${file} ${ARGN} WORKING_DIRECTORY ${SANDBOX}
        OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
    if(NOT result EQUAL 0 OR NOT errors STREQUAL "")
        fail("tshark -C SMB2 ${ARGN} ended with ${result}:\n${errors}")
    endif()
    set(OUTPUT "${output}" PARENT_SCOPE)
endfunction()

run_with_profile(-Y "frame.number == ${refusal}")
if(NOT OUTPUT MATCHES "SMB2 connected No share \"nosuchshare\" on FILES Tree Connect Response[^[]*$")
    fail("the columns read ${OUTPUT}")
endif()

run_with_profile(--color -T fields -e frame.number -e frame.coloring_rule.name)
foreach(row "1\tTCP SYN/FIN" "18\tSMB" "${refusal}\tSMB2 set-up: error")
    if(NOT "\n${OUTPUT}" MATCHES "\n${row}\n")
        fail("no \"${row}\" among the coloured:\n${OUTPUT}")
    endif()
endforeach()

file(STRINGS ${SANDBOX}/home/profiles/SMB2/dfilter_buttons buttons REGEX "^\"TRUE\"")
list(LENGTH buttons count)
if(NOT count EQUAL 3)
    fail("${count} filter buttons")
endif()
foreach(button IN LISTS buttons)
    string(REGEX REPLACE "^\"TRUE\",\"[^\"]*\",\"([^\"]*)\",.*$" "\\1" filter "${button}")
    string(REPLACE "\\x22" "\"" filter "${filter}")
    run_with_profile(-Y "${filter}" -T fields -e frame.number)
    if(NOT "\n${OUTPUT}" MATCHES "\n${refusal}\n")
        fail("${filter} does not find frame ${refusal}:\n${OUTPUT}")
    endif()
endforeach()
sandbox_remove()
