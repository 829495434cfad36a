"""The bugs of small WebSocket servers, one by one, each where it was first seen; none of them may be ours.

What needs a clock is in test_liveness.py; the same rules case by case are in tests/conformance/."""
import os
import signal
import time

import pytest

from clients import (BINARY, CLOSE, CONTINUATION, MASK, PING, PONG, TEXT, Peer, WebSocket, client, close_payload, frame,
                     header, upgrade, xor)
from timing import wait_until

pytestmark = pytest.mark.dealt("what it tests is in common/", "model", "protocol")

GIB = 1024 ** 3


@pytest.fixture(autouse=True)
def lean_sanitizer(monkeypatch):
    """AddressSanitizer keeps little of what was freed, so that memory can be measured under it, too."""
    monkeypatch.setenv("ASAN_OPTIONS", "quarantine_size_mb=1:malloc_context_size=0")


def check_refused(serve, data, code):
    """This close code and FIN, no message counted as taken, and a neighbour that noticed nothing."""
    with serve("ws") as server, WebSocket(server) as neighbour:
        with WebSocket(server) as peer:
            peer.send(data)
            peer.expect_close(code)
        neighbour.roundtrip()
        assert server.stop()["messages"] == 1


def check_memory(serve, sanitizer, data, count, growth_kib, code=None):
    """`count` clients send `data`; the server's memory grows by less than `growth_kib` while they are there."""
    with serve("ws") as server:
        peers = [WebSocket(server) for _ in range(count)]
        for peer in peers:
            peer.roundtrip()
        before = server.private_kib()
        for peer in peers:
            peer.send(data)
            if code:
                assert peer.receive_frame() == (CLOSE, close_payload(code))
        with WebSocket(server) as neighbour:
            neighbour.roundtrip()
        grown = server.private_kib() - before
        assert grown < growth_kib * (8 if sanitizer else 1), f"{grown} KiB for {count} clients"
        for peer in peers:
            peer.close()


@pytest.fixture
def sanitizer(request):
    """What the servers were built with, or None."""
    return request.config.getoption("--sanitizer")


def test_baresip_1584_a_length_to_which_4_is_added_wraps(serve):
    """2^64 - 4, masked."""
    check_refused(serve, header(BINARY, 0, mask=MASK, claim=2**64 - 4) + bytes(64), 1002)


def test_gpac_3860_a_length_to_which_1_is_added_wraps(serve):
    """2^64 - 1: the most significant bit must be 0."""
    check_refused(serve, header(BINARY, 0, mask=MASK, claim=2**64 - 1) + bytes(64), 1002)


def test_cwist_119_memory_for_a_length_that_is_only_claimed(serve, sanitizer):
    """14 bytes that claim 4 GiB, from each of 20 clients: refused by the header alone."""
    check_memory(serve, sanitizer, header(BINARY, 0, mask=MASK, claim=4 * GIB), 20, 1024, code=1009)


def test_wsserver_120_a_control_frame_of_125_bytes(serve):
    """The longest there is, whole and in pieces; behind it the next frame begins."""
    payload = bytes(range(125))
    with serve("ws") as server, WebSocket(server) as peer:
        peer.send(frame(PING, payload))
        assert peer.receive_frame() == (PONG, payload)
        peer.send_by_the_byte(frame(PING, payload) + frame(TEXT, b"next"))
        assert peer.receive_frame() == (PONG, payload)
        assert peer.receive_frame() == (TEXT, b"next")


def test_wsserver_120_an_unmasked_frame(serve):
    """1002, before anything of it is delivered."""
    check_refused(serve, frame(TEXT, b"hello", mask=None), 1002)


@pytest.mark.parametrize("bad", [frame(TEXT, b"a", rsv=4), frame(TEXT, b"\xff"), frame(3, b"a"),
                                 frame(TEXT, b"a", fin=False) + frame(TEXT, b"b")])
def test_facil_169_a_message_delivered_in_spite_of_its_error(serve, bad):
    """Neither the bad one nor any that follows in the same segment comes back."""
    with serve("ws") as server, WebSocket(server) as peer:
        peer.send(bad + frame(TEXT, b"after") + frame(PING, b"after"))
        opcode, payload = peer.receive_frame()
        assert (opcode, len(payload)) == (CLOSE, 2)
        assert peer.receive_to_end() == b""
        assert server.stop()["messages"] == 0


def test_libhv_769_unmasking_a_part_of_a_payload(serve):
    """A message that arrives as two pieces, for each place to cut it. (Beside an unreadable page: test_websocket.c.)"""
    payload = bytes(range(1, 70))
    data = frame(BINARY, payload)
    with serve("ws") as server, WebSocket(server) as peer:
        for cut in range(1, len(data)):
            peer.send(data[:cut])
            peer.send(data[cut:])
            assert peer.receive_frame() == (BINARY, payload), cut


def test_cve_2025_51495_a_continuation_of_nothing(serve):
    """1002; also behind a message that is complete."""
    check_refused(serve, frame(CONTINUATION, b"a" * 1000), 1002)


@pytest.mark.parametrize("rsv", [1, 2, 4, 7])
def test_cve_2026_29035_reserved_bits_without_an_extension(serve, rsv):
    """The client may offer compression; nothing was agreed."""
    with serve("ws") as server, WebSocket(server, handshake=False) as peer:
        peer.send(upgrade(Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits"))
        peer.expect_upgrade()
        peer.send(frame(TEXT, b"\xcaH\xcd\xc9\xc9\x07\x00", rsv=rsv))
        peer.expect_close(1002)


@pytest.mark.parametrize("start", [b"GET /", b"GET ", b"", b"GET / HTTP/1.1\r\nHost: "])
def test_cve_2025_55763_a_request_without_end(serve, start):
    """100,000 times '/': 431 after 8 KiB."""
    with serve("ws") as server, WebSocket(server, handshake=False) as peer:
        peer.send(start + b"/" * 100000)
        assert peer.receive_head()[0] == 431
        peer.receive_to_end()
        with WebSocket(server) as neighbour:
            neighbour.roundtrip()


def test_ws_2331_fragments_that_never_end(serve, sanitizer):
    """131,000 of them: empty ones end at the 100,000th (1008), others when their bytes are too many (1009)."""
    for payload, code in ((b"", 1008), (b"a", 1009)):
        check_memory(serve, sanitizer, frame(TEXT, b"", fin=False) + frame(CONTINUATION, payload, fin=False) * 131000,
                     1, 1024, code)


def test_wsserver_a_handshake_of_one_byte_per_segment(serve):
    """And a frame in the segment of the last."""
    request = upgrade()
    with serve("ws") as server, WebSocket(server, handshake=False) as peer:
        peer.send_by_the_byte(request[:-1])
        peer.send(request[-1:] + frame(TEXT, b"early"))
        peer.expect_upgrade()
        assert peer.receive_frame() == (TEXT, b"early")


def test_autobahn_47_text_checked_only_at_its_end(serve):
    """The verdict is there while the message is not, and the bad byte is in its second fragment."""
    with serve("ws") as server, WebSocket(server) as peer:
        peer.send(frame(TEXT, b"\xce\xba", fin=False) + header(CONTINUATION, 1000, mask=MASK)
                    + xor(b"\xf4\x90", MASK))
        peer.expect_close(1007)


def test_pieces_of_a_byte_from_a_peer_that_does_not_read(serve, sanitizer):
    """A model that reads ahead answers each at once: neither memory nor time may grow with their number."""
    with serve("echo") as server, Peer(server) as neighbour, Peer(server, receive_buffer=4096) as deaf:
        neighbour.roundtrip(bytes(1000))
        before, start = server.private_kib(), server.cpu_seconds()
        deaf.socket.setblocking(False)
        for _ in range(500000):
            try:
                deaf.socket.send(b"x")
            except BlockingIOError:
                break
        neighbour.roundtrip()
        assert server.cpu_seconds() - start < 5 * (8 if sanitizer else 1)
        assert server.private_kib() - before < 2048 * (8 if sanitizer else 1)


def test_bytes_behind_the_handshake_are_kept(serve):
    """In one segment with it."""
    with serve("ws") as server, WebSocket(server, handshake=False) as peer:
        peer.send(upgrade() + frame(TEXT, b"first") + frame(PING, b"second"))
        peer.expect_upgrade()
        assert peer.receive_frame() == (TEXT, b"first")
        assert peer.receive_frame() == (PONG, b"second")


def test_a_close_is_answered_once(serve):
    """Whatever comes behind it, another close included; and the server ends TCP first."""
    with serve("ws") as server, WebSocket(server) as peer:
        peer.send(frame(CLOSE, close_payload(1000)) * 2 + frame(TEXT, b"x"))
        peer.expect_close(1000)


def test_more_clients_than_allowed_are_told_so(serve, protocol):
    """--clients-max: 503 or a close, counted; who is there is served, and a place that gets free is given again."""
    with serve(protocol, "--clients-max", 3) as server:
        served = [client(server) for _ in range(3)]
        for peer in served:
            peer.roundtrip()
        with WebSocket(server, handshake=False) as extra:
            if protocol == "ws":
                assert extra.receive_head()[0] == 503
            assert extra.receive_to_end() == b""
        served.pop().reset()
        turned_away = []

        def has_place():
            try:
                with client(server) as again:
                    turned_away.append(not again.is_served())
            except (EOFError, ConnectionError):
                turned_away.append(True)
            return not turned_away[-1]

        wait_until(has_place, "room where one has left")
        for peer in served:
            peer.roundtrip()
            peer.close()
        assert server.stop()["refused"]["clients"] == 1 + sum(turned_away)


def test_a_refusal_is_heard_by_a_client_that_has_asked_already(serve):
    """Its request is there when the server turns it away: 503 and FIN, no reset."""
    with serve("ws", "--clients-max", 1) as server, WebSocket(server) as only:
        server.signal(signal.SIGSTOP)
        with WebSocket(server, handshake=False) as extra:
            extra.send(upgrade())
            server.signal(signal.SIGCONT)
            assert extra.receive_head()[0] == 503
            assert extra.receive_to_end() == b""
        only.roundtrip()


def test_a_log_that_nobody_reads_holds_nobody_up(serve):
    """stderr is a pipe, and full: the line is left out, the others are served."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, bytes(4096))
    except BlockingIOError:
        os.set_blocking(writer, True)
    with serve("ws", stderr=writer) as server, WebSocket(server) as neighbour:
        for _ in range(3):
            with WebSocket(server, handshake=False) as peer:
                peer.send(b"NONSENSE\r\n\r\n")
                assert peer.receive_head()[0] == 400
        neighbour.roundtrip()
        assert server.stop()["closed"]["rejected"] == 3
    os.close(reader)
    os.close(writer)


def test_the_log_names_a_bad_peer_once_and_is_bounded(serve):
    """A line for each, with its address; of 200 in a hurry not 200."""
    start = time.monotonic()
    with serve("ws") as server:
        with WebSocket(server) as peer:
            address = "%s:%d" % peer.socket.getsockname()
            peer.send(frame(3))
            peer.expect_close(1002)
        wait_until(lambda: server.errors(), "a line in the log")
        lines = server.errors().splitlines()
        assert len(lines) == 1 and f" {address}: protocol_error" in lines[0], lines
        for _ in range(200):
            with WebSocket(server, handshake=False) as peer:
                peer.send(b"NONSENSE\r\n\r\n")
                assert peer.receive_head()[0] == 400
        assert len(server.errors().splitlines()) <= 20 + 10 * (time.monotonic() - start)
        assert server.stop()["closed"]["rejected"] == 200
