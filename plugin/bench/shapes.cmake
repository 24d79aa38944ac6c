# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the plugin costs where set-up is all there is, and on captures that are made to cost much: at n, 2n and 4n, so that
# it is seen how it grows. MAKER writes them. Prints a table in Markdown.

include(${CMAKE_CURRENT_LIST_DIR}/measure.cmake)

set(VARIANTS none plugin)
set(COLUMNS 0) # places in MODES
set(DETAILS 4)

# A mode of make_capture, n, how tshark reads it.
set(SHAPES
    "connections 1000 ${COLUMNS}"
    "visits 1000 ${COLUMNS}"
    "greetings 2500 ${COLUMNS}"
    "unanswered 1000 ${COLUMNS}"
    "resolvers 5000 ${COLUMNS}"
    "aliases 500 ${COLUMNS}"
    "user 1000 ${COLUMNS}"
    "chained 625 ${DETAILS}"
    "crowd 500 ${COLUMNS}")

function(make_shape mode count)
    execute_process(COMMAND ${MAKER} ${mode} ${count} ${SANDBOX}/${mode} COMMAND_ERROR_IS_FATAL ANY)
    file(CHMOD ${SANDBOX}/${mode} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

# Sets memory_<variant> to kilobytes.
function(memory variant mode capture)
    tshark_command(${variant} ${mode} ${capture})
    run_tool(errors ${SANDBOX}/bench_time 1)
    file(STRINGS ${SANDBOX}/output lines)
    list(GET lines 1 kilobytes)
    set(memory_${variant} ${kilobytes} PARENT_SCOPE)
endfunction()

# Adds to the lists RATIOS and MEGABYTES.
function(measure_shape mode count arguments)
    make_shape(${mode} ${count})
    foreach(variant IN LISTS VARIANTS)
        measure(instructions ${variant} ${arguments} ${mode})
        memory(${variant} ${arguments} ${mode})
    endforeach()
    ratio(instructions ${instructions_plugin} ${instructions_none})
    math(EXPR more "(${memory_plugin} - ${memory_none}) / 1024")
    set(RATIOS ${RATIOS} ${instructions} PARENT_SCOPE)
    set(MEGABYTES ${MEGABYTES} ${more} PARENT_SCOPE)
endfunction()

function(print_shape mode count arguments)
    foreach(times 1 2 4)
        math(EXPR many "${count} * ${times}")
        measure_shape(${mode} ${many} ${arguments})
    endforeach()
    list(JOIN RATIOS ", " ratios)
    list(JOIN MEGABYTES ", " megabytes)
    list(GET MODES ${arguments} name)
    print("| `${mode}` | ${name} | ${count} | ${ratios} | ${megabytes} MB |")
endfunction()

sandbox_to_measure_in()
execute_process(COMMAND ${MAKER} greetings 0 ${SANDBOX}/empty COMMAND_ERROR_IS_FATAL ANY)
file(CHMOD ${SANDBOX}/empty PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

print("| shape | tshark | n | instructions | memory |")
print("|---|---|---|---|---|")
foreach(shape IN LISTS SHAPES)
    separate_arguments(parts UNIX_COMMAND "${shape}")
    list(GET parts 0 mode)
    list(GET parts 1 count)
    list(GET parts 2 arguments)
    print_shape(${mode} ${count} ${arguments})
endforeach()
sandbox_remove()
