# shellcheck shell=bash
# shellcheck disable=SC2154 # here is the caller's: the directory of the scripts
# entry.sh - how a script begins that is Python in scripts/suite: help needs nothing, the rest needs python3.

# Does the terminal speak Chinese? scripts/suite/language.py asks the same.
in_chinese() { [[ ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} == [zZ][hH]* ]]; }

# enter COMMAND ARGUMENT...: becomes `suite COMMAND ARGUMENT...`. The caller has usage().
enter() {
    local word
    for word in "${@:2}"; do
        [[ $word != --help && $word != -h ]] || { usage; exit; }
    done
    # Debian's own python3, whose packages setup.sh installs, not another one that PATH may find first. -I: no PYTHON*
    # variable, nothing from the user's own directories.
    # The labs install nothing.
    if [[ $1 == lab && ! -x /usr/bin/python3 ]]; then
        echo 'lab.sh: there is no /usr/bin/python3: scripts/setup.sh --labs installs it' >&2
        exit 2
    fi
    [[ -x /usr/bin/python3 ]] || "$here/setup.sh" --measure || exit
    [[ -x /usr/bin/python3 ]] || {
        echo "$1.sh: there is no /usr/bin/python3, which does the work: install python3 there" >&2
        exit 2
    }
    exec /usr/bin/python3 -I -B -X utf8 "$here/suite" "$@"
}
