#!/usr/bin/env bash
# The protocol does no I/O: its objects may call nothing but memory, string, digest and compression functions.
# usage: tests/check_protocol_symbols.sh BUILD_DIR
set -euo pipefail

if [ $# -ne 1 ]; then
    echo "usage: $0 BUILD_DIR" >&2
    exit 2
fi
library=$1/common/libprotocol.a
if [ ! -e "$library" ]; then
    echo "$0: $library is not there: build first (ninja -C $1)" >&2
    exit 2
fi

allowed='(__)?(malloc|calloc|realloc|free|mem[a-z]+|strn?casecmp|strn?cmp|strn?len|strchr|bcmp)(_chk)?' # memory, comparing
allowed+='|SHA1_(Init|Update|Final)|EVP_EncodeBlock' # the digest
allowed+='|(deflate|inflate)(Init2_|Reset|ResetKeep|End)?' # zlib, in memory
allowed+='|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_' # what the compiler adds
allowed+='|__(asan|ubsan|tsan|sanitizer|gcov)_.*' # and the sanitizers

objects=$(ar t "$library")
defined=$(nm --defined-only "$library" | awk 'NF == 3 { print $3 }' | sort -u)
undefined=$(nm --undefined-only --print-file-name "$library" | awk '{ print $NF, $1 }' | sort -u)
if [ -z "$objects" ] || [ -z "$undefined" ]; then
    echo "$0: $library holds no objects: nothing was checked" >&2
    exit 2
fi

offending=$(awk -v allowed="^($allowed)$" '
    NR == FNR { ours[$1]; next }
    !($1 in ours) && $1 !~ allowed { print $2 " calls " $1 }' <(printf '%s\n' "$defined") <(printf '%s\n' "$undefined"))
if [ -n "$offending" ]; then
    printf '%s\n' "$offending"
    echo "$library: the protocol must do no I/O and keep to memory, comparing, the digest and zlib" >&2
    exit 1
fi
