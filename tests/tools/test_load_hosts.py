"""Load from other hosts: the file that names them, the options, and the command lines. The hosts themselves: tests/hosts."""
import os
import sqlite3

import pytest

import compare_options
import cpus
import database
import load_hosts
import plan
import race
import run
import server_host
from terminal import Failure

CPUS = cpus.Cpus([3], [0, 1, 2], 2, False)


def failure_of(action, *arguments):
    """The one line of a Failure."""
    with pytest.raises(Failure) as caught:
        action(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def file_of(tmp_path, text):
    """A file with the hosts."""
    path = tmp_path / "hosts"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.fixture(name="load")
def load_of_two(monkeypatch):
    """Two hosts, which are not looked for."""
    monkeypatch.setattr(load_hosts, "address_towards", lambda _: "192.0.2.1")
    monkeypatch.setattr(load_hosts, "own_name", lambda: "here")
    return load_hosts.LoadHosts(["a", "b"])


def test_a_host_is_on_each_line(tmp_path):
    """Comments and empty lines are none."""
    assert load_hosts.read(file_of(tmp_path, "# the lab\nlab-1.example.org\n\n  192.0.2.7 # by the window\n")) == [
        "lab-1.example.org", "192.0.2.7"]


@pytest.mark.parametrize("text, says", [
    ("", "names 0 hosts: give 1 to 1000"),
    ("# none\n", "names 0 hosts"),
    ("a\nb c\n", "line 2: 'b c' is no name or IPv4 address of a host; give one on each line"),
    ("a\n-oProxyCommand=x\n", "line 2: '-oProxyCommand=x' is no name"),
    ("a,b\n", "line 1: 'a,b' is no name"),
    ("a:2\n", "line 1: 'a:2' is no name"),
    ("a\n#\na # again\n", "line 3: 'a' is there twice; give each host once"),
    (b"\xff\n", "cannot be read: it is no text in UTF-8"),
    ("x" * 300, "is no name"),
])
def test_a_malformed_file_is_one_line(tmp_path, text, says):
    """What, and in which line."""
    assert says in failure_of(load_hosts.read, file_of(tmp_path, text))


def test_a_file_that_is_not_there():
    """One line, too."""
    assert "--load-hosts '/nonexistent' cannot be read: No such file" in failure_of(
        compare_options.parse, ["--load-hosts", "/nonexistent"])


@pytest.mark.parametrize("arguments, says", [
    (["--bench"], "--load-hosts does not go with --bench: its bars are ratios to a bare client on loopback"),
    (["--scenario", "ladder"], "--load-hosts does not go with --scenario ladder: its steps listen on 127.0.0.1"),
    (["--scenario", "reliability"], "--load-hosts does not go with --scenario reliability: its naive twins listen"),
    (["--scenario", "capacity"], "--load-hosts does not go with --scenario capacity: a search is made by one"),
    (["--server-host", "x y"], "--server-host 'x y' is no name or IPv4 address of a host"),
    (["--server-host", "a", "--predictions", "/etc/hostname"], "--predictions does not go with --server-host"),
])
def test_what_does_not_go_with_it(tmp_path, arguments, says):
    """One line."""
    assert says in failure_of(compare_options.parse, ["--load-hosts", str(file_of(tmp_path, "a\n")), *arguments])


def test_a_server_host_alone():
    """Then one may as well start it there."""
    assert "--server-host without --load-hosts" in failure_of(compare_options.parse, ["--server-host", "a"])


def results(directory, hosts):
    """An empty results.db whose load came from these."""
    directory.mkdir()
    db = database.connect(directory / "results.db")
    database.run_file(db, "schema")
    database.run_file(db, "workloads")
    db.execute("insert into setting values ('profile', 'quick')")
    if hosts:
        db.execute("insert into setting values ('load_hosts', ?)", [hosts])
    db.close()
    return directory


def test_a_network_is_not_held_against_loopback(tmp_path):
    """Nor against other numbers of hosts, nor when it is only drawn again."""
    hosts = str(file_of(tmp_path, "a\nb\n"))
    here, two, three = (results(tmp_path / name, of) for name, of in (("0", ""), ("2", "c,d"), ("3", "c,d,e")))
    says = failure_of(compare_options.parse, ["--load-hosts", hosts, "--against", str(here)])
    assert "load came from the servers' own machine there, and comes from 2 other hosts here" in says
    assert "from 3 other hosts there" in failure_of(compare_options.parse, ["--load-hosts", hosts, "--against", str(three)])
    assert "from 2 other hosts there" in failure_of(compare_options.parse, ["--redraw", str(here), "--against", str(two)])
    assert compare_options.parse(["--load-hosts", hosts, "--against", str(two)]).load_hosts == ["a", "b"]
    assert compare_options.parse(["--redraw", str(here), "--against", str(here)]).load_hosts is None


ROW = {"program": "nio/nio_server", "protocol": "echo", "size": 64, "options": "", "limits": "", "processes": 1,
       "generator": "loadgen/loadgen", "client": ""}


def test_the_command_lines(tmp_path, load):
    """The load generator is led from here; servers, and the floor, can be reached from there."""
    words = list(map(str, run.generator_words(tmp_path, ROW, load, "step one")))
    place = f"/tmp/io-models-{os.getuid()}.step_one"
    assert words == ["env", f"OMPI_MCA_orte_tmpdir_base={place}", f"PRTE_MCA_prte_tmpdir_base={place}", "mpirun", "--quiet",
                     "--bind-to", "none", "--host", "here,a,b", "-n", "3", f"{tmp_path}/loadgen/loadgen_mpi", "--lead",
                     "--host", "192.0.2.1"]
    assert run.generator_words(tmp_path, ROW, None) == [tmp_path / "loadgen/loadgen"]
    server = list(map(str, run.server_words(tmp_path, ROW, CPUS, "stats", load=load)))
    assert server[3:8] == [f"{tmp_path}/nio/nio_server", "--port", "0", "--address", "0.0.0.0"]
    floor = list(map(str, run.server_words(tmp_path, {**ROW, "program": "floor/floor_server"}, CPUS, "stats", load=load)))
    assert floor[3:] == [f"{tmp_path}/floor/floor_server", "--port", "0", "--address", "0.0.0.0"]
    assert "--address" not in run.server_words(tmp_path, ROW, CPUS, "stats")


def test_other_hosts_have_their_own_addresses(tmp_path, load):
    """So that none of loopback is given to them, however many clients there are."""
    assert run.Runner(None, tmp_path, tmp_path, CPUS, load).source_words(100_000) == []
    assert run.Runner(None, tmp_path, tmp_path, CPUS).source_words(100_000) != []


def test_each_runner_of_a_race_has_open_mpi_s_files_for_itself(tmp_path, load):
    """Jobs that begin and end at the same time."""
    row = {**ROW, "yardstick": 0, "clients": 5, "rate": 0, "pipeline": 1, "threads": 1, "timeout_s": 2, "chaos": ""}
    cards = [race.runner_card(tmp_path, CPUS, name, row, lambda ending: ending, load=load) for name in ("nio", "control")]
    assert [[word for word in card["loadgen"] if "orte_tmpdir_base" in word] for card in cards] == [
        [f"OMPI_MCA_orte_tmpdir_base=/tmp/io-models-{os.getuid()}.{name}"] for name in ("nio", "control")]
    assert all("--paced" in card["loadgen"] for card in cards)


def test_hosts_have_descriptors_of_their_own(load):
    """The most clients: what the servers' processes may open, or the load generators."""
    assert plan.shared_limit(1000, "why", 1, load) == (1000, "why, and each server is 1 process")
    assert plan.shared_limit(1000, "why", 2, load) == (1900, "why, and each server is 2 processes")
    assert plan.shared_limit(1000, "why", 4, load) == (2000, "why, and load comes from 2 hosts")


def test_with_load_from_elsewhere_the_servers_may_have_all_cores_but_one(monkeypatch):
    """That one leads."""
    monkeypatch.setattr(cpus.os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    monkeypatch.setattr(cpus, "runs_on", lambda _: True)
    monkeypatch.setattr(cpus, "siblings", lambda cpu: {cpu})
    assert cpus.choose(4).servers == [2, 3]
    assert cpus.choose(4, load_is_here=False).servers == [1, 2, 3]


def test_this_machine_is_no_other_host():
    """Load from here needs none of this."""
    assert "is this machine" in failure_of(load_hosts.address_towards, "127.0.0.1")
    assert "cannot be found" in failure_of(load_hosts.address_towards, "no-such-host.invalid")


def test_what_each_host_had_is_stored(tmp_path):
    """One row for each, with its run."""
    db = database.words()
    db.execute("insert into setting values ('profile', 'quick')")
    db.execute("insert into plan select 1, 1, 1, 'ping-pong', 'echo', 10, 'nio', 1, 64, 0, 1, 1, 0, 2, 1")
    part = ('{"rank": %d, "host": "%s", "clients": {"asked": 5, "connected": 5, "served": 4}, "failures_total": 1, '
            '"messages": 70, "messages_per_s": 70, "p50_us": 9, "p99_us": 11, "client_share": 0.5, "clock_error_us": 20, '
            '"same_kernel": true, "client_bound": false, "slow": true}')
    loadgen = '{"hosts": [%s, %s]}' % (part % (1, "a"), part % (2, "b"))
    database.run_file(db, "import_run", id=1, server_state="ran", server_exit=0, loadgen_exit=0, elapsed_s=1, build="b",
                      started="now", load_average="0", time_wait=0, ticks_before="[0,0,0]", ticks_after="[0,0,0]", stats=None,
                      server_says="", loadgen=loadgen, loadgen_says="", calls=None)
    rows = db.execute("select rank, host, asked, served, failures_total, messages, slow from load_part").fetchall()
    assert list(map(tuple, rows)) == [(1, "a", 5, 4, 1, 70, 1), (2, "b", 5, 4, 1, 70, 1)]
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("insert into load_part select * from load_part")


def test_the_comparison_elsewhere_gets_what_it_needs(tmp_path, monkeypatch):
    """The hosts by its standard input; the results come back as a copy."""
    called = []

    def ssh(host, command, **options):
        called.append((host, command, options.get("input")))
        packed = b""
        if "tar" in command:
            (tmp_path / "there").mkdir()
            (tmp_path / "there/results.db").write_text("figures")
            packed = server_host.subprocess.run(["tar", "-C", tmp_path / "there", "-cf", "-", "."], stdout=-1, check=True).stdout
        return server_host.subprocess.CompletedProcess([], 1, packed)

    monkeypatch.setattr(server_host, "ssh", ssh)
    hosts, out = str(file_of(tmp_path, "a\nb\n")), tmp_path / "out"
    arguments = ["--quick", "--load-hosts", hosts, "--server-host", "s", "--out", str(out), "--clients", "50"]
    assert server_host.run(compare_options.parse(arguments), arguments) == 1
    assert called[0][0] == "s" and called[0][2] == "a\nb\n"
    assert called[0][1].endswith(f"exec scripts/compare.sh --quick --clients 50 --load-hosts - --out {out}")
    assert (out / "results.db").read_text() == "figures"
