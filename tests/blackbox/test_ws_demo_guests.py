"""One guest of ws_demo must not spoil it for the others: ids, names, rooms, and how much of everything one may have."""
import json
import os
import re
import subprocess

import pytest

from answer import get
from clients import CLOSE, TEXT, Peer, WebSocket, close_payload, upgrade
from marks import WITHOUT_TLS
from rooms import Member, Refused, address, key
from timing import Deadline, seconds, wait_until

FLOODS = 4
BURST_OF_KEY, BURST_OF_ADDRESS = 50, 100
ROOMS_OF_KEY, ROOMS_OF_ADDRESS = 5, 40
MEMBERS_OF_KEY, JOINS_OF_KEY = 10, 20
CONNECTIONS = 500


# ---- ids ----


def test_an_id_belongs_to_one_guest(demo):
    """Who says something under the id that another will use next takes nothing from it: both are heard."""
    with demo() as server, Member(server, key=key(1), name="teacher") as teacher, \
            Member(server, key=key(2), name="guest") as guest:
        guest.say("in your place", "tok9-2")
        assert teacher.next("message")["text"] == "in your place"
        teacher.say("the lesson", "tok9-2")
        message = teacher.next("message")
        assert (message["text"], message["from"], message["id"]) == ("the lesson", "teacher", "tok9-2")
        assert [guest.next("message")["text"] for _ in range(2)] == ["in your place", "the lesson"]


def test_nobody_sees_another_guests_ids(demo):
    """Not as it is said, and not from the history."""
    with demo() as server, Member(server, key=key(1)) as one, Member(server, key=key(2)) as other:
        one.say("x", "secret-1")
        assert one.next("message")["id"] == "secret-1"
        assert "id" not in other.next("message")
        with Member(server, key=key(3)) as late, Member(server, key=key(1)) as again:
            assert "id" not in late.next("message")
            assert again.next("message")["id"] == "secret-1"


def test_what_is_said_again_after_a_reconnect_is_kept_once(demo):
    """With the same key; without one nobody can know that it is the same guest."""
    with demo() as server:
        for number, (query, again) in enumerate([({"key": key(1)}, 1), ({}, 2)]):
            with Member(server, room=str(number), **query) as first:
                first.say("once", "m-1")
                assert first.next("message")["seq"] == 1
            with Member(server, room=str(number), after=1, epoch=first.hello["epoch"], **query) as second:
                second.say("once", "m-1")
                assert second.next("message")["seq"] == again


def test_the_key_is_shown_to_nobody(demo):
    """The page shows the handshake, perhaps on a wall."""
    with demo() as server, Member(server, key=key(7), name="Ada") as ada, Member(server) as other:
        shown = ada.hello["request"].encode()
        assert shown == ada.request.replace(key(7).encode(), 32 * b"*") != ada.request
        ada.say("x", "m-1")
        for member in ada, other:
            assert key(7) not in json.dumps(member.next("message"))


@pytest.mark.parametrize("bad", ["1", 31 * "a", 33 * "a", 32 * "g", 32 * "A"])
def test_a_key_that_is_none(demo, bad):
    """128 bits in hex, or nothing."""
    with demo() as server, WebSocket(server, handshake=False) as peer:
        peer.send(upgrade(path=f"/room?room=class&key={bad}"))
        assert peer.receive_head()[0] == 400


# ---- names ----


def test_two_of_one_name(demo):
    """The second is told that it is another one; however it is written. A guest that comes back is the same."""
    written = ["Ada", "Ada", "ADA", "A\u200bda", "\u202eAda", "\uff21da"]
    with demo() as server:
        members = [Member(server, key=key(number), name=name) for number, name in enumerate(written)]
        assert [member.hello["name"] for member in members] == [
            "Ada", "Ada 2", "ADA 3", "Ada 4", "Ada 5", "\uff21da 6"]
        with Member(server, key=key(0), name="Ada") as again:
            assert again.hello["name"] == "Ada"
        with Member(server, room="elsewhere", name="Ada") as elsewhere:
            assert elsewhere.hello["name"] == "Ada"
        for member in members:
            member.close()


def test_a_name_that_many_have_costs_a_bounded_search(demo):
    """After 100 numbers the next one is a guest, as if it had given no name."""
    with demo() as server:
        members = [Member(server, key=key(number), name="Ada", source=address(number % 2)) for number in range(101)]
        names = [member.hello["name"] for member in members]
        assert names[99] == "Ada 100" and names[100].startswith("guest "), names[99:]
        for member in members:
            member.close()


def test_an_invisible_name_is_none(demo):
    """Zero width only: a guest like any that gave no name."""
    with demo() as server, Member(server, name="\u200b\u2060\u3164") as member, \
            Member(server, name="\x85\x9b") as other:
        assert member.hello["name"].startswith("guest ") and other.hello["name"].startswith("guest ")
        assert member.hello["name"] != other.hello["name"]


def test_a_name_that_was_made_up_is_not_another_guests(demo):
    """Somebody may call himself as the server would call the next."""
    with demo() as server, Member(server, name="guest 1") as one, Member(server) as other:
        assert (one.hello["name"], other.hello["name"]) == ("guest 1", "guest 2")


def test_rooms_that_look_the_same_are_the_same(demo):
    """And one of which nothing can be seen is none."""
    with demo() as server, Member(server, room="caf\u00e9") as one, Member(server, room=" cafe\u0301\u200b ") as other:
        assert one.hello["room"] == other.hello["room"] == "caf\u00e9"
        assert other.hello["members"] == 2
        with WebSocket(server, handshake=False) as peer:
            peer.send(upgrade(path="/room?room=%E2%80%8B"))
            assert peer.receive_head()[0] == 400


# ---- how much ----


def said(members, each):
    """All of them say so much at once: how many of it was taken."""
    salt = os.urandom(8).hex()
    for member in members:
        for number in range(each):
            member.say("x", f"{salt}-{number}")
    taken = 0
    for member in members:
        answers = {}
        while len(answers) < each:
            message = member.next("message", "refused", "lost")
            if message.get("id", "").startswith(salt):
                answers[message["id"]] = message.get("why")
        assert set(answers.values()) <= {None, "rate"}
        taken += list(answers.values()).count(None)
    return taken


def test_coming_back_is_no_way_to_begin_anew(demo):
    """What one key may say, it may say over all its connections, one after the other."""
    with demo() as server:
        deadline = Deadline(10, "20 more a second")
        taken, begun = 0, deadline.left()
        for _ in range(4):
            with Member(server, key=key(1)) as member:
                taken += said([member], BURST_OF_KEY)
        took = begun - deadline.left()
        assert BURST_OF_KEY <= taken <= BURST_OF_KEY + 20 * took + 1


def test_many_keys_are_no_way_either(demo):
    """What one address may say, it may say under all its keys; another address is not asked to wait."""
    with demo() as server, Member(server, source=address(1)) as neighbour:
        deadline = Deadline(10, "40 more a second")
        begun = deadline.left()
        members = [Member(server, key=key(number)) for number in range(8)]
        taken = said(members, BURST_OF_KEY)
        took = begun - deadline.left()
        assert BURST_OF_ADDRESS <= taken <= BURST_OF_ADDRESS + 40 * took + 1
        neighbour.say("mine", "n-1")
        while (message := neighbour.next("message", "lost", "refused")).get("id") != "n-1":
            pass
        assert message["type"] == "message"
        for member in members:
            member.close()


def test_a_class_of_40_behind_one_address(demo):
    """Each with a page of its own, and a room to try things in; all answer at once, and come back when cut."""
    with demo() as server:
        for _ in range(2):
            members = [Member(server, key=key(number), name="Ada") for number in range(40)]
            assert len({member.hello["name"] for member in members}) == 40
            assert said(members, 1) == 40
            for member in members:
                member.reset()
        own = [Member(server, room=f"of {number}", key=key(number)) for number in range(40)]
        for member in own:
            member.close()


def opened(server, rooms, key_of):
    """Joins rooms until one is refused: the members, and why."""
    members = []
    try:
        for number in range(rooms):
            members.append(Member(server, room=os.urandom(8).hex(), key=key(key_of(number))))
    except Refused as refused:
        return members, refused.why
    return members, None


def test_one_guest_does_not_take_all_rooms(demo):
    """Neither under one key nor under many; the others find theirs."""
    with demo() as server:
        members, why = opened(server, 100, lambda number: 1)
        assert (len(members), why) == (ROOMS_OF_KEY, "rooms")
        more, why = opened(server, 100, lambda number: 2 + number)
        assert (len(more), why) == (ROOMS_OF_ADDRESS - ROOMS_OF_KEY, "rooms")
        with Member(server, room="lesson", source=address(1)), Member(server, room="lesson"):
            pass  # the second one opens none: it is there already
        for member in members + more:
            member.close()
        wait_until(lambda: opened(server, 1, lambda number: 900)[1] is None, "rooms are given back")


def test_one_key_is_in_rooms_so_often_only(demo):
    """A page that runs wild: ten at once, and twenty joins without a pause."""
    with demo() as server:
        members = [Member(server, key=key(1)) for _ in range(MEMBERS_OF_KEY)]
        with pytest.raises(Refused) as refused:
            Member(server, key=key(1))
        assert refused.value.why == "members"
        members.pop().leave()
        with pytest.raises(Refused) as refused:
            for _ in range(200):
                Member(server, key=key(1)).leave()
        assert refused.value.why == "rate"
        with Member(server, key=key(2)):
            pass
        for member in members:
            member.close()


@WITHOUT_TLS
def test_one_address_does_not_take_all_connections(demo):
    """500, whatever they are for; then status 503. Another one is served."""
    with demo() as server:
        peers = []
        for _ in range(CONNECTIONS):
            peers.append(Peer(server))
        with Member(server, source=address(1)):
            pass
        with WebSocket(server, handshake=False) as peer:
            peer.send(upgrade(path="/room?room=class"))
            assert peer.receive_head()[0] == 503
        assert get(peers[0], "/icon.svg").status == 200, "who is connected is served"
        assert get(peers[0], "/icon.svg").status == 200
        for peer in peers:
            peer.close()
        wait_until(lambda: joins(server), "connections are given back")
        assert server.stop()["refused"]["clients"] >= 1


def joins(server):
    """Can one join?"""
    try:
        with Member(server):
            return True
    except (ConnectionError, EOFError):
        return False


def test_one_guest_does_not_take_the_flood_lab(demo):
    """Four at a time from one address; the others still find a place."""
    with demo() as server:
        floods = []
        for number in range(FLOODS + 2):
            flood = WebSocket(server, handshake=False, source=address(number // (FLOODS + 1)))
            flood.send(upgrade(path="/flood"))
            flood.expect_upgrade()
            floods.append(flood)
        first = [flood.receive_frame() for flood in floods]
        assert [opcode for opcode, _ in first] == FLOODS * [TEXT] + [CLOSE, TEXT]
        assert first[FLOODS][1] == close_payload(1013)
        for flood in floods:
            flood.reset()


def test_limits_are_said(build_dir):
    """--limits shows the numbers that this test knows."""
    shown = subprocess.run([build_dir / "ws_demo/ws_demo", "--limits"], capture_output=True, text=True, check=True,
                           timeout=seconds(10)).stdout
    parts = re.split("with the page, of .*:\n", shown)[1:]
    numbers = [{line.split()[0]: int(line.split()[1]) for line in part.splitlines()} for part in parts]
    assert numbers[0] == {"connected": CONNECTIONS, "members": 200, "rooms": ROOMS_OF_ADDRESS, "floods": FLOODS,
                          "joins": 200, "messages": BURST_OF_ADDRESS}
    assert numbers[1] == {"members": MEMBERS_OF_KEY, "rooms": ROOMS_OF_KEY, "joins": JOINS_OF_KEY,
                          "messages": BURST_OF_KEY}
    assert numbers[2] == {"windows": 1024}
