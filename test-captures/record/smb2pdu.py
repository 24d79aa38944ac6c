"""Looking at one SMB2 message and editing it in place (a bytearray)."""
import struct

COMMANDS = ("NEGOTIATE SESSION_SETUP LOGOFF TREE_CONNECT TREE_DISCONNECT CREATE CLOSE FLUSH READ "
            "WRITE LOCK IOCTL CANCEL ECHO QUERY_DIRECTORY CHANGE_NOTIFY QUERY_INFO SET_INFO "
            "OPLOCK_BREAK").split()
SMB1_NEGOTIATE = 0x72
HEADER = 64
STATUS, FLAGS, NEXT, MESSAGE_ID, TREE_ID, SESSION_ID, SIGNATURE = 8, 16, 20, 24, 36, 40, 48
FLAG_RESPONSE, FLAG_ASYNC, FLAG_SIGNED = 1, 2, 8
STATUS_PENDING = 0x103
FSCTL_VALIDATE_NEGOTIATE_INFO = 0x00140204


def u16(message, offset):
    return struct.unpack_from("<H", message, offset)[0]


def u32(message, offset):
    return struct.unpack_from("<I", message, offset)[0]


def put16(message, offset, value):
    struct.pack_into("<H", message, offset, value)


def put32(message, offset, value):
    struct.pack_into("<I", message, offset, value)


def put64(message, offset, value):
    struct.pack_into("<Q", message, offset, value)


def command(message):
    """The name of a message's command; SMB1 and encrypted messages have one as well."""
    if message[:4] == b"\xfeSMB" and len(message) >= HEADER:
        if is_validate_negotiate(message):
            return "VALIDATE_NEGOTIATE"
        code = u16(message, 12)
        return COMMANDS[code] if code < len(COMMANDS) else f"COMMAND_{code}"
    if message[:4] == b"\xffSMB":
        return "SMB1_NEGOTIATE" if message[4] == SMB1_NEGOTIATE else "SMB1"
    if message[:4] == b"\xfdSMB":
        return "ENCRYPTED"
    return "OTHER"


def is_validate_negotiate(message):
    """An error response to the FSCTL has no control code: see proxy.py, which remembers it."""
    return (u16(message, 12) == COMMANDS.index("IOCTL") and len(message) >= HEADER + 8
            and u16(message, HEADER) in (57, 49)
            and u32(message, HEADER + 4) == FSCTL_VALIDATE_NEGOTIATE_INFO)


def is_smb2(message):
    return message[:4] == b"\xfeSMB" and len(message) >= HEADER


def is_response(message):
    return is_smb2(message) and bool(u32(message, FLAGS) & FLAG_RESPONSE)


def unsign(message):
    """Clears the signed flag and the signature."""
    put32(message, FLAGS, u32(message, FLAGS) & ~FLAG_SIGNED)
    message[SIGNATURE:SIGNATURE + 16] = bytes(16)


def error_body(data=b"", contexts=0):
    return struct.pack("<HBBI", 9, contexts, 0, len(data)) + (data or b"\0")


def make_error(message, status, data=b"", contexts=0):
    """Turns a response into an error response; the signed flag stays as it is."""
    put32(message, STATUS, status)
    message[HEADER:] = error_body(data, contexts)


def error_for_request(request, status):
    """An unsigned error response that answers a request."""
    answer = bytearray(request[:HEADER])
    put16(answer, 6, 1)
    put16(answer, 14, 1)
    put32(answer, FLAGS, FLAG_RESPONSE)
    put32(answer, NEXT, 0)
    unsign(answer)
    make_error(answer, status)
    return answer


def make_async(message, async_id, status=None):
    """Marks a response as asynchronous; AsyncId takes the place of the TreeId."""
    put32(message, FLAGS, u32(message, FLAGS) | FLAG_ASYNC)
    put64(message, 32, async_id)
    if status is not None:
        put32(message, STATUS, status)


def interim_for(response, async_id=7):
    """STATUS_PENDING before the response that is to come."""
    interim = bytearray(response[:HEADER])
    unsign(interim)
    make_async(interim, async_id)
    make_error(interim, STATUS_PENDING)
    return interim


# Where NEGOTIATE and the FSCTL keep the four values that the FSCTL protects:
# (security mode, capabilities, GUID, dialect or first dialect).
def protected_fields(message):
    body = HEADER
    if command(message) == "VALIDATE_NEGOTIATE":
        if is_response(message):
            data = u32(message, body + 32)
        else:
            data = u32(message, body + 24)
        capabilities, guid, mode = data, data + 4, data + 20
        return {"security-mode": mode, "capabilities": capabilities, "guid": guid,
                "dialect": data + (22 if is_response(message) else 24)}
    if is_response(message):
        return {"security-mode": body + 2, "dialect": body + 4, "guid": body + 8,
                "capabilities": body + 24}
    return {"security-mode": body + 4, "capabilities": body + 8, "guid": body + 12,
            "dialect": body + 36}


def set_field(message, name, value):
    at = protected_fields(message)[name]
    if name == "guid":
        message[at:at + 16] = bytes.fromhex(value)
    elif name == "capabilities":
        put32(message, at, int(value, 0))
    else:
        put16(message, at, int(value, 0))


def set_dialects(message, dialects):
    """Replaces the dialect list of a NEGOTIATE request and drops its contexts."""
    put16(message, HEADER + 2, len(dialects))
    message[HEADER + 28:HEADER + 36] = bytes(8)
    message[HEADER + 36:] = struct.pack(f"<{len(dialects)}H", *dialects)


def contexts(message):
    """(type, offset of data, length of data) of every negotiate context of a 3.1.1 message."""
    if is_response(message):
        at, count = u32(message, HEADER + 60), u16(message, HEADER + 6)
    else:
        at, count = u32(message, HEADER + 28), u16(message, HEADER + 32)
    found = []
    for _ in range(count):
        kind, length = u16(message, at), u16(message, at + 2)
        found.append((kind, at + 8, length))
        at += (8 + length + 7) & ~7
    return found


def replace_context_type(message, kind, new_kind):
    """A context of an unknown type is ignored by both ends: as good as taking it out."""
    for found, at, _ in contexts(message):
        if found == kind:
            put16(message, at - 8, new_kind)


def set_cipher(message, cipher):
    """The first cipher of the encryption context (a response has one only)."""
    set_first_of_context(message, 2, cipher)


def set_signing(message, algorithm):
    """The same in the context with signing algorithms."""
    set_first_of_context(message, 8, algorithm)


def set_hash(message, algorithm):
    """The same in the context with hashes, where the length of the salt stands before it."""
    set_first_of_context(message, 1, algorithm, 4)


def set_first_of_context(message, wanted, value, offset=2):
    for kind, at, _ in contexts(message):
        if kind == wanted:
            put16(message, at + offset, value)


def add_system_time(message, seconds):
    """Moves the server's clock in a NEGOTIATE response."""
    ticks = struct.unpack_from("<Q", message, HEADER + 40)[0] + int(seconds * 10**7)
    put64(message, HEADER + 40, ticks)
