"""chart_svg.py - a chart of gnuplot's as a part of the page: only what draws, and its hover texts as titles, which need
no script.
"""
import html
import re
import xml.etree.ElementTree

# gnuplot escapes < and & in a hover text, but no quote: the text ends where the next attribute begins.
HYPERTEXT = re.compile(r"""<g onmousemove="gnuplot_svg\.showHypertext\(evt,'(.*?)'\)" onmouseout="[^"]*">"""
                       r"<title>[^<]*</title>", re.DOTALL)
DOCTYPE = re.compile(r"<!DOCTYPE[^>]*>", re.IGNORECASE)
REFERENCE = re.compile(r"url\(\s*['\"]?#([\w.-]+)['\"]?\s*\)")
STYLE = re.compile(r"\s*(fill|stroke)\s*:\s*([\w(),.\s]+)\s*")

ELEMENTS = {"circle", "clipPath", "defs", "feComposite", "feFlood", "filter", "g", "path", "pattern", "polygon", "polyline",
            "rect", "svg", "text", "title", "tspan", "use"}
ATTRIBUTES = {"class", "clip-path", "color", "cx", "cy", "d", "fill", "fill-opacity", "filter", "filterUnits", "flood-color",
              "flood-opacity", "font-family", "font-size", "font-style", "font-weight", "height", "id", "in", "in2", "opacity",
              "operator", "patternUnits", "points", "r", "result", "shape-rendering", "stroke", "stroke-dasharray",
              "stroke-linecap", "stroke-linejoin", "stroke-width", "tabindex", "text-anchor", "transform", "viewBox", "width", "x",
              "y"}


def hover(match):
    """A hover text as a title."""
    text = html.unescape(match.group(1)).replace("\\n", "\n")
    return f'<g class="hover" tabindex="0"><title>{html.escape(text)}</title>'


def inline(name, svg):
    """The chart's elements, and no id that another chart has, too. ValueError: it is no SVG."""
    try:
        root = xml.etree.ElementTree.fromstring(HYPERTEXT.sub(hover, DOCTYPE.sub("", svg)))
    except xml.etree.ElementTree.ParseError as error:
        raise ValueError(f"{name}.svg is no SVG: {error}") from error
    return written(root, name, {"data-chart": name})


def written(element, name, more):
    """An element and what is in it, of what a drawing may have."""
    tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    if tag not in ELEMENTS or (tag == "title" and element.text == "Gnuplot"):
        return ""
    given = {**more, **dict(attributes(element, name))}
    start = "".join(f' {key}="{html.escape(value)}"' for key, value in given.items())
    inside = html.escape(element.text or "") + "".join(
        written(child, name, {}) + html.escape(child.tail or "") for child in element)
    return f"<{tag}{start}>{inside}</{tag}>"


def attributes(element, name):
    """(key, value) of those that draw. A style becomes attributes; what refers to an id, refers to the chart's own."""
    for key, value in element.attrib.items():
        key = key.rpartition("}")[2]
        if key == "style":
            yield from (match.groups() for match in map(STYLE.fullmatch, value.split(";")) if match)
        elif key == "href" and value.startswith("#"):
            yield "href", f"#{name}-{value[1:]}"
        elif key == "id":
            yield "id", f"{name}-{value}"
        elif key in ATTRIBUTES:
            yield key, REFERENCE.sub(rf"url(#{name}-\1)", value)
