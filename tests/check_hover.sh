#!/usr/bin/env bash
# check_hover.sh - the charts of results/reference, drawn anew: each SVG is well-formed, and has a text for the pointer at each
# point: those of the view chart_hover, as many as there are points.
set -euo pipefail
export LC_ALL=C.UTF-8
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

for program in sqlite3 gnuplot python3; do
    command -v "$program" >/dev/null || { echo "$program is not installed: scripts/setup.sh" && exit 77; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$1" >&2
    exit 1
}

ask() { sqlite3 -batch -bail -init /dev/null "$work/results.db" "$@"; }

# How many points a chart has at least, by the views that it is drawn from. An open loop's curve has one, and more.
points="
    with points (script, protocol, points) as (
        select script.value, protocol, count(*) from chart_sweep, json_each('[\"throughput\", \"failures\", \"cpu\"]') script
         where good and not void group by script.value, protocol
        union all
        select 'latency', protocol, count(p50) + count(p99) from chart_sweep where good and not void group by protocol
        union all select 'open_loop', protocol, count(distinct position) from chart_open_loop group by protocol
        union all select 'memory', '', count(*) from chart_memory
        union all select 'syscalls', '', count(*) from chart_syscalls
        union all select 'pipelined', '', count(*) from chart_pipelined
        union all select 'scale_memory', '', count(*) from chart_scale_memory
        union all select 'scale_set_up', '', count(*) from chart_set_up)
    select name, points from chart left join points using (script, protocol)"

# Parses SVG $1, and prints its texts, one a line.
texts() {
    python3 -c '
import re, sys, xml.dom.minidom
for group in xml.dom.minidom.parse(sys.argv[1]).getElementsByTagName("g"):
    does = group.getAttribute("onmousemove")
    if does:
        print(re.fullmatch("gnuplot_svg.showHypertext\\(evt,\x27([^\x27]*)\x27\\)", does)[1])' "$1"
}

for results in results scale; do
    cp "$root/results/reference/$results.db" "$work/results.db"
    # The sweeps and the open loop have a chart for each protocol, drawn alike: one will do.
    ask "delete from plan where protocol = 'ws' and workload in ('ping-pong', 'open-loop')"
    rm -rf "$work/charts"
    "$root/scripts/compare.sh" --redraw "$work" >/dev/null
    [[ ! -e $work/charts/gnuplot.log ]] || fail "$results.db: $(<"$work/charts/gnuplot.log")"
    while IFS='|' read -r name count; do
        [[ -n $count ]] || fail "$name: this test does not know how many points it has"
        texts "$work/charts/$name.svg" | sort >"$work/said"
        ask "select text from chart_hover where chart || iif(protocol = '', '', '-' || protocol) = '$name'" | sort >"$work/due"
        diff "$work/due" "$work/said" >&2 || fail "$name.svg does not say what chart_hover has"
        said=$(wc -l <"$work/said")
        ((said >= count)) || fail "$name.svg says $said texts for $count points"
        if grep -iwE 'nan|null|inf' "$work/said" || grep -vE '^[^ ].*: .*[0-9]' "$work/said"; then
            fail "$name.svg says what is no figure: see above"
        fi
        echo "$name: $said texts, $count points"
    done < <(ask "$points")
done
