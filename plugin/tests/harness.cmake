# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every test script needs: a private folder, and tshark run there with our plugin and nothing
# of the user's own settings. Scripts get TSHARK, EDITCAP, PLUGIN_DIR and CAPTURES with -D (see
# CMakeLists.txt), and PRELOAD (a colon list) when the plugin was built with sanitizers.

# Not set in script mode; the list functions below rely on it.
cmake_policy(VERSION 3.20)

# Wireshark ignores WIRESHARK_PLUGIN_DIR when root runs it, so root becomes nobody for the run.
set(NOBODY 65534)

# Sets SANDBOX, a fresh folder that an unprivileged user can read, with a home that it can write to.
function(sandbox_create)
    execute_process(COMMAND mktemp -d -t smb2diag.XXXXXXXX OUTPUT_VARIABLE folder
        OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    file(MAKE_DIRECTORY ${folder}/home)
    file(CHMOD ${folder} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
        GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    file(CHMOD ${folder}/home PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
        GROUP_READ GROUP_WRITE GROUP_EXECUTE WORLD_READ WORLD_WRITE WORLD_EXECUTE)
    set(SANDBOX ${folder} PARENT_SCOPE)
endfunction()

function(sandbox_remove)
    file(REMOVE_RECURSE ${SANDBOX})
endfunction()

# Fails the script, but not without tidying up. The text goes first: FATAL_ERROR would refill it.
function(fail text)
    sandbox_remove()
    message(NOTICE "${text}")
    message(FATAL_ERROR "failed")
endfunction()

# Copies a file or folder into the sandbox: the checkout may lie where an unprivileged user cannot
# read, below /root for one.
function(sandbox_copy source)
    file(COPY ${source} DESTINATION ${SANDBOX} FOLLOW_SYMLINK_CHAIN
        FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ WORLD_READ
        DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
        GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endfunction()

# Copies a capture, named as family/what below CAPTURES, into the sandbox as family.what.pcapng.
function(sandbox_copy_capture capture)
    sandbox_copy(${CAPTURES}/${capture}.pcapng)
    get_filename_component(what ${capture} NAME)
    string(REPLACE "/" "." name ${capture})
    file(RENAME ${SANDBOX}/${what}.pcapng ${SANDBOX}/${name}.pcapng)
endfunction()

# Sets out to the start of a command line: drop privileges, clean environment, with the plugins
# below plugin_dir.
function(as_ordinary_user out plugin_dir)
    execute_process(COMMAND id -u OUTPUT_VARIABLE uid OUTPUT_STRIP_TRAILING_WHITESPACE)
    set(command "")
    if(uid EQUAL 0)
        set(command setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups)
    endif()
    list(APPEND command env -i "PATH=$ENV{PATH}" "LD_LIBRARY_PATH=$ENV{LD_LIBRARY_PATH}"
        HOME=${SANDBOX}/home TMPDIR=${SANDBOX}/home TZ=UTC LC_ALL=C.UTF-8
        WIRESHARK_CONFIG_DIR=${SANDBOX}/home WIRESHARK_PLUGIN_DIR=${plugin_dir})
    if(PRELOAD)
        # The host is not instrumented: its own pools hide overruns, and its leaks are not ours.
        list(APPEND command LD_PRELOAD=${PRELOAD} WIRESHARK_DEBUG_WMEM_OVERRIDE=simple
            ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1)
    endif()
    set(${out} ${command} PARENT_SCOPE)
endfunction()

# The sandbox with the plugin in it; sets SANDBOX and AS_USER.
macro(sandbox_with_plugin)
    sandbox_create()
    sandbox_copy(${PLUGIN_DIR})
    as_ordinary_user(AS_USER ${SANDBOX}/plugins)
endmacro()

# Runs tshark on a capture in the sandbox; sets OUTPUT. Any complaint of tshark's fails the script.
function(run_tshark)
    execute_process(COMMAND ${AS_USER} ${TSHARK} ${ARGN} WORKING_DIRECTORY ${SANDBOX}
        OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
    if(NOT result EQUAL 0 OR errors MATCHES "[Dd]issector bug|\\*\\*|ERROR|Sanitizer|runtime error")
        string(JOIN " " arguments ${ARGN})
        set(hint "")
        if(errors MATCHES "smb2diag.*(not a valid|neither a field)")
            set(hint "\nThe plugin was not loaded: built for another Wireshark than this tshark?")
        endif()
        fail("tshark ${arguments}\nended with ${result}:\n${errors}${hint}")
    endif()
    set(OUTPUT "${output}" PARENT_SCOPE)
endfunction()

# --- findings ------------------------------------------------------------------------------------

set(FINDING_FIELDS rule severity confidence root_cause count concerns)

# Appends to the list out one row per finding of a frame, given as FINDING_FIELDS' values, and one
# per link. Every finding carries every field, so the n-th values of the fields belong together.
function(append_frame_rows out frame rule severity confidence root_cause count concerns)
    foreach(field IN LISTS FINDING_FIELDS)
        string(REPLACE "," ";" ${field} "${${field}}")
    endforeach()
    set(rows ${${out}})
    list(LENGTH rule findings)
    foreach(field severity confidence root_cause count)
        list(LENGTH ${field} values)
        if(NOT values EQUAL findings)
            fail("frame ${frame}: ${findings} rules (${rule}), but ${values} of ${field} (${${field}})")
        endif()
    endforeach()
    foreach(id level trust root times IN ZIP_LISTS rule severity confidence root_cause count)
        set(row "${frame} ${level} ${trust} ${id}")
        if(root MATCHES "^(1|True)$") # 4.0 prints 1, later versions True
            string(APPEND row " root")
        endif()
        if(times GREATER 1)
            string(APPEND row " x${times}")
        endif()
        list(APPEND rows "${row}")
    endforeach()
    foreach(message IN LISTS concerns)
        list(APPEND rows "${frame} link ${message}")
    endforeach()
    set(${out} ${rows} PARENT_SCOPE)
endfunction()

# Sets out to the findings of a capture in the sandbox, a list of rows in frame order. Further
# arguments go to tshark (-2, preferences).
function(read_findings out capture)
    set(fields -e frame.number)
    foreach(field IN LISTS FINDING_FIELDS)
        list(APPEND fields -e smb2diag.${field})
    endforeach()
    run_tshark(-n ${ARGN} -r ${capture} -T fields -E separator=| -E aggregator=,
        -Y "smb2diag or smb2diag.concerns" ${fields})
    string(REPLACE "\n" ";" frames "${OUTPUT}")
    set(rows "")
    foreach(frame IN LISTS frames)
        if(frame MATCHES "^([^|]*)[|]([^|]*)[|]([^|]*)[|]([^|]*)[|]([^|]*)[|]([^|]*)[|]([^|]*)$")
            append_frame_rows(rows "${CMAKE_MATCH_1}" "${CMAKE_MATCH_2}" "${CMAKE_MATCH_3}"
                "${CMAKE_MATCH_4}" "${CMAKE_MATCH_5}" "${CMAKE_MATCH_6}" "${CMAKE_MATCH_7}")
        elseif(NOT frame STREQUAL "")
            fail("not a row of fields: ${frame}")
        endif()
    endforeach()
    list(SORT rows COMPARE NATURAL) # the order inside a frame means nothing
    set(${out} ${rows} PARENT_SCOPE)
endfunction()

# --- captures and their .expected files ----------------------------------------------------------

# Sets out to the captures that fit a pattern below CAPTURES, each named as family/what, in order.
function(list_captures out pattern)
    file(GLOB names RELATIVE ${CAPTURES} ${CAPTURES}/${pattern}.pcapng)
    list(TRANSFORM names REPLACE "[.]pcapng$" "")
    set(${out} ${names} PARENT_SCOPE)
endfunction()

# Sets out to the tshark options that a capture needs, from its line "# tshark: <options>".
function(read_options out expected)
    set(options "")
    if(EXISTS ${expected})
        file(STRINGS ${expected} lines REGEX "^# tshark: ")
        foreach(line IN LISTS lines)
            string(REPLACE "# tshark: " "" line "${line}")
            separate_arguments(words UNIX_COMMAND "${line}")
            list(APPEND options ${words})
        endforeach()
    endif()
    set(${out} ${options} PARENT_SCOPE)
endfunction()

# Sets out to the rows of a section (or of [both]); fails when there is neither. Line by line and
# never as a CMake list: a lone "[" would glue list elements together.
function(read_expected out expected section)
    file(RELATIVE_PATH file ${CAPTURES} ${expected})
    if(NOT EXISTS ${expected})
        fail("${file} is missing: write its comment, then build target update-expected")
    endif()
    file(READ ${expected} text)
    set(current "")
    set(seen FALSE)
    set(rows "")
    while(text MATCHES "^([^\n]*)\n?(.*)$" AND NOT text STREQUAL "")
        set(line "${CMAKE_MATCH_1}")
        set(text "${CMAKE_MATCH_2}")
        if(line MATCHES "^\\[")
            set(current "${line}")
            if(current STREQUAL section OR current STREQUAL "[both]")
                set(seen TRUE)
            endif()
        elseif(line MATCHES "^(#|$)" OR line STREQUAL "(nothing)")
        elseif(current STREQUAL section OR current STREQUAL "[both]")
            list(APPEND rows "${line}")
        endif()
    endwhile()
    if(NOT seen)
        fail("${file} has no section ${section}: build target update-expected")
    endif()
    set(${out} ${rows} PARENT_SCOPE)
endfunction()

# Sets DIFFERENCE to a readable comparison, empty when nothing differs.
function(compare found wanted)
    set(missing ${wanted})
    set(extra "")
    foreach(row IN LISTS found) # one by one: the same row may be there twice
        list(FIND missing "${row}" at)
        if(at EQUAL -1)
            list(APPEND extra "${row}")
        else()
            list(REMOVE_AT missing ${at})
        endif()
    endforeach()
    set(text "")
    foreach(row IN LISTS missing)
        string(APPEND text "  - ${row}\n")
    endforeach()
    foreach(row IN LISTS extra)
        string(APPEND text "  + ${row}\n")
    endforeach()
    set(DIFFERENCE "${text}" PARENT_SCOPE)
endfunction()
