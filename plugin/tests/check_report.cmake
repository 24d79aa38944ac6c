# SPDX-License-Identifier: GPL-2.0-or-later
#
# What -z smb2diag,... prints; CASE says which test. MAKER is make_capture, MERGECAP Wireshark's mergecap.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/json_schema.cmake)

set(SCHEMA ${CMAKE_CURRENT_LIST_DIR}/../epan/report.schema.json)

# Sets OUTPUT to a report, in two passes; more arguments go to tshark.
function(report capture request)
    run_tshark(-q -2 -n ${ARGN} -r ${capture} -z "smb2diag${request}")
    set(OUTPUT "${OUTPUT}" PARENT_SCOPE)
endfunction()

function(make_capture mode count)
    execute_process(COMMAND ${MAKER} ${mode} ${count} ${SANDBOX}/made.pcap COMMAND_ERROR_IS_FATAL ANY)
    file(CHMOD ${SANDBOX}/made.pcap PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

# The report holds a text. Text, not a list: brackets and semicolons of names would glue or split elements.
function(expect text)
    string(FIND "${OUTPUT}" "${text}" at)
    if(at EQUAL -1)
        fail("the report lacks: ${text}\n${OUTPUT}")
    endif()
endfunction()

function(expect_not pattern)
    if(OUTPUT MATCHES "${pattern}")
        fail("the report has what fits ${pattern}: ${CMAKE_MATCH_0}\n${OUTPUT}")
    endif()
endfunction()

function(count_of out pattern)
    string(REGEX MATCHALL "${pattern}" found "${OUTPUT}")
    list(LENGTH found count)
    set(${out} ${count} PARENT_SCOPE)
endfunction()

function(expect_count wanted pattern)
    count_of(count "${pattern}")
    if(NOT count EQUAL wanted)
        fail("${wanted} of ${pattern} expected, ${count} found\n${OUTPUT}")
    endif()
endfunction()

# ---- what -z does not know is an error that names it -----------------------------------------------

function(expect_refusal request pattern)
    execute_process(COMMAND ${AS_USER} ${TSHARK} -q -n -r ${CAPTURE}.pcapng -z "smb2diag${request}"
        WORKING_DIRECTORY ${SANDBOX} OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
    if(result EQUAL 0 OR NOT output STREQUAL "" OR NOT errors MATCHES "${pattern}")
        fail("-z smb2diag${request} ended with ${result}, printed:\n${output}\nand complained:\n${errors}")
    endif()
endfunction()

function(test_bad_words)
    set(CAPTURE tree_connect.bad_network_name)
    sandbox_copy_capture(tree_connect/bad_network_name)
    set(all "text, json, jsonl, csv, html, tree, connections")
    expect_refusal(,josn "no report \"josn\".*${all}")
    expect_refusal(,josn,tcp "no report \"josn\".*${all}")
    expect_refusal(,tcp.stream==0 "no report \"tcp[.]stream==0\".*${all}")
    expect_refusal(, "no report \"\".*${all}")
    expect_refusal(foo "no report \"foo\".*${all}")
    expect_refusal(,connectionsfoo "connectionsfoo")
    expect_refusal(,treefoo "no report \"treefoo\".*${all}")
    expect_refusal(,csv,nosuchfield==1 "nosuchfield")
    expect_refusal(,tree,nosuchfield==1 "nosuchfield")
endfunction()

function(test_rules_off)
    sandbox_copy_capture(tree_connect/bad_network_name)
    execute_process(COMMAND ${AS_USER} ${TSHARK} -q -n -r tree_connect.bad_network_name.pcapng -z smb2diag,csv
            -o "smb2diag.rules_off:tree_connect.bad_network,session_setup.credentials_info;negotiate"
        WORKING_DIRECTORY ${SANDBOX} OUTPUT_VARIABLE OUTPUT ERROR_VARIABLE errors COMMAND_ERROR_IS_FATAL ANY)
    if(NOT errors MATCHES "rules_off: there is no rule \"tree_connect.bad_network\", \"negotiate\"[.]")
        fail("rules_off: ${errors}")
    endif()
    expect(tree_connect.bad_network_name)
    expect_not(session_setup.credentials_info)
endfunction()

# ---- filters ---------------------------------------------------------------------------------------

# The numbers of the connections that a filter leaves.
function(expect_connections capture filter wanted)
    run_tshark(-q -n ${ARGN} -r ${capture} -z "smb2diag,csv,${filter}")
    string(REGEX MATCHALL "\n[0-9]+," found "${OUTPUT}")
    string(REGEX REPLACE "[^0-9;]" "" found "${found}")
    if(NOT found STREQUAL wanted)
        fail("${filter} (${ARGN}) leaves the connections ${found}, not ${wanted}")
    endif()
endfunction()

function(test_filter)
    make_capture(failures 10)
    sandbox_copy_capture(kerberos/s_principal_unknown)
    foreach(passes "" -2)
        expect_connections(made.pcap "tcp.stream in {2,8}" "3;9" ${passes})
        expect_connections(made.pcap "tcp.stream == 99" "" ${passes})
        expect_connections(made.pcap "smb2diag.root_cause == 1" "5;10" ${passes})
        expect_connections(made.pcap "smb2.nt_status == 0xc00000cc || tcp.port == 10001" "1;5;10" ${passes})
        # The answer of the KDC, which the finding names.
        expect_connections(kerberos.s_principal_unknown.pcapng "kerberos.error_code == 7" "1" ${passes})
    endforeach()
    report(made.pcap ",json,tcp.stream == 4")
    expect("\"connections\": 1,")
    report(made.pcap ",text,tcp.stream == 99")
    expect("No SMB2 connection passes the filter.")
    report(made.pcap ",tree,tcp.stream == 4")
    expect("tree_connect.bad_network_name")
    report(made.pcap ",tree,tcp.stream == 5")
    expect_not("tree_connect.bad_network_name")
endfunction()

# ---- text --------------------------------------------------------------------------------------------

# Many connections make a report that can be read: each in one line, equal failures in full once.
function(test_text_of_many)
    make_capture(failures 1000)
    report(made.pcap "")
    expect("1000 connections: 200 failed, 800 work\n")
    expect("  200 x  No share \"dcos\" on 127.0.0.1\n")
    expect("in frames 58, 118, 178, 238, 298, 358, 418, 478, 538, 598 and 190 more\n")
    expect("  the same on 199 more connections:\n    Connection 10: 198.18.0.1:10010 -> 192.0.2.30:445, in frame 118\n")
    expect_count(1000 "Connection [0-9]+:")
    expect_count(1 "      next ")
    count_of(lines "\n")
    if(lines GREATER 1100)
        fail("${lines} lines")
    endif()
endfunction()

# Equal but for the time that passed: one failure, under words that fit both.
function(test_groups)
    execute_process(COMMAND ${MERGECAP} -a -w ${SANDBOX}/made.pcap ${CAPTURES}/session_setup/no_response.pcapng
        ${CAPTURES}/session_setup/no_response--second_leg.pcapng ${CAPTURES}/tree_connect/bad_network_name.pcapng
        COMMAND_ERROR_IS_FATAL ANY)
    file(CHMOD ${SANDBOX}/made.pcap PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    report(made.pcap "")
    expect("3 connections: 3 failed\n\nFailed:\n      2 x  The server received the SESSION_SETUP request and never answered it\n")
    expect("      1 x  No share \"nosuchshare\" on FILES\n")
    expect_count(1 "session_setup.no_response in frame ")
    expect("  the same on 1 more connection:\n    Connection 2:")
endfunction()

function(test_text)
    sandbox_copy_capture(tree_connect/bad_network_name)
    report(tree_connect.bad_network_name.pcapng ,text)
    expect("1 connection: 1 failed\n")
    expect("from frame 4, failed, reached: connected, dialect 3.1.1, NTLM as LAB\\alice, share nosuchshare, closed by the client (FIN) in frame 22\n")
    expect("plugin/rules/README.md#tree_connect.bad_network_name\n")
    # Cut behind a request.
    execute_process(COMMAND ${EDITCAP} -r ${SANDBOX}/tree_connect.bad_network_name.pcapng
        ${SANDBOX}/cut.pcapng 1-10 COMMAND_ERROR_IS_FATAL ANY)
    report(cut.pcapng ,text)
    expect("1 connection: 1 open at the end of the capture\n")
    expect("SESSION_SETUP in frame 10 is still open at the end of the capture\n")
    report(cut.pcapng ,json)
    expect("\"command\": \"SESSION_SETUP\"")
endfunction()

# ---- strange names -------------------------------------------------------------------------------------

set(STRANGE 18) # names that make_capture knows

# Each line has as many cells as the first, and none is a formula.
function(expect_table)
    set(text "${OUTPUT}")
    string(REGEX REPLACE "\"([^\"]|\"\")*\"" "quoted" text "${text}")
    string(REGEX REPLACE "[^,\n]" "" commas "${text}")
    string(REGEX REPLACE "^(,*)\n.*$" "\\1" first "${commas}")
    string(LENGTH "${first}" columns)
    string(REPEAT "${first}\n" ${STRANGE} wanted)
    if(columns LESS 20 OR NOT commas STREQUAL "${first}\n${wanted}")
        fail("the lines differ in their cells:\n${OUTPUT}")
    endif()
    expect_not("[\n,]\"?[=+@-]")
endfunction()

function(test_strange_names)
    string(ASCII 1 first)
    string(ASCII 9 last)
    string(ASCII 11 first_again)
    string(ASCII 31 last_again)
    set(control "[${first}-${last}${first_again}-${last_again}]")
    string(ASCII 226 128 174 turn_around)
    string(ASCII 226 128 168 line_separator)
    string(ASCII 237 160 128 half)
    string(ASCII 194 133 next_line)
    make_capture(strange ${STRANGE})
    foreach(format text json jsonl csv html)
        report(made.pcap ,${format})
        expect_not("${control}")
        expect_not("\nConnection 99")
        expect_not("${turn_around}|${line_separator}|${half}|${next_line}")
        foreach(name Übersicht данные δεδομένα 数据 بيانات)
            expect(${name})
        endforeach()
    endforeach()
    expect_not("<(script|img|link)|<[^>]* (src|on[a-z]+)=|href=\"[^#]|url\\(")
    expect("&lt;script&gt;alert(1)&lt;/script&gt;")
    expect("&quot;&gt;&lt;img src=x")
    expect_count(${STRANGE} "<svg ")
    expect_count(${STRANGE} "class=\"step failed\"")
    report(made.pcap ,csv)
    expect_table()
    report(made.pcap ,jsonl)
    expect_count(${STRANGE} "\n")
    expect_count(${STRANGE} "(^|\n){\"number\":[0-9]+,")
    report(made.pcap ,json)
    expect_schema(strange)
endfunction()

# ---- HTML ----------------------------------------------------------------------------------------------

function(test_html)
    foreach(capture kerberos/s_principal_unknown negotiate/no_response transport/syn_unanswered
            tree_connect/bad_network_name clean/kerberos-smb3_11)
        string(REPLACE "/" "." name ${capture})
        sandbox_copy_capture(${capture})
        report(${name}.pcapng ,html)
        expect_not("<(script|img|link)|<[^>]* (src|on[a-z]+)=|href=\"[^#]|url\\(")
        expect("<!doctype html>")
        foreach(element html body table details summary dl svg g h3 ul)
            count_of(opened "<${element}[ >]")
            count_of(closed "</${element}>")
            if(NOT opened EQUAL closed)
                fail("${capture}: ${opened} <${element}>, ${closed} </${element}>")
            endif()
        endforeach()
        if(NOT capture MATCHES "^clean")
            expect("class=\"step failed\"")
        endif()
    endforeach()
endfunction()

# ---- JSON ----------------------------------------------------------------------------------------------

function(expect_schema capture)
    file(READ ${SCHEMA} ROOT)
    string(JSON ROOT GET "[${ROOT}]" 0)
    set(FAULTS "")
    schema_check("${OUTPUT}" "${ROOT}" ${capture})
    if(FAULTS)
        string(REPLACE ";" "\n" FAULTS "${FAULTS}")
        fail("${FAULTS}")
    endif()
endfunction()

function(test_schema)
    foreach(capture kerberos/s_principal_unknown negotiate/no_response transport/syn_refused
            negotiate/smb1_answer validate_negotiate/req_guid--client-side session_setup/wrong_password clean/kerberos-smb3_11)
        string(REPLACE "/" "." name ${capture})
        sandbox_copy_capture(${capture})
        report(${name}.pcapng ,json)
        expect_schema(${capture})
    endforeach()
    report(kerberos.s_principal_unknown.pcapng ,jsonl)
    string(PREPEND OUTPUT "{\"schema\": 2, \"language\": \"en\", \"undecoded_ports\": [], \"attempts_waiting\": 0, \"wordless_connections\": 0, \"totals\": {\"connections\": 1, \"rows_only\": 0,
        \"works\": 0, \"failed\": 1, \"open\": 0, \"unfinished\": 0, \"not_seen\": 0, \"chat\": 0, \"note\": 0,
        \"warning\": 0, \"error\": 1}, \"connections\": [")
    string(APPEND OUTPUT "]}")
    expect_schema(jsonl)
    expect("\"values\":[\"KDC_ERR_S_PRINCIPAL_UNKNOWN (7)\"],\"frames\":[69]")
    expect("\"page\":\"plugin/rules/README.md#kerberos.s_principal_unknown\"")
    # The checker sees faults.
    string(REPLACE "\"outcome\":\"failed\"" "\"outcome\":\"faild\"" OUTPUT "${OUTPUT}")
    string(REPLACE "\"user\":" "\"usr\":" OUTPUT "${OUTPUT}")
    file(READ ${SCHEMA} ROOT)
    set(FAULTS "")
    schema_check("${OUTPUT}" "${ROOT}" bad)
    if(NOT FAULTS MATCHES "faild" OR NOT FAULTS MATCHES "usr is not in the schema")
        fail("the checker passes what is wrong: ${FAULTS}")
    endif()
endfunction()

sandbox_with_plugin()
cmake_language(CALL test_${CASE})
sandbox_remove()
