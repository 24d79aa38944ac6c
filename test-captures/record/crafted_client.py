#!/usr/bin/python3
"""Scripts for smb2client.Client: crafted_client.py SCRIPT [--server ADDRESS] [--dialects 0x...]"""
import argparse
import socket
import struct
import sys
import time

import smb2pdu as pdu
from smb2client import Client

USER, PASSWORD = "alice", "Passw0rd!"
SMB3 = (0x202, 0x210, 0x300, 0x302)
SMB311 = SMB3 + (0x311,)


def logged_on(options, dialects=SMB3, **settings):
    client = Client(options.server, dialects=dialects, **settings)
    client.negotiate()
    client.log_on(USER, PASSWORD)
    return client


def connected(options, dialects=SMB3, share="data", **settings):
    client = logged_on(options, dialects, **settings)
    client.tree_connect(share)
    return client


def leave(client):
    client.tree_disconnect()
    client.log_off()
    client.close()


def listing(client):
    """Opens and closes the root of the share."""
    response = client.call("CREATE", client.create_body())
    if response and not pdu.u32(response, pdu.STATUS):
        file_id = bytes(response[pdu.HEADER + 64:pdu.HEADER + 80])
        client.call("CLOSE", struct.pack("<HHI16s", 24, 0, 0, file_id))


def one_leg(options):
    client = Client(options.server, dialects=SMB311)
    client.negotiate()
    client.log_on(USER, PASSWORD, legs=1)
    time.sleep(31)
    client.close()


def wait_and_close(options):
    """Gives up after 60 seconds with FIN."""
    client = Client(options.server, dialects=SMB311)
    client.socket.settimeout(60)
    try:
        client.negotiate()
    except TimeoutError:
        client.close()


def negotiate_or_reset(options):
    """Gives up after 12 seconds with RST."""
    client = Client(options.server, dialects=SMB311)
    client.socket.settimeout(12)
    try:
        client.negotiate()
    except TimeoutError:
        client.reset()


def wait_and_reset(options):
    """Gives up after 60 seconds with RST, as Windows does."""
    client = Client(options.server, dialects=SMB311)
    client.socket.settimeout(60)
    client.negotiate()
    try:
        client.log_on(USER, PASSWORD)
    except TimeoutError:
        client.reset()


def abandon(options):
    """Does not like what NEGOTIATE says."""
    client = Client(options.server, dialects=SMB311)
    client.negotiate()
    client.reset()


def refuse_guest(options):
    """Requires signing, which a guest cannot do."""
    client = Client(options.server, dialects=SMB311, security_mode=3)
    client.negotiate()
    client.log_on("mallory", "secret")
    client.reset()


def signed_or_not_at_all(options):
    """Requires signing, in NTLM as well, and leaves where the challenge has none."""
    client = Client(options.server, dialects=SMB311, security_mode=3)
    client.negotiate()
    client.log_on(USER, PASSWORD, legs=1)
    client.close()


def try_to_log_on(options, user, password):
    client = Client(options.server, dialects=SMB311)
    client.negotiate()
    client.log_on(user, password)
    client.close()


def stale_password(options):
    """A program that tries an old password again and again."""
    for _ in range(6):
        try_to_log_on(options, USER, "Spring2024")
        time.sleep(1.1)


def mistyped(options):
    """Two times wrong, then right; of each attempt the client makes two."""
    for password in ("Passwrod!", "Passw0rd"):
        for _ in range(2):
            try_to_log_on(options, USER, password)
        time.sleep(1.1)
    leave(connected(options, SMB311))


def spray(options):
    """One password on many accounts."""
    for user in ("alice", "bob", "carol", "mallory", "admin", "backup"):
        try_to_log_on(options, user, "Spring2024")


def reject_guest(options):
    """Signs if it can, and takes no guest logon, as Windows does."""
    client = Client(options.server, dialects=SMB311)
    client.negotiate()
    client.log_on("mallory", "secret")
    client.reset()


def guest_goes_on(options):
    """Requires signing, is taken for a guest, and works unsigned all the same."""
    client = Client(options.server, dialects=SMB311, security_mode=3)
    client.negotiate()
    client.log_on("mallory", "secret")
    client.tree_connect("public")
    listing(client)
    leave(client)


def guest_signs(options):
    """Is taken for a guest and signs what it sends, twice."""
    for _ in range(2):
        client = Client(options.server, dialects=SMB311, security_mode=3)
        client.negotiate()
        client.log_on("mallory", "secret")
        client.signing = True
        client.tree_connect("public")
        client.log_off()
        client.close()


def guest_after_refusal(options):
    """Its password is refused; it goes on as a guest, to a share that is not there."""
    client = Client(options.server, dialects=SMB311)
    client.negotiate()
    client.log_on(USER, "wrong")
    client.session_id = 0
    client.log_on("mallory", "secret")
    client.tree_connect("nosuchshare")
    client.log_off()
    client.close()


def vni_then_close(options):
    """Has done its work: the share is there, and nobody came between."""
    client = connected(options)
    client.validate_negotiate()
    client.close()


def vni_then_reset(options):
    """Does not like the answer to VALIDATE_NEGOTIATE."""
    client = connected(options)
    client.validate_negotiate()
    client.reset()


def vni(options, dialects=SMB3, **arguments):
    client = connected(options, dialects)
    if client.validate_negotiate(**arguments) is not None:
        leave(client)


def vni_small_output(options):
    vni(options, room=16)


def vni_file_id(options):
    vni(options, file_id=b"\x01" * 16)


def vni_on_311(options):
    vni(options, SMB311)


def vni_legacy(options):
    vni(options, code=0x00140200)


def vni_other_dialects(options):
    """NEGOTIATE offers less than VALIDATE_NEGOTIATE says."""
    client = connected(options, SMB3[2:])
    client.dialects = SMB3
    if client.validate_negotiate() is not None:
        leave(client)


def vni_unsigned(options):
    vni(options, sign=False)


def vni_missing(options):
    client = connected(options)
    listing(client)
    leave(client)


def no_encryption(options):
    """Capabilities without encryption: the FSCTL says the same."""
    client = connected(options, capabilities=0x3F)
    client.validate_negotiate()
    listing(client)
    leave(client)


def redirect(options):
    """TREE_CONNECT that allows the server to name the owner of a share."""
    client = logged_on(options, SMB311)
    client.tree_connect("data", flags=2)
    client.log_off()
    client.close()


def host_mismatch(options):
    """NEGOTIATE says ALIAS1, TREE_CONNECT says FILES, as with a DFS link or an alias."""
    client = Client(options.server, name="ALIAS1", dialects=SMB311)
    client.negotiate()
    client.log_on(USER, PASSWORD)
    client.name = "FILES"
    client.tree_connect("data")
    listing(client)
    leave(client)


def unsigned_tree(options):
    client = logged_on(options, SMB311)
    client.tree_connect("data", sign=False)
    client.close()


def two_trees(options):
    """Asks for a share twice at once, lives on, and takes the first answer."""
    client = logged_on(options)
    path = f"\\\\{client.name}\\data".encode("utf-16-le")
    for _ in range(2):
        client.send(client.build("TREE_CONNECT", struct.pack("<HHHH", 9, 0, 72, len(path)) + path))
    time.sleep(11)
    client.send(client.build("ECHO", struct.pack("<HH", 4, 0)))
    client.receive()
    time.sleep(5)
    client.close()


def unreadable(options):
    """Goes on with the logon in a message that nobody can read."""
    client = Client(options.server, dialects=SMB311)
    client.negotiate()
    client.log_on(USER, PASSWORD, legs=1)
    client.send(b"\xfcSMB" + struct.pack("<IHHI", 4096, 0xFFFF, 0, 0) + bytes(64))
    client.receive()
    client.close()


def oplock_wait(options):
    """Opens a file that another client holds and does not give back; gives up after 12 s."""
    holder = connected(options, SMB311)
    body = bytearray(holder.create_body("readme.txt"))
    body[3] = 9  # SMB2_OPLOCK_LEVEL_BATCH
    holder.call("CREATE", body)
    client = connected(options, SMB311)
    client.socket.settimeout(12)
    try:
        client.call("CREATE", client.create_body("readme.txt"))
    except TimeoutError:
        client.close()
    leave(holder)


def malformed_tree(options):
    """The path lies outside the message, and the request is not signed."""
    client = logged_on(options, SMB311)
    client.call("TREE_CONNECT", struct.pack("<HHHH", 9, 0, 4000, 22), sign=False)
    client.close()


def malformed_create(options):
    """A StructureSize of 56 instead of 57."""
    client = connected(options, SMB311)
    client.call("CREATE", struct.pack("<H", 56) + client.create_body()[2:])
    client.close()


def unsigned_create(options):
    client = connected(options)
    client.validate_negotiate()
    client.call("CREATE", client.create_body(), sign=False)
    leave(client)


def bad_signature(options):
    client = logged_on(options, SMB311)
    right, client.keys.session_key = client.keys.session_key, bytes(16)
    client.tree_connect("data")
    client.keys.session_key = right
    client.log_off()
    client.close()


def bad_signatures(options):
    """Not one TREE_CONNECT is signed right."""
    client = logged_on(options, SMB311)
    right, client.keys.session_key = client.keys.session_key, bytes(16)
    client.tree_connect("IPC$")
    client.tree_connect("data")
    client.keys.session_key = right
    client.log_off()
    client.close()


def bad_path(options):
    """A path that is no UTF-16: half a surrogate pair."""
    client = logged_on(options, SMB311)
    path = "\\\\FILES\\".encode("utf-16-le") + b"\x00\xd8"
    client.call("TREE_CONNECT", struct.pack("<HHHH", 9, 0, 72, len(path)) + path)
    client.log_off()
    client.close()


def tree_too_early(options):
    """Does not wait for the end of the logon."""
    client = Client(options.server, dialects=SMB311)
    client.negotiate()
    response = client.log_on(USER, PASSWORD, legs=1)
    client.session_id = struct.unpack_from("<Q", response, pdu.SESSION_ID)[0]
    client.tree_connect("data")
    client.close()


def wrong_session(options):
    client = connected(options)
    client.validate_negotiate()
    client.session_id ^= 0xFFFF
    client.call("CREATE", client.create_body())
    client.close()


def unencrypted_request(options):
    """The session is to be encrypted; the client goes on in clear."""
    client = logged_on(options, SMB311)
    client.tree_connect("data")
    client.close()


def unencrypted_share(options):
    """The same on a share that the server really encrypts: its answer cannot be read."""
    client = connected(options, SMB311, share="sealed")
    client.call("CREATE", client.create_body())
    client.close()


def transform(client, session_id):
    client.session_id = session_id
    client.keys.session_key = client.keys.session_key or bytes(16)
    client.encrypted_call("TREE_CONNECT", struct.pack("<HHHH", 9, 0, 72, 0))
    client.close()


def encryptless_share(options):
    """Opens the root of the share in clear, whatever the share says."""
    client = connected(options, SMB311)
    listing(client)
    leave(client)


def hold_small(options):
    """Stays connected to a share that has room for one."""
    client = connected(options, SMB311, share="small")
    time.sleep(20)
    client.close()


def encrypted_before_session(options):
    client = Client(options.server, dialects=SMB311)
    client.negotiate()
    transform(client, 0x4711)


def encrypted_unknown_session(options):
    client = connected(options, SMB311)
    transform(client, client.session_id ^ 0xFFFF)


def encrypted_on_guest(options):
    client = Client(options.server, dialects=SMB311)
    client.negotiate()
    client.log_on("mallory", "secret")
    transform(client, client.session_id)


def second_session_unknown(options):
    """One session encrypts as it should; another one was never set up."""
    client = connected(options, SMB311)
    client.encrypted_call("TREE_DISCONNECT", struct.pack("<HH", 4, 0))
    transform(client, client.session_id ^ 0xFFFF)


def second_session_guest(options):
    """One session encrypts as it should; another one is a guest's."""
    client = connected(options, SMB311)
    client.encrypted_call("TREE_DISCONNECT", struct.pack("<HH", 4, 0))
    client.session_id = client.tree_id = 0
    client.signing = False
    client.log_on("mallory", "secret")
    transform(client, client.session_id)


def encrypted_on_210(options):
    client = connected(options, (0x202, 0x210))
    client.validate_negotiate()
    transform(client, client.session_id)


def reconnect(options):
    """The connection breaks; the client comes back and names its previous session."""
    client = connected(options, SMB311)
    previous = client.session_id
    client.close()
    time.sleep(0.3)
    client = Client(options.server, dialects=SMB311)
    client.negotiate()
    client.log_on(USER, PASSWORD, previous=previous)
    client.tree_connect("data")
    listing(client)
    leave(client)


def same_ports(options):
    """Two connections between the same ports, one after the other."""
    client = connected(options, SMB311, own_port=49152)
    listing(client)
    client.reset()
    time.sleep(0.5)
    client = connected(options, SMB311, share="nosuchshare", own_port=49152)
    client.reset()


def look_in(options):
    """Looks whether somebody is there, as monitors and port scanners do."""
    for _ in range(2):
        socket.create_connection((options.server, 445)).close()
        time.sleep(0.2)


def unhurried(options):
    """Waits 12 seconds after each stage, as a user does who is asked for a password. Meanwhile
    somebody else looks whether the server is there."""
    client = Client(options.server, dialects=SMB311)
    for step in (client.negotiate, lambda: client.log_on(USER, PASSWORD),
                 lambda: client.tree_connect("data"), lambda: listing(client)):
        step()
        time.sleep(11)
        socket.create_connection((options.server, 445)).close()
        time.sleep(1)
    leave(client)


def multichannel(options):
    """A second connection is bound to the session of the first."""
    first = connected(options, SMB311)
    second = Client(options.server, dialects=SMB311)
    second.negotiate()
    second.session_id = first.session_id
    bind(second, first, second.keys.hash)
    second.tree_id = first.tree_id
    listing(second)
    second.close()
    leave(first)


def refused_channel(options, sign=True, **settings):
    """The server refuses the second connection as a channel; the first one goes on, if it can."""
    first = connected(options, SMB311)
    second = Client(options.server, **{"dialects": SMB311, **settings})
    second.negotiate()
    second.session_id = first.session_id
    bind(second, first, second.keys.hash, sign)
    second.close()
    listing(first)
    first.close()


def bind_plainly(options):
    refused_channel(options)


def bind_other_dialect(options):
    refused_channel(options, dialects=SMB3)


def bind_other_client(options):
    refused_channel(options, guid=bytes(range(16)))


def bind_other_cipher(options):
    refused_channel(options, ciphers=(1,))


def bind_unsigned(options):
    refused_channel(options, sign=False)


def bind_guest(options):
    """The session is a guest's, and has no key."""
    first = Client(options.server, dialects=SMB311)
    first.negotiate()
    first.log_on("mallory", "secret")
    first.tree_connect("public")
    second = Client(options.server, dialects=SMB311)
    second.negotiate()
    second.session_id = first.session_id
    bind(second, first, second.keys.hash)
    second.close()
    first.close()


def renewal_refused(options):
    """Renews its logon with a wrong password, and asks for a share."""
    client = connected(options)
    client.tree_id = 0
    client.log_on(USER, "changed", sign_legs=True)
    client.tree_connect("public")
    client.close()


def renewal_overcome(options):
    """Renews its logon with a wrong password, and logs on anew with the right one."""
    client = connected(options)
    client.tree_id = 0
    client.log_on(USER, "changed", sign_legs=True)
    client.session_id = 0
    client.signing = False
    client.log_on(USER, PASSWORD)
    client.tree_connect("data")
    listing(client)
    leave(client)


def renewed(options):
    """Renews its logon, and goes on."""
    client = connected(options)
    tree, key, client.tree_id = client.tree_id, client.keys.session_key, 0
    client.log_on(USER, PASSWORD, sign_legs=True)
    client.tree_id, client.keys.session_key = tree, key  # a renewal keeps the key
    listing(client)
    leave(client)


def later_listing(options):
    """Looks into the share once more 3 s later."""
    client = connected(options, SMB311)
    listing(client)
    time.sleep(3)
    listing(client)
    client.close()


def side_by_side(options):
    """Two connections at once, each with a session of its own."""
    first = connected(options, SMB311)
    second = connected(options, SMB311)
    listing(first)
    listing(second)
    leave(second)
    leave(first)


def two_addresses(options):
    """The same at two addresses of one name."""
    first = connected(options, SMB311)
    options.server = "192.0.2.20"
    second = connected(options, SMB311)
    listing(first)
    listing(second)
    leave(second)
    leave(first)


def other_server(options):
    """A second connection shows another server GUID: it is closed, as [MS-SMB2] 3.2.5.2 wants."""
    first = connected(options, SMB311)
    second = Client(options.server, dialects=SMB311)
    second.negotiate()
    listing(first)
    second.close()
    leave(first)


def three_in_turn(options):
    """One connection after the other."""
    for _ in range(3):
        client = connected(options, SMB311)
        listing(client)
        leave(client)


def lower_offer(options):
    """Comes back with less."""
    leave(connected(options, SMB311))
    client = connected(options, SMB3)
    client.validate_negotiate()
    listing(client)
    leave(client)


def bind(second, first, preauth, sign=True):
    """Binding requests are signed with the key of the session; the channel gets its own key from
    the second logon."""
    channel = second.keys
    second.keys = BindingKeys(first.keys, channel, preauth)
    second.log_on(USER, PASSWORD, flags=1, sign_legs=sign)
    channel.session_key = second.keys.session_key
    channel.hash = second.keys.hash
    second.keys = channel


class BindingKeys:
    """Signs with the first channel's keys, keeps the hash of the second channel."""

    def __init__(self, session, channel, preauth):
        self.session, self.channel, self.hash = session, channel, preauth
        self.session_key = session.session_key

    def extend_hash(self, message):
        self.channel.hash = self.hash
        self.channel.extend_hash(message)
        self.hash = self.channel.hash

    def sign(self, message):
        self.session.sign(message)


def compound(options):
    """CREATE, QUERY_INFO and CLOSE in one compound request, signed one by one."""
    client = connected(options, SMB311)
    file_id = b"\xff" * 16
    bodies = [("CREATE", client.create_body()),
              ("QUERY_INFO", struct.pack("<HBBIHHIII16s", 41, 1, 5, 256, 0, 0, 0, 0, 0, file_id)),
              ("CLOSE", struct.pack("<HHI16s", 24, 0, 0, file_id))]
    chain = b""
    for index, (command, body) in enumerate(bodies):
        message = client.header(command, related=index > 0) + bytearray(body)
        if index < len(bodies) - 1:
            message += bytes(-len(message) % 8)
            pdu.put32(message, pdu.NEXT, len(message))
        client.keys.sign(message)
        chain += message
    client.send(chain)
    client.receive()
    leave(client)


SCRIPTS = {name: value for name, value in list(globals().items())
           if callable(value) and getattr(value, "__module__", "") == "__main__"
           and name.islower() and value.__code__.co_varnames[:1] == ("options",)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("script", choices=sorted(SCRIPTS))
    parser.add_argument("--server", default="192.0.2.30")
    options = parser.parse_args()
    SCRIPTS[options.script](options)


if __name__ == "__main__":
    sys.exit(main())
