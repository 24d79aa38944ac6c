# SPDX-License-Identifier: GPL-2.0-or-later
#
# Reads the captures of a FAMILY one after the other in one sharkd, and compares with what two
# passes show. sharkd works as the window does: load, dissect any frame at any time, filter, load
# the next file into the same process.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

# Appends a request to REQUESTS, and to PLAN what its answer is about.
macro(ask about method parameters)
    list(APPEND PLAN "${about}")
    list(LENGTH PLAN id)
    string(APPEND REQUESTS
        "{\"jsonrpc\":\"2.0\",\"id\":${id},\"method\":\"${method}\",\"params\":{${parameters}}}\n")
endmacro()

# The frames are asked for before the filter sees them, and against their order.
macro(ask_about_capture capture name)
    sandbox_copy_capture(${capture})
    read_expected(wanted_${name} ${CAPTURES}/${capture}.expected "[two passes]")
    string(REGEX REPLACE " [^;]*" "" frames_${name} "${wanted_${name}}")
    list(REMOVE_DUPLICATES frames_${name})
    list(SORT frames_${name} COMPARE NATURAL ORDER DESCENDING)
    ask("${name} load" load "\"file\":\"${SANDBOX}/${name}.pcapng\"")
    foreach(frame IN LISTS frames_${name})
        ask("${name} ${frame}" frame "\"frame\":${frame},\"proto\":true")
    endforeach()
    # sharkd keeps a filter's result by the filter's text, across files: no two may read the same.
    list(LENGTH PLAN unique)
    ask("${name} filter" frames
        "\"filter\":\"(smb2diag || smb2diag.concerns) && frame.number < 100000${unique}\",\"column0\":\"frame.number:0\"")
endmacro()

# Sets ANSWERS to what matters of sharkd's answers: ids, frame numbers, fields of findings.
function(run_sharkd)
    file(WRITE ${SANDBOX}/requests "${REQUESTS}")
    execute_process(COMMAND ${AS_USER} ${SHARKD} - INPUT_FILE ${SANDBOX}/requests
        WORKING_DIRECTORY ${SANDBOX} OUTPUT_VARIABLE output ERROR_VARIABLE errors
        RESULT_VARIABLE result)
    if(NOT result EQUAL 0 OR errors MATCHES "[Dd]issector bug|\\*\\*|ERROR|Sanitizer|runtime error")
        fail("sharkd ended with ${result}:\n${errors}")
    endif()
    list(JOIN FINDING_FIELDS "|" fields)
    string(REGEX MATCHALL
        "\"(id\":[0-9]+|error\":{[^}]*|num\":[0-9]+|f\":\"smb2diag[.](${fields}) == [^,}]*)" answers
        "${output}")
    set(ANSWERS ${answers} PARENT_SCOPE)
endfunction()

# Turns the fields collected for a frame into rows of found_<name>.
macro(finish_answer)
    if(about MATCHES "^(.*) ([0-9]+)$")
        append_frame_rows(found_${CMAKE_MATCH_1} ${CMAKE_MATCH_2} "${answer_rule}"
            "${answer_severity}" "${answer_confidence}" "${answer_root_cause}" "${answer_count}"
            "${answer_concerns}")
    endif()
    foreach(field IN LISTS FINDING_FIELDS)
        set(answer_${field} "")
    endforeach()
endmacro()

macro(read_answers)
    set(about "")
    foreach(answer IN LISTS ANSWERS)
        if(answer MATCHES "^\"id\":([0-9]+)")
            math(EXPR index "${CMAKE_MATCH_1} - 1")
            finish_answer()
            list(GET PLAN ${index} about)
        elseif(answer MATCHES "^\"error")
            fail("${about}: ${answer}")
        elseif(answer MATCHES "^\"num\":([0-9]+)")
            string(REPLACE " filter" "" name "${about}")
            list(APPEND filtered_${name} ${CMAKE_MATCH_1})
        elseif(answer MATCHES "smb2diag[.]([a-z_]+) == [\\\\\"]*([^\\\\\"]*)")
            list(APPEND answer_${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
        endif()
    endforeach()
    finish_answer()
endmacro()

sandbox_with_plugin()
list_captures(captures "${FAMILY}/*")
set(REQUESTS "")
set(PLAN "")
set(checked "")
foreach(capture IN LISTS captures)
    string(REPLACE "/" "." name ${capture})
    read_options(options ${CAPTURES}/${capture}.expected)
    if(options)
        message(NOTICE "${capture} left out: sharkd takes no ${options}")
    else()
        ask_about_capture(${capture} ${name})
        list(APPEND checked ${name})
    endif()
endforeach()
run_sharkd()
read_answers()

set(differences "")
list(LENGTH checked all)
set(passed ${all})
foreach(name IN LISTS checked)
    list(SORT filtered_${name} COMPARE NATURAL ORDER DESCENDING)
    compare("${found_${name}}" "${wanted_${name}}")
    if(NOT "${filtered_${name}}" STREQUAL "${frames_${name}}")
        string(APPEND DIFFERENCE
            "  the filter shows ${filtered_${name}}, expected ${frames_${name}}\n")
    endif()
    if(DIFFERENCE)
        string(APPEND differences "${name}: - expected, + found\n${DIFFERENCE}")
        math(EXPR passed "${passed} - 1")
    endif()
endforeach()
message(NOTICE "sharkd: ${passed} of ${all} captures") # matrix.cmake reads this line
if(differences)
    fail("${differences}")
endif()
sandbox_remove()
