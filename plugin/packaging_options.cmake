# SPDX-License-Identifier: GPL-2.0-or-later
#
# cpack reads this once for each kind of package.

if(CPACK_GENERATOR STREQUAL DEB)
    set(CPACK_COMPONENTS_ALL global)
else()
    set(CPACK_COMPONENTS_ALL personal)
    set(CPACK_PACKAGING_INSTALL_PREFIX "/") # paths from the home folder on
endif()
