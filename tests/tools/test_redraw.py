"""compare.sh --redraw of somebody else's directory: what is in it is shown, and does nothing."""
import html.parser
import json
import os
import re
import sqlite3
import subprocess
import xml.dom.minidom
import xml.etree.ElementTree

import hostile_results
import page
import pytest
import redraw
from terminal import Failure

pytestmark = pytest.mark.full  # it draws pages; the short form has those of the reference (tests/report)


HANDLER = re.compile(r"gnuplot_svg\.(showHypertext\(evt,'[^'\"\\]*'\)|hideHypertext\(\)|\w+\(evt[^\"']*\))")


def said(capsys, *arguments):
    """(status, output) of a redraw."""
    status = redraw.main_redraw(*arguments)
    return status, capsys.readouterr().out


class Page(html.parser.HTMLParser):
    """What a browser would make of the page: its elements and their attributes, the text of the scripts apart."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.scripts, self.inside = [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = dict(attrs) if tag == "script" else None

    def handle_data(self, data):
        if self.inside is not None:
            self.scripts.append((self.inside.get("type"), self.inside.get("id"), data))
            self.inside = None


@pytest.fixture(name="drawn", scope="module")
def fixture_drawn(tmp_path_factory):
    """A hostile directory, drawn."""
    directory = hostile_results.with_harm(tmp_path_factory.mktemp("it's a `dir` $x"))
    (directory / "sources.json").write_text(json.dumps(hostile_results.hostile_sources()), encoding="utf-8")
    (directory / "charts").mkdir()
    (directory / "charts/memory.svg").write_text("<svg><script>harm()</script></svg>")
    before = (directory / "results.db").read_bytes()
    assert redraw.main_redraw(directory) == 0
    assert (directory / "results.db").read_bytes() == before
    return directory


def test_the_page_has_no_element_of_the_data(drawn):
    """Its text is text: no image, no handler, one script that its policy names."""
    page = Page((drawn / "report.html").read_text(encoding="utf-8"))
    assert not {"img", "iframe", "object", "foreignobject"} & {tag for tag, _ in page.elements}
    assert not [key for _, attributes in page.elements for key in attributes if key.startswith("on") or key == "style"]
    assert [(kind, name) for kind, name, _ in page.scripts] == [
        ("application/json", "data"), ("application/json", "sources-data"), (None, None)]
    assert "harm()" not in page.scripts[2][2]


def test_the_data_in_the_page_says_what_the_database_said(drawn):
    """Escaped, and not changed, but for what a terminal would obey."""
    page = Page((drawn / "report.html").read_text(encoding="utf-8"))
    data = json.loads(page.scripts[0][2])
    assert "</script><img src=x onerror=harm()>" in data["meta"]["kernel"]
    sources = json.loads(page.scripts[1][2])
    line = sources["rows"][0]["cells"]["bio"][0]["lines"][0]
    assert "html" not in line and line["text"].startswith("</script><img")


def test_the_policy_allows_no_inline_script_but_its_own(drawn):
    """By hash, and the style likewise."""
    text = (drawn / "report.html").read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[1]
    assert "unsafe" not in policy and "script-src 'sha256-" in policy and "style-src 'sha256-" in policy
    assert "data:" not in re.search(r"script-src[^;]*", policy)[0]


def test_charts_are_drawn_and_not_taken(drawn):
    """What lay in charts/ is gone; what is drawn says its texts, and nothing else."""
    svg = (drawn / "charts/memory.svg").read_text(encoding="utf-8")
    assert "harm()</script>" not in svg and "bytes per connection" in svg
    for path in (drawn / "charts").glob("*.svg"):
        for group in xml.dom.minidom.parse(str(path)).getElementsByTagName("*"):
            for name, value in group.attributes.items():
                assert not name.startswith("on") or HANDLER.fullmatch(value), (path.name, name, value)


def test_a_chart_says_the_text_and_gnuplot_does_not_obey_it(drawn):
    """Quotes, escapes, gnuplot's own marks and a percent sign in the titles, whatever line they are in."""
    svg = (drawn / "charts/throughput-echo.svg").read_text(encoding="utf-8")
    shown = " ".join(" ".join(xml.etree.ElementTree.fromstring(svg.encode()).itertext()).split())
    assert "</script><img src=x onerror=harm()>’”;`touch harmed`|∖x{/Symbol a}" in shown
    assert not list(drawn.glob("**/harmed")) and not os.path.exists("harmed")


def test_tables_have_as_many_columns_as_before(drawn):
    """A | or a line in a cell is text, and so is a tag."""
    text = (drawn / "tables.md").read_text(encoding="utf-8")
    assert "<img" not in text and "&lt;img" in text
    widths = None
    for line in text.splitlines():
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else None
        assert widths is None or cells is None or cells == widths, line
        widths = cells


def test_the_terminal_gets_no_escape(drawn, capsys):
    """Nor lines that are too long."""
    status, text = said(capsys, drawn)
    assert status == 0
    assert not set(text) & {"\x1b", "\x07", "\u202e"}
    assert max(len(line) for line in text.splitlines() if ":     /" not in line and "/" != line.strip()[:1]) <= 100


def test_a_directory_that_may_not_be_changed_through_links(tmp_path):
    """A link in the place of what is written is replaced, or refused; what it leads to is as it was."""
    for place, name in (("outside", "tables.md"), ("page", "report.html")):
        (tmp_path / place).write_text("mine")
        (tmp_path / "r").mkdir(exist_ok=True)
        os.symlink(tmp_path / place, tmp_path / "r" / name)
    hostile_results.reference(tmp_path / "r", "scale")
    assert redraw.main_redraw(tmp_path / "r") == 0
    assert (tmp_path / "outside").read_text() == (tmp_path / "page").read_text() == "mine"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/chart.svg").write_text("mine")
    for left in (tmp_path / "r/charts").iterdir():
        left.unlink()
    (tmp_path / "r/charts").rmdir()
    os.symlink(tmp_path / "elsewhere", tmp_path / "r/charts")
    with pytest.raises(Failure, match="is a link"):
        redraw.main_redraw(tmp_path / "r")
    assert (tmp_path / "elsewhere/chart.svg").read_text() == "mine"


@pytest.mark.parametrize("given", [
    "[]", "{", '{"models": 1, "rows": []}', '{"models": [], "rows": [{"name": "x"}]}', "[" * 100_000,
    '{"models": [], "rows": [{"name": "x", "title": "", "cells": {"bio": [{"name": "x", "from": 1, "lines": '
    '[{"n": 1, "text": "", "tags": 5}]}]}}]}',
    '{"models": [{"name": "a\\" onload=", "file": "x", "lines": 1}], "rows": []}'],
    ids=["a list", "cut off", "no list", "no cells", "too deep", "tags that are none", "a quotation mark"])
def test_a_sources_file_that_is_none(tmp_path, capsys, given):
    """One line, and the page without that section."""
    hostile_results.reference(tmp_path, "scale")
    (tmp_path / "sources.json").write_text(given)
    status, text = said(capsys, tmp_path)
    assert status == 0 and "the page shows no sources: " in text
    assert 'id="sources-data">null<' in (tmp_path / "report.html").read_text()


def test_what_cannot_be_written_is_one_line(tmp_path):
    """A directory where a file is to be."""
    hostile_results.reference(tmp_path, "scale")
    (tmp_path / "report.html").mkdir()
    with pytest.raises(Failure, match="report.html' cannot be written"):
        redraw.main_redraw(tmp_path)
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_setting_that_no_view_can_read(tmp_path):
    """JSON that is none, where the views look for numbers: one line."""
    hostile_results.reference(tmp_path, "scale")
    with hostile_results.sqlite3.connect(tmp_path / "results.db") as db:
        db.execute("insert or replace into setting values ('models', '\"]')")
    db.close()
    with pytest.raises(Failure, match="cannot be drawn"):
        redraw.main_redraw(tmp_path)


def test_a_chart_that_cannot_be_drawn_is_said(tmp_path, capsys, monkeypatch):
    """And the command does not end as if all were well."""
    hostile_results.reference(tmp_path, "scale")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/gnuplot").write_text("#!/bin/sh\necho 'no fonts here' >&2\nexit 1\n")
    (tmp_path / "bin/gnuplot").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    status, text = said(capsys, tmp_path)
    assert status == 1 and "scale-memory.svg: no fonts here" in text
    assert "not drawn" not in text


def test_the_users_own_gnuplot_changes_nothing(tmp_path, monkeypatch):
    """Neither ~/.gnuplot nor its variables."""
    hostile_results.reference(tmp_path, "scale")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.gnuplot").write_text("print undefined_thing\nset terminal dumb\n")
    for name, value in (("HOME", str(tmp_path / "home")), ("GNUTERM", "dumb"), ("GNUPLOT_LIB", str(tmp_path / "home"))):
        monkeypatch.setenv(name, value)
    assert redraw.main_redraw(tmp_path) == 0


def test_held_against_a_hostile_run(tmp_path):
    """Its words are in the page as text."""
    (tmp_path / "own").mkdir()
    (tmp_path / "theirs").mkdir()
    hostile_results.reference(tmp_path / "own")
    hostile_results.with_harm(tmp_path / "theirs")
    page.make(redraw.results(tmp_path / "own/results.db"), tmp_path / "own", tmp_path / "theirs")
    data = json.loads(Page((tmp_path / "own/report.html").read_text(encoding="utf-8")).scripts[0][2])
    assert len(data["against"]["rows"]["objects"]) > 100
    assert any("onerror=harm()" in (value or "") for _, value in data["against"]["preface"])


def test_what_is_no_result_ends_with_status_2(tmp_path):
    """By the script, as a user calls it."""
    (tmp_path / "results.db").write_text("no database" * 100)
    done = subprocess.run([os.fspath(hostile_results.database.SCRIPTS / "compare.sh"), "--redraw", tmp_path],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize("damage", ["update metadata set key = null", "update note set text = null"])
def test_a_value_that_is_missing_is_one_line(tmp_path, monkeypatch, damage):
    """Whatever in Python trips over it."""
    directory = hostile_results.reference(tmp_path)
    with sqlite3.connect(directory / "results.db") as db:
        db.execute(damage)
    db.close()
    monkeypatch.setattr(redraw.charts, "draw", lambda _db, _out: [])
    with pytest.raises(Failure, match="cannot be drawn: .*; are these results of compare.sh") as caught:
        redraw.main_redraw(directory)
    assert "\n" not in str(caught.value)
