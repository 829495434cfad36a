"""visitor.py - a page that looks at ws_demo's stage."""
import json

from clients import CLOSE, PING, PONG, TEXT, WebSocket, frame, upgrade
from rooms import key, path
from timing import Deadline


class Visitor(WebSocket):
    """Connected, and greeted: `hello` is with what. `server`: anything with an address."""

    def __init__(self, server, number=1, source=None, **query):
        super().__init__(server, handshake=False, source=source)
        self.send(upgrade(path=path("/stage", key=key(number), **query), Host="{}:{}".format(*server.address)))
        self.expect_upgrade()
        self.hello = self.next()

    def next(self, *types, plain=10):
        """The next object of one of these types; without any, the very next."""
        deadline = Deadline(plain, f"an object of type {types}")
        while True:
            deadline.left()
            opcode, payload = self.receive_frame(plain)
            if opcode == PING:
                self.send(frame(PONG, payload))
                continue
            assert opcode == TEXT, (opcode, payload)
            message = json.loads(payload)
            if not types or message["type"] in types:
                return message

    def expect_code(self, code):
        """The server closes with this code, after whatever else it says."""
        while (got := self.receive_frame())[0] != CLOSE:
            pass
        assert got[1][:2] == code.to_bytes(2, "big"), got

    def say(self, kind, **words):
        """Sends an object."""
        self.send(frame(TEXT, json.dumps({"type": kind, **words}).encode()))
