"""measured.py - the measured figures in README.md, README.zh.md and docs/: stored in docs/measured.json, filled in from there.

    /usr/bin/python3 -I scripts/suite measured                     puts stored figures into the documents
    /usr/bin/python3 -I scripts/suite measured NAME=VALUE...       stores new figures first

A document has `<!-- measured: NAME -->VALUE<!-- -->` for each figure. A script's --help is written by hand:
docs/measured.json has its words under `said`, and tests/tools/test_claims.py compares them with the figure.
"""
import json
import re

import environment
from terminal import Failure, say

FILE = environment.ROOT / "docs/measured.json"
DOCUMENTS = sorted([*environment.ROOT.glob("README*.md"), *(environment.ROOT / "docs").glob("*.md")])

PLACE = re.compile(r"(<!-- measured: (\S+) -->)(.*?)(<!-- -->)")


def main(arguments):
    """Changes nothing unless all of it can be done."""
    figures = read()
    for word in arguments:
        name, equals, value = word.partition("=")
        if name not in figures or not equals or not value.strip():
            raise Failure(f"'{word}' is no figure: give NAME=VALUE, NAME one of {', '.join(figures)}")
        figures[name]["value"] = value.strip()
    filled = {document: fill_in(document.read_text(encoding="utf-8"), figures) for document in DOCUMENTS}
    FILE.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for document, text in filled.items():
        if text != document.read_text(encoding="utf-8"):
            document.write_text(text, encoding="utf-8")
            say(f"{document.relative_to(environment.ROOT)}: filled in")
    return 0


def read():
    """The figures by name: each a `value`, the command that it is `of`, and what is `said` of it elsewhere."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def names_in(text):
    """The names of the figures in a document."""
    return [name for _, name, _, _ in PLACE.findall(text)]


def fill_in(text, figures):
    """The document with every figure as stored. Raises Failure for a name that is not stored."""
    def value(match):
        if match[2] not in figures:
            raise Failure(f"a document tells '{match[2]}', and {FILE} does not know it")
        return match[1] + figures[match[2]]["value"] + match[4]
    return PLACE.sub(value, text)
