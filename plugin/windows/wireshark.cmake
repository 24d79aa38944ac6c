# SPDX-License-Identifier: GPL-2.0-or-later
#
# Stands in for find_package(Wireshark) and GLib's pkg-config file where Debian builds for Windows.
# Nobody hands out Wireshark's import libraries, but names are all that one has, and headers and
# names are the same on every system: both come from Debian's Wireshark of the same version.

file(GLOB Wireshark_DIR /usr/lib/*/cmake/wireshark)
find_package(Wireshark CONFIG REQUIRED NO_CMAKE_FIND_ROOT_PATH)
find_program(ELF_NM nm REQUIRED)
find_program(DLLTOOL NAMES x86_64-w64-mingw32ucrt-dlltool REQUIRED)

set(import_libraries ${CMAKE_CURRENT_BINARY_DIR}/import)
file(MAKE_DIRECTORY ${import_libraries})

# The target becomes the DLL that exports what Debian's shared library does.
function(import_dll target dll shared_library)
    execute_process(COMMAND ${ELF_NM} -D --defined-only --format=posix ${shared_library}
        OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
    set(exports "LIBRARY \"${dll}\"\nEXPORTS\n") # unquoted, a name's dots are taken for its end
    string(REPLACE "\n" ";" symbols "${symbols}")
    foreach(symbol IN LISTS symbols)
        if(symbol MATCHES "^([A-Za-z_][A-Za-z0-9_]*)[^ ]* [TWi] ")
            string(APPEND exports "${CMAKE_MATCH_1}\n")
        elseif(symbol MATCHES "^([A-Za-z_][A-Za-z0-9_]*)[^ ]* [BDRV] ")
            string(APPEND exports "${CMAKE_MATCH_1} DATA\n")
        endif()
    endforeach()
    set(definition ${import_libraries}/${dll}.def)
    file(WRITE ${definition} "${exports}")
    execute_process(COMMAND ${DLLTOOL} -d ${definition} -l ${import_libraries}/${dll}.a
        COMMAND_ERROR_IS_FATAL ANY)
    set_target_properties(${target} PROPERTIES IMPORTED_IMPLIB ${import_libraries}/${dll}.a)
endfunction()

foreach(library wsutil wiretap epan)
    get_target_property(file ${library} IMPORTED_LOCATION_NONE)
    set(dll lib${library}.dll)
    if(library STREQUAL epan)
        set(dll libwireshark.dll)
    endif()
    import_dll(${library} ${dll} ${file})
    # Debian's other headers and libraries are not meant.
    set_target_properties(${library} PROPERTIES INTERFACE_LINK_LIBRARIES PkgConfig::GLIB
        INTERFACE_INCLUDE_DIRECTORIES ${Wireshark_INCLUDE_DIR})
endforeach()
set_property(TARGET epan APPEND PROPERTY INTERFACE_LINK_LIBRARIES wsutil wiretap)

# --- GLib ------------------------------------------------------------------------------------------

# glibconfig.h says how wide types are, so Debian's own would be wrong here. What this makes of it is
# what GLib's own build for Windows writes.
file(GLOB glibconfig /usr/lib/*/glib-2.0/include/glibconfig.h)
file(READ ${glibconfig} text)
string(REGEX REPLACE "(typedef (un)?signed long)( g)" "\\1 long\\3" text "${text}")
string(REGEX REPLACE "(#define G_G[A-Z0-9]*_MODIFIER +\")l\"" "\\1ll\"" text "${text}")
string(REGEX REPLACE "(#define G_G[A-Z0-9]*_FORMAT +\")l([iu])\"" "\\1ll\\2\"" text "${text}")
string(REPLACE "(val##L)" "(val##LL)" text "${text}")
string(REPLACE "(val##UL)" "(val##ULL)" text "${text}")
string(REPLACE "GLIB_SIZEOF_LONG   8" "GLIB_SIZEOF_LONG   4" text "${text}")
string(REGEX REPLACE "(G_MAXSIZE\t)[A-Z_]+" "\\1G_MAXUINT64" text "${text}")
string(REGEX REPLACE "(G_M(IN|AX)SSIZE\t)[A-Z_]+" "\\1G_M\\2INT64" text "${text}")
string(REGEX REPLACE "\\(g(u?)long\\) \\(([piu])\\)" "(g\\1int64) (\\2)" text "${text}")
string(REGEX REPLACE "(G[U]?LONG_TO_[BL]E[^\n]*G[U]?INT)64" "\\132" text "${text}")
# Not G_PLATFORM_WIN32 as well, for the header that it includes is not in Debian's package.
string(REPLACE "G_OS_UNIX" "G_OS_WIN32" text "${text}")
string(REPLACE "G_POLLFD_FORMAT \"%d\"" "G_POLLFD_FORMAT \"%#llx\"" text "${text}")
string(REGEX REPLACE "#define (GLIB_USING_SYSTEM_PRINTF|GLIB_HAVE_ALLOCA_H)" "" text "${text}")
string(REPLACE "G_THREADS_IMPL_POSIX" "G_THREADS_IMPL_WIN32" text "${text}")
string(REPLACE "G_MODULE_SUFFIX \"so\"" "G_MODULE_SUFFIX \"dll\"" text "${text}")
string(REPLACE "typedef int GPid" "typedef void *GPid" text "${text}")
string(REPLACE "G_PID_FORMAT \"i\"" "G_PID_FORMAT \"p\"" text "${text}")
string(REPLACE "define G_DIR_SEPARATOR '/'" "define G_DIR_SEPARATOR '\\\\'" text "${text}")
string(REPLACE "G_DIR_SEPARATOR_S \"/\"" "G_DIR_SEPARATOR_S \"\\\\\"" text "${text}")
string(REPLACE "G_SEARCHPATH_SEPARATOR ':'" "G_SEARCHPATH_SEPARATOR ';'" text "${text}")
string(REPLACE "G_SEARCHPATH_SEPARATOR_S \":\"" "G_SEARCHPATH_SEPARATOR_S \";\"" text "${text}")
file(WRITE ${import_libraries}/glibconfig.h "${text}")

file(GLOB shared_library /usr/lib/*/libglib-2.0.so)
add_library(glib SHARED IMPORTED)
import_dll(glib glib-2.0-0.dll ${shared_library})
add_library(PkgConfig::GLIB INTERFACE IMPORTED)
target_include_directories(PkgConfig::GLIB INTERFACE ${import_libraries} /usr/include/glib-2.0)
target_link_libraries(PkgConfig::GLIB INTERFACE glib)
# The official Wireshark brings a GLib of its own choice: nothing that is newer than what Wireshark
# asks for.
target_compile_definitions(PkgConfig::GLIB INTERFACE GLIB_VERSION_MAX_ALLOWED=GLIB_VERSION_2_54
    GLIB_VERSION_MIN_REQUIRED=GLIB_VERSION_2_54)
