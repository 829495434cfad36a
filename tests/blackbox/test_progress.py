"""loadgen --progress FD: what each client is doing, while the run goes on."""
import contextlib
import json
import os
import subprocess

import pytest

from timing import seconds

STANDINGS = {"away", "connecting", "unserved", "served", "waiting", "idle", "done"}


@pytest.fixture(name="told")
def fixture_told(build_dir):
    """told(server, option...): yields the lines as they come, until the run ends."""
    @contextlib.contextmanager
    def make(server, *options):
        reading, writing = os.pipe()
        words = [build_dir / "loadgen/loadgen", "--protocol", server.protocol, "--port", server.port, "--warmup", 0, *options,
                 "--progress", writing]
        process = subprocess.Popen([str(word) for word in words], pass_fds=(writing,), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        os.close(writing)
        try:
            with open(reading, encoding="utf-8") as stream:
                yield process, map(json.loads, stream)
        finally:
            process.kill()
            process.communicate()
    return make


def until(lines, condition):
    """The first line of which it is true."""
    seen = []
    for line in lines:
        seen.append(line)
        if condition(line):
            return line
    raise AssertionError(seen[-3:])


@pytest.mark.parametrize("io", ["io_uring", "epoll"])
def test_who_is_served_and_who_waits(server_of, told, io):
    """2 workers, 4 places to wait in, 9 clients: 2 are served, 4 were never, 3 are refused."""
    with server_of("pseudo_async", "echo", "--workers", 2, "--queue", 4) as server, \
            told(server, "--clients", 9, "--duration", 30, "--ramp", 1, "--client-rate", 40, "--io", io) as (process, lines):
        line = until(lines, lambda line: line["clients"]["served"] == 2 and line["clients"]["unserved"] == 4)
        assert set(line) == {"line", "phase", "elapsed_s", "messages", "clients", "failures"}
        assert set(line["clients"]) == STANDINGS
        assert sum(line["clients"].values()) + sum(line["failures"].values()) == 9
        assert line["failures"] and sum(line["failures"].values()) == 3
        more = until(lines, lambda later: later["messages"] > line["messages"])
        assert more["elapsed_s"] > line["elapsed_s"] and more["phase"] == "measuring"
        process.terminate()
        assert list(lines)[-1:] != [line]
        assert process.wait(seconds(20)) == 1, "3 clients have failed"


def test_who_asks_nothing_is_idle_and_who_waits_waits(server_of, told):
    """A handler that blocks: whoever was served before waits again. 5 of 8 never ask again."""
    with server_of("nio", "ws", "--handler-delay", 600) as server, \
            told(server, "--clients", 3, "--duration", 30) as (_, lines):
        until(lines, lambda line: line["clients"]["waiting"] == 3)
    with server_of("nio", "ws") as server, \
            told(server, "--clients", 8, "--active", 3, "--duration", 30, "--client-rate", 200) as (_, lines):
        line = until(lines, lambda line: line["clients"]["idle"] == 5 and line["clients"]["served"] == 3)
        assert line["failures"] == {}


def test_clients_that_are_cut_off_come_back(server_of, told):
    """--chaos flash: they are away, or connecting; then served again, and nobody has failed."""
    with server_of("nio", "echo") as server, \
            told(server, "--clients", 50, "--duration", seconds(4), "--client-rate", 20, "--chaos", "flash") as (process, lines):
        until(lines, lambda line: line["clients"]["served"] == 50)
        last = [line for line in lines if line["phase"] == "measuring"][-1]
        assert last["clients"]["served"] == 50 and last["failures"] == {}
        assert process.wait(seconds(20)) == 0


def test_nobody_who_reads_disturbs_no_run(server_of, build_dir):
    """A full pipe, and one whose reader has gone: the run is as long, and its report whole."""
    with server_of("nio", "echo") as server:
        for reader_stays in True, False:
            reading, writing = os.pipe()
            os.set_blocking(writing, False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(writing, b"x" * 4096)
            if not reader_stays:
                os.close(reading)
            done = subprocess.run([build_dir / "loadgen/loadgen", "--port", str(server.port), "--clients", "4", "--duration",
                                   "0.8", "--warmup", "0", "--progress", str(writing)], pass_fds=(writing,), check=False,
                                  capture_output=True, text=True, timeout=seconds(30))
            os.close(writing)
            if reader_stays:
                os.close(reading)
            assert (done.returncode, done.stderr) == (0, ""), done.stderr
            assert "failures      0" in done.stdout


@pytest.mark.parametrize("descriptor", ["0", "x", "77", "-1"])
def test_a_wrong_descriptor_is_one_line(build_dir, descriptor):
    """0 is stdin, and cannot be written to."""
    done = subprocess.run([build_dir / "loadgen/loadgen", "--progress=" + descriptor], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--progress" in done.stderr
