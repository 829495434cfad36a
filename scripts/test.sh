#!/usr/bin/env bash
# test.sh - set-up, build and every test, in one command. Ends with "N passed, N failed, N skipped" over all steps.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() {
    cat <<'END'
usage: scripts/test.sh [--quick] [--help]

Builds with gcc and clang and under sanitizers, and runs: structure checks, format, shellcheck, unit tests, and the
black-box suite that drives every server through its port (plain, ASan+UBSan, TSan), conformance, a real browser, soak,
fuzzing. About 25 minutes on 2 cores.
  --quick   the plain build only: about 6 minutes
Each step's output is in build-logs/. Exit status: 0 all passed, 1 some failed, 2 could not run.
END
}

quick=no
case ${1-} in
    '') ;;
    --quick) quick=yes ;;
    --help) usage && exit 0 ;;
    *) echo "test.sh: unknown option '$1': try --help" >&2 && exit 2 ;;
esac

passed=0 failed=0 skipped=0
logs=build-logs
mkdir -p "$logs"

# step NAME COMMAND...: runs it, keeps its output, prints one line; the whole output when it fails.
step() {
    local name=$1 log start=$SECONDS
    shift
    log=$logs/${name//[^a-zA-Z0-9]/-}.log
    printf '%-58s ' "$name"
    if "$@" >"$log" 2>&1 </dev/null; then
        passed=$((passed + 1))
        printf 'ok      %4d s\n' $((SECONDS - start))
        grep -E '^SKIPPED|^ *[0-9]+/[0-9]+ .* SKIP' "$log" | sed 's/^/    /' || true # skips are visible, and say why
        tail -n 1 "$log" | grep -E '[0-9]+ passed' | sed 's/^/    /' || true
    else
        failed=$((failed + 1))
        printf 'FAILED  %4d s\n' $((SECONDS - start))
        sed 's/^/    /' "$log"
    fi
}

skip() {
    skipped=$((skipped + 1))
    printf '%-58s skipped: %s\n' "$1" "$2"
}

# build DIR COMPILER MESON_OPTION...: configures it when it is new, and builds it.
build() {
    local directory=$1 compiler=$2
    shift 2
    [[ -f $directory/build.ninja ]] || CC=$compiler meson setup "$directory" "$@"
    ninja -C "$directory"
}

# Debian's python3, whose modules setup.sh installs, not another one that PATH may find first. Most of these tests wait
# most of the time: three at once.
blackbox() {
    /usr/bin/python3 -m pytest -q -n 3 tests/blackbox --build-dir "$@"
}

conformance() {
    /usr/bin/python3 tests/conformance/conform.py --build-dir "$@"
}

# browser DIR NAME: ws_demo's page in Chromium. Screenshots are kept with the logs.
browser() {
    if [[ -x ${CHROMIUM:-/usr/bin/chromium} ]]; then
        step "browser: $2" env BUILD_DIR="$1" node --test tests/browser/ws_demo.test.js
    else
        skip "browser: $2" 'no chromium: install it, or give its path in CHROMIUM'
    fi
}

scripts/setup.sh --browser
step 'npm packages for the interop test' npm ci --prefix tests/interop --no-audit --no-fund
step 'npm packages for the browser test' npm ci --prefix tests/browser --no-audit --no-fund
step 'shellcheck' bash -c 'shellcheck scripts/*.sh scripts/lib/*.sh scripts/report/*.sh tests/*.sh .ci/run'
step 'clang-format' bash -c "git ls-files '*.c' '*.h' | xargs clang-format --dry-run --Werror"
step 'report: its page, in a browser' node --test tests/report/
step 'build: gcc' build build gcc --buildtype=release -Db_ndebug=false
step 'units and structure: gcc' meson test -C build --print-errorlogs
step 'black box: gcc' blackbox build
step 'conformance: gcc' conformance build
browser build gcc
step 'naive twins, by compare.sh: gcc' /usr/bin/python3 tests/check_breaks.py build
step 'soak: gcc' scripts/soak.sh --seconds 30 --build-dir build
if [[ $quick == no ]]; then
    step 'build: clang' build build-clang clang
    step 'units and structure: clang' meson test -C build-clang --print-errorlogs
    step 'build: ASan + UBSan' build build-asan gcc -Db_sanitize=address,undefined
    step 'units: ASan + UBSan' meson test -C build-asan --print-errorlogs --suite unit --timeout-multiplier 5
    step 'black box: ASan + UBSan' blackbox build-asan --sanitizer asan --slow 4
    step 'conformance: ASan + UBSan' conformance build-asan --slow 4
    step 'soak: ASan + UBSan' scripts/soak.sh --seconds 30 --build-dir build-asan --sanitizer asan
    step 'fuzz: 12 s for each of 5 targets' scripts/fuzz.sh --seconds 12
    step 'build: TSan' build build-tsan gcc -Db_sanitize=thread -Dunit_tests=disabled
    # What has one thread needs no ThreadSanitizer: the ladder, ws_demo, nio and aio unless they have several loops.
    step 'black box: TSan' blackbox build-tsan --sanitizer tsan --slow 4 --ignore tests/blackbox/test_ladder.py \
        -k 'not ws_demo and (not nio and not aio or two_loops or shutdown)'
    skip 'units: TSan' 'Criterion itself does not work under ThreadSanitizer'
fi
echo
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
