# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes plugin/po/smb2diag.pot of the sources, and takes what is translated over into the new one.
# With -DCHECK=ON it only says whether that would change the template. Run from the project's folder.
#
# xgettext reads what the preprocessor has made of the sources: labels and lines that are put
# together of macros are whole there. The rules need no marks: whatever is prose in them is a text.

cmake_minimum_required(VERSION 3.20)

set(languages fr zh_CN ja ko)
set(template plugin/po/smb2diag.pot)
set(made ${WORK}/smb2diag.pot)

# Functions that take texts, and which of their arguments is one: labels, words, formats.
set(labels N_ translated proof_frame:2 proof_value:2 proof_value_in:3 proof_words:2 proof_words_in:3
    proof_difference:2 proof_interval:2 proof_caveat:2)
set(words proof_words:3 proof_words_in:4)
set(formats proof_value:3 proof_value_in:4 phrase:2 said:2)

function(run)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE result ERROR_VARIABLE words)
    if(result)
        message(FATAL_ERROR "${ARGN}:\n${words}")
    endif()
endfunction()

foreach(tool xgettext msgcat msgmerge msginit)
    find_program(${tool} ${tool})
    if(NOT ${tool})
        message(FATAL_ERROR "${tool} is missing: install GNU gettext (Debian: apt-get install gettext)")
    endif()
endforeach()

# --- what the preprocessor makes of the sources ----------------------------------------------------

file(REMOVE_RECURSE ${WORK})
file(GLOB_RECURSE sources RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} plugin/bytes/*.c plugin/wire/*.c
    plugin/model/*.c plugin/engine/*.c plugin/rules/*.c plugin/epan/*.c)
string(REPLACE ":" ";" INCLUDES ${INCLUDES})
string(REPLACE ":" ";" DEFINITIONS ${DEFINITIONS})
list(REMOVE_DUPLICATES INCLUDES)
list(REMOVE_DUPLICATES DEFINITIONS)
list(TRANSFORM INCLUDES PREPEND -I)
list(TRANSFORM DEFINITIONS PREPEND -D)
foreach(source IN LISTS sources)
    cmake_path(GET source PARENT_PATH folder)
    file(MAKE_DIRECTORY ${WORK}/${folder})
    run(${COMPILER} -E -DN_=N_ ${DEFINITIONS} ${INCLUDES} ${source} -o ${WORK}/${source})
endforeach()

# --- the template ----------------------------------------------------------------------------------

function(extract to)
    run(${xgettext} --language=C --from-code=UTF-8 --force-po --no-wrap
        --add-location=file -o ${to} ${ARGN})
endfunction()

function(extract_arguments name)
    list(TRANSFORM ${name} PREPEND --keyword= OUTPUT_VARIABLE keywords)
    extract(${WORK}/${name}.pot --keyword ${keywords} ${ARGN} ${sources})
endfunction()

set(of_rules ${sources})
list(FILTER of_rules INCLUDE REGEX "^plugin/rules/")
list(TRANSFORM of_rules PREPEND ${WORK}/)
list(TRANSFORM sources PREPEND ${WORK}/)
extract(${WORK}/all.pot --extract-all ${of_rules})
extract_arguments(labels)
extract_arguments(words)
list(TRANSFORM formats REPLACE "(.+)" "--flag=\\1:c-format" OUTPUT_VARIABLE flags)
extract_arguments(formats ${flags})
execute_process(COMMAND ${TEXTS} all.pot labels.pot words.pot formats.pot WORKING_DIRECTORY ${WORK}
    OUTPUT_FILE ${made} COMMAND_ERROR_IS_FATAL ANY)

if(CHECK)
    execute_process(COMMAND ${CMAKE_COMMAND} -E compare_files ${made} ${template} RESULT_VARIABLE differs)
    if(differs)
        message(FATAL_ERROR "${template} is not what the sources say: cmake --build build/test --target po-update")
    endif()
    return()
endif()
file(COPY_FILE ${made} ${template})

# --- what is translated ----------------------------------------------------------------------------

foreach(language IN LISTS languages)
    set(file plugin/po/${language}.po)
    if(EXISTS ${file})
        run(${msgmerge} --quiet --update --backup=none --no-wrap --previous ${file} ${template})
    else()
        run(${msginit} --no-translator --no-wrap --locale=${language}.UTF-8 --input=${template}
            --output-file=${file})
    endif()
endforeach()
