"""The servers over TCP: exact replies, byte for byte; at the end the server closes, and nothing comes after.

What is over 64 KiB is sent byte by byte only where something changes: at the first bytes of its frames (the first and
the last 500 of them) and at its end; the rest goes in pieces of 16 KiB (splits.py). All else is truly sent with one
system call a byte. TCP may join what was split; the splits that must be seen are direct.py's business.
"""
import contextlib
from collections import Counter

import deflated
from cases import MESSAGE_MAX
from clients import WebSocket, upgrade
from deflated_cases import Talk
from exchange import PATIENCE, Exchange
from rows import Answer, answer_of
from servers import Server
from splits import is_big, pieces, split, wires
from timing import Deadline

COUNTED_AS = {1002: "protocol_error", 1007: "bad_utf8", 1008: "protocol_error", 1009: "too_big"}


def counted_as(event):
    """Under what name a server counts a connection that ends like this."""
    return COUNTED_AS[event.code] if event.kind == "error" else "handshake"


def shown(data):
    """Short enough for a line."""
    return data.hex() if len(data) <= 40 else f"{data[:32].hex()}... ({len(data)} bytes)"


def first_difference(expected, got):
    """One line about two byte strings that should be the same."""
    for at, (one, other) in enumerate(zip(expected, got)):
        if one != other:
            break
    else:
        at = min(len(expected), len(got))
    return f"expected {shown(expected)}; got {shown(got)}; they differ from byte {at} on"


def converse(server, row, steps, form, seed):
    """One connection: every step's replies come before the next is sent."""
    expected, big = b"", is_big(steps)
    deadline = Deadline(PATIENCE, "all replies and the server's close")
    with WebSocket(server, handshake=False) as peer:
        peer.send(upgrade(Sec_WebSocket_Extensions="permessage-deflate" if row.deflate else None))
        peer.expect_upgrade()
        exchange = Exchange(peer.socket, peer.received)
        for number, (step, (_, events)) in enumerate(zip(steps, row.steps)):
            runs = split(step, form, row.chop, f"{seed} {number}", borders_only=big)
            expected += b"".join(map(answer_of, events))
            exchange.send_all(pieces(step, runs), deadline)
            wanted = len(expected)
            exchange.receive_until(lambda: len(exchange.received) >= wanted, deadline)
        exchange.receive_until(lambda: False, deadline)
        assert exchange.received == expected, first_difference(expected, bytes(exchange.received))


class Tcp:
    """The target: one server of a model, one process for all cases."""

    def __init__(self, name, executable):
        assert executable.exists(), f"{executable} is not built"
        self.name = name
        self.server = Server(executable, name, "ws", ["--message-max", MESSAGE_MAX, "--deflate=15"])
        self.server.__enter__()
        self.ends = Counter()

    def takes(self, row):
        """All that a server can be asked."""
        return not isinstance(row, Answer)

    def check(self, row, seed, forms):
        """Runs the row in these forms; yields (form, what is wrong) for each failure."""
        is_talk = isinstance(row, Talk)
        steps = None if is_talk else wires(row, to_server=True)
        for form in forms:
            self.ends["handshake" if is_talk else counted_as(row.events[-1])] += 1
            try:
                if is_talk:
                    deflated.check_server(self.server, row, form, seed)
                else:
                    converse(self.server, row, steps, form, seed)
            except (AssertionError, OSError, EOFError) as error:
                yield form, str(error) or repr(error)

    def close(self):
        """A clean exit, and every connection counted as what it was."""
        with contextlib.ExitStack() as stack:
            stack.push(self.server)
            closed = self.server.stop()["closed"]
            ends = {reason: count for reason, count in closed.items() if count}
            assert ends == dict(self.ends), f"expected ends {dict(self.ends)}; it counted {ends}"
