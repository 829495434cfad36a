"""Clients that no one here wrote: Python's websockets and node's ws, as Debian has them, talk to every server.

Only what they document is called: each version of Debian has another version of them.
"""
import asyncio
import json
import os
import pathlib
import signal
import subprocess

import pytest

from clients import pattern
from timing import seconds

pytestmark = pytest.mark.dealt("what it tests is in common/", "model", "protocol")

websockets = pytest.importorskip("websockets", reason="python3-websockets is not installed")
pytest.importorskip("websockets.extensions.permessage_deflate")

NODE_CLIENT = pathlib.Path(__file__).resolve().parents[1] / "interop/client.js"
NODE = pathlib.Path("/usr/bin/node")
NODE_MODULES = pathlib.Path("/usr/share/nodejs")  # Debian's; another node than Debian's does not look there by itself
MESSAGE_MAX = 16 * 1024 * 1024
SIZES = [0, 1, 125, 126, 127, 65535, 65536, 1024 * 1024]


def talk(server, conversation, **more):
    """Runs `conversation(websocket)` on one connection of Python's websockets, with a deadline."""

    async def run():
        options = {"max_size": None, "ping_interval": None, "open_timeout": seconds(10), "close_timeout": seconds(10), **more}
        async with websockets.connect(f"ws://127.0.0.1:{server.port}/", **options) as socket:
            await conversation(socket)

    asyncio.run(asyncio.wait_for(run(), seconds(30)))


def test_python_sizes_and_types(serve):
    """Text and binary, 0 bytes to 1 MiB, each length encoding; fragments; pings in between."""

    async def conversation(socket):
        for size in SIZES:
            for message in (pattern(size), "ü" * (size // 2)):
                await socket.send(message)
                assert await socket.recv() == message
        await socket.send(["in ", "three ", "pieces"])
        assert await socket.recv() == "in three pieces"
        await (await socket.ping(b"are you there?"))
        await socket.send("still in step")
        assert await socket.recv() == "still in step"

    with serve("ws", "--message-max", MESSAGE_MAX) as server:
        talk(server, conversation)


@pytest.mark.parametrize("bits", [9, 12, 15])
def test_python_compresses(serve, bits):
    """It offers permessage-deflate by default, with both windows; what it inflates must be what it has sent."""

    async def conversation(socket):
        agreed = socket.response_headers if hasattr(socket, "response_headers") else socket.response.headers
        assert agreed["Sec-WebSocket-Extensions"] == (
            f"permessage-deflate; server_max_window_bits={min(bits, 12)}; client_max_window_bits={bits}")
        for size in SIZES:
            for message in (pattern(size), "ü" * (size // 2), "text, " * (size // 6)):
                await socket.send(message)
                assert await socket.recv() == message
        await socket.send(["in ", "three ", "pieces"])
        assert await socket.recv() == "in three pieces"

    offer = websockets.extensions.permessage_deflate.ClientPerMessageDeflateFactory(
        server_max_window_bits=12, client_max_window_bits=True)
    with serve("ws", f"--deflate={bits}", "--message-max", MESSAGE_MAX) as server:
        talk(server, conversation, extensions=[offer], compression=None)
        stats = server.stop()
        assert stats["bytes_out"] < stats["bytes_in"] * 1.1


@pytest.mark.parametrize("code, reason", [(1000, ""), (3000, "done"), (4999, "ü" * 61)])
def test_python_closes(serve, code, reason):
    """The client's code is echoed."""

    async def conversation(socket):
        await socket.close(code, reason)
        assert socket.close_code == code

    with serve("ws") as server:
        talk(server, conversation)
        assert server.stop()["closed"]["handshake"] == 1


def test_python_hears_1009_while_it_is_sending(serve):
    """Too big: the client is told, even in the midst of its sending. (What is not UTF-8 node's ws sends, below.)"""

    async def conversation(socket):
        with pytest.raises(websockets.ConnectionClosed):
            await socket.send(bytes(1024 * 1024))
            await socket.recv()
        await socket.wait_closed()
        assert socket.close_code == 1009

    with serve("ws") as server:
        talk(server, conversation)


def test_python_hears_1001_at_shutdown(serve):
    """Going away."""
    with serve("ws") as server:

        async def conversation(socket):
            await socket.send("hello")
            await socket.recv()
            server.signal(signal.SIGTERM)
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 1001

        talk(server, conversation)
        server.ended()


@pytest.fixture
def node_client():
    """node_client(server, check...): runs the script of tests/interop as a child process."""
    if not NODE.exists() or not (NODE_MODULES / "ws").is_dir():
        pytest.skip("node-ws is not installed: scripts/setup.sh --test")

    def start(server, *checks):
        return subprocess.Popen([NODE, NODE_CLIENT, f"ws://127.0.0.1:{server.port}/", *checks],
                                stdout=subprocess.PIPE, text=True, env={**os.environ, "NODE_PATH": str(NODE_MODULES)})

    return start


def outcomes(child):
    """What the script found: {check: "ok" or what was wrong}."""
    try:
        output, _ = child.communicate(timeout=seconds(30))
    finally:
        child.kill()
    assert child.returncode == 0
    return {line["check"]: line["result"] for line in map(json.loads, output.splitlines())}


def test_node_sizes_types_and_close_codes(serve, node_client):
    """The same for node's ws."""
    with serve("ws", "--message-max", MESSAGE_MAX) as server:
        found = outcomes(node_client(server, "sizes", "fragments", "ping", "close"))
    assert len(found) == 2 * len(SIZES) + 2 + 3
    assert set(found.values()) == {"ok"}, found


def test_node_compresses(serve, node_client):
    """It offers it by default, and compresses what has 1,024 bytes or more."""
    with serve("ws", "--deflate", "--message-max", MESSAGE_MAX) as server:
        found = outcomes(node_client(server, "sizes", "fragments", "ping", "close"))
        stats = server.stop()
    assert len(found) == 2 * len(SIZES) + 2 + 3 and set(found.values()) == {"ok"}, found
    assert stats["bytes_in"] < 1.2 * sum(SIZES), "the text was compressed"


def test_node_hears_why_the_server_closes(serve, node_client):
    """1009 and 1007."""
    with serve("ws") as server:
        assert outcomes(node_client(server, "violations")) == {"too big: 1009": "ok", "not UTF-8: 1007": "ok"}


def test_node_hears_1001_at_shutdown(serve, node_client):
    """Going away."""
    with serve("ws") as server:
        child = node_client(server, "shutdown")
        assert json.loads(child.stdout.readline())["check"] == "open"
        server.signal(signal.SIGTERM)
        assert outcomes(child) == {"shutdown: 1001": "ok"}
        server.ended()
