"""live_race.py - the race that a class watches: loadgen/race with all models, and the ratios after each round."""
import json
import os
import subprocess

import environment
import process
from cpus import listed
from live_lines import Lines
from race import CONTROL, SKIPPED, WIDTH, control_of, runner_card

SECONDS, STARTS, SLICE_MS = 60, 3, 50
YARDSTICK = "floor"
TIMEOUT_S = 5


class Race:
    """`models`: rows of the table, the yardstick among them. `settings`: clients, pipeline, size, protocol. `told()` is
    called when the picture has changed."""

    def __init__(self, build, models, cpus, settings, watcher, told):
        self.settings, self.watcher, self.told = settings, watcher, told
        self.names = [model["name"] for model in models]
        self.state, self.why, self.said = "starting", None, None
        self.rounds, self.elapsed_s, self.pairs = 0, 0.0, {}
        self.slices = self.disturbed = 0
        card = self.card(build, models, cpus)
        self.process = process.start(["taskset", "-c", listed(cpus.clients), build / "loadgen/race"],
                                     start_new_session=True, env=environment.made(), stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.process.stdin.write(json.dumps(card).encode())
        self.process.stdin.close()
        self.lines = Lines(self.process.stdout.fileno())
        watcher.watch(self.lines.descriptor, self.read)

    def card(self, build, models, cpus):
        """See loadgen/race/card.h. Nothing is kept: files go to /dev/null."""
        rows = {model["name"]: {**model, **self.settings, "rate": 0, "processes": 1, "limits": "", "chaos": "", "threads": 1,
                                "timeout_s": TIMEOUT_S} for model in models}
        runners = [runner_card(build, cpus, name, row, lambda _: os.devnull) for name, row in rows.items()]
        self.control_of = control_of(rows)
        runners.append({**runners[self.names.index(self.control_of)], "name": CONTROL, "matters": False})
        self.names.append(CONTROL)
        return {"starts": STARTS, "seconds": SECONDS, "slice_ms": SLICE_MS, "skip": SKIPPED, "width": WIDTH,
                "shared_cpu": cpus.shared, "follow": True, "against": self.against(), "runners": runners}

    def against(self):
        """The yardstick's name; without it, the first one's."""
        return YARDSTICK if YARDSTICK in self.names else self.names[0]

    def read(self):
        """Its lines."""
        lines = self.lines.read()
        if lines is None:
            self.over()
            self.told()
        for line in lines or ():
            self.take(line)

    def take(self, line):
        """One line. What is no JSON is an error message."""
        try:
            told = json.loads(line)
            kind = told["line"]
        except (ValueError, KeyError, TypeError):
            self.said = line.decode("utf-8", "replace")[-300:]
            return
        if kind == "pair" and told["figure"] == "rate":
            self.pairs[told["lane"], told["against"]] = told
        elif kind == "standing":
            self.state, self.rounds, self.elapsed_s = "running", told["rounds"], told["elapsed_s"]
            self.told()
        elif kind == "slice" and told["counts"]:
            self.slices += 1
            self.disturbed += told["disturbed"] is not None
        elif kind == "out":
            self.said = f"{told['runner']}: {told['why']}"
        elif kind == "end":
            self.why = {"narrow": "narrow", "time": "time", "interrupted": "stopped"}.get(told["why"], "failed")

    def over(self):
        """It has ended."""
        self.watcher.unwatch(self.lines.descriptor)
        self.process.stdout.close()
        self.process.wait()
        self.state, self.why = "over", self.why or "failed"

    def stop(self):
        """It concludes with what there is, and then ends."""
        if self.state != "over":
            self.process.terminate()

    def end(self):
        """At once, with all it has started: they die with it."""
        if self.state != "over":
            self.process.kill()
            self.over()

    def picture(self):
        """As the page gets it."""
        against = self.against()
        lanes = [self.lane(name, against) for name in self.names if name != against]
        return {"type": "race", "state": self.state, "why": self.why, "said": self.said, "settings": self.settings,
                "against": against, "rounds": self.rounds, "elapsed_s": round(self.elapsed_s, 1), "lanes": lanes,
                "slices": self.slices, "disturbed": self.disturbed,
                "control": {**self.lane(CONTROL, self.control_of), "of": self.control_of}}

    def lane(self, name, against):
        """The ratio of one's rate to another's."""
        pair, turned = self.pairs.get((name, against)), self.pairs.get((against, name))
        lane = {"name": name, "control": name == CONTROL, "median": None, "low": None, "high": None, "rounds": 0,
                "word": None, "within": None, "rounds_needed": None}
        if pair:
            lane |= {key: pair[key] for key in ("median", "low", "high", "rounds", "word", "within", "rounds_needed")}
        elif turned:
            lane |= {key: turned[key] for key in ("rounds", "within", "rounds_needed")}
            lane |= {"median": inverse(turned["median"]), "low": inverse(turned["high"]), "high": inverse(turned["low"]),
                     "word": {"more": "less", "less": "more"}.get(turned["word"], turned["word"])}
        return lane


def inverse(value):
    """Of a ratio that may not be known."""
    return 1 / value if value else None
