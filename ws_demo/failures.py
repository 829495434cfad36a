"""failures.py MARKDOWN OUT.html LANGUAGE: a page of docs/failures.md, for whom the wall of /live sends there.

It knows what that document uses: headings, paragraphs, lists, tables, blocks of code, links, bold, emphasis, code in a
line. Comments are left out; everything else is text. A heading has the id that GitHub gives it, and an anchor for each
scenario that it names before its colon: #small_pool.
"""
import html
import pathlib
import re
import sys

SERVED = {"failures.md": "failures", "failures.zh.md": "failures-zh"}
NO_NAMES = {"and", "with"}
BACK = {"en": "to the wall", "zh-CN": "回到等待墙"}
INLINE = re.compile(r"(`+)(?P<code>.+?)\1|\[(?P<text>[^]]+)\]\((?P<link>[^)\s]+)\)"
                    r"|\*\*(?P<bold>[^\s*](?:.*?[^\s*])?)\*\*|\*(?P<emphasis>[^\s*](?:[^*]*[^\s*])?)\*", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
CELL = re.compile(r"(?<!\\)\|")
ITEM = re.compile(r"(?:- |\d+\. )")
PAGE = """<!doctype html>
<html lang="{lang}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>{title}</title>
  <link rel="icon" href="icon.svg">
  <link rel="stylesheet" href="failures.css">
</head>
<body>
<header><a href="live">{back}</a></header>
<main>
{body}
</main>
</body>
</html>
"""


def link(text, target):
    """Where it leads if this server, or another, has that page; else what it says, and the file's name."""
    file, sign, anchor = target.partition("#")
    if not file or file in SERVED:
        return f'<a href="{html.escape(SERVED.get(file, "") + sign + anchor)}">{inline(text)}</a>'
    if re.match(r"https?://", target):
        return f'<a href="{html.escape(target)}" rel="noreferrer">{inline(text)}</a>'
    return inline(text) if text == target else f"{inline(text)} (<code>{html.escape(target)}</code>)"


def inline(text):
    """Text of a paragraph."""
    out, done = [], 0
    for found in INLINE.finditer(text):
        out.append(html.escape(text[done:found.start()]))
        done = found.end()
        if found["code"]:
            out.append(f"<code>{html.escape(found['code'])}</code>")
        elif found["link"]:
            out.append(link(found["text"], found["link"]))
        elif found["bold"]:
            out.append(f"<strong>{inline(found['bold'])}</strong>")
        else:
            out.append(f"<em>{inline(found['emphasis'])}</em>")
    return "".join(out) + html.escape(text[done:])


def joined(lines):
    """The lines of a paragraph as one. Between two Chinese characters a line's end is no blank."""
    return re.sub(r"(?<=[\u3000-\uffef])\n(?=[\u3000-\uffef])", "", "\n".join(line.strip() for line in lines))


def github_id(title):
    """As GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def names_of(title):
    """The scenarios that a heading names before its colon."""
    before, colon, _ = re.sub("：", ":", title).partition(":")
    return [name for name in re.findall(r"[a-z][a-z_]*", before) if name not in NO_NAMES] if colon else []


def anchors_of(titles):
    """For each heading the scenarios whose page it is. One that names a single scenario comes before one of several."""
    taken, owner = set(), {}
    for number in sorted(range(len(titles)), key=lambda at: (len(names_of(titles[at])), at)):
        owner[number] = [name for name in dict.fromkeys(names_of(titles[number])) if name not in taken]
        taken.update(owner[number])
    return owner


def cells(line):
    """Of a table's row."""
    return [cell.strip().replace("\\|", "|") for cell in CELL.split(line.strip().strip("|"))]


def table(lines):
    """The first row is the head, the second only a line."""
    head, _, *rows = lines
    def row(line, tag):
        return "<tr>" + "".join(f"<{tag}>{inline(cell)}</{tag}>" for cell in cells(line)) + "</tr>\n"
    return (f'<div class="wide" tabindex="0"><table><thead>{row(head, "th")}</thead>\n<tbody>'
            + "".join(row(line, "td") for line in rows) + "</tbody></table></div>")


def items(lines):
    """A list without lists in it."""
    found = []
    for line in lines:
        if ITEM.match(line):
            found.append([ITEM.sub("", line, count=1)])
        else:
            found[-1].append(line)
    tag = "ul" if lines[0].startswith("-") else "ol"
    return f"<{tag}>" + "".join(f"<li>{inline(joined(item))}</li>\n" for item in found) + f"</{tag}>"


def code(lines):
    """As it is."""
    return f'<pre tabindex="0"><code>{html.escape(chr(10).join(lines))}</code></pre>'


class Converter:
    """Takes a document's lines, block by block."""

    def __init__(self, text):
        self.lines = COMMENT.sub("", text).splitlines()
        self.anchors, self.headings = {}, 0

    def take(self, wanted):
        """The next lines, as long as each is wanted."""
        count = next((at for at, line in enumerate(self.lines) if not wanted(line)), len(self.lines))
        taken, self.lines = self.lines[:count], self.lines[count:]
        return taken

    def heading(self, line):
        """With its anchors."""
        marks, title = re.fullmatch(r"(#{1,6}) +(.*)", line).groups()
        anchors = "".join(f'<a id="{name}"></a>' for name in self.anchors[self.headings]
                          if name != github_id(title))
        self.headings += 1
        return f'<h{len(marks)} id="{html.escape(github_id(title))}">{anchors}{inline(title)}</h{len(marks)}>'

    def block(self):
        """The next one as HTML; there is one."""
        first = self.lines[0]
        if re.match("#{1,6} ", first):
            return self.heading(self.lines.pop(0))
        if first.startswith("```"):
            self.lines.pop(0)
            taken = self.take(lambda line: not line.startswith("```"))
            self.lines = self.lines[1:]
            return code(taken)
        if first.startswith("    "):
            return code([line[4:] for line in self.take(lambda line: line.startswith("    "))])
        if first.startswith("|"):
            return table(self.take(lambda line: line.startswith("|")))
        if ITEM.match(first):
            return items(self.take(lambda line: ITEM.match(line) or line.startswith("  ")))
        lines = [self.lines.pop(0)] + self.take(lambda line: line.strip() and not re.match(r"#{1,6} |```|- |\|", line))
        return f"<p>{inline(joined(lines))}</p>"

    def convert(self):
        """(title, body)."""
        fenced, titles = False, []
        for line in self.lines:
            fenced ^= line.startswith("```")
            if not fenced and (found := re.fullmatch(r"#{1,6} +(.*)", line)):
                titles.append(found[1])
        self.anchors = anchors_of(titles)
        out = []
        while self.take(lambda line: not line.strip()) or self.lines:
            if self.lines:
                out.append(self.block())
        return titles[0] if titles else "", "\n".join(out)


def page(text, lang):
    """The whole page."""
    title, body = Converter(text).convert()
    return PAGE.format(lang=lang, back=BACK[lang], title=html.escape(title), body=body)


def main(source, out, lang):
    """Writes it."""
    pathlib.Path(out).write_text(page(pathlib.Path(source).read_text(encoding="utf-8"), lang), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
