#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# check_breaks.sh - scripts/compare.sh sees every naive twin fail at what it is put to. (That the servers do not:
# tests/blackbox/test_naive.py, test_chaos.py, test_pressure.py.)
#
#     tests/check_breaks.sh BUILD_DIR
set -euo pipefail
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")/../scripts" && pwd)
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=../scripts/lib/words.sh
. "$scripts/lib/words.sh"

# Prints who did not fail as it should.
trial() {
    rm -rf "$work/results"
    "$scripts/compare.sh" --scenario reliability --repeat 1 --build "$build" --out "$work/results" \
        --workloads "$(words 'select group_concat(distinct workload) from twin_trial')" \
        --models "$(words 'select group_concat(name) from model where twin_of is not null')" >&2
    sqlite3 -batch -bail -init /dev/null "$work/results/results.db" "
        select 'never run: ' || t.twin || ' under ' || t.workload from twin_trial t join model m on m.name = t.twin
         where m.missing is null and (t.twin, t.workload) not in (select model, workload from reliability);
        select model || ' survives ' || workload from reliability_cell
         where twin_of is not null and harm is null and model <> 'rebuilt_selector';
        select 'rebuilt_selector under ' || workload || ': ' || cell from reliability_cell
         where model = 'rebuilt_selector' and (harm is not null) <> (workload = 'no_descriptors')"
}

# Where something else takes the CPU, a Selector that spins does not get enough of it to be seen: once more, then.
wrong=$(trial)
[[ -z $wrong ]] || { echo "$wrong; once more" >&2 && wrong=$(trial); }
[[ -z $wrong ]] || { echo "$wrong" >&2 && exit 1; }
echo "every twin fails"
