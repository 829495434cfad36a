"""tls_figures.py - what TLS costs, from results of `compare.sh --scenario tls`, into docs/tls.md. From the repository:

    /usr/bin/python3 -I scripts/suite tls_figures results/TIME
"""
import pathlib
import sqlite3

import measured
import redraw
from terminal import Failure

WORKLOADS = ("tls-small", "tls-64k", "tls-set-up")


def main(arguments):
    """Stores the figures of each workload, or none."""
    if len(arguments) != 1:
        raise Failure("name the directory that compare.sh --scenario tls wrote")
    path = pathlib.Path(arguments[0], "results.db")
    try:
        rows = {row["workload"]: row for row in redraw.results(path).execute("select * from tls_cost")}
    except sqlite3.Error as error:
        raise Failure(f"'{path}' cannot be read: {error}") from error
    missing = [name for name in WORKLOADS if name not in rows]
    if missing:
        raise Failure(f"'{path}' has no valid runs of {', '.join(missing)}")
    return measured.main([f"{name}={value}" for workload in WORKLOADS for name, value in figures(rows[workload])])


def figures(row):
    """Of one workload: the name and the text of each."""
    name = row["workload"]
    yield f"{name}-rate-without", f"{row['plain_rate']:,.0f}"
    yield f"{name}-rate-with", f"{row['tls_rate']:,.0f}"
    yield f"{name}-cpu-without", f"{row['plain_us']:.1f}"
    yield f"{name}-cpu-with", f"{row['tls_us']:.1f}"
    yield f"{name}-cpu-ratio", row["cpu_ratio"].lstrip("~")
