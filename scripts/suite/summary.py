"""summary.py - the end of a comparison in the terminal: what was found, the main tables, and where the rest is."""
import os
import pathlib
import shlex
import shutil

import findings
import text_table
from suite_words import text, told
from terminal import say

PROTOCOLS = (("echo", "Echo"), ("ws", "WebSocket echo"))  # a name, and its key in suite_words.py


def show(db, out):
    """Prints all of it."""
    for line in lines(db, pathlib.Path(out)):
        say(line)


def lines(db, out):
    """What is printed."""
    yield ""
    for sentence in findings.sentences(db):
        yield text_table.wrapped(sentence)
    state = db.execute("select value from metadata where key = 'state'").fetchone()
    if state and state[0] != "complete":
        yield text_table.wrapped(text("not all", state=told(state[0])))
    for row in db.execute("select text from head_note"):
        yield text_table.wrapped(text("note", text=told(" ".join(row[0].split()))), "  ")
    name = db.execute("select name from scenario").fetchone()[0]
    for title, names, rows, heads in TABLES.get(name, comparison)(db):
        if rows:
            yield from ("", text_table.wrapped(title), *text_table.fitting(map(told, names), [map(told, row) for row in rows], heads))
    yield from labels(db)
    yield ""
    yield from places(out)


def comparison(db):
    """Both protocols against the echo floor, and one row for each model of everything else."""
    for protocol, title in PROTOCOLS:
        rows = db.execute("""
            select p.*, r.throughput_interval
              from cached_point p left join floor_ratio r using (workload, protocol, clients, model)
             where workload = 'ping-pong' and made > 0 and (protocol = ? or yardstick)
             order by position, clients""", (protocol,)).fetchall()
        if any(not row["yardstick"] for row in rows):
            cells = [(row["model"], f"{row['clients']:,}", cell(row)) for row in rows]
            counts = [f"{count:,}" for count in sorted({row["clients"] for row in rows})]
            yield (text("comparison", title=text(title)), *text_table.crossed([""], cells, counts), 1)
    yield (text("costs"), *costs(db), 1)


def cell(row):
    """The ratio; without one, messages/s. In parentheses how many were served, where some were not."""
    if row["void"] or not row["good"]:
        return told("void" if row["void"] else "failed")
    ratio = None if row["yardstick"] else row["throughput_interval"]
    served = text("served only", count=findings.whole(row["served"])) if row["failed_clients"] else ""
    return (ratio or findings.whole(row["messages_per_s"])) + served


COSTS = """
    with sweep as (select p.* from cached_point p, sweep_count c
                    where workload = 'ping-pong' and clients = c.thousand and good and not void),
         open as (select model, protocol, "p99 " as p99 from table_open_loop where workload = 'open-loop'),
         calls as (select model, protocol, printf('%.3f', calls) as calls, max(clients) from calls_per_message
                    group by model, protocol)
    select m.name,
           (select printf('%.2f', server_us_per_message) from sweep where (model, protocol) = (m.name, 'echo')),
           (select p99 from open where (model, protocol) = (m.name, 'echo')),
           (select p99 from open where (model, protocol) = (m.name, 'ws')),
           (select calls from calls where (model, protocol) = (m.name, 'echo')),
           (select calls from calls where (model, protocol) = (m.name, 'ws')),
           (select printf('%,d', round(memory_per_connection)) from sweep where (model, protocol) = (m.name, 'echo'))
      from model m where m.name in (select model from cached_point) order by m.position"""
COST_NAMES = ["", "CPU us/msg", "open loop p99 us: echo", "ws", "calls/msg: echo", "ws ", "bytes/connection"]


def costs(db):
    """What is not throughput. A column without a figure is left out."""
    rows = db.execute(COSTS).fetchall()
    shown = [0] + [place for place in range(1, len(COST_NAMES)) if any(row[place] for row in rows)]
    rows = [[row[place] or "-" for place in shown] for row in rows if any(tuple(row)[1:])]
    return [COST_NAMES[place] for place in shown], rows if len(shown) > 1 else []


def table_of(db, query, *parameters):
    """Names and rows of a query."""
    cursor = db.execute(query, parameters)
    return ([column[0] for column in cursor.description],
            [["" if cell is None else cell for cell in row] for row in cursor])


def ladder(db):
    """The steps, without ranges."""
    yield (text("ladder"),
           *table_of(db, """select workload, clients, model, brought as "against it", "msg/s", "CPU us/msg", "calls/msg"
                              from table_ladder order by workload_position, clients_number, place"""), 3)


def capacity(db):
    """What is held."""
    for of, title in (("clients", "most clients"), ("rate", "highest rate")):
        yield (text(title), *table_of(db, """
            select protocol, model, held, "not held", "p99 ms", "server CPU", "loadgen CPU"
              from table_capacity where of = ? order by protocol, position""", of), 2)


def reliability(db):
    """A column for each model; the naive twins."""
    yield (text("good clients feel"),
           *table_of(db, """select protocol, workload as "", bio, pseudo_async, nio, aio, aio_future, framework
                              from table_reliability where of = 'cell' order by protocol, workload_position"""), 2)
    yield (text("twins"),
           *table_of(db, """
               select t.model as twin, t.workload, t.protocol, t.cell as does, t.twin_of as "twin of",
                      coalesce(s.cell, '-') as "which does"
                 from reliability_cell t left join reliability_cell s
                   on (s.workload, s.protocol, s.model) = (t.workload, t.protocol, t.twin_of)
                where t.twin_of is not null order by t.position"""), 3)


def scale(db):
    """Latency among idle ones, and what a connection takes."""
    yield (text("among idle"),
           *table_of(db, """
               select protocol, model, "p99 us" as "alone p99 us", "p99 us " as "among p99 us", "p99, times", bar, served,
                      failed
                 from scale_among"""), 2)
    yield (text("one connection"),
           *table_of(db, """select protocol, model, "own bytes", "kernel's bytes", "set-ups/s", "server CPU us each", "of floor"
                              from scale_connection"""), 2)


def tls(db):
    """With TLS against without."""
    yield (text("tls costs"),
           *table_of(db, """select workload, protocol, "msg/s without", "with", "with/without", "CPU us without", "with ",
                                   "with/without ", failed
                              from table_tls order by workload_position, protocol"""), 2)


TABLES = {"ladder": ladder, "capacity": capacity, "reliability": reliability, "scale": scale, "tls": tls}


def labels(db):
    """How many points have to be read with care."""
    rows = db.execute("select label, count(*) as points, why from (select distinct * from label where severity <> 2)"
                      " group by label order by min(severity), label").fetchall()
    failed = db.execute("select count(*) from cached_point where failed > 0").fetchone()[0]
    all_points = db.execute("select count(*) from cached_point where made > 0").fetchone()[0]
    if rows or failed:
        yield ""
        yield text("of points", count=all_points)
    if failed:
        yield text("failed points", count=failed)
    for row in rows:
        yield text_table.wrapped(text("label", label=row["label"], count=row["points"], why=told(row["why"])), "    ")


def places(out):
    """Where everything is, and how the page is opened."""
    page = out / "report.html"
    if page.exists():
        has_desktop = shutil.which("xdg-open") and (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
        yield text("page", path=page)
        yield text("open with", command=f"xdg-open {shlex.quote(str(page))}" if has_desktop else text("in a browser"))
    yield text("tables", path=out / "tables.md")
    yield text("charts", path=f"{out / 'charts'}/")
    yield text("database", path=out / "results.db")
