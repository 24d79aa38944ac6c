# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the packet list, exports and the index template show of one capture's findings.

include(${CMAKE_CURRENT_LIST_DIR}/harness.cmake)

set(CAPTURE tree_connect/bad_network_name)
set(file tree_connect.bad_network_name.pcapng)
set(refusal 19) # TREE_CONNECT's answer
sandbox_with_plugin()
sandbox_copy_capture(${CAPTURE})

macro(expect text what)
    if(NOT "${OUTPUT}" MATCHES "${text}")
        fail("${what} lacks ${text}:\n${OUTPUT}")
    endif()
endmacro()

macro(expect_none text what)
    if("${OUTPUT}" MATCHES "${text}")
        fail("${what} has ${text}:\n${OUTPUT}")
    endif()
endmacro()

# --- packet list -----------------------------------------------------------------------------------

run_tshark(-2 -n -r ${file} -Y "frame.number == ${refusal}")
expect("BAD_NETWORK_NAME .No share \"nosuchshare\" on FILES.\n$" "the Info column")
run_tshark(-2 -n -r ${file} -Y "frame.number == ${refusal}" -o smb2diag.info:nothing)
expect_none("nosuchshare" "the Info column, switched off")
run_tshark(-2 -n -r ${file} -Y smb2diag.severity==chat)
expect_none("does not offer" "the Info column of chat")

# --- exports ---------------------------------------------------------------------------------------

run_tshark(-2 -n -r ${file} -Y "frame.number == ${refusal}" -T json -j smb2diag --no-duplicate-keys)
string(JSON finding GET "${OUTPUT}" 0 _source layers smb2diag smb2diag)
foreach(wanted "rule tree_connect.bad_network_name" "severity error" "confidence certain" "share nosuchshare"
        "server FILES" "mechanism NTLM" "status STATUS_BAD_NETWORK_NAME" "stage connected" "connection 1"
        "headline No share \"nosuchshare\" on FILES")
    string(REGEX MATCH "^([a-z]+) (.*)$" matched "${wanted}")
    string(JSON value GET "${finding}" "smb2diag.${CMAKE_MATCH_1}")
    if(NOT value STREQUAL CMAKE_MATCH_2)
        fail("JSON says ${value} for ${wanted}")
    endif()
endforeach()

run_tshark(-2 -n -r ${file} -Y "frame.number == ${refusal}" -T pdml -j smb2diag)
expect("<proto name=\"smb2diag\"[^>]*>.*name=\"smb2diag.rule\"[^>]*show=\"tree_connect.bad_network_name\"" "PDML")

# --- the index template knows each field that -T ek writes ------------------------------------------

run_tshark(-2 -n -r ${file} -Y "frame.number == ${refusal}" -T ek -J smb2diag)
string(FIND "${OUTPUT}" "\n" end) # of the line that names the index
math(EXPR start "${end} + 1")
string(SUBSTRING "${OUTPUT}" ${start} -1 document)
string(JSON layer GET "${document}" layers smb2diag smb2diag)
file(READ ${TEMPLATE} template)
string(JSON mapping GET "${template}" template mappings properties layers properties smb2diag properties
    smb2diag properties)
string(JSON count LENGTH "${layer}")
math(EXPR last "${count} - 1")
foreach(index RANGE ${last})
    string(JSON key MEMBER "${layer}" ${index})
    string(JSON type ERROR_VARIABLE missing GET "${mapping}" ${key} type)
    if(missing)
        fail("the index template lacks ${key}")
    endif()
endforeach()
if(count LESS 20)
    fail("only ${count} fields in -T ek: ${layer}")
endif()
# All of Wireshark's fields take a sanitizer's allocator minutes.
if(NOT PRELOAD)
run_tshark(-G fields)
string(REGEX MATCHALL "\tsmb2diag\\.[a-z_]+\tFT_[A-Z0-9]+" fields "${OUTPUT}")
foreach(field IN LISTS fields)
    string(REGEX MATCH "smb2diag\\.([a-z_]+)\t(FT_[A-Z0-9]+)" matched "${field}")
    if(NOT CMAKE_MATCH_2 STREQUAL FT_NONE AND NOT CMAKE_MATCH_1 STREQUAL "evidence_for")
        string(JSON type ERROR_VARIABLE missing GET "${mapping}" smb2diag_smb2diag_${CMAKE_MATCH_1} type)
        if(missing)
            fail("the index template lacks smb2diag.${CMAKE_MATCH_1}")
        endif()
    endif()
endforeach()

# --- the manual page names every field and preference -------------------------------------------------

file(READ ${MANUAL} manual)
foreach(field IN LISTS fields)
    string(REGEX MATCH "smb2diag\\.[a-z_]+" name "${field}")
    if(NOT manual MATCHES "${name}[^a-z_]")
        fail("the manual page lacks ${name}")
    endif()
endforeach()
run_tshark(-G defaultprefs)
string(REGEX MATCHALL "\n#?smb2diag\\.[a-z_]+:" preferences "${OUTPUT}")
list(LENGTH preferences count)
if(count LESS 7)
    fail("only ${count} preferences: ${preferences}")
endif()
foreach(preference IN LISTS preferences)
    string(REGEX MATCH "smb2diag\\.[a-z_]+" name "${preference}")
    if(NOT manual MATCHES "${name}[^a-z_]")
        fail("the manual page lacks the preference ${name}")
    endif()
endforeach()
endif()

# --- smb2diag finds the frames with a finding, and no frame with a link only ---------------------------

list_captures(captures "tree_connect/no_response*")
list_captures(attempts "transport/syn_*")
foreach(capture IN LISTS captures attempts)
    sandbox_copy_capture(${capture})
    string(REPLACE "/" "." name ${capture})
    foreach(passes "" -2)
        run_tshark(-n ${passes} -r ${name}.pcapng -Y smb2diag -T fields -e frame.number)
        set(with_item "${OUTPUT}")
        run_tshark(-n ${passes} -r ${name}.pcapng -Y smb2diag.rule -T fields -e frame.number)
        if(NOT with_item STREQUAL OUTPUT OR OUTPUT STREQUAL "")
            fail("${name} ${passes}: smb2diag finds\n${with_item}and smb2diag.rule\n${OUTPUT}")
        endif()
    endforeach()
endforeach()
sandbox_remove()
