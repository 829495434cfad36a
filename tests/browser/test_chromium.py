"""That a page's faults are seen: the other tests say of each page that it had none."""
import http.server
import threading

import pytest

pytest.importorskip("selenium", reason="python3-selenium is not installed: scripts/setup.sh --browser")
import chromium  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))

POLICY = "default-src 'self'; script-src 'unsafe-inline'"


class Answer(http.server.BaseHTTPRequestHandler):
    """The page of the test; all else is not there."""

    page = b""

    def do_GET(self):  # pylint: disable=invalid-name
        """One answer, in silence."""
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(self.page if self.path == "/" else b"")

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        """Nothing."""


MORE = pytest.mark.full  # a second each; the short form has three


@pytest.mark.parametrize("body, seen", [
    ("<p>all is well</p>", None),
    ("<script>throw new Error('thrown here')</script>", "thrown here"),
    pytest.param("<script>Promise.reject(new Error('caught by nobody'))</script>", "caught by nobody", marks=MORE),
    ("<img src=/gone.png>", "gone.png"),
    pytest.param("<img src=data:image/png;base64,AAAA>", "img-src", marks=MORE),
    pytest.param("<script>fetch('http://127.0.0.1:9/elsewhere').catch(() => 0)</script>", "127.0.0.1:9/elsewhere", marks=MORE),
])
def test_what_goes_wrong_in_a_page_is_a_fault(body, seen):
    """And nothing else is. (The icon that browsers ask for is given, or its absence would be one.)"""
    page = f"<!doctype html><link rel=icon href=/><body>{body}".encode()
    handler = type("Given", (Answer,), {"page": page})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, chromium.Page(network=True) as browser:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser.goto(f"http://127.0.0.1:{server.server_port}/")
        if seen:
            assert any(seen in fault for fault in chromium.soon(browser.faults, "a fault"))
        else:
            assert browser.faults() == []
        assert f"http://127.0.0.1:{server.server_port}/" in browser.requests()
        server.shutdown()
