"""ws_demo's HTTP, as browsers, proxies and monitors speak it: a row for each rule of RFC 9110 and RFC 9112."""
import email.utils
import re
import subprocess
import urllib.parse

import pytest

from answer import Answer
from clients import Peer, WebSocket, upgrade
from marks import WITHOUT_TLS
from servers import Demo
from timing import seconds

HOST = "Host: localhost\r\n"
GET = f"GET / HTTP/1.1\r\n{HOST}"
POLL = f"GET /feed/poll?after=-1 HTTP/1.1\r\n{HOST}\r\n"


def ask(server, request, method="GET"):
    """One request on a connection of its own: its answer, which must say whether the connection ends, and be right."""
    with Peer(server) as peer:
        peer.send(request if isinstance(request, bytes) else request.encode("latin-1"))
        found = Answer(peer, method)
        if found.closes:
            assert peer.receive_to_end() == b""
        else:
            peer.send(POLL.encode())
            assert Answer(peer).status == 200
    return found


# (section, what is asked, request, status, does the connection end)
RULES = [
    # versions
    ("9110 2.5", "HTTP/1.1", f"{GET}\r\n", 200, False),
    ("9110 2.5", "a later minor version", f"GET / HTTP/1.2\r\n{HOST}\r\n", 200, False),
    ("9110 2.5", "the highest minor version", f"GET / HTTP/1.9\r\n{HOST}\r\n", 200, False),
    ("9110 15.6.6", "HTTP/2.0", f"GET / HTTP/2.0\r\n{HOST}\r\n", 505, True),
    ("9110 15.6.6", "HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, True),
    ("9110 15.6.6", "HTTP/0.9, named", "GET / HTTP/0.9\r\n\r\n", 505, True),
    ("9112 2.3", "a version in lower case", f"GET / http/1.1\r\n{HOST}\r\n", 400, True),
    ("9112 2.3", "a version of two digits", f"GET / HTTP/1.10\r\n{HOST}\r\n", 400, True),
    ("9112 3", "no version", f"GET /\r\n{HOST}\r\n", 400, True),
    # HTTP/1.0, as nginx, haproxy and old monitors speak it
    ("9112 9.3", "HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", 200, True),
    ("9112 3.2", "HTTP/1.0 with Host", f"GET / HTTP/1.0\r\n{HOST}Connection: close\r\n\r\n", 200, True),
    ("9112 9.3", "HTTP/1.0, to be kept", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, False),
    ("9112 9.3", "HTTP/1.0, both", "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", 200, True),
    ("9110 7.8", "Upgrade in HTTP/1.0", f"GET / HTTP/1.0\r\n{HOST}Upgrade: websocket\r\nConnection: upgrade\r\n\r\n",
     200, True),
    # before the request, and its line
    ("9112 2.2", "an empty line before it", f"\r\n{GET}\r\n", 200, False),
    ("9112 2.2", "five of them", 5 * "\r\n" + GET + "\r\n", 200, False),
    ("9112 2.2", "a space before the first field", f"GET / HTTP/1.1\r\n {HOST}\r\n", 400, True),
    ("9112 2.2", "a bare CR", f"{GET}X: a\rb\r\n\r\n", 400, True),
    ("9112 2.2", "a bare LF", f"{GET}X: a\nY: b\r\n\r\n", 400, True),
    ("9112 3", "two spaces", f"GET  / HTTP/1.1\r\n{HOST}\r\n", 400, True),
    ("9112 3", "a space in the target", f"GET /a b HTTP/1.1\r\n{HOST}\r\n", 400, True),
    ("9112 3", "a target that is too long", f"GET /{9000 * 'x'}", 414, True),
    ("9112 3", "8,000 bytes of a request line", f"GET /?{7986 * 'x'} HTTP/1.1\r\n{HOST}\r\n", 200, False),
    ("9112 3.2", "a fragment", f"GET /#x HTTP/1.1\r\n{HOST}\r\n", 400, True),
    ("9112 3.2.1", "no path", f"GET index.html HTTP/1.1\r\n{HOST}\r\n", 400, True),
    ("9112 3.2.1", "another byte than ASCII", f"GET /\xfc HTTP/1.1\r\n{HOST}\r\n", 400, True),
    ("9112 3.2.2", "absolute form", f"GET http://localhost/ HTTP/1.1\r\n{HOST}\r\n", 200, False),
    ("9112 3.2.2", "absolute form, no path", f"GET http://localhost:80 HTTP/1.1\r\n{HOST}\r\n", 200, False),
    ("9112 3.2.2", "absolute form, a query", f"GET http://localhost?x=y HTTP/1.1\r\n{HOST}\r\n", 200, False),
    ("9112 3.2.2", "absolute form goes before Host",
     "GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", 200, False),
    ("9112 3.2.2", "absolute form of a foreign name", f"GET http://evil.example/ HTTP/1.1\r\n{HOST}\r\n", 421, True),
    ("9110 4.2.1", "absolute form without a host", f"GET http:///x HTTP/1.1\r\n{HOST}\r\n", 400, True),
    ("9110 4.2.4", "absolute form with a user", f"GET http://a@localhost/ HTTP/1.1\r\n{HOST}\r\n", 400, True),
    ("9112 3.2.3", "CONNECT", f"CONNECT localhost:443 HTTP/1.1\r\n{HOST}\r\n", 405, True),
    ("9112 3.2.4", "OPTIONS *", f"OPTIONS * HTTP/1.1\r\n{HOST}\r\n", 200, False),
    ("9112 3.2.4", "GET *", f"GET * HTTP/1.1\r\n{HOST}\r\n", 400, True),
    # methods
    ("9110 9.1", "an unknown method", f"BREW / HTTP/1.1\r\n{HOST}\r\n", 501, True),
    ("9110 9.1", "a method in lower case", f"get / HTTP/1.1\r\n{HOST}\r\n", 501, True),
    ("9110 9.1", "a method that is no token", f"G(T / HTTP/1.1\r\n{HOST}\r\n", 400, True),
    ("9110 15.5.6", "POST", f"POST / HTTP/1.1\r\n{HOST}Content-Length: 0\r\n\r\n", 405, True),
    ("9110 15.5.6", "POST with a body", f"POST / HTTP/1.1\r\n{HOST}Content-Length: 5\r\n\r\nhello", 405, True),
    ("9110 15.5.6", "PUT", f"PUT / HTTP/1.1\r\n{HOST}Content-Length: 0\r\n\r\n", 405, True),
    ("9110 15.5.6", "DELETE", f"DELETE / HTTP/1.1\r\n{HOST}\r\n", 405, True),
    ("9110 9.3.8", "TRACE", f"TRACE / HTTP/1.1\r\n{HOST}\r\n", 405, True),
    ("9110 9.3.7", "OPTIONS of the page", f"OPTIONS / HTTP/1.1\r\n{HOST}\r\n", 200, False),
    ("9110 9.3.7", "OPTIONS of a WebSocket", f"OPTIONS /room HTTP/1.1\r\n{HOST}\r\n", 200, False),
    ("9110 9.3.7", "OPTIONS of nothing", f"OPTIONS /nothing HTTP/1.1\r\n{HOST}\r\n", 404, True),
    ("9110 15.5.5", "a path that is none", f"GET /nothing HTTP/1.1\r\n{HOST}\r\n", 404, True),
    ("9110 15.5.22", "a WebSocket, without asking for one", f"GET /room?room=x HTTP/1.1\r\n{HOST}\r\n", 426, True),
    ("6455 4.2.1", "a WebSocket in HTTP/1.0", upgrade(version="HTTP/1.0", path="/room?room=x"), 426, True),
    ("6455 4.2.1", "a WebSocket without Connection", upgrade(path="/room?room=x", Connection=None), 400, True),
    ("6455 4.2.2", "a WebSocket of another version", upgrade(path="/feed", Sec_WebSocket_Version="8"), 426, True),
    # percent-encoding
    ("3986 6.2.2.2", "an encoded letter", f"GET /js/%6d%61in.js HTTP/1.1\r\n{HOST}\r\n", 200, False),
    ("3986 6.2.2.2", "an encoded slash is none", f"GET /js%2fmain.js HTTP/1.1\r\n{HOST}\r\n", 404, True),
    ("3986 2.1", "half an escape", f"GET /js/main.j%7 HTTP/1.1\r\n{HOST}\r\n", 404, True),
    ("3986 2.1", "NUL", f"GET /%00 HTTP/1.1\r\n{HOST}\r\n", 404, True),
    # Host
    ("9112 3.2", "no Host", "GET / HTTP/1.1\r\n\r\n", 400, True),
    ("9112 3.2", "no Host, absolute form", "GET http://localhost/ HTTP/1.1\r\n\r\n", 400, True),
    ("9112 3.2", "two Hosts", f"{GET}{HOST}\r\n", 400, True),
    ("9112 3.2", "two Hosts in HTTP/1.0", f"GET / HTTP/1.0\r\n{HOST}{HOST}\r\n", 400, True),
    *(("9112 3.2", f"Host: {host}", f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", 400, True) for host in (
        "[evil.example", "[evil.example]", "127.0.0.1:evil.example", "[::1]:evil.example", "[::1].evil.example",
        "127.0.0.1:80:80", "127.0.0.1/", "a@127.0.0.1", "127.0.0.1, evil.example", "127.0.0.1:99999", "\xfc")),
    *(("9110 7.4", f"Host: {host}", f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", 421, True) for host in (
        "evil.example", "127.0.0.1.evil.example", "127.1", "localhost.evil.example:80", "0x7f.0.0.1", "")),
    *(("9110 7.2", f"Host: {host}", f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n", 200, False) for host in (
        "LocalHost", "localhost:1", "localhost:", "127.0.0.1", "10.1.2.3:8080", "[::1]", "[fe80::1]:8080",
        "  localhost  ")),
    # fields
    ("9112 5.1", "a space before the colon", f"{GET}X : y\r\n\r\n", 400, True),
    ("9112 5.1", "no colon", f"{GET}no colon\r\n\r\n", 400, True),
    ("9112 5.1", "no name", f"{GET}: y\r\n\r\n", 400, True),
    ("9112 5.2", "a folded line", f"{GET}X: y\r\n z\r\n\r\n", 400, True),
    ("9110 5.5", "NUL in a value", f"{GET}X: \0\r\n\r\n", 400, True),
    ("9110 5.5", "an empty value", f"{GET}X:\r\n\r\n", 200, False),
    ("9110 5.5", "bytes beyond ASCII in a value", f"{GET}X: \xe4\r\n\r\n", 200, False),
    ("9110 5.1", "names in any case", f"GET / HTTP/1.1\r\nhOsT: localhost\r\ncOnNeCtIoN: CLOSE\r\n\r\n", 200, True),
    ("6585 5", "a field that is too long", f"{GET}X: {9000 * 'x'}\r\n\r\n", 431, True),
    ("9110 10.1.1", "Expect: a final answer comes at once",
     f"POST / HTTP/1.1\r\n{HOST}Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", 405, True),
    # bodies: none is taken, and nothing in one is taken for a request
    ("9112 6.3", "a body", f"{GET}Content-Length: 5\r\n\r\nhello", 400, True),
    ("9112 6.3", "a body that looks like a request", f"{GET}Content-Length: {len(POLL)}\r\n\r\n{POLL}", 400, True),
    ("9112 6.3", "a body in chunks", f"{GET}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{POLL}", 400, True),
    ("9112 6.3", "a length of 0", f"{GET}Content-Length: 0\r\n\r\n", 200, False),
    ("9112 6.3", "a length that is no number", f"{GET}Content-Length: +0\r\n\r\n", 400, True),
    ("9112 6.3", "two lengths", f"{GET}Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello", 400, True),
    ("9112 6.3", "a length and chunks", f"POST / HTTP/1.1\r\n{HOST}Content-Length: 5\r\n"
     f"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{POLL}", 400, True),
    ("9112 6.3", "chunks, and not as the last coding",
     f"{GET}Transfer-Encoding: chunked, identity\r\n\r\n", 400, True),
    ("9112 6.1", "another coding", f"{GET}Transfer-Encoding: gzip, chunked\r\n\r\n", 501, True),
    ("9112 6.1", "chunks in HTTP/1.0", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, True),
]


@pytest.fixture(scope="module")
def one_server(executable):
    """One for all the rules: each is asked on a connection of its own."""
    with Demo(executable("ws_demo")) as server:
        yield server


@pytest.mark.parametrize("section, name, request_bytes, status, ends", RULES,
                         ids=[f"RFC {section}: {name}" for section, name, *_ in RULES])
def test_a_rule(one_server, section, name, request_bytes, status, ends):
    """The status; an answer that is framed and dated, and says whether the connection ends; and so it does."""
    found = ask(one_server, request_bytes)
    assert (found.status, found.closes) == (status, ends), (section, name, found.fields)
    assert email.utils.parsedate_to_datetime(found.fields["date"]).tzname() == "UTC"
    assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", found.fields["date"])
    assert ("allow" in found.fields) == (status == 405 or request_bytes[:7] == "OPTIONS" and status == 200)
    if status == 426:
        assert found.fields["upgrade"] == "websocket" and "Upgrade" in found.fields["connection"]
        assert found.fields["sec-websocket-version"] == "13"


def test_the_rules_by_the_byte(demo):
    """The same bytes in segments of one byte give the same status: the short requests, all on one server."""
    with demo() as server:
        for section, name, request, status, _ in RULES:
            data = request if isinstance(request, bytes) else request.encode("latin-1")
            if len(data) > 200:
                continue
            with Peer(server) as peer:
                try:
                    peer.send_by_the_byte(data)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # it was refused before its last byte
                assert Answer(peer).status == status, (section, name)


@pytest.mark.parametrize("path", ["/", "/js/main.js", "/feed/poll?after=-1", "/nothing", "/room?room=x"])
def test_head_is_get_without_the_body(demo, path):
    """RFC 9110 section 9.3.2: the same fields, Content-Length too, and no byte behind them."""
    with demo() as server:
        got = ask(server, f"GET {path} HTTP/1.1\r\n{HOST}\r\n")
        head = ask(server, f"HEAD {path} HTTP/1.1\r\n{HOST}\r\n", "HEAD")
        assert head.status == got.status and set(head.fields) == set(got.fields)
        if "poll" not in path:
            assert head.length == got.length > 0


# What programs that watch servers send, and what they take for "up".
MONITORS = {
    "haproxy: option httpchk": ("OPTIONS / HTTP/1.0\r\n\r\n", range(200, 400)),
    "haproxy: option httpchk GET /": ("GET / HTTP/1.0\r\n\r\n", range(200, 400)),
    "nginx: proxy_pass": ("GET / HTTP/1.0\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\nUser-Agent: x\r\n\r\n",
                          [200]),
    "curl --head": ("HEAD / HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
                    [200]),
    "curl --http1.0": ("GET / HTTP/1.0\r\nHost: localhost:8080\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n",
                       [200]),
    "wget --spider": ("HEAD / HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: Wget/1.21.3\r\nAccept: */*\r\n"
                      "Accept-Encoding: identity\r\nConnection: Keep-Alive\r\n\r\n", [200]),
    "a probe of Kubernetes": ("GET / HTTP/1.1\r\nHost: 10.1.2.3:8080\r\nUser-Agent: kube-probe/1.29\r\nAccept: */*\r\n"
                              "Connection: close\r\n\r\n", [200]),
    "check_http": ("GET / HTTP/1.0\r\nUser-Agent: check_http/v2.3.3 (monitoring-plugins 2.3.3)\r\n"
                   "Connection: close\r\n\r\n", [200]),
    "check_http -I": ("GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nUser-Agent: check_http/v2.3.3\r\n"
                      "Connection: close\r\n\r\n", [200]),
    "ApacheBench -k": ("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\nHost: localhost:8080\r\n\r\n", [200]),
}


@pytest.mark.parametrize("monitor", MONITORS)
def test_a_monitor(demo, monitor):
    """Finds the server up; and the log stays empty."""
    request, up = MONITORS[monitor]
    with demo() as server:
        assert ask(server, request, request.split(" ")[0]).status in up
        server.stop()
        assert server.errors() == ""


def test_a_connection_of_http_1_0_that_is_kept(demo):
    """RFC 9112 section 9.3: the server says that it keeps it; then the next request need not ask for that."""
    with demo() as server, Peer(server) as peer:
        peer.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n")
        assert Answer(peer).fields["connection"] == "keep-alive"
        assert Answer(peer).fields["connection"] == "close"
        assert peer.receive_to_end() == b""


def test_nothing_behind_the_last_request_is_answered(demo):
    """RFC 9112 section 9.6: what comes behind Connection: close is not looked at."""
    with demo() as server, Peer(server) as peer:
        peer.send(f"{GET}Connection: close\r\n\r\n{POLL}{POLL}".encode())
        assert Answer(peer).closes
        assert peer.receive_to_end() == b""


def test_empty_lines_between_requests(demo):
    """RFC 9112 section 2.2: an old client may send one behind its request; that does not begin another."""
    with demo("--handshake-ms", 300, "--idle-ms", 3000, "--dead-ms", 4000) as server, Peer(server) as peer:
        for before in b"", b"\r\n", b"\r\n\r\n\r\n":
            peer.send(before + POLL.encode())
            assert Answer(peer).status == 200
        peer.send_by_the_byte(b"\r\n\r\n")
        assert peer.receive_to_end() == b"", "idle, and not half a request (408)"
        assert server.stop()["closed"]["handshake_timeout"] == 0


def test_empty_lines_do_not_buy_time(demo):
    """A connection that sends nothing else is without a request: 408."""
    with demo("--handshake-ms", 300) as server, Peer(server) as peer:
        peer.send(b"\r\n\r\n")
        assert Answer(peer).status == 408


def test_the_greeting_shows_the_request_without_the_empty_line_before_it(demo):
    """Byte for byte, from its method on."""
    with demo() as server:
        for by_the_byte in False, True:
            with WebSocket(server, handshake=False) as peer:
                request = upgrade(path="/room?room=class")
                (peer.send_by_the_byte if by_the_byte else peer.send)(b"\r\n" + request)
                peer.expect_upgrade()
                assert f'"request_bytes":{len(request)}'.encode() in peer.receive_frame()[1]


# ---- who may ask, and connect ----


def status_of(server, origin, host, path="/room?room=class"):
    """What a page of this origin gets when it wants a WebSocket of this host."""
    with WebSocket(server, handshake=False) as peer:
        peer.send(upgrade(path=path, Origin=origin, Host=host))
        return peer.receive_head()[0]


@WITHOUT_TLS
@pytest.mark.parametrize("origin, host, status", [
    ("http://localhost:8080", "localhost:8080", 101),
    ("http://LOCALHOST", "localhost:80", 101),
    ("http://[::1]:8080", "[::1]:8080", 101),
    ("http://localhost:8081", "localhost", 403),
    ("https://localhost", "localhost", 403),
    ("http://localhost.evil.example", "localhost", 403),
    ("http://localhost/", "localhost", 403),
    ("http://localhost@evil.example", "localhost", 403),
    ("http://[localhost", "localhost", 403),
    ("http://localhost http://localhost", "localhost", 403),
    ("localhost", "localhost", 403),
    ("null", "localhost", 403),
    ("", "localhost", 403),
    (None, "localhost", 101),
])
def test_an_origin(demo, origin, host, status):
    """RFC 6454: scheme, host and port are the same, or it is refused; whoever says none is no browser."""
    with demo() as server:
        assert status_of(server, origin, host) == status


def test_scripts_are_served_whatever_proxy_is_between(demo):
    """nginx's `proxy_set_header Host $host` drops the port, and a browser sends Origin to ask for a module: the page
    is public, and only what a page of another origin could do harm with asks for the origin."""
    with demo() as server:
        for path in "/", "/js/main.js", "/feed/poll?after=-1":
            assert ask(server, f"GET {path} HTTP/1.0\r\n{HOST}Origin: http://localhost:8081\r\n\r\n").status == 200


def test_what_is_refused_is_named_with_the_option_that_allows_it(demo):
    """In the answer and in the log; and with that option it is allowed."""
    with demo() as server:
        assert status_of(server, "http://localhost:8081", "localhost") == 403
        assert b"--allow-origin http://localhost:8081" in ask(
            server, upgrade(path="/feed", Origin="http://localhost:8081")).body
        assert b"--allow-host class.example" in ask(server, "GET / HTTP/1.1\r\nHost: class.example:1\r\n\r\n").body
        server.stop()
        log = server.errors()
        assert log.count("--allow-origin http://localhost:8081") == 2 and log.count("--allow-host class.example") == 1
        assert log.count("\n") == 3
    with demo("--allow-origin", "http://localhost:8081", "--allow-host", "class.example") as server:
        assert status_of(server, "http://localhost:8081", "localhost") == 101
        assert ask(server, "GET / HTTP/1.1\r\nHost: class.example:1\r\n\r\n").status == 200


def test_what_a_stranger_writes_does_not_reach_the_terminal(demo):
    """The log quotes names, never control characters, and bounds them."""
    with demo() as server:
        for origin in "http://\x1b[2J", "http://" + 4000 * "x", "null\x07":
            status_of(server, origin, "localhost")
        for host in "evil\x1b[2J", 4000 * "x":
            ask(server, f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")
        server.stop()
        log = server.errors()
        assert log.isascii() and log.replace("\n", "").isprintable() and max(map(len, log.split("\n"))) < 300


def test_what_a_stranger_writes_is_no_command(demo):
    """The log says which option would help, to be copied: what a shell would run is not in it, nor in the answer."""
    with demo() as server:
        for name in "x;reboot", "$(reboot)", "x&reboot", "x'reboot":
            assert status_of(server, f"http://{name}", "localhost") == 403
            assert status_of(server, "http://localhost:8081", name) == 421
            assert b"reboot" not in ask(server, f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n").body
            origin = urllib.parse.quote(f"http://{name}", safe="")
            assert b"reboot" not in ask(server, f"GET /feed?origin={origin} HTTP/1.1\r\n{HOST}\r\n").body
        server.stop()
        log = server.errors()
        assert "--allow-host" in log and "--allow-origin" in log and "reboot" not in log, log


@WITHOUT_TLS
def test_why_a_page_may_not_connect(demo):
    """A browser does not tell a page why its WebSocket was refused: the page asks the same with GET, and is told."""
    with demo() as server:
        path = "/room?room=class&origin="
        refused = ask(server, f"GET {path}http%3A%2F%2Flocalhost%3A8081 HTTP/1.0\r\n{HOST}\r\n")
        assert refused.status == 403 and b"--allow-origin http://localhost:8081" in refused.body
        allowed = ask(server, f"GET {path}http%3A%2F%2Flocalhost HTTP/1.0\r\n{HOST}\r\n")
        assert allowed.status == 426 and b"proxy_set_header Upgrade" in allowed.body
        assert status_of(server, "http://evil.example", "localhost", path + "http%3A%2F%2Flocalhost") == 403


def test_a_page_that_cannot_run_says_so(demo):
    """In both languages, in the HTML itself, from where the first script takes it away when it has run to its end."""
    with demo() as server:
        page = ask(server, f"{GET}\r\n").body.decode()
        words = re.search(r'<section id="not-running".*?</section>', page, re.S)[0]
        assert "This page is not running" in words and "这个页面没有运行起来" in words and "hidden" not in words
        script = ask(server, f"GET /js/main.js HTTP/1.1\r\n{HOST}\r\n").body.decode()
        assert script.endswith("\nbyId('not-running').remove();\n")


@pytest.mark.parametrize("option, value", [
    ("--allow-origin", "class.example"), ("--allow-origin", "http://class.example/"), ("--allow-origin", "http://"),
    ("--allow-origin", "null"), ("--allow-host", "class.example:80"), ("--allow-host", "http://class.example"),
    ("--allow-host", "")])
def test_an_option_that_allows_nothing(executable, option, value):
    """One line that says what it takes, and status 2."""
    ended = subprocess.run([executable("ws_demo"), "--port", "0", option, value], capture_output=True, text=True,
                           timeout=seconds(10), check=False)
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1 and "such as" in ended.stderr
