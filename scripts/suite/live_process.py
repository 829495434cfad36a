"""live_process.py - what proc(5) says of a server that is watched: its threads and where they sleep, descriptors, CPU,
memory."""
import collections
import contextlib
import os
import time

from threads import state_of, switches_of, text_of

# The system calls in which the servers' threads sleep, by their numbers: asm/unistd_64.h, and the generic table of
# arm64 and riscv64. Another one is shown by its number.
CALLS = {
    "x86_64": {0: "read", 1: "write", 7: "poll", 35: "nanosleep", 43: "accept", 44: "sendto", 45: "recvfrom",
               128: "rt_sigtimedwait", 202: "futex", 230: "clock_nanosleep", 232: "epoll_wait", 271: "ppoll",
               281: "epoll_pwait", 288: "accept4", 426: "io_uring_enter"},
    "generic": {22: "epoll_pwait", 63: "read", 64: "write", 73: "ppoll", 98: "futex", 101: "nanosleep",
                115: "clock_nanosleep", 137: "rt_sigtimedwait", 202: "accept", 206: "sendto", 207: "recvfrom",
                242: "accept4", 426: "io_uring_enter"},
}
NAMES = CALLS["x86_64" if os.uname().machine == "x86_64" else "generic"]
LOOKS = 8   # a thread that was ready in all of so many looks, and did not sleep once meanwhile, spins

Usage = collections.namedtuple("Usage", "threads descriptors cpu_s memory_kib")
Group = collections.namedtuple("Group", "state call spins")


class Watched:
    """One process, looked at again and again."""

    def __init__(self, pid):
        self.place = f"/proc/{pid}"
        self.clock = ~pid << 3 | 2  # its CPU time, of all threads: clock_getcpuclockid(3)
        self.ready = {}  # thread: (how often it was ready in a row, its sleeps when that began)

    def look(self):
        """A Usage: threads counted by Group. None: it has ended."""
        try:
            return Usage(self._threads(), len(os.listdir(self.place + "/fd")), time.clock_gettime(self.clock),
                         self._memory_kib())
        except OSError:
            return None

    def _threads(self):
        found, ready = collections.Counter(), {}
        for thread in os.listdir(self.place + "/task"):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                place = f"{self.place}/task/{thread}"
                state = state_of(place)
                if state in "RD":
                    ready[thread] = self._ready_for(thread, place)
                    found[Group("runs", None, ready[thread][0] >= LOOKS)] += 1
                elif state not in "ZX":
                    found[Group("asleep", call_of(place), False)] += 1
        self.ready = ready
        return found

    def _ready_for(self, thread, place):
        """How many looks in a row it was ready, without a sleep between them."""
        sleeps = switches_of(place)[0]
        times, before = self.ready.get(thread, (0, sleeps))
        return (times + 1, sleeps) if sleeps == before else (1, sleeps)

    def _memory_kib(self):
        """What is in no file."""
        return next((int(line.split()[1]) for line in text_of(self.place, "status").splitlines()
                     if line.startswith("RssAnon:")), 0)


def call_of(place):
    """The system call that it sleeps in; None where that cannot be known."""
    try:
        number = text_of(place, "syscall").split()[0]
    except (OSError, IndexError):
        return None
    if not number.lstrip("-").isdecimal() or int(number) < 0:
        return None  # it runs again, or sleeps outside of a system call
    return NAMES.get(int(number), f"system call {number}")
