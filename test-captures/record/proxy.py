#!/usr/bin/python3
"""A TCP proxy for SMB2 that tampers with chosen messages.

    proxy.py --listen ADDRESS --port N --server ADDRESS --server-port N... --rule RULE...

Of several server ports, connections are led to one after the other, as a load balancer does.

A rule is 'WHEN: ACTION, ACTION...'. WHEN is

    request|response COMMAND [#N] [status=0x...]

where COMMAND is a name of smb2pdu.COMMANDS, VALIDATE_NEGOTIATE, SMB1_NEGOTIATE, ENCRYPTED or
ANY, and #N the N-th such message of the connection (without it: every one). Actions, in order:

    drop                      swallow it; the connection stays, also when the server hangs up
    delay SECONDS             wait before the next action
    reset [client|server]     RST to that side (default: both) instead of the message
    fin [client|server]       FIN to that side (default: both) instead of the message
    send                      pass it on now (to reset or close after it)
    reply 0xSTATUS [signed]   answer the request with an error, do not pass it on
    status 0xSTATUS [HEX]     make the response an error response, without signature
    signed-status 0xSTATUS    the same, the signed flag stays (the signature is wrong then)
    flags 0xFLAGS             replace the flags of the header
    unsign                    clear the signed flag and the signature
    patch OFFSET HEX          overwrite bytes of the message; OFFSET from its header
    truncate LENGTH           keep the first LENGTH bytes
    append HEX                add bytes at the end
    security-mode|capabilities|guid|dialect VALUE     in NEGOTIATE or VALIDATE_NEGOTIATE
    dialects 0x...+0x...      replace the dialect list of a NEGOTIATE request
    context TYPE NEW-TYPE     rename a negotiate context
    cipher 0xID               in the encryption context
    hash 0xID                 in the context with pre-authentication hashes
    signing 0xID              in the context with signing algorithms
    system-time SECONDS       move the server's clock in a NEGOTIATE response
    session-flags N | share-flags 0xN
    pending                   put an interim STATUS_PENDING before the response
    redirect                  turn the response into a share redirect
    netname NAME              in the netname context; NAME has the length of the old one
    ntlm-garble               spoil the signature of an NTLM message
    ntlm-without 0xFLAGS      clear these flags of an NTLM challenge
    spnego-reject 0xSTATUS    SPNEGO reject with this status in a SESSION_SETUP response
    sign                      sign the edited message as its sender would (needs --password)
    insert HEX                send this message to the same side first
"""
import argparse
import itertools
import re
import socket
import struct
import threading
import time

import smb2pdu as pdu
from smb2keys import Keys

RULE = re.compile(r"(request|response) (\w+)(?: #(\d+))?(?: status=(0x[0-9a-f]+))?: (.+)$", re.I)


class Rule:
    def __init__(self, text):
        match = RULE.match(text)
        if not match:
            raise SystemExit(f"not a rule: {text}")
        self.direction, self.command, nth, status, actions = match.groups()
        self.nth = int(nth) if nth else None
        self.status = int(status, 16) if status else None
        self.actions = [action.split() for action in actions.split(", ")]
        for name, *_ in self.actions:
            if name not in ACTIONS:
                raise SystemExit(f"no such action: {name}")

    def fits(self, direction, command, nth, message):
        return (self.direction == direction and self.command in (command, "ANY")
                and self.nth in (None, nth)
                and (self.status is None or pdu.u32(message, pdu.STATUS) == self.status))


class Connection:
    """One client connection and the connection to the server that it is passed on to."""

    def __init__(self, client, server, rules, password):
        self.sockets = {"client": client, "server": server}
        self.rules = rules
        self.counts = {}
        self.validate_ids = set()
        self.keys = Keys()
        self.password = password
        self.hanging = False
        self.lock = threading.Lock()

    def run(self):
        for direction, source in (("request", "client"), ("response", "server")):
            threading.Thread(target=self.pump, args=(direction, source), daemon=True).start()

    def pump(self, direction, source):
        target = "server" if source == "client" else "client"
        try:
            while True:
                frame = read_frame(self.sockets[source])
                if frame is None:
                    break
                self.pass_on(direction, source, target, frame)
        except OSError:
            pass
        self.half_close(target)

    def half_close(self, side):
        """A server that is to hang does not hang up: Samba would, after 60 s without a logon."""
        if side == "client" and self.hanging:
            return
        try:
            self.sockets[side].shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def pass_on(self, direction, source, target, frame):
        """Rules look at the first message of a frame; set-up is not compounded."""
        kind, message = frame[0], bytearray(frame[4:])
        passage = Passage(self, direction, source, target, kind, message)
        self.learn_request(message)
        for rule in self.matching(direction, message):
            for name, *arguments in rule.actions:
                ACTIONS[name](passage, *arguments)
        if not passage.done:
            passage.send()

    def learn_request(self, message):
        """The client's view of the set-up is what the keys come from."""
        if pdu.is_smb2(message) and not pdu.is_response(message):
            if pdu.command(message) in ("NEGOTIATE", "SESSION_SETUP"):
                self.keys.extend_hash(message)
                self.keys.see_session_request(message, self.password)

    def learn_response(self, message):
        name = pdu.command(message)
        if name == "NEGOTIATE":
            self.keys.see_negotiate_response(message)
        if name == "NEGOTIATE" or (name == "SESSION_SETUP" and pdu.u32(message, pdu.STATUS)):
            self.keys.extend_hash(message)

    def matching(self, direction, message):
        command = self.name_of(direction, message)
        with self.lock:
            nth = self.counts[direction, command] = self.counts.get((direction, command), 0) + 1
        return [rule for rule in self.rules if rule.fits(direction, command, nth, message)]

    def name_of(self, direction, message):
        """An error answer to VALIDATE_NEGOTIATE does not say what it answers: MessageId does."""
        name = pdu.command(message)
        if name == "VALIDATE_NEGOTIATE" and direction == "request":
            self.validate_ids.add(bytes(message[24:32]))
        if name == "IOCTL" and bytes(message[24:32]) in self.validate_ids:
            name = "VALIDATE_NEGOTIATE"
        return name


class Passage:
    """One message on its way through; actions edit it or take its place."""

    def __init__(self, connection, direction, source, target, kind, message):
        self.connection = connection
        self.direction = direction
        self.source, self.target = source, target
        self.kind, self.message = kind, message
        self.done = False

    def send(self):
        if pdu.is_response(self.message):
            self.connection.learn_response(self.message)
        self.send_to(self.target, self.message)
        self.done = True

    def send_to(self, side, message):
        header = struct.pack(">I", len(message) | self.kind << 24)
        self.connection.sockets[side].sendall(header + message)

    def close(self, sides, how):
        for side in sides or ("client", "server"):
            how(self.connection.sockets[side])
        self.done = True


def reset(sock):
    """RST instead of FIN: nothing lingers. shutdown would send the FIN first."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    real_close(sock)


def finish(sock):
    sock.shutdown(socket.SHUT_WR)


def real_close(sock):
    """The other thread may sleep in recv() of this socket and would keep it open: connect to
    AF_UNSPEC ends the connection at once, with the RST that SO_LINGER 0 asks for."""
    import ctypes
    import ctypes.util
    libc = ctypes.CDLL(None)
    libc.connect(sock.fileno(), struct.pack("H14s", socket.AF_UNSPEC, b""), 16)


def act_drop(passage):
    passage.connection.hanging = passage.direction == "response"
    passage.done = True


def act_delay(_passage, seconds):
    time.sleep(float(seconds))


def act_reset(passage, *sides):
    passage.close(sides, reset)


def act_fin(passage, *sides):
    passage.close(sides, finish)


def act_send(passage):
    passage.send()


def act_reply(passage, status, signed=None):
    answer = pdu.error_for_request(passage.message, int(status, 16))
    if signed:
        passage.connection.keys.sign(answer)
    passage.send_to(passage.source, answer)
    passage.done = True


def act_status(passage, status, data=""):
    pdu.unsign(passage.message)
    pdu.make_error(passage.message, int(status, 16), bytes.fromhex(data))


def act_signed_status(passage, status):
    pdu.make_error(passage.message, int(status, 16))


def act_flags(passage, flags):
    pdu.put32(passage.message, pdu.FLAGS, int(flags, 0))


def act_unsign(passage):
    pdu.unsign(passage.message)


def act_patch(passage, offset, data):
    data = bytes.fromhex(data)
    at = int(offset, 0)
    passage.message[at:at + len(data)] = data


def act_truncate(passage, length):
    del passage.message[int(length):]


def act_append(passage, data):
    passage.message += bytes.fromhex(data)


def act_field(name):
    return lambda passage, value: pdu.set_field(passage.message, name, value)


def act_dialects(passage, dialects):
    pdu.set_dialects(passage.message, [int(value, 16) for value in dialects.split("+")])


def act_context(passage, kind, new_kind):
    pdu.replace_context_type(passage.message, int(kind, 0), int(new_kind, 0))


def act_cipher(passage, cipher):
    pdu.set_cipher(passage.message, int(cipher, 0))


def act_hash(passage, algorithm):
    pdu.set_hash(passage.message, int(algorithm, 0))


def act_signing(passage, algorithm):
    pdu.set_signing(passage.message, int(algorithm, 0))


def act_system_time(passage, seconds):
    pdu.add_system_time(passage.message, float(seconds))


def act_session_flags(passage, flags):
    pdu.put16(passage.message, pdu.HEADER + 2, int(flags, 0))


def act_share_flags(passage, flags):
    pdu.put32(passage.message, pdu.HEADER + 4, int(flags, 0))


def act_pending(passage):
    passage.send_to(passage.target, pdu.interim_for(passage.message))
    pdu.make_async(passage.message, 7)


def act_redirect(passage):
    """MS-SMB2 2.2.2.1 with 2.2.2.2.2: one error context 'rdSr' that names another server."""
    name = "FILES2".encode("utf-16-le")
    address = struct.pack("<II4s12s", 1, 0, bytes([192, 0, 2, 31]), bytes(12))
    redirect = struct.pack("<IIIIHHI", 48, 3, 24 + len(address), len(name), 0, 0, 1)
    data = redirect + address + name
    context = struct.pack("<II", len(data), 0x72645253) + data
    pdu.put32(passage.message, pdu.STATUS, 0xC00000CC)
    pdu.unsign(passage.message)
    passage.message[pdu.HEADER:] = pdu.error_body(context, 1)


def act_netname(passage, name):
    for kind, at, _ in pdu.contexts(passage.message):
        if kind == 5:
            act_patch(passage, str(at), name.encode("utf-16-le").hex())


def act_ntlm_garble(passage):
    at = passage.message.find(b"NTLMSSP\0")
    passage.message[at:at + 7] = b"GARBLED"


def act_ntlm_without(passage, flags):
    at = passage.message.find(b"NTLMSSP\0") + 20
    pdu.put32(passage.message, at, pdu.u32(passage.message, at) & ~int(flags, 0))


def act_spnego_reject(passage, status):
    """A SESSION_SETUP response body has StructureSize 9 as well, but with a security blob."""
    blob = bytes.fromhex("a1073005a0030a0102")
    pdu.unsign(passage.message)
    pdu.put32(passage.message, pdu.STATUS, int(status, 16))
    passage.message[pdu.HEADER:] = struct.pack("<HHHH", 9, 0, pdu.HEADER + 8, len(blob)) + blob


def act_sign(passage):
    passage.connection.keys.sign(passage.message)


def act_insert(passage, data):
    passage.send_to(passage.target, bytes.fromhex(data))


ACTIONS = {
    "drop": act_drop, "delay": act_delay, "reset": act_reset, "fin": act_fin, "send": act_send,
    "reply": act_reply, "status": act_status, "signed-status": act_signed_status,
    "flags": act_flags, "unsign": act_unsign, "patch": act_patch, "truncate": act_truncate, "append": act_append,
   
    "security-mode": act_field("security-mode"), "capabilities": act_field("capabilities"),
    "guid": act_field("guid"), "dialect": act_field("dialect"), "dialects": act_dialects,
    "context": act_context, "cipher": act_cipher, "hash": act_hash, "signing": act_signing,
    "system-time": act_system_time,
    "session-flags": act_session_flags, "share-flags": act_share_flags,
    "netname": act_netname, "ntlm-garble": act_ntlm_garble, "ntlm-without": act_ntlm_without, "spnego-reject": act_spnego_reject,
    "pending": act_pending, "redirect": act_redirect, "sign": act_sign, "insert": act_insert,
}


def read_exactly(sock, length):
    data = b""
    while len(data) < length:
        chunk = sock.recv(length - len(data))
        if not chunk:
            return None
        data += chunk
    return data


def read_frame(sock):
    """NBSS framing: a type byte and 24 bits of length (port 139 and 445 alike)."""
    header = read_exactly(sock, 4)
    if header is None:
        return None
    body = read_exactly(sock, struct.unpack(">I", header)[0] & 0xFFFFFF)
    return None if body is None else header + body


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def serve(arguments, rules):
    listener = socket.socket(family_of(arguments.listen), socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((arguments.listen, arguments.port))
    listener.listen(8)
    for port in itertools.cycle(arguments.server_port):
        client, _ = listener.accept()
        server = socket.socket(family_of(arguments.server), socket.SOCK_STREAM)
        server.connect((arguments.server, port))
        for sock in (client, server):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        Connection(client, server, rules, arguments.password).run()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--port", type=int, default=445)
    parser.add_argument("--server", required=True)
    parser.add_argument("--server-port", type=int, nargs="+", default=[445])
    parser.add_argument("--rule", action="append", default=[])
    parser.add_argument("--password", default="", help="of the users that log on, for `sign`")
    arguments = parser.parse_args()
    serve(arguments, [Rule(text) for text in arguments.rule])


if __name__ == "__main__":
    main()
