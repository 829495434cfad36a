"""Peers that are slow, silent, deaf or gone: each is let go in time, and a neighbour hardly notices."""
import socket
import threading
import time

import pytest

from clients import BINARY, PING, PONG, Peer, WebSocket, client, frame, upgrade, wire
from timing import Deadline, seconds, wait_until

# A look at each connection every second (nio, aio): a wait may be longer by two of them. More for a busy machine, but
# less than what would let the default of an option (5 s) pass for what the option says.
GRANULARITY = 2.0
BUSY = 2.0

SLOW_CLIENTS = 1000
MIB = 1024 * 1024


def elapsed(start, low, high):
    """`low` to `high` seconds since `start`, on a machine without sanitizers."""
    passed = time.monotonic() - start
    assert low - 0.05 <= passed < seconds(high + BUSY), f"{passed:.2f} s, not {low} to {high}"


class Slowloris:
    """Clients that send their upgrade request a byte at a time, now and then. `with` starts and ends the trickle."""

    def __init__(self, server, count, pause=0.5):
        self.peers = [WebSocket(server, handshake=False) for _ in range(count)]
        self.pause, self.turns = pause, 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._trickle)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        for peer in self.peers:
            peer.close()

    def _trickle(self):
        for byte in upgrade():
            for peer in self.peers:
                try:
                    peer.socket.send(bytes([byte]))
                except OSError:
                    pass
            self.turns += 1
            if self.ended.wait(self.pause):
                return


def test_libwebsockets_2154_a_handshake_that_trickles_in(serve):
    """One header line a second: over after 5 seconds in total, with status 408."""
    start = time.monotonic()
    with serve("ws") as server, WebSocket(server, handshake=False) as slow:
        slow.socket.settimeout(0.9)
        slow.send(b"GET / HTTP/1.1\r\n")
        while b"\r\n\r\n" not in slow.received:
            assert time.monotonic() - start < seconds(20), "each line of the request began the wait anew"
            try:
                slow.received += slow.socket.recv(1000)
            except socket.timeout:
                slow.send(b"X-Header: value\r\n")
        elapsed(start, 5, 5 + 0.5)
        assert slow.receive_head()[0] == 408
        assert slow.receive_to_end() == b""
        assert server.stop()["closed"]["handshake_timeout"] == 1


def test_a_client_that_says_nothing_at_all(serve):
    """The same limit; its connection was accepted, and that is all."""
    start = time.monotonic()
    with serve("ws", "--handshake-ms", 500) as server, WebSocket(server, handshake=False) as silent:
        assert silent.receive_head()[0] == 408
        elapsed(start, 0.5, 0.5 + GRANULARITY)


def test_libwebsockets_633_a_peer_that_is_gone_without_a_word(serve):
    """Pinged when it has been silent, given up when it stays so, counted; one that answers stays."""
    start = time.monotonic()
    with serve("ws", "--idle-ms", 1000, "--dead-ms", 2000) as server:
        with WebSocket(server) as alive, WebSocket(server) as gone:
            files, pings = server.open_files(), 0
            while pings < 3 or server.open_files() == files:
                assert alive.receive_frame() == (PING, b"")
                alive.send(frame(PONG))
                if pings == 0:
                    elapsed(start, 1, 1 + GRANULARITY)
                pings += 1
            alive.roundtrip()
            assert gone.receive_frame() == (PING, b"")
            try:
                gone.receive_to_end()
            except ConnectionResetError:
                pass
        assert server.stop()["closed"]["dead_peer"] == 1


def test_a_busy_peer_is_not_pinged(serve):
    """Messages are a sign of life."""
    with serve("ws", "--idle-ms", 1000, "--dead-ms", 2000) as server, WebSocket(server) as busy:
        end = time.monotonic() + 3
        while time.monotonic() < end:
            busy.roundtrip()
            time.sleep(0.05)  # not a wait for something: the pace of this client


def test_an_echo_peer_may_be_silent_and_its_kernel_is_asked(serve):
    """The kernel's keepalive timer runs on the server's side of the connection; the limits for WebSocket do not."""
    with serve("echo", "--idle-ms", 1000, "--dead-ms", 2000) as server, Peer(server) as silent:
        silent.roundtrip()
        local = "%08X:%04X" % (int.from_bytes(socket.inet_aton("127.0.0.1"), "little"), server.port)
        remote = "%04X" % silent.socket.getsockname()[1]

        def keepalive_runs():
            with open("/proc/net/tcp", encoding="ascii") as table:
                rows = [line.split() for line in table]
            timers = [row[5] for row in rows if row[1] == local and row[2].endswith(":" + remote)]
            return len(timers) == 1 and timers[0].startswith("02:")

        wait_until(keepalive_runs, "the keepalive timer runs, as all that was sent is acknowledged")
        time.sleep(3.2)  # not a wait for something: the silence that is allowed
        silent.roundtrip()


@pytest.mark.dealt("to the server both protocols are bytes", "protocol")
def test_micronaut_8984_a_peer_that_does_not_read(serve, protocol):
    """A flood whose replies are not read: it is let go after --stall-ms, and a neighbour is served all the while."""
    with serve(protocol, "--stall-ms", int(seconds(1) * 1000)) as server:
        with client(server) as neighbour, client(server, receive_buffer=4096) as deaf:
            neighbour.roundtrip()
            deaf.roundtrip()
            files = server.open_files()
            deaf.send_until_blocked(wire(server, bytes(60000))[0], quiet=0.3)
            deadline = Deadline(10, "the server lets go of a peer that does not read")
            while server.open_files() >= files:
                neighbour.roundtrip()
                time.sleep(min(0.01, deadline.left()))
        assert server.stop()["closed"]["slow_reader"] == 1


def test_micronaut_8984_pings_whose_answers_are_not_read(serve):
    """Control frames are no way around it."""
    with serve("ws", "--stall-ms", int(seconds(1) * 1000)) as server, WebSocket(server, receive_buffer=4096) as deaf:
        files = server.open_files()
        deaf.send_until_blocked(frame(PING, bytes(125)) * 500, quiet=0.3)
        wait_until(lambda: server.open_files() < files, "the server lets go of a peer that does not read")
        assert server.stop()["closed"]["slow_reader"] == 1


def test_a_peer_at_fault_that_does_not_read_is_not_kept(serve):
    """Its fault is the reason that counts, and it is let go like any other that does not read."""
    options = ["--stall-ms", int(seconds(1) * 1000), "--message-max", 16 * MIB]
    with serve("ws", *options) as server, WebSocket(server, receive_buffer=4096) as deaf:
        files = server.open_files()
        assert not deaf.stall(frame(BINARY, bytes(8 * MIB)) + frame(3)), "one message, and the fault, are taken"
        wait_until(lambda: server.open_files() < files, "the server lets go of it")
        closed = server.stop()["closed"]
        assert (closed["protocol_error"], closed["slow_reader"]) == (1, 0)


def pop_frame(data):
    """Takes a whole frame of up to 64 KiB off the front of `data`: (opcode, payload); None while there is none."""
    start = 4 if len(data) > 1 and data[1] == 126 else 2
    if len(data) < start:
        return None
    length = int.from_bytes(data[2:4], "big") if start == 4 else data[1]
    if len(data) < start + length:
        return None
    opcode, payload = data[0] & 0x0F, bytes(data[start:start + length])
    del data[:start + length]
    return opcode, payload


def read_slowly(peer, rest, count, websocket):
    """About 160 KB a second, sending `rest` meanwhile and answering pings, until `count` bytes of replies have come."""
    while count > 0:
        time.sleep(0.05)  # not a wait for something: the pace of this client
        piece = peer.socket.recv(8192)
        assert piece, "the server closed"
        peer.received += piece
        if not websocket:
            count -= len(piece)
        while websocket and (popped := pop_frame(peer.received)):
            opcode, payload = popped
            count -= len(payload) if opcode == BINARY else 0
            rest = bytes(rest) + (frame(PONG, payload) if opcode == PING else b"")
        try:
            rest = rest[peer.socket.send(rest, socket.MSG_DONTWAIT):] if rest else rest
        except BlockingIOError:
            pass


@pytest.mark.dealt("to the server both protocols are bytes", "protocol")
def test_a_peer_that_reads_slowly_is_kept(serve, protocol):
    """Some bytes all the time, far fewer than the kernel would hold for it: neither deaf nor dead."""
    limits = ["--stall-ms", int(seconds(2) * 1000), "--idle-ms", int(seconds(1) * 1000),
              "--dead-ms", int(seconds(3) * 1000)]
    with serve(protocol, *limits) as server, client(server, receive_buffer=4096) as slow:
        rest = slow.stall(wire(server, bytes(50000))[0] * 24)
        slow.socket.settimeout(seconds(10))
        read_slowly(slow, rest, 24 * 50000, protocol == "ws")


@pytest.mark.heavy("a thousand threads")
@pytest.mark.parametrize("model", ["nio", "aio", "aio_future"], indirect=True)
def test_a_slowloris_of_1000_does_not_disturb_a_neighbour(serve, loadgen):
    """Between two bytes of theirs, half a second apart, a good client has many answers; and all of them go in time."""
    with serve("ws") as server:
        with Slowloris(server, SLOW_CLIENTS) as slow:
            bytes_before = slow.turns
            result = loadgen(server, clients=1, duration=3)
            bytes_sent = slow.turns - bytes_before
            wait_until(lambda: server.open_files() < 100, "all slow clients are gone", plain=15)
        answers = result.report["totals"]["messages"]
        print(f"{server.model}: {answers} answers while {SLOW_CLIENTS} clients sent {bytes_sent} bytes each")
        assert result.status == 0 and answers > 100 * bytes_sent
        assert server.stop()["closed"]["handshake_timeout"] == SLOW_CLIENTS


@pytest.mark.heavy("a thousand threads")
@pytest.mark.parametrize("model", ["bio", "pseudo_async"], indirect=True)
def test_a_slowloris_of_1000_is_survived_by_threads(serve):
    """bio pays with a thread for each; the pool is taken up by them, and serves again when their time is up."""
    with serve("ws", "--handshake-ms", 1000) as server:
        with Slowloris(server, SLOW_CLIENTS):
            with WebSocket(server, handshake=False) as neighbour:
                neighbour.socket.settimeout(seconds(30))
                neighbour.send(upgrade())
                neighbour.expect_upgrade()
                neighbour.roundtrip()
            wait_until(lambda: server.open_files() < 100, "all slow clients are gone", plain=30)
        closed = server.stop()["closed"]
        assert closed["handshake_timeout"] + closed["reset"] + closed["peer"] >= SLOW_CLIENTS
        assert closed["handshake_timeout"] >= SLOW_CLIENTS // 2
