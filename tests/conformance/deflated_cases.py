"""The cases of permessage-deflate (RFC 7692). Families 12 and 13 are those of the Autobahn|Testsuite: conversations of
compressed messages (Talk), with other data of the same kinds. Family 14 has what it leaves out: rows of frames, as those
of the other families.
"""
import functools
import json
import random
import zlib
from typing import NamedTuple

from clients import BINARY, TEXT
from rows import OPENING, answers, binary, close, closes, echoes, fails, ignores, more, ping, pong, row, text

KIB, MIB = 1024, 1024 * 1024
RSV1 = 4  # as a frame's `rsv`

# Bytes of a message, and of a fragment of its compressed payload (0: it is one frame): those of the Autobahn|Testsuite.
SIZES = [*((size, 0) for size in (16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072)),
         *((size, 256) for size in (8192, 16384, 32768, 65536, 131072)),
         *((131072, fragment) for fragment in (1024, 4096, 32768))]
TALK_BYTES = 64 * KIB  # LIMIT: of a conversation, but for the least number of messages,
MESSAGES_MIN, MESSAGES_MAX = 3, 100


class Talk(NamedTuple):
    """A case: messages that come back, one after the other. `offer` is a client's, `answer` that of a server whose largest
    window has 15 bits; towards a client `told` is answered instead, because it has its own offer."""
    id: str
    words: str
    offer: str
    answer: str
    told: str
    opcode: int
    kind: str
    size: int
    fragment: int
    count: int

    @property
    def family(self):
        """The first part of its number."""
        return self.id.partition(".")[0]

    @property
    def messages(self):
        """Each begins where the one before ends; the data begin anew when they are used up. Text is cut between code
        points, and filled up by spaces."""
        data = data_of(self.kind)
        for number in range(self.count):
            at = number * self.size % (len(data) - self.size)
            part = data[at:at + self.size]
            yield part if self.opcode == BINARY else part.decode(errors="ignore").encode().ljust(self.size)


def words_of(count, seed):
    """Text as people write it: some thousand words, some of them often; with an umlaut now and then."""
    chance = random.Random(seed)
    syllables = [a + b for a in ("k", "sch", "m", "br", "v", "w", "tr", "n") for b in ("a", "ie", "ü", "or", "en", "ach")]
    known = ["".join(chance.choices(syllables, k=chance.randint(1, 3))) for _ in range(2000)]
    drawn = chance.choices(known, [1 / (rank + 1) for rank in range(2000)], k=count // 4)
    return " ".join(drawn).encode()[:count]


def picture_of(count, seed):
    """A grey picture: smooth, with noise in its lowest bits."""
    noise = random.Random(seed).randbytes(count)
    return bytes((at // 512 + at % 512) // 4 + (noise[at] & 3) & 0xFF for at in range(count))


def json_of(count, seed):
    """Records that resemble one another."""
    chance, rows = random.Random(seed), []
    while sum(map(len, rows)) < count:
        rows.append(json.dumps({"id": chance.randrange(10**9), "name": "".join(chance.choices("abcdefg", k=8)), "tags": chance.choices(
            ["nio", "bio", "aio", "future"], k=3), "balance": chance.random() * 1000, "active": chance.random() < 0.5}))
    return ",".join(rows).encode()[:count]


def html_of(count, seed):
    """The same words between tags."""
    words = words_of(count, seed).split()
    return b"\n".join(b"<tr class='row'><td>%s</td><td><a href='/%s'>%s</a></td></tr>" % (word, word[:4], word)
                      for word in words)[:count]


def noise_of(count, seed):
    """What does not compress."""
    return random.Random(seed).randbytes(count)


KINDS = {"text": (TEXT, words_of), "a picture": (BINARY, picture_of), "bytes": (BINARY, noise_of), "JSON": (TEXT, json_of),
         "HTML": (TEXT, html_of)}


@functools.cache
def data_of(kind):
    """All that messages of this kind are taken from."""
    return KINDS[kind][1](300 * KIB, 1)


PMD, SNCT, CNCT = "permessage-deflate", "; server_no_context_takeover", "; client_no_context_takeover"
SMWB, CMWB = "; server_max_window_bits=", "; client_max_window_bits="
FIRST, SECOND, THIRD = PMD + SNCT + SMWB + "9", PMD + SNCT, PMD

# What a client offers; what the server answers; and what a server might answer to loadgen's own offer instead.
TERMS = [(PMD, PMD, PMD),
         (PMD + SNCT, PMD + SNCT, PMD + SNCT + CNCT),
         (PMD + SMWB + "9", PMD + SMWB + "9", PMD + SMWB + "9" + CMWB + "9"),
         (PMD + SMWB + "15" + "; client_max_window_bits", PMD + SMWB + "15" + CMWB + "15", PMD + SMWB + "15" + CMWB + "15"),
         (PMD + SNCT + CNCT + SMWB + "9", PMD + SNCT + CNCT + SMWB + "9", PMD + SNCT + SMWB + "9" + CMWB + "8"),
         (PMD + CNCT + SMWB + "15", PMD + CNCT + SMWB + "15", PMD + CNCT + CMWB + "15"),
         (f"{PMD}{SMWB}8, {FIRST}{CMWB}10, {SECOND}, {THIRD}", FIRST + CMWB + "10", PMD + CMWB + "10" + SMWB + "12")]


def talk(number, words, terms, kind, size_and_fragment):
    """A case of the table."""
    size, fragment = size_and_fragment
    count = max(MESSAGES_MIN, min(MESSAGES_MAX, TALK_BYTES // size))
    cut = f", in fragments of {fragment}" if fragment else ""
    return Talk(number, f"{kind}: {count} messages of {size} bytes{cut}{words}", *terms, KINDS[kind][0], kind, size, fragment, count)


def family_12():
    """Five kinds of data, eighteen sizes, each with what is agreed on by default."""
    for section, kind in enumerate(KINDS, 1):
        for number, sizes in enumerate(SIZES, 1):
            yield talk(f"12.{section}.{number}", "", TERMS[0], kind, sizes)


def family_13():
    """Seven offers, eighteen sizes, of the same data."""
    for section, terms in enumerate(TERMS, 1):
        for number, sizes in enumerate(SIZES, 1):
            yield talk(f"13.{section}.{number}", f"; {terms[0]}", terms, "JSON", sizes)


def is_short(talk_or_row):
    """Of the kinds of data text and bytes, and each offer once, small or in fragments in turn; not the long bombs."""
    family, section, number = talk_or_row.id.split(".")[:3]
    if family == "14":
        return (section, number) not in (("5", "1"), ("5", "3"))
    return number == ("11" if section in "26" else "3") and (family == "13" or section in "13")


def shortened(whole):
    """The same with few messages."""
    return whole._replace(count=min(whole.count, 4))


# ---------------------------------------------------------------- 14: RSV1, blocks, and what breaks the rules

# RFC 7692 section 7.2.3. Messages of under 16 bytes come back uncompressed, so that all replies are known.
HELLO, AGAIN = bytes.fromhex("f248cdc9c90700"), bytes.fromhex("f200110000")


def case(number, words, frames, events, **options):
    """A row for which compression is agreed on, with windows of 15 bits."""
    return row(f"14.{number}", words, frames, events, **options)._replace(deflate=True)


def packed(data, **options):
    """The first frame of a compressed text message; `data` is hex, or bytes."""
    return text(bytes.fromhex(data) if isinstance(data, str) else data, rsv=RSV1, **options)


def valid_blocks():
    """14.1: each message is 'Hello', or empty."""
    hello = echoes(TEXT, b"Hello")
    yield case("1.1", "one block", [packed(HELLO)], [hello])
    yield case("1.2", "the same in 2 fragments", [packed(HELLO[:3], fin=False), more(HELLO[3:])], [hello])
    yield case("1.3", "twice; the second refers to the first", [packed(HELLO), packed(AGAIN)], [hello, hello])
    yield case("1.4", "a block without compression", [packed("000500faff48656c6c6f00")], [hello])
    yield case("1.5", "a block with BFINAL", [packed("f348cdc9c9070000")], [hello])
    yield case("1.6", "two blocks", [packed("f248050000 00ffffcac9c90700")], [hello])
    yield case("1.7", "an empty message", [packed("00")], [echoes(TEXT, b"")])
    yield case("1.8", "an uncompressed message between", [packed(HELLO), text(b"Hello"), packed(AGAIN)], [hello] * 3)
    yield case("1.9", "fragments without a byte", [packed("", fin=False), more(fin=False), more(HELLO, fin=False), more()], [hello])
    yield case("1.10", "a whole stream, whose end was not removed", [packed("f348cdc9c90700")], [hello])
    yield case("1.11", "a stream behind a stream", [packed("f348cdc9c90700f348cdc9c9070000")], [echoes(TEXT, b"HelloHello")])
    yield case("1.12", "a message refers to the stream before", [packed("f348cdc9c9070000"), packed(AGAIN)], [hello, hello])
    yield case("1.13", "control frames between fragments",
               [packed(HELLO[:2], fin=False), ping(b"?"), more(HELLO[2:4], fin=False), pong(b"!"), more(HELLO[4:])],
               [answers(b"?"), ignores(b"!"), hello])
    yield case("1.14", "in fragments of 1 byte", [packed(HELLO[:1], fin=False), *[
        more(HELLO[at:at + 1], fin=at == len(HELLO) - 1) for at in range(1, len(HELLO))]], [hello])
    yield case("1.15", "a binary message", [binary(HELLO, rsv=RSV1)], [echoes(BINARY, b"Hello")])
    yield case("1.16", "a close", [packed(HELLO), close(1000)], [hello, closes(1000)])


def reserved_bits():
    """14.2: RSV1 on anything but the first frame of a data message, and the other bits on everything."""
    yield case("2.1", "RSV1 on a continuation", [packed(HELLO[:3], fin=False), more(HELLO[3:], rsv=RSV1)], [fails(1002)])
    yield case("2.2", "RSV1 on a continuation of a message that is not compressed",
               [text(b"Hel", fin=False), more(b"lo", rsv=RSV1)], [fails(1002)])
    for number, (name, odd) in enumerate((("ping", ping(b"?", rsv=RSV1)), ("pong", pong(rsv=RSV1)), ("close", close(rsv=RSV1))), 3):
        yield case(f"2.{number}", f"RSV1 on a {name}", [odd], [fails(1002)])
        yield case(f"2.{number}.1", f"RSV1 on a {name} between fragments", [packed(HELLO[:3], fin=False), odd], [fails(1002)])
    for rsv in (1, 2, 3, 5, 6, 7):
        yield case(f"2.6.{rsv}", f"text with RSV {rsv}", [text(HELLO, rsv=rsv, only=OPENING)], [fails(1002)])
    yield case("2.7", "RSV1 with opcode 3", [ping(b"?", rsv=RSV1)._replace(opcode=3, only=OPENING)], [fails(1002)])
    yield case("2.8", "RSV1 on a continuation of nothing", [more(HELLO, rsv=RSV1, only=OPENING)], [fails(1002)])
    yield case("2.9", "RSV1 on a message in a message", [text(b"a", fin=False), packed(HELLO, only=OPENING)], [fails(1002)])


BAD_DATA = [("no data at all", ""), ("a block of type 3", "06"), ("a block without end", "f248cdc9c907"), ("cut in a code", "f248cdc9c9"),
            ("cut in a block without compression", "000500faff4865"), ("lengths that do not agree", "000500fafe48656c6c6f00"),
            ("a distance with nothing there", "f200110000"), ("the tail twice", "f248cdc9c90700 0000ffff"),
            ("garbage behind a block", "f248cdc9c9070006"), ("garbage behind a stream", "f348cdc9c9070006"),
            ("zlib's header", "789cf248cdc9c90700"), ("not compressed at all", "48656c6c6f")]


def bad_data():
    """14.3 and 14.4: 1007, as for text that is not UTF-8; the text is what was inflated."""
    for number, (words, data) in enumerate(BAD_DATA, 1):
        yield case(f"3.{number}", words, [packed(data), ping(b"?")], [fails(1007)])
    half = len(BAD_DATA) + 1
    yield case(f"3.{half}", "bad data in the second fragment; a ping shows that it fails no earlier",
               [packed(HELLO[:3], fin=False), ping(b"?")], [answers(b"?")]).then([more(b"\xff\xff", fin=False)], [fails(1007)])
    stored = bytes.fromhex("000800f7ff") + b"gr\xc3\xbc\xc3\x28??" + b"\x00"
    yield case("4.1", "text that is not UTF-8 when it is inflated", [packed(stored)], [fails(1007)])
    yield case("4.2", "the same, up to the bad byte", [packed(stored, only=5 + 6)], [fails(1007)])
    yield case("4.3", "the same, as binary", [binary(stored, rsv=RSV1)], [echoes(BINARY, stored[5:13])])
    yield case("4.4", "a code point cut by the end", [packed("000100feffc300")], [fails(1007)])
    yield case("4.5", "a code point cut by two fragments and two blocks",
               [packed("000100feffc3", fin=False), more(bytes.fromhex("000100feffbc00"))], [echoes(TEXT, "ü".encode())])


def zeros(count):
    """So many, compressed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (packer.compress(bytes(count)) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]


def bombs():
    """14.5: LIMIT: 16 MiB, counted while they are inflated; and of the compressed bytes by the frame's header."""
    bomb, frame_max = zeros(16 * MIB + 1), 16 * MIB * 9 // 8 + KIB
    yield case("5.1", "a byte more than 16 MiB, in 16 KiB", [binary(bomb, rsv=RSV1), ping(b"?")], [fails(1009)])
    yield case("5.2", "the same in fragments", [binary(bomb[:9000], rsv=RSV1, fin=False), ping(b"?")], [answers(b"?")]).then(
        [more(bomb[9000:])], [fails(1009)])
    yield case("5.3", "64 MiB, of which the end is not sent", [binary(zeros(64 * MIB)[:40 * KIB], rsv=RSV1, fin=False)], [fails(1009)])
    yield case("5.4", "a frame that no such message needs, header only",
               [binary(rsv=RSV1, claim=(64, frame_max + 1), only=0)], [fails(1009)])
    yield case("5.5", "2^63-1 bytes, header only", [binary(rsv=RSV1, claim=(64, 2**63 - 1), only=0)], [fails(1009)])


def family_14():
    """All of them."""
    for part in valid_blocks, reserved_bits, bad_data, bombs:
        yield from part()


def terms_answers():
    """14.6: what a server may, and may not, answer to the offer of a client: (words, extension, 101 or 0)."""
    return [("as offered", PMD + CMWB + "15", 101), ("no parameter", PMD, 101), ("all parameters", PMD + SNCT + CNCT + SMWB + "9" + CMWB + "9", 101),
            ("8 bits for the client", PMD + CMWB + "8", 101), ("8 bits for the server", PMD + SMWB + "8", 101),
            ("a quoted value", PMD + SMWB + '"10"', 101), ("nothing", "", 101),
            ("a client's window without a value", PMD + "; client_max_window_bits", 0), ("7 bits", PMD + SMWB + "7", 0), ("16 bits", PMD + CMWB + "16", 0),
            ("a parameter twice", PMD + SNCT + SNCT, 0), ("a flag with a value", PMD + SNCT + "=1", 0), ("an unknown parameter", PMD + "; level=9", 0),
            ("another extension", "x-webkit-deflate-frame", 0), ("two extensions", PMD + ", " + PMD, 0), ("a list that is malformed", PMD + ";", 0)]
