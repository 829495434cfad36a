"""What a case is made of: frames that are sent, in steps, and the events that they must be to whoever receives them.

Every case is for both roles: towards a server frames are masked, towards a client they are not. And whoever receives
them has to answer in one way only: a message comes back whole (from a server; a client did not ask for it), a ping as a
pong, a close by the same code, a violation by its own.
"""
import struct
from typing import NamedTuple, Optional

from clients import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, close_payload, reply, xor

NO_STATUS = 1005  # never on the wire: the close frame was empty
OPENING = -1      # as a frame's `only`: its first two bytes
FRAMES = "frames"  # as a row's `chop`: one write for each frame


class Frame(NamedTuple):
    """One frame as the row has it. `claim`: (16 or 64 bits, the length to write into them); `only`: how much of the
    payload is sent, because no more may be needed."""
    opcode: int
    payload: bytes = b""
    fin: bool = True
    rsv: int = 0
    wrong_mask: bool = False
    claim: Optional[tuple] = None
    only: Optional[int] = None


def text(payload=b"", **options):
    """The first or only frame of a text message."""
    return Frame(TEXT, payload, **options)


def binary(payload=b"", **options):
    """The first or only frame of a binary message."""
    return Frame(BINARY, payload, **options)


def more(payload=b"", **options):
    """A continuation."""
    return Frame(CONTINUATION, payload, **options)


def ping(payload=b"", **options):
    """A ping."""
    return Frame(PING, payload, **options)


def pong(payload=b"", **options):
    """A pong, which nobody has asked for."""
    return Frame(PONG, payload, **options)


def close(code=NO_STATUS, reason=b"", **options):
    """A close frame with a code and a reason, or an empty one."""
    return Frame(CLOSE, b"" if code == NO_STATUS else close_payload(code, reason), **options)


class Event(NamedTuple):
    """What the frames must mean to the receiver."""
    kind: str
    opcode: int = 0
    code: int = 0
    payload: bytes = b""

    def __repr__(self):
        shown = self.payload.hex() if len(self.payload) <= 16 else f"{len(self.payload)} bytes"
        return f"{self.kind} {self.code or self.opcode} {shown}".rstrip()


def echoes(opcode, payload):
    """A message, which a server sends back."""
    return Event("message", opcode, payload=payload)


def answers(payload):
    """A ping, answered by a pong with the same payload."""
    return Event("ping", PING, payload=payload)


def ignores(payload):
    """A pong, answered by nothing."""
    return Event("pong", PONG, payload=payload)


def closes(code, reason=b""):
    """The peer's close frame, answered by one with the same code."""
    return Event("close", CLOSE, code, reason)


def fails(code):
    """A violation, answered by a close frame with this code; whatever follows is not looked at."""
    return Event("error", 0, code)


class Row(NamedTuple):
    """A case. Its frames come in steps: what one step is answered by must have come before the next is sent."""
    id: str
    words: str
    steps: tuple
    chop: object = None  # how it is to be written if not whole: in pieces of so many bytes, or by FRAMES
    deflate: bool = False  # permessage-deflate is agreed on, with windows of 15 bits

    @property
    def family(self):
        """The first part of its number."""
        return self.id.partition(".")[0]

    @property
    def events(self):
        """Those of all steps."""
        return [event for _, events in self.steps for event in events]

    def then(self, frames, events):
        """The same row with one step more."""
        return self._replace(steps=(*self.steps, (frames, events)))

    def completed(self):
        """With a close at the end, if there is none: a conversation must also end as it should."""
        events = self.events
        if events and events[-1].kind in ("close", "error"):
            return self
        return self.then([close(1000)], [closes(1000)])


def row(number, words, frames, events, chop=None):
    """A case of one step."""
    return Row(number, words, ((frames, events),), chop)


class Answer(NamedTuple):
    """A case for clients only: what a server answers to the upgrade request, with {accept} for the right value, and
    what status a client must make of it: 101, the one it was refused with, or 0 for what breaks the rules."""
    id: str
    words: str
    head: bytes
    status: int
    deflate: bool = False  # the client has offered permessage-deflate

    @property
    def family(self):
        """The first part of its number."""
        return self.id.partition(".")[0]


def encode(frame, to_server, turn):
    """The bytes of a frame; each of a conversation has another mask."""
    mask = struct.pack("!I", (0x37FA213D + turn * 0x9E3779B9) & 0xFFFFFFFF) if to_server != frame.wrong_mask else b""
    length = len(frame.payload)
    bits, value = frame.claim or (0 if length < 126 else 16 if length < 65536 else 64, length)
    head = bytes([frame.fin << 7 | frame.rsv << 4 | frame.opcode,
                  bool(mask) << 7 | {0: value, 16: 126, 64: 127}[bits]])
    if bits:
        head += value.to_bytes(bits // 8, "big")
    if frame.only == OPENING:
        return head[:2]
    payload = frame.payload[:frame.only]
    return head + mask + (xor(payload, mask) if mask else payload)


def answer_of(event):
    """What a server sends because of it: whole, unmasked, with the shortest length."""
    if event.kind == "message":
        return reply(event.opcode, event.payload)
    if event.kind == "ping":
        return reply(PONG, event.payload)
    if event.kind == "pong":
        return b""
    return reply(CLOSE, b"" if event.code == NO_STATUS else close_payload(event.code))
