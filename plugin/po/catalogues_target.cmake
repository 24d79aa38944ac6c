# SPDX-License-Identifier: GPL-2.0-or-later
#
# How SMB2DIAG_CATALOGUES is made.

option(SMB2DIAG_LANGUAGES "Build the translations in; needs GNU gettext" ON)

if(NOT SMB2DIAG_LANGUAGES)
    file(WRITE ${SMB2DIAG_CATALOGUES} "#include \"catalogues.h\"\n"
        "const unsigned catalogue_texts = 0;\nconst unsigned char *const catalogues[LANGUAGES];\n")
else()
    set(po_tools "")
    foreach(tool msgfmt msgattrib msgmerge msgen)
        string(TOUPPER ${tool} name)
        find_program(${name} ${tool})
        if(NOT ${name})
            message(FATAL_ERROR "${tool} is missing. Install GNU gettext (Debian: apt-get install gettext), "
                "or build without translations: -DSMB2DIAG_LANGUAGES=OFF")
        endif()
        list(APPEND po_tools -D${name}=${${name}})
    endforeach()
    file(GLOB po_files CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.po)
    add_custom_command(OUTPUT ${SMB2DIAG_CATALOGUES}
        COMMAND ${CMAKE_COMMAND} ${po_tools} -DCATALOGUES=${SMB2DIAG_CATALOGUES}
            -DWORK=${CMAKE_CURRENT_BINARY_DIR}/catalogues -P ${CMAKE_CURRENT_LIST_DIR}/catalogues.cmake
        DEPENDS ${po_files} ${CMAKE_CURRENT_LIST_DIR}/smb2diag.pot
            ${CMAKE_CURRENT_LIST_DIR}/catalogues.cmake
        COMMENT "Making the catalogues of plugin/po" VERBATIM)
endif()
set_source_files_properties(${SMB2DIAG_CATALOGUES} PROPERTIES INCLUDE_DIRECTORIES
    "${CMAKE_CURRENT_LIST_DIR}/../bytes;${CMAKE_CURRENT_SOURCE_DIR}/include")
