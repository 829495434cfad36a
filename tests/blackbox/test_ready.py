"""`listening on` is said last: who reads it may count on the whole server, and measure it."""
import fcntl
import os
import platform
import subprocess

import pytest

from clients import Peer
from servers import ARGUMENTS, EXECUTABLES, STEPS
from test_options import TWINS
from timing import seconds, wait_until

WRITE = {"x86_64": 1, "aarch64": 64, "riscv64": 64}
PROGRAMS = {**EXECUTABLES, **STEPS, "floor_server": "floor/floor_server", "floor_threads": "floor/floor_threads",
            **{os.path.basename(path): path for path in TWINS}}


class Muted:
    """A server whose stdout is a full pipe: it waits in the very call that says `listening on`, until it is read."""

    def __init__(self, path, arguments):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        size = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, os.sysconf("SC_PAGESIZE"))
        assert os.write(writer, b"\n" * size) == size
        os.set_blocking(writer, True)
        self.reader = os.fdopen(reader, "r", encoding="ascii")
        self.process = subprocess.Popen([path, *arguments, "--port", "0"], stdout=writer, stderr=subprocess.PIPE, text=True)
        os.close(writer)
        self.pid = self.process.pid
        self.address = self.protocol = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.process.terminate()
        self.reader.close()
        try:
            self.process.communicate(timeout=seconds(10))
        finally:
            self.process.kill()
            self.process.wait()

    def is_about_to_say_it(self):
        """It sleeps in write(1, ...). False when it has ended instead."""
        if self.process.poll() is not None:
            pytest.skip(self.process.stderr.read())
        with open(f"/proc/{self.pid}/syscall", encoding="ascii") as file:
            words = file.read().split()
        return words[:2] == [str(WRITE[platform.machine()]), "0x1"]

    def hear(self):
        """Reads the line."""
        line = self.reader.readline()
        while line == "\n":
            line = self.reader.readline()
        assert line.startswith("listening on 127.0.0.1:"), line
        self.address, self.protocol = ("127.0.0.1", int(line.rpartition(":")[2])), "echo"

    def holdings(self):
        """What its descriptors are, and how many threads it has."""
        kinds = []
        for number in os.listdir(f"/proc/{self.pid}/fd"):
            try:
                kinds.append(os.readlink(f"/proc/{self.pid}/fd/{number}").partition(":[")[0])
            except FileNotFoundError:
                pass  # closed meanwhile
        return sorted(kinds), len(os.listdir(f"/proc/{self.pid}/task"))

    def private_kib(self):
        """Memory that is this process's alone."""
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith(("Private_Clean", "Private_Dirty")))


@pytest.fixture(params=PROGRAMS)
def muted(request, build_dir):
    """Each program that says the line, just before it says it."""
    path = build_dir / PROGRAMS[request.param]
    if not path.exists():
        pytest.skip(f"{path} is not built")
    if platform.machine() not in WRITE:
        pytest.skip("the number of write(2) is not known here")
    with Muted(path, ARGUMENTS.get(request.param, ())) as server:
        wait_until(server.is_about_to_say_it, f"{request.param} says that it listens")
        yield server


@pytest.mark.heavy("a sanitizer has threads, descriptors and memory of its own")
def test_nothing_is_set_up_after_listening_on(muted, request):
    """Descriptors and threads, and but for a little its memory, are those that it has when a client has been served."""
    before, memory = muted.holdings(), muted.private_kib()
    muted.hear()
    if "half_packet" not in request.node.name:  # it speaks ws only
        with Peer(muted) as peer:
            peer.roundtrip()
    if "rebuilt_selector" in request.node.name:  # it keeps a descriptor of its client: that is its mistake
        return
    wait_until(lambda: muted.holdings() == before, f"{before} are all that it has, it has {muted.holdings()}")
    assert muted.private_kib() - memory < 1024, "memory taken after it said that it was ready"
