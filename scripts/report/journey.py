#!/usr/bin/env python3
"""Makes the rows of the report's time-line from the files of conversation.py.

    journey.py OUT_DIR

Reads OUT_DIR/journey/MODEL.strace and MODEL.clients, and writes OUT_DIR/journey.tsv: model, lane, start_us, end_us,
state, call, text; times are relative to the first client's connect. Lanes are "client A" to "client D", "main", and
"thread 1" and so on in the order in which the threads were made; those that do nothing for these clients are left out.
States: open      client: from its connect until it has closed asking    client: sent, waiting for the answer waiting
in a system call that may sleep (MAY_SLEEP, and not on a non-blocking socket) and took over SLEPT_US moving    in one
that carried a client's bytes and did not sleep: recvfrom, sendto; any io_uring_enter that did not sleep running   in
any other system call; or, without a call, between two of them A call that slept and then moved bytes is one row,
waiting: strace does not show where the sleep ends. strace stops the server at each system call: the order of things is
right, their durations are not.
"""
import pathlib
import re
import sys

from serving import PROGRAMS

# Under strace most calls that do not sleep take 10 to 100 us. One that takes longer may only have been kept from a CPU;
# where the socket is non-blocking, that is known, and no wait.
SLEPT_US = 200

MAY_SLEEP = {"recvfrom", "recvmsg", "read", "sendto", "sendmsg", "write", "accept", "accept4", "poll", "ppoll", "futex",
             "epoll_wait", "epoll_pwait", "epoll_pwait2", "io_uring_enter", "nanosleep", "clock_nanosleep"}
CARRY = {"recvfrom", "recvmsg", "read", "sendto", "sendmsg", "write"}

AFTERWARDS_US = 2000  # of the server, after the last client has gone
TEXT_MAX = 90

LINE = re.compile(r"(\d+) +(\d+)\.(\d{6}) (.*)")
UNFINISHED = re.compile(r"(\w+)\((.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)")
WHOLE = re.compile(r"(\w+)\((.*)\) += (.+?)(?: <(\d+\.\d+)>)?$")
DESCRIPTOR = {"epoll_ctl": re.compile(r"\d+, \w+, (\d+)"), "": re.compile(r"(\d+)\b")}


class Call:
    """One system call of one thread; `end` is None until it is known."""

    def __init__(self, thread, name, arguments, start):
        self.thread, self.name, self.arguments, self.start = thread, name, arguments, start
        self.result = "?"
        self.end = None
        self.client = ""
        self.may_sleep = name in MAY_SLEEP

    def finish(self, result, duration):
        """It returned, after so many seconds."""
        self.result = result
        if duration is not None:
            self.end = self.start + round(float(duration) * 1e6)

    @property
    def state(self):
        """See the head of this file."""
        if self.may_sleep and self.end - self.start > SLEPT_US:
            return "waiting"
        moved = self.name in CARRY and self.client and re.match(r"[1-9]", self.result)
        return "moving" if moved or self.name == "io_uring_enter" else "running"

    @property
    def text(self):
        """Its line in short: no bytes, no addresses, no NULLs at the end, no words for the error."""
        arguments = re.sub(r'"(?:[^"\\]|\\.)*"(?:\.\.\.)?', '"…"', self.arguments)
        arguments = re.sub(r", data=\{[^}]*\}", "", arguments)
        arguments = re.sub(r"(?:, NULL)+$", "", arguments)
        result = re.sub(r" \(.*\)$", "", self.result)
        line = f"{self.name}({arguments})"
        if len(line) > TEXT_MAX:
            line = line[:TEXT_MAX - 2] + "…)"
        return f"{line} = {result}" + (f" [{self.client}]" if self.client else "")


class Trace:
    """What strace has written: calls in order, threads in the order in which they were made, and their ends."""

    def __init__(self, lines):
        self.calls = []
        self.ended = {}
        self.last = 0
        self._seen = []
        self._pending = {}
        for line in lines:
            match = LINE.match(line.rstrip("\n"))
            if match:
                self._take(match[1], int(match[2]) * 1000000 + int(match[3]), match[4])
        for call in self.calls:
            if call.end is None:  # it never returned
                call.end = self.ended.get(call.thread, self.last)

    def _take(self, thread, now, what):
        self.last = max(self.last, now)
        if thread not in self._seen:
            self._seen.append(thread)
        unfinished, resumed = UNFINISHED.match(what), RESUMED.match(what)
        if what.startswith("+++"):
            self.ended[thread] = now
        elif unfinished:
            self._pending[thread] = Call(thread, unfinished[1], unfinished[2], now)
            self.calls.append(self._pending[thread])
        elif resumed:
            self._resume(thread, resumed[2])
        elif whole := WHOLE.match(what):
            call = Call(thread, whole[1], whole[2], now)
            call.finish(whole[3], whole[4])
            self.calls.append(call)

    def _resume(self, thread, rest):
        call = self._pending.pop(thread, None)
        whole = WHOLE.match(f"{call.name}({call.arguments}{rest}") if call else None
        if whole:
            call.arguments = whole[2]
            call.finish(whole[3], whole[4])

    @property
    def threads(self):
        """The main thread first, then the others in the order of their clone."""
        made = [call.result for call in sorted(self.calls, key=lambda call: call.end)
                if call.name in ("clone", "clone3") and call.result.isdigit()]
        return self._seen[:1] + [one for one in made if one in self._seen] + \
            [one for one in self._seen[1:] if one not in made]

    def name_clients(self, names, begin):
        """Says of each call after `begin` which client its descriptor is. Clients are accepted in the order of their
        names; where a ring accepts, the first that is seen of a descriptor is that it is made ready (TCP_NODELAY)."""
        names, clients, non_blocking = iter(names), {}, set()
        for call in sorted(self.calls, key=lambda call: call.end):
            if call.end < begin:
                continue
            if call.name in ("accept", "accept4"):
                descriptor = call.result if call.result.isdigit() else None
            else:
                match = DESCRIPTOR.get(call.name, DESCRIPTOR[""]).match(call.arguments)
                descriptor = match[1] if match and call.name not in ("futex", "clone", "clone3") else None
            is_new = call.name.startswith("accept") or (call.name == "setsockopt" and "TCP_NODELAY" in call.arguments)
            if descriptor is not None and is_new and descriptor not in clients:
                clients[descriptor] = next(names, "")
            call.client = clients.get(descriptor, "")
            if call.name.startswith("accept") and "SOCK_NONBLOCK" in call.arguments:
                non_blocking.add(descriptor)
            elif descriptor in non_blocking and call.name in CARRY:
                call.may_sleep = False
            if call.name == "close":
                clients.pop(descriptor, None)
                non_blocking.discard(descriptor)


def client_rows(lines, first):
    """Rows of the clients' lanes."""
    for line in lines:
        name, what, start, end = line.rstrip("\n").split("\t")
        state, call = ("open", "connect") if what == "connected" else ("asking", "send")
        text = what if state == "open" else f"{what}: sent, waiting for the answer"
        yield (f"client {name}", micros(start) - first, micros(end) - first, state, call, text)


def thread_rows(lane, calls, end):
    """Rows of one thread: its calls, and its running between them. `end`: when it ended, or the trace did."""
    calls = sorted(calls, key=lambda call: call.start)
    for call, following in zip(calls, [*calls[1:], None]):
        yield (lane, call.start, call.end, call.state, call.name, call.text)
        until = following.start if following else end
        if until > call.end:
            yield (lane, call.end, until, "running", "", "")


def clipped(rows, first, last):
    """The part of the rows between the two, relative to the first."""
    for lane, start, end, *rest in rows:
        if end > first and start < last:
            yield (lane, max(start, first) - first, min(end, last) - first, *rest)


def micros(seconds):
    """A decimal text, without the rounding of a float."""
    whole, _, fraction = seconds.partition(".")
    return int(whole) * 1000000 + int(fraction.ljust(6, "0")[:6])


def journey(strace_lines, client_lines):
    """All rows of one model, without the model."""
    client_lines = list(client_lines)
    times = [[micros(field) for field in line.split("\t")[2:4]] for line in client_lines]
    first, last = min(start for start, _ in times), max(end for _, end in times) + AFTERWARDS_US
    trace = Trace(strace_lines)
    names = [line.split("\t")[0] for line in client_lines if line.split("\t")[1] == "connected"]
    trace.name_clients([f"client {name}" for name in names], first)
    yield from sorted(client_rows(client_lines, first))
    shown = 0
    for thread in trace.threads:
        lane = f"thread {shown + 1}" if thread != trace.threads[0] else "main"
        calls = [call for call in trace.calls if call.thread == thread]
        rows = list(clipped(thread_rows(lane, calls, trace.ended.get(thread, trace.last)), first, last))
        if len(rows) > 1:  # one: it slept all the while
            yield from rows
            shown += lane != "main"


def main():
    """Reads and writes."""
    out = pathlib.Path(sys.argv[1])
    with open(out / "journey.tsv", "w", encoding="utf-8") as table:
        for model in PROGRAMS:
            if not (out / f"journey/{model}.strace").exists():
                continue
            with open(out / f"journey/{model}.strace", encoding="ascii", errors="replace") as strace, \
                    open(out / f"journey/{model}.clients", encoding="ascii") as clients:
                for row in journey(strace, clients):
                    table.write("\t".join(map(str, (model, *row))) + "\n")


if __name__ == "__main__":
    main()
