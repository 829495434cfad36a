"""live_load.py - clients of one lane: a loadgen that tells four times a second how many of them do what."""
import collections
import json
import os
import subprocess

import environment
import process
from live_lines import Lines

CLIENTS = 16    # of a lane to which nothing is done,
RATE = 2        # and messages per second of each
FOR_EVER_S = 24 * 3600
LOOKED_AT = 9   # lines, a quarter of a second between two
STANDINGS = ("connecting", "unserved", "served", "waiting", "idle", "away")
REFUSED = ("connect_refused", "connect_reset", "connect_timeout", "handshake_rejected")

# Clients as the page counts them.
NOBODY = dict.fromkeys([*STANDINGS, "refused", "failed"], 0)

# The kinds: options of loadgen, and how many bad clients are beside its own.
KINDS = {
    "clients": (["--clients", CLIENTS, "--client-rate", RATE], 0),
    "idle_clients": (["--clients", 500, "--active", 1, "--client-rate", RATE, "--ramp", 1], 0),
    "slow_reader": (["--clients", 1, "--client-rate", RATE, "--chaos", "slow_reader", "--chaos-clients", 4], 4),
    "few_descriptors": (["--clients", 100, "--client-rate", RATE, "--ramp", 1], 0),
    "cut": (["--clients", 100, "--client-rate", 5, "--chaos", "flash", "--duration", 6], 0),
}


class Load:
    """One loadgen. `port`: of its server."""

    def __init__(self, build, kind, port):
        words, self.bad = KINDS[kind]
        self.kind, self.line, self.last = kind, None, collections.deque(maxlen=LOOKED_AT)
        reading, writing = os.pipe()
        ends = [] if "--duration" in words else ["--duration", FOR_EVER_S]
        self.process = process.start(
            [build / "loadgen/loadgen", "--port", port, "--warmup", 0, "--timeout", FOR_EVER_S, "--quiet", *words, *ends,
             "--progress", writing], pass_fds=(writing,), start_new_session=True, env=environment.made(),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writing)
        self.lines = Lines(reading)

    def read(self):
        """Takes what it has told. False: it has ended."""
        lines = self.lines.read()
        for line in lines or ():
            self.take(json.loads(line))
        return lines is not None

    def take(self, line):
        """One line."""
        self.line = line
        self.last.append((line["elapsed_s"], line["messages"]))

    @property
    def messages_per_s(self):
        """Of the last two seconds."""
        (from_s, before), (to_s, now) = (self.last[0], self.last[-1]) if self.last else ((0, 0), (0, 0))
        return (now - before) / (to_s - from_s) if to_s > from_s else 0.0

    def clients(self):
        """How many do what, as the page has it."""
        counts = dict(NOBODY)
        if self.line:
            counts |= {name: self.line["clients"][name] for name in STANDINGS}
            for name, count in self.line["failures"].items():
                counts["refused" if name in REFUSED else "failed"] += count
        return counts

    def stop(self):
        """Its end, at once: its connections are closed by the kernel."""
        self.process.kill()
        self.process.wait()
        os.close(self.lines.descriptor)
