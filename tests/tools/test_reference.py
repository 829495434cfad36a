"""What suite reference makes of results: the same, in less."""
import shutil
import sqlite3

import database
import hostile_results
import pytest
import redraw
import reference
from terminal import Failure


@pytest.fixture(name="place")
def fixture_place(tmp_path, monkeypatch):
    """An empty repository to renew the reference of."""
    (tmp_path / "docs").mkdir()
    shutil.copy(database.SCRIPTS.parent / "docs/scale-hosts.json", tmp_path / "docs")
    monkeypatch.setattr(reference.environment, "ROOT", tmp_path)
    monkeypatch.setattr(reference, "PLACE", tmp_path / "results/reference")
    return tmp_path / "results/reference"


@pytest.fixture(name="measured")
def fixture_measured(tmp_path):
    """Results as compare.sh leaves them: with a view of the time, and what only a closer look would need."""
    directory = tmp_path / "measured"
    directory.mkdir()
    hostile_results.reference(directory, "scale")
    with sqlite3.connect(directory / "results.db") as db:
        db.execute("update run set http_status = 101, server_notes = printf('%.1000c', 'x')")
        db.execute("create view old as select 1")
    db.close()
    return directory


def files_in(place):
    """Their names."""
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}


def test_a_part_is_renewed_and_says_the_same(place, measured):
    """No view, nothing that is not read; what is made of it is what was."""
    assert reference.main([str(measured)]) == 0
    assert files_in(place) == {"scale.db"}
    assert (place.parents[1] / "docs/scale.md").read_text() == (database.SCRIPTS.parent / "docs/scale.md").read_text()
    with sqlite3.connect(place / "scale.db") as db:
        assert not db.execute("select 1 from sqlite_master where type = 'view' or name = 'cached_point'").fetchone()
        assert db.execute("select count(*), count(http_status), count(server_notes) from run").fetchone() == (185, 0, 0)
        assert db.execute("pragma freelist_count").fetchone() == (0,)
    db.close()
    said = [reference.said_by(redraw.results(path)) for path in (measured / "results.db", place / "scale.db")]
    assert said[0] == said[1]


@pytest.mark.full  # it draws a whole page; the short form renews a part
def test_again_is_the_same_file(place, measured):
    """Renewing with nothing new changes nothing."""
    reference.main([str(measured)])
    first = (place / "scale.db").read_bytes()
    reference.main([str(measured)])
    assert (place / "scale.db").read_bytes() == first


@pytest.mark.full  # it draws a whole page; the short form renews a part
def test_the_default_run_keeps_its_page_and_the_chart_that_is_shown(place, tmp_path):
    """The page has all charts, and the sources that lie beside the results."""
    if not shutil.which("gnuplot"):
        pytest.skip("gnuplot is not installed: scripts/setup.sh")
    hostile_results.reference(tmp_path)
    (tmp_path / "sources.json").write_text('{"models": [], "rows": []}')
    reference.main([str(tmp_path)])
    made = {"results.db", "tables.md", "report.html", "charts/throughput-echo.png"}
    assert files_in(place) == made <= reference.FILES
    page = (place / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg data-chart=") > 10 and 'id="sources-data">{"models":[],"rows":[]}<' in page


def test_results_that_are_not_complete_are_refused(place, measured):
    """Nothing is written."""
    with sqlite3.connect(measured / "results.db") as db:
        db.execute("delete from run where id = 7")
    db.close()
    with pytest.raises(Failure, match="is not complete .partial: 184 of 185 runs."):
        reference.main([str(measured)])
    assert not place.exists()


def test_what_is_read_is_not_taken_out(place, measured, monkeypatch):
    """A column too many in reduce.sql is an error, and not a gap in the reference."""
    whole = database.run_file

    def run_file(db, name, **parameters):
        rows = whole(db, name, **parameters)
        if name == "reduce":
            db.execute("update run set server_cpu_us_per_message = null")
        return rows
    monkeypatch.setattr(database, "run_file", run_file)
    with pytest.raises(Failure, match="says something else once it is reduced"):
        reference.main([str(measured)])
    assert not place.exists()


@pytest.mark.parametrize("arguments", [[], ["--help-me"], ["/no/such/directory"]])
def test_what_names_no_results_is_one_line(arguments):
    """Status 2, by __main__."""
    with pytest.raises(Failure) as caught:
        reference.main(arguments)
    assert "\n" not in str(caught.value)
