#!/usr/bin/env bash
# journey.sh - the same conversation of four clients with each model's server, call by call: strace writes it down.
set -euo pipefail
report=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [[ ${1-} == --help || $# != 2 ]]; then
    cat <<'END_OF_HELP'
usage: scripts/report/journey.sh BUILD_DIR OUT_DIR

OUT_DIR gets journey.tsv (model, lane, start_us, end_us, state, call, text: see journey.py), and in journey/ what it is
made of. strace slows the servers down: the order of things is right, their durations are not.
END_OF_HELP
    [[ ${1-} == --help ]] && exit 0
    exit 2
fi

build=$1 out=$2
mkdir -p "$out"
# Debian's python3, not another one that PATH may find first.
/usr/bin/python3 "$report/conversation.py" "$build" "$out"
/usr/bin/python3 "$report/journey.py" "$out"
