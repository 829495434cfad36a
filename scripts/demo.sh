#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# demo.sh - builds what is needed and starts ws_demo, the page of the suite.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/demo.sh [OPTION OF ws_demo...]

Builds what is missing and starts ws_demo; open the page that it names, in two windows. Ctrl-C ends it. Among the
options of ws_demo (build/ws_demo/ws_demo --help has them all):

  --port N            listen on this port (default 8080); 0 has a free one picked
  --address 0.0.0.0   let others in, such as the phones in the room: anybody who reaches this machine can take part;
                      :: lets clients of IPv6 in, too
  --history FILE      keep what is said in this file, over a restart
  --self-signed       https and wss, with a certificate made now, which browsers warn of (docs/tls.md)
  --certificate FILE  https and wss, with this certificate and its chain, and with
  --key FILE          its key
  --help, -h
END
}

enter demo "$@"
