"""lab_program.py - a student's program while it is judged: started with limits, watched, and ended with all it started.

What it does is judged by its threads' states (proc(5)), never by the clock: a program is *stuck* when all its threads
sleep and none has run between several looks.
"""
import contextlib
import ctypes
import math
import os
import resource
import select
import signal
import subprocess
import time

import process
import threads
from threads import LOOK_S

LOOKS = 8            # of a program that is asleep in all of them, nothing more is expected;
TIMER_LOOKS = 50     # or in these, if a timer wakes it now and then
SPIN_S = 0.2         # of CPU without a sleep: that is no work
SILENT_S = 1         # of CPU, and nothing to read: nothing is expected any more
SAID_MAX = 64 * 1024  # LIMIT: bytes that are kept of what it says
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h

_prctl = ctypes.CDLL(None).prctl


class Limits:
    """What it may use. A program that writes a file gets SIGXFSZ at the first byte; one that starts threads without end
    is told EAGAIN, and so is, sooner, one that forks (labs/few_forks.c)."""

    def __init__(self, descriptors=256, memory_mib=None, cpu_s=20):
        self.values = {resource.RLIMIT_NOFILE: descriptors, resource.RLIMIT_CPU: cpu_s, resource.RLIMIT_FSIZE: 0,
                       resource.RLIMIT_CORE: 0, resource.RLIMIT_NPROC: own_tasks() + 4000}
        if memory_mib:
            self.values[resource.RLIMIT_AS] = memory_mib << 20

    def set(self):
        """In the child."""
        for limit, value in self.values.items():
            hard = resource.getrlimit(limit)[1]
            hard = math.inf if hard == resource.RLIM_INFINITY else hard
            # At the soft limit of CPU time comes SIGXCPU, which says what it is; at the hard one SIGKILL.
            more = 1 if limit == resource.RLIMIT_CPU else 0
            resource.setrlimit(limit, (min(value, hard), min(value + more, hard)))


def own_tasks():
    """How many threads this user has: RLIMIT_NPROC counts all of them."""
    count = 0
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if name.isdigit() and os.stat(f"/proc/{name}").st_uid == os.getuid():
                count += len(os.listdir(f"/proc/{name}/task"))
    return count


class Program:
    """For a `with`. Its standard output is read by line(); its standard error is kept, up to a pipe's size."""

    def __init__(self, words, limits, clock):
        _prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # whoever it leaves behind becomes our child
        self.clock, self.status, self.closed_output = clock, None, False
        self.may_be_ending = False  # something of it has been closed: a process that ends closes before it is gone
        parent = os.getpid()

        def begin():
            process.die_with(parent)
            limits.set()
        self.process = subprocess.Popen(
            [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True, preexec_fn=begin, cwd=os.path.dirname(words[0]),
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "detect_leaks=0"})
        self.pid = self.process.pid
        self._said = {}
        for stream in self.process.stdout, self.process.stderr:
            self._said[stream] = bytearray()
            os.set_blocking(stream.fileno(), False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        """Ends it, its process group, and what has left that."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.ended()
        self.process.wait()
        self.drain()
        for stream in self.process.stdout, self.process.stderr:
            stream.close()
        for child in orphans():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass

    # ------------------------------------------------------------------ what it says

    def drain(self):
        """Takes what it has said, so that it never waits for a reader; beyond SAID_MAX that is dropped. Was there any?"""
        came = False
        for stream in self.process.stdout, self.process.stderr:
            with contextlib.suppress(BlockingIOError, ValueError):
                more = os.read(stream.fileno(), SAID_MAX)
                kept = self._said[stream]
                kept += more[:SAID_MAX - len(kept)]
                came = came or bool(more)
                if not more and stream is self.process.stdout:
                    self.closed_output = self.may_be_ending = True
        return came

    def line(self):
        """Its next line, without the end. None: it has ended, or is stuck."""
        said = self._said[self.process.stdout]
        while b"\n" not in said and len(said) < SAID_MAX and not self.closed_output:
            if not self.drain() and not self.clock.wait(self.process.stdout, self) and not self.drain():
                break
        if b"\n" not in said and len(said) < SAID_MAX:
            return None
        line, _, rest = bytes(said).partition(b"\n")
        said[:] = rest
        return line.decode("utf-8", "replace")

    def lines(self):
        """All lines until it ends, or is stuck."""
        return list(iter(self.line, None))

    def errors(self):
        """What it has said on standard error."""
        self.drain()
        return self._said[self.process.stderr].decode("utf-8", "replace")

    def reports(self):
        """Is AddressSanitizer writing its report? That takes a while, and the program does nothing else any more."""
        return "ERROR: AddressSanitizer" in self.errors()

    # ------------------------------------------------------------------ what it does

    def ended(self):
        """Has it ended? Then `status` is its exit status, or -N for signal N."""
        if self.status is None:
            self.status = self.process.poll()
        return self.status is not None

    def has_ended(self):
        """The same; if it may be ending just now, it is given the time to."""
        while self.may_be_ending and not self.ended():
            states = [seen.state for seen in self.threads().values()]
            if not states:
                self.status = self.process.wait()
            elif "R" not in states and "D" not in states or self.clock.is_over():
                self.may_be_ending = False
            else:
                self.may_be_ending = self.rests()
        return self.ended()

    def threads(self):
        """As threads.seen_in; empty when it has ended."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            return threads.seen_in(self.pid)
        return {}

    def asleep(self):
        """Do all its threads sleep, so that nothing more will come? Either none has run between several looks; or, of a
        program that has a timer, none was seen to run in many looks and it has used next to no CPU. False as soon as a
        thread is seen to run."""
        first = before = self.threads()
        same = 0
        for _ in range(TIMER_LOOKS):
            time.sleep(LOOK_S)
            now = self.threads()
            if self.drain() or not now or any(seen.state in "RD" for seen in now.values()):  # D: waits for a disk
                return False
            same = same + 1 if now == before else 0
            if same == LOOKS:
                return not self.reports()
            before = now
        return used_s(now) - used_s(first) < 0.01 and not self.reports()

    def rests(self, looks=15):
        """Does every thread sleep, but for short moments? False: one runs on and on, in nearly every look, and uses up what
        CPU it is given without going to sleep, until that is SPIN_S. On a busy machine that may last. So many looks are
        taken at least. A program that a sanitizer is about to end does not spin."""
        watch = threads.Watch(self._threads_and_drain)
        while True:
            watch.look(looks)
            running = [cpu_s for cpu_s, sleeps in watch.always_ready() if cpu_s >= 0.002 * sleeps]
            if not running or self.reports():
                return True
            if max(running) > SPIN_S or self.clock.is_over():
                return False

    def _threads_and_drain(self):
        """A program that waits for a reader would rest."""
        self.drain()
        return self.threads()

    def used_s(self):
        """Seconds of CPU of its threads so far."""
        return used_s(self.threads())

    def descriptors(self):
        """How many it has open."""
        try:
            return len(os.listdir(f"/proc/{self.pid}/fd"))
        except OSError:
            return 0

    def memory_kib(self):
        """Its memory that is in no file: what a library's pages count for depends on who else uses them at the time."""
        try:
            with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as file:
                return sum(int(line.split()[1]) for line in file if line.startswith("Anonymous:"))
        except OSError:
            return 0


def used_s(seen):
    """Seconds of CPU of all of these threads."""
    return sum(thread.cpu_s for thread in seen.values())


def orphans():
    """Processes whose parent we have become."""
    mine = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if name.isdigit():
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    if int(file.read().rpartition(")")[2].split()[1]) == os.getpid():
                        mine.append(int(name))
    return mine


class Clock:
    """The end of the whole check. While somebody waits for a CPU (proc(5): pressure/cpu; without that, while we do), the
    time stands still; LIMIT: for BUSY times as long as it would have lasted."""

    BUSY = 3

    def __init__(self, seconds):
        self.seconds, self.began, self.waited = seconds, time.monotonic(), self._waited_s()

    @staticmethod
    def _waited_s():
        with contextlib.suppress(OSError, StopIteration):
            with open("/proc/pressure/cpu", encoding="ascii") as file:
                return next(int(line.rpartition("total=")[2]) for line in file if line.startswith("some")) / 1e6
        with open("/proc/self/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1]) / 1e9

    def is_over(self):
        """Is it?"""
        waited_s = min(self._waited_s() - self.waited, self.BUSY * self.seconds)
        return time.monotonic() - self.began - waited_s > self.seconds

    def wait(self, stream, program=None):
        """Until there is something to read, or an end. False: the program is stuck, or works and works for nothing, or
        has ended and said nothing more, or the time is over."""
        until_s = SILENT_S + (program.used_s() if program else 0)
        while not self.is_over() and (program is None or program.used_s() < until_s):
            if select.select([stream], [], [], LOOK_S)[0]:
                return True
            if program is not None and program.drain():
                if stream is program.process.stdout:
                    return True
                continue
            if program is not None and (program.ended() or program.asleep()):
                return bool(select.select([stream], [], [], LOOK_S)[0])
        return False
