"""Servers that do what no server should: for the load generator to notice, and to name."""
import socket
import struct
import threading

from clients import CLOSE, accept_value, reply, xor

KEY_FIELD = b"sec-websocket-key:"


class Misbehaving:
    """Accepts, and lets `behave(socket)` do its worst, one thread per connection. `with` starts and ends it."""

    def __init__(self, behave, protocol="echo"):
        self.behave, self.protocol = behave, protocol
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.connections = []

    def __enter__(self):
        self.thread = threading.Thread(target=self._accept)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        for connection, thread in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            thread.join()
            connection.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self.connections.append((connection, thread))
            thread.start()

    def _serve(self, connection):
        try:
            self.behave(connection)
        except OSError:
            pass


def receive_upgrade(connection):
    """The upgrade request; returns the value that accepts it."""
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(4096)
        if not piece:
            raise ConnectionError("the client has gone before its upgrade request was whole")
        head += piece
    key = next(line for line in head.split(b"\r\n") if line.lower().startswith(KEY_FIELD))[len(KEY_FIELD):].strip()
    return accept_value(key.decode()).encode()


def upgrade(connection, extension=None):
    """A proper handshake, so that the misbehaviour comes after it."""
    accept = receive_upgrade(connection)
    field = b"Sec-WebSocket-Extensions: " + extension + b"\r\n" if extension else b""
    connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       b"Sec-WebSocket-Accept: " + accept + b"\r\n" + field + b"\r\n")


def echo(connection):
    """As it should be, for comparison; the connection is not closed as long as the server lives."""
    while piece := connection.recv(65536):
        connection.sendall(piece)


def receive_exactly(connection, count):
    """So many bytes."""
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError("the client has gone in the middle of a frame")
        data += piece
    return data


def echo_messages(connection):
    """The same by WebSocket, for whole messages below 64 KiB."""
    upgrade(connection)
    opcode = None
    while opcode != CLOSE:
        first, second = receive_exactly(connection, 2)
        opcode, length = first & 15, second & 127
        if length == 126:
            length, = struct.unpack("!H", receive_exactly(connection, 2))
        mask = receive_exactly(connection, 4)
        connection.sendall(reply(opcode, xor(receive_exactly(connection, length), mask)))
    connection.shutdown(socket.SHUT_WR)


def silent(connection):
    """Takes everything, answers nothing."""
    while connection.recv(65536):
        pass


def silent_after_upgrade(connection):
    """A WebSocket that opens, and that is all."""
    upgrade(connection)
    silent(connection)


def forgetful(connection):
    """Answers once, never again."""
    connection.sendall(connection.recv(65536))
    silent(connection)


def wrong_bytes(connection):
    """One bit is wrong in the tenth answer."""
    for turn in range(1000000):
        data = bytearray(connection.recv(65536))
        if not data:
            return
        if turn == 10:
            data[0] ^= 1
        connection.sendall(data)


def break_off(connection):
    """A reset after some answers."""
    for _ in range(10):
        connection.sendall(connection.recv(65536))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def leave(connection):
    """FIN after some answers."""
    for _ in range(10):
        connection.sendall(connection.recv(65536))
    connection.shutdown(socket.SHUT_WR)
    silent(connection)


def unavailable(connection):
    """An HTTP server that has better things to do."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    connection.shutdown(socket.SHUT_WR)
    silent(connection)


def close_1011(connection):
    """A WebSocket that closes with a code in place of the first answer."""
    upgrade(connection)
    connection.recv(65536)
    connection.sendall(b"\x88\x02\x03\xf3")
    silent(connection)


def reserved_opcode(connection):
    """A WebSocket that breaks the protocol."""
    upgrade(connection)
    connection.recv(65536)
    connection.sendall(b"\x83\x00")
    silent(connection)


# What it does, in which protocol, and what the load generator calls that: at once, and after a timeout.
NAMED = [
    (wrong_bytes, "echo", "mismatch"),
    (break_off, "echo", "reset_mid_run"),
    (leave, "echo", "eof_mid_run"),
    (silent, "echo", "starved"),
    (unavailable, "ws", "handshake_rejected"),
    (silent_after_upgrade, "ws", "starved"),
    (close_1011, "ws", "protocol_error"),
    (reserved_opcode, "ws", "protocol_error"),
]
NAMED_LATE = [
    (forgetful, "echo", "reply_timeout"),
    (silent, "ws", "handshake_timeout"),
]
