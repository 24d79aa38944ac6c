"""Switches segmentation and checksum offload of an interface off.

With offload a capture inside a namespace shows segments larger than the MTU and
checksums that nobody computed. ethtool would do the same, but is one more package.
"""
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
SET_COMMANDS = {
    "rx checksum": 0x15,
    "tx checksum": 0x17,
    "scatter-gather": 0x19,
    "tso": 0x1F,
    "gso": 0x24,
    "gro": 0x2C,
}


def switch_off(sock, interface, command):
    """ETHTOOL_S<feature> with value 0; a driver may not know a feature."""
    import ctypes
    value = ctypes.create_string_buffer(struct.pack("II", command, 0))
    request = struct.pack("16sP", interface.encode(), ctypes.addressof(value))
    try:
        fcntl.ioctl(sock, SIOCETHTOOL, request)
    except OSError:
        pass


def main():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for command in SET_COMMANDS.values():
            switch_off(sock, sys.argv[1], command)


if __name__ == "__main__":
    main()
