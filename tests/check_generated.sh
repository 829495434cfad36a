#!/usr/bin/env bash
# check_generated.sh - what is said to be generated is what its generator says today, to the byte.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v sqlite3 >/dev/null; then
    echo 'sqlite3 is not installed: scripts/setup.sh'
    exit 77
fi
diff docs/scale.md <(sqlite3 -batch -init /dev/null results/reference/scale.db '.read scripts/sql/print_scale_doc.sql')
