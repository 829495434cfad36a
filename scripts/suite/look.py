"""look.py - the page's figures of the servers themselves: their sources, what their stacks tell, one conversation under strace.
None of it is timed, and what cannot be had is left out with a word.
"""
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile

import database
import environment
import process
from terminal import say

REPORT = environment.SCRIPTS / "report"
PYTHON = ("/usr/bin/python3", "-B")


def look_at_servers(db, build, out):
    """Stores what is seen in the database, and sources.json and exam/ in `out`."""
    say("looking at the servers: sources, stacks, one conversation each")
    with tempfile.TemporaryDirectory(prefix="io-models-") as name:
        work = pathlib.Path(name)
        look("the sources cannot be looked at", [*PYTHON, REPORT / "sources.py", environment.ROOT, work])
        look("the backtrace exam cannot be held", [REPORT / "exam.sh", f"{build}-exam", work])
        look("no conversation can be traced", [REPORT / "journey.sh", build, work])
        if (work / "sources.json").is_file():
            shutil.copy(work / "sources.json", out)
        if (work / "exam").is_dir():
            shutil.copytree(work / "exam", out / "exam", dirs_exist_ok=True)
        database.run_file(db, "import_report", **{name: rows(work / f"{name}.tsv") for name in ("metrics", "exam", "journey")})


def look(what, words):
    """Runs it; a word of why not, if it fails."""
    with process.start(words, number=signal.SIGTERM, env=environment.made(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, text=True, errors="replace") as child:
        said = child.communicate()[0]
    if child.returncode:
        lines = said.strip().splitlines()
        say(f"{what}: {lines[-1] if lines else f'status {child.returncode}'}")


def rows(path):
    """A file of lines with tabs, as JSON. None: it was not written."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return json.dumps([line.split("\t") for line in text.split("\n") if line])
