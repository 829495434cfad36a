# shellcheck shell=bash
# build.sh - build/ as the README says, for scripts that need what is in it.

# Installs what is missing and builds; quiet when all goes well. Ends the script with status 2 when that fails.
build_default() {
    local log
    log=$(mktemp)
    if ! { scripts/setup.sh && { [[ -f build/build.ninja ]] || meson setup build --buildtype=release -Db_ndebug=false; } &&
        ninja -C build; } >"$log" 2>&1; then
        cat "$log" >&2
        echo "${0##*/}: cannot build: see above" >&2
        rm -f "$log"
        exit 2
    fi
    rm -f "$log"
}
