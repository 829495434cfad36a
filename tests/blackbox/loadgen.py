"""The load generator as the tests use it."""
import json
import subprocess

from timing import seconds


def no_constant(word):
    """JSON knows no NaN and no Infinity, whatever Python's parser says."""
    raise AssertionError(f"{word} in the load generator's JSON")


class Result:
    """Exit status, report (None if there was none) and what was said."""

    def __init__(self, status, report, stdout, stderr):
        self.status, self.report, self.stdout, self.stderr = status, report, stdout, stderr

    def failures(self):
        """Those that there were, by class."""
        return {name: count for name, count in self.report["failures"].items() if count}


class LoadGenerator:
    """Runs it against a server (anything with a .port)."""

    def __init__(self, path, directory, options=()):
        self.path = path
        self.options = options
        self.report_path = directory / "loadgen.json"

    def run(self, *arguments, plain=30, descriptors=None):
        """Runs it with these very arguments, and with at most so many descriptors."""
        assert self.path.exists(), f"{self.path} is not built"
        limit = ["prlimit", f"--nofile={descriptors}"] if descriptors else []
        done = subprocess.run([*limit, self.path, *map(str, arguments)], capture_output=True, text=True,
                              timeout=seconds(plain), check=False)
        assert done.returncode in (0, 1, 2), f"exit status {done.returncode}: {done.stderr}"
        return done

    def __call__(self, server, *flags, plain=30, **options):
        """Runs it against `server`; flags as they are, options as keywords, `_` for `-`."""
        options = {"protocol": server.protocol, "port": server.port, "duration": 1, "warmup": 0, **options}
        arguments = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        self.report_path.unlink(missing_ok=True)
        done = self.run(*arguments, *flags, *self.options, "--quiet", "--json", self.report_path, plain=plain)
        report = None
        if self.report_path.exists():
            report = json.loads(self.report_path.read_text(encoding="utf-8"), parse_constant=no_constant)
            check_report(report, done.returncode)
        return Result(done.returncode, report, done.stdout, done.stderr)

    def patiently(self, server, *flags, enough=lambda result: True, **options):
        """The same, where only a failure is of interest. On a busy machine a short window may pass in which somebody has
        no turn: then there is a longer one. The first result in which all were served and which is enough, or the last."""
        for duration in 0.2, 2, 10:
            result = self(server, *flags, duration=duration, **options)
            failures = result.report["failures_total"] - result.report["failures"]["starved"]
            if failures or result.status == 0 and enough(result):
                break
        return result

    def search(self, server, of, plain=60, descriptors=None, **options):
        """`--search OF` against `server`, with short runs; a p99 that only a standstill exceeds, unless given."""
        options = {"protocol": server.protocol, "port": server.port, "duration": 0.3, "warmup": 0.1, "p99_ms": 290,
                   **options}
        arguments = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        self.report_path.unlink(missing_ok=True)
        done = self.run("--search", of, *arguments, "--json", self.report_path, plain=plain, descriptors=descriptors)
        report = json.loads(self.report_path.read_text(encoding="utf-8"), parse_constant=no_constant)
        check_search(report, done)
        return Result(done.returncode, report, done.stdout, done.stderr)


def check_search(report, done):
    """What must hold of every search, whatever it found."""
    answer, probes = report["answer"], report["probes"]
    assert done.stderr.count("loadgen: run") >= len(probes) - (report["end"] == "void"), "each run is told of"
    for probe in probes:
        assert sum(probe["failures"].values()) == probe["failures_total"] <= probe["clients"]
        assert probe["held"] == (probe["why"] == "held") == (probe["says"] == "")
    if report["end"] != "answered":
        assert done.returncode == 2
        return
    assert done.returncode == (1 if answer["kind"] == "none" else 0)
    assert answer["value"] is None or sum(p["held"] and p["value"] == answer["value"] for p in probes) >= 2
    assert answer["not_held"] is None or sum(not p["held"] and p["value"] == answer["not_held"] for p in probes) >= 2
    assert (answer["kind"] == "exactly") == (bool(answer["value"] and answer["not_held"]) and not answer["client_limit"])


def check_report(report, status):
    """What must hold of every report, whatever happened in the run."""
    clients, failures = report["clients"], report["failures"]
    assert report["version"] == 1
    assert sum(failures.values()) == report["failures_total"] <= clients["asked"]
    assert status == (1 if report["failures_total"] or report["window"]["messages"] == 0 else 0)
    assert clients["served"] <= clients["connected"] <= clients["asked"]
    told = report["failures_total"] + (report["unsent"] or {"count": 0})["count"]  # by clients that came too late, too
    assert clients["asked"] - clients["served"] <= told, "a client never served is no failure?"
    assert (clients["upgraded"] is None) == (report["options"]["protocol"] == "echo")
    for kind in ("service", "response"):
        latency, histogram = report["latency"][kind], report["histogram"][kind]
        assert (latency is None) == (histogram is None)
        if latency:
            assert sum(count for _, count in histogram) == latency["count"]
            assert all(count > 0 for _, count in histogram), "only non-empty buckets are written"
            assert latency["count"] == 0 or 0 <= latency["min_us"] <= latency["max_us"] < 1e9, "nothing is negative"
    if report["options"]["rate"] == 0:  # the open loop measures what is due in the window, not what is answered in it
        assert report["latency"]["service"]["count"] == report["window"]["messages"]
    if chaos := report["chaos"]:
        assert (chaos["resent"] is None) == (chaos["kind"] != "flash")
        assert chaos["all_back_s"] is None or chaos["all_back_s"] > 0
