"""Session keys, signatures and encryption of SMB2, for who knows the password.

Cryptography is that of python3-impacket and what it depends on.
"""
import hashlib
import hmac
import struct

from Cryptodome.Cipher import AES, ARC4
from Cryptodome.Hash import CMAC, MD4

import smb2pdu as pdu

NTLM_KEY_EXCHANGE = 0x40000000
HMAC_SHA256, AES_CMAC, AES_GMAC = 0, 1, 2
AES128_CCM, AES128_GCM, AES256_CCM, AES256_GCM = 1, 2, 3, 4


def hmac_md5(key, data):
    return hmac.new(key, data, hashlib.md5).digest()


def nt_hash(password):
    return MD4.new(password.encode("utf-16-le")).digest()


def ntlm_field(token, at):
    length, _, offset = struct.unpack_from("<HHI", token, at)
    return bytes(token[offset:offset + length])


def ntlm_session_key(password, token):
    """The session key that an NTLMv2 AUTHENTICATE message leads to."""
    response, domain, user = (ntlm_field(token, at) for at in (20, 28, 36))
    exchanged, flags = ntlm_field(token, 52), struct.unpack_from("<I", token, 60)[0]
    identity = user.decode("utf-16-le").upper().encode("utf-16-le") + domain
    base = hmac_md5(hmac_md5(nt_hash(password), identity), response[:16])
    return ARC4.new(base).decrypt(exchanged) if flags & NTLM_KEY_EXCHANGE else base


def derive(key, label, context, length=16):
    """SP800-108 in counter mode, with one block."""
    data = struct.pack(">I", 1) + label + b"\0" + context + struct.pack(">I", length * 8)
    return hmac.new(key, data, hashlib.sha256).digest()[:length]


class Keys:
    """What the two ends know about a session, and what it takes to sign and encrypt for them."""

    def __init__(self):
        self.dialect = 0
        self.algorithm = AES_CMAC
        self.cipher = AES128_CCM
        self.hash = bytes(64)
        self.session_key = None

    def extend_hash(self, message):
        self.hash = hashlib.sha512(self.hash + message).digest()

    def see_negotiate_response(self, message):
        if pdu.u32(message, pdu.STATUS):
            return
        self.dialect = pdu.u16(message, pdu.HEADER + 4)
        if self.dialect != 0x311:
            return
        for kind, at, _ in pdu.contexts(message):
            if kind == 2:
                self.cipher = pdu.u16(message, at + 2)
            if kind == 8:
                self.algorithm = pdu.u16(message, at + 2)

    def see_session_request(self, message, password):
        at = message.find(b"NTLMSSP\0\x03\0\0\0")
        if at >= 0:
            self.session_key = ntlm_session_key(password, message[at:])

    def signing_key(self):
        if self.dialect < 0x300:
            return self.session_key
        if self.dialect < 0x311:
            return derive(self.session_key, b"SMB2AESCMAC\0", b"SmbSign\0")
        return derive(self.session_key, b"SMBSigningKey\0", self.hash)

    def sign(self, message):
        pdu.put32(message, pdu.FLAGS, pdu.u32(message, pdu.FLAGS) | pdu.FLAG_SIGNED)
        message[pdu.SIGNATURE:pdu.SIGNATURE + 16] = bytes(16)
        message[pdu.SIGNATURE:pdu.SIGNATURE + 16] = self.signature(bytes(message))

    def signature(self, message):
        key = self.signing_key()
        if self.dialect < 0x300:
            return hmac.new(key, message, hashlib.sha256).digest()[:16]
        if self.dialect == 0x311 and self.algorithm == AES_GMAC:
            role = 1 if pdu.is_response(message) else 0
            nonce = bytes(message[pdu.MESSAGE_ID:pdu.MESSAGE_ID + 8]) + struct.pack("<I", role)
            return AES.new(key, AES.MODE_GCM, nonce).update(message).digest()
        return CMAC.new(key, message, ciphermod=AES).digest()

    def encrypt_request(self, message, session_id, nonce=b"lab nonce 1"):
        """A transform header with the message in it, as a client sends it."""
        if self.dialect == 0x311:
            key = derive(self.session_key, b"SMBC2SCipherKey\0", self.hash)
        else:
            key = derive(self.session_key, b"SMB2AESCCM\0", b"ServerIn \0")
        gcm = self.dialect == 0x311 and self.cipher == AES128_GCM
        nonce = (nonce + bytes(16))[:12 if gcm else 11]
        tail = nonce + bytes(16 - len(nonce)) + struct.pack("<IHHQ", len(message), 0, 1, session_id)
        mode = AES.MODE_GCM if gcm else AES.MODE_CCM
        cipher = AES.new(key, mode, nonce)
        cipher.update(tail)
        sealed, tag = cipher.encrypt_and_digest(bytes(message))
        return b"\xfdSMB" + tag + tail + sealed
