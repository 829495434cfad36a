#!/usr/bin/env python3
"""scale.py - what docs/scale.md tells of a run with 57,000 connections: by hosts that are made on this machine. By hand, with
nothing else under way (two minutes):

    /usr/bin/python3 tests/hosts/scale.py >docs/scale-hosts.json
    /usr/bin/python3 scripts/suite/scale_document.py results/reference/scale.db >docs/scale.md
"""
import datetime
import json
import os
import pathlib
import sys

from lab import Lab, Server, mpirun_line, why_not

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
HOSTS, MODELS = ["server", "a", "b", "c"], ["nio", "aio"]
CLIENTS, ACTIVE, PROCESSES = 57_000, 300, 4


def row_of(model, protocol, report):
    """Of a model, what the document says."""
    return {"protocol": protocol, "model": model, "asked": report["clients"]["asked"], "served": report["clients"]["served"],
            "failed": report["failures_total"], "p50_us": report["latency"]["service"]["p50_us"],
            "p99_us": report["latency"]["service"]["p99_us"], "own_bytes": report["memory"]["per_connection_bytes"],
            "server_kib": report["memory"]["server_after_kib"]}


def run(lab, model, protocol):
    """57,000 clients, of which 300 are active; each of the others has had one answer."""
    with Server(lab, "server", model, protocol=protocol, processes=PROCESSES) as server:
        status, out, err = lab.run(HOSTS[0], mpirun_line(
            HOSTS, "--lead", "--host", "server", "--port", server.port, "--protocol", protocol, "--clients", CLIENTS,
            "--source-ips", ",".join(lab.second_addresses(HOSTS[1:])), "--active", ACTIVE, "--ramp", 6, "--timeout", 30,
            "--duration", 5, "--warmup", 1, "--server-pid", ",".join(map(str, server.pids())), "--json", "-", "--quiet"), 120)
    assert status == 0, out + err
    return json.loads(out)


def main():
    """Prints the results."""
    if why := why_not(BUILD):
        sys.exit(f"scale.py: {why}")
    rows = []
    with Lab(*HOSTS, build_dir=BUILD) as lab:
        for protocol in "echo", "ws":
            for model in MODELS:
                rows.append(row_of(model, protocol, run(lab, model, protocol)))
                print(f"{protocol} {model}: {rows[-1]['served']:,} served", file=sys.stderr)
    facts = {"date": datetime.date.today().isoformat(), "kernel": f"Linux {os.uname().release}", "cpus": os.cpu_count(),
             "clients": CLIENTS, "active": ACTIVE, "processes": PROCESSES, "hosts": HOSTS[1:]}
    print(json.dumps({**facts, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
