#!/usr/bin/env bash
# bench.sh - how close each model, and the load generator, come to what the kernel's TCP leaves over: "figure / floor".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case ${1-} in
    --help)
        cat <<'END'
usage: scripts/bench.sh [--repeat N] [--duration S]

Measures every bar that the suite holds itself to (table `bar` in scripts/sql/workloads.sql): one CPU for the server,
another for the client, medians of 5 interleaved runs, each against a yardstick of the same run. About 12 minutes; other
work on the machine spoils it. The runs are kept in results/bench-<time>/. Exit status: 0 all met, 1 not, 2 could not run.
END
        exit 0
        ;;
esac

out=results/bench-$(date +%Y%m%d-%H%M%S)
scripts/compare.sh --bench --out "$out" "$@" >/dev/stderr
bars=$(sqlite3 -batch -bail -init /dev/null "$out/results.db" '.read scripts/sql/print_bars.sql')
echo "$bars"
[[ $bars == *' 0 missed,'*' 0 not measured or failed' ]]
