"""Races as the tests use them: a card for some servers, and the lines that come, by kind."""
import collections
import contextlib
import json
import os
import pathlib
import subprocess

from loadgen import no_constant
from timing import seconds, wait_until

FIGURES = ("rate", "cpu", "p99")


def processes_with(mark):
    """The processes that have `mark` in their environment, which children inherit: {pid: command line}."""
    found = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def stand_in(port, then="exec sleep 60"):
    """The words of a process that says it listens, where in truth somebody else does, and then lives on."""
    return ["sh", "-c", f"echo listening on 127.0.0.1:{port}; {then}"]


class Outcome:
    """What a race has printed, as lists of lines by kind, and how it ended."""

    def __init__(self, lines, status, stderr):
        self.lines, self.status, self.stderr = lines, status, stderr
        self.by_kind = collections.defaultdict(list)
        for line in lines:
            self.by_kind[line["line"]].append(line)

    def __getitem__(self, kind):
        return self.by_kind[kind]

    @property
    def end(self):
        """The last line."""
        assert self.lines[-1]["line"] == "end", self.lines[-1]
        return self.lines[-1]

    def rounds(self):
        """The slices in their order, a list for each round in which every lane takes part."""
        lanes = len(self["lane"])
        slices = self["slice"]
        return [slices[i:i + lanes] for i in range(0, len(slices), lanes)]

    def outs(self):
        """(start, runner, why) of those that took no part."""
        return [(out["start"], out["runner"], out["why"]) for out in self["out"]]

    def pair(self, figure, lane, against):
        """What is said of lane / against; the line may be of against / lane."""
        for line in self["pair"]:
            if line["figure"] == figure and (line["lane"], line["against"]) == (lane, against):
                return line
            if line["figure"] == figure and (line["lane"], line["against"]) == (against, lane):
                return turned(line)
        raise AssertionError(f"no pair {lane}, {against}")


def turned(line):
    """The ratio b / a, of the line for a / b."""
    other = {"more": "less", "less": "more"}
    inverse = {new: line[old] and 1 / line[old] for new, old in
               (("median", "median"), ("low", "high"), ("high", "low"))}
    return {**line, **inverse, "lane": line["against"], "against": line["lane"],
            "word": other.get(line["word"], line["word"])}


class Running:
    """A race that goes on; it leads a process group of its own."""

    def __init__(self, path, card, mark, stderr):
        self.mark, self.lines, self.stderr_path = mark, [], stderr
        name, _, value = mark.decode().partition("=")
        with open(stderr, "wb") as errors:
            self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
                                            env={**os.environ, name: value}, text=True, start_new_session=True)
        self.process.stdin.write(card if isinstance(card, str) else json.dumps(card))
        self.process.stdin.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def until(self, kind, count=1):
        """Reads on until so many more lines of this kind have come."""
        while count > 0:
            text = self.process.stdout.readline()
            assert text, f"it ended before a line {kind}: {self.stderr_path.read_text(encoding='utf-8')}"
            self.lines.append(json.loads(text, parse_constant=no_constant))
            count -= self.lines[-1]["line"] == kind

    def finish(self):
        """Its outcome. Of what it has started nothing is left."""
        self.lines += [json.loads(text, parse_constant=no_constant) for text in self.process.stdout]
        status = self.process.wait(seconds(10))
        assert not processes_with(self.mark)
        return Outcome(self.lines, status, self.stderr_path.read_text(encoding="utf-8"))

    def pid_of(self, word):
        """The process it has started that has this word in its command line."""
        return wait_until(lambda: next((pid for pid, words in processes_with(self.mark).items()
                                        if word in words.split()), None), f"{word} runs")


class Races:
    """Makes cards and runs them. `directory` takes what all processes write."""

    def __init__(self, build_dir, directory):
        self.build_dir, self.directory = build_dir, directory
        self.path = build_dir / "loadgen/race"
        self.mark = f"RACE_OF_TEST={directory}".encode()

    def stats(self, name, start="{start}"):
        """Where a server writes its counters."""
        return str(self.directory / f"{name}.{start}.stats")

    def server(self, name, protocol="echo", before=()):
        """nio_server's command line; `before`: a program that becomes it, such as env."""
        return [*before, str(self.build_dir / "nio/nio_server"), "--port", "0", "--protocol", protocol, "--stats",
                self.stats(name)]

    def runner(self, name, server=None, before=(), protocol="echo", **options):
        """A runner for the card; options of loadgen as keywords, `_` for `-`. `before`: as with server(), of both."""
        options = {"protocol": protocol, "port": "{port}", "server_pid": "{pid}", "clients": 2,
                   "json": self.directory / f"{name}.{{start}}.json", **options}
        words = [str(word) for option, value in options.items() for word in (f"--{option.replace('_', '-')}", value)]
        return {"name": name, "matters": True, "server": server or self.server(name, protocol, before),
                "server_says": str(self.directory / f"{name}.{{start}}.err"),
                "loadgen": [*before, str(self.build_dir / "loadgen/loadgen"), "--paced", *words],
                "loadgen_says": str(self.directory / f"{name}.{{start}}.loadgen.err")}

    @staticmethod
    def card(*runners, **members):
        """A card for a very short race, unless `members` say otherwise; against the first runner."""
        return {"starts": 1, "seconds": 0.3, "slice_ms": 10, "skip": 0.2, "width": 0, "against": runners[0]["name"],
                "runners": list(runners), **members}

    def start(self, card):
        """Begins one: a card, or any text. To be used by `with`."""
        return Running(self.path, card, self.mark, self.directory / "race.err")

    def run(self, card):
        """One from beginning to end."""
        with self.start(card) as running:
            return running.finish()
