"""SIGTERM: what has arrived is answered, then everybody is told; nobody can hold the server up for ever."""
import signal

import pytest

from clients import CLOSE, Peer, client, close_payload, pattern, reply, wire
from timing import wait_until

REQUEST = 256 * 1024


def refuses(server):
    """True when a new connection is refused (or was in the backlog, and is closed). It has to speak: a handshake that
    ends just as the listener goes leaves the client connected to nobody; only what it sends is answered, with RST."""
    try:
        with Peer(server) as peer:
            peer.send(b"?")
            return peer.receive_to_end() == b""
    except ConnectionError:
        return True


def arrive(peer, sent, expected):
    """Sends it, and reads no more than it takes until all of it is in the server's hands. Returns what was read."""
    return peer.exchange(sent, len(expected), 4096, until=lambda: peer.unacknowledged() == 0)


@pytest.mark.dealt("to the server both protocols are bytes", "protocol")
def test_replies_in_flight_arrive(serve, protocol):
    """20 slow readers, each owed most of 256 KiB when SIGTERM comes: whole replies, then the close."""
    with serve(protocol, "--message-max", REQUEST) as server:
        peers = [client(server, receive_buffer=8192) for _ in range(20)]
        wires = [wire(server, pattern(REQUEST, seed)) for seed in range(20)]
        got = [arrive(peer, sent, expected) for peer, (sent, expected) in zip(peers, wires)]
        assert all(len(part) < REQUEST for part in got), "nothing left in flight: this would show nothing"
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses(server), "new connections are refused after SIGTERM")
        end = b"" if protocol == "echo" else reply(CLOSE, close_payload(1001))
        for peer, part, (_, expected) in zip(peers, got, wires):
            assert part + peer.receive_to_end(plain=20) == expected + end
            peer.close()
        assert server.ended()["closed"]["shutdown"] >= 20  # and whoever asked if new ones are refused


def test_what_is_sent_after_sigterm_costs_no_reply(serve):
    """A client that does not know yet, and sends one byte more, still gets all that it is owed: no reset."""
    with serve("echo") as server, client(server, receive_buffer=8192) as peer:
        sent, expected = wire(server, pattern(REQUEST, 1))
        got = arrive(peer, sent, expected)
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses(server), "new connections are refused after SIGTERM")
        peer.send(b"x")
        assert (got + peer.receive_to_end(plain=20))[:REQUEST] == expected
        peer.close()
        server.ended()


@pytest.mark.dealt("what it tests is in common/", "model", "protocol")
@pytest.mark.parametrize("before, after", [((), ()), (("--share-port",), ("--share-port",)), ((), ("--share-port",)),
                                           (("--share-port",), ())])
def test_a_port_can_be_used_again_at_once(serve, before, after):
    """The server closed first, so TIME_WAIT is on its side."""
    with serve("ws", *before) as server, client(server) as peer:
        peer.roundtrip()
        port = server.port
        server.signal(signal.SIGTERM)
        assert peer.receive_to_end() == reply(CLOSE, close_payload(1001))
        peer.close()
        server.ended()
    with serve("ws", "--port", port, *after) as server, client(server) as peer:
        peer.roundtrip()


def test_idle_connections_are_told_and_closed(serve, protocol, model):
    """Nothing in flight: FIN at once; a WebSocket hears 1001 first."""
    with serve(protocol, "--drain", 30) as server:
        peers = [client(server) for _ in range(5)]
        for peer in peers:
            peer.roundtrip()
        server.signal(signal.SIGTERM)
        for peer in peers:
            assert peer.receive_to_end() == (b"" if protocol == "echo" else reply(CLOSE, close_payload(1001)))
            peer.close()
        assert server.ended(5)["closed"]["shutdown"] == 5


def test_sigint_is_as_good_as_sigterm(serve):
    """Ctrl-C at the projector."""
    with serve("echo") as server, Peer(server) as peer:
        peer.roundtrip()
        server.signal(signal.SIGINT)
        assert peer.receive_to_end() == b""
        server.ended()


@pytest.mark.dealt("both are one signalfd", "signum")
@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once(serve, signum):
    """A stuck client keeps the drain open; who asks twice does not wait for it."""
    with serve("echo", "--drain", 60) as server, Peer(server, receive_buffer=4096) as stuck:
        stuck.send_until_blocked(pattern(65536), quiet=0.05)
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses(server), "new connections are refused after SIGTERM")
        assert server.alive()
        server.signal(signum)
        assert server.wait(2) == 128 + signum


@pytest.mark.dealt("to the server both protocols are bytes", "protocol")
def test_the_drain_ends_at_its_deadline(serve, protocol):
    """A client that never reads its reply is given --drain seconds, no more; the server still ends cleanly."""
    with serve(protocol, "--drain", 1) as server, client(server, receive_buffer=4096) as stuck:
        stuck.send_until_blocked(wire(server, pattern(65536))[0], quiet=0.05)
        server.signal(signal.SIGTERM)
        assert server.ended(3)["accepted"] == 1


@pytest.mark.parametrize("model", ["pseudo_async"], indirect=True)
def test_clients_still_in_the_queue_are_closed_too(serve):
    """SIGTERM while some wait for a worker."""
    with serve("echo", "--workers", 2, "--queue", 10) as server:
        peers = [Peer(server) for _ in range(2)]
        for peer in peers:
            peer.roundtrip()
        before = server.open_files()
        peers += [Peer(server) for _ in range(5)]
        wait_until(lambda: server.open_files() == before + 5, "five more are accepted")
        server.signal(signal.SIGTERM)
        for peer in peers:
            assert peer.receive_to_end() == b""
        server.ended()
