# SPDX-License-Identifier: GPL-2.0-or-later
#
# Dissects ROUNDS damaged copies of CAPTURE. Only a failure that does not happen without the plugin
# is ours: Wireshark's own dissectors stumble over damaged frames now and then.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

function(dissect result_out errors_out)
    execute_process(COMMAND ${ARGN} ${TSHARK} -2 -n -V ${options} -r damaged.pcapng
        WORKING_DIRECTORY ${SANDBOX} OUTPUT_QUIET ERROR_VARIABLE errors RESULT_VARIABLE result)
    set(${result_out} ${result} PARENT_SCOPE)
    set(${errors_out} "${errors}" PARENT_SCOPE)
endfunction()

get_filename_component(name ${CAPTURE} NAME_WLE)
get_filename_component(folder ${CAPTURE} DIRECTORY)
sandbox_with_plugin()
file(MAKE_DIRECTORY ${SANDBOX}/none)
as_ordinary_user(AS_USER_WITHOUT ${SANDBOX}/none)
read_options(options ${folder}/${name}.expected)

foreach(seed RANGE 1 ${ROUNDS})
    execute_process(COMMAND ${EDITCAP} -E 0.02 --seed ${seed} ${CAPTURE} ${SANDBOX}/damaged.pcapng
        OUTPUT_QUIET ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
    file(CHMOD ${SANDBOX}/damaged.pcapng PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
    dissect(result errors ${AS_USER})
    if(NOT result EQUAL 0)
        dissect(result_without ignored ${AS_USER_WITHOUT})
        if(result_without EQUAL 0)
            fail("editcap -E 0.02 --seed ${seed} ${name}.pcapng: ${result}\n${errors}")
        endif()
    endif()
endforeach()
sandbox_remove()
