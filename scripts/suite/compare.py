"""compare.py - measures the I/O models, and a framework, against each other on this machine: what compare.sh does.

This file reads the options, makes the plan and walks through it. SQL computes (scripts/sql), run.py makes one run,
host.py collects facts about the machine, and tables, charts and page are made from the database.
"""
import contextlib
import shlex
import shutil
import signal
import sqlite3
import sys

import building
import charts
import compare_options
import cpus
import database
import environment
import fitness
import host
import interrupt
import load_hosts
import lock
import look
import page
import plan
import redraw
import server_host
import summary
import tables
import walk
from suite_words import text, told
from terminal import Failure, progress_done, say, say_no_more


class Phase:
    """What a signal would end now, in words. `keeps`: are the results kept?"""

    def __init__(self, command, keeps=True):
        self.command, self.keeps = command, keeps
        self.words = text("nothing measured")

    def planned(self, out):
        """From here there are results."""
        self.words = text("measured so far", out=out) if self.keeps else text("none kept")

    def measured(self, out):
        """From here they only have to be shown."""
        self.words = text("redraw", command=redraw_command(out))

    def told(self, ended):
        """The line that says so. Returns the exit status."""
        progress_done()
        print(f"{self.command}.sh: {text('ended', words=self.words)}", file=sys.stderr)
        return getattr(ended, "status", 130)


def redraw_command(out):
    """What makes tables, charts and page of these results."""
    return f"scripts/compare.sh --redraw {shlex.quote(str(out))}"


def main(arguments):
    """compare.sh. Status 0; 1 if a model has no valid run, or a table, chart or page is missing; 128 and more if a
    signal ended it."""
    phase = Phase("compare")
    load_at_start = host.load_average()
    interrupt.install()
    try:
        options = compare_options.parse(arguments)
        if options.redraw:
            building.set_up("measure")
            phase.words = text("redraw again", command=redraw_command(options.redraw))
            return redraw.main_redraw(options.redraw, options.against, options.predictions)
        if options.server_host:
            return server_host.run(options, arguments)
        return compare(options, phase, load_at_start)
    except KeyboardInterrupt as ended:
        return phase.told(ended)
    except BrokenPipeError:
        say_no_more()
        return phase.told(interrupt.Ended(signal.SIGPIPE))


def compare(options, phase, load_at_start):
    """Measures and reports. Returns the exit status."""
    with contextlib.closing(lock.take()):
        return measure_and_report(options, phase, load_at_start)


def measure_and_report(options, phase, load_at_start):
    """The same; the caller holds the lock."""
    db, build, status = measure(options, phase, load_at_start)
    if not db.execute("select 1 from run limit 1").fetchone():
        db.close()
        shutil.rmtree(options.out)
        say(text("nothing measured"))
        return status
    phase.measured(options.out)
    if status:
        say(text("ended early"))
    is_whole = report(db, build, options, partial=status != 0)
    without = no_valid_run(db)
    if without:
        say(without)
    return status or (0 if is_whole and not without else 1)


def measure(options, phase, load_at_start):
    """From set-up to the last run; the caller holds the lock. Returns the database, the build directory, and the exit
    status of the signal that ended it early, or 0. Leaves no results if it is ended before the first run."""
    if options.build:
        compare_options.check_writable(options.build, "--build")
    building.say_ignored()
    building.set_up("measure")
    directory = fitness.choose(options.build)
    if options.load_hosts:
        load_hosts.prepare(directory or building.DEFAULT)
    build = building.release(directory)
    if not (build / "loadgen/loadgen").is_file():
        raise Failure("the build made no loadgen/loadgen: nothing can be measured")
    load = load_hosts.LoadHosts(options.load_hosts) if options.load_hosts else None
    if load:
        load.check(build)
    chosen = cpus.choose(int(options.processes or 1), not load)
    db = plan.make(options, build, chosen, load_at_start, load)
    phase.planned(options.out)
    plan.tell(db)
    try:
        status = walk.walk(db, build, options.out, chosen, load)
        database.run_file(db, "finish")
        database.run_file(db, "cache")
    except BrokenPipeError:
        raise
    except (OSError, sqlite3.Error) as error:
        raise Failure(f"the run cannot be made or stored: {error}; "
                      f"'{options.out}' has what was measured so far") from error
    return db, build, status


def report(db, build, options, partial):
    """Tables, charts, page, and what the terminal gets. Says what cannot be made, and makes the rest. False if
    something is missing."""
    say(text("writing"))
    steps = [attempt("no tables", lambda: tables.write(db, options.out)),
             attempt("no charts", lambda: charts.draw_all(db, options.out))]
    if not options.scenario and not partial:
        attempt("no look", lambda: look.look_at_servers(db, build, options.out))
    steps.append(attempt("no page", lambda: page.make(db, options.out, options.against)))
    summary.show(db, options.out)
    return all(steps)


def attempt(fault, make):
    """Runs make(); prints one line, of suite_words.py, and returns False if that fails."""
    try:
        make()
        return True
    except (Failure, OSError, sqlite3.Error) as error:
        progress_done()
        say(text("attempt", what=text(fault), why=error))
        return False


def no_valid_run(db):
    """The last line of a comparison in which a model has none; None if all have."""
    without = database.run_file(db, "no_valid_run")
    if not without:
        return None
    said = [text("why", what=row["name"], why=told(" ".join(row["why"].split()))) for row in without]
    return text("no valid run", models=text("semicolon").join(said))
