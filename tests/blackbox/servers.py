"""A server under test: started on a port of its own choosing, ended with every check that a clean end deserves."""
import ctypes
import json
import os
import pathlib
import resource
import select
import signal
import subprocess
import sys
import tempfile

from timing import Deadline, seconds

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "scripts/suite"))
from threads import Watch, seen_in  # pylint: disable=wrong-import-position

EXECUTABLES = {
    "bio": "bio/bio_server",
    "pseudo_async": "pseudo_async/pseudo_async_server",
    "nio": "nio/nio_server",
    "aio": "aio/aio_server",
    "aio_future": "aio/aio_future_server",
    "ws_demo": "ws_demo/ws_demo",
}
ARGUMENTS = {"ws_demo": ["--echo"]}  # what makes it do what the others do
MODELS = list(EXECUTABLES)

# The io_uring ladder: small echo servers with no option but --port, and no statistics.
STEPS = {"step1_oneshot": "aio/aio_echo", **{name: f"aio/ladder/{name}" for name in (
    "step2_multishot_accept", "step3_multishot_recv", "step4_one_thread", "step5_direct",
    "step6_bundles")}}

# The first readings, and nio's with poll(2): the same. That of aio is the ladder's first step.
FIRST_READINGS = {name: f"{folder}/{name}" for folder, name in (
    ("bio", "bio_echo"), ("pseudo_async", "pseudo_async_echo"), ("nio", "nio_echo"), ("nio", "poll_echo"),
    ("aio", "aio_future_echo"))}
PROTOCOLS = ["echo", "ws"]

REPORTS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "MemorySanitizer", "runtime error:", "Assertion")

REFUSE_REASONS = {"descriptors", "memory", "threads", "queue_full", "clients"}
CLOSE_REASONS = {"peer", "handshake", "rejected", "protocol_error", "bad_utf8", "too_big", "no_memory", "reset",
                 "handshake_timeout", "dead_peer", "slow_reader", "shutdown", "tls", "truncated"}


def without_capabilities():
    """In a child, between fork and exec: root without what root may do (capabilities(7)), or the user who runs this."""
    pr_set_securebits, noroot_locked = 28, 0b11
    ctypes.CDLL(None).prctl(pr_set_securebits, noroot_locked, 0, 0, 0)


class Server:
    """`with Server(...) as server:` starts it; the end of the block ends it (SIGTERM) and checks how it ended."""

    def __init__(self, executable, model, protocol, options=(), descriptors=None, stderr=None, environment=None,
                 inherits=()):
        self.model = model
        self.protocol = protocol
        self.secure = bool(set(options) & {"--self-signed", "--certificate"})
        self.command = [str(executable), *ARGUMENTS.get(model, ()), "--port", "0", "--protocol", protocol, *map(str, options)]
        self.descriptors_max = descriptors
        self.stderr_instead = stderr
        self.environment = environment or {}
        self.inherits = inherits
        self.stats = None
        self.process = None
        self.host = "127.0.0.1"  # where to connect to; listen(): where it listens
        self.listens = "127.0.0.1"
        self.port = None

    def __enter__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="blackbox-")
        self.stats_path = os.path.join(self.directory.name, "stats.json")
        self.stderr = open(os.path.join(self.directory.name, "stderr"), "w+", encoding="utf-8", errors="replace")
        self.process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.stderr_instead or self.stderr,
                                        env={**os.environ, **self.environment}, pass_fds=self.inherits,
                                        preexec_fn=self._limit_descriptors)
        try:
            self.port = self._read_port()
        except BaseException:
            self._abandon()
            raise
        return self

    def __exit__(self, kind, error, trace):
        try:
            if kind is None and self.process.returncode is None:
                self.stop()
        except BaseException:
            kind = True
            raise
        finally:
            if kind is not None:
                print(f"{self.model}: stderr was: {self.errors()!r}")
            self._abandon()

    def listen(self, address, host=None):
        """On this address, before it is started; to be found at `host` (the same, unless it is given)."""
        self.listens, self.host = address, host or address
        self.command += ["--address", address]
        return self

    @property
    def address(self):
        """Where to connect to."""
        return (self.host, self.port)

    @property
    def place(self):
        """The same as text: an IPv6 address is in brackets."""
        return "{}:{}".format(f"[{self.host}]" if ":" in self.host else self.host, self.port)

    @property
    def pid(self):
        """Its process id."""
        return self.process.pid

    def signal(self, signum=signal.SIGTERM):
        """Sends a signal."""
        self.process.send_signal(signum)

    def wait(self, plain=10):
        """Waits for the exit and returns the status as a shell would show it: 128 + signal for one that was killed."""
        try:
            status = self.process.wait(seconds(plain))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.model} still runs after {seconds(plain):g} s") from None
        return status if status >= 0 else 128 - status

    def stop(self, plain=10):
        """SIGTERM, a clean exit, no sanitizer report, sane counters; returns the counters."""
        self.signal(signal.SIGTERM)
        return self.ended(plain)

    def ended(self, plain=10):
        """The same checks for a server that has its SIGTERM already."""
        status = self.wait(plain)
        assert not self.reports(), self.errors()
        assert status == 0, f"exit status {status}: {self.errors()}"
        return self._counters()

    def errors(self):
        """What it said on stderr so far."""
        self.stderr.flush()
        self.stderr.seek(0)
        return self.stderr.read()

    def reports(self):
        """The sanitizers' and assert's words on stderr; empty when all is well."""
        text = self.errors()
        return [word for word in REPORTS if word in text]

    def alive(self):
        """Has it not ended?"""
        return self.process.poll() is None

    def open_files(self):
        """How many descriptors it has in use."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def private_kib(self):
        """Memory that is this process's alone."""
        return sum(int(line.split()[1]) for line in self._proc("smaps_rollup").splitlines()
                   if line.startswith(("Private_Clean", "Private_Dirty")))

    def address_space(self):
        """Bytes of address space in use: what RLIMIT_AS limits."""
        return int(self._proc("statm").split()[0]) * resource.getpagesize()

    def cpu_seconds(self):
        """User and system time spent so far."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def spins(self, looks=50):
        """Does a thread run on and on without sleeping? In nearly every look it is running or ready to run, and what CPU
        it is given, much or little, it uses up without going to sleep. The first alone is not enough: a thread that wakes
        every 10 ms may do so just when it is looked at, and one that waits for its turn on a busy machine is ready too."""
        watch = Watch(lambda: seen_in(self.pid))
        watch.look(looks)
        return any(cpu_s > 0.005 * (1 + sleeps) for cpu_s, sleeps in watch.always_ready())

    def _proc(self, name):
        with open(f"/proc/{self.pid}/{name}", encoding="ascii") as file:
            return file.read()

    def _command(self):
        return [*self.command, "--stats", self.stats_path]

    def _counters(self):
        with open(self.stats_path, encoding="utf-8") as file:
            self.stats = json.load(file)
        check_stats(self.stats, self.model, self.protocol)
        return self.stats

    def _limit_descriptors(self):
        if self.descriptors_max is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self.descriptors_max, self.descriptors_max))

    def _read_port(self):
        deadline = Deadline(10, f"{self.model} says `listening on`")
        pipe = self.process.stdout.fileno()
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([pipe], [], [], deadline.left())
            if ready:
                byte = os.read(pipe, 1)
                assert byte, f"{self.model} ended before it listened, status {self.wait()}: {self.errors()}"
                line += byte
        words = line.decode()
        where = f"[{self.listens}]" if ":" in self.listens else self.listens
        assert words.startswith(f"listening on {where}:"), words
        return int(words.rpartition(":")[2])

    def _abandon(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.stderr.close()
        self.directory.cleanup()


class Place:
    """Where a client can connect to, beside a Server's own address: another address of it, or a proxy before it."""

    def __init__(self, address, port=80, protocol="ws"):
        self.address, self.port, self.protocol = address, port, protocol


class Demo(Server):
    """ws_demo as it is meant: with its page."""

    def __init__(self, executable, options=(), **limits):
        super().__init__(executable, "ws_demo", "ws", options, **limits)
        self.command = [str(executable), "--port", "0", *map(str, options)]


class Step(Server):
    """A step of the ladder: echo only, and it counts nothing."""

    def __init__(self, executable, step, **limits):
        super().__init__(executable, step, "echo", **limits)

    def _command(self):
        return [self.command[0], "--port", "0"]

    def _counters(self):
        return None


def why_not(path):
    """Why an io_uring server cannot run here; empty when it can."""
    if not path.exists():
        return f"{path.name} is not built: liburing was not found when the build was configured"
    probe = subprocess.run([path, "--probe"], capture_output=True, text=True, timeout=seconds(10), check=False)
    return f"{path.name} --probe: {probe.stderr.strip()}" if probe.returncode == 2 else ""


def check_stats(stats, model, protocol):
    """Counters that contradict each other are worse than none."""
    assert stats["server"] in (model, f"{model}_server")
    assert stats["protocol"] == protocol
    assert set(stats["refused"]) == REFUSE_REASONS
    assert set(stats["closed"]) == CLOSE_REASONS
    assert (stats["messages"] is None) == (protocol == "echo")
    numbers = [*stats["refused"].values(), *stats["closed"].values(),
               *(stats[name] for name in ("accepted", "active", "peak", "bytes_in", "bytes_out", "waits", "events", "submissions", "short_sends",
                                            "would_blocks", "overflows", "no_buffers"))]
    assert all(isinstance(number, int) and number >= 0 for number in numbers), stats
    assert stats["active"] == 0, stats
    assert stats["accepted"] == sum(stats["closed"].values()), stats
    assert stats["peak"] <= stats["accepted"], stats
