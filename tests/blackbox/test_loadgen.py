"""The load generator on trial: what it calls clean is clean, and what is not, it names."""
import socket

import pytest

import misbehaving
from misbehaving import Misbehaving

CLASSES = {"connect_refused", "connect_timeout", "connect_reset", "client_limit", "handshake_timeout",
           "handshake_rejected", "starved", "reply_timeout", "reset_mid_run", "eof_mid_run", "mismatch",
           "protocol_error"}

MISTAKES = {
    "unknown option": ["--colour", "blue"],
    "bad number": ["--clients", "many"],
    "no clients": ["--clients", "0"],
    "no port": [],
    "port too large": ["--port", "65536"],
    "unknown protocol": ["--port", "1", "--protocol", "http"],
    "negative duration": ["--port", "1", "--duration", "-1"],
    "NaN": ["--port", "1", "--duration", "nan"],
    "unknown class": ["--explain", "bad_luck"],
    "unknown io": ["--port", "1", "--io", "select"],
    "more active than there are": ["--port", "1", "--clients", "2", "--active", "3"],
    "connecting again at a rate": ["--port", "1", "--reconnect", "--rate", "10"],
}


@pytest.mark.parametrize("behave, protocol, failure", [
    (misbehaving.wrong_bytes, "echo", "mismatch"),
    (misbehaving.break_off, "echo", "reset_mid_run"),
    (misbehaving.leave, "echo", "eof_mid_run"),
    (misbehaving.silent, "echo", "starved"),
    (misbehaving.unavailable, "ws", "handshake_rejected"),
    (misbehaving.silent_after_upgrade, "ws", "starved"),
    (misbehaving.close_1011, "ws", "protocol_error"),
    (misbehaving.reserved_opcode, "ws", "protocol_error"),
], ids=lambda value: getattr(value, "__name__", value))
def test_every_misbehaviour_has_its_name(either_loadgen, behave, protocol, failure):
    """Each of 5 clients fails, once, for the right reason; status 1."""
    with Misbehaving(behave, protocol) as server:
        result = either_loadgen(server, clients=5)
    assert result.status == 1
    assert {name: count for name, count in result.report["failures"].items() if count} == {failure: 5}
    assert set(result.report["failures"]) == CLASSES
    assert result.report["http_status"] == (503 if failure == "handshake_rejected" else None)


def test_a_close_code_is_reported(loadgen):
    """The server's own word for what went wrong."""
    with Misbehaving(misbehaving.close_1011, "ws") as server:
        assert loadgen(server, clients=1).report["close_code"] == 1011


@pytest.mark.parametrize("behave, protocol, failure", [
    (misbehaving.forgetful, "echo", "reply_timeout"),
    (misbehaving.silent, "ws", "handshake_timeout"),
], ids=["reply_timeout", "handshake_timeout"])
def test_what_takes_longer_than_the_timeout_fails(either_loadgen, behave, protocol, failure):
    """--timeout 0.5 in a run of 2 seconds."""
    with Misbehaving(behave, protocol) as server:
        result = either_loadgen(server, clients=5, duration=2, timeout=0.5)
    assert result.report["failures"][failure] == 5 == result.report["failures_total"]


def test_nobody_there_is_no_measurement(loadgen):
    """Nothing listens: one line and status 2."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        done = loadgen.run("--port", unused.getsockname()[1], "--clients", 3, "--duration", 1, "--quiet")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr


@pytest.mark.parametrize("about", MISTAKES)
def test_mistakes_cost_one_line_and_status_2(loadgen, about):
    """As with the servers."""
    done = loadgen.run(*MISTAKES[about])
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr


def test_explain_says_every_class(loadgen):
    """All of them, and each alone."""
    done = loadgen.run("--explain", "all")
    assert done.returncode == 0
    assert all(name in done.stdout for name in CLASSES | {"unfinished"})
    assert "starved" in loadgen.run("--explain", "starved").stdout


def test_json_on_stdout_stands_alone(server_of, loadgen):
    """`--json -`: the human words go to stderr."""
    with server_of("nio", "echo") as server:
        done = loadgen.run("--port", server.port, "--clients", 2, "--duration", 0.2, "--warmup", 0, "--json", "-",
                           "--quiet")
    assert done.returncode == 0
    assert done.stdout.startswith("{") and done.stdout.rstrip().endswith("}")
    assert done.stderr


def test_totals_agree_with_the_servers_own(serve, protocol, either_loadgen):
    """Two programs counted the same bytes and messages."""
    with serve(protocol) as server:
        result = either_loadgen(server, clients=20, size=1000, pipeline=4, duration=0.5)
        assert result.status == 0, result.report["failures"]
        stats, totals = server.stop(), result.report["totals"]
    assert (totals["bytes_sent"], totals["bytes_received"]) == (stats["bytes_in"], stats["bytes_out"])
    assert totals["messages"] > 0
    if protocol == "ws":
        assert totals["messages"] == stats["messages"]


def test_a_clean_run_is_told_in_full(server_of, either_loadgen, tmp_path):
    """Memory, CPU and switches of the server, fairness, Little's law, and the histogram file."""
    histogram = tmp_path / "histogram.hgrm"
    with server_of("nio", "echo") as server:
        result = either_loadgen(server, clients=10, warmup=0.5, server_pid=server.pid, histogram=histogram)
    report = result.report
    assert result.status == 0
    assert report["options"]["clients"] == report["clients"]["asked"] == report["clients"]["served"] == 10
    assert 0 < report["per_client"]["jain"] <= 1
    assert report["per_client"]["min"] <= report["per_client"]["median"] <= report["per_client"]["max"]
    assert report["window"]["messages"] < report["totals"]["messages"], "the warm-up is not in the window"
    assert report["cpu"]["server_s"] > 0 and report["memory"]["server_after_kib"] > 0
    assert report["context_switches"]["voluntary"] >= 0
    assert abs(report["littles_law"]["deviation"]) < 0.1
    latency = report["latency"]["service"]
    assert 0 < latency["min_us"] <= latency["p50_us"] <= latency["p99_us"] <= latency["max_us"]
    assert "1.0000" in histogram.read_text(encoding="utf-8")


def test_the_rate_asked_is_the_rate_made(server_of, either_loadgen):
    """Open loop: 2,000 messages a second, within 2%, with both latencies."""
    with server_of("nio", "echo") as server:
        result = either_loadgen(server, clients=20, rate=2000, duration=2, warmup=0.5)
    assert result.status == 0
    assert abs(result.report["window"]["messages_per_s"] - 2000) < 40
    assert result.report["latency"]["response"]["count"] > 0


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_share_the_clients(server_of, either_loadgen, threads):
    """No client is lost between two threads."""
    with server_of("nio", "ws") as server:
        result = either_loadgen(server, clients=31, threads=threads, duration=0.5)
    assert result.status == 0
    assert result.report["clients"]["served"] == 31


def test_connecting_again_and_again(serve, protocol, either_loadgen):
    """--reconnect: a connection for each message, all closed in order, and all of them the server's own count."""
    with serve(protocol) as server:
        result = either_loadgen(server, "--reconnect", clients=10, duration=0.3, source_ips="127.0.0.1,127.0.0.2")
        assert result.status == 0, result.report["failures"]
        stats, totals = server.stop(), result.report["totals"]
    assert totals["messages"] > 50
    assert stats["accepted"] - 10 <= totals["messages"] <= stats["accepted"] + 10
    assert stats["closed"]["peer" if protocol == "echo" else "handshake"] >= totals["messages"] - 10
    assert stats["closed"]["reset"] <= 10, "only what was under way when the time was up"


def test_only_the_active_go_on(server_of, either_loadgen):
    """--active 3 of 20: everybody is served once, three are served on, and fairness is theirs."""
    with server_of("nio", "ws") as server:
        result = either_loadgen(server, clients=20, active=3, duration=0.3)
    assert result.status == 0 and result.report["clients"]["served"] == 20
    assert result.report["per_client"]["min"] > 10
    assert abs(result.report["littles_law"]["deviation"]) < 0.2
