#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# lab.sh - the labs: predict, write some lines of C, and have them judged in seconds. scripts/suite/lab.py does it.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/lab.sh list | start N | predict N | build N | check N | hint N | status | reset N | batch DIR [-h | --help]

  list       the labs
  start N    copies lab N to ~/io-models-labs (or $IO_LABS)
  predict N  asks three questions before you run anything, and keeps your answers
  build N    compiles your file, so that you can run it by hand: prints where the program is
  check N    judges your file in at most 15 s: stops at the first failure, says what was done, what came, what should
             have come, and gives one hint
  hint N     one more of three hints
  status     a line for each lab
  reset N    begins anew; your file is kept under another name
  batch DIR  judges hand-ins, DIR/STUDENT/NN_NAME/NAME.c, and prints a table (CSV)

Needs gcc and python3 (scripts/setup.sh --labs), no network and no root. In English, or in Chinese where LANG says so.
Exit status: 0 done or passed, 1 the check failed, 2 could not run.
END
}

enter lab "$@"
