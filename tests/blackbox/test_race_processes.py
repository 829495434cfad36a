"""A race in which a runner's server is several processes on one port."""
import json
import subprocess

import pytest

from timing import seconds


def card_of(executable, loadgen, directory, processes):
    """One runner, of nio servers; a start of a second."""
    server = [executable("nio"), "--port", "{port}", "--share-port", "--stats", directory / "{start}.{process}.json"]
    clients = [loadgen.path, "--paced", "--port", "{port}", "--server-pid", "{pid}", "--clients", "40",
               "--json", directory / "{start}.loadgen.json"]
    runner = {"name": "nio", "matters": True, "processes": processes, "server": list(map(str, server)),
              "server_says": str(directory / "{start}.{process}.err"), "loadgen": list(map(str, clients)),
              "loadgen_says": str(directory / "{start}.err")}
    return {"starts": 1, "seconds": 1, "slice_ms": 50, "skip": 0.2, "width": 0, "shared_cpu": True, "against": "nio",
            "runners": [runner]}


def race(loadgen, card):
    """The finished process."""
    return subprocess.run([loadgen.path.parent / "race"], input=json.dumps(card), text=True, capture_output=True,
                          timeout=seconds(60), check=False)


@pytest.fixture
def card(executable, loadgen, tmp_path):
    """card(processes)"""
    return lambda processes: card_of(executable, loadgen, tmp_path, processes)


def test_all_processes_of_a_server_serve_and_are_measured(loadgen, card, tmp_path):
    """Both have clients; the load generator knows both; both end in order."""
    done = race(loadgen, card(2))
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    stopped, = (line for line in lines if line["line"] == "stopped")
    assert (stopped["loadgen_exit"], stopped["server_exit"]) == (0, 0)
    accepted = [json.loads((tmp_path / f"1.{number}.json").read_text(encoding="utf-8"))["accepted"] for number in (1, 2)]
    assert sum(accepted) == 40 and min(accepted) > 0
    report = json.loads((tmp_path / "1.loadgen.json").read_text(encoding="utf-8"))
    assert report["cpu"]["server_s"] > 0 and report["failures_total"] == 0 and report["window"]["messages"] > 0


def test_a_process_that_does_not_join_takes_the_runner_out(loadgen, card, tmp_path):
    """Without --share-port the second is refused the port; both are ended."""
    alone = card(2)
    alone["runners"][0]["server"].remove("--share-port")
    done = race(loadgen, alone)
    out = [line for line in map(json.loads, done.stdout.splitlines()) if line["line"] == "out"]
    assert done.returncode == 1 and out[0]["why"] == "the server does not listen"
    assert "in use" in (tmp_path / "1.2.err").read_text(encoding="utf-8")
    assert (tmp_path / "1.1.json").exists(), "the first one was told to end, and did"


@pytest.mark.parametrize("processes", [0, 65, "two"])
def test_processes_that_no_server_can_be(loadgen, card, processes):
    """One line, status 2."""
    done = race(loadgen, card(processes))
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "1 to 64" in done.stderr
