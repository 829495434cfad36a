"""The chaos client: each kind does what it says, and what it does to good clients beside it is nothing that fails."""
import itertools
import socket
import threading
import time

import pytest

from clients import client
from misbehaving import Misbehaving, echo, silent, unavailable, upgrade
from timing import seconds, wait_until

HALF, ALL_MESSAGES = 32, 4096
CALM = ["fragment", "sticky", "half_then_stall", "reset", "vanish", "slow_reader", "garbage", "reconnect_storm", "slowloris",
        "oversize"]


def test_every_kind_is_listed(loadgen):
    """By `--chaos help`, a line each."""
    lines = loadgen.run("--chaos", "help").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [*CALM, "flash"]
    assert all(len(line.split()) > 1 for line in lines)


@pytest.mark.parametrize("words, about", [
    (["--chaos", "earthquake"], "no such kind"),
    (["--chaos-clients", "5"], "of what kind"),
    (["--chaos", "reset", "--chaos-clients", "0"], "whole number"),
    (["--chaos", "reset", "--search", "rate"], "not for a --search"),
    (["--chaos", "flash", "--search", "rate"], "not for a --search"),
    (["--chaos", "flash", "--reconnect"], "--reconnect"),
    (["--chaos", "flash", "--chaos-clients", "5"], "has no others"),
])
def test_mistakes_cost_one_line(loadgen, words, about):
    """And status 2."""
    done = loadgen.run(*words)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and about in done.stderr


class Recorder:
    """An echo server that keeps what its bad clients sent, and how it ended. They begin with "(", the good one with "/"."""

    def __init__(self):
        self.lock, self.seen = threading.Lock(), []

    def __call__(self, connection):
        record = {"bytes": 0, "pieces": 0, "end": "open", "bad": None}
        with self.lock:
            self.seen.append(record)
        try:
            while piece := connection.recv(65536):
                record["bad"] = piece[:1] == b"(" if record["bad"] is None else record["bad"]
                record["bytes"] += len(piece)
                record["pieces"] += 1
                connection.sendall(piece)
            record["end"] = "fin"
        except ConnectionResetError:
            record["end"] = "reset"

    def bad(self):
        """What the bad ones did; one that said nothing is one of them."""
        with self.lock:
            return [record for record in self.seen if record["bad"] is not False]

    def good(self):
        """What the good ones did."""
        with self.lock:
            return [record for record in self.seen if record["bad"] is False]


def record(loadgen, kind, **options):
    """Runs a kind beside one good client, against a recorder."""
    recorder = Recorder()
    with Misbehaving(recorder) as server:
        result = loadgen(server, clients=1, rate=50, duration=0.7, chaos=kind, chaos_clients=2, **options)
        assert result.status == 0, result.report["failures"]
        made = result.report["chaos"]["connections"]
        wait_until(lambda: len(recorder.bad()) >= made, "every connection has its thread")
        bad = recorder.bad()
    assert len(recorder.good()) == 1, "the two are told apart"
    assert len(bad) - made <= 2, "some that were being made when it ended"
    assert f"2 x {kind}" in result.stdout
    return bad, result.report["chaos"]


def test_halves_and_silence(loadgen):
    """half_then_stall sends 32 bytes and stays; vanish stays without a word; slowloris has a byte every half second."""
    for kind, least, most in ("half_then_stall", HALF, HALF), ("vanish", 0, 0), ("slowloris", 1, 8):
        bad, tally = record(loadgen, kind)
        assert len(bad) == 2 and all(least <= one["bytes"] <= most for one in bad), kind
        assert (tally["ended_by_server"], tally["refused"]) == (0, 0)


def test_resets(loadgen):
    """Half a message, RST, and again."""
    bad, _ = record(loadgen, "reset")
    assert len(bad) > 10
    assert all(one["bytes"] in (0, HALF) and one["end"] == "reset" for one in bad[:-2])
    assert sum(one["bytes"] == HALF for one in bad) > 10


def test_a_storm_of_connections(loadgen):
    """Made, and cut, without a byte."""
    bad, _ = record(loadgen, "reconnect_storm")
    assert len(bad) > 40 and all(one["bytes"] == 0 for one in bad)


def test_pieces_and_floods(loadgen):
    """fragment: about a thousand bytes a second; sticky: 4 KiB at a time; slow_reader: all that the kernel takes."""
    bad, _ = record(loadgen, "fragment")
    assert all(50 < one["bytes"] < 5000 and one["bytes"] / one["pieces"] < 3 for one in bad)
    bad, _ = record(loadgen, "sticky")
    assert all(one["bytes"] > 10 * ALL_MESSAGES and one["bytes"] / one["pieces"] > 1000 for one in bad)
    bad, tally = record(loadgen, "slow_reader")
    assert tally["bytes_sent"] > 2 * 65536 and all(one["end"] in ("open", "reset") for one in bad)


@pytest.mark.dealt("ten kinds, to twelve servers", "model", "protocol")
@pytest.mark.parametrize("chaos", CALM)
def test_good_clients_do_not_fail_beside_bad_ones(serve, loadgen, protocol, chaos):
    """Whatever the others do; and the server ends in order afterwards."""
    with serve(protocol) as server:
        result = loadgen.patiently(server, clients=5, rate=200, chaos=chaos, chaos_clients=5,
                                   enough=lambda result: result.report["chaos"]["connections"] >= 5)
        assert result.status == 0, result.failures()
        assert result.report["chaos"]["connections"] >= 5
        server.stop()


def test_the_chaos_is_over_when_the_run_is(server_of, loadgen):
    """No connection is left behind."""
    with server_of("nio", "ws") as server:
        with client(server) as one:
            one.roundtrip()
            with_one = server.open_files()
        loadgen(server, clients=1, duration=0.2, chaos="vanish", chaos_clients=50)
        wait_until(lambda: server.open_files() == with_one - 1, "all have gone")
        assert server.stop()["peak"] == 51


# ---------------------------------------------------------------- flash: the good ones are cut off

def all_came_back(result, clients):
    """Nobody failed, everybody has a new connection and an answer over it, and no message was lost."""
    chaos = result.report["chaos"]
    assert result.status == 0, result.report["failures"]
    assert (chaos["kind"], chaos["clients"]) == ("flash", clients) and chaos["connections"] >= clients
    assert chaos["all_back_s"] > 0  # null, where one did not come back
    assert result.report["unfinished"]["count"] == 0
    assert f"flash: {clients} clients cut off" in result.stdout and "all back after" in result.stdout
    return chaos


def only_the_edge_is_unsent(result, duration_s):
    """What was due in the last moment of the window may be; what was due in the outage, in its middle, would be older."""
    return result.report["unsent"]["oldest_s"] < duration_s / 2 - 0.2


@pytest.mark.dealt("to the server both protocols are bytes", "protocol")
def test_after_a_flash_all_come_back(serve, protocol, loadgen):
    """With what they had in flight; to every server, which has seen a reset of each."""
    with serve(protocol) as server:
        result = loadgen(server, clients=30, pipeline=8, duration=0.6, chaos="flash")
        assert all_came_back(result, 30)["resent"] > 0
        result = loadgen(server, clients=10, rate=100, duration=1.6, chaos="flash")
        assert all_came_back(result, 10)["resent"] >= 0
        assert only_the_edge_is_unsent(result, 1.6)
        stats = server.stop()
    assert stats["accepted"] >= 80 and stats["closed"]["reset"] >= 40


def test_a_flash_with_threads_and_large_messages(server_of, either_loadgen, protocol):
    """When the cut goes through messages half sent and half received; idle clients come back, too."""
    with server_of("nio", protocol) as server:
        result = either_loadgen(server, clients=40, active=30, threads=2, size=50000, pipeline=4,
                                duration=max(0.8, seconds(0.4)), chaos="flash")
    assert all_came_back(result, 40)["resent"] >= 30


SIZE = 64


class Surgery:
    """An echo server of one client, slow enough that there is nearly always something in flight. It keeps what came over
    each connection, and counts the resets; `serves()` is asked for each after it."""

    def __init__(self, serves=lambda: True):
        self.serves, self.got, self.resets = serves, [], 0

    def __call__(self, connection):
        got = bytearray()
        if self.got and not self.serves():
            closes_at_once(connection)
            return
        self.got.append(got)
        try:
            while piece := connection.recv(65536):
                got += piece
                time.sleep(0.01)
                connection.sendall(piece)
        except ConnectionResetError:
            self.resets += 1

    def messages(self, index):
        """The whole ones that came over a connection."""
        got = bytes(self.got[index])
        return [got[at:at + SIZE] for at in range(0, len(got) - SIZE + 1, SIZE)]


def test_the_sequence_has_no_gap(either_loadgen):
    """The first message of the new connection is one of the old, or the next; and each that was asked was answered."""
    surgery = Surgery()
    with Misbehaving(surgery) as server:
        result = either_loadgen(server, clients=1, pipeline=5, size=SIZE, duration=0.6, chaos="flash")
        chaos = all_came_back(result, 1)
        old, new = surgery.messages(0), surgery.messages(1)
    assert surgery.resets == 1 and len(surgery.got) == 2
    assert new[0] in old, "it begins again with what was in flight"
    again = old[old.index(new[0]):]
    assert new[:len(again)] == again, "in the same order"
    assert 1 <= len(again) <= chaos["resent"] <= 5
    assert len({*old, *new}) == len(old) + len(new) - len(again) == result.report["totals"]["messages"]


def answer_frames(connection):
    """A WebSocket server for small frames that drops what came together with the handshake, and takes its time."""
    upgrade(connection)
    while head := connection.recv(6, socket.MSG_WAITALL):
        mask, masked = head[2:6], connection.recv(head[1] & 0x7f, socket.MSG_WAITALL)
        plain = bytes(byte ^ mask[at % 4] for at, byte in enumerate(masked))
        time.sleep(0.005)
        connection.sendall(bytes([head[0], len(plain)]) + plain)
        if head[0] == 0x88:
            connection.shutdown(socket.SHUT_WR)
            return


def closes_at_once(connection):
    """Accepts, and that is all."""
    connection.shutdown(socket.SHUT_RDWR)


def test_nothing_is_sent_before_the_new_handshake(either_loadgen):
    """Of what was in flight; a server that drops what comes too early would never answer it."""
    with Misbehaving(answer_frames, "ws") as server:
        all_came_back(either_loadgen(server, clients=1, pipeline=3, duration=0.6, chaos="flash"), 1)


def test_what_falls_due_meanwhile_is_late_and_not_lost(either_loadgen):
    """A server that turns a client away 20 times, with 5 ms between: what was due is answered; the outage shows."""
    attempts = itertools.count(1)
    with Misbehaving(Surgery(lambda: next(attempts) > 20)) as server:
        result = either_loadgen(server, clients=1, pipeline=16, rate=200, duration=1.6, size=SIZE, chaos="flash")
    chaos = all_came_back(result, 1)
    assert chaos["refused"] == 20 and chaos["all_back_s"] >= 0.1
    assert result.report["totals"]["messages"] + result.report["unsent"]["count"] == 320
    assert only_the_edge_is_unsent(result, 1.6)
    assert result.report["latency"]["response"]["max_us"] > 0.5e6 * chaos["all_back_s"]


@pytest.mark.parametrize("afterwards, protocol, failure", [
    (closes_at_once, "echo", "connect_reset"),
    (unavailable, "ws", "handshake_rejected"),
    (silent, "echo", "reply_timeout"),
], ids=["closes", "503", "silent"])
def test_a_server_that_does_not_serve_again_fails(either_loadgen, afterwards, protocol, failure):
    """Each client once, by its class; where it was turned away, after a second of trying."""
    places = threading.Semaphore(3)

    def once(connection):
        first = places.acquire(blocking=False)
        (afterwards if not first else answer_frames if protocol == "ws" else echo)(connection)

    with Misbehaving(once, protocol) as server:
        result = either_loadgen(server, clients=3, rate=60, duration=4, timeout=2, chaos="flash")
    assert result.status == 1
    assert {name: count for name, count in result.report["failures"].items() if count} == {failure: 3}
    assert result.report["chaos"]["all_back_s"] is None and "3 not back" in result.stdout
    assert (result.report["chaos"]["refused"] > 3) == (afterwards is not silent)  # more than one attempt each
