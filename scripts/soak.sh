#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# soak.sh - good, slow, broken and vanishing clients against each server in turn; afterwards nothing of them is left.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=lib/build.sh
. scripts/lib/build.sh

case ${1-} in
    --help)
        cat <<'END'
usage: scripts/soak.sh [--seconds N] [--build-dir DIR] [--sanitizer asan|tsan] [--seed N] [--verbose] [MODEL...]

Builds what is not built, and soaks bio, pseudo_async, nio, aio and aio_future, or those named, for N seconds together
(default 60). Checked for each: descriptors and memory are back where they were, server and clients count the same
messages, no well-behaved client fails, no sanitizer reports. Exit status: 0 all well, 1 not, 2 could not run.
END
        exit 0
        ;;
esac

if [[ " $* " != *' --build-dir'* ]]; then
    build_default
fi
# Debian's python3, not another one that PATH may find first: its modules are those that setup.sh installs.
exec /usr/bin/python3 tests/blackbox/soak.py "$@"
