"""text_table.py - tables for the terminal: at full width, or at most WIDTH columns whatever the cells contain."""
import re
import shutil
import textwrap

import terminal
from terminal import cut, say, width

WIDTH = 100
GAP = "  "

# What a line of Chinese is made of: blanks, words of narrow letters, and wide characters one by one; each with the marks
# that must not begin a line behind it, and those that must not end one before it.
PIECE = re.compile(r"\s+|[（“]*(?:[^\s\u2e80-\uffef“”]+|[\u2e80-\uffef])[，。；：、！？）”]*")


def room():
    """How wide a line may be: WIDTH, or less where the terminal has fewer columns."""
    return min(WIDTH, shutil.get_terminal_size().columns) if terminal.is_terminal() else WIDTH


def padded(text, columns, to_right=False):
    """With blanks, to be so wide."""
    blanks = " " * (columns - width(text))
    return blanks + text if to_right else text + blanks


def one_line(cell):
    """A cell's text: a line break in somebody else's name of a model would begin a line of its own."""
    return " ".join(str(cell).splitlines())


def show(names, rows, heads=1):
    """Prints a table as wide as it is, its heads ruled off; a head that begins with > has its column to the right. In a
    terminal that is too narrow for it, as fitting() has it."""
    names, rows = list(names), [[str(cell) for cell in row] for row in rows]
    right = [name.startswith(">") for name in names]
    lines = [[name.lstrip(">") for name in names], *rows]
    widths = [max(map(width, column)) for column in zip(*lines)]
    if terminal.is_terminal() and sum(widths) + len(GAP) * (len(widths) - 1) > shutil.get_terminal_size().columns:
        say("\n".join(fitting(lines[0], rows, heads)))
        return
    lines.insert(1, ["-" * columns for columns in widths])
    for line in lines:
        say(GAP.join(map(padded, line, widths, right)).rstrip())


def crossed(heads, cells, columns=()):
    """Names and rows of a table. Of a cell, the last is its text and the last but one its column's name; cells that agree
    in the rest share a row. `columns` come first, in this order."""
    rows, columns = {}, dict.fromkeys(columns)
    for *row, column, text in cells:
        rows.setdefault(tuple(row), {})[column] = text
        columns[column] = None
    return [*heads, *columns], [[*row, *(of.get(column, "-") for column in columns)] for row, of in rows.items()]


def lines_of(text, columns, indent=""):
    """The text in lines of at most so many columns, indented from the second one on."""
    if width(text) == len(text):
        return textwrap.wrap(text, columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]
    lines = [""]
    for piece in PIECE.findall(text):
        if lines[-1].strip() and width(lines[-1] + piece.rstrip()) > columns:
            lines.append(indent + piece.lstrip())
        else:
            lines[-1] += piece
    return [line.rstrip() for line in lines]


def wrapped(text, indent=""):
    """The same in lines of at most room() columns, as one text."""
    return "\n".join(lines_of(text, room(), indent))


def fitting(names, rows, heads=1):
    """The table as lines. Columns that do not fit go into a table below, with the first `heads` columns again."""
    names, cells = list(names), [[one_line(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(names, *cells)]
    head_width = sum(columns + len(GAP) for columns in widths[:heads])
    parts, left = [[]], room() - head_width
    for column in range(heads, len(names)):
        if parts[-1] and widths[column] > left:
            parts.append([])
            left = room() - head_width
        parts[-1].append(column)
        left -= widths[column] + len(GAP)
    lines = []
    for part in parts:
        shown = [*range(heads), *part]
        lines += [joined([row[column] for column in shown], [widths[column] for column in shown], heads)
                  for row in (names, *cells)]
        lines.append("")
    return lines[:-1]


def joined(cells, widths, heads):
    """A row: words to the left, figures to the right."""
    return cut(GAP.join(padded(cell, columns, place >= heads)
                        for place, (cell, columns) in enumerate(zip(cells, widths))), room()).rstrip()
