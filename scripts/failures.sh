#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# failures.sh - runs every command that docs/failures.md shows, and puts what came out into it, and into its Chinese.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/failures.sh

Renews docs/failures.md and docs/failures.zh.md: their text is by hand; a line `<!-- $ COMMAND -->` and the block below
it are not. Runs every such command (scripts/break.sh, mostly) once and puts what came out into its block. If one fails,
the documents stay as they were. Takes about 3 minutes.
END
}

enter failures "$@"
