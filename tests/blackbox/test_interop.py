"""Clients that no one here wrote: Python's websockets and npm's ws talk to every server."""
import asyncio
import json
import pathlib
import shutil
import signal
import subprocess

import pytest

from clients import pattern
from timing import seconds

websockets = pytest.importorskip("websockets", reason="python3-websockets is not installed")

INTEROP = pathlib.Path(__file__).resolve().parents[1] / "interop"
MESSAGE_MAX = 16 * 1024 * 1024
SIZES = [0, 1, 125, 126, 127, 65535, 65536, 1024 * 1024]


def talk(server, conversation):
    """Runs `conversation(websocket)` on one connection of Python's websockets, with a deadline."""

    async def run():
        options = {"max_size": None, "ping_interval": None, "open_timeout": seconds(10), "close_timeout": seconds(10)}
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


@pytest.mark.parametrize("code, reason", [(1000, ""), (3000, "done"), (4999, "ü" * 61)])
def test_python_closes(serve, code, reason):
    """The client's code is echoed."""

    async def conversation(socket):
        await socket.close(code, reason)
        assert socket.close_code == code

    with serve("ws") as server:
        talk(server, conversation)
        assert server.stop()["closed"]["handshake"] == 1


@pytest.mark.parametrize("code, message", [(1009, (2, bytes(1024 * 1024))), (1007, (1, b"caf\xe9"))])
def test_python_hears_why_the_server_closes(serve, code, message):
    """Too big, and not UTF-8: the client is told, even in the midst of its sending."""

    async def conversation(socket):
        try:
            await socket.write_frame(True, *message)
            await socket.recv()
        except websockets.ConnectionClosed:
            pass
        await socket.wait_closed()
        assert socket.close_code == code

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
    """node_client(server, message_max): runs the script of tests/interop as a child process."""
    node = shutil.which("node")
    if not node:
        pytest.skip("node is not installed")
    if not (INTEROP / "node_modules/ws").is_dir():
        pytest.skip(f"npm's ws is not installed: run `npm ci` in {INTEROP.name}/")

    def start(server, *checks):
        return subprocess.Popen([node, INTEROP / "client.js", f"ws://127.0.0.1:{server.port}/", *checks],
                                stdout=subprocess.PIPE, text=True)

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
    """The same for npm's ws."""
    with serve("ws", "--message-max", MESSAGE_MAX) as server:
        found = outcomes(node_client(server, "sizes", "fragments", "ping", "close"))
    assert len(found) == 2 * len(SIZES) + 2 + 3
    assert set(found.values()) == {"ok"}, found


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
