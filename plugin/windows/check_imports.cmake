# SPDX-License-Identifier: GPL-2.0-or-later
#
# The plugin for Windows may need nothing that an official Wireshark does not bring: its own two
# libraries, GLib, the C runtime of Windows (UCRT) and the kernel. And it may use of Wireshark only what
# Wireshark's headers say is public, for only that is exported on Windows.
# PLUGIN: smb2diag.dll. OBJDUMP: one that reads it. HEADERS: Wireshark's.

cmake_policy(VERSION 3.20)

execute_process(COMMAND ${OBJDUMP} -p ${PLUGIN} OUTPUT_VARIABLE dump COMMAND_ERROR_IS_FATAL ANY)
set(faults "")

macro(blame text)
    string(APPEND faults "  ${text}\n")
endmacro()

# --- which libraries -------------------------------------------------------------------------------

string(REGEX MATCHALL "DLL Name: [^\n]+" libraries "${dump}")
list(TRANSFORM libraries REPLACE "DLL Name: " "")
list(JOIN libraries ", " text)
message(NOTICE "imports: ${text}")
foreach(library libwireshark.dll libwsutil.dll glib-2.0-0.dll)
    if(NOT library IN_LIST libraries)
        blame("${library} is not imported")
    endif()
endforeach()
foreach(library IN LISTS libraries)
    if(NOT library MATCHES "^(libwireshark|libwsutil|glib-2[.]0-0|KERNEL32|api-ms-win-crt-[a-z]+-l1-1-0)[.]dll$")
        blame("${library} is imported")
    endif()
endforeach()

# --- which names -----------------------------------------------------------------------------------

# Sets out to the names that the plugin takes from the library.
function(names_from out library)
    string(FIND "${dump}" "DLL Name: ${library}\n" from)
    string(SUBSTRING "${dump}" ${from} -1 rest)
    string(REGEX REPLACE "\n\n.*" "" rest "${rest}")
    string(REGEX MATCHALL " [A-Za-z_][A-Za-z0-9_]*\n" names "${rest}\n")
    string(REGEX REPLACE "[ \n]" "" names "${names}")
    set(${out} ${names} PARENT_SCOPE)
endfunction()

# All public declarations of Wireshark's headers, in one text.
file(GLOB_RECURSE headers ${HEADERS}/*.h)
set(public "")
foreach(header IN LISTS headers)
    file(STRINGS ${header} lines)
    string(REGEX MATCHALL "WS_DLL_PUBLIC[^{;]*[{;]|WSUTIL_EXPORT[^;]*;" declarations "${lines}")
    string(APPEND public "${declarations}\n")
endforeach()
