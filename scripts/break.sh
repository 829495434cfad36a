#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# break.sh - runs one failure scenario against a model, or a naive twin and the server that survives what it does not.
# The limits are the server's alone (prlimit in the child); the machine stays as it is. compare.sh measures.
set -euo pipefail
export LC_ALL=C.UTF-8

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# shellcheck source=lib/words.sh
. "$scripts/lib/words.sh"

usage() {
    cat <<'END'
usage: scripts/break.sh SCENARIO [MODEL,MODEL...] [PROTOCOL]

MODEL: bio, pseudo_async, nio, aio, aio_future, framework, or a naive twin (default: the twins of the scenario with the
servers that they are twins of; where there is none, all). PROTOCOL: echo or ws. What each shows: docs/failures.md.

END
    words ".read $scripts/sql/print_breaks.sql"
}

fail() {
    echo "break.sh: $1" >&2
    exit 2
}

[[ ${1-} != --help ]] || { "$scripts/setup.sh" && usage && exit; }
(($# >= 1 && $# <= 3)) || fail 'which scenario? try --help'
"$scripts/setup.sh"
[[ $1 =~ ^[a-z_0-9]+$ ]] || fail "there is no scenario '$1': try --help"
read -r models protocol <<<"$(words ".parameter set :workload $1" ".read $scripts/sql/break_models.sql")"
[[ -n $models ]] || fail "there is no scenario '$1': try --help"
models=${2:-$models} protocol=${3:-$protocol}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$scripts/compare.sh" --scenario reliability --workloads "$1" --models "$models" --protocols "$protocol" --repeat 1 \
    --out "$work/results" >"$work/log" || {
    status=$?
    cat "$work/log"
    exit "$status"
}
[[ -f $work/results/results.db ]] || fail "nothing was measured"
sqlite3 -batch -bail -init /dev/null "$work/results/results.db" ".read $scripts/sql/print_break.sql"
