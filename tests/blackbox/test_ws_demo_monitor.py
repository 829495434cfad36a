"""What programs see that watch ws_demo: /healthz, /metrics; and what systemd is told."""
import json
import os
import shutil
import signal
import socket
import subprocess

import pytest

import exposition
from answer import Answer, get
from clients import Peer, WebSocket, upgrade
from deployed import ActivatedDemo
from returning import Client, ready_of
from rooms import Member, key
from scarcity import Scarcity
from servers import Place
from stage_host import FOREIGN
from timing import Deadline, seconds, wait_until

PROCESS = {"process_cpu_seconds_total", "process_open_fds", "process_max_fds", "process_virtual_memory_bytes",
           "process_resident_memory_bytes", "process_start_time_seconds"}


def metrics_of(server, **options):
    """All of them."""
    with Peer(server, **options) as peer:
        answer = get(peer, "/metrics")
    assert (answer.status, answer.fields["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return exposition.read(answer.body.decode())


def health_of(server):
    """(status, facts)."""
    with Peer(server) as peer:
        answer = get(peer, "/healthz", host="any.name.that.a.balancer.uses")
    return answer.status, json.loads(answer.body)


# ---- metrics ----


@pytest.mark.parametrize("text, why", [
    ("x_total 1\n", "no sample"), ("# HELP ws_demo_x_total X.\n# TYPE ws_demo_x_total counter\n", "no sample"),
    ("# HELP ws_demo_x X.\n# TYPE ws_demo_x counter\nws_demo_x 1\n", "is a counter"),
    ("# HELP ws_demo_x X.\nws_demo_x 1\n", "TYPE must follow"),
    ("# HELP ws_demo_x X.\n# TYPE ws_demo_x gauge\nws_demo_x 1\nws_demo_x 2\n", "twice"),
    ("# HELP ws_demo_x X.\n# TYPE ws_demo_x gauge\nws_demo_x{a=\"\"b\"} 1\n", "no sample"),
    ("# HELP ws_demo_lag_ms X.\n# TYPE ws_demo_lag_ms gauge\nws_demo_lag_ms 1\n", "base unit"),
    ("# HELP ws_demo_x X.\n# TYPE ws_demo_x gauge\nws_demo_x 0x1\n", "no sample")])
def test_the_grammar_finds_mistakes(text, why):
    """Or it would prove nothing."""
    with pytest.raises(AssertionError, match=why):
        exposition.read(text)


def test_metrics_count_what_happens(demo):
    """Before and after: connections, requests, messages, refusals, bytes, members."""
    with demo() as server:
        before = metrics_of(server)
        with Member(server, key=key(1)) as one, Member(server, key=key(2)) as other:
            one.say("hello", "1")
            one.say("", "2")
            other.next("message")
            one.next("message")
            one.next("refused")
            during = metrics_of(server)
        with WebSocket(server, handshake=False) as peer:
            peer.send(upgrade(path="/nothing"))
            assert peer.receive_head()[0] == 404
            assert peer.receive_to_end()
        wait_until(lambda: health_of(server)[1]["members"] == 0, "they have left")
        after = metrics_of(server)
        polled = sum(after["ws_demo_http_requests_total"].values())
        total = server.stop()

    def grown(name, until=after, **labels):
        labels = tuple(labels.items())
        return until[name][labels] - before[name].get(labels, 0)
    assert grown("ws_demo_connections", during) == grown("ws_demo_members", during) == 2 and grown("ws_demo_rooms", during) == 1
    assert grown("ws_demo_members") == grown("ws_demo_rooms") == 0
    assert grown("ws_demo_messages_received_total") == 1 and grown("ws_demo_messages_sent_total") >= 2
    assert grown("ws_demo_refusals_total", reason="empty") == 1
    assert grown("ws_demo_http_requests_total", code="101") == 2 and grown("ws_demo_http_requests_total", code="404") == 1
    assert grown("ws_demo_connections_closed_total", reason="rejected") == 1
    assert grown("ws_demo_connections_accepted_total") == polled, "one request for each connection"
    assert total["accepted"] == after["ws_demo_connections_accepted_total"][()]
    assert 0 < grown("ws_demo_received_bytes_total") < grown("ws_demo_sent_bytes_total") <= total["bytes_out"]
    assert after["ws_demo_build_info"] == {(("version", "0.1.0"),): 1} and after["ws_demo_history_up"][()] == 1


def test_metrics_of_the_process(demo):
    """As the kernel has them."""
    with demo() as server, Peer(server), Peer(server):
        wait_until(lambda: server.open_files() == metrics_of(server)["process_open_fds"][()] - 1, "the descriptors agree")
        found = metrics_of(server)
        assert PROCESS <= set(found)
        assert 0 <= found["process_cpu_seconds_total"][()] <= server.cpu_seconds() + 0.05
        assert abs(found["process_virtual_memory_bytes"][()] - server.address_space()) < 1 << 24
        assert 0 < found["process_resident_memory_bytes"][()] < found["process_virtual_memory_bytes"][()]
        with open(f"/proc/{server.pid}/limits", encoding="ascii") as file:
            limit = next(line for line in file if line.startswith("Max open files")).split()[3]
        assert found["process_max_fds"][()] == float(limit)
        began = os.stat(f"/proc/{server.pid}").st_ctime
        assert abs(found["process_start_time_seconds"][()] - began) < seconds(10)


def test_who_may_see_the_metrics(demo):
    """This machine itself, and whom --metrics-from names; nobody by what he says of himself."""
    with demo() as server:
        metrics_of(server)
        for fields, source in ("", FOREIGN), ("X-Forwarded-For: 127.0.0.1\r\n", None), ("X-Real-IP: 127.0.0.1\r\n", FOREIGN):
            with Peer(server, source=source) as peer:
                assert get(peer, "/metrics", fields).status == 403, (fields, source)
        with Peer(server) as peer:
            assert get(peer, "/metrics", host="evil.example").status == 421, "DNS rebinding"
    with demo("--metrics-from", "127.0.0.2", "--metrics-from", "192.0.2.0/24", "--trust-proxy", "127.0.0.9") as server:
        metrics_of(server, source=FOREIGN)
        for client, status in ("192.0.2.77", 200), ("198.51.100.1", 403), ("127.0.0.1", 403):  # the proxy's own machine
            with Peer(server, source="127.0.0.9") as peer:
                assert get(peer, "/metrics", f"X-Forwarded-For: {client}\r\n").status == status, client


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)")
def test_promtool_agrees(demo):
    """`promtool check metrics` finds nothing, neither a mistake nor a name against the conventions."""
    with demo() as server, Peer(server) as peer:
        done = subprocess.run(["promtool", "check", "metrics"], input=get(peer, "/metrics").body, capture_output=True,
                              timeout=seconds(20), check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


# ---- health ----


def test_health(demo):
    """200, and how many are there; HEAD and OPTIONS, too."""
    with demo() as server, Member(server):
        status, facts = health_of(server)
        assert status == 200 and facts["status"] == "ok" and facts["members"] == facts["rooms"] == 1
        assert facts["connections"] == 2 and 0 <= facts["uptime_s"] < seconds(60)
        with Peer(server, source=FOREIGN) as peer:
            peer.send(b"HEAD /healthz HTTP/1.0\r\n\r\n")
            assert Answer(peer, "HEAD").status == 200
        for target in "/healthz", "/metrics":
            with Peer(server, source=FOREIGN) as peer:
                peer.send(f"OPTIONS {target} HTTP/1.0\r\n\r\n".encode())
                assert "GET" in Answer(peer).fields["allow"]


def test_no_health_while_it_drains(demo):
    """Who asks on a connection that is still there gets 503, and the connection ends."""
    with demo() as server, Peer(server) as peer:
        assert get(peer, "/healthz").status == 200
        os.kill(server.pid, signal.SIGSTOP)
        peer.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until(lambda: peer.unacknowledged() == 0, "it has come")
        server.signal(signal.SIGTERM)
        os.kill(server.pid, signal.SIGCONT)
        answer = Answer(peer)
        assert answer.status == 503 and json.loads(answer.body)["status"] == "draining"
        assert peer.receive_to_end() == b""
        server.ended()


def test_no_health_while_nothing_can_be_stored(demo, tmp_path, request):
    """From the first message that is refused on; and health again as soon as there is space, though nobody speaks."""
    scarcity = Scarcity(tmp_path, request.config.getoption("--sanitizer"))
    with demo("--history", tmp_path / "history.db", environment=scarcity.environment) as server, Member(server) as one:
        one.say("kept", "1")
        assert one.next("message")["seq"] == 1
        scarcity.fill_disk()
        assert health_of(server)[0] == 200, "nobody has tried"
        one.say("lost", "2")
        assert one.next("refused", "message")["why"] == "history"
        status, facts = health_of(server)
        assert (status, facts["status"]) == (503, "history fails")
        assert metrics_of(server)["ws_demo_history_up"][()] == 0
        scarcity.fill_disk(False)
        wait_until(lambda: health_of(server)[0] == 200, "it can be stored again")
        one.say("kept", "3")
        assert one.next("message")["seq"] == 2


# ---- systemd: sockets and words ----


@pytest.fixture(name="activated")
def fixture_activated(executable):
    """activated(sockets, option...): ws_demo with these sockets."""
    return lambda sockets, *options, **limits: ActivatedDemo(executable("ws_demo"), sockets, options, **limits)


def test_sockets_that_systemd_has_opened(activated, tmp_path):
    """All of them are served, each kind; --port is not looked at; its proxy on the Unix socket is believed."""
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(tmp_path / "socket"))
        unix.listen()
        with activated([tcp, unix]) as server:
            with Member(server) as one:
                with Member(Place(str(tmp_path / "socket"))) as other:
                    one.say("hello", "1")
                    assert other.next("message")["text"] == "hello"
            assert os.readlink(f"/proc/{server.pid}/fd/3").startswith("socket:")
            with open(f"/proc/{server.pid}/fdinfo/3", encoding="ascii") as file:
                flags = next(line.split()[1] for line in file if line.startswith("flags"))
            assert int(flags, 8) & os.O_CLOEXEC
            server.stop()
        assert (tmp_path / "socket").exists(), "it is systemd's"


@pytest.mark.parametrize("kind", ["file", "datagram", "connected", "closed", "many"])
def test_what_is_no_listening_socket(executable, kind, tmp_path):
    """One line, and status 2: the unit is wrong."""
    with open(tmp_path / "file", "wb") as file, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram, \
            socket.socket(socket.AF_UNIX) as unconnected:
        given = {"file": file, "datagram": datagram, "connected": unconnected}.get(kind, file)
        server = ActivatedDemo(executable("ws_demo"), [given])
        if kind == "closed":
            server.command[4] = server.command[4].replace("str(len(fds))", "'2'")
        if kind == "many":
            server.command[4] = server.command[4].replace("str(len(fds))", "'9'")
        done = subprocess.run(server.command, capture_output=True, text=True, pass_fds=[given.fileno()],
                              timeout=seconds(10), check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "LISTEN_FDS" in done.stderr, done.stderr


def test_sockets_of_another_process_are_not_taken(demo):
    """LISTEN_PID is somebody else: the variables were inherited by mistake."""
    with demo(environment={"LISTEN_PID": "1", "LISTEN_FDS": "1"}) as server:
        assert health_of(server)[0] == 200


@pytest.mark.parametrize("abstract", [False, True])
def test_what_systemd_is_told(demo, tmp_path, abstract):
    """READY when it serves, WATCHDOG twice in its time, STOPPING when it drains; a socket that is full is not waited for."""
    name = f"\0ws_demo-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(name)
        systemd.settimeout(seconds(10))
        with demo(environment={"NOTIFY_SOCKET": name.replace("\0", "@"), "WATCHDOG_USEC": "200000"}) as server:
            assert systemd.recv(100) == b"READY=1"
            assert health_of(server)[0] == 200
            assert [systemd.recv(100) for _ in range(3)] == 3 * [b"WATCHDOG=1"]
            server.signal()
            deadline = Deadline(10, "STOPPING=1")
            while (word := systemd.recv(100)) != b"STOPPING=1":
                assert word == b"WATCHDOG=1"
                deadline.left()
            server.ended()


def test_a_watchdog_of_another_process(demo, tmp_path):
    """WATCHDOG_PID is not ours."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(seconds(0.3))
        with demo(environment={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"}):
            assert systemd.recv(100) == b"READY=1"
            with pytest.raises(TimeoutError):
                systemd.recv(100)


def test_a_restart_loses_nothing(activated, tmp_path):
    """The server ends in the midst of messages, three times, and another process takes the same socket and history: each
    message reaches each member once, in the same order; whoever comes meanwhile waits in the socket's queue."""
    clients_count, texts_count = 4, 30
    with socket.create_server(("127.0.0.1", 0), backlog=64) as tcp:
        options = ([tcp], "--history", tmp_path / "history.db")
        server = activated(*options).__enter__()
        clients = [Client(server, "class", number, [f"{number}: {text}" for text in range(texts_count)])
                   for number in range(clients_count)]
        expected = [text for client in clients for _, text in client.outbox]
        for client in clients:
            client.connect()
        for restart in range(1, 4):
            talk(clients, lambda heard=restart * 25: len(clients[0].heard) >= heard)
            assert any(client.outbox for client in clients), "in the midst of messages"
            server.signal()
            talk(clients, lambda: not any(client.connection for client in clients))
            with Peer(server) as early:
                early.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                server.ended()
                server.__exit__(None, None, None)
                server = activated(*options).__enter__()
                assert Answer(early).status == 200
            for client in clients:
                client.server = server
                client.connect()
        talk(clients, lambda: not any(client.outbox for client in clients)
             and all(len(client.heard) >= len(expected) for client in clients))
        for client in clients:
            assert client.heard == clients[0].heard
            client.hang_up()
        assert sorted(clients[0].heard) == sorted(expected)
        server.__exit__(None, None, None)


def talk(clients, until):
    """They go on, one after the other, until that is so."""
    deadline = Deadline(20, "they have talked")
    while not until():
        for client in ready_of(clients, deadline.left()):
            client.step()
