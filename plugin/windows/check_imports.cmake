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
    if(from EQUAL -1)
        return() # blamed above
    endif()
    string(SUBSTRING "${dump}" ${from} -1 rest)
    string(FIND "${rest}" "\n\n" to)
    string(SUBSTRING "${rest}" 0 ${to} rest)
    string(REGEX MATCHALL "<none>  [0-9a-f]+  [A-Za-z0-9_]+" names "${rest}")
    list(TRANSFORM names REPLACE "^.* " "")
    set(${out} ${names} PARENT_SCOPE)
endfunction()

names_from(names libwireshark.dll)
names_from(more libwsutil.dll)
list(APPEND names ${more})

# Whole declarations, each on a line: comments and line ends are of no interest.
set(public "")
foreach(folder IN LISTS HEADERS)
    file(GLOB_RECURSE headers ${folder}/*.h)
    foreach(header IN LISTS headers)
        file(READ ${header} text)
        string(REGEX REPLACE "[][;]" " @ " text "${text}") # nothing that means anything to a list
        string(REGEX MATCHALL "(WS_DLL_PUBLIC|WSUTIL_EXPORT)[^@{]*" declarations "${text}")
        string(APPEND public "${declarations}\n")
    endforeach()
endforeach()
set(unknown "")
foreach(name IN LISTS names)
    if(NOT public MATCHES "[ \n\t*]${name}[ \n\t]*\\(")
        list(APPEND unknown ${name})
    endif()
endforeach()
# Their header is in no package; it is in Wireshark's sources.
if(NOT HEADERS MATCHES "/epan")
    list(REMOVE_ITEM unknown register_seq_analysis sequence_analysis_create_sai_with_addresses)
endif()
foreach(name IN LISTS unknown)
    blame("${name} is declared public in no header")
endforeach()

list(LENGTH names count)
message(NOTICE "${count} names of Wireshark's, each declared public")
if(faults)
    message(NOTICE "${faults}")
    message(FATAL_ERROR "smb2diag.dll would not load in an official Wireshark")
endif()
