"""text_table.py - tables for the terminal: at full width, or at most WIDTH columns whatever the cells contain."""
import textwrap

from terminal import say

WIDTH = 100
GAP = "  "


def one_line(cell):
    """A cell's text: a line break in somebody else's name of a model would begin a line of its own."""
    return " ".join(str(cell).splitlines())


def show(heads, rows):
    """Prints a table as wide as it is, its heads ruled off; a head that begins with > has its column to the right."""
    right = [head.startswith(">") for head in heads]
    lines = [[head.lstrip(">") for head in heads], *([str(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines)]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        say(GAP.join(cell.rjust(width) if to_right else cell.ljust(width)
                     for cell, width, to_right in zip(line, widths, right)).rstrip())


def crossed(heads, cells, columns=()):
    """Names and rows of a table. Of a cell, the last is its text and the last but one its column's name; cells that agree
    in the rest share a row. `columns` come first, in this order."""
    rows, columns = {}, dict.fromkeys(columns)
    for *row, column, text in cells:
        rows.setdefault(tuple(row), {})[column] = text
        columns[column] = None
    return [*heads, *columns], [[*row, *(of.get(column, "-") for column in columns)] for row, of in rows.items()]


def wrapped(text, indent=""):
    """Lines of at most WIDTH."""
    return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def fitting(names, rows, heads=1):
    """The table as lines. Columns that do not fit go into a table below, with the first `heads` columns again."""
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(names, *cells)]
    head_width = sum(width + len(GAP) for width in widths[:heads])
    parts, room = [[]], WIDTH - head_width
    for column in range(heads, len(names)):
        if parts[-1] and widths[column] > room:
            parts.append([])
            room = WIDTH - head_width
        parts[-1].append(column)
        room -= widths[column] + len(GAP)
    lines = []
    for part in parts:
        shown = [*range(heads), *part]
        lines += [joined([row[column] for column in shown], [widths[column] for column in shown], heads)
                  for row in (names, *cells)]
        lines.append("")
    return lines[:-1]


def joined(cells, widths, heads):
    """A row: words to the left, figures to the right."""
    text = GAP.join(cell.ljust(width) if place < heads else cell.rjust(width)
                    for place, (cell, width) in enumerate(zip(cells, widths)))
    return (text if len(text) <= WIDTH else text[:WIDTH - 1] + "…").rstrip()
