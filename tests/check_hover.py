#!/usr/bin/python3
"""The charts of results/reference, drawn anew: each SVG is well-formed, and has a text for the pointer at each point:
those of the view chart_hover, as many as there are points. Prints what is wrong, and ends with status 1.
"""
import pathlib
import re
import shutil
import sys
import tempfile
import xml.dom.minidom

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts/suite"))
import charts  # pylint: disable=wrong-import-position
import redraw  # pylint: disable=wrong-import-position

SKIPPED = 77
HOVER = re.compile(r"gnuplot_svg\.showHypertext\(evt,'([^']*)'\)")
SAYS = re.compile(r"[^ ].*: .*[0-9]")
NO_FIGURE = re.compile(r"\b(nan|null|none|inf)\b", re.IGNORECASE)

# How many points a chart has at least, by the views that it is drawn from. An open loop's curve has one, and more.
POINTS = """
    with points (script, protocol, points) as (
        select script.value, protocol, count(*) from chart_sweep, json_each('["throughput", "failures", "cpu"]') script
         where good and not void group by script.value, protocol
        union all
        select 'latency', protocol, count(p50) + count(p99) from chart_sweep where good and not void group by protocol
        union all select 'open_loop', protocol, count(distinct position) from chart_open_loop group by protocol
        union all select 'memory', '', count(*) from chart_memory
        union all select 'syscalls', '', count(*) from chart_syscalls
        union all select 'pipelined', '', count(*) from chart_pipelined
        union all select 'scale_memory', '', count(*) from chart_scale_memory
        union all select 'scale_set_up', '', count(*) from chart_set_up)
    select name, points from chart left join points using (script, protocol)"""


def texts(path):
    """What the SVG says to the pointer, in any order."""
    groups = xml.dom.minidom.parse(str(path)).getElementsByTagName("g")
    return sorted(HOVER.fullmatch(does)[1] for does in (group.getAttribute("onmousemove") for group in groups) if does)


def findings(name):
    """All that is wrong with the charts of a database."""
    db = redraw.results(ROOT / f"results/reference/{name}.db")
    # The sweeps and the open loop have a chart for each protocol, drawn alike: one will do.
    db.execute("delete from cached_point where protocol = 'ws' and workload in ('ping-pong', 'open-loop')")
    with tempfile.TemporaryDirectory() as work:
        yield from charts.draw(db, work)
        for chart, count in db.execute(POINTS).fetchall():
            said = texts(pathlib.Path(work, "charts", f"{chart}.svg"))
            due = sorted(row[0] for row in db.execute(
                "select text from chart_hover where chart || iif(protocol = '', '', '-' || protocol) = ?", (chart,)))
            if count is None:
                yield f"{chart}: this test does not know how many points it has"
            elif said != due or len(said) < count:
                yield f"{chart}.svg says {len(said)} texts for {count} points; chart_hover has {len(due)}"
            yield from (f"{chart}.svg says what is no figure: {text}" for text in said
                        if NO_FIGURE.search(text) or not SAYS.match(text))
            print(f"{chart}: {len(said)} texts, {count} points")


def main():
    """Both databases."""
    if not shutil.which("gnuplot"):
        print("gnuplot is not installed: scripts/setup.sh")
        return SKIPPED
    found = [one for name in ("results", "scale") for one in findings(name)]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
