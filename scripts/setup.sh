#!/usr/bin/env bash
# setup.sh - installs what measuring, testing, the tests in a browser, or the labs need; quick where all of it is there.
set -euo pipefail

usage() {
    cat <<'END'
usage: scripts/setup.sh [--measure] [--test] [--browser] [--hosts] [--live] [--nodes] [--proxies] [--labs] [--dry-run]
       scripts/setup.sh -h | --help

Installs what is missing with apt (Debian 12 or later, Ubuntu 24.04 or later), as root or by sudo. Says first how many
packages that is and how large. On other systems it names the packages.
  --measure  (default) what compare.sh needs to build, measure, draw and make its page: about 100 MB to download, 390 MB
             on disk, on a minimal system
  --test     also what testing needs: compilers with sanitizers, test libraries, foreign clients: 110 MB, 600 MB more
  --browser  also Chromium, its driver, and a Chinese font, for the tests of the pages: 170 MB, 610 MB more
  --hosts    also Open MPI, for load from several hosts (docs/many_hosts.md): 30 to 90 MB, 115 to
             370 MB more
  --live     also qrencode, with which scripts/live.sh draws its address for phones
  --nodes    also what ws_demo on several nodes needs: libhiredis, and a Redis that apt does not start as a service
             (redis-tools has the program)
  --proxies  also nginx and HAProxy, for their tests; where systemd runs, apt starts them, which nobody may want on a
             laptop: so no other script asks for them
  --labs     alone: only what scripts/lab.sh needs, gcc with the C library's headers (libc6-dev), and python3
  --dry-run  installs nothing: prints what is missing, and exits with 1 if something is
Exit status: 0 all is there, 1 only after --dry-run, 2 something could not be installed (each of these is tried by
itself: what one lacks does not keep another from being installed), 130 after Ctrl-C.
END
}

# Debian's names, by tier. A report can be made without pmccabe, gdb and strace; what they find is then "n/a" in it.
declare -A packages=(
    [measure]='gcc libc6-dev meson ninja-build pkg-config python3 sqlite3 util-linux
        liburing-dev libev-dev libjansson-dev libunistring-dev libssl-dev libsqlite3-dev zlib1g-dev
        gnuplot-nox fonts-dejavu-core python3-pygments pmccabe gdb strace'
    [test]='clang libclang-rt-dev clang-format clang-tidy shellcheck git libcriterion-dev libwslay-dev
        python3-pytest python3-pytest-xdist python3-websockets node-ws openssl'
    [browser]='chromium chromium-driver python3-selenium python3-pytest fonts-wqy-microhei'
    [hosts]='openmpi-bin libopenmpi-dev iproute2'
    [live]='qrencode'
    [nodes]='libhiredis-dev redis-tools'
    [proxies]='nginx haproxy'
    [labs]='gcc libc6-dev python3'
)

# What each is for, in words.
declare -A purposes=([measure]='to measure' [test]='to test' [browser]='for the browser' [hosts]='for several hosts'
    [live]='for phones' [nodes]='for several nodes' [proxies]='for balancers' [labs]='for the labs')

# The same as programs, for systems without apt.
declare -A programs=(
    [measure]='gcc meson ninja pkg-config python3 sqlite3 taskset setsid gnuplot'
    [test]='clang clang-format shellcheck git openssl'
    [browser]='chromium chromedriver'
    [hosts]='mpirun mpicc ip'
    [live]='qrencode'
    [nodes]='redis-server'
    [proxies]='nginx haproxy'
    [labs]='gcc python3'
)

LINE_EVERY_S=10 # of the progress, where a line cannot be overwritten
work=''         # a directory for apt's output

fail() {
    echo "setup.sh: $*" >&2
    exit 2
}

# A line can be overwritten only in a terminal that knows how.
is_terminal() { [[ -t 1 && ${TERM:-dumb} != dumb ]]; }

# Of the packages named, those that are not installed.
not_installed() {
    # dpkg-query ends with 1 when it does not know a package: that is the answer, not a failure.
    { dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true; } |
        awk -v wanted="$*" '
            $2 == "installed" { have[$1] = 1 }
            END { n = split(wanted, name, " "); for (i = 1; i <= n; i++) if (!(name[i] in have)) print name[i] }'
}

# What would be installed, in words; nothing where apt cannot tell: no package lists yet, or a name that it does not
# know. Needs no root: it takes no lock, and says no to its own question.
size_of() {
    LC_ALL=C apt-get -q -o Debug::NoLocking=1 --assume-no --no-install-recommends install "$@" 2>/dev/null | awk '
        / newly installed/ { count = $3 + $1 }
        /^Need to get/ { size = $4 " " $5; sub(/\/.*/, "", size) }
        /^After this operation/ { disk = $4 " " $5 }
        END { if (count) print count " packages, " (size ? size : "nothing") " to download, " disk " on disk" }' || true
}

# Reads what apt prints: keeps it in a file, and shows how far it is. Ctrl-C is for apt.
show_progress() {
    local what=$1 kind name percent words shown=-$LINE_EVERY_S
    trap 'echo; echo "setup.sh: ends as soon as apt has finished what it has begun"' INT
    while IFS=: read -r kind name percent words; do
        case $kind in
            dlstatus) words="downloading: ${percent%%.*}%" ;;
            pmstatus) words="installing: ${percent%%.*}%" ;;
            'Waiting for cache lock') words='waiting for another apt to end' ;;
            *)
                echo "$kind${name:+:$name}${percent:+:$percent}${words:+:$words}" >>"$work/log"
                continue
                ;;
        esac
        if is_terminal; then
            printf '\r\033[K%s, %s' "$what" "$words"
        elif ((SECONDS - shown >= LINE_EVERY_S)); then
            shown=$SECONDS
            echo "$what, $words"
        fi
    done
    ! is_terminal || printf '\r\033[K'
}

# run_apt WHAT ARGUMENT...: apt-get as root, with one line of progress; its output only when it fails.
run_apt() {
    local what=$1 status=0
    shift
    : >"$work/log"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y -o APT::Status-Fd=1 \
        -o DPkg::Lock::Timeout=300 "$@" </dev/null 2>&1 | show_progress "$what" || status=$?
    ((!interrupted)) || stop
    ((!status)) || tail -n 15 "$work/log" | sed 's/^/    /' >&2
    return "$status"
}

stop() {
    echo 'setup.sh: interrupted; the same command goes on where this one stopped' >&2
    exit 130
}

# Sets as_root, or says how to do it by hand.
become_root() {
    local by_hand="apt-get install --no-install-recommends $*"
    as_root=()
    ((EUID != 0)) || return 0
    command -v sudo >/dev/null || fail "installing needs root, and there is no sudo. As root: $by_hand"
    as_root=(sudo)
    sudo true && return
    ((!interrupted)) || stop
    fail "sudo did not let you: nothing is installed. As root: $by_hand"
}

# install TIER PACKAGE...: 1 if that failed.
install() {
    local tier=$1 size
    shift
    size=$(size_of "$@")
    echo "setup.sh: ${purposes[$tier]}: ${size:-$# packages and what they depend on; sizes follow the package lists}"
    ((!interrupted)) || stop
    if ((!updated)); then
        become_root "${missing[@]}"
        updated=1
        run_apt 'package lists' update || echo 'setup.sh: apt-get update failed: see above; is there a network?' >&2
        [[ -n $size ]] || echo "setup.sh: ${purposes[$tier]}: $(size_of "$@")"
    fi
    # Nothing that the user has is taken away for it.
    run_apt "${purposes[$tier]}" --no-remove --no-install-recommends install "$@" && return
    echo "setup.sh: cannot install what is needed ${purposes[$tier]}: see above. Missing: $*" >&2
    return 1
}

# missing_of TIER...: what is missing, each once, one a line.
missing_of() {
    local tier wanted=()
    for tier in "$@"; do
        read -rd '' -a wanted <<<"${wanted[*]-} ${packages[$tier]}" || true
    done
    not_installed "${wanted[@]}" | awk '!seen[$0]++'
}

# On another system: what is missing, by programs.
look_for_programs() {
    local tier program absent=() names=()
    for tier in "${tiers[@]}"; do
        # shellcheck disable=SC2206 # a list of words
        names+=(${packages[$tier]})
        for program in ${programs[$tier]}; do
            command -v "$program" >/dev/null || absent+=("$program")
        done
    done
    ((!${#absent[@]})) ||
        fail "this is no Debian or Ubuntu, and ${absent[*]} cannot be found. Install what these are called there:" \
            "${names[*]}"
}

main() {
    local tier missing here status=0 dry_run=0 interrupted=0 updated=0 labs=0 more=0 tiers=(measure)
    [[ " $* " != *' --help '* && " $* " != *' -h '* ]] || { usage; exit; }
    while (($#)); do
        case $1 in
            --measure) more=1 ;;
            --test | --browser | --hosts | --live | --nodes | --proxies)
                more=1
                tiers+=("${1#--}")
                ;;
            --labs) labs=1 ;;
            --dry-run) dry_run=1 ;;
            *) fail "unknown option '$1': try --help" ;;
        esac
        shift
    done
    # Measuring needs all that the labs need.
    ((!labs || more)) || tiers=(labs)
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        look_for_programs
        exit 0
    fi
    mapfile -t missing < <(missing_of "${tiers[@]}")
    ((${#missing[@]})) || exit 0
    if ((dry_run)); then
        echo "missing: ${missing[*]}"
        exit 1
    fi
    trap 'interrupted=1' INT
    trap 'rm -rf "$work"' EXIT
    work=$(mktemp -d)
    for tier in "${tiers[@]}"; do
        mapfile -t here < <(missing_of "$tier")
        ((!${#here[@]})) || install "$tier" "${here[@]}" || status=2
    done
    exit "$status"
}

main "$@"
