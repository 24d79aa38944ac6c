# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes CATALOGUES, a C source, of plugin/po/: the texts of the template, sorted, and behind each
# other the same texts in each language. What is not translated, or doubtful, is English.
#
# A .mo file holds just that: a head of 28 bytes, a table of 8 bytes a text for English and one for
# the translations, and then the strings of the two, each with a NUL behind it. Nothing is run that was
# compiled: this works where a compiler builds for another system.

cmake_minimum_required(VERSION 3.20)

set(folder ${CMAKE_CURRENT_LIST_DIR})
if(PO) # another folder with the same files
    set(folder ${PO})
endif()
set(template ${CMAKE_CURRENT_LIST_DIR}/smb2diag.pot)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result ERROR_VARIABLE words)
    if(result)
        message(FATAL_ERROR "${ARGN}: ${words}")
    endif()
endfunction()

# The .mo file in hexadecimal digits, with a translation for every text.
function(compile language to)
    set(file ${WORK}/${language})
    run(${MSGFMT} --check-format --check-header -o ${file}.mo ${folder}/${language}.po)
    run(${MSGATTRIB} --translated --no-fuzzy --no-obsolete --force-po -o ${file}.translated.po ${folder}/${language}.po)
    run(${MSGMERGE} --quiet --no-fuzzy-matching -o ${file}.merged.po ${file}.translated.po ${template})
    run(${MSGEN} -o ${file}.full.po ${file}.merged.po)
    run(${MSGFMT} --no-hash --endianness=little -o ${file}.mo ${file}.full.po)
    file(READ ${file}.mo digits HEX)
    set(${to} ${digits} PARENT_SCOPE)
endfunction()

# The little-endian number at the offset, of 4 bytes.
function(number digits offset to)
    math(EXPR at "${offset} * 2")
    string(SUBSTRING ${digits} ${at} 8 four)
    string(REGEX REPLACE "(..)(..)(..)(..)" "0x\\4\\3\\2\\1" four ${four})
    math(EXPR four "${four}")
    set(${to} ${four} PARENT_SCOPE)
endfunction()

# Where the strings of a table begin.
function(strings_of digits field to)
    number(${digits} ${field} table)
    math(EXPR first "${table} + 4")
    number(${digits} ${first} offset)
    set(${to} ${offset} PARENT_SCOPE)
endfunction()

# The bytes [from, until) as a C array; until -1: to the end.
function(array name digits from until)
    math(EXPR at "${from} * 2")
    set(length -1)
    if(NOT until EQUAL -1)
        math(EXPR length "(${until} - ${from}) * 2")
    endif()
    string(SUBSTRING ${digits} ${at} ${length} bytes)
    string(REGEX REPLACE "(................................)" "\\1\n" bytes ${bytes})
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes ${bytes})
    file(APPEND ${CATALOGUES}.new "static const unsigned char ${name}[] = {\n${bytes}};\n\n")
endfunction()

file(MAKE_DIRECTORY ${WORK})
file(WRITE ${CATALOGUES}.new "/* Made by plugin/po/catalogues.cmake. */\n#include \"catalogues.h\"\n\n")
set(names "english")
foreach(language IN ITEMS fr zh_CN ja ko)
    compile(${language} digits)
    strings_of(${digits} 12 english)
    strings_of(${digits} 16 translations)
    if(language STREQUAL fr)
        number(${digits} 8 count)
        array(english ${digits} ${english} ${translations})
    endif()
    array(${language} ${digits} ${translations} -1)
    string(APPEND names ", ${language}")
endforeach()
file(APPEND ${CATALOGUES}.new "const unsigned catalogue_texts = ${count};\n"
    "const unsigned char *const catalogues[LANGUAGES] = {${names}};\n")
file(RENAME ${CATALOGUES}.new ${CATALOGUES})
