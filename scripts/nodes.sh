#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# nodes.sh - what several nodes of ws_demo, and the Redis between them, cost and bear.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/nodes.sh [--members N] [--seconds S] [--rounds N] [--write] [--build-dir DIR]

Fills a room with members, on one server without Redis and on 1, 2 and 3 nodes with it, and measures messages a second,
the delay from a sender to each member and to the last one, and the CPU time of nodes, Redis and clients; then what a
node's death costs its members; then, with 100 members, what Redis costs in place of SQLite. All of it on this machine:
clients, nodes and Redis share its CPUs. Each message is checked: none may be lost or come twice. Starts Redis servers of
its own, on ports of their own, and leaves a Redis that runs here alone. Needs scripts/setup.sh --nodes.

  --members N      100 to 90000 (default 10000, or what the descriptors allow)
  --seconds S      of each run (default 8)
  --rounds N       so often each run, in turn; the table has medians (default 3: about 15 minutes)
  --write          puts the figures into docs/nodes.json, docs/nodes.md and docs/nodes.zh.md
  --build-dir DIR  the programs of this build directory, as they are (default: build/, made or renewed first)
  --help, -h
END
}

enter nodes "$@"
