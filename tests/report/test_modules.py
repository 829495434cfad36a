"""The page's modules by themselves, in an empty page: words, figures, code side by side, time-line, exam."""
import functools
import http.server
import itertools
import json
import re
import sys
import threading

import pytest

from pages import ROOT, fixture, placeholders

sys.path.insert(0, str(ROOT / "scripts/report"))
import build  # pylint: disable=wrong-import-position

pytest.importorskip("selenium", reason="python3-selenium is not installed: scripts/setup.sh --browser")
import chromium  # pylint: disable=wrong-import-position

pytestmark = pytest.mark.skipif(chromium.missing() is not None, reason=str(chromium.missing()))

MODULES = ROOT / "scripts/report/js"

# A page that can import each module, as the report does by `report/NAME` and as modules do by `./NAME.js`.
EMPTY = f"""<!doctype html><script type="importmap">{json.dumps({"imports": {
    f"report/{path.stem}": f"./{path.name}" for path in sorted(MODULES.glob("*.js"))}})}</script>"""

CALL = """
    const [name, body, given, done] = arguments;
    const made = import(`./${name}.js`)
        .then((module) => new Function('module', 'given', `return ${body}`)(module, given));
    made.then((value) => done({value}), (error) => done({error: String(error)}));
"""


class Files(http.server.SimpleHTTPRequestHandler):
    """The modules, and the empty page."""

    def do_GET(self):  # pylint: disable=invalid-name
        """One file, in silence."""
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(EMPTY.encode())

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        """Nothing."""


@pytest.fixture(scope="module")
def ask():
    """ask(NAME, EXPRESSION, given...): the value of a JavaScript expression over `module`, js/NAME.js, and `given`."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Files, directory=MODULES)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with chromium.Page() as page:
            page.goto(f"http://127.0.0.1:{server.server_port}/")

            def evaluate(name, expression, *given):
                answer = page.driver.execute_async_script(CALL, name, expression, given)
                assert "error" not in answer, answer["error"]
                return answer["value"]

            yield evaluate
        server.shutdown()


@pytest.fixture(scope="module")
def texts(ask):
    """All words of the page, by language."""
    return ask("words", "module.texts")


def test_both_languages_have_the_same_texts_and_none_is_empty(ask, texts):
    """In the same order."""
    english, chinese = ask("words", "[module.texts.en, module.texts.zh].map(Object.keys)")
    assert english == chinese
    assert all(text.strip() for language in texts.values() for text in language.values())


def test_what_is_filled_in_is_the_same_in_both(texts):
    """{clients}, {model}..."""
    assert {key: placeholders(text) for key, text in texts["zh"].items()} == {
        key: placeholders(text) for key, text in texts["en"].items()}


def test_no_module_asks_for_a_text_that_there_is_not(texts):
    """Of those that have no words of their own."""
    own = [path for path in MODULES.glob("*.js") if path.stem not in ("exam", "journey", "sources")]
    asked = [key for path in own for key in re.findall(r"\bwords\('([^']+)'", path.read_text(encoding="utf-8"))]
    assert len(asked) > 50
    assert set(asked) <= set(texts["en"])


def test_a_text_is_filled_in_and_what_is_not_known_keeps_its_name(ask):
    """In English, which is what a page begins with."""
    assert ask("words", "module.words('na.clients', {clients: 7})") == "not measured at 7 clients"
    assert ask("words", "module.named('chart', 'throughput')") == "Throughput"
    assert ask("words", "module.named('chart', 'unheard-of')") == "unheard-of"


def test_topics_charts_and_metrics_of_the_data_have_words(texts):
    """In Chinese, and so in both."""
    data = fixture()
    wanted = ({f"topic.{one['topic']}" for one in data["comparison"]}
              | {"chart." + re.sub("-(echo|ws)$", "", one["name"]) for one in data["charts"]}
              | {f"metric.{one['metric']}" for one in data["metrics"]})
    assert len(wanted) > 20
    assert wanted <= set(texts["zh"])


def test_each_kind_of_bad_neighbour_and_of_pressure_has_a_chinese_title(ask):
    """As the database names it."""
    sql = (ROOT / "scripts/sql/workloads.sql").read_text(encoding="utf-8")
    titles = re.findall(r"\([4-7]\d, '\w+',\s+'([^']+)'", sql)
    assert len(titles) > 20
    assert set(titles) <= set(ask("words", "module.titlesInChinese"))


@pytest.mark.parametrize("unit, values, expected", [
    ("duration", [0, 9.876, 999, 1234.5, 106102, 2.5e6], ["0 µs", "9.88 µs", "999 µs", "1.23 ms", "106 ms", "2.50 s"]),
    ("bytes", [0, 176, 12815, 5 * 2 ** 20], ["0 B", "176 B", "12.5 KiB", "5.00 MiB"]),
    ("figure", [0, 1234567, 2.0371, 0.0356, 0.00271, 1e-6], ["0", "1,234,567", "2.04", "0.0356", "0.0027", "< 0.0001"]),
    ("percent", [12.34, -3.2, 0], ["+12%", "-3.2%", "0.0%"]),
    ("count", [], []),
])
def test_figures_have_three_digits_and_a_unit_and_null_stays_null(ask, unit, values, expected):
    """One function for each unit."""
    assert ask("format", f"given[0].map(module.{unit})", values) == expected
    assert ask("format", f"[null, undefined, NaN].every((one) => module.{unit}(one) === null)")


def test_a_csv_field_is_quoted_where_it_must_be_and_what_is_null_is_empty(ask):
    """RFC 4180."""
    row = ["a", "echo", "nio", 1, 'p99 us, from "due"', 2.5, None, None]
    assert ask("csv", "module.csvOf(given[0])", [row]) == (
        'chart,protocol,model,clients,figure,value,least,greatest\r\na,echo,nio,1,"p99 us, from ""due""",2.5,,\r\n')


DIFFERING = """module.differing(...given.map((lines) => lines.map((text) => module.unitsOf({ text }))))
    .map((marks, side) => marks.map((line, place) => module.unitsOf({ text: given[side][place] })
        .filter((unit, at) => line[at]).map(([, text]) => text).join(' ')))"""


@pytest.mark.parametrize("left, right, missing_right, missing_left", [
    (["a b", "c"], ["a b", "c"], ["", ""], ["", ""]),
    (["if (x)", "    f(a,  b);"], ["", "  if (x)", "\tf(a, b);", ""], ["", ""], ["", "", "", ""]),  # layout
    (["recv(fd, b);"], ["recv(c->fd, b, 0);"], [""], ["c -> , 0"]),  # tokens, not lines
    (["a", "int x;", "b"], ["a", "long x;", "b"], ["", "int", ""], ["", "long", ""]),
    (["a", "b", "c", "d"], ["d", "a", "b", "c"], ["", "", "", "d"], ["d", "", "", ""]),  # moved: new in its place
    (["f(x);", "g();"], ["g();"], ["f ( x ) ;", ""], [""]),
    ([], ["a", "", "b c"], [], ["a", "", "b c"]),
])
def test_tokens_that_are_not_on_the_other_side_differ(ask, left, right, missing_right, missing_left):
    """Of two columns of code."""
    assert ask("diff", DIFFERING, left, right) == [missing_right, missing_left]


def test_a_comment_is_not_compared(ask):
    """By the kind of its token."""
    lines = [[{"text": "x; // here", "tokens": [["", "x; "], ["c", "// here"]]}],
             [{"text": "x; // there", "tokens": [["", "x; "], ["c", "// there"]]}]]
    assert not any(ask("diff", "module.differing(...given.map((lines) => lines.map(module.unitsOf))).flat(2)", *lines))


@pytest.mark.parametrize("other", ["cabba", "bbbb", "acacac", "bca", "abcab"])
def test_never_more_in_common_than_a_longest_common_subsequence(ask, other):
    """Checked against all of them."""
    def subsequences(text):
        return {tuple(itertools.compress(text, chosen)) for chosen in itertools.product((0, 1), repeat=len(text))}

    longest = max(map(len, subsequences("abcab") & subsequences(other)))
    pairs = ask("diff", "module.matched(...given)", list("abcab"), list(other))
    assert len(pairs) == longest
    assert all("abcab"[i] == other[j] for i, j in pairs) and pairs == sorted(pairs)


def test_an_axis_begins_at_0_and_has_a_few_round_marks(ask):
    """Up to the greatest value."""
    assert ask("intervals", "module.axisOf(183384)") == [0, 50000, 100000, 150000, 200000]
    assert ask("intervals", "module.axisOf(1)")[-1] == 1
    assert ask("intervals", "module.axisOf(0)") == [0, 1]


@pytest.mark.parametrize("ratio, figure, said, hint", [
    ({"word": "more"}, "rate", "faster", "95% interval"), ({"word": "less"}, "rate", "slower", "95% interval"),
    ({"word": "more"}, "cpu", "needs more CPU", "95% interval"), ({"word": "less"}, "cpu", "needs less CPU", "95%"),
    ({"word": "same", "within": 0.015}, "rate", "the same within 1.5%", "95% interval"),
    ({"word": "open", "needed": 180.0, "rounds": 40}, "rate", "cannot be told", "about 180 rounds would tell"),
    ({"word": "open", "needed": 8, "rounds": 40}, "rate", "cannot be told", "too few rounds"),
    ({"word": "open", "needed": None, "rounds": 3}, "cpu", "cannot be told", "too few rounds"),
    ({"word": None}, "rate", "no interval", "one after another"),
])
def test_a_ratio_has_a_word_and_a_hint(ask, ratio, figure, said, hint):
    """By rule: what the race decided, and no more."""
    assert ask("ratio", "module.saidOf(...given)", ratio, figure) == said
    assert hint in ask("ratio", "module.hintOf(given[0])", ratio)


def test_the_race_that_is_most_like_the_one_wanted_is_shown(ask):
    """The same protocol first, then the workload, then the nearest number of clients; 50 if none is asked for."""
    races = [{"id": number, "protocol": protocol, "workload": workload, "clients": clients}
             for number, (protocol, workload, clients) in enumerate([
                 ("echo", "ping-pong", 1), ("echo", "ping-pong", 100), ("echo", "ping-pong", 10000),
                 ("ws", "pipelined", 8)])]
    for wanted, expected in ({"protocol": "echo", "workload": "ping-pong"}, 1), ({"protocol": "ws", "clients": 1}, 3), (
            {"protocol": "echo", "workload": "pipelined", "clients": 4000}, 2), ({"protocol": "none"}, 1):
        assert ask("races", "module.raceOf(...given).id", races, wanted) == expected, wanted
    assert ask("races", "module.optionsOf(given[0], given[0][0], 'clients')", races) == [1, 100, 10000]
    assert ask("races", "module.optionsOf(given[0], given[0][3], 'workload')", races) == ["pipelined"]


def test_half_the_width_takes_four_times_the_rounds(ask):
    """And four times as long."""
    race = {"widest": 0.06, "wanted": 0.03, "rounds": 12, "elapsed_s": 30}
    assert ask("races", "module.costOf(given[0])", race) == {"rounds": 48, "minutes": 2}


def test_a_control_without_an_interval_calibrates_nothing(ask):
    """It is not counted, on or off."""
    race = {"clients": 50, "control_rate": {"text": "1.01 (0.99-1.03)", "off": 0},
            "control_cpu": {"text": "0.97", "off": 0}}
    few = {"clients": 1000, "control_rate": {"text": "0.91", "off": 0}, "control_cpu": None}
    found = ask("head", "module.calibrationOf(given[0])", [few, race])
    assert (found["count"], found["off"], found["shown"]["text"]) == (1, 0, "1.01 (0.99-1.03)")
    assert ask("head", "module.calibrationOf(given[0]).shown", [few]) is None


def test_each_label_of_the_database_is_explained(texts):
    """Those that the view `label` gives a point."""
    sql = (ROOT / "scripts/sql/views.sql").read_text(encoding="utf-8")
    view = sql[sql.index("create view label as"):sql.index("create view point_label")]
    names = re.findall(r"\d,\s+'([\w-]+) ?'", view) + re.findall(r"1 as severity, '([\w-]+)'", view)
    assert {"void", "failed", "client-bound", "disturbed", "shared-cpu"} <= set(names)
    assert {f"label.{name}" for name in names} <= set(texts["en"])


def test_figures_per_message_are_short(ask):
    """Of calls."""
    assert ask("sources", "given[0].map(module.perMessage)", [1.0053, 0.3, 0.0356, 0.00271, 0.00001]) == [
        "1.01", "0.30", "0.036", "0.0027", "< 0.0001"]


def test_a_call_is_looked_up_where_it_waits_and_messages_pass(ask):
    """Not where it only cleans up."""
    def line(number, calls, *tags):
        return {"n": number, "text": "", "tags": tags, "calls": calls}

    def row(name, *lines):
        return {"name": name, "cells": {"bio": [{"name": name, "lines": lines}]}}

    sources = {"rows": [row("conn_linger", line(1, ["recvfrom"], "WAIT")),
                        row("conn_recv", line(2, [], "WAIT"), line(3, ["recvfrom"])),
                        row("model_block", line(4, ["futex"]), line(5, ["futex"], "WAIT"))]}
    for model, call, expected in [("bio", "recvfrom", 3), ("bio", "futex", 5), ("bio", "epoll_wait", None),
                                  ("nio", "recvfrom", None)]:
        found = ask("sources", "module.lineOfCall(...given)", sources, model, call)
        assert (found and found["n"]) == expected


def test_what_is_packed_is_unpacked(ask):
    """As it was given to build.py: the data of a run, and sources with lines of every kind."""
    assert ask("packed", "module.unpacked(given[0])", build.packed(fixture())) == fixture()
    tokens = [["k", "int"], ["", " x; "], ["c", "// OWNS: it"]]
    lines = [{"n": 7, "text": "int x; // OWNS: it", "tags": ["OWNS"], "tokens": tokens},
             {"n": 8, "text": "", "tags": []}, {"n": 9, "text": "recv(x);", "tags": [], "calls": ["recvfrom"]},
             {"n": 10, "text": "plain", "tags": []}]
    sources = {"models": [{"name": "bio", "file": "x.c", "lines": 4}], "rows": [
        {"name": name, "title": name, "cells": {"bio": [{"name": name, "from": 7, "lines": lines}]}}
        for name in ("a", "b")]}
    in_page = build.packed(build.without_repetition(sources))
    assert ask("packed", "module.unpackedSources(given[0])", in_page) == sources
    assert ask("packed", "module.unpackedSources(given[0])", None) is None


@pytest.mark.parametrize("name", ["sources", "journey", "exam"])
def test_modules_with_words_of_their_own_have_them_in_both_languages(ask, name):
    """The same keys, the same places."""
    words = ask(name, f"module.{name}Words")
    english, chinese = ask(name, f"[module.{name}Words.en, module.{name}Words.zh].map(Object.keys)")
    assert english == chinese
    if name != "sources":
        for key in english:
            assert placeholders(words["en"][key]) == placeholders(words["zh"][key]), key


def event(lane, start_us, end_us, state, call, text="", model="nio"):
    """A row of the time-line."""
    return {"model": model, "lane": lane, "start_us": start_us, "end_us": end_us, "state": state, "call": call,
            "text": text}


EVENTS = [
    event("main", 0, 900, "waiting", "epoll_wait", "epoll_wait(4) = 1"),
    event("main", 900, 950, "running", ""),
    event("main", 950, 1000, "moving", "recvfrom", "recvfrom(7) = 64 [client A]"),
    event("client A", 0, 5000, "open", "connect", "connected"),
    event("client A", 950, 1100, "asking", "send", "message 1 of 2: sent"),
    event("client A", 3000, 3300, "asking", "send", "message 2 of 2: sent"),
    event("client B", 2000, 2500, "asking", "send", "message 1 of 2: sent"),
]


def test_models_and_lanes_keep_their_order_and_clients_come_first(ask):
    """Of the time-line."""
    more = [*EVENTS, event("main", 0, 1, "running", "", "", "bio")]
    assert ask("journey", "module.modelsOf(given[0])", more) == ["nio", "bio"]
    assert ask("journey", "module.lanesOf(given[0])", EVENTS) == ["client A", "client B", "main"]


def test_steps_are_the_calls_in_the_order_of_start(ask):
    """What begins together stays in the order of the lanes; the rows themselves are left as they are."""
    steps, first = ask("journey", "[module.stepsOf(given[0]), given[0][0]]", EVENTS)
    assert [(step["lane"], step["start_us"]) for step in steps] == [
        ("main", 0), ("client A", 950), ("main", 950), ("client B", 2000), ("client A", 3000)]
    assert first["lane"] == "main"


def test_a_step_stays_between_the_first_and_the_last(ask):
    """Of five."""
    assert ask("journey", "[[0, -1, 5], [0, 1, 5], [4, 1, 5]].map((one) => module.stepped(...one))") == [0, 1, 4]


def test_a_moment_belongs_to_the_step_that_has_begun_last(ask):
    """Also before the first."""
    assert ask("journey", """(() => {
        const steps = module.stepsOf(given[0]);
        return [-1, 949, 950, 1e9].map((moment) => module.stepAt(steps, moment));
    })()""", EVENTS) == [0, 0, 2, 4]


def test_the_scale_is_linear_from_0_to_the_width(ask):
    """And has a width where nothing took any time."""
    assert ask("journey", "[0, 2500, 5000].map(module.scaleOf(module.endOf(given[0]), 1000))", EVENTS) == [0, 500, 1000]
    assert ask("journey", "module.scaleOf(0, 1000)(0)") == 0


def test_ticks_are_round_begin_at_0_and_do_not_pass_the_end(ask):
    """A few, whatever the end is."""
    assert ask("journey", "module.ticksOf(95000, 5)") == [0, 20000, 40000, 60000, 80000]
    assert len(ask("journey", "module.ticksOf(1000, 10)")) == 11
    for end in 1, 999, 12345, 10 ** 7:
        ticks = ask("journey", "module.ticksOf(given[0], 8)", end)
        assert 3 <= len(ticks) <= 9 and ticks[0] == 0 and ticks[-1] <= end


def test_the_longest_wait_of_each_client(ask):
    """For an answer."""
    assert ask("journey", "module.longestAsks(given[0])", EVENTS) == [
        {"lane": "client A", "us": 300}, {"lane": "client B", "us": 500}]


def test_a_block_is_labelled_with_its_call_and_its_client(ask):
    """In short."""
    assert ask("journey", "given[0].map(module.labelOf)", [EVENTS[0], EVENTS[2]]) == ["epoll_wait", "recvfrom A"]


def test_the_exam_counts_what_was_answered_and_tells_what_could_not_be_asked(ask):
    """Numbers or their texts."""
    given = [one for question in range(1, 6) for one in (
        {"model": "bio", "question": question, "answered": 1, "evidence": ""},
        {"model": "nio", "question": str(question), "answered": "1" if question == 1 else "0", "evidence": ""},
        {"model": "aio", "question": question, "answered": "", "evidence": "n/a: io_uring is refused here"})]
    assert ask("exam", "module.examModels(given[0])", given) == ["bio", "nio", "aio"]
    scores = ask("exam", "module.examModels(given[0]).map((model) => module.scoreOf(given[0], model))", given)
    assert scores == [5, 1, None]
    assert ask("exam", "module.answerOf(module.rowOf(given[0], 'nio', 2))", given) is False
    assert ask("exam", "module.answerOf(module.rowOf(given[0], 'epoll', 2))", given) is None
