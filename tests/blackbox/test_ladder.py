"""The entry exam for the first readings and the steps of the io_uring ladder: what of it bytes decide."""
import resource
import signal
import subprocess

import pytest

import timing
from clients import Peer, pattern
from servers import STEPS
from test_never_reads import check_memory, warm_up
from test_pressure import check_idle_while_full
from test_slow_reader import check_slow_reader
from timing import wait_until

MIB = 1024 * 1024
BUFFERS_KIB = 4 * 1024 + 64  # of the ring; a flood touches them all
DESCRIPTORS = 64


def test_8_mib_come_back_unchanged_through_a_slow_reader(serve_step):
    """Short sends, back-pressure, and a neighbour that does not have to wait."""
    data = pattern(8 * MIB)
    with serve_step() as server:
        check_slow_reader(server, data, data)


def test_what_20_clients_send_at_once_comes_back_unchanged(serve_step):
    """Everybody sends as much as goes, so that all buffers are in use."""
    with serve_step() as server:
        peers = [Peer(server) for _ in range(20)]
        parts = [pattern(MIB // 2, seed) for seed in range(20)]
        rests = [peer.stall(part, quiet=0.01) for peer, part in zip(peers, parts)]
        for peer, part, rest in zip(peers, parts, rests):
            assert peer.exchange(rest, len(part)) == part
            peer.close()


@pytest.mark.heavy("the memory measured would be the sanitizer's own")
def test_memory_is_bounded_for_a_client_that_never_reads(serve_step, step):
    """Back-pressure: bytes without end. In step 3 one flood may fill all buffers, and again before it is stopped."""
    copies = 2 * BUFFERS_KIB if step == "step3_multishot_recv" else 1024
    with serve_step() as server:
        check_memory(server, pattern(65536), BUFFERS_KIB + copies)


def test_many_that_never_read_do_not_starve_a_neighbour(serve_step):
    """100 of them: what the connections share, above all the buffers, is not theirs to keep."""
    data = pattern(65536)
    with serve_step() as server:
        floods = [Peer(server, receive_buffer=4096) for _ in range(100)]
        for flood in floods:
            flood.stall(data * 16, quiet=0.01)
        with Peer(server) as neighbour:
            for _ in range(10):
                neighbour.roundtrip(pattern(20000))
        for flood in floods:
            flood.reset()


@pytest.mark.dealt("six seconds each; the other tests have them all", "step")
@pytest.mark.heavy("the memory measured would be the sanitizer's own")
def test_memory_and_descriptors_are_given_back(serve_step):
    """Connections that come, speak and leave, and others that come and break off, leave nothing behind."""
    with serve_step() as server:

        def come_and_go(count):
            for number in range(count):
                with Peer(server) as peer:
                    peer.roundtrip(pattern(1000))
                    if number % 2:
                        peer.send(pattern(50000))
                        peer.reset()
                    else:
                        peer.leave()

        warm_up(server)
        come_and_go(200)
        before, files = server.private_kib(), server.open_files()
        come_and_go(1500)
        wait_until(lambda: server.open_files() <= files, "all descriptors are closed")
        assert server.private_kib() - before < 1024


def test_half_close_after_1_mib(serve_step):
    """Everything sent before the half-close comes back, then FIN."""
    data = pattern(MIB)
    with serve_step() as server, Peer(server, receive_buffer=16384) as peer:
        assert peer.exchange(data, len(data), half_close=True) == data
        assert peer.receive_to_end() == b""


def test_half_close_in_the_segment_of_the_data(serve_step):
    """Data and FIN may come together; or FIN alone."""
    with serve_step() as server:
        for data in (b"bye", b""):
            with Peer(server) as peer:
                peer.send(data)
                peer.half_close()
                assert peer.receive_to_end() == data


def test_resets_leave_the_neighbour_alone(serve_step):
    """In mid-message, and straight after connecting."""
    with serve_step() as server, Peer(server) as neighbour:
        for rude in [Peer(server, receive_buffer=4096) for _ in range(50)]:
            rude.send(pattern(10000))
            rude.reset()
            Peer(server).reset()
            neighbour.roundtrip()
        with Peer(server) as last:
            last.roundtrip()


def test_a_reused_descriptor_carries_nothing_over(serve_step):
    """Resets with replies under way, then new connections in the same places: no cross-talk."""
    with serve_step() as server:
        fresh = [pattern(20000, seed) for seed in range(3)]
        for _ in range(20):
            rude = Peer(server, receive_buffer=4096)
            rude.send_until_blocked(pattern(65536, seed="the dead one's bytes"), quiet=0.02)
            rude.reset()
            for peer, data in [(Peer(server), data) for data in fresh]:
                with peer:
                    assert peer.exchange(data, len(data)) == data


def test_segments_mean_nothing(serve_step):
    """One byte per segment, and a thousand messages in one."""
    with serve_step() as server, Peer(server) as peer:
        data = pattern(500)
        peer.send_by_the_byte(data)
        assert peer.receive(len(data)) == data
        peer.roundtrip(b"".join(b"message %d\n" % number for number in range(1000)))


def test_thousands_of_connections_without_a_word(serve_step):
    """An end of file brings no bytes, and must not cost a buffer."""
    with serve_step() as server:
        for _ in range(1500):
            with Peer(server) as peer:
                peer.half_close()
                assert peer.receive_to_end() == b""
        with Peer(server) as last:
            last.roundtrip(pattern(50000))


def test_without_descriptors_it_serves_the_others_and_does_not_spin(serve_step):
    """`ulimit -n 64` and 100 clients: those who are in are served, the others later or never; it sleeps."""
    with serve_step(descriptors=DESCRIPTORS) as server:
        peers = [Peer(server) for _ in range(100)]
        served = peers[:DESCRIPTORS // 2]
        for peer in served:
            peer.roundtrip()
        assert not server.spins()
        for peer in served:
            peer.roundtrip()
        for peer in peers:
            peer.close()

        def is_served():
            with Peer(server) as peer:
                return peer.is_served()

        wait_until(is_served, "a place is free again")


def test_accepting_pauses_and_goes_on(serve_step, step):
    """Not one descriptor more is to be had; later there is."""
    if step in ("step5_direct", "step6_bundles"):
        pytest.skip("has a table of its own, whose size is fixed when it starts")
    with serve_step() as server, Peer(server) as first:
        first.roundtrip()
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (3, DESCRIPTORS))
        with Peer(server) as waiting:
            waiting.send(b"?")
            check_idle_while_full(server, first)
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
            assert waiting.receive(1) == b"?"


def test_a_load_of_512_clients_is_answered(serve_step, step, loadgen):
    """The load generator checks every byte of 512 pipelines; of 200 where a pool of so many threads serves no more."""
    clients = 200 if step == "pseudo_async_echo" else 512
    with serve_step() as server:
        result = loadgen.patiently(server, clients=clients, pipeline=16, timeout=timing.seconds(10))
        assert result.status == 0, result.failures()
        assert result.report["clients"]["served"] == clients
        with Peer(server) as last:
            last.roundtrip()


def test_sigterm_ends_it_with_clients_connected(serve_step):
    """Status 0, at once, also where a client never reads."""
    with serve_step() as server, Peer(server) as idle, Peer(server, receive_buffer=4096) as stuck:
        idle.roundtrip()
        stuck.send_until_blocked(pattern(65536), quiet=0.05)
        server.signal(signal.SIGTERM)
        server.ended(3)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("arguments", [["--protocol", "ws"], ["--port", "x"], ["surplus"]])
def test_a_wrong_command_line_is_said_in_one_line(executable, step, arguments):
    """And exit status 2."""
    done = subprocess.run([executable(step), *arguments], capture_output=True, text=True, timeout=timing.seconds(10),
                          check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and done.stdout == "", done
