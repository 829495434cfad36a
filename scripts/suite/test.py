"""test.py - test.sh's steps, one after the other: the output of each is kept, and its exit status is its verdict."""
import argparse
import collections
import glob
import os
import re
import shutil
import signal
import subprocess
import time

import environment
from terminal import Failure, is_terminal, progress, progress_done, say

LOGS = environment.ROOT / "build-logs"
PYTHON = "/usr/bin/python3"  # Debian's, whose modules setup.sh installs, not another one that PATH may find first
PYTEST = (PYTHON, "-m", "pytest", "-q")
LAST_LINES = 15  # of a log whose step failed
LINE_EVERY_S = 30  # of the progress, where a line cannot be overwritten
PATIENCE_S = 10  # for a step that was asked to end

# The builds: compiler, directory, meson's options.
BUILDS = {
    "gcc": ("gcc", "build", "--buildtype=release", "-Db_ndebug=false"),
    "clang": ("clang", "build-clang"),
    "asan": ("gcc", "build-asan", "-Db_sanitize=address,undefined"),
    "tsan": ("gcc", "build-tsan", "-Db_sanitize=thread", "-Dunit_tests=disabled"),
}

# One step. commands: argument lists, run in order until one fails; needs: the name of a build in BUILDS.
Step = collections.namedtuple("Step", "name what commands needs quick")

# What has one thread needs no ThreadSanitizer: the ladder, ws_demo, nio and aio.
THREADED = "not ws_demo and not nio and not aio"


class Interrupted(Exception):
    """Ctrl-C, or SIGTERM. status: what the command exits with."""

    def __init__(self, status):
        super().__init__()
        self.status = status


def tracked(*patterns):
    """Files of the project that fit."""
    files = sorted(name for pattern in patterns
                   for name in glob.glob(pattern, root_dir=environment.ROOT, recursive=True)
                   if not name.startswith(("build", "results/")))
    assert files, patterns
    return files


def build(name):
    """Configures it when it is new, and builds it."""
    _, directory, *options = BUILDS[name]
    configured = (environment.ROOT / directory / "build.ninja").exists()
    return [*([] if configured else [["meson", "setup", directory, *options]]), ["ninja", "-C", directory]]


def blackbox(directory, *options):
    """Most of these tests wait most of the time: more at once than there are CPUs."""
    at_once = max(3, len(os.sched_getaffinity(0)))
    return [[*PYTEST, "-n", str(at_once), "tests/blackbox", "--build-dir", directory, *options]]


def conformance(*options):
    """The protocol module by itself."""
    return [[PYTHON, "tests/conformance/conform.py", "--build-dir", *options]]


def units(directory, *options):
    """meson's tests, one line for each that fails."""
    return [["meson", "test", "-C", directory, "--print-errorlogs", *options]]


def steps():
    """All of them, in order."""
    def step(name, what, *commands, needs=None, quick=False):
        return Step(name, what, commands, needs, quick)

    return [
        step("shellcheck", "shellcheck", ["shellcheck", *tracked("scripts/**/*.sh", "tests/*.sh"), ".ci/run"],
             quick=True),
        step("format", "clang-format", ["clang-format", "--dry-run", "--Werror", *tracked("**/*.c", "**/*.h")],
             quick=True),
        step("tools", "the scripts themselves", [*PYTEST, "tests/tools"], quick=True),
        step("report", "report: its page, in a browser", [*PYTEST, "tests/report"], quick=True),
        step("build-gcc", "build: gcc", needs="gcc", quick=True),
        step("units-gcc", "units and structure: gcc", *units("build"), needs="gcc", quick=True),
        step("blackbox-gcc", "black box: gcc", *blackbox("build"), needs="gcc", quick=True),
        step("conformance-gcc", "conformance: gcc", *conformance("build"), needs="gcc", quick=True),
        step("page", "ws_demo: its page, in a browser", [*PYTEST, "tests/browser", "--build-dir", "build"], needs="gcc",
             quick=True),
        step("twins", "naive twins, by compare.sh", [PYTHON, "tests/check_breaks.py", "build"], needs="gcc", quick=True),
        step("soak-gcc", "soak: gcc", ["scripts/soak.sh", "--seconds", "30", "--build-dir", "build"], needs="gcc",
             quick=True),
        step("build-clang", "build: clang", needs="clang"),
        step("units-clang", "units and structure: clang", *units("build-clang"), needs="clang"),
        step("build-asan", "build: ASan + UBSan", needs="asan"),
        step("units-asan", "units: ASan + UBSan", *units("build-asan", "--suite", "unit", "--timeout-multiplier", "5"),
             needs="asan"),
        step("blackbox-asan", "black box: ASan + UBSan", *blackbox("build-asan", "--sanitizer", "asan", "--slow", "4"),
             needs="asan"),
        step("conformance-asan", "conformance: ASan + UBSan", *conformance("build-asan", "--slow", "4"), needs="asan"),
        step("soak-asan", "soak: ASan + UBSan",
             ["scripts/soak.sh", "--seconds", "30", "--build-dir", "build-asan", "--sanitizer", "asan"], needs="asan"),
        step("fuzz", "fuzz: 12 s for each target", ["scripts/fuzz.sh", "--seconds", "12"]),
        step("build-tsan", "build: TSan (no unit tests: Criterion itself does not work under it)", needs="tsan"),
        step("blackbox-tsan", "black box: TSan", *blackbox(
            "build-tsan", "--sanitizer", "tsan", "--slow", "4", "--ignore", "tests/blackbox/test_ladder.py",
            "-k", THREADED), needs="tsan"),
    ]


def chosen(every, words, quick):
    """The steps that are asked for, and the builds they need."""
    if words:
        for word in words:
            if not any(fits(step, word) for step in every):
                raise Failure(f"there is no step '{word}': try --list")
        wanted = [step for step in every if any(fits(step, word) for word in words)]
    else:
        wanted = [step for step in every if step.quick or not quick]
    needed = {f"build-{step.needs}" for step in wanted}
    return [step for step in every if step in wanted or step.name in needed]


def fits(step, word):
    """Is this the step's name, or how it begins?"""
    return step.name == word or step.name.startswith(f"{word}-")


def set_up(tier):
    """Has setup.sh install it, in the terminal, which it may ask for a password. Returns its exit status."""
    # Ctrl-C is setup.sh's then: it must let apt finish.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run([environment.SCRIPTS / "setup.sh", tier], env=environment.made(), check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def environment_of(step):
    """For the programs of a step: nothing of the user's own, no proxies (all they talk to is here), but the browser."""
    made = environment.made(PYTHONNOUSERSITE="1")
    made = {name: value for name, value in made.items() if not name.lower().endswith("_proxy")}
    made.update((name, os.environ[name]) for name in ("CHROMIUM", "CHROMEDRIVER") if os.environ.get(name))
    if step.needs:
        made["CC"] = BUILDS[step.needs][0]
    return made


def last_line(log):
    """The last line of what has been written so far."""
    with open(log, "rb") as file:
        file.seek(max(0, os.path.getsize(log) - 1000))
        lines = file.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def show_waiting(step, start, log, shown_s):
    """Where the step is; returns when that was last said."""
    passed_s = time.monotonic() - start
    if is_terminal():
        text = f"{step.what}  {passed_s:.0f} s  {last_line(log)}"
        width = shutil.get_terminal_size().columns - 1
        progress("".join(char for char in text if char.isprintable())[:width])
    elif passed_s - shown_s >= LINE_EVERY_S:
        say(f"    {step.what}: {passed_s:.0f} s: {last_line(log)[:100]}")
        return passed_s
    return shown_s


def end(child):
    """Ends a step with all that it has started in its process group. Another Ctrl-C changes nothing."""
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, signal.SIG_IGN)
    for how in signal.SIGTERM, signal.SIGKILL:
        try:
            os.killpg(child.pid, how)
            child.wait(PATIENCE_S)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def run(step, commands, log):
    """Runs the commands with their output in the log, until one fails; its exit status, or 0. Shows that it runs."""
    start, shown_s, status = time.monotonic(), 0, 0
    with open(log, "wb") as output:
        for command in commands:
            try:
                child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                         cwd=environment.ROOT, env=environment_of(step), start_new_session=True)
            except OSError as error:
                output.write(f"{command[0]}: {error.strerror}\n".encode())
                return 127
            try:
                while (status := poll(child)) is None:
                    shown_s = show_waiting(step, start, log, shown_s)
            except Interrupted:
                end(child)
                raise
            if status:
                break
    return status


def poll(child):
    """The child's exit status, or None if it still runs after a second."""
    try:
        return child.wait(1)
    except subprocess.TimeoutExpired:
        return None


def told(log, failed, whole):
    """The lines of a log that are shown: what was skipped, and why, and the count; of a failed step its end, or all."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    if failed:
        return lines if whole else lines[-LAST_LINES:]
    skips = [line for line in lines if re.match(r"SKIPPED| *\d+/\d+ .* SKIP", line)]
    return skips + [line for line in lines[-1:] if re.search(r"\d+ passed", line)]


def run_all(wanted, whole_logs):
    """Runs them. Returns the names of those that passed, failed, and were skipped, whole as they are."""
    tally = {"passed": [], "failed": [], "skipped": []}
    for step in wanted:
        commands = build(step.needs) if step.name.startswith("build-") else step.commands
        log, start = LOGS / f"{step.name}.log", time.monotonic()
        try:
            status = run(step, commands, log)
        except Interrupted as interrupted:
            progress_done()
            say(f"interrupted in {step.name}: {in_words(tally)}")
            raise interrupted
        progress_done()
        verdict = "failed" if status else "skipped" if re.match(r"\d+ skipped", last_line(log)) else "passed"
        tally[verdict].append(step.name)
        say(f"{step.what:<72} {verdict.upper() if status else verdict:<7} {time.monotonic() - start:5.0f} s")
        for line in told(log, status, whole_logs):
            say(f"    {line}")
        if status:
            say(f"    all of it: {os.path.relpath(log, environment.ROOT)}")
    return tally


def in_words(tally):
    """The counts, and which failed."""
    failed = f" ({', '.join(tally['failed'])})" if tally["failed"] else ""
    return f"{len(tally['passed'])} passed, {len(tally['failed'])} failed{failed}, {len(tally['skipped'])} skipped"


def options_of(arguments):
    """The options; raises Failure for one that there is not."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", action="extend", default=[])
    parser.add_argument("--logs", action="store_true")
    parser.add_argument("--list", action="store_true")
    try:
        options, unknown = parser.parse_known_args(arguments)
    except argparse.ArgumentError as error:
        raise Failure(f"{error}: try --help") from None
    if unknown:
        raise Failure(f"unknown option '{unknown[0]}': try --help")
    return options


def interrupt(number, _):
    """Handles SIGINT and SIGTERM."""
    raise Interrupted(128 + number)


def main(arguments):
    """Returns the exit status."""
    options = options_of(arguments)
    every = steps()
    wanted = chosen(every, options.only, options.quick)
    if options.list:
        for step in wanted:
            say(f"{step.name:<18} {step.what}")
        return 0
    if status := set_up("--test"):
        return status
    if (status := set_up("--browser")) == 130:
        return status
    if status:
        say("going on without a browser: its tests are skipped")
    if ignored := environment.ignored():
        say(f"not used here, though it is set: {', '.join(ignored)}")
    try:
        LOGS.mkdir(exist_ok=True)
    except OSError as error:
        raise Failure(f"cannot write {LOGS}: {error.strerror}: "
                      "use a copy of the checkout in a directory of your own") from None
    start = time.monotonic()
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, interrupt)
    try:
        tally = run_all(wanted, options.logs)
    except Interrupted as interrupted:
        return interrupted.status
    minutes, seconds = divmod(round(time.monotonic() - start), 60)
    say()
    say(f"{minutes} min {seconds} s: {in_words(tally)}")
    return 1 if tally["failed"] else 0
