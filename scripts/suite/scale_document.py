"""scale_document.py - docs/scale.md, from the database of a run of `compare.sh --scenario scale`. From the repository:

    /usr/bin/python3 scripts/suite/scale_document.py results/reference/scale.db >docs/scale.md
"""
import sys

import database
import tables_scenarios

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


def document(db):
    """The whole of it."""
    facts = dict(db.execute("select key, value from metadata").fetchall())
    facts["date"] = db.execute("select substr(value, 1, 10) from metadata where key = 'date'").fetchone()[0]
    facts["repetitions"] = db.execute("select max(repetition) from plan").fetchone()[0]
    return HEAD.format(**facts) + "".join(tables_scenarios.scale(db)) + TAIL


def main(path):
    """Prints it."""
    db = database.open_foreign(path)
    database.run_file(db, "cache")
    print(document(db), end="")


if __name__ == "__main__":
    main(sys.argv[1])
