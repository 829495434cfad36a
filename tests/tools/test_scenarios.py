"""Each scenario's own tables, charts and end in the terminal, of made-up figures."""
import pathlib
import re
import xml.dom.minidom

import charts
import database
import made_results
import measured
import pytest
import redraw
import summary
import tables
import tls_figures

pytestmark = pytest.mark.full  # it draws pages; the short form has those of the reference (tests/report)

CHARTS = {"ladder": ["ladder"], "capacity": ["capacity-clients", "capacity-rate"], "scale": ["scale-memory", "scale-set-up"],
          "reliability": ["reliability-echo", "reliability-ws"], "tls": []}
FINDINGS = {"ladder": "Echo, 512 clients, messages/s against the step before: ", "capacity": "The most echo clients held: bio ",
            "scale": "Echo, p99 of 190 active clients among 18,810 idle ones", "reliability": "What must not be, happened to bio in 0 of ",
            "tls": "WebSocket, server CPU per message with TLS against without: tls-small ~1.00"}


@pytest.mark.parametrize("name", CHARTS)
def test_its_charts_are_drawn(name, tmp_path):
    """Without a word of gnuplot's, and each with a text at each of its points."""
    db = made_results.of_scenario(name)
    assert charts.draw(db, tmp_path) == []
    assert sorted(path.stem for path in (tmp_path / "charts").glob("*.png")) == CHARTS[name]
    for chart in CHARTS[name]:
        drawing = xml.dom.minidom.parse(str(tmp_path / "charts" / f"{chart}.svg"))
        texts = [group for group in drawing.getElementsByTagName("g") if group.getAttribute("onmousemove")]
        due = db.execute("select count(*) from chart_hover where chart || iif(protocol = '', '', '-' || protocol) = ?",
                         (chart,)).fetchone()[0]
        assert len(texts) == due > 0


@pytest.mark.parametrize("name", CHARTS)
def test_its_end_fits_the_terminal(name, tmp_path):
    """A sentence first; nothing wider than 100 columns; at last where everything is."""
    lines = "\n".join(summary.lines(made_results.of_scenario(name), tmp_path)).split("\n")
    assert lines[0] == "" and lines[1].startswith(FINDINGS[name])
    assert [line for line in lines if len(line) > 100 and str(tmp_path) not in line] == []
    assert lines[-1] == f"database: {tmp_path}/results.db"


@pytest.mark.parametrize("name", CHARTS)
def test_its_tables_are_written(name, tmp_path):
    """With all that there is of the points, too."""
    tables.write(made_results.of_scenario(name), tmp_path)
    text = (tmp_path / "tables.md").read_text(encoding="utf-8")
    assert "None" not in text.replace("None.", "")
    assert ("## Throughput" in text) == (name != "capacity")
    assert text.endswith("|\n") and "## Runs that failed\n\nNone.\n" in text


@pytest.mark.parametrize("name", ["quick", "bench"])
@pytest.mark.parametrize("state, finding", [
    ("complete", "Echo, "), ("partial", "Echo, "), ("failed", "No run was valid: there is nothing to compare.")])
def test_what_is_there_is_shown(name, state, finding, tmp_path):
    """All, a part, or nothing: charts, tables, page and end are made of it, and none of them is a fault."""
    db = made_results.of_scenario(name)
    if state == "partial":
        db.execute("delete from syscall where run % 3 = 0")
        db.execute("delete from run where id % 3 = 0")
    if state != "complete":
        db.execute("update run set status = 'failed', why = 'one | two\nthree' where id % 2 or ?", (state == "failed",))
    database.run_file(db, "finish")
    database.run_file(db, "cache")
    assert charts.draw(db, tmp_path) == []
    tables.write(db, tmp_path)
    assert state == "complete" or "one \\| two three" in (tmp_path / "tables.md").read_text(encoding="utf-8")
    redraw.page.make(db, tmp_path)
    lines = "\n".join(summary.lines(db, tmp_path)).split("\n")
    assert lines[1].startswith(finding)
    assert [line for line in lines if len(line) > 100 and str(tmp_path) not in line] == []


def test_the_end_of_the_reference(tmp_path):
    """Who served all, and who is faster, as far as the races tell."""
    db = redraw.results(database.SCRIPTS.parent / "results/reference/results.db")
    lines = "\n".join(summary.lines(db, tmp_path)).split("\n")
    said = " ".join(lines[1:6])
    assert "bio, nio, aio, aio_future and framework served every one; pseudo_async served 200." in said
    assert re.search(r"At 1,000, (no model is told to be )?[a-z_, ]+ (faster|slower)", said), said
    assert max(map(len, lines)) <= 100 and len(lines) < 60


def test_what_tls_costs_becomes_figures_of_the_documents():
    """Each of them is one that docs/measured.json knows; the ratio is without the mark that it has no interval."""
    rows = made_results.of_scenario("tls").execute("select * from tls_cost").fetchall()
    told = dict(one for row in rows for one in tls_figures.figures(row))
    known = [name for name, figure in measured.read().items() if "tls_figures" in figure["of"]]
    assert sorted(told) == sorted(known) and told["tls-small-cpu-ratio"] == "1.00"


def test_the_page_is_named_with_how_to_open_it(tmp_path, monkeypatch):
    """xdg-open where there is one and a desktop, its argument quoted."""
    out = tmp_path / "it's here"
    out.mkdir()
    (out / "report.html").write_text("")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert list(summary.places(out))[1].strip() == "open it in a browser"
    (tmp_path / "xdg-open").write_text("#!/bin/sh\n")
    (tmp_path / "xdg-open").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    assert list(summary.places(out))[1].strip() == f"xdg-open '{tmp_path}/it'\"'\"'s here/report.html'"


def test_more_columns_than_fit(tmp_path):
    """They go below, with the first one again."""
    import text_table  # pylint: disable=import-outside-toplevel
    lines = text_table.fitting(["", *map(str, range(30))], [["model", *["123,456 (served 20)"] * 30]])
    assert max(map(len, lines)) <= text_table.WIDTH
    assert sum(line.startswith("model") for line in lines) > 5
    assert pathlib.Path(tmp_path).exists()


def test_a_cell_is_one_line():
    """Or a name in somebody else's results would write lines of ours."""
    import text_table  # pylint: disable=import-outside-toplevel
    assert len(text_table.fitting(["", "count"], [["nio\npage:  /elsewhere\u2028x", 3]])) == 2


def test_only_slab_is_taken_at_both_ends():
    """Half of it is the load generator's; the stacks of a server's threads are its own. Older results: half of all."""
    db = made_results.of_scenario("scale")
    costs = "select distinct kernel_bytes from scale_cost where kernel_bytes is not null"
    assert [row[0] for row in db.execute(costs)] == [2000]
    db.execute("update run set slab_per_connection = 1000")
    database.run_file(db, "cache")
    assert [row[0] for row in db.execute(costs)] == [3500]
