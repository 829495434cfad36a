#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# break.sh - runs one failure scenario against a model, or a naive twin and the server that survives what it does not.
# scripts/suite/break.py does it.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/break.sh SCENARIO [MODEL,MODEL...] [PROTOCOL]

MODEL: bio, pseudo_async, nio, aio, aio_future, framework, or a naive twin (default: the twins of the scenario with the
servers that they are twins of; where there is none, all). PROTOCOL: echo or ws. What each shows: docs/failures.md.

END
    if [[ -x /usr/bin/python3 ]]; then
        (enter break --list)
    else
        echo 'The scenarios are listed here once there is python3: scripts/setup.sh --measure installs it.'
    fi
}

enter break "$@"
