# SPDX-License-Identifier: GPL-2.0-or-later
#
# The table of connections and the ladder of the flow graph: in tshark, which writes them while it reads, and in
# sharkd, which has read the capture before, as the window has.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

sandbox_with_plugin()

# A function, not a macro: that would take the backslashes of names for its own.
function(expect text what)
    string(FIND "${OUTPUT}" "${text}" place)
    if(place EQUAL -1)
        fail("${what} lacks ${text}:\n${OUTPUT}")
    endif()
endfunction()

# Sets OUTPUT to what tshark prints, runs of blanks as one.
function(read_statistics capture)
    run_tshark(-q -n ${ARGN} -r ${capture}.pcapng)
    string(REGEX REPLACE " +" " " OUTPUT "${OUTPUT}")
    set(OUTPUT "${OUTPUT}" PARENT_SCOPE)
endfunction()

# Sets ROWS to the rows of the table, and OUTPUT to all that is printed.
function(read_table capture)
    read_statistics(${capture} ${ARGN})
    string(REGEX MATCHALL "\n[0-9]+ [|][^\n]*" rows "${OUTPUT}")
    set(ROWS "${rows}" PARENT_SCOPE)
    set(OUTPUT "${OUTPUT}" PARENT_SCOPE)
endfunction()

# --- rows: the same in one pass, in two, and however late the last word falls -----------------------

function(check_rows capture)
    sandbox_copy_capture(${capture})
    string(REPLACE "/" "." name ${capture})
    set(table -z smb2diag,connections)
    read_table(${name} ${table})
    set(one_pass "${ROWS}")
    read_table(${name} -2 ${table})
    if(NOT one_pass STREQUAL ROWS)
        fail("${capture}: in one pass\n${one_pass}\nin two\n${ROWS}")
    endif()
    list(LENGTH ROWS count)
    math(EXPR wanted "${ARGC} - 1")
    if(NOT count EQUAL wanted)
        fail("${capture}: ${count} rows, not ${wanted}:\n${OUTPUT}")
    endif()
    foreach(row IN LISTS ARGN)
        expect("\n${row}" ${capture})
    endforeach()
endfunction()

check_rows(tree_connect/bad_network_name "1 |failed |No share \"nosuchshare\" on FILES | 19 | 0 |192.0.2.10:59808 \
|192.0.2.30:445 |FILES |LAB\\alice |nosuchshare |connected |3.1.1 |nobody |agreed |NTLM | 5.431 | 1.734 | 0.040 |4 |")
check_rows(kerberos/s_principal_unknown "1 |failed |No account has cifs/alias.lab.example@LAB.EXAMPLE | 10 | 0 \
|192.0.2.10:37128 |192.0.2.30:445 |alias.lab.example | | |negotiate |3.1.1 |nobody |agreed | | 1.679 | | |8 |")
check_rows(transport/acked_not_answered "1 |failed |FILES did not answer TREE_CONNECT to \"IPC$\" | 12 | 0 |")
check_rows(transport/syn_refused
    "1 |failed |192.0.2.30 refuses connections to port 445 | 1 | |192.0.2.10:51020 |192.0.2.30:445 | | | |no TCP connection |"
    "2 |unfinished | | | |192.0.2.10:55908 |192.0.2.30:139 | | | |no TCP connection |")
check_rows(clean/two-connections "1 |works | | | 0 |" "2 |works | | | 1 |")

# --- the filter, and what is none -------------------------------------------------------------------

read_table(clean.two-connections -z smb2diag,connections,tcp.stream==1)
if(NOT ROWS MATCHES "^\n2 [|]works [^\n]*$")
    fail("a filter for one stream leaves ${ROWS}")
endif()
foreach(passes "" -2)
    read_table(transport.syn_refused ${passes} -z "smb2diag,connections,smb2diag.severity == \"error\"")
    if(NOT ROWS MATCHES "^\n1 [|]failed [^\n]*$")
        fail("a filter for errors leaves ${ROWS}")
    endif()
endforeach()
foreach(wrong smb2diag,connectionsX "smb2diag,connections,nosuchfield == 1")
    execute_process(COMMAND ${AS_USER} ${TSHARK} -q -r clean.two-connections.pcapng -z ${wrong}
        WORKING_DIRECTORY ${SANDBOX} OUTPUT_VARIABLE OUTPUT ERROR_VARIABLE OUTPUT RESULT_VARIABLE result)
    if(result EQUAL 0)
        fail("-z ${wrong} ends with 0")
    endif()
    string(REGEX MATCH "connectionsX|nosuchfield" word "${wrong}")
    expect(${word} "the complaint about -z ${wrong}")
endforeach()

# --- the ladder -------------------------------------------------------------------------------------

read_statistics(kerberos.s_principal_unknown -2 -z flow,smb2diag,standard)
foreach(step "#1 DNS alias: alias.lab.example -> files.lab.example -> 192.0.2.30" "#1 NEGOTIATE request"
        "#1 root cause: No account has cifs/alias.lab.example@LAB.EXAMPLE" "#1 AS-REP: krbtgt/LAB.EXAMPLE"
        "#1 KRB-ERROR: KDC_ERR_S_PRINCIPAL_UNKNOWN (7)" "#1 the client closes")
    expect("|${step}\n" "the ladder")
endforeach()
read_statistics(kerberos.s_principal_unknown -z flow,smb2diag,standard)
expect("|#1 NEGOTIATE response after 1.679 ms\n" "the ladder of one pass")
expect("|#1 root cause: No account has cifs/alias.lab.example@LAB.EXAMPLE\n" "the ladder of one pass")

# --- sharkd: two captures, one after the other --------------------------------------------------------

if(SHARKD)
    set(requests "")
    foreach(name kerberos.s_principal_unknown tree_connect.bad_network_name)
        string(APPEND requests
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"load\",\"params\":{\"file\":\"${SANDBOX}/${name}.pcapng\"}}\n"
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tap\",\"params\":{\"tap0\":\"nstat:smb2diag,connections\"}}\n"
            "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tap\",\"params\":{\"tap0\":\"seqa:smb2diag\"}}\n")
    endforeach()
    file(WRITE ${SANDBOX}/requests "${requests}")
    execute_process(COMMAND ${AS_USER} ${SHARKD} - INPUT_FILE ${SANDBOX}/requests WORKING_DIRECTORY ${SANDBOX}
        OUTPUT_VARIABLE OUTPUT ERROR_VARIABLE errors RESULT_VARIABLE result)
    if(NOT result EQUAL 0 OR errors MATCHES "[Dd]issector bug|\\*\\*|ERROR|Sanitizer|runtime error")
        fail("sharkd ended with ${result}:\n${errors}")
    endif()
    expect("\"i\":[[1,\"failed\",\"No account has cifs/alias.lab.example@LAB.EXAMPLE\",\"        10\"," "sharkd's table")
    expect("\"i\":[[1,\"failed\",\"No share \\\"nosuchshare\\\" on FILES\",\"        19\"," "sharkd's second table")
    expect("\"c\":\"#1 KRB-ERROR: KDC_ERR_S_PRINCIPAL_UNKNOWN (7)\"" "sharkd's ladder")
    expect("\"c\":\"#1 root cause: No share \\\"nosuchshare\\\" on FILES\"" "sharkd's second ladder")
endif()
sandbox_remove()
