#!/usr/bin/env bash
# fuzz.sh - hostile bytes for the protocol module: builds the fuzz targets, replays their corpus, then fuzzes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

targets=(http_head websocket_server websocket_client session wslay)
build='build-fuzz'
findings=$build/findings

usage() {
    cat <<END
usage: scripts/fuzz.sh [--seconds N] [--help] [TARGET...]

Runs each target (all of: ${targets[*]})
on its committed inputs, fuzz/corpus/TARGET, and then for N seconds (60) on new ones. What it learns stays in
$build/scratch/TARGET for the next run; an input that breaks something is kept in $findings.
fuzz/README.md says what is checked. Exit status: 0 no finding, 1 findings, 2 could not run.
END
}

fail() {
    echo "fuzz.sh: $1" >&2
    exit 2
}

# Libraries outside keep freed memory for long; a fuzzer only needs it for one input.
export ASAN_OPTIONS=quarantine_size_mb=8
limits=(-timeout=10 -rss_limit_mb=1024)

build_targets() {
    local log=$build/build.log
    mkdir -p "$build" "$findings"
    { [[ -f $build/build.ninja ]] || CC=clang meson setup "$build" -Dfuzz=true -Dunit_tests=disabled; } >"$log" 2>&1 &&
        ninja -C "$build" "${chosen[@]/#/fuzz/fuzz_}" >>"$log" 2>&1 && return
    tail -n 20 "$log" >&2
    fail "cannot build: see above, or all of it in $log. Is everything installed? scripts/setup.sh"
}

# found TARGET INPUT LOG: says what broke, and how to see it again.
found() {
    local log=$3
    grep -aE -m 3 'Assertion|runtime error|^SUMMARY|ERROR: ' "$log" | sed 's/^/    /'
    echo "    again: ASAN_OPTIONS=$ASAN_OPTIONS $build/fuzz/fuzz_$1 $2"
    echo "    all of its output: $log"
}

# The committed inputs, one by one. Each was worth keeping: none may break anything again.
replay() {
    local log=$build/$1-corpus.log inputs=("fuzz/corpus/$1"/*)
    if "$build/fuzz/fuzz_$1" "${limits[@]}" "${inputs[@]}" >"$log" 2>&1; then
        echo "$1: ${#inputs[@]} committed inputs, no finding"
    else
        echo "$1: FOUND by a committed input"
        found "$1" "$(grep -a '^Running: ' "$log" | tail -n 1 | cut -d ' ' -f 2)" "$log"
        return 1
    fi
}

# One line of libFuzzer's in five seconds, in words.
progress() {
    awk -v target="$1" '
        BEGIN { next_at = systime() + 5 }
        /^#[0-9]+.* cov: / && systime() >= next_at {
            executions = substr($1, 2)
            for (i = 2; i < NF; i++) value[$i] = $(i + 1)
            printf "%s: %d executions, %d edges covered, %d inputs kept\n", target, executions, value["cov:"], value["corp:"]
            fflush()
            next_at = systime() + 5
        }'
}

fuzz() {
    local log=$build/$1.log scratch=$build/scratch/$1 status=0 finding
    mkdir -p "$scratch"
    "$build/fuzz/fuzz_$1" "${limits[@]}" -max_total_time="$seconds" -max_len=2048 -dict=fuzz/protocol.dict \
        -artifact_prefix="$findings/$1-" -print_final_stats=1 "$scratch" "fuzz/corpus/$1" 2>&1 |
        tee "$log" | progress "$1" || status=1
    ((status == 0)) && return
    finding=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
    echo "$1: FOUND, kept as ${finding:-nothing}"
    found "$1" "$finding" "$log"
    return 1
}

# One line on what a target's run came to.
summary() {
    if [[ ! -f $build/$1.log ]]; then
        printf '%-18s not fuzzed: a committed input comes first\n' "$1"
        return
    fi
    awk -v target="$1" '
        /^INFO: Loaded 1 modules/ { sub(/\(/, "", $5); edges = $5 }
        /^#[0-9]+.* cov: / { for (i = 2; i < NF; i++) value[$i] = $(i + 1) }
        /^stat::number_of_executed_units/ { executions = $2 }
        END {
            printf "%-18s %9d executions  %4d of %d edges covered  %4d inputs kept\n",
                target, executions, value["cov:"], edges, value["corp:"]
        }' "$build/$1.log"
}

seconds=60 chosen=()
while (($#)); do
    case $1 in
        --help) usage && exit 0 ;;
        --seconds)
            [[ ${2-} =~ ^[1-9][0-9]{0,6}$ ]] || fail "--seconds needs a number from 1 on, not '${2-}'"
            seconds=$2
            shift
            ;;
        -*) fail "unknown option '$1': try --help" ;;
        *)
            [[ " ${targets[*]} " == *" ${1#fuzz_} "* ]] || fail "no target '$1'; there are: ${targets[*]}"
            chosen+=("${1#fuzz_}")
            ;;
    esac
    shift
done
((${#chosen[@]})) || chosen=("${targets[@]}")

build_targets
count=0
for target in "${chosen[@]}"; do
    rm -f "$build/$target.log"
    replay "$target" && fuzz "$target" || count=$((count + 1))
done
echo
for target in "${chosen[@]}"; do
    summary "$target"
done
echo "${#chosen[@]} targets: $((${#chosen[@]} - count)) passed, $count with findings"
((count == 0))
