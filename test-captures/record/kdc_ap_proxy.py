#!/usr/bin/python3
"""proxy.py with one more action, for what a server answers to a Kerberos ticket that it refuses.

    krb-error CODE [0xSTATUS]   make the SESSION_SETUP response an error response whose security
                                blob is a negTokenResp with a KRB-ERROR (default 0xC000006D)

Windows sends such tokens; Samba's file server answers with the bare status.
"""
import datetime
import struct

from impacket.krb5 import asn1
from impacket.spnego import SPNEGO_NegTokenResp, TypesMech
from pyasn1.codec.der import encoder

import proxy
import smb2pdu as pdu

KRB5_OID = bytes.fromhex("06092a864886f712010202")
KRB_ERROR_TOKEN = b"\x03\x00"
LOGON_FAILURE, MORE_PROCESSING = 0xC000006D, 0xC0000016
ACCEPT_INCOMPLETE, REJECT = b"\x01", b"\x02"
BLOB_OFFSET = 72                # from the SMB2 header: behind the eight fixed bytes


def krb_error(code):
    now = datetime.datetime.now(datetime.timezone.utc)
    error = asn1.KRB_ERROR()
    error["pvno"] = 5
    error["msg-type"] = 30
    error["stime"] = now.strftime("%Y%m%d%H%M%SZ")
    error["susec"] = now.microsecond
    error["error-code"] = code
    error["realm"] = "LAB.EXAMPLE"
    error["sname"]["name-type"] = 2
    for index, part in enumerate(("cifs", "files.lab.example")):
        error["sname"]["name-string"][index] = part
    return encoder.encode(error)


def gss_token(data):
    """RFC 4121 4.1: [APPLICATION 0] mechanism, token id, token."""
    inner = KRB5_OID + KRB_ERROR_TOKEN + data
    length = bytes([len(inner)]) if len(inner) < 128 else b"\x81" + bytes([len(inner)])
    return b"\x60" + length + inner


def security_blob(code, status):
    answer = SPNEGO_NegTokenResp()
    answer["NegState"] = ACCEPT_INCOMPLETE if status == MORE_PROCESSING else REJECT
    answer["SupportedMech"] = TypesMech["MS KRB5 - Microsoft Kerberos 5"]
    answer["ResponseToken"] = gss_token(krb_error(code))
    return answer.getData()


def act_krb_error(passage, code, status=hex(LOGON_FAILURE)):
    status = int(status, 16)
    blob = security_blob(int(code), status)
    pdu.put32(passage.message, pdu.STATUS, status)
    pdu.unsign(passage.message)
    passage.message[pdu.HEADER:] = struct.pack("<HHHH", 9, 0, BLOB_OFFSET, len(blob)) + blob


proxy.ACTIONS["krb-error"] = act_krb_error

if __name__ == "__main__":
    proxy.main()
