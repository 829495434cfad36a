"""A signal reaches the loop by itself: whatever fails meanwhile, SIGTERM ends each server, with its drain."""
import subprocess

import pytest

from clients import Peer, client, pattern, wire
from faults import fault
from servers import STEPS
from test_options import TWINS
from test_shutdown import refuses
from timing import seconds, wait_until

REQUEST = 256 * 1024


@pytest.mark.dealt("to the server, each is an error that stays", "why")
@pytest.mark.parametrize("why", ["ENOTCONN", "EINVAL"])
def test_sigterm_drains_where_shutdown_fails(serve, with_fault, why):
    """No shutdown() works: replies in flight arrive all the same, the port is given up, and the server ends."""
    with serve("echo", "--message-max", REQUEST, "--drain", 5, environment=with_fault(fault("shutdown", why))) as server:
        slow, idle = client(server, receive_buffer=8192), client(server)
        idle.roundtrip()
        sent, expected = wire(server, pattern(REQUEST, 1))
        got = slow.exchange(sent, len(expected), 4096, until=lambda: slow.unacknowledged() == 0)
        assert len(got) < REQUEST, "nothing left in flight: this would show nothing"
        server.signal()
        assert got + slow.receive(len(expected) - len(got), plain=20) == expected
        wait_until(lambda: refuses(server), "new connections are refused after SIGTERM")
        slow.close()
        idle.close()
        server.ended(10)


def test_sigterm_ends_a_server_whose_clients_stay_where_shutdown_fails(serve, with_fault):
    """An idle client that is never told, and does not go: it costs its time to say goodbye, not the server's end."""
    with serve("echo", "--drain", 1, environment=with_fault(fault("shutdown", "ENOTCONN"))) as server:
        with client(server) as idle:
            idle.roundtrip()
            server.signal()
            server.ended(15)


@pytest.mark.parametrize("program", [*STEPS.values(), *TWINS])
def test_the_small_servers_end_where_shutdown_fails(build_dir, with_fault, program):
    """Status 0, and at once: they have nothing to finish."""
    if not (build_dir / program).exists():
        pytest.skip(f"{program} is not built")
    child = subprocess.Popen([build_dir / program, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, env=with_fault(fault("shutdown", "ENOTCONN")))
    if not child.stdout.readline():
        pytest.skip(child.communicate(timeout=seconds(5))[1])
    child.terminate()
    try:
        child.communicate(timeout=seconds(5))
    finally:
        child.kill()
        child.wait()
    assert child.returncode == 0


@pytest.mark.dealt("to the server, each is an error that stays", "why")
@pytest.mark.parametrize("model", ["bio", "pseudo_async", "nio"], indirect=True)
@pytest.mark.parametrize("why", ["EINVAL", "EPERM", "ENFILE", "ECONNABORTED"])
def test_an_accept_that_fails_for_ever_neither_spins_nor_outlives_sigterm(serve, with_fault, why):
    """A client waits, and is never accepted. (aio's accept is the kernel's: no libc to fail.)"""
    with serve("echo", environment=with_fault(fault("accept4", why))) as server:
        with Peer(server):
            assert not server.spins()
            server.signal()
            assert server.ended(10)["accepted"] == 0


@pytest.mark.dealt("to the server, each is an error that stays", "why")
@pytest.mark.parametrize("model", ["bio", "pseudo_async", "nio"], indirect=True)
@pytest.mark.parametrize("why", ["EINVAL", "ENFILE", "ECONNABORTED"])
def test_an_accept_that_fails_for_a_while_is_tried_again(serve, with_fault, why):
    """Five times, and then the client that has waited is served."""
    with serve("echo", environment=with_fault(fault("accept4", why, count=5))) as server, Peer(server) as peer:
        peer.roundtrip()


@pytest.mark.parametrize("model", ["nio"], indirect=True)
@pytest.mark.parametrize("first", range(1, 12))
def test_an_epoll_ctl_that_fails_once_costs_one_client_at_most(executable, serve, with_fault, first):
    """Nobody waits for ever for what was not registered: it does not start, or serves all clients but one, and ends."""
    environment = with_fault(fault("epoll_ctl", "ENOMEM", first=first, count=1))
    if first <= 2:  # the listening socket, the timer
        done = subprocess.run([executable("nio"), "--port", "0"], env=environment, capture_output=True, text=True,
                              timeout=seconds(10), check=False)
        assert (done.returncode, done.stdout) == (2, "") and done.stderr.count("\n") == 1, done.stderr
        return
    with serve("echo", environment=environment) as server:
        unserved = 0
        for _ in range(3):
            with Peer(server, receive_buffer=8192) as peer:  # slow: interest changes, too
                sent = pattern(REQUEST)
                try:
                    assert peer.exchange(sent, len(sent), 4096) == sent
                except (EOFError, ConnectionError):
                    unserved += 1
        assert unserved <= 1
        server.stop()


def test_a_signal_that_comes_with_the_line_is_not_missed(serve):
    """Between two instructions, before the first wait: 10 times."""
    for _ in range(10):
        with serve("echo") as server:
            server.stop(5)


@pytest.mark.parametrize("call", ["epoll_create1", "timerfd_create", "eventfd", "epoll_ctl"])
def test_what_cannot_be_set_up_is_never_announced(executable, model, with_fault, call):
    """A server that says `listening on` has all that it needs; one that has not says one line, and status 2."""
    if model == "ws_demo":
        pytest.skip("libev does this")
    done = subprocess.Popen([executable(model), "--port", "0"], env=with_fault(fault(call, "EMFILE")), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    line = done.stdout.readline()
    done.terminate()
    _, complaint = done.communicate(timeout=seconds(10))
    if line:
        assert done.returncode == 0, f"{line} and then {complaint}"
    else:
        assert done.returncode == 2 and complaint.count("\n") == 1, complaint
    assert bool(line) == (call not in {"nio": ("epoll_create1", "timerfd_create", "eventfd", "epoll_ctl")}.get(model, ("eventfd",)))
