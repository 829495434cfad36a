"""A real Redis for a test: on a port of its own, in a directory of its own, and a proxy before it that does what
networks do."""
import contextlib
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pytest

from timing import Deadline, seconds, wait_until

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "scripts/suite"))
import redis_program  # pylint: disable=wrong-import-position


def free_port():
    """A port that nobody has just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RedisError(Exception):
    """What Redis has answered with `-`."""


class Connection:
    """Commands to Redis, one after the other (https://redis.io/docs/latest/develop/reference/protocol-spec/)."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), seconds(10))
        self.file = self.socket.makefile("rb")

    def close(self):
        """The end."""
        self.file.close()
        self.socket.close()

    def __call__(self, *words):
        encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded))
        return self._answer()

    def _answer(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError("Redis has closed")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RedisError(rest.decode())
        if kind == b"$":
            return None if rest == b"-1" else self.file.read(int(rest) + 2)[:-2].decode("utf-8", "surrogateescape")
        if kind == b"*":
            return None if rest == b"-1" else [self._answer() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest.decode()


class Redis:
    """`with Redis() as redis:` starts it; the end of the block kills it. It keeps all it has acknowledged, unless `options`
    say otherwise."""

    KEEPS = ("--appendonly", "yes", "--appendfsync", "always")

    def __init__(self, *options):
        if not redis_program.find():
            pytest.skip("there is no redis-server: scripts/setup.sh --nodes")
        self.options = options or self.KEEPS
        self.port = free_port()
        self.process = None

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="blackbox-redis-")
        self.start()
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        self.directory.cleanup()

    @property
    def place(self):
        """HOST:PORT."""
        return f"127.0.0.1:{self.port}"

    def start(self):
        """Starts it, again too, and waits until it answers."""
        with open(os.path.join(self.directory.name, "log"), "ab") as log:
            self.process = subprocess.Popen(
                redis_program.words(self.port, self.directory.name, *self.options), executable=redis_program.find(),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self._answers, "Redis answers")

    def _answers(self):
        assert self.process.poll() is None, "Redis has ended: see its log"
        try:
            self("PING")
        except (OSError, EOFError):
            return False
        except RedisError as error:
            return not str(error).startswith("LOADING")
        return True

    def kill(self):
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def signal(self, signum):
        """Any other."""
        self.process.send_signal(signum)

    def __call__(self, *words):
        """One command over a new connection."""
        connection = Connection(self.port)
        try:
            return connection(*words)
        finally:
            connection.close()


class Proxy:
    """Between ws_demo and Redis. `change(command, answer)` may be set: it gets all bytes that come from Redis, and returns
    what goes on; None cuts both connections instead. `delay` in seconds holds them back."""

    def __init__(self, port):
        self.behind = port
        self.delay = 0
        self.change = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs = []
        self.is_over = False
        self.thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def place(self):
        """HOST:PORT."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()

    def cut(self):
        """Ends all connections that there are."""
        for pair in list(self.pairs):
            for end in pair:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while not self.is_over:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.behind))
        except OSError:
            client.close()
            return
        pair = (client, server)
        self.pairs.append(pair)
        asked = b""
        with contextlib.suppress(OSError):
            while True:
                ready, _, _ = select.select(pair, [], [])
                if client in ready:
                    asked = client.recv(1 << 20)
                    if not asked:
                        break
                    server.sendall(asked)
                if server in ready:
                    answer = server.recv(1 << 20)
                    time.sleep(self.delay)
                    if answer and self.change:
                        answer = self.change(asked, answer)
                    if not answer:
                        break
                    client.sendall(answer)
        self.pairs.remove(pair)
        client.close()
        server.close()


def read_until(member, kind, plain=10, **wanted):
    """The next object of this type in which these values are; others are passed over."""
    deadline = Deadline(plain, f"a {kind} with {wanted}")
    while True:
        deadline.left()
        message = member.hear()
        assert message is not None, f"the connection ended before a {kind} with {wanted}"
        if message["type"] == kind and all(message.get(name) == value for name, value in wanted.items()):
            return message
