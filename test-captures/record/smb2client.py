"""A small SMB2 client that sends what the well-behaved ones do not.

`Client` builds messages field by field; crafted_client.py has the scripts that use it. NTLM comes
from impacket, keys from smb2keys.py.
"""
import os
import socket
import struct

from impacket import ntlm
from impacket.spnego import SPNEGO_NegTokenInit, SPNEGO_NegTokenResp, TypesMech

import smb2pdu as pdu
from smb2keys import Keys

CAPABILITIES = 0x7F
GUID = bytes.fromhex("4c41420000000000c000000000000010")
ALL_ONES = b"\xff" * 16


class Client:
    def __init__(self, server, name="FILES", port=445, guid=GUID, dialects=(0x202, 0x210, 0x300, 0x302),
                 capabilities=CAPABILITIES, security_mode=1, own_port=0, ciphers=(2, 1)):
        self.socket = socket.create_connection((server, port), source_address=("", own_port))
        self.socket.settimeout(20)
        self.name, self.guid, self.dialects = name, guid, dialects
        self.capabilities, self.security_mode = capabilities, security_mode
        self.ciphers = ciphers
        self.keys = Keys()
        self.message_id = 0
        self.session_id = 0
        self.tree_id = 0
        self.signing = False

    # Messages

    def header(self, command, flags=0, related=False):
        packet = struct.pack("<4sHHIHHIIQIIQ16s", b"\xfeSMB", 64, 1, 0, pdu.COMMANDS.index(command), 31,
                             flags | (4 if related else 0), 0, self.message_id, 0xFEFF,
                             self.tree_id, self.session_id, bytes(16))
        self.message_id += 1
        return bytearray(packet)

    def build(self, command, body, sign=None):
        message = self.header(command) + bytearray(body)
        if self.signing if sign is None else sign:
            self.keys.sign(message)
        return message

    def send(self, message):
        self.socket.sendall(struct.pack(">I", len(message)) + message)

    def receive(self):
        """The next final message, or None when the server has hung up."""
        while True:
            length = self.read(4)
            message = length and self.read(struct.unpack(">I", length)[0])
            if not message:
                return None
            message = bytearray(message)
            if not pdu.is_smb2(message) or pdu.u32(message, pdu.STATUS) != pdu.STATUS_PENDING:
                return message

    def read(self, length):
        data = b""
        while len(data) < length:
            try:
                chunk = self.socket.recv(length - len(data))
            except ConnectionError:
                return None
            if not chunk:
                return None
            data += chunk
        return data

    def call(self, command, body, sign=None):
        self.send(self.build(command, body, sign))
        return self.receive()

    def encrypted_call(self, command, body):
        message = self.build(command, body, sign=False)
        self.send(self.keys.encrypt_request(message, self.session_id))
        return self.receive()

    # The four exchanges of the set-up

    def negotiate(self):
        request = self.build("NEGOTIATE", self.negotiate_body())
        self.keys.extend_hash(request)
        self.send(request)
        response = self.receive()
        self.keys.see_negotiate_response(response)
        self.keys.extend_hash(response)
        return response

    def negotiate_body(self):
        count = len(self.dialects)
        body = struct.pack("<HHHHI16s", 36, count, self.security_mode, 0, self.capabilities, self.guid)
        dialects = struct.pack(f"<{count}H", *self.dialects)
        if 0x311 not in self.dialects:
            return body + bytes(8) + dialects
        padding = bytes(-(64 + 36 + len(dialects)) % 8)
        offset = 64 + 36 + len(dialects) + len(padding)
        contexts = self.contexts()
        return (body + struct.pack("<IHH", offset, len(contexts), 0) + dialects + padding
                + b"".join(contexts))

    def contexts(self):
        ciphers = struct.pack(f"<H{len(self.ciphers)}H", len(self.ciphers), *self.ciphers)
        values = [(1, struct.pack("<HHH", 1, 32, 1) + os.urandom(32)), (2, ciphers),
                  (8, struct.pack("<HH", 1, 1)), (5, self.name.encode("utf-16-le"))]
        packed = [struct.pack("<HHI", kind, len(data), 0) + data for kind, data in values]
        return [context + bytes(-len(context) % 8) for context in packed[:-1]] + packed[-1:]

    def log_on(self, user, password, domain="LAB", legs=2, flags=0, previous=0, sign_legs=False):
        """NTLM in SPNEGO. Returns the last response; with legs=1 stops at the challenge."""
        first = ntlm.getNTLMSSPType1("CLIENT1", domain, True)
        blob = SPNEGO_NegTokenInit()
        blob["MechTypes"] = [TypesMech["NTLMSSP - Microsoft NTLM Security Support Provider"]]
        blob["MechToken"] = first.getData()
        response = self.session_setup(blob.getData(), flags, previous, sign_legs)
        if legs == 1 or response is None or pdu.u32(response, pdu.STATUS) != 0xC0000016:
            return response
        self.session_id = struct.unpack_from("<Q", response, pdu.SESSION_ID)[0]
        self.keys.extend_hash(response)
        token = SPNEGO_NegTokenResp(bytes(response[72:]))["ResponseToken"]
        third, key = ntlm.getNTLMSSPType3(first, token, user, password, domain)
        answer = SPNEGO_NegTokenResp()
        answer["ResponseToken"] = third.getData()
        response = self.session_setup(answer.getData(), flags, previous, sign_legs)
        self.keys.session_key = key
        self.signing = bool(user) and pdu.u16(response, pdu.HEADER + 2) & 3 == 0
        return response

    def session_setup(self, blob, flags, previous, sign):
        body = struct.pack("<HBBIIHHQ", 25, flags, self.security_mode, 1, 0, 88, len(blob), previous)
        request = self.build("SESSION_SETUP", body + blob, sign)
        self.keys.extend_hash(request)
        self.send(request)
        return self.receive()

    def tree_connect(self, share, flags=0, sign=None):
        path = f"\\\\{self.name}\\{share}".encode("utf-16-le")
        response = self.call("TREE_CONNECT", struct.pack("<HHHH", 9, flags, 72, len(path)) + path, sign)
        if response:
            self.tree_id = pdu.u32(response, pdu.TREE_ID)
        return response

    def validate_negotiate(self, code=pdu.FSCTL_VALIDATE_NEGOTIATE_INFO, file_id=ALL_ONES, room=24,
                           flags=1, sign=True):
        count = len(self.dialects)
        data = struct.pack(f"<I16sHH{count}H", self.capabilities, self.guid, self.security_mode, count,
                           *self.dialects)
        body = struct.pack("<HHI16sIIIIIIII", 57, 0, code, file_id, 120, len(data), 0, 0, 0, room,
                           flags, 0)
        return self.call("IOCTL", body + data, sign)

    # After the set-up

    def create_body(self, name=""):
        path = name.encode("utf-16-le")
        return struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x81, 0, 7, 1, 0, 120, len(path), 0,
                           0) + (path or b"\0")

    def tree_disconnect(self):
        return self.call("TREE_DISCONNECT", struct.pack("<HH", 4, 0))

    def log_off(self):
        self.tree_id = 0
        return self.call("LOGOFF", struct.pack("<HH", 4, 0))

    def close(self):
        self.socket.close()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
