#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# demo.sh - builds what is needed and starts ws_demo, the page of the suite.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=lib/build.sh
. scripts/lib/build.sh

case ${1-} in
    --help)
        cat <<'END'
usage: scripts/demo.sh [OPTION OF ws_demo...]

Builds and starts ws_demo; open the page that it names, in two windows. Ctrl-C ends it. The options are those of
build/ws_demo/ws_demo --help: --port N, --history FILE, --address 0.0.0.0 (for the phones in the room)...
END
        exit 0
        ;;
esac

build_default
echo 'open http://ADDRESS:PORT/ in two windows, with this address and port:'
exec build/ws_demo/ws_demo "$@"
