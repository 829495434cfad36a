#!/usr/bin/env python3
"""docs/notes.md: every claim of docs/lecture-notes.txt has its entry, in English and in Chinese, and what an entry names
exists. docs/teaching.md: its two halves, English and Chinese, have the same shape.

    tests/check_notes.py [REPOSITORY]

An entry is a quotation (the notes' own words; only their blanks may differ), its rendering in English with a verdict,
the same verdict in Chinese, and a line of what shows it (which may be missing where it cannot be shown). Prints each
finding, and ends with status 1; silence and status 0 mean that all is well.
"""
import pathlib
import re
import sqlite3
import sys

from check_languages import Document

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "scripts/suite"))
import language  # pylint: disable=wrong-import-position

VERDICTS = {"Shown": "可见", "Refined": "细化", "Corrected": "更正", "Not shown": "不能演示"}
SEE = "See 见: "

# Lines of the notes that claim nothing: headings, the outline, what one should know, and XML.
NO_CLAIMS = """
netty入门： netty使用场景： 提纲： 2.netty入门 3.websocket入门 4.netty实现websocket案例 前置知识： 1.java基础 2.io编程基础 io通信：
3.NIO通信： 4.AIO通信： 4种io对比： 1.原生NIO的缺陷： netty优势： websocket： 优点： 建立连接： 生命周期： 连接关闭：
netty实现webSocket通信案例： <dependency> <groupId>io.netty</groupId> <artifactId>netty-all</artifactId> </dependency>
""".split()

# By their numbers: what a place may be called before it is there.
LABS = ["threads", "dies_of_its_peer", "pool", "selector", "half_packet", "short_send", "spinning_selector",
        "blocking_handler", "whose_completion", "push_and_goodbye"]
PROTOCOLS = {"echo", "ws"}


def squeezed(text):
    """Without blanks, and without what Markdown needs around XML."""
    return re.sub(r"[\s`]", "", text)


def claims(notes):
    """The lines of the notes that are claims, as they are compared."""
    lines = [squeezed(line) for line in notes.splitlines()]
    return [line for line in lines if line and line not in NO_CLAIMS and not re.fullmatch("[—-]+", line)]


class Entry:
    """One quotation, and the paragraphs that follow it, up to the next one or a heading."""

    def __init__(self, quotation):
        self.quoted = [line.removeprefix("> ") for line in quotation.splitlines()]
        self.words, self.code, self.see = [], [], ""

    def add(self, paragraph):
        """One of its paragraphs."""
        if paragraph.startswith("    "):
            self.code.append(paragraph)
        elif paragraph.startswith(SEE):
            self.see = " ".join(paragraph.split()).removeprefix(SEE)
        else:
            self.words.append(" ".join(paragraph.split()))

    def name(self):
        """How it begins, for the findings."""
        return f"'{self.quoted[0][:24]}'"

    def verdict(self):
        """In English; None if there is none."""
        found = re.match(r"\*[^*]+\*[^*]* \*\*([\w ]+?)\.?\*\*", self.words[0]) if self.words else None
        return found[1] if found and found[1] in VERDICTS else None

    def findings(self):
        """What is wrong with its form."""
        verdict = self.verdict()
        if not verdict:
            yield f"has no rendering in English with a verdict ({', '.join(VERDICTS)})"
        elif len(self.words) != 2:
            yield f"has {len(self.words)} paragraphs: one in English and one in Chinese are wanted"
        elif not re.match(rf"\*\*{VERDICTS[verdict]}。?\*\*", self.words[1]):
            yield f"says {verdict} in English, and something else in Chinese than {VERDICTS[verdict]}"
        if not self.see and verdict != "Not shown":
            yield f"names nothing that shows it ({SEE.strip()})"


def entries(document):
    """All of them, in order."""
    found, current = [], None
    for paragraph in re.split(r"\n\n+", document.rstrip("\n")):
        if paragraph.startswith("> "):
            current = Entry(paragraph)
            found.append(current)
        elif paragraph.startswith("#"):
            current = None
        elif current:
            current.add(paragraph)
    return found


class Repository:
    """What an entry may name."""

    def __init__(self, root):
        self.root = root
        words = sqlite3.connect(":memory:")
        for name in "schema", "workloads":
            words.executescript(self.text(f"scripts/sql/{name}.sql"))
        self.scenarios = {row[0] for row in words.execute(
            "select workload from profile_workload where profile = 'reliability'")}
        self.models = {row[0] for row in words.execute("select name from model")}
        page = re.sub(r"\s+", " ", self.text("ws_demo/page/index.html"))
        self.page = {en: zh for en, zh in re.findall(r"'([^']+)':\s+'([^']+)'", self.text("ws_demo/page/js/text-zh.js"))
                     if re.search(rf"<h[23][^>]*>{re.escape(en)}</h", page)}
        self.report = {}
        titles = re.findall(r"'(\w+\.title)':\s+'([^']+)'", self.text("scripts/report/js/words.js"))
        for key in dict(titles):
            english, chinese = (title for name, title in titles if name == key)
            self.report[english] = chinese

    def text(self, name):
        """Of one of its files."""
        return (self.root / name).read_text(encoding="utf-8")

    def check(self, reference):
        """What is wrong with one reference."""
        if found := re.fullmatch(r"labs? ([\d, ]+)", reference):
            return next(filter(None, (self.check_lab(int(number)) for number in found[1].split(","))), None)
        if found := re.fullmatch(r"(page|report) \*([^*]+)\* \(([^)]+)\)", reference):
            have = getattr(self, found[1])
            return None if have.get(found[2]) == found[3] else f"the {found[1]} has no section '{found[2]}' ({found[3]})"
        if found := re.fullmatch(r"\[[^]]+\]\(([^)#]+)(?:#([^)]+))?\)", reference):
            return self.check_link(*found.groups())
        if found := re.fullmatch(r"`(\w+)` in `([\w/.]+)`", reference):
            known = (self.root / found[2]).is_file() and re.search(rf"\b{found[1]}\b", self.text(found[2]))
            return None if known else f"there is no {found[1]} in {found[2]}"
        if found := re.fullmatch(r"`([^`]+)`", reference):
            return self.check_command(found[1].split())
        return "is no reference that this test knows"

    def check_lab(self, number):
        """A directory of that number has that name; one may still be missing."""
        if not 1 <= number <= len(LABS):
            return f"there is no lab {number}"
        name = f"{number:02}_{LABS[number - 1]}"
        others = [path.name for path in (self.root / "labs").glob(f"{number:02}_*") if path.name != name]
        return f"lab {number} is {others[0]}, not {name}" if others else None

    def check_link(self, target, anchor):
        """A document, and a heading in it."""
        path = self.root / "docs" / target
        if not path.is_file():
            return f"there is no docs/{target}"
        return f"docs/{target} has no heading #{anchor}" if anchor and anchor not in Document(path).anchors() else None

    def check_command(self, words):
        """Its files, and the words of break.sh. What is built is named in the meson.build beside its source."""
        for word in words:
            path = self.root / word
            if word.startswith("build/") and "$" not in word:
                source = path.relative_to(self.root / "build")
                folder = self.root / source.parent
                if not (folder / "meson.build").is_file() or f"executable('{source.name}'" not in self.text(
                        f"{source.parent}/meson.build"):
                    return f"nothing builds {word}"
            elif re.fullmatch(r"[\w.]+(?:/[\w.]+)+", word) and not re.match(r"\d", word) and not path.is_file():
                return f"there is no {word}"
        if words[0] == "scripts/break.sh":
            return self.check_break(*words[1:])
        return None

    def check_break(self, scenario, models="", protocol="echo"):
        """As scripts/break.sh takes them."""
        if scenario not in self.scenarios:
            return f"there is no scenario {scenario}"
        unknown = set(filter(None, models.split(","))) - self.models
        if unknown or protocol not in PROTOCOLS:
            return f"break.sh knows no {', '.join(unknown) or protocol}"
        return None


def shape(text):
    """What a translation keeps: the levels of the headings, the rows of the tables, the commands and the files."""
    lines = [line for line in text.splitlines() if re.match(r"#|\||    ", line)]
    kinds = [line if line.startswith("    ") else re.match(r"#+|\|", line)[0] for line in lines]
    return kinds, sorted(re.findall(r"`[^`]+`|\]\([^)]+\)", text))


def halves_differ(document):
    """What one half has and the other has not."""
    english, chinese = language.halves(document)
    if not chinese:
        yield f"has no Chinese half ({language.BORDER.strip()})"
        return
    (kinds, named), (kinds_zh, named_zh) = shape(english), shape(chinese)
    if kinds != kinds_zh:
        yield "has other headings, table rows or code in Chinese than in English"
    for word in sorted(set(named) ^ set(named_zh)):
        yield f"names {word} in {'English' if word in named else 'Chinese'} only"


def findings(root):
    """What is missing in notes.md, and what is wrong."""
    repository = Repository(root)
    notes, document = repository.text("docs/lecture-notes.txt"), repository.text("docs/notes.md")
    found, wanted = entries(document), claims(notes)
    quoted = [squeezed(line) for entry in found for line in entry.quoted]
    for line in wanted:
        if quoted.count(line) != wanted.count(line):
            yield f"quotes '{line}' {quoted.count(line)} times; the notes have it {wanted.count(line)} times"
    for line in quoted:
        if line not in wanted:
            yield f"quotes '{line}', which the notes do not claim"
    if not set(quoted) ^ set(wanted) and quoted != wanted:
        yield "does not quote in the order of the notes"
    for entry in found:
        for what in entry.findings():
            yield f"{entry.name()} {what}"
        named = [(one, repository.check(one)) for one in entry.see.split(" · ") if one]
        named += [("a command", repository.check_command(part.split())) for part in entry.code]
        yield from (f"{entry.name()} names {one}: {what}" for one, what in named if what)


def main():
    """Status 1 if something is missing or wrong."""
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1])
    wrong = [f"docs/notes.md: {line}" for line in findings(root)]
    wrong += [f"docs/teaching.md: {line}" for line in halves_differ((root / "docs/teaching.md").read_text(encoding="utf-8"))]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
