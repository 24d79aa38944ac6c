# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is tested of the build for Windows: its imports, always; the rest where there are programs to
# run it in.


set(windows_scripts ${PROJECT_SOURCE_DIR}/plugin/windows)
set(public_headers ${Wireshark_INCLUDE_DIR})
if(EXISTS ${SMB2DIAG_WINDOWS_PROGRAMS}/../sources/wireshark/epan)
    set(public_headers ${SMB2DIAG_WINDOWS_PROGRAMS}/../sources/wireshark/epan
        ${SMB2DIAG_WINDOWS_PROGRAMS}/../sources/wireshark/wsutil)
endif()
add_test(NAME windows.imports COMMAND ${CMAKE_COMMAND} -DOBJDUMP=${CMAKE_OBJDUMP}
    -DPLUGIN=$<TARGET_FILE:smb2diag> "-DHEADERS=${public_headers}"
    -P ${windows_scripts}/check_imports.cmake)

if(SMB2DIAG_WINDOWS_PROGRAMS)
    set(in_wine ${CMAKE_CROSSCOMPILING_EMULATOR}$<SEMICOLON>) # before a program that a script runs
    foreach(program tshark editcap mergecap sharkd)
        string(TOUPPER ${program} variable)
        set(${variable} ${SMB2DIAG_WINDOWS_PROGRAMS}/${program})
    endforeach()

    add_library(other_minor MODULE ${windows_scripts}/other_minor.c)
    set_target_properties(other_minor PROPERTIES PREFIX "")
    add_test(NAME windows.install COMMAND ${CMAKE_COMMAND} -DCPACK=${CMAKE_CPACK_COMMAND}
        -DBUILD=${CMAKE_BINARY_DIR} -DVERSION=${wireshark_plugin_version}
        -DOTHER=$<TARGET_FILE:other_minor> -DREADME=${PROJECT_SOURCE_DIR}/README.md
        -DTSHARK=${TSHARK} -DCAPTURES=${PROJECT_SOURCE_DIR}/test-captures
        -P ${windows_scripts}/check_install.cmake)
    set_tests_properties(windows.install PROPERTIES TIMEOUT 240)
endif()
