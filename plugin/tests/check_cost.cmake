# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the plugin adds to a capture of COUNT that is made to cost much (MODE: see make_capture.c and hostile.c): at most
# KILOBYTES of memory; with VALGRIND also at most HUNDREDTHS of the instructions that tshark needs without it, in the mode
# ARGUMENTS. PREFERENCE: one of the plugin's, and its value. Prints a row in Markdown.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

# Sets <what>_<variant>, for the plugins below that folder.
function(measure variant plugins)
    as_ordinary_user(user ${plugins})
    set(tshark ${TSHARK} -n ${ARGUMENTS} -r made.pcap)
    if(PREFERENCE AND variant STREQUAL with)
        list(APPEND tshark -o ${PREFERENCE})
    endif()
    execute_process(COMMAND ${user} ${SANDBOX}/bench_time 1 ${tshark} WORKING_DIRECTORY ${SANDBOX}
        OUTPUT_VARIABLE numbers COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCH "\n([0-9]+)\n" line "${numbers}")
    set(memory_${variant} ${CMAKE_MATCH_1} PARENT_SCOPE)
    if(VALGRIND)
        execute_process(COMMAND ${user} ${VALGRIND} --tool=callgrind --callgrind-out-file=/dev/null ${tshark}
            WORKING_DIRECTORY ${SANDBOX} OUTPUT_QUIET ERROR_VARIABLE errors COMMAND_ERROR_IS_FATAL ANY)
        string(REGEX MATCH "Collected : ([0-9]+)" line "${errors}")
        set(instructions_${variant} ${CMAKE_MATCH_1} PARENT_SCOPE)
    endif()
endfunction()

sandbox_with_plugin()
file(COPY ${BENCH_TIME} DESTINATION ${SANDBOX})
file(MAKE_DIRECTORY ${SANDBOX}/none)
execute_process(COMMAND ${MAKER} ${MODE} ${COUNT} ${SANDBOX}/made.pcap COMMAND_ERROR_IS_FATAL ANY)
file(CHMOD ${SANDBOX}/made.pcap PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

measure(without ${SANDBOX}/none)
measure(with ${SANDBOX}/plugins)
math(EXPR more "${memory_with} - ${memory_without}")
math(EXPR each "${more} * 1024 / ${COUNT}")
set(row "| ${MODE} | ${COUNT} | ${more} KB | ${each} B |")
set(ratio 0)
if(VALGRIND)
    math(EXPR ratio "${instructions_with} * 100 / ${instructions_without}")
    string(APPEND row " ${ratio} % |")
endif()
message(NOTICE "${row}")
if(more GREATER KILOBYTES)
    fail("${MODE} ${COUNT}: ${more} KB more, but at most ${KILOBYTES} were expected")
elseif(VALGRIND AND ratio GREATER HUNDREDTHS)
    fail("${MODE} ${COUNT}: ${ratio} % of the instructions, but at most ${HUNDREDTHS} were expected")
endif()
sandbox_remove()
