"""Compression (RFC 7692) on every server: off unless --deflate says so, what it costs, and bombs.

The rules case by case are in tests/conformance/ (families 12 to 14)."""
import json
import time

import pytest

from clients import BINARY, CLOSE, TEXT, WebSocket, close_payload, frame
from deflating import RSV1, Deflating, bomb
from marks import WITHOUT_TLS
from timing import seconds, wait_until

pytestmark = pytest.mark.dealt("what it tests is in common/", "model", "protocol")

KIB, MIB = 1024, 1024 * 1024
MESSAGE_MAX = 64 * KIB
TEXT_LIKE = b"a selector waits for channels, a channel for a buffer, a buffer for bytes, " * 20


@pytest.fixture(autouse=True)
def lean_sanitizer(monkeypatch):
    """AddressSanitizer keeps little of what was freed, so that memory can be measured under it, too."""
    monkeypatch.setenv("ASAN_OPTIONS", "quarantine_size_mb=1:malloc_context_size=0")


@pytest.fixture
def factor(request):
    """How much more memory a server takes under a sanitizer; TSan has 2 MiB of its own for each thread."""
    return {"asan": 8, "tsan": 20}.get(request.config.getoption("--sanitizer"), 1)


def test_nothing_is_agreed_on_unless_it_is_switched_on(serve):
    """The offer is declined, not refused; and a compressed frame is then a violation."""
    with serve("ws") as server:
        with Deflating(server) as peer:
            assert peer.agreed == ""
            WebSocket.roundtrip(peer)
            peer.send(frame(TEXT, b"\xf2\x48\xcd\xc9\xc9\x07\x00", rsv=RSV1))
            peer.expect_close(1002)
        assert server.stop()["closed"]["protocol_error"] == 1


def test_an_echo_comes_back_compressed(serve):
    """And the second of the same text far smaller: its window was taken over."""
    with serve("ws", "--deflate") as server, Deflating(server) as peer:
        assert peer.agreed == "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12"
        for _ in range(2):
            peer.send(peer.packed(TEXT_LIKE, TEXT))
            assert peer.hear() == (TEXT, TEXT_LIKE)
        assert peer.compressed == 2
        peer.send(frame(TEXT, TEXT_LIKE) + frame(CLOSE, close_payload(1000)))
        assert peer.hear() == (TEXT, TEXT_LIKE)
        assert peer.compressed == (3 if server.model == "ws_demo" else 2), "what came uncompressed goes back so, but for a step"
        peer.expect_close(1000)
        stats = server.stop()
        assert stats["messages"] == 3 and stats["bytes_out"] < 2 * len(TEXT_LIKE)


@pytest.mark.parametrize("payload", ["random", "text"])
def test_two_programs_count_the_same(serve, loadgen, payload):
    """Every byte verified after inflating; on the wire both counted the same, and text takes less than half."""
    with serve("ws", "--deflate") as server:
        result = loadgen(server, "--deflate", clients=10, size=1000, pipeline=4, duration=seconds(0.2), payload=payload)
        assert result.status == 0, result.report["failures"]
        stats, totals, wire = server.stop(), result.report["totals"], result.report["wire"]
    assert (totals["bytes_sent"], totals["bytes_received"]) == (stats["bytes_in"], stats["bytes_out"])
    assert totals["messages"] == stats["messages"] > 0
    assert wire["deflated"] == 10
    if payload == "text":
        assert wire["sent_per_message"] < 500 and wire["received_per_message"] < 500
        assert "compressed for 10 clients" in result.stdout


def test_a_server_that_declines_is_measured_without(server_of, loadgen):
    """Nothing is compressed, and the report says so."""
    with server_of("nio", "ws") as server:
        result = loadgen(server, "--deflate", clients=2, size=1000, duration=0.1, payload="text")
        assert result.status == 0 and result.report["wire"]["deflated"] == 0
        assert result.report["wire"]["sent_per_message"] > 1000


def test_both_transports_and_a_flash(server_of, either_loadgen):
    """Connections are lost in mid-message: what was compressed for them is of no use to the next, and nothing is lost."""
    with server_of("nio", "ws", "--deflate") as server:
        result = either_loadgen(server, "--deflate", clients=20, size=20000, pipeline=3, duration=0.5, payload="text", chaos="flash")
        assert result.status == 0, result.report["failures"]
        assert result.report["chaos"]["clients"] == 20


# ---- bombs ----


def test_a_bomb_costs_no_more_than_the_limit_of_a_message(serve, factor):
    """1 MiB and 20 MiB of zeros, each from 10 clients, in a thousandth of the bytes: 1009."""
    with serve("ws", "--deflate") as server, Deflating(server) as neighbour:
        neighbour.roundtrip()
        before = server.private_kib()
        for size in MIB, 20 * MIB:
            data = bomb(size)
            peers = [Deflating(server, offer="permessage-deflate") for _ in range(10)]
            for peer in peers:
                peer.send(data)
            for peer in peers:
                assert peer.receive_frame() == (CLOSE, close_payload(1009))
                peer.close()
        assert server.private_kib() - before < 4096 * factor
        neighbour.roundtrip()
        assert server.stop()["closed"]["too_big"] == 20


def test_a_bomb_in_pieces_waits_at_the_limit(serve, factor):
    """Half of the limit is inflated and its end does not come: that is all that a client can make a server keep."""
    clients = 20
    with serve("ws", "--deflate") as server, Deflating(server) as neighbour:
        neighbour.roundtrip()
        before = server.private_kib()
        peers = [Deflating(server, offer="permessage-deflate") for _ in range(clients)]
        for peer in peers:
            peer.send(frame(BINARY, peer.pack(bytes(MESSAGE_MAX)), fin=False, rsv=RSV1))
        neighbour.roundtrip()
        wait_until(lambda: server.private_kib() - before > clients * 32, "they have been read")
        assert server.private_kib() - before < clients * 200 * factor
        for peer in peers:
            peer.close()


def test_messages_of_the_limit_from_a_client_that_does_not_read(serve, factor):
    """Each receive of 16 KiB holds 200 messages of 64 KiB. LIMIT: the server inflates what is pending and one more."""
    with serve("ws", "--deflate") as server, Deflating(server) as neighbour:
        neighbour.roundtrip()
        before = server.private_kib()
        deaf = [Deflating(server, offer="permessage-deflate", receive_buffer=4096) for _ in range(4)]
        for peer in deaf:
            peer.send_until_blocked(bomb(MESSAGE_MAX), quiet=0.2)
        neighbour.roundtrip()
        grown = server.private_kib() - before
        assert grown < 4 * 1500 * factor, f"{grown} KiB"
        for peer in deaf:
            peer.reset()


def test_nothing_is_lost_when_the_sender_closes_its_half(serve):
    """400 messages of 64 KiB in 30 KiB: all come back, and then the end."""
    data = bomb(MESSAGE_MAX)
    with serve("ws", "--deflate") as server, Deflating(server, offer="permessage-deflate; server_no_context_takeover") as peer:
        # Without takeover the same frame again is valid: its first byte needs nothing that was there before.
        count = 400
        peer.send(data * count)
        peer.half_close()
        for _ in range(count):
            opcode, message = peer.hear(30)
            assert opcode == BINARY and message == bytes(MESSAGE_MAX)
        assert peer.receive_to_end() == b""
        assert server.stop()["messages"] == count


def test_an_end_while_compressed_input_waits(serve):
    """SIGTERM, and a client with replies pending and input that waits behind them: a clean end, within --drain."""
    with serve("ws", "--deflate", "--drain", 1) as server, Deflating(server, offer="permessage-deflate", receive_buffer=4096) as deaf:
        deaf.send_until_blocked(bomb(MESSAGE_MAX), quiet=0.1)
        server.stop()


@pytest.mark.heavy("what inflates fast is slow under it")
def test_a_neighbour_of_bombers_is_served(serve):
    """Four clients send as many bombs as the server takes, and read what comes; a fifth is answered all the time."""
    with serve("ws", "--deflate") as server, Deflating(server) as neighbour:
        bombers = [Deflating(server, offer="permessage-deflate; server_no_context_takeover") for _ in range(4)]
        data, longest = bomb(MESSAGE_MAX) * 400, 0
        for peer in bombers:
            peer.socket.setblocking(False)
        end = time.monotonic() + seconds(1)
        while time.monotonic() < end:
            for peer in bombers:
                peer.send_what_fits(data)
                try:
                    while peer.socket.recv(65536):
                        pass
                except BlockingIOError:
                    pass
            begun = time.monotonic()
            neighbour.roundtrip()
            longest = max(longest, time.monotonic() - begun)
        print(f"{server.model}: the neighbour waited {longest * 1000:.0f} ms at most")
        assert longest < seconds(1)
        for peer in bombers:
            peer.reset()


# ---- memory ----


def grown_by(server, peers, before):
    """KiB for each of them."""
    return (server.private_kib() - before) / len(peers)


@pytest.mark.heavy("it has a memory of its own")
@pytest.mark.parametrize("bits, most_kib", [(9, 30), (12, 62), (15, 320)])
def test_what_a_connection_costs_is_what_the_header_says(serve, bits, most_kib):
    """common/deflate.h: nothing before the first compressed message; then the two windows, and what the model adds."""
    count = 100
    with serve("ws", f"--deflate={bits}") as server:
        plain = [WebSocket(server) for _ in range(count)]
        for peer in plain:
            peer.roundtrip()
        before = server.private_kib()
        peers = [Deflating(server) for _ in range(count)]
        for peer in peers:
            WebSocket.roundtrip(peer)
        idle = grown_by(server, peers, before)
        for peer in peers:
            peer.roundtrip(TEXT_LIKE)
        busy = grown_by(server, peers, before) - idle
        print(f"{server.model}, {bits} bits: {idle:.1f} KiB for a connection, {busy:.1f} KiB more with both windows")
        assert idle < 40, f"{idle} KiB, and nothing was compressed"
        assert 2**(bits - 10) < busy < most_kib, f"{busy} KiB"
        for peer in peers + plain:
            peer.close()


@pytest.mark.heavy("it has a memory of its own")
def test_a_client_that_cannot_be_limited_keeps_no_window(serve):
    """It offers no client_max_window_bits, so it may use 15 bits: but not take them over."""
    count = 100
    with serve("ws", "--deflate=9") as server:
        peers = [Deflating(server, offer="permessage-deflate; server_no_context_takeover") for _ in range(count)]
        assert peers[0].agreed == ("permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
                                   "server_max_window_bits=9")
        for peer in peers:
            WebSocket.roundtrip(peer)
        before = server.private_kib()
        for peer in peers:
            peer.roundtrip(TEXT_LIKE)
        assert grown_by(server, peers, before) < 12
        for peer in peers:
            peer.close()


# ---- ws_demo ----


def test_the_page_is_told_what_its_messages_took(demo):
    """Both directions, by number: the text's bytes, the frame's, and whether it was compressed."""
    with demo() as server, Deflating(server, path="/room?room=x&name=Ada") as peer:
        assert peer.agreed == ("permessage-deflate; client_no_context_takeover; server_max_window_bits=12; "
                               "client_max_window_bits=12")
        said = json.dumps({"type": "say", "id": "1", "text": "the same words, the same words"}).encode()
        packed = peer.packed(said, TEXT)
        peer.send(packed + frame(TEXT, said.replace(b'"1"', b'"2"')) + frame(TEXT, b'{"type":"wire"}'))
        heard = []
        while not heard or heard[-1]["type"] != "wire":
            heard.append(json.loads(peer.hear()[1]))
        wire = heard[-1]
        assert wire["received"] == {"first": 0, "messages": [[len(said), len(packed), 1], [len(said), len(said) + 6, 0],
                                                             [15, 21, 0]]}
        assert wire["sent"]["first"] == 0 and len(wire["sent"]["messages"]) == len(heard) - 1 == peer.compressed - 1
        assert all(size > took - 4 and compressed == 1 for size, took, compressed in wire["sent"]["messages"])


def test_a_page_without_compression_is_told_nothing(demo):
    """--no-deflate; and the lab's sockets have it in no case."""
    with demo("--no-deflate") as server:
        with Deflating(server, path="/room?room=x&name=Ada") as peer:
            assert peer.agreed == ""
            peer.send(frame(TEXT, b'{"type":"wire"}'))
            while (told := json.loads(peer.hear()[1]))["type"] != "wire":
                pass
            assert told == {"type": "wire", "received": {"first": 0, "messages": []}, "sent": {"first": 0, "messages": []}}
    with demo() as server:
        for path in "/raw", "/flood":
            with Deflating(server, path=path) as peer:
                assert peer.agreed == ""


@pytest.mark.full  # a thousand connections, for one limit
@pytest.mark.heavy("it has a memory of its own")
@WITHOUT_TLS
def test_windows_of_the_page_are_limited(demo):
    """LIMIT: 1,024; who comes later gets the same events uncompressed. A place that gets free is given again."""
    with demo() as server:
        before = server.private_kib()
        peers = [Deflating(server, path="/feed", source=f"127.0.1.{number % 3 + 1}") for number in range(1030)]
        for peer in peers:
            for _ in range(3):  # the handshake's, and two events
                peer.hear()
        compressed = [peer.compressed > 0 for peer in peers]
        assert compressed == [True] * 1024 + [False] * 6
        assert (server.private_kib() - before) / 1030 < 50
        peers[0].leave()
        with Deflating(server, path="/feed") as late:
            late.hear()
            assert late.compressed == 1
        for peer in peers[1:]:
            peer.close()
