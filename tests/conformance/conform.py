#!/usr/bin/env python3
"""The conformance suite: RFC 6455 and RFC 7692, case by case (cases.py), against everything here that speaks WebSocket.

    /usr/bin/python3 tests/conformance/conform.py [--build-dir build] [--only 6.4] [--against websocket,nio,client]
                                                  [--short]

Every case is run whole, byte by byte and at random splits, and passes if all of them do; --short leaves out some.
Exit status: 0 all passed, 1 some failed, 2 could not run.
"""
import argparse
import pathlib
import random
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/blackbox"))

# pylint: disable=wrong-import-position
import timing
from cases import FAMILIES, all_rows
import deflated_cases
from deflated_cases import Talk
from direct import Direct
from hostile import Client
from rows import Answer
from servers import EXECUTABLES, MODELS, why_not
from splits import FORMS
from tcp import Tcp

TARGETS = ["websocket", *MODELS, "client", "client_epoll"]
PARALLEL = 3  # targets under way at the same time; each has one case at a time

# --short leaves out what is longer. They are the shapes of shorter cases, four to sixteen times as long, and take over a
# third of the time; what only length could break (a counter of 16 bits, a buffer that grows) breaks at a MiB, too.
SHORT_MAX = 1024 * 1024

# Over TCP, each case is sent in one of the three forms; which, the seed says. All three meet the protocol module itself, in
# both roles, and each server meets all three, over many cases of each family: what it adds is a buffer and a loop.
SHORT_FORMS = 1

# Of a case of a thousand messages, each of which waits for the answer to the one before, it has the first hundred: the
# ten such cases were nine tenths of all pieces that were sent; what the later ones could break, a load of some seconds in
# tests/blackbox would, too.
SHORT_STEPS = 100


def parse_arguments():
    """The command line; what is wrong with it costs one line and status 2."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--build-dir", type=pathlib.Path, default=REPOSITORY / "build", metavar="DIR",
                        help="where meson built everything (default build)")
    parser.add_argument("--only", default="", metavar="LIST",
                        help="only cases with these numbers, or beginnings of numbers, separated by commas")
    parser.add_argument("--against", default=",".join(TARGETS), metavar="LIST",
                        help=f"only these targets, separated by commas (default {','.join(TARGETS)})")
    parser.add_argument("--short", action="store_true",
                        help="without the cases that send more than 1 MiB, with 100 of 1,000 messages in a row, over TCP "
                             "in one of the three forms, and without client_epoll, whose other half is client: what bytes "
                             "mean is the same code, and tests/blackbox has both ways to move them")
    parser.add_argument("--slow", type=float, default=1.0, metavar="FACTOR", help="stretch every deadline by this")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), metavar="N",
                        help="for the random splits; a failure names it")
    options = parser.parse_args()
    options.against = options.against.split(",")
    if options.short:
        options.against = [name for name in options.against if name != "client_epoll"]
    for name in options.against:
        if name not in TARGETS:
            parser.error(f"--against '{name}': no such target; there are {', '.join(TARGETS)}")
    if options.slow <= 0:
        parser.error("--slow: give a number above 0")
    if not (options.build_dir / "tests/conformance_driver").exists():
        parser.error(f"--build-dir {options.build_dir}: nothing is built there")
    return options


def is_asked_for(number, only):
    """`--only 6.4` means 6.4 and 6.4.1, and not 6.41."""
    return not only or any((number + ".").startswith(prefix.rstrip(".") + ".") for prefix in only.split(","))


def is_short(row):
    """Does it send no more than SHORT_MAX?"""
    if isinstance(row, Answer):
        return True
    if row.family in ("12", "13", "14"):
        return deflated_cases.is_short(row)
    return sum(len(frame.payload) for frames, _ in row.steps for frame in frames) <= SHORT_MAX


def shortened(row):
    """The same with its first steps, if it has more than SHORT_STEPS."""
    if isinstance(row, Talk):
        return deflated_cases.shortened(row)
    return row if isinstance(row, Answer) else row._replace(steps=row.steps[:SHORT_STEPS])


def open_target(name, options):
    """The target, started; or None where io_uring is not to be had."""
    if name == "websocket":
        return Direct(options.build_dir)
    if name == "client":
        return Client(name, options.build_dir)
    if name == "client_epoll":
        return Client(name, options.build_dir, "--io", "epoll")
    executable = options.build_dir / EXECUTABLES[name]
    refusal = why_not(executable) if name.startswith("aio") else ""
    if refusal:
        print(f"skipped: {refusal}")
        return None
    return Tcp(name, executable)


class Results:
    """What passed and what did not, by family and target."""

    def __init__(self, names):
        self.names = names
        self.cases, self.passed, self.total, self.failed = Counter(), Counter(), Counter(), 0
        self.skipped = []

    def count(self, family, name, right):
        """One case against one target."""
        self.total[family, name] += 1
        self.passed[family, name] += right
        self.failed += not right

    def table(self):
        """By family."""
        families = [family for family in FAMILIES if self.cases[family]]
        rows = [["family", "", "cases", *self.names]]
        for family in families:
            rows.append([family, FAMILIES[family], str(self.cases[family]), *(self._cell([family], name)
                                                                               for name in self.names)])
        rows.append(["", "all", str(sum(self.cases.values())), *(self._cell(families, name) for name in self.names)])
        widths = [max(len(line[column]) for line in rows) for column in range(len(rows[0]))]
        for line in rows:
            cells = [cell.ljust(width) if column < 2 else cell.rjust(width)
                     for column, (cell, width) in enumerate(zip(line, widths))]
            print("  ".join(cells).rstrip())

    def _cell(self, families, name):
        if name in self.skipped:
            return "skipped"
        total = sum(self.total[family, name] for family in families)
        return f"{sum(self.passed[family, name] for family in families)}/{total}" if total else "-"


def forms_for(target, options, seed):
    """In which forms this target gets the case of that seed."""
    if not options.short or isinstance(target, Direct):
        return FORMS
    return random.Random(f"{seed} {target.name}").sample(FORMS, SHORT_FORMS)


def failures_of(target, row, seed, forms):
    """What is wrong, form by form; the other forms of a case that ran into its deadline would do so too."""
    failures = []
    for form, what in target.check(row, seed, forms):
        failures.append((form, what))
        if what.startswith(timing.NOT_WITHIN):
            break
    return failures


def run_case(row, targets, options, results, pool):
    """One case against all targets at the same time."""
    seed = f"{options.seed} {row.id}"
    takers = [target for target in targets if target.takes(row)]
    complete = row if isinstance(row, (Answer, Talk)) else row.completed()
    outcomes = pool.map(lambda target: failures_of(target, complete, seed, forms_for(target, options, seed)), takers)
    for target, failures in zip(takers, outcomes):
        results.count(row.family, target.name, not failures)
        for form, what in failures:
            print(f"FAILED {row.id} ({row.words}), {target.name}, {form}, --seed {options.seed}: {what}", flush=True)


def run(targets, options, results):
    """All cases, with a line for each family."""
    family, begun = None, time.monotonic()
    with ThreadPoolExecutor(PARALLEL) as pool:
        for row in all_rows():
            if not is_asked_for(row.id, options.only) or (options.short and not is_short(row)):
                continue
            if row.family != family:
                family = row.family
                print(f"{time.monotonic() - begun:6.1f} s  {family} {FAMILIES[family]}", flush=True)
            results.cases[family] += 1
            run_case(shortened(row) if options.short else row, targets, options, results, pool)
    print(f"{time.monotonic() - begun:6.1f} s  done", flush=True)


def close_all(targets, results):
    """Ends what was started; one that does not end as it should is a failure."""
    for target in targets:
        try:
            target.close()
        except AssertionError as error:
            results.failed += 1
            print(f"FAILED at the end, {target.name}: {error}", flush=True)


def main():
    """Runs what is asked for; returns the exit status."""
    options = parse_arguments()
    timing.stretch(options.slow)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    results, targets = Results(options.against), []
    try:
        for name in options.against:
            target = open_target(name, options)
            (targets if target else results.skipped).append(target or name)
        run(targets, options, results)
    finally:
        close_all(targets, results)
    if not results.cases:
        print(f"conform.py: --only '{options.only}': no such case", file=sys.stderr)
        return 2
    results.table()
    print(f"{sum(results.passed.values())} passed, {results.failed} failed")
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
