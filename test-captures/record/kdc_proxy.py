#!/usr/bin/python3
"""Stands before a KDC (UDP and TCP) and answers chosen requests itself.

    kdc_proxy.py --listen ADDRESS --port N --kdc ADDRESS --rule RULE...

A rule is 'REQUEST: ACTION'. REQUEST is as (an AS-REQ without encrypted timestamp), as-preauth
(an AS-REQ with one), tgs or any. ACTION is

    error CODE [0xNTSTATUS]   answer with a KRB-ERROR; NTSTATUS goes into its e-data
    drop                      read it and never answer

What no rule fits is passed on over TCP. The KRB-ERROR names the service and the realm of the
request and carries the true time, as a KDC's does.
"""
import argparse
import datetime
import re
import select
import socket
import struct
import threading

from impacket.krb5 import asn1
from pyasn1.codec.der import decoder, encoder

RULE = re.compile(r"(as|as-preauth|tgs|any): (error (\d+)(?: (0x[0-9a-f]+))?|drop)$", re.I)
AS_REQ, TGS_REQ = 0x6A, 0x6C    # application tags 10 and 12
PA_ENC_TIMESTAMP = 2
TD_EXTENDED_ERROR = 3           # MS-KILE 2.2.1: KERB-ERROR-DATA with an NTSTATUS


class Rule:
    def __init__(self, text):
        match = RULE.match(text)
        if not match:
            raise SystemExit(f"not a rule: {text}")
        self.request = match[1]
        self.code = int(match[3]) if match[3] else None
        self.status = int(match[4], 16) if match[4] else None


def decode(data):
    spec = asn1.AS_REQ() if data[0] == AS_REQ else asn1.TGS_REQ()
    return decoder.decode(data, asn1Spec=spec)[0]


def kind_of(data):
    """What a rule calls this request; 'other' for what is none (kpasswd, garbage)."""
    if not data or data[0] not in (AS_REQ, TGS_REQ):
        return "other"
    if data[0] == TGS_REQ:
        return "tgs"
    types = [int(entry["padata-type"]) for entry in decode(data)["padata"]]
    return "as-preauth" if PA_ENC_TIMESTAMP in types else "as"


def extended_error(status):
    """KERB-ERROR-DATA { data-type 3, data-value NTSTATUS, reserved 0, flags 1 }, in DER."""
    value = struct.pack("<III", status, 0, 1)
    fields = b"\xa1\x03\x02\x01" + bytes([TD_EXTENDED_ERROR])
    fields += b"\xa2" + bytes([len(value) + 2]) + b"\x04" + bytes([len(value)]) + value
    return b"\x30" + bytes([len(fields)]) + fields


def krb_error(data, rule):
    body = decode(data)["req-body"]
    now = datetime.datetime.now(datetime.timezone.utc)
    error = asn1.KRB_ERROR()
    error["pvno"] = 5
    error["msg-type"] = 30
    error["stime"] = now.strftime("%Y%m%d%H%M%SZ")
    error["susec"] = now.microsecond
    error["error-code"] = rule.code
    error["realm"] = str(body["realm"])
    error["sname"]["name-type"] = int(body["sname"]["name-type"])
    for index, part in enumerate(body["sname"]["name-string"]):
        error["sname"]["name-string"][index] = str(part)
    if rule.status is not None:
        error["e-data"] = extended_error(rule.status)
    return encoder.encode(error)


class Proxy:
    def __init__(self, arguments):
        self.kdc = (arguments.kdc, 88)
        self.rules = [Rule(text) for text in arguments.rule]

    def answer(self, data):
        """None: no answer."""
        kind = kind_of(data)
        for rule in self.rules:
            if rule.request in (kind, "any"):
                return krb_error(data, rule) if rule.code is not None else None
        return self.ask_kdc(data)

    def ask_kdc(self, data):
        with socket.create_connection(self.kdc, timeout=5) as upstream:
            upstream.sendall(struct.pack(">I", len(data)) + data)
            return read_record(upstream)

    def serve_stream(self, stream):
        """Half-open until the client closes: a KDC behind a lossy path looks like that."""
        with stream:
            while (data := read_record(stream)) is not None:
                reply = self.answer(data)
                if reply is not None:
                    stream.sendall(struct.pack(">I", len(reply)) + reply)

    def serve_datagram(self, listener):
        data, peer = listener.recvfrom(65535)
        reply = self.answer(data)
        if reply is not None:
            listener.sendto(reply, peer)


def read_record(stream):
    header = read_exactly(stream, 4)
    return None if header is None else read_exactly(stream, struct.unpack(">I", header)[0])


def read_exactly(stream, length):
    data = b""
    while len(data) < length:
        chunk = stream.recv(length - len(data))
        if not chunk:
            return None
        data += chunk
    return data


def serve(proxy, address):
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(address)
    streams = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    streams.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    streams.bind(address)
    streams.listen(8)
    while True:
        readable, _, _ = select.select([datagrams, streams], [], [])
        if datagrams in readable:
            proxy.serve_datagram(datagrams)
        if streams in readable:
            stream, _ = streams.accept()
            threading.Thread(target=proxy.serve_stream, args=(stream,), daemon=True).start()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--kdc", required=True)
    parser.add_argument("--rule", action="append", default=[])
    arguments = parser.parse_args()
    serve(Proxy(arguments), (arguments.listen, arguments.port))


if __name__ == "__main__":
    main()
