"""What gnuplot draws of the reference's results: no line where nothing was measured, no text too small. No browser."""
import itertools
import pathlib
import re
import shutil
import sys
import xml.etree.ElementTree

import pytest

from pages import ROOT

sys.path[:0] = [str(ROOT / "scripts/suite"), str(ROOT / "tests/tools")]
import chart_data  # pylint: disable=wrong-import-position
import charts  # pylint: disable=wrong-import-position
import made_results  # pylint: disable=wrong-import-position
import redraw  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(not shutil.which("gnuplot"), reason="gnuplot is not installed: scripts/setup.sh")

SVG = "{http://www.w3.org/2000/svg}"
MODELS = ["bio", "pseudo_async", "nio", "aio", "aio_future", "framework", "floor"]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """{chart's name: its SVG}, of echo."""
    out = tmp_path_factory.mktemp("charts")
    db = redraw.results(ROOT / "results/reference/results.db")
    db.execute("delete from cached_point where protocol = 'ws' and workload in ('ping-pong', 'open-loop')")
    assert not charts.draw(db, out)
    return {path.stem: xml.etree.ElementTree.parse(path) for path in pathlib.Path(out, "charts").glob("*.svg")}


@pytest.fixture(scope="module")
def served():
    """{model: for each number of clients, in order, were all of them served?}"""
    db = redraw.results(ROOT / "results/reference/results.db")
    found = {model: [] for model in MODELS}
    for model, hollow in db.execute("select model, hollow from chart_sweep where protocol = 'echo' order by clients"):
        found[model].append(not hollow)
    return found


def joined(svg, model, panel=""):
    """Of how many pieces the line of a model is; lines are drawn first, one for each model. panel: a or b, or none."""
    plot = svg.find(f".//{SVG}g[@id='gnuplot_plot_{MODELS.index(model) + 1}{panel}']")
    return sum(path.get("d").count("L") for path in plot.iter(f"{SVG}path"))


@pytest.mark.parametrize("model", MODELS)
def test_no_line_leads_to_where_clients_failed(drawn, served, model):
    """A pool of 200 ends between 100 clients and 1,000: a line would show failures at 150. Failures have no line."""
    assert joined(drawn["failures-echo"], model) == 0
    for chart, panel in itertools.product(("throughput-echo", "cpu-echo"), "ab"):
        is_shown = (model, panel) != ("floor", "a")  # there it is the line at 1
        assert joined(drawn[chart], model, panel) == is_shown * sum(map(all, itertools.pairwise(served[model]))), chart
    assert not all(served["pseudo_async"])


def test_no_text_is_smaller_than_20_of_the_1200_units_of_a_chart(drawn):
    """As wide as a window of 1,280, a chart is readable from the back row."""
    for name, svg in drawn.items():
        assert svg.getroot().get("viewBox").split()[2] == "1200", name
        sizes = [float(one.get("font-size")) for one in svg.iter() if one.get("font-size")]
        assert len(sizes) > 10 and min(sizes) >= 20, (name, min(sizes))


def test_a_long_remark_is_broken_into_lines_that_fit(drawn):
    """Its words stay what they are."""
    texts = ["".join(one.itertext()).strip() for one in drawn["memory"].iter(f"{SVG}text")]
    remark = [text for text in texts if re.match("Private memory|socket buffers|.*buffers[.]", text)]
    assert len(remark) == 2 and max(map(len, remark)) <= 104
    assert " ".join(remark).endswith("without the kernel’s socket buffers.")


@pytest.fixture(name="raced")
def raced_results():
    """Of 50 clients: aio is faster than the floor, nio the same, bio slower, and of framework it cannot be told."""
    db = made_results.of_scenario("quick")
    made_results.add_race(db, {("aio", "floor"): (1.05, 1.03, 1.08, "more"),
                               ("nio", "floor"): (1.0, 0.99, 1.01, "same"),
                               ("bio", "floor"): (0.6, 0.58, 0.63, "less"),
                               ("framework", "floor"): (0.98, 0.9, 1.04, "open"),
                               ("aio", "floor", "cpu"): (0.95, 0.93, 1.01, "open")})
    return db


def rows_of(work, chart, name):
    """What gnuplot reads of a model at 50 clients: (median, least, greatest, hollow, grey)."""
    series = (work / chart / "series.tsv").read_text().splitlines()
    place = [line.split("\t")[1] for line in series if line].index(name)
    figure = {"throughput-echo": "rate_ratio", "cpu-echo": "cpu_ratio", "pipelined": "echo-ratio"}[chart]
    block = (work / chart / f"{figure}.tsv").read_text().split("\n\n\n")[place].splitlines()
    return [line.split("\t")[1:] for line in block][1]


def test_a_ratio_has_its_interval_and_is_grey_where_it_cannot_be_told(raced, tmp_path):
    """Where two models are the same it is told. What was not raced has no interval, and no grey: the remark says so."""
    jobs, faults = charts.prepare(raced, tmp_path)
    assert not faults
    assert rows_of(tmp_path, "throughput-echo", "aio") == ["1.05", "1.03", "1.08", "0", "0"]
    assert rows_of(tmp_path, "throughput-echo", "nio") == ["1.0", "0.99", "1.01", "0", "0"]
    assert rows_of(tmp_path, "throughput-echo", "framework") == ["0.98", "0.9", "1.04", "0", "1"]
    assert rows_of(tmp_path, "cpu-echo", "aio") == ["0.95", "0.93", "1.01", "0", "1"]
    assert rows_of(tmp_path, "throughput-echo", "floor (echo)")[0] == "NaN"
    remarks = {name: texts[-1] for name, _, _, *texts in jobs}
    assert remarks["throughput-echo.svg"].startswith("Grey: cannot be told from the floor.  No bar: ")
    assert "Grey" not in remarks["throughput-ws.svg"] and "No bar" in remarks["throughput-ws.svg"]
    assert not any("oisy" in remark for remark in remarks.values())


def test_the_grey_points_are_drawn_so(raced, tmp_path):
    """Of two models: framework's rate, and no other."""
    raced.execute("delete from cached_point where model not in ('aio', 'framework', 'floor') or clients <> 50")
    assert not charts.draw(raced, tmp_path)
    points = [len(re.findall(r"<use [^>]*154, ?154, ?154", (tmp_path / f"charts/throughput-{one}.svg").read_text()))
              for one in ("echo", "ws")]
    assert points == [1, 0]


def test_the_hover_text_of_a_ratio_has_its_interval_and_its_word(raced):
    """As the tables have them."""
    said = [text for text, in raced.execute("select text from chart_hover where panel = 'rate_ratio' and protocol = 'echo'"
                                            " order by x")]
    assert "aio, 50 clients, msg/s against the floor: 1.05 (1.03-1.08) faster" in said
    assert ("framework, 50 clients, msg/s against the floor: 0.98 (0.90-1.04) cannot be told "
            "(about 120 rounds would tell)") in said
    assert any(text.startswith("nio, 1 client, ") and text.endswith(", no interval") for text in said)
    assert chart_data.harmless(said[0]) == said[0]
