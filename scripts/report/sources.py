#!/usr/bin/python3
"""sources.py REPOSITORY OUT_DIR: the five servers, function beside function, and what can be counted in their sources.

Writes OUT_DIR/sources.json (read by js/sources.js) and OUT_DIR/metrics.tsv (model, metric, value, detail).
"""
# Debian's python3, whose modules setup.sh installs, not another one that PATH may find first.
import json
import pathlib
import sys

import c_source
import concerns
import metrics
import skeleton

MODELS = dict(zip(["bio", "pseudo_async", "nio", "aio", "aio_future"], skeleton.SERVERS))

# The skeleton's order: (name, title).
ROWS = [
    ("model", "the model"), ("includes", "includes and declarations"), ("constants", "constants"),
    ("struct conn", "a connection"), ("struct server", "the server"), ("conn_open", "open"), ("conn_linger", "linger"),
    ("conn_close", "close"), ("conn_recv", "recv"), ("conn_send", "send"), ("conn_tick", "tick"),
    ("conn_advance", "advance"), ("model_block", "the model's own"),
    ("server_accept", "accept"), ("server_tick", "the server's tick"), ("server_run", "run"),
    ("server_open", "set up"), ("server_close", "stop"), ("options", "options"), ("main", "main"),
]
NAMES = [name for name, _ in ROWS]

# Where what has another name is at home. All others belong to the function they stand behind.
HOMES = {
    "declarations": "includes", "struct operation": "struct conn", "struct completion": "struct conn",
    "struct future": "struct conn", "struct buffer": "struct server", "struct selector": "struct server",
    "conn_free": "conn_close", "conn_give_back": "conn_close", "conn_take": "conn_recv", "conn_received": "conn_recv",
    "conn_sent": "conn_send", "conn_ready": "conn_advance", "server_take": "server_accept",
    "server_accepted": "server_accept", "server_ticked": "server_tick", "server_drain": "server_close",
    "ignore_signal": "server_close", "parse_option": "options",
}


def row_of(name, before):
    """The row of a piece. before: the row of the piece before it."""
    done = skeleton.COMPLETION.fullmatch(name)
    name = done.group(1) if done else name
    if skeleton.MODEL_BLOCK.fullmatch(name):
        return "model_block"
    return name if name in NAMES else HOMES.get(name, before)


def read_rows(repository):
    """{row: {model: [piece, ...]}}"""
    rows = {name: {} for name in NAMES}
    for model, path in MODELS.items():
        row = NAMES[0]
        for piece in c_source.pieces((repository / path).read_text(encoding="utf-8")):
            row = row_of(piece.name, row)
            rows[row].setdefault(model, []).append(piece)
    return rows


def describe_line(line):
    """A line for the page; what it does not have is left out, except tags."""
    described = {"n": line.number, "tokens": c_source.as_runs(line.tokens), "text": line.text, "tags": line.tags}
    if line.system_calls:
        described["calls"] = line.system_calls
    return described


def describe_piece(piece):
    """calls: what the kernel is asked for here; submits: what it is to do later; waits: waits/msg counts this, too."""
    return {
        "name": piece.name,
        "from": piece.lines[0].number,
        "lines": [describe_line(line) for line in piece.lines],
        "calls": c_source.in_order(call for line in piece.lines for call in line.system_calls),
        "submits": c_source.in_order(name for line in piece.lines for name in line.submissions),
        "waits": any(line.counts_waits for line in piece.lines),
    }


def describe(rows):
    """All of it, as the page takes it."""
    counts = {model: sum(len(piece.lines) for cells in rows.values() for piece in cells.get(model, []))
              for model in MODELS}
    return {
        "models": [{"name": model, "file": path, "lines": counts[model]} for model, path in MODELS.items()],
        "rows": [{"name": name, "title": title,
                  "cells": {model: list(map(describe_piece, cell)) for model, cell in rows[name].items()}}
                 for name, title in ROWS],
    }


def write(repository, out):
    """Both files."""
    rows = read_rows(repository)
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "sources.json", "w", encoding="utf-8") as file:
        json.dump(describe(rows), file, ensure_ascii=False, separators=(",", ":"))
    with open(out / "metrics.tsv", "w", encoding="utf-8") as file:
        for model, path in MODELS.items():
            cells = {name: row[model] for name, row in rows.items() if model in row}
            for metric, value, detail in metrics.measure(repository, path, cells):
                file.write(f"{model}\t{metric}\t{value}\t{detail}\n")
        for row in concerns.metrics(repository):
            file.write("\t".join(map(str, row)) + "\n")


def main(arguments):
    """See above."""
    if len(arguments) != 2:
        print("usage: sources.py REPOSITORY OUT_DIR", file=sys.stderr)
        return 2
    write(*map(pathlib.Path, arguments))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
