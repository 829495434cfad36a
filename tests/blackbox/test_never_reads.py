"""A client that sends and never reads: the server stops reading from it, and holds no growing heap for it."""
import pytest

from clients import BINARY, MASK, PING, client, frame, header, pattern, wire

GROWTH_MAX_KIB = 2048
MIB = 1024 * 1024


def warm_up(server):
    """Traffic until memory no longer grows: what all connections share (receive buffers, heap) is not counted later."""
    with client(server) as peer:
        request, expected = wire(server, pattern(65536))
        for _ in range(20):
            before = server.private_kib()
            assert len(peer.exchange(request * 128, len(expected) * 128)) == len(expected) * 128
            if server.private_kib() - before < 64:
                return


def check_memory(server, data, growth_max_kib=GROWTH_MAX_KIB):
    """One flood; memory is compared with what the same server, warm, needed when two clients were at rest."""
    warm_up(server)
    with client(server) as neighbour, client(server, receive_buffer=4096) as flood:
        neighbour.roundtrip()
        flood.roundtrip()
        before = server.private_kib()
        sent = flood.send_until_blocked(data)
        growth = server.private_kib() - before
        print(f"{server.model}: {sent >> 10} KiB taken, {growth} KiB grown")
        assert growth < growth_max_kib, f"{growth} KiB for a client that never reads"
        neighbour.roundtrip()
        flood.reset()
        neighbour.roundtrip()


@pytest.mark.heavy("the memory measured would be the sanitizer's own")
def test_memory_is_bounded_for_a_client_that_never_reads(serve, protocol):
    """Back-pressure: messages of 64 KiB without end."""
    with serve(protocol) as server:
        check_memory(server, wire(server, pattern(65536))[0])


@pytest.mark.heavy("the memory measured would be the sanitizer's own")
@pytest.mark.parametrize("opcode", [PING, BINARY])
def test_memory_is_bounded_for_small_frames_never_read(serve, opcode):
    """Answers to pings pile up as messages do; a byte of payload costs more than a byte."""
    with serve("ws") as server:
        check_memory(server, frame(opcode, b"x") * 10000)


@pytest.mark.heavy("the memory measured would be the sanitizer's own")
def test_memory_does_not_follow_a_claimed_length(serve):
    """20 headers that claim 16 MiB each: nothing is allocated for bytes that have not come."""
    with serve("ws", "--message-max", 16 * MIB) as server:
        peers = [client(server) for _ in range(20)]
        for peer in peers:
            peer.roundtrip()
        before = server.private_kib()
        for peer in peers:
            peer.send(header(BINARY, 16 * MIB, mask=MASK) + bytes(100))
        with client(server) as neighbour:
            neighbour.roundtrip()
        assert server.private_kib() - before < GROWTH_MAX_KIB
        for peer in peers:
            peer.close()


def test_a_neighbour_is_served_beside_a_flood(serve, protocol):
    """Also where memory cannot be measured: the flood stops, the neighbour is served, the server ends cleanly."""
    with serve(protocol) as server:
        with client(server) as neighbour, client(server, receive_buffer=4096) as flood:
            flood.send_until_blocked(wire(server, pattern(65536))[0], quiet=0.1)
            neighbour.roundtrip()
            flood.reset()
            neighbour.roundtrip()
        assert server.stop()["closed"]["reset"] == 1


@pytest.mark.heavy("a thousand slow readers are too slow under it")
@pytest.mark.parametrize("shared", ["aio", "aio_future"])
def test_slow_readers_cannot_take_all_receive_buffers(server_of, shared):
    """Replies leave from the ring's buffers, which all share. 1,100 peers do not read theirs; there are 1,024 buffers."""
    data = pattern(65536)
    with server_of(shared, "echo") as server:
        with client(server) as neighbour:
            peers = [client(server, receive_buffer=4096) for _ in range(1100)]
            for _ in range(12):
                for peer in peers:
                    peer.send_what_fits(data)
                neighbour.roundtrip(plain=5)
            for peer in peers:
                peer.reset()
            neighbour.roundtrip()
        assert server.stop()["closed"]["reset"] == 1100
