"""Three nodes of ws_demo behind a real nginx and a real HAProxy, with the configurations of docs/deploy."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import pytest

from clients import WebSocket
from phones import Phone, talk
from real_proxies import free_ports
from redis_server import Redis
from rooms import Member
from timing import seconds, wait_until

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "docs/deploy"
COMMANDS = {
    "nginx": lambda program, path, directory: [program, "-p", directory, "-c", path, "-e", "stderr"],
    "haproxy": lambda program, path, directory: [program, "-db", "-f", path],
}
FILES = {"nginx": "nodes-nginx.conf", "haproxy": "nodes-haproxy.cfg"}


@pytest.fixture(name="demo")
def fixture_demo(plain_demo):
    """It is the proxy that speaks TLS, if anybody."""
    return plain_demo


class Balancer:
    """nginx or HAProxy before these servers; for a client it is a server."""

    def __init__(self, name, servers, directory):
        program = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
        if not program:
            pytest.skip(f"there is no {name}: scripts/setup.sh --proxies")
        [self.port] = free_ports(1)  # not one that the kernel may give to a client meanwhile
        ports = {"8080": self.port, **{str(8081 + number): server.port for number, server in enumerate(servers)}}
        text = (DEPLOY / FILES[name]).read_text(encoding="utf-8")
        assert {found for found in re.findall(r"\b80\d\d\b", text)} == set(ports)
        path = directory / FILES[name]
        path.write_text(re.sub(r"\b80\d\d\b", lambda found: str(ports[found[0]]), text), encoding="utf-8")
        self.command = COMMANDS[name](program, path, directory)
        self.log = directory / "log"

    @property
    def address(self):
        """Where to connect to."""
        return ("127.0.0.1", self.port)

    def alive(self):
        """Has it not ended?"""
        return self.process.poll() is None

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self._answers, f"{self.command[0]} answers")
        return self

    def _answers(self):
        assert self.alive(), self.log.read_text(encoding="utf-8")
        with contextlib.suppress(OSError), socket.create_connection(self.address):
            return True
        return False

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(seconds(10))


@pytest.mark.parametrize("name", list(COMMANDS))
def test_three_nodes_behind_a_balancer(demo, tmp_path, name):
    """Connections are dealt out to all of them; one is killed while everybody talks: nothing is lost, nothing comes twice."""
    with Redis() as redis, contextlib.ExitStack() as opened:
        nodes = [demo("--redis", redis.place, "--node", node) for node in "ABC"]
        if b"without libhiredis" in pathlib.Path(nodes[0].command[0]).read_bytes():
            pytest.skip("ws_demo is built without libhiredis: scripts/setup.sh --proxies")
        for node in nodes:
            opened.enter_context(node)
        balancer = opened.enter_context(Balancer(name, nodes, tmp_path))
        members = [opened.enter_context(contextlib.closing(Member(balancer, room="other"))) for _ in range(6)]
        assert {member.hello["node"] for member in members} == set("ABC")
        feeds = set()
        for _ in range(3):
            with contextlib.closing(WebSocket(balancer, handshake=False)) as peer:
                peer.send(f"GET /feed/poll?after=-1 HTTP/1.1\r\nHost: 127.0.0.1:{balancer.port}\r\n\r\n".encode())
                status, headers = peer.receive_head()
                assert (status, headers["content-type"]) == (200, "application/json")
                feeds.add(json.loads(peer.receive(int(headers["content-length"])))["last"])
        assert max(feeds) - min(feeds) <= 1  # all of one node: the others have other numbers, sooner or later
        phones = [Phone([balancer], number, [f"{number}:{text}" for text in range(10)]) for number in range(9)]
        talk(phones, [(40, lambda: (nodes[1].signal(signal.SIGKILL), nodes[1].wait()))])
        assert any(phone.joins > 1 for phone in phones)
