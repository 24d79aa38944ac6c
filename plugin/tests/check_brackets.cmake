# SPDX-License-Identifier: GPL-2.0-or-later
#
# Nothing that a reader reads is missing in the catalogues: with a plugin whose French is English in
# brackets, reports have nothing outside of brackets but names, ids and numbers.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

# What is in no language: ids, mechanisms, references.
set(names "[a-z_]+[.][a-z0-9_]+|Kerberos|NTLM|NEGOEX")

function(check_line capture line)
    set(rest "${line}")
    set(before "")
    while(NOT rest STREQUAL before)
        set(before "${rest}")
        string(REGEX REPLACE "⟦[^⟦⟧]*⟧" "" rest "${rest}")
    endwhile()
    if(rest MATCHES "^ *(RFC |\\[MS-|plugin/rules/)")
        return()
    endif()
    string(REGEX REPLACE "(${names})" "" rest "${rest}")
    if(NOT rest MATCHES "^( +[0-9]+ x  )?[ ,;]*$")
        fail("${capture}: not all of it is in the catalogues: ${line}")
    endif()
endfunction()

sandbox_with_plugin()
foreach(capture kerberos/skew kerberos/s_principal_unknown kerberos/kdc_unreachable negotiate/no_response
        negotiate/several_servers session_setup/wrong_password session_setup/guest
        session_setup/repeated_failures transport/syn_unanswered transport/syn_unreachable
        transport/netbios_refused tree_connect/bad_network_name
        tree_connect/access_denied--others_open validate_negotiate/req_guid--client-side
        signing/required_unsigned_request clean/kerberos-smb3_11)
    if(NOT EXISTS ${CAPTURES}/${capture}.pcapng)
        fail("there is no capture ${capture}")
    endif()
    sandbox_copy_capture(${capture})
    string(REPLACE "/" "." name ${capture})
    run_tshark(-n -2 -q -o smb2diag.language:fr -r ${name}.pcapng -z smb2diag)
    if(NOT OUTPUT MATCHES "⟦")
        fail("${capture}: there are no brackets")
    endif()
    while(OUTPUT MATCHES "^([^\n]*)\n(.*)$")
        set(OUTPUT "${CMAKE_MATCH_2}")
        check_line(${capture} "${CMAKE_MATCH_1}")
    endwhile()
endforeach()
sandbox_remove()
