"""break.py - one failure scenario against a model, or a naive twin and the server that survives what it does not.

Limits apply to the server only (prlimit in the child); the machine stays as it is. compare.py measures.
"""
import contextlib
import os
import pathlib
import shutil
import sys
import tempfile

import compare
import compare_options
import database
import host
import interrupt
import lock
import terminal
import text_table
from suite_words import text, told
from terminal import Failure, progress_done, say


def main(arguments):
    """break.sh. `--list` prints the scenarios."""
    if arguments == ["--list"]:
        return show_scenarios()
    if not 1 <= len(arguments) <= 3:
        raise Failure(text("which scenario"))
    scenario, *more = arguments
    found = database.run_file(database.words(), "break_models", workload=scenario)
    if not found:
        raise Failure(text("no scenario", name=scenario))
    models, protocol, *_ = [*more, *list(found[0])[len(more):]]
    phase = compare.Phase("break", keeps=False)
    interrupt.install()
    try:
        with tempfile.TemporaryDirectory(prefix="io-models-") as work:
            options = compare_options.parse([
                "--scenario", "reliability", "--workloads", scenario, "--models", models, "--protocols", protocol,
                "--repeat", "1", "--out", os.path.join(work, "results")])
            return show(measured(options, phase, pathlib.Path(work)))
    except KeyboardInterrupt as ended:
        return phase.told(ended)


def measured(options, phase, work):
    """The database of the runs. A terminal shows the steps meanwhile; elsewhere they are printed only on failure."""
    load_at_start = host.load_average()
    with contextlib.closing(lock.take()), quiet(work / "log"):
        db, _, status = compare.measure(options, phase, load_at_start)
    progress_done()
    if status:
        raise interrupt.Ended(status - 128)
    database.make_views(db)
    return db


@contextlib.contextmanager
def quiet(log):
    """Where standard output is no terminal, it goes into a log meanwhile, which is printed if an exception is
    raised."""
    if terminal.is_terminal():
        yield
        return
    sys.stdout.flush()
    output = os.dup(1)
    with open(log, "wb") as file:
        os.dup2(file.fileno(), 1)
    failed = True
    try:
        yield
        failed = False
    finally:
        sys.stdout.flush()
        os.dup2(output, 1)
        os.close(output)
        if failed:
            with open(log, encoding="utf-8", errors="replace") as file:
                shutil.copyfileobj(file, sys.stderr)


def show_scenarios():
    """The names, and what each is."""
    for row in database.run_file(database.words(), "breaks"):
        say(f"  {row['name']:17} {text_table.padded(told(row['title']), 46)} {told(row['who'])}".rstrip())
    return 0


def show(db):
    """What happened to each server, for the terminal and for docs/failures.md."""
    workload = db.execute("select name, title from workload where name in (select workload from plan)").fetchone()
    say(text("heading", name=workload["name"], title=told(workload["title"])) + f"\n\n{text('by hand')}\n")
    for row in database.run_file(db, "break_by_hand"):
        say(f"    {row['command']}")
    say()
    rows = database.run_file(db, "break_outcome")
    text_table.show(map(told, rows[0].keys()), [map(told, row) for row in rows], heads=2)
    failed = db.execute("select model, why_failed from reliability where why_failed is not null").fetchall()
    for row in failed:
        say("\n" + text("attempt", what=row["model"], why=told(row["why_failed"].rstrip(": \n"))))
    return 0
