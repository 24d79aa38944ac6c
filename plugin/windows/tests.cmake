# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is tested of the build for Windows: its imports, always; the rest where there are programs to
# run it in.

set(SMB2DIAG_WINDOWS_PROGRAMS "" CACHE PATH
    "Folder of tshark.exe, sharkd.exe, editcap.exe, mergecap.exe and links to plugin/windows/wine")

set(windows_scripts ${PROJECT_SOURCE_DIR}/plugin/windows)
add_test(NAME windows.imports COMMAND ${CMAKE_COMMAND} -DOBJDUMP=${CMAKE_OBJDUMP}
    -DPLUGIN=$<TARGET_FILE:smb2diag> -DDEFINITIONS=${import_libraries}
    -DHEADERS=${Wireshark_INCLUDE_DIR} -P ${windows_scripts}/check_imports.cmake)

if(SMB2DIAG_WINDOWS_PROGRAMS)
    foreach(program tshark editcap mergecap sharkd)
        string(TOUPPER ${program} variable)
        set(${variable} ${SMB2DIAG_WINDOWS_PROGRAMS}/${program})
    endforeach()
endif()
