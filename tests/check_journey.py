#!/usr/bin/env python3
"""What scripts/report/journey.py makes of strace's lines, those that were interrupted by another thread's too.

Prints what is wrong and ends with status 1; silence and status 0 mean that all is well.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scripts/report"))
import journey  # pylint: disable=wrong-import-position

# A bio server with two clients. 100 accepts before anybody comes; its first client's thread is 101.
STRACE = """\
100   1000.000100 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0 <0.000040>
100   1000.000200 accept4(3, NULL, NULL, SOCK_CLOEXEC) = 5 <0.010100>
100   1000.010400 setsockopt(5, SOL_TCP, TCP_NODELAY, [1], 4) = 0 <0.000050>
100   1000.010500 clone3({flags=CLONE_VM|CLONE_FS, stack_size=0xff00}, 88 <unfinished ...>
101   1000.010600 recvfrom(5,  <unfinished ...>
100   1000.010700 <... clone3 resumed> => {parent_tid=[101]}, 88) = 101 <0.000180>
101   1000.010720 <... recvfrom resumed>"\\0\\1\\2(\\3)\\" = \\4"..., 16384, 0, NULL, NULL) = 64 <0.000100>
100   1000.010800 accept4(3, NULL, NULL, SOCK_CLOEXEC <unfinished ...>
101   1000.010900 sendto(5, "\\0\\1\\2"..., 64, MSG_NOSIGNAL, NULL, 0) = 64 <0.000090>
101   1000.011100 recvfrom(5,  <unfinished ...>
100   1000.015200 <... accept4 resumed>)      = 6 <0.004400>
100   1000.015300 setsockopt(6, SOL_TCP, TCP_NODELAY, [1], 4) = 0 <0.000050>
100   1000.015400 accept4(3, NULL, NULL, SOCK_CLOEXEC <unfinished ...>
101   1000.031200 <... recvfrom resumed>"", 16384, 0, NULL, NULL) = 0 <0.020100>
101   1000.031300 recvfrom(5, 0x7f1200000000, 1024, 0, NULL, NULL) = -1 ECONNRESET (Connection reset by peer) <0.000040>
101   1000.031400 close(5)                          = 0 <0.000060>
101   1000.031600 +++ exited with 0 +++
100   1000.090000 <... accept4 resumed>)      = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.074600>
100   1000.090200 +++ exited with 0 +++
"""

CLIENTS = """\
A	connected	1000.010000	1000.031000
A	message 1 of 1	1000.010100	1000.011050
B	connected	1000.015000	1000.040000
"""

EXPECTED = [
    ("client A", 0, 21000, "open", "connect", "connected"),
    ("client A", 100, 1050, "asking", "send", "message 1 of 1: sent, waiting for the answer"),
    ("client B", 5000, 30000, "open", "connect", "connected"),
    ("main", 0, 300, "waiting", "accept4", "accept4(3, NULL, NULL, SOCK_CLOEXEC) = 5 [client A]"),
    ("main", 300, 400, "running", "", ""),
    ("main", 400, 450, "running", "setsockopt", "setsockopt(5, SOL_TCP, TCP_NODELAY, [1], 4) = 0 [client A]"),
    ("main", 450, 500, "running", "", ""),
    ("main", 500, 680, "running", "clone3",
     "clone3({flags=CLONE_VM|CLONE_FS, stack_size=0xff00}, 88 => {parent_tid=[101]}, 88) = 101"),
    ("main", 680, 800, "running", "", ""),
    ("main", 800, 5200, "waiting", "accept4", "accept4(3, NULL, NULL, SOCK_CLOEXEC) = 6 [client B]"),
    ("main", 5200, 5300, "running", "", ""),
    ("main", 5300, 5350, "running", "setsockopt", "setsockopt(6, SOL_TCP, TCP_NODELAY, [1], 4) = 0 [client B]"),
    ("main", 5350, 5400, "running", "", ""),
    ("main", 5400, 32000, "waiting", "accept4", "accept4(3, NULL, NULL, SOCK_CLOEXEC) = ? ERESTARTSYS"),
    ("thread 1", 600, 700, "moving", "recvfrom", 'recvfrom(5, "…", 16384, 0) = 64 [client A]'),
    ("thread 1", 700, 900, "running", "", ""),
    ("thread 1", 900, 990, "moving", "sendto", 'sendto(5, "…", 64, MSG_NOSIGNAL, NULL, 0) = 64 [client A]'),
    ("thread 1", 990, 1100, "running", "", ""),
    ("thread 1", 1100, 21200, "waiting", "recvfrom", 'recvfrom(5, "…", 16384, 0) = 0 [client A]'),
    ("thread 1", 21200, 21300, "running", "", ""),
    ("thread 1", 21300, 21340, "running", "recvfrom",
     "recvfrom(5, 0x7f1200000000, 1024, 0) = -1 ECONNRESET [client A]"),
    ("thread 1", 21340, 21400, "running", "", ""),
    ("thread 1", 21400, 21460, "running", "close", "close(5) = 0 [client A]"),
    ("thread 1", 21460, 21600, "running", "", ""),
]


def findings():
    """Rows that should not be there, and rows that should."""
    rows = list(journey.journey(STRACE.splitlines(keepends=True), CLIENTS.splitlines(keepends=True)))
    yield from (f"unexpected: {row}" for row in rows if row not in EXPECTED)
    yield from (f"missing: {row}" for row in EXPECTED if row not in rows)
    if not set(rows) ^ set(EXPECTED) and rows != EXPECTED:
        yield "the rows are in another order"
    never_returned = "7 1.000000 accept4(3,  <unfinished ...>\n", "7 1.500000 +++ killed by SIGKILL +++\n"
    last = list(journey.journey(never_returned, ["A\tconnected\t1.000000\t2.000000\n"]))[-1]
    yield from [] if last[3:] == ("open", "connect", "connected") else [f"a lone wait is no lane: {last}"]


def main():
    """Prints them."""
    found = list(findings())
    for what in found:
        print(what)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
