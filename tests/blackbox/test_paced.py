"""A paced run: it works on command, and is quiet between its slices."""
import collections
import contextlib
import json
import signal
import subprocess
import threading

import pytest

import misbehaving
from littles_law import assert_littles_law
from misbehaving import Misbehaving
from timing import seconds, wait_until

WRONG_COMMANDS = ["slice", "slice 1", "slice 1 0", "slice -1 10", "slice 1 nan", "slice 1 10 20", "slice 1e12 1", "sleep",
                  "x" * 300]

CONTRADICTIONS = [["--search", "rate"], ["--reconnect"], ["--duration", "1"], ["--warmup", "0"], ["--json", "-"],
                  ["--chaos", "flash"]]


class Paced:
    """A load generator that waits for commands."""

    def __init__(self, path, server, report, **options):
        options = {"protocol": server.protocol, "port": server.port, "json": report, **options}
        words = [str(word) for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        self.report_path = report
        self.process = subprocess.Popen([path, "--paced", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, bufsize=1)
        self.ready = self.line()

    def line(self):
        """The next line that it prints."""
        return json.loads(self.process.stdout.readline())

    def slice(self, skip_ms=5, window_ms=50):
        """What one slice measured."""
        self.process.stdin.write(f"slice {skip_ms} {window_ms}\n")
        return self.line()

    def end(self):
        """Its status and its report, after the last slice."""
        self.process.stdin.close()
        status = self.process.wait(seconds(10))
        return status, json.loads(self.report_path.read_text(encoding="utf-8"))


@pytest.fixture
def paced(loadgen):
    """paced(server, **options)"""
    with contextlib.ExitStack() as stack:
        def start(server, **options):
            run = Paced(loadgen.path, server, loadgen.report_path, **options)
            stack.enter_context(run.process)
            stack.callback(run.process.kill)
            return run
        yield start


@pytest.mark.parametrize("threads", [1, 3])
def test_slices_add_up_and_agree_with_the_server(server_of, protocol, paced, threads):
    """Each slice moves messages; together they are what the report and the server's own counters say."""
    with server_of("nio", protocol) as server:
        run = paced(server, clients=7, pipeline=4, threads=threads, server_pid=server.pid)
        assert run.ready["clients"]["connected"] == 7
        slices = [run.slice() for _ in range(4)]
        status, report = run.end()
        stats = server.stop()
    assert status == 0
    assert [one["number"] for one in slices] == [1, 2, 3, 4]
    assert all(0 <= one["messages"] <= one["span_messages"] for one in slices)
    assert all(one["window_s"] == 0.05 for one in slices)
    # 5 ms are skipped before. A load generator that the machine lets wait begins late, and its span is shorter: not all are.
    assert max(one["span_s"] for one in slices) >= 0.055
    assert not any(one["failures"] for one in slices)
    # On a busy machine a slice may pass in which the server, or the clients, have no turn.
    assert all(sum(one[name] for one in slices) > 0 for name in ("span_messages", "server_cpu_s", "client_cpu_s"))
    assert report["window"]["messages"] == sum(one["messages"] for one in slices)
    assert report["window"]["seconds"] == pytest.approx(0.2)
    assert report["totals"]["messages"] == 7 + sum(one["span_messages"] for one in slices), "7: the greetings"
    assert stats["bytes_in"] == report["totals"]["bytes_sent"]


def test_littles_law_holds_as_far_as_the_borders_of_the_windows_allow(server_of, paced):
    """Of four answers in each window one is in flight at its borders: far from 5%, and no reason to doubt the figures."""
    with server_of("bio", "echo", "--handler-delay", 10) as server:
        run = paced(server, clients=3)
        for _ in range(10):
            run.slice(skip_ms=5, window_ms=40)
        _, report = run.end()
    assert report["littles_law"]["deviation_explained"] >= 10 / 40
    assert_littles_law(report, in_flight=3, windows=10)


def test_a_slice_has_the_cpu_time_of_all_the_servers_processes(server_of, paced):
    """Of two on one port: more than either has used."""
    with server_of("nio", "echo", "--share-port") as one:
        with server_of("nio", "echo", "--share-port", "--port", one.port) as other:
            run = paced(one, clients=40, server_pid=f"{one.pid},{other.pid}")
            measured_s = sum(run.slice(window_ms=500)["server_cpu_s"] for _ in range(2))
            used_s = [server.cpu_seconds() for server in (one, other)]
            assert run.end()[0] == 0
    assert max(used_s) < measured_s <= sum(used_s) + 0.04, "ticks of 10 ms"


def test_between_two_slices_nothing_moves(server_of, paced):
    """The server gets no byte: it has no message more than the client counted when the slice was over."""
    with server_of("nio", "echo") as server:
        run = paced(server, clients=5)
        moved = run.slice()["span_messages"]
        run.process.kill()
        stats = server.stop()
    assert stats["bytes_in"] == 64 * (5 + moved)


def test_in_the_open_loop_each_slice_has_its_own_due_times(server_of, paced):
    """1,000 a second: 50 are due in 50 ms, in every slice, also after a pause."""
    with server_of("nio", "echo") as server:
        run = paced(server, clients=5, rate=1000)
        slices = [run.slice(skip_ms=20) for _ in range(3)]
        status, report = run.end()
    assert status == 0
    assert all(one["span_messages"] + one["unsent"] == 70 for one in slices)
    assert report["latency"]["response"]["count"] == 150


def test_a_server_that_forgets_is_waited_for_within_bounds(paced):
    """Answers once, never again: each slice ends, and says what is in flight."""
    with Misbehaving(misbehaving.forgetful, "echo") as server:
        run = paced(server, clients=3, timeout=0.5)
        first = run.slice()
        second = run.slice()
        status, report = run.end()
    assert first["messages"] == 0
    assert first["unfinished"] + first["failures"].get("reply_timeout", 0) == 3
    assert second["messages"] == 0
    assert status == 1
    assert report["failures"]["reply_timeout"] == 3


def test_disturbed_slices(server_of, paced):
    """The clients of --chaos come and go on command."""
    with server_of("nio", "echo") as server:
        run = paced(server, clients=3, chaos="garbage", chaos_clients=4)
        disturbed = 0
        for command in ("disturb", "calm", "disturb", "disturb", "calm"):
            run.process.stdin.write(command + "\n")
            disturbed += run.slice()["messages"] * (command == "disturb")
        status, report = run.end()
    assert status == 0
    assert report["window"]["messages"] == disturbed > 0, "the report is of the disturbed slices"
    assert report["window"]["seconds"] == pytest.approx(0.15)
    assert report["chaos"]["connections"] >= 4


def test_a_signal_ends_it_with_its_report(server_of, paced):
    """As with any other run; the report has what the slices until then have told. (On a busy machine one may pass in
    which nobody has a turn.)"""
    with server_of("nio", "echo") as server:
        run = paced(server, clients=3)
        messages = wait_until(lambda: run.slice()["messages"], "a slice in which a message is answered")
        run.process.send_signal(signal.SIGTERM)
        status, report = run.end()
    assert status == 0
    assert report["window"]["messages"] == messages


@pytest.mark.parametrize("command", WRONG_COMMANDS)
def test_a_wrong_command_is_one_line(server_of, paced, command):
    """And status 2."""
    with server_of("nio", "echo") as server:
        run = paced(server, clients=1)
        run.process.stdin.write(command + "\n")
        assert run.process.wait(seconds(10)) == 2
        assert len(run.process.stderr.read().splitlines()) == 1


@pytest.mark.parametrize("options", CONTRADICTIONS, ids=lambda options: options[0])
def test_what_a_paced_run_cannot_be(loadgen, options):
    """It keeps its connections, and commands say how long it works."""
    done = loadgen.run("--port", 1, "--paced", *options)
    assert done.returncode == 2
    assert "--paced" in done.stderr and len(done.stderr.splitlines()) == 1


def sometimes(behave, times, otherwise):
    """A behaviour for the first connections, and another one for those that come later."""
    places = threading.Semaphore(times)

    def either(connection):
        (behave if places.acquire(blocking=False) else otherwise)(connection)

    return either


@pytest.mark.parametrize("behave, protocol, failure", [*misbehaving.NAMED, *misbehaving.NAMED_LATE],
                         ids=lambda value: getattr(value, "__name__", value))
def test_each_failure_is_told_once(paced, behave, protocol, failure):
    """3 of 8 clients meet a server that misbehaves: the line `ready` and the lines of the slices tell of 3 failures of
    this class together, and of no others; so does the report; the other clients go on."""
    good = misbehaving.echo if protocol == "echo" else misbehaving.echo_messages
    with Misbehaving(sometimes(behave, 3, good), protocol) as server:
        run = paced(server, clients=8, timeout=1)
        lines = [run.ready]
        while sum(sum(line["failures"].values()) for line in lines) < 3 and len(lines) < 100:
            lines.append(run.slice(window_ms=100))
        lines.append(run.slice(window_ms=100))
        status, report = run.end()
    told = collections.Counter()
    for line in lines:
        told.update(line["failures"])
    assert told == {failure: 3}
    assert {name: count for name, count in report["failures"].items() if count} == {failure: 3}
    assert status == 1 and lines[-1]["span_messages"] >= 5
