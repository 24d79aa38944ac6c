# SPDX-License-Identifier: GPL-2.0-or-later
#
# From Debian to Windows: mingw-w64 with the UCRT, the C runtime that the official Wireshark has.
# The names of the compiler and its folder are those of Debian's gcc-mingw-w64-ucrt64.

set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)

set(mingw x86_64-w64-mingw32ucrt)
set(CMAKE_C_COMPILER ${mingw}-gcc)
set(CMAKE_CXX_COMPILER ${mingw}-g++)
set(CMAKE_RC_COMPILER ${mingw}-windres)

set(CMAKE_FIND_ROOT_PATH /usr/${mingw} ${SMB2DIAG_WINDOWS_PREFIX})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SMB2DIAG_WINDOWS_PREFIX)

# As .ci/windows-wireshark makes it. What is built here is run there.
set(SMB2DIAG_WINDOWS_PROGRAMS "" CACHE PATH
    "Folder of tshark.exe, sharkd.exe, editcap.exe, mergecap.exe and links to plugin/windows/wine")
if(SMB2DIAG_WINDOWS_PROGRAMS)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${SMB2DIAG_WINDOWS_PROGRAMS}/wine)
endif()
