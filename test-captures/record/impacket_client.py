#!/usr/bin/python3
"""Lists a share with impacket, which never sends FSCTL_VALIDATE_NEGOTIATE_INFO."""
import sys

from impacket.smbconnection import SMBConnection

connection = SMBConnection("FILES", sys.argv[1], myName="CLIENT1")
connection.login("alice", "Passw0rd!", "LAB")
connection.listPath("data", "*")
connection.logoff()
