# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes CATALOGUES of a language in which every text is the English one in brackets, in WORK.

file(MAKE_DIRECTORY ${WORK}/po)
set(template ${CMAKE_CURRENT_LIST_DIR}/../po/smb2diag.pot)

function(run)
    execute_process(COMMAND ${ARGN} ERROR_VARIABLE words RESULT_VARIABLE result)
    if(result)
        message(FATAL_ERROR "${ARGN}: ${words}")
    endif()
endfunction()

run(${MSGEN} -o ${WORK}/english.po ${template})
file(READ ${WORK}/english.po text) # gettext 0.23 says ASCII of what needs no more, and then takes no bracket
string(REPLACE "charset=ASCII" "charset=UTF-8" text "${text}")
file(WRITE ${WORK}/english.po "${text}")
run(${MSGFILTER} --keep-header -i ${WORK}/english.po -o ${WORK}/po/fr.po sed -e "s/.*/⟦&⟧/")
foreach(language IN ITEMS zh_CN ja ko)
    file(COPY_FILE ${WORK}/po/fr.po ${WORK}/po/${language}.po)
endforeach()
set(PO ${WORK}/po)
include(${CMAKE_CURRENT_LIST_DIR}/../po/catalogues.cmake)
