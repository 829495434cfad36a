"""The chaos client: each kind does what it says, and what it does to good clients beside it is nothing that fails."""
import threading

import pytest

from clients import client
from misbehaving import Misbehaving
from timing import wait_until

HALF, ALL_MESSAGES = 32, 4096
CALM = ["fragment", "sticky", "half_then_stall", "reset", "vanish", "slow_reader", "garbage", "reconnect_storm", "slowloris",
        "oversize"]


def test_every_kind_is_listed(loadgen):
    """By `--chaos help`, a line each."""
    lines = loadgen.run("--chaos", "help").stdout.splitlines()
    assert [line.split()[0] for line in lines] == CALM
    assert all(len(line.split()) > 1 for line in lines)


@pytest.mark.parametrize("words, about", [
    (["--chaos", "earthquake"], "no such kind"),
    (["--chaos-clients", "5"], "of what kind"),
    (["--chaos", "reset", "--chaos-clients", "0"], "whole number"),
    (["--chaos", "reset", "--search", "rate"], "not for a --search"),
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


@pytest.mark.parametrize("chaos", CALM)
def test_good_clients_do_not_fail_beside_bad_ones(serve, loadgen, protocol, chaos):
    """Whatever the others do; and the server ends in order afterwards."""
    with serve(protocol) as server:
        result = loadgen(server, clients=5, rate=200, duration=0.3, chaos=chaos, chaos_clients=5)
        assert result.status == 0, result.report["failures"]
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
