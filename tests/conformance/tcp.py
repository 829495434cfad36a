"""The servers over TCP: exact replies, byte for byte; at the end the server closes, and nothing comes after.

What is over 64 KiB is sent byte by byte only where something changes: at the first bytes of its frames (the first and
the last 500 of them) and at its end; the rest goes in pieces of 16 KiB (splits.py). All else is truly sent with one
system call a byte. TCP may join what was split; the splits that must be seen are direct.py's business.
"""
import contextlib
import select
from collections import Counter

from cases import MESSAGE_MAX
from clients import WebSocket
from rows import Answer, answer_of
from servers import Server
from splits import is_big, pieces, split, wires
from timing import Deadline

COUNTED_AS = {1002: "protocol_error", 1007: "bad_utf8", 1008: "protocol_error", 1009: "too_big"}
READ_SIZE = 256 * 1024
PATIENCE = 10  # seconds in which nothing moves: a conversation of 22,000 single bytes may last on a busy machine
RECEIVED_MAX = 64 << 20  # LIMIT: no answer is so long; a peer that never stops is not waited for


class Exchange:
    """Sends and receives at the same time: a peer that does neither while it does the other would wait for ever."""

    def __init__(self, socket, received=b""):
        self.socket, self.received, self.ended = socket, bytearray(received), False
        self.poll = select.poll()
        self.poll.register(socket, select.POLLIN)
        socket.setblocking(False)

    def receive(self, deadline):
        """What is there; more of it starts the deadline anew. A reset is an error."""
        try:
            piece = self.socket.recv(READ_SIZE)
        except BlockingIOError:
            return
        self.received += piece
        self.ended = not piece
        assert len(self.received) <= RECEIVED_MAX, f"over {RECEIVED_MAX} bytes came, and no end"
        deadline.renew()

    def send(self, piece, deadline):
        """All of it, unless the other side ends the conversation."""
        while piece and not self.ended:
            try:
                piece = piece[self.socket.send(piece):]
                deadline.renew()
            except BlockingIOError:
                self.poll.modify(self.socket, select.POLLIN | select.POLLOUT)
                self.poll.poll(deadline.left() * 1000)
                self.poll.modify(self.socket, select.POLLIN)
                self.receive(deadline)

    def send_all(self, parts, deadline):
        """Each with a call of its own; looks now and then whether the other side has ended the conversation."""
        for number, piece in enumerate(parts):
            self.send(piece, deadline)
            if number % 32 == 31 and self.poll.poll(0):
                self.receive(deadline)
            if self.ended:
                return

    def receive_until(self, done, deadline):
        """Until `done()`, or the end."""
        while not self.ended and not done():
            self.poll.poll(deadline.left() * 1000)
            self.receive(deadline)


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
    with WebSocket(server) as peer:
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
        self.server = Server(executable, name, "ws", ["--message-max", MESSAGE_MAX])
        self.server.__enter__()
        self.ends = Counter()

    def takes(self, row):
        """All that a server can be asked."""
        return not isinstance(row, Answer)

    def check(self, row, seed, forms):
        """Runs the row in these forms; yields (form, what is wrong) for each failure."""
        steps = wires(row, to_server=True)
        for form in forms:
            self.ends[counted_as(row.events[-1])] += 1
            try:
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
