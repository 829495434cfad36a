#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# bench.sh - how close each model, and the load generator, come to what the kernel's TCP leaves over: "figure / floor".
# scripts/suite/bench.py does it.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/bench.sh [--repeat N] [--duration S] [--out DIR] [-h | --help]

Measures every bar that the suite holds itself to (table `bar` in scripts/sql/workloads.sql): one CPU for the server,
another for the client, each in races with its yardstick. A bar is met when the whole 95% interval of the ratio is,
missed when all of it is below, open otherwise. About 7 minutes; other work on the machine spoils it. The bars go to
standard output, the comparison to standard error, the runs to results/bench-<time>/ (or --out DIR). Exit status: 0 all
met, 1 not (missed or open), 2 could not run.
END
}

enter bench "$@"
