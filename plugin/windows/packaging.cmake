# SPDX-License-Identifier: GPL-2.0-or-later
#
# The zip for Windows: what is copied into %APPDATA%\Wireshark lies in folders that are named as there.

set(CPACK_PACKAGE_FILE_NAME
    smb2diag-${PROJECT_VERSION}-wireshark-${wireshark_plugin_version}-win64)

install(TARGETS smb2diag LIBRARY DESTINATION plugins/${wireshark_plugin_version}/epan)

set(OURS ${PROJECT_SOURCE_DIR}/plugin/profile/colorfilters)
set(DEFAULTS ${Wireshark_INSTALL_PREFIX}/share/wireshark/colorfilters)
set(JOINED ${CMAKE_CURRENT_BINARY_DIR}/profile/colorfilters)
include(${PROJECT_SOURCE_DIR}/plugin/profile/join.cmake)
foreach(name preferences recent dfilter_buttons)
    install(FILES ${PROJECT_SOURCE_DIR}/plugin/profile/${name} DESTINATION profiles/SMB2)
endforeach()
install(FILES ${JOINED} DESTINATION profiles/SMB2)

set(tried "and not run")
if(SMB2DIAG_WINDOWS_PROGRAMS)
    set(tried "and tested under Wine in programs of Wireshark's made likewise")
endif()
foreach(text README LICENSE) # as Windows ends lines, and with a name that it opens
    set(from ${CMAKE_CURRENT_LIST_DIR}/README.txt.in)
    if(text STREQUAL LICENSE)
        set(from ${PROJECT_SOURCE_DIR}/LICENSE)
    endif()
    configure_file(${from} ${CMAKE_CURRENT_BINARY_DIR}/${text}.txt @ONLY NEWLINE_STYLE CRLF)
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${text}.txt DESTINATION .)
endforeach()

set(CPACK_GENERATOR ZIP)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_INCLUDE_TOPLEVEL_DIRECTORY OFF)
include(CPack)
