"""What was said in ws_demo's rooms is told, or caught up with, whatever fails; and what is no history is left alone."""
import contextlib
import os
import sqlite3
import subprocess

import pytest

from clients import Peer
from returning import Client, ready_of
from scarcity import Scarcity
from rooms import Member, Refused, address
from timing import Deadline, seconds

ROOMS = 100


@pytest.fixture
def scarcity(tmp_path, request):
    """Allocations and writes that fail."""
    return Scarcity(tmp_path, request.config.getoption("--sanitizer"))


# ---- no memory ----


def conversation(server, room, number):
    """Two clients talk, one is cut off and comes back: both hear everything, in the same order, once."""
    texts = [["one", "y" * 600, "z" * 4000], ["早上好", "\"\\\n" * 100]]
    expected = sum(texts, [])
    one, other = clients = [Client(server, room, number + each, texts[each]) for each in range(2)]
    deadline = Deadline(10, "the server says something, or closes")
    is_cut = False
    while any(client.outbox or len(client.heard) < len(expected) for client in clients):
        for client in clients:
            if not client.connection:
                client.connect()
        if any([client.step() for client in ready_of(clients, deadline.left())]):
            deadline = Deadline(10, "the server says something, or closes")
        if len(one.heard) == 2 and not is_cut:
            is_cut = True
            one.hang_up()
    assert one.heard == other.heard and sorted(one.heard) == sorted(expected)
    for client in clients:
        client.hang_up()


def feed_and_page(server):
    """One request for each kind of answer: it is answered, or the connection ends."""
    for target in "/", "/feed/poll?after=0", "/feed/long-poll?after=-1":
        with contextlib.suppress(ConnectionError), Peer(server) as peer:
            peer.send(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            peer.receive_to_end()


def test_each_allocation_that_fails(demo, scarcity, request):
    """The first, the second, and so on, until a conversation needs no more of them: everybody is told everything, or is
    closed and catches up. Nobody waits for ever, and the server is the same as before."""
    if request.config.getoption("--sanitizer"):
        pytest.skip("a sanitizer has its own malloc")
    server = demo()
    server.environment = scarcity.environment
    with server:
        trials, step = 0, 5 if server.secure else 1  # OpenSSL allocates a lot: every fifth will do
        while trials == scarcity.refused():
            trials += 1
            scarcity.refuse_allocation(trials * step)
            conversation(server, f"room {trials}", 2 * trials)
            feed_and_page(server)
        scarcity.refuse_allocation(0)
        assert trials > 100, "the conversation needs more memory than that"


@pytest.mark.parametrize("number", range(1, 41))
def test_the_first_allocations_of_a_server(demo, scarcity, number, request):
    """What is allocated only once in its life."""
    if request.config.getoption("--sanitizer"):
        pytest.skip("a sanitizer has its own malloc")
    server = demo()
    server.environment = scarcity.environment
    with server:
        scarcity.refuse_allocation(number)
        conversation(server, "class", 1)
        assert scarcity.refused() == 1


# ---- no disk ----


def test_a_disk_that_is_full(demo, scarcity, tmp_path):
    """The reason is told to whoever speaks or joins, and logged, once; when there is space again it goes on."""
    server = demo("--history", tmp_path / "history.db")
    server.environment = scarcity.environment
    with server, Member(server) as one, Member(server) as other:
        one.say("before", "o-1")
        assert other.next("message")["text"] == one.next("message")["text"] == "before"
        scarcity.fill_disk()
        for number in range(5):
            one.say("full", f"full-{number}")
            refused = one.next("refused")
            assert (refused["id"], refused["why"], refused["detail"]) == (
                f"full-{number}", "history", "database or disk is full")
        lines = server.errors().splitlines()
        assert len(lines) == 1 and "history.db" in lines[0] and "database or disk is full" in lines[0]
        scarcity.fill_disk(False)
        one.say("after", "full-0")
        assert [each.next("message")["text"] for each in (one, other)] == ["after", "after"]
        assert one.hello["durable"]


def test_a_room_that_cannot_be_read(demo, scarcity, tmp_path):
    """It is refused with the reason, and 1013."""
    server = demo("--history", tmp_path / "history.db")
    server.environment = scarcity.environment
    with server:
        with Member(server) as one:
            one.say("before", "o-1")
            one.next("message")
            one.leave()
        scarcity.fill_disk()
        with pytest.raises(Refused) as refused:
            Member(server)
        assert (refused.value.why, refused.value.detail) == ("history", "database or disk is full")
        assert server.errors().count("\n") == 1
        scarcity.fill_disk(False)
        with Member(server) as again:
            assert again.next("message")["text"] == "before"


# ---- files that are no history ----


def start(demo, path):
    """Starts a server that must not start: its one line."""
    server = demo("--history", path)
    ended = subprocess.run(server.command, capture_output=True, text=True, timeout=seconds(20), check=False,
                           stdin=subprocess.DEVNULL)
    assert (ended.returncode, ended.stdout) == (2, ""), ended
    assert ended.stderr.count("\n") == 1 and "--history" in ended.stderr, ended.stderr
    return ended.stderr


@pytest.mark.parametrize("name", ["", ":memory:"])
def test_what_is_no_file_is_no_durable_history(demo, name):
    """SQLite would take it for something that is gone with the process."""
    assert "name of a file" in start(demo, name)


def test_a_name_that_sqlite_would_take_for_a_uri(demo, tmp_path):
    """It is a file of that name."""
    path = os.path.relpath(tmp_path / "file:x?mode=memory")
    with demo("--history", path) as server, Member(server) as member:
        assert member.hello["durable"]
    assert os.path.getsize(path) > 0


def test_an_empty_file_becomes_a_history(demo, tmp_path):
    """Whoever has made it with mktemp."""
    path = tmp_path / "history.db"
    path.touch()
    for _ in range(2):
        with demo("--history", path) as server, Member(server) as member:
            member.say("x", "m-1")
            assert member.next("message")["text"] == "x"


def foreign(path, *statements):
    """A database of somebody else."""
    with sqlite3.connect(path) as database:
        for statement in statements:
            database.execute(statement)
    database.close()


def test_a_foreign_file_is_left_as_it_is(demo, tmp_path):
    """Not a byte of it is changed, and none is added."""
    files = {"table.db": ["create table room (name text)"], "application.db": ["pragma application_id = 7"],
             "wal.db": ["pragma journal_mode = wal", "create table t (x)"],
             "other version.db": ["pragma application_id = 0x57736448", "pragma user_version = 99"]}
    for name, statements in files.items():
        foreign(tmp_path / name, *statements)
    (tmp_path / "text").write_text("not a database, but a text of more than a hundred bytes" * 4, encoding="ascii")
    (tmp_path / "short").write_bytes(b"SQLite format 3\0")
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    for file in before:
        assert "another file" in start(demo, file)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before
    assert "another file" in start(demo, "/dev/null") and "another file" in start(demo, tmp_path)


def test_a_damaged_history(demo, tmp_path):
    """Found at the start, wherever the damage is."""
    path = tmp_path / "history.db"
    with demo("--history", path) as server, Member(server) as member:
        for number in range(40):
            member.say(str(number) + "x" * 4000, f"m-{number}")
            member.next("message")
        server.stop()
    whole = path.read_bytes()
    assert len(whole) > 100000
    for name, damaged in [("half", whole[:len(whole) // 2]), ("zeros", whole[:8192] + bytes(len(whole) - 8192)),
                          ("noise", whole[:4096] + b"\xa5" * 4096 + whole[8192:])]:
        path.write_bytes(damaged)
        assert "damaged" in start(demo, path), name
    path.write_bytes(whole)
    with demo("--history", path) as server, Member(server) as member:
        assert member.next("message")["seq"] == 1


def test_triggers_in_a_history_are_not_run(demo, tmp_path):
    """Somebody may have handed it round."""
    path = tmp_path / "history.db"
    with demo("--history", path):
        pass
    foreign(path, "create trigger evil after insert on message begin update message set body = 'evil'; end")
    with demo("--history", path) as server, Member(server) as member:
        member.say("mine", "m-1")
        member.next("message")
        with Member(server) as other:
            assert other.next("message")["text"] == "mine"


def test_a_history_that_cannot_be_written_to(demo, tmp_path):
    """In a directory that does not exist; and, for who is not root, read-only."""
    assert "directory" in start(demo, tmp_path / "missing" / "history.db")
    if os.geteuid() != 0:
        with demo("--history", tmp_path / "history.db"):
            pass
        os.chmod(tmp_path / "history.db", 0o444)
        assert "written" in start(demo, tmp_path / "history.db")


# ---- which history gives way ----


def speak(server, room, source, count=1):
    """Says something in a room and leaves it: it has a history now."""
    with Member(server, room, source=address(source)) as member:
        for number in range(count):
            member.say(f"{room} {number}", f"m-{number}")
            while member.next("message", "refused")["type"] == "refused":
                member.say(f"{room} {number}", f"m-{number}")  # too fast
        member.half_close()
        member.receive_to_end()  # on a busy machine there is more under way, such as who is here
    return member.hello["epoch"]


def kept(server, room, epoch):
    """Does the room have its history still?"""
    with Member(server, room, source=address(999)) as member:
        return member.hello["epoch"] == epoch and member.hello["last"] > 0


def test_rooms_in_which_nothing_is_said_push_no_history_out(demo, tmp_path):
    """However many are joined: they are not kept at all."""
    with demo("--history", tmp_path / "history.db") as server:
        epoch = speak(server, "lesson", 1)
        for number in range(ROOMS + 5):
            Member(server, f"empty {number}", source=address(2 + number // 50)).leave()
        assert kept(server, "lesson", epoch)
    with demo("--history", tmp_path / "history.db") as server:
        assert kept(server, "lesson", epoch)


def test_a_guest_that_begins_many_rooms_loses_its_own(demo, tmp_path):
    """The room that gives way is one of the address that has most of them."""
    with demo("--history", tmp_path / "history.db") as server:
        lesson = speak(server, "lesson", 1)
        first = speak(server, "spam 0", 2)
        for number in range(1, ROOMS):
            speak(server, f"spam {number}", 2)
        assert kept(server, "lesson", lesson)
        assert not kept(server, "spam 0", first)


def test_of_one_address_the_room_with_least_gives_way(demo):
    """A class behind one address: the lesson, with much in it, stays."""
    with demo() as server:
        lesson = speak(server, "lesson", 1, count=3)
        for number in range(ROOMS + 5):
            speak(server, f"room {number}", 1)
        assert kept(server, "lesson", lesson)


def test_rooms_that_are_in_use_do_not_give_way(demo):
    """When all of them are, a room more has no history: what is said there is refused."""
    with demo() as server:
        members = []
        for number in range(ROOMS):
            member = Member(server, f"room {number}", source=address(number // 30))
            members.append(member)
            member.say("x", "m-1")
            member.next("message")
        with Member(server, "one more", source=address(50)) as more:
            more.say("x", "m-1")
            assert more.next("refused")["why"] == "full"
            members.pop().leave()
            more.say("x", "m-1")
            assert more.next("message")["seq"] == 1
        for member in members:
            member.close()
