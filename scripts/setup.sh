#!/usr/bin/env bash
# setup.sh - installs what building, testing and comparing need; does nothing, fast, when nothing is missing.
set -euo pipefail

usage() {
    cat <<'END'
usage: scripts/setup.sh [--browser] [--dry-run] [--help]

Installs the missing packages with apt (Debian 12 or later, Ubuntu 24.04 or later). On other systems it names them.
  --browser  also Chromium and a Chinese font, for the test of ws_demo's page; goes on without them where there are none
  --dry-run  only print what is missing; exit 1 if something is
END
}

# Debian's names. Needed to build, to measure, to draw, to test.
packages=(
    gcc clang libclang-rt-dev meson ninja-build pkg-config
    liburing-dev libev-dev libjansson-dev libunistring-dev libssl-dev libcriterion-dev libwslay-dev
    gnuplot-nox fonts-dejavu-core sqlite3 util-linux procps git
    libsqlite3-dev python3 python3-pytest python3-pytest-xdist python3-websockets strace gdb shellcheck clang-format
    python3-pygments pmccabe clang-tidy
)

# What counts as installed under another name, or as a program on PATH from elsewhere: "package program".
substitutes=("nodejs node" "npm npm")

# Hundreds of megabytes, and only tests/browser needs them.
browser_packages=(chromium fonts-wqy-microhei)

fail() {
    echo "setup.sh: $1" >&2
    exit 2
}

# Of the packages named, those that are not installed.
not_installed() {
    # dpkg-query ends with 1 when it does not know a package: that is the answer, not a failure.
    { dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true; } |
        awk -v wanted="$*" '
            $2 == "installed" { have[$1] = 1 }
            END { n = split(wanted, name, " "); for (i = 1; i <= n; i++) if (!(name[i] in have)) print name[i] }'
}

missing_packages() {
    not_installed "${packages[@]}"
    local pair
    for pair in "${substitutes[@]}"; do
        command -v "${pair#* }" >/dev/null || echo "${pair% *}"
    done
}

install() {
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            fail "missing: $*. Installing needs root and there is no sudo: run 'apt-get install $*' as root."
        as_root=(sudo)
    fi
    echo "setup.sh: installing $*"
    "${as_root[@]}" apt-get update -qq || fail "apt-get update failed: see the lines above; is there a network?"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" ||
        fail "apt-get install failed: see the lines above. Missing: $*"
}

install_browser() {
    local missing
    mapfile -t missing < <(not_installed "${browser_packages[@]}")
    ((${#missing[@]})) || return 0
    (install "${missing[@]}") || echo "setup.sh: going on without ${missing[*]}: the page is not tested in a browser" >&2
}

main() {
    local dry_run=0 browser=0
    while (($#)); do
        case $1 in
            --browser) browser=1 ;;
            --dry-run) dry_run=1 ;;
            --help) usage && exit 0 ;;
            *) fail "unknown option '$1': try --help" ;;
        esac
        shift
    done
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        local pair programs=(gcc meson ninja pkg-config gnuplot sqlite3 taskset setsid) absent=()
        for pair in "${programs[@]}"; do
            command -v "$pair" >/dev/null || absent+=("$pair")
        done
        ((${#absent[@]})) || exit 0
        fail "this is no Debian or Ubuntu, and ${absent[*]} cannot be found. Install what these are called there: ${packages[*]}"
    fi
    local missing
    mapfile -t missing < <(missing_packages)
    if ((dry_run)); then
        ((${#missing[@]})) || exit 0
        echo "missing: ${missing[*]}"
        exit 1
    fi
    ((!${#missing[@]})) || install "${missing[@]}"
    ((!browser)) || install_browser
}

main "$@"
