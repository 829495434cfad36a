"""A race compares servers that are all up, slice by slice. Here: it starts and ends what it should, and says what
happened. Whether it concludes what is true: test_race_truth.py."""
import json
import os
import signal

import pytest

import misbehaving
from misbehaving import Misbehaving
from race import FIGURES, Races, processes_with, stand_in
from timing import wait_until

DUMB = {"name": "a", "server": ["false"], "loadgen": ["false"], "server_says": "/dev/null", "loadgen_says": "/dev/null"}
CARD = Races.card(DUMB)


def altered(**members):
    """A whole card, but for these members; None takes one out."""
    return {name: value for name, value in {**CARD, **members}.items() if value is not None}


def with_runner(**members):
    """The same for its runner."""
    runner = {name: value for name, value in {**DUMB, **members}.items() if value is not None}
    return altered(runners=[runner], against=runner.get("name", "a"))


MISTAKES = {
    "nothing": "",
    "no JSON": "starts: 3",
    "half a card": '{"starts": 3, ',
    "more than a card": json.dumps(CARD) + "{}",
    "a list": [CARD],
    "the same twice": '{"starts": 3, "starts": 3}',
    "a word that means nothing": altered(slices=10),
    "no starts": altered(starts=0),
    "too many starts": altered(starts=65),
    "half a start": altered(starts=1.5),
    "a number as a word": altered(seconds="1"),
    "no time": altered(seconds=0),
    "a slice of nothing": altered(slice_ms=0),
    "nothing counts": altered(skip=1),
    "wider than wide": altered(width=1.1),
    "a seed that is none": altered(seed="dice"),
    "a seed with a fraction": altered(seed=1.5),
    "a seed below 0": altered(seed=-1),
    "disturb by a number": altered(disturb=1),
    "follow by a word": altered(follow="me"),
    "shared by a word": altered(shared_cpu="yes"),
    "against nobody": altered(against="b"),
    "no runners": altered(runners=[]),
    "runners that are none": altered(runners=["a"]),
    "too many runners": altered(runners=[{**DUMB, "name": f"a{i}"} for i in range(17)], against="a0"),
    "two of one name": altered(runners=[DUMB, DUMB]),
    "a runner without a name": with_runner(name=None),
    "an empty name": with_runner(name=""),
    "a name without end": with_runner(name="a" * 61),
    "matters by a word": with_runner(matters="very"),
    "a runner's word that means nothing": with_runner(port=80),
    "no words": with_runner(server=[]),
    "one word": with_runner(server="false"),
    "words that are numbers": with_runner(loadgen=["sleep", 1]),
    "too many words": with_runner(loadgen=["true"] * 65),
    "nowhere to complain": with_runner(server_says=None),
    "nowhere that exists": with_runner(server_says="/nowhere/a.err"),
    **{f"without {name}": altered(**{name: None}) for name in CARD},
}


@pytest.fixture
def races(build_dir, tmp_path):
    """Makes cards and runs them."""
    return Races(build_dir, tmp_path)


@pytest.mark.parametrize("about", MISTAKES)
def test_mistakes_in_a_card_cost_one_line(races, about):
    """And status 2."""
    outcome = races.run(MISTAKES[about])
    assert outcome.status == 2, outcome.lines
    assert outcome.stderr.count("\n") == 1, outcome.stderr


def test_the_card_of_the_mistakes_has_no_other(races):
    """It is the mistake that is refused; this server does not listen, which is not one."""
    assert races.run(CARD).status == 1


def test_a_race_is_told_in_full(races):
    """Two starts of three servers: slices, what each lane did, each pair, how they ended; and every server's counters
    agree with the slices of its start: each start has new processes, and nobody else talks to them."""
    names = ["a", "b", "c"]
    outcome = races.run(races.card(*map(races.runner, names), starts=2))
    assert (outcome.status, outcome.stderr, outcome.outs()) == (0, "", [])
    assert outcome["begin"] and outcome.end["why"] == "time"
    assert [(line["start"], line["runner"], line["loadgen_exit"], line["server_exit"])
            for line in outcome["stopped"]] == [(start, name, 0, 0) for start in (1, 2) for name in names]
    assert [line["lane"] for line in outcome["lane"]] == names
    assert {(line["figure"], line["lane"], line["against"]) for line in outcome["pair"]} == {
        (figure, a, b) for figure in FIGURES for a, b in (("b", "a"), ("c", "a"), ("c", "b"))}
    assert sum(line["counts"] for line in outcome["slice"]) == 3 * outcome.end["rounds"]
    for start in (1, 2):
        for name in names:
            with open(races.stats(name, start), encoding="utf-8") as file:
                stats = json.load(file)
            moved = sum(line["loadgen"]["span_messages"] for line in outcome["slice"]
                        if (line["start"], line["lane"]) == (start, name))
            assert (stats["accepted"], stats["bytes_in"]) == (2, 64 * (2 + moved))


def after_slices(running, count):
    """Stops it when so many slices more are over; what was told until then."""
    running.until("slice", count)
    running.process.send_signal(signal.SIGINT)
    return running.finish()


def test_every_lane_has_every_position_equally_often(races):
    """Once in each block of as many rounds as there are lanes; and one slice in each round."""
    names = ["a", "b", "c", "d"]
    with races.start(races.card(*map(races.runner, names), slice_ms=1, seconds=60)) as running:
        outcome = after_slices(running, 40)
    rounds = [[line["lane"] for line in one] for one in outcome.rounds()]
    assert all(sorted(lanes) == names for lanes in rounds[:10]), "no lane is left out"
    blocks = [rounds[i:i + 4] for i in (0, 4)]
    assert all(sorted(lanes) == names for block in blocks for lanes in zip(*block))


def test_each_race_has_an_order_of_its_own_unless_it_is_told_one(races):
    """Without a seed it takes a new one, and says which; with it the order is the same again."""
    def lanes_of(**members):
        card = races.card(*map(races.runner, "abcd"), slice_ms=1, seconds=60, **members)
        with races.start(card) as running:
            outcome = after_slices(running, 12)
        return outcome["begin"][0]["seed"], [line["lane"] for line in outcome["slice"][:12]]

    first, second = lanes_of(), lanes_of()
    assert first[0] != second[0]
    assert lanes_of(seed=first[0]) == first


def cpu_seconds(pid):
    """User and system time of a process so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return sum(map(int, file.read().rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def test_what_a_server_does_while_others_are_loaded(races):
    """One that is quiet, and one that never is: until it has used up a second of CPU time, however long that takes."""
    with Misbehaving(misbehaving.echo) as server:
        busy = races.runner("busy", stand_in(server.port, "while :; do :; done"))
        with races.start(races.card(races.runner("quiet"), busy, slice_ms=50, seconds=600, shared_cpu=True)) as running:
            pid = running.pid_of(f"127.0.0.1:{server.port};")
            while cpu_seconds(pid) < 1:
                running.until("slice", 2)
            outcome = after_slices(running, 2)
    idle = {line["runner"]: line for line in outcome["idle"]}
    assert set(idle) == {"quiet", "busy"}
    assert all(line["seconds"] > 0 for line in idle.values())
    assert idle["busy"]["cpu_s"] > 0.1
    assert -1e-6 < idle["quiet"]["cpu_s"] < 0.1 * idle["busy"]["cpu_s"]


def test_bad_clients_make_a_lane_of_their_own(races):
    """--chaos beside the good clients, in every other slice of a server: the two are compared. On a busy machine they may
    have no turn in so short slices: then there are more of them."""
    for seconds in 0.5, 5, 50:
        outcome = races.run(races.card(races.runner("nio", chaos="garbage", chaos_clients=2), disturb=True, seconds=seconds))
        assert outcome.status == 0
        assert [line["lane"] for line in outcome["lane"]] == ["nio", "nio+chaos"]
        assert {(line["lane"], line["against"]) for line in outcome["pair"]} == {("nio+chaos", "nio")}
        slices = [line["lane"] for line in outcome["slice"]]
        assert slices.count("nio") == slices.count("nio+chaos") == outcome.end["rounds"] + 1
        with open(races.directory / "nio.1.json", encoding="utf-8") as file:
            connections = json.load(file)["chaos"]["connections"]
        if connections >= 2:
            break
    assert connections >= 2


# ---------------------------------------------------------------- who takes no part

@pytest.mark.full(reason="it takes the ten seconds that a server has to say that it listens")
def test_half_a_line_is_waited_for_and_no_longer(races):
    """What prints half a line and goes on for ever is out, as what prints nothing; then it is killed, and that is told."""
    half = ["sh", "-c", "trap '' TERM; printf 'listening on 127.0.0.1'; exec sleep 99"]
    outcome = races.run(races.card(races.runner("a"), races.runner("b", half)))
    assert outcome.outs() == [(1, "b", "the server does not listen")]
    stopped = {line["runner"]: (line["server_exit"], line["killed"]) for line in outcome["stopped"]}
    assert stopped == {"a": (0, False), "b": (128 + signal.SIGKILL, True)}


BAD_SERVERS = {
    "ends at once": (["false"], "the server does not listen"),
    "is not there": (["/nowhere/server"], "the server does not listen"),
    "says something else": (["sh", "-c", "echo welcome; exec sleep 60"], "the server does not listen"),
    "listens in words only": (stand_in(1), "no client is connected"),
}


@pytest.mark.parametrize("about", BAD_SERVERS)
def test_a_server_that_cannot_be_used_is_out(races, about):
    """With one line in each start; the others go on."""
    words, why = BAD_SERVERS[about]
    outcome = races.run(races.card(races.runner("a"), races.runner("b", words), races.runner("c"), starts=2))
    assert outcome.status == 1
    assert outcome.outs() == [(1, "b", why), (2, "b", why)]
    count = {line["lane"]: line["slices"] for line in outcome["lane"]}
    assert count["a"] == count["c"] > 0 == count["b"]


def the_others_go_on(running):
    """b is out, or will be, once; then two rounds of the others, and the end. What was told."""
    running.until("out")
    told = len(running.lines)
    outcome = after_slices(running, 6)
    assert outcome.status == 1 and len(outcome.outs()) == 1
    assert {line["lane"] for line in running.lines[told:] if line["line"] == "slice"} == {"a", "c"}
    assert not [line for line in outcome["slice"] if line["lane"] == "b" and line["counts"]
                and line["loadgen"]["span_messages"] == 0 and not line["disturbed"]], "no round of nothing counts"
    return outcome


def test_the_ratios_can_be_followed(races):
    """After each round those of the rates, of all rounds so far; at the end all, as without it."""
    with races.start(races.card(*map(races.runner, "abc"), seconds=60, follow=True)) as running:
        running.until("standing", 3)
        outcome = after_slices(running, 1)
    rounds, pairs = len(outcome["standing"]), outcome["pair"]
    assert rounds >= 3 and len(pairs) == 3 * rounds + 3 * len(FIGURES)
    kinds = [line["line"] for line in outcome.lines if line["line"] in ("pair", "standing")]
    assert kinds[:4 * rounds] == (["pair"] * 3 + ["standing"]) * rounds
    followed = pairs[:3 * rounds]
    assert {line["figure"] for line in followed} == {"rate"}
    counts = [line["rounds"] for line in followed[::3]]
    assert counts == sorted(counts)
    assert followed[-3:] == [line for line in pairs[3 * rounds:] if line["figure"] == "rate"], "the last word is the end's"
    assert len(races.run(races.card(*map(races.runner, "abc")))["pair"]) == 3 * len(FIGURES)


@pytest.mark.parametrize("victim", ["server", "loadgen"])
def test_who_dies_in_the_middle_is_out(races, victim):
    """With one line; what it did until then is kept; the others go on."""
    with races.start(races.card(*map(races.runner, "abc"), seconds=60)) as running:
        running.until("standing", 2)
        of_b = {"server": races.stats("b", 1), "loadgen": str(races.directory / "b.1.json")}
        os.kill(running.pid_of(of_b[victim]), signal.SIGKILL)
        outcome = the_others_go_on(running)
    (start, runner, why), = outcome.outs()
    # The clients may see the server's end before its parent does.
    assert (start, runner) == (1, "b")
    assert why in {"server": ("the server has ended", "all clients have failed"),
                   "loadgen": ("the load generator has ended, or does not answer",)}[victim]
    assert next(line["slices"] for line in outcome["lane"] if line["lane"] == "b") >= 3
    stopped = {line["runner"]: (line[f"{victim}_exit"], line["killed"]) for line in outcome["stopped"]}
    assert stopped == {"a": (0, False), "b": (128 + signal.SIGKILL, False), "c": (0, False)}, "not by the race"


@pytest.mark.parametrize("behave, protocol, why", [
    (misbehaving.break_off, "echo", "all clients have failed"),
    (misbehaving.unavailable, "ws", "no client is connected"),
], ids=["later", "from the beginning"])
def test_a_server_without_clients_is_out(races, behave, protocol, why):
    """It lives, but serves nobody any more, or never has: there are no rounds of 0 messages."""
    with Misbehaving(behave, protocol) as server:
        bad = races.runner("b", stand_in(server.port), protocol=protocol)
        with races.start(races.card(races.runner("a"), bad, races.runner("c"), seconds=60)) as running:
            outcome = the_others_go_on(running)
    assert outcome.outs() == [(1, "b", why)]


def test_when_all_are_out_nothing_is_concluded(races):
    """It does not wait for the time to pass, and it does not call that narrow."""
    outcome = races.run(races.card(*(races.runner(name, ["false"]) for name in "ab"), seconds=60, width=0.05))
    assert outcome.status == 1
    assert (outcome.end["why"], outcome.end["widest"], outcome["standing"]) == ("out", None, [])
    assert all(line["word"] == "open" and line["median"] is None for line in outcome["pair"])


# ---------------------------------------------------------------- signals

MOMENTS = {"at once": ("begin", 1), "while they are started": ("ready", 1), "in a slice": ("slice", 7),
           "between two starts": ("stopped", 3)}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kill", [os.kill, os.killpg], ids=["alone", "ctrl-c"])
def test_an_interrupted_race_tells_what_there_is(races, moment, kill):
    """All that was started is ended in order, also where Ctrl-C goes to the whole process group; nobody is out."""
    seconds = 0.3 if moment == "between two starts" else 30
    with races.start(races.card(*map(races.runner, "abc"), starts=3, seconds=seconds)) as running:
        running.until(*MOMENTS[moment])
        kill(running.process.pid, signal.SIGINT if kill == os.killpg else signal.SIGTERM)
        outcome = running.finish()
    assert (outcome.status, outcome.stderr, outcome.outs()) == (0, "", [])
    assert outcome.end["why"] == "interrupted"
    assert len(outcome["lane"]) == 3 and len(outcome["pair"]) == 3 * len(FIGURES)
    assert all(line["server_exit"] == 0 for line in outcome["stopped"]), "none was killed"


def test_a_race_that_is_killed_leaves_nobody_behind(races):
    """SIGKILL: it can do nothing, and its children end with it."""
    with races.start(races.card(*map(races.runner, "ab"), seconds=30)) as running:
        running.until("slice", 3)
        assert len(processes_with(races.mark)) == 5
        running.process.kill()
        wait_until(lambda: not processes_with(races.mark), "nobody is left")


def test_the_children_have_the_signals_that_a_shell_would_give_them(races):
    """SIGPIPE, which the race itself ignores, is not ignored: a naive server dies of it, as its reader should see."""
    words = ["sh", "-c", 'grep SigIgn /proc/self/status >&2; exec "$0" "$@"', *races.server("a")]
    races.run(races.card(races.runner("a", words)))
    ignored = int((races.directory / "a.1.err").read_text(encoding="ascii").split()[1], 16)
    assert not ignored >> (signal.SIGPIPE - 1) & 1
