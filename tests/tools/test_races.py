"""What is said of races: words, intervals, places and controls, by rule, from made-up figures."""
import bench
import database
import findings
import made_results
import pytest
import summary
import tables
import walk


@pytest.fixture(name="quick")
def fixture_quick():
    """Results of --quick, in which nothing was raced."""
    return made_results.of_scenario("quick")


def one(db, query, *values):
    """A row, or its only value."""
    row = db.execute(query, values).fetchone()
    return row[0] if len(row) == 1 else tuple(row)


@pytest.mark.parametrize("ratio, says", [
    ((1.04, 1.03, 1.06, "more"), "1.04 (1.03-1.06) faster"),
    ((0.9, 0.88, 0.93, "less"), "0.90 (0.88-0.93) slower"),
    ((1.001, 0.995, 1.004, "same"), "1.001 (0.995-1.004) the same within 2%"),
    ((1.01, 0.9, 1.1, "open"), "1.01 (0.90-1.10) cannot be told (about 120 rounds would tell)"),
    ((1.01, None, None, "open"), "1.01 cannot be told (too few rounds)"),
])
def test_the_words_of_a_ratio(quick, ratio, says):
    """The interval stands beside the word; what cannot be told has what would help."""
    made_results.add_race(quick, {("aio", "floor"): ratio})
    assert one(quick, """select "against the echo floor" from table_main where (workload, protocol, clients, model)
                          = ('ping-pong', 'echo', '50', 'aio')""") == says


def test_less_cpu_is_said_so(quick):
    made_results.add_race(quick, {("aio", "floor", "cpu"): (0.9, 0.88, 0.93, "less"),
                                  ("bio", "floor", "cpu"): (1.5, 1.4, 1.6, "more")})
    said = """select "against the echo floor" from table_cpu where (workload, protocol, clients, model)
               = ('ping-pong', 'echo', '50', ?)"""
    assert one(quick, said, "aio") == "0.90 (0.88-0.93) needs less CPU"
    assert one(quick, said, "bio") == "1.50 (1.40-1.60) needs more CPU"


def test_a_ratio_has_both_directions(quick):
    """The other one is its reciprocal, and its word the opposite."""
    made_results.add_race(quick, {("nio", "aio"): (0.8, 0.5, 1.0, "less")})
    row = "select median, low, high, word from pair_ratio where (model, against) = (?, ?)"
    assert one(quick, row, "aio", "nio") == (1.25, 1.0, 2.0, "more")
    assert one(quick, row, "nio", "aio") == (0.8, 0.5, 1.0, "less")


def test_what_was_not_raced_has_no_interval(quick):
    """And it says so, in the table and at a glance; the floor is the yardstick."""
    rows = dict(quick.execute("""select model, "against the echo floor" from table_main where workload = 'ping-pong'
                                  and protocol = 'echo' and clients = '50'""").fetchall())
    assert rows.pop("floor") == "the yardstick" and all(text.endswith(", no interval") for text in rows.values())
    without = one(quick, "select count(*) from table_glance where model <> 'floor' and cell like '%, no interval; %'")
    assert without == one(quick, "select count(*) from table_glance where model <> 'floor'") > 0


def test_a_race_without_an_interval_shows_its_own_median_everywhere(quick):
    """Not that of the starts' medians, in one place, and another in the next."""
    made_results.add_race(quick, {("aio", "floor"): (7.77, None, None, "open")})
    texts = one(quick, """select throughput_interval, throughput_short from floor_ratio
                           where (workload, protocol, clients, model) = ('ping-pong', 'echo', 50, 'aio')""")
    assert texts == ("~7.77", "7.77 cannot be told")


def test_a_raced_point_is_disturbed_by_its_slices(quick):
    """By more than half of them; what ran meanwhile does not count again."""
    race = made_results.add_race(quick, {("aio", "floor"): (1.01, 0.9, 1.1, "open")})
    quick.execute("update run set others_s = 1, steal_s = 0")
    label = """select count(*) from label
                where label = 'disturbed' and (workload, protocol, clients, model) = (?, 'echo', 50, ?)"""
    for disturbed, is_label in ((50, 0), (51, 1)):
        quick.execute("update lane set disturbed = ? where race = ? and name = 'aio'", (disturbed, race))
        database.run_file(quick, "cache")
        assert one(quick, label, "ping-pong", "aio") == is_label
    assert one(quick, label, "ping-pong", "bio") == 1  # it was not in the race
    assert "(51 of 100 slices were disturbed)" in one(quick, "select says from said_ratio where model = 'aio'")


def test_a_ranking_has_ties(quick):
    """1-2: no other is faster, and one may be as fast."""
    made_results.add_race(quick, {("nio", "aio"): (1, 0.98, 1.02, "same"), ("bio", "nio"): (0.7, 0.6, 0.8, "less"),
                                  ("bio", "aio"): (0.7, 0.6, 0.8, "less"), ("aio", "floor"): (2, 1.9, 2.1, "more")})
    places = dict(quick.execute("select model, place from ranking").fetchall())
    assert places == {"nio": "1-2", "aio": "1-2", "bio": "3"}
    quick.execute("update cached_point set failed_clients_greatest = 1 where model = 'nio'")
    assert dict(quick.execute("select model, place from ranking").fetchall()) == {"aio": "1", "bio": "2"}


def test_the_matrix_is_of_the_point_nearest_to_50_clients(quick):
    """One for each workload; the control is no model."""
    for clients in (1, 50, 1000):
        made_results.add_race(quick, {("nio", "aio"): (1.5, 1.4, 1.6, "more"),
                                      ("control", "nio"): (1, 0.9, 1.1, "open")}, clients=clients)
    rows = quick.execute("select clients, model, against, short from matrix order by model").fetchall()
    assert [tuple(row) for row in rows] == [
        (50, "aio", "nio", "0.67 (0.63-0.71) slower"), (50, "nio", "aio", "1.50 (1.40-1.60) faster")]
    text = "".join(tables.matrices(quick))
    assert "echo ping-pong, 50 clients" in text and text.count("faster") == 1


@pytest.mark.parametrize("control, is_off", [
    ((1.1, 1.01, 1.2), True), ((0.9, 0.8, 0.99), True), ((1.1, 0.99, 1.2), False)])
def test_a_control_that_is_off_is_at_the_head(quick, tmp_path, control, is_off):
    """Of the tables and of the terminal, with how many of how many; and in the table of the races."""
    made_results.add_race(quick, {("control", "nio"): (*control, "open"),
                                  ("control", "nio", "cpu"): (1, 0.9, 1.1, "same")})
    said = "1 of 2 controls are off"
    head, _, body = "".join(tables.document(quick)).partition("## How to read")
    end = " ".join("\n".join(summary.lines(quick, tmp_path)).split())
    assert (said in head, said in end, " OFF" in body) == (is_off,) * 3


def test_how_a_race_went(quick):
    """What it would take: four times the rounds for half the width."""
    made_results.add_race(quick, {("aio", "floor"): (1.01, 0.9, 1.1, "open")}, widest=0.06, why="time")
    made_results.add_race(quick, {("aio", "floor"): (1.01, 0.9, 1.1, "same")}, clients=1)
    columns = 'rounds, ended, "widest interval", "what it would take", "disturbed slices", "idle CPU, most", ' \
              '"lag 1, most"'
    assert one(quick, f"select {columns} from table_races where clients = '50'") == (
        40, "time", "+-6.0%: aio", "about 160 rounds, 5 minutes", "20 of 200", "0.1%", "0.10")
    assert one(quick, "select ended, \"what it would take\" from table_races where clients = '1'") == ("narrow", "-")


def leaders(db):
    """The sentence of who is fastest."""
    return findings.fastest(db).replace("At 1,000, ", "")


def test_who_is_fastest_is_what_the_races_tell(quick):
    """No winner whose interval touches the next."""
    assert findings.fastest(quick) == "Nothing was raced: which model is faster cannot be told."
    race = made_results.add_race(quick, {
        ("nio", "aio"): (1.2, 0.9, 1.3, "open"), ("bio", "aio"): (0.6, 0.5, 0.7, "less"),
        ("bio", "nio"): (0.6, 0.5, 0.7, "less"),
        ("framework", "nio"): (0.9, 0.8, 0.95, "less"), ("framework", "aio"): (0.9, 0.8, 1.1, "open"),
        ("framework", "bio"): (1.5, 1.4, 1.6, "more")}, clients=1000)
    assert leaders(quick) == ("no model is told to be faster than nio and aio; slower than each of them: bio; "
                              "cannot be told: framework.")
    quick.execute("update ratio set word = 'open' where race = ?", (race,))
    assert leaders(quick) == "it cannot be told which of bio, nio, aio and framework is fastest."
    quick.execute("delete from ratio where race = ? and lane <> 'bio' or against <> 'nio'", (race,))
    quick.execute("update ratio set word = 'less' where race = ?", (race,))
    assert leaders(quick) == "no model is told to be faster than nio; slower: bio."


@pytest.mark.parametrize("low, high, word", [
    (0.81, 0.9, "high"), (0.79, 0.9, None), (0.55, 0.7, "medium"), (0.45, 0.55, None), (0.3, 0.49, "low"),
    (1.2, 1.3, "high"), (None, None, None)])
def test_a_word_of_the_textbook_needs_the_interval_on_one_side(quick, low, high, word):
    """Never a coin toss: what has the border in it has no word, and says so."""
    database.run_file(quick, "textbook")
    made_results.add_race(quick, {("bio", "nio"): (0.8, low, high, "open")}, clients=1000)
    measured, en = one(quick, "select measured, en from comparison where (topic, model) = ('throughput', 'bio')")
    assert measured == word and ("cannot be told" in en) == (word is None)


def test_a_step_of_the_ladder_is_a_ratio_within_a_race(tmp_path):
    """What was not raced has no interval, and no word."""
    db = made_results.of_scenario("ladder")
    made_results.add_race(db, {("step2_multishot_accept", "step1_oneshot"): (1.1, 1.08, 1.12, "more"),
                               ("step3_multishot_recv", "step2_multishot_accept"): (1, 0.995, 1.005, "same")},
                          clients=512)
    (said,) = findings.sentences(db)
    assert "step2_multishot_accept 1.10 (1.08-1.12) faster; 1 of 6 steps are the same as before; of 4 of 6" in said
    steps = dict(db.execute("""select model, "msg/s against it" from table_ladder
                                where workload = 'ping-pong' and clients = '512'"""))
    assert steps["step3_multishot_recv"] == "1.000 (0.995-1.005) the same within 2%"
    assert steps["step4_one_thread"].endswith(", no interval")
    assert "1.10 (1.08-1.12) faster" in "\n".join(summary.lines(db, tmp_path))


@pytest.mark.parametrize("low, high, verdict", [
    (0.97, 1.1, "met"), (0.96, 1.1, "open"), (0.9, 0.97, "open"), (0.9, 0.96, "MISSED"), (None, None, "open")])
def test_a_bar_is_met_by_the_whole_interval(capsys, low, high, verdict):
    """nio needs 0.97 of the floor. Missed: all of it is below; open: the bar is inside."""
    db = made_results.of_scenario("bench")
    made_results.add_race(db, {("nio", "floor"): (1, low, high, "open")})
    status = bench.show(db)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    (nio,) = [line for line in lines if line[:5] == ["ping-pong", "echo", "50", "nio", "floor"]]
    assert nio[8:11] == [f"{low:.2f}-{high:.2f}" if low else "~1.00", "0.97", verdict]
    assert status == 1


def test_a_bar_of_what_cannot_be_raced_is_by_medians(capsys):
    """The bare client is no loadgen: its ratio has no interval, and says so; all met is status 0."""
    db = made_results.of_scenario("bench")
    db.execute("delete from bar where against <> 'bare client'")
    db.execute("delete from call_bar")
    db.execute("update bar set least = 0.5")
    database.run_file(db, "cache")
    assert bench.show(db) == 0
    out = capsys.readouterr().out
    assert out.count("  ~") == 4 and "4 met, 0 missed, 0 open" in out


def test_a_point_is_shown_as_soon_as_its_race_is_over(capsys):
    """One line, with intervals; and more do not follow. The others wait for their races."""
    db = made_results.of_scenario("quick")
    db.execute("delete from run where id not in (select id from plan where (workload, clients) = ('ping-pong', 50))")
    figures = walk.FirstFigures(db)
    made_results.add_race(db, {("bio", "floor"): (0.7, 0.65, 0.72, "less"), ("nio", "floor"): (1, 0.97, 1.01, "open"),
                               ("aio", "floor"): (1.04, None, None, "open")})
    db.execute("""update run set status = 'failed'
                   where id in (select id from plan where (repetition, protocol, model) = (1, 'echo', 'nio'))""")
    db.execute("delete from run where id in (select id from plan where protocol = 'ws' and clients = 50)")
    figures.show()
    figures.show()
    title, names, values = capsys.readouterr().out.split("\n")[1:4]
    assert title == "echo ping-pong, messages/s against the echo floor, 95% interval (~: none):"
    assert dict(zip(names.replace("floor msg/s", "floor").split(), values.split())) == {
        "clients": "50", "floor": values.split()[1], "bio": "0.65-0.72", "nio": "n/a", "aio": "~1.04"}
