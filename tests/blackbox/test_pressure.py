"""No descriptor, no memory, no thread left: refuse visibly, count it, serve the others, never spin."""
import contextlib
import resource
import signal

import pytest

from clients import Peer, client, upgrade
from timing import wait_until

MIB = 1024 * 1024
DESCRIPTORS = 64


def connect_all(server, count):
    """Connects `count` clients, one by one: those that are served, and how many were turned away."""
    served, refused = [], 0
    for _ in range(count):
        try:
            peer = client(server)
        except (EOFError, ConnectionError):
            refused += 1
            continue
        if peer.is_served():
            served.append(peer)
        else:
            peer.close()
            refused += 1
    return served, refused


def leave_and_return(server, served, count):
    """`count` clients leave; as many new ones must find room again. Returns how many were turned away meanwhile."""
    for _ in range(count):
        served.pop().close()
    turned_away = []

    def has_room():
        some, refused = connect_all(server, 1)
        served.extend(some)
        turned_away.append(refused)
        return some

    for _ in range(count):
        wait_until(has_room, "room for a new client where one has left")
    return sum(turned_away)


@pytest.mark.dealt("to the server both protocols are bytes", "protocol")
def test_without_descriptors_clients_are_refused_and_the_others_served(serve, protocol):
    """`ulimit -n 64` and 100 clients."""
    with serve(protocol, descriptors=DESCRIPTORS) as server:
        served, refused = connect_all(server, 100)
        assert 0 < refused and DESCRIPTORS // 2 <= len(served) < DESCRIPTORS
        for peer in served:
            peer.roundtrip()
        refused += leave_and_return(server, served, 10)
        for peer in served:
            peer.roundtrip()
            peer.close()
        counted = server.stop()["refused"]
        assert {reason: count for reason, count in counted.items() if count} == {"descriptors": refused}


def test_without_descriptors_a_server_does_not_spin(serve):
    """Out of descriptors and with nothing to do, it sleeps."""
    with serve("echo", descriptors=DESCRIPTORS) as server:
        served, _ = connect_all(server, 80)
        assert not server.spins()
        for peer in served:
            peer.close()


def check_idle_while_full(server, served):
    """While nobody can be accepted, who is there is served, and the server sleeps before and after each message."""
    for _ in range(5):
        served.roundtrip()
        assert not server.spins(looks=10)


@pytest.mark.dealt("to the server both protocols are bytes", "protocol")
def test_accepting_pauses_and_goes_on(serve, protocol):
    """Not even the spare descriptor can be had: the server serves who is there, and later takes who has waited."""
    with serve(protocol) as server, client(server) as first:
        first.roundtrip()
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (3, DESCRIPTORS))
        with Peer(server) as waiting:
            check_idle_while_full(server, first)
            resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
            request, expected = (b"?", b"?") if protocol == "echo" else (upgrade(), b"HTTP/1.1 101")
            waiting.send(request)
            assert waiting.receive(len(expected)) == expected
        first.roundtrip()


@pytest.mark.heavy("a sanitizer reserves terabytes of address space")
@pytest.mark.parametrize("model", ["bio"], indirect=True)
def test_without_room_for_a_stack_clients_are_refused_and_the_others_served(serve, protocol):
    """`ulimit -v`: pthread_create fails, one client is turned away, the server is not."""
    with serve(protocol, "--stack-size", MIB) as server:
        with client(server) as first:
            first.roundtrip()
        room = server.address_space() + 100 * MIB
        resource.prlimit(server.pid, resource.RLIMIT_AS, (room, room))
        served, refused = connect_all(server, 150)
        assert refused > 0 and len(served) >= 10
        for peer in served[:10]:
            peer.roundtrip()
        refused += leave_and_return(server, served, 5)
        for peer in served:
            peer.close()
        counted = server.stop()["refused"]
        assert counted["threads"] + counted["memory"] == refused


@pytest.mark.parametrize("model", ["bio", "pseudo_async", "nio", "aio", "aio_future", "ws_demo"], indirect=True)
def test_a_handler_that_blocks(serve, model, loadgen):
    """10 ms for each message, 20 clients: threads sleep side by side, a loop sleeps for all of them."""
    with serve("echo", "--handler-delay", 10) as server:
        result = loadgen(server, clients=20, duration=1.5)
        assert result.status == 0, result.report["failures"]
        rate = result.report["window"]["messages_per_s"]
        print(f"{model}: {rate:.0f} messages/s")
        # One after another they cannot be more than 100 a second, however idle the machine is; a busy one makes fewer.
        assert rate > 220 if model in ("bio", "pseudo_async") else 0 < rate <= 110


@pytest.mark.parametrize("model", ["aio", "aio_future"], indirect=True)
def test_rings_too_small(serve):
    """64 receive buffers and 2,048 places for completions, and messages of 3,000 clients at once: the server is stopped
    until all have sent. It takes longer, and nothing is lost."""
    with serve("echo", "--buffers", 64, "--completions", 2048) as server, contextlib.ExitStack() as opened:
        peers = {b"message %d" % number: opened.enter_context(client(server)) for number in range(3000)}
        server.signal(signal.SIGSTOP)
        for message, peer in peers.items():
            peer.send(message)
        server.signal(signal.SIGCONT)
        for message, peer in peers.items():
            assert peer.receive(len(message)) == message
        stats = server.stop()
    print(f"{stats['no_buffers']} times no buffer, {stats['overflows']} waits with an overflow")
    assert stats["no_buffers"] > 0
