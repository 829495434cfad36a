"""demo.py - starts ws_demo, and prints the addresses of its page.

This process becomes ws_demo (exec): Ctrl-C and kill reach ws_demo, and the exit status is ws_demo's.
"""
import contextlib
import fcntl
import os
import re
import signal
import socket
import struct
import sys

import building
import environment
import process
from terminal import say

EVERY_ADDRESS = ("0.0.0.0", "[::]")  # the second takes IPv4 clients, too
SIOCGIFFLAGS, SIOCGIFADDR, IFF_UP = 0x8913, 0x8915, 1  # linux/sockios.h, linux/if.h


def main(arguments):
    """Does not return: execs ws_demo, with its stdout to a child that reads it."""
    program = building.programs() / "ws_demo/ws_demo"
    scheme = "https" if {"--self-signed", "--certificate"} & {word.partition("=")[0] for word in arguments} else "http"
    output = tell_addresses_in_child(scheme)
    os.dup2(output, sys.stdout.fileno())
    os.close(output)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and an ignored signal stays ignored
    os.execve(program, [str(program), *arguments], environment.made())


def tell_addresses_in_child(scheme):
    """Forks the reader of ws_demo's stdout. Returns the descriptor to write to. The reader ends when ws_demo has."""
    sys.stdout.flush()
    read_end, write_end = os.pipe()
    parent = os.getpid()
    if os.fork():
        os.close(read_end)
        return write_end
    os.close(write_end)
    process.die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: for ws_demo, whose last lines are read to their end
    with contextlib.suppress(BrokenPipeError), open(read_end, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            say(line.rstrip("\n"))
            for more in where_to_look(line, scheme):
                say(more)
    os._exit(0)


def where_to_look(line, scheme):
    """What a browser is given, once ws_demo says that it listens."""
    listening = re.fullmatch(r"listening on ([0-9.]+|\[[^]]+\]):([0-9]+)\n", line)
    if not listening:
        return
    address, port = listening.groups()
    if address not in EVERY_ADDRESS:
        yield f"open {scheme}://{address}:{port}/ in two windows"
        return
    yield f"open {scheme}://127.0.0.1:{port}/ in two windows here"
    others = list(addresses())
    for name, other in others:
        yield f"and {scheme}://{other}:{port}/ on what is in the network of {name}"
    if not others:
        yield "this machine has no address in any network"


def addresses():
    """The name and IPv4 address of each network interface that is up, loopback aside."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode())
            try:
                flags = struct.unpack_from("H", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request), 16)[0]
                address = socket.inet_ntoa(fcntl.ioctl(any_socket, SIOCGIFADDR, request)[20:24])
            except OSError:  # it has none
                continue
            if flags & IFF_UP and not address.startswith("127."):
                yield name, address
