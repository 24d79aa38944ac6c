# SPDX-License-Identifier: GPL-2.0-or-later
#
# Writes the rule table and the rules' pages of plugin/rules/README.md and the example of README.md anew, each between
# its marks. Run from the project's folder. RULE_PAGES: the program that prints table and pages. With CHECK nothing is
# written: a difference fails.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

set(EXAMPLE kerberos/s_principal_unknown)

function(replace_between file mark text)
    file(READ ${file} before)
    set(begin "<!-- ${mark}: begin -->\n")
    set(end "<!-- ${mark}: end -->")
    string(FIND "${before}" "${begin}" from)
    string(FIND "${before}" "${end}" to)
    if(from EQUAL -1 OR to LESS from)
        fail("${file} has no marks for ${mark}")
    endif()
    string(LENGTH "${begin}" length)
    math(EXPR from "${from} + ${length}")
    string(SUBSTRING "${before}" 0 ${from} head)
    string(SUBSTRING "${before}" ${to} -1 tail)
    if("${head}${text}${tail}" STREQUAL "${before}")
        return()
    elseif(CHECK)
        fail("${file} is out of date between its marks for ${mark}: build target update-readme")
    else()
        file(WRITE ${file} "${head}${text}${tail}")
        message(NOTICE "updated ${file}")
    endif()
endfunction()

# Sets out to the report of the one connection in EXAMPLE, indented as code.
function(read_example out)
    sandbox_copy_capture(${EXAMPLE})
    string(REPLACE "/" "." name ${EXAMPLE})
    run_tshark(-q -2 -n -r ${name}.pcapng -z smb2diag)
    string(REGEX REPLACE "^.*\n(Connection 1:)" "\\1" report "\n${OUTPUT}")
    string(STRIP "${report}" report)
    string(REPLACE "\n" "\n    " report "    ${report}\n")
    string(STRIP "${report}" stripped)
    set(${out} "    ${stripped}\n" PARENT_SCOPE)
endfunction()

sandbox_with_plugin()
execute_process(COMMAND ${RULE_PAGES} --table OUTPUT_VARIABLE table COMMAND_ERROR_IS_FATAL ANY)
replace_between(plugin/rules/README.md rules "${table}")
execute_process(COMMAND ${RULE_PAGES} --pages OUTPUT_VARIABLE pages COMMAND_ERROR_IS_FATAL ANY)
replace_between(plugin/rules/README.md pages "${pages}")

read_example(example)
replace_between(README.md example "${example}")
sandbox_remove()
