"""live.sh: the host of the stage. Its rules and votes by themselves; and the whole of it, with real servers and
clients."""
import contextlib
import json
import os
import pathlib
import re
import secrets
import select
import signal
import subprocess
import sys
import time

import pytest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "blackbox"))

from checkout import PATIENCE_S  # pylint: disable=wrong-import-position
from clients import TEXT, frame  # pylint: disable=wrong-import-position
import live_ask  # pylint: disable=wrong-import-position
import live_rules  # pylint: disable=wrong-import-position
from live_load import NOBODY  # pylint: disable=wrong-import-position
from stage_host import FOREIGN  # pylint: disable=wrong-import-position
from visitor import Visitor  # pylint: disable=wrong-import-position


# ---------------------------------------------------------------------- rules

def picture(model="nio", threads=((("asleep", "epoll_wait", False), 1),), acts=(), descriptors=20, limit=None, ended=None, **clients):
    """Of a lane."""
    groups = [{"state": state, "in": call, "spins": spins, "count": count} for (state, call, spins), count in threads]
    return live_rules.Picture(model, {**NOBODY, **clients}, groups, set(acts), descriptors, limit, ended)


SLEEPS = (("asleep", "clock_nanosleep", False), 1)
SPINS = (("runs", None, True), 1)
RECV = ("asleep", "recvfrom", False)
POLL = (("asleep", "poll", False), 1)

SEEN = {
    "calm": (picture(served=8, idle=8), {}),
    "threads": (picture("bio", [(RECV, 16), POLL], served=8, idle=8), {"clients": 16, "threads": 17}),
    "starved": (picture("pseudo_async", [(RECV, 8), POLL], unserved=8, served=8), {"clients": 8, "workers": 8}),
    "refused": (picture(served=16, refused=5), {"clients": 5}),
    "spins": (picture("spinning_selector", [SPINS], served=10), {"threads": 1}),
    "blocked": (picture(threads=[SLEEPS], waiting=15, served=1), {"clients": 15}),
    "descriptors": (picture(descriptors=62, limit=64, served=16, acts=["few_descriptors"]), {"limit": 64}),
    "slow_reader": (picture(acts=["slow_reader"], served=16), {}),
    "slow_reader_holds": (picture("bio", [(("asleep", "sendto", False), 4), (RECV, 16), POLL], ["slow_reader"], served=16),
                          {"clients": 4}),
    "idle": (picture(idle=508, served=8), {"clients": 508}),
    "idle_threads": (picture("bio", [(RECV, 516), POLL], idle=508, served=8), {"clients": 508, "threads": 516}),
    "cut": (picture(acts=["cut"], served=60, away=30, connecting=10), {"back": 60, "away": 40}),
    "died": (picture(ended={"signal": 13, "status": -13}), {"signal": 13, "status": -13}),
    "waiting": (picture(waiting=3, served=13), {"clients": 3}),
}


@pytest.mark.parametrize("rule", SEEN)
def test_what_is_seen_is_said(rule):
    """Each rule; what is not so is not said of the calm one."""
    seen, values = SEEN[rule]
    said = live_rules.sentences(seen)
    assert values == next(sentence["values"] for sentence in said if sentence["rule"] == rule), said
    assert (rule == "calm") == (rule in [sentence["rule"] for sentence in live_rules.sentences(SEEN["calm"][0])])


def test_each_rule_about_a_failure_names_its_page():
    """docs/failures.md has it."""
    pages = (pathlib.Path(__file__).resolve().parents[2] / "docs/failures.md").read_text(encoding="utf-8")
    for about in set(live_rules.ABOUT.values()):
        assert re.search(rf"^## .*\b{about}\b", pages, re.MULTILINE), about


# ---------------------------------------------------------------------- votes

@pytest.fixture(name="ask")
def fixture_ask():
    """The first ready question, asked."""
    return live_ask.Ask(1, next(iter(live_ask.ready_questions().values())))


def test_one_answer_for_each_key(ask):
    """The last one, as long as it is open."""
    for voter, choice, why in [("a", 0, None), ("b", 1, None), ("a", 2, None), ("c", 3, "wrong"), ("c", -1, "wrong"),
                               ("c", True, "wrong"), ("c", "0", "wrong"), ("c", None, "wrong")]:
        assert ask.vote(1, voter, choice) == why, (voter, choice)
    assert ask.vote(2, "c", 0) == "closed"
    assert ask.picture()["votes"] == 2 and ask.picture()["bars"] is None, "nobody sees them yet"
    ask.show_bars()
    assert ask.picture()["bars"] == [0, 1, 1]
    assert ask.vote(1, "a", 0) == "closed"


def test_voters_have_a_limit(ask):
    """Who has voted may still change his mind."""
    for voter in range(live_ask.VOTERS_MAX):
        assert ask.vote(1, voter, 0) is None
    assert ask.vote(1, "one more", 0) == "busy"
    assert ask.vote(1, 7, 1) is None
    assert ask.picture()["votes"] == live_ask.VOTERS_MAX


def test_ready_questions_are_whole():
    """Ten; each can be answered by what its run measures, and by one choice only; in both languages."""
    questions = live_ask.ready_questions()
    assert len(questions) == 10
    for question in questions.values():
        assert question["run"] in live_ask.MEASURES and question["seconds"] <= 10
        for text in question, question["outcome"], *question["choices"]:
            assert text["en"] and text["zh"] and text["en"].isascii()
        values = [choice["is"] if "is" in choice else choice["from"] for choice in question["choices"]]
        for value in values:
            assert sum(live_ask.fits(choice, value) for choice in question["choices"]) == 1, (question["id"], value)


@pytest.mark.parametrize("message, good", [
    ({"text": "Why?", "choices": ["a", "b"]}, True), ({"text": "Why?", "choices": ["a"]}, False),
    ({"text": "Why?", "choices": list("abcdef")}, False), ({"text": " ", "choices": ["a", "b"]}, False),
    ({"text": "Why?", "choices": ["a", ""]}, False), ({"text": "Why?", "choices": ["a", 1]}, False),
    ({"text": "W" * 301, "choices": ["a", "b"]}, False), ({"choices": ["a", "b"]}, False), ({"text": "Why?"}, False)])
def test_own_questions(message, good):
    """They can be shown, or there is none."""
    assert (live_ask.own_question(message) is not None) == good


def test_the_director_says_what_was_right_of_an_own_question(ask):
    """Not of a ready one: that is measured."""
    assert not ask.tell(0)
    own = live_ask.Ask(2, live_ask.own_question({"text": "Why?", "choices": ["a", "b"]}))
    assert not own.tell(2) and not own.tell("0") and own.tell(1)
    assert (own.picture()["right"], own.picture()["open"], own.picture()["can_run"]) == (1, False, False)


# ---------------------------------------------------------------------- the whole

class Page(Visitor):
    """A page on the stage."""

    def __init__(self, port, number=1, source=None, host="127.0.0.1", **query):
        self.port, self.protocol, self.address = port, "ws", (host, port)
        super().__init__(self, number, source, **query)

    def next(self, *types, plain=PATIENCE_S):
        """As patient as all that is done with real servers."""
        return super().next(*types, plain=plain)

    def vote(self, number, choice):
        """Votes, again and again while it is refused (other phones of its address vote, too). The answer."""
        while True:
            self.say("vote", id=number, choice=choice)
            answer = self.next("mine", "no", "refused")
            if answer["type"] != "refused":
                return answer
            time.sleep(0.1)

    def until(self, kind, condition):
        """The next one of this type of which it is true."""
        end = time.monotonic() + PATIENCE_S
        while not condition(message := self.next(kind)):
            assert time.monotonic() < end, message
        return message

    def lane(self, name, condition):
        """The first picture of this lane of which it is true."""
        found = {}

        def is_so(wall):
            found.update({lane["id"]: lane for lane in wall["lanes"]})
            return name in found and condition(found[name])
        self.until("wall", is_so)
        return found[name]


def stage_of(port, condition=lambda stage: True):
    """What the stage is, as a newcomer is told, as soon as the condition is true."""
    end = time.monotonic() + PATIENCE_S
    while True:
        with Page(port, secrets.randbits(64)) as page:
            if condition(stage := page.next("stage")):
                return stage
        assert time.monotonic() < end, stage
        time.sleep(0.1)


def rules_of(lane):
    """The names of its sentences."""
    return [sentence["rule"] for sentence in lane["sentences"]]


@pytest.fixture(name="live")
def fixture_live(built):
    """live(): (process, port), for a `with`."""
    @contextlib.contextmanager
    def make(*options):
        with subprocess.Popen([built / "scripts/live.sh", "--port", "0", *options], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            try:
                assert select.select([process.stdout], [], [], PATIENCE_S)[0], "live.sh says nothing"
                address = re.fullmatch(r"open http://127\.0\.0\.1:(\d+)/live on this machine\n", process.stdout.readline())
                yield process, int(address[1])
            finally:
                process.kill()
    return make


def left_running(built):
    """Programs of this copy."""
    found = subprocess.run(["pgrep", "-af", f"{re.escape(str(built))}/build/"], capture_output=True, text=True, check=False)
    return found.stdout


def await_the_end_of_all(built):
    """Nothing is left."""
    end = time.monotonic() + PATIENCE_S
    while left_running(built):
        assert time.monotonic() < end, left_running(built)
        time.sleep(0.05)


def test_the_wall_shows_who_waits(live):
    """A pool with more clients than workers starves some; the others serve all, with a thread for each, or one."""
    with live() as (_, port), Page(port) as page:
        assert page.hello["directs"]
        pool = page.lane("pseudo_async", lambda lane: lane["clients"]["unserved"] == 8)
        assert "starved" in rules_of(pool)
        assert {"state": "asleep", "in": "recvfrom", "count": 8, "spins": False} in pool["threads"]
        bio = page.lane("bio", lambda lane: lane["clients"]["served"] + lane["clients"]["idle"] == 16)
        assert sum(group["count"] for group in bio["threads"]) == 17 and "threads" in rules_of(bio)
        nio = page.lane("nio", lambda lane: {"state": "asleep", "in": "epoll_wait", "count": 1, "spins": False} in lane["threads"])
        assert nio["descriptors"] > 16 and nio["memory_kib"] > 0
        page.say("act", act="idle_clients", lane="nio", on=True)
        idle = page.lane("nio", lambda lane: lane["clients"]["idle"] >= 500)
        assert "idle" in rules_of(idle) and idle["descriptors"] > 500
        stage = stage_of(port, lambda stage: {"act": "idle_clients", "lane": "nio"} in stage["on"])
        assert stage["shown"] == ["bio", "pseudo_async", "nio", "aio"] or "aio" not in stage["shown"]
        page.say("act", act="idle_clients", lane="nio", on=False)
        page.lane("nio", lambda lane: lane["descriptors"] < 100)


@pytest.mark.full  # it measures; the short form has a race of two copies
def test_a_twin_that_spins_and_a_loop_that_is_blocked(live):
    """Beside the server that does neither."""
    with live() as (_, port), Page(port) as page:
        page.say("lanes", lanes=["spinning_selector", "nio"])
        page.lane("nio", lambda lane: lane["state"] == "up" and lane["clients"]["served"] > 0)
        page.lane("spinning_selector", lambda lane: lane["state"] == "up")
        page.say("act", act="few_descriptors", lane="all", on=True)
        twin = page.lane("spinning_selector", lambda lane: any(group["spins"] for group in lane["threads"]))
        assert twin["twin_of"] == "nio" and twin["descriptor_limit"] == 64 and rules_of(twin)[0] == "spins"
        nio = page.lane("nio", lambda lane: lane["descriptors"] >= 62 and lane["clients"]["refused"] > 0)
        assert not any(group["spins"] for group in nio["threads"]) and "descriptors" in rules_of(nio)
        page.say("act", act="blocking_handler", lane="nio", on=True)
        blocked = page.lane("nio", lambda lane: "blocked" in rules_of(lane)
                            and lane["clients"]["waiting"] + lane["clients"]["unserved"] >= 10)
        assert blocked["threads"] == [{"state": "asleep", "in": "clock_nanosleep", "count": 1, "spins": False}]


@pytest.mark.full  # it measures; the short form has a race of two copies
def test_a_question_is_answered_by_its_run(live):
    """The naive server dies, as one choice says; then the wall is as it was. All cut at once: the real one goes on."""
    with live() as (_, port), Page(port) as page:
        page.lane("bio", lambda lane: lane["state"] == "up")
        page.say("ask", question="reset")
        page.say("run")
        page.say("race", clients=1, pipeline=1, size=1, protocol="echo")
        assert page.next("no")["why"] == "busy", "one run at a time"
        ask = page.until("ask", lambda ask: ask["outcome"] is not None)
        assert (ask["right"], ask["open"], ask["running"]) == (2, False, False) and "ended" in ask["outcome"]["en"]
        assert stage_of(port, lambda stage: stage["busy"] is None)["shown"][0] == "bio"
        page.lane("bio", lambda lane: lane["state"] == "up" and lane["clients"]["served"] > 0)
        page.say("ask", question="thread_each")
        page.say("run")
        ask = page.until("ask", lambda ask: ask["outcome"] is not None)
        assert ask["right"] == 2, ask["outcome"]
        assert stage_of(port, lambda stage: stage["busy"] is None)["on"] == [], "bio's idle clients were the question's"
        page.lane("bio", lambda lane: lane["state"] == "up" and lane["clients"]["served"] > 0)
        page.say("act", act="cut", lane="bio", on=True)
        page.lane("bio", lambda lane: lane["clients"]["served"] >= 100 and "cut" not in rules_of(lane))
        stage_of(port, lambda stage: stage["on"] == [])
        page.lane("bio", lambda lane: lane["state"] == "up" and lane["clients"]["failed"] == 0)


def test_200_phones_vote_and_none_is_counted_twice(live):
    """A phone that was refused asks again; a second answer replaces the first."""
    with live() as (_, port), Page(port) as page, contextlib.ExitStack() as stack:
        page.say("ask", text="<b>Why?</b>", choices=["a", "b", "c"])
        ask = page.next("ask")
        assert ask["question"]["en"] == "<b>Why?</b>"
        phones = [stack.enter_context(Page(port, 100 + number, FOREIGN)) for number in range(200)]
        for number, phone in enumerate(phones):
            phone.say("vote", id=ask["id"], choice=number % 2)
        waiting = dict(enumerate(phones))
        while waiting:
            for number, phone in list(waiting.items()):
                answer = phone.next("mine", "refused")
                if answer["type"] == "mine":
                    assert answer["choice"] == number % 2
                    del waiting[number]
                else:
                    phone.say("vote", id=ask["id"], choice=number % 2)
        for phone in phones[:10]:
            assert phone.vote(ask["id"], 2)["choice"] == 2
        with Page(port, 100, "127.0.0.3") as again:  # a reload; from one address 200 come at once, and no more
            again.say("here")
            assert again.next("mine")["choice"] == 2, "after a reload"
        page.say("bars")
        told = page.until("ask", lambda ask: ask["bars"] is not None)
        assert (told["votes"], told["bars"]) == (200, [95, 95, 10])
        assert phones[50].vote(ask["id"], 1) == {"type": "mine", "id": ask["id"], "choice": 0}, "too late: it stays"
        assert phones[50].next("no")["why"] == "closed"
        page.say("clear")
        page.until("ask", lambda ask: ask["id"] is None)
        stage_of(port, lambda stage: stage["view"] == "wall")  # told right after it
        with Page(port, 1) as late:
            assert late.next("ask")["id"] is None, "nothing is asked any more"


def test_a_foreign_phone_pushes_no_button(live):
    """Whatever it says; and what a director says wrong changes nothing."""
    with live() as (_, port), Page(port) as page, Page(port, 2, FOREIGN) as phone:
        assert phone.hello["directs"] is False
        for kind in "view", "lanes", "act", "race", "stop", "ask", "bars", "run", "outcome", "clear", "", "end":
            phone.say(kind, view="race", lanes=["nio"], act="cut", lane="all", on=True, question="reset", choice=0, directs=True)
            assert phone.next("no")["why"] == "not_director"
        for message in [{"view": "x"}, {"kind": "lanes", "lanes": []}, {"kind": "lanes", "lanes": ["nio", "nio"]},
                        {"kind": "lanes", "lanes": ["../nio"]}, {"kind": "lanes", "lanes": [["nio"]]}, {"kind": "lanes", "lanes": "nio"},
                        {"kind": "lanes", "lanes": ["floor"]}, {"kind": "act", "act": "kill", "lane": "nio", "on": True},
                        {"kind": "act", "act": "cut", "lane": "x", "on": True}, {"kind": "act", "act": "cut", "lane": "nio", "on": 1},
                        {"kind": "race", "clients": 0, "pipeline": 1, "size": 1, "protocol": "echo"},
                        {"kind": "race", "clients": 10**9, "pipeline": 1, "size": 1, "protocol": "echo"},
                        {"kind": "race", "clients": 1, "pipeline": 1, "size": 1, "protocol": "http"},
                        {"kind": "race", "clients": True, "pipeline": 1, "size": 1, "protocol": "echo"},
                        {"kind": "race", "clients": 1, "pipeline": 1, "size": 1, "protocol": "echo", "models": []},
                        {"kind": "stop"}, {"kind": "ask", "question": "x"}, {"kind": "ask"}, {"kind": "bars"}, {"kind": "run"},
                        {"kind": "outcome", "choice": 0}, {"kind": "nothing"}]:
            message = dict(message)
            page.say(message.pop("kind", "view"), **message)
            assert page.next("no")["why"] == "wrong", message
        page.send(frame(TEXT, b'{"type":' + b"[" * 2000 + b"]" * 2000 + b"}"))
        assert page.next("no")["why"] == "wrong"
        assert stage_of(port)["view"] == "wall"


def test_phones_are_told_where_to_look(live):
    """And whoever is to direct from another machine gets an address with a token, which works there."""
    with live("--address", "0.0.0.0") as (process, port):
        line = process.stdout.readline()
        found = re.fullmatch(rf"phones: http://([0-9.]+):{port}/live\n", line)
        if not found:
            pytest.skip("this machine has no address in any network")
        host = found[1]
        token = re.fullmatch(rf"to push the buttons from another machine: http://{re.escape(host)}:{port}/live\?token=([0-9a-f]{{16}})\n",
                             process.stdout.readline())[1]
        with Page(port, host=host) as phone, Page(port, host=host, token=token) as teacher:
            assert [page.hello["directs"] for page in (phone, teacher)] == [False, True]
            assert phone.next("stage")["address"] == f"http://{host}:{port}/live"
            assert token not in json.dumps(phone.next("stage")), "no phone gets it"


@pytest.mark.full  # one more start of all servers; who directs is tried with ws_demo alone (tests/blackbox)
def test_a_proxy_before_the_stage(live):
    """--trust-proxy reaches ws_demo: a proxy on this machine that names nobody does not direct."""
    with live("--trust-proxy", "127.0.0.1") as (_, port), Page(port) as page:
        assert page.hello["directs"] is False


def test_a_race_of_two_copies_is_the_same_or_cannot_be_told(live):
    """Its intervals come round after round; it concludes when it is told to, and the wall comes back."""
    with live() as (_, port), Page(port) as page:
        page.lane("nio", lambda lane: lane["state"] == "up")
        page.say("race", clients=4, pipeline=1, size=64, protocol="echo", models=["nio"])
        race = page.until("race", lambda race: race["rounds"] >= 12)
        assert (race["state"], race["against"], [lane["name"] for lane in race["lanes"]]) == ("running", "floor", ["nio", "control"])
        page.say("race", clients=4, pipeline=1, size=64, protocol="echo")
        assert page.next("no")["why"] == "busy"
        page.say("stop")
        over = page.until("race", lambda race: race["state"] == "over")
        assert over["why"] == "stopped" and over["rounds"] >= race["rounds"] and over["slices"] >= over["disturbed"]
        assert over["control"]["of"] == "nio" and over["control"]["word"] in ("same", "open"), over["control"]
        page.lane("nio", lambda lane: lane["state"] == "up")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_everything_ends_with_it(live, built, number):
    """Also in the middle of a race, and when nobody could clean up."""
    with live() as (process, port), Page(port) as page:
        page.lane("nio", lambda lane: lane["state"] == "up")
        if number == signal.SIGKILL:
            page.say("race", clients=4, pipeline=1, size=64, protocol="echo", models=["nio"])
            page.until("race", lambda race: race["rounds"] >= 1)
        process.send_signal(number)
        status = process.wait(PATIENCE_S)
        assert status == (-number if number == signal.SIGKILL else 128 + number)
        await_the_end_of_all(built)


def test_it_ends_with_its_page(live, built):
    """ws_demo is stopped: nobody looks any more."""
    with live() as (process, port), Page(port) as page:
        page.lane("nio", lambda lane: lane["state"] == "up")
        pids = subprocess.run(["pgrep", "-f", f"{re.escape(str(built))}/build/ws_demo/ws_demo"], capture_output=True, text=True,
                              check=True).stdout.split()
        for pid in pids:
            os.kill(int(pid), signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
        await_the_end_of_all(built)


def test_a_second_one_is_refused_with_one_line(live, built):
    """It would measure the first; and a wrong address or port is one line, too."""
    with live() as (_, port):
        done = subprocess.run([built / "scripts/live.sh", "--port", "0"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert "another" in done.stderr
    await_the_end_of_all(built)
    for options in ["--port", "x"], ["--address", "nowhere"], ["--frobnicate"]:
        done = subprocess.run([built / "scripts/live.sh", "--port", "0", *options], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
