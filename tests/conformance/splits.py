"""How bytes are cut into writes: each row is sent whole, one byte at a time, and at random splits.

A split is a list of runs, (size, times): so many pieces of that size. It ends with every step of the row.
"""
import random

from rows import FRAMES, encode

WHOLE, BYTEWISE, RANDOM = "whole", "bytewise", "random"
FORMS = [WHOLE, BYTEWISE, RANDOM]

BIG = 64 * 1024     # over TCP, what is larger is sent bytewise only around its borders:
BORDERS = 500       # of the first and the last so many frames of a step
BORDER = 14 + 4     # the header and the first bytes of each,
LUMP = 16 * 1024    # the rest in pieces of this size


class Wire:
    """A step's bytes, and where its frames end."""

    def __init__(self, frames):
        self.sizes = [len(frame) for frame in frames]
        self.bytes = b"".join(frames)


def wires(row, to_server):
    """The bytes of all steps."""
    turn, result = 0, []
    for frames, _ in row.steps:
        result.append(Wire([encode(frame, to_server, turn + number) for number, frame in enumerate(frames)]))
        turn += len(frames)
    return result


def is_big(steps):
    """Too much to be sent with a system call a byte?"""
    return sum(len(step.bytes) for step in steps) > BIG


def whole(wire, chop):
    """One write; or as the row wants it chopped."""
    count = len(wire.bytes)
    if chop == FRAMES:
        return [(size, 1) for size in wire.sizes]
    if chop:
        return [(chop, count // chop), (count % chop, 1)]
    return [(count, 1)]


def at_random(wire, seed):
    """At up to 30 places."""
    chance, size = random.Random(seed), len(wire.bytes)
    places = sorted(chance.choices(range(size), k=chance.randint(1, 30))) if size else []
    return [(end - start, 1) for start, end in zip([0, *places], [*places, size])]


def around_borders(wire):
    """A large step: bytewise where frames begin and where the bytes end, otherwise in lumps."""
    runs, lump = [], 0
    for number, size in enumerate(wire.sizes):
        if BORDERS <= number < len(wire.sizes) - BORDERS:
            lump += size
            continue
        border, rest = min(size, BORDER), max(0, size - BORDER)
        runs += [(LUMP, lump // LUMP), (lump % LUMP, 1), (1, border)]
        lump = rest
    tail = min(lump, BORDER)
    lump -= tail
    return [*runs, (LUMP, lump // LUMP), (lump % LUMP, 1), (1, tail)]


def split(wire, form, chop, seed, borders_only=False):
    """The runs of a step's bytes in one of the forms."""
    if form == WHOLE:
        runs = whole(wire, chop)
    elif form == RANDOM:
        runs = at_random(wire, seed)
    elif borders_only:
        runs = around_borders(wire)
    else:
        runs = [(1, len(wire.bytes))]
    return [(size, times) for size, times in runs if size and times]


def pieces(wire, runs):
    """The pieces themselves."""
    view, start = memoryview(wire.bytes), 0
    for size, times in runs:
        for _ in range(times):
            yield view[start:start + size]
            start += size
    assert start == len(wire.bytes)
