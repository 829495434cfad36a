"""The bounded pool: it serves as many clients as it has workers, lets a queue wait, and refuses the rest."""
import pytest

from clients import TEXT, Peer, WebSocket, client, frame, upgrade

pytestmark = pytest.mark.parametrize("model", ["pseudo_async"], indirect=True)


def test_16_workers_serve_16_of_64_clients(serve, protocol, loadgen):
    """The others are connected and starve: the load generator says so by name."""
    with serve(protocol, "--workers", 16, "--queue", 1024) as server:
        result = loadgen(server, clients=64, duration=0.3)
    assert result.status == 1
    assert result.report["clients"]["served"] == 16
    assert result.report["clients"]["connected"] == 64
    assert result.report["failures"]["starved"] == 48 == result.report["failures_total"]


def test_the_starved_are_served_when_the_first_leave(serve, protocol):
    """A waiting client is not lost, and what it has said meanwhile is not either."""
    with serve(protocol, "--workers", 16, "--queue", 1024) as server:
        first = [client(server) for _ in range(16)]
        waiting = [Peer(server) if protocol == "echo" else WebSocket(server, handshake=False) for _ in range(48)]
        for peer in first:
            peer.roundtrip()
        for peer in waiting:
            peer.send(b"me too" if protocol == "echo" else upgrade() + frame(TEXT, b"me too"))
        for peer in first:
            peer.close()
        for peer in waiting:
            if protocol == "echo":
                assert peer.receive(6) == b"me too"
            else:
                peer.expect_upgrade()
                assert peer.receive_frame() == (TEXT, b"me too")
            peer.close()


def test_clients_beyond_the_queue_are_refused(serve):
    """16 served, 4 waiting, 10 turned away at once and counted."""
    with serve("echo", "--workers", 16, "--queue", 4) as server:
        served = []
        for _ in range(16):  # one by one: 16 at once are more than a queue of 4 can hold for their workers
            served.append(Peer(server))
            served[-1].roundtrip()
        waiting = [Peer(server) for _ in range(4)]
        assert [Peer(server).is_served() for _ in range(10)] == [False] * 10
        for peer in served:
            peer.roundtrip()
            peer.close()
        for peer in waiting:
            peer.roundtrip()
            peer.close()
        stats = server.stop()
        assert stats["refused"]["queue_full"] == 10
        assert stats["accepted"] == 20
