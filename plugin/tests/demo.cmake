# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a newcomer sees first: a table of some captures of CAPTURES, and why they failed, on one screen; then one finding
# in full.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

set(SHOWN
    transport/syn_refused negotiate/reset negotiate/smb1_only_offer kerberos/s_principal_unknown kerberos/ap_modified
    session_setup/wrong_password session_setup/spn_hardening tree_connect/bad_network_name tree_connect/access_denied
    validate_negotiate/unsigned_success clean/kerberos-smb3_11)
set(IN_FULL kerberos/s_principal_unknown)

# Not message(): that one writes to stderr.
function(say text)
    execute_process(COMMAND ${CMAKE_COMMAND} -E echo "${text}")
endfunction()

# Two lines, for all three are long.
function(say_row capture rule headline)
    string(LENGTH "${capture}" length)
    math(EXPR blanks "62 - ${length}")
    string(REPEAT " " ${blanks} blanks)
    say("${capture}${blanks}${rule}\n    ${headline}")
endfunction()

# Sets OUTPUT to a report of the capture.
function(report capture request)
    string(REPLACE "/" "." name ${capture})
    sandbox_copy_capture(${capture})
    read_options(options ${CAPTURES}/${capture}.expected)
    run_tshark(-q -2 -n ${options} -r ${name}.pcapng -z "smb2diag,${request}")
    set(OUTPUT "${OUTPUT}" PARENT_SCOPE)
endfunction()

# The first connection with a root cause speaks for the capture.
function(say_capture capture)
    report(${capture} "jsonl,smb2diag.root_cause == 1")
    set(rule "-")
    set(headline "nothing failed")
    if(OUTPUT MATCHES "^([^\n]+)")
        set(line "${CMAKE_MATCH_1}")
        string(JSON rule GET "${line}" rule)
        string(JSON headline GET "${line}" headline)
    endif()
    say_row(test-captures/${capture}.pcapng ${rule} "${headline}")
endfunction()

sandbox_with_plugin()
say("")
say_row("capture" "root cause" "headline, with this capture's values")
foreach(capture IN LISTS SHOWN)
    say_capture(${capture})
endforeach()
report(${IN_FULL} text)
string(REGEX REPLACE "^.*\n(Connection 1:)" "\\1" OUTPUT "\n${OUTPUT}")
string(STRIP "${OUTPUT}" OUTPUT)
say("\nOne of them in full, tshark -q -2 -r test-captures/${IN_FULL}.pcapng -z smb2diag:\n\n${OUTPUT}\n")
sandbox_remove()
