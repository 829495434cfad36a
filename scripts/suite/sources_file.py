"""sources_file.py - sources.json of a directory of results, which another person may have written: only the expected
parts are read.
"""
import json
import os
import re
import stat

from foreign import OBEYED
from terminal import Failure

SIZE_LIMIT_BYTES = 16 << 20
NAME = re.compile(r"[A-Za-z_][\w. /*-]{0,79}", re.ASCII)
KIND = re.compile(r"[a-z]{0,3}[0-9]?")
TAGS = ("WAIT", "no WAIT", "COPY", "OWNS", "LIMIT")
LINE_LIMIT = 2_000


class NotSources(ValueError):
    """What is wrong, in words."""


def read(path):
    """The servers' sources as the page takes them, or None where there is no such file. Failure: it is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Failure(f"'{path}' cannot be read: {error.strerror}") from error
    with open(descriptor, encoding="utf-8", errors="replace") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or about.st_size > SIZE_LIMIT_BYTES:
            raise Failure(f"'{path}' is no file, or more than {SIZE_LIMIT_BYTES >> 20} MiB")
        try:
            return sources(json.load(file))
        except (ValueError, RecursionError) as error:
            raise Failure(f"'{path}' is not what sources.py writes: {error}") from error


def sources(given):
    """The same, made anew of the keys and kinds of values that there are to be."""
    given = of_kind(dict, given, "all of it")
    return {
        "models": [{"name": name(one, "name"), "file": name(one, "file"), "lines": number(one, "lines")}
                   for one in listed(given, "models", 16)],
        "rows": [{"name": name(one, "name"), "title": text(one, "title"), "cells": cells(one)}
                 for one in listed(given, "rows", 64)],
    }


def cells(row):
    """{model: pieces}"""
    found = of_kind(dict, row.get("cells"), "cells")
    return {name({"model": model}, "model"): [piece(one) for one in listed({"pieces": pieces}, "pieces", 200)]
            for model, pieces in found.items()}


def piece(one):
    """A function, or what else stands together."""
    return {"name": name(one, "name"), "from": number(one, "from"),
            "lines": [line(each) for each in listed(one, "lines", 5_000)],
            "calls": names(one, "calls"), "submits": names(one, "submits"), "waits": one.get("waits") is True}


def line(one):
    """A line. Without pieces that say the same as its text, it has no colours."""
    said = text(one, "text")
    made = {"n": number(one, "n"), "text": said,
            "tags": [tag for tag in of_kind(list, one.get("tags", []), "tags") if tag in TAGS]}
    tokens = one.get("tokens")
    if isinstance(tokens, list) and all(map(is_token, tokens)) and "".join(token[1] for token in tokens) == said:
        made["tokens"] = tokens
    if one.get("calls"):
        made["calls"] = names(one, "calls")
    return made


def is_token(token):
    """[kind, text]?"""
    return (isinstance(token, list) and len(token) == 2 and all(isinstance(part, str) for part in token)
            and bool(KIND.fullmatch(token[0])))


def of_kind(kind, value, what):
    """The value, which has to be one."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise NotSources(f"{what}: no {kind.__name__}")
    return value


def listed(one, key, limit):
    """A list of objects, or of lists of them."""
    value = of_kind(list, one.get(key), key)
    if len(value) > limit or not all(isinstance(each, dict) for each in value):
        raise NotSources(f"{key}: more than {limit}, or not objects")
    return value


def text(one, key):
    """Text of a line."""
    value = of_kind(str, one.get(key), key)
    if len(value) > LINE_LIMIT:
        raise NotSources(f"{key}: more than {LINE_LIMIT:,} characters")
    return OBEYED.sub("\ufffd", value)


def name(one, key):
    """A name of the source, or of a file."""
    value = of_kind(str, one.get(key), key)
    if not NAME.fullmatch(value):
        raise NotSources(f"{key}: {value[:40]!r} is no name")
    return value


def names(one, key):
    """Names of calls."""
    return [name({key: each}, key) for each in of_kind(list, one.get(key, []), key)]


def number(one, key):
    """A count."""
    return of_kind(int, one.get(key), key)
