# shellcheck shell=bash
# words.sh - what can be measured, by scripts/sql, before there is a database. `scripts` is where that is.
# shellcheck disable=SC2154

# words STATEMENT...: asks the lists of models, workloads and profiles.
words() { sqlite3 -batch -bail -init /dev/null :memory: ".read $scripts/sql/schema.sql" ".read $scripts/sql/workloads.sql" "$@"; }
