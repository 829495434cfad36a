"""look.py - the page's facts about the servers themselves: their sources, what their stacks show, one conversation
under strace. None of this is timed. Where a part is not available, one line says so, and the page leaves it out.
"""
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile

import building
import database
import environment
import process
from suite_words import text
from terminal import Failure, progress, progress_done, say

REPORT = environment.SCRIPTS / "report"
PYTHON = ("/usr/bin/python3", "-B", "-s")  # -s: with no package of the user's own

# Without optimisation gdb finds the arguments of every function.
FOR_THE_EXAM = ("--buildtype=debug", "-Doptimization=0", "-Db_ndebug=false", "-Dunit_tests=disabled")


def look_at_servers(db, build, out):
    """Stores what is seen in the database, and sources.json and exam/ in `out`. BUILD-exam is made for it."""
    with tempfile.TemporaryDirectory(prefix="io-models-") as name:
        work = pathlib.Path(name)
        look("1 of 3", "no sources", "sources.py", environment.ROOT, work)
        try:
            exam_build = building.release(f"{build}-exam", FOR_THE_EXAM)
            look("2 of 3", "no exam", "exam.py", exam_build, work)
        except Failure as failure:
            say(text("attempt", what=text("no exam"), why=failure))
        if look("3 of 3", "no trace", "conversation.py", build, work):
            look("3 of 3", "no reading", "journey.py", work)
        keep(work, out)
        database.run_file(db, "import_report",
                          **{name: rows(work / f"{name}.tsv") for name in ("metrics", "exam", "journey")})
    progress_done()


def look(step, what_if_not, program, *words):
    """Runs a program of scripts/report. Prints why and returns False if it fails. `step`, `what_if_not`: of
    suite_words.py."""
    progress(text("looking", step=text(step)))
    with process.running([*PYTHON, REPORT / program, *words], number=signal.SIGTERM, env=environment.made(),
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         errors="replace") as child:
        said = child.communicate()[0]
    if child.returncode:
        lines = said.strip().splitlines()
        progress_done()
        say(text("attempt", what=text(what_if_not), why=lines[-1] if lines else f"status {child.returncode}"))
    return child.returncode == 0


def keep(work, out):
    """Keeps the files that are useful beside the page."""
    if (work / "sources.json").is_file():
        shutil.copy(work / "sources.json", out)
    if (work / "exam").is_dir():
        shutil.copytree(work / "exam", out / "exam", dirs_exist_ok=True)


def rows(path):
    """A file of lines with tabs, as JSON; [] if it was not written."""
    written = path.read_text(encoding="utf-8") if path.is_file() else ""
    return json.dumps([line.split("\t") for line in written.split("\n") if line])
