"""terminal.py - what the terminal shows: lines, a progress line, and the one line of a failure."""
import os
import shutil
import sys
import unicodedata


class Failure(Exception):
    """What ends a command with status 2: one line that says what, why, and what to do."""


def is_terminal(stream=sys.stdout):
    """May a line be overwritten there? Not in a pipe, and not where the terminal knows no escape codes."""
    return stream.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb")


def say(text=""):
    """A line, seen at once."""
    print(text, flush=True)


def say_no_more():
    """After a BrokenPipeError: nobody reads standard output, and what is still in it goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def width(text):
    """The columns that a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def cut(text, columns):
    """At most so many columns of it; with a mark where it goes on."""
    if width(text) <= columns:
        return text
    text = text[:columns]
    while width(text) >= columns:
        text = text[:-1]
    return text + "…"


def progress(text):
    """A line that the next one takes the place of, so it must not fill the terminal's; in a pipe, a line."""
    if is_terminal():
        print(f"\r\033[K{cut(text, shutil.get_terminal_size().columns - 1)}", end="", flush=True)
    else:
        say(text)


def progress_done():
    """Ends the progress line."""
    if is_terminal():
        print("\r\033[K", end="", flush=True)
