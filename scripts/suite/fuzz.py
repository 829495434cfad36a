"""fuzz.py - hostile bytes for the protocol module: builds the fuzz targets, replays their corpus, then fuzzes."""
import re
import shlex
import subprocess
import time

import building
import environment
import process
import terminal
from options import Parser, one_of, whole
from terminal import say

TARGETS = ("http_head", "websocket_server", "websocket_client", "session", "deflate", "wslay")
BUILD = environment.ROOT / "build-fuzz"
FINDINGS = BUILD / "findings"
CORPUS = environment.ROOT / "fuzz/corpus"

# Libraries outside keep freed memory for long; a fuzzer only needs it for one input.
ASAN_OPTIONS = "quarantine_size_mb=8"
LIMITS = ("-timeout=10", "-rss_limit_mb=1024")
LENGTH_MAX = 2048

PROGRESS_S = 5
CAUSE = re.compile(r"Assertion|runtime error|^SUMMARY|ERROR: ")


def main(arguments):
    """Status 1 if a target has findings."""
    parser = Parser()
    parser.add_argument("--seconds", type=whole(1, 9999999), default=60)
    parser.add_argument("targets", nargs="*", type=one_of(*TARGETS))
    options = parser.parse_args([word.removeprefix("fuzz_") for word in arguments])
    chosen = options.targets or TARGETS
    build(chosen)
    results = [(target, replay(target) and fuzz(target, options.seconds)) for target in chosen]
    say()
    for target, log in results:
        say(summary(target, log))
    passed = sum(bool(log) and log.passed for _, log in results)
    say(f"{len(chosen)} targets: {passed} passed, {len(chosen) - passed} with findings")
    return 0 if passed == len(chosen) else 1


def build(chosen):
    """The chosen targets, by clang, which has libFuzzer."""
    programs = [f"fuzz/fuzz_{target}" for target in chosen]
    if not building.up_to_date(BUILD, programs):
        building.set_up("test")
        building.release(BUILD, ["-Dfuzz=true", "-Dunit_tests=disabled"], programs, {"CC": "clang"})
    FINDINGS.mkdir(exist_ok=True)


class Log:
    """What a target prints, line by line: kept in a file, and what the summary needs of it."""

    def __init__(self, target, path):
        self.target, self.path = target, path
        self.values = {"cov": 0, "corp": "0"}
        self.edges = self.executions = 0
        self.causes, self.running, self.written = [], None, None
        self.passed = False
        self.next_at = time.monotonic() + PROGRESS_S

    def take(self, line):
        """One line of libFuzzer's."""
        if loaded := re.match(r"INFO: Loaded 1 modules +\((\d+) ", line):
            self.edges = int(loaded[1])
        if pulse := re.match(r"#(\d+)\s.* cov: ", line):
            self.executions = int(pulse[1])
            self.values.update(re.findall(r"(\w+): (\S+)", line))
            self.show_progress()
        if executed := re.match(r"stat::number_of_executed_units: +(\d+)", line):
            self.executions = int(executed[1])
        if line.startswith("Running: "):
            self.running = line.removeprefix("Running: ")
        if written := re.search(r"Test unit written to (.*)", line):
            self.written = written[1]
        if CAUSE.search(line):
            self.causes.append(line)

    def show_progress(self):
        """Not more than a line in PROGRESS_S."""
        if time.monotonic() >= self.next_at:
            terminal.progress(f"{self.target}: {self.executions} executions, {self.values['cov']} edges covered, "
                              f"{self.inputs()} inputs kept")
            self.next_at = time.monotonic() + PROGRESS_S

    def inputs(self):
        """Of `corp: INPUTS/BYTES`."""
        return self.values["corp"].split("/")[0]

    def found(self, test_input):
        """Says what broke, and how to see it again."""
        for cause in self.causes[:3]:
            say(f"    {cause}")
        program = BUILD / f"fuzz/fuzz_{self.target}"
        say(f"    again: ASAN_OPTIONS={ASAN_OPTIONS} {shlex.join([str(program), str(test_input)])}")
        say(f"    all of its output: {self.path}")


def run(target, log_name, *arguments):
    """Runs the target to its end. Returns its log."""
    log = Log(target, BUILD / log_name)
    command = [BUILD / f"fuzz/fuzz_{target}", *LIMITS, *arguments]
    with open(log.path, "w", encoding="utf-8") as file, \
         process.running(command, env=environment.made(ASAN_OPTIONS=ASAN_OPTIONS), stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         errors="backslashreplace") as child:
        for line in child.stdout:
            file.write(line)
            log.take(line.rstrip("\n"))
    terminal.progress_done()
    log.passed = child.returncode == 0
    return log


def replay(target):
    """The committed inputs, one by one. Each was worth keeping: none may break anything again."""
    inputs = sorted(path for path in (CORPUS / target).iterdir() if path.is_file())
    log = run(target, f"{target}-corpus.log", *inputs)
    if log.passed:
        say(f"{target}: {len(inputs)} committed inputs, no finding")
    else:
        say(f"{target}: FOUND by a committed input")
        log.found(log.running)
    return log.passed


def fuzz(target, seconds):
    """New inputs for so long. Returns the log."""
    scratch = BUILD / "scratch" / target
    scratch.mkdir(parents=True, exist_ok=True)
    log = run(target, f"{target}.log", f"-max_total_time={seconds}", f"-max_len={LENGTH_MAX}",
              f"-dict={environment.ROOT / 'fuzz/protocol.dict'}", f"-artifact_prefix={FINDINGS}/{target}-",
              "-print_final_stats=1", scratch, CORPUS / target)
    if not log.passed:
        say(f"{target}: FOUND, kept as {log.written or 'nothing'}")
        log.found(log.written)
    return log


def summary(target, log):
    """One line on what a target's run came to; log is False where a committed input has ended it."""
    if not log:
        return f"{target:18} not fuzzed: a committed input comes first"
    return (f"{target:18} {log.executions:9} executions  {int(log.values['cov']):4} of {log.edges} edges covered  "
            f"{log.inputs():>4} inputs kept")
