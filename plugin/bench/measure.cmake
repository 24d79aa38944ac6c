# SPDX-License-Identifier: GPL-2.0-or-later
#
# What bench.cmake and shapes.cmake share: tshark measured with the plugin and without it. Instructions (callgrind, hashes
# seeded alike: SEEDS) repeat; CPU time (the least of TIMED_RUNS) does not on a busy machine. Start-up is taken off.

include(${CMAKE_CURRENT_LIST_DIR}/../tests/harness.cmake)

set(TIMED_RUNS 3)

set(MODES "no tree needed" "tree built" "display filter" "two passes" "details (-V)")
set(arguments_0 "")
set(arguments_1 -q -z io,stat,0)
set(arguments_2 -Y "smb2.nt_status != 0")
set(arguments_3 -2 -q -z io,stat,0)
set(arguments_4 -V)

# --- measuring -----------------------------------------------------------------------------------

# Sets COMMAND to a tshark run of the variant, in the mode with that index.
function(tshark_command variant mode capture)
    set(plugins ${SANDBOX}/none)
    set(script "")
    if(variant STREQUAL plugin)
        set(plugins ${SANDBOX}/plugins)
    elseif(variant STREQUAL lua)
        set(script -X lua_script:${SANDBOX}/rules.lua)
    endif()
    as_ordinary_user(user ${plugins})
    set(COMMAND ${user} @tool@ ${TSHARK} -n ${script} ${arguments_${mode}} -r ${SANDBOX}/${capture}
        PARENT_SCOPE)
endfunction()

function(run_tool out)
    list(TRANSFORM COMMAND REPLACE "^@tool@$" "${ARGN}")
    execute_process(COMMAND ${COMMAND} WORKING_DIRECTORY ${SANDBOX} RESULT_VARIABLE result
        OUTPUT_FILE ${SANDBOX}/output ERROR_VARIABLE errors)
    if(NOT result EQUAL 0)
        string(JOIN " " command ${COMMAND})
        fail("${command}\nended with ${result}:\n${errors}")
    endif()
    set(${out} "${errors}" PARENT_SCOPE)
endfunction()

function(instructions out variant mode capture)
    tshark_command(${variant} ${mode} ${capture})
    cmake_path(GET SEEDS FILENAME seeds)
    run_tool(errors env LD_PRELOAD=${SANDBOX}/${seeds} ${VALGRIND} --tool=callgrind --callgrind-out-file=/dev/null)
    if(NOT errors MATCHES "Collected : ([0-9]+)")
        fail("valgrind: ${errors}")
    endif()
    set(${out} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

function(cpu_time out variant mode capture)
    if(EXISTS ${SANDBOX}/${capture}-long)
        string(APPEND capture -long)
    endif()
    tshark_command(${variant} ${mode} ${capture})
    run_tool(errors ${SANDBOX}/bench_time ${TIMED_RUNS})
    file(STRINGS ${SANDBOX}/output time LIMIT_COUNT 1)
    set(${out} ${time} PARENT_SCOPE)
endfunction()

# Sets <what>_<variant> to what the capture costs beyond start-up.
function(measure what variant mode capture)
    set(start ${what}_start_${variant})
    if(NOT DEFINED ${start}) # much the same in all modes
        cmake_language(CALL ${what} ${start} ${variant} 1 empty)
        set(${start} ${${start}} CACHE INTERNAL "")
    endif()
    cmake_language(CALL ${what} all ${variant} ${mode} ${capture})
    math(EXPR net "${all} - ${${start}}")
    set(${what}_${variant} ${net} PARENT_SCOPE)
endfunction()

# Sets out to with / without, with three digits after the point.
function(ratio out with without)
    math(EXPR thousandths "(${with} * 1000 + ${without} / 2) / ${without}")
    math(EXPR whole "${thousandths} / 1000")
    math(EXPR rest "${thousandths} % 1000 + 1000") # keeps leading zeros
    string(SUBSTRING ${rest} 1 3 digits)
    set(${out} ${whole}.${digits} PARENT_SCOPE)
endfunction()

function(print line)
    execute_process(COMMAND ${CMAKE_COMMAND} -E echo "${line}")
endfunction()

# The sandbox with all that is needed to measure.
macro(sandbox_to_measure_in)
    if(NOT VALGRIND)
        message(FATAL_ERROR "valgrind is not installed")
    endif()
    sandbox_with_plugin()
    file(COPY ${BENCH_TIME} ${SEEDS} DESTINATION ${SANDBOX})
    file(MAKE_DIRECTORY ${SANDBOX}/none)
endmacro()
