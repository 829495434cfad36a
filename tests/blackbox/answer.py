"""answer.py - an answer of ws_demo's HTTP."""
import re


class Answer:
    """One answer, read as RFC 9112 section 6.3 frames it; `method` is that of its request."""

    def __init__(self, peer, method="GET"):
        while b"\r\n\r\n" not in peer.received:
            piece = peer.socket.recv(65536)
            if not piece:
                raise EOFError("the server closed in place of an answer")
            peer.received += piece
        head, _, rest = bytes(peer.received).partition(b"\r\n\r\n")
        peer.received[:] = rest
        lines = head.decode("ascii").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 ([0-9]{3}) [\x20-\x7e]+", lines[0])
        assert match, lines[0]
        self.status = int(match[1])
        fields = [line.split(": ", 1) for line in lines[1:]]
        self.fields = {name.lower(): value for name, value in fields}
        assert len(self.fields) == len(fields), f"a field came twice: {lines}"
        self.length = int(self.fields["content-length"])
        self.body = b"" if method == "HEAD" else peer.receive(self.length)

    @property
    def closes(self):
        """Does it say that the connection ends?"""
        return "close" in self.fields.get("connection", "").lower().replace(" ", "").split(",")


def get(peer, path, fields="", host="localhost"):
    """A request on this connection, with more fields, each with its CRLF: its answer."""
    peer.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n".encode("latin-1"))
    return Answer(peer)
