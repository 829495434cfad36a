"""The stage of ws_demo (--live): what its host shows to all, what they answer, and who may direct. scripts/live.sh is
such a host; here the tests are."""
import contextlib
import json
import subprocess

import pytest

from clients import TEXT, WebSocket, frame, upgrade
from rooms import key, path
from stage_host import FOREIGN, TOKEN, StageHost
from timing import seconds, wait_until
from visitor import Visitor

SAID_MAX = 1024


@pytest.fixture(name="stage")
def fixture_stage(demo):
    """(server, host), for a `with`."""
    @contextlib.contextmanager
    def make():
        host = StageHost(seconds(10))
        with demo("--live", host.theirs.fileno(), inherits=(host.theirs.fileno(),)) as server:
            host.theirs.close()
            host.tell(f"token {TOKEN}")
            yield server, host
    return make


def test_all_see_what_is_shown(stage):
    """At once; and whoever comes later the last of each type."""
    with stage() as (server, host), Visitor(server) as one, Visitor(server, 2) as other:
        host.tell("keep wall", {"type": "wall", "number": 1})
        host.tell("keep race", {"type": "race"})
        host.tell("all", {"type": "word"})
        host.tell("keep wall", {"type": "wall", "number": 2})
        for visitor in one, other:
            assert [visitor.next().get("number", 0) for _ in range(4)] == [1, 0, 0, 2]
        with Visitor(server, 3) as late:
            assert sorted(late.next()["type"] for _ in range(2)) == ["race", "wall"]
            host.tell("drop race")
            host.tell("all", {"type": "end"})
            assert late.next() == {"type": "end"}
        with Visitor(server, 4) as later:
            assert later.next() == {"type": "wall", "number": 2}
            host.tell("all", {"type": "end"})
            assert later.next() == {"type": "end"}, "nothing else is kept"


def test_the_host_answers_one(stage):
    """Nobody else gets it; one that has gone does no harm."""
    with stage() as (server, host), Visitor(server) as one, Visitor(server, 2) as other:
        one.say("vote", choice=2)
        who, _, _, said = host.said()
        assert said == {"type": "vote", "choice": 2}
        host.tell("one 9999", {"type": "mine"})
        host.tell(f"one {who}", {"type": "mine", "choice": 2})
        host.tell("all", {"type": "end"})
        assert one.next() == {"type": "mine", "choice": 2}
        assert one.next() == other.next() == {"type": "end"}


def test_who_directs(stage):
    """The machine itself, or who has the token; nobody else, whatever he says of himself."""
    with stage() as (server, host):
        for query, source, role in [({}, None, "director"), ({}, FOREIGN, "guest"), ({"token": TOKEN}, FOREIGN, "director"),
                                    ({"token": "abc124"}, FOREIGN, "guest"), ({"token": "abc1234"}, FOREIGN, "guest"),
                                    ({"token": ""}, FOREIGN, "guest")]:
            with Visitor(server, source=source, **query) as visitor:
                assert visitor.hello == {"type": "hello", "directs": role == "director"}, (query, source)
                visitor.say("do", role="director")
                assert host.said()[1] == role


def test_no_token_yet_is_no_key_for_all(demo):
    """An empty token equals no empty one."""
    host = StageHost(seconds(10))
    with demo("--live", host.theirs.fileno(), inherits=(host.theirs.fileno(),)) as server:
        for query in {}, {"token": ""}:
            with Visitor(server, source=FOREIGN, **query) as visitor:
                assert visitor.hello["directs"] is False


def test_a_key_is_known_by_its_digest(stage):
    """The same for the same page, after a reconnect too; another for another; never the key itself."""
    with stage() as (server, host):
        digests = []
        for number in 7, 7, 8:
            with Visitor(server, number) as visitor:
                visitor.say("x")
                digests.append(host.said()[2])
        assert digests[0] == digests[1] != digests[2]
        assert key(7) not in digests


def test_without_a_key_nobody_comes_in(stage):
    """Nor with one that is none."""
    with stage() as (server, _):
        for query in {}, {"key": ""}, {"key": key(1)[:-1]}, {"key": key(1) + "0"}, {"key": key(171).upper()}:
            with WebSocket(server, handshake=False) as peer:
                peer.send(upgrade(path=path("/stage", **query), Host=f"127.0.0.1:{server.port}"))
                assert peer.receive_head()[0] == 400, query


def test_the_host_knows_how_many_are_there(stage):
    """Also when they go."""
    with stage() as (server, host):
        with Visitor(server), Visitor(server, 2):
            assert [host.next("guests") for _ in range(2)] == ["1", "2"]
        assert [host.next("guests") for _ in range(2)] == ["1", "0"]


@pytest.mark.parametrize("what, code", [(b"[1]", 1008), (b"{", 1008), (b'{"x":"' + b"y" * SAID_MAX + b'"}', 1009)])
def test_what_is_no_object_ends_its_sender(stage, what, code):
    """And reaches nobody."""
    with stage() as (server, host), Visitor(server, source=FOREIGN) as guest, Visitor(server, 2) as other:
        guest.send(frame(TEXT, what))
        guest.expect_code(code)
        other.say("y")
        assert host.said()[3] == {"type": "y"}


def test_a_guest_who_talks_too_much_is_told(stage):
    """What was refused does not reach the host; the director is not refused beside him."""
    with stage() as (server, host), Visitor(server, source=FOREIGN) as guest, Visitor(server, 2) as director:
        for number in range(80):
            guest.say("vote", number=number)
        refused = guest.next()
        assert refused == {"type": "refused", "why": "rate"}
        director.say("stop")
        numbers = []
        while (said := host.said())[1] == "guest":
            numbers.append(said[3]["number"])
        assert numbers == sorted(numbers) and 50 <= len(numbers) < 80


def test_a_host_that_does_not_listen_makes_nobody_wait(stage):
    """Whose word was not taken is told."""
    with stage() as (server, host), Visitor(server) as director, Visitor(server, 2) as other:
        pad = "z" * 8000
        for _ in range(200):
            director.say("do", pad=pad)
        assert director.next() == {"type": "refused", "why": "busy"}
        host.tell("all", {"type": "end"})
        assert other.next() == {"type": "end"}


def test_a_visitor_that_does_not_read_is_left_out(stage):
    """It gets no old pictures, and then the last one; the others get all; memory does not grow."""
    with stage() as (server, host), Visitor(server, 2) as quick:
        with WebSocket(server, receive_buffer=4096, handshake=False) as slow:
            slow.send(upgrade(path=path("/stage", key=key(1)), Host=f"127.0.0.1:{server.port}"))
            pad = "z" * 30000
            for number in range(400):
                host.tell("keep wall", {"type": "wall", "number": number, "pad": pad})
                assert quick.next()["number"] == number
            slow.expect_upgrade()
            numbers = []
            while not numbers or numbers[-1] < 399:
                opcode, payload = slow.receive_frame()
                assert opcode == TEXT
                numbers.append(json.loads(payload).get("number", -1))
            assert len(numbers) < 400, "it was left out for a while"
            assert numbers[1:] == sorted(set(numbers[1:]))


def test_the_end_of_the_host_is_the_end(demo):
    """Everybody is told in the orderly way: 1001."""
    host = StageHost(seconds(10))
    with demo("--live", host.theirs.fileno(), inherits=(host.theirs.fileno(),)) as server:
        host.theirs.close()
        with Visitor(server) as visitor:
            host.socket.close()
            visitor.expect_code(1001)
        wait_until(lambda: not server.alive(), "the server's end")
        server.ended()


def test_without_a_host_there_is_no_stage(demo):
    """404."""
    with demo() as server:
        with WebSocket(server, handshake=False) as peer:
            peer.send(upgrade(path=path("/stage", key=key(1)), Host=f"127.0.0.1:{server.port}"))
            assert peer.receive_head()[0] == 404


@pytest.mark.parametrize("descriptor", ["0", "x", "99", "-1", ""])
def test_a_descriptor_that_is_no_socket_is_one_line(executable, descriptor):
    """Status 2, before anything listens."""
    done = subprocess.run([executable("ws_demo"), "--port", "0", f"--live={descriptor}"], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "--live" in done.stderr


def test_a_wrong_packet_changes_nothing(stage):
    """The host is ours; still, nothing it says ends the program."""
    with stage() as (server, host), Visitor(server) as visitor:
        for words in "nonsense", "keep", "keep x", "one", "one x", "drop", "keep " + "t" * 40 + " {}", "token", " ":
            host.tell(words)
        for number in range(40):
            host.tell(f"keep t{number}", {"number": number})
        assert visitor.next() == {}
        assert [visitor.next()["number"] for _ in range(40)] == list(range(40))
        with Visitor(server, 2) as late:
            assert sorted(late.next()["number"] for _ in range(16)) == list(range(16)), "LIMIT: 16 types are kept"
