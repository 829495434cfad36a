"""compare.sh --processes, as far as nothing has to be measured: counters added up, command lines, what is planned."""
import json
import os
import signal
import types

import pytest

import compare_options
import counters
import cpus
import database
import plan
import race
import run
from terminal import Failure

# Says what a server says, and counts one client; to every port but its own it answers with the words of REFUSES.
SERVER = """#!/usr/bin/python3
import json, pathlib, signal, sys
value = dict(zip(sys.argv[1:], sys.argv[2:]))
def end(*_):
    pathlib.Path(value["--stats"]).write_text(json.dumps({"accepted": 1, "words": sys.argv[1:]}))
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
if value["--port"] != "0" and REFUSES:
    sys.exit(REFUSES)
print(f"listening on 127.0.0.1:{int(value['--port']) or 4711}", flush=True)
while True:
    signal.pause()
"""
ROW = {"id": 1, "program": "nio/nio_server", "protocol": "echo", "size": 64, "options": "", "limits": "", "traced": 0}

ONE = {"server": "nio_server", "notes": None, "accepted": 3, "messages": None, "closed": {"peer": 2, "reset": 1}}
OTHER = {"server": "nio_server", "notes": None, "accepted": 40, "messages": None, "closed": {"peer": 40, "reset": 0}}


def test_counters_are_added_up_at_every_depth():
    assert json.loads(counters.summed([json.dumps(ONE), json.dumps(OTHER), json.dumps(OTHER)])) == {
        "server": "nio_server", "notes": None, "accepted": 83, "messages": None, "closed": {"peer": 82, "reset": 1}}


@pytest.mark.parametrize("text", ["{", "", None, '{"accepted": 3}'])
def test_the_only_process_left_what_it_left(text):
    assert counters.summed([text]) == text


@pytest.mark.parametrize("text", ["{", "", None, "[]", "7", '{"accepted": 3}', '{"accepted": {}}',
                                  json.dumps(ONE | {"closed": 3})])
def test_half_of_the_counters_are_none(text):
    """One process left none, or something else."""
    assert counters.summed([json.dumps(ONE), text]) is None


@pytest.fixture(name="server")
def a_server_of_three(tmp_path):
    """server(refuses): of three processes."""
    started = []

    def make(refuses=""):
        program = tmp_path / ROW["program"]
        program.parent.mkdir()
        program.write_text(SERVER.replace("REFUSES", repr(refuses)), encoding="utf-8")
        program.chmod(0o755)
        started.append(run.Server(run.Runner(None, tmp_path, tmp_path, cpus.choose(3)), ROW | {"processes": 3}))
        return started[-1]
    yield make
    for one in started:
        one.end()
        assert all(process.returncode is not None for process in one.processes)


def test_the_processes_of_a_server_share_the_port_that_the_first_one_chose(server):
    three = server()
    assert three.start() and three.port == 4711
    assert three.pids().split(",") == [str(one.pid) for one in three.processes] and len(three.processes) == 3
    three.stop()
    assert (three.state, three.exit) == ("ran", 0)
    words = [json.loads(text)["words"] for text in three.runner.left_by_servers(three.row, "json")]
    assert [one[1] for one in words] == ["0", "4711", "4711"] and all("--share-port" in one for one in words)
    assert json.loads(counters.summed(three.runner.left_by_servers(three.row, "json")))["accepted"] == 3


def test_a_server_of_which_one_process_died_has_died(server):
    three = server()
    assert three.start()
    os.kill(three.processes[1].pid, signal.SIGKILL)
    os.waitid(os.P_PID, three.processes[1].pid, os.WEXITED | os.WNOWAIT)
    three.stop()
    assert (three.state, three.exit) == ("died", 137)
    assert [one.returncode for one in three.processes] == [0, -9, 0]
    assert counters.summed(three.runner.left_by_servers(three.row, "json")) is None


def test_a_server_of_which_one_process_does_not_start_says_why(server):
    three = server("no\nport")
    assert not three.start() and three.state == "not started"
    assert three.runner.left_by_servers(three.row, "err") == ["", "no\nport\n", None] and len(three.processes) == 2


@pytest.mark.parametrize("row, expected", [
    ({}, "b/nio/nio_server --port 0 --protocol echo --drain 2 --stats s"),
    ({"processes": 2}, "b/nio/nio_server --port 0 --protocol echo --drain 2 --stats s --share-port"),
    ({"size": 65537, "options": "--x 1", "limits": "--nofile=64 --as=9"},
     "prlimit --nofile=64 --as=9 b/nio/nio_server --port 0 --protocol echo --drain 2 --stats s --message-max 65537 "
     "--x 1"),
    ({"program": "floor/floor_server", "processes": 2}, "b/floor/floor_server --port 0")])
def test_a_servers_command_line(tmp_path, row, expected):
    words = run.server_words(tmp_path / "b", ROW | {"processes": 1} | row, cpus.Cpus([2, 3], [0, 1], 2, False), "s")
    assert " ".join(map(str, words)).replace(f"{tmp_path}/", "") == f"taskset -c 2,3 {expected}"


@pytest.mark.parametrize("arguments, says", [
    (["--processes", "0"], "--processes '0' is no valid value: give a number from 1 to 64"),
    (["--processes", "65"], "a number from 1 to 64"),
    (["--processes", "two"], "a number from 1 to 64"),
    (["--processes"], "--processes needs a value"),
    (["--processes", "2", "--bench"], "--processes 2 does not go with --bench: its bars compare"),
    (["--scenario", "ladder", "--processes", "2"], "does not go with --scenario ladder: its steps have no --share-"),
    (["--scenario", "reliability", "--processes", "64"], "does not go with --scenario reliability: its limits")])
def test_processes_that_cannot_be_are_refused_in_one_line(arguments, says):
    with pytest.raises(Failure) as caught:
        compare_options.parse(arguments)
    assert says in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("arguments", [["--processes", "64"], ["--processes", "1", "--scenario", "ladder"],
                                       ["--processes", "2", "--scenario", "scale"],
                                       ["--scenario", "capacity", "--processes", "2"], ["--quick", "--processes", "9"]])
def test_processes_that_can_be(tmp_path, arguments):
    assert compare_options.parse([*arguments, "--out", str(tmp_path / "out")]).processes in arguments


def planned(processes, server_cpus):
    """As compare.sh plans it, without a machine."""
    db = database.words()
    settings = {"profile": "quick", "models": "nio", "protocols": "echo", "clients": "50", "repeat": "1",
                "client_limit": "1000", "client_limit_why": "", "loadgen_threads": "1", "processes": processes,
                "server_cpus": server_cpus}
    db.executemany("insert into setting values (?, ?)", settings.items())
    database.make_views(db)
    database.run_file(db, "plan")
    db.execute("update plan set rate = 1000 where rate is null")
    return db


def made(db):
    """Makes all runs, each with 1,000 messages by half of the server's CPUs. Returns what each row asked for."""
    asked = {}
    while rows := database.run_file(db, "next_run"):
        row, = rows
        model, workload = db.execute("select model, workload from plan where id = ?", [row["id"]]).fetchone()
        asked[model, workload] = row["processes"]
        db.execute("""insert into run (id, status, started, elapsed_s, load_average, messages, messages_per_s,
                                       server_cpu_share, client_cpu_share)
                      values (?, 'ok', '', 1, '', 1000, 1000, 0.5, 0.5)""", [row["id"]])
    database.run_file(db, "cache")
    return asked


def test_yardsticks_and_traced_servers_stay_single_and_say_so():
    db = planned(4, 2)
    asked = made(db)
    assert {key for key, processes in asked.items() if processes == 4} == {
        ("nio", "ping-pong"), ("nio", "pipelined"), ("nio", "open-loop")}
    assert {processes for key, processes in asked.items() if key[0] == "floor" or key[1] == "syscalls"} == {1}
    labelled = {tuple(row) for row in db.execute("select model, workload from label where label = 'one-process'")}
    assert labelled == {key for key in asked if key[0] == "floor" and key[1] != "syscalls"}, "that is no point"
    notes = " ".join(row[0] for row in db.execute("select text from note"))
    assert "4 processes of each server share a port." in notes and "These 4 processes have 2 CPUs" in notes
    per_cpu_s = dict(map(tuple, db.execute("""
        select model, "msg per server CPU-s" from table_cpu where workload = 'ping-pong'""")))
    assert per_cpu_s == {"nio": "1,000", "floor": "2,000"}


def test_a_race_starts_all_processes_and_knows_when_they_share_a_cpu(tmp_path):
    db = planned(4, 2)
    raced = database.run_file(db, "race_rows", id=1)
    for servers, is_shared in (([2, 3], True), ([4, 5, 6, 7], False)):
        card = race.Race(run.Runner(db, tmp_path, tmp_path, cpus.Cpus(servers, [0, 1], 2, False)), raced).card()
        assert {one["name"]: one["processes"] for one in card["runners"]} == {"nio": 4, "floor": 1, "control": 4}
        assert card["shared_cpu"] == is_shared
    nio, = (one for one in card["runners"] if one["name"] == "nio")
    assert " ".join(nio["server"]).startswith(f"taskset -c 4,5,6,7 {tmp_path}/nio/nio_server --port {{port}} ")
    assert "--share-port" in nio["server"] and "{process}" in nio["server_says"]
    assert nio["server"][nio["server"].index("--stats") + 1].endswith(".nio.{start}.server{process}.json")


def test_one_process_is_not_worth_a_word():
    db = planned(1, 1)
    assert set(made(db).values()) == {1}
    assert not db.execute("select 1 from label where label = 'one-process'").fetchone()
    assert not db.execute("select 1 from note where text like '%processes%'").fetchone()


def test_a_model_without_the_option_is_left_out_and_a_yardstick_is_not(tmp_path, monkeypatch):
    """The first readings, if a profile has them."""
    monkeypatch.setattr(plan, "why_missing", lambda build, program: None)
    monkeypatch.setattr(plan.host, "facts", lambda *arguments: [("cpu_server", "1"), ("cpu_loadgen", "0")])
    words = database.words()
    words.execute("update profile set single = null, models = models || ',step1_oneshot' where name = 'quick'")
    monkeypatch.setattr(plan.database, "words", lambda: words)
    (tmp_path / "meson-info").mkdir()
    for name in ("targets", "buildoptions"):
        (tmp_path / f"meson-info/intro-{name}.json").write_text('[{"name": "debug", "value": false}]', encoding="ascii")
    options = types.SimpleNamespace(**dict.fromkeys(plan.SETTINGS), predictions=None, out=tmp_path / "out")
    options.profile, options.processes = "quick", "2"
    db = plan.make(options, tmp_path, cpus.Cpus([2, 3], [0, 1], 2, False), "0 0 0")
    assert "step1_oneshot is not measured: it has no --share-port" in " ".join(
        row[0] for row in db.execute("select text from note"))
    models = {row[0] for row in db.execute("select distinct model from plan")}
    assert {"nio", "floor"} <= models and "step1_oneshot" not in models
    assert db.execute("select value from preface where what = 'CPUs'").fetchone()[0].startswith(
        "2 processes of each server share a port, on CPU 1")
    db.close()
