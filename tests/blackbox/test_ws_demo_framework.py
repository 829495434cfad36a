"""ws_demo's loop when the kernel refuses what a loop lives by: it serves on or says why not, and can be ended."""
import errno
import os
import signal

import pytest

from clients import CLOSE, Peer, WebSocket, close_payload, upgrade
from faults import fault
from servers import Demo

REQUEST = b"GET /feed/poll?after=-1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture
def failing(executable, with_fault):
    """failing(call, errno's name, first, count): a server in which these calls fail (faults.fault)."""
    return lambda *words, **more: Demo(executable("ws_demo"), environment=with_fault(fault(*words, **more)))


def is_served(server):
    """Does a new client get its answer?"""
    try:
        with Peer(server) as peer:
            peer.send(REQUEST)
            return peer.receive_to_end().startswith(b"HTTP/1.1 200 ")
    except ConnectionResetError:
        return False


@pytest.mark.parametrize("why", ["ENOMEM", "ENOSPC"])
@pytest.mark.parametrize("first", range(1, 9))
def test_a_watcher_that_fails_once(failing, first, why):
    """Whichever of its watches epoll refuses (the first two are of the listening socket and the signals): at most the
    client that it concerns is lost (none where libev had only something to correct), the others are served, and SIGTERM
    ends the server."""
    with failing("epoll_ctl", why, first, 1) as server:
        served = [is_served(server) for _ in range(8)]
        assert served.count(False) <= (first > 2) and served[-1], served
        assert server.stop()["closed"]["no_memory"] == served.count(False)
        assert server.errors().count("trying again") == (first <= 2), server.errors()
        assert server.errors().count("fs.epoll.max_user_watches") == (first <= 2), "no other cause than epoll's own"


def test_watches_that_fail_for_ever(failing):
    """No client can be watched: each is cut off, the server does not spin, and SIGTERM ends it."""
    with failing("epoll_ctl", "ENOSPC", 3) as server:
        for _ in range(20):
            assert not is_served(server)
        assert not server.spins()
        assert server.stop()["closed"]["no_memory"] == 20


def test_a_server_that_cannot_wait_for_clients(failing):
    """Nor for signals, twelve times over: the client waits, and is served; the log has one line, and the loop slept."""
    with failing("epoll_ctl", "ENOMEM", 1, 24) as server:
        assert is_served(server)
        assert server.stop()["waits"] < 1000
        assert server.errors().count("\n") == 1


@pytest.mark.parametrize("why", ["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EPROTO", "EPERM", "ECONNABORTED", "EINTR",
                                 "ENETDOWN", "EINVAL", "EIO"])
def test_accept_fails_for_a_while(failing, why):
    """The client waits, and is served when it is over."""
    with failing("accept4", why, 1, 20) as server:
        assert is_served(server)
        assert server.stop()["waits"] < 1000


@pytest.mark.parametrize("why", ["EMFILE", "ENOMEM", "EPROTO", "EINVAL"])
def test_accept_fails_for_ever(failing, why):
    """The server sleeps between its attempts, says why once, and SIGTERM ends it."""
    with failing("accept4", why) as server, Peer(server):
        assert not server.spins()
        server.stop()
        assert server.errors().count("\n") == 1 and os.strerror(getattr(errno, why)) in server.errors()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it(executable, signum):
    """Without a client, and with one that is told."""
    for with_client in False, True:
        with Demo(executable("ws_demo")) as server:
            if with_client:
                peer = WebSocket(server, handshake=False)
                peer.send(upgrade(path="/raw"))
                peer.expect_upgrade()
            server.signal(signum)
            if with_client:
                assert peer.receive_frame() == (CLOSE, close_payload(1001))
                peer.close()
            server.ended()


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(executable, signum):
    """While the first one waits for a client that takes nothing."""
    with Demo(executable("ws_demo"), ["--drain", 3600]) as server:
        peer = WebSocket(server, receive_buffer=4096, handshake=False)
        peer.send(upgrade(path="/flood"))
        peer.expect_upgrade()
        server.signal(signum)
        with pytest.raises(ConnectionRefusedError):
            while True:  # until the first signal has been heard, clients are accepted
                is_served(server)
        server.signal(signum)
        assert server.wait() == 128 + signum
        peer.close()
