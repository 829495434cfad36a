"""chart_svg.py - a chart of gnuplot as a part of the page: only the elements that draw, in few bytes, and its hover
texts as titles, which need no script.
"""
import html
import re
import xml.etree.ElementTree

# gnuplot escapes < and & in a hover text, but no quote: the text ends where the next attribute begins.
HYPERTEXT = re.compile(r"""<g onmousemove="gnuplot_svg\.showHypertext\(evt,'(.*?)'\)" onmouseout="[^"]*">"""
                       r"<title>[^<]*</title>", re.DOTALL)
DOCTYPE = re.compile(r"<!DOCTYPE[^>]*>", re.IGNORECASE)
REFERENCE = re.compile(r"url\(\s*['\"]?#([\w.-]+)['\"]?\s*\)")
COLOUR = re.compile(r"rgb\(\s*(\d+),\s*(\d+),\s*(\d+)\)")
ZEROS = re.compile(r"(?<=\d)\.0+(?!\d)|(?<=\.\d)0(?!\d)")
STYLE = re.compile(r"\s*(fill|stroke)\s*:\s*([\w(),.\s]+)\s*")

ELEMENTS = {"circle", "clipPath", "defs", "feComposite", "feFlood", "filter", "g", "path", "pattern", "polygon", "polyline",
            "rect", "svg", "text", "title", "tspan", "use"}
ATTRIBUTES = {"class", "clip-path", "color", "cx", "cy", "d", "fill", "fill-opacity", "filter", "filterUnits", "flood-color",
              "flood-opacity", "font-family", "font-size", "font-style", "font-weight", "height", "in", "in2", "opacity",
              "operator", "patternUnits", "points", "r", "result", "shape-rendering", "stroke", "stroke-dasharray",
              "stroke-linecap", "stroke-linejoin", "stroke-width", "tabindex", "text-anchor", "transform", "viewBox", "width", "x",
              "y"}


TEXTS = {"text", "tspan", "title"}  # where white space is text
INITIAL = {"stroke-linecap": "butt", "stroke-linejoin": "miter", "opacity": "1.00"}  # what it is without the attribute


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
    start, inside = parts(root, name, used_ids(root), {"data-chart": name})
    return f"<svg{start}>{inside}</svg>"


def tag_of(element):
    """Its name; "" for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def used_ids(root):
    """What is drawn by reference: from outside of the definitions, or from such a definition."""
    defined = {one for defs in root.iter() if tag_of(defs) == "defs" for one in defs.iter()}
    named = {one.get("id"): one for one in defined if one.get("id")}
    found, left = set(), [one for one in root.iter() if one not in defined]
    while left:
        values = left.pop().attrib.values()
        for key in {match[1] for value in values for match in REFERENCE.finditer(value)} | {
                value[1:] for value in values if value.startswith("#")}:
            if key in named and key not in found:
                found.add(key)
                left += named[key].iter()
    return found


def parts(element, name, used, more):
    """(attributes, what is in it) of an element, of what a drawing may have."""
    tag = tag_of(element)
    given = {**more, **dict(attributes(element, name, used))}
    text = html.escape if tag in TEXTS else between_elements
    pieces = [["", "", text(element.text or "")]]
    for child in element:
        child_tag = tag_of(child)
        says_nothing = child_tag == "title" and (child.text or "").startswith(("Gnuplot", "gnuplot_plot"))
        is_unused = tag == "defs" and child.get("id") not in used
        if child_tag in ELEMENTS and not says_nothing and not is_unused:
            append(pieces, child_tag, *parts(child, name, used, {}))
        if text(child.tail or ""):
            pieces.append(["", "", text(child.tail)])
    return ("".join(f' {key}="{html.escape(value)}"' for key, value in given.items()),
            "".join(f"<{tag}{start}>{inside}</{tag}>" if tag else inside for tag, start, inside in pieces))


def append(pieces, tag, start, inside):
    """One more piece. Groups without content are left out, as most of gnuplot's are; two that draw alike become one."""
    if tag == "g" and not inside:
        return
    if tag == "g" and pieces[-1][:2] == ["g", start] and not re.search(" (class|id|transform)=", start):
        pieces[-1][2] += inside
    else:
        pieces.append([tag, start, inside])


def between_elements(text):
    """White space there draws nothing."""
    return html.escape(text) if text.strip() else ""


def attributes(element, name, used):
    """(key, value) of those that draw. A style becomes attributes; what refers to an id, refers to the chart's own."""
    for key, value in element.attrib.items():
        key = key.rpartition("}")[2]
        if key == "style":
            yield from (match.groups() for match in map(STYLE.fullmatch, value.split(";")) if match)
        elif key == "href" and value.startswith("#"):
            yield "href", f"#{name}-{value[1:]}"
        elif key == "id" and value in used:
            yield "id", f"{name}-{value}"
        elif key in ATTRIBUTES and INITIAL.get(key) != value:
            yield key, short(REFERENCE.sub(rf"url(#{name}-\1)", value))


def short(value):
    """The same value in fewer bytes: 132.00 is 132, and a colour has six digits."""
    return ZEROS.sub("", COLOUR.sub(lambda match: "#" + bytes(int(part) & 255 for part in match.groups()).hex(),
                                    value)).strip()
