"""Several nodes of ws_demo, and a real Redis: what is said on one is heard on all, once and in one order, whatever fails."""
import contextlib
import pathlib
import select
import shutil
import signal
import subprocess
import time

import pytest

import faults
from clients import CLOSE, TEXT, Peer, close_payload, frame, upgrade
from phones import Phone, talk
from redis_server import Connection, Proxy, Redis, RedisError, free_port, read_until
from rooms import Member, Refused, address, key
from timing import Deadline, seconds, wait_until

HISTORY = 200
ROOMS = 100


@pytest.fixture
def redis():
    """A Redis that keeps what it acknowledges."""
    with Redis() as running:
        yield running


@pytest.fixture
def node(demo, executable):
    """node(redis, name): a server of the cluster, to be started by `with`."""
    executable("ws_demo")

    def make(redis, name, *options, **limits):
        return demo("--redis", redis.place, "--node", name, *options, **limits)

    return make


@pytest.fixture(autouse=True)
def with_redis(demo):
    """A ws_demo that was built without hiredis has no nodes."""
    command = demo("--redis", "127.0.0.1:1").command
    said = subprocess.run(command, capture_output=True, text=True, timeout=seconds(10), check=False).stderr
    if "without libhiredis" in said:
        pytest.skip("ws_demo is built without libhiredis: scripts/setup.sh --nodes")


def refusal(demo, *options, environment=None):
    """A server that must not start: its one line."""
    server = demo(*options)
    ended = subprocess.run(server.command, capture_output=True, text=True, timeout=seconds(20), check=False,
                           stdin=subprocess.DEVNULL, env=environment)
    assert (ended.returncode, ended.stdout) == (2, ""), ended
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


# ---- as it should be ----


def test_what_is_said_on_one_node_is_heard_on_all(node, redis):
    """Under the same number, in the same epoch; its id comes to its sender alone."""
    with node(redis, "A") as one, node(redis, "B") as other, Member(one, name="Ada") as ada, Member(other, name="字") as bob:
        assert ada.hello["epoch"] == bob.hello["epoch"]
        assert (ada.hello["node"], bob.hello["node"], ada.hello["durable"]) == ("A", "B", True)
        ada.say("good morning 早上好", "a-1")
        heard = ada.next("message")
        assert (heard["seq"], heard["from"], heard["id"]) == (1, "Ada", "a-1")
        del heard["id"]
        assert bob.next("message") == heard
        bob.say("two", "a-1")  # the same id, and another owner
        assert ada.next("message")["seq"] == bob.next("message")["seq"] == 2


def test_who_comes_back_on_another_node_has_missed_nothing(node, redis):
    """Nor gets anything twice; also what was said while nobody was on that node."""
    with node(redis, "A") as one, node(redis, "B") as other, Member(one) as stays:
        gone = Member(one)
        stays.say("1", "s-1")
        assert gone.next("message")["seq"] == stays.next("message")["seq"] == 1
        gone.reset()
        for number in range(2, 5):
            stays.say(str(number), f"s-{number}")
            stays.next("message")
        with Member(other, epoch=gone.hello["epoch"], after=1) as back:
            assert (back.hello["lost"], back.hello["last"]) == (0, 4)
            assert [back.next("message")["text"] for _ in range(3)] == ["2", "3", "4"]
            stays.say("5", "s-5")
            assert back.next("message")["seq"] == 5


def test_what_is_said_twice_on_two_nodes_is_kept_once(node, redis):
    """A phone that lost its node before the acknowledgement says it again on another one: it is told the first number."""
    with node(redis, "A") as one, node(redis, "B") as other, Member(other) as listener, Member(one, key=key(1)) as first:
        first.say("once", "o-1")
        said = first.next("message")
        with Member(other, key=key(1), epoch=first.hello["epoch"], after=1) as again:
            again.say("once", "o-1")
            assert again.next("message") == said
            again.say("then", "o-2")
            assert [listener.next("message")["seq"] for _ in range(2)] == [1, 2]
            assert again.next("message")["seq"] == 2


def test_a_phone_that_has_seen_more_than_its_new_node(node, redis):
    """The node reads on from a proxy that is slow: what the phone has is not sent again."""
    with Proxy(redis.port) as proxy, node(redis, "A") as one, node(proxy, "B") as slow, Member(slow) as there, \
            Member(one, key=key(1)) as phone:
        proxy.delay = 0.6
        for number in range(3):
            phone.say(str(number), f"p-{number}")
            phone.next("message")
        with Member(slow, key=key(1), epoch=phone.hello["epoch"], after=3) as again:
            assert (again.hello["lost"], again.hello["last"]) == (0, 3)
            phone.say("more", "p-3")
            assert [each.next("message")["seq"] for each in (again, phone)] == [4, 4]
            assert [there.next("message")["seq"] for _ in range(4)] == [1, 2, 3, 4]


def test_names_are_unique_on_all_nodes(node, redis):
    """Folded as on one node; a guest's own second connection keeps its name; one that has gone leaves it."""
    with node(redis, "A") as one, node(redis, "B") as other:
        with Member(one, name="Ada", key=key(1)) as ada:
            with Member(other, name="ＡＤＡ", key=key(2)) as second, Member(other, name="Ada", key=key(1)) as same:
                assert (ada.hello["name"], second.hello["name"], same.hello["name"]) == ("Ada", "ＡＤＡ 2", "Ada")
            wait_until(lambda: "ada 2" not in claimed(redis), "that name is free")
            more = [Member(other, name="Ada", key=key(number), source=address(number)) for number in range(3, 14)]
            assert [member.hello["name"] for member in more] == [f"Ada {number - 1}" for number in range(3, 14)]
            guests = [Member(server, key=key(20 + each), source=address(20 + each)) for each, server in enumerate((one, other))]
            assert [guest.hello["name"] for guest in guests] == ["guest 1", "guest 2"]
        wait_until(lambda: "ada" not in claimed(redis), "that name is free")
        with Member(other, name="Ada", key=key(30), source=address(30)) as free:
            assert free.hello["name"] == "Ada"


def claimed(redis):
    """The folded names that nodes have claimed for members of the room."""
    return {field.removeprefix("n:") for here in redis("KEYS", "io-models:here:class:*") for field in redis("HKEYS", here)}


def test_who_is_here_is_told_on_all_nodes(node, redis):
    """Also when a node is killed with all that are on it: after 3 s and a little they are gone."""
    with node(redis, "A") as one, node(redis, "B") as other, Member(one, name="Ada") as ada:
        with Member(other, name="Bob"):
            read_until(ada, "here", members=2, names=["Ada", "Bob"])
        read_until(ada, "here", members=1, names=["Ada"])
        with Member(other, name="Eve"):
            read_until(ada, "here", members=2, names=["Ada", "Eve"])
            other.signal(signal.SIGKILL)
            other.wait()
            read_until(ada, "here", members=1, names=["Ada"])
        with Member(one, name="Eve", key=key(5)) as again:
            assert again.hello["name"] == "Eve"


def test_rooms_are_kept_apart_and_what_fell_out_is_said(node, redis):
    """A room of its own for each name, its last 200 messages on every node."""
    count = HISTORY + 30
    with node(redis, "A") as one, node(redis, "B") as other, Member(other, room="elsewhere") as stranger:
        speakers = [Member(one, source=address(number)) for number in range(-(-count // 40))]
        for number in range(count):
            speakers[number % len(speakers)].say("x", f"s-{number}")
        for speaker in speakers:
            assert [speaker.next("message")["seq"] for _ in range(count)] == list(range(1, count + 1))
        with Member(other, epoch=speakers[0].hello["epoch"], after=10) as back:
            assert (back.hello["lost"], back.hello["oldest"]) == (20, 31)
            assert [back.next("message")["seq"] for _ in range(HISTORY)] == list(range(31, count + 1))
        stranger.say("alone", "s-1")
        assert stranger.next("message")["seq"] == 1
        for speaker in speakers:
            speaker.close()


def test_rooms_that_are_in_use_on_another_node_do_not_give_way(node, redis):
    """100 rooms have a history, whichever nodes they are on."""
    with node(redis, "A") as one, node(redis, "B") as other:
        members = []
        for number in range(ROOMS):
            member = Member((one, other)[number % 2], f"room {number}", source=address(number // 30))
            members.append(member)
            member.say("x", "m-1")
            member.next("message")
        with Member(one, "one more", source=address(50)) as more:
            more.say("x", "m-1")
            assert more.next("refused")["why"] == "full"
            members.pop().leave()
            wait_until(lambda: is_kept(more), "there is a place")
        assert redis("HLEN", "io-models:rooms") == ROOMS
        for member in members:
            member.close()


def is_kept(member):
    """Is what it says kept?"""
    member.say("x", "m-1")
    return member.next("message", "refused")["type"] == "message"


def test_a_room_in_which_nothing_is_said_leaves_nothing(node, redis):
    """Its keys expire; those of a room with messages stay."""
    with node(redis, "A") as server:
        with Member(server, "silent"), Member(server, "loud") as loud:
            loud.say("x", "m-1")
            loud.next("message")
        assert 0 < redis("PTTL", "io-models:room:silent") <= 60000
        assert redis("PTTL", "io-models:room:loud") == -1
        server.stop()
    wait_until(lambda: sorted(redis("KEYS", "*")) == [
        f"io-models:{name}" for name in ("ids:loud", "nodes", "room:loud", "room:silent", "rooms", "said:loud")],
               "only what was said is left")


def test_a_clock_that_is_an_hour_off(node, redis, fault_library):
    """It is shown nowhere: the time is that of Redis."""
    wrong = node(redis, "B")
    wrong.environment = faults.make_environment(fault_library, CLOCK_AHEAD_S="3600")
    with node(redis, "A") as right, wrong, Member(right) as ada, Member(wrong) as bob:
        bob.say("what time is it?", "b-1")
        at = ada.next("message")["at"]
        assert bob.next("message")["at"] == at
        assert abs(bob.hello["at"] - at) < seconds(10) * 1000 and abs(ada.hello["at"] - at) < seconds(10) * 1000
        bob.tell(type="time", t=1)
        assert abs(bob.next("time")["at"] - at) < seconds(10) * 1000


# ---- nodes and Redis that are killed ----


def crowd(nodes, count, each):
    """So many phones, with so many texts each."""
    return [Phone(nodes, number, [f"{number}:{text}" for text in range(each)]) for number in range(count)]


def kill(server):
    """kill -9."""
    server.signal(signal.SIGKILL)
    server.wait()


def kill_and_restart(redis):
    """The same for Redis, and it comes back on its port, with its file."""
    redis.kill()
    redis.start()


def test_a_node_is_killed_while_everybody_talks(node, redis):
    """Its phones go on at the others: nothing is lost, nothing comes twice, the order is one."""
    with node(redis, "A") as one, node(redis, "B") as two, node(redis, "C") as three:
        phones = crowd([one, two, three], 12, 30)
        talk(phones, [(100, lambda: kill(two)), (220, lambda: kill(three))])
        assert any(phone.joins == 3 for phone in phones)


def test_redis_is_killed_while_everybody_talks(node, redis):
    """It comes back with its file, and the phones stay where they are."""
    with node(redis, "A") as one, node(redis, "B") as two:
        phones = crowd([one, two], 12, 30)
        talk(phones, [(100, lambda: kill_and_restart(redis)), (200, lambda: kill_and_restart(redis))])
        assert all(phone.joins == 1 for phone in phones)


@pytest.mark.full  # half a million messages are read by Python
def test_a_node_is_killed_in_the_middle_of_10000_messages(node, redis):
    """And started again; and another one is killed."""
    nodes = [node(redis, name) for name in "ABC"]
    with nodes[0], nodes[1], nodes[2], node(redis, "D") as fresh:
        phones = crowd(nodes, 40, 250)
        talk(phones, [(3000, lambda: kill(nodes[1])), (4000, lambda: nodes.append(fresh)), (6000, lambda: kill(nodes[2]))],
             plain=180)


@pytest.mark.full  # half a million messages are read by Python
def test_redis_is_killed_in_the_middle_of_10000_messages(node, redis):
    """Five times."""
    with node(redis, "A") as one, node(redis, "B") as two, node(redis, "C") as three:
        phones = crowd([one, two, three], 40, 250)
        talk(phones, [(1000 + 2000 * number, lambda: kill_and_restart(redis)) for number in range(5)], plain=180)


def test_a_node_that_was_killed_starts_again_under_its_name(node, redis):
    """As soon as Redis has forgotten it; one that has ended in order, at once."""
    with node(redis, "A") as server:
        kill(server)
    begun = time.monotonic()
    with node(redis, "A") as server:
        assert time.monotonic() - begun < seconds(5)
        server.stop()
    begun = time.monotonic()
    with node(redis, "A"):
        assert time.monotonic() - begun < seconds(1)


# ---- Redis is away, slow, full, another ----


def test_redis_is_away(node, redis):
    """The room says so, and that it is back; what is said meanwhile is refused by a word that means: say it again. Who comes
    back meanwhile, to a room that the node knows, is let in, and reads."""
    with node(redis, "A") as one, Member(one, name="Ada", key=key(1)) as ada, Member(one, key=key(2), name="Bob") as bob:
        ada.say("before", "a-1")
        assert ada.next("message")["seq"] == bob.next("message")["seq"] == 1
        redis.kill()
        read_until(ada, "store", state="away")
        ada.say("meanwhile", "a-2")
        assert read_until(ada, "refused")["why"] == "away"
        bob.reset()
        with pytest.raises(Refused) as refused:
            Member(one, room="another")
        assert refused.value.why == "away"
        with Member(one, key=key(2), name="Bob", epoch=ada.hello["epoch"], after=0) as again:
            assert (again.hello["store"], again.hello["name"], again.next("message")["text"]) == ("away", "Bob", "before")
            redis.start()
            begun = time.monotonic()
            read_until(ada, "store", state="here")
            assert time.monotonic() - begun < seconds(1)
            ada.say("meanwhile", "a-2")
            assert read_until(ada, "message")["seq"] == read_until(again, "message")["seq"] == 2
            with Member(one, key=key(3), name="Bob") as other:
                assert other.hello["name"] == "Bob 2"  # the name that was chosen meanwhile is known now
        lines = one.errors().splitlines()
        assert len(lines) == 2 and "away" in lines[0] and "back" in lines[1], lines


def test_a_name_that_two_have_taken_while_redis_was_away(node, redis):
    """Each on its own node: one of them joins again, and gets a number."""
    with node(redis, "A") as one, node(redis, "B") as other, Member(one, key=key(1)) as ada, Member(other, key=key(2)) as eve:
        redis.kill()
        for member in ada, eve:
            read_until(member, "store", state="away")
        with Member(one, name="Zoe", key=key(3)) as first, Member(other, name="Zoe", key=key(4)) as second:
            assert first.hello["name"] == second.hello["name"] == "Zoe"
            redis.start()
            ends = []
            deadline = Deadline(10, "one of them is to join again")
            while not ends:
                ready, _, _ = select.select([first.socket, second.socket], [], [], deadline.left())
                for member in first, second:
                    if member.socket in ready:
                        opcode, payload = member.receive_frame()
                        ends.extend([payload[:2]] if opcode == CLOSE else [])
            assert ends == [close_payload(1012)]


def test_a_break_that_is_short(node, redis):
    """A cut of all connections, in the middle of a message: nobody is told, the message is stored once."""
    with Proxy(redis.port) as proxy, node(proxy, "A") as server, Member(server) as ada, Member(server) as bob:
        cuts = []

        def cut_the_answer(asked, answer):
            if b"store" in asked and not cuts:
                cuts.append(answer)
                return None
            return answer

        proxy.change = cut_the_answer
        ada.say("once", "a-1")
        assert ada.next("message")["seq"] == bob.next("message")["seq"] == 1
        assert cuts and redis("XLEN", "io-models:said:class") == 1
        bob.say("then", "b-1")
        assert ada.next("message")["seq"] == bob.next("message")["seq"] == 2
        assert server.errors() == ""


def test_redis_is_slow(node, redis):
    """1000 messages wait for it; more are refused with a word that means: say it again. All that were not are kept."""
    speakers, each = 28, 40
    with Proxy(redis.port) as proxy, node(proxy, "A") as server:
        members = [Member(server, source=address(number), key=key(number)) for number in range(speakers)]
        time.sleep(0.3)
        proxy.delay = 2
        for count in range(each):
            for number, member in enumerate(members):
                member.say("x", f"{number}-{count}")
        refused = 0
        wait_until(lambda: redis("XLEN", "io-models:said:class") > 0, "Redis has some of them")
        proxy.delay = 0
        for number, member in enumerate(members):
            own = 0
            while own < each:
                message = member.next("message", "refused")
                own += "id" in message
                refused += message["type"] == "refused"
                assert message["type"] == "message" or message["why"] == "busy", message
        assert refused > 0
        assert int(redis("HGET", "io-models:room:class", "last")) == speakers * each - refused >= 1000
        for member in members:
            member.close()


def test_redis_hangs(node, redis):
    """It takes everything and says nothing: after 4 s it is away. The members are served meanwhile."""
    with node(redis, "A") as server, Member(server) as ada:
        redis.signal(signal.SIGSTOP)
        ada.say("x", "a-1")
        begun = time.monotonic()
        ada.tell(type="time", t=1)
        assert ada.next("time")["t"] == 1 and time.monotonic() - begun < seconds(1)
        read_until(ada, "store", state="away")
        assert "no answer for" in server.errors()
        redis.signal(signal.SIGCONT)
        read_until(ada, "message", seq=1)


def test_redis_is_full(node, redis):
    """What is said is refused in Redis's words, and kept again when there is space."""
    with node(redis, "A") as server, Member(server) as ada:
        ada.say("before", "a-1")
        ada.next("message")
        redis("CONFIG", "SET", "maxmemory", "1")
        ada.say("full", "a-2")
        refused = ada.next("refused")
        assert (refused["id"], refused["why"]) == ("a-2", "history") and "OOM" in refused["detail"]
        with pytest.raises(Refused) as other:
            Member(server, key=key(7))
        assert other.value.why == "history" and "OOM" in other.value.detail
        redis("CONFIG", "SET", "maxmemory", "0")
        ada.say("after", "a-2")
        assert ada.next("message")["seq"] == 2
        with Member(server, key=key(7)) as again:
            assert [again.next("message")["text"] for _ in range(2)] == ["before", "after"]


def test_redis_becomes_a_replica(node, redis):
    """It may not be written to: away, until it may."""
    with Redis() as master, node(redis, "A") as server, Member(server) as ada:
        ada.say("before", "a-1")
        ada.next("message")
        redis("REPLICAOF", "127.0.0.1", free_port())
        read_until(ada, "store", state="away")
        redis("REPLICAOF", "NO", "ONE")
        read_until(ada, "store", state="here")
        ada.say("after", "a-2")
        assert read_until(ada, "message")["seq"] == 2
        assert master("PING") == "PONG"


def test_redis_has_forgotten_the_script(node, redis):
    """It is given again."""
    with node(redis, "A") as server, Member(server) as ada:
        redis("SCRIPT", "FLUSH")
        ada.say("x", "a-1")
        assert ada.next("message")["seq"] == 1


def test_redis_has_lost_everything(node, redis):
    """Another epoch: everybody joins again, and numbers begin anew."""
    with node(redis, "A") as one, node(redis, "B") as other, Member(one) as ada, Member(other) as bob:
        ada.say("before", "a-1")
        assert ada.next("message")["seq"] == bob.next("message")["seq"] == 1
        redis("FLUSHALL")
        ada.expect_code(1012)
        bob.expect_code(1012)
        with Member(one, epoch=ada.hello["epoch"], after=1) as again, Member(other) as too:
            assert again.hello["epoch"] == too.hello["epoch"] != ada.hello["epoch"]
            again.say("after", "a-2")
            assert again.next("message")["seq"] == too.next("message")["seq"] == 1


def test_redis_has_lost_its_last_messages(node, redis):
    """It comes back with an old file: numbers would come twice. So it is another epoch, in which what is left is kept."""
    copy = pathlib.Path(redis.directory.name + "-copy")
    with node(redis, "A") as server, Member(server) as ada:
        for number in range(1, 6):
            ada.say(str(number), f"a-{number}")
            ada.next("message")
            if number == 3:
                shutil.copytree(redis.directory.name, copy)
        redis.kill()
        shutil.rmtree(redis.directory.name)
        copy.rename(redis.directory.name)
        redis.start()
        ada.expect_code(1012)
        with Member(server, epoch=ada.hello["epoch"], after=5) as again:
            assert again.hello["epoch"] != ada.hello["epoch"]
            assert [again.next("message")["text"] for _ in range(3)] == ["1", "2", "3"]
            again.say("new", "a-6")
            assert again.next("message")["seq"] == 4


def test_somebody_trims_the_stream(node, redis):
    """Who comes to a node that has no copy is told how many are lost; numbers go on."""
    with node(redis, "A") as one, node(redis, "B") as other, Member(one) as ada:
        for number in range(1, 6):
            ada.say(str(number), f"a-{number}")
            ada.next("message")
        redis("XTRIM", "io-models:said:class", "MAXLEN", "2")
        with Member(other, epoch=ada.hello["epoch"], after=1) as back:
            assert back.hello["lost"] == 2
            assert [back.next("message")["seq"] for _ in range(2)] == [4, 5]
        redis("XTRIM", "io-models:said:class", "MAXLEN", "0")
        with Member(other, epoch=ada.hello["epoch"], after=1) as back:
            assert (back.hello["lost"], back.hello["last"]) == (4, 5)
            ada.say("6", "a-6")
            assert back.next("message")["seq"] == ada.next("message")["seq"] == 6


def test_messages_that_were_deleted_before_they_were_read(node, redis):
    """The members on the slow node are told how many."""
    with Proxy(redis.port) as proxy, node(redis, "A") as one, node(proxy, "B") as slow, Member(slow) as there, Member(one) as ada:
        ada.say("1", "a-1")
        assert there.next("message")["seq"] == ada.next("message")["seq"] == 1
        connection = Connection(redis.port)
        connection("MULTI")
        epoch = ada.hello["epoch"]
        for number in range(2, 6):
            connection("XADD", "io-models:said:class", f"0-{number}", *entry(epoch, id=f"i-{number}", text=str(number)))
        connection("XDEL", "io-models:said:class", "0-2", "0-3")
        connection("EXEC")
        connection.close()
        for member in there, ada:
            assert member.next("lost", "message") == {"type": "lost", "count": 2}
            assert [member.next("message")["seq"] for _ in range(2)] == [4, 5]
        ada.say("6", "a-6")
        assert there.next("message")["seq"] == ada.next("message")["seq"] == 6


def entry(the_epoch, **changes):
    """The fields of a message in a stream, some of them otherwise. None takes one out."""
    fields = {"epoch": the_epoch, "owner": "0" * 32, "id": "i-1", "from": "Eve", "text": "hello", "at": "1.5", **changes}
    return [word for name, value in fields.items() if value is not None for word in (name, value)]


ENTRIES = {
    "no text": {"text": None}, "an empty text": {"text": ""}, "a text that is too long": {"text": "x" * 4097},
    "a text that is very long": {"text": "x" * 3_000_000}, "a text that is not UTF-8": {"text": b"\xc3("},
    "a NUL": {"text": b"a\0b"}, "a name that is none": {"from": "\u202e"}, "a name that is too long": {"from": "x" * 33},
    "an owner that is none": {"owner": "x"}, "an id that is too long": {"id": "x" * 65}, "no time": {"at": "soon"},
    "an endless time": {"at": "inf"}, "no epoch": {"epoch": None}, "another epoch": {"epoch": "f" * 16},
    "an id for the second time": {"id": "a-1"}, "a message": {}, "fields without end": {f"f{number}": "x" for number in range(5000)},
}


def test_somebody_writes_to_the_streams(node, redis):
    """What is no message is left out, with a line, and told as lost; what is one is heard; on each node, now and later."""
    rooms = {}
    with node(redis, "A") as one, node(redis, "B") as other:
        for number, (name, changes) in enumerate(ENTRIES.items()):
            rooms[name] = ada = Member(one, room=name, key=key(number), source=address(number))
            stream = f"io-models:said:{name}"
            ada.say("before", "a-1")
            ada.next("message")
            if name == "an id for the second time":
                said = redis("XRANGE", stream, "-", "+")[0][1]
                changes["owner"] = said[said.index("owner") + 1]
            redis("XADD", stream, "0-*", *entry(ada.hello["epoch"], **changes))
            redis("XADD", stream, "0-*", *entry(ada.hello["epoch"], id="i-2", text="well made"))
            if name in ("a message", "fields without end"):  # besides, all is there
                assert ada.next("message")["text"] == "hello", name
            else:
                assert ada.next("lost", "message") == {"type": "lost", "count": 1}, name
            assert ada.next("message")["text"] == "well made", name
            ada.say("after", "a-2")
            assert ada.next("message")["seq"] == 4, name
        for number, (name, ada) in enumerate(rooms.items()):
            with Member(other, room=name, source=address(number)) as bob:
                heard = [bob.next("message", "lost") for _ in range(4)]
                assert [each.get("text") for each in heard][2:] == ["well made", "after"], (name, heard)
            ada.close()
        for server in one, other:
            assert "left out" in server.errors()


def test_ids_after_which_no_number_can_come(node, redis):
    """XADD with "*" has the time as id, and then 0-* is no longer possible: those entries are removed, ours stay."""
    with node(redis, "A") as one, node(redis, "B") as other:
        for alien in "*", "0-18446744073709551615", "5-5":
            name, stream = f"room of {alien[-5:]}", f"io-models:said:room of {alien[-5:]}"
            with Member(one, name) as ada, Member(other, name) as bob:
                for number in range(1, 4):
                    ada.say(str(number), f"a-{number}")
                    assert ada.next("message")["seq"] == bob.next("message")["seq"] == number
                    redis("XADD", stream, alien, "text", "alien")
                bob.say("4", "b-4")
                assert ada.next("message")["seq"] == bob.next("message")["seq"] == 4
                wait_until(lambda key=stream: [each[0] for each in redis("XRANGE", key, "-", "+")] == [
                    "0-1", "0-2", "0-3", "0-4"], "only ours are left")
        redis("XADD", stream, "*", "text", "alien")
        with Member(one, name) as newcomer:
            assert [newcomer.next("message")["seq"] for _ in range(4)] == [1, 2, 3, 4]
        assert "removed" in one.errors() and "removed" in other.errors()


def test_the_stream_is_deleted(node, redis):
    """Numbers would begin again: another epoch."""
    with node(redis, "A") as server, Member(server, key=key(1)) as ada:
        ada.say("1", "a-1")
        ada.next("message")
        redis("DEL", "io-models:said:class")
        ada.say("2", "a-2")
        ada.expect_code(1012)
        with Member(server, key=key(1), epoch=ada.hello["epoch"], after=1) as again:
            assert (again.hello["epoch"] != ada.hello["epoch"], again.hello["last"]) == (True, 0)
            again.say("2", "a-2")
            assert again.next("message")["seq"] == 1


def test_a_key_that_is_no_stream(node, redis):
    """That room says so, in Redis's words; the other rooms go on."""
    with node(redis, "A") as server, Member(server, room="broken") as ada, Member(server) as bob:
        redis("SET", "io-models:said:broken", "x")
        ada.say("x", "a-1")
        refused = ada.next("refused")
        assert refused["why"] == "history" and "WRONGTYPE" in refused["detail"]
        for number in range(3):
            bob.say("y", f"b-{number}")
            assert bob.next("message")["seq"] == number + 1
        redis("DEL", "io-models:said:broken")
        ada.say("x", "a-2")
        assert read_until(ada, "message", plain=5)["seq"] == 1


def test_names_that_somebody_writes(node, redis):
    """Anything may be there as another node's members."""
    with node(redis, "A") as one, node(redis, "B") as other, Member(one, name="Ada") as ada, Member(other, name="Bob"):
        read_until(ada, "here", members=2)
        here = next(name for name in redis("KEYS", "io-models:here:class:*") if "Bob" in str(redis("HGETALL", name)))
        for names, count in (("[1, {}, \"" + "x" * 99 + "\", \"Eve\"]", "7"), ("{", "-5"), ("[" * 100000, "x"), ("", "1e9")):
            redis("HSET", here, "names", names, "members", count, "version", names[:5] + count)
            time.sleep(0.05)
        with Member(one, name="Zoe") as zoe:
            assert "Ada" in zoe.hello["names"]


# ---- starting ----


@pytest.mark.parametrize("options, word", [
    (("--redis", "nowhere.invalid:1"), "name a host"), (("--redis", "127.0.0.1:x"), "HOST:PORT"), (("--redis", ":1"), "HOST:PORT"),
    (("--redis", "127.0.0.1:0"), "HOST:PORT"), (("--redis", "127.0.0.1:65536"), "HOST:PORT"), (("--redis", ""), "HOST:PORT"),
    (("--redis", "127.0.0.1:1", "--history", "x.db"), "leave out --history"), (("--node", "A"), "--redis"),
    (("--redis", "127.0.0.1:1", "--echo"), "leave out --echo"),
    (("--redis", "127.0.0.1:1", "--node", "a b"), "visible"), (("--redis", "127.0.0.1:1", "--node", ""), "visible"),
    (("--redis", "127.0.0.1:1", "--node", "x" * 65), "visible"), (("--redis-password-file", "x"), "--redis"),
    (("--redis", "127.0.0.1:1", "--redis-password-file", "/nowhere/x"), "first line"),
    (("--redis", "127.0.0.1:1"), "Connection refused"),
])
def test_options_that_cannot_be(demo, options, word):
    """One line: what, why, what to do."""
    assert word in refusal(demo, *options)


def test_a_redis_that_will_not_do(demo, redis):
    """Too old; a replica; no Redis at all; one that says nothing."""
    with Proxy(redis.port) as proxy:
        proxy.change = lambda asked, answer: answer.replace(b"redis_version:7.", b"redis_version:6.").replace(
            b"redis_version:8.", b"redis_version:6.")
        said = refusal(demo, "--redis", proxy.place)
        assert "it is Redis 6." in said and "7 or later" in said
        proxy.change = lambda asked, answer: b"HTTP/1.1 400 Bad Request\r\n\r\n"
        assert "is that a Redis" in refusal(demo, "--redis", proxy.place)
        proxy.delay = 3
        assert "is that a Redis" in refusal(demo, "--redis", proxy.place)
    redis("REPLICAOF", "127.0.0.1", free_port())
    assert "replica" in refusal(demo, "--redis", redis.place)


def test_a_redis_with_a_password(demo, tmp_path, monkeypatch):
    """In the environment, or in a file."""
    monkeypatch.delenv("IO_MODELS_REDIS_PASSWORD", raising=False)
    path = tmp_path / "password"
    with Redis(*Redis.KEEPS, "--requirepass", "pass word") as redis:
        assert "IO_MODELS_REDIS_PASSWORD" in refusal(demo, "--redis", redis.place)
        path.write_text("wrong\n", encoding="ascii")
        said = refusal(demo, "--redis", redis.place, "--redis-password-file", path)
        assert "does not take the password" in said and "WRONGPASS" in said
        path.write_text("pass word\n", encoding="ascii")
        with demo("--redis", redis.place, "--redis-password-file", path) as server, Member(server) as ada:
            ada.say("x", "a-1")
            assert ada.next("message")["seq"] == 1
        monkeypatch.setenv("IO_MODELS_REDIS_PASSWORD", "pass word")
        with demo("--redis", redis.place) as server, Member(server):
            server.stop()


def test_two_nodes_of_one_name(demo, node, redis):
    """The second one does not start; the first one goes on."""
    with node(redis, "A") as first, Member(first) as ada:
        assert "there is a node named A already" in refusal(demo, "--redis", redis.place, "--node", "A")
        ada.say("x", "a-1")
        assert ada.next("message")["seq"] == 1


@pytest.mark.parametrize("options, word", [
    (("--appendonly", "no"), "appendonly is off"), (("--appendonly", "yes"), "appendfsync is everysec"),
    (("--appendonly", "yes", "--appendfsync", "no"), "")])
def test_what_would_not_survive_is_said(demo, options, word):
    """In one line, at the start."""
    with Redis(*options) as redis, demo("--redis", redis.place) as server, Member(server) as ada:
        assert ada.hello["durable"] == (word == "")
        assert server.errors().count("\n") == (word != "") and word in server.errors()


def test_a_client_that_does_not_wait_for_hello(node, redis):
    """What it says with its handshake is refused with a word that means: say it again."""
    with Proxy(redis.port) as proxy, node(proxy, "A") as server:
        proxy.delay = 0.3
        early = Peer(server)
        member = Member.__new__(Member)
        member.__dict__.update(early.__dict__)
        member.send(upgrade(path="/room?room=class") + frame(TEXT, b'{"type":"say","id":"e-1","text":"x"}'))
        member.expect_upgrade()
        assert member.next("refused")["why"] == "busy"
        member.next("hello")
        member.say("x", "e-1")
        assert member.next("message")["seq"] == 1
        gone = Peer(server)
        gone.send(upgrade(path="/room?room=class&name=Gone"))
        gone.reset()  # before it has its name
        time.sleep(0.7)
        proxy.delay = 0

        def is_free():
            with Member(server, name="Gone") as again:
                return again.hello["name"] == "Gone"

        wait_until(is_free, "nobody has the name of who has gone")
        member.close()


def test_a_client_that_comes_before_the_cluster_is_joined(demo, redis):
    """A node that starts again at its port: it is accepted as soon as the rooms are there."""
    port = free_port()
    with Proxy(redis.port) as proxy:
        proxy.delay = 0.15
        server = demo("--redis", proxy.place, "--node", "A", "--port", port)
        server.port = port
        with subprocess.Popen(server.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as started:
            deadline = Deadline(10, "it takes connections")
            member = None
            while not member:
                deadline.left()
                with contextlib.suppress(ConnectionRefusedError):
                    member = Member(server, name="early")
            assert started.stdout.readline().startswith(b"listening on")
            assert member.hello["name"] == "early"
            started.terminate()
            assert started.wait(seconds(10)) == 0
            member.close()


def test_a_signal_while_the_cluster_is_joined(demo, redis):
    """It ends, in order."""
    with Proxy(redis.port) as proxy:
        proxy.delay = 0.3
        with subprocess.Popen(demo("--redis", proxy.place).command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as started:
            wait_until(lambda: redis("KEYS", "io-models:node:*"), "it has its name")
            started.terminate()
            assert started.wait(seconds(10)) == 0


def test_more_than_can_be_read(node, redis, request):
    """40 MB in one entry: it is not read, everybody joins again, and the room goes on without it."""
    with node(redis, "A") as server, Member(server) as ada:
        ada.say("before", "a-1")
        ada.next("message")
        redis("XADD", "io-models:said:class", "0-*", *entry(ada.hello["epoch"], text="x" * 40_000_000))
        read_until_code(ada, 1012)
        with Member(server, epoch=ada.hello["epoch"], after=1) as again:
            assert again.hello["epoch"] == ada.hello["epoch"]
            again.say("after", "a-2")
            assert [again.next("message", "lost").get("seq", "lost") for _ in range(2)] == ["lost", 3]
        assert "more than can be read" in server.errors()
        if not request.config.getoption("--sanitizer"):  # which keeps what was freed
            assert server.private_kib() < 100_000


def read_until_code(member, code):
    """Everything up to a close frame with this code."""
    while True:
        opcode, payload = member.receive_frame()
        if opcode == CLOSE:
            assert payload[:2] == close_payload(code)
            return


def test_redis_ends_while_it_is_asked(node, redis):
    """Whoever joins just then is told, and comes later."""
    with node(redis, "A") as server:
        redis.signal(signal.SIGSTOP)
        with pytest.raises((Refused, RedisError, EOFError)) as refused:
            started = Peer(server)
            started.close()
            redis.kill()
            Member(server)
        assert isinstance(refused.value, Refused) and refused.value.why == "away"
        redis.start()
        wait_until(lambda: joins(server), "it is let in")


def joins(server):
    """Can a member join?"""
    try:
        Member(server).close()
        return True
    except Refused:
        return False
