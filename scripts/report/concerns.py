#!/usr/bin/python3
"""concerns.py REPOSITORY [--readme]: counts the lines of each model's two servers, its first reading and its full
server, by concern, as JSON. With --readme it fills in the table of README.md and README.zh.md instead, between
`<!-- concerns -->` and `<!-- -->`.

    [{"model": "bio", "reading": "first", "file": "bio/bio_echo.c", "lines": {"model": 60, "pressure": 3, ...}}, ...]

A code line is one that is neither blank, nor a comment, nor a preprocessor line, nor a bracket, an assert or a `return`
alone. FUNCTIONS gives the concern of a whole function; a function that is not named there belongs to the model. WORDS
gives lines another concern than that of their function, and a line with a tag such as `/* pressure */` belongs to that
concern. Calls that wait or move bytes (MODEL_CALL) belong to the model wherever a client is served or the model is set
up. A first reading that does not exist is left out.
"""
import collections
import json
import pathlib
import re
import sys

import skeleton

READINGS = {pathlib.Path(full).stem.removesuffix("_server"): (first, full)
            for first, full in zip(skeleton.FIRST_READINGS, skeleton.SERVERS)}

CONCERNS = ["model", "pressure", "liveness", "draining", "goodbye", "counters", "set-up"]

# Whole functions.
FUNCTIONS = {
    "liveness": ["conn_tick", "server_tick", "server_tick_done", "server_ticked"],
    "draining": ["server_drain", "server_close", "ignore_signal"],
    "goodbye": ["conn_linger"],
    "set-up": ["server_open", "parse_option", "main"],
}
HOMES = {name: concern for concern, names in FUNCTIONS.items() for name in names}
MODEL_CALL = re.compile(
    r"\b(?:recv|send|accept4|poll|"
    r"(?:pthread|epoll|io_uring|ring|queue|selector|future|session)_(?!shutdown|is_full|describe|require|probe)\w+)\("
    r"|\bstruct (?:operation|future|selector|buffer|io_uring\w*|ring_buffers) ")

# Lines that belong elsewhere than their function: the first that fits.
WORDS = [
    ("counters", r"\bstats\.effort|\beffort\b|bad_connection_log|\bstats_\w+\(|struct stats "),
    ("draining", r"draining|drain_|is_stopping|session_shutdown|\bint stop\b|\bs->stop\b|wanted\[0\]"),
    ("pressure", r"\bdoor|refuse|REFUSE_|accept_paused|DOOR_|->lent\b|session_is_full|no_buffers|10 \* 1000 \* 1000"),
    ("liveness", r"due_ms|limit_ms|LOOK_MS|ticked|\btick\b|\btimer\b"),
    ("goodbye", r"closing|linger|LINGER|broken|shutdown\("),
    ("set-up", r"struct options|ring_options|ring_features|handler_delay"),
]
WORDS = [(concern, re.compile(words)) for concern, words in WORDS]
TAG = re.compile(r"/\* (" + "|".join(CONCERNS) + r") \*/")
# The documents with the table, and its words in their language.
DOCUMENTS = {
    "README.md": {},
    "README.zh.md": {"lines of code for": "代码行数", "model": "模型", "pressure": "压力", "liveness": "存活检测",
                     "draining": "排空", "goodbye": "道别", "counters": "计数", "set-up": "准备", "all": "合计"},
}
PLACE = re.compile(r"(<!-- concerns -->).*?(<!-- -->)", re.DOTALL)
NO_CODE = re.compile(r"[\s{}();]*|\s*assert\(.*\);\s*|\s*(?:return|break|continue|else);?\s*")


def concern_of(line, code, function):
    """Whose line it is."""
    tag = TAG.search(line)
    if tag:
        return tag.group(1)
    home = HOMES.get(function, "model")
    if home in ("model", "set-up") and MODEL_CALL.search(code) and not re.search("effort|server_take", code):
        return "model"
    if home != "model":
        return home
    return next((concern for concern, words in WORDS if words.search(code)), "model")


def count(text):
    """{concern: code lines} of a C file."""
    counted = collections.Counter()
    owners = {}
    for function in skeleton.functions(text):
        owners.update(dict.fromkeys(range(function.line, function.line + function.lines), function.name))
    lines = text.split("\n")
    for number, code in enumerate(skeleton.without_comments(text).split("\n"), 1):
        if not NO_CODE.fullmatch(code):
            counted[concern_of(lines[number - 1], code, owners.get(number))] += 1
    return collections.Counter({concern: counted[concern] for concern in CONCERNS})


def share(counted):
    """The model's share of the code lines that are not set-up."""
    serving = counted.total() - counted["set-up"]
    return counted["model"] / serving if serving else 0


def readings(repository):
    """All that are there, model by model, the first reading before the full server."""
    for model, files in READINGS.items():
        for reading, file in zip(("first", "full"), files):
            path = pathlib.Path(repository, file)
            if path.is_file():
                yield {"model": model, "reading": reading, "file": file,
                       "lines": dict(count(path.read_text(encoding="utf-8")))}


def print_table(repository):
    """Each file, its lines, those of each concern, and the model's share, in columns."""
    rows = [["file", "lines", *CONCERNS, "model"]]
    for one in readings(repository):
        text = pathlib.Path(repository, one["file"]).read_text(encoding="utf-8")
        rows.append([one["file"], text.count("\n"), *(one["lines"][concern] for concern in CONCERNS), f"{share(count(text)):.0%}"])
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(str(cell).rjust(width) if column else str(cell).ljust(width)
                        for column, (cell, width) in enumerate(zip(row, widths))))


def metrics(repository):
    """The same as rows (model, metric, value, detail) of metrics.tsv: `first:pressure` and the like."""
    for one in readings(repository):
        for name, lines in one["lines"].items():
            yield one["model"], f"{one['reading']}:{name}", lines, one["file"]


def table(repository, words):
    """The same as a table of Markdown: a column for each model, first reading -> full server. `words`: what a name is
    in another language."""
    found = {(one["model"], one["reading"]): {**one["lines"], "all": sum(one["lines"].values())}
             for one in readings(repository)}
    head = "lines of code for"
    lines = [f"| {words.get(head, head)} | {' | '.join(READINGS)} |", "|---" * (len(READINGS) + 1) + "|"]
    for name in [*CONCERNS, "all"]:
        cells = [" -> ".join(str(found.get((model, reading), {}).get(name, "n/a")) for reading in ("first", "full"))
                 for model in READINGS]
        lines.append(f"| {words.get(name, name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def filled_in(repository):
    """(path, its text, the same with today's table) of each document."""
    for name, words in DOCUMENTS.items():
        path = pathlib.Path(repository, name)
        text = path.read_text(encoding="utf-8")
        made = table(repository, words)
        yield path, text, PLACE.sub(lambda match, made=made: f"{match[1]}\n{made}\n{match[2]}", text)


def main(arguments):
    """See above."""
    if len(arguments) not in (1, 2) or arguments[1:] not in ([], ["--readme"]):
        print("usage: concerns.py REPOSITORY [--readme]", file=sys.stderr)
        return 2
    if arguments[1:]:
        for path, _, text in filled_in(arguments[0]):
            path.write_text(text, encoding="utf-8")
        return 0
    print(json.dumps(list(readings(arguments[0])), indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
