"""reference.py - results/reference, the results that are stored with the sources: made again from results of
compare.sh.

    /usr/bin/python3 -I -B -X utf8 scripts/suite reference DIR...

A DIR is what a comparison left; its scenario says which part of the reference it becomes, and the other parts stay:

    none (the default)   results.db, tables.md, report.html with DIR's sources.json, and the chart that the README shows
    scale                scale.db, and docs/scale.md
    scale, with load from other hosts (--load-hosts)    scale-hosts.db, and docs/scale.md
    ladder, capacity     tables.md in a folder of that name
    reliability          the same, and the chart that the README shows

What can be made again from a database is not stored, nor what nothing reads (reduce.sql); DIR has all of it. Before
any file is written, tables and page data are made from both databases. If they differ, that is an error, and no file
is changed.
"""
import contextlib
import pathlib
import shutil
import sqlite3
import tempfile

import charts
import database
import environment
import load_hosts
import page
import palette
import redraw
import scale_document
import tables
from outputs import write as write_text
from terminal import Failure, say

PLACE = environment.ROOT / "results/reference"
PAGE_BYTES = 1024  # many tables have a row or two
DATABASES = {"": "results.db", "scale": "scale.db", "scale-hosts": "scale-hosts.db"}
FOLDERS = {"": "", "ladder": "ladder", "capacity": "capacity", "reliability": "reliability"}
CHARTS = {"": "charts/throughput-echo.png", "reliability": "reliability/reliability-ws.png"}

# All that is kept. The structure test holds the tree to it.
FILES = ({f"{folder}/tables.md".lstrip("/") for folder in FOLDERS.values()}
         | {*DATABASES.values(), *CHARTS.values(), "report.html"})
OPTIONAL = {"scale-hosts.db"}


def main(arguments):
    """See above. Status 0."""
    if not arguments or arguments[0].startswith("-"):
        raise Failure("name one or more directories that compare.sh wrote")
    for directory in map(pathlib.Path, arguments):
        with tempfile.TemporaryDirectory(prefix="io-models-") as work:
            try:
                renew(directory, pathlib.Path(work))
            except (OSError, sqlite3.Error) as error:
                raise Failure(f"'{directory}' cannot become the reference: {error}") from error
    return 0


def renew(directory, work):
    """Makes all files of this part in `work`, and puts them in their places."""
    whole = redraw.results(directory / "results.db")
    check(whole, directory)
    scenario = part_of(whole)
    reduced = work / "results.db"
    write_reduced(whole, reduced)
    db = redraw.results(reduced)
    if said_by(db) != said_by(redraw.results(directory / "results.db")):
        raise Failure(f"'{directory}' says something else once it is reduced: scripts/sql/reduce.sql takes out what "
                      "is read")
    tables.write(db, work)
    charts.draw_all(db, work)
    if scenario in CHARTS:
        chart = work / "charts" / pathlib.Path(CHARTS[scenario]).name
        chart.write_bytes(palette.with_palette(chart.read_bytes()))
    if not scenario:
        if (directory / "sources.json").is_file():
            shutil.copy(directory / "sources.json", work)
        page.make(db, work)
    keep(work, scenario)
    if scenario.startswith("scale"):
        write_text(environment.ROOT / "docs/scale.md", scale_text())


def scale_text():
    """docs/scale.md, of all that the reference has."""
    scale, hosts = (PLACE / DATABASES[name] for name in ("scale", "scale-hosts"))
    return scale_document.document(redraw.results(scale), redraw.results(hosts) if hosts.exists() else None)


def part_of(db):
    """Which part of the reference these results become."""
    scenario = db.execute("select name from scenario").fetchone()[0]
    return f"{scenario}-hosts" if load_hosts.count_in(db) else scenario


def check(db, directory):
    """Failure if a reader could not rely on the results."""
    facts = dict(db.execute("select key, value from metadata").fetchall())
    if facts.get("state") != "complete":
        raise Failure(f"'{directory}' is not complete ({facts.get('state')}): measure it again")
    scenario = part_of(db)
    if scenario not in FOLDERS.keys() | DATABASES.keys():
        raise Failure(f"'{directory}' has the scenario '{scenario}', which the reference has no place for")
    if scenario == "scale-hosts" and not (PLACE / DATABASES["scale"]).exists():
        raise Failure(f"'{directory}' adds to the scenario scale, of which the reference has nothing yet")


def write_reduced(db, path):
    """The tables, without what nothing reads, as a separate file. `db` must not be used afterwards."""
    for name, in db.execute("select name from sqlite_master where type = 'view'").fetchall():
        db.execute(f"drop view {database.quoted(name)}")
    database.run_file(db, "reduce")
    with contextlib.closing(database.connect(path)) as file:
        db.backup(file)
        file.execute(f"pragma page_size = {PAGE_BYTES}")
        file.execute("vacuum")


def said_by(db):
    """Its tables and page data, as text."""
    return "".join(tables.document(db)), database.run_file(db, "report")[0][0]


def keep(work, scenario):
    """Moves the files of this part from `work` to the reference."""
    moved = []
    if scenario in DATABASES:
        moved.append((work / "results.db", DATABASES[scenario]))
    if scenario in FOLDERS:
        moved.append((work / "tables.md", f"{FOLDERS[scenario]}/tables.md".lstrip("/")))
    if scenario in CHARTS:
        moved.append((work / "charts" / pathlib.Path(CHARTS[scenario]).name, CHARTS[scenario]))
    if not scenario:
        moved.append((work / "report.html", "report.html"))
    for path, name in moved:
        (PLACE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, PLACE / name)
        (PLACE / name).chmod(0o644)
        say(f"results/reference/{name}: {(PLACE / name).stat().st_size:,} bytes")
