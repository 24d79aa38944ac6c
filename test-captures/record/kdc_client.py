#!/usr/bin/python3
"""smb2client.Client with a Kerberos logon that offers NTLM beside it, as Windows does.

    kdc_client.py SCRIPT --server ADDRESS --user USER --password PASSWORD --name HOST
                  [--service HOST] [--padding BYTES]

HOST of --name is what the user typed (negotiate context, tree path), of --service the host in the
service name asked for; by default the same. The tickets come from MIT's kinit and kvno: the
request that impacket sends for a service ticket lacks a checksum that a Samba KDC insists on.
"""
import argparse
import datetime
import os
import struct
import subprocess

from impacket.krb5 import asn1, constants
from impacket.krb5.ccache import CCache
from impacket.krb5.gssapi import KRB5_AP_REQ
from impacket.krb5.types import KerberosTime, Principal, Ticket
from impacket.ntlm import getNTLMSSPType1, getNTLMSSPType3
from impacket.spnego import SPNEGO_NegTokenInit, SPNEGO_NegTokenResp, TypesMech
from pyasn1.codec.der import decoder, encoder
from pyasn1.type.univ import noValue

import smb2pdu as pdu
from smb2client import Client

REALM, DOMAIN = "LAB.EXAMPLE", "LAB"
AUTHENTICATOR_KEY_USAGE = 11
MORE_PROCESSING = 0xC0000016
KERBEROS = [TypesMech["MS KRB5 - Microsoft Kerberos 5"], TypesMech["KRB5 - Kerberos 5"]]
USER_TO_USER = [TypesMech["KRB5 - Kerberos 5 - User to User"]]
NTLM = TypesMech["NTLMSSP - Microsoft NTLM Security Support Provider"]
KRB5_OID = bytes.fromhex("06092a864886f712010202")


def length_of(data):
    """DER length octets."""
    if len(data) < 128:
        return bytes([len(data)])
    size = (len(data).bit_length() + 7) // 8
    return bytes([0x80 | size]) + len(data).to_bytes(size, "big")


class NoTicket(Exception):
    pass


class DomainClient(Client):
    def __init__(self, options, **settings):
        super().__init__(options.server, name=options.name, **settings)
        self.options = options

    def ticket(self):
        """AS and TGS exchange with the KDC. Raises NoTicket."""
        service = f"cifs/{self.options.service}@{REALM}"
        for command, answer in ((["kinit", self.options.user], self.options.password),
                                (["kvno", service], "")):
            if subprocess.run(command, input=answer + "\n", text=True, check=False).returncode:
                raise NoTicket(command)
        cache = CCache.loadFile(os.environ["KRB5CCNAME"].removeprefix("FILE:"))
        found = cache.getCredential(service).toTGS(service)
        self.tgs, self.cipher, self.ticket_key = found["KDC_REP"], found["cipher"], found["sessionKey"]

    def ap_req(self):
        request = asn1.AP_REQ()
        request["pvno"] = 5
        request["msg-type"] = 14
        request["ap-options"] = constants.encodeFlags([])
        ticket = Ticket()
        ticket.from_asn1(decoder.decode(self.tgs, asn1Spec=asn1.TGS_REP())[0]["ticket"])
        asn1.seq_set(request, "ticket", ticket.to_asn1)
        request["authenticator"] = noValue
        request["authenticator"]["etype"] = self.cipher.enctype
        request["authenticator"]["cipher"] = self.cipher.encrypt(
            self.ticket_key, AUTHENTICATOR_KEY_USAGE, self.authenticator(), None)
        inner = KRB5_OID + KRB5_AP_REQ + encoder.encode(request)
        return b"\x60" + length_of(inner) + inner

    def authenticator(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        value = asn1.Authenticator()
        value["authenticator-vno"] = 5
        value["crealm"] = REALM
        user = Principal(self.options.user, type=constants.PrincipalNameType.NT_PRINCIPAL.value)
        asn1.seq_set(value, "cname", user.components_to_asn1)
        value["cusec"] = now.microsecond
        value["ctime"] = KerberosTime.to_asn1(now)
        if self.options.padding:  # as large as that of a user in very many groups
            value["authorization-data"] = noValue
            value["authorization-data"][0] = noValue
            value["authorization-data"][0]["ad-type"] = 1
            value["authorization-data"][0]["ad-data"] = bytes(self.options.padding)
        return encoder.encode(value)

    def log_on_with_ticket(self, kerberos=KERBEROS):
        """One leg. Returns the response."""
        blob = SPNEGO_NegTokenInit()
        blob["MechTypes"] = kerberos + [NTLM]
        blob["MechToken"] = self.ap_req()
        response = self.session_setup(blob.getData(), 0, 0, False)
        self.session_id = struct.unpack_from("<Q", response, pdu.SESSION_ID)[0]
        if pdu.u32(response, pdu.STATUS) == MORE_PROCESSING:
            self.keys.extend_hash(response)
        elif not pdu.u32(response, pdu.STATUS):
            self.keys.session_key = self.ticket_key.contents[:16]
            self.signing = True
        return response

    def log_on_with_ntlm_instead(self):
        """The server has chosen NTLM from the offered mechanisms: two more legs."""
        first = getNTLMSSPType1("CLIENT1", DOMAIN, True)
        response = self.next_leg(first.getData())
        token = SPNEGO_NegTokenResp(bytes(response[72:]))["ResponseToken"]
        self.keys.extend_hash(response)
        third, key = getNTLMSSPType3(first, token, self.options.user, self.options.password, DOMAIN)
        response = self.next_leg(third.getData())
        self.keys.session_key = key
        self.signing = not pdu.u32(response, pdu.STATUS)
        return response

    def next_leg(self, token):
        answer = SPNEGO_NegTokenResp()
        answer["ResponseToken"] = token
        return self.session_setup(answer.getData(), 0, 0, False)


def use_share(client, share="docs"):
    client.tree_connect(share)
    client.tree_disconnect()
    client.log_off()


def script_kerberos(client):
    """Gives up when there is no ticket."""
    client.negotiate()
    client.ticket()
    if not pdu.u32(client.log_on_with_ticket(), pdu.STATUS):
        use_share(client)


def script_fallback(client):
    """NTLM when there is no ticket."""
    client.negotiate()
    try:
        client.ticket()
        client.log_on_with_ticket()
    except NoTicket:
        client.log_on(client.options.user, client.options.password)
    use_share(client)


def script_renegotiate(client):
    """Prefers a kind of Kerberos that the server does not have: it chooses NTLM from the list."""
    client.negotiate()
    client.ticket()
    response = client.log_on_with_ticket(USER_TO_USER)
    if pdu.u32(response, pdu.STATUS) == MORE_PROCESSING:
        client.log_on_with_ntlm_instead()
        use_share(client)


def script_retry(client):
    """A Kerberos error with MORE_PROCESSING_REQUIRED is answered by a new authenticator."""
    client.negotiate()
    client.ticket()
    response = client.log_on_with_ticket()
    if pdu.u32(response, pdu.STATUS) == MORE_PROCESSING:
        client.log_on_with_ticket()
    use_share(client)


SCRIPTS = {"kerberos": script_kerberos, "fallback": script_fallback,
           "renegotiate": script_renegotiate, "retry": script_retry}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("script", choices=SCRIPTS)
    for name in ("server", "user", "password", "name"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--service")
    parser.add_argument("--padding", type=int, default=0)
    parser.add_argument("--dialects", type=lambda text: [int(part, 16) for part in text.split("+")],
                        default=[0x202, 0x210, 0x300, 0x302])
    options = parser.parse_args()
    options.service = options.service or options.name
    client = DomainClient(options, dialects=options.dialects)
    try:
        SCRIPTS[options.script](client)
    except NoTicket as error:
        print(error)
    finally:
        client.close()


if __name__ == "__main__":
    main()
