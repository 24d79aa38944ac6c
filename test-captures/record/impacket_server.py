#!/usr/bin/python3
"""A file server of impacket's: impacket_server.py DIRECTORY USER PASSWORD; share "data"."""
import sys

from impacket.ntlm import compute_lmhash, compute_nthash
from impacket.smbserver import SimpleSMBServer

directory, user, password = sys.argv[1:4]
server = SimpleSMBServer(listenAddress="0.0.0.0", listenPort=445)
server.setSMB2Support(True)
server.addShare("DATA", directory)
server.addCredential(user, 0, compute_lmhash(password), compute_nthash(password))
server.setLogFile("/dev/null")
server.start()
