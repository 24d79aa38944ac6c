# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the plugin says in each language: a report as it is stored in languages/. A language is tested
# from the moment that nearly all of its texts are translated; then all have to be. What translations
# keep is tested in test_languages.c.
#
# Gets MSGFMT and MSGMERGE besides what harness.cmake needs. With -DUPDATE=ON it stores the reports.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

set(CAPTURE kerberos/skew--kdc-clock)
set(PO ${CMAKE_CURRENT_LIST_DIR}/../po)
set(STORED ${CMAKE_CURRENT_LIST_DIR}/languages)
set(NEARLY_ALL 90) # of a hundred

function(number out text what)
    set(${out} 0 PARENT_SCOPE)
    if(text MATCHES "([0-9]+) ${what}")
        set(${out} ${CMAKE_MATCH_1} PARENT_SCOPE)
    endif()
endfunction()

# Sets out to whether the language is there, and fails where it is there but for some texts.
function(is_translated out language)
    execute_process(COMMAND ${MSGMERGE} --quiet --no-fuzzy-matching -o ${SANDBOX}/${language}.po
        ${PO}/${language}.po ${PO}/smb2diag.pot COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND env LC_ALL=C ${MSGFMT} --check-format --statistics -o ${SANDBOX}/mo
        ${SANDBOX}/${language}.po ERROR_VARIABLE statistics COMMAND_ERROR_IS_FATAL ANY)
    string(STRIP "${statistics}" statistics)
    message(NOTICE "${language}: ${statistics}")
    number(done "${statistics}" translated)
    number(fuzzy "${statistics}" fuzzy)
    number(missing "${statistics}" untranslated)
    math(EXPR share "${done} * 100 / (${done} + ${fuzzy} + ${missing})")
    math(EXPR open "${fuzzy} + ${missing}")
    set(${out} FALSE PARENT_SCOPE)
    if(share GREATER_EQUAL NEARLY_ALL)
        set(${out} TRUE PARENT_SCOPE)
        if(open AND NOT UPDATE)
            fail("plugin/po/${language}.po: ${open} texts are not translated. New ones are taken over by cmake --build build/test --target po-update")
        endif()
    else()
        message(NOTICE "${language} is not tested: ${share} of a hundred texts are translated")
    endif()
endfunction()

function(report language)
    run_tshark(-n -2 -q -o smb2diag.language:${language} -r ${CAPTURE_FILE} -z smb2diag,${ARGN})
    set(OUTPUT "${OUTPUT}" PARENT_SCOPE)
endfunction()

function(expect_language tag)
    if(NOT OUTPUT MATCHES "\"language\": ?\"${tag}\"")
        fail("the JSON is not in ${tag}")
    endif()
endfunction()

function(check_stored language)
    set(file ${STORED}/report.${language}.txt)
    report(${language} text)
    if(UPDATE)
        file(WRITE ${file} "${OUTPUT}")
        return()
    endif()
    if(NOT EXISTS ${file})
        fail("${file} is missing: build target update-languages, and read what it wrote")
    endif()
    file(READ ${file} wanted)
    if(NOT OUTPUT STREQUAL wanted)
        fail("the report in ${language} is not that of ${file}:\n${OUTPUT}")
    endif()
endfunction()

# Automatic: what the user's environment says.
function(check_locale locale tag)
    execute_process(COMMAND ${AS_USER} env LC_ALL=${locale} ${TSHARK} -n -q -r ${CAPTURE_FILE} -z smb2diag,json
        WORKING_DIRECTORY ${SANDBOX} OUTPUT_VARIABLE OUTPUT ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
    expect_language(${tag})
endfunction()

sandbox_with_plugin()
sandbox_copy_capture(${CAPTURE})
string(REPLACE "/" "." CAPTURE_FILE ${CAPTURE}.pcapng)
report(en json)
expect_language(en)
set(english "${OUTPUT}")
foreach(pair fr:fr zh_CN:zh-CN ja:ja ko:ko)
    string(REPLACE ":" ";" pair ${pair})
    list(GET pair 0 language)
    list(GET pair 1 tag)
    report(${language} json)
    expect_language(${tag})
    is_translated(done ${language})
    if(done)
        check_stored(${language})
    endif()
endforeach()
if(NOT UPDATE)
    check_locale(C.UTF-8 en)
    check_locale(de_DE.UTF-8 en)
    check_locale(fr_CA.UTF-8 fr)
    check_locale(zh_CN.GB18030 zh-CN)
    check_locale(zh_TW.UTF-8 en)
    check_locale(ja_JP ja)
    check_locale(ko_KR.UTF-8 ko)
endif()
sandbox_remove()
