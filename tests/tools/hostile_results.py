"""A results.db as somebody would make it who means harm to who opens it."""
import shutil
import sqlite3

import database

# What a page, a table, a terminal, a shell, gnuplot and SQL would each obey.
HARM = "</script><img src=x onerror=harm()>'\";`touch harmed`|\\x{/Symbol a}\n| a | b |\x1b]0;harm\x07\u202e\tdrop"


def reference(directory, name="results"):
    """A directory with a copy of results/reference/NAME.db as its results.db. Returns the directory."""
    shutil.copy(database.SCRIPTS.parent / f"results/reference/{name}.db", directory / "results.db")
    return directory


def with_harm(directory, name="results"):
    """The same, and HARM is at the end of every text that is no key to another table."""
    reference(directory, name)
    with sqlite3.connect(directory / "results.db") as db:
        db.execute("pragma ignore_check_constraints = on")
        for table, columns in TEXTS.items():
            known = {row[1] for row in db.execute(f"pragma table_info({table})")}
            for column in known & set(columns):
                db.execute(f"update {table} set {column} = {column} || ?", (HARM,))
    db.close()
    return directory


TEXTS = {
    "metadata": ("value",), "note": ("text",), "model": ("kernel", "missing", "program"), "workload": ("title",),
    "run": ("why", "load_average", "server_notes", "loadgen_io"), "failure": ("class",), "server_reason": ("reason",),
    "warning": ("text",), "syscall": ("name",), "source_metric": ("detail",), "exam_answer": ("evidence",),
    "journey_event": ("lane", "state", "call", "text"), "textbook": ("word",), "word": ("word", "zh"),
    "search": ("why_not", "max_why"), "probe": ("says",),
}


def hostile_sources():
    """A sources.json of the right form, with HARM where text is allowed."""
    line = {"n": 1, "text": HARM, "html": HARM, "tokens": [["k", HARM]], "tags": ["WAIT"], "calls": ["recvfrom"]}
    piece = {"name": "conn_recv", "from": 1, "lines": [line], "calls": ["recvfrom"], "submits": [], "waits": True}
    return {"models": [{"name": "bio", "file": "bio/bio_server.c", "lines": 1}],
            "rows": [{"name": "conn_recv", "title": HARM, "cells": {"bio": [piece]}}]}
