"""test.py - test.sh: installs what is missing, prints the plan, and lets schedule.py run the steps that steps.py
lists."""
import textwrap
import time

import building
import interrupt
import measured
import schedule
import steps
from options import Parser
from terminal import Failure, say


def chosen(every, words, full):
    """The steps that are asked for, and the builds they need. `words` may name any step; without, those of the size."""
    for word in words:
        if not any(fits(step, word) for step in every):
            raise Failure(f"there is no step '{word}': try --list")
    if words:
        wanted = [step for step in every if any(fits(step, word) for word in words)]
    else:
        wanted = [step for step in every if step.short or full]
    needed = {f"build-{step.needs}" for step in wanted}
    return [step for step in every if step in wanted or step.name in needed]


def fits(step, word):
    """Is this the step's name, or how it begins?"""
    return step.name == word or step.name.startswith(f"{word}-")



def options_of(arguments):
    """The options; raises Failure for one that there is not."""
    parser = Parser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", nargs="+", action="extend", default=[])
    parser.add_argument("--logs", action="store_true")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args(arguments)


def announcement(wanted, options):
    """What will be done, and how long that took when it was measured."""
    figures = measured.read()
    short, full = (figures[name]["value"] for name in ("test-minutes", "test-full-minutes"))
    took = f", about {full if options.full else short} minutes on 2 CPUs" if not options.only else ""
    more = f" (--full: everything, {full} minutes)" if not options.full and not options.only else ""
    names = textwrap.fill("; ".join(step.what for step in wanted), 116, initial_indent="    ", subsequent_indent="    ")
    return f"{len(wanted)} steps{took}{more}; the output of each is in {schedule.LOGS.name}/:\n{names}"


def main(arguments):
    """Returns the exit status. Raises interrupt.Ended after Ctrl-C, once the steps have been ended."""
    options = options_of(arguments)
    wanted = chosen(steps.steps(options.full), options.only, options.full)
    if options.list:
        for step in wanted:
            say(f"{step.name:<18} {step.what}")
        return 0
    interrupt.install()
    building.set_up("test")
    if building.install("browser"):
        say("going on without a browser: its tests are skipped")
    if building.install("nodes"):
        say("going on without Redis: its tests are skipped")
    if options.full and building.install("hosts"):
        say("going on without MPI: the tests of several hosts are skipped")
    building.say_ignored()
    try:
        schedule.LOGS.mkdir(exist_ok=True)
    except OSError as error:
        raise Failure(f"cannot write {schedule.LOGS}: {error.strerror}: "
                      "use a copy of the checkout in a directory of your own") from None
    say(announcement(wanted, options))
    start = time.monotonic()
    tally = schedule.run_all(wanted, options.logs)
    say()
    say(f"{schedule.as_minutes(time.monotonic() - start)}: {schedule.in_words(tally)}")
    return 1 if tally["failed"] else 0
