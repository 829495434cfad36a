"""Clients over sockets, plain or with TLS: they can do everything that a well-behaved library would never do."""
import array
import base64
import fcntl
import hashlib
import random
import select
import socket
import struct
import termios

from secure import Secure
from timing import Deadline, seconds

TEXT, BINARY, CONTINUATION, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
MASK = b"\x37\xfa\x21\x3d"


def pattern(count, seed=0):
    """`count` bytes in which every displacement, loss and foreign byte shows."""
    return random.Random(seed).randbytes(count)


def family_of(address):
    """A path is that of a Unix socket; else it is a host and a port."""
    return socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET


class Peer:
    """One connection to a server, with TLS if the server has it; for the echo protocol there is nothing else to it."""

    def __init__(self, server, receive_buffer=None, source=None):
        self.socket = socket.socket(family_of(server.address))
        self.received = bytearray()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(seconds(10))
        try:
            if self.socket.family != socket.AF_UNIX:
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if source:
                self.socket.bind((source, 0))
            self.socket.connect(server.address)
            if getattr(server, "secure", False):
                self.socket = Secure(self.socket)
            elif hasattr(server, "wrap"):  # TLS of a proxy
                self.socket = server.wrap(self.socket)
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """An orderly end: FIN (or a reset, by the kernel, where replies were left unread)."""
        self.socket.close()

    def reset(self):
        """A rude end: RST, and whatever was under way is void."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def leave(self):
        """An orderly end, and when it returns the server knows of it."""
        self.half_close()
        assert self.receive_to_end() == b""
        self.close()

    def half_close(self):
        """Nothing more will be sent; replies are still wanted."""
        self.socket.shutdown(socket.SHUT_WR)

    def send(self, data):
        """Sends it all, in one segment if it fits one."""
        self.socket.sendall(data)

    def send_by_the_byte(self, data):
        """Sends it with one system call, hence one segment, per byte."""
        for byte in data:
            self.socket.send(bytes([byte]))

    def send_until_blocked(self, data, quiet=0.3):
        """Sends `data` again and again, reads nothing, and stops when nothing has moved for `quiet` seconds."""
        self.socket.setblocking(False)
        poll = select.poll()
        poll.register(self.socket, select.POLLOUT)
        deadline = Deadline(30, "the server stops reading from a client that never reads")
        sent = 0
        while poll.poll(seconds(quiet) * 1000):
            deadline.left()
            try:
                sent += self.socket.send(memoryview(data)[sent % len(data):])
            except BlockingIOError:
                pass
        self.socket.settimeout(seconds(10))
        return sent

    def send_what_fits(self, data):
        """Sends as much of `data` as goes at once."""
        try:
            return self.socket.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return 0

    def unacknowledged(self):
        """Bytes sent that have not reached the server's kernel yet."""
        count = array.array("i", [0])
        fcntl.ioctl(self.socket, termios.TIOCOUTQ, count)
        return count[0]

    def receive(self, count, plain=10):
        """Exactly `count` bytes."""
        deadline = Deadline(plain, f"{count} bytes from the server")
        while len(self.received) < count:
            self.socket.settimeout(deadline.left())
            try:
                piece = self.socket.recv(65536)
            except socket.timeout:
                deadline.left()
                continue
            if not piece:
                raise EOFError(f"the server closed after {len(self.received)} of {count} bytes")
            self.received += piece
        data = bytes(self.received[:count])
        del self.received[:count]
        return data

    def receive_to_end(self, plain=10):
        """All bytes up to the server's FIN. A reset is an error."""
        deadline = Deadline(plain, "the server closes the connection")
        while True:
            self.socket.settimeout(deadline.left())
            try:
                piece = self.socket.recv(65536)
            except socket.timeout:
                continue
            if not piece:
                data = bytes(self.received)
                self.received.clear()
                return data
            self.received += piece

    def roundtrip(self, data=b"are you there?", plain=10):
        """Sends `data` (small) and expects the same back."""
        self.send(data)
        assert self.receive(len(data), plain) == data

    def is_served(self, data=b"served?"):
        """True if this is answered, False if the server closes instead."""
        try:
            self.roundtrip(data)
            return True
        except (EOFError, ConnectionError):
            return False

    def stall(self, data, quiet=0.2):
        """Sends what goes without reading anything, until nothing moves any more. Returns what is still to be sent."""
        out = memoryview(data)
        self.socket.setblocking(False)
        poll = select.poll()
        poll.register(self.socket, select.POLLOUT)
        while out and poll.poll(seconds(quiet) * 1000):
            out = out[self.socket.send(out):]
        return out

    def exchange(self, data, count, read_size=65536, between=None, until=None, half_close=False, plain=30):
        """Sends `data` while receiving `count` bytes, at most `read_size` at a time, and returns them.

        `between` is called about every 256 KiB received; `until` may end the exchange early."""
        deadline = Deadline(plain, f"{count} bytes from the server")
        out, received, next_call = memoryview(data), bytearray(self.received), 0
        self.received.clear()
        self.socket.setblocking(False)
        poll = select.poll()
        poll.register(self.socket, select.POLLIN | (select.POLLOUT if out else 0))
        while len(received) < count and not (until and not out and until()):
            events = dict(poll.poll(deadline.left() * 1000)).get(self.socket.fileno(), 0)
            if events & select.POLLOUT:
                out = out[self.socket.send(out):]
                if not out:
                    poll.modify(self.socket, select.POLLIN)
                    if half_close:
                        self.half_close()
            if events & ~select.POLLOUT:
                try:
                    piece = self.socket.recv(min(read_size, count - len(received)))
                except BlockingIOError:
                    continue  # TLS: a part of a record
                if not piece:
                    raise EOFError(f"the server closed after {len(received)} of {count} bytes")
                received += piece
                if between and len(received) >= next_call:
                    next_call += 256 * 1024
                    between()
        self.socket.settimeout(seconds(10))
        return bytes(received)


def xor(data, mask):
    """RFC 6455 section 5.3."""
    key = (mask * (len(data) // 4 + 1))[:len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(len(data), "big")


def header(opcode, length, fin=True, rsv=0, mask=None, claim=None):
    """A frame header. `claim` writes the length as 64 bits whatever it is."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    bit = 0x80 if mask else 0
    if claim is not None:
        head = struct.pack("!BBQ", first, bit | 127, claim)
    elif length < 126:
        head = struct.pack("!BB", first, bit | length)
    elif length < 65536:
        head = struct.pack("!BBH", first, bit | 126, length)
    else:
        head = struct.pack("!BBQ", first, bit | 127, length)
    return head + (mask or b"")


def frame(opcode, payload=b"", fin=True, rsv=0, mask=MASK):
    """A frame as a client sends it."""
    return header(opcode, len(payload), fin, rsv, mask) + (xor(payload, mask) if mask else payload)


def reply(opcode, payload=b""):
    """The same frame as the server must send it: unmasked, in one piece, with the shortest length."""
    return frame(opcode, payload, mask=None)


def close_payload(code, reason=b""):
    """What a close frame carries."""
    return struct.pack("!H", code) + reason


def upgrade(method="GET", version="HTTP/1.1", path="/", **changes):
    """An upgrade request. Keyword arguments change headers (`_` for `-`); None takes one out."""
    headers = {"Host": "localhost", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": KEY,
               "Sec-WebSocket-Version": "13"}
    headers.update({name.replace("_", "-"): value for name, value in changes.items()})
    fields = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"{method} {path} {version}", *fields, "", ""]).encode()


def accept_value(key=KEY):
    """RFC 6455 section 1.3."""
    digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
    return base64.b64encode(digest).decode()


class WebSocket(Peer):
    """A WebSocket client that says whatever it is told to say."""

    def __init__(self, server, receive_buffer=None, handshake=True, source=None):
        super().__init__(server, receive_buffer, source)
        if handshake:
            self.send(upgrade())
            self.expect_upgrade()

    def receive_head(self):
        """The server's answer to the upgrade request: status and headers (names in lower case)."""
        while b"\r\n\r\n" not in self.received:
            piece = self.socket.recv(65536)
            if not piece:
                raise EOFError("the server closed in place of an answer to the handshake")
            self.received += piece
        end = self.received.index(b"\r\n\r\n")
        lines = bytes(self.received[:end]).decode("ascii").split("\r\n")
        del self.received[:end + 4]
        version, status = lines[0].split(" ")[:2]
        assert version == "HTTP/1.1"
        fields = (line.partition(":") for line in lines[1:])
        return int(status), {name.lower(): value.strip() for name, _, value in fields}

    def expect_upgrade(self):
        """101, and the digest that proves that the server speaks WebSocket."""
        status, headers = self.receive_head()
        if status == 503:
            raise ConnectionRefusedError("the server has no place: status 503")
        assert status == 101
        assert headers["sec-websocket-accept"] == accept_value()
        assert headers["upgrade"].lower() == "websocket"
        assert headers["connection"].lower() == "upgrade"

    def receive_frame(self, plain=10):
        """The next frame: opcode and payload. It must be as this server's frames have to be: whole and unmasked."""
        first, second = self.receive(2, plain)
        assert first & 0x70 == 0, "reserved bits set by the server"
        assert first & 0x80, "a fragment, where whole messages were promised"
        assert second & 0x80 == 0, "masked by the server"
        length = second
        if second == 126:
            length, = struct.unpack("!H", self.receive(2, plain))
        elif second == 127:
            length, = struct.unpack("!Q", self.receive(8, plain))
        return first & 0x0F, self.receive(length, plain)

    def expect_close(self, code):
        """A close frame with this code, then FIN: the server ends TCP first (RFC 6455 section 7.1.1)."""
        opcode, payload = self.receive_frame()
        assert (opcode, payload[:2]) == (CLOSE, struct.pack("!H", code))
        assert self.receive_to_end() == b""

    def roundtrip(self, data=b"are you there?", plain=10):
        """One binary message there and back."""
        self.send(frame(BINARY, data))
        assert self.receive_frame(plain) == (BINARY, data)


def client(server, **options):
    """A client of the server's own protocol: both kinds have roundtrip(), is_served(), reset()..."""
    return (Peer if server.protocol == "echo" else WebSocket)(server, **options)


def wire(server, payload):
    """What to send so that `payload` comes back, and what must come back, byte for byte."""
    if server.protocol == "echo":
        return payload, payload
    return frame(BINARY, payload), reply(BINARY, payload)
