"""exam_client.py - a WebSocket client for the backtrace exam: it knows when all bytes that it sent have arrived."""
import array
import base64
import fcntl
import hashlib
import socket
import struct
import termios

BINARY = 0x2
MASK = b"\x12\x34\x56\x78"
KEY = base64.b64encode(bytes(range(16))).decode("ascii")
ACCEPT = base64.b64encode(hashlib.sha1((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode("ascii")).digest())
UPGRADE = ("GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode("ascii")
PATIENCE_S = 10


def pattern(count, seed=0):
    """Bytes of which no two messages have the same."""
    return bytes((seed + number * 7) % 256 for number in range(count))


def frame(payload):
    """A binary message in one frame, as a client sends it (RFC 6455 section 5.2)."""
    short = len(payload) < 126
    length = struct.pack("!B", 0x80 | len(payload)) if short else struct.pack("!BH", 0x80 | 126, len(payload))
    masked = bytes(byte ^ MASK[place % 4] for place, byte in enumerate(payload))
    return bytes([0x80 | BINARY]) + length + MASK + masked


class WebSocket:
    """A client that is let in. OSError where the server does not do its part."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.send(UPGRADE)
        head = self.receive_until(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101 ") or ACCEPT not in head:
            self.close()
            raise ConnectionRefusedError(f"the server answered the handshake with {head[:40]!r}")

    def send(self, data):
        """All of it."""
        self.socket.sendall(data)

    def receive_more(self):
        """At least a byte."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionResetError("the server closed before it had answered")
        self.received += piece

    def receive_until(self, end):
        """As far as these bytes, and with them."""
        while end not in self.received:
            self.receive_more()
        place = self.received.index(end) + len(end)
        found, self.received = self.received[:place], self.received[place:]
        return found

    def receive(self, count):
        """So many bytes."""
        while len(self.received) < count:
            self.receive_more()
        found, self.received = self.received[:count], self.received[count:]
        return found

    def roundtrip(self, payload):
        """A message there and back."""
        self.send(frame(payload))
        _, length = self.receive(2)
        if length == 126:
            length = struct.unpack("!H", self.receive(2))[0]
        if self.receive(length) != payload:
            raise ConnectionError("the server answered something else")

    def unacknowledged(self):
        """Bytes sent that have not reached the server's kernel yet."""
        count = array.array("i", [0])
        fcntl.ioctl(self.socket, termios.TIOCOUTQ, count)
        return count[0]

    def close(self):
        """Without a word."""
        self.socket.close()
