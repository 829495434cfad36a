#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# soak.sh - good, slow, broken and vanishing clients against each server in turn; afterwards nothing of them is left.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/soak.sh [--seconds N] [--build-dir DIR] [--sanitizer asan|tsan] [--seed N] [--verbose] [MODEL...]

Soaks bio, pseudo_async, nio, aio, aio_future and ws_demo, or those named. Checked for each: descriptors and memory are
back where they were, server and clients count the same messages, no well-behaved client fails, no sanitizer reports.

  --seconds N              for all servers together (default 60); each has 3 more to warm up
  --build-dir DIR          the programs of this build directory, as they are (default: build/, made or renewed first)
  --sanitizer asan|tsan    what they were built with: memory is not compared then
  --seed N                 of the dice that the bad clients throw (default: another one each time; it is printed)
  --verbose                how often each kind of client came, and how connections ended
  --help, -h

Exit status: 0 all well, 1 not, 2 could not run.
END
}

enter soak "$@"
