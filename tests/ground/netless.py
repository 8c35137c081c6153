"""A program that has a network of its own, and takes it away while `dendrite` asks axons on it.

Run by `unshare --net`. Its arguments are those of `dendrite`, but for whom it asks; its output and its exit code, too.
"""

import fcntl
import socket
import struct
import subprocess
import sys

from ground.cli import PROGRAM
from ground.mocks import mock_axons

from dendrite_cli.mock.behaviour import Behaviour

AXONS, EVERY = 40, 0.1
"""The axons take a while each, the later ones longer: some answer before the network goes, most would after."""
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1


def loopback(*, up: bool) -> None:
    """Plug the network of this process in, or pull it out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack_from("h", fcntl.ioctl(any_socket, _GET_FLAGS, asked), 16)
        flags = flags | _UP if up else flags & ~_UP
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags))


def main() -> int:
    """Ask, and be cut off when the first answers are there."""
    loopback(up=True)
    behaviours = [Behaviour(delay=EVERY * number) for number in range(AXONS)]
    with mock_axons(behaviours, host=lambda number: f"127.0.0.{number + 1}") as addresses:
        command = [*PROGRAM, sys.argv[1], *(word for address in addresses for word in ("-a", address)), *sys.argv[2:]]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as asking:
            for _ in range(5):
                sys.stdout.buffer.write(asking.stdout.readline())
            loopback(up=False)
            sys.stdout.buffer.write(asking.stdout.read())
    return asking.returncode


if __name__ == "__main__":
    sys.exit(main())
