#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# test.sh - set-up, build and tests, in one command.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/test.sh [--full] [--only NAME...] [--logs] [--list] [-h | --help]

Builds, and runs what finds most: under ASan and UBSan the unit tests, the black-box suite that drives every server
through its port, and conformance; with the plain build what a sanitizer makes senseless, the naive twins and the pages
in a real browser; structure of the sources, format, shellcheck, the scripts themselves. About 8 minutes on 2 CPUs.
  --full   everything, about 39 minutes: also black box and conformance with the plain build, black box under TSan,
           a build with clang, the page behind nginx, soak, fuzzing, and the tests that are marked `full` (each says why)
  --only   these steps, and the builds they need; a NAME may stand for several: `--only blackbox`
  --logs   the whole log of a step that fails, not its last lines
  --list   prints the steps
What is missing is installed first (scripts/setup.sh --test --browser --nodes: about 1.5 GB on disk on a minimal system;
with --full also --hosts; needs root or sudo, and Debian's packages); without a browser, Redis or MPI, their tests are
skipped, and say so. Steps that leave a CPU free
run side by side; the output of each is in build-logs/. Ctrl-C ends those that run, and says what has passed. The last
line says what failed. Exit status: 0 all passed, 1 some failed, 2 could not run, 130 after Ctrl-C.
END
}

enter test "$@"
