#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# fuzz.sh - hostile bytes for the protocol module: builds the fuzz targets, replays their corpus, then fuzzes.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/fuzz.sh [--seconds N] [TARGET...]

Runs each target (all of: http_head websocket_server websocket_client session deflate wslay) on its committed
inputs, fuzz/corpus/TARGET, and then for N seconds on new ones. What it learns stays in build-fuzz/scratch/TARGET for the next
run; an input that breaks something is kept in build-fuzz/findings. Needs clang, which it installs with what else the
tests need (scripts/setup.sh --test). fuzz/README.md says what is checked.

  --seconds N   for each target (default 60)
  --help, -h

Exit status: 0 no finding, 1 findings, 2 could not run.
END
}

enter fuzz "$@"
