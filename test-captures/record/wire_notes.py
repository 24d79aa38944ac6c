"""One line per frame of a capture that matters to what is found in it.

    wire_notes.py STEM

Left out, unless a row of STEM.expected names the frame or its answer: acknowledgements, handshakes,
segments of messages that end in a later frame, DNS queries for IPv6 addresses that there are not,
file work that succeeded, and the orderly end of a connection.
"""
import pathlib
import re
import subprocess
import sys

FIELDS = ["frame.number", "frame.time_relative", "tcp.stream", "ip.src", "ipv6.src", "_ws.col.Info",
          "tcp.flags.reset", "tcp.flags.fin", "tcp.flags.syn", "tcp.flags.ack", "tcp.len",
          "tcp.dstport", "tcp.analysis.retransmission", "tcp.reassembled_in",
          "icmp.type", "icmpv6.type", "dns.qry.name", "dns.qry.type", "dns.aaaa",
          "kerberos.error_code", "kerberos.SNameString",
          "smb2.flags.signature", "smb2.cmd", "smb2.nt_status", "smb2.response_in", "smb2.response_to"]

SERVER_PORTS = ("445", "139", "4450", "88")
A, AAAA = "1", "28"
TREE_DISCONNECT_OR_LOGOFF = {"4", "2"}
FILE_WORK = ("Create ", "Find ", "GetInfo ", "SetInfo ", "Close ", "Read ", "Write ")


def rows(capture):
    command = ["tshark", "-n", "-2", "-d", "tcp.port==4450,nbss", "-r", capture,
               "-T", "fields", "-E", "separator=\x1f", "-E", "occurrence=a"]
    for field in FIELDS:
        command += ["-e", field]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [dict(zip(FIELDS, line.split("\x1f"))) for line in output.splitlines()]


def findings(expected):
    """The frames that rows of an .expected file name, and those with more than a chat."""
    named, serious = set(), set()
    if expected.exists():
        for frame, what, other in re.findall(r"^(\d+) (\w+) (\w+)", expected.read_text(), re.M):
            named.update({frame, other} if what == "link" else {frame})
            if what in ("error", "warning", "note"):
                serious.add(frame)
    return named, serious


# ---- what happened around a frame ----

class Wire:
    """The rows of a capture, and what is known of each only from others."""

    def __init__(self, all_rows):
        self.by_frame = {row["frame.number"]: row for row in all_rows}
        self.accepted = {row["tcp.stream"] for row in all_rows if is_syn(row, ack="1")}
        self.asked_for_a = {row["dns.qry.name"] for row in all_rows if row["dns.qry.type"] == A}
        self.with_aaaa = {row["dns.qry.name"] for row in all_rows if row["dns.aaaa"]}
        self.last_message = {}
        self.closed = set()

    def pair(self, row):
        """Request and answer, as far as they are there."""
        numbers = [row["frame.number"]]
        numbers += (row["smb2.response_in"] + "," + row["smb2.response_to"]).split(",")
        return [self.by_frame[number] for number in numbers if number in self.by_frame]

    def is_orderly_end(self, row, serious):
        """Of a connection on which nobody waits and whose last answer was no trouble."""
        last = self.last_message.get(row["tcp.stream"])
        if row["tcp.stream"] in self.closed:
            return True
        if last is None:
            return row["tcp.stream"] in self.accepted
        if set(last["smb2.cmd"].split(",")) <= TREE_DISCONNECT_OR_LOGOFF:
            return last["frame.number"] not in serious
        is_answered = last["tcp.dstport"] not in SERVER_PORTS and not is_pending(last)
        return is_answered and row["tcp.flags.reset"] == "0" and last["frame.number"] not in serious

    def pass_by(self, row):
        """What the rows after this one are to know of it."""
        if row["tcp.len"] not in ("", "0"):
            self.last_message[row["tcp.stream"]] = row
        if is_end(row):
            self.closed.add(row["tcp.stream"])


def quotes(row):
    """An ICMP error shows fields of the packet that it is about."""
    return row["icmp.type"] or row["icmpv6.type"]


def is_syn(row, ack):
    return row["tcp.flags.syn"] == "1" and row["tcp.flags.ack"] == ack


def is_end(row):
    return row["tcp.flags.reset"] == "1" or row["tcp.flags.fin"] == "1"


def is_pending(row):
    return "0x00000103" in row["smb2.nt_status"]


def has_failed(row):
    return any(int(status, 16) >= 0xC0000000 for status in row["smb2.nt_status"].split(",") if status)


# ---- which frames are left out ----

def is_needless_aaaa(row, wire):
    name = row["dns.qry.name"]
    return row["dns.qry.type"] == AAAA and name in wire.asked_for_a and name not in wire.with_aaaa


def is_file_work(row):
    """Not a CREATE that does more than one thing at a time."""
    info = row["_ws.col.Info"].strip()
    return info.startswith(FILE_WORK) and not (info.startswith("Create") and "," in row["smb2.cmd"])


def is_done_file_work(row, wire):
    """Request and answer of file work that was answered and did not fail."""
    pair = wire.pair(row)
    return len(pair) > 1 and all(is_file_work(one) and not has_failed(one) and not is_pending(one)
                                 for one in pair)


def is_needless(row, wire, serious):
    if row["tcp.flags.syn"] == "1":
        return row["tcp.stream"] in wire.accepted
    if row["tcp.flags.reset"] == "1" or (is_end(row) and row["tcp.len"] == "0"):
        return wire.is_orderly_end(row, serious)
    if row["tcp.reassembled_in"] not in ("", row["frame.number"]):
        return True
    return row["tcp.len"] == "0" or is_needless_aaaa(row, wire) or is_done_file_work(row, wire)


# ---- words ----

def describe(row):
    info = row["_ws.col.Info"].strip()
    marks = []
    if info.startswith("KRB Error") and row["smb2.cmd"]:
        marks.append(f"in a SESSION_SETUP response with status {row['smb2.nt_status']}")
    if row["kerberos.error_code"]:
        marks.append("error " + row["kerberos.error_code"])
    if row["kerberos.SNameString"]:
        # A TGS-REQ names the ticket-granting service (in its ticket) before the one it asks for.
        marks.append("service " + "/".join(row["kerberos.SNameString"].split(",")[-2:]))
    if row["smb2.flags.signature"] and not quotes(row):
        marks.append("signed" if "1" in row["smb2.flags.signature"] else "unsigned")
    if row["tcp.analysis.retransmission"]:
        marks.append("retransmission")
    if quotes(row):
        info = "ICMP: " + info
    elif row["tcp.flags.reset"] == "1":
        info = "RST"
    elif row["tcp.flags.fin"] == "1" and row["tcp.len"] == "0":
        info = "FIN"
    elif row["tcp.flags.syn"] == "1":
        info = "SYN, ACK" if row["tcp.flags.ack"] == "1" else "SYN"
    return info + (f" ({', '.join(marks)})" if marks else "")


def notes(stem):
    named, serious = findings(pathlib.Path(stem + ".expected"))
    wire = Wire(rows(stem + ".pcapng"))
    for row in wire.by_frame.values():
        is_named = any(one["frame.number"] in named for one in wire.pair(row))
        if is_named or not is_needless(row, wire, serious):
            source = (row["ip.src"] or row["ipv6.src"]).split(",")[0]
            time = float(row["frame.time_relative"])
            yield f"frame {row['frame.number']} at {time:.3f} s, {source}: {describe(row)}"
        wire.pass_by(row)


if __name__ == "__main__":
    for note in notes(sys.argv[1]):
        print(note)
