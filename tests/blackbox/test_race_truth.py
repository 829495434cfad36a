"""Does a race conclude what is true? Of servers whose difference is known: copies of one, and one with more work to do.

Server and load generator share one CPU: nothing is hidden by the other side's idleness, and other work on the machine
takes from all the same. What has to be found is given more time when it is not found at once; what there is not may
be "the same" or cannot be told."""
import collections
import itertools
import math
import os

import pytest

from race import Races
from slow import Slow

MEASURES = "it measures"
THROUGHPUT = ("rate", "cpu")  # the figures that more work changes by a known amount
CLIENTS = 8
DIFFERENT = {"more", "less"}
TOLERANCE = 0.01  # of intervals that have to overlap: the machine itself is not the same in two races


class Field:
    """Races of one server with itself, with more work for some of its copies."""

    def __init__(self, races, slow):
        self.races, self.slow = races, slow
        self.pinned = ["taskset", "-c", str(max(os.sched_getaffinity(0)))]

    def runner(self, name, turns):
        """A copy with so much work for each receive."""
        words = [f"{key}={value}" for key, value in self.slow.words(SPIN=turns).items()]
        runner = self.races.runner(name, self.races.server(name, before=[*self.pinned, "env", *words]), clients=CLIENTS)
        return {**runner, "loadgen": [*self.pinned, *runner["loadgen"]]}

    def run(self, turns, **members):
        """A race of the copies `turns` names, with the work of each; against the first."""
        members = {"starts": 2, "seconds": 2, "slice_ms": 25, "shared_cpu": True, **members}
        outcome = self.races.run(self.races.card(*(self.runner(*item) for item in turns.items()), **members))
        assert outcome.status == 0, outcome.outs()
        return outcome

    def share_of_a_message(self, share):
        """The work that is this share of what a message costs the server."""
        outcome = self.run({"plain": 0}, starts=1, seconds=0.5)
        assert self.slow.said()["recvs"] > 1000, "the library is really before the server"
        return self.slow.turns(share * outcome["lane"][0]["cpu"]["median"])


@pytest.fixture
def field(build_dir, tmp_path):
    """Races of copies of nio_server."""
    return Field(Races(build_dir, tmp_path), Slow(tmp_path))


@pytest.mark.heavy(MEASURES)
@pytest.mark.parametrize("share, seconds", [
    (0.2, (2, 5, 12)),
    pytest.param(0.05, (6, 15, 30), marks=pytest.mark.full(reason="smaller, so it takes longer")),
    pytest.param(0.03, (10, 20, 40), marks=pytest.mark.full(reason="smaller, so it takes longer")),
], ids=["a fifth", "a twentieth", "three hundredths"])
def test_a_server_with_more_to_do_is_slower_and_dearer(field, share, seconds):
    """So much more CPU time for each message: "more" CPU, by about as much, and "less" rate. Where other work hides the
    rate, it cannot be told; it is never said to be the same or more."""
    turns = field.share_of_a_message(share)
    for limit in seconds:
        outcome = field.run({"plain": 0, "slow": turns}, seconds=limit)
        rate, cpu = (outcome.pair(figure, "slow", "plain") for figure in THROUGHPUT)
        if (rate["word"], cpu["word"]) == ("less", "more"):
            break
    assert cpu["word"] == "more", cpu
    assert share / 2 < cpu["median"] - 1 < 2 * share, cpu
    assert rate["word"] in ("less", "open"), rate


@pytest.mark.full(reason="many races")
@pytest.mark.heavy(MEASURES)
def test_two_copies_of_one_server_do_not_differ(field):
    """A race may be wrong in 1 of 20. Where more than 2 of 20 are, 20 more decide: 4 of 40."""
    wrong = collections.Counter()
    for races in range(1, 41):
        outcome = field.run({"a": 0, "b": 0}, seconds=3)
        wrong.update(pair["figure"] for pair in outcome["pair"] if pair["word"] in DIFFERENT)
        if races >= 20 and max(wrong.values(), default=0) <= races // 10:
            return
    pytest.fail(f"wrong in 40 races: {dict(wrong)}")


def distance(pairs, figure):
    """Of the two intervals of this figure that are farthest apart; below 0: all have some values in common."""
    ends = [(pair["low"], pair["high"]) for pair in pairs if pair["figure"] == figure]
    if None in itertools.chain(*ends):
        return math.inf
    return max(low for low, _ in ends) - min(high for _, high in ends)


@pytest.mark.full(reason="many races")
@pytest.mark.heavy(MEASURES)
@pytest.mark.parametrize("member, values", [("slice_ms", (25, 50, 100, 200)), ("skip", (0.1, 0.2, 0.4))],
                         ids=["slice_ms", "skip"])
def test_the_answer_does_not_depend_on_how_it_is_asked(field, member, values):
    """The intervals for all lengths of a slice, and of what is skipped, have a value in common."""
    turns = field.share_of_a_message(0.2)
    for seconds in (4, 8, 16):
        told = [pair for value in values for pair in field.run(
            {"plain": 0, "slow": turns}, seconds=seconds, **{"slice_ms": 50, member: value})["pair"]]
        if all(distance(told, figure) <= TOLERANCE for figure in THROUGHPUT):
            return
    pytest.fail(f"no value in common: {told}")
