"""options.py - a command's options. --help is handled by the bash entry, which needs no python3."""
import argparse
import os
import pathlib
import re

from terminal import Failure


class Parser(argparse.ArgumentParser):
    """A mistake prints one line and ends with status 2. Options cannot be abbreviated: a new option would change the
    meaning of an abbreviation."""

    def __init__(self):
        super().__init__(add_help=False, allow_abbrev=False)

    def error(self, message):
        """Instead of the usage text."""
        message = re.sub(r"^argument (-\S+):", r"\1", message)  # argparse's words, made ours
        message = re.sub(r"^argument \S+: ", "", message)
        message = re.sub(r"^unrecognized arguments: (.*)", r"unknown option '\1'", message)
        raise Failure(f"{message}: try --help")


def whole(low, high):
    """An argparse type: a decimal number from low to high."""
    def convert(text):
        if not (text.isascii() and text.isdecimal() and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"takes {low} to {high}, not {text!r}")
        return int(text)
    return convert


def one_of(*words):
    """An argparse type for MODEL... and its kind: choices would refuse an empty list."""
    def convert(text):
        if text not in words:
            raise argparse.ArgumentTypeError(f"there is no {text!r}: give one or more of {', '.join(words)}")
        return text
    return convert


def directory(text):
    """An argparse type: a directory that exists."""
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no directory")
    return pathlib.Path(text).resolve()
