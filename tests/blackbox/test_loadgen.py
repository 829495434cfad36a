"""The load generator on trial: what it calls clean is clean, and what is not, it names."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import types

import pytest

import misbehaving
from littles_law import assert_littles_law
from misbehaving import Misbehaving
from timing import seconds

CLASSES = {"connect_refused", "connect_timeout", "connect_reset", "client_limit", "handshake_timeout",
           "handshake_rejected", "starved", "reply_timeout", "reset_mid_run", "eof_mid_run", "mismatch",
           "protocol_error", "tls", "truncated"}

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
    "two rates": ["--port", "1", "--rate", "10", "--client-rate", "10"],
    "unknown search": ["--port", "1", "--search", "latency"],
    "a limit, and no search": ["--port", "1", "--p99-ms", "10"],
    "the clients that are looked for": ["--port", "1", "--search", "clients", "--clients", "10"],
    "the rate that is looked for": ["--port", "1", "--search", "rate", "--client-rate", "10"],
    "a search upside down": ["--port", "1", "--search", "clients", "--search-min", "10", "--search-max", "9"],
    "too many clients": ["--port", "1", "--search", "clients", "--search-max", "2000000"],
    "a latency that no run can show": ["--port", "1", "--search", "clients", "--duration", "1", "--p99-ms", "1000"],
    "no message in a run": ["--port", "1", "--search", "clients", "--duration", "1", "--client-rate", "0.5"],
    "afterwards, but of whom": ["--port", "1", "--aftermath"],
    "afterwards, but of which run": ["--port", "1", "--aftermath", "--server-pid", "1", "--search", "rate"],
    "a process that is no number": ["--port", "1", "--server-pid", "1,init"],
    "no process between two commas": ["--port", "1", "--server-pid", "1,,2"],
    "a process twice": ["--port", "1", "--server-pid", "1,2,1"],
    "too many processes": ["--port", "1", "--server-pid", ",".join(map(str, range(1, 66)))],
    "one of two processes is not there": ["--port", "1", "--server-pid", f"{os.getpid()},4194305"],
    "a certificate, and no TLS": ["--port", "1", "--ca", "ca.pem"],
    "bad clients that speak no TLS": ["--port", "1", "--tls", "--chaos", "garbage"],
    "afterwards without TLS": ["--port", "1", "--tls", "--aftermath", "--server-pid", str(os.getpid())],
    "one histogram of many runs": ["--port", "1", "--search", "clients", "--histogram", "histogram.hgrm"],
}


@pytest.mark.parametrize("behave, protocol, failure", misbehaving.NAMED, ids=lambda value: getattr(value, "__name__", value))
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


@pytest.mark.parametrize("behave, protocol, failure", misbehaving.NAMED_LATE, ids=["reply_timeout", "handshake_timeout"])
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


def english_in(text):
    """The words of it that are not Chinese, and no names or units."""
    names = "echo|epoll|io_uring|ring|vanish|flash|CPU|KiB|MiB|us|ms|p50|p90|p99|min|max|Jain|Little|aio|nio"
    return re.findall("[A-Za-z]{2,}", re.sub(rf"\b({names})\b", "", text))


def test_the_summary_is_chinese_where_the_terminal_is(server_of, loadgen, monkeypatch):
    """All of it but the host; and JSON is as it was."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with server_of("nio", "echo") as server:
        closed = loadgen(server, "--aftermath", clients=20, duration=0.3, server_pid=server.pid)
        flash = loadgen(server, clients=20, rate=2000, chaos="flash", duration=0.5)
        bad = loadgen(server, clients=20, rate=2000, chaos="vanish", chaos_clients=2, duration=0.3)
    for result, says in (closed, "，20 个客户端，每条 "), (flash, "flash：20 个客户端断线，"), (bad, "2 个 vanish：2 个连接，"):
        assert says in result.stdout
        words = re.sub("(?m)^  警告：.*$", "", result.stdout)
        assert english_in(words) == [], words
        assert result.report["clients"]["asked"] == 20


def test_explain_is_chinese_too(loadgen, monkeypatch):
    said = loadgen.run("--explain", "all").stdout
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    chinese = loadgen.run("--explain", "all").stdout
    assert chinese.count("  含义：") == chinese.count("  原因：") == said.count("  means: ") == len(CLASSES) + 2
    names = [re.findall(r"^\w+$", text, re.MULTILINE) for text in (said, chinese)]
    assert names[0] == names[1]


def test_json_on_stdout_stands_alone(server_of, loadgen):
    """`--json -`: the human words go to stderr."""
    with server_of("nio", "echo") as server:
        done = loadgen.run("--port", server.port, "--clients", 2, "--duration", 0.2, "--warmup", 0, "--json", "-",
                           "--quiet")
    assert done.returncode == 0
    assert done.stdout.startswith("{") and done.stdout.rstrip().endswith("}")
    assert done.stderr


@pytest.mark.dealt("to the server both protocols are bytes", "protocol")
def test_totals_agree_with_the_servers_own(serve, protocol, either_loadgen):
    """Two programs counted the same bytes and messages."""
    with serve(protocol) as server:
        result = either_loadgen(server, clients=20, size=1000, pipeline=4, duration=0.2)
        assert not result.failures()
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
    assert None not in [report["memory"][f"{what}_per_connection_bytes"] for what in ("kernel", "slab")]
    assert report["context_switches"]["voluntary"] >= 0
    assert_littles_law(report, in_flight=10)
    latency = report["latency"]["service"]
    assert 0 < latency["min_us"] <= latency["p50_us"] <= latency["p99_us"] <= latency["max_us"]
    assert "1.0000" in histogram.read_text(encoding="utf-8")


def test_the_rate_asked_is_the_rate_made(server_of, either_loadgen):
    """Open loop: of 2,000 messages a second for 2.5 s each is sent, or told as due and unsent; with both latencies."""
    with server_of("nio", "echo") as server:
        result = either_loadgen(server, clients=20, rate=2000, duration=2, warmup=0.5)
    assert result.status == 0
    assert abs(result.report["totals"]["messages"] + result.report["unsent"]["count"] - 5000) <= 20
    assert abs(result.report["latency"]["response"]["count"] - 4000) <= 1, "each message that was due in the window"


def test_the_open_loop_counts_what_a_server_that_hangs_never_answers(server_of, either_loadgen):
    """Nothing moves in the second half: all messages that were due are in the distribution, half of them as "at least"."""
    with server_of("nio", "echo") as server:
        stop = threading.Timer(seconds(1), os.kill, [server.pid, signal.SIGSTOP])
        stop.start()
        try:
            result = either_loadgen(server, clients=5, rate=1000, duration=2 * seconds(1), warmup=0)
        finally:
            stop.join()
            os.kill(server.pid, signal.SIGCONT)
    response = result.report["latency"]["response"]
    assert abs(response["count"] - 2000 * seconds(1)) <= 1
    assert response["at_least"] > 500 * seconds(1)
    assert response["at_least_from_us"] <= response["p90_us"] <= response["p99_us"]
    assert response["p99_us"] > 0.5e6 * seconds(1), "not the fast answers of the first half"


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_share_the_clients(server_of, either_loadgen, threads):
    """No client is lost between two threads."""
    with server_of("nio", "ws") as server:
        result = either_loadgen(server, clients=31, threads=threads, duration=0.2)
    assert not result.failures()
    assert result.report["clients"]["served"] == 31


@pytest.mark.dealt("to the server both protocols are bytes", "protocol")
def test_connecting_again_and_again(serve, protocol, either_loadgen):
    """--reconnect: a connection for each message, all closed in order, and all of them the server's own count."""
    with serve(protocol) as server:
        result = either_loadgen(server, "--reconnect", clients=10, duration=0.3, source_ips="127.0.0.1,127.0.0.2")
        assert not result.failures()
        stats, totals = server.stop(), result.report["totals"]
    assert totals["messages"] > 10, "more than one for each client"
    assert stats["accepted"] - 10 <= totals["messages"] <= stats["accepted"] + 10
    assert stats["closed"]["peer" if protocol == "echo" else "handshake"] >= totals["messages"] - 10
    assert stats["closed"]["reset"] <= 10, "only what was under way when the time was up"


def test_only_the_active_go_on(server_of, either_loadgen):
    """--active 3 of 20: everybody is served once, three are served on, and fairness is theirs."""
    with server_of("nio", "ws") as server:
        result = either_loadgen(server, clients=20, active=3, duration=0.3)
    assert not result.failures() and result.report["clients"]["served"] == 20
    assert result.report["per_client"]["min"] > 1
    assert_littles_law(result.report, in_flight=3)


@pytest.mark.heavy("thousands of clients are too many under it")
def test_no_client_is_preferred(server_of, either_loadgen):
    """4,000 clients, and the load generator the busier side: all get about the same number of answers."""
    with server_of("aio", "echo") as server:
        result = either_loadgen(server, clients=4000, duration=1.5, warmup=0.3)
    assert result.status == 0
    per_client = result.report["per_client"]
    # Round by round nobody is more than a round or two ahead; of few rounds, on a busy machine, that is a large part.
    assert per_client["jain"] > 0.95 or per_client["max"] - per_client["min"] <= 4, per_client


def aftermath(loadgen, server, pid, **options):
    """A short run with --aftermath; what it found."""
    result = loadgen(server, "--aftermath", server_pid=pid, clients=20, duration=0.3, **options)
    assert "afterwards" in result.stdout
    return result.report["aftermath"]


@pytest.mark.dealt("to the server both protocols are bytes", "protocol")
@pytest.mark.heavy("a sanitizer has threads of its own")
def test_afterwards_the_server_is_as_before(serve, protocol, loadgen):
    """It serves a new client, and has given back descriptors and threads; what it had meanwhile is told, too."""
    with serve(protocol) as server:
        after = aftermath(loadgen, server, server.pid)
        assert server.stop()["closed"]["reset"] == 0, "the new client went in order"
    assert 0 < after["served_again_s"] <= after["back_s"]  # null, where loadgen gave up waiting for it
    assert after["descriptors_peak"] >= after["descriptors_before"] + 20 and after["threads_peak"] >= 1
    assert after["descriptors_after"] <= after["descriptors_before"]
    assert after["threads_after"] <= after["threads_before"]
    assert min(after[f"memory_kib_{when}"] for when in ("before", "peak", "after")) > 0


# A process of its own: this one has more descriptors while it starts the load generator than a moment later.
LEAKS = """import sys
from misbehaving import Misbehaving, echo
with Misbehaving(echo) as server:
    print(server.port, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def leaking():
    """A server that never closes: with its protocol, port, and process id."""
    words = [sys.executable, "-c", LEAKS]
    with subprocess.Popen(words, cwd=pathlib.Path(__file__).parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        yield types.SimpleNamespace(protocol="echo", port=int(child.stdout.readline()), pid=child.pid)
        child.stdin.close()
        assert child.wait(seconds(20)) == 0


def test_afterwards_a_leak_shows(leaking, loadgen):
    """It serves on, but is not back. On a busy machine a new client may have to wait longer than the load generator
    does: it has three trials."""
    for _ in range(3):
        after = aftermath(loadgen, leaking, leaking.pid)
        if after["served_again_s"] is not None:
            break
    assert after["back_s"] is None and after["served_again_s"] > 0
    assert after["descriptors_after"] >= after["descriptors_before"] + 20


def test_afterwards_nobody_is_served(loadgen):
    """A server that has enough of clients when 20 have come."""
    places = threading.Semaphore(20)

    def exhausted(connection):
        (misbehaving.echo if places.acquire(blocking=False) else misbehaving.silent)(connection)

    with Misbehaving(exhausted) as server:
        assert aftermath(loadgen, server, os.getpid())["served_again_s"] is None


def test_afterwards_the_server_is_dead(server_of, loadgen):
    """There is nothing to look at, and it is not waited for."""
    with server_of("nio", "echo") as server:
        killer = threading.Timer(seconds(0.5), server.signal, [signal.SIGKILL])
        killer.start()
        after = loadgen(server, "--aftermath", server_pid=server.pid, clients=2, rate=100,
                        duration=seconds(1)).report["aftermath"]
        killer.join()
        server.wait()
    assert after["descriptors_before"] > 0
    assert all(after[name] is None for name in ("descriptors_after", "threads_after", "memory_kib_after", "back_s",
                                                "served_again_s"))


@pytest.fixture
def pair(server_of):
    """Two nio servers on one port."""
    with server_of("nio", "echo", "--share-port") as one:
        with server_of("nio", "echo", "--share-port", "--port", one.port) as other:
            yield one, other


def pids(pair):
    """As --server-pid takes them."""
    return ",".join(str(server.pid) for server in pair)


def held_now(server):
    """What one process has used, and uses now, as /proc says: CPU seconds, voluntary switches, descriptors, memory."""
    with open(f"/proc/{server.pid}/status", encoding="ascii") as file:
        switches = next(int(line.split()[1]) for line in file if line.startswith("voluntary"))
    return server.cpu_seconds(), switches, server.open_files(), server.private_kib()


@pytest.mark.heavy("a sanitizer has threads of its own")
def test_several_processes_are_one_server(pair, loadgen):
    """The figures are the sums of each one's own; neither alone has so much."""
    before = [held_now(server) for server in pair]
    result = loadgen(pair[0], "--aftermath", server_pid=pids(pair), clients=40)
    after = [held_now(server) for server in pair]
    used = [[new - old for new, old in zip(*both)][:2] for both in zip(after, before)]
    cpu_s, switches = (sum(figures) for figures in zip(*used))
    report, tick_s = result.report, 0.01
    assert 0.7 * cpu_s - 4 * tick_s <= report["cpu"]["server_s"] <= cpu_s + 4 * tick_s
    assert report["cpu"]["server_s"] > max(figures[0] for figures in used) - 2 * tick_s
    assert max(figures[1] for figures in used) < report["context_switches"]["voluntary"] <= switches
    assert report["cpu"]["server_cpus"] == min(2, len(os.sched_getaffinity(0)))
    assert report["aftermath"]["descriptors_after"] == sum(figures[2] for figures in after)
    assert report["aftermath"]["threads_after"] == 2
    assert report["aftermath"]["memory_kib_after"] == pytest.approx(sum(figures[3] for figures in after), rel=0.05)
    assert report["memory"]["server_before_kib"] == pytest.approx(sum(figures[3] for figures in before), rel=0.05)
    assert "2 processes" in result.stdout


def test_one_of_several_processes_is_dead(pair, loadgen):
    """Then what the server has in use is not known: half of it is no figure."""
    killer = threading.Timer(seconds(0.5), pair[1].signal, [signal.SIGKILL])
    killer.start()
    report = loadgen(pair[0], "--aftermath", server_pid=pids(pair), clients=20, rate=100, duration=seconds(1)).report
    killer.join()
    pair[1].wait()
    assert report["memory"]["server_before_kib"] > 0 and report["memory"]["server_after_kib"] is None
    assert report["aftermath"]["descriptors_before"] > 0 and report["aftermath"]["descriptors_after"] is None
    assert any("--server-pid" in warning for warning in report["warnings"])


# How many clients are served is the question: they need not keep both sides busy meanwhile.
LIGHT = {"client_rate": 20}


def test_a_search_finds_the_workers_of_a_pool(server_of, loadgen):
    """4 workers serve 4 clients; the fifth waits in the queue, and starves. (One by one: a burst overflows the queue.)"""
    with server_of("pseudo_async", "echo", "--workers", 4, "--queue", 2) as server:
        answer = loadgen.search(server, "clients", ramp=0.1, **LIGHT).report["answer"]
    assert (answer["kind"], answer["value"], answer["not_held"], answer["confirmed"]) == ("exactly", 4, 5, True)


def test_a_search_finds_a_limit_of_clients(server_of, loadgen, protocol):
    """--clients-max 37: not 36, not 38; whoever is turned away is a failure, and by which class."""
    with server_of("nio", protocol, "--clients-max", 37) as server:
        result = loadgen.search(server, "clients", server_pid=server.pid, duration=0.6, p99_ms=590, **LIGHT)
    assert (result.report["answer"]["value"], result.report["answer"]["not_held"]) == (37, 38)
    assert ("handshake_rejected" if protocol == "ws" else "connect_reset") in result.report["answer"]["why_not"]
    assert "37 clients; not 38 clients" in result.stdout


def test_some_failures_may_be_allowed(server_of, loadgen):
    """With 10% allowed, 40 clients for 37 places are held (3 fail), and 42 are not (5). (A rate for each client would be
    missed by those that failed.)"""
    with server_of("nio", "echo", "--clients-max", 37) as server:
        answer = loadgen.search(server, "clients", failures_percent=10, resolution_percent=0).report["answer"]
    assert (answer["value"], answer["not_held"]) == (41, 42)


def test_a_search_with_a_rate_for_each_client(server_of, loadgen):
    """--client-rate: twice the clients are twice the load. (How many are found exactly, the tests above say.)"""
    with server_of("nio", "echo", "--clients-max", 12) as server:
        report = loadgen.search(server, "clients", client_rate=20).report
    assert 1 <= report["answer"]["value"] <= 12 and len({probe["clients"] for probe in report["probes"]}) > 2
    assert all(probe["rate"] == 20 * probe["clients"] for probe in report["probes"])


def test_a_search_for_the_rate_counts_from_when_messages_are_due(loadgen):
    """20 ms for each message, one after another: no 100 a second, though each is answered soon after it was sent."""
    one_at_a_time = threading.Lock()

    def slow_echo(connection):
        while (piece := connection.recv(4096)):
            with one_at_a_time:
                time.sleep(0.02)
            connection.sendall(piece)

    with Misbehaving(slow_echo) as server:
        report = loadgen.search(server, "rate", clients=4, duration=0.6, p99_ms=290, search_min=10,
                                resolution_percent=40).report
    assert 10 <= report["answer"]["value"] <= 100
    assert any(probe["why"] in ("p99", "rate") for probe in report["probes"])


def test_what_never_failed_is_at_least(server_of, loadgen):
    """A server that holds all that may be tried. (A run is so long that only a standstill of seconds spoils it.)"""
    with server_of("nio", "echo") as server:
        result = loadgen.search(server, "rate", clients=10, search_min=20, search_max=100, duration=2, p99_ms=1900)
    answer = result.report["answer"]
    assert (answer["kind"], answer["value"], answer["not_held"]) == ("at least", 100, None), [(p["value"], p["says"]) for p in result.report["probes"]]
    assert answer["reached_max"] and answer["confirmed"]
    assert "at least 100 msg/s" in result.stdout


@pytest.mark.parametrize("most", [{}, {"search_max": 200}], ids=["foreseen", "run into"])
def test_the_load_generators_own_limit_is_not_the_servers(server_of, loadgen, most):
    """64 descriptors: at least so many clients, and whose limit that is."""
    with server_of("nio", "echo") as server:
        result = loadgen.search(server, "clients", descriptors=64, **LIGHT, **most)
    answer = result.report["answer"]
    assert answer["kind"] == "at least" and 20 <= answer["value"] < 64
    assert answer["client_limit"] == bool(most), "there was a run that failed by it, or there was none"
    assert ("client_limit" in answer["why_not"]) if most else ("client-limit" in result.report["search"]["max_why"])


def test_a_search_that_finds_nothing(loadgen):
    """Not even one client is served: status 1, and why."""
    with Misbehaving(misbehaving.silent) as server:
        result = loadgen.search(server, "clients")
    assert result.status == 1
    assert result.report["answer"]["kind"] == "none" and "starved" in result.report["answer"]["why_not"]


def test_a_search_ends_with_wrong_bytes(loadgen):
    """How many clients a broken server holds is no question."""
    with Misbehaving(misbehaving.wrong_bytes) as server:
        result = loadgen.search(server, "clients")
    assert (result.status, result.report["end"]) == (2, "void")
    assert "VOID" in result.stdout


def test_a_search_ends_with_the_server(server_of, loadgen):
    """Killed on the way: that is said, the runs until then are kept, and there is no answer that looks like one."""
    with server_of("nio", "echo") as server:
        killer = threading.Timer(seconds(1), server.signal, [signal.SIGKILL])
        killer.start()
        result = loadgen.search(server, "rate", search_min=10, duration=seconds(0.3), clients=5)
        killer.join()
        server.wait()
    assert (result.status, result.report["end"]) == (2, "gone")
    assert result.report["probes"]
    assert "the server is gone" in result.stdout


def test_a_search_ends_when_the_process_has_ended_between_two_runs(server_of, loadgen):
    """No run is begun then, and the report is written: of the runs there were."""
    with server_of("nio", "echo") as server, subprocess.Popen(["sleep", "60"]) as measured:
        running = subprocess.Popen([loadgen.path, "--port", str(server.port), "--search", "rate", "--search-min", "10",
                                    "--server-pid", str(measured.pid), "--json", "-"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert "run  1" in running.stderr.readline()
        measured.kill()
        measured.wait()
        stdout, stderr = running.communicate(timeout=seconds(20))
    assert running.returncode == 2
    assert json.loads(stdout)["end"] == "gone" and json.loads(stdout)["probes"]
    assert "the server is gone" in stderr


def test_ctrl_c_ends_a_search_and_keeps_its_runs(server_of, loadgen):
    """Status 2, and what is known so far."""
    with server_of("nio", "echo") as server:
        running = subprocess.Popen([loadgen.path, "--port", str(server.port), "--search", "rate", "--search-min", "10",
                                    "--json", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert "run  1" in running.stderr.readline()
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=seconds(20))
    assert running.returncode == 2
    assert '"end":"interrupted"' in stdout and "interrupted" in stderr
