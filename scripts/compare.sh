#!/usr/bin/env bash
# shellcheck source-path=SCRIPTDIR
# compare.sh - measures the I/O models, and a framework, against each other on this machine: results/<time>/ gets a
# database of all runs, tables, charts and a page. scripts/suite/compare.py does it.
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=lib/entry.sh
. "$here/lib/entry.sh"

usage() {
    cat <<'END'
usage: scripts/compare.sh [options]

Builds everything and measures bio, pseudo_async, nio, aio and aio_future, as echo and as WebSocket servers, with a bare
epoll echo (floor) as the yardstick. Needs nothing but a network for the first run: scripts/setup.sh fetches the rest.

How much (without one of these: about 6 minutes):
  --quick             a first impression in about 2 minutes
  --full              more client counts, 5 repetitions, open loop at 50% and 80% of each model's capacity: half an hour
  --bench             what scripts/bench.sh needs
  --scenario NAME     a question of its own, with its own models, workloads, tables and charts; excludes the three above
                        ladder       the steps of aio/ladder: what each feature of io_uring brings
                        scale        19,000 connections: what each costs, idle and active
                        capacity     the most clients, and the highest rate, that each holds: 10 minutes
                        reliability  bad neighbours, and too little of everything, for the models and their naive
                                     twins: 12 minutes

Of that, only a part, or otherwise:
  --models A,B        of bio,pseudo_async,nio,aio,aio_future,framework, or of the scenario's own
  --protocols A,B     of echo,ws
  --workloads A,B     of the scenario's own, which are named in scripts/sql/workloads.sql
  --clients N,N       client counts, such as 1,10,100
  --repeat N          repetitions of each run, starts of each race
  --duration S        measured seconds of each run (of a race: for each model and start); fractions are fine
  --warmup S          seconds before them
  --processes N       N processes of each server share a port (default 1, at most 64), on N CPUs, but not more than half
                      of the cores: how a model scales; not with --bench, nor the scenarios ladder and reliability

The results:
  --out DIR           where they go: must be empty or not exist (default results/<time>)
  --against DIR       put the page's figures beside those of DIR/results.db: another machine, kernel, or version
  --predictions FILE  what you expect, for the page's table: lines of model, topic and word, such as
                      `bio throughput low` (topics and words: scripts/sql/textbook.sql)
  --redraw DIR        measures nothing: makes tables, charts and the page again from DIR/results.db

  --build DIR         build directory (default build; build-release if build is not fit for measuring)
  -h, --help

Ctrl-C ends it early: tables and charts are then made of what there is, and say so.
Exit status: 0 measured; 1 a model has no valid run (the last line says which, and why); 2 could not begin; 130 Ctrl-C.
END
}

enter compare "$@"
