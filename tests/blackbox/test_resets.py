"""A peer that breaks off hurts nobody else, and its descriptor's next owner gets his own bytes only."""
import pytest

from clients import BINARY, client, frame, pattern, wire

pytestmark = pytest.mark.dealt("to the server both protocols are bytes", "protocol")


def test_50_resets_in_mid_message_leave_the_neighbour_alone(serve, protocol):
    """Each is counted as a reset, the server lives."""
    half = pattern(10000) if protocol == "echo" else frame(BINARY, pattern(20000))[:10000]
    with serve(protocol) as server:
        neighbour = client(server)
        for rude in [client(server, receive_buffer=4096) for _ in range(50)]:
            rude.send(half)
            rude.reset()
            neighbour.roundtrip()
        with client(server) as last:  # accepted after all of them
            last.roundtrip()
            neighbour.leave()
            closed = server.stop()["closed"]
        assert (closed["reset"], closed["peer"]) == (50, 1)


def test_resets_straight_after_connecting_are_no_accident(serve, protocol):
    """The connection may be gone before accept() returns it."""
    with serve(protocol) as server:
        for _ in range(50):
            client(server).reset()
        with client(server) as last:  # accepted after all of them
            last.roundtrip()
        assert server.stop()["accepted"] == 51


def test_a_reused_descriptor_carries_nothing_over(serve, protocol):
    """Resets with replies under way, then new connections on the same descriptor numbers: no cross-talk."""
    with serve(protocol) as server:
        sent, _ = wire(server, pattern(65536, seed="the dead one's bytes"))
        fresh = [wire(server, pattern(20000, seed)) for seed in range(3)]
        for _ in range(20):
            rude = client(server, receive_buffer=4096)
            rude.send_until_blocked(sent, quiet=0.02)
            rude.reset()
            peers = [client(server) for _ in fresh]
            for peer, (request, expected) in zip(peers, fresh):
                with peer:
                    assert peer.exchange(request, len(expected)) == expected
        assert server.stop()["closed"]["reset"] == 20
