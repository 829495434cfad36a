"""prefix.py - a proxy that puts a server below a prefix: it takes the prefix off, and what is asked without it is not
there."""
import contextlib
import socket
import socketserver
import threading

PREFIX = b"/class/demo"
NOT_THERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Below(socketserver.ThreadingTCPServer):
    """Passes requests on to a port of this machine. `strangers`: request lines without the prefix."""

    scheme = "http"
    allow_reuse_address = daemon_threads = True

    def __init__(self, goal):
        super().__init__(("127.0.0.1", 0), Connection)
        self.goal, self.strangers = ("127.0.0.1", goal), []
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A connection that breaks is none of ours."""


class Connection(socketserver.BaseRequestHandler):
    """One of a browser's."""

    def handle(self):
        with socket.create_connection(self.server.goal) as server:
            threading.Thread(target=copy, args=(server, self.request), daemon=True).start()
            waiting = b""
            while piece := self.request.recv(65536):
                waiting += piece
                while b"\r\n\r\n" in waiting:
                    head, _, waiting = waiting.partition(b"\r\n\r\n")
                    if not head.startswith(b"GET " + PREFIX + b"/"):
                        self.server.strangers.append(head.split(b"\r\n")[0].decode())
                        self.request.sendall(NOT_THERE)
                        return
                    server.sendall(head.replace(PREFIX, b"", 1) + b"\r\n\r\n")
                    if b"\r\nUpgrade: " in head:
                        server.sendall(waiting)
                        copy(self.request, server)
                        return


def copy(one, other):
    """Until its end."""
    with contextlib.suppress(OSError):
        while piece := one.recv(65536):
            other.sendall(piece)
        other.shutdown(socket.SHUT_WR)
