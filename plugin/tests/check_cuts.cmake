# SPDX-License-Identifier: GPL-2.0-or-later
#
# Cuts a clean CAPTURE (clean/what) in all the ways that captures get cut. What is missing from a
# capture must never look like a fault on the wire: no error and no warning, in one pass and in two.
# ICMP errors that quote its frames must change nothing at all.
# CUTTER: the program capture_cut. SHARKD: optional.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

set(cuts to-server to-client "snaplen 96" "snaplen 128" double vlan)
foreach(count 1 2 3 5 8 13)
    list(APPEND cuts "skip-first ${count}")
endforeach()
foreach(count 1 2 3 5 8)
    list(APPEND cuts "skip-last ${count}")
endforeach()
foreach(phase 0 1 2)
    list(APPEND cuts "drop-third ${phase}")
endforeach()

# Writes cut.pcap; sets CUT_MADE to FALSE where the capture's link layer has no such thing.
function(make_cut cut)
    separate_arguments(words UNIX_COMMAND "${cut}")
    execute_process(COMMAND ${CUTTER} ${SANDBOX}/whole.pcap ${SANDBOX}/cut.pcap ${words}
        ERROR_VARIABLE errors RESULT_VARIABLE result)
    if(result EQUAL 0)
        file(CHMOD ${SANDBOX}/cut.pcap PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
        set(CUT_MADE TRUE PARENT_SCOPE)
    elseif(result EQUAL 2)
        message(NOTICE "${name}: ${cut} left out: ${errors}")
        set(CUT_MADE FALSE PARENT_SCOPE)
    else()
        fail("${cut}: ${errors}")
    endif()
endfunction()

# Appends to FALSE_ALARMS what the cut capture gives but should not.
macro(check_cut cut passes)
    read_findings(rows cut.pcap ${passes} ${options})
    list(FILTER rows INCLUDE REGEX " (error|warning) ")
    foreach(row IN LISTS rows)
        string(APPEND FALSE_ALARMS "  ${cut} ${passes}: ${row}\n")
    endforeach()
endmacro()

# Two passes of each cut capture, in one sharkd: tshark takes longer to start than to read them.
macro(ask_about_cut cut)
    list(APPEND PLAN "${cut}")
    list(LENGTH PLAN index)
    math(EXPR load "${index} + 1000")
    file(RENAME ${SANDBOX}/cut.pcap ${SANDBOX}/cut${index}.pcap)
    string(APPEND REQUESTS
        "{\"jsonrpc\":\"2.0\",\"id\":${load},\"method\":\"load\",\"params\":{\"file\":\"${SANDBOX}/cut${index}.pcap\"}}\n"
        "{\"jsonrpc\":\"2.0\",\"id\":${index},\"method\":\"frames\",\"params\":{\"filter\":\""
        # sharkd keeps a filter's result by the filter's text, across files: no two may read the same.
        "smb2diag.severity in {\\\"error\\\", \\\"warning\\\"} && frame.number < 1000000${index}"
        "\",\"column0\":\"smb2diag.rule:0\"}}\n")
endmacro()

function(check_answer line)
    string(REGEX MATCH "\"id\":([0-9]+)" matched "${line}")
    math(EXPR index "(${CMAKE_MATCH_1} - 1) % 1000")
    list(GET PLAN ${index} cut)
    if(NOT line MATCHES "\"result\":")
        fail("${name}, ${cut}: sharkd answered ${line}")
    elseif(line MATCHES "\"num\":")
        set(FALSE_ALARMS "${FALSE_ALARMS}  ${cut} -2: ${line}\n" PARENT_SCOPE)
    endif()
endfunction()

macro(run_sharkd)
    file(WRITE ${SANDBOX}/requests "${REQUESTS}")
    execute_process(COMMAND ${AS_USER} ${SHARKD} - INPUT_FILE ${SANDBOX}/requests
        WORKING_DIRECTORY ${SANDBOX} OUTPUT_FILE ${SANDBOX}/answers ERROR_VARIABLE errors
        RESULT_VARIABLE result)
    if(NOT result EQUAL 0 OR errors MATCHES "[Dd]issector bug|\\*\\*|ERROR|Sanitizer|runtime error")
        fail("sharkd ended with ${result}:\n${errors}")
    endif()
    file(STRINGS ${SANDBOX}/answers lines REGEX "^{\"jsonrpc\"")
    foreach(line IN LISTS lines)
        check_answer("${line}")
    endforeach()
    list(LENGTH lines answered)
    list(LENGTH PLAN cuts_made)
    math(EXPR asked "2 * ${cuts_made}")
    if(NOT answered EQUAL asked)
        fail("${name}: ${answered} answers of sharkd to ${asked} questions")
    endif()
endmacro()

# Sets out to the findings in the file, without frame numbers.
function(read_unplaced out file)
    read_findings(rows ${file} -2 ${options})
    list(FILTER rows EXCLUDE REGEX " link ")
    list(TRANSFORM rows REPLACE "^[0-9]+ " "")
    list(SORT rows)
    set(${out} "${rows}" PARENT_SCOPE)
endfunction()

function(check_quoted)
    make_cut(quoted)
    if(CUT_MADE)
        read_unplaced(whole whole.pcap)
        read_unplaced(quoted cut.pcap)
        if(NOT quoted STREQUAL whole)
            fail("${name}: ICMP errors that quote its frames change\n  ${whole}\nto\n  ${quoted}")
        endif()
    endif()
endfunction()

string(REPLACE "/" "." name ${CAPTURE})
sandbox_with_plugin()
read_options(options ${CAPTURES}/${CAPTURE}.expected)
execute_process(COMMAND ${EDITCAP} -F pcap ${CAPTURES}/${CAPTURE}.pcapng ${SANDBOX}/whole.pcap
    ERROR_VARIABLE errors RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    fail("editcap: ${errors}")
endif()
file(CHMOD ${SANDBOX}/whole.pcap PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

check_quoted()

set(FALSE_ALARMS "")
set(PLAN "")
set(REQUESTS "")
foreach(cut IN LISTS cuts)
    make_cut(${cut})
    if(CUT_MADE)
        # One pass never looks ahead: without its end, it is what the whole capture's test has seen. A
        # sanitizer has seen it all in two.
        if(NOT cut MATCHES "^skip-last" AND NOT PRELOAD)
            check_cut("${cut}" "")
        endif()
        if(SHARKD AND NOT options) # it takes none
            ask_about_cut("${cut}")
        else()
            check_cut("${cut}" -2)
        endif()
    endif()
endforeach()
if(PLAN)
    run_sharkd()
endif()
if(FALSE_ALARMS)
    fail("${name}: false alarms in the cut capture\n${FALSE_ALARMS}")
endif()
sandbox_remove()
