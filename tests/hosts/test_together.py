"""Several load generators make one run: the sum is that of the parts, and they begin together."""
import json
import subprocess

import pytest

from conftest import HOSTS
from lab import Server, mpirun_line, ours, wait_for


def report_of(lab, server, *arguments, hosts=HOSTS, options=""):
    """A run; its report. The clients never fail here."""
    path = lab.path / "report.json"
    status, out, err = lab.mpirun(hosts, "--lead", "--host", server.host, "--port", server.port, "--protocol",
                                  server.protocol, "--json", path, *arguments, options=options)
    assert (status, ours(err)) == (0, []), out + err
    return json.loads(path.read_text(encoding="utf-8")), out


def check_sum(report):
    """The whole is the sum of its parts."""
    hosts = report["hosts"]
    assert [(host["rank"], host["host"]) for host in hosts] == list(enumerate(HOSTS))[1:]
    for name in "asked", "connected", "served":
        assert sum(host["clients"][name] for host in hosts) == report["clients"][name]
    assert sum(host["messages"] for host in hosts) == report["window"]["messages"]
    assert sum(host["failures_total"] for host in hosts) == report["failures_total"]
    assert sum(host["unfinished"] for host in hosts) == report["unfinished"]["count"]
    for kind, latency in report["latency"].items():
        assert latency is None or sum(count for _, count in report["histogram"][kind]) == latency["count"]
    latency = report["latency"]["response"] or report["latency"]["service"]
    assert max(host["max_us"] or 0 for host in hosts) == latency["max_us"]


def check_clocks(report):
    """The hosts' clocks differ by 1000 s and more. Each began when all did."""
    assert all(0 < host["clock_error_us"] < 100_000 for host in report["hosts"])
    assert all(host["late_us"] < 1e6 for host in report["hosts"])


def test_the_sum_is_that_of_the_parts(lab):
    """100 clients of three hosts: 34, 33 and 33; and the server is looked at from its own host."""
    with Server(lab, "server", "nio") as server:
        report, out = report_of(lab, server, "--clients", 100, "--duration", 1, "--warmup", 0.2, "--server-pid",
                                server.pids()[0])
    check_sum(report)
    check_clocks(report)
    assert [host["clients"]["asked"] for host in report["hosts"]] == [34, 33, 33]
    assert all(host["messages"] > 0 and host["client_share"] > 0 for host in report["hosts"])
    assert report["latency"]["service"]["count"] == report["window"]["messages"]
    assert report["cpu"]["server_s"] > 0 and report["memory"]["server_after_kib"] > 0
    assert report["clients"]["served"] == server.stats()[0]["accepted"] == 100
    assert report["totals"]["bytes_sent"] == server.stats()[0]["bytes_in"], "no message is counted twice, or lost"
    rows = out[out.index("  hosts"):].splitlines()[1:6]
    assert [row.split()[:2] for row in rows[:4]] == [["rank", "host"], ["1", "a"], ["2", "b"], ["3", "c"]]
    assert rows[4].split()[:2] == ["sum", "100"]


def test_one_schedule_is_dealt_out(lab):
    """1,001 messages/s of 7 clients for 2 s: each is due once, on one of the hosts, and the sum is exact."""
    with Server(lab, "server", "nio", protocol="ws") as server:
        report, _ = report_of(lab, server, "--clients", 7, "--rate", 1001, "--duration", 2, "--warmup", 0.3)
    check_sum(report)
    check_clocks(report)
    assert report["latency"]["response"]["count"] == 2002
    assert [host["clients"]["asked"] for host in report["hosts"]] == [3, 2, 2]


def test_slices_on_command(lab):
    """--paced: rank 0 reads the commands, all do them; each slice is the sum, and the report that of all slices."""
    path = lab.path / "report.json"
    with Server(lab, "server", "nio") as server:
        line = mpirun_line(HOSTS, "--lead", "--host", "server", "--port", server.port, "--clients", 60, "--paced", "--json",
                           path, "--server-pid", server.pids()[0])
        with lab.start("server", line, stdin=subprocess.PIPE) as process:
            out, err = process.communicate("slice 5 50\nslice 0 20\nslice 5 50\nend\n", timeout=30)
    assert (process.returncode, ours(err)) == (0, []), err
    ready, *slices = map(json.loads, out.splitlines())
    assert (ready["line"], ready["clients"]["connected"]) == ("ready", 60)
    assert [(one["line"], one["number"]) for one in slices] == [("slice", 1), ("slice", 2), ("slice", 3)]
    assert all(one["messages"] > 0 and one["server_cpu_s"] > 0 for one in slices)
    report = json.loads(path.read_text(encoding="utf-8"))
    check_sum(report)
    assert sum(one["messages"] for one in slices) == report["window"]["messages"]
    assert report["window"]["seconds"] == pytest.approx(0.12)


def test_more_hosts_than_clients(lab):
    """A host without clients waits for the others."""
    with Server(lab, "server", "nio") as server:
        report, _ = report_of(lab, server, "--clients", 2, "--threads", 2, "--duration", 0.3, "--warmup", 0)
    check_sum(report)
    assert [host["threads"] for host in report["hosts"]] == [1, 1, 0]
    assert report["clients"]["served"] == 2


def test_each_host_takes_its_own_source_addresses(lab):
    """Of one list for all."""
    addresses = lab.second_addresses(HOSTS[1:])
    with Server(lab, "server", "nio") as server:
        process = lab.start_mpirun(HOSTS, "--lead", "--host", "server", "--port", server.port, "--clients", 60,
                                   "--duration", 1.5, "--warmup", 0, "--source-ips", ",".join(addresses))
        wait_for(lambda: lab.connections("server", server.port) == 60, what="connecting")
        peers = lab.output("server", f"ss -Htn state established 'sport = :{server.port}'").split()
        out, err = process.communicate(timeout=30)
        assert (process.returncode, ours(err)) == (0, []), out + err
        assert {address: sum(peer.startswith(f"{address}:") for peer in peers) for address in addresses} == \
            {address: 10 for address in addresses}
        status, _, err = lab.mpirun(HOSTS, "--lead", "--host", "server", "--port", server.port, "--source-ips",
                                    "10.77.0.2,10.77.0.3")
    assert status == 2
    assert ours(err) == [
        "loadgen: rank 3 on c: --source-ips '10.77.0.2,10.77.0.3': none of these is an address of this host; give one of "
        "each host's"]


@pytest.mark.parametrize("words, line", [
    (["--port", "x"], "loadgen: --port 'x': give a whole number from 1 to 65535"),
    pytest.param(["--lead", "--search", "rate"], "loadgen: --search is for one load generator alone: use loadgen, or "
                 "leave it out", marks=pytest.mark.full),  # the short form has one of these
    pytest.param(["--lead", "--port", 1, "--clients", 9], "loadgen: none of 9 clients could connect to 127.0.0.1:1: ",
                 marks=pytest.mark.full),
])
def test_what_is_wrong_is_said_once(lab, words, line):
    """By rank 0; and all end."""
    status, out, err = lab.mpirun(HOSTS[:2], *words)
    assert (status, out, len(ours(err))) == (2, "", 1), err
    assert ours(err)[0].startswith(line)


@pytest.mark.full  # the short form has enough of these
def test_nobody_to_lead_and_other_options(lab):
    """--lead alone; and two ranks that were not asked the same."""
    status, _, err = lab.mpirun(HOSTS[:1], "--lead")
    assert (status, ours(err)) == (
        2, ["loadgen: --lead: rank 0 has nobody to lead; start more ranks: mpirun -n 2, or more"])
    line = ("exec mpirun -q --host server,a -n 1 loadgen/loadgen_mpi --clients 10 : -n 1 loadgen/loadgen_mpi --clients 11")
    status, _, err = lab.run("server", line)
    assert status == 2
    assert ours(err) == [
        "loadgen: a was given other options than rank 0; only --host, --source-ips, --threads and --io may differ"]
