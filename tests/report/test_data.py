"""What scripts/sql/report.sql gives the page, from the reference's results: its figures and its labels. No browser."""
import json
import re
import sys

import pytest

from pages import ROOT

sys.path[:0] = [str(ROOT / "scripts/suite"), str(ROOT / "tests/tools")]
import database  # pylint: disable=wrong-import-position
import made_results  # pylint: disable=wrong-import-position
import redraw  # pylint: disable=wrong-import-position
import summary  # pylint: disable=wrong-import-position

DIRECTIVE = re.compile(r"%[+,\d.]*([a-z%])")


@pytest.fixture
def results():
    """The reference's results, in memory."""
    return redraw.results(ROOT / "results/reference/results.db")


def page_data(db):
    """What the page is given."""
    return json.loads(database.run_file(db, "report")[0][0])


def test_every_figure_is_rounded_before_it_is_printed_as_a_whole_number(results):
    """SQLite's %d cuts: 157,167.7 would be 157,167 here, and 157,168 where it is rounded."""
    cut = []

    def printf(pattern, *values):
        kinds = [kind for kind in DIRECTIVE.findall(pattern) if kind != "%"]
        assert len(kinds) == len(values), pattern
        cut.extend((pattern, value) for kind, value in zip(kinds, values)
                   if kind == "d" and isinstance(value, float) and not value.is_integer())
        return pattern

    results.create_function("printf", -1, printf)
    page_data(results)
    results.execute("select * from chart_hover").fetchall()
    assert not cut


def test_a_figure_is_the_same_in_a_sentence_and_in_the_tables(results):
    """Of each model's throughput at the count that its word is of."""
    rows = results.execute("""select d.en, t."msg/s" as there from measured d, sweep_count c
                               join table_main t on (t.workload, t.protocol, t.clients_number, t.model)
                                                    = ('ping-pong', 'echo', c.thousand, d.model)
                               where d.topic = 'throughput'""").fetchall()
    assert len(rows) >= 5
    for row in rows:
        assert row["en"].startswith(f"{row['there']} messages/s"), tuple(row)


def test_a_half_is_rounded_up_in_the_terminal_too(results):
    """As SQLite and JavaScript do it: 76,838.5 is 76,839 everywhere."""
    row = {"void": 0, "good": 1, "messages_per_s": 76838.5, "served": 2.5, "failed_clients": 1, "yardstick": 1}
    assert summary.cell(row) == "76,839 (served 3)"
    assert results.execute("select printf('%,d', round(76838.5))").fetchone()[0] == "76,839"


def test_one_rule_decides_who_is_client_bound(results):
    """The view `label`: what the page says follows it, whatever the rule is."""
    def said():
        data = page_data(results)
        return ({one["model"] for one in data["comparison"] if "client-bound" in one["en"]},
                {one["model"] for one in data["why"] if "It was the brake" in one["en"]},
                {one["model"] for one in data["sweep"] if "client-bound" in one["labels"]})

    results.execute("drop view label")
    results.execute("""create view label as select workload, protocol, clients, model, 4 as severity,
                       'client-bound' as label, 'for the test' as why from cached_point where model = 'bio'""")
    assert said() == ({"bio"}, {"bio"}, {"bio"})


def test_one_rule_decides_what_is_disturbed(results):
    """The view `disturbed_run`, for points that were not raced and for searches."""
    for table in ("ratio", "control", "lane", "race"):
        results.execute(f"delete from {table}")
    for rule, points in (("true", "made > 0"), ("false", "false")):
        results.execute("drop view disturbed_run")
        results.execute(f"create view disturbed_run as select id from run where {rule}")
        database.run_file(results, "cache")
        assert (results.execute("select count(*) from label where label = 'disturbed'").fetchone()[0]
                == results.execute(f"select count(*) from cached_point where {points}").fetchone()[0])
    assert "disturbed_run" in results.execute("select sql from sqlite_master where name = 'search_run'").fetchone()[0]


def test_who_serves_its_clients_unevenly_is_not_highly_reliable(results):
    """bio served 10,000 clients, and 2 to 57 messages each: Jain's index 0.66. The page has that of each model."""
    results.execute("update cached_point set jain = 0.66, per_client_min = 2, per_client_median = 7,"
                    " per_client_max = 57 where model = 'bio'")
    results.execute("update cached_point set jain = 0.99 where model = 'nio'")
    data = page_data(results)
    words = {one["model"]: one for one in data["comparison"] if one["topic"] == "reliability"}
    assert (words["bio"]["measured"], words["nio"]["measured"]) == ("poor", "high")
    assert "2 to 57 messages each, Jain 0.66" in words["bio"]["en"]
    points = {one["model"]: one for one in data["sweep"] if one["clients"] == 10000}
    assert (points["bio"]["unfair"], points["bio"]["jain"], points["bio"]["per_client"]) == (1, 0.66, [2, 7, 57])
    assert points["nio"]["unfair"] == 0


def test_the_page_has_each_pair_of_a_race_in_both_directions_and_the_control_apart():
    """With the texts of the tables; a lane with bad clients, and the control, are no models."""
    db = made_results.of_scenario("quick")
    made_results.add_race(db, {("aio", "nio"): (1.25, 1.2, 1.3, "more"), ("nio", "floor"): (1.0, 0.99, 1.01, "same"),
                               ("control", "nio"): (1.03, 1.01, 1.05, "more"),
                               ("nio+chaos", "nio"): (2, 1.5, 3, "more"), ("aio", "floor"): (1.05, 1.03, 1.08, "more"),
                               ("control", "nio", "cpu"): (1, 0.98, 1.02, "same")})
    data = page_data(db)
    pairs = {(model, against): (text, word) for _, figure, model, against, text, word, *_ in data["pairs"]
             if figure == "rate"}
    assert pairs["aio", "nio"] == ("1.25 (1.20-1.30)", "more") and pairs["nio", "aio"] == ("0.80 (0.77-0.83)", "less")
    assert {model for pair in pairs for model in pair} == {"aio", "nio", "floor"}
    (race,) = data["races"]
    assert (race["control"], race["control_rate"], race["control_cpu"]["off"]) == (
        "nio", {"text": "1.03 (1.01-1.05)", "off": 1}, 0)
    points = {(one["model"], one["clients"]): one for one in data["sweep"]}
    assert points["aio", 50]["ratio"]["text"] == "1.05 (1.03-1.08)" and points["aio", 50]["place"] == "1"
    assert points["aio", 1]["ratio"]["word"] is None and points["aio", 1]["place"] is None


def test_the_figures_of_a_chart_begin_with_its_ratios(results):
    """With their intervals; what the chart draws is what its table has."""
    rows = [row for row in page_data(results)["figures"] if row[0] == "cpu" and row[1:4] == ["echo", "nio", 1000]]
    drawn = results.execute("""select cpu_ratio, cpu from chart_sweep
                                where (protocol, model, clients) = ('echo', 'nio', 1000)""").fetchone()
    assert [row[4] for row in rows] == ["against the floor: server CPU us/message", "server CPU us/message"]
    assert [row[5] for row in rows] == pytest.approx([drawn["cpu_ratio"], drawn["cpu"]])
    interval = results.execute("""select cpu_low, cpu_high from floor_ratio
                                   where (workload, protocol, model, clients) = ('ping-pong', 'echo', 'nio', 1000)""").fetchone()
    assert rows[0][6:] == pytest.approx(tuple(interval)) and None not in rows[0][6:]
