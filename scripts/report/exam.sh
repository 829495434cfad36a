#!/usr/bin/env bash
# exam.sh - the backtrace exam: gdb stops each server, and what its stacks tell of one client is counted.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [[ ${1-} == --help || $# != 2 ]]; then
    cat <<'END_OF_HELP'
usage: scripts/report/exam.sh BUILD_DIR OUT_DIR

Starts each model's server, stops it with gdb while one client has sent half of a message, and asks the stacks five
questions about that client. OUT_DIR gets exam.tsv (model, question, answered, evidence) and exam/MODEL.txt (stacks).
BUILD_DIR is made if it does not exist: without optimisation, so that gdb finds the arguments of every function.
END_OF_HELP
    [[ ${1-} == --help ]] && exit 0
    exit 2
fi

build=$1 out=$2
mkdir -p "$out"
if [[ ! -f $build/build.ninja ]]; then
    meson setup "$build" "$root" --buildtype=debug -Doptimization=0 -Db_ndebug=false -Dunit_tests=disabled \
        >"$out/exam-build.log" 2>&1 || { cat "$out/exam-build.log" >&2 && exit 2; }
fi
ninja -C "$build" >"$out/exam-build.log" 2>&1 || { cat "$out/exam-build.log" >&2 && exit 2; }
rm -f "$out/exam-build.log"
# Debian's python3, not another one that PATH may find first.
exec /usr/bin/python3 "$root/scripts/report/exam.py" "$build" "$out"
