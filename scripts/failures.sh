#!/usr/bin/env bash
# failures.sh - runs every command that docs/failures.md shows, and puts what came out into it.
#
# The text is by hand; a line `<!-- $ COMMAND -->` and the block below it are not. About 3 minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp)
trap 'rm -f "$work"' EXIT
awk '
    within { fences += /^```$/; within = fences < 2; next }
    { print }
    /^<!-- \$ .* -->$/ {
        command = substr($0, 8, length($0) - 11)
        print command > "/dev/stderr"
        command = command " 2>&1"
        print "```"
        while ((command | getline line) > 0) { sub(/ +$/, "", line); print line }
        status = close(command)
        print "```"
        if (status) { print "failures.sh: ended with status " status > "/dev/stderr"; exit 1 }
        within = 1
        fences = 0
    }' docs/failures.md >"$work"
cp "$work" docs/failures.md
