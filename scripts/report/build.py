"""build.py OUT.html DATA.json [--sources FILE] [--charts DIR]: puts the report together, one file that needs no other.

DATA.json is what scripts/sql/report.sql finds; --sources, what sources.py writes; DIR has NAME.svg for each chart that
DATA names. Every js/*.js here is in the page's one script, and every *.css in its one style: the page's policy allows these two,
by their hashes, and nothing else.
"""
import argparse
import base64
import hashlib
import json
import pathlib
import re
import sys

import bundle
import chart_svg

HERE = pathlib.Path(__file__).resolve().parent


def charts(data, folder):
    """All charts that the data names and the folder has. The page says of the others that they were not drawn."""
    names = [chart["name"] for chart in data.get("charts") or []] if folder else []
    files = [(name, folder / f"{name}.svg") for name in names if re.fullmatch(r"[\w-]+", name)]
    return "\n".join(chart_svg.inline(name, path.read_text(encoding="utf-8")) for name, path in files if path.exists())


def packed(value):
    """The same in less, which js/packed.js undoes: a list of objects that have the same keys names these once."""
    if isinstance(value, dict):
        return {key: packed(one) for key, one in value.items()}
    if not isinstance(value, list):
        return value
    if len(value) > 1 and all(isinstance(one, dict) for one in value) and len({tuple(one) for one in value}) == 1:
        return {"columns": list(value[0]), "objects": [[packed(one[key]) for key in value[0]] for one in value]}
    return [packed(one) for one in value]


def without_repetition(sources):
    """The sources without what follows from the rest, which js/packed.js puts back: a line's number, that it has no
    tags, and its text if it has tokens."""
    if sources is None:
        return None
    rows = [{**row, "cells": {model: [{**piece, "lines": list(map(short_line, piece["lines"]))} for piece in cell]
                              for model, cell in row["cells"].items()}} for row in sources["rows"]]
    return {**sources, "rows": rows}


def short_line(line):
    """One line of these; one that is only text is that text."""
    kept = {key: line[key] for key in ("tags", "calls") if line.get(key)}
    if line.get("tokens"):
        return {"tokens": [part for token in line["tokens"] for part in token], **kept}
    return {"text": line["text"], **kept} if kept else line["text"]


def in_script(value):
    """JSON that cannot end the script element it stands in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def styles():
    """The page's own style sheet, and after it those of single sections."""
    files = sorted(HERE.glob("*.css"), key=lambda path: (path.name != "report.css", path.name))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def source_of(text):
    """How the policy names a text between two tags."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii") + "'"


def page(data, sources, folder):
    """The page. What is filled in is not searched again, so it may have double braces of its own."""
    style, script = f"\n{styles()}\n", f"\n{bundle.bundle(HERE / 'js')}"
    parts = {"style": style, "script": script, "style_hash": source_of(style), "script_hash": source_of(script),
             "charts": charts(data, folder), "data": in_script(packed(data)),
             "sources": in_script(packed(without_repetition(sources)))}
    template = (HERE / "template.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: parts[match.group(1)], template)


def read_json(path):
    """The object in a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def main():
    """Writes OUT.html, or says in one line why not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--sources", type=pathlib.Path)
    parser.add_argument("--charts", type=pathlib.Path)
    given = parser.parse_args()
    try:
        sources = read_json(given.sources) if given.sources and given.sources.exists() else None
        text = page(read_json(given.data), sources, given.charts)
        given.out.write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        sys.exit(f"build.py: {error}")


if __name__ == "__main__":
    main()
