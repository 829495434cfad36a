"""ws_demo behind proxies: whom it takes a client for, and whom it believes. The proxies are the tests themselves; real ones
are in test_deploy.py."""
import contextlib
import os
import signal
import socket
import ssl
import stat
import subprocess
import time

import pytest

from answer import Answer, get
from clients import Peer, WebSocket, upgrade
from deployed import UnixDemo, clients_in_log
from rooms import Member, Refused, key, path
from stage_host import FOREIGN, TOKEN, StageHost
from timing import seconds, wait_until
from visitor import Visitor

TRUST = ("--trust-proxy", "127.0.0.1", "--trust-proxy", "10.0.0.0/8", "--trust-proxy", "2001:db8:ffff::/48")
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
CONNECTIONS, ROOMS_OF_ADDRESS = 500, 40


@pytest.fixture(name="demo")
def fixture_demo(plain_demo):
    """It is the proxy that speaks TLS, if anybody."""
    return plain_demo


def header_v2(source, command=0x21, family=0x11, more=b""):
    """PROXY version 2, for a client with this IPv4 address."""
    block = socket.inet_aton(source) + socket.inet_aton("127.0.0.1") + b"\x10\x92\x1f\x90" + more
    return SIGNATURE + bytes([command, family]) + len(block).to_bytes(2, "big") + block


def request(target="/nothing", fields=""):
    """GET, and the end."""
    return f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{fields}\r\n".encode()


def forwarded(*values):
    """X-Forwarded-For, once for each."""
    return "".join(f"X-Forwarded-For: {value}\r\n" for value in values)


def ask(server, data, source=None):
    """What it answers to this, to its end."""
    with Peer(server, source=source) as peer:
        peer.send(data)
        return peer.receive_to_end()


# ---- X-Forwarded-For ----

# (what the fields hold, who it is)
HOPS = [
    ((), "127.0.0.1"),
    (("192.0.2.1",), "192.0.2.1"),
    (("192.0.2.1:4711",), "192.0.2.1"),
    (("2001:db8::1",), "2001:db8::1"),
    (("[2001:DB8::1]",), "2001:db8::1"),
    (("[2001:db8::1]:80",), "2001:db8::1"),
    (("::ffff:192.0.2.1",), "192.0.2.1"),
    # the rightmost that is no trusted proxy; what is left of it may be invented
    (("127.0.0.1, 192.0.2.1",), "192.0.2.1"),
    (("198.51.100.1, 192.0.2.1",), "192.0.2.1"),
    (("198.51.100.1, 192.0.2.1, 10.0.0.1, 127.0.0.1",), "192.0.2.1"),
    (("192.0.2.1 ,\t10.0.0.1",), "192.0.2.1"),
    (("192.0.2.1,,",), "192.0.2.1"),
    (("192.0.2.1, 2001:db8:ffff::7",), "192.0.2.1"),
    (("10.0.0.2, 10.0.0.1",), "10.0.0.2"),
    (("10.0.0.1",), "10.0.0.1"),
    # in several fields: they are one list (RFC 9110 section 5.3)
    (("198.51.100.1", "192.0.2.1"), "192.0.2.1"),
    (("192.0.2.1", "10.0.0.1"), "192.0.2.1"),
    (("192.0.2.1, 10.0.0.1", "127.0.0.1, 10.0.0.9"), "192.0.2.1"),
    # what is no address is somebody unknown, and what is left of it is not believed
    (("unknown",), "an unknown peer"),
    (("192.0.2.1, unknown",), "an unknown peer"),
    (("192.0.2.1, unknown, 10.0.0.1",), "an unknown peer"),
    (("192.0.2.1x",), "an unknown peer"),
    (("192.0.2",), "an unknown peer"),
    (("fe80::1%eth0",), "an unknown peer"),
    (("1:2:3:4:5:6:7:8:80",), "an unknown peer"),
    (("\"192.0.2.1\"",), "an unknown peer"),
    ((200 * "9",), "an unknown peer"),
    (("",), "127.0.0.1"),
    ((", ,",), "127.0.0.1"),
    ((", ".join(["192.0.2.1"] + 500 * ["10.0.0.1"]),), "192.0.2.1"),
]


def test_who_a_trusted_proxy_says_it_is(demo):
    """By the log: a line for each request. LIMIT: ten a second, so some are asked later."""
    with demo(*TRUST) as server:
        for number, (values, _) in enumerate(HOPS):
            assert b" 404 " in ask(server, request(fields=forwarded(*values)))[:20], values
            if number % 8 == 7:
                time.sleep(1.05)
        server.stop()
        found = clients_in_log(server)
        assert len(found) == len(HOPS), server.errors()
        wrong = [(values, who, seen) for (values, who), seen in zip(HOPS, found) if seen != who]
        assert not wrong, wrong


def test_nobody_else_is_believed(demo):
    """Another address than the trusted one says what it likes; without the option nobody is trusted."""
    for options, source in (TRUST, FOREIGN), ((), None):
        with demo(*options) as server:
            ask(server, request(fields=forwarded("192.0.2.1")), source)
            server.stop()
            assert clients_in_log(server) == [source or "127.0.0.1"]


def test_each_request_has_its_own_client(demo):
    """A proxy sends the requests of many over one connection."""
    with demo(*TRUST) as server:
        with Peer(server) as peer:
            for number in 1, 2:
                assert get(peer, "/healthz", forwarded(f"192.0.2.{number}")).status == 200
            peer.send(request(fields=forwarded("192.0.2.3")))
            assert b" 404 " in peer.receive_to_end()[:20]
        ask(server, request())
        server.stop()
        assert clients_in_log(server) == ["192.0.2.3", "127.0.0.1"]


def rooms_until_refused(server, addresses):
    """How many rooms are opened, one after the other, by clients with these addresses."""
    with contextlib.ExitStack() as stack:
        for number, each in enumerate(addresses):
            try:
                stack.enter_context(Member(server, f"room {number}", fields={"X_Forwarded_For": each}))
            except Refused as refused:
                assert refused.why == "rooms"
                return number
    return len(addresses)


def test_limits_are_the_clients_own(demo):
    """Forty rooms of one address. IPv6: of one /64, because a host may take each address in it."""
    numbers = range(ROOMS_OF_ADDRESS + 1)
    with demo(*TRUST) as server:
        assert rooms_until_refused(server, ["192.0.2.1" for _ in numbers]) == ROOMS_OF_ADDRESS
        assert rooms_until_refused(server, [f"198.51.100.{number}" for number in numbers]) == len(numbers)
        assert rooms_until_refused(server, [f"2001:db8:0:1::{number:x}" for number in numbers]) == ROOMS_OF_ADDRESS
        assert rooms_until_refused(server, [f"2001:db8:1:{number:x}::1" for number in numbers]) == len(numbers)
        mapped = [("::ffff:" if number % 2 else "") + "203.0.113.1" for number in numbers]
        assert rooms_until_refused(server, mapped) == ROOMS_OF_ADDRESS


@pytest.mark.full  # 1,000 connections
def test_a_proxy_may_have_more_connections_than_a_guest(demo):
    """They are its clients': 500 of one of them, and 429 for the next; another is served."""
    with demo(*TRUST) as server, contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Peer(server)) for _ in range(2 * CONNECTIONS)]
        for number, peer in enumerate(peers):
            assert get(peer, "/healthz", forwarded(f"192.0.2.{number % 2}")).status == 200
        with Peer(server) as peer:
            refused = get(peer, "/healthz", forwarded("192.0.2.0"))
            assert refused.status == 429 and refused.closes
        with Peer(server) as peer:
            assert get(peer, "/healthz", forwarded("192.0.2.2")).status == 200


# ---- the PROXY protocol ----

HEADERS = {
    "version 1": (b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 8080\r\n", "192.0.2.1"),
    "version 1, IPv6": (b"PROXY TCP6 2001:db8::1 ::1 4711 8080\r\n", "2001:db8::1"),
    "version 1, unknown": (b"PROXY UNKNOWN\r\n", "an unknown peer"),
    "version 2": (header_v2("192.0.2.2"), "192.0.2.2"),
    "version 2, with more": (header_v2("192.0.2.3", more=b"\x04\x00\x01x"), "192.0.2.3"),
    "version 2, local": (header_v2("192.0.2.4", command=0x20), "127.0.0.1"),
    "version 2, UDP": (header_v2("192.0.2.5", family=0x12), "an unknown peer"),
}


def test_who_a_header_says_it_is(demo):
    """With the request behind it in one segment, and byte by byte: not a byte is lost, or taken twice."""
    with demo(*TRUST, "--proxy-protocol") as server:
        for data, _ in HEADERS.values():
            assert b" 404 " in ask(server, data + request())[:20], data
        time.sleep(1.05)
        for data, _ in HEADERS.values():
            with Peer(server) as peer:
                peer.send_by_the_byte(data + request())
                assert b" 404 " in peer.receive_to_end()[:20], data
        server.stop()
        assert clients_in_log(server) == 2 * [who for _, who in HEADERS.values()], server.errors()


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 08080\r\n", b"PROXY TCP4 \n",
    SIGNATURE + b"\x31\x11\0\0", header_v2("192.0.2.1", family=0x41), SIGNATURE + b"\x21\x11\xff\xff"],
    ids=["no header", "a port with a zero", "a line's end", "version 3", "a family", "too long"])
def test_a_proxy_without_a_header_is_cut_off(demo, data):
    """At once; the log says who."""
    with demo(*TRUST, "--proxy-protocol") as server:
        with Peer(server) as peer:
            peer.send(data)
            with pytest.raises(ConnectionResetError):
                peer.receive_to_end()
        assert server.stop()["closed"]["protocol_error"] == 1
        assert clients_in_log(server) == ["127.0.0.1"]


def test_a_header_comes_before_tls(demo):
    """Not a byte behind it is taken from TLS; and the log has the client, not the proxy."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with demo("--self-signed", "--proxy-protocol", "--trust-proxy", "127.0.0.1") as server:
        for pause in 0, 0.1:
            with socket.create_connection(server.address, seconds(10)) as plain:
                plain.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 1234 443\r\n")
                time.sleep(pause)
                with context.wrap_socket(plain) as secure:
                    secure.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    assert secure.recv(15) == b"HTTP/1.1 200 OK"
        with socket.create_connection(server.address, seconds(10)) as plain:
            plain.sendall(b"PROXY TCP4 192.0.2.7 192.0.2.1 1234 443\r\nno TLS")
            while plain.recv(4096):
                pass
        wait_until(lambda: "192.0.2.7:1234" in server.errors(), "the log names the client")


def test_half_a_header_has_its_time(demo):
    """However its bytes come; and an end of the server does not wait for it."""
    with demo(*TRUST, "--proxy-protocol", "--handshake-ms", 300) as server, Peer(server) as peer:
        peer.send(b"PROXY TCP4 192.0")
        assert Answer(peer).status == 408
        assert server.stop()["closed"]["handshake_timeout"] == 1
    with demo(*TRUST, "--proxy-protocol") as server, Peer(server) as peer:
        peer.send(b"PROXY TCP4 192.0")
        assert b" 200 " in ask(server, request("/healthz"), FOREIGN)[:20], "whoever came before is accepted"
        assert server.stop(3)["closed"]["shutdown"] == 1
    with demo(*TRUST, "--proxy-protocol") as server, Peer(server) as peer:
        peer.send(b"PROXY TCP4 192.0")
        peer.leave()
        assert not server.spins()


def test_who_is_no_trusted_proxy_has_no_header(demo):
    """It is served as itself, and what it says in one is no request."""
    with demo(*TRUST, "--proxy-protocol") as server:
        assert b" 404 " in ask(server, request(), FOREIGN)[:20]
        assert b" 400 " in ask(server, b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 8080\r\n" + request(), FOREIGN)[:20]
        server.stop()
        assert clients_in_log(server) == 2 * [FOREIGN]


def test_a_proxy_behind_a_proxy(demo):
    """The header names a trusted proxy, and that one has its own list; a stranger's list is not believed."""
    with demo(*TRUST, "--proxy-protocol") as server:
        for source, who in ("10.1.1.1", "192.0.2.1"), ("192.0.2.7", "192.0.2.7"):
            ask(server, header_v2(source) + request(fields=forwarded("192.0.2.1")))
        server.stop()
        assert clients_in_log(server) == ["192.0.2.1", "192.0.2.7"]


# ---- who directs, and who may see the counters ----


@pytest.fixture(name="stage")
def fixture_stage(demo):
    """stage(option...): (server, host), for a `with`."""
    @contextlib.contextmanager
    def make(*options):
        host = StageHost(seconds(10))
        with demo("--live", host.theirs.fileno(), *options, inherits=(host.theirs.fileno(),)) as server:
            host.theirs.close()
            host.tell(f"token {TOKEN}")
            yield server
    return make


class Told(WebSocket):
    """A page that looks at the stage through a proxy, which writes these fields, or this header before all."""

    def __init__(self, server, number, fields, before=b"", source=None, **query):
        super().__init__(server, handshake=False, source=source)
        self.send(before + upgrade(path=path("/stage", key=key(number), **query), **fields))
        self.expect_upgrade()
        self.directs = b'"directs":true' in self.receive_frame()[1].replace(b" ", b"")


# (options, what the proxy writes, header, source, query) -> does it direct?
DIRECTORS = [
    ((), {}, b"", None, {}, True),
    ((), {"X_Forwarded_For": "127.0.0.1"}, b"", None, {}, False),
    ((), {"X_Real_IP": "127.0.0.1"}, b"", None, {}, False),
    ((), {"Forwarded": "for=127.0.0.1"}, b"", None, {}, False),
    ((), {"Via": "1.1 nginx"}, b"", None, {}, False),
    (TRUST, {}, b"", None, {}, False),
    (TRUST, {"X_Forwarded_For": "127.0.0.1"}, b"", None, {}, True),
    (TRUST, {"X_Forwarded_For": "::1"}, b"", None, {}, True),
    (TRUST, {"X_Forwarded_For": "192.0.2.1"}, b"", None, {}, False),
    (TRUST, {"X_Forwarded_For": "127.0.0.1, 192.0.2.1"}, b"", None, {}, False),
    (TRUST, {"X_Forwarded_For": "unknown"}, b"", None, {}, False),
    (TRUST, {"X_Forwarded_For": "192.0.2.1"}, b"", None, {"token": TOKEN}, True),
    (TRUST, {"X_Forwarded_For": "127.0.0.1"}, b"", FOREIGN, {}, False),
    ((*TRUST, "--proxy-protocol"), {}, header_v2("127.0.0.1"), None, {}, True),
    ((*TRUST, "--proxy-protocol"), {}, header_v2("192.0.2.1"), None, {}, False),
    ((*TRUST, "--proxy-protocol"), {"X_Forwarded_For": "127.0.0.1"}, header_v2("192.0.2.1"), None, {}, False),
    ((*TRUST, "--proxy-protocol"), {}, header_v2("127.0.0.1", command=0x20), None, {}, False),
    ((*TRUST, "--proxy-protocol"), {}, b"PROXY UNKNOWN\r\n", None, {}, False),
    (("--trust-proxy", "10.0.0.1"), {}, b"", None, {}, True),
    (("--trust-proxy", FOREIGN), {"X_Forwarded_For": "127.0.0.1"}, b"", FOREIGN, {}, False),  # its machine, and not ours
]


def test_who_directs_behind_a_proxy(stage):
    """The real address decides. A proxy that does not say it is no director; nor is one that is not trusted, by its
    fields; nor whom a trusted one names wrongly."""
    wrong = []
    for options in dict.fromkeys(row[0] for row in DIRECTORS):
        with stage(*options) as server:
            for number, (_, fields, before, source, query, directs) in enumerate(
                    row for row in DIRECTORS if row[0] == options):
                with Told(server, number, fields, before, source, **query) as page:
                    if page.directs != directs:
                        wrong.append((options, fields, before, source, query))
    assert not wrong, wrong


def test_the_stage_on_this_machine(stage):
    """::1 is this machine, too."""
    with stage("--address", "127.0.0.1") as server, Visitor(server) as visitor:
        assert visitor.hello["directs"]


# ---- a Unix socket ----


@pytest.fixture(name="unix")
def fixture_unix(executable, tmp_path):
    """unix(option...): ws_demo on tmp_path/socket."""
    return lambda *options, **limits: UnixDemo(executable("ws_demo"), tmp_path / "socket", options, **limits)


def test_a_unix_socket(unix, tmp_path):
    """Rooms, as over TCP; its proxy is believed; the file is there for its group, and goes at the end."""
    with unix() as server:
        status = os.stat(server.path)
        assert stat.S_ISSOCK(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o660
        server.port = 80  # of Host
        with Member(server, name="Ada") as ada, Member(server) as other:
            ada.say("hello", "1")
            assert other.next("message")["text"] == "hello"
        ask(server, request(fields=forwarded("192.0.2.1")))
        ask(server, request())
        server.stop()
        assert clients_in_log(server) == ["192.0.2.1", "a peer on a Unix socket"]
    assert not list(tmp_path.iterdir())


def test_a_unix_socket_with_a_header(unix):
    """From the proxy behind it."""
    with unix("--proxy-protocol", "--unix-mode", "600") as server:
        assert stat.S_IMODE(os.stat(server.path).st_mode) == 0o600
        ask(server, header_v2("192.0.2.1") + request())
        server.stop()
        assert clients_in_log(server) == ["192.0.2.1"]


def test_a_file_that_was_left_behind(unix):
    """Of a server that was killed: its place is taken. A server that answers keeps it, and so does a file of another
    kind."""
    with unix() as server:
        server.process.kill()
        server.process.wait()
        assert os.path.exists(server.path)
        with unix() as other:
            done = subprocess.run(other.command, capture_output=True, text=True, timeout=seconds(10), check=False)
            assert done.returncode == 2 and "another server listens there" in done.stderr
            ask(other, request())
        assert not os.path.exists(server.path)
        with open(server.path, "w", encoding="ascii") as file:
            file.write("mine")
        done = subprocess.run(other.command, capture_output=True, text=True, timeout=seconds(10), check=False)
        assert done.returncode == 2 and done.stderr.count("\n") == 1 and "it is no socket" in done.stderr
        assert os.path.getsize(server.path) == 4


def test_the_file_of_the_next_server_is_left_alone(unix):
    """One that has already taken the place when the first one ends."""
    with unix("--drain", 5) as server:
        server.port = 80
        os.unlink(server.path)
        with unix() as other:
            server.stop()
            assert b" 404 " in ask(other, request())[:20]


def test_the_file_goes_when_the_drain_begins(unix):
    """Or the next server's might get its number, and go in its place."""
    with unix("--drain", 5) as server:
        server.port = 80
        with Member(server):
            server.process.send_signal(signal.SIGTERM)
            wait_until(lambda: not os.path.exists(server.path), "its file is gone")
            assert server.alive()
        assert server.process.wait(seconds(10)) == 0


def test_nobody_on_a_unix_socket_is_this_machine(unix):
    """A proxy that names no client is not its users: no counters."""
    with unix() as server:
        assert b" 403 " in ask(server, request("/metrics"))[:20]
        assert b" 200 " in ask(server, request("/metrics", forwarded("127.0.0.1")))[:20]


# ---- a prefix ----


def test_a_prefix(demo):
    """With it, and without it: a proxy may take it off. Alone it leads to the page, whose links are relative."""
    with demo("--prefix", "/class/demo", *TRUST) as server, Peer(server) as peer:
        for target, status in [("/class/demo/", 200), ("/class/demo/js/main.js", 200), ("/js/main.js", 200),
                               ("/class/demo/feed/poll?after=-1", 200), ("/class/demo/healthz", 200), ("/healthz", 200),
                               ("/class/demo/live", 200)]:
            assert get(peer, target).status == status, target
        alone = get(peer, "/class/demo?room=x&lang=zh")
        assert (alone.status, alone.fields["location"]) == (308, "/class/demo/?room=x&lang=zh")
        assert get(peer, "/class/demo?" + 300 * "x").fields["location"] == "/class/demo/"
    with demo("--prefix", "/class/demo") as server:
        for target in "/class/demox", "/class/dem", "/class/demo/class/demo/", "/class/demo//", "/class%2fdemo/":
            assert b" 404 " in ask(server, request(target))[:20], target
        with WebSocket(server, handshake=False) as peer:
            peer.send(upgrade(path="/class/demo/room?room=class", Origin="http://localhost"))
            peer.expect_upgrade()


def test_the_pages_have_no_absolute_links(demo):
    """Or a prefix would be lost."""
    with demo() as server, Peer(server) as peer:
        for page in "/", "/live", "/failures", "/failures-zh":
            body = get(peer, page).body.decode()
            assert 'href="/' not in body and 'src="/' not in body, page


def test_members_behind_one_proxy(demo):
    """Ten of one key are the most, from other addresses too; the proxy itself has no share in it."""
    with demo(*TRUST) as server, contextlib.ExitStack() as stack:
        def join(number, which):
            return stack.enter_context(Member(server, key=key(which), fields={"X_Forwarded_For": f"192.0.2.{number}"}))
        for number in range(10):
            join(number, 1)
        with pytest.raises(Refused):
            join(10, 1)
        join(10, 2)
