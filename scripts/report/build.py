"""build.py OUT.html DATA.json [--sources FILE] [--charts DIR]: puts the report together, one file that needs no other.

DATA.json is what scripts/sql/report.sql prints; --sources, what sources.py prints; DIR has NAME.svg for each chart that
DATA names. Every js/NAME.js here can be imported as "report/NAME" inside the page, and every *.css here is in it.
"""
import argparse
import base64
import html
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent

# gnuplot escapes < and & in a hover text, but no quote: the text ends where the next attribute begins.
HYPERTEXT = re.compile(r"""<g onmousemove="gnuplot_svg\.showHypertext\(evt,'(.*?)'\)" onmouseout="[^"]*">"""
                       r"<title>[^<]*</title>", re.DOTALL)
SCRIPT = re.compile(r"<script\b.*?</script>|<script\b[^>]*/>", re.DOTALL | re.IGNORECASE)
HANDLER = re.compile(r"""\s+on\w+\s*=\s*(?:"[^"]*"|'[^']*')""", re.IGNORECASE)
PROLOG = re.compile(r"<\?xml.*?\?>|<!DOCTYPE[^>]*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
OWN_TITLE = re.compile(r"<title>Gnuplot</title>\s*<desc>.*?</desc>", re.DOTALL)
ID = re.compile(r"""(\sid\s*=\s*)(["'])(.*?)\2""")
REFERENCE = re.compile(r"""(href\s*=\s*["']#|url\(['"]?#)""")


def hover(match):
    """A hover text as a title, which needs no script."""
    text = html.unescape(match.group(1)).replace("\\n", "\n")
    return f'<g class="hover" tabindex="0"><title>{html.escape(text)}</title>'


def inline_chart(name, svg):
    """A chart's SVG fit for the page: no prolog, no script, and no id that another chart has, too."""
    svg = OWN_TITLE.sub("", PROLOG.sub("", svg))
    svg = HANDLER.sub("", SCRIPT.sub("", HYPERTEXT.sub(hover, svg)))
    svg = ID.sub(rf"\1\2{name}-\3\2", svg)
    svg = REFERENCE.sub(rf"\g<1>{name}-", svg)
    return re.sub(r"<svg\b", f'<svg data-chart="{html.escape(name)}"', svg, count=1).strip()


def charts(data, folder):
    """All charts that the data names and the folder has. The page says of the others that they were not drawn."""
    names = [chart["name"] for chart in data.get("charts") or []] if folder else []
    files = [(name, folder / f"{name}.svg") for name in names]
    return "\n".join(inline_chart(name, path.read_text(encoding="utf-8")) for name, path in files if path.exists())


def import_map():
    """Modules import each other by name; from a data: URL there would be nothing to be relative to."""
    def url(path):
        return "data:text/javascript;charset=utf-8;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
    return {"imports": {f"report/{path.stem}": url(path) for path in sorted(HERE.glob("js/*.js"))}}


def in_script(value):
    """JSON that cannot end the script element it stands in."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def styles():
    """The page's own style sheet, and after it those of single sections."""
    files = sorted(HERE.glob("*.css"), key=lambda path: (path.name != "report.css", path.name))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def page(data, sources, folder):
    """The page. What is filled in is not searched again, so it may have double braces of its own."""
    parts = {"css": styles(), "modules": in_script(import_map()), "charts": charts(data, folder),
             "data": in_script(data), "sources": in_script(sources)}
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
