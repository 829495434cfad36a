#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# memory.sh - what an idle WebSocket connection costs each server, in bytes of its own memory.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=lib/build.sh
. scripts/lib/build.sh

usage() {
    cat <<'END'
usage: scripts/memory.sh [--clients N] [--build-dir DIR] [MODEL...]

Holds 1,000 and then N WebSocket connections (default 15,000; each says one message and then nothing) against each of
bio, pseudo_async, nio, aio, aio_future and ws_demo, or those named, and prints by how much the private memory of the server's
process grew, per connection. The kernel's side (sockets; in bio and pseudo_async also the kernel's thread) is not in it.
END
}

fail() {
    echo "memory.sh: $1" >&2
    exit 2
}

build=build few=1000 many=15000 models=()
while (($#)); do
    case $1 in
        --help) usage && exit 0 ;;
        --clients) many=${2-} && shift ;;
        --build-dir) build=${2-} && shift ;;
        bio | pseudo_async | nio | aio | aio_future | ws_demo) models+=("$1") ;;
        *) fail "unknown option or model '$1': try --help" ;;
    esac
    shift || fail 'the last option lacks its value: try --help'
done
[[ $many =~ ^[1-9][0-9]{3,4}$ && $many -ge $((2 * few)) ]] || fail "--clients takes $((2 * few)) to 99999, not '$many'"
((${#models[@]})) || models=(bio pseudo_async nio aio aio_future ws_demo)

[[ $build != build ]] || build_default

# A client needs a descriptor on either side, and a few are in use.
files=$(ulimit -Hn)
[[ $files == unlimited ]] || ((many <= files - 100)) || fail "--clients $many needs $((many + 100)) descriptors; the limit is $files"

work=$(mktemp -d)
server_pid=''
trap '[[ -z $server_pid ]] || kill -KILL "$server_pid" 2>/dev/null; rm -rf "$work"' EXIT

# hold CLIENTS: this many connections for a second; leaves the load generator's report in $work/CLIENTS.json.
hold() {
    timeout 120 "$build/loadgen/loadgen" --protocol ws --port "$port" --clients "$1" --rate 1 --ramp 2 --warmup 0 --duration 1 \
        --timeout 30 --server-pid "$server_pid" --quiet --json "$work/$1.json" >/dev/null ||
        fail "$model could not hold $1 connections: $build/loadgen/loadgen says why"
}

# Sets server_pid and port.
start_server() {
    local program=$build/$model/${model}_server line options=()
    case $model in
        aio_future) program=$build/aio/aio_future_server ;;
        ws_demo) program=$build/ws_demo/ws_demo options=(--echo) ;;
        pseudo_async) options=(--workers "$many") ;; # or they would wait in its queue
    esac
    mkfifo "$work/$model"
    "$program" --port 0 --protocol ws "${options[@]}" >"$work/$model" &
    server_pid=$!
    read -r -t 10 line <"$work/$model" || return 1
    port=${line##*:}
}

# Prints the row of $model.
print_row() {
    sqlite3 -batch -init /dev/null :memory: "
        with kib(few, many) as (select json_extract(readfile('$work/$few.json'), '$.memory.server_after_kib'),
                                       json_extract(readfile('$work/$many.json'), '$.memory.server_after_kib'))
        select printf('%-14s %,12d %,14d %,20.0f', '$model', few, many, (many - few) * 1024.0 / ($many - $few)) from kib"
}

printf '%-14s %12s %14s %20s\n' model "KiB at $few" "KiB at $many" 'bytes per connection'
for model in "${models[@]}"; do
    if ! start_server; then
        echo "$model does not start here: see above"
        server_pid=''
        continue
    fi
    hold "$few"
    hold "$many"
    print_row
    kill -TERM "$server_pid"
    wait "$server_pid" || fail "$model ended with status $?"
    server_pid=''
done
