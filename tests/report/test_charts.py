"""What gnuplot draws of the reference's results: no line where nothing was measured, no text too small. No browser."""
import itertools
import pathlib
import re
import shutil
import sys
import xml.etree.ElementTree

import pytest

from pages import ROOT

sys.path.insert(0, str(ROOT / "scripts/suite"))
import charts  # pylint: disable=wrong-import-position
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


def joined(svg, model):
    """Of how many pieces the line of a model is; lines are drawn first, one for each model."""
    plot = svg.find(f".//{SVG}g[@id='gnuplot_plot_{MODELS.index(model) + 1}']")
    return sum(path.get("d").count("L") for path in plot.iter(f"{SVG}path"))


@pytest.mark.parametrize("model", MODELS)
def test_no_line_leads_to_where_clients_failed(drawn, served, model):
    """A pool of 200 ends between 100 clients and 1,000: a line would show failures at 150. Failures have no line at all."""
    assert joined(drawn["failures-echo"], model) == 0
    for chart in "throughput-echo", "cpu-echo":
        assert joined(drawn[chart], model) == sum(map(all, itertools.pairwise(served[model]))), chart
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
