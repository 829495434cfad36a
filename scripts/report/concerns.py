#!/usr/bin/python3
"""concerns.py REPOSITORY [--readme]: what the lines of each model's two servers are for, its first reading and its full
server, as JSON. With --readme it fills in the table of the README instead, between `<!-- concerns -->` and `<!-- -->`.

    [{"model": "bio", "reading": "first", "file": "bio/bio_echo.c", "lines": {"model": 60, "pressure": 3, ...}}, ...]

A line of code, neither blank nor comment, belongs to the concern of its function; in a function of the model's, to the
first concern below whose words it has; else to the model: how it waits, and how the bytes move. Set-up stands apart. A
first reading that is not there is left out.
"""
import json
import pathlib
import re
import sys

import c_source

READINGS = {
    "bio": ("bio/bio_echo.c", "bio/bio_server.c"),
    "pseudo_async": ("pseudo_async/pseudo_async_echo.c", "pseudo_async/pseudo_async_server.c"),
    "nio": ("nio/nio_echo.c", "nio/nio_server.c"),
    "aio": ("aio/aio_echo.c", "aio/aio_server.c"),
    "aio_future": ("aio/aio_future_echo.c", "aio/aio_future_server.c"),
}

# (concern, functions that are nothing else, words of a line that is for it wherever it stands)
CONCERNS = [
    ("set-up", r"includes|constants|declarations|server_open|queue_open|main|parse_option|options", None),
    ("draining", r"server_(?:close|drain|wake_conns)|ignore_signal",
     r"server_is_stopping|session_shutdown|\bdrain\w*|->stop\b"),
    ("liveness", r"(?:conn|server)_tick\w*|server_expire",
     r"(?:conn|session|server)_tick\w*|\w*limit_ms|\bleft_ms|\bnow_ms"),
    ("goodbye", r"conn_linger\w*", r"conn_linger|\bSO_LINGER|\bSHUT_WR|struct linger"),
    ("pressure", r"server_(?:refuse|is_full|accept_failed|pause)\w*",
     r"\bdoor_\w+|\bdoor\b|DOOR_\w+|REFUSE_\w+|\brefuse\w*|\bspare\w*|is_full|PAUSE_MS"),
    ("counters", None, r"\beffort\b|\bstats\w*|bad_connection_log|\btraffic\b"),
]
README = re.compile(r"(<!-- concerns -->).*?(<!-- -->)", re.DOTALL)
NAMES = ["model", *(name for name, _, _ in CONCERNS)]


def concern_of(function, code):
    """What a line of this function is for."""
    for name, functions, _ in CONCERNS:
        if functions and re.fullmatch(functions, function):
            return name
    return next((name for name, _, words in CONCERNS if words and re.search(words, code)), "model")


def count(text):
    """{concern: lines of code} of a C file."""
    lines = dict.fromkeys(NAMES, 0)
    for piece in c_source.pieces(text):
        for line in filter(lambda line: line.is_code, piece.lines):
            code = "".join(part for kind, part in line.tokens if kind not in c_source.Comment)
            lines[concern_of(piece.name, code)] += 1
    return lines


def readings(repository):
    """All that are there, model by model, the first reading before the full server."""
    for model, files in READINGS.items():
        for reading, file in zip(("first", "full"), files):
            path = pathlib.Path(repository, file)
            if path.is_file():
                yield {"model": model, "reading": reading, "file": file,
                       "lines": count(path.read_text(encoding="utf-8"))}


def metrics(repository):
    """The same as rows (model, metric, value, detail) of metrics.tsv: `first:pressure` and the like."""
    for one in readings(repository):
        for name, lines in one["lines"].items():
            yield one["model"], f"{one['reading']}:{name}", lines, one["file"]


def table(repository):
    """The same as a table of Markdown: a column for each model, first reading -> full server."""
    found = {(one["model"], one["reading"]): {**one["lines"], "all": sum(one["lines"].values())}
             for one in readings(repository)}
    lines = [f"| lines of code for | {' | '.join(READINGS)} |", "|---" * (len(READINGS) + 1) + "|"]
    for name in ["model", "pressure", "liveness", "draining", "goodbye", "counters", "set-up", "all"]:
        cells = [" -> ".join(str(found.get((model, reading), {}).get(name, "n/a")) for reading in ("first", "full"))
                 for model in READINGS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def filled_in(text, repository):
    """The README with today's table."""
    return README.sub(lambda match: f"{match[1]}\n{table(repository)}\n{match[2]}", text)


def main(arguments):
    """See above."""
    if len(arguments) not in (1, 2) or arguments[1:] not in ([], ["--readme"]):
        print("usage: concerns.py REPOSITORY [--readme]", file=sys.stderr)
        return 2
    if arguments[1:]:
        path = pathlib.Path(arguments[0], "README.md")
        path.write_text(filled_in(path.read_text(encoding="utf-8"), arguments[0]), encoding="utf-8")
        return 0
    print(json.dumps(list(readings(arguments[0])), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
