# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the plugin costs on traffic: tshark with it and without it, and with a few of its rules in Lua, on captures made of
# the recorded ones or on those GIVEN. CPU time is taken on captures that are LONGER times as long. Prints a table in
# Markdown.

include(${CMAKE_CURRENT_LIST_DIR}/measure.cmake)

set(ROUNDS 2)
set(LONGER 10)
set(VARIANTS none plugin lua)

# --- captures ------------------------------------------------------------------------------------

function(to_pcap capture out)
    execute_process(COMMAND ${EDITCAP} -F pcap ${CAPTURES}/${capture}.pcapng ${SANDBOX}/${out}
        COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# Writes the capture, and a longer one of the kind.
function(make_capture kind name)
    math(EXPR many "${ROUNDS} * ${LONGER}")
    foreach(made ${name} ${name}-long)
        execute_process(COMMAND ${BENCH_CAPTURES} ${kind} ${ROUNDS} ${SANDBOX}/${made} ${ARGN}
            COMMAND_ERROR_IS_FATAL ANY)
        set(ROUNDS ${many})
    endforeach()
endfunction()

# Frames 20 to 33 of the SMB2 connection list a folder: CREATE, QUERY_DIRECTORY, QUERY_INFO and CLOSE.
function(make_captures)
    to_pcap(clean/smb3_11 connection)
    to_pcap(clean/kerberos-smb3_11 domain)
    make_capture(files smb2 ${SANDBOX}/connection 20 33)
    make_capture(mixed mixed ${SANDBOX}/connection 20 33 ${SANDBOX}/domain)
    make_capture(other other ${SANDBOX}/domain)
    set(WORKLOADS smb2 mixed other PARENT_SCOPE)
endfunction()

function(copy_captures)
    foreach(capture IN LISTS GIVEN)
        get_filename_component(name ${capture} NAME)
        sandbox_copy(${capture})
        list(APPEND names ${name})
    endforeach()
    set(WORKLOADS ${names} PARENT_SCOPE)
endfunction()

# Nothing in it: what a run on this one costs is start-up.
function(make_empty_capture)
    list(GET WORKLOADS 0 name)
    execute_process(COMMAND ${EDITCAP} -F pcap -r ${SANDBOX}/${name} ${SANDBOX}/empty 0
        OUTPUT_QUIET ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# --- the table -----------------------------------------------------------------------------------

function(count_frames out capture)
    as_ordinary_user(user ${SANDBOX}/none)
    execute_process(COMMAND ${user} ${TSHARK} -n -r ${SANDBOX}/${capture} -T fields -e frame.number
        OUTPUT_VARIABLE numbers ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCH "([0-9]+)\n$" last "${numbers}")
    set(${out} ${CMAKE_MATCH_1} PARENT_SCOPE)
endfunction()

function(print_row mode capture frames)
    foreach(variant IN LISTS VARIANTS)
        measure(instructions ${variant} ${mode} ${capture})
        measure(cpu_time ${variant} ${mode} ${capture})
    endforeach()
    foreach(what instructions cpu_time)
        foreach(variant plugin lua)
            ratio(${what}_${variant} ${${what}_${variant}} ${${what}_none})
        endforeach()
    endforeach()
    math(EXPR each "${instructions_none} / ${frames}")
    list(GET MODES ${mode} name)
    print("| ${capture} | ${name} | ${each} | ${instructions_plugin} | ${cpu_time_plugin} | ${instructions_lua} | ${cpu_time_lua} |")
endfunction()

sandbox_to_measure_in()
sandbox_copy(${CMAKE_CURRENT_LIST_DIR}/rules.lua)
if(GIVEN)
    copy_captures()
else()
    make_captures()
endif()
make_empty_capture()

print("| capture | tshark | instructions a frame without | with the plugin | CPU time | with 4 rules in Lua | CPU time |")
print("|---|---|---|---|---|---|---|")
list(LENGTH MODES mode_count)
math(EXPR last_mode "${mode_count} - 1")
foreach(capture IN LISTS WORKLOADS)
    count_frames(frames ${capture})
    foreach(mode RANGE ${last_mode})
        print_row(${mode} ${capture} ${frames})
    endforeach()
endforeach()
sandbox_remove()
