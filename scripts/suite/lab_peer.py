"""lab_peer.py - a client of a student's server. It waits as long as the server does anything, and no longer."""
import socket
import struct

CLOSED, RESET, STUCK, BUSY = "closed", "reset", "stuck", "busy"


class Peer:
    """For a `with`. `why` says why receive() brought less than it was asked for: CLOSED (the server's FIN), RESET, STUCK
    (the server sleeps, or has ended), BUSY (it runs, and nothing came until the check's time was over). `address` is
    where it comes from: any of 127.0.0.0/8."""

    def __init__(self, program, port, receive_buffer=None, address=None):
        self.program, self.why = program, None
        self.socket = socket.socket()
        self.socket.settimeout(5)  # only connect(), whose answer is the kernel's
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if address:
            self.socket.bind((address, 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        """As much as fits into the socket now. Returns how much that was."""
        try:
            return self.socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self.why, self.program.may_be_ending = RESET, True
            return 0

    def receive(self, count):
        """`count` bytes, or what came until there can be no more."""
        data = bytearray()
        while len(data) < count and self._wait():
            more = self._read(count - len(data))
            if not more:
                break
            data += more
        return bytes(data)

    def receive_now(self, count):
        """What has come by now, up to `count` bytes. It does not wait. `why` is CLOSED or RESET where nothing more can
        come, else None."""
        self.why = None
        return self._read(count)

    def _wait(self):
        self.why = None
        if self.program.clock.wait(self.socket, self.program):
            return True
        self.why = BUSY if self.program.clock.is_over() else STUCK
        return False

    def _read(self, count):
        try:
            data = self.socket.recv(count)
        except BlockingIOError:
            return b""
        except OSError:
            self.why, self.program.may_be_ending = RESET, True
            return b""
        if not data:
            self.why, self.program.may_be_ending = CLOSED, True
        return data

    def is_answered(self, data=b"hello"):
        """Does the same come back?"""
        self.send(data)
        return self.receive(len(data)) == data

    def half_close(self):
        """Our FIN: we send no more, and still read."""
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self):
        """FIN, unless it is closed already."""
        self.socket.close()
