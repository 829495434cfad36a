"""columns.py - rows of text in columns, for the terminal."""
from terminal import say


def show(heads, rows):
    """One line for the heads and one for each row; a head that begins with > has its column to the right."""
    right = [head.startswith(">") for head in heads]
    lines = [[head.lstrip(">") for head in heads], *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(heads))]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        say("  ".join(cell.rjust(width) if to_right else cell.ljust(width)
                      for cell, width, to_right in zip(line, widths, right)).rstrip())
