#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# test.sh - set-up, build and every test, in one command.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/test.sh [--quick] [--only NAME...] [--logs] [--list] [-h | --help]

Builds with gcc and clang and under sanitizers, and runs: structure checks, format, shellcheck, unit tests, and the
black-box suite that drives every server through its port (plain, ASan+UBSan, TSan), conformance, the pages in a real
browser, soak, fuzzing. On 2 CPUs that had other work, too, that took 36 minutes, and 14 with --quick. What is missing
is installed first (scripts/setup.sh --test --browser: about 1.5 GB on disk on a minimal system; needs root or sudo,
and Debian's packages); without a browser its tests are skipped, and say so.
  --quick  the plain build only
  --only   these steps, and the builds they need; a NAME may stand for several: `--only blackbox`
  --logs   the whole log of a step that fails, not its last lines
  --list   prints the steps
Each step's output is in build-logs/. Ctrl-C ends the step that is running, and says what has passed. The last line says
what failed. Exit status: 0 all passed, 1 some failed, 2 could not run, 130 after Ctrl-C.
END
}

enter test "$@"
