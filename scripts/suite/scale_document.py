"""scale_document.py - docs/scale.md, from the database of a run of `compare.sh --scenario scale`. From the repository:

    /usr/bin/python3 scripts/suite/scale_document.py results/reference/scale.db >docs/scale.md

A second database, if there is one, is of the same scenario with load from other hosts (--load-hosts), and more clients:

    /usr/bin/python3 scripts/suite/scale_document.py results/reference/scale.db results/reference/scale-hosts.db >docs/scale.md

docs/scale-hosts.json is what tests/hosts/scale.py has run: hosts that were made on one machine.
"""
import json
import sys

import database
import environment
import tables_scenarios
from markdown import table

HEAD = """\
# From 19,000 connections to a million

Generated from `results/reference/scale.db` by `scripts/suite/scale_document.py`; no figure is typed by hand. The same for your
own machine: `scripts/compare.sh --scenario scale` (12 minutes). One process holds as many connections here as it may
have descriptors.

Measured {date} on {cpu_model}, {cpus} CPUs, {kernel}, {memory}; medians of {repetitions} interleaved runs.

"""
TAIL = """\
## How the limits are raised

```sh
ulimit -Hn 1100000                      # or LimitNOFILE= of the service; fs.nr_open must allow it
sysctl fs.nr_open=1100000 fs.file-max=2200000
sysctl net.core.somaxconn=65535 net.ipv4.tcp_max_syn_backlog=65535    # and --backlog 65535
sysctl net.ipv4.ip_local_port_range="1024 65535"                      # of the clients: ports of one address
sysctl net.ipv4.tcp_mem="MIN PRESSURE MAX"                            # pages; buffers that hold nothing do not count
sysctl kernel.threads-max=1100000 kernel.pid_max=4194304 vm.max_map_count=2200000                  # for bio only
```

What none of these settings changes: a thread for each connection takes its stack's touched pages and the kernel's stack,
task and page tables besides; the Selector and the ring take what the socket takes, and two hundred bytes.
"""
HOSTS = """\
## Run with {hosts} hosts

This was run, and is not computed: {clients:,} connections from {hosts} other hosts ({names}) to one address and port, where
{processes} process{es} of each server share it{same}. {date}, {kernel}, {memory}; medians of {repetitions}
interleaved runs. How: [many_hosts.md](many_hosts.md). The same: `scripts/compare.sh --scenario scale --load-hosts FILE
--processes {processes} --clients {listed}`.

"""
SAME = ", all on one machine, whose CPUs and whose kernel they share: the figures are of connections, and not of a network"
MADE = """\
## Run: {clients:,} connections to one address

This was run, and is not computed: {count} hosts ({names}) with two addresses each, {share:,} clients each, and one address and
port, which {processes} processes of the server share. {active} of the clients ask again as soon as they are answered; the others
were answered once, and say nothing. The hosts are network namespaces on the machine of the server, joined by a bridge (MTU
1,500), and share its {cpus} CPUs and its kernel: the figures are of connections, and not of a network. {date}, {kernel}, one run
each. How: [many_hosts.md](many_hosts.md); again: `/usr/bin/python3 tests/hosts/scale.py`.

| protocol | model | asked | served | failed | own bytes each | server processes in all | p50 us | p99 us |
|----------|-------|-------|--------|--------|----------------|-------------------------|--------|--------|
"""
MADE_ROW = "| {protocol} | {model} | {asked:,} | {served:,} | {failed:,} | {own_bytes:,.0f} | {mib:,.1f} MiB | {p50_us:,.0f} | {p99_us:,.0f} |\n"
RUN = """
    select protocol, model, printf('%,d', round(asked)) as asked, printf('%,d', round(served)) as served,
           printf('%,d', round(failed)) as failed, alone as "190 alone: p99 us", among as "among the others: p99 us",
           own as "own bytes each", kernel as "kernel's bytes each", total as "of the server in all"
      from scale_hosts order by protocol, position
"""
EACH = """
    select protocol, model, host, asked, served, "failed, all runs", "p50 us", "p99 us", "its CPU"
      from table_load_part where workload = 'among-idle' order by protocol, position, rank
"""


def facts_of(db):
    """What the texts name."""
    facts = dict(db.execute("select key, value from metadata").fetchall())
    facts["date"] = db.execute("select substr(value, 1, 10) from metadata where key = 'date'").fetchone()[0]
    facts["repetitions"] = db.execute("select max(repetition) from plan").fetchone()[0]
    return facts


def with_hosts(db):
    """What was run with load from other hosts."""
    settings = dict(db.execute("select key, value from setting").fetchall())
    names, processes = settings["load_hosts"].split(","), int(settings.get("processes", 1))
    (clients,) = db.execute("select max(clients) from plan").fetchone()
    (same,) = db.execute("select min(same_kernel) from load_part").fetchone()
    yield HOSTS.format(**facts_of(db), hosts=len(names), names=", ".join(names), processes=processes, clients=clients,
                       es="" if processes == 1 else "es", same=SAME if same else "", listed=settings.get("clients", "50,190,19000"))
    yield table(db.execute(RUN)) + "\nWhat each host had of it, among the idle ones:\n\n" + table(db.execute(EACH)) + "\n"


def with_hosts_made():
    """What was run with hosts that were made on one machine."""
    path = environment.ROOT / "docs/scale-hosts.json"
    if not path.exists():
        return ""
    run = json.loads(path.read_text(encoding="utf-8"))
    head = MADE.format(**run, count=len(run["hosts"]), names=", ".join(run["hosts"]), share=run["clients"] // len(run["hosts"]))
    return head + "".join(MADE_ROW.format(**row, mib=row["server_kib"] / 1024) for row in run["rows"]) + "\n"


def document(db, hosts=None):
    """The whole of it. `hosts`: the results with load from other hosts, if there are any."""
    more = with_hosts_made() + ("".join(with_hosts(hosts)) if hosts else "")
    return HEAD.format(**facts_of(db)) + "".join(tables_scenarios.scale(db)) + more + TAIL


def opened(path):
    """Results, with what is computed of them."""
    db = database.open_foreign(path)
    database.run_file(db, "cache")
    return db


def main(path, hosts=None):
    """Prints it."""
    print(document(opened(path), opened(hosts) if hosts else None), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
