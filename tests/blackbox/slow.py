"""slow.c for a server of one thread: slower by an amount that is known."""
import ctypes
import json
import time

import faults

TURNS = 1_000_000  # of the work that is timed


class Slow:
    """Compiled once. environment(...) is a server's that is so much slower."""

    def __init__(self, directory):
        self.says = directory / "slow.json"
        self.library = faults.build(directory, "slow")

    def turns(self, cpu_s):
        """SPIN, for so many seconds of CPU time per receive. The best of some timings: what disturbs only adds."""
        spin = ctypes.CDLL(str(self.library)).slow_spin
        took = []
        for _ in range(9):
            before = time.thread_time()
            spin(ctypes.c_long(TURNS))
            took.append(time.thread_time() - before)
        return round(cpu_s / min(took) * TURNS)

    def words(self, **words):
        """What env(1) has to set; SPIN=..., STALL=..., LATE=..., as in slow.c."""
        made = faults.make_environment(self.library, SLOW_SAYS=str(self.says), **words)
        return {name: made[name] for name in ("LD_PRELOAD", "ASAN_OPTIONS", "SLOW_SAYS", *words)}

    def said(self):
        """What the last server that has ended did."""
        return json.loads(self.says.read_text(encoding="ascii"))
