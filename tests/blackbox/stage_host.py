"""stage_host.py - the host of ws_demo's stage (ws_demo/live.h), where the test is it."""
import json
import socket

TOKEN = "abc123"
FOREIGN = "127.0.0.2"  # an address of this machine that does not count as the machine itself: only 127.0.0.1 does


class StageHost:
    """Our end of the socket; `theirs` is to be inherited by ws_demo --live, and closed here."""

    def __init__(self, patience_s):
        self.socket, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(patience_s)

    def tell(self, words, data=None):
        """One packet."""
        self.socket.send((words + (" " + json.dumps(data) if data is not None else "")).encode())

    def next(self, word):
        """What belongs to the next packet that begins with this word."""
        while True:
            first, _, rest = self.socket.recv(70000).decode().partition(" ")
            if first == word:
                return rest

    def said(self):
        """(who, role, digest, object) of the next word of a page."""
        who, role, digest, text = self.next("said").split(" ", 3)
        return who, role, digest, json.loads(text)
