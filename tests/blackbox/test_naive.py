"""The naive twins: each fails as its head says, and the server beside it survives the very same."""
import signal
import time

import pytest

from clients import BINARY, Peer, WebSocket, frame, pattern, reply, upgrade
from servers import Server
from timing import seconds, wait_until

TWINS = {
    "dies_of_its_peer": ("bio/naive/dies_of_its_peer", "bio"),
    "stack_overflow": ("bio/naive/stack_overflow", "bio"),
    "spinning_selector": ("nio/naive/spinning_selector", "nio"),
    "one_read_per_edge": ("nio/naive/one_read_per_edge", "nio"),
    "lost_epollout": ("nio/naive/lost_epollout", "nio"),
    "half_packet": ("nio/naive/half_packet", "nio"),
    "rebuilt_selector": ("nio/naive/rebuilt_selector", "nio"),
    "fd_is_identity": ("aio/naive/fd_is_identity", "aio"),
    "get_at_once": ("aio/naive/get_at_once", "aio_future"),
}


class Twin(Server):
    """A naive server: nobody promises that it ends well, or counts anything."""

    def _command(self):
        return self.command

    def __exit__(self, kind, error, trace):
        self._abandon()


@pytest.fixture(params=[True, False], ids=["naive", "fixed"])
def naive(request):
    """First the twin, then the server that it is one of."""
    return request.param


@pytest.fixture
def start(build_dir, server_of, executable, naive):
    """start(twin, protocol): the one or the other, to be started by `with`."""

    def make(name, protocol="echo", *options, **limits):
        program, model = TWINS[name]
        executable(model)  # or a skip, where it is not to be had
        if naive:
            return Twin(build_dir / program, name, protocol, options, **limits)
        return server_of(model, protocol, **limits)

    return make


def stays_silent(peer, count):
    """True if fewer than `count` bytes come within a second."""
    try:
        peer.receive(count, plain=1)
        return False
    except AssertionError:
        return True


def settles(server):
    """Waits until it sleeps: what it did before, it has done."""
    wait_until(lambda: not server.spins(), "the server sleeps")


def test_a_reset_ends_one_connection_or_the_server(start, naive):
    """One client resets its connection; is another still served?"""
    with start("dies_of_its_peer") as server:
        with Peer(server) as peer:
            peer.roundtrip()
            peer.reset()
        if naive:
            assert server.wait() in (1, 128 + signal.SIGPIPE)
        else:
            with Peer(server) as other:
                other.roundtrip()


@pytest.mark.heavy("a sanitizer has stack frames of its own, and its own word for SIGSEGV")
def test_a_stack_that_the_peer_uses_up(start, naive):
    """100,000 brackets."""
    line = 100000 * b"(" + b"\n"
    with start("stack_overflow") as server, Peer(server) as peer:
        assert peer.exchange(b"(()())\n", 7) == b"(()())\n"
        if naive:
            peer.send(line)
            assert server.wait() == 128 + signal.SIGSEGV
        else:
            assert peer.exchange(line, len(line)) == line


def test_a_selector_that_spins(start, naive):
    """No descriptor left: does it sleep while nobody says anything?"""
    with start("spinning_selector", descriptors=32) as server:
        peers = [Peer(server) for _ in range(40)]
        wait_until(lambda: server.open_files() >= 30, "nearly all descriptors are in use")
        if naive:
            assert server.spins()
        else:
            settles(server)
        for peer in peers:
            peer.close()


@pytest.mark.parametrize("rebuild", [0, 512], ids=["never rebuilt", "rebuilt"])
def test_a_selector_that_is_made_anew(start, naive, rebuild):
    """A client that has gone stays in the Selector: a new one cures that. It does not cure a want of descriptors."""
    options = ("--rebuild-after", rebuild) if naive else ()
    with start("rebuilt_selector", "echo", *options, descriptors=32) as server:
        with Peer(server) as peer:
            peer.roundtrip()
        if naive and not rebuild:
            assert server.spins()
        else:
            settles(server)
        peers = [Peer(server) for _ in range(40)]
        wait_until(lambda: server.open_files() >= 30, "nearly all descriptors are in use")
        if naive:
            assert server.spins()
        else:
            settles(server)
        for peer in peers:
            peer.close()


def test_what_is_left_of_an_edge(start, naive):
    """8,192 bytes at once."""
    data = pattern(8192)
    with start("one_read_per_edge") as server, Peer(server) as peer:
        peer.send(data)
        assert peer.receive(2048) == data[:2048]
        assert stays_silent(peer, 8192 - 2048) == naive
        if not naive:
            peer.roundtrip()


def test_what_a_send_has_not_taken(start, naive):
    """8 MiB to a client that begins to read when nothing moves any more."""
    data = pattern(8 * 1024 * 1024)
    with start("lost_epollout") as server, Peer(server, receive_buffer=4096) as peer:
        rest = peer.stall(data)
        if naive:
            assert not rest, "it takes everything, because it keeps nothing"
            wait_until(lambda: not peer.unacknowledged(), "all of it is in the server's hands")
            time.sleep(seconds(0.2))  # it looks at it, and drops it
            got = peer.receive(32768)
            peer.send(b"the end")
            peer.half_close()
            got += peer.receive_to_end()
            assert got.endswith(b"the end") and len(got) < len(data)
        else:
            assert rest
            assert peer.exchange(rest, len(data)) == data


def test_half_a_packet_and_two_at_once(start, naive):
    """An upgrade request in two segments; two frames in one."""
    request = upgrade()
    with start("half_packet", "ws") as server:
        with WebSocket(server, handshake=False) as peer:
            peer.send(request[:40])
            time.sleep(seconds(0.2))  # or the kernel would put them together
            peer.send(request[40:])
            assert peer.receive_head()[0] == (400 if naive else 101)
        with WebSocket(server) as peer:
            peer.send(frame(BINARY, b"one") + frame(BINARY, b"two"))
            assert peer.receive(5) == reply(BINARY, b"one")
            assert stays_silent(peer, 5) == naive


def test_a_number_that_is_given_out_again(start, naive):
    """One client is silent for a while, another comes; whom is the first one's next word answered to?"""
    with start("fd_is_identity") as server, Peer(server) as first:
        first.roundtrip()
        time.sleep(seconds(0.4))  # the silence that the twin does not bear
        with Peer(server) as second:
            second.roundtrip()
            first.send(b"secret")
            assert (second if naive else first).receive(6) == b"secret"


def test_a_future_that_is_asked_at_once(start, naive):
    """One client says nothing: is the next one served?"""
    with start("get_at_once") as server, Peer(server), Peer(server) as other:
        other.send(b"hello")
        assert stays_silent(other, 5) == naive


def test_every_twin_is_on_trial(build_dir):
    """And none is forgotten."""
    built = {path.name for path in build_dir.glob("*/naive/*") if path.is_file() and not path.suffix}
    assert built == {name for name, (path, _) in TWINS.items() if (build_dir / path).parent.exists()}
