# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where the plugin is installed, and what cpack makes. A plugin fits one minor version of Wireshark,
# so each has a package of its own.

set(package smb2diag-wireshark-${wireshark_plugin_version})

# --- component global: Wireshark's own plugin folder, and the .deb --------------------------------

if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT) # Wireshark looks below its own prefix only
    set(CMAKE_INSTALL_PREFIX ${Wireshark_INSTALL_PREFIX} CACHE PATH "Wireshark's prefix" FORCE)
endif()
install(TARGETS smb2diag LIBRARY DESTINATION ${Wireshark_PLUGIN_LIBDIR}/epan COMPONENT global)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/${package} RENAME copyright
    COMPONENT global)
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION share/doc/${package} COMPONENT global)
# Where reports and README.md say that they are.
install(FILES ${PROJECT_SOURCE_DIR}/plugin/rules/README.md
    DESTINATION share/doc/${package}/plugin/rules COMPONENT global)
install(FILES ${PROJECT_SOURCE_DIR}/plugin/epan/report.schema.json
    DESTINATION share/doc/${package}/plugin/epan COMPONENT global)
install(FILES ${PROJECT_SOURCE_DIR}/plugin/elastic/smb2diag-index-template.json
    DESTINATION share/doc/${package}/plugin/elastic COMPONENT global)
install(FILES ${PROJECT_SOURCE_DIR}/plugin/doc/window.png
    DESTINATION share/doc/${package}/plugin/doc COMPONENT global)
install(FILES ${PROJECT_SOURCE_DIR}/plugin/doc/smb2diag.4 DESTINATION share/man/man4
    COMPONENT global)

# --- component personal: the user's plugin folder, and the .tar.gz, to be unpacked at home --------

# A prefix that was asked for stays, and so does the one that cpack collects files in.
install(CODE "
    if(CMAKE_INSTALL_PREFIX STREQUAL \"${CMAKE_INSTALL_PREFIX}\")
        set(CMAKE_INSTALL_PREFIX \"\$ENV{HOME}\")
    endif()" COMPONENT personal EXCLUDE_FROM_ALL)
install(TARGETS smb2diag COMPONENT personal EXCLUDE_FROM_ALL
    LIBRARY DESTINATION .local/lib/wireshark/plugins/${wireshark_plugin_version}/epan)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
    DESTINATION .local/share/doc/smb2diag COMPONENT personal EXCLUDE_FROM_ALL)
install(FILES ${PROJECT_SOURCE_DIR}/plugin/rules/README.md
    DESTINATION .local/share/doc/smb2diag/plugin/rules COMPONENT personal EXCLUDE_FROM_ALL)
install(FILES ${PROJECT_SOURCE_DIR}/plugin/epan/report.schema.json
    DESTINATION .local/share/doc/smb2diag/plugin/epan COMPONENT personal EXCLUDE_FROM_ALL)

# --- the profile SMB2, with both components -------------------------------------------------------

set(profile ${PROJECT_SOURCE_DIR}/plugin/profile)
set(profile_colours ${CMAKE_CURRENT_BINARY_DIR}/profile/colorfilters)

function(install_profile component destination)
    install(CODE "
        set(OURS \"${profile}/colorfilters\")
        set(DEFAULTS \"${Wireshark_INSTALL_PREFIX}/share/wireshark/colorfilters\")
        set(JOINED \"${profile_colours}\")
        include(\"${profile}/join.cmake\")" COMPONENT ${component} ${ARGN})
    install(FILES ${profile}/preferences ${profile}/recent ${profile}/dfilter_buttons
            ${profile_colours}
        DESTINATION ${destination}/profiles/SMB2 COMPONENT ${component} ${ARGN})
endfunction()

install_profile(global share/wireshark)
install_profile(personal .config/wireshark EXCLUDE_FROM_ALL)

# --- cpack ----------------------------------------------------------------------------------------

set(CPACK_PACKAGE_NAME ${package})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "SMB2 connection set-up diagnosis for Wireshark ${wireshark_plugin_version}")
set(CPACK_PACKAGE_CONTACT "The smb2diag authors")
set(CPACK_PACKAGE_FILE_NAME
    ${package}-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_DIR}/packaging_options.cmake)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_ARCHIVE_COMPONENT_INSTALL ON)
set(CPACK_INCLUDE_TOPLEVEL_DIRECTORY OFF)

set(CPACK_GENERATOR TGZ)
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
if(DPKG_SHLIBDEPS)
    list(PREPEND CPACK_GENERATOR DEB)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON) # libwireshark's package name is its ABI
set(CPACK_DEBIAN_PACKAGE_ENHANCES "wireshark, tshark")
# All versions bring the same profile.
foreach(relation PROVIDES CONFLICTS REPLACES)
    set(CPACK_DEBIAN_PACKAGE_${relation} smb2diag-wireshark)
endforeach()
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
include(CPack)
