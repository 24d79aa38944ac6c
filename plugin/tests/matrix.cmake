# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds from nothing, runs all tests but the long ones (preset captures), and writes to the file
# ROW what one Wireshark version gives. RELEASE: where that is, for the reader.
# PRESET, OPTIONS, TSHARK: another preset, what it is given, and what says the version.
# The environment's SMB2DIAG_TESTED: what preset test printed, which was just run here.

cmake_policy(VERSION 3.20)
set(tested "")
if(NOT PRESET)
    set(PRESET captures)
    set(TSHARK tshark)
    if(RELEASE STREQUAL "here" AND DEFINED ENV{SMB2DIAG_TESTED})
        set(tested $ENV{SMB2DIAG_TESTED})
        set(PRESET test)
    endif()
endif()

function(run out result)
    execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output
        RESULT_VARIABLE status)
    set(${out} "${output}" PARENT_SCOPE)
    set(${result} ${status} PARENT_SCOPE)
endfunction()

# Sets out to "passed/all" of the tests whose names end in .<kind>, and FAILED_<kind> to the names
# without that of those that failed.
function(count_tests out kind log)
    string(REGEX MATCHALL "#[0-9]+: [^ ]+[.]${kind} [^\n]*" tests "${log}")
    list(LENGTH tests all)
    list(FILTER tests EXCLUDE REGEX " Passed ")
    list(LENGTH tests failed)
    list(TRANSFORM tests REPLACE "^#[0-9]+: ([^ ]+)[.]${kind} .*" "\\1")
    math(EXPR passed "${all} - ${failed}")
    set(${out} "${passed}/${all}" PARENT_SCOPE)
    set(FAILED_${kind} ${tests} PARENT_SCOPE)
    set(ALL ${all} PARENT_SCOPE)
endfunction()

# Sets out to "passed/all" of the captures that check_sharkd.cmake counts.
function(count_sharkd out)
    file(STRINGS build/${PRESET}/Testing/Temporary/LastTest.log lines REGEX "^sharkd: [0-9]+ of")
    set(passed 0)
    set(all 0)
    foreach(line IN LISTS lines)
        string(REGEX MATCH "([0-9]+) of ([0-9]+)" numbers "${line}")
        math(EXPR passed "${passed} + ${CMAKE_MATCH_1}")
        math(EXPR all "${all} + ${CMAKE_MATCH_2}")
    endforeach()
    set(${out} "${passed}/${all}" PARENT_SCOPE)
endfunction()

if(tested)
    set(status 0)
    file(READ ${tested} log)
else()
    file(REMOVE_RECURSE build/${PRESET})
    run(log status ${CMAKE_COMMAND} --preset ${PRESET} ${OPTIONS})
    if(status EQUAL 0)
        run(log status ${CMAKE_COMMAND} --build --preset ${PRESET})
    endif()
endif()
if(NOT status EQUAL 0)
    file(WRITE ${ROW} "| (${RELEASE}) | does not build |\n")
    message(FATAL_ERROR "${log}")
endif()
string(REGEX MATCHALL "warning:" warnings "${log}")
list(LENGTH warnings warnings)
if(warnings GREATER 0)
    message(NOTICE "${log}")
endif()

if(NOT tested)
    run(log status ${CMAKE_CTEST_COMMAND} --preset ${PRESET})
endif()
count_tests(one one-pass "${log}")
count_tests(two two-passes "${log}")
set(failed ${FAILED_one-pass} ${FAILED_two-passes})
list(REMOVE_DUPLICATES failed)
list(LENGTH failed failed)
math(EXPR passed "${ALL} - ${failed}")
count_sharkd(sharkd)
run(version ignored ${TSHARK} --version)
string(REGEX MATCH "[0-9]+[.][0-9]+[.][0-9]+" version "${version}")
file(WRITE ${ROW}
    "| ${version} (${RELEASE}) | ${warnings} | ${passed}/${ALL} | ${one} | ${two} | ${sharkd} |\n")

string(REGEX MATCH "[0-9]+% tests passed[^\n]*" closing "${log}")
message(NOTICE "${RELEASE}: Wireshark ${version}: ${warnings} warnings; ${closing}")
if(NOT status EQUAL 0 OR warnings GREATER 0)
    message(NOTICE "${log}")
    message(FATAL_ERROR "failed")
endif()
