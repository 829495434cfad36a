"""ws_demo as docs/deploy.md deploys it: behind the system's nginx and HAProxy, and by systemd's own tools, with the files
of docs/deploy/ themselves."""
import contextlib
import re
import shutil
import subprocess
import time

import pytest

from answer import get
from clients import Peer, WebSocket, upgrade
from deployed import UnixDemo, clients_in_log, is_root
from real_proxies import DEPLOY, NAME, Entrance, filled_in, free_ports, haproxy, make_certificate, nginx
from rooms import Member, key, path
from servers import Place
from stage_host import StageHost
from test_ipv6 import why_no_ipv6
from timing import seconds, wait_until

HERE, GUEST, OTHER = "127.0.0.1", "127.0.0.7", "127.0.0.8"
EXPOSURE_MAX = 1.5  # of systemd-analyze security, from 0 (safe) to 10


@pytest.fixture(name="demo")
def fixture_demo(plain_demo):
    """It is the proxy that speaks TLS, if anybody."""
    return plain_demo


def needs(*programs):
    """Skips the test where one of them is missing."""
    missing = [program for program in programs if not shutil.which(program)]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {' '.join(missing)} (scripts/setup.sh --test)")


@pytest.fixture(name="certificate", scope="session")
def fixture_certificate(tmp_path_factory):
    """(certificate, key, both in one)."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@contextlib.contextmanager
def behind_nginx(executable, tmp_path, certificate, *options, **limits):
    """(ws_demo, its entrance by HTTP, by HTTPS)."""
    proxy, plain, tls = nginx(tmp_path, tmp_path / "socket", *certificate[:2])
    with UnixDemo(executable("ws_demo"), tmp_path / "socket", [
            "--allow-origin", f"https://{NAME}:{tls}", *options], **limits) as server, proxy:
        yield server, Entrance(plain), Entrance(tls, certificate[0])


def told_to_direct(entrance, number, source, **fields):
    """Is a page told that it directs the stage?"""
    with WebSocket(entrance, handshake=False, source=source) as page:
        page.send(upgrade(path=path("/stage", key=key(number)), **entrance.fields, **fields))
        page.expect_upgrade()
        return b'"directs":true' in page.receive_frame()[1].replace(b" ", b"")


def check_rooms(entrance, prefix=""):
    """Two members, through TLS, from two addresses; one that is a page of somebody else is refused."""
    with Member(entrance, source=GUEST, fields=entrance.fields, name="Ada") as ada, \
            Member(entrance, source=OTHER, fields=entrance.fields) as other:
        ada.say("hello", "1")
        assert other.next("message")["text"] == "hello"
    with WebSocket(entrance, handshake=False, source=GUEST) as stranger:
        stranger.send(upgrade(path=f"{prefix}/room?room=class", Host=entrance.fields["Host"], Origin="https://evil.example"))
        assert stranger.receive_head()[0] == 403


def check_clients(server, entrance, sources):
    """The log names those who have asked, whatever they say of themselves."""
    for source in sources:
        with Peer(entrance, source=source) as peer:
            assert get(peer, "/nothing", "X-Forwarded-For: 127.0.0.1\r\n", entrance.fields["Host"]).status == 404
    wait_until(lambda: clients_in_log(server)[-len(sources):] == sources, f"the log names {sources}")


@needs("nginx", "openssl")
def test_behind_nginx(executable, tmp_path, certificate):
    """On a Unix socket: the page over HTTPS, below a prefix too; rooms over wss; limits and the log by real addresses;
    the stage's director is who sits at this machine."""
    host = StageHost(seconds(10))
    with behind_nginx(executable, tmp_path, certificate, "--live", host.theirs.fileno(),
                      inherits=(host.theirs.fileno(),)) as (server, plain, tls):
        host.theirs.close()
        with Peer(plain) as peer:
            moved = get(peer, "/live?lang=zh", host=f"{NAME}:{plain.port}")
            assert (moved.status, moved.fields["location"]) == (308, f"https://{NAME}:{tls.port}/live?lang=zh")
        with Peer(tls, source=GUEST) as peer:
            for target, status in [("/", 200), ("/js/main.js", 200), ("/class/demo/", 200), ("/class/demo/js/main.js", 200),
                                   ("/class/demo/feed/poll?after=-1", 200), ("/healthz", 200)]:
                assert get(peer, target, host=tls.fields["Host"]).status == status, target
        with Peer(tls) as peer:
            assert get(peer, "/metrics", host=tls.fields["Host"]).status == 403
        check_rooms(tls)
        with WebSocket(tls, handshake=False) as peer:
            peer.send(upgrade(path="/class/demo/room?room=class", **tls.fields))
            peer.expect_upgrade()
        check_clients(server, tls, [GUEST, OTHER])
        assert [told_to_direct(tls, number, source, **fields) for number, (source, fields) in enumerate([
            (HERE, {}), (GUEST, {}), (GUEST, {"X_Forwarded_For": HERE})])] == [True, False, False]
        if not why_no_ipv6():
            tls.address = ("::1", tls.port)
            check_clients(server, tls, ["::1"])


@needs("nginx", "openssl")
def test_a_long_poll_and_a_quiet_socket_behind_nginx(executable, tmp_path, certificate):
    """What waits is not cut, nor held back: an event comes to the poll within its time."""
    with behind_nginx(executable, tmp_path, certificate) as (_, _, tls), Peer(tls) as peer:
        last = get(peer, "/feed/poll?after=-1", host=tls.fields["Host"]).body
        number = re.search(rb'"last": *(\d+)', last)[1].decode()
        began = time.monotonic()
        assert b'"at"' in get(peer, f"/feed/long-poll?after={number}", host=tls.fields["Host"]).body
        assert time.monotonic() - began < seconds(5)


@needs("haproxy", "openssl")
@pytest.mark.parametrize("version", ["send-proxy-v2", "send-proxy"])
def test_behind_haproxy(demo, tmp_path, certificate, version):
    """By X-Forwarded-For and a prefix that is not taken off; and as bytes, by the PROXY protocol, version 2 and 1. Its
    health checks find both up."""
    trust = ("--trust-proxy", "127.0.0.1")
    more = [("send-proxy-v2 ", version + " ")]
    entrances = tls_port, raw_port = free_ports(2)
    with demo(*trust, "--prefix", "/class/demo", "--allow-host", NAME, "--allow-origin", f"https://{NAME}:{tls_port}") as http, \
            demo(*trust, "--proxy-protocol", "--allow-origin", f"https://{NAME}:{raw_port}") as raw:
        proxy, plain = haproxy(tmp_path, (http.port, raw.port), certificate[2], entrances, more)
        with proxy:
            time.sleep(0.6)  # six checks; three that fail would take a server out
            with Peer(Entrance(plain)) as peer:
                assert get(peer, "/", host=NAME).status == 308
            for server, port, prefix in zip((http, raw), entrances, ("/class/demo", "")):
                entrance = Entrance(port, certificate[0])
                with Peer(entrance, source=GUEST) as peer:
                    assert get(peer, f"{prefix}/", host=entrance.fields["Host"]).status == 200
                check_rooms(entrance, prefix)
                check_clients(server, entrance, [GUEST, OTHER])
                if not why_no_ipv6():
                    entrance.address = ("::1", port)
                    check_clients(server, entrance, ["::1"])
            with Peer(Entrance(entrances[0], certificate[0])) as peer:
                assert get(peer, "/class/demo/metrics", host=NAME).status == 403
        assert "protocol_error" not in raw.errors()


# ---- systemd ----


@needs("systemd-analyze")
def test_the_units(executable, tmp_path):
    """systemd finds no mistake in them, and little that the service could reach."""
    service = filled_in("ws_demo.service", [("/usr/local/bin/ws_demo", executable("ws_demo"))], tmp_path)
    socket_unit = filled_in("ws_demo.socket", [], tmp_path)
    done = subprocess.run(["systemd-analyze", "verify", service, socket_unit], capture_output=True, text=True,
                          timeout=seconds(60), check=False)
    about_ours = [line for line in done.stderr.splitlines() if "ws_demo" in line]
    assert done.returncode == 0 and not about_ours, done.stderr
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", service], capture_output=True, text=True,
                          timeout=seconds(60), check=False)
    level = re.search(r"Overall exposure level for ws_demo.service: ([0-9.]+)", done.stdout)
    assert level, done.stdout + done.stderr
    print(level[0])
    assert float(level[1]) <= EXPOSURE_MAX, done.stdout


@needs("systemd-analyze", "strace")
@pytest.mark.heavy("a sanitizer makes calls of its own")
def test_the_system_calls_are_those_that_the_unit_allows(executable, tmp_path):
    """All that ws_demo makes, from its start to its end, with a history: none is forbidden by SystemCallFilter."""
    groups = call_groups()
    allowed = expanded(groups, "@system-service") - expanded(groups, "@privileged")
    assert len(allowed) > 100 and "chroot" not in allowed
    trace = tmp_path / "trace"
    with UnixDemo(executable("ws_demo"), tmp_path / "socket", ["--history", tmp_path / "history.db"]) as server:
        server.port = 80
        follower = subprocess.Popen(["strace", "-qq", "-f", "-o", trace, "-p", str(server.pid)], stderr=subprocess.PIPE)
        wait_until(lambda: "TracerPid:\t0" not in server._proc("status"), "strace looks")
        with Member(server) as member:
            member.say("hello", "1")
            member.next("message")
        server.stop()
        follower.wait(seconds(10))
    started = tmp_path / "start"
    done = subprocess.run(["strace", "-qq", "-f", "-o", started, executable("ws_demo"), "--limits"], capture_output=True,
                          timeout=seconds(20), check=False)
    assert done.returncode == 0
    made = {found for file in (trace, started) for found in re.findall(r"^\d+ +(\w+)\(", file.read_text(), re.M)}
    assert {"epoll_wait", "recvfrom", "sendto", "pwrite64", "execve"} <= made
    # SQLite gives a new file to the database's owner where it runs as root, and makes no such call elsewhere.
    assert made <= allowed | ({"fchown"} if is_root() else set()), made - allowed


def call_groups():
    """{group: its calls and groups}, as this systemd knows them."""
    shown = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True, text=True, check=True,
                           timeout=seconds(20)).stdout
    groups, name = {}, None
    for line in shown.splitlines():
        if line.startswith("@"):
            name = line.strip()
            groups[name] = []
        elif name and line.startswith("    ") and not line.lstrip().startswith("#"):
            groups[name].append(line.strip())
    return groups


def expanded(groups, name):
    """The calls of a group."""
    return set().union(*(expanded(groups, each) if each.startswith("@") else {each} for each in groups[name]))


@needs("systemd-socket-activate")
def test_by_systemds_own_activation(executable, tmp_path):
    """The socket is there before the server; the first who comes starts it, and is answered."""
    place = tmp_path / "socket"
    process = subprocess.Popen(["systemd-socket-activate", "-l", place, executable("ws_demo"), "--history", tmp_path / "history.db"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        with wait_until(lambda: connected(place), "systemd has opened the socket") as peer:
            assert get(peer, "/healthz").status == 200
        assert process.stdout.readline() == f"listening on unix:{place}\n".encode()
    finally:
        process.terminate()
        assert process.wait(seconds(10)) == 0
        process.stdout.close()


def connected(place):
    """A client; None as long as nobody listens."""
    try:
        return Peer(Place(str(place)))
    except (FileNotFoundError, ConnectionRefusedError):
        return None
