#!/usr/bin/env python3
"""concerns.py [REPOSITORY]: how many code lines of each server are its model, and what the others are for.

A code line is one that is neither blank, nor a comment, nor a preprocessor line, nor a bracket, an assert or a
`return` alone. FUNCTIONS says to which concern a whole function belongs; what is not named there is the model's. WORDS says which
lines belong elsewhere than their function, and a line that has a concern as its tag, such as `/* pressure */`, belongs
there. What a model waits with, and moves bytes with (MODEL_CALL), is the model's wherever a client is served or the
model is set up. Prints a table: first reading, full server; the last column is the model's share of what is not set-up.
"""
import collections
import pathlib
import re
import sys

import skeleton

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
    return counted


def first_reading(path):
    """The model's small server, beside the full one."""
    return path.replace("_server.c", "_echo.c")


def share(counted):
    """The model's share of the code lines that are not set-up."""
    serving = counted.total() - counted["set-up"]
    return counted["model"] / serving if serving else 0


def table(repository):
    """Rows: file, lines, one figure for each concern, the model's share."""
    for full in skeleton.SERVERS:
        for path in (first_reading(full), full):
            if (repository / path).exists():
                text = (repository / path).read_text(encoding="utf-8")
                counted = count(text)
                yield [path, text.count("\n"), *(counted[concern] for concern in CONCERNS), f"{share(counted):.0%}"]


def print_table(repository):
    """In columns."""
    rows = [["file", "lines", *CONCERNS, "model"], *table(repository)]
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(str(cell).rjust(width) if column else str(cell).ljust(width)
                        for column, (cell, width) in enumerate(zip(row, widths))))


if __name__ == "__main__":
    print_table(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]))
