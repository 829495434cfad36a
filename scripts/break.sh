#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# break.sh - runs one failure scenario against a model, or a naive twin and the server that survives what it does not.
# scripts/suite/break.py does it.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    if in_chinese; then usage_in_chinese; else usage_in_english; fi
    if [[ -x /usr/bin/python3 ]]; then
        (enter break --list)
    elif in_chinese; then
        echo '有了 python3，这里会列出各种情形：scripts/setup.sh --measure 会安装它。'
    else
        echo 'The scenarios are listed here once there is python3: scripts/setup.sh --measure installs it.'
    fi
}

usage_in_english() {
    cat <<'END'
usage: scripts/break.sh SCENARIO [MODEL,MODEL...] [PROTOCOL]

MODEL: bio, pseudo_async, nio, aio, aio_future, framework, or a naive twin (default: the twins of the scenario with the
servers that they are twins of; where there is none, all). PROTOCOL: echo or ws. What each shows: docs/failures.md.

END
}

usage_in_chinese() {
    cat <<'END'
usage: scripts/break.sh SCENARIO [MODEL,MODEL...] [PROTOCOL]

SCENARIO：下面的一种情形。MODEL：bio、pseudo_async、nio、aio、aio_future、framework，或一个天真版本（默认：这种情形的
天真版本和它们所对应的服务器；没有天真版本的，就是全部模型）。PROTOCOL：echo 或 ws。
每种情形说明什么：docs/failures.zh.md。

END
}

enter break "$@"
