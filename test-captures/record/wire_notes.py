"""One line per frame of a capture that matters: SMB2 messages and how connections end."""
import json
import subprocess
import sys

FIELDS = ["frame.number", "frame.time_relative", "tcp.stream", "ip.src", "ipv6.src", "_ws.col.Info",
          "tcp.flags.reset", "tcp.flags.fin", "tcp.analysis.retransmission", "tcp.flags.syn",
          "smb2.flags.signature", "tcp.len", "tcp.analysis.lost_segment",
          "kerberos.error_code", "kerberos.SNameString",
          "smb2.cmd", "smb2.nt_status"]


def rows(capture):
    command = ["tshark", "-n", "-d", "tcp.port==4450,nbss", "-r", capture,
               "-T", "fields", "-E", "separator=\x1f",
               "-E", "occurrence=a"]
    for field in FIELDS:
        command += ["-e", field]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for line in output.splitlines():
        yield dict(zip(FIELDS, line.split("\x1f")))


def is_after_setup(info):
    """File work that succeeds says nothing about the set-up."""
    return info.startswith(("Find ", "GetInfo ", "Close ", "Read ")) and "DENIED" not in info


def describe(row):
    """None for frames that only carry acknowledgements."""
    info = row["_ws.col.Info"].strip()
    marks = []
    if info.startswith("KRB Error") and row["smb2.cmd"]:
        marks.append(f"in a SESSION_SETUP response with status {row['smb2.nt_status']}")
    if row["kerberos.error_code"]:
        marks.append("error " + row["kerberos.error_code"])
    if row["kerberos.SNameString"]:
        # A TGS-REQ names the ticket-granting service (in its ticket) before the one it asks for.
        marks.append("service " + "/".join(row["kerberos.SNameString"].split(",")[-2:]))
    if row["smb2.flags.signature"]:
        marks.append("signed" if "1" in row["smb2.flags.signature"] else "unsigned")
    if row["tcp.analysis.retransmission"]:
        marks.append("retransmission")
    if row["tcp.flags.reset"] == "1":
        info = "RST"
    elif row["tcp.flags.fin"] == "1" and row["tcp.len"] == "0":
        info = "FIN"
    elif row["tcp.flags.syn"] == "1":
        info = "SYN, ACK" if "[SYN, ACK]" in info else "SYN"
    elif row["tcp.len"] == "0" or is_after_setup(info):
        return None
    return info + (f" ({', '.join(marks)})" if marks else "")


def notes(capture):
    for row in rows(capture):
        text = describe(row)
        if text is None or text in ("SYN", "SYN, ACK"):
            continue
        source = row["ip.src"] or row["ipv6.src"]
        time = float(row["frame.time_relative"])
        yield f"frame {row['frame.number']} at {time:.3f} s, {source}: {text}"


if __name__ == "__main__":
    for note in notes(sys.argv[1]):
        print(note)
