"""Members of ws_demo's rooms: what the page does, and what a guest could do instead."""
import json
import urllib.parse

from clients import CLOSE, TEXT, WebSocket, close_payload, frame, upgrade


class Refused(Exception):
    """A client that may not join. `why` is the word for it, `detail` more, or None."""

    def __init__(self, message):
        super().__init__(message)
        self.why = message["why"]
        self.detail = message.get("detail")


def key(number):
    """A client's secret."""
    return f"{number:032x}"


def address(number):
    """One of many addresses that a client on this machine may have."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def path(target, **query):
    """A target; the values of its query are encoded."""
    return target + ("?" + urllib.parse.urlencode(query) if query else "")


class Member(WebSocket):
    """A client in a room. `hello` is what it was greeted with. `fields`: more of its request, as upgrade() takes them."""

    def __init__(self, server, room="class", receive_buffer=None, source=None, fields=None, **query):
        super().__init__(server, receive_buffer, handshake=False, source=source)
        self.pings = 0
        self.request = upgrade(path=path("/room", room=room, **query), **{"Host": f"127.0.0.1:{server.port}", **(fields or {})})
        try:
            self.send(self.request)
            self.expect_upgrade()
            first = self.next("hello", "refused")
            if first["type"] == "refused":
                self.expect_code(1013)
                raise Refused(first)
        except BaseException:
            self.close()
            raise
        self.hello = first

    def next(self, *types):
        """The next JSON object of one of these types; clocks and lists of names come at any time."""
        while True:
            opcode, payload = self.receive_frame()
            assert opcode == TEXT, (opcode, payload)
            message = json.loads(payload)
            if message["type"] in types:
                return message
            assert message["type"] in ("clock", "here"), message

    def leave(self):
        """An orderly end, and when it returns the server knows of it. What the room still said is nobody's."""
        self.half_close()
        self.receive_to_end()

    def say(self, text, ident):
        """Says it, under this id."""
        self.tell(type="say", id=ident, text=text)

    def tell(self, **message):
        """Sends a JSON object."""
        self.send(frame(TEXT, json.dumps(message, ensure_ascii=False).encode()))

    def hear(self):
        """The next JSON object, clocks too; None at the end of the connection, however that comes."""
        try:
            opcode, payload = self.receive_frame()
            return json.loads(payload) if opcode == TEXT else None
        except (EOFError, ConnectionError):
            return None

    def expect_code(self, code):
        """Everything up to a close frame with this code, and the end."""
        while True:
            opcode, payload = self.receive_frame()
            if opcode == CLOSE:
                assert payload[:2] == close_payload(code)
                assert self.receive_to_end() == b""
                return
