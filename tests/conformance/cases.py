"""The table: what is sent, what must happen. One row a case.

The numbers of families 1 to 7, 9, 10, 12 and 13 are those of the Autobahn|Testsuite where the case is the same; what has no
counterpart there has numbers that it does not use. Its verdicts are narrowed to one each: nothing is "non-strict".
"""
import itertools
import random

from clients import BINARY, TEXT
from deflated_cases import family_12, family_13, family_14, terms_answers
from rows import (FRAMES, NO_STATUS, OPENING, Answer, Row, answers, binary, close, closes, echoes, fails, ignores, more,
                  ping, pong, row, text)

HELLO = b"Hello, world!"
BYTES = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"  # not UTF-8
KIB, MIB = 1024, 1024 * 1024
MESSAGE_MAX = 16 * MIB

FAMILIES = {
    "0": "answers to a client's handshake",
    "1": "framing",
    "2": "pings and pongs",
    "3": "reserved bits",
    "4": "reserved opcodes",
    "5": "fragmentation",
    "6": "UTF-8",
    "7": "closing",
    "9": "limits and long messages",
    "10": "automatic fragmentation",
    "12": "compression: kinds of data",
    "13": "compression: what is agreed on",
    "14": "compression: bits, blocks, bombs",
}


def random_bytes(count, seed):
    """`count` bytes in which every displacement shows."""
    return random.Random(seed).randbytes(count)


def random_text(count, seed):
    """The same as letters, with a € now and then, so that fragments and pieces cut code points."""
    letters = bytearray(random_bytes(count, seed).translate(bytes(97 + byte % 26 for byte in range(256))))
    for at in range(100, count - 3, 1021):
        letters[at:at + 3] = "€".encode()
    return bytes(letters)


def fragments(first, payload, size):
    """The frames of a message in fragments of `size` bytes."""
    parts = [payload[at:at + size] for at in range(0, len(payload), size)]
    return [(first if number == 0 else more)(part, fin=number == len(parts) - 1) for number, part in enumerate(parts)]


KINDS = [(1, "text", text, TEXT, random_text), (2, "binary", binary, BINARY, random_bytes)]

# ---------------------------------------------------------------- 0: the handshake, for clients

SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\n"
UPGRADE = b"Upgrade: websocket\r\n"
CONNECTION = b"Connection: Upgrade\r\n"
ACCEPT = b"Sec-WebSocket-Accept: {accept}\r\n"
END = b"\r\n"


def family_0():
    """What a server may, and may not, answer to the upgrade request."""
    right = SWITCHING + UPGRADE + CONNECTION + ACCEPT
    heads = [
        ("the proper answer", right + END, 101),
        ("other order, other case", SWITCHING + b"sec-websocket-ACCEPT: {accept}\r\nCONNECTION: upgrade\r\n"
         b"upgrade: WebSocket\r\n" + END, 101),
        ("a list of tokens, fields not known", SWITCHING + UPGRADE + b"Connection: keep-alive, Upgrade\r\nServer: x\r\n"
         + ACCEPT + END, 101),
        ("another phrase", b"HTTP/1.1 101 Fine\r\n" + UPGRADE + CONNECTION + ACCEPT + END, 101),
        ("an accept value of another key", SWITCHING + UPGRADE + CONNECTION
         + b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n" + END, 0),
        ("an accept value cut short", SWITCHING + UPGRADE + CONNECTION + b"Sec-WebSocket-Accept: AAAA\r\n" + END, 0),
        ("no accept value", SWITCHING + UPGRADE + CONNECTION + END, 0),
        ("two accept values", right + ACCEPT + END, 0),
        ("no Upgrade", SWITCHING + CONNECTION + ACCEPT + END, 0),
        ("another Upgrade", SWITCHING + b"Upgrade: h2c\r\n" + CONNECTION + ACCEPT + END, 0),
        ("no Connection", SWITCHING + UPGRADE + ACCEPT + END, 0),
        ("another Connection", SWITCHING + UPGRADE + b"Connection: keep-alive\r\n" + ACCEPT + END, 0),
        ("an extension that nobody offered", right + b"Sec-WebSocket-Extensions: permessage-deflate\r\n" + END, 0),
        ("a subprotocol that nobody offered", right + b"Sec-WebSocket-Protocol: chat\r\n" + END, 0),
        ("200", b"HTTP/1.1 200 OK\r\n" + UPGRADE + CONNECTION + ACCEPT + END, 200),
        ("404", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n" + END, 404),
        ("503", b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n" + END, 503),
        ("HTTP/1.0", b"HTTP/1.0 101 Switching Protocols\r\n" + UPGRADE + CONNECTION + ACCEPT + END, 0),
        ("a status that is no number", b"HTTP/1.1 1x1 Switching\r\n" + UPGRADE + CONNECTION + ACCEPT + END, 0),
        ("a folded line", SWITCHING + UPGRADE + b"Connection:\r\n Upgrade\r\n" + ACCEPT + END, 0),
        ("a space before a colon", SWITCHING + UPGRADE + CONNECTION + b"Sec-WebSocket-Accept : {accept}\r\n" + END, 0),
        ("a NUL in a field", right + b"X: a\x00b\r\n" + END, 0),
        ("line ends without CR", right.replace(b"\r\n", b"\n") + b"\r\n\r\n", 0),
        ("garbage", b"\x16\x03\x01\x02\x00" + random_bytes(40, 1).replace(b"\r", b"") + b"\r\n\r\n", 0),
        ("a head without end", SWITCHING + b"X-Padding: xxxxxxxxxxxxxxx\r\n" * 400, 0),
        ("a line without end", b"HTTP/1.1 " + b"9" * 9000, 0),
    ]
    for number, (words, head, status) in enumerate(heads, 1):
        yield Answer(f"0.1.{number}", words, head, status)
    for number, (words, extension, status) in enumerate(terms_answers(), 1):
        field = f"Sec-WebSocket-Extensions: {extension}\r\n".encode()
        yield Answer(f"0.2.{number}", f"compression was offered, and the answer: {words}", right + field + END, status, deflate=True)


# ---------------------------------------------------------------- 1: framing


def family_1():
    """Lengths at every border, the masking bit, and lengths that are written wrongly."""
    for kind, name, first, opcode, payload in KINDS:
        for number, size in enumerate((0, 125, 126, 127, 128, 65535, 65536), 1):
            data = payload(size, number)
            yield row(f"1.{kind}.{number}", f"{name} of {size} bytes", [first(data)], [echoes(opcode, data)])
        data = payload(65536, 8)
        yield row(f"1.{kind}.8", f"{name} of 65536 bytes, in chops of 997", [first(data)], [echoes(opcode, data)], 997)
    yield row("1.3.1", "the wrong masking: text", [text(HELLO, wrong_mask=True)], [fails(1002)])
    yield row("1.3.2", "the wrong masking: ping", [ping(HELLO, wrong_mask=True), ping(HELLO)], [fails(1002)])
    yield row("1.3.3", "the wrong masking: close", [close(1000, wrong_mask=True)], [fails(1002)])
    yield row("1.3.4", "the wrong masking: second fragment", [text(b"a", fin=False), more(b"b", wrong_mask=True)],
              [fails(1002)])
    yield row("1.3.5", "the wrong masking: after a good message", [text(HELLO), text(HELLO, wrong_mask=True), ping()],
              [echoes(TEXT, HELLO), fails(1002)])
    yield row("1.3.6", "the wrong masking: two bytes are enough", [text(HELLO, wrong_mask=True, only=OPENING)],
              [fails(1002)])
    too_wide = [(16, 0), (16, 5), (16, 125), (64, 0), (64, 125), (64, 126), (64, 65535)]
    for number, claim in enumerate(too_wide, 1):
        yield row(f"1.4.{number}", f"length {claim[1]} in {claim[0]} bits, header only",
                  [binary(b"", claim=claim, only=0)], [fails(1002)])
    yield row("1.4.8", "length 2^63, header only", [binary(claim=(64, 2**63), only=0)], [fails(1002)])
    yield row("1.4.9", "length 2^64-1, header only", [binary(claim=(64, 2**64 - 1), only=0)], [fails(1002)])
    yield row("1.4.10", "length 2^64-4, header only", [text(claim=(64, 2**64 - 4), only=0)], [fails(1002)])
    yield row("1.5.1", "ten messages in one write", [text(b"message %d" % number) for number in range(10)],
              [echoes(TEXT, b"message %d" % number) for number in range(10)])
    yield row("1.5.2", "text and binary in turn", [text(HELLO), binary(BYTES), text(b""), binary(b""), text(HELLO)],
              [echoes(TEXT, HELLO), echoes(BINARY, BYTES), echoes(TEXT, b""), echoes(BINARY, b""),
               echoes(TEXT, HELLO)])


# ---------------------------------------------------------------- 2: pings and pongs


def family_2():
    """A ping is answered by its own payload; a pong that nobody asked for by nothing."""
    full, ten = b"\xfe" * 125, [b"payload-%d" % number for number in range(10)]
    yield row("2.1", "ping without payload", [ping()], [answers(b"")])
    yield row("2.2", "ping with text", [ping(HELLO)], [answers(HELLO)])
    yield row("2.3", "ping with bytes that are not UTF-8", [ping(BYTES)], [answers(BYTES)])
    yield row("2.4", "ping of 125 bytes", [ping(full)], [answers(full)])
    yield row("2.5", "ping of 126 bytes", [ping(full + b"\xfe")], [fails(1002)])
    yield row("2.6", "ping of 125 bytes, byte by byte", [ping(full)], [answers(full)], 1)
    yield row("2.7", "pong without payload", [pong()], [ignores(b"")])
    yield row("2.8", "pong with payload", [pong(b"unsolicited")], [ignores(b"unsolicited")])
    yield row("2.9", "pong, then ping", [pong(b"unsolicited"), ping(HELLO)], [ignores(b"unsolicited"), answers(HELLO)])
    yield row("2.10", "ten pings", [ping(payload) for payload in ten], [answers(payload) for payload in ten])
    yield row("2.11", "ten pings, byte by byte", [ping(payload) for payload in ten],
              [answers(payload) for payload in ten], 1)
    yield row("2.12", "pong of 125 bytes", [pong(full)], [ignores(full)])
    yield row("2.13", "pong of 126 bytes", [pong(full + b"\xfe")], [fails(1002)])
    yield row("2.14", "ping of 126 bytes: two bytes are enough", [ping(full + b"\xfe", only=OPENING)], [fails(1002)])
    yield row("2.15", "ping of 65536 bytes", [ping(bytes(65536))], [fails(1002)])
    yield row("2.16", "ping of 5 bytes, written in 16 bits", [ping(b"12345", claim=(16, 5))], [fails(1002)])
    yield row("2.17", "a ping is answered before the message around it ends", [binary(HELLO, fin=False), ping(BYTES)],
              [answers(BYTES)]).then([more(HELLO)], [echoes(BINARY, HELLO + HELLO)])
    yield row("2.18", "200 pings of 125 bytes in one write", [ping(bytes([number]) * 125) for number in range(200)],
              [answers(bytes([number]) * 125) for number in range(200)])


# ---------------------------------------------------------------- 3 and 4: what is reserved


def family_3():
    """No extension is ever agreed on, so the reserved bits must be 0."""
    yield row("3.1", "text with RSV 1", [text(HELLO, rsv=1)], [fails(1002)])
    for number, chop in ((2, None), (3, FRAMES), (4, 1)):
        how = {None: "", FRAMES: ", frame by frame", 1: ", byte by byte"}[chop]
        yield row(f"3.{number}", f"text, text with RSV {number}, ping{how}",
                  [text(HELLO), text(HELLO, rsv=number), ping()], [echoes(TEXT, HELLO), fails(1002)], chop)
    yield row("3.5", "binary with RSV 5", [binary(BYTES, rsv=5)], [fails(1002)])
    yield row("3.6", "ping with RSV 6", [ping(HELLO, rsv=6)], [fails(1002)])
    yield row("3.7", "close with RSV 7", [close(rsv=7)], [fails(1002)])
    yield row("3.8", "pong with RSV 4", [pong(HELLO, rsv=4)], [fails(1002)])
    yield row("3.9", "second fragment with RSV 4", [text(HELLO, fin=False), more(HELLO, rsv=4)], [fails(1002)])
    for rsv in range(1, 8):
        yield row(f"3.10.{rsv}", f"RSV {rsv}: two bytes are enough", [binary(BYTES, rsv=rsv, only=OPENING)],
                  [fails(1002)])


def family_4():
    """Opcodes that have no meaning yet."""
    for group, opcodes in ((1, range(3, 8)), (2, range(11, 16))):
        for number, opcode in enumerate(opcodes, 1):
            payload = b"" if number in (1, 3) else HELLO
            odd = ping(payload)._replace(opcode=opcode)
            if number <= 2:
                yield row(f"4.{group}.{number}", f"opcode {opcode}, {len(payload)} bytes", [odd], [fails(1002)])
            else:
                yield row(f"4.{group}.{number}", f"text, opcode {opcode} of {len(payload)} bytes, ping",
                          [text(HELLO), odd, ping()], [echoes(TEXT, HELLO), fails(1002)], 1 if number == 5 else None)
            yield row(f"4.3.{opcode}", f"opcode {opcode}: two bytes are enough", [odd._replace(only=OPENING)],
                      [fails(1002)])
            yield row(f"4.4.{opcode}", f"opcode {opcode} between two fragments",
                      [text(HELLO, fin=False), odd, more(HELLO)], [fails(1002)])


# ---------------------------------------------------------------- 5: fragmentation


def family_5():
    """Messages in pieces, control frames between them, and pieces that do not fit."""
    one, two, both, note = b"fragment1", b"fragment2", b"fragment1fragment2", b"ping payload"
    ways = ((0, None, ""), (1, FRAMES, ", frame by frame"), (2, 1, ", byte by byte"))
    yield row("5.1", "ping in 2 fragments", [ping(one, fin=False), more(two)], [fails(1002)])
    yield row("5.2", "pong in 2 fragments", [pong(one, fin=False), more(two)], [fails(1002)])
    for step, chop, how in ways:
        yield row(f"5.{3 + step}", f"text in 2 fragments{how}", [text(one, fin=False), more(two)],
                  [echoes(TEXT, both)], chop)
    for step, chop, how in ways:
        yield row(f"5.{6 + step}", f"text in 2 fragments, ping between{how}",
                  [text(one, fin=False), ping(note), more(two)], [answers(note), echoes(TEXT, both)], chop)
    for step, chop, how in ways:
        yield row(f"5.{9 + step}", f"continuation of nothing, FIN, then text{how}", [more(one), text(HELLO)],
                  [fails(1002)], chop)
    for step, chop, how in ways:
        yield row(f"5.{12 + step}", f"continuation of nothing, no FIN, then text{how}",
                  [more(one, fin=False), text(HELLO)], [fails(1002)], chop)
    yield row("5.15", "text in 2 fragments, continuation of nothing, text",
              [text(one, fin=False), more(two), more(one, fin=False), text(two)], [echoes(TEXT, both), fails(1002)])
    for number, fin in ((16, False), (17, True)):
        yield row(f"5.{number}", f"twice: continuation of nothing, {'' if fin else 'no '}FIN, then text in 2 fragments",
                  2 * [more(one, fin=fin), text(one, fin=False), more(two)], [fails(1002)])
    yield row("5.18", "2 fragments, both text", [text(one, fin=False), text(two)], [fails(1002)])
    for number, chop in ((19, None), (20, FRAMES)):
        yield row(f"5.{number}", "5 fragments, 2 pings; the first answered before the third fragment is sent"
                  + (", frame by frame" if chop else ""),
                  [text(b"1", fin=False), more(b"2", fin=False), ping(b"ping1")], [answers(b"ping1")], chop).then(
                      [more(b"3", fin=False), more(b"4", fin=False), ping(b"ping2"), more(b"5")],
                      [answers(b"ping2"), echoes(TEXT, b"12345")])
    yield from more_fragmentation(one, two, both, note)


def more_fragmentation(one, two, both, note):
    """5.21 and on: without counterpart."""
    yield row("5.21", "close in 2 fragments", [close(1000, fin=False), more(two)], [fails(1002)])
    yield row("5.22", "2 fragments, text then binary", [text(one, fin=False), binary(two)], [fails(1002)])
    yield row("5.23", "2 fragments, both binary", [binary(one, fin=False), binary(two)], [fails(1002)])
    yield row("5.24", "binary in 2 fragments, pong between", [binary(one, fin=False), pong(note), more(two)],
              [ignores(note), echoes(BINARY, both)])
    yield row("5.25", "a ping of 125 bytes between any two of 10 fragments",
              [frame for number in range(10) for frame in (
                  (text if number == 0 else more)(b"%d" % number, fin=number == 9), ping(b"%d" % number * 125))][:-1],
              [*(answers(b"%d" % number * 125) for number in range(9)), echoes(TEXT, b"0123456789")])
    yield row("5.26", "binary in single bytes", fragments(binary, BYTES * 16, 1), [echoes(BINARY, BYTES * 16)])
    yield row("5.27", "text after text in fragments",
              [*fragments(text, both, 5), text(HELLO), *fragments(text, one, 2)],
              [echoes(TEXT, both), echoes(TEXT, HELLO), echoes(TEXT, one)])
    yield row("5.28", "fragmented ping: two bytes are enough", [ping(one, fin=False, only=OPENING)], [fails(1002)])
    yield row("5.29", "continuation of nothing: two bytes are enough", [more(one, only=OPENING)], [fails(1002)])
    yield row("5.30", "text in text: two bytes are enough", [text(one, fin=False), text(two, only=OPENING)],
              [fails(1002)])
    yield row("5.31", "continuation of a message that has ended", [text(one), more(two)],
              [echoes(TEXT, one), fails(1002)])


# ---------------------------------------------------------------- 6: UTF-8

GREEK = bytes.fromhex("ceba e1bdb9 cf83 cebc ceb5")  # κόσμε, with an accent that takes three bytes
UMLAUTS = "Hello-µ@ßöäüàá-UTF-8!!".encode()
SURROGATE = bytes.fromhex("eda080")
BEYOND = bytes.fromhex("f4908080")  # U+110000
EDITED = b"edited"

NONCHARACTERS = ["efbfbe", "efbfbf"] + [
    f"{lead}{second}bf{last}" for lead in ("f0", "f1", "f2", "f3", "f4") for second in ("8f", "9f", "af", "bf")
    for last in ("be", "bf") if (lead, second) != ("f0", "8f") and (lead != "f4" or second == "8f")]

CUT_SHORT = ["c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf"]


def lonely(first, last):
    """Lead bytes with a space behind each."""
    return "".join(f"{byte:02x}20" for byte in range(first, last))


# What Markus Kuhn's decoder test has, by its sections; each sequence is valid or not as a whole.
SEQUENCES = [
    (5, "correct text", [b"hello$world".hex(), "hello¢world".encode().hex(), "hello€world".encode().hex(),
                         "hello𤭢world".encode().hex(), GREEK.hex()]),
    (6, "prefixes of correct text", [GREEK[:count].hex() for count in range(1, len(GREEK) + 1)]),
    (7, "first of each length", ["00", "c280", "e0a080", "f0908080"]),
    (8, "first of 5 and 6 bytes", ["f888808080", "fc8480808080"]),
    (9, "last of each length", ["7f", "dfbf", "efbfbf", "f48fbfbf"]),
    (10, "last of 4, 5 and 6 bytes", ["f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"]),
    (11, "other borders", ["ed9fbf", "ee8080", "efbfbd", "f48fbfbf", "f4908080"]),
    (12, "continuation bytes alone", ["80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf",
                                      bytes(range(0x80, 0xbf)).hex()]),
    (13, "lead bytes alone", [lonely(0xc0, 0xdf), lonely(0xe0, 0xef), lonely(0xf0, 0xf7), lonely(0xf8, 0xfb),
                              lonely(0xfc, 0xfd)]),
    (14, "last continuation byte missing", CUT_SHORT),
    (15, "incomplete sequences in a row", ["".join(CUT_SHORT)]),
    (16, "impossible bytes", ["fe", "ff", "fefeffff"]),
    (17, "overlong slash", ["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"]),
    (18, "largest overlong", ["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"]),
    (19, "overlong NUL", ["c080", "e08080", "f0808080", "f880808080", "fc8080808080"]),
    (20, "single surrogates", ["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"]),
    (21, "surrogates in pairs", ["eda080edb080", "eda080edbfbf", "edadbfedb080", "edadbfedbfbf", "edae80edb080",
                                 "edae80edbfbf", "edafbfedb080", "edafbfedbfbf"]),
    (22, "noncharacters, which are valid", NONCHARACTERS),
    (23, "specials, which are valid", ["efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"]),
]


def is_valid(data):
    """UTF-8 as a whole?"""
    try:
        data.decode("utf-8")
        return True
    except UnicodeDecodeError:
        return False


TAILS = [bytes(tail) for count in range(4) for tail in itertools.product(b"\x80\xbf", repeat=count)]


def valid_until(data):
    """How many bytes come before the first bad one: the first after which no bytes whatever could make it valid."""
    for count in range(len(data)):
        if not any(is_valid(data[:count + 1] + tail) for tail in TAILS):
            return count
    return len(data)


def fail_fast():
    """The failure comes at the first bad byte: no byte behind it is ever sent. A ping shows that it came no earlier."""
    good, alive = GREEK, [answers(b"still there?")]
    whole = good + BEYOND + EDITED
    yield row("6.4.1", "2 fragments, the second bad at its second byte",
              [text(good, fin=False), ping(b"still there?")], alive).then(
                  [more(BEYOND, fin=False, only=2)], [fails(1007)])
    yield row("6.4.2", "2 fragments, the second of the bad byte alone",
              [text(whole[:12], fin=False), ping(b"still there?")], alive).then(
                  [more(whole[12:13], fin=False)], [fails(1007)])
    yield row("6.4.3", "one frame, up to the bad byte", [text(whole, only=13)], [fails(1007)])
    yield row("6.4.4", "one frame, up to the bad byte, byte by byte", [text(whole, only=13)], [fails(1007)], 1)
    yield row("6.4.5", "a bad byte in 1 MiB, sent no further", [text(random_text(MIB, 5)[:70000] + b"\xff" + bytes(MIB),
                                                                    only=70001)], [fails(1007)])


def family_6():
    """Text is UTF-8, across fragments and writes, and what is not is refused as soon as it shows."""
    middle = b"middle frame payload"
    yield row("6.1.1", "text of 0 bytes", [text()], [echoes(TEXT, b"")])
    yield row("6.1.2", "3 fragments of 0 bytes", [text(fin=False), more(fin=False), more()], [echoes(TEXT, b"")])
    yield row("6.1.3", "3 fragments, only the middle one not empty", [text(fin=False), more(middle, fin=False), more()],
              [echoes(TEXT, middle)])
    yield row("6.2.1", "valid text", [text(UMLAUTS)], [echoes(TEXT, UMLAUTS)])
    yield row("6.2.2", "valid text, 2 fragments between code points",
              [text(UMLAUTS[:15], fin=False), more(UMLAUTS[15:])],
              [echoes(TEXT, UMLAUTS)])
    yield row("6.2.3", "valid text in fragments of 1 byte", fragments(text, UMLAUTS, 1), [echoes(TEXT, UMLAUTS)])
    yield row("6.2.4", "valid Greek in fragments of 1 byte", fragments(text, GREEK, 1), [echoes(TEXT, GREEK)])
    bad = GREEK + SURROGATE + EDITED
    yield row("6.3.1", "a surrogate in the middle", [text(bad)], [fails(1007)])
    yield row("6.3.2", "the same in fragments of 1 byte", fragments(text, bad, 1), [fails(1007)])
    yield from fail_fast()
    for section, words, sequences in SEQUENCES:
        for number, data in enumerate(map(bytes.fromhex, sequences), 1):
            events = [echoes(TEXT, data)] if is_valid(data) else [fails(1007)]
            yield row(f"6.{section}.{number}", f"{words}: {data[:12].hex()}", [text(data)], events)
    for section, words, sequences in SEQUENCES:
        for number, data in enumerate(map(bytes.fromhex, sequences), 1):
            bad = valid_until(data)
            if bad < len(data):
                yield row(f"6.24.{section}.{number}", f"{words}: nothing behind the bad byte {data[bad]:02x}",
                          [text(data + EDITED, only=bad + 1)], [fails(1007)])
    yield row("6.25.1", "a code point cut by the end, in the first of 3 fragments",
              [text(GREEK[:4], fin=False), more(fin=False), more()], [fails(1007)])
    yield row("6.25.2", "a code point cut by a ping", [text(GREEK[:4], fin=False), ping(b"\xff"), more(GREEK[4:])],
              [answers(b"\xff"), echoes(TEXT, GREEK)])
    yield row("6.25.3", "a cut code point does not reach the next message", [text(GREEK), text(GREEK[:1])],
              [echoes(TEXT, GREEK), fails(1007)])
    yield row("6.25.4", "binary may hold anything", [binary(bytes(range(256)))], [echoes(BINARY, bytes(range(256)))])
    yield row("6.25.5", "the bad byte right behind 1000 good ones", [text(b"x" * 1000 + b"\x80" + b"y" * 1000,
                                                                         only=1001)], [fails(1007)])


# ---------------------------------------------------------------- 7: closing

GOOD_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
MORE_GOOD_CODES = [1012, 1013, 1014]
BAD_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]
MORE_BAD_CODES = [1, 3, 100, 1015, 1499, 1999, 32768]


def family_7():
    """Close frames are answered once, with their own code; what follows them is not looked at."""
    yield row("7.1.1", "text, close", [text(HELLO), close(1000)], [echoes(TEXT, HELLO), closes(1000)])
    yield row("7.1.2", "close, close", [close(1000), close()], [closes(1000)])
    yield row("7.1.3", "close, ping", [close(1000), ping()], [closes(1000)])
    yield row("7.1.4", "close, text", [close(1000), text(HELLO)], [closes(1000)])
    yield row("7.1.5", "first fragment, close, second fragment", [text(HELLO, fin=False), close(1000), more(HELLO)],
              [closes(1000)])
    large = random_text(256 * KIB, 716)
    yield row("7.1.6", "text of 256 KiB, text, close, ping", [text(large), text(HELLO), close(1000), ping()],
              [echoes(TEXT, large), echoes(TEXT, HELLO), closes(1000)])
    yield row("7.1.7", "close, a violation", [close(1000), text(HELLO, rsv=7)], [closes(1000)])
    yield row("7.1.8", "close, then silence", [close(1001)], [closes(1001)])
    reason = b"Hello World!"
    yield row("7.3.1", "close without code", [close()], [closes(NO_STATUS)])
    yield row("7.3.2", "close of one byte", [close()._replace(payload=b"a")], [fails(1002)])
    yield row("7.3.3", "close with a code", [close(1000)], [closes(1000)])
    yield row("7.3.4", "close with code and reason", [close(1000, reason)], [closes(1000, reason)])
    yield row("7.3.5", "close with a reason of 123 bytes", [close(1000, b"*" * 123)], [closes(1000, b"*" * 123)])
    yield row("7.3.6", "close with a reason of 124 bytes", [close(1000, b"*" * 124)], [fails(1002)])
    yield row("7.3.7", "close with a reason of 124 bytes: two bytes are enough",
              [close(1000, b"*" * 124, only=OPENING)], [fails(1002)])
    yield row("7.5.1", "close with a reason that is not UTF-8", [close(1000, GREEK + SURROGATE + EDITED)],
              [fails(1007)])
    yield row("7.5.2", "close with a reason cut within a code point", [close(1000, GREEK[:4])], [fails(1007)])
    yield row("7.5.3", "close with a reason in Greek", [close(1000, GREEK)], [closes(1000, GREEK)])
    for number, code in enumerate(GOOD_CODES + MORE_GOOD_CODES, 1):
        yield row(f"7.7.{number}", f"close with code {code}", [close(code)], [closes(code)])
    for number, code in enumerate(BAD_CODES + MORE_BAD_CODES, 1):
        yield row(f"7.9.{number}", f"close with code {code}", [close(1000)._replace(payload=code.to_bytes(2, "big"))],
                  [fails(1002)])
    yield row("7.13.1", "close with code 5000", [close(5000)], [fails(1002)])
    yield row("7.13.2", "close with code 65535", [close(65535)], [fails(1002)])


# ---------------------------------------------------------------- 9 and 10: size


def long_messages():
    """9.1 to 9.6: whole, in fragments, in chops."""
    for kind, name, first, opcode, payload in KINDS:
        for number, size in enumerate((64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB), 1):
            data = payload(size, number)
            yield row(f"9.{kind}.{number}", f"{name} of {size // KIB} KiB", [first(data)], [echoes(opcode, data)])
    for kind, name, first, opcode, payload in KINDS:
        data = payload(4 * MIB, kind)
        for number, size in enumerate((64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB), 1):
            yield row(f"9.{kind + 2}.{number}", f"{name} of 4 MiB in fragments of {size}",
                      fragments(first, data, size), [echoes(opcode, data)])
    for kind, name, first, opcode, payload in KINDS:
        data = payload(MIB, kind)
        for number, size in enumerate((64, 128, 256, 512, 1024, 2048), 1):
            yield row(f"9.{kind + 4}.{number}", f"{name} of 1 MiB in chops of {size}", [first(data)],
                      [echoes(opcode, data)], size)


def many_messages():
    """9.7 and 9.8: each leaves when the one before has come back."""
    for kind, name, first, opcode, payload in KINDS:
        for number, size in enumerate((0, 16, 64, 256, 1024, 4096), 1):
            messages = [payload(size, turn) for turn in range(1000)]
            yield Row(f"9.{kind + 6}.{number}", f"1000 times {name} of {size} bytes",
                      tuple(([first(data)], [echoes(opcode, data)]) for data in messages))


def limits():
    """9.10: what is too much is refused from the header, before any of it is sent."""
    too_long = (64, MESSAGE_MAX + 1)
    yield row("9.10.1", "text of 16 MiB + 1, header only", [text(claim=too_long, only=0)], [fails(1009)])
    yield row("9.10.2", "binary of 16 MiB + 1, header only", [binary(claim=too_long, only=0)], [fails(1009)])
    yield row("9.10.3", "binary of 2^32 bytes, header only", [binary(claim=(64, 2**32), only=0)], [fails(1009)])
    yield row("9.10.4", "binary of 2^63-1 bytes, header only", [binary(claim=(64, 2**63 - 1), only=0)], [fails(1009)])
    yield row("9.10.5", "a second fragment of 2^63-1 bytes, header only",
              [binary(HELLO, fin=False), more(claim=(64, 2**63 - 1), only=0)], [fails(1009)])
    yield row("9.10.6", "2 fragments of 16 MiB + 1 in all", [binary(random_bytes(MIB, 6), fin=False),
                                                             more(claim=(64, 15 * MIB + 1), only=0)], [fails(1009)])
    yield row("9.10.7", "too long, and a ping behind it", [text(claim=too_long, only=0), ping()], [fails(1009)])
    yield row("9.11.1", "a message of 100000 empty fragments",
              [binary(fin=False), *[more(fin=False)] * 99998, more()], [echoes(BINARY, b"")])
    yield row("9.11.2", "a message of 100001 empty fragments",
              [binary(fin=False), *[more(fin=False)] * 99999, more(only=0)], [fails(1008)])


def family_9():
    """Long messages, many messages, and where the limits are."""
    yield from long_messages()
    yield from many_messages()
    yield from limits()


def family_10():
    """What a client that fragments by itself sends."""
    for number, (_, name, first, opcode, payload) in enumerate(KINDS, 1):
        data = payload(65536, number)
        yield row(f"10.1.{number}", f"{name} of 65536 bytes in fragments of 1300", fragments(first, data, 1300),
                  [echoes(opcode, data)])


def all_rows():
    """The whole table, made as it is asked for: the long messages would fill the memory."""
    for family in (family_0, family_1, family_2, family_3, family_4, family_5, family_6, family_7, family_9, family_10,
                   family_12, family_13, family_14):
        yield from family()
