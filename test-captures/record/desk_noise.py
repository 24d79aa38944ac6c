#!/usr/bin/python3
"""What a desk does beside SMB: pages of the intranet, names, and the broadcasts of its programs.

    desk_noise.py --seconds N --host NAME --domain DOMAIN
"""
import argparse
import random
import socket
import struct
import time
import urllib.error
import urllib.request

PAGES = ("index", "canteen", "phones", "holidays", "closed")
NAMES = ("dc1", "files", "nas", "intranet", "wpad", "printer")
LLMNR, MDNS = ("224.0.0.252", 5355), ("224.0.0.251", 5353)


def fetch(options):
    try:
        address = f"http://intranet.{options.domain}/{random.choice(PAGES)}.html"
        urllib.request.urlopen(address, timeout=5).read()
    except (urllib.error.URLError, OSError):
        pass                    # one of the pages does not exist


def resolve(options):
    try:
        socket.getaddrinfo(f"{random.choice(NAMES)}.{options.domain}", 80)
    except OSError:
        pass                    # nor do some of the names


def query(name):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    header = struct.pack(">6H", random.randrange(1, 65536), 0, 1, 0, 0, 0)
    return header + labels + b"\0" + struct.pack(">2H", 1, 1)


def shout(options):
    """Asks the neighbours for a name that nobody has, as browsers and printer dialogs do."""
    name, where = random.choice((("wpad", LLMNR), ("printer.local", MDNS)))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as group:
        group.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        try:
            group.sendto(query(name), where)
        except OSError:
            pass                # no route for groups


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--domain", required=True)
    options = parser.parse_args()
    random.seed(options.host)
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        random.choices((fetch, resolve, shout), (4, 5, 2))[0](options)
        time.sleep(random.uniform(0.4, 2.2))


if __name__ == "__main__":
    main()
