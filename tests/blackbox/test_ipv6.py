"""IPv6, and both at once: every server on ::1 and on ::, loadgen to both, and what is printed of an address."""
import socket
import subprocess

import pytest

from clients import WebSocket, client, upgrade
from marks import WITHOUT_TLS
from servers import MODELS, PROTOCOLS, Place
from timing import seconds

V6, V4 = "::1", "127.0.0.1"


def why_no_ipv6():
    """Why not; empty where there is IPv6."""
    try:
        with socket.socket(socket.AF_INET6) as any_socket:
            any_socket.bind((V6, 0))
    except OSError as error:
        return f"no IPv6 here: {error.strerror}"
    return ""


pytestmark = pytest.mark.skipif(bool(why_no_ipv6()), reason=why_no_ipv6())


def seen(server, host):
    """The same server, by another of its addresses."""
    return Place((host, server.port), server.port, server.protocol)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("model", MODELS)
def test_both_at_once(server_of, model, protocol):
    """On :: a client of IPv6 and one of IPv4 are served; the line has brackets (Server checks it)."""
    with server_of(model, protocol).listen("::", V6) as server:
        with client(server) as one, client(seen(server, V4)) as other:
            one.roundtrip()
            other.roundtrip()
        assert server.stop()["accepted"] == 2


@pytest.mark.parametrize("model", MODELS)
def test_the_log_names_a_peer(server_of, model):
    """With brackets and port; an IPv4 client as such, on a dual-stack socket too."""
    with server_of(model, "ws").listen("::", V6) as server:
        names = []
        for host, place in (V6, "[::1]"), (V4, V4):
            with WebSocket(seen(server, host), handshake=False) as peer:
                names.append(f"{place}:{peer.socket.getsockname()[1]}: rejected")
                peer.send(b"no handshake\r\n\r\n")
                assert peer.receive_head()[0] == 400
        server.stop()
        assert all(name in server.errors() for name in names), (names, server.errors())


@pytest.mark.parametrize("written", ["[::1]", "::1"])
def test_one_address_is_not_the_other(server_of, written):
    """With or without brackets; and on ::1 nobody comes by 127.0.0.1."""
    server = server_of("nio", "echo").listen(V6)
    server.command[-1] = written
    with server, client(server) as peer:
        peer.roundtrip()
        with pytest.raises(ConnectionRefusedError):
            client(seen(server, V4))


@pytest.mark.parametrize("host", ["::1", "[::1]", "127.0.0.1", "localhost"])
def test_the_load_generator_finds_it(server_of, either_loadgen, host):
    """By an address with or without brackets, by a name; and says so."""
    with server_of("nio", "ws").listen("::", V6) as server:
        result = either_loadgen(server, clients=4, duration=0.1, host=host)
        assert result.status == 0, result.stderr
        shown = "[::1]" if host == "::1" else host
        assert result.report["options"]["host"] == shown
        assert f"ws to {shown}:{server.port}," in result.stdout


def test_the_load_generator_comes_from_addresses_of_ipv6(server_of, loadgen):
    """--source-ips; and an IPv4 address is refused."""
    with server_of("nio", "echo").listen(V6) as server:
        result = loadgen(server, clients=4, duration=0.1, host=V6, source_ips="::1,::1")
        assert result.status == 0, result.stderr
        done = loadgen.run("--host", V6, "--port", server.port, "--source-ips", V4)
        assert done.returncode == 2 and "not an IPv6 address" in done.stderr


def test_the_load_generators_host_names_no_interface(server_of, loadgen):
    """RFC 6874: which interface is our business; the server would refuse such a Host (RFC 9110 section 7.2)."""
    local = link_local()
    if not local:
        pytest.skip("no interface here has a link-local address")
    with server_of("nio", "ws").listen("::", V6) as server:
        result = loadgen(server, clients=2, duration=0.1, host=local)
        assert result.status == 0, (local, result.stderr)


def link_local():
    """fe80::1%eth0, of any interface; empty where there is none."""
    try:
        with open("/proc/net/if_inet6", encoding="ascii") as file:
            rows = [line.split() for line in file]
    except OSError:
        return ""
    found = [(row[0], row[5]) for row in rows if row[3] == "20"]
    return f"{socket.inet_ntop(socket.AF_INET6, bytes.fromhex(found[0][0]))}%{found[0][1]}" if found else ""


@pytest.mark.parametrize("words", [["--host", "[::1"], ["--host", "[localhost]"], ["--host", "[127.0.0.1]x"]])
def test_a_host_that_is_none(loadgen, words):
    """One line, and status 2."""
    done = loadgen.run(*words)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize("address", ["::1]", "[127.0.0.1]", "fe80::1%nowhere", "::1:8080:x"])
def test_an_address_that_is_none(executable, address):
    """One line, and status 2, before anything is opened."""
    done = subprocess.run([executable("nio"), "--port", "0", "--address", address], capture_output=True, text=True,
                          timeout=seconds(10), check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "IPv4 or IPv6" in done.stderr


@WITHOUT_TLS
def test_the_pages_host_and_origin(demo):
    """In brackets, in any form that a browser sends."""
    with demo().listen(V6) as server:
        for origin, host, status in [(f"http://{server.place}", server.place, 101), ("http://[::1]", "[::1]:80", 101),
                                     ("http://[::2]", "[::1]", 403), ("http://::1", "[::1]", 403), (None, "::1", 400)]:
            with WebSocket(server, handshake=False) as peer:
                peer.send(upgrade(path="/room?room=class", Host=host, Origin=origin))
                assert peer.receive_head()[0] == status, (origin, host)
