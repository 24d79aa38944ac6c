#!/usr/bin/python3
"""A router with a long line behind it: slow_router.py MILLISECONDS ROUTE...

ROUTE is IN-INTERFACE,DESTINATION,OUT-INTERFACE,MAC: IPv4 packets to that address go on to that
network card, each with one hop less left and so many milliseconds later. The kernel has a queue for
that, too (netem), but not every kernel.
"""
import heapq
import ipaddress
import itertools
import select
import socket
import sys
import time

ETH_P_IP = 0x0800
OUTGOING = 4  # PACKET_OUTGOING
ETHERNET = 14


class Route:
    def __init__(self, text, sockets):
        way_in, destination, way_out, mac = text.split(",")
        self.way_in, self.way_out = sockets[way_in], sockets[way_out]
        self.destination = ipaddress.ip_address(destination).packed
        self.mac = bytes.fromhex(mac.replace(":", ""))

    def wants(self, way_in, packet):
        return way_in is self.way_in and packet[ETHERNET + 16:ETHERNET + 20] == self.destination

    def send(self, packet):
        """RFC 1141: the checksum follows the hops left."""
        own = self.way_out.getsockname()[4]
        ip = bytearray(packet[ETHERNET:])
        ip[8] -= 1
        checksum = int.from_bytes(ip[10:12], "big") + 0x100
        ip[10:12] = ((checksum & 0xFFFF) + (checksum >> 16)).to_bytes(2, "big")
        self.way_out.send(self.mac + own + ETH_P_IP.to_bytes(2, "big") + ip)


def open_socket(interface):
    opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    opened.bind((interface, ETH_P_IP))
    return opened


def main():
    delay = float(sys.argv[1]) / 1000
    names = {name for text in sys.argv[2:] for name in text.split(",")[::2]}
    sockets = {name: open_socket(name) for name in names}
    routes = [Route(text, sockets) for text in sys.argv[2:]]
    waiting, order = [], itertools.count()
    while True:
        due = max(waiting[0][0] - time.monotonic(), 0) if waiting else None
        for way_in in select.select(list(sockets.values()), [], [], due)[0]:
            packet, sender = way_in.recvfrom(65536)
            route = next((route for route in routes if route.wants(way_in, packet)), None)
            if route and sender[2] != OUTGOING:
                heapq.heappush(waiting, (time.monotonic() + delay, next(order), route, packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, route, packet = heapq.heappop(waiting)
            route.send(packet)


if __name__ == "__main__":
    main()
