"""RFC 6455 through the port: one table of what is refused, one of what must work."""
import pytest

from clients import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, WebSocket, close_payload, frame, header, upgrade)

pytestmark = pytest.mark.dealt("what it tests is in common/", "model", "protocol")

SPLIT_EURO = "€".encode()

REFUSED_UPGRADES = {
    "no Upgrade": (400, {"Upgrade": None}),
    "wrong Upgrade": (400, {"Upgrade": "h2c"}),
    "no Connection": (400, {"Connection": None}),
    "wrong Connection": (400, {"Connection": "keep-alive"}),
    "no key": (400, {"Sec_WebSocket_Key": None}),
    "short key": (400, {"Sec_WebSocket_Key": "c2hvcnQ="}),
    "key of 25 characters": (400, {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==="}),
    "no Host": (400, {"Host": None}),
    "not a GET": (400, {"method": "POST"}),
    "HTTP/1.0": (400, {"version": "HTTP/1.0"}),
    "no version": (400, {"Sec_WebSocket_Version": None}),
    "old version": (426, {"Sec_WebSocket_Version": "8"}),
    "head over 8 KiB": (431, {"X_Padding": "x" * 9000}),
    "path over 8 KiB": (431, {"path": "/" * 100000}),
}

ACCEPTED_UPGRADES = {
    "lists of tokens": {"Connection": "keep-alive, Upgrade", "Upgrade": "websocket"},
    "other case": {"Connection": "upgrade", "Upgrade": "WebSocket"},
    "offers not understood": {"Sec_WebSocket_Extensions": "permessage-deflate", "Origin": "http://example.org"},
    "a path": {"path": "/chat?room=1"},
}

VIOLATIONS = {
    "unmasked frame": (1002, frame(TEXT, b"hello", mask=None)),
    "reserved bit 1": (1002, frame(TEXT, b"hello", rsv=4)),
    "reserved bit 3": (1002, frame(TEXT, b"hello", rsv=1)),
    "reserved opcode 3": (1002, frame(3, b"")),
    "reserved control opcode 11": (1002, frame(11, b"")),
    "continuation of nothing": (1002, frame(CONTINUATION, b"hello")),
    "new message inside a message": (1002, frame(TEXT, b"a", fin=False) + frame(TEXT, b"b")),
    "ping of 126 bytes": (1002, frame(PING, bytes(126))),
    "fragmented ping": (1002, frame(PING, b"", fin=False)),
    "length 2^64-1": (1002, header(BINARY, 0, mask=b"mask", claim=2**64 - 1)),
    "length 2^63": (1002, header(BINARY, 0, mask=b"mask", claim=2**63)),
    "length 2^63-1": (1009, header(BINARY, 0, mask=b"mask", claim=2**63 - 1)),
    "length 65537, from the header": (1009, header(BINARY, 65537, mask=b"mask")),
    "4 GiB, from the header": (1009, header(BINARY, 0, mask=b"mask", claim=2**32)),
    "65537 bytes in two fragments": (1009, frame(BINARY, bytes(65535), fin=False)
                                     + header(CONTINUATION, 2, mask=b"mask")),
    "length 5 in 16 bits": (1002, b"\x82\xfe\x00\x05mask"),
    "length 5 in 64 bits": (1002, header(BINARY, 5, mask=b"mask", claim=5)),
    "bad UTF-8, frame not complete": (1007, frame(TEXT, b"a\xff" + bytes(1000))[:6 + 4]),
    "bad UTF-8, in a second fragment": (1007, frame(TEXT, SPLIT_EURO[:1], fin=False)
                                         + frame(CONTINUATION, b"a", fin=False)),
    "UTF-8 of a surrogate": (1007, frame(TEXT, b"\xed\xa0\x80")),
    "UTF-8 that ends too early": (1007, frame(TEXT, SPLIT_EURO[:2])),
    "close of one byte": (1002, frame(CLOSE, b"\x03")),
    "close reason in bad UTF-8": (1007, frame(CLOSE, close_payload(1000, b"\xff"))),
    **{f"close code {code}": (1002, frame(CLOSE, close_payload(code)))
       for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)},
}

COUNTED_AS = {1002: "protocol_error", 1007: "bad_utf8", 1009: "too_big"}


@pytest.fixture
def peer(serve):
    """A client whose handshake is done."""
    with serve("ws") as server, WebSocket(server) as client:
        yield client


def test_upgrades_that_are_refused(serve):
    """With the status that says why, and counted."""
    with serve("ws") as server:
        for name, (expected, changes) in REFUSED_UPGRADES.items():
            with WebSocket(server, handshake=False) as client:
                client.send(upgrade(**changes))
                status, headers = client.receive_head()
                assert status == expected, name
                assert status != 426 or headers["sec-websocket-version"] == "13"
                assert headers["connection"].lower() == ("close, upgrade" if status == 426 else "close"), name
                client.receive_to_end()
        assert server.stop()["closed"]["rejected"] == len(REFUSED_UPGRADES)


def test_upgrades_that_are_accepted(serve):
    """Names and tokens in any case, lists, and offers that need not be taken."""
    with serve("ws") as server:
        for changes in ACCEPTED_UPGRADES.values():
            with WebSocket(server, handshake=False) as client:
                client.send(upgrade(**changes))
                client.expect_upgrade()
                client.roundtrip()


def test_not_http_at_all_is_refused(serve):
    """400 and an end, for a client of another protocol."""
    with serve("ws") as server, WebSocket(server, handshake=False) as client:
        client.send(b"\x16\x03\x01\x02\x00 this is not HTTP\r\n\r\n")
        assert client.receive_head()[0] == 400
        client.receive_to_end()


def test_violations_are_answered_by_their_close_code(serve):
    """The code, then FIN from the server; nothing of the message is echoed; counted under the right name."""
    with serve("ws") as server:
        for name, (code, data) in VIOLATIONS.items():
            with WebSocket(server) as client:
                client.send(data)
                try:
                    client.expect_close(code)
                except AssertionError as error:
                    raise AssertionError(f"{name}: {error}") from error
        closed = server.stop()["closed"]
        codes = [code for code, _ in VIOLATIONS.values()]
        assert {name: closed[name] for name in COUNTED_AS.values()} == {
            name: codes.count(code) for code, name in COUNTED_AS.items()}


def test_a_message_too_big_hears_1009_while_still_sending(serve):
    """The client's bytes may keep coming: no reset voids the verdict that is on its way to it."""
    message = frame(BINARY, bytes(1024 * 1024))
    with serve("ws") as server, WebSocket(server) as client:
        client.send(message[:1000])
        assert client.receive_frame() == (CLOSE, close_payload(1009))
        client.send(message[1000:])
        assert client.receive_to_end() == b""


def test_close_is_answered_once_and_the_server_ends_tcp(serve):
    """The code comes back, for every code that a client may send; also for an empty close."""
    with serve("ws") as server:
        for code in (1000, 1001, 1003, 1007, 1011, 3000, 4999):
            with WebSocket(server) as client:
                client.send(frame(CLOSE, close_payload(code, b"reason")))
                client.expect_close(code)
        with WebSocket(server) as client:
            client.send(frame(CLOSE))
            assert client.receive_frame() == (CLOSE, b"")
            assert client.receive_to_end() == b""
        assert server.stop()["closed"]["handshake"] == 8


def test_messages_before_a_close_are_answered_and_none_after(serve):
    """All in one segment."""
    with serve("ws") as server, WebSocket(server) as client:
        client.send(frame(TEXT, b"before") + frame(CLOSE, close_payload(1000)) + frame(TEXT, b"after"))
        assert client.receive_frame() == (TEXT, b"before")
        client.expect_close(1000)


def test_lengths_at_every_border(peer):
    """0, 125, 126, 127, 65535, 65536: the length's three encodings."""
    for length in (0, 1, 125, 126, 127, 65535, 65536):
        peer.roundtrip(bytes(length))


def test_text_stays_text(peer):
    """The opcode is the message's own."""
    peer.send(frame(TEXT, "größer, 更大, 🚀".encode()))
    assert peer.receive_frame() == (TEXT, "größer, 更大, 🚀".encode())


def test_fragments_come_back_whole(peer):
    """Also when a code point is split between them, and when some are empty."""
    peer.send(frame(TEXT, SPLIT_EURO[:1], fin=False) + frame(CONTINUATION, b"", fin=False)
              + frame(CONTINUATION, SPLIT_EURO[1:]))
    assert peer.receive_frame() == (TEXT, SPLIT_EURO)


def test_ping_is_answered(peer):
    """With the same payload, up to 125 bytes."""
    for payload in (b"", b"ping", bytes(range(125))):
        peer.send(frame(PING, payload))
        assert peer.receive_frame() == (PONG, payload)


def test_ping_between_fragments_is_answered_first(peer):
    """The pong does not wait for the message, and the message does not suffer."""
    peer.send(frame(TEXT, b"be", fin=False) + frame(PING, b"now") + frame(CONTINUATION, b"fore"))
    assert peer.receive_frame() == (PONG, b"now")
    assert peer.receive_frame() == (TEXT, b"before")


def test_a_pong_nobody_asked_for_is_ignored(peer):
    """RFC 6455 section 5.5.3."""
    peer.send(frame(PONG, b"hello?"))
    peer.roundtrip()
