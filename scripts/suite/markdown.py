"""markdown.py - tables and lines of Markdown, from rows. A cell is shown as text, whatever characters it has."""
import re

WIDEST = 16  # a column is not padded beyond: what is longer stands out, and the others' cells stay near
TAG = re.compile(r"<(?=[A-Za-z/!?])")


def text_of(value):
    """A value as text for a cell: one line; `|`, HTML and pictures have no effect."""
    if value is None:
        return ""
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return TAG.sub("&lt;", " ".join(text.splitlines()).replace("|", "\\|").replace("![", "!\\["))


def table(cursor):
    """The rows as a table, with the columns' names above them; nothing, if there are none."""
    return table_of([column[0] for column in cursor.description], cursor.fetchall())


def table_of(names, rows):
    """The same, of names and rows."""
    names, *rows = [[text_of(value) for value in row] for row in (names, *rows)]
    if not rows:
        return ""
    widths = [min(WIDEST, max(map(len, column))) for column in zip(names, *rows)]
    head = [" " * ((width - len(name)) // 2) + name for name, width in zip(names, widths)]
    lines = [line(head, widths), "|" + "|".join("-" * (width + 2) for width in widths) + "|"]
    return "".join(text + "\n" for text in lines + [line(row, widths) for row in rows])


def line(cells, widths):
    """A row."""
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |"


def section(db, title, text, query, nothing=""):
    """A heading, a text, and the rows of the query as a table, or another text if there are none."""
    return f"## {title}\n\n" + (f"{text}\n" if text else "") + (table(db.execute(query)) or nothing)
