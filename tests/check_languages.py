#!/usr/bin/env python3
"""NAME.zh.md says what NAME.md says: the same headings by level, code, generated places, tables and links, in order.

    tests/check_languages.py [REPOSITORY]

Code is the same to the letter, but for a comment (two blanks, #, a blank) at the end of an indented line. A generated
place is a line or a part of one that begins with `<!-- NAME -->`. Each document links to the other, and a link to a
heading leads to one. Prints each finding and ends with status 1; silence and status 0 mean that all is well.
"""
import itertools
import pathlib
import re
import sys

HEADING = re.compile(r"(#{1,6}) +(.*)")
CODE_MIN = 4  # blanks, of a line of code that is in no fence
COMMENT = re.compile(r"  +# .*")
PLACE = re.compile(r"<!--.*?-->")
LINK = re.compile(r"\]\(([^)\s]+)\)")


class Document:
    """A Markdown file, taken apart: what must be the same in all languages. Each list is of (line, text)."""

    def __init__(self, path):
        self.headings, self.titles, self.code, self.places, self.tables, self.links = [], [], [], [], [], []
        fenced = False
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
                self.code.append((number, line.strip()))
            elif fenced:
                self.code.append((number, line))
            elif line.startswith(" " * CODE_MIN):
                self.code.append((number, COMMENT.sub("", line).strip()))
            else:
                self.take_prose(number, line)

    def take_prose(self, number, line):
        """A line that is no code."""
        if heading := HEADING.fullmatch(line):
            self.headings.append((number, heading[1]))
            self.titles.append(heading[2])
        if line.startswith("|"):
            self.tables.append((number, f"a row of {line.count('|') - line.count(chr(92) + '|') - 1} cells"))
        self.places += [(number, place) for place in PLACE.findall(line)]
        self.links += [(number, target) for target in LINK.findall(line)]

    def anchors(self):
        """What a link to a heading has behind its #, as GitHub makes it."""
        return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in self.titles}


def first_difference(what, names, pair):
    """One line for two lists of (line, text) that are not the same."""
    for mine, other in itertools.zip_longest(*pair):
        if mine is None or other is None or mine[1] != other[1]:
            shown = [f"{name}, line {found[0]}: {found[1]!r}" if found else f"{name}: no more"
                     for name, found in zip(names, (mine, other))]
            yield f"{what} differ: {'; '.join(shown)}"
            return


def targets(document):
    """Where its links lead, whatever the language and the heading, each once and sorted: a sentence has its own order."""
    return [(number, target) for target, number in sorted(
        {target.partition("#")[0].replace(".zh.md", ".md"): number
         for number, target in document.links if not target.startswith("#")}.items())]


def broken_anchors(path, document):
    """Links to a heading that is not there."""
    for number, target in document.links:
        file, sign, anchor = target.partition("#")
        goal = path.parent / file if file else path
        if sign and goal.suffix == ".md" and goal.is_file() and anchor not in Document(goal).anchors():
            yield f"{path.name}, line {number}: {target} has no such heading"


def compared(english, chinese):
    """All findings of a pair."""
    names, pair = (english.name, chinese.name), (Document(english), Document(chinese))
    for what in "headings", "code", "places", "tables":
        yield from first_difference(what, names, [getattr(document, what) for document in pair])
    yield from first_difference("links", names, [targets(document) for document in pair])
    for path, document, other in zip((english, chinese), pair, (chinese, english)):
        if other.name not in (target for _, target in document.links):
            yield f"{path.name} has no link to {other.name}"
        yield from broken_anchors(path, document)


def findings(root):
    """What is wrong in the documents of a repository."""
    folders = [root, *(path for path in root.iterdir()
                       if path.is_dir() and not path.name.startswith((".", "build")))]
    found = sorted(path for folder in folders
                   for path in (folder.glob("*.zh.md") if folder == root else folder.rglob("*.zh.md")))
    if not found:
        yield "no document is in two languages"
    for chinese in found:
        english = chinese.with_name(chinese.name.removesuffix(".zh.md") + ".md")
        if english.is_file():
            yield from (f"{chinese.relative_to(root)}: {line}" for line in compared(english, chinese))
        else:
            yield f"{chinese.relative_to(root)}: there is no {english.name} beside it"


def main():
    """Status 1 if something differs."""
    wrong = list(findings(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1])))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
