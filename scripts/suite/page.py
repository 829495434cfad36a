"""page.py - report.html: all of a results.db as one page, with the figures of another one beside them if asked."""
import json
import pathlib
import sys

import database
import environment
import outputs
import sources_file
from suite_words import text
from terminal import Failure, say

sys.path.insert(0, str(environment.SCRIPTS / "report"))

import build  # pylint: disable=wrong-import-position

AGAINST = """insert into against_figure (workload, protocol, clients, model, figure, runs, median, least, greatest)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?)"""


def make(db, out, against=None):
    """Writes report.html into `out`, whose charts have been drawn. against: a directory of results, or None."""
    out = pathlib.Path(out)
    if against:
        hold_against(db, against)
    try:
        sources = sources_file.read(out / "sources.json")
    except Failure as failure:
        say(text("attempt", what=text("page without sources"), why=failure))
        sources = None
    data = json.loads(database.run_file(db, "report")[0][0])
    try:
        html = build.page(data, sources, out / "charts")
    except ValueError as error:
        raise Failure(str(error)) from error
    outputs.write(out / "report.html", html)


def hold_against(db, against):
    """Stores the figures that both this run and that of the directory have."""
    other = database.open_foreign(pathlib.Path(against, "results.db"))
    database.run_file(other, "cache")
    db.execute("begin")
    db.execute("delete from against_figure")
    db.execute("delete from against_preface")
    db.executemany(AGAINST, map(tuple, database.run_file(other, "against_figures")))
    db.executemany("insert into against_preface (what, value) values (?, ?)",
                   map(tuple, other.execute("select what, value from preface where value is not null")))
    db.execute("commit")
    other.close()
