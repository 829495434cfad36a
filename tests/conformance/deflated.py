"""permessage-deflate (RFC 7692): conversations of compressed messages, as families 12 and 13 of the Autobahn|Testsuite.

How a peer compresses is its own business, so what a server sends back cannot be foreseen byte for byte. It is taken apart
here: each frame by the rules, and each message inflated by Python's zlib, with the window that was agreed on, must be the
one that was sent.
"""
import re
import socket
import zlib

import misbehaving
from clients import BINARY, CLOSE, KEY, TEXT, WebSocket, accept_value, close_payload, frame, reply, upgrade, xor
from deflated_cases import RSV1
from exchange import PATIENCE, Exchange
from rows import binary, close, encode, more, text
from splits import BIG, Wire, is_big, pieces, split
from timing import Deadline

TAIL = b"\x00\x00\xff\xff"

def parameters(extension):
    """{parameter: its value, or None} of one element of the list."""
    return {name: value for name, _, value in (word.strip().partition("=") for word in extension.split(";")[1:])}


class Packer:
    """Compresses as one side of the conversation may: `side` is 'client' or 'server'."""

    def __init__(self, agreed, side):
        given = parameters(agreed)
        self.bits = int(given.get(f"{side}_max_window_bits") or 15)
        self.keeps = f"{side}_no_context_takeover" not in given
        self.open = None

    def pack(self, message):
        """The payload of the message's frames."""
        if not self.keeps or not self.open:
            self.open = zlib.compressobj(6, zlib.DEFLATED, -self.bits)
        data = self.open.compress(message) + self.open.flush(zlib.Z_SYNC_FLUSH)
        assert data.endswith(TAIL)
        return data[:-len(TAIL)]


class Unpacker(Packer):
    """Inflates what that side has compressed: no window larger than agreed, and no older one than agreed."""

    def unpack(self, payload):
        """The message."""
        if not self.keeps or not self.open:
            self.open = zlib.decompressobj(-self.bits)
        try:
            return self.open.decompress(payload + TAIL)
        except zlib.error as error:
            raise AssertionError(f"what came cannot be inflated: {error}") from None


def frames_of(opcode, payload, fragment):
    """The frames of a compressed message; RSV1 is for the first."""
    first = text if opcode == TEXT else binary
    parts = [payload[at:at + fragment] for at in range(0, len(payload), fragment)] if fragment else [payload]
    last = len(parts) - 1
    return [first(part, fin=last == 0, rsv=RSV1) if number == 0 else more(part, fin=number == last)
            for number, part in enumerate(parts)]


def wires(talk, packer, to_server):
    """The bytes of each message."""
    return [Wire([encode(one, to_server, number) for one in frames_of(talk.opcode, packer.pack(message), talk.fragment)])
            for number, message in enumerate(talk.messages)]


class Reader:
    """Takes apart what one side sends: whole messages, by the rules."""

    def __init__(self, unpacker, masked):
        self.unpacker, self.masked = unpacker, masked
        self.messages, self.compressed, self.control = [], 0, []

    def read(self, received):
        """Removes the frames that have come as a whole."""
        while (size := self._frame(received)) > 0:
            del received[:size]

    def _frame(self, received):
        head = bytes(received[:14])
        extra = 0 if len(head) < 2 else {126: 2, 127: 8}.get(head[1] & 0x7F, 0)
        start = 2 + extra + (4 if self.masked else 0)
        if len(head) < start:
            return 0
        length = int.from_bytes(head[2:2 + extra], "big") if extra else head[1] & 0x7F
        if len(received) < start + length:
            return 0
        assert bool(head[1] & 0x80) == self.masked, f"a frame that begins with {head[:2].hex()}"
        assert extra == (0 if length < 126 else 2 if length < 65536 else 8), f"{length} bytes written in {extra}"
        payload = bytes(received[start:start + length])
        self._take(head[0], xor(payload, head[2 + extra:start]) if self.masked else payload)
        return start + length

    def _take(self, first, payload):
        opcode = first & 0x0F
        assert first & 0xB0 == 0x80, f"a frame that begins with {first:02x}: no fragment, and no other bit, was expected"
        if opcode not in (TEXT, BINARY):
            assert not first & 0x40, f"RSV1 on a control frame: {first:02x}"
            self.control.append((opcode, payload))
            return
        if first & 0x40:
            self.compressed += 1
            payload = self.unpacker.unpack(payload)
        self.messages.append((opcode, payload))


def check_messages(talk, reader):
    """All have come back, as they were, and compressed if that makes them smaller."""
    wanted = [(talk.opcode, message) for message in talk.messages]
    for number, (one, other) in enumerate(zip(wanted, reader.messages)):
        assert one == other, f"message {number} of {talk.size} bytes came back as another one, of {len(other[1])} bytes"
    assert len(reader.messages) == len(wanted), f"{len(reader.messages)} of {len(wanted)} messages came back"
    assert reader.compressed or talk.size < 64 or talk.kind == "bytes", "nothing came back compressed"


# ---------------------------------------------------------------- against a server, over TCP


def check_server(server, talk, form, seed):
    """One connection: the next message leaves when the one before has come back; then a close in order."""
    with WebSocket(server, handshake=False) as peer:
        peer.send(upgrade(Sec_WebSocket_Extensions=talk.offer))
        head = peer.receive_head()
        assert head[0] == 101, f"status {head[0]}"
        agreed = head[1].get("sec-websocket-extensions", "")
        assert agreed == talk.answer, f"expected that it answers '{talk.answer}'; got '{agreed}'"
        reader, deadline = Reader(Unpacker(agreed, "server"), False), Deadline(PATIENCE, "all replies")
        exchange = Exchange(peer.socket, peer.received)
        steps = wires(talk, Packer(agreed, "client"), True)
        for number, step in enumerate(steps):
            runs = split(step, form, None, f"{seed} {number}", borders_only=is_big(steps))
            exchange.send_all(pieces(step, runs), deadline)

            def has_come():
                reader.read(exchange.received)
                return len(reader.messages) > number  # pylint: disable=cell-var-from-loop

            exchange.receive_until(has_come, deadline)
            has_come()
        check_messages(talk, reader)
        exchange.send(frame(CLOSE, close_payload(1000)), deadline)
        exchange.receive_until(lambda: False, deadline)
        assert exchange.received == reply(CLOSE, close_payload(1000)), f"at its end {bytes(exchange.received[:40]).hex()}"


# ---------------------------------------------------------------- without a network (direct.py)


def check_session(driver, talk, form, seed):
    """What the session would send."""
    head = upgrade(Sec_WebSocket_Extensions=talk.offer)
    steps = wires(talk, Packer(talk.answer, "client"), True)
    records = driver.ask("S", head + b"".join(step.bytes for step in steps), runs_of(head, steps, form, seed), 15)
    sent = bytearray(b"".join(record[-1] for record in records[:-1]))
    answer, _, rest = bytes(sent).partition(b"\r\n\r\n")
    agreed = re.search(rb"Sec-WebSocket-Extensions: (.*)", answer)
    assert agreed and agreed[1].decode().strip() == talk.answer, f"expected '{talk.answer}' in {answer}"
    reader, rest = Reader(Unpacker(talk.answer, "server"), False), bytearray(rest)
    reader.read(rest)
    assert not rest, f"{len(rest)} bytes that are no frame"
    check_messages(talk, reader)


def check_websocket(driver, talk, form, seed):
    """Which events the client's side reports."""
    head = ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept_value(KEY)}\r\nSec-WebSocket-Extensions: {talk.told}\r\n\r\n").encode()
    steps = wires(talk, Packer(talk.told, "server"), False)
    records = driver.ask("C", head + b"".join(step.bytes for step in steps), runs_of(head, steps, form, seed), 15)
    events = [(record[2], record[4]) for record in records[1:-1]]
    assert events == [(talk.opcode, message) for message in talk.messages], "other messages than were sent"


def runs_of(head, steps, form, seed):
    """How all of it is split."""
    return [(len(head), 1), *(run for number, step in enumerate(steps) for run in split(
        step, form, None, f"{seed} {number}", borders_only=is_big(steps)))]


# ---------------------------------------------------------------- against loadgen, over TCP (hostile.py)


def check_client(loadgen, talk, form, seed):
    """An echo of loadgen's own messages, compressed and cut as the case has it; its report must have them all right."""
    connection = loadgen.accept()
    misbehaving.upgrade(connection, talk.told.encode())
    reader, packer = Reader(Unpacker(talk.told, "client"), True), Packer(talk.told, "server")
    exchange, deadline = Exchange(connection), Deadline(PATIENCE, "loadgen's messages")
    for number in range(talk.count):

        def has_come():
            reader.read(exchange.received)
            return len(reader.messages) > number  # pylint: disable=cell-var-from-loop

        exchange.receive_until(has_come, deadline)
        assert has_come(), "loadgen has ended"
        opcode, message = reader.messages[number]
        assert len(message) == talk.size
        step = Wire([encode(one, False, 0) for one in frames_of(opcode, packer.pack(message), talk.fragment)])
        runs = split(step, form, None, f"{seed} {number}", borders_only=len(step.bytes) * talk.count > BIG)
        exchange.send_all(pieces(step, runs), deadline)
    exchange.send(encode(close(1000), False, 0), deadline)
    connection.shutdown(socket.SHUT_WR)  # a client leaves it to the server to end first (RFC 6455 section 7.1.1)
    exchange.receive_until(lambda: False, deadline)
    connection.close()
    report = loadgen.report()
    assert report["totals"]["messages"] == talk.count and report["failures"]["mismatch"] == 0, report["failures"]
    assert (report["close_code"], report["wire"]["deflated"]) == (1000, 1)
