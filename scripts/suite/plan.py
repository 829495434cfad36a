"""plan.py - what will be measured: the database with its plan, made in memory, so that a mistake leaves no results
behind."""
import contextlib
import shutil
import sqlite3
import subprocess

import database
import environment
import host
import predictions
import run
from suite_words import text, told
from terminal import Failure, say

SETTINGS = ("profile", "scenario", "workloads", "models", "protocols", "clients", "repeat", "duration", "warmup",
            "processes")

PROBE_LIMIT_S = 10
SHARED_EVENLY = 0.95

NOT_SEVERAL = "it has no --share-port, so that several processes cannot serve one port"


def make(options, build, cpus, load_at_start, load=None):
    """Makes options.out with results.db, all but the runs, and runs/. Returns the open database. Failure if nothing is
    left to measure. `load`: a LoadHosts, or None."""
    db = database.words()
    client_limit, client_limit_why = host.raise_descriptor_limit()
    if load:
        client_limit, client_limit_why = shared_limit(client_limit, client_limit_why, int(options.processes or 1), load)
    settings = {name: getattr(options, name) for name in SETTINGS}
    settings |= {"client_limit": client_limit, "client_limit_why": client_limit_why,
                 "loadgen_threads": 1 if load else cpus.client_threads, "no_strace": why_no_strace(),
                 "shared_cpu": "yes" if cpus.shared and not load else None,
                 "load_hosts": ",".join(load.names) if load else None,
                 "server_cpus": len(cpus.servers) if is_several(options) else None}
    db.executemany("insert into setting (key, value) values (?, ?)",
                   [row for row in settings.items() if row[1] is not None])
    db.executemany("insert into metadata (key, value) values (?, ?)", host.facts(build, cpus, load_at_start))
    for (program,) in db.execute("select distinct program from model").fetchall():
        db.execute("update model set missing = ? where program = ?", [why_missing(build, program), program])
        if is_several(options) and run.is_bare(program):
            db.execute("update model set missing = ? where program = ? and not yardstick", [NOT_SEVERAL, program])
    database.run_file(db, "import_settings", targets=host.text_of(build / "meson-info/intro-targets.json"),
                      options=host.text_of(build / "meson-info/intro-buildoptions.json"))
    database.make_views(db)
    database.run_file(db, "plan")
    database.run_file(db, "textbook")
    if options.predictions:
        predictions.take(db, options.predictions)
    check_not_empty(db)
    return stored(db, options.out)


def shared_limit(limit, why, processes, load):
    """The most clients of several load generators, which have as many descriptors each; and of several processes that
    share a port: the kernel deals connections out by a hash, to some more than to others."""
    servers = limit if processes == 1 else int(limit * processes * SHARED_EVENLY)
    if servers <= limit * len(load.names):
        return servers, f"{why}, and each server is {processes} process{'es' if processes > 1 else ''}"
    return limit * len(load.names), f"{why}, and load comes from {len(load.names)} hosts"


def is_several(options):
    """Is each server several processes?"""
    return options.processes is not None and int(options.processes) > 1


def check_not_empty(db):
    """Failure if there is no run to be made."""
    if not db.execute("select 1 from plan limit 1").fetchone():
        why = [row[0] for row in db.execute(
            "select text from note where text like 'Dropped:%' or text like '% is not measured:%'")]
        raise Failure("nothing is left to measure: "
                      + (" ".join(why) or "none of these models is put to these workloads"))


def stored(memory, out):
    """The database as out/results.db, with runs/ beside it. What was made of `out` is removed if that fails."""
    existed = out.exists()
    try:
        (out / "runs").mkdir(parents=True)
        db = database.connect(out / "results.db")
        with contextlib.closing(memory):
            memory.backup(db)
    except BaseException as error:
        shutil.rmtree(out / "runs" if existed else out, ignore_errors=True)
        if isinstance(error, (OSError, sqlite3.Error)):
            raise Failure(f"'{out}' cannot be written: {error}") from error
        raise
    return db


def why_no_strace():
    """Why no system calls can be counted; None if they can."""
    try:
        host.said_by("strace", "-f", "-c", "-U", "calls,name", "-o", "/dev/null", "true")
    except FileNotFoundError:
        return "strace is missing"
    except OSError as error:
        return f"strace does not work here ({' '.join(str(error).split())})"
    return None


def why_missing(build, program):
    """Why this program of a model cannot be measured; None if it can."""
    if not (build / program).is_file():
        if program.startswith("aio/"):
            return "not built: liburing 2.3 or later was not found when the build was configured"
        return "not built"
    if not program.startswith("aio/"):
        return None
    probe = build / ("aio/aio_server" if program.startswith("aio/naive/") else program)  # they need what it needs
    try:
        done = subprocess.run([probe, "--probe"], env=environment.made(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                              timeout=PROBE_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return f"its --probe did not end within {PROBE_LIMIT_S} s"
    if done.returncode:
        return f"io_uring is refused here: {' '.join(done.stdout.replace(f'{probe}: ', '').split())}"
    return None


def tell(db):
    """What will be run, and how long it will take."""
    for (note,) in db.execute("select text from note"):
        say(text("note", text=told(note)))
    say(told(database.run_file(db, "plan_words")[0][0]))
