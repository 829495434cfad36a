#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# compare.sh - measures the I/O models, and a framework, against each other on this machine: results/<time>/ gets a database of all
# runs, tables, charts and a page. This file only asks, plans and walks; SQL computes (scripts/sql), gnuplot draws
# (scripts/gnuplot), lib/run.sh makes one run, lib/host.sh looks at the machine, scripts/report makes the page.
set -euo pipefail
export LC_ALL=C.UTF-8

scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$scripts")

profile=default scenario='' workloads='' models='' protocols='' clients='' repeat='' duration='' warmup='' out='' build='' redraw='' against='' predictions=''
interrupted=0 work=''

# shellcheck source=lib/host.sh
. "$scripts/lib/host.sh"
# shellcheck source=lib/run.sh
. "$scripts/lib/run.sh"
# shellcheck source=lib/words.sh
. "$scripts/lib/words.sh"

usage() {
    cat <<'END'
usage: scripts/compare.sh [options]

Builds everything and measures bio, pseudo_async, nio, aio and aio_future, as echo and as WebSocket servers, with a bare
epoll echo (floor) as the yardstick. Needs nothing but a network for the first run: scripts/setup.sh fetches the rest.

  --quick             a first impression in a little over 3 minutes
  --full              more client counts, 5 repetitions, open loop at 50% and 80% of each model's capacity: an hour
                      (neither: about 15 minutes)
  --bench             what scripts/bench.sh needs
  --scenario NAME     a question of its own, with its own models, workloads, tables and charts; excludes the three above
                        ladder    the steps of aio/ladder: what each feature of io_uring brings
                        scale     19,000 connections: what each costs, idle and active
                        capacity  the most clients, and the highest rate, that each holds: 10 minutes
                        reliability  bad neighbours, and too little of everything, for the models and their naive
                                  twins: 9 minutes
  --models A,B        of bio,pseudo_async,nio,aio,aio_future,framework, or of the scenario's own
  --workloads A,B     of the scenario's own, which are named in scripts/sql/workloads.sql
  --protocols A,B     of echo,ws
  --clients N,N       client counts, such as 1,10,100
  --repeat N          repetitions of each run
  --duration S        measured seconds of each run; fractions are fine
  --warmup S          seconds before them
  --out DIR           where the results go: must be empty or not exist (default results/<time>)
  --against DIR       put the page's figures beside those of DIR/results.db: another machine, kernel, or version
  --predictions FILE  what you expect, for the page's table: lines of model, topic and word, such as `bio throughput low`
                      (topics and words: scripts/sql/textbook.sql)
  --redraw DIR        measures nothing: makes tables, charts and the page again from DIR/results.db
  --build DIR         build directory (default build; build-release if build is not fit for measuring)
  --help

Ctrl-C ends it early: tables and charts are then made of what there is, and say so.
END
}

# fail WHAT: one line, and nothing half-written is left.
fail() {
    echo "compare.sh: $1" >&2
    exit 2
}

say() { printf '%s\n' "$*"; }

# In the results' directory, where the SQL finds the runs' files; in a session of its own, which Ctrl-C does not reach.
db() { (cd "$out" && exec setsid -w sqlite3 -batch -bail -init /dev/null results.db "$@"); }

# check_words OPTION GIVEN ALLOWED: each word of the comma list GIVEN has to be in ALLOWED, once.
check_words() {
    local word seen=,
    [[ -n $2 && $2 != ,* && $2 != *, && $2 != *,,* ]] || fail "$1 '$2' is no list: give one or more of $3"
    for word in ${2//,/ }; do
        [[ ,$3, == *,$word,* ]] || fail "$1 does not know '$word': give one or more of $3"
        [[ $seen != *,$word,* ]] || fail "$1 names '$word' twice: once is enough"
        seen+=$word,
    done
}

# What has to be a word of scripts/sql/workloads.sql.
check_profile() {
    local known
    if [[ -n $scenario ]]; then
        known=$(words 'select group_concat(name) from profile where scenario')
        [[ $scenario != *,* && ,$known, == *,$scenario,* ]] ||
            fail "--scenario does not know '$scenario': give one of $known"
    fi
    if [[ -n $workloads ]]; then
        check_words --workloads "$workloads" "$(words "select group_concat(workload) from profile_workload where profile = '$profile'")"
    fi
    if [[ -n $models ]]; then
        check_words --models "$models" "$(words "select group_concat(name) from model
            where not yardstick and exists (select 1 from profile p
                                             where p.name = '$profile' and ',' || p.models || ',' like '%,' || model.name || ',%')")"
    fi
    if [[ -n $protocols ]]; then
        check_words --protocols "$protocols" "$(words "select protocols from profile where name = '$profile'")"
    fi
}

check_number() { # OPTION GIVEN PATTERN EXAMPLE
    [[ $2 =~ ^($3)$ ]] || fail "$1 '$2' is no valid value: give $4"
}

parse_options() {
    local count='[1-9][0-9]{0,5}' seconds='0*[1-9][0-9]{0,3}(\.[0-9]+)?|0*\.0*[1-9][0-9]*'
    while (($#)); do
        case $1 in
            --quick | --full | --bench)
                [[ $profile == default || $profile == "${1#--}" ]] || fail '--quick, --full and --bench exclude each other: give one'
                profile=${1#--}
                shift
                continue
                ;;
            --help)
                usage
                exit 0
                ;;
            --scenario | --workloads | --models | --protocols | --clients | --repeat | --duration | --warmup | --out | --build | \
                --redraw | --against | --predictions)
                [[ -n ${2-} ]] || fail "$1 needs a value: try --help"
                ;;
            *) fail "unknown option '$1': try --help" ;;
        esac
        case $1 in
            --scenario) scenario=$2 ;;
            --workloads) workloads=$2 ;;
            --models) models=$2 ;;
            --protocols) protocols=$2 ;;
            --clients) check_number "$1" "$2" "$count(,$count)*" 'counts such as 1,10,100' && clients=$2 ;;
            --repeat) check_number "$1" "$2" '[1-9][0-9]?' 'a count from 1 to 99' && repeat=$2 ;;
            --duration) check_number "$1" "$2" "$seconds" 'seconds above 0, such as 1.5' && duration=$2 ;;
            --warmup) check_number "$1" "$2" "$seconds|0" 'seconds, such as 0.5' && warmup=$2 ;;
            --out) out=$2 ;;
            --build) build=$2 ;;
            --redraw) redraw=$2 ;;
            --against) against=$2 ;;
            --predictions) predictions=$2 ;;
        esac
        shift 2
    done
    if [[ -n $scenario ]]; then
        [[ $profile == default ]] || fail "--scenario has its own workloads and excludes --$profile: give one of them"
        [[ -z $redraw ]] || fail "--redraw knows the scenario from the results: leave --scenario out"
        profile=$scenario
    fi
    [[ -z $against || -f $against/results.db ]] || fail "--against '$against' has no results.db: name a directory that compare.sh wrote"
    [[ -z $predictions || -r $predictions ]] || fail "--predictions '$predictions' cannot be read: name a file"
    [[ -z $redraw || -f $redraw/results.db ]] || fail "--redraw '$redraw' has no results.db: name a directory that compare.sh wrote"
    out=${out:-$root/results/$(date +%Y%m%d-%H%M%S)}
    out=$(realpath -m -- "$out")
    [[ ! -e $out || -d $out && -z $(ls -A -- "$out") ]] ||
        fail "--out '$out' exists and is not empty: results are never overwritten; name another directory"
    [[ -d $out && -w $out || -w $(existing_parent "$out") ]] || fail "--out '$out' cannot be written: name another directory"
}

existing_parent() {
    local directory=$1
    while [[ ! -e $directory ]]; do directory=$(dirname "$directory"); done
    echo "$directory"
}

# fit_for_measuring DIR: is it optimised and free of sanitizers and coverage? (A directory not yet configured will be.)
fit_for_measuring() {
    [[ ! -f $1/build.ninja ]] || (cd "$1/meson-info" && sqlite3 -batch -init /dev/null :memory: "
        select sum(name = 'optimization' and value in ('2', '3')) + sum(name = 'b_sanitize' and value = 'none')
               + sum(name = 'b_coverage' and value = 0)
          from (select json_extract(value, '\$.name') as name, json_extract(value, '\$.value') as value
                  from json_each(cast(readfile('intro-buildoptions.json') as text)))") | grep -qx 3
}

build_all() {
    if [[ -z $build ]]; then
        build=$root/build
        if ! fit_for_measuring "$build"; then
            build=$root/build-release
            say "build/ is not fit for measuring (sanitizers, coverage or no optimisation): using build-release/"
        fi
    fi
    build=$(realpath -m -- "$build")
    fit_for_measuring "$build" ||
        fail "$build has sanitizers, coverage or no optimisation: its figures would mean nothing; name another with --build"
    local log
    log=$(mktemp)
    if [[ ! -f $build/build.ninja ]]; then
        say "configuring $build"
        meson setup "$build" "$root" --buildtype=release -Db_ndebug=false >"$log" 2>&1 ||
            { cat "$log" >&2 && rm "$log" && fail "meson cannot configure $build: see above"; }
    fi
    say "building $build"
    ninja -C "$build" >"$log" 2>&1 || { cat "$log" >&2 && rm "$log" && fail "the build failed: see above"; }
    rm "$log"
    [[ -x $build/loadgen/loadgen ]] || fail "the build made no loadgen/loadgen: nothing can be measured"
}

# Prints why model program $1 cannot be measured, or nothing.
why_missing() {
    local says probe
    if [[ ! -x $build/$1 ]]; then
        case $1 in
            aio/*) echo 'not built: liburing 2.3 or later was not found when the build was configured' ;;
            *) echo 'not built' ;;
        esac
    elif [[ $1 == aio/* ]]; then
        case $1 in
            aio/naive/*) probe=aio/aio_server ;; # they need what it needs
            *) probe=$1 ;;
        esac
        says=$("$build/$probe" --probe 2>&1) || {
            says=${says//$'\n'/ }
            echo "io_uring is refused here: ${says#"$build/$probe: "}"
        }
    fi
}

# Makes the database with the plan in a scratch directory, so that a mistake leaves no results behind.
make_plan() {
    local target=$out program
    out=$work
    db ".read $scripts/sql/schema.sql" ".read $scripts/sql/workloads.sql"
    {
        printf '%s\t%s\n' profile "$profile" scenario "$scenario" workloads "$workloads" models "$models" protocols "$protocols" clients "$clients" \
            repeat "$repeat" duration "$duration" warmup "$warmup" client_limit "$client_limit" \
            client_limit_why "$client_limit_why" loadgen_threads "$client_threads"
        command -v strace >/dev/null || printf '%s\t%s\n' no_strace yes
        ((!shared_cpu)) || printf '%s\t%s\n' shared_cpu yes
    } | awk -F '\t' '$2 != ""' >"$work/settings"
    for program in $(db 'select program from model'); do
        printf '%s\t%s\n' "$program" "$(why_missing "$program")"
    done | awk -F '\t' '$2 != ""' >"$work/missing"
    describe_host >"$work/metadata"
    cp "$build"/meson-info/intro-{targets,buildoptions}.json "$work"
    db ".read $scripts/sql/import_settings.sql" ".read $scripts/sql/wanted.sql" ".read $scripts/sql/plan.sql" ".read $scripts/sql/textbook.sql"
    make_views
    take_predictions "$work/results.db"
    [[ -n $(db 'select 1 from plan limit 1') ]] ||
        fail "nothing is left to measure: $(db "select coalesce(group_concat(text, ' '), 'none of these models is put to these workloads')
              from note where text like 'Dropped:%' or text like '% is not measured:%'")"
    out=$target
    mkdir -p "$out/runs"
    mv "$work/results.db" "$out/results.db"
}

# The views as the SQL files have them now: a database may be older than they are.
make_views() {
    local drop
    drop=$(db "select 'drop view ' || name || ';' from sqlite_master where type = 'view' and name not like 'wanted%'")
    [[ -z $drop ]] || db "$drop"
    db ".read $scripts/sql/views.sql" ".read $scripts/sql/tables.sql" ".read $scripts/sql/charts.sql" ".read $scripts/sql/report_views.sql"
}

# --predictions: three words a line, the third may have blanks in it; # begins a comment.
take_predictions() {
    local wrong
    [[ -n $predictions ]] || return 0
    awk '{ sub(/\r$/, ""); sub(/#.*/, "") } NF { model = $1; topic = $2; sub(/^[ \t]*[^ \t]+[ \t]+[^ \t]+[ \t]*/, ""); sub(/[ \t]+$/, "")
           print model "\t" topic "\t" $0 }' "$predictions" >"$work/predictions"
    wrong=$(cd "$work" && sqlite3 -batch -bail -init /dev/null "$1" ".read $scripts/sql/import_predictions.sql")
    [[ -z $wrong ]] || fail "--predictions $predictions: $wrong"
}

# The page's figures of the servers themselves: their sources, what their stacks tell, one conversation under strace. None of
# it is timed, and what cannot be had is left out with a word.
look_at_servers() {
    say "looking at the servers: sources, stacks, one conversation each"
    : >"$work/metrics.tsv" && : >"$work/exam.tsv" && : >"$work/journey.tsv"
    look 'the sources cannot be looked at' /usr/bin/python3 "$scripts/report/sources.py" "$root" "$work"
    look 'the backtrace exam cannot be held' "$scripts/report/exam.sh" "$root/build-exam" "$work"
    look 'no conversation can be traced' "$scripts/report/journey.sh" "$build" "$work"
    [[ ! -f $work/sources.json ]] || cp "$work/sources.json" "$out"
    [[ ! -d $work/exam ]] || cp -r "$work/exam" "$out"
    (cd "$work" && sqlite3 -batch -bail -init /dev/null "$out/results.db" ".read $scripts/sql/import_report.sql") ||
        say 'what was seen of the servers cannot be stored: see above'
}

look() { # WHAT_IF_NOT COMMAND...
    local what=$1
    shift
    "$@" >"$work/look.log" 2>&1 || say "$what: $(tail -n 1 "$work/look.log")"
}

# By a name that needs no quoting.
hold_against() {
    ln -sf -- "$(realpath -- "$against")/results.db" "$work/other.db" &&
        db "attach '$work/other.db' as other" ".read $scripts/sql/import_against.sql"
}

make_page() {
    local sources=()
    rm -f "$out/report.html"
    [[ ! -f $out/sources.json ]] || sources=(--sources "$out/sources.json")
    [[ -z $against ]] || hold_against || return 1
    db ".read $scripts/sql/report.sql" >"$work/report.json" &&
        /usr/bin/python3 "$scripts/report/build.py" "$out/report.html" "$work/report.json" "${sources[@]}" --charts "$out/charts"
}

# What results.db lacks of the schema as it is now.
upgrade() {
    work=$(mktemp -d)
    trap cleanup EXIT
    sqlite3 -batch -bail -init /dev/null "$work/new.db" ".read $scripts/sql/schema.sql"
    db "attach '$work/new.db' as new" ".read $scripts/sql/upgrade.sql" >"$work/upgrade" # in two steps: a reader locks
    db ".read $work/upgrade"
}

progress() {
    if [[ -t 1 ]]; then
        printf '\r\033[K%s' "$1"
    else
        say "$1"
    fi
}

walk_plan() {
    local next id phase protocol clients _ pipeline size rate threads duration warmup timeout traced active reconnect search chaos limits program options generator text
    while ((!interrupted)); do
        next=$(db ".read $scripts/sql/next_run.sql")
        [[ -n $next ]] || break
        IFS='|' read -r id phase protocol clients _ pipeline size rate threads duration warmup timeout traced active \
            reconnect search chaos limits program options generator text <<<"$next"
        if [[ $rate == unknown && ${rates_frozen_in-} != "$phase" ]]; then
            db ".read $scripts/sql/cache.sql" ".read $scripts/sql/freeze_rates.sql"
            rates_frozen_in=$phase
            continue
        fi
        progress "$text"
        run_one || break
    done
    [[ ! -t 1 ]] || echo
}

# Each chart as SVG and PNG, two at a time. gnuplot's complaints are kept, and returning 1 tells of
# them; that a model has no points in a chart is none.
draw_charts() (
    local name script protocol extension
    cd "$out"
    rm -f charts/*
    while IFS='|' read -r name script protocol; do
        for extension in svg png; do
            gnuplot -e "scripts='$scripts/gnuplot'; name='$name'; protocol='$protocol'; ext='$extension'" \
                "$scripts/gnuplot/$script.gp" 2>&1 | grep -v 'no valid points' >>charts/gnuplot.log &
        done
        wait
    done < <(db 'select name, script, protocol from chart')
    [[ ! -s charts/gnuplot.log ]] || return 1
    rm -f charts/gnuplot.log
)

report() {
    local own points=''
    db ".read $scripts/sql/finish.sql" ".read $scripts/sql/cache.sql"
    if [[ -z $(db 'select 1 from run limit 1') ]]; then
        [[ -n $redraw ]] || rm -r "$out"
        say "nothing was measured"
        return
    fi
    say "writing tables and charts"
    own=$(db 'select name from scenario')
    [[ -z $(db 'select 1 from cached_point limit 1') ]] || points=yes # a scenario may have searches only
    db ".read $scripts/sql/print_head.sql" ${points:+".read $scripts/sql/print_reading.sql"} \
        ".read $scripts/sql/print_${own:-glance}.sql" ${points:+".read $scripts/sql/print_points.sql"} \
        ".read $scripts/sql/print_tail.sql" >"$out/tables.md"
    mkdir -p "$out/charts"
    draw_charts || say "some charts could not be drawn: see $out/charts/gnuplot.log"
    [[ -n $redraw || -n $own || $interrupted != 0 ]] || look_at_servers
    make_page || say 'the page could not be made: see above'
    db ".read $scripts/sql/print_terminal.sql"
    [[ -z $own ]] || db ".read $scripts/sql/print_$own.sql"
    [[ ! -f $out/report.html ]] || say "page:     $out/report.html"
    say "tables:   $out/tables.md"
    say "charts:   $out/charts/"
    say "database: $out/results.db"
}

# shellcheck disable=SC2317 # called by the trap
cleanup() {
    stop_run
    [[ -z $work ]] || rm -rf "$work"
}

main() {
    parse_options "$@"
    "$scripts/setup.sh"
    check_profile
    if [[ -n $redraw ]]; then
        out=$(realpath -- "$redraw")
        upgrade
        [[ -n $(db 'select 1 from textbook limit 1') ]] || db ".read $scripts/sql/textbook.sql"
        make_views
        take_predictions "$out/results.db"
        report
        exit
    fi
    build_all
    exec {lock}<"$scripts/compare.sh"
    flock -n "$lock" || fail "another comparison is running here: two at once would measure each other; wait for it to end"
    choose_cpus
    check_limits
    work=$(mktemp -d)
    mkfifo "$work/stdout"
    trap cleanup EXIT
    make_plan
    db ".read $scripts/sql/print_plan.sql"
    trap 'interrupted=130; stop_loadgen' INT
    trap 'interrupted=143; stop_loadgen' TERM
    walk_plan
    trap - INT TERM
    report
    exit "$interrupted"
}

main "$@"
