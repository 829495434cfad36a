"""The report in a real browser, opened from disk: what a class will see of it."""
import base64
import contextlib
import json
import math
import re

import pytest

from pages import build, fixture

pytest.importorskip("selenium", reason="python3-selenium is not installed: scripts/setup.sh --browser")
import chromium  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))

DATA = fixture()
SECTIONS = ["glance", "races", "comparison", "charts", "reliability", "api", "concerns", "exam", "journey", "sources",
            "against"]
ODD = re.compile(r"\bNaN\b|\bundefined\b|\bnull\b|\[object|\{\w+\}")


class Report(chromium.Page):
    """A report opened from disk."""

    def __init__(self, file, lang="en", fragment="", **window):
        super().__init__(network=True, **window)
        self.file = file
        try:
            self.open(f"?lang={lang}{fragment}")
        except BaseException:
            self.close()
            raise

    def open(self, rest=""):
        """Loads it, and waits until it is drawn."""
        self.goto(self.file.as_uri() + rest)
        self.wait("return document.body?.dataset.ready !== undefined")

    def faults(self):
        """All that it says, and each request but that for itself."""
        own = ("data:", "blob:", self.file.as_uri())
        return (self.run("return window.itsFaults") + self.console()
                + [url for url in self.requests() if not url.startswith(own)])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The page of the fixture."""
    return build(tmp_path_factory.mktemp("report"))


@pytest.fixture
def show(made):
    """show(file, option=value...): a page, of the fixture by default; it must be without faults at the end."""
    with contextlib.ExitStack() as opened:
        pages = []

        def enter(file=made, **options):
            pages.append(opened.enter_context(Report(file, **options)))
            return pages[-1]

        yield enter
        assert [page.faults() for page in pages] == [[] for _ in pages]


@pytest.fixture(scope="module")
def one_page(made):
    """The page of the fixture, for all who only look at it: loading it takes longer than most looks."""
    with Report(made) as page:
        yield page


@pytest.fixture
def page(one_page):
    """The same, for a test after which it must be without faults."""
    yield one_page
    assert one_page.faults() == []


def visible(page):
    """All text that is shown."""
    return page.run("return document.body.innerText")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_section_is_there_and_says_nothing_odd(show, lang):
    """In what is shown, and in what is only told by tips and labels."""
    page = show(lang=lang)
    for name in SECTIONS:
        assert page.text(f"#{name} h2").strip(), name
        assert page.count(f'nav a[href="#{name}"]') == 1, name
    page.run("for (const one of document.querySelectorAll('details')) one.open = true")
    assert not ODD.search(visible(page))
    told = page.run("""return [...document.querySelectorAll('body *')].flatMap((one) =>
        ['title', 'data-tip', 'aria-label', 'data-label', 'placeholder']
            .map((name) => one.getAttribute(name) ?? ''))""")
    assert any(told)
    assert not ODD.search("\n".join(told))


def but_for_two(*chosen):
    """All widths in both languages; those that are not chosen have the marker `full`: a window that is narrow or wide, in
    one language or the other, is looked at without them, too."""
    return [pytest.param(lang, width, marks=[] if (lang, width) in chosen else [pytest.mark.full])
            for lang in ("en", "zh") for width in (1920, 1280, 390)]


@pytest.mark.full  # a detail, and seconds of a browser
@pytest.mark.parametrize("lang, width", but_for_two(("en", 390), ("zh", 1280)))
def test_nothing_sticks_out(show, lang, width):
    """Nothing is wider than the window or than its box, and nothing is empty."""
    page = show(lang=lang, width=width)
    assert page.run("return document.documentElement.scrollWidth") == width
    assert page.run("""return [...document.querySelectorAll('td, th, p, li, dd, h2, h3, figure')].filter((one) =>
        one.checkVisibility() && !one.querySelector('svg') && one.innerText.trim() === '')
        .map((one) => `${one.tagName}.${one.className}`)""") == []
    assert page.run("""return [...document.querySelectorAll('#comparison td *, .card *, .measure *')].filter((one) =>
        one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0
        && getComputedStyle(one).display !== 'inline').map((one) => one.innerText)""") == []
    page.shoot(f"report-{lang}-{width}")


def test_the_language_is_switched_and_remembered(show):
    """Without a word of it in the address."""
    page = show(lang="en")
    language = "return document.documentElement.lang"
    assert page.run(language) == "en"
    assert re.search("difficulty of the API.*very complex", page.text("#comparison"), re.S)
    page.click('[data-language="zh"]')
    assert page.run(language) == "zh-CN"
    assert re.search("api使用难度.*非常复杂", page.text("#comparison"), re.S)
    assert page.attribute('[data-language="zh"]', "aria-pressed") == "true"
    page.open()
    assert page.run(language) == "zh-CN"


def test_the_answer_who_held_10000_clients_and_at_what_cost(page):
    """A sentence, and a row for each model."""
    answer = page.text("#glance")
    assert re.search(r"5 of 6 models .* all 10,000 clients: bio, nio, aio, aio_future, framework\.", answer)
    assert "Not so pseudo_async: 10,000 connected, 200 served." in answer
    rows = [[" ".join(cell.split()) for cell in row] for row in
            page.all("#glance tbody tr", "[...one.cells].map((cell) => cell.innerText)")]
    assert len(rows) == 6
    assert rows[0][1:] == ["10,000 ✓", "10,000 ✓", "5", "0.52 (0.50-0.55) slower · 72,809/s", "✗ 0.66 2 / 7 / 57",
                           "531 ms", "12.5 KiB", "10,001", "disturbed"]
    assert rows[1][1:4] == ["10,000 ✓", "200 ✗ 9,800 not", "–"] and rows[1][5] == "✗ 0.02 0 / 0 / 622"
    assert rows[1][4].endswith("†") and rows[1][6].endswith("†")
    assert rows[2][5] == "1.00 14 / 15 / 15"
    assert [row[9] for row in rows[2:4]] == ["–", "client-bound disturbed"]
    brake = page.attribute('#glance tr:has([data-model="aio"]) .label', "data-tip")
    assert "the load generator was the brake" in brake
    unknown = page.attribute('#glance tr:has([data-model="aio_future"]) .na', "data-tip")
    assert "threads were not counted" in unknown


def rounded(value):
    """To the nearest whole number, halves up, as everywhere in the page."""
    return f"{math.floor(value + 0.5):,}"


WORDS = {"bio": "slower", "pseudo_async": "slower", "nio": "the same within 3%", "aio": "faster",
         "aio_future": "faster", "framework": "cannot be told"}


def test_the_models_are_said_to_be_faster_slower_the_same_or_that_it_cannot_be_told(page):
    """Each ratio has its interval first, its word, and then the rate; places have ties; a tip says what would help."""
    cells = [" ".join(one.split()) for one in page.all("#glance .rate")]
    points = [point for point in DATA["sweep"] if point["clients"] == 10000]
    assert [cell.rstrip("†") for cell in cells] == [
        f"{point['ratio']['text']} {WORDS[point['model']]} · {rounded(point['messages_per_s'])}/s" for point in points]
    assert [row[3] for row in page.all("#glance tbody tr", "[...one.cells].map((cell) => cell.innerText)")] == [
        "5", "–", "2-4", "1-2", "1-3", "3-4"]
    tip = page.attribute('#glance tr:has([data-model="framework"]) .ratio .value', "data-tip")
    assert tip == "about 180 rounds would tell"


def test_the_chart_of_the_answer_has_a_dot_and_a_bar_for_each_ratio(page):
    """Where its figures are, on an axis from 0 with a line at 1; in words, too; hollow where only some were served, and
    grey where it cannot be told."""
    points = [point for point in DATA["sweep"] if point["clients"] == 1000]
    assert [" ".join(one.split()) for one in page.all(".intervals li:not(.axis)")] == [
        f"{point['model']} {point['ratio']['text']}{'†' if point['model'] == 'pseudo_async' else ''} "
        f"{WORDS[point['model']]} · {rounded(point['messages_per_s'])}/s" for point in points]
    assert page.all(".intervals .part", "one.closest('li').dataset.model") == ["pseudo_async"]
    assert page.all(".intervals .open", "one.closest('li').dataset.model") == ["framework"]
    end = float(page.all(".intervals .tick")[-1])
    for point, places in zip(points, page.run("""
            return [...document.querySelectorAll('.intervals li:not(.axis) .track')].map((track) => {
                const { left, width } = track.getBoundingClientRect();
                const [bar, dot, one] = [...track.children].map((one) => one.getBoundingClientRect());
                return [bar.left, bar.right, dot.left + dot.width / 2, one.left].map((x) => (x - left) / width);
            })""")):
        due = [point["ratio"]["low"], point["ratio"]["high"], point["ratio"]["median"], 1]
        assert all(abs(place - value / end) < 0.01 for place, value in zip(places, due)), (point["model"], places)


def matrix(page):
    """Its cells in words, a row each, without the heading."""
    rows = page.all("#races tbody tr", "[...one.cells].map((cell) => cell.innerText)")
    return [[" ".join(cell.split()) for cell in row[1:]] for row in rows]


@pytest.mark.full  # a detail, and seconds of a browser
def test_any_two_models_are_compared_row_against_column(show):
    """At a choice of protocol, workload, clients and figure; what is not there with the others cannot be chosen."""
    page = show()
    select = '#races select[name="{}"]'.format
    names = [one["name"] for one in DATA["models"]]
    assert page.run("return document.querySelector(arguments[0]).value", select("clients")) == "1000"
    cells = matrix(page)
    assert len(cells) == len(names) and {row[place] for place, row in enumerate(cells)} == {"·"}
    aio, bio = names.index("aio"), names.index("bio")
    assert cells[aio][bio] == "2.02 (1.98-2.06) faster" and cells[bio][aio] == "0.50 (0.49-0.51) slower"
    assert cells[names.index("nio")][names.index("floor")] == "1.00 (0.98-1.02) the same within 3%"
    assert cells[names.index("framework")][names.index("floor")].endswith("cannot be told")
    page.choose(select("figure"), "cpu")
    assert matrix(page)[aio][bio] == "0.50 (0.49-0.51) needs less CPU"
    page.choose(select("workload"), "pipelined")
    assert page.all(select("clients") + " option") == ["100"]
    page.choose(select("protocol"), "ws")
    assert page.all(select("workload") + " option") == ["ping-pong"]
    page.click('[data-language="zh"]')
    assert matrix(page)[aio][bio] == "0.50 (0.49-0.51) 需要更少 CPU"


@pytest.mark.full  # a detail, and seconds of a browser
def test_it_is_said_how_a_race_went_and_what_it_would_take(show):
    """Below the matrix: starts, rounds, why it ended, its width, its disturbed slices, its control."""
    page = show()
    assert page.text("#races .race-line") == (
        "This race: 5 starts, 40 rounds in 11 s. It ended because all intervals were narrow. The widest interval "
        "against the floor: ±2.1% (aio). 12 of 320 slices were disturbed and do not count. Control: nio against itself "
        "1.00 (0.99-1.02).")
    page.choose('#races select[name="clients"]', "10000")
    assert re.search(r"12 rounds in 33 s\. .* time was over\. .* ±6\.1% \(framework\)\. To get all to ±3\.0% "
                     r"would take about 50 rounds, 3 minutes\.", page.text("#races .race-line"))
    page.choose('#races select[name="protocol"]', "ws")
    assert "1.03 (1.01-1.05), which is off." in page.text("#races .race-line .bad")


@pytest.mark.full  # a detail, and seconds of a browser
def test_the_head_says_whether_the_controls_are_off(page, show, tmp_path):
    """In one line, marked if so."""
    assert page.text(".calibration") == (
        "Calibration: nio against itself 1.00 (0.99-1.02) (echo, ping-pong, 1,000 clients). 1 of 8 such controls are "
        "off; if more than 1 in 20 is, do not trust the intervals.")
    assert page.count(".calibration .bad") == 1 and page.box(".calibration")["height"] < 32
    data = fixture()
    for race in data["races"]:
        race["control_rate"]["off"] = 0
    page = show(build(tmp_path, data, charts=False))
    assert page.text(".calibration").endswith("8 such controls, none of them off.")
    assert not page.count(".calibration .bad")


@pytest.mark.full  # a detail, and seconds of a browser
def test_results_without_races_have_ratios_without_intervals_and_say_so(show, tmp_path):
    """Older ones."""
    data = fixture()
    del data["races"], data["pairs"]
    for point in data["sweep"]:
        point["place"] = None
        point["ratio"].update(text="0.97", low=None, high=None, word=None, within=None, needed=None, rounds=None)
    page = show(build(tmp_path, data, charts=False))
    assert "Nothing was raced in this run" in page.text(".calibration") and page.count("#races.left-out") == 1
    assert all(" ".join(one.split()).startswith("0.97 no interval · ") for one in page.all("#glance .rate"))
    assert all(" no interval · " in " ".join(one.split()) for one in page.all(".intervals li:not(.axis)"))


def test_the_first_screen_is_the_answer(show):
    """1,280 x 720: the table and the chart, whole; the set-up is one line, which unfolds."""
    page = show(height=720)
    for there in "#glance h2", "table.glance", ".answer-chart":
        box = page.box(there) if there == "#glance h2" else page.run(
            "return document.querySelector(arguments[0]).getBoundingClientRect().toJSON()", there)
        assert box["top"] >= 0 and box["bottom"] <= 720, (there, box)
    assert page.run("return scrollY") == 0
    summary = page.box("#head summary")
    assert summary["height"] < 32
    assert re.search(r"✓ complete.*AMD EPYC.*Linux 6\.18.*notes to read with it: 2", page.text("#head summary"))
    assert not page.visible("#head .facts")
    page.click("#head summary")
    assert "Compiler" in page.text("#head .facts") and page.visible("#head .notes")


PROJECTED = """
    const scale = (text) => { // of a drawing, and of what is enlarged
        const svg = text.closest('svg[viewBox]');
        return (svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1) * (text.currentCSSZoom ?? 1);
    };
    return [...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility() && one.textContent.trim())
        .map((one) => Number.parseFloat(getComputedStyle(one).fontSize) * scale(one))"""


@pytest.mark.full  # a detail, and seconds of a browser
@pytest.mark.parametrize("how", ["button", pytest.param("address", marks=pytest.mark.full)])  # the same text
def test_for_a_projector_the_text_of_charts_and_code_is_large_and_nothing_remembers_it(show, how):
    """20 and 18 pixels, in a window of 1,280, which still does not scroll sideways."""
    page = show(fragment="#projector" if how == "address" else "")
    if how == "button":
        assert min(page.run(PROJECTED, ".src-text, .intervals li > *")) < 18
        page.click("#large-text")
    assert page.attribute("#large-text", "aria-pressed") == "true"
    page.run("for (const one of document.querySelectorAll('.src-toggle')) one.click()")
    for text, least in ("#charts svg text", 20), (".intervals li > *", 20), (".jrn svg text", 20), (".src-text", 18):
        sizes = page.run(PROJECTED, text)
        assert sizes and min(sizes) >= least - 0.01, (text, min(sizes))
    assert page.run("return document.documentElement.scrollWidth") == 1280
    page.shoot(f"report-projector-{how}")
    page.click("#large-text")
    assert page.attribute("#large-text", "aria-pressed") == "false"
    page.click("#large-text")
    page.open()
    assert page.attribute("#large-text", "aria-pressed") == "false"
    assert page.run("return Object.keys(localStorage).length") == 0


def unfolded(page, name):
    """Is this row of the sources open?"""
    return page.visible(f'[data-row="{name}"] .src-cells')


@pytest.mark.full  # a detail, and seconds of a browser
def test_of_the_sources_two_are_shown_folded_and_what_differs_is_marked_by_token(show, tmp_path):
    """A choice of which two; or all of them."""
    def cell(model, *texts):
        return {model: [{"name": "conn_recv", "from": 1, "calls": [], "submits": [], "waits": False, "lines": [
            {"n": n, "text": text, "tags": []} for n, text in enumerate(texts, 1)]}]}

    sources = {"models": [{"name": name, "file": f"{name}.c", "lines": 2} for name in ("bio", "nio", "aio")],
               "rows": [{"name": "conn_recv", "title": "recv", "cells": {
                   **cell("bio", "recv(c->fd, buffer);", "}"), **cell("nio", "recv(c->fd, buffer, 0);", "}"),
                   **cell("aio", "recv(c->fd, buffer);", "  }")}}]}
    page = show(build(tmp_path, sources=sources, charts=False))
    assert page.all(".src-head strong") == ["bio", "nio"]
    assert not unfolded(page, "conn_recv") and "9% of the code differs" in page.text(".src-toggle")
    page.click(".src-toggle")
    assert unfolded(page, "conn_recv")
    assert page.all(".src-differs:not(.src-sample)", "[one.closest('.src-cell').dataset.model, one.textContent]") == [
        ["nio", ", 0"]]
    page.choose(".src-bar .src-select:nth-of-type(2) select", "aio")
    assert page.all(".src-head strong") == ["bio", "aio"] and unfolded(page, "conn_recv")
    assert page.count(".src-differs:not(.src-sample)") == 0 and "the same code" in page.text(".src-toggle")
    page.choose(".src-bar .src-select:nth-of-type(1) select", "aio")
    assert page.all(".src-head strong") == ["aio", "bio"]
    page.click(page.find_with(".src-bar button", "all servers"))
    assert page.all(".src-head strong") == ["bio", "nio", "aio"]


def test_each_cell_of_the_notes_table_has_its_three_words_and_the_right_marks(page):
    """What the book says, what was predicted, what was measured."""
    def label(agrees):
        if agrees is None:
            return "not measured"
        return f"{'agrees with' if agrees else 'differs from'} the measurement"

    cells = page.all("#comparison td", """({topic: one.dataset.topic, model: one.dataset.model,
        claims: Object.fromEntries([...one.querySelectorAll('.claim')].map((claim) => [claim.classList[1], [
            claim.querySelector('.said, .na').firstChild.textContent,
            claim.querySelector('.mark')?.ariaLabel ?? null]]))})""")
    assert len(cells) == len(DATA["comparison"])
    due = {(one["topic"], one["model"]): one for one in DATA["comparison"]}
    for cell in cells:
        one, claims = due[cell["topic"], cell["model"]], cell["claims"]
        assert claims["textbook"] == [one["textbook"], label(one["textbook_agrees"])]
        assert claims["you"] == (["–", None] if one["predicted"] is None
                                 else [one["predicted"], label(one["prediction_agrees"])])
        assert claims["measured"][0] == ("n/a" if one["measured"] is None else one["measured"])
    colours = set(page.all("#comparison .claim .mark", "one.textContent + getComputedStyle(one).backgroundColor"))
    assert len(colours) == 3


@pytest.mark.full  # a detail, and seconds of a browser
def test_without_a_prediction_nobody_is_told_what_he_predicted(show, tmp_path):
    """No third word, then."""
    plain = fixture()
    for one in plain["comparison"]:
        one.update(predicted=None, prediction_agrees=None)
    page = show(build(tmp_path, plain))
    assert page.count("#comparison .claim") and not page.count(".claim.you")


@pytest.mark.full  # a detail, and seconds of a browser
def test_evidence_leads_to_what_is_there_and_out_of_a_closed_tab(show):
    """By a click."""
    page = show()
    wanted = page.all("#comparison a.evidence", "one.hash.slice(1)")
    assert wanted == [one["evidence"] for one in DATA["comparison"] if one["evidence"]]
    for name in set(wanted):
        assert page.count(f'[id="{name}"]') == 1, name
    page.click('[data-base="throughput"] .tab[data-protocol="ws"]')
    assert not page.visible("#chart-throughput-echo")
    page.click('a[href="#chart-throughput-echo"]')
    page.wait("""const chart = document.querySelector('#chart-throughput-echo');
        const { top } = chart.getBoundingClientRect();
        return chart.checkVisibility() && top >= 0 && top < innerHeight""")


@pytest.mark.full  # a detail, and seconds of a browser
def test_a_link_from_outside_opens_the_tab_too(show):
    """By the address."""
    page = show(fragment="#chart-cpu-ws")
    page.wait("return document.querySelector('#chart-cpu-ws').checkVisibility() && scrollY > 0")


def test_all_charts_are_drawn_with_their_reasons(show):
    """Large enough to be seen, the protocols side by side."""
    page = show(width=1920)
    for chart in DATA["charts"]:
        box = page.box(f'[id="chart-{chart["name"]}"] svg')
        assert box["width"] > 500 and box["height"] > 300, chart["name"]
    for one in DATA["why"]:
        place = "#charts > .lead" if one["chart"] == "all" else f'[data-base="{one["chart"]}"] .why li'
        assert one["en"] in page.all(place)
    echo, websocket = page.run("""return ['echo', 'ws'].map((protocol) =>
        document.querySelector(`#chart-cpu-${protocol}`).getBoundingClientRect().toJSON())""")
    assert echo["y"] == websocket["y"] and websocket["x"] >= echo["x"] + echo["width"]


def in_csv(value):
    """As JavaScript writes it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("name", ["throughput-echo", "memory"])
def test_the_csv_is_the_data(page, tmp_path, name):
    """Downloaded, under the chart's name."""
    page.cdp("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    page.click(f'[id="chart-{name}"] .csv')
    file = tmp_path / f"io-models-{name}.csv"
    chromium.soon(file.exists, f"{file.name} is there")
    head, *lines = file.read_bytes().decode("utf-8").rstrip("\r\n").split("\r\n")
    assert head == "chart,protocol,model,clients,figure,value,least,greatest"
    rows = [row for row in DATA["figures"] if row[0] == name.replace("-echo", "")
            and (name == "memory" or row[1] == "echo")]
    assert len(rows) > 10
    assert lines == [",".join(map(in_csv, row)) for row in rows]


@pytest.mark.full  # a detail, and seconds of a browser
def test_the_table_of_a_chart_is_the_data_too(show):
    """When it is asked for."""
    page = show()
    assert not page.visible("#chart-throughput-echo table")
    page.click("#chart-throughput-echo .toggle")
    rows = {tuple(row[:2]): row[2:] for row in
            page.all("#chart-throughput-echo tbody tr", "[...one.cells].map((cell) => cell.innerText)")}
    assert rows["against the floor: messages/s", "10,000"][0] == "0.52" and rows["messages/s", "10,000"][0] == "72,809"
    tips = page.all("#chart-throughput-echo tbody tr:first-child ~ tr .hover", "one.dataset.tip")
    assert tips[0] == "95% interval: 0.5 to 0.55" and tips[-1].endswith(" in the repetitions")


MARK = "#chart-memory svg .hover"


@pytest.mark.full  # a detail, and seconds of a browser
def test_a_mark_in_a_chart_tells_its_figures_pointed_at_and_by_keyboard(show):
    """And is silent again afterwards."""
    page = show()
    first, second, _ = page.run("return [...document.querySelectorAll(arguments[0])]", MARK)
    page.point_at(second)
    page.wait("return document.querySelector('#tip').checkVisibility()")
    assert page.text("#tip") == "aio, 10 clients:\n3 messages/s，每秒 3 条"
    page.point(2, 2)
    page.wait("return !document.querySelector('#tip').checkVisibility()")
    page.focus(first)
    assert page.text("#tip") == 'bio, 1 client: it\'s <2> & "more"'
    page.keys("ARROW_RIGHT")
    assert page.text("#tip").startswith("aio")
    assert page.all(MARK, "one.getAttribute('tabindex')") == ["-1", "0", "-1"]
    page.keys("ESCAPE")
    assert not page.visible("#tip")


@pytest.mark.full  # a detail, and seconds of a browser
def test_a_mark_in_a_chart_tells_its_figures_touched(show):
    """A finger is not exact."""
    page = show(width=390, height=844, mobile=True)
    box = page.box(MARK)
    page.tap(box["x"] + box["width"] / 2 + 12, box["y"] + box["height"] / 2)
    page.wait("return document.querySelector('#tip').checkVisibility()")
    assert page.text("#tip").startswith("bio, 1 client")


@pytest.mark.full  # a detail, and seconds of a browser
def test_what_was_counted_in_the_sources_is_told(show):
    """Which calls; and why there is no figure."""
    page = show()
    row = page.find_with("#api tbody tr", "distinct calls")
    page.point_at(page.run("return arguments[0].querySelector('.value')", row))
    page.wait("return document.querySelector('#tip').checkVisibility()")
    assert "accept4 close" in page.text("#tip")
    assert "clang-tidy is not installed" in page.attribute("#api .na", "data-tip")


@pytest.mark.full  # a detail, and seconds of a browser
def test_reliability_is_of_the_protocol_that_is_chosen_and_harm_is_marked(show):
    """The twins' too."""
    page = show()
    crowd = page.find_with("table.reliability tr", "2,000 clients")
    harm = page.run("return arguments[0].querySelector('.harm').innerText", crowd)
    assert re.search(r"✗\s*1800 of 2000 fail", harm)
    twins = [one for one in DATA["reliability"] if one["twin_of"] is not None]
    shown = page.text("table.twins")
    assert twins
    for one in twins:
        assert (one["model"] in shown) == (one["protocol"] == "echo"), one
    page.click('#reliability .tab[data-protocol="ws"]')
    assert re.search("half_packet.*wrong bytes", page.text("table.twins"), re.S)


@pytest.mark.full  # a detail, and seconds of a browser
def test_a_run_without_twins_says_nothing_of_them(show, tmp_path):
    """Not even a heading."""
    plain = fixture()
    plain["reliability"] = [one for one in plain["reliability"] if one["twin_of"] is None]
    page = show(build(tmp_path, plain, charts=False))
    assert "twin" not in page.text("#reliability")


@pytest.mark.full  # a detail, and seconds of a browser
def test_another_run_only_what_is_beyond_the_spread_until_asked_for_all(show):
    """And what is looked for."""
    page = show()
    rows = DATA["against"]["rows"]
    beyond = sum(bool(row["beyond"]) for row in rows)
    assert page.count("table.against tbody tr") == page.count("table.against .beyond") == beyond
    page.click("#against input[type=checkbox]")
    assert page.count("table.against tbody tr") == len(rows)
    page.fill("#against input[type=search]", "nio p99")
    assert page.count("table.against tbody tr") == sum(
        row["model"] == "nio" and "p99" in row["figure"] for row in rows) > 0
    page.fill("#against input[type=search]", "no such thing")
    assert "Nothing fits" in page.text("#against")
    assert page.all("table.set-up tbody th") == ["Measured", "Kernel"]


@pytest.mark.full  # a detail, and seconds of a browser
def test_what_the_lines_are_for_is_beside_the_first_reading(show):
    """The figures of the data, a bar of as many pieces, whose length is that of the whole; the notes' claim above."""
    page = show()
    assert page.text("#concerns h2") == "Features are easy to write, reliability is hard"
    rows = page.all("table.concerns tbody tr")
    assert len(rows) == 4 and re.search(r"bio\s+first reading\s+60\s+1\s+0\s+0\s+0\s+0\s+14\s+75\s+×1\.0", rows[0])
    assert re.search(r"aio\s+full server\s+202\s+8\s+38\s+24\s+10\s+9\s+51\s+342\s+×3\.3", rows[3])
    widths = page.run("""return [...document.querySelectorAll('.concern-bar')].map((one) =>
        [one.clientWidth, ...[...one.children].map((piece) => piece.getBoundingClientRect().width)])""")
    assert all(abs(sum(pieces) - whole) < 2 for whole, *pieces in widths)
    for reading, lines in ((0, 75), (1, 235), (2, 105), (3, 342)):
        assert abs(widths[reading][0] / widths[3][0] - lines / 342) < 0.02
    assert abs(widths[3][1] / widths[3][0] - 202 / 342) < 0.02
    page.click('[data-language="zh"]')
    assert page.text("#concerns h2") == "功能开发相对容易，但是可靠性能力补齐难度很大"


@pytest.mark.full  # a detail, and seconds of a browser
def test_a_run_of_little_else_than_its_name_leaves_each_section_out_in_a_line(show, tmp_path):
    """In its place."""
    little = {"profile": "ladder", "models": DATA["models"], "preface": [["State", "partial: 3 of 9 runs"]],
              "comparison": [{**one, "predicted": None, "measured": None} for one in DATA["comparison"]]}
    page = show(build(tmp_path, little, sources=False, charts=False))
    assert page.all("main > section", "one.id") == SECTIONS
    assert page.count("main > .left-out p") == len(SECTIONS)
    assert "not complete: partial: 3 of 9 runs" in visible(page)
    assert not re.search("NaN|undefined|null|Infinity", visible(page))


@pytest.mark.full  # a detail, and seconds of a browser
def test_charts_that_were_not_drawn_still_have_their_figures(show, tmp_path):
    """And say so."""
    page = show(build(tmp_path, charts=False))
    assert re.search("was not drawn.*12,81[56]", page.text("#chart-memory"), re.S)


def test_data_is_text_never_markup(show):
    """Whatever is in it."""
    page = show()
    assert page.count("#head .notes b") == 0
    page.click("#head summary")
    assert '<b>markup</b> & "quotes" </script>' in page.text("#head .notes")


@pytest.mark.full  # a detail, and seconds of a browser
def test_on_paper_no_buttons_both_protocols_and_a_pdf_of_some_pages(show):
    """A4."""
    page = show()
    page.cdp("Emulation.setEmulatedMedia", media="print")
    for gone in ".top", ".button", "#sources", ".tabs", ".figures-box":
        assert page.count(gone), gone
        assert not any(page.all(gone, "one.checkVisibility()")), gone
    for there in "#glance table", "#comparison table", "#chart-cpu-echo svg", "#chart-cpu-ws svg":
        assert page.visible(there), there
    pdf = base64.b64decode(page.cdp("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"])
    assert 8 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 16
