# SPDX-License-Identifier: GPL-2.0-or-later
#
# The zip, as README.txt in it says: unpacked into %APPDATA%\Wireshark of a user whose name has a blank
# and an umlaut (.ci/windows-tests has made one), used there, and next to a plugin for another Wireshark.
# CPACK, BUILD: to make it. VERSION: Wireshark's, of two numbers. OTHER: a plugin for none. README: the project's.

include(${CMAKE_CURRENT_LIST_DIR}/../tests/harness.cmake)

set(NOBODY 65533)
set(prefix /tmp/smb2diag-wine-${NOBODY})
get_filename_component(programs ${TSHARK} DIRECTORY)
set(home "C:\\users\\Jörg Müller")
set(user ${prefix}/drive_c/users/Jörg\ Müller)
set(wireshark ${user}/AppData/Roaming/Wireshark)

sandbox_create()
set(AS_USER "")
as_ordinary_user(AS_USER "")
list(FILTER AS_USER EXCLUDE REGEX "^WIRESHARK_") # a user has none of these

macro(leave)
    file(REMOVE_RECURSE ${wireshark} ${user}/Meine\ Mitschnitte)
endmacro()

function(fail_here text)
    leave()
    fail("${text}")
endfunction()

# Sets OUTPUT and ERRORS.
function(run)
    execute_process(COMMAND ${AS_USER} ${ARGN} WORKING_DIRECTORY ${SANDBOX} OUTPUT_VARIABLE output
        ERROR_VARIABLE errors RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        fail_here("${ARGN}\nended with ${result}:\n${output}\n${errors}")
    endif()
    set(OUTPUT "${output}" PARENT_SCOPE)
    set(ERRORS "${errors}" PARENT_SCOPE)
endfunction()

function(expect text)
    string(FIND "${OUTPUT}" "${text}" at)
    if(at EQUAL -1)
        fail_here("no \"${text}\" in\n${OUTPUT}")
    endif()
endfunction()

# As bytes: CMake leaves the one out when it reads lines.
function(expect_windows_lines file)
    file(READ "${file}" bytes HEX)
    string(REGEX REPLACE "(..)" " \\1" bytes "${bytes}")
    if(NOT bytes MATCHES " 0d 0a" OR bytes MATCHES "( 0[^d]| [^0].) 0a")
        fail_here("${file} does not end its lines as Windows does")
    endif()
endfunction()

# Root makes it, and the user may write there.
function(make_folder folder)
    file(MAKE_DIRECTORY ${folder})
    file(CHMOD ${folder} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_WRITE
        GROUP_EXECUTE WORLD_READ WORLD_WRITE WORLD_EXECUTE)
endfunction()

# --- what is in it ---------------------------------------------------------------------------------

execute_process(COMMAND ${CPACK} --config ${BUILD}/CPackConfig.cmake -B ${SANDBOX}/packages
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(GLOB zip ${SANDBOX}/packages/*.zip)
get_filename_component(name "${zip}" NAME)
if(NOT name MATCHES "^smb2diag-[0-9.]+-wireshark-${VERSION}-win64[.]zip$")
    fail_here("the package is named ${name}")
endif()
file(ARCHIVE_EXTRACT INPUT ${zip} DESTINATION ${SANDBOX}/unpacked)
file(GLOB_RECURSE files RELATIVE ${SANDBOX}/unpacked ${SANDBOX}/unpacked/*)
set(wanted LICENSE.txt README.txt plugins/${VERSION}/epan/smb2diag.dll)
foreach(file colorfilters dfilter_buttons preferences recent)
    list(APPEND wanted profiles/SMB2/${file})
endforeach()
if(NOT files STREQUAL wanted)
    fail_here("in the package are ${files}, not ${wanted}")
endif()
message(NOTICE "${name}: ${files}")
expect_windows_lines(${SANDBOX}/unpacked/README.txt)

# --- unpacked and used -----------------------------------------------------------------------------

run(${programs}/wine --server)
make_folder(${wireshark})
make_folder(${user}/Meine\ Mitschnitte)
file(COPY ${SANDBOX}/unpacked/plugins ${SANDBOX}/unpacked/profiles DESTINATION ${wireshark})
file(COPY_FILE ${CAPTURES}/kerberos/s_principal_unknown.pcapng
    "${user}/Meine Mitschnitte/Müllers Freigabe öffnet nicht.pcapng")
set(capture "${home}\\Meine Mitschnitte\\Müllers Freigabe öffnet nicht.pcapng")

run(${TSHARK} -G plugins)
string(REGEX MATCH "[^\n]*smb2diag[^\n]*" line "${OUTPUT}")
message(NOTICE "${line}")
set(OUTPUT "${line}")
expect("${home}\\AppData\\Roaming\\Wireshark\\plugins\\${VERSION}\\epan\\smb2diag.dll")

file(READ ${README} text)
string(REGEX REPLACE ".*<!-- example: begin -->\n(.*)\n<!-- example: end -->.*" "\\1" example "${text}")
run(${TSHARK} -2 -q -n -r ${capture} -z smb2diag)
message(NOTICE "${OUTPUT}")
string(REPLACE "\n" "\n    " OUTPUT "${OUTPUT}")
expect("${example}")
run(${TSHARK} -2 -n -C SMB2 -r ${capture} -Y "smb2diag.root_cause == 1")
expect("No account has cifs/alias.lab.example@LAB.EXAMPLE")

# A report in a file, by the shell of Windows.
file(WRITE ${SANDBOX}/report.cmd "@\"%~1\" -2 -q -n -r \"%~2\" -z smb2diag,html >\"%~3\"\r\n")
string(REPLACE "/" "\\" program "Z:${TSHARK}.exe")
run(${programs}/wine cmd /c report.cmd ${program} ${capture}
    "${home}\\Meine Mitschnitte\\Bericht für Jörg.html")
expect_windows_lines("${user}/Meine Mitschnitte/Bericht für Jörg.html")
file(READ "${user}/Meine Mitschnitte/Bericht für Jörg.html" OUTPUT)
expect("</html>\n")

# --- one for another Wireshark beside it -----------------------------------------------------------

file(COPY_FILE ${OTHER} ${wireshark}/plugins/${VERSION}/epan/other_minor.dll)
run(${TSHARK} -2 -n -r ${capture} -Y "smb2diag.root_cause == 1" -T fields -e smb2diag.rule)
expect("kerberos.s_principal_unknown")
set(OUTPUT "${ERRORS}")
expect("The plugin 'other_minor.dll' was compiled for Wireshark version 4.98")
message(NOTICE "${ERRORS}")

# --- and away --------------------------------------------------------------------------------------

file(REMOVE ${wireshark}/plugins/${VERSION}/epan/smb2diag.dll)
run(${TSHARK} -G plugins)
if(OUTPUT MATCHES smb2diag)
    fail_here("deleted, and still there:\n${OUTPUT}")
endif()
leave()
sandbox_remove()
