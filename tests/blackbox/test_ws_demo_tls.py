"""ws_demo over TLS: the same behaviour as without it, and what TLS adds: handshakes, certificates, ends that are said."""
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.request

import pytest

import secure
from clients import BINARY, Peer, WebSocket, frame, pattern, reply, upgrade
from faults import fault
from misbehaving import Misbehaving
from rooms import Member
from secure import Authority, Broken, Secure, openssl, trusting
from servers import Demo, Server
from test_slow_reader import check_slow_reader
from timing import seconds, wait_until

# Some of the tests without TLS: below, the fixtures `demo` and `serve` bring a server that has it. All of them, with TLS,
# are for --full (conftest.py).
from test_half_close import (  # pylint: disable=unused-import
    test_half_close_after_1_mib_of_echo, test_half_close_after_messages, test_half_close_in_the_segment_of_the_data)
from test_ws_demo import (  # pylint: disable=unused-import
    test_a_head_that_trickles_in, test_everybody_in_a_room_hears_what_is_said_there,
    test_requests_by_the_byte_and_all_at_once, test_sigterm_tells_the_rooms, test_the_greeting_shows_the_handshake)

MIB = 1024 * 1024
REQUEST = b"GET /feed/poll?after=-1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
ONE_VERSION = [pytest.param(VERSIONS[0], marks=pytest.mark.full), VERSIONS[1]]  # the other with --full


@pytest.fixture
def demo(executable):
    """demo(option...): ws_demo with its page, and with TLS."""
    return lambda *options, **limits: Demo(executable("ws_demo"), ("--self-signed", *options), **limits)


@pytest.fixture
def serve(executable):
    """serve(protocol, option...): the echo server, with TLS."""

    def make(protocol, *options, **limits):
        tls = () if "--certificate" in options else ("--self-signed",)
        return Server(executable("ws_demo"), "ws_demo", protocol, (*tls, *options), **limits)

    return make


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Makes certificates."""
    return Authority(tmp_path_factory.mktemp("authority"))


class Plain(Peer):
    """A client that is not encrypted by itself, whatever the server speaks."""

    def __init__(self, server, **options):
        self.address = server.address
        self.secure = False
        super().__init__(self, **options)


def handshake(server, context=secure.TRUSTING, piece=None):
    """A client that is through with its handshake."""
    peer = Plain(server)
    peer.socket = Secure(peer.socket, context, piece)
    return peer


def served(peer):
    """Is a request answered, and the connection kept?"""
    peer.send(REQUEST)
    status, headers = WebSocket.receive_head(peer)
    peer.receive(int(headers["content-length"]))
    return status == 200


def closed(server, reason):
    """How often it was why a connection ended; ends the server."""
    return server.stop()["closed"][reason]


# ---- the protocol ----


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_agreed_on(demo, version):
    """Both versions, and only ciphers with forward secrecy that authenticate what they encrypt."""
    with demo() as server, handshake(server, trusting(version, version)) as peer:
        name, _, bits = peer.socket.tls.cipher()
        assert peer.socket.tls.version() == version.name.replace("_", ".") and bits >= 128
        assert "GCM" in name or "CHACHA20" in name, name
        assert "ECDHE" in name or version == ssl.TLSVersion.TLSv1_3, name
        assert peer.socket.tls.compression() is None
        assert served(peer)


def test_a_cipher_that_is_refused(demo):
    """A client that has none with forward secrecy and AEAD is told so, by an alert."""
    with demo() as server:
        said = openssl("s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_2", "-cipher",
                       "ALL:!ECDHE+AESGCM:!ECDHE+CHACHA20:@SECLEVEL=0", status=1)
        assert "alert handshake failure" in said
        assert closed(server, "tls") == 1 and "tls: no shared cipher" in server.errors()


@pytest.mark.full  # a handshake for each that OpenSSL knows
def test_each_cipher_of_tls_1_2(demo):
    """By openssl s_client, one after the other: those that are agreed on have forward secrecy and AEAD, and no other is."""
    with demo() as server:
        names = openssl("ciphers", "-tls1_2", "-s", "ALL:COMPLEMENTOFALL:@SECLEVEL=0").strip().split(":")
        taken = {name for name in names if "Cipher is " + name in openssl(
            "s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_2", "-cipher", f"{name}:@SECLEVEL=0", status=None)}
        assert len(names) > 20 and "ECDHE-ECDSA-AES128-GCM-SHA256" in taken
        assert all(name.startswith("ECDHE-ECDSA-") and ("GCM" in name or "CHACHA20" in name) for name in taken), taken


@pytest.mark.parametrize("option", ["-tls1", "-tls1_1"])
def test_an_old_version_is_refused(demo, option):
    """By an alert that says why, and a line in the log."""
    with demo() as server:
        said = openssl("s_client", "-connect", f"127.0.0.1:{server.port}", option, "-cipher", "ALL:@SECLEVEL=0", status=1)
        assert "alert protocol version" in said
        assert closed(server, "tls") == 1
        assert server.errors().count("tls: unsupported protocol") == 1


def test_ssl_3_is_refused(demo):
    """A ClientHello of 1996, which no program of today can send."""
    hello = b"\x03\x00" + bytes(32) + b"\x00" + b"\x00\x04\x00\x05\x00\x0a" + b"\x01\x00"
    body = b"\x01" + len(hello).to_bytes(3, "big") + hello
    with demo() as server, Plain(server) as peer:
        peer.send(b"\x16\x03\x00" + len(body).to_bytes(2, "big") + body)
        alert = peer.receive_to_end()
        assert alert[:1] == b"\x15" and alert[5:] in (b"\x02\x46", b"\x02\x28"), alert  # protocol_version, handshake_failure
        assert closed(server, "tls") == 1


def test_renegotiation_is_refused(demo):
    """TLS 1.2: `R` in openssl s_client asks for it. RFC 5746 knows no way to switch it off but to say no."""
    with demo() as server:
        said = openssl("s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_2", stdin="R\n", status=None)
        assert "RENEGOTIATING" in said and "no renegotiation" in said
        assert "Secure Renegotiation IS supported" in said
        assert server.alive() and not server.spins()


def test_a_client_that_asks_for_new_keys(demo):
    """TLS 1.3: KeyUpdate, which `K` asks for, is granted; the connection goes on."""
    with demo() as server:
        child = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_3", "-quiet",
                                  "-no_ign_eof"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True)
        with child:
            for _ in range(2):
                child.stdin.write("K\n")
                child.stdin.flush()
                while child.stderr.readline() != "KEYUPDATE\n":  # it takes what it reads at once for one command
                    assert child.poll() is None
            child.stdin.write(REQUEST.decode().replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
            child.stdin.flush()
            assert child.stdout.read().startswith("HTTP/1.1 200 ")
            child.stdin.close()


def test_a_flood_of_new_keys(serve, build_dir):
    """KeyUpdates by the hundred thousand, which all are there before the first is read: a neighbour is served meanwhile.
    (OpenSSL 3.0 hangs up after 32 of them, 3.5 does not.)"""
    with serve("echo") as server, Peer(server) as neighbour:
        neighbour.roundtrip()
        begun, turns = time.monotonic(), 0
        with subprocess.Popen([build_dir / "tests/new_keys", str(server.port), "200000"], stdout=subprocess.PIPE) as flood:
            assert flood.stdout.readline() == b"sending\n"
            begun = time.monotonic()
            while flood.poll() is None:
                neighbour.roundtrip()
                turns += 1
        assert turns >= 10 or time.monotonic() - begun < 0.1, turns


def test_a_session_that_is_resumed(serve):
    """By its ticket, in both versions; the server has nothing in memory for it."""
    with serve("echo") as server:
        for count, version in enumerate(VERSIONS, 1):
            context = trusting(version, version)
            first = ssl.SSLContext.wrap_socket(context, socket.create_connection(server.address))
            first.sendall(b"x")
            assert first.recv(1) == b"x"  # the ticket has come, too
            second = context.wrap_socket(socket.create_connection(server.address), session=first.session)
            assert second.session_reused
            first.close()
            second.close()
            wait_until(lambda: server.open_files() < 20, "both are gone")
            assert count
        assert server.stop()["notes"] == "TLS: 4 handshakes, 2 of them resumed, 0 with kTLS"


def test_an_origin(demo):
    """RFC 6454: https is a part of it; a page that came without is not of this server."""
    with demo() as server:
        for origin, status in (("https://localhost", 101), ("https://LOCALHOST:443", 101), ("http://localhost", 403),
                               ("https://localhost:1", 403), (None, 101)):
            with WebSocket(server, handshake=False) as peer:
                peer.send(upgrade(path="/room?room=class", Origin=origin, Host="localhost"))
                assert peer.receive_head()[0] == status, origin


# ---- certificates ----


def test_a_self_signed_certificate(executable):
    """For localhost and the addresses of the machine, from yesterday on; the line on stdout has its fingerprint."""
    with Demo(executable("ws_demo"), ["--self-signed"]) as server:
        line = server.process.stdout.readline().decode()
        text = ssl.get_server_certificate(server.address)
        shown = openssl("x509", "-noout", "-text", "-fingerprint", "-sha256", stdin=text)
        fingerprint = re.search("sha256 Fingerprint=([0-9A-F:]{95})", shown, re.I)[1]
        assert line == f"certificate with SHA-256 {fingerprint}\n"
        assert "DNS:localhost" in shown and "IP Address:127.0.0.1" in shown and "prime256v1" in shown
        assert openssl("x509", "-noout", "-checkend", 80 * 24 * 3600, stdin=text)
        begins = ssl.cert_time_to_seconds(re.search("Not Before: (.*)", shown)[1].strip())
        assert 86400 - 60 < time.time() - begins < 86400 + 3600
        trusted = ssl.create_default_context(cadata=text)  # whoever has compared the fingerprint may trust it
        for host in "localhost", "127.0.0.1":
            with urllib.request.urlopen(f"https://{host}:{server.port}/", context=trusted, timeout=10) as page:
                assert page.status == 200


def test_a_certificate_with_its_chain(demo, executable, authority):
    """A client that knows only the root checks all three."""
    authority.issue("between", is_ca=True)
    options = authority.options("leaf", issuer="between")
    with Demo(executable("ws_demo"), options) as server:
        trusted = ssl.create_default_context(cafile=authority.ca)
        trusted.verify_flags |= ssl.VERIFY_X509_STRICT  # the default from Python 3.13 on
        for host in "localhost", "127.0.0.1":
            with urllib.request.urlopen(f"https://{host}:{server.port}/", context=trusted, timeout=10) as page:
                assert page.status == 200
        said = openssl("s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile", authority.ca, "-verify_return_error",
                       "-verify_ip", "127.0.0.1")
        assert "Verify return code: 0 (ok)" in said and " 1 s:CN = between" in said.replace("CN=", "CN = ")


def test_a_new_certificate_by_sighup(executable, authority):
    """New connections get it; the open ones stay, and are served. A file that is none changes nothing, and is told."""
    options = authority.options("old")
    old, new = (authority.directory / name for name in ("old.pem", "old.key"))
    with Demo(executable("ws_demo"), options) as server, Member(server) as member:
        def fingerprint():
            return openssl("x509", "-noout", "-fingerprint", stdin=ssl.get_server_certificate(server.address))

        before = fingerprint()
        written = old.read_bytes(), new.read_bytes()
        for bad, words in (b"not a certificate", "no start line"), (b"", "no start line"):
            old.write_bytes(bad)
            lines = server.errors().count("\n")
            server.signal(signal.SIGHUP)
            wait_until(lambda known=lines: server.errors().count("\n") > known, "it says that it stays")
            assert "stays as it was" in server.errors() and words in server.errors()
            assert fingerprint() == before
        old.write_bytes(written[0])
        new.write_bytes(authority.issue("other")[1].read_bytes())
        server.signal(signal.SIGHUP)
        wait_until(lambda: "key values mismatch" in server.errors(), "the key is not the certificate's")
        new.write_bytes(authority.another_algorithm().read_bytes())
        server.signal(signal.SIGHUP)
        wait_until(lambda: "no certificate assigned" in server.errors(), "nor is one of another algorithm")
        assert fingerprint() == before
        authority.issue("old")
        server.signal(signal.SIGHUP)
        wait_until(lambda: "new connections get" in server.errors(), "it says that it has a new one")
        assert fingerprint() != before
        member.say("still here", "m-1")
        assert member.next("message")["seq"] == 1
        assert server.errors().count("\n") == 5


@pytest.mark.parametrize("words, why", [
    (["--certificate", "{pem}"], "give both"),
    (["--key", "{key}"], "give both"),
    (["--self-signed", "--certificate", "{pem}", "--key", "{key}"], "give either"),
    (["--ktls"], "--self-signed, too"),
    (["--certificate", "/nowhere/x.pem", "--key", "{key}"], "No such file or directory"),
    (["--certificate", "{pem}", "--key", "/nowhere/x.key"], "No such file or directory"),
    (["--certificate", "{key}", "--key", "{key}"], "in PEM form"),
    (["--certificate", "{pem}", "--key", "{pem}"], "in PEM form"),
    (["--certificate", "{pem}", "--key", "{other}"], "mismatch"),
    (["--certificate", "{pem}", "--key", "{rsa}"], "no certificate assigned"),
    (["--certificate", "{pem}", "--key", "{locked}"], "without a password"),
])
def test_an_option_that_is_wrong(executable, authority, words, why):
    """One line, and status 2; nobody is asked for a password."""
    pem, key = authority.issue("right")
    other = authority.issue("wrong")[1]
    locked = authority.directory / "locked.key"
    openssl("pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked)
    rsa = authority.another_algorithm()
    words = [word.format(pem=pem, key=key, other=other, locked=locked, rsa=rsa) for word in words]
    ended = subprocess.run([executable("ws_demo"), "--port", "0", *words], capture_output=True, text=True,
                           stdin=subprocess.DEVNULL, timeout=seconds(10), check=False)
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1 and why in ended.stderr, ended.stderr


def test_kernel_tls(executable):
    """--ktls: used where the kernel has it; where not, one line, and OpenSSL encrypts."""
    with socket.socket() as probe:
        try:
            probe.setsockopt(socket.IPPROTO_TCP, 31, b"tls\0")  # TCP_ULP
            has = True
        except OSError as error:
            has = error.errno == 107  # ENOTCONN
    with Demo(executable("ws_demo"), ["--self-signed", "--ktls"]) as server, Peer(server) as peer:
        assert served(peer)
        assert server.errors().count("this kernel has no TLS") == (0 if has else 1)
        peer.leave()
        notes = server.stop()["notes"]
        assert notes.endswith(", 0 with kTLS") != has, notes


# ---- ends ----


@pytest.mark.parametrize("version", ONE_VERSION)
def test_close_notify_is_an_end_like_fin(serve, version):
    """The client has said its last word, but not by FIN: it gets its replies, close_notify, and then FIN."""
    data = pattern(MIB)
    with serve("echo") as server:
        with handshake(server, trusting(version, version)) as peer:
            assert peer.exchange(data, len(data)) == data
            peer.socket.goodbye()
            assert peer.socket.recv(1) == b"" and peer.socket.plain.recv(1) == b""
        assert closed(server, "peer") == 1


@pytest.mark.parametrize("when", ["idle", "in a record"])
def test_fin_without_close_notify(serve, when):
    """Whoever is between the two can send FIN: that is no orderly end, and counted apart."""
    with serve("echo") as server:
        with Peer(server) as peer:
            peer.roundtrip()
            if when == "in a record":
                peer.socket.tls.write(bytes(1000))
                peer.socket.plain.sendall(peer.socket.outgoing.read()[:500])
            peer.socket.plain.shutdown(socket.SHUT_WR)
            with pytest.raises(Broken):  # an alert in place of close_notify
                peer.receive_to_end()
        assert closed(server, "truncated") == 1


def test_a_record_that_was_changed(serve):
    """One bit on the way: an alert, the end, and a line in the log."""
    with serve("echo") as server:
        with Peer(server) as peer:
            peer.roundtrip()
            peer.socket.tls.write(b"hello")
            record = bytearray(peer.socket.outgoing.read())
            record[-1] ^= 1
            peer.socket.plain.sendall(record)
            with pytest.raises(Broken, match="(?i)bad.record.mac"):
                peer.receive(1)
        assert closed(server, "tls") == 1
        assert "tls: decryption failed or bad record mac" in server.errors()


def test_a_reset(serve):
    """In the handshake, and after it: counted like any other."""
    with serve("echo") as server:
        with Plain(server) as peer:
            peer.send(b"\x16\x03\x01\x02\x00\x01")
            wait_until(lambda: peer.unacknowledged() == 0, "it is there")
            peer.reset()
        with Peer(server) as peer:
            peer.roundtrip()
            peer.reset()
        assert closed(server, "reset") == 2


# ---- what is no TLS, or slow ----


def test_http_on_this_port(demo):
    """Is told what to do, in the clear; and the log has a line."""
    requests = REQUEST, upgrade(path="/room?room=class"), b"POST / HTTP/1.0\r\n\r\n"
    with demo() as server:
        for request in requests:
            with Plain(server) as peer:
                peer.send(request)
                status, headers = WebSocket.receive_head(peer)
                body = peer.receive_to_end()
            assert status == 400 and len(body) == int(headers["content-length"]) and b"https://" in body
        assert closed(server, "rejected") == len(requests)
        assert server.errors().count("HTTP, and this port speaks TLS") == len(requests)


def test_garbage(demo):
    """Instead of a handshake, or in one: ends, and is counted; a neighbour does not notice."""
    all_data = b"\x00" * 100, b"hello\r\n", b"\xff", b"SSH-2.0-x\r\n", pattern(5000)
    with demo() as server, Member(server) as neighbour:
        for data in all_data:
            with Plain(server) as peer:
                peer.send(data)
                peer.receive_to_end()
            with Plain(server) as peer:
                peer.send(b"\x16\x03\x01" + data)
                try:
                    peer.half_close()
                    peer.receive_to_end()
                except ConnectionResetError:
                    pass
        neighbour.say("still here", "n-1")
        assert neighbour.next("message")["seq"] == 1
        neighbour.close()
        counts = server.stop()["closed"]
        assert counts["tls"] + counts["rejected"] + counts["truncated"] == 2 * len(all_data) + 1, f"and the neighbour: {counts}"


def test_a_port_scan(demo):
    """Connects, says nothing, and is gone: no line in the log."""
    with demo() as server:
        with Plain(server) as peer:
            peer.leave()
        assert closed(server, "peer") == 1 and server.errors() == ""


@pytest.mark.parametrize("version", ONE_VERSION)
def test_one_byte_per_segment(demo, version):
    """Any split of the same bytes is the same."""
    with demo() as server, handshake(server, trusting(version, version), piece=1) as peer:
        assert served(peer)


def test_all_in_one_segment(serve):
    """The end of the handshake, 200 messages in a record each, and close_notify: epoll reports them once, and each is
    answered."""
    with serve("echo") as server, Plain(server) as peer:
        peer.socket = one = Secure(peer.socket, trusting(ssl.TLSVersion.TLSv1_3), handshake=False)
        with pytest.raises(ssl.SSLWantReadError):
            one.tls.do_handshake()
        one.flush()
        while True:  # the last flight stays in `outgoing`
            try:
                one.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                one.incoming.write(one.plain.recv(65536))
        messages = [b"%03d" % number for number in range(200)]
        for message in messages:
            one.tls.write(message)
        one.goodbye()
        assert peer.receive_to_end() == b"".join(messages)


def test_a_handshake_that_stops(demo):
    """Or never begins: over in --handshake-ms, by a reset, as nothing can be said to it."""
    beginnings = b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    with demo("--handshake-ms", 500) as server:
        peers = [Plain(server) for _ in beginnings]
        for peer, first in zip(peers, beginnings):
            peer.send(first)
        for peer in peers:
            with pytest.raises(ConnectionResetError):
                peer.receive_to_end()
            peer.close()
        assert closed(server, "handshake_timeout") == len(beginnings)


def test_a_handshake_that_trickles(demo):
    """A byte now and then buys no time: one limit for all of it."""
    with demo("--handshake-ms", 1000) as server, Plain(server) as peer:
        begun = time.monotonic()
        with pytest.raises(ConnectionError):
            for byte in b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(1000):
                peer.send(bytes([byte]))
                time.sleep(0.1)
        assert time.monotonic() - begun < seconds(5)
        assert closed(server, "handshake_timeout") == 1


def test_no_word_where_there_is_no_place(serve):
    """Without a handshake nothing can be said: the connection ends, and is counted."""
    with serve("ws", "--clients-max", 1) as server, WebSocket(server) as one:
        with Plain(server) as peer:
            peer.send(upgrade())
            try:
                assert peer.receive_to_end() == b""
            except ConnectionResetError:
                pass
        one.roundtrip()
        one.close()
        assert server.stop()["refused"]["clients"] == 1


def test_descriptors_run_out(serve):
    """The others are served, and the loop sleeps."""
    with serve("echo", descriptors=40) as server:
        kept = []
        try:
            while len(kept) < 60:
                kept.append(Plain(server))
            assert not server.spins()
        finally:
            for peer in kept:
                peer.close()
        wait_until(lambda: server.open_files() < 20, "they are gone")
        with Peer(server) as peer:
            peer.roundtrip()
            peer.leave()
        assert server.stop()["refused"]["descriptors"] > 0


@pytest.mark.parametrize("version", ONE_VERSION)
@pytest.mark.parametrize("call", ["read", "write"])
def test_a_socket_that_is_not_ready(serve, with_fault, call, version):
    """Whichever transfer of OpenSSL would block (in the handshake, in a message, at the end): it is made later, and
    nothing is lost or said twice."""
    data = pattern(100000)
    for first in (1, 2, 4, 8, 11) if call == "write" else (1, 3):
        with serve("echo", environment=with_fault(fault(call, "EAGAIN", first, 3))) as server:
            with handshake(server, trusting(version, version)) as peer:
                assert peer.exchange(data, len(data)) == data
                peer.leave()
            counts = server.stop()
            assert counts["closed"]["peer"] == 1 and counts["waits"] < 500


class Flood(threading.Thread):
    """Begins handshakes, and never goes on with one, until it is stopped. `hello`: a ClientHello."""

    def __init__(self, server):
        super().__init__()
        self.server, self.stopped, self.begun = server, threading.Event(), 0
        idle = Secure(None, handshake=False)
        with pytest.raises(ssl.SSLWantReadError):
            idle.tls.do_handshake()
        self.hello = idle.outgoing.read()

    def run(self):
        crowd = []
        while not self.stopped.is_set():
            one = socket.create_connection(self.server.address, source_address=(f"127.0.0.{2 + self.begun % 200}", 0))
            one.sendall(self.hello)
            crowd.append(one)
            self.begun += 1
            if len(crowd) == 200:
                crowd.pop(0).close()
        for one in crowd:
            one.close()


def test_a_flood_of_handshakes(serve):
    """Whoever is served already is served on: each turn of the loop has room for few of them."""
    with serve("echo") as server, Peer(server) as neighbour:
        flood = Flood(server)
        flood.start()
        try:
            wait_until(lambda: flood.begun > 100, "it has begun")
            begun, waits = time.monotonic(), []
            while time.monotonic() - begun < 0.5:
                asked = time.monotonic()
                neighbour.roundtrip()
                waits.append(time.monotonic() - asked)
        finally:
            flood.stopped.set()
            flood.join()
        wait_until(lambda: lets_in(server), "it is over, and a new client is served")
        wait_until(lambda: server.open_files() < 20, "nothing of it is left")
        assert not server.spins()
        assert sorted(waits)[len(waits) // 2] < seconds(0.1), sorted(waits)[-10:]


def lets_in(server):
    """Is a new client served? It may be cut off instead, while more come than can be served."""
    try:
        with Peer(server) as peer:
            peer.roundtrip()
        return True
    except ConnectionError:
        return False


def test_handshakes_that_all_come_at_once(serve):
    """300 ClientHellos are in the sockets before the server looks: a neighbour waits for a few of them, not for all.
    Each is answered, and nobody spins afterwards."""
    with serve("echo", "--handshake-ms", 60000) as server, Peer(server) as neighbour:
        neighbour.roundtrip()
        hello = Flood(server).hello
        crowd = [socket.create_connection(server.address) for _ in range(300)]
        with Peer(server) as last:
            last.roundtrip()  # all before it are accepted
        server.signal(signal.SIGSTOP)
        for one in crowd:
            one.sendall(hello)
        server.signal(signal.SIGCONT)
        neighbour.send(b"x")
        assert neighbour.receive(1) == b"x"
        answered = sum(bool(select_now(one)) for one in crowd)
        assert answered < 200, "the neighbour has waited for nearly all of them"
        for one in crowd:
            one.settimeout(seconds(20))
            assert one.recv(1) == b"\x16"
            one.close()
        assert not server.spins()


def select_now(one):
    """Has something come?"""
    one.setblocking(False)
    try:
        return one.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return b""
    finally:
        one.setblocking(True)


# ---- a server that speaks first ----


@pytest.fixture
def greeter(build_dir):
    """greeter(option...): tests/greeter.c, which sends "welcome" before it has received a byte."""
    return lambda *options: Server(build_dir / "tests/greeter", "greeter", "echo", options)


@pytest.mark.parametrize("options", [(), ("--self-signed",)], ids=["plain", "TLS"])
def test_a_greeting(greeter, options):
    """The same handlers, with and without TLS."""
    with greeter(*options) as server, Peer(server) as peer:
        assert peer.receive(8) == b"welcome\n"
        peer.roundtrip()


def test_a_greeting_that_cannot_be_encrypted_is_not_sent(greeter):
    """To HTTP, garbage, a bad handshake, nothing at all. The connection is over, once, and nobody spins."""
    with greeter("--self-signed") as server:
        for data in REQUEST, b"\xff", b"\x16\x03\x01\x00\x05hello", b"":
            with Plain(server) as peer:
                peer.send(data)
                try:
                    peer.half_close()
                    assert b"welcome" not in peer.receive_to_end()
                except OSError:  # it was cut off, before or after that
                    pass
        assert not server.spins()
        counts = server.stop()["closed"]
        assert counts["rejected"] + counts["tls"] + counts["reset"] + counts["peer"] == 4, counts
        assert counts["rejected"] + counts["tls"] == server.errors().count("\n") == 3, server.errors()


# ---- much, slowly ----


@pytest.mark.parametrize("protocol", ["echo", pytest.param("ws", marks=pytest.mark.full)])
def test_8_mib_to_a_slow_reader(serve, protocol):
    """Unchanged, while a neighbour is served."""
    data = pattern(8 * MIB)
    with serve(protocol, "--message-max", 16 * MIB) as server:
        sent, expected = (data, data) if protocol == "echo" else (frame(BINARY, data), reply(BINARY, data))
        check_slow_reader(server, sent, expected)


def test_a_client_that_never_reads(serve, request):
    """What is held for it has a bound, and nobody spins."""
    with serve("echo") as server, Peer(server) as neighbour, Peer(server, receive_buffer=4096) as deaf:
        neighbour.roundtrip()
        before = server.private_kib()
        assert deaf.send_until_blocked(pattern(MIB)) < 32 * MIB
        if not request.config.getoption("--sanitizer"):  # a sanitizer's malloc keeps what is freed for a while
            assert server.private_kib() - before < 2048
        neighbour.roundtrip()
        assert not server.spins()


@pytest.mark.heavy("a sanitizer's malloc keeps what is freed for a while")
def test_idle_connections_hold_no_buffers(serve):
    """OpenSSL's two buffers of 16 KiB are given back (SSL_MODE_RELEASE_BUFFERS)."""
    with serve("ws") as server:
        some = [WebSocket(server) for _ in range(50)]
        before = server.private_kib()
        more = [WebSocket(server) for _ in range(200)]
        for one in some + more:
            one.roundtrip()
        each = (server.private_kib() - before) / len(more)
        for one in some + more:
            one.close()
        assert each < 40, f"{each} KiB for a connection"  # with them it would be above 55


# ---- the load generator ----


@pytest.mark.parametrize("protocol, options", [
    ("echo", {}), ("ws", {}), ("ws", {"size": 300000, "clients": 4}), ("ws", {"pipeline": 40, "clients": 3}),
    pytest.param("echo", {"size": 300000, "clients": 4}, marks=pytest.mark.full),
    pytest.param("echo", {"pipeline": 40, "clients": 3}, marks=pytest.mark.full)])
def test_loadgen_verifies_every_byte(serve, either_loadgen, protocol, options):
    """By both of its ways of moving bytes; and both sides have counted the same."""
    with serve(protocol, "--message-max", MIB) as server:
        result = either_loadgen(server, "--tls", duration=0.2, **{"clients": 10, **options})
        assert result.status == 0 and result.report["window"]["messages"] > 0, result.report["failures"]
        assert result.report["tls"]["version"] == "TLSv1.3" and "GCM" in result.report["tls"]["cipher"]
        stats = server.stop()
        totals = result.report["totals"]
        assert (stats["bytes_in"], stats["bytes_out"]) == (totals["bytes_sent"], totals["bytes_received"])
        assert stats["closed"]["truncated"] == stats["closed"]["tls"] == 0, stats["closed"]


@pytest.mark.parametrize("protocol", ["echo", "ws"])
def test_loadgen_connects_anew(serve, either_loadgen, protocol):
    """--reconnect: a whole handshake each time, and every end an orderly one."""
    with serve(protocol) as server:
        result = either_loadgen(server, "--tls", "--reconnect", duration=0.3, clients=10)
        assert result.status == 0 and result.report["window"]["messages"] > 0
        stats = server.stop()
        handshakes = int(re.match("TLS: ([0-9]+) handshakes, 0 of them resumed", stats["notes"])[1])
        unfinished = stats["closed"]["truncated"] + stats["closed"]["reset"]  # when the time was over
        assert stats["accepted"] > 10 and stats["accepted"] - handshakes <= unfinished <= 10, stats
        assert stats["closed"]["tls"] == 0, stats["closed"]


def test_loadgen_flash(serve, either_loadgen):
    """All are cut off at once, come back with new handshakes, and nothing is lost."""
    with serve("echo") as server:
        result = either_loadgen(server, "--tls", "--chaos", "flash", duration=1, clients=20)
        assert result.status == 0 and result.report["chaos"]["connections"] == 20, result.report


def test_loadgen_checks_the_certificate(executable, authority, loadgen, tmp_path):
    """--ca: one that it comes from, and for this host; else each client fails, by name."""
    other = Authority(tmp_path)
    options = authority.options("checked", subject="IP:127.0.0.1")
    with Server(executable("ws_demo"), "ws_demo", "echo", options) as server:
        assert loadgen(server, "--tls", duration=0.1, clients=2, ca=authority.ca).status == 0
        for wrong in {"ca": other.ca}, {"ca": authority.ca, "host": "localhost"}:
            words = [word for name, value in wrong.items() for word in (f"--{name}", value)]
            done = loadgen.run("--tls", "--port", server.port, "--clients", 2, "--duration", 0.1, *words)
            assert done.returncode == 2 and "could connect to" in done.stderr and ": tls" in done.stderr
        assert closed(server, "tls") >= 2
        assert "the client sends the alert: unknown CA" in server.errors()


def test_loadgen_names_the_failures_of_tls(serve, server_of, either_loadgen, authority):
    """A port without TLS; one that ends without close_notify."""
    with server_of("nio", "echo") as server:
        done = either_loadgen.run("--tls", "--port", server.port, "--clients", 3, *either_loadgen.options)
        assert done.returncode == 2 and ": tls" in done.stderr
    certificate, key = authority.issue("cut")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def cut(connection):
        with context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=True) as tls:
            for _ in range(3):
                tls.sendall(tls.recv(65536))
            socket.socket.shutdown(tls, socket.SHUT_WR)
            time.sleep(0.5)

    with Misbehaving(cut) as server:
        result = either_loadgen(server, "--tls", protocol="echo", duration=1, clients=3)
        assert result.report["failures"]["truncated"] == 3, result.report["failures"]
