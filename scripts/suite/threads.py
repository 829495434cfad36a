"""threads.py - what the threads of a process do, by proc(5): who runs, and who sleeps."""
import collections
import contextlib
import os
import time

LOOK_S = 0.02  # between two looks

# state: R runs or waits for a CPU, S sleeps, ...; cpu_s: seconds of CPU; sleeps: how often it went to sleep; switches: the
# same, and how often it lost its CPU to another.
Seen = collections.namedtuple("Seen", "state cpu_s sleeps switches", defaults=("", 0, 0, 0))


def seen_in(pid):
    """{thread: Seen}. OSError if there is no such process."""
    found = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            found[thread] = look_at(f"/proc/{pid}/task/{thread}")
    return {thread: seen for thread, seen in found.items() if seen.state not in "ZX"}


def look_at(task):
    """One thread, by its directory."""
    by_itself, lost = switches_of(task)
    return Seen(state_of(task), int(text_of(task, "schedstat").split()[0]) / 1e9, by_itself, by_itself + lost)


def state_of(task):
    """Its state alone: one file."""
    return text_of(task, "stat").rpartition(")")[2].split()[0]


def switches_of(task):
    """How often it went to sleep, and how often it lost its CPU to another."""
    return [int(line.split()[1]) for line in text_of(task, "status").splitlines() if "ctxt_switches" in line]


def text_of(task, name):
    """One of its files."""
    with open(f"{task}/{name}", encoding="utf-8", errors="replace") as file:
        return file.read()


class Watch:
    """Looks again and again, by `read`, which returns what seen_in does."""

    def __init__(self, read):
        self.read, self.looks, self.ready = read, 0, collections.Counter()
        self.first = read()

    def look(self, times):
        """So many looks more."""
        for _ in range(times):
            time.sleep(LOOK_S)
            self.ready.update(thread for thread, seen in self.read().items() if seen.state == "R")
        self.looks += times

    def always_ready(self):
        """(seconds of CPU, sleeps) since the first look, of each thread that ran, or could have, in nearly every look. One
        that spins is among them, whatever else the machine does, and uses what CPU it is given without going to sleep. One
        that waits for its turn on a busy machine may be, and one that wakes just when it is looked at."""
        for thread, seen in self.read().items():
            if self.ready[thread] > 0.8 * self.looks:
                first = self.first.get(thread, Seen())
                yield seen.cpu_s - first.cpu_s, seen.sleeps - first.sleeps
