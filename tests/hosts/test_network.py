"""What hosts on a network have, and one machine has not: more ports than one address offers, and segments of 1,448 bytes."""
import json
import os
import re
import signal
import time

import pytest

from conftest import HOSTS
from lab import Lab, Server, ours, wait_for

CLIENTS = 57_000       # more than the 28,232 ports of one address; 19,000 for each host
SERVERS = 4            # 14,250 each: a process may have 20,000 descriptors


def segments(lab, host, target, port, path):
    """The server's segment size towards this host (of ss), and the bytes of an average packet that came over `path`."""
    def counted():
        words = lab.output("server", f"grep '{path}:' /proc/net/dev").replace(":", " ").split()
        return int(words[1]), int(words[2])

    bytes_before, packets_before = counted()
    process = lab.start(host, f"exec loadgen/loadgen --host {target} --port {port} --clients 2 --size 1000000 --duration 1 "
                              "--warmup 0")
    seen = wait_for(lambda: re.search(r"\bmss:(\d+)", lab.output("server", f"ss -Htni 'sport = :{port}'")), what="a segment")
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, out + err
    bytes_after, packets_after = counted()
    return int(seen[1]), (bytes_after - bytes_before) / (packets_after - packets_before)


def test_segments(lab):
    """Messages of 1 MB: packets of at most 1,514 bytes between hosts; on loopback up to 64 KiB."""
    with Server(lab, "server", "nio", "--message-max", 1_000_000) as server:
        size, packet = segments(lab, "a", "server", server.port, "eth0")
        assert size == 1448 and 1000 < packet <= 1514, "an Ethernet header, 1,500 bytes"
        size, packet = segments(lab, "server", "127.0.0.1", server.port, "lo")
        assert size > 32_000 and packet > 5000, "loopback's MTU is 65,536"


@pytest.mark.full  # half a minute, and a GB of memory
def test_more_clients_than_one_address_has_ports(lab):
    """57,000 connections to one address, from six; to four processes that share a port. Each client is served. (Three
    addresses have ports enough, but connect() searches for long once half of an address's are taken.)"""
    path = lab.path / "report.json"
    sources = ",".join(lab.second_addresses(HOSTS[1:]))
    with Server(lab, "server", "nio", processes=SERVERS) as server:
        process = lab.start_mpirun(HOSTS, "--lead", "--host", "server", "--port", server.port, "--clients", CLIENTS,
                                   "--source-ips", sources, "--active", 300, "--ramp", 6, "--timeout", 30, "--duration", 3, "--warmup", 0.5,
                                   "--server-pid", ",".join(map(str, server.pids())), "--json", path)
        wait_for(lambda: lab.sockets("server") >= CLIENTS, 60, "57,000 connections at once")
        out, err = process.communicate(timeout=90)
    print(out)
    assert (process.returncode, ours(err)) == (0, []), out + err
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["clients"]["asked"] == report["clients"]["served"] == CLIENTS
    assert [host["clients"]["served"] for host in report["hosts"]] == [CLIENTS // 3] * 3
    assert sum(stats["accepted"] for stats in server.stats()) == CLIENTS


def test_a_slow_host_is_named(lab):
    """One host's load generator stands still for 60 of 80 ms."""
    path = lab.path / "report.json"
    with Server(lab, "server", "nio") as server:
        process = lab.start_mpirun(HOSTS, "--lead", "--host", "server", "--port", server.port, "--clients", 30, "--rate",
                                   600, "--warmup", 0.2, "--duration", 2, "--json", path)
        slow = lab.ranks()["b"]
        wait_for(lambda: lab.connections("server", server.port) == 30, what="connecting")
        while lab.ranks().get("b") == slow:
            os.kill(slow, signal.SIGSTOP)
            time.sleep(0.06)
            os.kill(slow, signal.SIGCONT)
            time.sleep(0.02)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, ours(err)) == (0, []), out + err
    report = json.loads(path.read_text(encoding="utf-8"))
    assert {host["host"]: host["slow"] for host in report["hosts"]} == {"a": False, "b": True, "c": False}, out
    assert [line for line in out.splitlines() if line.endswith("[slow]")][0].split()[:2] == ["2", "b"]
    assert any(line.startswith("slow hosts: b (rank 2); ") for line in report["warnings"])


@pytest.mark.full  # the lab is a user's own, too; the short form has that of whoever runs the tests
def test_an_ordinary_user(build_dir):
    """Where root runs the tests: the same as somebody else."""
    with Lab(*HOSTS[:3], build_dir=build_dir, user=65534) as lab, Server(lab, "server", "nio") as server:
        status, out, err = lab.mpirun(HOSTS[:3], "--lead", "--host", "server", "--port", server.port, "--duration", 0.3,
                                      "--warmup", 0)
        assert (status, ours(err)) == (0, []), err
        assert "50 asked, 50 connected, 50 served" in out
