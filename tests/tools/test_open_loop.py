"""Latency in the open loop: one value of a point everywhere, over all starts; and what is only a lower bound."""
import json

import database
import made_results
import pytest
import redraw
import reference
import summary

AT = "(workload, protocol, clients, model) = ('open-loop', 'echo', 50, 'nio')"


@pytest.fixture(name="quick")
def fixture_quick():
    """Results of --quick. Two of nio's starts have 100 answers of 100 us each, the third 10 of 9 ms."""
    db = made_results.of_scenario("quick")
    runs = [row[0] for row in db.execute(f"select id from plan where {AT} order by id")]
    db.executemany("insert into histogram values (?, 'response', ?, ?)",
                   [(runs[0], 100_000, 100), (runs[1], 100_000, 100), (runs[2], 9_000_000, 10)])
    db.execute("update run set response_p99_us = 111, response_max_us = 8990.5"
               f" where id in (select id from plan where {AT})")
    database.run_file(db, "cache")
    return db


def test_one_value_everywhere(quick, tmp_path):
    """No median of p99s: that is 111 here, and no message took so long. Never more than the maximum."""
    (said,) = quick.execute("""select "response p50", "p99 ", "p99.9 ", max from table_open_loop
                                where (workload, protocol, model) = ('open-loop', 'echo', 'nio')""").fetchall()
    assert tuple(said) == ("100", "8,991", "8,991", "8,991")
    assert dict(quick.execute("""select figure, value from chart_figure
                                  where (chart, protocol, model) = ('latency-open', 'echo', 'nio')""").fetchall()) == {
                                      "p50 us, from due": 100, "p99 us, from due": 8990.5}
    (why,) = quick.execute("select en from why where (chart, model) = ('latency-open', 'nio')").fetchone()
    assert "p99 8,991 us" in why
    assert any(line.startswith("nio") and " 8,991 " in line for line in summary.lines(quick, tmp_path))


def test_what_was_given_up_is_a_lower_bound(quick):
    """From the smallest of these ages on, in any of the starts."""
    quick.execute(f"update run set response_at_least_from_us = 5000 where id = (select max(id) from plan where {AT})")
    database.run_file(quick, "cache")
    (said,) = quick.execute("""select "response p50", "p99 ", max from table_open_loop
                                where (workload, protocol, model) = ('open-loop', 'echo', 'nio')""").fetchall()
    assert tuple(said) == ("100", ">= 8,991", ">= 8,991")


def test_a_run_brings_its_lower_bound_and_steps_that_can_be_added_up(quick):
    """Neighbouring buckets of two runs fall into one step, whose upper end is the same in both."""
    stored = []
    for number, upper_ns in enumerate((101_000, 102_000)):
        (run,) = quick.execute("""select id from plan where workload = 'open-loop' and model = 'aio'
                                   order by id limit 1 offset ?""", (number,)).fetchone()
        quick.execute("delete from run where id = ?", (run,))
        told = {"latency": {"response": {"at_least": 3, "at_least_from_us": 77}},
                "histogram": {"response": [[upper_ns, 5]]}}
        database.run_file(quick, "import_run", id=run, loadgen=json.dumps(told), stats=None, server_says="",
                          loadgen_says="", build="", server_state="ran", loadgen_exit=0, server_exit=0, started="",
                          elapsed_s=1, load_average="", time_wait=0, ticks_before="[0, 0, 0]", ticks_after="[0, 0, 0]",
                          calls=None)
        assert tuple(quick.execute("select response_at_least, response_at_least_from_us from run where id = ?",
                                   (run,)).fetchone()) == (3, 77)
        stored.append(quick.execute("select upper_ns from histogram where run = ?", (run,)).fetchone()[0])
    assert stored[0] == stored[1] and 102_000 <= stored[0] <= 102_000 * 1.021


def test_the_reference_keeps_the_percentiles(quick, tmp_path):
    """Starts are added up, and nothing is lost."""
    reference.write_reduced(quick, tmp_path / "results.db")
    reduced = redraw.results(tmp_path / "results.db")
    assert tuple(reduced.execute("select count(distinct run), sum(count) from histogram").fetchone()) == (1, 210)
    assert reduced.execute(f"select response_p99_us from cached_point where {AT}").fetchone()[0] == 8990.5
