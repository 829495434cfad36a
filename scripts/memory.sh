#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# memory.sh - what an idle WebSocket connection costs each server, in bytes of its own memory.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/memory.sh [--clients N] [--build-dir DIR] [MODEL...]

Holds 1,000 and then N WebSocket connections against each of bio, pseudo_async, nio, aio, aio_future, ws_demo and
ws_demo_tls (the same with TLS), or those named, and prints by how much the private memory of the server's process grew,
per connection. Each connection says one message and then nothing. The kernel's side (sockets; in bio and pseudo_async
also the kernel's thread) is not counted. Takes about two minutes: with TLS, 500 clients a second connect.

  --clients N      2000 to 99999 (default 15000)
  --build-dir DIR  the programs of this build directory, as they are (default: build/, made or renewed first)
  --help, -h
END
}

enter memory "$@"
