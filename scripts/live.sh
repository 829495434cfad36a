#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# live.sh - the wall of waiting, the race, and votes: what a class looks at while servers run.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/live.sh [--port N] [--address ADDRESS] [OPTION OF ws_demo...] [-h | --help]

Builds what is missing, starts servers of all models with their clients, and a page on which one sees who waits: open the
address that it prints. The page has the wall (clients and threads as dots), the race (which model is faster, as
intervals that narrow), and questions that phones answer by one touch. Ctrl-C ends it, and everything that it started.

  --port N            of the page (default 8080); 0 has a free one picked
  --address 0.0.0.0   let the phones in the room take part: they look and vote; buttons are for this machine, or for
                      whoever has the address with the token that is printed; :: lets phones of IPv6 in, too
  --trust-proxy ADDRESS, --allow-origin ORIGIN, --allow-host NAME
                      for a page behind a proxy: see docs/deploy.md
  --help, -h
For phones, the address is drawn in the terminal as a QR code, where qrencode is there (scripts/setup.sh --live).
One comparison or stage at a time in a checkout. Exit status: 0 the page has ended, 2 could not begin, 130 after Ctrl-C.
END
}

enter live "$@"
