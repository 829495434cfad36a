"""race.py - one race: all models of a point at the same time, slice by slice (loadgen/race), in several starts. Each
start is a run of each model in the database; the ratios between the models are of all starts together."""
import json
import os
import shutil
import subprocess
import time

from cpus import listed
from run import Runner, end_group, ended_well, ended_within, generator_words, loadgen_words, server_words
from suite_words import text, told
from terminal import progress

CONTROL = "control"  # a lane that is no model: one of them once more, which must come out the same
SKIPPED = 0.2     # of a slice
WIDTH = 0.03      # an interval of the median -+ 3% is narrow enough;
HARM_WIDTH = 0.25  # of what bad neighbours do: that is a multiple, or nothing

RATIO = ("figure", "lane", "against", "rounds", "median", "low", "high", "lag1", "block", "p", "p_corrected", "word",
         "within", "rounds_needed")


class Race:
    """The race of the plan's `rows` (of race_rows.sql: one point, all models, all starts)."""

    def __init__(self, runner: Runner, rows):
        self.runner, self.rows = runner, rows
        self.models = {row["model"]: row for row in rows}
        self.first = rows[0]
        self.process = None
        self.lanes, self.ratios, self.idle, self.stopped = [], [], {}, {}
        self.begin = self.end = None

    def make(self):
        """Runs it, and stores a run for each row, and the ratios. Returns False, and leaves no row, if it was
        interrupted before there were any figures."""
        before = self.runner.moment()
        began = time.monotonic()
        self.process = self.runner.start([self.runner.build / "loadgen/race"], self.runner.cpus.clients,
                                         subprocess.PIPE, self.file("race", "err"), stdin=subprocess.PIPE)
        self.runner.loadgen, self.runner.end_loadgen = self.process, subprocess.Popen.terminate  # it concludes
        try:
            self.hand_over(json.dumps(self.card()))
            self.listen()
        finally:
            if not ended_within(self.process.pid, 30):
                end_group(self.process)
            self.process.wait()
            self.process.stdout.close()
            self.runner.loadgen, self.runner.end_loadgen = None, end_group
        if self.runner.interrupted and not (self.end and self.end["rounds"]):
            return False
        self.store(before, time.monotonic() - began)
        return True

    def hand_over(self, card):
        """The card, on the race's standard input."""
        try:
            with self.process.stdin as stream:
                stream.write(card.encode())
        except BrokenPipeError:
            pass  # it has ended; what it said is in its file

    # ------------------------------------------------------------------ the card

    def card(self):
        """See loadgen/race/card.h."""
        runners = [self.runner_card(name, row) for name, row in self.models.items()]
        floor = self.first["floor"]
        if "floor" not in self.models and floor:
            runners.append(self.runner_card("floor", {**dict(self.first), **json.loads(floor)}))
        names = [runner["name"] for runner in runners]
        if not self.first["disturb"]:
            runners.append({**self.runner_card(CONTROL, self.models[control_of(self.models)]), "matters": False})
        return {"starts": max(row["repetition"] for row in self.rows), "seconds": self.first["race_s"],
                "slice_ms": self.first["slice_ms"], "skip": SKIPPED,
                "width": HARM_WIDTH if self.first["disturb"] else WIDTH,
                "shared_cpu": self.cpus_are_shared(), "disturb": bool(self.first["disturb"]),
                "against": "floor" if "floor" in names else names[0], "runners": runners}

    def cpus_are_shared(self):
        """Do the programs of one model wait for each other's CPUs?"""
        cpus = self.runner.cpus
        return (cpus.shared and not self.runner.load) or max(row["processes"] for row in self.rows) > len(cpus.servers)

    def runner_card(self, name, row):
        """One server with its load generator."""
        return runner_card(self.runner.build, self.runner.cpus, name, row, lambda ending: self.file(name, ending),
                           self.runner.source_words(row["clients"]), self.runner.load)

    def file(self, name, ending):
        """What the race's programs write to."""
        return self.runner.runs / f"race-{self.first['id']}.{name.replace(' ', '_')}.{ending}"

    # ------------------------------------------------------------------ while it runs

    def listen(self):
        """Reads its lines to the end, keeps them in a file, and shows how far it is."""
        with open(self.file("race", "jsonl"), "wb") as file:
            for line in self.process.stdout:
                file.write(line)
                self.take(json.loads(line))

    def take(self, line):
        """One line of the race."""
        kind = line.pop("line")
        if kind == "standing":
            progress(told(self.first["progress"]) + text("race standing", start=line["start"], rounds=line["rounds"],
                                                         standing=standing(line)))
        elif kind == "ready":
            progress(told(self.first["progress"]) + text("race ready", start=line["start"], runner=line["runner"]))
        elif kind == "begin":
            self.begin = line
        elif kind == "end":
            self.end = line
        elif kind == "lane":
            self.lanes.append(line)
        elif kind == "pair":
            self.ratios.append(line)
        elif kind == "stopped":
            self.stopped[line["runner"], line["start"]] = line
        elif kind == "idle":
            cpu_s, seconds = self.idle.get(line["runner"], (0, 0))
            self.idle[line["runner"]] = (cpu_s + (line["cpu_s"] or 0), seconds + line["seconds"])

    # ------------------------------------------------------------------ what is left

    def store(self, before, elapsed_s):
        """The runs, the lanes, the ratios."""
        db = self.runner.db
        for row in self.rows:
            if self.runner.interrupted and (row["model"], row["repetition"]) not in self.stopped:
                continue  # that start was not made
            self.store_run(row, before, elapsed_s / len(self.rows))
        if not self.begin or not self.end:
            return
        race = self.first["id"]
        db.execute("insert into race values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   (race, self.first["workload"], self.first["protocol"], self.first["clients"], self.begin["seed"],
                    self.begin["starts"], self.end["rounds"], self.end["why"], self.end["widest"], self.end["wanted"],
                    self.end["lane"] or None, self.end["elapsed_s"]))
        for lane in self.lanes:
            cpu_s, seconds = self.idle.get(lane["lane"], (None, None))
            db.execute("insert into lane values (?, ?, ?, ?, ?)",
                       (race, lane["lane"], lane["slices"], lane["disturbed"], cpu_s / seconds if seconds else None))
        db.executemany(f"insert into ratio values (?, {', '.join('?' * len(RATIO))})",
                       [(race, *(ratio[name] for name in RATIO)) for ratio in self.ratios])
        if not self.first["disturb"]:
            db.execute("insert into control values (?, ?)", (race, control_of(self.models)))

    def store_run(self, row, before, elapsed_s):
        """A model's run: one start. The files get the names of other runs."""
        start, runner = row["repetition"], self.runner
        stopped = self.stopped.get((row["model"], start))
        moves = [(ending, runner.file(row, ending)) for ending in ("loadgen.json", "loadgen.err")]
        moves += [(f"server{number}.{ending}", file) for ending in ("json", "err")
                  for number, file in enumerate(runner.server_files(row, ending), 1)]
        for name, file in moves:
            written = self.file(row["model"], f"{start}.{name}")
            if written.exists():
                os.replace(written, file)
        errors = runner.file(row, "server.err")
        if stopped is None and not errors.exists():
            shutil.copyfile(self.file("race", "err"), errors)  # why there was no such start
        runner.store(row, before, elapsed_s, server_state(row["program"], stopped),
                     stopped["server_exit"] if stopped else None,
                     stopped["loadgen_exit"] if stopped else None)


def control_of(names):
    """The model that runs twice."""
    return "nio" if "nio" in names else next(iter(names))


def runner_card(build, cpus, name, row, file, sources=(), load=None):
    """One server with its load generator, as a race's card has it. `file(ending)`: what its programs write to; `sources`:
    more words for the load generator; `load`: a LoadHosts, or None."""
    words = [*loadgen_words(row, "{port}", "{pid}", file("{start}.loadgen.json")), "--paced",
             "--clients", row["clients"], "--rate", row["rate"], *sources]
    server = server_words(build, row, cpus, file("{start}.server{process}.json"), "{port}", load)
    return {"name": name, "matters": not row["yardstick"], "processes": row["processes"], "server": texts(server),
            "server_says": str(file("{start}.server{process}.err")),
            "loadgen": texts(["taskset", "-c", listed(cpus.clients), *generator_words(build, row, load, name), *words]),
            "loadgen_says": str(file("{start}.loadgen.err"))}


def standing(line):
    """The widest interval that matters, so far."""
    if line["widest"] is None:
        return text("no interval yet")
    return text("widest", percent=f"{100 * line['widest']:.1f}", lane=line["lane"])


def server_state(program, stopped):
    """How the server ended, in the words of run.py. `stopped`: None where there was no such start."""
    if stopped is None:
        return "not started"
    if stopped["killed"]:
        return "killed"
    return "ran" if ended_well(program, stopped["server_exit"]) else "died"


def texts(words):
    """A command line as JSON has it."""
    return [os.fspath(word) if isinstance(word, os.PathLike) else str(word) for word in words]
